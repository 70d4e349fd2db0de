package ldapi

import (
	"fmt"
	"io"
	"log/slog"
)

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
