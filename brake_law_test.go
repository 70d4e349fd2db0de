package ldapi

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A hostileService answers with random headers and remembers the latest reset that any call may have to wait for.
type hostileService struct {
	mu      sync.Mutex
	rand    *rand.Rand
	latency time.Duration
	resets  bool      // reports resets that are to come
	latest  time.Time // latest reset or Retry-After reported so far
}

// The brake may delay an attempt by this much after a reset: clocks differ, and no more than a few attempts are sent
// before there is a response of the next window.
const (
	mostSlack    = 102 * time.Millisecond
	mostPatience = 10 * time.Second
)

var (
	counts = []string{"", "0", "0", "1", "5", "-1", "9223372036854775807", "9223372036854775806", "-9223372036854775808", "1e30", "0.5",
		"99999999999999999999"}
	absurd = []string{"", "0", "-1", "1", "9223372036854775807", "9223372036854775806", "-9223372036854775808", "1e30", "1.5",
		"99999999999999999999"}
	ahead = []time.Duration{-time.Hour, -time.Second, 0, time.Millisecond, time.Second, 10 * time.Second, 29 * time.Second, time.Minute, 100 * year}
)

func (s *hostileService) answer(maxWait time.Duration) (*http.Response, error) {
	time.Sleep(s.latency)
	s.mu.Lock()
	defer s.mu.Unlock()
	resp := newBufferedResponse([]int{200, 200, 404, 429, 429, 503}[s.rand.IntN(6)], "")
	pick := func(values []string) string { return values[s.rand.IntN(len(values))] }
	for _, name := range []string{"Route", "Global", "Auth-Token"} {
		resp.Header.Set("X-Ratelimit-"+name+"-Remaining", pick(counts))
		resp.Header.Set("X-Ratelimit-"+name+"-Limit", pick(counts))
	}
	for _, name := range []string{"X-Ratelimit-Reset", "X-Ratelimit-Auth-Token-Reset", "Retry-After"} {
		value, in := pick(absurd), ahead[s.rand.IntN(len(ahead))]
		retryAfter := name == "Retry-After"
		if retryAfter && value == "1" {
			s.reported(time.Second, maxWait) // not absurd, the other headers count from 1970
		}
		if (s.resets || in <= 0) && s.rand.IntN(2) == 0 {
			value = strconv.FormatInt(time.Now().Add(in).UnixMilli(), 10)
			if retryAfter {
				value = strconv.Itoa(int(in / time.Second))
			}
			s.reported(in, maxWait)
		}
		resp.Header.Set(name, value)
	}
	for name := range resp.Header {
		if s.rand.IntN(4) == 0 {
			resp.Header.Del(name)
		}
	}
	if s.rand.IntN(5) == 0 {
		return nil, errors.New("no answer")
	}
	if resp.StatusCode == http.StatusTooManyRequests && parseRateLimit(resp.Header, time.Now()).RetryAfter == 0 {
		s.reported(min(quotaWindow+2*time.Second, maxWait-1), maxWait) // for which a window is assumed
	}
	return resp, nil
}

func (s *hostileService) reported(in, maxWait time.Duration) {
	if reset := time.Now().Add(in); in > 0 && in < maxWait && reset.After(s.latest) {
		s.latest = reset
	}
}

func (s *hostileService) end() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.latest
}

// TestNoAttemptWaitsLongerThanReported tests that an attempt waits at most until the latest reset that was reported and is not
// beyond MaxWait, and does not wait without one, whatever else the service sends.
func TestNoAttemptWaitsLongerThanReported(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			maxWait := []time.Duration{30 * time.Second, 2 * time.Second}[seed/2%2]
			client := New(WithRetry(RetryPolicy{MaxWait: maxWait}))
			latency := []time.Duration{0, 50 * time.Millisecond, time.Minute}[seed%3]
			s := &hostileService{rand: rand.New(rand.NewPCG(seed, 0)), latency: latency, resets: seed%5 > 0}
			var wg sync.WaitGroup
			for i := range 20 {
				wg.Go(func() {
					op := []*operation{&getTokenOperation, &getTokensOperation}[i%2]
					for range 6 {
						start := time.Now()
						braked(t, client, op, fakeURL, strconv.Itoa(i%3), func(*call, *http.Request) (*http.Response, error) {
							end := s.end()
							if end.IsZero() && time.Since(start) > 0 {
								t.Errorf("seed %d: waited %v for nothing", seed, time.Since(start))
							}
							if end.Before(start) {
								end = start
							}
							if beyond := time.Since(end); beyond > mostSlack+min(mostPatience, maxWait, latency*40) {
								t.Errorf("seed %d: waited %v, %v longer than reported", seed, time.Since(start), beyond)
							}
							return s.answer(maxWait)
						})
						if i%4 == 0 {
							time.Sleep(time.Duration(i) * time.Second)
						}
					}
				})
			}
			wg.Wait()
			requireIdle(t, client)
		})
	}
}

// TestUnlimitedQuota tests that counters do not overflow: many gateways write the largest number for "unlimited".
func TestUnlimitedQuota(t *testing.T) {
	t.Parallel()
	for _, header := range []map[string]string{
		{"X-Ratelimit-Route-Remaining": "9223372036854775806"},
		{"X-Ratelimit-Route-Remaining": "9223372036854775807"},
		{"X-Ratelimit-Route-Remaining": "5", "X-Ratelimit-Route-Limit": "9223372036854775807"},
		{"X-Ratelimit-Route-Remaining": "0", "X-Ratelimit-Route-Limit": "9223372036854775807"},
	} {
		synctest.Test(t, func(t *testing.T) {
			client, start := New(), time.Now()
			next := attempts{answers: []answer{
				{status: 200, header: told{reset: time.Second, raw: header}.header(start)}, {status: 200}, {status: 200}, {status: 200}, {status: 200},
			}}
			for range next.answers {
				braked(t, client, &getTokenOperation, fakeURL, "a", next.handle)
				time.Sleep(2 * time.Second)
			}
			require.Equal(t, time.Duration(len(next.answers))*2*time.Second, time.Since(start), header)
		})
	}
}

// TestServiceIsDownAfterAWindow tests that 50 calls do not time out one after the other if the service stops answering.
func TestServiceIsDownAfterAWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, sent := time.Now(), 0
		var mu sync.Mutex
		client := New(WithTransport(fakeTransport(func(req *http.Request) (*http.Response, error) {
			mu.Lock()
			sent++
			first := sent == 1
			mu.Unlock()
			if first {
				resp, err := answering(429, "")(req)
				resp.Header = told{route: "0", reset: 10 * time.Second}.header(start)
				return resp, err
			}
			return untilEnd(req)
		})))
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
				if err == nil {
					t.Error("no error")
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		t.Logf("%d requests in %v", sent, time.Since(start))
		require.Less(t, time.Since(start), 90*time.Second) // 20 seconds, and two attempts of 30 seconds
	})
}

// TestShortMaxWait tests that a call does not wait for a reset that other calls are willing to wait for.
func TestShortMaxWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := New()
		next := attempts{answers: []answer{told429(told{route: "0", reset: 20 * time.Second}), {status: 200}}}
		braked(t, client, &getTokenOperation, fakeURL, "a", next.handle)
		c := pacedCall(client, t.Context(), &getTokenOperation)
		c.authorization = newSecret("a")
		c.policy.MaxWait = time.Second
		start := time.Now()
		_, err := pace(next.handle)(c, newFakeRequest(t, t.Context(), fakeURL))
		require.NoError(t, err)
		require.Zero(t, time.Since(start))
	})
}
