package ldapi

import (
	"fmt"
	"net/http"
	"time"

	"github.com/ldapi-go/ldapi/internal/brake"
	"github.com/ldapi-go/ldapi/internal/wire"
)

// pace holds back an attempt until the caller's limiter, the concurrency limit and the known quotas
// admit it. A client that does not retry does not wait for quotas.
func pace(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		if l := c.cfg.settings.limiter; l != nil {
			if err := l.Wait(req.Context()); err != nil {
				return nil, c.failure(fmt.Errorf("rate limiter: %w", err))
			}
		}
		var keys *brake.Keys
		if c.policy.MaxAttempts > 1 {
			c.keys = c.client.brake.Keys(req.URL.Scheme, req.URL.Host, c.authorization.text(), c.op.Method, c.op.Route)
			keys = &c.keys
		}
		until, err := c.client.brake.Acquire(req.Context(), keys, c.cfg.settings.maxConcurrency, c.policy.MaxWait)
		if err != nil {
			return nil, c.notAdmitted(err, until)
		}
		c.attempts++
		defer c.client.brake.Release(keys)
		resp, err := next(c, req)
		if resp != nil {
			c.learn(keys, resp)
		}
		return resp, err
	}
}

// learn records what a response reports about the quotas.
func (c *call) learn(keys *brake.Keys, resp *http.Response) {
	now := time.Now()
	limit := parseRateLimit(resp.Header, now)
	if len(resp.Header["Date"]) > 0 {
		c.client.traffic.skew.Store(int64(wire.ClockSkew(resp.Header, now)))
	}
	if limit != (RateLimit{}) {
		c.client.traffic.mu.Lock()
		c.client.traffic.limit = limit
		c.client.traffic.mu.Unlock()
	}
	if keys != nil {
		refused := resp.StatusCode == http.StatusTooManyRequests
		quotas := limit.quotas(refused, now)
		if refused && limit.RetryAfter == 0 {
			quotas = limit.unreported(now.Add(c.unreportedWait(now)))
		}
		c.client.brake.Learn(keys, quotas, refused, now, c.policy.MaxWait)
	}
}

// notAdmitted returns the error of an attempt that the brake did not admit.
func (c *call) notAdmitted(err error, until time.Time) error {
	if until.IsZero() {
		return c.failure(err)
	}
	c.client.traffic.mu.Lock()
	limit := c.client.traffic.limit
	c.client.traffic.mu.Unlock()
	limit.RetryAfter = max(0, time.Until(until))
	return &GenericOpenAPIError{
		text: fmt.Sprintf("not sent: rate limit exhausted until %s, after the context deadline", until.UTC().Format(time.RFC3339)),
		kind: ErrRateLimited, operation: c.op.Operation, attempts: c.attempts, rateLimit: limit,
	}
}
