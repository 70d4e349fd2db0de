package ldapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// errorBody is an undocumented error body, with the values that can be read from it.
type errorBody struct {
	name, body    string
	code, message string
	id            string
	text          string // Error() after the status line; "*": anything
	model         bool   // whether it contains properties of the model
}

func errorBodies() []errorBody {
	return []errorBody{
		{name: "empty"},
		{name: "message only", body: `{"message":"m"}`, message: "m", text: ": m", model: true},
		{name: "code only", body: `{"code":"c"}`, code: "c", text: ": c", model: true},
		{name: "an empty object", body: `{}`, text: "*", model: true},
		{name: "null", body: `null`, text: "*"},
		{name: "white space", body: " \n", text: "*"},
		{name: "HTML", body: "<html><body><h1>502 Bad Gateway</h1></body></html>\n", text: "*"},
		{name: "plain text", body: "upstream connect error", text: "*"},
		{name: "an array", body: `[{"code":"c"}]`, text: "*"},
		{name: "a string", body: `"no"`, text: "*"},
		{name: "cut off", body: `{"id":"i1","code":"c","message":"mess`, code: "c", id: "i1", text: ": c", model: true},
		{name: "text after it", body: `{"code":"c","message":"m"} x`, code: "c", message: "m", text: ": m (c)", model: true},
		{name: "a code that is a number", body: `{"code":17,"message":"m"}`, message: "m", text: ": m", model: true},
		{name: "a message that is an object", body: `{"code":"c","message":{"en":"m"}}`, code: "c", text: ": c", model: true},
		{name: "an id that is a number", body: `{"id":17,"code":"c","message":"m"}`, code: "c", message: "m", text: ": m (c)", model: true},
		{name: "null values", body: `{"id":null,"code":null,"message":null,"invalid_emails":null}`, text: "*", model: true},
		{name: "addresses of the wrong type", body: `{"code":"c","message":"m","invalid_emails":"x"}`,
			code: "c", message: "m", text: ": m (c)", model: true},
		{name: "control characters", body: `{"code":"c","message":"one\ntwo\u001b[31m"}`, code: "c", message: "one\ntwo\x1b[31m",
			text: ": one two [31m (c)", model: true},
	}
}

// For any body the status is kept, and Error() equals the status line exactly when the body is empty.
func TestErrorBodiesThatAreNotAsDocumented(t *testing.T) {
	t.Parallel()
	for status, line := range map[int]string{400: "400 Bad Request", 401: "401 Unauthorized", 429: "429 Too Many Requests", 502: "502 Bad Gateway"} {
		for _, tc := range errorBodies() {
			t.Run(fmt.Sprintf("%d %s", status, tc.name), func(t *testing.T) {
				t.Parallel()
				client, _ := answering(status, tc.body)
				model, resp, err := getToken(t.Context(), client)
				assert.Nil(t, model)
				e := apiError(t, err)
				assert.Equal(t, status, e.StatusCode())
				assert.Equal(t, tc.code, e.Code())
				assert.Equal(t, tc.message, e.Message())
				assert.Equal(t, tc.id, e.RequestID())
				assert.Equal(t, tc.body, string(e.Body()))
				assert.Equal(t, tc.body, readAll(t, resp))
				assert.NotErrorIs(t, err, ldapi.ErrDecode)
				assert.Equal(t, tc.model && status != 502, e.Model() != nil, "model %#v", e.Model())
				rest, found := strings.CutPrefix(e.Error(), line)
				assert.True(t, found, e.Error())
				if tc.text == "*" {
					assert.NotEmpty(t, rest, "there is a body, so Error() is not the bare status line")
				} else {
					assert.Equal(t, tc.text, rest)
				}
				assert.NotContains(t, e.Error(), "\n")
			})
		}
	}
}

// breaking is a body that breaks off.
type breaking struct {
	io.Reader
	cause error
}

func (b breaking) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = b.cause
	}
	return n, err
}

func (b breaking) Close() error { return nil }

func broken(status int, start string, cause error) *wire {
	return newWire(func(*http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), Header: http.Header{},
			Body: breaking{strings.NewReader(start), cause}, ContentLength: -1,
		}, nil
	})
}

func TestErrorBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	client := newClient(broken(404, `{"code":"not_found","mess`, io.ErrUnexpectedEOF))
	_, resp, err := getToken(t.Context(), client)
	e := apiError(t, err)
	assert.Equal(t, "404 Not Found: not_found", e.Error())
	require.ErrorIs(t, err, ldapi.ErrNotFound)
	assert.Equal(t, `{"code":"not_found","mess`, readAll(t, resp))
}

// A successful response that breaks off is a failure of the transport: its contents are unknown.
func TestBodyOfSuccessThatBreaksOff(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection reset")
	client := newClient(broken(200, `{"_id":"m1"`, cause))
	model, resp, err := getToken(t.Context(), client)
	require.ErrorIs(t, err, cause)
	assert.NotErrorIs(t, err, ldapi.ErrDecode)
	assert.Nil(t, model)
	assert.Nil(t, resp)
	var e *ldapi.GenericOpenAPIError
	assert.NotErrorAs(t, err, &e)
}

// A response without a status line, like the hand-made responses of tests.
func TestStatusLineThatIsMissing(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{"": "404 Not Found", `{"code":"c"}`: "404 Not Found: c"} {
		w := newWire(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 404, Body: io.NopCloser(strings.NewReader(body))}, nil
		})
		_, _, err := getToken(t.Context(), newClient(w))
		assert.Equal(t, want, apiError(t, err).Error())
	}
}

// The bodies of errors are truncated, and the text of an error is bounded.
func TestLongErrorBodies(t *testing.T) {
	t.Parallel()
	long := `{"code":"c","message":"` + strings.Repeat("ü", 1<<20) + `"}`
	client, _ := answering(400, long)
	_, _, err := getToken(t.Context(), client)
	e := apiError(t, err)
	assert.Equal(t, 400, e.StatusCode())
	assert.Equal(t, "c", e.Code())
	assert.Len(t, e.Body(), 1<<20)

	client, _ = answering(400, `{"code":"c","message":"`+strings.Repeat("ü", 5000)+`"}`)
	_, _, err = getToken(t.Context(), client)
	assert.Less(t, len(err.Error()), 1100)
	assert.True(t, strings.HasPrefix(err.Error(), "400 Bad Request: üü"), err.Error()[:40])
	assert.NotContains(t, err.Error(), "\ufffd", "no half characters")
	assert.Len(t, apiError(t, err).Message(), 10000, "the message is whole")
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status           int
		location, target string
	}{
		{301, "https://app.launchdarkly.com/elsewhere", "https://app.launchdarkly.com/elsewhere"},
		{302, "/login?next=secret", "https://app.launchdarkly.com/login"},
		{303, "/login", "https://app.launchdarkly.com/login"},
		{307, "https://other.example.com/api/v2/tokens", "https://other.example.com/api/v2/tokens"},
		{308, "http://app.launchdarkly.com/api/v2/tokens", "http://app.launchdarkly.com/api/v2/tokens"},
		{307, "https://user:pw@other.example.com/?q=secret#f", "https://other.example.com/"},
		{300, "", ""},
		{307, "", ""},
	} {
		t.Run(fmt.Sprintf("%d %s", tc.status, tc.location), func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			if tc.location != "" {
				header.Set("Location", tc.location)
			}
			w := newWire(respond(tc.status, `{"message":"over there"}`).HeaderSet(header))
			model, resp, err := getToken(t.Context(), newClient(w))
			assert.Nil(t, model)
			w.only(t)
			e := apiError(t, err)
			isExactly(t, err, ldapi.ErrRedirect)
			assert.Equal(t, tc.status, e.StatusCode())
			assert.Contains(t, e.Error(), tc.target)
			assert.NotContains(t, e.Error(), "secret")
			assert.NotContains(t, e.Error(), "pw")
			assert.Equal(t, `{"message":"over there"}`, readAll(t, resp))
		})
	}
}

// 307 and 308 to the same origin repeat the request as it was.
func TestRedirectsToTheSameOrigin(t *testing.T) {
	t.Parallel()
	for _, status := range []int{307, 308} {
		var w *wire
		w = newWire(func(req *http.Request) (*http.Response, error) {
			if len(w.requests) == 1 {
				return respond(status, "").HeaderSet(http.Header{"Location": {"https://APP.launchdarkly.com:443/api/v2/moved"}})(req)
			}
			return respond(200, payload(t, "token_created"))(req)
		})
		_, resp, err := newClient(w).AccessTokensApi.ResetToken(context.Background(), tokenID).Expiry(1767312000000).Execute()
		require.NoError(t, err)
		require.Len(t, w.requests, 2)
		again := w.requests[1]
		assert.Equal(t, "POST", again.Method)
		assert.Equal(t, "/api/v2/moved", again.URL.Path)
		assert.Equal(t, `{"expiry":1767312000000}`, string(again.body))
		assert.Equal(t, accessToken, again.Header.Get("Authorization"), "the same host, spelled otherwise")
		assert.Equal(t, jsonContent, again.Header.Get("Content-Type"))
		assert.Empty(t, resp.Request.Header.Get("Authorization"), "what the caller sees of it")
		assert.Equal(t, "/api/v2/moved", resp.Request.URL.Path)
	}
}
