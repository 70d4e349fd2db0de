package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
)

// TestProblems: what keeps users from installing a module is refused.
func TestProblems(t *testing.T) {
	t.Parallel()
	head := "module github.com/ldapi-go/ldapi/otelldapi\n\ngo 1.25.0\n\n"
	for name, c := range map[string]struct{ text, problem string }{
		"good":             {head + "require github.com/ldapi-go/ldapi v1.2.3\n", ""},
		"requires nothing": {head, ""},
		"a replace":        {head + "require github.com/ldapi-go/ldapi v1.2.3\n\nreplace github.com/ldapi-go/ldapi => ../\n", "has a replace of github.com/ldapi-go/ldapi"},
		"another replace":  {head + "replace example.com/x => example.com/y v1.0.0\n", "has a replace of example.com/x"},
		"an exclude":       {head + "exclude example.com/x v1.0.0\n", "has an exclude of example.com/x"},
		"no version":       {head + "require github.com/ldapi-go/ldapi v0.0.0\n", "requires github.com/ldapi-go/ldapi@v0.0.0, and not v1.2.3"},
		"another version":  {head + "require github.com/ldapi-go/ldapi v1.2.2\n", "requires github.com/ldapi-go/ldapi@v1.2.2, and not v1.2.3"},
		"no module":        {head + "require github.com/ldapi-go/ldapi/tools v1.2.3\n", "requires github.com/ldapi-go/ldapi/tools, which has no tag"},
		"another path":     {"module example.com/x\n", "is not that of github.com/ldapi-go/ldapi/otelldapi"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := &module{dir: ".", file: parse(t, "module github.com/ldapi-go/ldapi\n")}
			r := &repository{modules: []*module{root, {dir: "otelldapi", file: parse(t, c.text)}}}
			err := r.problems("1.2.3")
			if c.problem == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, "otelldapi/go.mod "+c.problem)
			}
		})
	}
}

func parse(t *testing.T, text string) *modfile.File {
	t.Helper()
	file, err := modfile.Parse("go.mod", []byte(text), nil)
	require.NoError(t, err)
	return file
}

// TestOrder: modules come after those that they require.
func TestOrder(t *testing.T) {
	t.Parallel()
	in := func(dir, requires string) *module {
		m := &module{dir: dir}
		m.file = parse(t, "module "+m.path()+"\n"+requires)
		return m
	}
	a, b := in("a", "require "+self+"/b v0.1.0\n"), in("b", "require "+self+" v0.1.0\n")
	root := in(".", "")
	r := &repository{modules: []*module{a, b, root}}
	require.NoError(t, r.sort())
	require.Equal(t, []*module{root, b, a}, r.modules)
	require.Equal(t, "v0.1.0", root.tag("0.1.0"))
	require.Equal(t, "a/v0.1.0", a.tag("0.1.0"))

	circle := &repository{modules: []*module{a, in("b", "require "+self+"/a v0.1.0\n")}}
	require.ErrorContains(t, circle.sort(), "require each other")
}

// TestDateChangelog: only a changelog with something new becomes that of a version.
func TestDateChangelog(t *testing.T) {
	t.Parallel()
	const old = "\n\n## 0.1.0 - 2029-01-31\n\n- Old.\n"
	for name, c := range map[string]struct{ before, after, problem string }{
		"the first":   {"# Changelog\n\n## Unreleased\n\n- New.\n", "# Changelog\n\n## 0.2.0 - 2030-01-31\n\n- New.\n", ""},
		"another":     {"## Unreleased\n\n- New." + old, "## 0.2.0 - 2030-01-31\n\n- New." + old, ""},
		"done":        {"## 0.2.0 - 2030-01-30\n\n- New." + old, "## 0.2.0 - 2030-01-30\n\n- New." + old, ""},
		"empty":       {"## Unreleased" + old, "", "is empty"},
		"nothing new": {old, "", "nothing is new"},
		"no section":  {"# Changelog\n", "", "nothing is new"},
		"twice":       {"## Unreleased\n\n- New.\n\n## 0.2.0 - 2029-01-31\n", "", "has 0.2.0 already"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after, err := dateChangelog(c.before, "0.2.0", "2030-01-31")
			if c.problem != "" {
				require.ErrorContains(t, err, c.problem)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.after, after)
		})
	}
}

// TestDocuments: a version is in both files, and what is no later version is refused.
func TestDocuments(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o600))
	}
	write("version.go", "package ldapi\n\nconst Version = \"0.1.0\"\n")
	write("CHANGELOG.md", "## Unreleased\n\n- New.\n\n## 0.1.0\n")
	for version, problem := range map[string]string{
		"0.0.9": "older", "v0.2.0": "is no version", "0.2": "is no version", "next": "is no version", "": "has 0.1.0 already",
	} {
		_, _, err := documents(root, version, "2030-01-31")
		require.ErrorContains(t, err, problem, version)
	}
	version, texts, err := documents(root, "0.2.0-rc.1", "2030-01-31")
	require.NoError(t, err)
	require.Equal(t, "0.2.0-rc.1", version)
	require.Equal(t, map[string]string{
		"version.go":   "package ldapi\n\nconst Version = \"0.2.0-rc.1\"\n",
		"CHANGELOG.md": "## 0.2.0-rc.1 - 2030-01-31\n\n- New.\n\n## 0.1.0\n",
	}, texts)
}

// TestWithSums: lines about our modules are replaced, in the order of the go command.
func TestWithSums(t *testing.T) {
	t.Parallel()
	sums := "github.com/a/a v1.10.0 h1:a\ngithub.com/a/a v1.10.0/go.mod h1:b\ngithub.com/ldapi-go/ldapi v0.1.0 h1:c\ngolang.org/x/sys v0.1.0 h1:d\n"
	ours := []string{"github.com/ldapi-go/ldapi v0.2.0/go.mod h1:f\n", "github.com/ldapi-go/ldapi v0.2.0 h1:e\n"}
	require.Equal(t, "github.com/a/a v1.10.0 h1:a\ngithub.com/a/a v1.10.0/go.mod h1:b\n"+ours[1]+ours[0]+"golang.org/x/sys v0.1.0 h1:d\n", withSums(sums, ours))
	require.Equal(t, "github.com/a/a v1.9.0 h1:a\ngithub.com/a/a v1.10.0 h1:a\n", withSums("github.com/a/a v1.10.0 h1:a\ngithub.com/a/a v1.9.0 h1:a\n", nil))
}

// TestRefusal: a repository with a replace or with changes that are not committed is not released, and -check fails.
func TestRefusal(t *testing.T) {
	isolateGit(t)
	tree := checkout(t)
	require.NoError(t, checkModules(tree))
	name := filepath.Join(tree, "otelldapi/go.mod")
	good := read(t, tree, "otelldapi/go.mod")
	require.NoError(t, os.WriteFile(name, []byte(good+"\nreplace github.com/ldapi-go/ldapi => ../\n"), 0o600))
	require.ErrorContains(t, checkModules(tree), "has a replace")
	version, _ := next(t, tree)
	var printed bytes.Buffer
	require.ErrorContains(t, release(&printed, tree, version, "2030-01-31"), "has a replace")
	require.Empty(t, printed.String(), "no tags")
	changes, err := output(tree, "git", "status", "--porcelain")
	require.NoError(t, err)
	require.Equal(t, " M otelldapi/go.mod\n", changes, "nothing was written")

	require.NoError(t, os.WriteFile(name, []byte(good), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(tree, "client.go"), []byte("package ldapi\n"), 0o600))
	require.ErrorContains(t, release(&printed, tree, version, "2030-01-31"), "client.go is not committed")
}
