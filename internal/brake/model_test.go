package brake

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// model drives a Brake with random events and records the admitted attempts.
type model struct {
	*testing.T
	*Brake
	rand     *rand.Rand
	most     int
	waiting  []*attempt
	underWay []*attempt
	arrivals int
}

type attempt struct {
	*waiter // nil if it was admitted at once
	keys    *Keys
	arrival int
	maxWait time.Duration
}

// TestRandomEvents tests that after each event nothing waits that may be sent, that attempts with the same keys are sent in
// the order of their arrival, and that nothing is left over in the end.
func TestRandomEvents(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		synctest.Test(t, func(t *testing.T) {
			m := &model{T: t, Brake: New(), rand: rand.New(rand.NewPCG(seed, 0))}
			m.most = []int{0, 1, 4}[seed%3]
			for range 300 {
				m.event()
				synctest.Wait()
				m.check(seed)
			}
			for len(m.waiting)+len(m.underWay) > 0 {
				if len(m.underWay) > 0 {
					m.release()
				} else {
					time.Sleep(time.Minute)
				}
				synctest.Wait()
				m.check(seed)
			}
			m.mu.Lock()
			defer m.mu.Unlock()
			require.Zero(t, m.running)
			for _, g := range m.gates {
				require.Zero(t, [2]int64{g.inFlight, int64(g.users)})
				require.Zero(t, g.rings, "a timer is running")
			}
		})
	}
}

func (m *model) keys() *Keys {
	if m.rand.IntN(10) == 0 {
		return nil
	}
	k := m.Keys("https", "h", strconv.Itoa(m.rand.IntN(2)), "GET", strconv.Itoa(m.rand.IntN(3)))
	return &k
}

func (m *model) event() {
	switch m.rand.IntN(10) {
	case 0, 1, 2, 3:
		m.arrive()
	case 4:
		if len(m.waiting) > 0 {
			m.leave(m.waiting[m.rand.IntN(len(m.waiting))].waiter, context.Canceled)
		}
	case 5, 6:
		m.release()
	case 7, 8:
		keys := m.keys()
		if keys == nil {
			return
		}
		var quotas [3]Quota
		for i := range quotas {
			if m.rand.IntN(3) > 0 {
				left := int64(m.rand.IntN(4))
				quotas[i] = Quota{Remaining: &left, Reset: time.Now().Add(time.Duration(m.rand.IntN(20)-5) * time.Second)}
			}
		}
		m.Learn(keys, quotas, m.rand.IntN(2) == 0, time.Now(), 30*time.Second)
	default:
		time.Sleep(time.Duration(m.rand.IntN(8000)) * time.Millisecond)
	}
}

func (m *model) arrive() {
	ctx, cancel := context.Background(), func() {}
	if m.rand.IntN(3) == 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(m.rand.IntN(30))*time.Second)
	}
	defer cancel()
	a := &attempt{keys: m.keys(), arrival: m.arrivals, maxWait: []time.Duration{30 * time.Second, 2 * time.Second}[m.rand.IntN(10)/9]}
	m.arrivals++
	a.waiter = m.Brake.arrive(ctx, a.keys, m.most, a.maxWait)
	m.waiting = append(m.waiting, a)
}

func (m *model) release() {
	if len(m.underWay) > 0 {
		i := m.rand.IntN(len(m.underWay))
		a := m.underWay[i]
		m.underWay = append(m.underWay[:i:i], m.underWay[i+1:]...)
		m.Release(a.keys)
	}
}

// check moves the admitted attempts and tests the remaining ones.
func (m *model) check(seed uint64) {
	m.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	now, blocked := time.Now(), map[Keys]bool{}
	var left []*attempt
	for _, a := range m.waiting {
		switch {
		case a.waiter != nil && a.queue != nil:
			left = append(left, a)
			full := m.most > 0 && m.running >= m.most
			require.True(m, full || a.shut(now) != nil, "seed %d: %d may be sent", seed, a.arrival)
			if g := a.gate; g != nil && g.ready == nil && g.free(now) <= 0 {
				require.False(m, g.outlasts(a.waiter, now), seed)
				require.LessOrEqual(m, g.wait(now), a.maxWait, seed)
				require.False(m, g.rings.IsZero(), "seed %d: no timer", seed)
			}
			if a.keys != nil && a.maxWait > 2*time.Second {
				blocked[*a.keys] = true
			}
		case a.waiter == nil || a.err == nil:
			m.underWay = append(m.underWay, a)
			if a.keys != nil && a.maxWait > 2*time.Second {
				require.False(m, blocked[*a.keys], "seed %d: %d has overtaken", seed, a.arrival)
			}
		}
	}
	m.waiting = left
	if m.most > 0 {
		require.LessOrEqual(m, m.running, m.most)
	}
	require.Len(m, m.underWay, m.running)
}
