package ldapi

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/ldapi-go/ldapi/internal/codec"
)

// contextKey is used by its address: a pointer costs nothing where contexts are asked for it.
type contextKey struct{ name string }

// String names the key where contexts are printed.
func (k *contextKey) String() string { return "ldapi." + k.name }

// Keys of values that a context may carry for the calls made with it.
var (
	// ContextAPIKeys is the key of a map[string]APIKey. The entry "ApiKey" authenticates the call; it outranks every
	// other credential but an inner ContextWithAccessToken.
	ContextAPIKeys = &contextKey{"ContextAPIKeys"}

	// ContextServerIndex is the key of an int: which of Configuration.Servers the call goes to. The default is 0.
	ContextServerIndex = &contextKey{"ContextServerIndex"}

	// ContextServerVariables is the key of a map[string]string: values for the variables of the server's URL.
	ContextServerVariables = &contextKey{"ContextServerVariables"}

	// ContextOperationServerIndices is the key of a map[string]int: ContextServerIndex for single operations, keyed like
	// Configuration.OperationServers ("AccessTokensApiService.GetToken").
	ContextOperationServerIndices = &contextKey{"ContextOperationServerIndices"}

	// ContextOperationServerVariables is the key of a map[string]map[string]string: ContextServerVariables for single
	// operations, keyed like Configuration.OperationServers.
	ContextOperationServerVariables = &contextKey{"ContextOperationServerVariables"}
)

type (
	headerKey  struct{}
	tokenKey   struct{}
	versionKey struct{}
)

// ContextWithAccessToken returns a context whose calls authenticate with token. It outranks the client's configuration;
// of several contexts the innermost counts. An empty token makes calls fail with *ArgumentError.
func ContextWithAccessToken(ctx context.Context, token string) context.Context {
	value := newSecret(token)
	ctx = context.WithValue(contextOf(ctx), tokenKey{}, value)
	return context.WithValue(ctx, ContextAPIKeys, value) // under the same key, so that the innermost of both counts
}

// contextHeader is one ContextWithHeader. Values are held as secrets because some are.
type contextHeader struct {
	outer *contextHeader
	key   string
	value *secret
}

// ContextWithHeader returns a context whose calls send the header key with this value. It replaces what the
// configuration says of that header, in whatever spelling; of several contexts the innermost counts. The Content-Type of
// an operation stays (APIClient.Do has none of its own). "Authorization" is a credential, as with ContextWithAccessToken.
// A name or value that HTTP cannot carry makes calls fail with *ArgumentError.
func ContextWithHeader(ctx context.Context, key, value string) context.Context {
	if isAuthorization(key) {
		return ContextWithAccessToken(ctx, value)
	}
	ctx = contextOf(ctx)
	outer, _ := ctx.Value(headerKey{}).(*contextHeader)
	return context.WithValue(ctx, headerKey{}, &contextHeader{outer: outer, key: key, value: newSecret(value)})
}

// ContextWithAPIVersion returns a context whose calls send v as LD-API-Version, such as "20240415" or "beta". It outranks
// WithAPIVersion and Configuration.DefaultHeader. An empty v sends no such header: the token's own default holds then.
func ContextWithAPIVersion(ctx context.Context, v string) context.Context {
	return context.WithValue(contextOf(ctx), versionKey{}, v)
}

// contextCredential gives the credential that the context carries for the Authorization header.
func contextCredential(ctx context.Context) (*secret, bool) {
	switch v := ctx.Value(ContextAPIKeys).(type) {
	case *secret:
		return v, true
	case map[string]APIKey:
		if key, ok := v["ApiKey"]; ok {
			return key.header(), true
		}
	}
	s, ok := ctx.Value(tokenKey{}).(*secret) // behind a map that has no "ApiKey"
	return s, ok
}

// APIKey is a credential under "ApiKey" in ContextAPIKeys. The Authorization header carries Key, after Prefix and a space
// if there is a Prefix (LaunchDarkly's access tokens have none, OAuth tokens take "Bearer").
//
// Printing, logging or marshalling an APIKey never shows Key.
type APIKey struct {
	Key    string
	Prefix string
}

func (k APIKey) header() *secret {
	if k.Prefix == "" || k.Key == "" {
		return newSecret(k.Key)
	}
	return newSecret(k.Prefix + " " + k.Key)
}

// String shows the prefix and that there is a key.
func (k APIKey) String() string { return fmt.Sprintf("APIKey{Key:%s Prefix:%q}", redacted, k.Prefix) }

// Format is String for every printing verb.
func (k APIKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalJSON writes the prefix only.
func (k APIKey) MarshalJSON() ([]byte, error) {
	return encodeDocument(func(e *codec.Encoder) {
		f := e.Object(nil)
		codec.Put(&f, "Prefix", &k.Prefix, codec.EncodeString)
		f.End()
	})
}

// MarshalText returns String, for encoders of text such as encoding/xml.
func (k APIKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// GobEncode returns String. A gob of an APIKey cannot be decoded.
func (k APIKey) GobEncode() ([]byte, error) { return k.MarshalText() }

// LogValue gives the prefix only.
func (k APIKey) LogValue() slog.Value { return slog.GroupValue(slog.String("prefix", k.Prefix)) }

type retryKey struct{}

// ContextWithRetry returns a context whose calls are repeated by p. It outranks WithRetry; of several contexts the
// innermost counts.
func ContextWithRetry(ctx context.Context, p RetryPolicy) context.Context {
	return context.WithValue(contextOf(ctx), retryKey{}, &p)
}
