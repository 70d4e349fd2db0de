package ldapi

import (
	"fmt"
	"net/http"
	"net/url"
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
	quiet   bool // tells what remains, not the limit
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

// told429 makes the answer to a refused request.
func told429(s told) answer { return answer{status: 429, header: s.header(time.Now())} }

// braked sends an attempt of op through pace, and gives how long it waited.
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

// TestBrakeKeys: what a response says of a quota holds for whom the quota is shared with, and for nobody else.
func TestBrakeKeys(t *testing.T) {
	t.Parallel()
	const home, token = "https://ld.example.com/api/v2/tokens", "api-one"
	reset := 10 * time.Second
	for _, tc := range []struct {
		name  string
		first told
		// who waits: the same, another id of the route, another method, another route, another token, port, host, scheme
		same, id, method, route, token, port, host, scheme bool
	}{
		{name: "route", first: told{route: "0", global: "5", reset: reset}, same: true, id: true},
		{name: "global", first: told{route: "5", global: "0", reset: reset}, same: true, id: true, method: true, route: true},
		{name: "token", first: told{token: "0", tokenReset: reset}, same: true, id: true, method: true, route: true},
		{name: "Retry-After", first: told{retryAfter: "10"}, same: true, id: true, method: true, route: true},
		{name: "reset alone", first: told{reset: reset}, same: true, id: true},
		{name: "not used up", first: told{route: "5", global: "5", reset: reset}},
		{name: "past reset", first: told{route: "0", reset: -reset}},
		{name: "nobody waits for years", first: told{route: "0", reset: 100 * year}},
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

// TestBrakeKeepsNoCredential: it outlives tokens, so it knows them by a hash that is another one in each client.
func TestBrakeKeepsNoCredential(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(fakeURL)
	require.NoError(t, err)
	one, two := newBrake(), newBrake()
	key := func(b *brake, token string) gateKeys { return b.keys(u, newSecret(token), getTokenOperation.Operation) }
	require.Equal(t, key(one, fakeToken), key(one, fakeToken))
	require.NotEqual(t, key(one, fakeToken), key(one, fakeToken+"x"))
	require.NotEqual(t, key(one, fakeToken), key(two, fakeToken))
	require.NotEqual(t, key(one, fakeToken), one.keys(u, nil, getTokenOperation.Operation))
	_, err = one.acquire(t.Context(), ptr(key(one, fakeToken)), 0)
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprintf("%#v %+v", one.gates, key(one, fakeToken)), fakeToken)
}

func ptr[T any](v T) *T { return &v }

// TestBrakeOpensAfterTheReset: not a moment earlier, and then for as much as a window holds.
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
				time.Sleep(time.Hour) // until then the new window tells nothing
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
		first7 := after(time.Minute)
		require.Len(t, first7, 7, "no stampede")
		for _, at := range first7 {
			require.GreaterOrEqual(t, at, 10*time.Second)
			require.LessOrEqual(t, at, 10*time.Second+110*time.Millisecond)
		}
		require.Len(t, after(10*time.Hour), 20)
	})
}

// TestBrakeIsReleasedBySilence: when responses stop telling of a quota, nobody waits for it, and calls are not put in a
// queue for ever.
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
					most = 11 * time.Second // who does not answer does not say that more is welcome
				}
				require.Less(t, took, most, "%s %v: one after the other it takes 10 seconds", name, after)
			})
		}
	}
}

// TestBrakeMakesRoom: a client that sees many tokens and hosts does not grow for ever, and forgets nothing that counts.
func TestBrakeMakesRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, start := New(), time.Now()
		used := attempts{answers: []answer{told429(told{route: "0", reset: 20 * time.Second})}}
		braked(t, client, &getTokenOperation, fakeURL, "used up", used.handle)
		entered, leave := make(chan struct{}), make(chan struct{})
		go braked(t, client, &getTokenOperation, fakeURL, "under way", func(*call, *http.Request) (*http.Response, error) {
			close(entered)
			<-leave
			return newBufferedResponse(200, ""), nil
		})
		<-entered
		next := attempts{answers: []answer{{status: 200}}}
		for i := range 5 * maxGates {
			require.Zero(t, braked(t, client, &getTokenOperation, fakeURL, strconv.Itoa(i), next.handle))
			require.LessOrEqual(t, len(client.brake.gates), maxGates+len(gateKeys{}))
		}
		close(leave)
		synctest.Wait()
		require.GreaterOrEqual(t, start.Add(braked(t, client, &getTokenOperation, fakeURL, "used up", next.handle)), start.Add(20*time.Second))
		for _, g := range client.brake.gates {
			require.Zero(t, g.inFlight)
		}
	})
}

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
	nonsense := int64(-1)
	g.told(Quota{Limit: &nonsense, Remaining: &left, Reset: start.Add(3 * time.Second)}, false, 0)
	free, _ = g.free(start.Add(3 * time.Second))
	require.Equal(t, limit, free)
}
