package ldapi_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// The tests of this file go over real HTTP: the requests that a server gets, and its responses as net/http reads them.

// serve starts a server on loopback and returns a client for it.
func serve(t *testing.T, handler http.HandlerFunc, opts ...ldapi.Option) *ldapi.APIClient {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	base := []ldapi.Option{ldapi.WithAccessToken(accessToken), ldapi.WithBaseURL(server.URL), ldapi.WithHTTPClient(server.Client())}
	return ldapi.New(append(base, opts...)...)
}

func TestWhatAServerGets(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		t.Run(op.id, func(t *testing.T) {
			t.Parallel()
			var uri, method, body, content, length string
			size := 0
			reply := replyOf(t, op)
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				b, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				uri, method, length = r.RequestURI, r.Method, r.Header.Get("Content-Length")
				content, body = wireForm(r.Header.Get("Content-Type"), b)
				size = len(b)
				w.WriteHeader(op.success)
				_, _ = io.WriteString(w, reply)
			})
			_, resp, err := op.call(client, t.Context(), "ü/ %2F?x#y")
			require.NoError(t, err)
			assert.Equal(t, op.uri("%C3%BC%2F%20%252F%3Fx%23y"), uri)
			assert.Equal(t, op.method, method)
			assert.Equal(t, op.body, body)
			assert.Equal(t, op.content, content)
			if op.body != "" {
				assert.Equal(t, fmt.Sprint(size), length)
			}
			assert.Equal(t, reply, readAll(t, resp))
		})
	}
}

func TestCompressedAnswers(t *testing.T) {
	t.Parallel()
	const limit = 100000
	for size, ok := range map[int]bool{limit: true, limit + 1: false} {
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			assert.Contains(t, r.Header.Get("Accept-Encoding"), "gzip")
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, `{"name":"`+strings.Repeat("x", size-11)+`"}`)
			_ = z.Close()
		}, ldapi.WithMaxResponseBytes(limit))
		token, _, err := getToken(t.Context(), client)
		if ok {
			require.NoError(t, err)
			assert.Len(t, token.GetName(), size-11)
		} else {
			require.ErrorIs(t, err, ldapi.ErrResponseTooLarge, "the bound holds after decompression")
		}
	}
}

// A response that is shorter than its Content-Length is a failure of the transport.
func TestAnswersThatAreCutOff(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{200: io.ErrUnexpectedEOF, 404: ldapi.ErrNotFound} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"_id":"t1","code":"not_found"`)
		})
		_, _, err := getToken(t.Context(), client)
		require.ErrorIs(t, err, want)
		assert.NotErrorIs(t, err, ldapi.ErrDecode)
	}
}

// Connections are reused: bodies are read to their end and closed, those of errors too.
func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	addresses, calls := map[string]bool{}, 0
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		addresses[r.RemoteAddr] = true
		calls++
		if calls%2 == 0 {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, `{"_id":"t1"}`)
	})
	for range 6 {
		_, _, _ = getToken(t.Context(), client)
	}
	assert.Equal(t, 6, calls)
	assert.Len(t, addresses, 1)
}

// The cookies of the caller's jar are sent, and are not visible to middleware.
func TestCookiesOfTheCallersClient(t *testing.T) {
	t.Parallel()
	var cookie string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie = r.Header.Get("Cookie")
		_, _ = io.WriteString(w, `{}`)
	}))
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	jar.SetCookies(address, []*http.Cookie{{Name: "session", Value: "s1"}})
	client := ldapi.New(ldapi.WithAccessToken(accessToken), ldapi.WithBaseURL(server.URL), ldapi.WithHTTPClient(&http.Client{Jar: jar}))
	_, resp, err := getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Equal(t, "session=s1", cookie)
	assert.Empty(t, resp.Request.Header.Get("Cookie"))
}

// A redirect to another server sends nothing there.
func TestTheTokenDoesNotFollowARedirect(t *testing.T) {
	t.Parallel()
	var visits atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(other.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/api/v2/tokens/"+tokenID, status)
		})
		_, _, err := getToken(t.Context(), client)
		require.ErrorIs(t, err, ldapi.ErrRedirect)
	}
	assert.Zero(t, visits.Load())
}

func TestRedirectsHaveAnEnd(t *testing.T) {
	t.Parallel()
	var visits atomic.Int32
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		visits.Add(1)
		http.Redirect(w, r, "/again", http.StatusTemporaryRedirect)
	})
	_, _, err := getToken(t.Context(), client)
	require.ErrorIs(t, err, ldapi.ErrRedirect)
	assert.LessOrEqual(t, visits.Load(), int32(11))
}

// One client for many goroutines, each with its own credential and body.
func TestOneClientForManyGoroutines(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		var post struct{ Name string }
		assert.NoError(t, json.Unmarshal(b, &post))
		_, _ = fmt.Fprintf(w, `{"_id":%q,"name":%q}`, r.Header.Get("Authorization"), post.Name)
	})
	var done sync.WaitGroup
	for i := range 50 {
		done.Go(func() {
			own := fmt.Sprint("api-", i)
			ctx := ldapi.ContextWithAccessToken(context.Background(), own)
			post := ldapi.AccessTokenPost{Name: ldapi.PtrString("name of " + own)}
			token, _, err := client.AccessTokensApi.PostToken(ctx).AccessTokenPost(post).Execute()
			if assert.NoError(t, err) {
				assert.Equal(t, own, token.Id)
				assert.Equal(t, "name of "+own, token.GetName())
			}
		})
	}
	done.Wait()
}

// The quotas in the example of a 429. The clock of the bubble starts in the year 2000.
func TestQuotasOfAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		reset := now.Add(7 * time.Second)
		w := newWire(respond(429, `{"code":"rate_limited","message":"m"}`).HeaderSet(http.Header{
			"X-Ratelimit-Route-Remaining":  {"0"},
			"X-Ratelimit-Global-Remaining": {"42"},
			"X-Ratelimit-Reset":            {fmt.Sprint(reset.UnixMilli())},
			"Retry-After":                  {"3"},
		}))
		_, _, err := getToken(t.Context(), newClient(w))
		require.ErrorIs(t, err, ldapi.ErrRateLimited)
		e := apiError(t, err)
		quotas := e.RateLimit()
		assert.Equal(t, ldapi.PtrInt64(0), quotas.Route.Remaining)
		assert.Nil(t, quotas.Route.Limit)
		assert.Equal(t, ldapi.PtrInt64(42), quotas.Global.Remaining)
		assert.True(t, reset.Equal(quotas.Route.Reset), "%v", quotas.Route.Reset)
		assert.Nil(t, quotas.Token.Remaining)
		wait, told := e.RetryAfter()
		assert.True(t, told)
		assert.Equal(t, 7*time.Second, wait, "the latest of both")
	})
	client, _ := answering(429, "")
	_, _, err := getToken(t.Context(), client)
	_, told := apiError(t, err).RetryAfter()
	assert.False(t, told)
}

// The error of a call as log/slog writes it.
func TestLogValueOfErrors(t *testing.T) {
	t.Parallel()
	client, _ := answering(404, `{"id":"`+correlation+`","code":"not_found","message":"gone"}`)
	_, _, err := getToken(t.Context(), client)
	fields := map[string]string{}
	for _, attr := range apiError(t, err).LogValue().Group() {
		fields[attr.Key] = attr.Value.String()
	}
	assert.Equal(t, map[string]string{
		"error": "404 Not Found: gone (not_found)", "operation": "getToken", "route": "/api/v2/tokens/{id}", "status": "404",
		"code": "not_found", "request_id": correlation, "attempts": "1",
	}, fields)
}
