// Package everyday_test tests the helpers and iterators as programs use them.
package everyday_test

import (
	"testing"

	"github.com/ldapi-go/ldapi/internal/leak"
)

// TestMain fails if a test leaves a goroutine behind.
func TestMain(m *testing.M) { leak.Main(m) }
