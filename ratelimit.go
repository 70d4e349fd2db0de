package ldapi

import (
	"net/http"
	"time"

	"github.com/ldapi-go/ldapi/internal/brake"
	"github.com/ldapi-go/ldapi/internal/wire"
)

// RateLimit is what a response reports about the quotas of the API.
type RateLimit struct {
	// Route is the quota of the operation's route, shared by all tokens of the account.
	Route Quota
	// Global is the quota of all routes together, shared by all tokens of the account.
	Global Quota
	// Token is the quota of the access token.
	Token Quota
	// RetryAfter is how long the response asks to wait, counted from its receipt, whatever its
	// status: the latest of the Retry-After header and the resets of the quotas that are used up or
	// have no Remaining. It is 0 if the response does not ask for a wait.
	RetryAfter time.Duration
}

// Quota is a number of requests that the API allows until a time.
type Quota struct {
	// Limit is the number of requests per window, or nil if it was not reported.
	Limit *int64
	// Remaining is the number of requests left in the window, or nil if it was not reported.
	Remaining *int64
	// Reset is the end of the window by this machine's clock, or zero if it was not reported.
	Reset time.Time
}

// quotas returns the quotas as the brake keeps them: route, global, token. If a refusal does not
// specify which quota is used up, it is the route's if a reset was reported, and that of all routes
// if the response asks for a wait of its own.
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
		if quota.UsedUp() && !quota.Reset.Before(until) {
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
		if q[i].UsedUp() {
			q[i].Reset, found = until, true
		}
	}
	if !found {
		q[0].Remaining, q[0].Reset = new(int64), until
	}
	return q
}

// usedUp reports whether no request is left until the reset.
func (q Quota) usedUp() bool { return brake.Quota(q).UsedUp() }

// parseRateLimit parses the headers of a response that was received at now.
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
	unspecified := limit.Route.Remaining == nil && limit.Global.Remaining == nil
	if (unspecified || limit.Route.usedUp() || limit.Global.usedUp()) && reset.After(until) {
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

// RateLimit returns the quotas of the latest response that reported any. It sends no request, and
// returns the zero RateLimit before the first such response.
func (c *APIClient) RateLimit() RateLimit {
	if c.traffic == nil {
		return RateLimit{}
	}
	c.traffic.mu.Lock()
	defer c.traffic.mu.Unlock()
	return c.traffic.limit
}

// clockSkew returns how far this machine's clock is ahead of the server's according to the latest
// response, or 0 before the first one.
func (c *APIClient) clockSkew() time.Duration {
	if c.traffic == nil {
		return 0
	}
	return time.Duration(c.traffic.skew.Load())
}
