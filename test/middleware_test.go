package ldapi_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// tracing is middleware that records when it is entered and left.
func tracing(trace *[]string, name string) ldapi.Middleware {
	return func(next ldapi.RoundTrip) ldapi.RoundTrip {
		return func(req *http.Request) (*http.Response, error) {
			*trace = append(*trace, name+" in")
			resp, err := next(req)
			*trace = append(*trace, name+" out")
			return resp, err
		}
	}
}

func TestMiddlewareOrder(t *testing.T) {
	t.Parallel()
	var trace []string
	w := newWire(func(req *http.Request) (*http.Response, error) {
		trace = append(trace, "sent")
		return respond(200, `{}`)(req)
	})
	client := newClient(w,
		ldapi.WithAttemptMiddleware(tracing(&trace, "attempt 1")),
		ldapi.WithMiddleware(tracing(&trace, "call 1"), nil, tracing(&trace, "call 2")),
		ldapi.WithMiddleware(tracing(&trace, "call 3")),
		ldapi.WithAttemptMiddleware(tracing(&trace, "attempt 2")),
	)
	_, _, err := getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"call 1 in", "call 2 in", "call 3 in", "attempt 1 in", "attempt 2 in", "sent",
		"attempt 2 out", "attempt 1 out", "call 3 out", "call 2 out", "call 1 out",
	}, trace)
}

// places are the two places that middleware has.
func places() map[string]func(...ldapi.Middleware) ldapi.Option {
	return map[string]func(...ldapi.Middleware) ldapi.Option{"call": ldapi.WithMiddleware, "attempt": ldapi.WithAttemptMiddleware}
}

// Neither middleware nor the caller sees the credential, wherever it comes from; the transport does.
func TestTheTokenIsVisibleToTheTransportOnly(t *testing.T) {
	t.Parallel()
	ways := map[string]ldapi.Option{
		"access token": ldapi.WithAccessToken(accessToken), "bearer token": ldapi.WithBearerToken(accessToken),
		"source": source(accessToken), "default header": defaultHeader("authorization", accessToken),
	}
	for name, way := range ways {
		for _, status := range []int{200, 401} {
			t.Run(fmt.Sprint(name, " ", status), func(t *testing.T) {
				t.Parallel()
				seen := 0
				look := func(next ldapi.RoundTrip) ldapi.RoundTrip {
					return func(req *http.Request) (*http.Response, error) {
						seen++
						assertNoToken(t, req)
						resp, err := next(req)
						assertNoToken(t, req)
						assertNoToken(t, resp.Request)
						return resp, err
					}
				}
				w := newWire(respond(status, `{}`))
				client := ldapi.New(way, ldapi.WithTransport(w), ldapi.WithMiddleware(look), ldapi.WithAttemptMiddleware(look))
				_, resp, err := getToken(t.Context(), client)
				assert.Equal(t, status == 401, err != nil)
				assert.Equal(t, 2, seen)
				assertNoToken(t, resp.Request)
				if err != nil {
					assertNoToken(t, apiError(t, err).Response().Request)
				}
				assert.Contains(t, w.only(t).Header.Get("Authorization"), accessToken)
			})
		}
	}
}

func assertNoToken(t *testing.T, req *http.Request) {
	t.Helper()
	require.NotNil(t, req)
	assert.NotContains(t, req.Header, "Authorization")
	dump, err := httputil.DumpRequest(req, false)
	require.NoError(t, err)
	assert.NotContains(t, string(dump), accessToken)
	assert.NotContains(t, fmt.Sprintf("%+v %#v", req, req), accessToken)
}

// Middleware may change the request and replace its body.
func TestMiddlewareMayChangeTheRequest(t *testing.T) {
	t.Parallel()
	for place, option := range places() {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			client, w := answering(201, `{}`, option(func(next ldapi.RoundTrip) ldapi.RoundTrip {
				return func(req *http.Request) (*http.Response, error) {
					assert.Equal(t, `{"name":"n"}`, readRequest(t, req))
					body := []byte(`{"name":"changed"}`)
					req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
					req.GetBody = nil
					req.Header.Set("X-Signature", "s")
					return next(req)
				}
			}))
			post := ldapi.AccessTokenPost{Name: ldapi.PtrString("n")}
			_, _, err := client.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(post).Execute()
			require.NoError(t, err)
			req := w.only(t)
			assert.Equal(t, `{"name":"changed"}`, string(req.body))
			assert.Equal(t, "s", req.Header.Get("X-Signature"))
			assert.Equal(t, accessToken, req.Header.Get("Authorization"))
		})
	}
}

func readRequest(t *testing.T, req *http.Request) string {
	t.Helper()
	b, err := io.ReadAll(req.Body)
	require.NoError(t, err)
	return string(b)
}

// Middleware may read responses; others can read them again.
func TestMiddlewareMayReadResponses(t *testing.T) {
	t.Parallel()
	for place, option := range places() {
		for _, status := range []int{200, 404} {
			t.Run(fmt.Sprint(place, " ", status), func(t *testing.T) {
				t.Parallel()
				client, _ := answering(status, `{"_id":"t1","code":"c"}`, option(func(next ldapi.RoundTrip) ldapi.RoundTrip {
					return func(req *http.Request) (*http.Response, error) {
						resp, err := next(req)
						assert.Equal(t, status == 404, errors.Is(err, ldapi.ErrNotFound), "for an API error both are present")
						assert.Equal(t, `{"_id":"t1","code":"c"}`, readAll(t, resp))
						return resp, err
					}
				}))
				token, resp, err := getToken(t.Context(), client)
				assert.Equal(t, status == 404, err != nil)
				if err == nil {
					assert.Equal(t, "t1", token.Id)
				}
				assert.Equal(t, `{"_id":"t1","code":"c"}`, readAll(t, resp))
			})
		}
	}
}

// Middleware may return its own response, or an error.
func TestMiddlewareMayAnswer(t *testing.T) {
	t.Parallel()
	refusal := errors.New("not on Fridays")
	for place, option := range places() {
		answer := func(resp *http.Response, err error) ldapi.Option {
			return option(func(ldapi.RoundTrip) ldapi.RoundTrip {
				return func(*http.Request) (*http.Response, error) { return resp, err }
			})
		}
		made := func(status int, body string) *http.Response {
			return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader([]byte(body)))}
		}
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			client, w := answering(500, "", answer(made(200, `{"_id":"cached"}`), nil))
			token, _, err := getToken(t.Context(), client)
			require.NoError(t, err)
			assert.Equal(t, "cached", token.Id)

			_, resp, err := getToken(t.Context(), newClient(w, answer(made(409, `{"code":"c"}`), nil)))
			require.ErrorIs(t, err, ldapi.ErrConflict)
			assert.Equal(t, `{"code":"c"}`, readAll(t, resp))

			_, resp, err = getToken(t.Context(), newClient(w, answer(nil, refusal)))
			require.ErrorIs(t, err, refusal)
			assert.Nil(t, resp)

			_, resp, err = getToken(t.Context(), newClient(w, answer(nil, nil)))
			require.Error(t, err)
			assert.Nil(t, resp)

			_, _, err = getToken(t.Context(), newClient(w, answer(&http.Response{StatusCode: 200}, nil)))
			require.ErrorIs(t, err, ldapi.ErrDecode, "a response without a body is an empty one")
			w.nothing(t)
		})
	}
}
