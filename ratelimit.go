package ldapi

import (
	"net/http"
	"time"

	"github.com/ldapi-go/ldapi/internal/brake"
	"github.com/ldapi-go/ldapi/internal/wire"
)

// RateLimit is what a response tells about the quotas of the API.
type RateLimit struct {
	// Route is the quota of the operation's route, shared by all tokens of the account.
	Route Quota
	// Global is the quota of all routes together, shared by all tokens of the account.
	Global Quota
	// Token is the quota of the access token.
	Token Quota
	// RetryAfter is how long the response asks to wait, counted from its receipt: the latest of its Retry-After header
	// and the resets of the quotas that are used up, or of which it does not tell what remains, whatever its status. 0 when
	// it does not ask.
	RetryAfter time.Duration
}

// Quota is one quota of the API: so many requests until a time.
type Quota struct {
	// Limit is the number of requests per window; nil when it was not told.
	Limit *int64
	// Remaining is the number of requests left in the window; nil when it was not told.
	Remaining *int64
	// Reset is when the window ends, by this machine's clock; zero when it was not told.
	Reset time.Time
}

// quotas gives the quotas as the brake keeps them: route, global, token. A refusal that does not say which quota is used up
// means the route's if it tells that quota's reset, and all routes if it tells a wait of its own.
func (l RateLimit) quotas(refused bool, now time.Time) [3]brake.Quota {
	q := [3]brake.Quota{brake.Quota(l.Route), brake.Quota(l.Global), brake.Quota(l.Token)}
	if !refused {
		return q
	}
	none := new(int64)
	if l.Route.Remaining == nil && l.Global.Remaining == nil {
		q[0].Remaining = none
	}
	if l.Token.Remaining == nil {
		q[2].Remaining = none
	}
	until := now.Add(l.RetryAfter)
	for _, quota := range q {
		if Quota(quota).usedUp() && !quota.Reset.Before(until) {
			return q
		}
	}
	q[1] = brake.Quota{Limit: l.Global.Limit, Remaining: none, Reset: until}
	return q
}

// unreported returns the quotas of a refusal that does not specify a wait, with until as the end of the window: those that are
// used up or, if none is, the route's.
func (l RateLimit) unreported(until time.Time) [3]brake.Quota {
	q := [3]brake.Quota{brake.Quota(l.Route), brake.Quota(l.Global), brake.Quota(l.Token)}
	found := false
	for i := range q {
		if Quota(q[i]).usedUp() {
			q[i].Reset, found = until, true
		}
	}
	if !found {
		q[0].Remaining, q[0].Reset = new(int64), until
	}
	return q
}

// tellsLimit reports whether a response says anything of quotas or waits.
func tellsLimit(h http.Header) bool {
	for _, name := range [...]string{"X-Ratelimit-Reset", "X-Ratelimit-Auth-Token-Reset", "Retry-After",
		"X-Ratelimit-Route-Remaining", "X-Ratelimit-Global-Remaining", "X-Ratelimit-Auth-Token-Remaining"} {
		if len(h[name]) > 0 {
			return true
		}
	}
	return false
}

// usedUp reports whether the quota lets nothing through until its reset.
func (q Quota) usedUp() bool { return q.Remaining != nil && *q.Remaining <= 0 }

// parseRateLimit reads the headers of a response that was received at now.
func parseRateLimit(h http.Header, now time.Time) RateLimit {
	skew := wire.ClockSkew(h, now)
	reset := wire.EpochMillis(h.Get("X-Ratelimit-Reset"), skew)
	limit := RateLimit{
		Route:  Quota{wire.Count(h.Get("X-Ratelimit-Route-Limit")), wire.Count(h.Get("X-Ratelimit-Route-Remaining")), reset},
		Global: Quota{wire.Count(h.Get("X-Ratelimit-Global-Limit")), wire.Count(h.Get("X-Ratelimit-Global-Remaining")), reset},
		Token: Quota{wire.Count(h.Get("X-Ratelimit-Auth-Token-Limit")), wire.Count(h.Get("X-Ratelimit-Auth-Token-Remaining")),
			wire.EpochMillis(h.Get("X-Ratelimit-Auth-Token-Reset"), skew)},
	}
	until := wire.RetryAfter(h.Get("Retry-After"), now, skew)
	unsaid := limit.Route.Remaining == nil && limit.Global.Remaining == nil
	if (unsaid || limit.Route.usedUp() || limit.Global.usedUp()) && reset.After(until) {
		until = reset
	}
	if t := limit.Token; (t.Remaining == nil || t.usedUp()) && t.Reset.After(until) {
		until = t.Reset
	}
	if wait := until.Sub(now); !until.IsZero() && wait > 0 {
		limit.RetryAfter = wait
	}
	return limit
}

// RateLimit returns what the latest response that told of quotas said, without a request; zero before there was one.
func (c *APIClient) RateLimit() RateLimit {
	if c.shared == nil {
		return RateLimit{}
	}
	c.shared.mu.Lock()
	defer c.shared.mu.Unlock()
	return c.shared.limit
}

// clockSkew returns how far this machine's clock is ahead of the server's, by the latest response; 0 before there was one.
func (c *APIClient) clockSkew() time.Duration {
	if c.shared == nil {
		return 0
	}
	return time.Duration(c.shared.skew.Load())
}
