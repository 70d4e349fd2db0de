package brake

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestNoCredentialIsKept: the brake outlives tokens, so it identifies them by a hash that differs between clients.
func TestNoCredentialIsKept(t *testing.T) {
	t.Parallel()
	const token = "api-00000000-1111-4222-8333-444455556666"
	key := func(b *Brake, token string) Keys { return b.Keys("https", "ld.example.com", token, "GET", "/x") }
	one, two := New(), New()
	require.Equal(t, key(one, token), key(one, token))
	require.NotEqual(t, key(one, token), key(one, token+"x"))
	require.NotEqual(t, key(one, token), key(two, token))
	require.NotEqual(t, key(one, token), key(one, ""))
	keys := key(one, token)
	_, err := one.Acquire(t.Context(), &keys, 0, time.Minute)
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprintf("%#v %+v", one.gates, keys), token)
}

// TestFirstComeFirstServed: attempts get slots in the order of their arrival.
func TestFirstComeFirstServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := New()
		_, err := b.Acquire(t.Context(), nil, 1, time.Minute)
		require.NoError(t, err)
		var order []int
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				_, err := b.Acquire(t.Context(), nil, 1, time.Minute)
				if err != nil {
					t.Error(err)
				}
				order = append(order, i) // one at a time: it holds the slot
				b.Release(nil)
			})
			synctest.Wait()
		}
		b.Release(nil)
		wg.Wait()
		for i, got := range order {
			require.Equal(t, i, got)
		}
		require.Len(t, order, 20)
		require.Zero(t, b.running)
		require.Empty(t, b.ready)
	})
}

// TestOneWhoWaitsForAQuotaBlocksNobodyElse: the queue is not a line for one counter.
func TestOneWhoWaitsForAQuotaBlocksNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, now, none := New(), time.Now(), int64(0)
		closed, open := b.Keys("https", "a", "", "GET", "/closed"), b.Keys("https", "b", "", "GET", "/open")
		b.Learn(&closed, [3]Quota{{Remaining: &none, Reset: now.Add(10 * time.Second)}}, true, now, time.Minute)
		done := make(chan time.Duration)
		go func() {
			_, err := b.Acquire(t.Context(), &closed, 1, time.Minute)
			if err != nil {
				t.Error(err)
			}
			done <- time.Since(now)
		}()
		synctest.Wait()
		_, err := b.Acquire(t.Context(), &open, 1, time.Minute)
		require.NoError(t, err)
		require.Equal(t, now, time.Now())
		b.Release(&open)
		require.GreaterOrEqual(t, <-done, 10*time.Second)
		b.Release(&closed)
	})
}

// TestWhoGivesUpLeavesTheQueue: and a wait beyond the deadline does not begin.
func TestWhoGivesUpLeavesTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, now, none := New(), time.Now(), int64(0)
		keys := b.Keys("https", "a", "", "GET", "/closed")
		reset := now.Add(10 * time.Second)
		b.Learn(&keys, [3]Quota{{Remaining: &none, Reset: reset}}, true, now, time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		until, err := b.Acquire(ctx, &keys, 0, time.Minute)
		require.ErrorIs(t, err, ErrDeadline)
		require.False(t, until.Before(reset))
		require.Equal(t, now, time.Now(), "at once")

		ctx, stop := context.WithCancel(t.Context())
		go func() { time.Sleep(3 * time.Second); stop() }()
		_, err = b.Acquire(ctx, &keys, 0, time.Minute)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, now.Add(3*time.Second), time.Now())
		require.Empty(t, b.ready)
		require.Zero(t, b.running)
	})
}

// TestWaitersAreJudgedByTheirOwnQuotas: also if other attempts that wait for the same quota have been admitted in between.
func TestWaitersAreJudgedByTheirOwnQuotas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, now, none := New(), time.Now(), int64(0)
		late, soon := b.Keys("https", "a", "", "GET", "/late"), b.Keys("https", "b", "", "GET", "/soon")
		usedUp := func(keys Keys, until time.Duration) {
			b.Learn(&keys, [3]Quota{{Remaining: &none, Reset: now.Add(until)}}, true, now, time.Minute)
		}
		usedUp(late, 10*time.Second)
		usedUp(soon, 5*time.Second)
		bounded, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		var waiting sync.WaitGroup
		acquire := func(ctx context.Context, keys Keys, want error, least, most time.Duration) {
			waiting.Go(func() {
				_, err := b.Acquire(ctx, &keys, 0, time.Minute)
				if waited := time.Since(now); err != want || waited < least || waited >= most {
					t.Errorf("%v after %v, want %v after %v to %v", err, waited, want, least, most)
				}
				if err == nil {
					b.Release(&keys)
				}
			})
			synctest.Wait()
		}
		acquire(t.Context(), late, nil, 20*time.Second, 21*time.Second)
		acquire(t.Context(), soon, nil, 5*time.Second, 6*time.Second)
		acquire(bounded, late, ErrDeadline, 0, time.Second)
		usedUp(late, 20*time.Second)
		waiting.Wait()
	})
}

// TestIdleGatesAreForgotten: a client that uses many tokens does not grow forever, and forgets neither what is used up nor what
// is in flight.
func TestIdleGatesAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, start := New(), time.Now()
		none := int64(0)
		send := func(credential string, quotas [3]Quota) Keys {
			keys := b.Keys("https", "example.com", credential, "GET", "/")
			_, err := b.Acquire(t.Context(), &keys, 0, time.Minute)
			require.NoError(t, err)
			b.Learn(&keys, quotas, false, time.Now(), time.Minute)
			return keys
		}
		keys := send("used up", [3]Quota{{Remaining: &none, Reset: start.Add(20 * time.Second)}})
		b.Release(&keys)
		inFlight := send("in flight", [3]Quota{})
		for i := range 5000 {
			keys := send(strconv.Itoa(i), [3]Quota{})
			b.Release(&keys)
			require.LessOrEqual(t, len(b.gates), minGates+6)
		}
		keys = send("used up", [3]Quota{})
		require.GreaterOrEqual(t, time.Since(start), 20*time.Second)
		b.Release(&keys)
		require.Equal(t, 1, b.running)
		b.Release(&inFlight)
		require.Zero(t, b.running)
	})
}
