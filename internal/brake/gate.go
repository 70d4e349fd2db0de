package brake

import (
	"math"
	"time"
)

// patience bounds how long a gate limits attempts after the end of a window if no response describes the next one.
const patience = 10 * time.Second

// Quota is what a response reports about one quota.
type Quota struct {
	// Limit is the number of requests per window, or nil if it is unknown.
	Limit *int64
	// Remaining is the number of requests left in the window, or nil if it is unknown.
	Remaining *int64
	// Reset is the end of the window, or zero if it is unknown.
	Reset time.Time
}

// UsedUp reports whether no request is left until the reset.
func (q Quota) UsedUp() bool { return q.Remaining != nil && *q.Remaining <= 0 }

// A gate is the state of one quota. It is open until a response reports a window. During a window it admits what is left of
// the quota. Between the end of the window and the first response of the next one, and for at most patience, it admits as many
// attempts as a window is known to hold. After that it is open again: a service that does not answer, or that stops
// reporting quotas, does not hold back calls.
type gate struct {
	reset    time.Time // end of the latest window that a response reported; zero if there was none
	opens    time.Time // reset plus slack: no attempt trusts the new window before that
	forgets  time.Time // when the gate stops limiting attempts
	left     int64     // smallest Remaining reported in the window
	capacity int64     // size of a window, if known
	extra    int64     // responses without a quota since the window ended
	refused  bool      // a request was refused in the window
	inFlight int64     // attempts in flight

	users int // attempts in flight or waiting; a gate that has any is not deleted
	line
}

// free returns how many more attempts may be sent at now; nothing is free if the result is not positive.
func (g *gate) free(now time.Time) int64 {
	switch {
	case now.Before(g.opens):
		return g.left - g.inFlight
	case now.Before(g.forgets):
		return g.burst() - g.inFlight
	}
	return 1
}

// burst returns how many attempts may be in flight between two windows.
func (g *gate) burst() int64 {
	size := g.capacity
	if g.refused {
		size /= 2 // other clients use the quota too
	}
	size = max(1, size)
	return size + min(g.extra, math.MaxInt64-size)
}

// changes returns the next time at which a gate that is shut at now opens wider on its own.
func (g *gate) changes(now time.Time) time.Time {
	if now.Before(g.opens) {
		return g.opens
	}
	return g.forgets
}

// wait returns how long a gate that is shut at now may remain so, not counting slack.
func (g *gate) wait(now time.Time) time.Duration {
	if now.Before(g.opens) {
		return g.reset.Sub(now)
	}
	return g.forgets.Sub(now)
}

// report records a response that describes a window which ends after now. The gate opens slack after the end of the window
// and limits attempts for grace after that. The field refused means that the quota is why the request was refused.
func (g *gate) report(q Quota, refused bool, now time.Time, slack, grace time.Duration) {
	left := max(0, *q.Remaining)
	if q.Reset.After(g.opens) {
		g.refused = g.refused && now.Before(g.opens)
		g.reset, g.opens, g.forgets = q.Reset, q.Reset.Add(slack), q.Reset.Add(slack).Add(grace)
		g.left, g.extra = left, 0
	}
	g.left = min(g.left, left)
	g.refused = g.refused || refused
	if !refused {
		g.capacity = max(g.capacity, min(left, math.MaxInt64-1)+1)
	}
	if q.Limit != nil && *q.Limit > 0 {
		g.capacity = *q.Limit
	}
}

// silence records a response that does not limit the quota: between two windows each one admits another attempt.
func (g *gate) silence(now time.Time) {
	if !now.Before(g.opens) {
		g.extra++
	}
}

// idle reports whether the gate has no effect at now.
func (g *gate) idle(now time.Time) bool { return g.users == 0 && !now.Before(g.forgets) }
