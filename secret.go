package ldapi

import (
	"fmt"
	"io"
	"log/slog"
)

// secret hides a credential in a function: fmt, test assertions and debuggers print what they find
// by reflection, which reaches unexported fields but not the variables of a function.
type secret struct{ reveal func() string }

func newSecret(value string) *secret { return &secret{func() string { return value }} }

// text returns the credential, or "" if s is nil.
func (s *secret) text() string {
	if s == nil {
		return ""
	}
	return s.reveal()
}

// String returns a placeholder, for fmt and for the String method of contexts.
func (s *secret) String() string { return redacted }

// Format prints a placeholder for every verb.
func (s *secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns a placeholder, for encoders.
func (s *secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns a placeholder, for log/slog.
func (s *secret) LogValue() slog.Value { return slog.StringValue(redacted) }
