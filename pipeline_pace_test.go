package ldapi

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeLimiter is a Limiter that counts, waits and fails as configured.
type fakeLimiter struct {
	mu    sync.Mutex
	asked int
	wait  time.Duration
	err   error
}

func (l *fakeLimiter) Wait(ctx context.Context) error {
	l.mu.Lock()
	l.asked++
	l.mu.Unlock()
	if l.wait > 0 {
		select {
		case <-time.After(l.wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return l.err
}

// pacedCall returns a call as it reaches pace.
func pacedCall(client *APIClient, ctx context.Context, op *operation) *call {
	c := client.newCall(ctx, op)
	c.policy = c.retryPolicy()
	return c
}

// tells is the step after pace; it answers with status and the headers of s.
func tells(status int, s told) handler {
	return func(c *call, _ *http.Request) (*http.Response, error) {
		resp := newBufferedResponse(status, "")
		resp.Header = s.header(time.Now())
		return resp, c.statusError(resp)
	}
}

func TestLimiterIsAskedForEachAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := &fakeLimiter{wait: time.Minute}
		next := attempts{answers: []answer{{status: 429}, {err: failing(false)}, {status: 200}}}
		start := time.Now()
		_, err := retry(pace(next.handle))(newFakeCall(t, WithRateLimiter(limiter)), newFakeRequest(t, t.Context(), fakeURL))
		require.NoError(t, err)
		require.Equal(t, 3, limiter.asked)
		require.GreaterOrEqual(t, next.times[0].Sub(start), time.Minute)
		require.GreaterOrEqual(t, time.Since(start), 3*time.Minute)
	})
}

// TestLimiterFails: its error is the call's; nothing is sent or retried, and no outcome is unknown.
func TestLimiterFails(t *testing.T) {
	t.Parallel()
	refusal := errors.New("burst exceeded")
	limiter := &fakeLimiter{err: refusal}
	next := attempts{answers: []answer{{status: 200}}}
	c := newFakeCall(t, WithRateLimiter(limiter), unsafeRetry)
	c.op = &postTokenOperation
	resp, err := retry(pace(next.handle))(c, newFakeRequest(t, t.Context(), fakeURL))
	require.Nil(t, resp)
	require.ErrorIs(t, err, refusal)
	require.NotErrorIs(t, err, ErrOutcomeUnknown)
	require.EqualError(t, err, "ldapi: postToken POST /api/v2/tokens: rate limiter: burst exceeded")
	require.Empty(t, next.times)
	require.Equal(t, 1, limiter.asked)
}

func TestLimiterIsCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		next := attempts{answers: []answer{{status: 200}}}
		_, err := pace(next.handle)(pacedCall(New(WithRateLimiter(&fakeLimiter{wait: time.Hour})), ctx, &getTokenOperation), newFakeRequest(t, ctx, fakeURL))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))
		require.Empty(t, next.times)
	})
}

// TestConcurrencyCap: reached, never exceeded, not held while a call waits to retry, and always released.
func TestConcurrencyCap(t *testing.T) {
	t.Parallel()
	for _, most := range []int{1, 3, 0} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			running, highest, calls := 0, 0, 0
			client := New(WithMaxConcurrency(most), WithTransport(fakeTransport(func(req *http.Request) (*http.Response, error) {
				mu.Lock()
				running++
				calls++
				highest = max(highest, running)
				status := []int{200, 429, 429, 200}[calls%4]
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				running--
				mu.Unlock()
				return answering(status, "{}")(req)
			})), WithRetry(RetryPolicy{MaxAttempts: 50}))
			var wg sync.WaitGroup
			for range 30 {
				wg.Go(func() {
					_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
					if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			want := most
			if most == 0 {
				want = 30
			}
			require.Equal(t, want, highest)
			requireIdle(t, client)
		})
	}
}

// TestSlotIsNotHeldWhileWaiting: one call waits long for its next attempt, another for its quota; a third gets through.
func TestSlotIsNotHeldWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		client := New(WithMaxConcurrency(1), WithTransport(fakeTransport(func(req *http.Request) (*http.Response, error) {
			resp, err := answering(200, "{}")(req)
			op, _ := OperationFromContext(req.Context())
			if op.ID == "getTokens" && time.Since(start) < time.Second {
				resp, err = answering(429, "")(req)
				resp.Header = told{route: "0", reset: 20 * time.Second}.header(start)
			}
			return resp, err
		})))
		var wg sync.WaitGroup
		for i := range 2 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
				if err != nil || time.Since(start) < 20*time.Second {
					t.Error(time.Since(start), err)
				}
			})
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		_, _, err := client.AccessTokensApi.GetToken(t.Context(), "66").Execute()
		require.NoError(t, err)
		require.Equal(t, 2*time.Millisecond, time.Since(start))
		wg.Wait()
	})
}

// TestSlotIsGivenBackByPanics: of middleware, or of the caller's transport.
func TestSlotIsGivenBackByPanics(t *testing.T) {
	t.Parallel()
	client := New(WithMaxConcurrency(1), WithTransport(fakeTransport(untilEnd)))
	c := pacedCall(client, t.Context(), &getTokenOperation)
	require.PanicsWithValue(t, "own transport", func() {
		_, _ = pace(func(*call, *http.Request) (*http.Response, error) { panic("own transport") })(c, newFakeRequest(t, t.Context(), fakeURL))
	})
	requireIdle(t, client)
	_, err := pace(tells(200, told{}))(c, newFakeRequest(t, t.Context(), fakeURL))
	require.NoError(t, err)
}

// TestPaceWaitsForQuotas: a quota that one call reports makes the next one wait; that is not an attempt, and MaxWait does not matter.
func TestPaceWaitsForQuotas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := New(WithRetry(RetryPolicy{MaxWait: 30 * time.Second}))
		req := newFakeRequest(t, t.Context(), fakeURL)
		start := time.Now()
		for round := range 3 { // the third waits for two windows, 56 seconds
			c := pacedCall(client, t.Context(), &getTokenOperation)
			_, err := pace(tells(200, told{route: "0", reset: 28 * time.Second}))(c, req)
			require.NoError(t, err)
			require.Equal(t, 1, c.attempts)
			require.GreaterOrEqual(t, time.Since(start), time.Duration(round)*28*time.Second)
			require.Less(t, time.Since(start), time.Duration(round)*29*time.Second+1)
		}
		other := pacedCall(client, t.Context(), &getTokensOperation)
		before := time.Now()
		_, err := pace(tells(200, told{}))(other, req)
		require.NoError(t, err)
		require.Zero(t, time.Since(before), "another route")
	})
}

// TestPaceWithoutRetries: a client that does not retry does not wait, but knows the quotas.
func TestPaceWithoutRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := New(WithRetry(NoRetry()))
		require.Equal(t, RateLimit{}, client.RateLimit())
		start := time.Now()
		for range 3 {
			_, err := pace(tells(429, told{route: "0", reset: 9 * time.Second}))(pacedCall(client, t.Context(), &getTokenOperation), newFakeRequest(t, t.Context(), fakeURL))
			require.ErrorIs(t, err, ErrRateLimited)
		}
		require.Zero(t, time.Since(start))
		require.Equal(t, 9*time.Second, client.RateLimit().RetryAfter)
		require.True(t, client.RateLimit().Route.Reset.Equal(start.Add(9*time.Second)))
	})
}

// TestRateLimitIsTheLatest: RateLimit is that of the last response that reported one, errors included.
func TestRateLimitIsTheLatest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := New()
		for _, s := range []struct {
			status int
			told   told
			left   int64
		}{
			{200, told{route: "8", global: "99", reset: time.Second}, 8},
			{404, told{route: "7"}, 7},
			{200, told{}, 7},
			{200, told{route: "6"}, 6},
		} {
			_, _ = pace(tells(s.status, s.told))(pacedCall(client, t.Context(), &getTokenOperation), newFakeRequest(t, t.Context(), fakeURL))
			require.Equal(t, s.left, *client.RateLimit().Route.Remaining)
		}
		require.Equal(t, RateLimit{}, new(APIClient).RateLimit())
	})
}

// TestPaceBeforeTheDeadline: a wait that would outlast the context does not begin, and the error reports how long it is.
func TestPaceBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := New()
		_, err := pace(tells(200, told{route: "0", reset: 20 * time.Second}))(pacedCall(client, t.Context(), &getTokenOperation), newFakeRequest(t, t.Context(), fakeURL))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		next := attempts{answers: []answer{{status: 200}}}
		c := client.newCall(ctx, &getTokenOperation)
		resp, err := retry(pace(next.handle))(c, newFakeRequest(t, ctx, fakeURL))
		require.Nil(t, resp)
		require.Empty(t, next.times)
		require.Zero(t, time.Since(start))
		apiErr := requireAPIError(t, err)
		require.ErrorIs(t, err, ErrRateLimited)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		require.Zero(t, apiErr.Attempts())
		require.Zero(t, apiErr.StatusCode())
		require.Nil(t, apiErr.Response())
		require.Empty(t, apiErr.RequestID())
		require.True(t, strings.HasPrefix(apiErr.Error(), "not sent: rate limit exhausted until "), apiErr)
		after, ok := apiErr.RetryAfter()
		require.True(t, ok)
		require.InDelta(t, 20*time.Second, after, float64(110*time.Millisecond))
		require.GreaterOrEqual(t, after, 20*time.Second)
	})
}

// TestPaceIsCancelled: waiting for a quota and waiting for a slot both end with the context, and do not count as attempts.
func TestPaceIsCancelled(t *testing.T) {
	t.Parallel()
	for name, hold := range map[string]handler{
		"quota": tells(200, told{route: "0", reset: 20 * time.Second}),
		"slot":  func(_ *call, req *http.Request) (*http.Response, error) { return untilEnd(req) },
	} {
		synctest.Test(t, func(t *testing.T) {
			client := New(WithMaxConcurrency(1), WithRetry(RetryPolicy{}))
			go func() {
				_, _ = pace(hold)(pacedCall(client, t.Context(), &getTokenOperation), newFakeRequest(t, t.Context(), fakeURL))
			}()
			synctest.Wait()
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Millisecond, cancel)
			start := time.Now()
			next := attempts{answers: []answer{{status: 200}}}
			c := client.newCall(ctx, &getTokenOperation)
			_, err := retry(pace(next.handle))(c, newFakeRequest(t, ctx, fakeURL))
			require.ErrorIs(t, err, context.Canceled, name)
			require.Equal(t, time.Millisecond, time.Since(start), name)
			require.Zero(t, c.attempts, name)
			require.Empty(t, next.times, name)
		})
	}
}
