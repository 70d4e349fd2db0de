package ldapi_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// headersSent returns the header of a call to patchMembers made with ctx.
func headersSent(t *testing.T, ctx context.Context, opts ...ldapi.Option) http.Header {
	t.Helper()
	client, w := answering(200, `{}`, opts...)
	_, _, err := client.AccountMembersApi.PatchMembers(ctx).MembersPatchInput(ldapi.MembersPatchInput{}).Execute()
	require.NoError(t, err)
	return w.only(t).Header
}

// defaultHeader is DefaultHeader as an option.
func defaultHeader(key, value string) ldapi.Option {
	return func(cfg *ldapi.Configuration) { cfg.DefaultHeader[key] = value }
}

// apply returns one context from several changes, the first outermost.
func apply(ctx context.Context, changes ...func(context.Context) context.Context) context.Context {
	for _, change := range changes {
		ctx = change(ctx)
	}
	return ctx
}

func withHeader(key, value string) func(context.Context) context.Context {
	return func(ctx context.Context) context.Context { return ldapi.ContextWithHeader(ctx, key, value) }
}

func withVersion(v string) func(context.Context) context.Context {
	return func(ctx context.Context) context.Context { return ldapi.ContextWithAPIVersion(ctx, v) }
}

// ContextWithHeader, ContextWithAPIVersion, DefaultHeader, options: a stronger one replaces, never adds.
func TestPrecedenceOfTheAPIVersion(t *testing.T) {
	t.Parallel()
	type contexts = []func(context.Context) context.Context
	option, header := ldapi.WithAPIVersion("20220603"), defaultHeader("LD-API-Version", "20210729")
	for _, tc := range []struct {
		name string
		opts []ldapi.Option
		ctx  contexts
		want []string
	}{
		{"default", nil, nil, []string{"20240415"}},
		{"option", []ldapi.Option{option}, nil, []string{"20220603"}},
		{"DefaultHeader over option", []ldapi.Option{option, header}, nil, []string{"20210729"}},
		{"DefaultHeader in another spelling", []ldapi.Option{option, defaultHeader("ld-api-VERSION", "beta")}, nil, []string{"beta"}},
		{"ContextWithAPIVersion over DefaultHeader", []ldapi.Option{option, header}, contexts{withVersion("beta")}, []string{"beta"}},
		{"ContextWithHeader over ContextWithAPIVersion", []ldapi.Option{option, header},
			contexts{withHeader("ld-api-version", "20191212"), withVersion("beta")}, []string{"20191212"}},
		{"the innermost version", nil, contexts{withVersion("1"), withVersion("2")}, []string{"2"}},
		{"the innermost header", nil, contexts{withHeader("LD-API-Version", "1"), withHeader("Ld-Api-Version", "2")}, []string{"2"}},
		{"none by option", []ldapi.Option{ldapi.WithAPIVersion("")}, nil, nil},
		{"none by DefaultHeader", []ldapi.Option{defaultHeader("LD-API-Version", "")}, nil, nil},
		{"none by ContextWithAPIVersion", []ldapi.Option{option, header}, contexts{withVersion("")}, nil},
		{"none by ContextWithHeader", []ldapi.Option{option, header}, contexts{withHeader("LD-API-Version", "")}, nil},
		{"one instead of none", []ldapi.Option{ldapi.WithAPIVersion("")}, contexts{withVersion("beta")}, []string{"beta"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tc.want, headersSent(t, apply(t.Context(), tc.ctx...), tc.opts...)["Ld-Api-Version"])
		})
	}
}

func TestPrecedenceOfOtherHeaders(t *testing.T) {
	t.Parallel()
	option := ldapi.WithUserAgent("release-bot/2")
	for _, tc := range []struct {
		name, header string
		opts         []ldapi.Option
		ctx          []func(context.Context) context.Context
		want         []string
	}{
		{"User-Agent by default", "User-Agent", nil, nil, []string{userAgent}},
		{"User-Agent by option", "User-Agent", []ldapi.Option{option}, nil, []string{"release-bot/2"}},
		{"an empty User-Agent is the default", "User-Agent", []ldapi.Option{ldapi.WithUserAgent("")}, nil, []string{userAgent}},
		{"User-Agent by DefaultHeader", "User-Agent", []ldapi.Option{option, defaultHeader("USER-AGENT", "h/1")}, nil, []string{"h/1"}},
		{"User-Agent by context", "User-Agent", []ldapi.Option{option, defaultHeader("User-Agent", "h/1")},
			[]func(context.Context) context.Context{withHeader("user-agent", "c/1")}, []string{"c/1"}},
		{"Accept by DefaultHeader", "Accept", []ldapi.Option{defaultHeader("accept", "*/*")}, nil, []string{"*/*"}},
		{"Accept by context", "Accept", []ldapi.Option{defaultHeader("Accept", "*/*")},
			[]func(context.Context) context.Context{withHeader("ACCEPT", "text/plain")}, []string{"text/plain"}},
		{"another one by DefaultHeader", "X-Trace", []ldapi.Option{defaultHeader("x-trace", "d")}, nil, []string{"d"}},
		{"another one by context", "X-Trace", []ldapi.Option{defaultHeader("x-trace", "d")},
			[]func(context.Context) context.Context{withHeader("X-TRACE", "outer"), withHeader("x-Trace", "inner")}, []string{"inner"}},
		{"an empty value", "X-Trace", []ldapi.Option{defaultHeader("X-Trace", "d")},
			[]func(context.Context) context.Context{withHeader("X-Trace", "")}, []string{""}},
		{"a tab and other bytes are fine", "X-Trace", []ldapi.Option{defaultHeader("X-Trace", "a\tü")}, nil, []string{"a\tü"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tc.want, headersSent(t, apply(t.Context(), tc.ctx...), tc.opts...)[tc.header])
		})
	}
}

// Spellings that differ are one header, of which exactly one value is sent.
func TestHeadersAreNeverDoubled(t *testing.T) {
	t.Parallel()
	ctx := apply(t.Context(), withHeader("x-one", "c1"), withHeader("X-two", "c2"))
	header := headersSent(t, ctx, defaultHeader("X-One", "d1"), defaultHeader("x-ONE", "d2"), defaultHeader("X-Two", "d3"))
	for name, values := range header {
		assert.Len(t, values, 1, name)
		assert.Equal(t, http.CanonicalHeaderKey(name), name)
	}
	assert.Equal(t, "c1", header.Get("X-One"))
	assert.Equal(t, "c2", header.Get("X-Two"))
}

// The Content-Type of an operation is part of its meaning: nothing replaces it.
func TestTheOperationsContentTypeWins(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		if op.content == "" {
			continue
		}
		t.Run(op.id, func(t *testing.T) {
			t.Parallel()
			client, w := answering(op.success, replyOf(t, op), defaultHeader("content-type", "text/plain"))
			ctx := ldapi.ContextWithHeader(t.Context(), "Content-TYPE", "application/xml")
			_, _, err := op.call(client, ctx, "abc123")
			require.NoError(t, err)
			req := w.only(t)
			content, _ := wireForm(req.Header.Get("Content-Type"), req.body)
			assert.Equal(t, op.content, content)
			assert.Len(t, req.Header["Content-Type"], 1)
		})
	}
}

func TestAddDefaultHeaderReplacesInAnySpelling(t *testing.T) {
	t.Parallel()
	cfg := ldapi.NewConfiguration()
	cfg.AddDefaultHeader("X-Team", "one")
	cfg.AddDefaultHeader("x-team", "two")
	assert.Equal(t, map[string]string{"x-team": "two"}, cfg.DefaultHeader)
	empty := &ldapi.Configuration{}
	empty.AddDefaultHeader("X-Team", "one")
	assert.Equal(t, map[string]string{"X-Team": "one"}, empty.DefaultHeader)
}

// net/http does not treat Host as a header, but callers that set it expect it to be sent.
func TestHostAsAHeader(t *testing.T) {
	t.Parallel()
	client, w := answering(200, `{}`)
	_, _, err := getToken(ldapi.ContextWithHeader(t.Context(), "host", "vhost.example.com"), client)
	require.NoError(t, err)
	req := w.only(t)
	assert.Equal(t, "vhost.example.com", req.Host)
	assert.Equal(t, "app.launchdarkly.com", req.URL.Host)
	assert.Empty(t, req.Header.Values("Host"))
}

// A configuration made by hand, as the stock client allows.
func TestConfigurationWithoutConstructor(t *testing.T) {
	t.Parallel()
	w := newWire(respond(200, `{}`))
	client := ldapi.NewAPIClient(&ldapi.Configuration{
		Servers: ldapi.ServerConfigurations{{URL: "https://ld.example.com"}}, HTTPClient: &http.Client{Transport: w},
	})
	_, _, err := getToken(t.Context(), client)
	require.NoError(t, err)
	req := w.only(t)
	assert.Equal(t, "https://ld.example.com/api/v2/tokens/"+tokenID, req.URL.String())
	assert.Equal(t, http.Header{"Accept": {jsonContent}, "Ld-Api-Version": {"20240415"}, "User-Agent": {userAgent}}, req.Header)
}
