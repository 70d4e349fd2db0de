package ldapi

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// middlewareSteps are the two places where middleware of the caller runs.
var middlewareSteps = map[string]struct {
	step func(next handler) handler
	with func(m ...Middleware) Option
}{
	"call":    {callMiddleware, WithMiddleware},
	"attempt": {attemptMiddleware, WithAttemptMiddleware},
}

// throughMiddleware runs one request through both places and returns the result that checkStatus gets.
func throughMiddleware(t *testing.T, next *fakeStep, check func(t *testing.T, resp *http.Response, err error), m ...Middleware) {
	t.Helper()
	for name, place := range middlewareSteps {
		t.Run(name, func(t *testing.T) {
			step := fakeStep{resp: next.resp, err: next.err}
			c := newFakeCall(t, place.with(m...))
			resp, err := place.step(step.handle)(c, newFakeRequest(t, t.Context(), "https://ld.example.com/x"))
			check(t, resp, err)
			next.calls = step.calls
		})
	}
}

func TestMiddlewareOrder(t *testing.T) {
	t.Parallel()
	for name, place := range middlewareSteps {
		var order []string
		note := func(name string) Middleware {
			return func(next RoundTrip) RoundTrip {
				return func(req *http.Request) (*http.Response, error) {
					order = append(order, name)
					resp, err := next(req)
					order = append(order, "after "+name)
					return resp, err
				}
			}
		}
		next := fakeStep{resp: newBufferedResponse(200, "{}")}
		c := newFakeCall(t, place.with(note("first"), nil), place.with(note("second")))
		resp, err := place.step(next.handle)(c, newFakeRequest(t, t.Context(), "https://ld.example.com/x"))
		require.NoError(t, err, name)
		require.Same(t, next.resp, resp, name)
		require.Equal(t, []string{"first", "second", "after second", "after first"}, order, name)
	}
}

func TestNoMiddleware(t *testing.T) {
	t.Parallel()
	next := fakeStep{resp: newBufferedResponse(404, "{}"), err: errors.New("from below")}
	throughMiddleware(t, &next, func(t *testing.T, resp *http.Response, err error) {
		require.Same(t, next.resp, resp)
		require.Same(t, next.err, err)
	})
	require.Len(t, next.calls, 1)
}

func TestMiddlewareChangesTheRequest(t *testing.T) {
	t.Parallel()
	next := fakeStep{resp: newBufferedResponse(200, "{}")}
	throughMiddleware(t, &next, func(t *testing.T, _ *http.Response, err error) { require.NoError(t, err) },
		func(next RoundTrip) RoundTrip {
			return func(req *http.Request) (*http.Response, error) {
				req = req.Clone(req.Context())
				req.Header.Set("X-Trace", "17")
				return next(req)
			}
		})
	require.Equal(t, "17", next.calls[0].Header.Get("X-Trace"))
}

// answerInstead is middleware that returns its own response.
func answerInstead(resp *http.Response, err error) Middleware {
	return func(RoundTrip) RoundTrip {
		return func(*http.Request) (*http.Response, error) { return resp, err }
	}
}

// TestMiddlewareAnswers: a response that middleware makes is treated like one of the server.
func TestMiddlewareAnswers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status int
		body   string
		is     error
		left   string
	}{
		{200, `{"_id":"x"}`, nil, `{"_id":"x"}`},
		{204, "", nil, ""},
		{404, `{"code":"not_found"}`, ErrNotFound, `{"code":"not_found"}`},
		{302, "", ErrRedirect, ""},
		{200, strings.Repeat("x", 40), ErrResponseTooLarge, strings.Repeat("x", 32)},
	} {
		resp, body := newFakeResponse(tc.status, tc.body)
		resp.ContentLength = -1
		var next fakeStep
		c := newFakeCall(t, WithMaxResponseBytes(32), WithMiddleware(answerInstead(resp, nil)))
		req := newFakeRequest(t, t.Context(), "https://ld.example.com/x")
		got, err := callMiddleware(next.handle)(c, req)
		if tc.is == nil {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, tc.is)
			require.Same(t, got, requireAPIError(t, err).Response())
		}
		require.Empty(t, next.calls)
		require.Same(t, req, got.Request)
		require.Equal(t, tc.left, readAll(t, got.Body))
		require.Equal(t, 1, body.closed)
	}
}

func TestMiddlewareAnswersWithoutBodyAndHeader(t *testing.T) {
	t.Parallel()
	var next fakeStep
	throughMiddleware(t, &next, func(t *testing.T, resp *http.Response, err error) {
		require.ErrorIs(t, err, ErrUnauthorized)
		require.Equal(t, "401 Unauthorized", err.Error())
		require.Empty(t, readAll(t, resp.Body))
	}, answerInstead(&http.Response{StatusCode: 401}, nil))
	require.Empty(t, next.calls)
}

func TestMiddlewareAnswersNothing(t *testing.T) {
	t.Parallel()
	throughMiddleware(t, &fakeStep{}, func(t *testing.T, resp *http.Response, err error) {
		require.Nil(t, resp)
		require.EqualError(t, err, "ldapi: getToken GET /api/v2/tokens/{id}: middleware returned neither response nor error")
	}, answerInstead(nil, nil))
}

func TestMiddlewareFails(t *testing.T) {
	t.Parallel()
	failure := errors.New("the breaker is open")
	throughMiddleware(t, &fakeStep{}, func(t *testing.T, resp *http.Response, err error) {
		require.Nil(t, resp)
		require.ErrorIs(t, err, failure)
	}, answerInstead(nil, failure))
}

// TestMiddlewareCannotHideAStatus: a non-2xx status stays an error.
func TestMiddlewareCannotHideAStatus(t *testing.T) {
	t.Parallel()
	c := newFakeCall(t)
	resp := newBufferedResponse(409, `{"code":"optimistic_locking_error"}`)
	next := fakeStep{resp: resp, err: c.statusError(resp)}
	throughMiddleware(t, &next, func(t *testing.T, got *http.Response, err error) {
		require.ErrorIs(t, err, ErrConflict)
		require.Same(t, resp, got)
	}, func(next RoundTrip) RoundTrip {
		return func(req *http.Request) (*http.Response, error) {
			resp, err := next(req)
			require.ErrorIs(t, err, ErrConflict, "middleware sees the error of the status")
			return resp, nil
		}
	})
}

// TestMiddlewareReplacesTheBody: the caller gets the body that middleware sets.
func TestMiddlewareReplacesTheBody(t *testing.T) {
	t.Parallel()
	throughMiddleware(t, &fakeStep{resp: newBufferedResponse(200, `{"a":1}`)}, func(t *testing.T, resp *http.Response, err error) {
		require.NoError(t, err)
		require.Equal(t, `{"a":2}`, string(responseBytes(resp)))
	}, func(next RoundTrip) RoundTrip {
		return func(req *http.Request) (*http.Response, error) {
			resp, err := next(req)
			resp.Body = io.NopCloser(strings.NewReader(`{"a":2}`))
			resp.ContentLength = 7
			return resp, err
		}
	})
}

// TestMiddlewareSeesNoCredential: neither in the request on its way down nor in the response on its way up.
func TestMiddlewareSeesNoCredential(t *testing.T) {
	t.Parallel()
	c := newFakeCall(t, WithAccessToken(fakeToken), WithAttemptMiddleware(func(next RoundTrip) RoundTrip {
		return func(req *http.Request) (*http.Response, error) {
			require.Empty(t, req.Header["Authorization"])
			resp, err := next(req)
			require.Empty(t, req.Header["Authorization"])
			require.Empty(t, resp.Request.Header["Authorization"])
			return resp, err
		}
	}))
	var sent string
	steps := resolveCredential(attemptMiddleware(readBody(setAuthorization(func(_ *call, req *http.Request) (*http.Response, error) {
		sent = req.Header.Get("Authorization")
		resp, _ := newFakeResponse(200, "{}")
		resp.Request = req
		return resp, nil
	}))))
	_, err := steps(c, newFakeRequest(t, t.Context(), "https://ld.example.com/x"))
	require.NoError(t, err)
	require.Equal(t, fakeToken, sent)
}
