package ldapi

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// told creates the headers of a response to a request that is received at now, by a server whose clock is ahead.
type told struct {
	retryAfter    string        // seconds, or the date that is retryAfterIn away when empty
	retryAfterIn  time.Duration // 0: none
	route, global string        // remaining
	reset         time.Duration // from now; 0: none
	token         string        // remaining
	tokenReset    time.Duration
	ahead         time.Duration // of the server's clock; a Date header shows it
	noDate        bool
	raw           map[string]string // last word
}

func (s told) header(now time.Time) http.Header {
	h := http.Header{}
	set := func(name, value string) {
		if value != "" {
			h.Set(name, value)
		}
	}
	millis := func(in time.Duration) string {
		if in == 0 {
			return ""
		}
		return strconv.FormatInt(now.Add(s.ahead+in).UnixMilli(), 10)
	}
	set("Retry-After", s.retryAfter)
	if s.retryAfterIn != 0 {
		set("Retry-After", now.Add(s.ahead+s.retryAfterIn).UTC().Format(http.TimeFormat))
	}
	set("X-RateLimit-Route-Remaining", s.route)
	set("X-Ratelimit-Global-Remaining", s.global)
	set("X-RateLimit-Reset", millis(s.reset))
	set("X-Ratelimit-Auth-Token-Remaining", s.token)
	set("X-Ratelimit-Auth-Token-Reset", millis(s.tokenReset))
	if !s.noDate {
		set("Date", now.Add(s.ahead).UTC().Format(http.TimeFormat))
	}
	for name, value := range s.raw {
		h.Set(name, value)
	}
	return h
}

const (
	untold  = -1 // the wait is the backoff
	refused = -2 // the call ends at once
	year    = 365 * 24 * time.Hour
)

// law is what a 429 reports, and how long the call waits at least. Values that are past, zero or unreadable are ignored.
var law = []struct {
	name string
	told told
	wait time.Duration
}{
	{"nothing", told{}, untold},
	{"seconds", told{retryAfter: "3"}, 3 * time.Second},
	{"seconds between spaces", told{retryAfter: " 3 "}, 3 * time.Second},
	{"zero seconds", told{retryAfter: "0"}, untold},
	{"negative seconds", told{retryAfter: "-7"}, untold},
	{"fractions of seconds", told{retryAfter: "1.5"}, untold},
	{"words", told{retryAfter: "soon"}, untold},
	{"a longer window than today's", told{retryAfter: "29"}, 29 * time.Second},
	{"beyond MaxWait", told{retryAfter: "31"}, refused},
	{"more seconds than fit", told{retryAfter: "99999999999999999999"}, refused},
	{"fewer seconds than fit", told{retryAfter: "-99999999999999999999"}, untold},
	{"date", told{retryAfterIn: 4 * time.Second}, 4 * time.Second},
	{"past date", told{retryAfterIn: -time.Hour}, untold},
	{"date of a clock ahead", told{retryAfterIn: 4 * time.Second, ahead: time.Hour}, 4 * time.Second},
	{"date of a clock behind", told{retryAfterIn: 4 * time.Second, ahead: -time.Hour}, 4 * time.Second},
	{"date beyond MaxWait", told{retryAfterIn: time.Hour}, refused},

	{"route used up", told{route: "0", global: "7", reset: 5 * time.Second}, 5 * time.Second},
	{"global used up", told{route: "7", global: "0", reset: 5 * time.Second}, 5 * time.Second},
	{"less than nothing left", told{route: "-1", reset: 5 * time.Second}, 5 * time.Second},
	{"reset, and nothing remains to be said", told{reset: 5 * time.Second}, 5 * time.Second},
	{"reset of a quota that is not used up", told{route: "7", global: "7", reset: 5 * time.Second}, untold},
	{"unreadable remaining", told{route: "few", reset: 5 * time.Second}, 5 * time.Second},
	{"used up without reset", told{route: "0"}, untold},
	{"past reset", told{route: "0", reset: -time.Minute}, untold},
	{"reset just past", told{route: "0", reset: -time.Millisecond}, untold},
	{"reset at once", told{route: "0", reset: time.Millisecond}, shortestWait},
	{"reset in seconds instead of milliseconds", told{raw: map[string]string{"X-Ratelimit-Reset": "1700000000"}}, untold},
	{"reset zero", told{raw: map[string]string{"X-Ratelimit-Reset": "0"}}, untold},
	{"reset negative", told{raw: map[string]string{"X-Ratelimit-Reset": "-5"}}, untold},
	{"reset unreadable", told{raw: map[string]string{"X-Ratelimit-Reset": "1e3"}}, untold},
	{"reset beyond MaxWait", told{route: "0", reset: time.Minute}, refused},
	{"reset in 100 years", told{route: "0", reset: 100 * year}, refused},
	{"reset that does not fit", told{raw: map[string]string{"X-Ratelimit-Reset": "99999999999999999999"}}, refused},
	{"largest reset", told{raw: map[string]string{"X-Ratelimit-Reset": strconv.FormatInt(math.MaxInt64, 10)}}, refused},

	{"token used up", told{token: "0", tokenReset: 6 * time.Second}, 6 * time.Second},
	{"token, its window apart", told{route: "7", reset: 9 * time.Second, token: "0", tokenReset: 6 * time.Second}, 6 * time.Second},
	{"route, the token's window apart", told{route: "0", reset: 6 * time.Second, token: "7", tokenReset: 9 * time.Second}, 6 * time.Second},
	{"token's reset alone", told{tokenReset: 6 * time.Second}, 6 * time.Second},
	{"token used up without reset", told{token: "0", route: "7", reset: 9 * time.Second}, untold},

	{"latest is Retry-After", told{retryAfter: "8", route: "0", reset: 5 * time.Second, token: "0", tokenReset: 6 * time.Second}, 8 * time.Second},
	{"latest is the reset", told{retryAfter: "2", route: "0", reset: 5 * time.Second, token: "0", tokenReset: 3 * time.Second}, 5 * time.Second},
	{"latest is the token's", told{retryAfter: "2", route: "0", reset: 5 * time.Second, token: "0", tokenReset: 7 * time.Second}, 7 * time.Second},
	{"one of them beyond MaxWait", told{retryAfter: "2", token: "0", tokenReset: time.Minute}, refused},

	{"clock ahead", told{route: "0", reset: 5 * time.Second, ahead: 2 * time.Hour}, 5 * time.Second},
	{"clock behind", told{route: "0", reset: 5 * time.Second, ahead: -2 * time.Hour}, 5 * time.Second},
	{"clock ahead by less than Date can show", told{route: "0", reset: 5 * time.Second, ahead: 1900 * time.Millisecond}, 6900 * time.Millisecond},
	{"clock apart, Date unreadable", told{route: "0", reset: 5 * time.Second, raw: map[string]string{"Date": "today"}}, 5 * time.Second},
	{"no Date", told{route: "0", reset: 5 * time.Second, noDate: true}, 5 * time.Second},
}

// TestRateLimitLaw: never earlier than reported, only a little later, never beyond MaxWait, and the error reports what was reported.
func TestRateLimitLaw(t *testing.T) {
	t.Parallel()
	for _, status := range []int{429, 503} {
		for _, tc := range law {
			for _, fraction := range []time.Duration{0, 1, 499 * time.Millisecond, 999 * time.Millisecond} { // of Date's seconds
				name := tc.name + " " + fraction.String()
				synctest.Test(t, func(t *testing.T) {
					time.Sleep(fraction)
					start := time.Now()
					next := attempts{answers: []answer{{status: status, header: tc.told.header(start)}, {status: 200}}}
					c := newFakeCall(t, WithTransport(fakeTransport(untilEnd)))
					_, err := retry(counted(next.handle))(c, newFakeRequest(t, t.Context(), fakeURL))
					if tc.wait == untold && status == 429 {
						tc.wait = firstProbe
					}
					requireLaw(t, name, tc.told, tc.wait, &next, err)
				})
			}
		}
	}
}

func requireLaw(t *testing.T, name string, told told, wait time.Duration, next *attempts, err error) {
	t.Helper()
	switch wait {
	case refused:
		require.Len(t, next.times, 1, name)
		require.Zero(t, time.Since(next.times[0]), name)
		after, ok := requireAPIError(t, err).RetryAfter()
		require.True(t, ok, name)
		require.Greater(t, after, 30*time.Second, name)
	case untold:
		require.NoError(t, err, name)
		require.GreaterOrEqual(t, next.gaps()[0], 250*time.Millisecond, name)
		require.LessOrEqual(t, next.gaps()[0], 500*time.Millisecond, name)
	default:
		require.NoError(t, err, name)
		cut := time.Millisecond // of the times in headers
		if told.retryAfterIn != 0 {
			cut = time.Second
		}
		require.Greater(t, next.gaps()[0], wait-cut, name)
		const skewed = time.Second // a skew is known to the second only
		require.LessOrEqual(t, next.gaps()[0], wait+skewed+wait/10+100*time.Millisecond, name)
	}
}

// TestJitterComesAfter: the reported wait is a lower bound for all random values, and not all calls retry at the same instant.
func TestJitterComesAfter(t *testing.T) {
	t.Parallel()
	for _, wait := range []time.Duration{time.Second, 5 * time.Second, 29 * time.Second} {
		different := map[time.Duration]bool{}
		for range 200 {
			next := attempts{answers: []answer{{status: 429, header: http.Header{"Retry-After": {strconv.Itoa(int(wait.Seconds()))}}}, {status: 200}}}
			_, _, err := retried(t, "GET", &next)
			require.NoError(t, err)
			gap := next.gaps()[0]
			require.GreaterOrEqual(t, gap, wait)
			require.LessOrEqual(t, gap, wait+min(max(wait/10, 100*time.Millisecond), time.Second))
			different[gap] = true
		}
		require.Greater(t, len(different), 150)
	}
}

// TestUnreportedWaits: a call with the default policy outlasts a window of refusals that do not specify a wait, and checks early whether it
// is over. RetryAfter returns the next wait if the call gives up.
func TestUnreportedWaits(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]http.Header{"nothing": {}, "Remaining": {"X-Ratelimit-Route-Remaining": {"0"}}, "past": told{route: "0", reset: -time.Second}.header(time.Now())} {
		for _, window := range []time.Duration{0, time.Second, 3 * time.Second, 9 * time.Second, quotaWindow} {
			for _, most := range []int{2, 3, 4, 8} {
				synctest.Test(t, func(t *testing.T) {
					start := time.Now()
					sent := 0
					client := New(WithRetry(RetryPolicy{MaxAttempts: most}), WithTransport(fakeTransport(func(req *http.Request) (*http.Response, error) {
						sent++
						if time.Since(start) >= window && sent > 1 {
							return answering(200, `{}`)(req)
						}
						resp, err := answering(429, "")(req)
						resp.Header = header
						return resp, err
					})))
					_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
					require.NoError(t, err, "%s, %v, %d attempts", name, window, most)
					if window <= firstProbe && most > 2 {
						require.Less(t, time.Since(start), 2*time.Second)
					}
					require.Less(t, time.Since(start), 12*time.Second)
				})
			}
		}
		synctest.Test(t, func(t *testing.T) {
			refusing := fakeTransport(func(req *http.Request) (*http.Response, error) {
				resp, err := answering(429, "")(req)
				resp.Header = header
				return resp, err
			})
			start := time.Now()
			_, _, err := New(WithTransport(refusing)).AccessTokensApi.GetTokens(t.Context()).Execute()
			require.ErrorIs(t, err, ErrRateLimited)
			require.Greater(t, time.Since(start), quotaWindow)
			after, ok := requireAPIError(t, err).RetryAfter()
			require.True(t, ok)
			require.Positive(t, after)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
			defer cancel()
			_, _, err = New(WithTransport(refusing)).AccessTokensApi.GetTokens(ctx).Execute()
			after, ok = requireAPIError(t, err).RetryAfter()
			require.True(t, ok)
			require.GreaterOrEqual(t, after, firstProbe)
		})
	}
}

// TestUnreportedWaitsTogether: goroutines that are refused wait as for a reported window: a few check whether it is over.
func TestUnreportedWaitsTogether(t *testing.T) {
	t.Parallel()
	for _, goroutines := range []int{2, 50} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			var sent atomic.Int64
			client := New(WithTransport(fakeTransport(func(req *http.Request) (*http.Response, error) {
				sent.Add(1)
				time.Sleep(10 * time.Millisecond)
				if time.Since(start) > quotaWindow {
					return answering(200, `{}`)(req)
				}
				return answering(429, "")(req)
			})))
			var wg sync.WaitGroup
			for range goroutines {
				wg.Go(func() {
					if _, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute(); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			t.Logf("%d goroutines: %d requests in %v", goroutines, sent.Load(), time.Since(start))
			require.LessOrEqual(t, sent.Load(), int64(2*goroutines+8), "no herd")
			require.Less(t, time.Since(start), 20*time.Second)
		})
	}
}

// TestBackoff: without a wait from the server the wait doubles, from MinWait up to MaxWait; half of it is random.
func TestBackoff(t *testing.T) {
	t.Parallel()
	for _, status := range []int{503, 0} {
		different := map[time.Duration]bool{}
		for range 20 {
			next := attempts{answers: []answer{{status: status, err: failing(false)}}}
			_, _, err := retried(t, "GET", &next, WithRetry(RetryPolicy{MaxAttempts: 9, MinWait: time.Second, MaxWait: 20 * time.Second}))
			require.Error(t, err)
			for i, gap := range next.gaps() {
				full := min(time.Second<<i, 20*time.Second)
				require.GreaterOrEqual(t, gap, full/2, i)
				require.LessOrEqual(t, gap, full, i)
				different[gap] = true
			}
		}
		require.Greater(t, len(different), 100, "all calls retry at the same instants")
	}
	next := attempts{answers: []answer{{status: 429}}}
	_, _, err := retried(t, "GET", &next, WithRetry(RetryPolicy{MinWait: 60 * time.Second, MaxWait: 90 * time.Second}))
	require.Error(t, err)
	require.LessOrEqual(t, next.gaps()[0], 11*time.Second, "the documented window bounds the first wait after a 429")
	require.GreaterOrEqual(t, next.gaps()[1], 45*time.Second)
}

// TestBackoffOfExtremes: no policy makes a wait negative or overflow.
func TestBackoffOfExtremes(t *testing.T) {
	t.Parallel()
	for _, p := range []RetryPolicy{
		{MinWait: 1, MaxWait: 1}, {MinWait: 1, MaxWait: math.MaxInt64}, {MinWait: math.MaxInt64, MaxWait: math.MaxInt64},
		{MinWait: math.MaxInt64/2 + 1, MaxWait: math.MaxInt64}, {MinWait: time.Hour, MaxWait: time.Second},
	} {
		for _, n := range []int{1, 2, 3, 36, 70, 1000} {
			c := &call{policy: p, attempts: n}
			require.GreaterOrEqual(t, c.backoff(), min(p.MinWait, p.MaxWait)/2, p)
			require.LessOrEqual(t, c.backoff(), p.MaxWait, p)
		}
	}
}

// TestRetryMaxWait: a reported wait as long as MaxWait is waited for, a longer one is not.
func TestRetryMaxWait(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[string]int{"59": 2, "60": 2, "61": 1} {
		next := attempts{answers: []answer{{status: 429, header: http.Header{"Retry-After": {seconds}}}, {status: 200}}}
		_, _, err := retried(t, "POST", &next, WithRetry(RetryPolicy{MaxWait: time.Minute}))
		require.Len(t, next.times, want, seconds)
		require.Equal(t, want == 1, errors.Is(err, ErrRateLimited), seconds)
	}
}

// TestRetryBeforeTheDeadline: a wait that the context would cut off does not begin; the error is the server's, and reports
// when.
func TestRetryBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		start := time.Now()
		reset := start.Add(9 * time.Second)
		next := attempts{answers: []answer{{status: 429, header: told{route: "0", reset: 9 * time.Second}.header(start)}}}
		_, err := retry(counted(next.handle))(newFakeCall(t), newFakeRequest(t, ctx, fakeURL))
		require.Zero(t, time.Since(start))
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, ErrRateLimited)
		apiErr := requireAPIError(t, err)
		after, ok := apiErr.RetryAfter()
		require.True(t, ok)
		require.Equal(t, 9*time.Second, after, "as of receipt, without jitter")
		require.True(t, apiErr.RateLimit().Route.Reset.Equal(reset))
		require.Equal(t, 1, apiErr.Attempts())
	})
}

// TestRetryIsCancelled: a wait ends when the context does, and the error describes both the reason and the failure before.
func TestRetryIsCancelled(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "POST"} {
		for _, first := range []answer{{status: 429, header: http.Header{"Retry-After": {"20"}}}, {status: 503}, {err: failing(true)}} {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Millisecond, cancel)
				start := time.Now()
				next := attempts{answers: []answer{first}}
				c := New(unsafeRetry).newCall(ctx, operationOf(method))
				_, err := retry(counted(next.handle))(c, newFakeRequest(t, ctx, fakeURL))
				require.Equal(t, time.Millisecond, time.Since(start))
				require.Len(t, next.times, 1)
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorContains(t, err, "while waiting to retry")
				require.Equal(t, first.status == 429, errors.Is(err, ErrRateLimited))
				require.Equal(t, first.status == 0, errors.Is(err, failing(true).(*callError).err))
				require.Equal(t, method == "POST" && first.status != 429, errors.Is(err, ErrOutcomeUnknown))
			})
		}
	}
}

// TestRetryAfterTheEndOfTheContext: no attempt follows, whatever the last one returned; an unknown outcome is still reported.
func TestRetryAfterTheEndOfTheContext(t *testing.T) {
	t.Parallel()
	for _, last := range []answer{{status: 429}, {status: 503}, {err: failing(true)}, {err: failing(false)}} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			next := attempts{answers: []answer{last}}
			c := newFakeCall(t)
			c.op = &postTokenOperation
			_, err := retry(counted(func(c *call, req *http.Request) (*http.Response, error) {
				cancel()
				return next.handle(c, req)
			}))(c, newFakeRequest(t, ctx, fakeURL))
			require.Error(t, err)
			require.Len(t, next.times, 1)
			doubt := last.status == 503 || last.err != nil && last.err.(*callError).sent
			require.Equal(t, doubt, errors.Is(err, ErrOutcomeUnknown), err)
			require.NotContains(t, err.Error(), "while waiting to retry")
			require.Zero(t, c.client.traffic.budget.tenths)
		})
	}
}

// FuzzRateLimitLaw: whatever a server sends and whatever the policy, a wait is never negative, never shorter than reported,
// never beyond MaxWait but for the jitter, and nothing panics.
func FuzzRateLimitLaw(f *testing.F) {
	now := time.UnixMilli(1767225600000)
	for _, tc := range law {
		h := tc.told.header(now)
		f.Add(h.Get("Retry-After"), h.Get("Date"), h.Get("X-Ratelimit-Reset"), h.Get("X-Ratelimit-Route-Remaining"),
			h.Get("X-Ratelimit-Auth-Token-Reset"), now.UnixMilli(), 429, 1, int64(time.Second/2), int64(30*time.Second))
	}
	f.Add("99999999999999999999", "", "9223372036854775807", "0", "", int64(0), 503, 70, int64(math.MaxInt64), int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, after, date, reset, route, token string, now int64, status, n int, minWait, maxWait int64) {
		h := http.Header{"Retry-After": {after}, "Date": {date}, "X-Ratelimit-Reset": {reset}, "X-Ratelimit-Route-Remaining": {route},
			"X-Ratelimit-Auth-Token-Reset": {token}}
		c := &call{op: &getTokenOperation, attempts: max(1, n%5000), policy: RetryPolicy{
			MinWait: time.Duration(max(1, minWait)), MaxWait: time.Duration(max(1, maxWait))}}
		e := &GenericOpenAPIError{status: status, rateLimit: parseRateLimit(h, time.UnixMilli(now))}
		told, asked := e.RetryAfter()
		v := c.judgeStatus(e)
		switch {
		case told < 0 || v.wait < 0:
			t.Fatalf("reported %v, waits %v", told, v.wait)
		case v.stop != repeated:
		case told > c.policy.MaxWait:
			t.Fatalf("waits %v beyond %v", told, c.policy.MaxWait)
		case asked && (v.wait < told || v.wait < shortestWait || v.wait-max(told, shortestWait) > longestJitter):
			t.Fatalf("reported %v, waits %v", told, v.wait)
		case !asked && v.wait > c.policy.MaxWait:
			t.Fatalf("waits %v beyond %v", v.wait, c.policy.MaxWait)
		}
	})
}
