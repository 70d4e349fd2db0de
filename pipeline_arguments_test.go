package ldapi

import (
	"context"
	"errors"
	"math"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/internal/codec"
)

func TestPathString(t *testing.T) {
	t.Parallel()
	for value, reason := range map[string]string{
		"":           "must not be empty",
		".":          "must not be a dot segment",
		"..":         "must not be a dot segment",
		"a\nb":       "must not contain control characters",
		"a\x00":      "must not contain control characters",
		"\x7f":       "must not contain control characters",
		"...":        "",
		"a/../b":     "",
		" ":          "",
		"müller":     "",
		"5f00aa11bb": "",
	} {
		var a arguments
		a.pathString("id", value)
		require.Equal(t, []argument{{name: "id", value: value}}, a.path, "%q", value)
		if reason == "" {
			require.Nil(t, a.problem, "%q", value)
		} else {
			require.Equal(t, &ArgumentError{Parameter: "id", Reason: reason}, a.problem, "%q", value)
		}
	}
}

func TestQueryArguments(t *testing.T) {
	t.Parallel()
	var a arguments
	a.queryString("s", nil)
	a.queryBool("b", nil)
	a.queryInt64("n", nil)
	a.queryInt32("m", nil)
	require.Empty(t, a.query, "nil means not set")

	a.queryString("s", PtrString(""))
	a.queryBool("b", PtrBool(false))
	a.queryInt64("n", PtrInt64(math.MinInt64))
	a.queryInt32("m", PtrInt32(math.MaxInt32))
	require.Equal(t, []argument{
		{"s", "", false}, {"b", "false", true}, {"n", "-9223372036854775808", true}, {"m", "2147483647", true},
	}, a.query)
	require.Nil(t, a.problem)
}

func TestBoundsOfArguments(t *testing.T) {
	t.Parallel()
	tooMany := make([]string, 51)
	full := tooMany[:50]
	for _, tc := range []struct {
		name   string
		check  func(a *arguments)
		reason string
	}{
		{"below", func(a *arguments) { a.atLeast("limit", PtrInt64(-1), 0) }, "must not be less than 0"},
		{"at the bound", func(a *arguments) { a.atLeast("limit", PtrInt64(0), 0) }, ""},
		{"not set", func(a *arguments) { a.atLeast("limit", nil, 0) }, ""},
		{"too many", func(a *arguments) { atMost(a, "limit", &tooMany, 50) }, "must not hold more than 50 elements, has 51"},
		{"full", func(a *arguments) { atMost(a, "limit", &full, 50) }, ""},
		{"no body", func(a *arguments) { atMost[string](a, "limit", nil, 50) }, ""},
	} {
		var a arguments
		tc.check(&a)
		if tc.reason == "" {
			require.Nil(t, a.problem, tc.name)
		} else {
			require.Equal(t, &ArgumentError{Parameter: "limit", Reason: tc.reason}, a.problem, tc.name)
		}
	}
}

func TestSetBody(t *testing.T) {
	t.Parallel()
	var missing arguments
	setBody(&missing, "form", nil, (*Link).encode)
	setBodySlice(&missing, "list", nil, codec.EncodeString)
	require.Equal(t, &ArgumentError{Parameter: "form", Reason: "is required"}, missing.problem, "the first one stays")
	require.Nil(t, missing.encode)
	require.Nil(t, missing.body)

	var one, many, none arguments
	link := Link{Href: PtrString("/x")}
	setBody(&one, "form", &link, (*Link).encode)
	setBodySlice(&many, "list", &[]string{"a", "b"}, codec.EncodeString)
	var nothing []string
	setBodySlice(&none, "list", &nothing, codec.EncodeString)
	for want, a := range map[string]*arguments{`{"href":"/x"}`: &one, `["a","b"]`: &many, `[]`: &none} {
		got, err := codec.Encode(a.encode)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
		require.Nil(t, a.problem)
	}
	require.Equal(t, link, paramsOf(one).Body, "as passed to the builder")
	require.Equal(t, []string{"a", "b"}, paramsOf(many).Body)
}

func TestMirrorQuery(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		set   func(a *arguments)
		names []string
		want  string
	}{
		{"nothing set", func(*arguments) {}, []string{"expiry"}, ``},
		{"number", func(a *arguments) { a.queryInt64("expiry", PtrInt64(1767312000000)) }, []string{"expiry"}, `{"expiry":1767312000000}`},
		{"boolean", func(a *arguments) { a.queryBool("b", PtrBool(true)) }, []string{"b"}, `{"b":true}`},
		{"text", func(a *arguments) { a.queryString("s", PtrString(`"1`)) }, []string{"s"}, `{"s":"\"1"}`},
		{"another one", func(a *arguments) { a.queryString("s", PtrString("x")) }, []string{"expiry"}, ``},
	} {
		var a arguments
		tc.set(&a)
		a.mirrorQuery(tc.names...)
		if tc.want == "" {
			require.Nil(t, a.encode, tc.name)
			continue
		}
		got, err := codec.Encode(a.encode)
		require.NoError(t, err, tc.name)
		require.Equal(t, tc.want, string(got), tc.name)
		require.Nil(t, paramsOf(a).Body, tc.name)
	}
}

func TestParams(t *testing.T) {
	t.Parallel()
	var a arguments
	a.pathString("id", "a/b")
	a.queryInt64("limit", PtrInt64(5))
	a.queryString("filter", PtrString("query:a b"))
	require.Equal(t, Params{
		Path:  map[string]string{"id": "a/b"},
		Query: url.Values{"limit": {"5"}, "filter": {"query:a b"}},
	}, paramsOf(a), "nothing is escaped")
	require.Equal(t, Params{Path: map[string]string{}, Query: url.Values{}}, paramsOf(arguments{}))
}

// refusedCalls are calls that can never succeed. None of the values in them may appear in the error.
var refusedCalls = []struct {
	name      string
	option    Option
	change    func(c *call)
	parameter string
	reason    string
}{
	{"option", WithMaxResponseBytes(0), nil, "WithMaxResponseBytes", "must be positive"},
	{"region", WithRegion("hidden"), nil, "WithRegion", "is none of the known regions"},
	{"argument", nil, func(c *call) { c.args.refuse("id", "must not be empty") }, "id", "must not be empty"},
	{"empty token", WithAccessToken(""), nil, "Authorization", "is empty"},
	{"blank token", WithAccessToken(" \t"), nil, "Authorization", "is empty"},
	{"empty bearer token", WithBearerToken(""), nil, "Authorization", "is empty"},
	{"token with line break", WithAccessToken("hidden\n"), nil, "Authorization",
		"contains a character that is not allowed in a header"},
	{"empty default Authorization", nil, func(c *call) { c.cfg.DefaultHeader["authorization"] = "" }, "Authorization",
		"is empty"},
	{"bare scheme", nil, func(c *call) { c.cfg.DefaultHeader["Authorization"] = "Bearer " }, "Authorization",
		"is empty"},
	{"empty token in context", WithAccessToken("hidden"), func(c *call) { c.ctx = ContextWithAccessToken(c.ctx, "") }, "Authorization",
		"is empty"},
	{"empty key in context", nil, func(c *call) {
		c.ctx = context.WithValue(c.ctx, ContextAPIKeys, map[string]APIKey{"ApiKey": {Prefix: "Bearer"}})
	}, "Authorization", "is empty"},
	{"header name", nil, func(c *call) { c.cfg.DefaultHeader["X Y"] = "hidden" }, `header "X Y"`, "is not a header name"},
	{"empty header name", nil, func(c *call) { c.ctx = ContextWithHeader(c.ctx, "", "hidden") }, `header ""`, "is not a header name"},
	{"header value", nil, func(c *call) { c.cfg.DefaultHeader["X-Y"] = "hidden\r\nX-Z: 1" }, "header X-Y",
		"contains a character that is not allowed in a header"},
	{"header value in outer context", nil, func(c *call) {
		c.ctx = ContextWithHeader(ContextWithHeader(c.ctx, "X-Y", "hidden\x00"), "X-Z", "fine")
	}, "header X-Y", "contains a character that is not allowed in a header"},
	{"user agent", WithUserAgent("hidden\n"), nil, "header User-Agent",
		"contains a character that is not allowed in a header"},
	{"version", WithAPIVersion("hidden\x7f"), nil, "header Ld-Api-Version",
		"contains a character that is not allowed in a header"},
	{"version in context", nil, func(c *call) { c.ctx = ContextWithAPIVersion(c.ctx, "hidden\n") }, "header Ld-Api-Version",
		"contains a character that is not allowed in a header"},
}

func TestCheckArgumentsRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range refusedCalls {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newFakeCall(t, tc.option)
			if tc.change != nil {
				tc.change(c)
			}
			var next fakeStep
			resp, err := checkArguments(next.handle)(c, nil)
			require.Nil(t, resp)
			require.Empty(t, next.calls, "nothing is sent")
			require.Equal(t, &ArgumentError{Operation: "getToken", Parameter: tc.parameter, Reason: tc.reason}, requireArgumentError(t, err))
			require.NotContains(t, err.Error(), "hidden")
			require.Equal(t, "ldapi: getToken: "+tc.parameter+": "+tc.reason, err.Error())
		})
	}
}

func TestCheckArgumentsPassesOn(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]Option{
		"no credential": nil,
		"token":         {WithAccessToken(fakeToken)},
		"odd headers": {func(c *Configuration) {
			c.DefaultHeader = map[string]string{"x-odd_name!": "tab\tand ünïcode", "X-Empty": ""}
		}},
		"no user agent, no version": {WithUserAgent(""), WithAPIVersion("")},
		"no default headers":        {func(c *Configuration) { c.DefaultHeader = nil }},
	} {
		next := fakeStep{resp: newBufferedResponse(200, "{}"), err: errors.New("from below")}
		resp, err := checkArguments(next.handle)(newFakeCall(t, opts...), nil)
		require.Len(t, next.calls, 1, name)
		require.Same(t, next.resp, resp, name)
		require.Same(t, next.err, err, name)
	}
}

func TestAPIVersion(t *testing.T) {
	t.Parallel()
	c := newFakeCall(t)
	require.Equal(t, "20240415", c.apiVersion())
	c = newFakeCall(t, WithAPIVersion("20220603"))
	require.Equal(t, "20220603", c.apiVersion())
	c.ctx = ContextWithAPIVersion(c.ctx, "beta")
	require.Equal(t, "beta", c.apiVersion())
	c.ctx = ContextWithAPIVersion(c.ctx, "")
	require.Empty(t, c.apiVersion(), "none at all")
	require.True(t, strings.EqualFold(versionHeader, "LD-API-Version"))
}
