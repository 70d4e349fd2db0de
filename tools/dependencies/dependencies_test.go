// Package dependencies checks what the guide of dependencies says of the modules that users build, and of their licenses.
package dependencies

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	root = "../.."
	self = "github.com/ldapi-go/ldapi"
)

func TestGuide(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join(root, "docs/guides/dependencies.md"))
	require.NoError(t, err)
	tables := map[string]map[string]string{} // by title: license by module
	title := regexp.MustCompile(`^\| (package|module) (\w+) \|`)
	row := regexp.MustCompile("^\\| `([^`]+)` \\| [^|]+ \\| ([^|]+) \\|$")
	var table map[string]string
	for line := range strings.Lines(string(guide)) {
		line = strings.TrimSpace(line)
		if m := title.FindStringSubmatch(line); m != nil {
			table = map[string]string{}
			tables[m[2]] = table
		} else if m := row.FindStringSubmatch(line); m != nil {
			table[m[1]] = m[2]
		}
	}
	require.Len(t, tables, 3)
	require.Empty(t, built(t, root, "."), "package ldapi is built from the standard library alone")
	for name, c := range map[string]struct{ folder, packages string }{
		"ldapitest": {".", "./ldapitest"},
		"otelldapi": {"otelldapi", "."},
		"ldapivet":  {"ldapivet", "./..."},
	} {
		require.Equal(t, built(t, filepath.Join(root, c.folder), c.packages), tables[name], "modules of %s", name)
	}
}

// built returns the licenses of the modules that packages are built from, but for our own.
func built(t *testing.T, folder, packages string) map[string]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Dir}}{{end}}", packages)
	cmd.Dir = folder
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s", &stderr)
	licenses := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, dir, found := strings.Cut(strings.TrimSpace(line), "\t")
		if found && path != self && !strings.HasPrefix(path, self+"/") && licenses[path] == "" {
			licenses[path] = license(t, dir)
		}
	}
	return licenses
}

// license recognizes licenses by a sentence that each must have. A file may have several, of parts that come from elsewhere.
func license(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "LICENSE*"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "%s has no license", dir)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	if bytes.Contains(text, []byte("MIT No Attribution")) {
		return "MIT-0"
	}
	var names []string
	for _, l := range []struct{ name, sentence string }{
		{"Apache-2.0", "Apache License"},
		{"BSD-3-Clause", "Neither the name"},
		{"MIT", "Permission is hereby granted, free of charge"},
	} {
		if bytes.Contains(text, []byte(l.sentence)) {
			names = append(names, l.name)
		}
	}
	require.NotEmpty(t, names, "%s: unknown license", files[0])
	return strings.Join(names, ", ")
}
