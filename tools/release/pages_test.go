package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// page is a document with lines to install.
type page struct {
	name  string
	steps []step
}

// step is a line for a shell, or a program.
type step struct {
	origin  string // file and line
	section string // heading
	line    string
	program string
}

// forCommits is the section of lines that users need until there is a version.
const forCommits = "Before the first version"

var (
	installs = regexp.MustCompile(`^(go (get|install|mod) |go run github\.com/|go vet -vettool|git clone )`)
	inline   = regexp.MustCompile("`(go (?:get|install|run) " + regexp.QuoteMeta(self) + "[^`]*)`")
)

// pages reads README.md and the guides. Pages without a line to install are left out.
func pages(t *testing.T, root string) []page {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "docs/guides/*.md"))
	require.NoError(t, err)
	var found []page
	for _, name := range append([]string{filepath.Join(root, "README.md")}, names...) {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		steps := stepsOf(filepath.Base(name), string(text))
		for _, s := range steps {
			if s.line != "" {
				found = append(found, page{filepath.Base(name), steps})
				break
			}
		}
	}
	return found
}

// stepsOf returns the lines to install of a document, and its complete programs, in their order.
func stepsOf(name, text string) []step {
	var steps []step
	var section, language string
	var block strings.Builder
	number := 0
	for line := range strings.Lines(text) {
		number++
		s := step{origin: fmt.Sprintf("%s:%d", name, number), section: section}
		line = strings.TrimRight(line, "\r\n")
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && language == "":
			language = fence + " "
			block.Reset()
		case isFence:
			if language == "go " && strings.HasPrefix(block.String(), "package ") {
				s.program = block.String()
				steps = append(steps, s)
			}
			language = ""
		case language == "sh " && installs.MatchString(line):
			s.line = line
			steps = append(steps, s)
		case language != "":
			block.WriteString(line + "\n")
		case strings.HasPrefix(line, "#"):
			section = strings.TrimLeft(line, "# ")
		default:
			for _, m := range inline.FindAllStringSubmatch(line, -1) {
				s.line = m[1]
				steps = append(steps, s)
			}
		}
	}
	return steps
}

// TestSteps: lines to install are found in blocks and in sentences, programs only if they are complete.
func TestSteps(t *testing.T) {
	t.Parallel()
	text := "# One\n\nRun `go get github.com/ldapi-go/ldapi`, not `go get`.\n\n```sh\ngo test ./...\ngo mod tidy # now\n```\n\n" +
		"## Two\n\n```go\npackage main\n```\n\n```go\nx := 1\n```\n\n```\n# Three\n```\n\n```sh\ngo run github.com/ldapi-go/ldapi/x@latest\n```\n"
	require.Equal(t, []step{
		{"a.md:3", "One", "go get github.com/ldapi-go/ldapi", ""},
		{"a.md:7", "One", "go mod tidy # now", ""},
		{"a.md:14", "Two", "", "package main\n"},
		{"a.md:25", "Two", "go run github.com/ldapi-go/ldapi/x@latest", ""},
	}, stepsOf("a.md", text))
}
