package ldapi

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// printed returns v as every printing verb, both log handlers and encoding/json show it.
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

// TestSecretsAreNotPrinted: neither alone nor inside other values.
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

// TestModelsWithSecretsAreLoggedWithout: the log value has identifying properties only.
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
		require.Equal(t, want, key.header().text())
	}
}

// failures records what an assertion prints.
type failures struct{ text strings.Builder }

func (f *failures) Errorf(format string, args ...any) { _, _ = fmt.Fprintf(&f.text, format, args...) }

// secretHolders are values that hold the token: a new set each time, so that no two are equal.
func secretHolders(t *testing.T) map[string]any {
	t.Helper()
	ctx := ContextWithHeader(ContextWithAccessToken(t.Context(), fakeToken), "X-Own", fakeToken)
	client := New(WithAccessToken(fakeToken), WithTransport(answering(401, `{"message":"`+fakeToken+`"}`)), WithRetry(NoRetry()))
	_, _, err := client.AccessTokensApi.GetToken(ctx, "66a0b1c2d3e4f50617283940").Execute()
	require.Error(t, err)
	return map[string]any{
		"client":        client,
		"client value":  *client,
		"configuration": NewConfiguration(WithBearerToken(fakeToken)),
		"source":        New(WithTokenSource(NewSwappableToken(fakeToken).Token)),
		"swappable":     NewSwappableToken(fakeToken),
		"context":       ctx,
		"request":       client.AccountMembersApi.GetMembers(ctx),
		"secret":        newSecret(fakeToken),
		"error text":    err.Error(),
	}
}

// TestAssertionsShowNoSecret: those of testify print what they find by reflection, unexported fields too.
func TestAssertionsShowNoSecret(t *testing.T) {
	t.Parallel()
	others := secretHolders(t)
	for name, v := range secretHolders(t) {
		var f failures
		assert.Equal(&f, v, others[name])
		assert.Nil(&f, v)
		assert.Contains(&f, []any{v}, "x")
		assert.IsType(&f, 1, v)
		require.NotEmpty(t, f.text.String(), name)
		requireNoSecret(t, []string{f.text.String()})
		requireNoSecret(t, stringsIn(reflect.ValueOf(v), map[any]bool{}))
	}
	require.NotEmpty(t, stringsIn(reflect.ValueOf(others["configuration"]), map[any]bool{}), "the walk finds strings")
}

// stringsIn returns the strings that reflection finds in v, behind pointers and in unexported fields.
func stringsIn(v reflect.Value, seen map[any]bool) []string {
	var found []string
	switch v.Kind() {
	case reflect.String:
		found = append(found, v.String())
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() || v.Kind() == reflect.Pointer && seen[v.Pointer()] {
			return nil
		}
		if v.Kind() == reflect.Pointer {
			seen[v.Pointer()] = true
		}
		found = stringsIn(v.Elem(), seen)
	case reflect.Struct:
		for i := range v.NumField() {
			found = append(found, stringsIn(v.Field(i), seen)...)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
			return []string{string(v.Bytes())}
		}
		for i := range v.Len() {
			found = append(found, stringsIn(v.Index(i), seen)...)
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			found = append(found, stringsIn(entries.Key(), seen)...)
			found = append(found, stringsIn(entries.Value(), seen)...)
		}
	}
	return found
}

// TestEncodersShowNoSecret: each encoder of the standard library writes a placeholder, or fails.
func TestEncodersShowNoSecret(t *testing.T) {
	t.Parallel()
	cfg := NewConfiguration(WithAccessToken(fakeToken))
	cfg.AddDefaultHeader("Authorization", fakeToken)
	key := APIKey{Key: fakeToken, Prefix: "Bearer"}
	for name, v := range map[string]any{
		"key": key, "key pointer": &key, "keys": map[string]APIKey{"ApiKey": key}, "list": []APIKey{key},
		"configuration": cfg, "configuration value": *cfg, "client": NewAPIClient(cfg), "swappable": NewSwappableToken(fakeToken),
	} {
		var asJSON, asGob, asXML bytes.Buffer
		_ = json.NewEncoder(&asJSON).Encode(v)
		_ = gob.NewEncoder(&asGob).Encode(v)
		_ = xml.NewEncoder(&asXML).Encode(v)
		require.NotEmpty(t, asJSON.String()+asGob.String(), name)
		requireNoSecret(t, []string{asJSON.String(), asGob.String(), asXML.String()})
	}
}
