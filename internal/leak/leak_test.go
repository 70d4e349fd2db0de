package leak

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLeakIsFound: the check sees a goroutine that waits, and no longer when it has ended.
func TestLeakIsFound(t *testing.T) {
	t.Parallel()
	seen := func() bool { return strings.Contains(strings.Join(otherGoroutines(), "\n"), "leak.waitForRelease") }
	started, release := make(chan struct{}), make(chan struct{})
	go waitForRelease(started, release)
	<-started
	require.True(t, seen())
	close(release)
	for range 500 {
		if !seen() {
			return
		}
		runtime.Gosched()
	}
	t.Error("it is still there")
}

func waitForRelease(started, release chan struct{}) {
	close(started)
	<-release
}
