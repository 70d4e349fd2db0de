package ldapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

// printed gives v as every printing verb, both log handlers and encoding/json show it.
func printed(t *testing.T, v any) []string {
	t.Helper()
	var text, structured bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&structured, nil)).Info("m", "v", v)
	out := []string{text.String(), structured.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		out = append(out, fmt.Sprintf(verb, v))
	}
	return out
}

// requireNoSecret looks for the token, also in hexadecimal.
func requireNoSecret(t *testing.T, shown []string) {
	t.Helper()
	for _, text := range shown {
		require.NotContains(t, text, fakeToken)
		require.NotContains(t, text, fmt.Sprintf("%x", fakeToken))
		require.NotContains(t, text, fmt.Sprintf("%X", fakeToken))
	}
}

// TestSecretsAreNotPrinted: neither alone nor inside of what a program may print.
func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	s := newSecret(fakeToken)
	key := APIKey{Key: fakeToken, Prefix: "Bearer"}
	ctx := ContextWithHeader(ContextWithAccessToken(t.Context(), fakeToken), "X-Own", fakeToken)
	client := New(WithAccessToken(fakeToken), func(c *Configuration) { c.AddDefaultHeader("Authorization", fakeToken) })
	for name, v := range map[string]any{
		"secret":        s,
		"in a struct":   struct{ inner *secret }{s},
		"settings":      settings{credential: s},
		"key":           key,
		"key pointer":   &key,
		"keys":          map[string]APIKey{"ApiKey": key},
		"context":       ctx,
		"client":        client,
		"client value":  *client,
		"service":       client.AccessTokensApi,
		"request":       client.AccessTokensApi.GetTokens(ctx),
		"configuration": NewConfiguration(WithBearerToken(fakeToken)),
		"call":          &call{authorization: s},
		"argument":      checkCredential(fakeToken + "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireNoSecret(t, printed(t, v))
		})
	}
	require.Equal(t, "[redacted]", s.String())
	require.Equal(t, `APIKey{Key:[redacted] Prefix:"Bearer"}`, key.String())
	out, err := json.Marshal(map[string]any{"s": s, "k": key})
	require.NoError(t, err)
	require.Equal(t, `{"k":{"Prefix":"Bearer"},"s":"[redacted]"}`, string(out))
}

// TestModelsWithSecretsAreLoggedWithout: the log value identifies, and nothing else.
func TestModelsWithSecretsAreLoggedWithout(t *testing.T) {
	t.Parallel()
	token := Token{Id: "1", Name: PtrString("ci"), Role: PtrString("reader"), ServiceToken: PtrBool(true), Token: PtrString(fakeToken)}
	form := NewMemberForm{Email: "rosa@example.com", Role: PtrString("writer"), Password: PtrString(fakeToken)}
	for want, v := range map[string]slog.LogValuer{
		"[id=1 name=ci role=reader serviceToken=true]": token,
		"[ids=[1 1]]":                          Tokens{Items: []Token{token, token}},
		"[email=rosa@example.com role=writer]": form,
		"[prefix=]":                            APIKey{Key: fakeToken},
	} {
		require.Equal(t, want, v.LogValue().String())
		requireNoSecret(t, printed(t, v)[:2])
	}
	require.Equal(t, "[id= name= role= serviceToken=false]", Token{}.LogValue().String())
	require.Equal(t, "[ids=[]]", Tokens{}.LogValue().String())

	stored, err := json.Marshal(token)
	require.NoError(t, err)
	require.Contains(t, string(stored), fakeToken, "programs store tokens")
}

func TestAPIKeyHeader(t *testing.T) {
	t.Parallel()
	for want, key := range map[string]APIKey{"k": {Key: "k"}, "Bearer k": {Key: "k", Prefix: "Bearer"}, "": {Prefix: "Bearer"}} {
		require.Equal(t, want, key.header().value)
	}
}
