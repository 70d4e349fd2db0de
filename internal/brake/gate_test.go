package brake

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestGateWindows: what a quota lets through, response after response, with nothing under way.
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
	for _, tc := range []struct {
		name   string
		events []event
		now    float64
		free   int64
		opens  float64 // 0: by a response only
	}{
		{"unknown", nil, 0, 1, 0},
		{"some left", []event{{0, 4, 10, false}}, 1, 4, 10},
		{"responses overtake each other", []event{{0, 2, 10, false}, {0, 4, 10, false}}, 1, 2, 10},
		{"used up", []event{{0, 0, 10, false}}, 9.9, 0, 10},
		{"less than nothing", []event{{0, -3, 10, true}}, 1, 0, 10},
		{"the window is over: one more than was left", []event{{0, 4, 10, false}}, 10, 5, 0},
		{"nothing known of its size", []event{{0, 0, 10, true}}, 10, 1, 0},
		{"others take from it: half", []event{{0, 9, 10, false}, {5, 0, 10, true}}, 10, 5, 0},
		{"the next window", []event{{0, 0, 10, false}, {10, 7, 20, false}}, 11, 7, 20},
		{"an earlier reset is no excuse to send", []event{{0, 9, 10, false}, {10, 7, 20, false}, {10, 0, 10, true}}, 11, 0, 20},
	} {
		g := new(gate)
		for _, e := range tc.events {
			g.free(at(e.now))
			g.told(Quota{Remaining: &e.remaining, Reset: at(e.reset)}, e.refused, 0)
		}
		free, opens := g.free(at(tc.now))
		require.Equal(t, tc.free, free, tc.name)
		if tc.opens == 0 {
			require.Zero(t, opens, tc.name)
		} else {
			require.Equal(t, at(tc.opens), opens, tc.name)
		}
	}
}

// TestGateLimit: a limit that is told outranks what was seen.
func TestGateLimit(t *testing.T) {
	t.Parallel()
	start, left, limit := time.Now(), int64(3), int64(50)
	g := new(gate)
	g.told(Quota{Limit: &limit, Remaining: &left, Reset: start.Add(time.Second)}, false, 0)
	free, _ := g.free(start.Add(time.Second))
	require.Equal(t, limit, free)
	g.told(Quota{Limit: &limit, Remaining: &left, Reset: start.Add(2 * time.Second)}, true, 0)
	free, _ = g.free(start.Add(2 * time.Second))
	require.Equal(t, limit/2, free, "refused: others take from it")
	for _, unlimited := range []int64{math.MaxInt64, math.MaxInt64 - 1} {
		g := new(gate)
		g.told(Quota{Limit: &unlimited, Remaining: &unlimited, Reset: start.Add(time.Second)}, false, 0)
		g.free(start.Add(time.Second))
		for range 3 {
			g.burst = oneMore(g.burst)
		}
		free, _ = g.free(start.Add(time.Second))
		require.Positive(t, free, "a counter must not overflow")
	}
	nonsense := int64(-1)
	g.told(Quota{Limit: &nonsense, Remaining: &left, Reset: start.Add(3 * time.Second)}, false, 0)
	free, _ = g.free(start.Add(3 * time.Second))
	require.Equal(t, limit, free)
}
