package brake

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crowds are ways in which n attempts can wait.
var crowds = []struct {
	name string
	keys func(b *Brake, i int) Keys
	shut func(b *Brake, n int, window time.Duration)
}{
	{"one key", keyOf(false, false), shut(0, 1)},
	{"as many credentials", keyOf(true, false), shut(0, 0)},
	{"as many routes", keyOf(false, true), shut(1, 1)},
}

func keyOf(credentials, routes bool) func(b *Brake, i int) Keys {
	return func(b *Brake, i int) Keys {
		credential, route := "", ""
		if credentials {
			credential = strconv.Itoa(i)
		}
		if routes {
			route = strconv.Itoa(i)
		}
		return b.Keys("https", "ld.example.com", credential, "GET", route)
	}
}

// shut returns a function that uses up the quota at index: of the first few keys, or of all of them if few is 0.
func shut(index, few int) func(b *Brake, n int, window time.Duration) {
	return func(b *Brake, n int, window time.Duration) {
		now, none := time.Now(), int64(0)
		for i := range max(few, n*(1-few)) {
			keys := keyOf(few == 0, false)(b, i)
			var quotas [3]Quota
			quotas[index] = Quota{Remaining: &none, Reset: now.Add(window)}
			b.Learn(&keys, quotas, true, now, 2*window)
		}
	}
}

// TestManyWaiters tests that thousands of attempts can wait and give up. The bound is generous: it took minutes when the cost
// of an attempt grew with the number of others.
func TestManyWaiters(t *testing.T) {
	t.Parallel()
	const n = 3000
	for _, tc := range crowds {
		b := New()
		start := time.Now()
		tc.shut(b, n, time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		var arrived, ended sync.WaitGroup
		arrived.Add(n)
		for i := range n {
			ended.Go(func() {
				keys := tc.keys(b, i)
				arrived.Done()
				_, err := b.Acquire(ctx, &keys, 0, time.Hour)
				if err == nil {
					t.Error(tc.name, "was admitted")
				}
			})
		}
		arrived.Wait()
		cancel()
		ended.Wait()
		require.Less(t, time.Since(start), 5*time.Second, tc.name)
		require.Zero(t, b.running)
		require.LessOrEqual(t, len(b.gates), 3*n)
	}
}

// BenchmarkWaiters measures the cost of a waiter that arrives and is admitted, or that arrives and gives up.
func BenchmarkWaiters(b *testing.B) {
	for _, tc := range crowds {
		for _, n := range []int{100, 1000, 10000} {
			for _, ending := range []string{"admitted", "given up"} {
				b.Run(fmt.Sprintf("%s/%d/%s", tc.name, n, ending), func(b *testing.B) {
					for range b.N {
						crowd(b, n, ending == "admitted", tc.keys, tc.shut)
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/waiter")
				})
			}
		}
	}
}

func crowd(b *testing.B, n int, admit bool, keysOf func(b *Brake, i int) Keys, shut func(b *Brake, n int, window time.Duration)) {
	brake, waiters := New(), make([]*waiter, n)
	shut(brake, n, time.Hour)
	for i := range waiters {
		keys := keysOf(brake, i)
		if waiters[i] = brake.arrive(b.Context(), &keys, 0, time.Hour); waiters[i] == nil {
			b.Fatal("admitted at once")
		}
	}
	if !admit {
		for _, w := range waiters {
			brake.leave(w, context.Canceled)
		}
		return
	}
	for _, g := range brake.gates { // all windows end
		g.opens, g.forgets = time.Time{}, time.Time{}
		brake.ring(g)
	}
	for i, w := range waiters {
		<-w.settled
		keys := keysOf(brake, i)
		brake.Release(&keys)
	}
}
