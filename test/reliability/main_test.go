// Package reliability_test proves what docs/guides/reliability.md promises: rate limits obeyed by all goroutines
// together, nothing carried out twice, waits that end, redirects that send no token, secrets that stay secret, and
// bounded memory. Tests with time in them run in bubbles of testing/synctest, server included.
package reliability_test

import (
	"testing"

	"github.com/ldapi-go/ldapi/internal/leak"
)

// TestMain fails if a test leaves a goroutine behind.
func TestMain(m *testing.M) { leak.Main(m) }
