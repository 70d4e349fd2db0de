package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDiagramIsThePipeline: the diagram has the steps of newPipeline, in their order.
func TestDiagramIsThePipeline(t *testing.T) {
	t.Parallel()
	code, err := os.ReadFile(filepath.Join("..", "client.go"))
	require.NoError(t, err)
	list := regexp.MustCompile(`(?s)steps := \[\]func\(next handler\) handler\{\n(.*?)\n\t\}`).FindSubmatch(code)
	require.NotNil(t, list)
	last := regexp.MustCompile(`handler\((\w+)\)`).FindSubmatch(code)
	require.NotNil(t, last)
	var steps []string
	for _, m := range regexp.MustCompile(`(?m)^\t\t(\w+),`).FindAllSubmatch(list[1], -1) {
		steps = append(steps, string(m[1]))
	}
	steps = append(steps, string(last[1]))

	text, err := os.ReadFile("architecture.md")
	require.NoError(t, err)
	arrows := regexp.MustCompile(`(?m)^ *(\w+)\[".*"\] --> (\w+)`)
	var drawn []string
	for _, m := range arrows.FindAllStringSubmatch(string(text), -1) {
		drawn = append(drawn, m[2])
		if m[1] != "user" {
			require.Equal(t, m[1], drawn[len(drawn)-2], "the arrows are a chain")
		}
	}
	require.Equal(t, strings.Join(steps, " → "), strings.Join(drawn, " → "))
}

// TestFuzzTargetsAreExplained: CONTRIBUTING.md explains what a failure of each means, and names no others.
func TestFuzzTargetsAreExplained(t *testing.T) {
	t.Parallel()
	contributing, err := os.ReadFile(filepath.Join("..", "CONTRIBUTING.md"))
	require.NoError(t, err)
	named := map[string]bool{}
	for _, m := range regexp.MustCompile(`\bFuzz[A-Z]\w+`).FindAll(contributing, -1) {
		named[string(m)] = true
	}
	there := map[string]bool{}
	target := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)
	require.NoError(t, filepath.WalkDir("..", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range target.FindAllSubmatch(text, -1) {
			there[string(m[1])] = true
		}
		return err
	}))
	require.Equal(t, there, named)
}
