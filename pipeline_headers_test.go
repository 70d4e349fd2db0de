package ldapi

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/internal/codec"
)

func TestBuildDefaultHeaders(t *testing.T) {
	t.Parallel()
	req := built(t, newFakeCall(t, WithAccessToken(fakeToken)))
	require.Equal(t, http.Header{
		"Accept": {"application/json"}, "User-Agent": {"ldapi-go/" + Version}, "Ld-Api-Version": {"20240415"},
	}, req.Header, "no Content-Type without a body, no credential yet")
}

// TestHeaderPrecedence: context header, context version, DefaultHeader, option; each replaces the weaker ones.
func TestHeaderPrecedence(t *testing.T) {
	t.Parallel()
	header := func(name, value string) Option {
		return func(c *Configuration) { c.AddDefaultHeader(name, value) }
	}
	with := func(kv ...string) func(ctx context.Context) context.Context {
		return func(ctx context.Context) context.Context {
			for i := 0; i < len(kv); i += 2 {
				if kv[i] == "version" {
					ctx = ContextWithAPIVersion(ctx, kv[i+1])
				} else {
					ctx = ContextWithHeader(ctx, kv[i], kv[i+1])
				}
			}
			return ctx
		}
	}
	const version = "Ld-Api-Version"
	for _, tc := range []struct {
		name string
		opts []Option
		ctx  func(ctx context.Context) context.Context
		key  string
		want []string
	}{
		{"version by option", []Option{WithAPIVersion("a")}, nil, version, []string{"a"}},
		{"version by DefaultHeader", []Option{WithAPIVersion("a"), header("LD-API-Version", "b")}, nil, version, []string{"b"}},
		{"version by context", []Option{WithAPIVersion("a"), header("ld-api-version", "b")}, with("version", "c"), version, []string{"c"}},
		{"version by context header", []Option{header("LD-API-VERSION", "b")}, with("LD-API-Version", "d", "version", "c"), version, []string{"d"}},
		{"innermost context", nil, with("version", "c", "version", "e"), version, []string{"e"}},
		{"no version by option", []Option{WithAPIVersion("")}, nil, version, nil},
		{"no version by DefaultHeader", []Option{header("LD-API-Version", "")}, nil, version, nil},
		{"no version by context", []Option{header("LD-API-Version", "b")}, with("version", ""), version, nil},
		{"no version by context header", []Option{header("LD-API-Version", "b")}, with("ld-api-version", ""), version, nil},
		{"user agent by option", []Option{WithUserAgent("a")}, nil, "User-Agent", []string{"a"}},
		{"no user agent", []Option{WithUserAgent("")}, nil, "User-Agent", []string{"ldapi-go/" + Version}},
		{"user agent by DefaultHeader", []Option{WithUserAgent("a"), header("user-agent", "b")}, nil, "User-Agent", []string{"b"}},
		{"user agent by context", []Option{header("user-agent", "b")}, with("USER-AGENT", "c"), "User-Agent", []string{"c"}},
		{"accept", nil, with("accept", "text/plain"), "Accept", []string{"text/plain"}},
		{"own header", []Option{header("x-own", "a")}, nil, "X-Own", []string{"a"}},
		{"own header by context", []Option{header("x-own", "a")}, with("X-OWN", "b", "x-Own", "c"), "X-Own", []string{"c"}},
		{"two spellings", []Option{func(c *Configuration) {
			c.DefaultHeader = map[string]string{"X-Own": "upper", "x-own": "lower"}
		}}, nil, "X-Own", []string{"lower"}},
		{"credential", []Option{header("authorization", "a")}, with("AUTHORIZATION", "b"), "Authorization", nil},
	} {
		c := newFakeCall(t, tc.opts...)
		if tc.ctx != nil {
			c.ctx = tc.ctx(c.ctx)
		}
		require.Equal(t, tc.want, built(t, c).Header[tc.key], tc.name)
	}
}

func TestBuildHostHeader(t *testing.T) {
	t.Parallel()
	c := newFakeCall(t)
	c.ctx = ContextWithHeader(c.ctx, "host", "virtual.example.com")
	req := built(t, c)
	require.Equal(t, "virtual.example.com", req.Host)
	require.Equal(t, "app.launchdarkly.com", req.URL.Host)
	require.Empty(t, req.Header["Host"])
}

// TestContentTypeIsTheOperations: the content type of an operation cannot be replaced.
func TestContentTypeIsTheOperations(t *testing.T) {
	t.Parallel()
	for want, op := range map[string]*operation{
		"application/json": &resetTokenOperation,
		"application/json; domain-model=launchdarkly.semanticpatch": &patchMembersOperation,
	} {
		c := newFakeCall(t, func(cfg *Configuration) { cfg.DefaultHeader["content-type"] = "text/plain" })
		c.op = op
		c.ctx = ContextWithHeader(c.ctx, "Content-Type", "text/html")
		require.Equal(t, []string{want}, built(t, c).Header["Content-Type"], op.ID)
	}
	own := newFakeCall(t)
	own.op = &operation{Operation: Operation{Method: "POST", Route: "/x"}}
	own.args.encode = func(e *codec.Encoder) { e.Any(1) }
	require.Equal(t, []string{"application/json"}, built(t, own).Header["Content-Type"])
	own.ctx = ContextWithHeader(own.ctx, "content-type", "application/x-own")
	require.Equal(t, []string{"application/x-own"}, built(t, own).Header["Content-Type"], "of APIClient.Do")
}

func TestMethodOverride(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		op       *operation
		method   string
		override []string
		content  []string
	}{
		{&getTokenOperation, "GET", nil, nil},
		{&postTokenOperation, "POST", nil, []string{"application/json"}},
		{&deleteTokenOperation, "POST", []string{"DELETE"}, []string{"application/json"}},
		{&patchTokenOperation, "POST", []string{"PATCH"}, []string{"application/json"}},
		{&patchMembersOperation, "POST", []string{"PATCH"}, []string{"application/json; domain-model=launchdarkly.semanticpatch"}},
	} {
		c := newFakeCall(t, WithMethodOverride())
		c.op = tc.op
		req := built(t, c)
		require.Equal(t, tc.method, req.Method, tc.op.ID)
		require.Equal(t, tc.override, req.Header["X-Http-Method-Override"], tc.op.ID)
		require.Equal(t, tc.content, req.Header["Content-Type"], tc.op.ID)
		op, _ := OperationFromContext(req.Context())
		require.Equal(t, tc.op.Method, op.Method, "the operation stays what it is")
	}
}
