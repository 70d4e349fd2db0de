package everyday_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// slowMembers is a fake that is slow to return each page, and counts the pages in flight.
type slowMembers struct {
	*pagedMembers
	mu      sync.Mutex
	running int
	most    int // pages in flight at a time
}

// newSlowMembers returns a fake that takes wait for a page and ends with the context, unless deaf is set.
func newSlowMembers(answer func(pageRequest) (*ldapi.Members, error), wait func(ask pageRequest) time.Duration, deaf bool) *slowMembers {
	s := &slowMembers{}
	s.pagedMembers = newPagedMembers(func(ask pageRequest) (*ldapi.Members, error) {
		s.count(1)
		defer s.count(-1)
		if deaf {
			ask.ctx = context.Background()
		}
		select {
		case <-time.After(wait(ask)):
			return answer(ask)
		case <-ask.ctx.Done():
			return nil, ask.ctx.Err()
		}
	})
	return s
}

func (s *slowMembers) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running += n
	s.most = max(s.most, s.running)
}

func (s *slowMembers) left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}

func always(d time.Duration) func(pageRequest) time.Duration {
	return func(pageRequest) time.Duration { return d }
}

// TestPrefetchKeepsOrder: pages that arrive in any order are yielded in order, and no more than n are in flight.
func TestPrefetchKeepsOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		synctest.Test(t, func(t *testing.T) {
			random := newRandom(seed)
			n := 1 + random.IntN(10)
			var mu sync.Mutex
			wait := func(pageRequest) time.Duration {
				mu.Lock()
				defer mu.Unlock()
				return time.Duration(random.IntN(100)) * time.Millisecond
			}
			ids := memberNames("a", random.IntN(200))
			l := pagedList{ids: ids, most: 1 + random.IntN(12)}
			f := newSlowMembers(l.answer, wait, false)
			members, err := f.GetMembers(t.Context()).Prefetch(n).Collect()
			require.NoError(t, err, "seed %d", seed)
			require.Equal(t, ids, memberIDs(members), "seed %d", seed)
			require.LessOrEqual(t, f.most, n, "seed %d", seed)
			require.Zero(t, f.left(), "seed %d", seed)
		})
	}
}

// TestPagesInFlight: the first page is fetched alone, then as many as requested, none beyond the total.
func TestPagesInFlight(t *testing.T) {
	t.Parallel()
	for n, rounds := range map[int]int{0: 10, 1: 10, 2: 6, 3: 4, 8: 3, 9: 2, 100: 2} {
		synctest.Test(t, func(t *testing.T) {
			l := pagedList{ids: memberNames("a", 95)}
			f := newSlowMembers(l.answer, always(time.Second), false)
			start := time.Now()
			members, err := f.GetMembers(t.Context()).Limit(10).Prefetch(n).Collect()
			require.NoError(t, err)
			require.Len(t, members, 95)
			require.Equal(t, time.Duration(rounds)*time.Second, time.Since(start), "prefetch %d", n)
			require.Equal(t, max(1, min(n, 9)), f.most)
			require.Len(t, f.requests(), 10, "no pages beyond the total are requested")
		})
	}
}

// TestPagesInFlightWhileTheCallerWorks: pages fetched ahead are ready when the caller needs them, and no others are.
func TestPagesInFlightWhileTheCallerWorks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newSlowMembers((&pagedList{ids: memberNames("a", 100)}).answer, always(time.Second), false)
		start, pages := time.Now(), 0
		for _, err := range f.GetMembers(t.Context()).Limit(10).Prefetch(3).Pages() {
			require.NoError(t, err)
			time.Sleep(time.Minute)
			synctest.Wait()
			if pages++; pages > 1 {
				require.Len(t, f.requests(), min(10, pages+2), "two wait for their turn")
			}
		}
		require.Equal(t, 10*time.Minute+2*time.Second, time.Since(start), "only the first two are waited for")
	})
}

// TestPrefetchWithoutTotals: without totals no page is fetched ahead.
func TestPrefetchWithoutTotals(t *testing.T) {
	t.Parallel()
	f := newSlowMembers((&pagedList{ids: memberNames("a", 45), total: noTotal}).answer, always(0), false)
	members, err := f.GetMembers(t.Context()).Limit(10).Prefetch(8).Collect()
	require.NoError(t, err)
	require.Len(t, members, 45)
	require.Equal(t, 1, f.most)
}

// TestRefetchAfterAShorterPage: pages fetched ahead have the wrong offsets then. Pages that are given up count as in
// flight until their goroutines end, even those of a fake that ignores the context.
func TestRefetchAfterAShorterPage(t *testing.T) {
	t.Parallel()
	for _, deaf := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l := pagedList{ids: memberNames("a", 55), length: shortInTheMiddle}
			f := newSlowMembers(l.answer, func(ask pageRequest) time.Duration { return time.Duration(100+ask.offset) * time.Millisecond }, deaf)
			members, err := f.GetMembers(t.Context()).Limit(10).Prefetch(3).Collect()
			require.NoError(t, err)
			require.Equal(t, memberNames("a", 55), memberIDs(members))
			require.LessOrEqual(t, f.most, 3)
			asked := f.requests()
			slices.Sort(asked)
			require.Equal(t, "0+10 10+10 14+10 20+10 24+10 30+10 34+10 44+10 54+10", strings.Join(asked, " "))
		})
	}
}

// TestPrefetchAsTheListChanges: pages in flight may be answered before or after a change, in any order.
func TestPrefetchAsTheListChanges(t *testing.T) {
	t.Parallel()
	changes := map[string]func(l *pagedList){
		"delete from the front": func(l *pagedList) { l.remove(0, 4) },
		"delete from the end":   func(l *pagedList) { l.remove(30, 4) },
		"insert at the front":   func(l *pagedList) { l.insert(0, memberNames("b", 7)...) },
		"insert a whole page":   func(l *pagedList) { l.insert(0, memberNames("b", 10)...) },
	}
	for name, change := range changes {
		for call := 1; call < 6; call++ {
			for _, backwards := range []time.Duration{-1, 1} {
				synctest.Test(t, func(t *testing.T) {
					answered := 0
					l := pagedList{ids: memberNames("a", 45)}
					l.before = func(_ pageRequest, l *pagedList) {
						if answered == call {
							change(l)
						}
						answered++
					}
					var mu sync.Mutex
					f := newSlowMembers(func(ask pageRequest) (*ldapi.Members, error) {
						mu.Lock()
						defer mu.Unlock()
						return l.answer(ask)
					}, func(ask pageRequest) time.Duration {
						return time.Second + backwards*time.Duration(ask.offset)*time.Millisecond
					}, false)
					members, err := f.GetMembers(t.Context()).Limit(10).Prefetch(4).Collect()
					require.NoError(t, err, name)
					ids := memberIDs(members)
					requireEachOnce(t, ids)
					for _, id := range memberNames("a", 45) {
						if slices.Contains(l.ids, id) {
							require.Contains(t, ids, id, "%s before answer %d", name, call)
						}
					}
				})
			}
		}
	}
}

// TestNoGoroutineIsLeft: however the loop ends, no requests are in flight afterwards.
func TestNoGoroutineIsLeft(t *testing.T) {
	t.Parallel()
	failure := errors.New("no")
	ways := map[string]func(t *testing.T, r ldapi.ApiGetMembersRequest, cancel func()){
		"break": func(_ *testing.T, r ldapi.ApiGetMembersRequest, _ func()) {
			n := 0
			for range r.All() {
				if n++; n == 15 {
					break
				}
			}
		},
		"error": func(t *testing.T, r ldapi.ApiGetMembersRequest, _ func()) {
			members, err := r.Collect()
			require.ErrorIs(t, err, failure)
			require.Len(t, members, 40)
		},
		"cancel": func(t *testing.T, r ldapi.ApiGetMembersRequest, cancel func()) {
			time.AfterFunc(1500*time.Millisecond, cancel)
			members, err := r.Collect()
			require.ErrorIs(t, err, context.Canceled)
			require.Len(t, members, 10)
			var stopped *ldapi.PageError
			require.ErrorAs(t, err, &stopped)
			require.Equal(t, int64(10), stopped.Offset)
		},
		"panic": func(t *testing.T, r ldapi.ApiGetMembersRequest, _ func()) {
			require.PanicsWithError(t, "no", func() {
				for page := range r.Pages() {
					if page.Items[0].Id == "a10" {
						panic(failure)
					}
				}
			})
		},
		"end": func(t *testing.T, r ldapi.ApiGetMembersRequest, _ func()) {
			_, err := r.Offset(50).Collect()
			require.NoError(t, err)
		},
	}
	for name, way := range ways {
		synctest.Test(t, func(t *testing.T) {
			l := pagedList{ids: memberNames("a", 95)}
			broken := true
			f := newSlowMembers(failingAt(&l, 40, failure, &broken), always(time.Second), false)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			way(t, f.GetMembers(ctx).Limit(10).Prefetch(5), cancel)
			require.Zero(t, f.left(), "pages in flight after %s", name)
			require.Greater(t, f.most, 1)
		})
	}
}

// TestPanicsOfTheCallersCode: panics reach the goroutine that ranges, from any page, and the caller can recover them.
func TestPanicsOfTheCallersCode(t *testing.T) {
	t.Parallel()
	for _, offset := range []int{0, 10, 20, 90} {
		synctest.Test(t, func(t *testing.T) {
			l := pagedList{ids: memberNames("a", 95)}
			f := newPagedMembers(func(ask pageRequest) (*ldapi.Members, error) {
				if ask.offset == offset {
					panic("out of order")
				}
				return l.answer(ask)
			})
			got := 0
			require.PanicsWithValue(t, "out of order", func() {
				for _, err := range f.GetMembers(t.Context()).Limit(10).Prefetch(3).All() {
					require.NoError(t, err)
					got++
				}
			})
			require.Equal(t, offset, got, "the pages before it were yielded")
		})
	}
}

// TestFakesThatEndTheirGoroutine, as t.FailNow does, end the goroutine that ranges.
func TestFakesThatEndTheirGoroutine(t *testing.T) {
	t.Parallel()
	l := pagedList{ids: memberNames("a", 95)}
	f := newPagedMembers(func(ask pageRequest) (*ldapi.Members, error) {
		if ask.offset == 20 {
			runtime.Goexit()
		}
		return l.answer(ask)
	})
	returned := false
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = f.GetMembers(t.Context()).Limit(10).Prefetch(3).Collect()
		returned = true
	}()
	<-ended
	require.False(t, returned)
}

// inFlight is middleware that records how many requests are in flight at a time.
type inFlight struct {
	mu            sync.Mutex
	running, most int
}

func (m *inFlight) wrap(next ldapi.RoundTrip) ldapi.RoundTrip {
	count := func(n int) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.running += n
		m.most = max(m.most, m.running)
	}
	return func(req *http.Request) (*http.Response, error) {
		count(1)
		defer count(-1)
		return next(req)
	}
}

// TestPrefetchKeepsToTheClientsBrake: the concurrency limit and the quotas of the client apply to pages in flight too.
func TestPrefetchKeepsToTheClientsBrake(t *testing.T) {
	t.Parallel()
	for _, most := range []int{0, 1, 3} {
		synctest.Test(t, func(t *testing.T) {
			s := crowdedServer(t, 95, ldapitest.WithLatency(time.Second))
			defer s.Close()
			var flights inFlight
			client := s.Client(ldapi.WithMaxConcurrency(most), ldapi.WithAttemptMiddleware(flights.wrap))
			start := time.Now()
			members, err := client.AccountMembersApi.GetMembers(t.Context()).Limit(10).Prefetch(6).Collect()
			require.NoError(t, err)
			require.Equal(t, storedIDs(s), memberIDs(members))
			if most > 0 {
				require.Equal(t, most, flights.most)
			} else {
				require.Equal(t, 6, flights.most)
			}
			least := map[int]time.Duration{0: 3, 1: 10, 3: 4}[most] * time.Second
			require.GreaterOrEqual(t, time.Since(start), least)
			require.LessOrEqual(t, time.Since(start), 10*time.Second)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		s := crowdedServer(t, 95, ldapitest.WithRateLimit(3, 0, 10*time.Second), ldapitest.WithLatency(50*time.Millisecond))
		defer s.Close()
		members, err := s.Client().AccountMembersApi.GetMembers(t.Context()).Limit(10).Prefetch(8).Collect()
		require.NoError(t, err)
		require.Equal(t, storedIDs(s), memberIDs(members))
	})
}

// crowdedServer is a server in memory with n members. Its clock is that of the bubble.
func crowdedServer(t testing.TB, n int, opts ...ldapitest.Option) *ldapitest.Server {
	t.Helper()
	s := ldapitest.NewTestServer(t, append(opts, ldapitest.WithInMemory())...)
	for i := len(s.Members()); i < n; i++ {
		s.AddMember(ldapitest.Member{Email: "m" + strconv.Itoa(i) + "@example.com"})
	}
	return s
}

// storedIDs are the ids of all members of a server, in order.
func storedIDs(s *ldapitest.Server) []string {
	var ids []string
	for _, m := range s.Members() {
		ids = append(ids, m.ID)
	}
	return ids
}
