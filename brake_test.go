package ldapi

import (
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// quotaServer is a transport with a quota per window, on the clock of the test. Windows are fixed, and begin with their
// first request.
type quotaServer struct {
	limit   int
	window  time.Duration
	latency time.Duration
	quiet   bool // reports the remaining requests, not the limit
	mu      sync.Mutex
	ends    time.Time
	used    int
	refused int
}

func (s *quotaServer) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(s.latency / 2)
	s.mu.Lock()
	now, status := time.Now(), http.StatusOK
	if !now.Before(s.ends) {
		s.ends, s.used = now.Add(s.window), 0
	}
	if s.used == s.limit {
		s.refused++
		status = http.StatusTooManyRequests
	} else {
		s.used++
	}
	left, ends := s.limit-s.used, s.ends
	s.mu.Unlock()
	time.Sleep(s.latency / 2)
	resp, err := answering(status, "{}")(req)
	resp.Header.Set("X-Ratelimit-Route-Remaining", strconv.Itoa(left))
	resp.Header.Set("X-Ratelimit-Reset", strconv.FormatInt(ends.UnixMilli(), 10))
	if !s.quiet {
		resp.Header.Set("X-Ratelimit-Route-Limit", strconv.Itoa(s.limit))
	}
	return resp, err
}

// TestSharedBrake: 100 goroutines and 10 requests per 10 seconds.
func TestSharedBrake(t *testing.T) {
	t.Parallel()
	for _, warm := range []bool{true, false} {
		for _, quiet := range []bool{false, true} {
			for _, latency := range []time.Duration{0, 50 * time.Millisecond, 300 * time.Millisecond} {
				synctest.Test(t, func(t *testing.T) {
					server := &quotaServer{limit: 10, window: 10 * time.Second, latency: latency, quiet: quiet}
					client := New(WithTransport(server))
					list := func() {
						_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
						if err != nil {
							t.Error(err)
						}
					}
					start, most, windows := time.Now(), 100, 9
					if warm {
						list()
						most, windows = 2, 10 // 101 calls
					}
					var wg sync.WaitGroup
					for range 100 {
						wg.Go(list)
					}
					wg.Wait()
					took, ideal := time.Since(start), time.Duration(windows)*10*time.Second
					t.Logf("warm %t quiet %t latency %v: %d times 429, %v", warm, quiet, latency, server.refused, took)
					require.LessOrEqual(t, server.refused, most)
					require.LessOrEqual(t, took, ideal*11/10+latency)
				})
			}
		}
	}
}

// told429 returns the response to a refused request.
func told429(s told) answer { return answer{status: 429, header: s.header(time.Now())} }

// braked sends an attempt of op through pace, and returns how long it waited.
func braked(t *testing.T, client *APIClient, op *operation, target, token string, next handler) time.Duration {
	t.Helper()
	start := time.Now()
	c := pacedCall(client, t.Context(), op)
	c.authorization = newSecret(token)
	var waited time.Duration
	_, _ = pace(func(c *call, req *http.Request) (*http.Response, error) {
		waited = time.Since(start)
		return next(c, req)
	})(c, newFakeRequest(t, t.Context(), target))
	return waited
}

// TestBrakeKeys: a quota that a response reports applies to all attempts that share it, and to no others.
func TestBrakeKeys(t *testing.T) {
	t.Parallel()
	const home, token = "https://ld.example.com/api/v2/tokens", "api-one"
	reset := 10 * time.Second
	for _, tc := range []struct {
		name  string
		first told
		// the attempt that waits: the same, another id of the route, another method, another route, another token, port, host, scheme
		same, id, method, route, token, port, host, scheme bool
	}{
		{name: "route", first: told{route: "0", global: "5", reset: reset}, same: true, id: true},
		{name: "global", first: told{route: "5", global: "0", reset: reset}, same: true, id: true, method: true, route: true},
		{name: "token", first: told{token: "0", tokenReset: reset}, same: true, id: true, method: true, route: true},
		{name: "Retry-After", first: told{retryAfter: "10"}, same: true, id: true, method: true, route: true},
		{name: "reset alone", first: told{reset: reset}, same: true, id: true},
		{name: "not used up", first: told{route: "5", global: "5", reset: reset}},
		{name: "past reset", first: told{route: "0", reset: -reset}},
		{name: "no attempt waits for years", first: told{route: "0", reset: 100 * year}},
		{name: "nothing", first: told{}},
	} {
		for _, other := range []struct {
			name          string
			op            *operation
			target, token string
			waits         bool
		}{
			{"same", &getTokenOperation, home, token, tc.same},
			{"another id", &getTokenOperation, home + "/66", token, tc.id},
			{"another method", &patchTokenOperation, home, token, tc.method},
			{"another route", &getMembersOperation, home, token, tc.route},
			{"another token", &getTokenOperation, home, "api-two", tc.token},
			{"another port", &getTokenOperation, "https://ld.example.com:444/", token, tc.port},
			{"another host", &getTokenOperation, "https://eu.ld.example.com/", token, tc.host},
			{"another scheme", &getTokenOperation, "http://ld.example.com/", token, tc.scheme},
		} {
			synctest.Test(t, func(t *testing.T) {
				client := New()
				next := attempts{answers: []answer{told429(tc.first), {status: 200}}}
				require.Zero(t, braked(t, client, &getTokenOperation, home, token, next.handle))
				waited := braked(t, client, other.op, other.target, other.token, next.handle)
				require.Equal(t, other.waits, waited >= reset, "%s: %s: waited %v", tc.name, other.name, waited)
				require.Less(t, waited, reset+150*time.Millisecond, tc.name)
			})
		}
	}
}

// TestBrakeOpensAfterTheReset: not earlier, and then for as many attempts as a window holds, and for the rest if no response
// describes the next window.
func TestBrakeOpensAfterTheReset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, start := New(), time.Now()
		seven := map[string]string{"X-Ratelimit-Route-Limit": "7"}
		first := attempts{answers: []answer{{status: 200, header: told{route: "0", reset: 10 * time.Second, raw: seven}.header(start)}}}
		braked(t, client, &getTokenOperation, fakeURL, "a", first.handle)
		var mu sync.Mutex
		var times []time.Duration
		for range 20 {
			go braked(t, client, &getTokenOperation, fakeURL, "a", func(c *call, req *http.Request) (*http.Response, error) {
				mu.Lock()
				times = append(times, time.Since(start))
				mu.Unlock()
				time.Sleep(time.Hour) // until then no response reports the new window
				return newBufferedResponse(200, ""), nil
			})
		}
		after := func(wait time.Duration) []time.Duration {
			time.Sleep(wait)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(times)
		}
		first7 := after(15 * time.Second)
		require.Len(t, first7, 7, "no stampede")
		for _, at := range first7 {
			require.GreaterOrEqual(t, at, 10*time.Second)
			require.LessOrEqual(t, at, 10*time.Second+110*time.Millisecond)
		}
		all := after(time.Minute)
		require.Len(t, all, 20)
		require.LessOrEqual(t, all[19], 20*time.Second+110*time.Millisecond)
		time.Sleep(2 * time.Hour)
	})
}

// TestBrakeIsReleasedBySilence: if responses stop reporting a quota, no calls wait for it, and calls are not put in a
// queue forever.
func TestBrakeIsReleasedBySilence(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]told{
		"Retry-After": {retryAfter: "5"}, "route": {route: "0", reset: 5 * time.Second}, "token": {token: "0", tokenReset: 5 * time.Second},
	} {
		for _, after := range []answer{{status: 200}, {status: 404}, {err: failing(true)}} {
			synctest.Test(t, func(t *testing.T) {
				client, start := New(), time.Now()
				next := attempts{answers: []answer{told429(s)}}
				braked(t, client, &getTokenOperation, fakeURL, "a", next.handle)
				var wg sync.WaitGroup
				for range 100 {
					wg.Go(func() {
						braked(t, client, &getTokenOperation, fakeURL, "a", func(c *call, _ *http.Request) (*http.Response, error) {
							time.Sleep(100 * time.Millisecond)
							if after.err != nil {
								return nil, after.err
							}
							return newBufferedResponse(after.status, ""), nil
						})
					})
				}
				wg.Wait()
				took, most := time.Since(start)-5*time.Second, 2*time.Second
				if after.err != nil {
					most = 11 * time.Second // without a response there is no sign that more requests are welcome
				}
				require.Less(t, took, most, "%s %v: one after the other it takes 10 seconds", name, after)
			})
		}
	}
}
