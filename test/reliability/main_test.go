// Package reliability_test proves what docs/guides/reliability.md promises: rate limits obeyed by all goroutines
// together, nothing carried out twice, waits that end, redirects that take no token along, secrets that stay secret, and
// bounded memory. Tests with time in them run in bubbles of testing/synctest, server included.
package reliability_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain looks for goroutines that outlive the tests. Those of a bubble are looked for by the bubble itself.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := leftOver(5 * time.Second); code == 0 && len(left) > 0 {
		fmt.Printf("%d goroutines are left over:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
		code = 1
	}
	os.Exit(code)
}

// leftOver gives the stacks of the goroutines that do not end within patience, this one and those of package testing apart.
func leftOver(patience time.Duration) []string {
	for start := time.Now(); ; runtime.Gosched() {
		buf := make([]byte, 1<<20)
		var left []string
		for i, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if i > 0 && !strings.Contains(stack, "testing.(*M).") && !strings.Contains(stack, "os/signal.") {
				left = append(left, stack)
			}
		}
		if len(left) == 0 || time.Since(start) > patience {
			return left
		}
	}
}
