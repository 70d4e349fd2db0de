package ldapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDocCommentsLink tests that a doc comment links the first mention of each exported symbol of its package, so that readers of
// a documentation page can follow it. Names that are ordinary words ("Members", "Version") are left to the author.
func TestDocCommentsLink(t *testing.T) {
	t.Parallel()
	packages := map[string][]string{}
	require.NoError(t, filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == "testdata" || path != "." && strings.HasPrefix(entry.Name(), ".")) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			packages[filepath.Dir(path)] = append(packages[filepath.Dir(path)], path)
		}
		return err
	}))
	require.Greater(t, len(packages), 10)
	for _, files := range packages {
		checkDocLinks(t, files)
	}
}

func checkDocLinks(t *testing.T, names []string) {
	fset := token.NewFileSet()
	var files []*ast.File
	exported := map[string]bool{}
	for _, name := range names {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, f)
		for _, d := range exportedIn(f) {
			exported[d.name.Name] = d.top || exported[d.name.Name]
		}
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			doc, own := docOf(n)
			for _, name := range unlinked(doc.Text(), own, exported) {
				t.Errorf("%s: the doc comment mentions %s without a link: [%s]", fset.Position(doc.Pos()), name, name)
			}
			return true
		})
	}
}

// docOf returns the doc comment of a package, declaration or field, and the names that it declares or is a member of.
func docOf(n ast.Node) (*ast.CommentGroup, map[string]bool) {
	own := map[string]bool{}
	declare := func(names ...*ast.Ident) {
		for _, name := range names {
			own[name.Name] = true
		}
	}
	switch d := n.(type) {
	case *ast.File:
		return d.Doc, own
	case *ast.FuncDecl:
		declare(d.Name)
		for _, prefix := range []string{"Get", "Set", "Has"} { // accessors of a property
			own[strings.TrimSuffix(strings.TrimPrefix(d.Name.Name, prefix), "Ok")] = true
		}
		if d.Recv != nil {
			own[receiverName(d)] = true
		}
		return d.Doc, own
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				declare(s.Name)
			case *ast.ValueSpec:
				declare(s.Names...)
			}
		}
		return d.Doc, own
	case *ast.TypeSpec:
		declare(d.Name)
		return d.Doc, own
	case *ast.ValueSpec:
		declare(d.Names...)
		return d.Doc, own
	case *ast.Field:
		declare(d.Names...)
		return d.Doc, own
	}
	return nil, nil
}

var (
	codeLine  = regexp.MustCompile(`(?m)^\t.*$`)
	mention   = regexp.MustCompile(`["\[]?\*?\b[A-Z]\w*(\.[A-Z]\w*)?[\]{]?`)
	nameAlone = regexp.MustCompile(`^[A-Z]([a-z0-9]*|[A-Z]+)$`)
)

// unlinked returns the names whose first mention in a doc comment is not a link, as they are written there.
func unlinked(doc string, own, exported map[string]bool) []string {
	var missing []string
	linked := map[string]bool{}
	for _, found := range mention.FindAllString(codeLine.ReplaceAllString(doc, ""), -1) {
		name := strings.Trim(found, `[]"*`)
		base, _, qualified := strings.Cut(name, ".")
		switch {
		case found[0] == '[' || found[0] == '"' || strings.HasSuffix(found, "{"):
			linked[base] = linked[base] || found[0] == '['
		case exported[base] && !own[base] && !linked[base] && (qualified || !nameAlone.MatchString(name)):
			missing = append(missing, name)
			linked[base] = true
		}
	}
	return missing
}
