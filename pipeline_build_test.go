package ldapi

import (
	"context"
	"math"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// built runs build and returns the request that it makes.
func built(t *testing.T, c *call) *http.Request {
	t.Helper()
	next := fakeStep{resp: newBufferedResponse(200, "")}
	resp, err := buildRequest(next.handle)(c, nil)
	require.NoError(t, err)
	require.Same(t, next.resp, resp)
	require.Len(t, next.calls, 1)
	return next.calls[0]
}

func TestBuildURL(t *testing.T) {
	t.Parallel()
	operationServers := map[string]ServerConfigurations{"AccessTokensApiService.GetToken": {{URL: "https://one.example.com"}}}
	for _, tc := range []struct {
		name   string
		option Option
		ctx    func(ctx context.Context) context.Context
		want   string
	}{
		{"default", nil, nil, "https://app.launchdarkly.com/api/v2/tokens/abc"},
		{"federal", WithRegion(RegionFederal), nil, "https://app.launchdarkly.us/api/v2/tokens/abc"},
		{"trailing slash", WithBaseURL("https://ld.example.com/"), nil, "https://ld.example.com/api/v2/tokens/abc"},
		{"trailing path", WithBaseURL("https://ld.example.com/api/v2"), nil, "https://ld.example.com/api/v2/tokens/abc"},
		{"both", WithBaseURL("https://ld.example.com/api/v2//"), nil, "https://ld.example.com/api/v2/tokens/abc"},
		{"below a path", WithBaseURL("https://ld.example.com/a%2Fb/c/"), nil, "https://ld.example.com/a%2Fb/c/api/v2/tokens/abc"},
		{"port", WithBaseURL("http://127.0.0.1:8080"), nil, "http://127.0.0.1:8080/api/v2/tokens/abc"},
		{"assigned later", func(c *Configuration) { c.Servers[0].URL = "https://set.example.com" }, nil, "https://set.example.com/api/v2/tokens/abc"},
		{"Host", func(c *Configuration) { c.Host = "[::1]:81" }, nil, "https://[::1]:81/api/v2/tokens/abc"},
		{"Scheme", func(c *Configuration) { c.Scheme = "http" }, nil, "http://app.launchdarkly.com/api/v2/tokens/abc"},
		{"Scheme in upper case", func(c *Configuration) { c.Scheme = "HTTPS" }, nil, "https://app.launchdarkly.com/api/v2/tokens/abc"},
		{"operation server", func(c *Configuration) { c.OperationServers = operationServers }, nil, "https://one.example.com/api/v2/tokens/abc"},
		{"index in context", nil, func(ctx context.Context) context.Context {
			return context.WithValue(ctx, ContextServerIndex, 2)
		}, "https://app.eu.launchdarkly.com/api/v2/tokens/abc"},
	} {
		c := newFakeCall(t, tc.option)
		c.args.pathString("id", "abc")
		if tc.ctx != nil {
			c.ctx = tc.ctx(c.ctx)
		}
		req := built(t, c)
		require.Equal(t, tc.want, req.URL.String(), tc.name)
		require.Equal(t, req.URL.Host, req.Host, tc.name)
		require.Equal(t, "GET", req.Method, tc.name)
	}
}

func TestBuildRefusesURL(t *testing.T) {
	t.Parallel()
	host := func(host, scheme string) Option {
		return func(c *Configuration) { c.Host, c.Scheme = host, scheme }
	}
	for _, tc := range []struct {
		name      string
		option    Option
		parameter string
	}{
		{"relative", WithBaseURL("/hidden"), "server URL"},
		{"no URL", WithBaseURL("https://hidden\x7f"), "server URL"},
		{"scheme", WithBaseURL("ftp://hidden"), "server URL"},
		{"no host", WithBaseURL("https:///hidden"), "server URL"},
		{"opaque", WithBaseURL("https:hidden"), "server URL"},
		{"password", WithBaseURL("https://u:hidden@ld.example.com"), "server URL"},
		{"query", WithBaseURL("https://ld.example.com?hidden"), "server URL"},
		{"empty query", WithBaseURL("https://ld.example.com?"), "server URL"},
		{"fragment", WithBaseURL("https://ld.example.com#hidden"), "server URL"},
		{"no server", func(c *Configuration) { c.Servers = nil }, "server"},
		{"Host with path", host("hidden.example.com/x", ""), "Host or Scheme"},
		{"Host with user", host("u:hidden@ld.example.com", ""), "Host or Scheme"},
		{"Scheme", host("", "hidden"), "Host or Scheme"},
	} {
		c := newFakeCall(t, tc.option)
		var next fakeStep
		resp, err := buildRequest(next.handle)(c, nil)
		require.Nil(t, resp, tc.name)
		require.Empty(t, next.calls, tc.name)
		require.Equal(t, tc.parameter, requireArgumentError(t, err).Parameter, tc.name)
		require.NotContains(t, err.Error(), "hidden", tc.name)
	}
}

// TestBuildKeepsParametersInTheirSegment: any path parameter stays one segment and arrives unchanged.
func TestBuildKeepsParametersInTheirSegment(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"a/b":       "a%2Fb",
		"a?b#c":     "a%3Fb%23c",
		"50%":       "50%25",
		"%2e%2e":    "%252e%252e",
		"a b+c":     "a%20b+c",
		"é":         "%C3%A9",
		"{id}":      "%7Bid%7D",
		"../tokens": "..%2Ftokens",
		"\xff":      "%FF",
	} {
		c := newFakeCall(t)
		c.args.pathString("id", value)
		req := built(t, c)
		require.Equal(t, "/api/v2/tokens/"+want, req.URL.EscapedPath(), "%q", value)
		require.Equal(t, "/api/v2/tokens/"+value, req.URL.Path, "%q", value)
		require.Equal(t, "https://app.launchdarkly.com/api/v2/tokens/"+want, req.URL.String(), "%q", value)
	}
}

// TestBuildFillsEachParameterOnce: a value that looks like another parameter's placeholder is still a value.
func TestBuildFillsEachParameterOnce(t *testing.T) {
	t.Parallel()
	c := newFakeCall(t)
	c.op = &operation{Operation: Operation{Method: "GET", Route: "/api/v2/teams/{key}/roles/{role}"}}
	c.args.pathString("key", "{role}")
	c.args.pathString("role", "{key}")
	u := built(t, c).URL
	require.Equal(t, "/api/v2/teams/%7Brole%7D/roles/%7Bkey%7D", u.EscapedPath())
	require.Equal(t, "/api/v2/teams/{role}/roles/{key}", u.Path)
}

func TestEncodeQuery(t *testing.T) {
	t.Parallel()
	require.Empty(t, encodeQuery(nil))
	query := []argument{{name: "sort", value: "-lastSeen"}, {name: "filter", value: "email:a+b@example.com|c"}, {name: "x", value: "2"},
		{name: "expand"}, {name: "x", value: "1"}, {name: "ä&=", value: "100%"}}
	require.Equal(t, "expand=&filter=email%3Aa%2Bb%40example.com%7Cc&sort=-lastSeen&x=2&x=1&%C3%A4%26%3D=100%25", encodeQuery(query))
	require.Equal(t, "sort", query[0].name, "the order is the caller's")
}

func TestBuildBody(t *testing.T) {
	t.Parallel()
	c := newFakeCall(t)
	c.op = &patchTokenOperation
	setBodySlice(&c.args, "patchOperation", &[]PatchOperation{*NewPatchOperation("remove", "/role")}, (*PatchOperation).encode)
	req := built(t, c)
	const want = `[{"op":"remove","path":"/role"}]`
	require.Equal(t, want, string(c.body))
	require.EqualValues(t, len(want), req.ContentLength)
	require.Equal(t, want, readAll(t, req.Body))
	for range 2 {
		again, err := req.GetBody()
		require.NoError(t, err)
		require.Equal(t, want, readAll(t, again), "for a replay")
	}

	req = built(t, newFakeCall(t))
	require.Nil(t, req.Body)
	require.Nil(t, req.GetBody)
	require.Zero(t, req.ContentLength)
}

func TestBuildRefusesBody(t *testing.T) {
	t.Parallel()
	c := newFakeCall(t)
	setBody(&c.args, "patchOperation", NewPatchOperation("add", "/x", math.NaN()), (*PatchOperation).encode)
	var next fakeStep
	_, err := buildRequest(next.handle)(c, nil)
	refused := requireArgumentError(t, err)
	require.Equal(t, "patchOperation", refused.Parameter)
	require.Equal(t, "cannot be written as JSON: json: unsupported value: NaN", refused.Reason)
	require.Empty(t, next.calls)
}

func TestBuildKeepsContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "the caller's"))
	c := newFakeCall(t)
	c.ctx = ctx
	req := built(t, c)
	require.Equal(t, "the caller's", req.Context().Value(key{}))
	op, ok := OperationFromContext(req.Context())
	require.True(t, ok)
	require.Equal(t, Operation{ID: "getToken", Service: "AccessTokensApi", Method: "GET", Route: "/api/v2/tokens/{id}"}, op)
	cancel()
	require.ErrorIs(t, req.Context().Err(), context.Canceled)

	_, ok = OperationFromContext(ctx)
	require.False(t, ok, "only requests of the SDK have one")
}
