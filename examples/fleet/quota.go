package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"github.com/ldapi-go/ldapi"
)

// sharedQuota makes workers in several processes wait for one quota of LaunchDarkly. It admits requests at the rate of the quota, and
// shares through Redis what the responses report: if one worker learns that the quota is used up, all of them wait for its reset.
// It is a Limiter, and its method observe is middleware, both of this client.
type sharedQuota struct {
	db    *redis.Client
	rate  *redis_rate.Limiter
	key   string
	limit redis_rate.Limit
}

func newSharedQuota(db *redis.Client, key string, requests int, window time.Duration) *sharedQuota {
	return &sharedQuota{db, redis_rate.NewLimiter(db), key, redis_rate.Limit{Rate: requests, Burst: requests, Period: window}}
}

// options are what a client of the fleet needs.
func (q *sharedQuota) options() []ldapi.Option {
	return []ldapi.Option{ldapi.WithRateLimiter(q), ldapi.WithAttemptMiddleware(q.observe)}
}

// Wait waits until a worker may send a request.
func (q *sharedQuota) Wait(ctx context.Context) error {
	for {
		wait, err := q.held(ctx)
		if err == nil && wait == 0 {
			var result *redis_rate.Result
			if result, err = q.rate.Allow(ctx, q.key, q.limit); err == nil {
				if result.Allowed > 0 {
					return nil
				}
				wait = result.RetryAfter
			}
		}
		if err != nil {
			return fmt.Errorf("shared quota: %w", err)
		}
		timer := time.NewTimer(wait + time.Millisecond + rand.N(wait/100+1))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// held returns how long the quota is still used up.
func (q *sharedQuota) held(ctx context.Context) (time.Duration, error) {
	left, err := q.db.PTTL(ctx, q.key+":held").Result()
	if errors.Is(err, redis.Nil) {
		err = nil
	}
	return max(0, left), err // negative: it is not held
}

// observe tells all workers when a response reports that nothing is left of the quota.
func (q *sharedQuota) observe(next ldapi.RoundTrip) ldapi.RoundTrip {
	return func(req *http.Request) (*http.Response, error) {
		resp, err := next(req)
		if resp == nil || !usedUp(resp.Header) { // a status such as 429 comes along with an error
			return resp, err
		}
		reset, parseErr := strconv.ParseInt(resp.Header.Get("X-Ratelimit-Reset"), 10, 64)
		if wait := time.Until(time.UnixMilli(reset)); parseErr == nil && wait > 0 {
			// NX: the first report counts. Redis being unreachable fails the next Wait.
			_ = q.db.SetNX(req.Context(), q.key+":held", 1, wait+time.Millisecond).Err()
		}
		return resp, err
	}
}

func usedUp(h http.Header) bool {
	return h.Get("X-Ratelimit-Global-Remaining") == "0" || h.Get("X-Ratelimit-Route-Remaining") == "0"
}
