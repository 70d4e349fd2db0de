package reliability_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

const (
	quota   = 10 // requests
	window  = 10 * time.Second
	workers = 100
)

type workerKey struct{}

// refusals counts responses, and 429s by the goroutine that got them.
type refusals struct {
	base     http.RoundTripper
	mu       sync.Mutex
	requests int
	byWorker map[any]int
}

func (r *refusals) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.base.RoundTrip(req)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests++
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		r.byWorker[req.Context().Value(workerKey{})]++
	}
	return resp, err
}

func (r *refusals) sum() (all, most int) {
	for _, n := range r.byWorker {
		all, most = all+n, max(most, n)
	}
	return all, most
}

// rush has all workers make one call at the same time, after a first one alone if it is warm, and returns how long it took
// and the shortest possible time: quota by quota, and each response after the latency.
func rush(t *testing.T, latency time.Duration, warm bool, through func(s *ldapitest.Server, rt http.RoundTripper) func(ctx context.Context) error) (r *refusals, took, ideal time.Duration) {
	t.Helper()
	server := ldapitest.NewTestServer(t, ldapitest.WithInMemory(), ldapitest.WithRateLimit(quota, 0, window), ldapitest.WithLatency(latency))
	r = &refusals{base: server.Transport(), byWorker: map[any]int{}}
	call, start, calls := through(server, r), time.Now(), workers
	if warm {
		calls++
		require.NoError(t, call(t.Context()))
	}
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			if err := call(context.WithValue(t.Context(), workerKey{}, worker)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return r, time.Since(start), time.Duration((calls-1)/quota)*window + latency
}

// bySDK makes the calls with the SDK, which these tests are about.
func bySDK(opts ...ldapi.Option) func(s *ldapitest.Server, rt http.RoundTripper) func(ctx context.Context) error {
	return func(s *ldapitest.Server, rt http.RoundTripper) func(ctx context.Context) error {
		client := s.Client(append([]ldapi.Option{ldapi.WithTransport(rt)}, opts...)...)
		return func(ctx context.Context) error {
			_, _, err := client.AccountMembersApi.GetMembers(ctx).Execute()
			return err
		}
	}
}

// byNaiveLoop is the loop of programs without the brake: sleep after a 429, and retry. 0 sleeps until the reported reset.
func byNaiveLoop(pause time.Duration) func(s *ldapitest.Server, rt http.RoundTripper) func(ctx context.Context) error {
	return func(s *ldapitest.Server, rt http.RoundTripper) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			for {
				status, reset, err := naiveAttempt(ctx, s.URL, rt)
				switch {
				case err != nil:
					return err
				case status == http.StatusOK:
					return nil
				case status != http.StatusTooManyRequests:
					return fmt.Errorf("status %d", status)
				}
				wait := pause
				if wait == 0 {
					wait = time.Until(reset)
				}
				time.Sleep(wait) // on the clock of the bubble
			}
		}
	}
}

func naiveAttempt(ctx context.Context, base string, rt http.RoundTripper) (status int, reset time.Time, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/v2/members", nil)
	if err != nil {
		return 0, reset, err
	}
	req.Header.Set("Authorization", ldapitest.AdminToken)
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return 0, reset, err
	}
	if err := resp.Body.Close(); err != nil {
		return 0, reset, err
	}
	ms, err := strconv.ParseInt(resp.Header.Get("X-Ratelimit-Reset"), 10, 64)
	return resp.StatusCode, time.UnixMilli(ms), err
}

// TestRushForAQuota: 100 goroutines and 10 requests per 10 seconds.
func TestRushForAQuota(t *testing.T) {
	t.Parallel()
	for _, latency := range []time.Duration{0, 20 * time.Millisecond, 300 * time.Millisecond} {
		for _, warm := range []bool{true, false} {
			t.Run(fmt.Sprintf("latency %v warm %t", latency, warm), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					r, took, ideal := rush(t, latency, warm, bySDK())
					all, most := r.sum()
					t.Logf("SDK: %d requests, %d times 429, at most %d for a goroutine, %v; ideal %v", r.requests, all, most, took, ideal)
					require.LessOrEqual(t, most, 1)
					if warm {
						require.LessOrEqual(t, all, 2)
					}
					require.LessOrEqual(t, took, ideal*11/10)
				})
			})
		}
	}
}

// TestRushOfNaiveLoops shows, for comparison, the cost of the same calls without the SDK.
func TestRushOfNaiveLoops(t *testing.T) {
	t.Parallel()
	for name, pause := range map[string]time.Duration{"until the reset": 0, "for a second": time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, took, ideal := rush(t, 20*time.Millisecond, true, byNaiveLoop(pause))
				all, most := r.sum()
				t.Logf("sleeps %s: %d requests, %d times 429, up to %d for a goroutine, %v; ideal %v", name, r.requests, all, most, took, ideal)
				require.Greater(t, all, workers)
			})
		})
	}
}

// TestRushWithCapAndTokenQuota: the other quotas and the concurrency limit act together with the route's.
func TestRushWithCapAndTokenQuota(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ldapitest.NewTestServer(t, ldapitest.WithInMemory(), ldapitest.WithLatency(50*time.Millisecond),
			ldapitest.WithRateLimit(12, 20, window), ldapitest.WithTokenRateLimit(25, 20*time.Second))
		prepare(server)
		r := &refusals{base: server.Transport(), byWorker: map[any]int{}}
		client := server.Client(ldapi.WithTransport(r), ldapi.WithMaxConcurrency(4))
		start := time.Now()
		var wg sync.WaitGroup
		for worker := range workers {
			wg.Go(func() {
				ctx := context.WithValue(t.Context(), workerKey{}, worker)
				for _, o := range operations() {
					if o.method == http.MethodGet && (worker+len(o.id))%2 == 0 {
						if _, err := o.call(ctx, client); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		all, most := r.sum()
		t.Logf("%d requests, %d times 429, at most %d for a goroutine, %v", r.requests, all, most, time.Since(start))
		require.LessOrEqual(t, most, 2)
		require.LessOrEqual(t, all, r.requests/10)
	})
}
