// Package leak fails the tests of a package that leave goroutines behind.
package leak

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
)

// Main runs the tests of a package, and fails if one of them leaves a goroutine behind. Call it from TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if f := flag.Lookup("test.fuzz"); code == 0 && (f == nil || f.Value.String() == "") { // fuzzing has its own workers
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		if left := goroutinesLeft(); len(left) > 0 {
			fmt.Fprintf(os.Stderr, "%d goroutines are left:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
			code = 1
		}
	}
	os.Exit(code)
}

// goroutinesLeft returns the stacks of the goroutines that do not end, given the chance.
func goroutinesLeft() []string {
	const chances = 500
	for range chances {
		if len(otherGoroutines()) == 0 {
			return nil
		}
		runtime.GC() // runs finalizers, and takes long enough for others to end
		runtime.Gosched()
	}
	return otherGoroutines()
}

// otherGoroutines returns the stacks of all goroutines but the caller's and those of the standard library that never end.
func otherGoroutines() []string {
	stacks := make([]byte, 1<<20)
	for {
		n := runtime.Stack(stacks, true)
		if n < len(stacks) {
			stacks = stacks[:n]
			break
		}
		stacks = make([]byte, 2*len(stacks))
	}
	var others []string
	for i, stack := range strings.Split(strings.TrimSpace(string(stacks)), "\n\n") {
		if i > 0 && !strings.Contains(stack, "os/signal.") && !strings.Contains(stack, "testing.(*M).") {
			others = append(others, stack)
		}
	}
	return others
}
