package ldapi

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

const statusRateLimited = http.StatusTooManyRequests

// Limiter lets a caller space out requests: *rate.Limiter of golang.org/x/time/rate is one.
type Limiter interface {
	// Wait blocks until a request may go out, or fails, as when ctx ends. It must be safe for use by many goroutines.
	Wait(ctx context.Context) error
}

// WithMaxConcurrency bounds how many requests of the client are under way at a time; 0 for no bound, the default.
func WithMaxConcurrency(n int) Option {
	return func(c *Configuration) {
		if n < 0 {
			c.reject("WithMaxConcurrency", "must not be negative")
			return
		}
		c.settings.maxConcurrency = n
	}
}

// WithRateLimiter has every attempt wait for l before it is sent.
func WithRateLimiter(l Limiter) Option { return func(c *Configuration) { c.settings.limiter = l } }

// RateLimit returns what the latest response that told of quotas said, without a request; zero before there was one.
func (c *APIClient) RateLimit() RateLimit {
	if c.brake == nil {
		return RateLimit{}
	}
	return c.brake.lastLimit()
}

// pace holds an attempt back until the caller's limiter, the concurrency cap and the known quotas let it go. A client that
// does not retry does not wait for quotas either.
func pace(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		if l := c.cfg.settings.limiter; l != nil {
			if err := l.Wait(req.Context()); err != nil {
				return nil, c.failure(fmt.Errorf("rate limiter: %w", err))
			}
		}
		var keys *gateKeys
		if c.policy.MaxAttempts > 1 {
			k := c.core.brake.keys(req.URL, c.authorization, c.op.Operation)
			keys = &k
		}
		until, err := c.core.brake.acquire(req.Context(), keys, c.cfg.settings.maxConcurrency)
		if err != nil {
			c.attempts-- // it was none
			return nil, c.notAdmitted(err, until)
		}
		defer c.core.brake.release(keys)
		resp, err := next(c, req)
		if resp != nil {
			now := time.Now()
			c.core.brake.learn(keys, resp, now, now.Add(c.policy.MaxWait))
		}
		return resp, err
	}
}

// notAdmitted is the error of an attempt that the brake did not let out.
func (c *call) notAdmitted(err error, until time.Time) error {
	if until.IsZero() {
		return c.failure(err)
	}
	limit := c.core.brake.lastLimit()
	limit.RetryAfter = time.Until(until)
	return &GenericOpenAPIError{
		text: fmt.Sprintf("not sent: the quota is used up until %s, beyond the deadline of the call", until.UTC().Format(time.RFC3339)),
		kind: ErrRateLimited, operation: c.op.Operation, attempts: c.attempts, rateLimit: limit,
	}
}
