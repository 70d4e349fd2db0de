package ldapi

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/ldapi-go/ldapi/internal/codec"
)

const redacted = "[redacted]"

// secret holds a credential out of sight: in a function, because what fmt, test assertions and debuggers print of a value they find
// by reflection, which goes through unexported fields but not into functions.
type secret struct{ reveal func() string }

func newSecret(value string) *secret { return &secret{func() string { return value }} }

// text returns the credential, or "" if s is nil.
func (s *secret) text() string {
	if s == nil {
		return ""
	}
	return s.reveal()
}

// String keeps the secret out of fmt and of context.Context's own String.
func (s *secret) String() string { return redacted }

// Format keeps the secret out of every printing verb.
func (s *secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText keeps the secret out of encoders.
func (s *secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue keeps the secret out of log/slog.
func (s *secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// String shows the configuration as Configuration.String does.
func (c APIClient) String() string { return fmt.Sprintf("APIClient{%v}", c.cfg) }

// Format is String for every printing verb: for one that does not fit a pointer, such as %s, fmt prints what is behind it.
func (c APIClient) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

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

// LogValue gives what identifies the token, without its secret.
func (o Token) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", o.Id),
		slog.String("name", o.GetName()),
		slog.String("role", o.GetRole()),
		slog.Bool("serviceToken", o.GetServiceToken()),
	)
}

// LogValue gives the ids of the tokens on the page, without their secrets.
func (o Tokens) LogValue() slog.Value {
	ids := make([]string, len(o.Items))
	for i := range o.Items {
		ids[i] = o.Items[i].Id
	}
	return slog.GroupValue(slog.Any("ids", ids))
}

// LogValue gives whom the form invites and as what, without the password.
func (o NewMemberForm) LogValue() slog.Value {
	return slog.GroupValue(slog.String("email", o.Email), slog.String("role", o.GetRole()))
}
