package ldapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// answer is the result of one attempt.
type answer struct {
	status int // 0: err
	header http.Header
	err    error
}

// attempts is the step after retry: it answers one attempt after the other as configured, all later ones with the last
// answer, and records the time and the contents of each.
type attempts struct {
	answers []answer
	times   []time.Time
	bodies  []string
	seen    []*http.Request
}

func (a *attempts) handle(c *call, req *http.Request) (*http.Response, error) {
	a.times, a.seen = append(a.times, time.Now()), append(a.seen, req)
	if req.Body != nil {
		b, _ := io.ReadAll(req.Body)
		a.bodies = append(a.bodies, string(b))
	}
	answer := a.answers[min(len(a.times), len(a.answers))-1]
	if answer.status == 0 {
		return nil, answer.err
	}
	resp := newBufferedResponse(answer.status, "")
	if answer.header != nil {
		resp.Header = answer.header
	}
	return resp, c.statusError(resp)
}

// gaps are the waits between the attempts.
func (a *attempts) gaps() []time.Duration {
	var gaps []time.Duration
	for i := 1; i < len(a.times); i++ {
		gaps = append(gaps, a.times[i].Sub(a.times[i-1]))
	}
	return gaps
}

// operationOf returns an operation with the method; of those without one in the API, one of APIClient.Do.
func operationOf(method string) *operation {
	switch method {
	case http.MethodGet:
		return &getTokenOperation
	case http.MethodPost:
		return &postTokenOperation
	case http.MethodPatch:
		return &patchTokenOperation
	case http.MethodDelete:
		return &deleteTokenOperation
	}
	return &operation{Operation: Operation{ID: "do", Method: method, Route: "/api/v2/x"}}
}

// retried runs a call with the method through retry, in its own bubble: waits cost nothing.
func retried(t *testing.T, method string, next *attempts, opts ...Option) (c *call, resp *http.Response, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c = New(opts...).newCall(t.Context(), operationOf(method))
		resp, err = retry(counted(next.handle))(c, newFakeRequest(t, t.Context(), fakeURL))
	})
	return c, resp, err
}

// failing makes the transport errors of an attempt that was, or was not, sent.
func failing(sent bool) error {
	return &callError{operation: getTokenOperation.Operation, err: io.ErrUnexpectedEOF, transport: true, sent: sent}
}

var unsafeRetry = WithRetry(RetryPolicy{Unsafe: true})

// TestRetryByStatus: which methods are retried after which status, and for which the outcome is unknown.
func TestRetryByStatus(t *testing.T) {
	t.Parallel()
	repeatable := map[int]bool{408: true, 500: true, 502: true, 503: true, 504: true}
	refused := map[int]bool{501: true, 505: true, 511: true}
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "DELETE", "POST", "PATCH", "PUT"} {
		reads := method != "POST" && method != "PATCH" && method != "PUT"
		for _, status := range []int{304, 307, 400, 401, 403, 404, 405, 408, 409, 413, 422, 429, 500, 501, 502, 503, 504, 505, 507, 511, 520, 524, 529, 101} {
			for _, unsafe := range []bool{false, true} {
				name := fmt.Sprintf("%s %d unsafe %t", method, status, unsafe)
				next := attempts{answers: []answer{{status: status}}}
				c, resp, err := retried(t, method, &next, WithRetry(RetryPolicy{Unsafe: unsafe}))
				require.Error(t, err, name)
				require.Equal(t, status, resp.StatusCode, name)
				want := 1
				if status == 429 || repeatable[status] && (reads || unsafe) {
					want = 4
				}
				require.Len(t, next.times, want, name)
				require.Equal(t, want, c.attempts, name)
				unknown := !reads && !refused[status] && (status < 300 || status == 408 || status >= 500)
				require.Equal(t, unknown, errors.Is(err, ErrOutcomeUnknown), name)
			}
		}
	}
}

// TestRetryByFailure: which methods are retried after which failure to get a response.
func TestRetryByFailure(t *testing.T) {
	t.Parallel()
	refused := &ArgumentError{Reason: "refused"}
	all, reads, none := "GET DELETE POST PATCH PUT", "GET DELETE", ""
	for _, tc := range []struct {
		name     string
		err      error
		repeated string // by methods
		unsafe   string // also with RetryPolicy.Unsafe
		unknown  bool   // for those that write
	}{
		{"not sent", failing(false), all, all, false},
		{"perhaps sent", failing(true), reads, all, true},
		{"not sent, wrapped by middleware", fmt.Errorf("traced: %w", failing(false)), all, all, false},
		{"perhaps sent, wrapped by middleware", fmt.Errorf("traced: %w", failing(true)), reads, all, true},
		{"token source", &callError{err: io.ErrUnexpectedEOF}, none, none, false},
		{"insecure URL", fmt.Errorf("%w: %w", ErrInsecureURL, refused), none, none, false},
		{"decode", &GenericOpenAPIError{status: 503, kind: ErrDecode}, none, none, false},
		{"too large", &GenericOpenAPIError{status: 200, kind: ErrResponseTooLarge}, none, none, false},
		{"quota beyond the deadline", &GenericOpenAPIError{kind: ErrRateLimited}, none, none, false},
		{"middleware", errors.New("middleware refuses"), none, none, false},
	} {
		for _, method := range strings.Fields(all) {
			for _, unsafe := range []bool{false, true} {
				name, repeated := fmt.Sprintf("%s: %s unsafe %t", tc.name, method, unsafe), tc.repeated
				if unsafe {
					repeated = tc.unsafe
				}
				next := attempts{answers: []answer{{err: tc.err}}}
				_, resp, err := retried(t, method, &next, WithRetry(RetryPolicy{Unsafe: unsafe}))
				require.Nil(t, resp, name)
				want := 1
				if strings.Contains(repeated, method) {
					want = 4
				}
				require.Len(t, next.times, want, name)
				require.Equal(t, tc.unknown && !strings.Contains(reads, method), errors.Is(err, ErrOutcomeUnknown), name)
			}
		}
	}
}

// TestRetrySucceeds: the first successful response is returned.
func TestRetrySucceeds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		method  string
		answers []answer
	}{
		{"GET", []answer{{status: 200}}},
		{"GET", []answer{{status: 503}, {err: failing(true)}, {status: 429}, {status: 200}}},
		{"POST", []answer{{status: 429}, {err: failing(false)}, {status: 201}}},
		{"DELETE", []answer{{status: 500}, {status: 204}}},
	} {
		next := attempts{answers: tc.answers}
		c, resp, err := retried(t, tc.method, &next)
		require.NoError(t, err)
		require.Equal(t, tc.answers[len(tc.answers)-1].status, resp.StatusCode)
		require.Equal(t, len(tc.answers), c.attempts)
	}
}

// TestRetryKeepsTheDoubt: once a write may have been carried out, its outcome stays unknown, however the last attempt ended.
func TestRetryKeepsTheDoubt(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]answer{
		"refused":           {status: 400},
		"never sent":        {err: failing(false)},
		"token source":      {err: &callError{err: io.ErrUnexpectedEOF}},
		"middleware":        {err: errors.New("middleware refuses")},
		"not a document":    {err: &GenericOpenAPIError{status: 200, kind: ErrDecode}},
		"quota is used up":  {status: 429},
		"redirected":        {status: 302},
		"server fails":      {status: 500},
		"connection breaks": {err: failing(true)},
	} {
		next := attempts{answers: []answer{{status: 502}, last}}
		_, _, err := retried(t, "POST", &next, unsafeRetry)
		require.ErrorIs(t, err, ErrOutcomeUnknown, name)
		require.GreaterOrEqual(t, len(next.times), 2, name)
		next = attempts{answers: []answer{{status: 502}, last}}
		_, _, err = retried(t, "GET", &next)
		require.NotErrorIs(t, err, ErrOutcomeUnknown, name)
	}
}

// TestDeletedByAnEarlierAttempt: a 404 means success only when an earlier attempt may have deleted it.
func TestDeletedByAnEarlierAttempt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		method  string
		answers []answer
		gone    bool
	}{
		{"at once", "DELETE", []answer{{status: 404}}, false},
		{"after 503", "DELETE", []answer{{status: 503}, {status: 404}}, true},
		{"after a broken connection", "DELETE", []answer{{err: failing(true)}, {status: 404}}, true},
		{"after doubt and a 429", "DELETE", []answer{{status: 502}, {status: 429}, {status: 404}}, true},
		{"after a 429", "DELETE", []answer{{status: 429}, {status: 404}}, false},
		{"after no connection", "DELETE", []answer{{err: failing(false)}, {status: 404}}, false},
		{"a GET", "GET", []answer{{status: 503}, {status: 404}}, false},
		{"another status", "DELETE", []answer{{status: 503}, {status: 403}}, false},
	} {
		next := attempts{answers: tc.answers}
		_, resp, err := retried(t, tc.method, &next)
		require.Equal(t, tc.answers[len(tc.answers)-1].status, resp.StatusCode, tc.name)
		require.Equal(t, tc.gone, err == nil, "%s: %v", tc.name, err)
	}
}

// TestDeletedByAnEarlierAttemptThroughMiddleware: middleware around the call does not get an error for that 404.
func TestDeletedByAnEarlierAttemptThroughMiddleware(t *testing.T) {
	t.Parallel()
	pass := func(next RoundTrip) RoundTrip { return next }
	for name, opts := range map[string][]Option{
		"none": nil, "call": {WithMiddleware(pass)}, "attempt": {WithAttemptMiddleware(pass)},
	} {
		synctest.Test(t, func(t *testing.T) {
			statuses := []int{503, 404}
			client := New(append(opts, WithTransport(fakeTransport(func(req *http.Request) (*http.Response, error) {
				status := statuses[0]
				statuses = statuses[1:]
				return answering(status, `{"code":"not_found"}`)(req)
			})), WithAccessToken(fakeToken))...)
			_, err := client.AccessTokensApi.DeleteToken(t.Context(), "66a0b1c2d3e4f50617283940").Execute()
			require.NoError(t, err, name)
			require.Empty(t, statuses, name)
		})
	}
}

// TestRetryReplays: each attempt carries the same bytes, and headers that earlier attempts did not touch.
func TestRetryReplays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const body = "{\"role\":\"reader\"}\x00\xff\r\n"
		count := func(next RoundTrip) RoundTrip {
			return func(req *http.Request) (*http.Response, error) {
				req.Header.Add("X-Attempt", "once")
				req.Header["X-Own"][0] += "!"
				return next(req)
			}
		}
		next := attempts{answers: []answer{{status: 429}, {err: failing(false)}, {status: 429}, {status: 201}}}
		c := New(WithTransport(fakeTransport(untilEnd)), WithAttemptMiddleware(count)).newCall(t.Context(), &postTokenOperation)
		req, err := http.NewRequestWithContext(t.Context(), "POST", fakeURL, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("X-Own", "a")
		_, err = retry(counted(attemptMiddleware(next.handle)))(c, req)
		require.NoError(t, err)
		require.Equal(t, []string{body, body, body, body}, next.bodies)
		for _, sent := range next.seen {
			require.Equal(t, []string{"once"}, sent.Header["X-Attempt"])
			require.Equal(t, []string{"a!"}, sent.Header["X-Own"])
			require.Equal(t, int64(len(body)), sent.ContentLength)
		}
		require.Equal(t, http.Header{"X-Own": {"a"}}, req.Header)
	})
}

// TestRetryCannotReplay: a body that middleware put in and that can be read once only is sent once only.
func TestRetryCannotReplay(t *testing.T) {
	t.Parallel()
	streamed := WithMiddleware(func(next RoundTrip) RoundTrip {
		return func(req *http.Request) (*http.Response, error) {
			req.Body, req.GetBody, req.ContentLength = io.NopCloser(strings.NewReader("streamed")), nil, -1
			return next(req)
		}
	})
	brokenCopy := WithMiddleware(func(next RoundTrip) RoundTrip {
		return func(req *http.Request) (*http.Response, error) {
			req.Body = io.NopCloser(strings.NewReader("first"))
			req.GetBody = func() (io.ReadCloser, error) { return nil, errors.New("no second copy") }
			return next(req)
		}
	})
	for name, tc := range map[string]struct {
		middleware Option
		text       string
	}{"streamed": {streamed, "429"}, "broken": {brokenCopy, "no second copy"}} {
		synctest.Test(t, func(t *testing.T) {
			next := attempts{answers: []answer{{status: 429}}}
			c := newFakeCall(t, tc.middleware)
			_, err := callMiddleware(retry(counted(next.handle)))(c, newFakeRequest(t, t.Context(), fakeURL))
			require.ErrorContains(t, err, tc.text, name)
			require.Len(t, next.times, 1, name)
		})
	}
}

// TestRetryAsksForTheCredentialAnew: if a token is rotated between attempts, the next one sends the new secret.
func TestRetryAsksForTheCredentialAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var given, sent []string
		source := func(context.Context) (string, error) {
			given = append(given, fmt.Sprintf("api-rotated-%d", len(given)))
			return given[len(given)-1], nil
		}
		client := New(WithTokenSource(source), WithTransport(fakeTransport(func(req *http.Request) (*http.Response, error) {
			sent = append(sent, req.Header.Get("Authorization"))
			return answering(429, "")(req)
		})))
		_, _, err := client.AccessTokensApi.GetToken(t.Context(), "66a0b1c2d3e4f50617283940").Execute()
		require.ErrorIs(t, err, ErrRateLimited)
		require.Len(t, given, 4)
		require.Equal(t, given, sent)
	})
}

// TestRetryBudget: ten retries after failures other than 429, then one for every ten calls; 429s cost nothing.
func TestRetryBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := New(WithTransport(fakeTransport(untilEnd)))
		run := func(calls int, a answer) int {
			next := attempts{answers: []answer{a}}
			for range calls {
				c := client.newCall(t.Context(), &getTokenOperation)
				_, err := retry(counted(next.handle))(c, newFakeRequest(t, t.Context(), fakeURL))
				require.Error(t, err)
			}
			return len(next.times) - calls
		}
		require.Equal(t, 300, run(100, answer{status: 429}), "429s are not on the budget")
		require.Equal(t, 10, run(10, answer{status: 503}))
		require.InDelta(t, 100, run(1000, answer{err: failing(false)}), 1)
		run(200, answer{status: 404})
		require.Equal(t, 10, run(10, answer{err: failing(true)}), "calls without failure fill it up again, not beyond ten")
	})
}

// TestRetryLetsGoOfResponses: each is read to its end and closed before the next attempt, so that its connection can be
// used again.
func TestRetryLetsGoOfResponses(t *testing.T) {
	t.Parallel()
	for _, status := range []int{408, 429, 500, 503} {
		synctest.Test(t, func(t *testing.T) {
			var bodies []*fakeBody
			client := New(WithTransport(fakeTransport(func(req *http.Request) (*http.Response, error) {
				for _, earlier := range bodies {
					require.Equal(t, 1, earlier.closed, status)
					require.Equal(t, int64(30_000), earlier.read, status)
				}
				resp, body := newFakeResponse(status, strings.Repeat("x", 30_000))
				bodies, resp.Request = append(bodies, body), req
				return resp, nil
			})))
			_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
			require.Error(t, err)
			require.Len(t, bodies, 4)
			require.Equal(t, 1, bodies[3].closed)
		})
	}
}
