package ldapi_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

func withToken(token string) func(context.Context) context.Context {
	return func(ctx context.Context) context.Context { return ldapi.ContextWithAccessToken(ctx, token) }
}

// withKeys passes credentials as with the stock client.
func withKeys(keys map[string]ldapi.APIKey) func(context.Context) context.Context {
	return func(ctx context.Context) context.Context { return context.WithValue(ctx, ldapi.ContextAPIKeys, keys) }
}

func source(token string) ldapi.Option {
	return ldapi.WithTokenSource(func(context.Context) (string, error) { return token, nil })
}

// The context, else DefaultHeader, else the options, else none.
func TestPrecedenceOfCredentials(t *testing.T) {
	t.Parallel()
	type contexts = []func(context.Context) context.Context
	option, header := ldapi.WithAccessToken("api-option"), defaultHeader("authorization", "api-header")
	key := withKeys(map[string]ldapi.APIKey{"ApiKey": {Key: "api-key"}})
	for _, tc := range []struct {
		name string
		opts []ldapi.Option
		ctx  contexts
		want []string
	}{
		{"none", nil, nil, nil},
		{"option", []ldapi.Option{option}, nil, []string{"api-option"}},
		{"bearer option", []ldapi.Option{ldapi.WithBearerToken("oauth")}, nil, []string{"Bearer oauth"}},
		{"token source", []ldapi.Option{source("api-source")}, nil, []string{"api-source"}},
		{"the last option counts: source", []ldapi.Option{option, source("api-source")}, nil, []string{"api-source"}},
		{"the last option counts: token", []ldapi.Option{source("api-source"), option}, nil, []string{"api-option"}},
		{"the last option counts: bearer", []ldapi.Option{source("s"), option, ldapi.WithBearerToken("o")}, nil, []string{"Bearer o"}},
		{"DefaultHeader over option", []ldapi.Option{option, header}, nil, []string{"api-header"}},
		{"DefaultHeader over source", []ldapi.Option{source("api-source"), header}, nil, []string{"api-header"}},
		{"DefaultHeader alone", []ldapi.Option{defaultHeader("AUTHORIZATION", "Bearer h")}, nil, []string{"Bearer h"}},
		{"ContextAPIKeys over DefaultHeader", []ldapi.Option{option, header}, contexts{key}, []string{"api-key"}},
		{"ContextAPIKeys over source", []ldapi.Option{source("api-source")}, contexts{key}, []string{"api-key"}},
		{"ContextAPIKeys with prefix", nil, contexts{withKeys(map[string]ldapi.APIKey{"ApiKey": {Key: "oauth", Prefix: "Bearer"}})},
			[]string{"Bearer oauth"}},
		{"ContextAPIKeys without the key", []ldapi.Option{option}, contexts{withKeys(map[string]ldapi.APIKey{"Other": {Key: "x"}})},
			[]string{"api-option"}},
		{"ContextAPIKeys with nil", []ldapi.Option{header}, contexts{withKeys(nil)}, []string{"api-header"}},
		{"ContextWithAccessToken", []ldapi.Option{option, header}, contexts{withToken("api-context")}, []string{"api-context"}},
		{"the innermost: token", nil, contexts{key, withToken("api-context")}, []string{"api-context"}},
		{"the innermost: key", nil, contexts{withToken("api-context"), key}, []string{"api-key"}},
		{"a key map without the key hides no token", []ldapi.Option{option},
			contexts{withToken("api-context"), withKeys(map[string]ldapi.APIKey{"Other": {Key: "x"}})}, []string{"api-context"}},
		{"the innermost of two tokens", nil, contexts{withToken("outer"), withToken("inner")}, []string{"inner"}},
		{"Authorization by ContextWithHeader", []ldapi.Option{option, header}, contexts{withHeader("authorization", "api-c")},
			[]string{"api-c"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWire(respond(200, `{}`))
			client := ldapi.New(append(tc.opts, ldapi.WithTransport(w))...)
			_, _, err := getToken(apply(t.Context(), tc.ctx...), client)
			require.NoError(t, err)
			assert.Equal(t, tc.want, w.only(t).Header["Authorization"])
		})
	}
}

type contextKey struct{}

// The source is called for each call, with the call's context.
func TestTokenSource(t *testing.T) {
	t.Parallel()
	tokens := []string{"api-one", "api-two"}
	w := newWire(respond(200, `{}`))
	client := ldapi.New(ldapi.WithTransport(w), ldapi.WithTokenSource(func(ctx context.Context) (string, error) {
		assert.Equal(t, "mine", ctx.Value(contextKey{}))
		next := tokens[0]
		tokens = tokens[1:]
		return next, nil
	}))
	ctx := context.WithValue(t.Context(), contextKey{}, "mine")
	for range 2 {
		_, _, err := getToken(ctx, client)
		require.NoError(t, err)
	}
	require.Len(t, w.requests, 2)
	assert.Equal(t, "api-one", w.requests[0].Header.Get("Authorization"))
	assert.Equal(t, "api-two", w.requests[1].Header.Get("Authorization"))
}

func TestTokenSourceThatFails(t *testing.T) {
	t.Parallel()
	cause := errors.New("vault is sealed")
	client, w := answering(200, `{}`, ldapi.WithTokenSource(func(context.Context) (string, error) { return "", cause }))
	_, resp, err := getToken(t.Context(), client)
	require.ErrorIs(t, err, cause)
	assert.Nil(t, resp)
	w.nothing(t)

	for _, token := range []string{"", "api-x\r\nX-Evil: 1"} {
		client, w = answering(200, `{}`, source(token))
		_, _, err = getToken(t.Context(), client)
		assert.Equal(t, "Authorization", argumentError(t, err).Parameter)
		w.nothing(t)
	}
}

// A transport may bring the credential itself.
func TestATransportMayAddTheCredential(t *testing.T) {
	t.Parallel()
	w := newWire(respond(200, `{}`))
	client := ldapi.New(ldapi.WithHTTPClient(&http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
		req = req.Clone(req.Context())
		req.Header.Set("Authorization", "api-transport")
		return w.RoundTrip(req)
	})}))
	_, _, err := getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Equal(t, "api-transport", w.only(t).Header.Get("Authorization"))
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// A token goes over https or to loopback, unless an option specifies otherwise.
func TestInsecureURLsAreRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		url  string
		opts []ldapi.Option
		ok   bool
	}{
		{"http://ld.example.com", nil, false},
		{"http://10.0.0.1", nil, false},
		{"http://localhost.example.com", nil, false},
		{"http://[fe80::1]", nil, false},
		{"http://ld.example.com", []ldapi.Option{ldapi.WithInsecureHTTP()}, true},
		{"http://localhost:8080", nil, true},
		{"http://LOCALHOST", nil, true},
		{"http://127.0.0.1:8080", nil, true},
		{"http://127.8.9.10", nil, true},
		{"http://[::1]:8080", nil, true},
		{"https://ld.example.com", nil, true},
	} {
		t.Run(tc.url, func(t *testing.T) {
			t.Parallel()
			client, w := answering(200, `{}`, append(tc.opts, ldapi.WithBaseURL(tc.url))...)
			_, resp, err := getToken(t.Context(), client)
			if tc.ok {
				require.NoError(t, err)
				assert.Equal(t, strings.ToLower(tc.url)+"/api/v2/tokens/"+tokenID, w.only(t).URL.String())
				return
			}
			require.ErrorIs(t, err, ldapi.ErrInsecureURL)
			assert.Nil(t, resp)
			w.nothing(t)
		})
	}
}
