package ldapi

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	source := func(context.Context) (string, error) { return "from-source", nil }
	defaultHeader := func(c *Configuration) { c.DefaultHeader["authorization"] = "from-header" }
	key := func(entry string, k APIKey) func(ctx context.Context) context.Context {
		return func(ctx context.Context) context.Context {
			return context.WithValue(ctx, ContextAPIKeys, map[string]APIKey{entry: k})
		}
	}
	for _, tc := range []struct {
		name string
		opts []Option
		ctx  func(ctx context.Context) context.Context
		want string // "" for none
	}{
		{"none", nil, nil, ""},
		{"access token", []Option{WithAccessToken("a")}, nil, "a"},
		{"bearer token", []Option{WithBearerToken("a")}, nil, "Bearer a"},
		{"source", []Option{WithTokenSource(source)}, nil, "from-source"},
		{"source after token", []Option{WithAccessToken("a"), WithTokenSource(source)}, nil, "from-source"},
		{"token after source", []Option{WithTokenSource(source), WithAccessToken("a")}, nil, "a"},
		{"default header", []Option{WithTokenSource(source), defaultHeader}, nil, "from-header"},
		{"context", []Option{WithAccessToken("a"), defaultHeader}, func(ctx context.Context) context.Context {
			return ContextWithAccessToken(ctx, "b")
		}, "b"},
		{"innermost context", nil, func(ctx context.Context) context.Context {
			return ContextWithAccessToken(ContextWithAccessToken(ctx, "outer"), "inner")
		}, "inner"},
		{"context header", []Option{WithAccessToken("a")}, func(ctx context.Context) context.Context {
			return ContextWithHeader(ctx, "authorization", "Bearer c")
		}, "Bearer c"},
		{"key in context", []Option{WithAccessToken("a")}, key("ApiKey", APIKey{Key: "k"}), "k"},
		{"key with prefix", nil, key("ApiKey", APIKey{Key: "k", Prefix: "Bearer"}), "Bearer k"},
		{"key of another scheme", []Option{WithAccessToken("a")}, key("Other", APIKey{Key: "k"}), "a"},
	} {
		c := newFakeCall(t, tc.opts...)
		if tc.ctx != nil {
			c.ctx = tc.ctx(c.ctx)
		}
		next := fakeStep{resp: newBufferedResponse(200, "")}
		req := newFakeRequest(t, c.ctx, "https://ld.example.com/x")
		resp, err := resolveCredential(next.handle)(c, req)
		require.NoError(t, err, tc.name)
		require.Same(t, next.resp, resp, tc.name)
		require.Same(t, req, next.calls[0], tc.name)
		require.Empty(t, req.Header["Authorization"], tc.name)
		if tc.want == "" {
			require.Nil(t, c.authorization, tc.name)
		} else {
			require.Equal(t, tc.want, c.authorization.text(), tc.name)
		}
	}
}

// TestTokenSourceIsAskedPerAttempt: a retry uses the current token.
func TestTokenSourceIsAskedPerAttempt(t *testing.T) {
	t.Parallel()
	tokens := []string{"first", "second"}
	var asked context.Context
	c := newFakeCall(t, WithTokenSource(func(ctx context.Context) (string, error) {
		asked = ctx
		token := tokens[0]
		tokens = tokens[1:]
		return token, nil
	}))
	var next fakeStep
	step := resolveCredential(next.handle)
	type key struct{}
	req := newFakeRequest(t, context.WithValue(c.ctx, key{}, "kept"), fakeURL)
	for _, want := range []string{"first", "second"} {
		_, _ = step(c, req)
		require.Equal(t, want, c.authorization.text())
		require.Equal(t, "kept", asked.Value(key{}), "the source sees the context of the attempt")
	}
}

func TestTokenSourceFails(t *testing.T) {
	t.Parallel()
	vault := errors.New("the vault is sealed")
	for name, tc := range map[string]struct {
		token string
		err   error
		want  string
	}{
		"error":      {"", vault, "ldapi: getToken GET /api/v2/tokens/{id}: token source: the vault is sealed"},
		"empty":      {"", nil, "ldapi: getToken: Authorization: is empty"},
		"line break": {"x\n", nil, "ldapi: getToken: Authorization: contains a character that is not allowed in a header"},
	} {
		c := newFakeCall(t, WithTokenSource(func(context.Context) (string, error) { return tc.token, tc.err }))
		var next fakeStep
		resp, err := resolveCredential(next.handle)(c, newFakeRequest(t, t.Context(), "https://app.example.com/"))
		require.Nil(t, resp, name)
		require.EqualError(t, err, tc.want, name)
		require.Empty(t, next.calls, name)
		if tc.err != nil {
			require.ErrorIs(t, err, vault)
		} else {
			requireArgumentError(t, err)
		}
	}
}

// TestCredentialsAreSetOnACopy: the request that middleware sees has no credential.
func TestCredentialsAreSetOnACopy(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		secret *secret
		own    []string // what middleware set
		want   []string
	}{
		"token":               {newSecret(fakeToken), nil, []string{fakeToken}},
		"none":                {nil, nil, nil},
		"of middleware":       {nil, []string{"own"}, []string{"own"}},
		"before middleware's": {newSecret(fakeToken), []string{"own"}, []string{fakeToken}},
	} {
		c := newFakeCall(t)
		c.authorization = tc.secret
		req := newFakeRequest(t, t.Context(), "https://ld.example.com/x")
		req.Header.Set("X-Own", "1")
		if tc.own != nil {
			req.Header["Authorization"] = tc.own
		}
		next := fakeStep{resp: newBufferedResponse(200, ""), err: errors.New("from below")}
		resp, err := setAuthorization(next.handle)(c, req)
		require.Same(t, next.resp, resp, name)
		require.Same(t, next.err, err, name)
		sent := next.calls[0]
		require.NotSame(t, req, sent, name)
		require.Equal(t, tc.want, sent.Header["Authorization"], name)
		require.Equal(t, tc.own, req.Header["Authorization"], name)
		require.Equal(t, "1", sent.Header.Get("X-Own"), name)
		sent.Header.Set("Cookie", "a=b") // as a cookie jar does
		require.Empty(t, req.Header["Cookie"], name)
	}
}

func TestCleartextIsRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		url      string
		insecure bool
		sent     bool
	}{
		{"https://app.launchdarkly.com/x", false, true},
		{"http://app.launchdarkly.com/x", false, false},
		{"http://app.launchdarkly.com/x", true, true},
		{"http://127.0.0.1:8080/x", false, true},
		{"http://localhost.example.com/x", false, false},
		{"ftp://app.launchdarkly.com/x", false, false},
	} {
		c := newFakeCall(t)
		if tc.insecure {
			c = newFakeCall(t, WithInsecureHTTP())
		}
		c.authorization = newSecret(fakeToken)
		var next fakeStep
		resp, err := setAuthorization(next.handle)(c, newFakeRequest(t, t.Context(), tc.url))
		if tc.sent {
			require.NoError(t, err, tc.url)
			require.Len(t, next.calls, 1, tc.url)
			continue
		}
		require.Nil(t, resp, tc.url)
		require.Empty(t, next.calls, tc.url)
		require.ErrorIs(t, err, ErrInsecureURL, tc.url)
		require.Equal(t, "server URL", requireArgumentError(t, err).Parameter, tc.url)
		require.NotContains(t, err.Error(), fakeToken, tc.url)
	}
}
