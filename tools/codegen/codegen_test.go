package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	root        = "../.."
	description = root + "/api/openapi.yaml"
)

func TestGeneratedFilesAreCurrent(t *testing.T) {
	t.Parallel()
	if err := run(description, root, true); err != nil {
		t.Error(err)
	}
}

func TestGenerateIsDeterministic(t *testing.T) {
	t.Parallel()
	first, err := generate(description, root)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := generate(description, root)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(slices.Sorted(maps.Keys(first)), slices.Sorted(maps.Keys(again))) {
			t.Fatal("another run generates other files")
		}
		for path, text := range first {
			if string(text) != string(again[path]) {
				t.Errorf("another run generates another %s", path)
			}
		}
	}
}

func TestCheckReportsDriftAndWritesNothing(t *testing.T) {
	t.Parallel()
	dir := smallModule(t)
	if err := run("testdata/small.yaml", dir, false); err != nil {
		t.Fatal(err)
	}
	if err := run("testdata/small.yaml", dir, true); err != nil {
		t.Fatalf("after generating: %v", err)
	}
	write(t, dir, "model_thing.go", "// "+marker+"\n\npackage small\n")
	write(t, dir, "model_old.go", "// "+marker+"\n\npackage small\n")
	if err := os.Remove(filepath.Join(dir, "docs", "Thing.md")); err != nil {
		t.Fatal(err)
	}
	err := run("testdata/small.yaml", dir, true)
	for _, path := range []string{"model_thing.go", "model_old.go", "docs/Thing.md"} {
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s is not reported: %v", path, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "docs", "Thing.md")); err == nil {
		t.Error("-check wrote a file")
	}
}

func TestStaleFilesAreRemoved(t *testing.T) {
	t.Parallel()
	dir := smallModule(t)
	write(t, dir, "model_old.go", "// "+marker+"\n\npackage small\n")
	write(t, dir, "docs/Old.md", "<!-- "+marker+" -->\n# Old\n")
	write(t, dir, "docs/mine.md", "# Mine\n")
	if err := run("testdata/small.yaml", dir, false); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"model_old.go": false, "docs/Old.md": false, "docs/mine.md": true, "hand.go": true} {
		if _, err := os.Stat(filepath.Join(dir, path)); (err == nil) != want {
			t.Errorf("%s exists: %v, want %v", path, err == nil, want)
		}
	}
}

func TestHandWrittenPagesAreNotOverwritten(t *testing.T) {
	t.Parallel()
	dir := smallModule(t)
	write(t, dir, "docs/Thing.md", "# My own page\n")
	err := run("testdata/small.yaml", dir, false)
	if err == nil || !strings.Contains(err.Error(), "docs/Thing.md was written by hand") {
		t.Errorf("got %v", err)
	}
}

func TestGuidesAreListedByTheirHeadings(t *testing.T) {
	t.Parallel()
	dir := smallModule(t)
	write(t, dir, "docs/guides/errors.md", "\n# What errors say\n")
	files, err := generate("testdata/small.yaml", dir)
	if err != nil {
		t.Fatal(err)
	}
	if index := string(files["docs/README.md"]); !strings.Contains(index, "- [What errors say](guides/errors.md)") {
		t.Errorf("the index does not list the guide:\n%s", index)
	}
}

// TestLinksOfPagesLeadSomewhere follows the links of the generated pages to files and headings.
func TestLinksOfPagesLeadSomewhere(t *testing.T) {
	t.Parallel()
	files, err := generate(description, root)
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headings := regexp.MustCompile(`(?m)^#+ (\S+)$`)
	for path, text := range files {
		if filepath.Ext(path) != ".md" {
			continue
		}
		for _, match := range links.FindAllStringSubmatch(string(text), -1) {
			target, anchor, _ := strings.Cut(match[1], "#")
			page := filepath.Join("docs", target)
			if strings.HasPrefix(target, "https://") {
				continue
			}
			if target == "" {
				page = path
			}
			content, ok := files[page]
			if _, err := os.Stat(filepath.Join(root, page)); !ok && err != nil {
				t.Errorf("%s: dead link %s", path, match[1])
			}
			anchors := map[string]bool{"": true}
			for _, h := range headings.FindAllStringSubmatch(string(content), -1) {
				anchors[strings.ToLower(h[1])] = true
			}
			if !anchors[anchor] {
				t.Errorf("%s: no heading for %s", path, match[1])
			}
		}
	}
}

// smallModule makes a module for the small description in a new directory.
func smallModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/small\n\ngo 1.25.0\n")
	write(t, dir, "hand.go", "package small\n\ntype Cup struct{}\n\nfunc (o *Thing) Filled() bool { return true }\n\nconst small, RegionUS = 1, 2\n")
	return dir
}

func write(t *testing.T, dir, path, text string) {
	t.Helper()
	path = filepath.Join(dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
