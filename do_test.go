package ldapi

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// doing returns a client that records its request, with the bytes of its body, and answers with status and body.
func doing(status int, body string, sent **http.Request, sentBody *string) *APIClient {
	return New(WithTransport(fakeTransport(func(req *http.Request) (*http.Response, error) {
		*sent = req
		if *sentBody = ""; req.Body != nil {
			buf := make([]byte, 1000)
			n, _ := req.Body.Read(buf)
			*sentBody = string(buf[:n])
		}
		return answering(status, body)(req)
	})))
}

func TestDoSends(t *testing.T) {
	t.Parallel()
	var sent *http.Request
	var body string
	client := doing(200, "", &sent, &body)
	for _, tc := range []struct {
		method, path string
		query        url.Values
		body         any
		url, want    string
	}{
		{"GET", "/api/v2/caller-identity", nil, nil, "/api/v2/caller-identity", ""},
		{"GET", "/api/v2/teams", url.Values{"z": {"2", "1"}, "a": {"b c"}}, nil, "/api/v2/teams?a=b+c&z=2&z=1", ""},
		{"PUT", "/api/v2/x%2Fy/%C3%A9;z=1", nil, map[string]any{"b": 1, "a": nil}, "/api/v2/x%2Fy/%C3%A9;z=1", `{"a":null,"b":1}`},
		{"POST", "/x", nil, []byte(` [1 , 2]`), "/x", ` [1 , 2]`},
		{"POST", "/x", nil, json.RawMessage(`{ }`), "/x", `{ }`},
		{"POST", "/x", nil, &Link{Href: PtrString("/y")}, "/x", `{"href":"/y"}`},
		{"POST", "/x", nil, Link{Href: PtrString("/y")}, "/x", `{"href":"/y"}`},
		{"POST", "/x", nil, []Link{{}, {}}, "/x", `[{},{}]`},
		{"POST", "/x", nil, (*Link)(nil), "/x", `null`},
		{"POST", "/x", nil, "text", "/x", `"text"`},
	} {
		resp, err := client.Do(t.Context(), tc.method, tc.path, tc.query, tc.body, nil)
		require.NoError(t, err, tc.path)
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, tc.method, sent.Method)
		require.Equal(t, "https://app.launchdarkly.com"+tc.url, sent.URL.String())
		require.Equal(t, tc.want, body)
		require.Equal(t, tc.body != nil, sent.Header.Get("Content-Type") == "application/json")
		op, ok := OperationFromContext(sent.Context())
		require.True(t, ok)
		require.Equal(t, Operation{ID: "do", Method: tc.method, Route: tc.path}, op)
	}
}

func TestDoRefuses(t *testing.T) {
	t.Parallel()
	client := New(WithTransport(fakeTransport(func(*http.Request) (*http.Response, error) {
		t.Error("sent")
		return nil, errors.New("sent")
	})))
	var out map[string]any
	var none *Token
	for _, tc := range []struct {
		method, path string
		body, out    any
		want         string
	}{
		{"", "/x", nil, nil, "method: is not an HTTP method"},
		{"GET /", "/x", nil, nil, "method: is not an HTTP method"},
		{"GET", "", nil, nil, `path: must start with one "/"`},
		{"GET", "x", nil, nil, `path: must start with one "/"`},
		{"GET", "//other.example.com/x", nil, nil, `path: must start with one "/"`},
		{"GET", "https://other.example.com/x", nil, nil, `path: must start with one "/"`},
		{"GET", "/x?hidden", nil, nil, "path: must not carry a query or fragment"},
		{"GET", "/x#hidden", nil, nil, "path: must not carry a query or fragment"},
		{"GET", "/%", nil, nil, "path: is not a URL path"},
		{"GET", "/%0a", nil, nil, "path: is not a URL path"},
		{"GET", "/a b", nil, nil, "path: is not a URL path"},
		{"GET", "/x%2Fy/é", nil, nil, "path: is not a URL path"},
		{"GET", "/a/../b", nil, nil, "path: must not contain dot segments"},
		{"GET", "/a/%2e%2E", nil, nil, "path: must not contain dot segments"},
		{"GET", "/a%2F..%2Fb", nil, nil, "path: must not contain dot segments"},
		{"GET", "/./a", nil, nil, "path: must not contain dot segments"},
		{"POST", "/x", math.NaN(), nil, "body: cannot be written as JSON: json: unsupported value: NaN"},
		{"GET", "/x", nil, out, "out: must be a pointer that is not nil"},
		{"GET", "/x", nil, none, "out: must be a pointer that is not nil"},
		{"GET", "/x", nil, Token{}, "out: must be a pointer that is not nil"},
	} {
		_, err := client.Do(t.Context(), tc.method, tc.path, nil, tc.body, tc.out)
		requireArgumentError(t, err)
		require.EqualError(t, err, "ldapi: do: "+tc.want, tc.path)
	}
}

func TestDoDecodes(t *testing.T) {
	t.Parallel()
	do := func(body string, out any) error {
		_, err := New(WithTransport(answering(200, body))).Do(t.Context(), "GET", "/x", nil, nil, out)
		return err
	}
	var raw []byte
	require.NoError(t, do("no JSON", &raw))
	require.Equal(t, "no JSON", string(raw))
	var token Token
	require.NoError(t, do(`{"_id":"1"}`, &token))
	require.Equal(t, "1", token.Id)
	var tokens []Token
	require.NoError(t, do(`[{"_id":"1"},{"_id":"2"}]`, &tokens))
	require.Len(t, tokens, 2)
	var identity struct{ MemberID string }
	require.NoError(t, do(`{"memberId":"m"}`, &identity))
	require.Equal(t, "m", identity.MemberID)
	var number json.Number
	require.NoError(t, do(`12`, &number))
	require.Equal(t, json.Number("12"), number)
	require.NoError(t, do(`anything`, nil))
}

// TestDoDecodeErrors: errors do not repeat the body.
func TestDoDecodeErrors(t *testing.T) {
	t.Parallel()
	type inner struct{ Small int8 }
	for _, tc := range []struct {
		body string
		out  any
		want string
	}{
		{``, new(map[string]any), "200 OK: the document is empty"},
		{`<hidden>`, new(map[string]any), "200 OK: the document is no JSON from byte 1 on"},
		{`{"a":`, new(map[string]any), "200 OK: the document ends early, after 5 bytes"},
		{`{"In":{"Small":4711}}`, new(struct{ In inner }), "200 OK: In.Small: want int8, got number"},
		{`"hidden"`, new(int), "200 OK: want int, got string"},
		{`{"hidden":1}`, new([]string), "200 OK: want []string, got object"},
		{`"hidden"`, new(time.Time), "200 OK: the document does not fit what it is to be read into"},
		{`{"role":17}`, new(Token), "200 OK: Token.role: want string, got number"},
		{`[{"role":17}]`, new([]Token), "200 OK: Token.role: want string, got number"},
		{``, new(Token), "200 OK: Token: the document is empty"},
	} {
		resp, err := New(WithTransport(answering(200, tc.body))).Do(t.Context(), "GET", "/x", nil, nil, tc.out)
		require.ErrorIs(t, err, ErrDecode, tc.body)
		require.EqualError(t, err, tc.want, tc.body)
		require.Equal(t, tc.body, readAll(t, resp.Body))
		for cause := err; cause != nil; cause = errors.Unwrap(cause) {
			require.NotContains(t, cause.Error(), "hidden")
			require.NotContains(t, cause.Error(), "4711")
		}
	}
	_, err := New(WithTransport(answering(200, `{"effect":null}`)), WithStrictDecoding()).Do(t.Context(), "GET", "/x", nil, nil, new(Statement))
	require.EqualError(t, err, "200 OK: Statement.effect: the required property is missing or null")
}

func TestDoErrors(t *testing.T) {
	t.Parallel()
	out := map[string]any{}
	resp, err := New(WithTransport(answering(404, `{"code":"not_found"}`))).Do(t.Context(), "GET", "/x", nil, nil, &out)
	require.ErrorIs(t, err, ErrNotFound)
	require.Equal(t, 404, resp.StatusCode)
	require.Empty(t, out)
	require.Equal(t, "do GET /x", requireAPIError(t, err).Operation().String())
}
