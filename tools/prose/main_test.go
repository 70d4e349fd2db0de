package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCounts(t *testing.T) {
	t.Parallel()
	texts, err := ofGo("x.go", []byte("package x\n\n// X gives a value.\n//\n//go:noinline says nothing\nvar X = \"it tells anew\"\n\nconst short = \"gives\"\n"))
	require.NoError(t, err)
	texts = append(texts, ofMarkdown("x.md", []byte("It says so.\n```go\ngives gives\n```\n`gives` is none.\n"))...)
	var out strings.Builder
	require.False(t, report(&out, texts))
	for _, want := range []string{"give(s)  ", "say(s)", "tell(s)", "anew", "is none"} {
		require.Regexp(t, `(?m)^`+regexpQuote(want)+`\s+1\s`, out.String(), want)
	}
	out.Reset()
	list(&out, texts, "say(s)")
	require.Equal(t, "x.md:1: It says so.\n", out.String())
}

func regexpQuote(s string) string {
	return strings.NewReplacer("(", `\(`, ")", `\)`).Replace(strings.TrimSpace(s))
}

// TestTheProject reads all of it.
func TestTheProject(t *testing.T) {
	t.Parallel()
	texts, err := collect("../..")
	require.NoError(t, err)
	require.Greater(t, len(texts), 1000)
}
