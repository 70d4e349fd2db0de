package brake

import (
	"math"
	"time"
)

// Quota is what a response says of one quota.
type Quota struct {
	// Limit is the number of requests per window; nil when it was not told.
	Limit *int64
	// Remaining is the number of requests left in the window; nil when it was not told.
	Remaining *int64
	// Reset is when the window ends; zero when it was not told.
	Reset time.Time
}

// gate is one quota. As long as nothing is known of it, it lets everything through. In a window that a response told of
// it lets through what that said is left; when the window is over, and until the first response of the next one, as much
// as a window is known to hold.
type gate struct {
	known    bool
	reset    time.Time // when the window is over; zero between windows
	left     int64     // the least that a response of the window said is left
	capacity int64     // what a window holds, as far as known
	burst    int64     // what may go out between windows
	refused  bool      // there was a 429 in the window
	inFlight int64
}

// free tells how many attempts may go out at now, and when that changes by itself; zero when only a response changes it.
func (g *gate) free(now time.Time) (int64, time.Time) {
	if !g.known {
		return 1, time.Time{}
	}
	if !g.reset.IsZero() && !now.Before(g.reset) {
		g.reset, g.burst = time.Time{}, max(1, g.capacity)
		if g.refused {
			g.burst = max(1, g.capacity/2) // others take from the quota too
		}
		g.refused = false
	}
	if g.reset.IsZero() {
		return g.burst - g.inFlight, time.Time{}
	}
	return g.left - g.inFlight, g.reset
}

// told takes in what a response says of the quota. The gate opens slack after the told reset.
func (g *gate) told(q Quota, refused bool, slack time.Duration) {
	left, opens := max(0, *q.Remaining), q.Reset.Add(slack)
	if !g.known || g.reset.IsZero() || q.Reset.After(g.reset) {
		g.known, g.reset, g.left = true, opens, left
	}
	g.left = min(g.left, left)
	g.refused = g.refused || refused
	if !refused {
		g.capacity = max(g.capacity, oneMore(left))
	}
	if q.Limit != nil && *q.Limit > 0 {
		g.capacity = *q.Limit
	}
}

// oneMore returns n+1. Gateways report the largest integer for a quota without bound.
func oneMore(n int64) int64 {
	if n == math.MaxInt64 {
		return n
	}
	return n + 1
}
