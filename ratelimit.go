package ldapi

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
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
	// and the resets of the quotas that are used up. 0 when it does not ask.
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
func (l RateLimit) quotas(refused bool, now time.Time) [3]Quota {
	q := [3]Quota{l.Route, l.Global, l.Token}
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
		if quota.usedUp() && !quota.Reset.Before(until) {
			return q
		}
	}
	q[1] = Quota{Limit: l.Global.Limit, Remaining: none, Reset: until}
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
	skew := clockSkew(h, now)
	reset := epochMillis(h.Get("X-Ratelimit-Reset"), skew)
	limit := RateLimit{
		Route:  Quota{count(h.Get("X-Ratelimit-Route-Limit")), count(h.Get("X-Ratelimit-Route-Remaining")), reset},
		Global: Quota{count(h.Get("X-Ratelimit-Global-Limit")), count(h.Get("X-Ratelimit-Global-Remaining")), reset},
		Token: Quota{count(h.Get("X-Ratelimit-Auth-Token-Limit")), count(h.Get("X-Ratelimit-Auth-Token-Remaining")),
			epochMillis(h.Get("X-Ratelimit-Auth-Token-Reset"), skew)},
	}
	until := retryAfter(h.Get("Retry-After"), now, skew)
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

// clockSkew tells how far this clock is ahead of the server's. Date has whole seconds, so less than two is none.
func clockSkew(h http.Header, now time.Time) time.Duration {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	if skew := now.Sub(date); skew >= 2*time.Second || skew <= -2*time.Second {
		return skew
	}
	return 0
}

func count(v string) *int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

func epochMillis(v string, skew time.Duration) time.Time {
	ms, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).Add(skew)
}

// retryAfter reads seconds or an HTTP date. Too many seconds to count are very many, not none.
func retryAfter(v string, now time.Time, skew time.Duration) time.Time {
	if seconds, err := strconv.ParseInt(strings.TrimSpace(v), 10, 32); err == nil || errors.Is(err, strconv.ErrRange) {
		return now.Add(time.Duration(seconds) * time.Second)
	}
	if date, err := http.ParseTime(v); err == nil {
		return date.Add(skew)
	}
	return time.Time{}
}
