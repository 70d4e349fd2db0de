package ldapi

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/ldapi-go/ldapi/internal/codec"
)

// contextKey values are compared by address; using a pointer as key avoids an allocation in
// Context.Value.
type contextKey struct{ name string }

// String returns the name of the key, which is printed with a context.
func (k *contextKey) String() string { return "ldapi." + k.name }

// The keys of context values that calls read.
var (
	// ContextAPIKeys is the key of a map[string][APIKey]. Its entry "ApiKey" authenticates the call.
	// It takes precedence over every other credential except that of an inner
	// [ContextWithAccessToken].
	ContextAPIKeys = &contextKey{"ContextAPIKeys"}

	// ContextServerIndex is the key of an int, the index into [Configuration.Servers]. The default is
	// 0.
	ContextServerIndex = &contextKey{"ContextServerIndex"}

	// ContextServerVariables is the key of a map[string]string with values of variables in the
	// server's URL.
	ContextServerVariables = &contextKey{"ContextServerVariables"}

	// ContextOperationServerIndices is the key of a map[string]int, [ContextServerIndex] for single
	// operations. Its keys are those of [Configuration.OperationServers], such as
	// "AccessTokensApiService.GetToken".
	ContextOperationServerIndices = &contextKey{"ContextOperationServerIndices"}

	// ContextOperationServerVariables is the key of a map[string]map[string]string,
	// [ContextServerVariables] for single operations. Its keys are those of
	// [Configuration.OperationServers].
	ContextOperationServerVariables = &contextKey{"ContextOperationServerVariables"}
)

type (
	headerKey  struct{}
	tokenKey   struct{}
	versionKey struct{}
)

// ContextWithAccessToken returns a copy of ctx that authenticates calls with token. It takes
// precedence over the configuration of the client; the innermost such context wins. If token is
// empty, calls fail with an [ArgumentError].
func ContextWithAccessToken(ctx context.Context, token string) context.Context {
	value := newSecret(token)
	ctx = context.WithValue(contextOf(ctx), tokenKey{}, value)
	return context.WithValue(ctx, ContextAPIKeys, value) // under the same key, so that the innermost of both counts
}

// contextHeader is a header set by [ContextWithHeader]. Values are kept as secrets because some are.
type contextHeader struct {
	outer *contextHeader
	key   string
	value *secret
}

// ContextWithHeader returns a copy of ctx that makes calls send header key with this value. It
// replaces the header of the configuration, in any spelling; the innermost such context wins. It
// does not replace the Content-Type of an operation, except with [APIClient.Do]. The header
// "Authorization" is a credential, as with [ContextWithAccessToken]. If HTTP does not allow the
// name or the value, calls fail with an [ArgumentError].
func ContextWithHeader(ctx context.Context, key, value string) context.Context {
	if isAuthorization(key) {
		return ContextWithAccessToken(ctx, value)
	}
	ctx = contextOf(ctx)
	outer, _ := ctx.Value(headerKey{}).(*contextHeader)
	return context.WithValue(ctx, headerKey{}, &contextHeader{outer: outer, key: key, value: newSecret(value)})
}

// ContextWithAPIVersion returns a copy of ctx that makes calls send v as LD-API-Version, such as
// "20240415" or "beta". It takes precedence over [WithAPIVersion] and [Configuration.DefaultHeader].
// If v is empty, the header is not sent and the default version of the token applies.
func ContextWithAPIVersion(ctx context.Context, v string) context.Context {
	return context.WithValue(contextOf(ctx), versionKey{}, v)
}

// contextCredential returns the credential that ctx carries for the Authorization header.
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

// APIKey is a credential, the entry "ApiKey" in [ContextAPIKeys]. The Authorization header is Key,
// preceded by Prefix and a space if Prefix is not empty: LaunchDarkly's access tokens have no
// prefix, and OAuth tokens have "Bearer".
//
// Printing, logging or marshaling an APIKey never shows Key.
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

// String returns the prefix, and a placeholder for the key.
func (k APIKey) String() string { return fmt.Sprintf("APIKey{Key:%s Prefix:%q}", redacted, k.Prefix) }

// Format prints String for every verb.
func (k APIKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalJSON writes the prefix only.
func (k APIKey) MarshalJSON() ([]byte, error) {
	return codec.Encode(func(e *codec.Encoder) {
		f := e.Object(nil)
		codec.Put(&f, "Prefix", &k.Prefix, codec.EncodeString)
		f.End()
	})
}

// MarshalText returns String, for encoders of text such as encoding/xml.
func (k APIKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// GobEncode returns String. A gob of an APIKey cannot be decoded.
func (k APIKey) GobEncode() ([]byte, error) { return k.MarshalText() }

// LogValue returns the prefix only.
func (k APIKey) LogValue() slog.Value { return slog.GroupValue(slog.String("prefix", k.Prefix)) }

type retryKey struct{}

// ContextWithRetry returns a copy of ctx that makes calls use retry policy p. It takes precedence
// over [WithRetry]; the innermost such context wins.
func ContextWithRetry(ctx context.Context, p RetryPolicy) context.Context {
	return context.WithValue(contextOf(ctx), retryKey{}, &p)
}
