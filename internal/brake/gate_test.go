package brake

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestGateWindows tests what a quota admits, response after response, with no attempt in flight.
func TestGateWindows(t *testing.T) {
	t.Parallel()
	start := time.Now()
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	type event struct {
		now       float64
		remaining int64
		reset     float64
		refused   bool
	}
	const huge = math.MaxInt64
	for _, tc := range []struct {
		name    string
		events  []event
		now     float64
		free    int64
		changes float64 // 0: it does not
	}{
		{"unknown", nil, 0, 1, 0},
		{"some left", []event{{0, 4, 10, false}}, 1, 4, 10},
		{"responses overtake each other", []event{{0, 2, 10, false}, {0, 4, 10, false}}, 1, 2, 10},
		{"used up", []event{{0, 0, 10, false}}, 9.9, 0, 10},
		{"less than nothing", []event{{0, -3, 10, true}}, 1, 0, 10},
		{"the least there is", []event{{0, math.MinInt64, 10, true}}, 1, 0, 10},
		{"the window is over: one more than was left", []event{{0, 4, 10, false}}, 10, 5, 20},
		{"nothing known of its size", []event{{0, 0, 10, true}}, 10, 1, 20},
		{"others take from it: half", []event{{0, 9, 10, false}, {5, 0, 10, true}}, 10, 5, 20},
		{"and no longer in the window after", []event{{0, 9, 10, false}, {5, 0, 10, true}, {11, 3, 20, false}}, 20, 10, 30},
		{"the next window", []event{{0, 0, 10, false}, {10, 7, 20, false}}, 11, 7, 20},
		{"an earlier reset does not allow sending", []event{{0, 9, 10, false}, {10, 7, 20, false}, {10, 0, 10, true}}, 11, 0, 20},
		{"no response in the next window", []event{{0, 0, 10, true}}, 19.9, 1, 20},
		{"nor after it", []event{{0, 0, 10, true}}, 20, 1, 0},
		{"unlimited", []event{{0, huge, 10, false}}, 10, huge, 20},
		{"one less", []event{{0, huge - 1, 10, false}}, 10, huge, 20},
	} {
		g := new(gate)
		for _, e := range tc.events {
			g.report(Quota{Remaining: &e.remaining, Reset: at(e.reset)}, e.refused, at(e.now), 0, 10*time.Second)
		}
		require.Equal(t, tc.free, g.free(at(tc.now)), tc.name)
		if tc.changes == 0 {
			require.True(t, g.idle(at(tc.now)), tc.name)
		} else {
			require.Equal(t, at(tc.changes), g.changes(at(tc.now)), tc.name)
			require.Equal(t, at(tc.changes).Sub(at(tc.now)), g.wait(at(tc.now)), tc.name)
			require.False(t, g.idle(at(tc.now)), tc.name)
		}
	}
}

// TestGateLimit tests that a reported limit outranks what was seen.
func TestGateLimit(t *testing.T) {
	t.Parallel()
	start, left, limit := time.Now(), int64(3), int64(50)
	g := new(gate)
	windowOf := func(limit int64, second int, refused bool) int64 {
		ends := start.Add(time.Duration(second) * time.Second)
		g.report(Quota{Limit: &limit, Remaining: &left, Reset: ends}, refused, ends.Add(-time.Second), 0, patience)
		return g.free(ends)
	}
	require.Equal(t, limit, windowOf(limit, 1, false))
	require.Equal(t, limit/2, windowOf(limit, 2, true), "refused: others take from it")
	require.Equal(t, limit, windowOf(-1, 3, false), "not a limit")
	require.Equal(t, limit, windowOf(math.MinInt64, 4, false), "not a limit")
	require.Equal(t, int64(math.MaxInt64), windowOf(math.MaxInt64, 5, false))
}

// TestSilenceOpensAGate tests that responses without a quota admit more attempts, but do not count in a window.
func TestSilenceOpensAGate(t *testing.T) {
	t.Parallel()
	start, left := time.Now(), int64(math.MaxInt64)
	ends := start.Add(time.Second)
	for limit, want := range map[int64]int64{1: 4, math.MaxInt64 - 1: math.MaxInt64, math.MaxInt64: math.MaxInt64} {
		g := new(gate)
		g.report(Quota{Limit: &limit, Remaining: &left, Reset: ends}, false, start, 0, patience)
		g.silence(start)
		require.Equal(t, limit, g.free(ends))
		for range 3 {
			g.silence(ends)
		}
		require.Equal(t, want, g.free(ends))
		g.inFlight = 2
		require.Equal(t, want-2, g.free(ends))
	}
}
