package main

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// load reads and validates a description. Its elements have their line numbers.
func load(path string) (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	doc, err := loader.LoadFromFile(path)
	if err == nil {
		doc.Components = cmp.Or(doc.Components, &openapi3.Components{})
		err = doc.Validate(context.Background())
	}
	return doc, at(path, err)
}

var (
	moduleLine = regexp.MustCompile(`(?m)^module (\S+)$`)
	heading    = regexp.MustCompile(`(?m)^#+ +(.+)$`)
)

// readModule reads the data of the module at dir that templates need: its name, that of its package, and its guides.
func (a *API) readModule(dir string) error {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	module := moduleLine.FindSubmatch(mod)
	if module == nil {
		return cmp.Or(err, fmt.Errorf("%s has no module line", filepath.Join(dir, "go.mod")))
	}
	a.Module = string(module[1])
	a.Package = a.Module[strings.LastIndex(a.Module, "/")+1:]
	guides, err := filepath.Glob(filepath.Join(dir, "docs", "guides", "*.md"))
	for _, file := range guides {
		text, err := os.ReadFile(file)
		title := heading.FindSubmatch(text)
		if err != nil || title == nil {
			return cmp.Or(err, fmt.Errorf("%s has no heading", file))
		}
		a.Guides = append(a.Guides, Guide{Title: string(title[1]), File: "guides/" + filepath.Base(file)})
	}
	return err
}

// declared returns the names that the hand-written files of a package declare, with their origins. A method has the name
// of its type before its own.
func declared(dir string) (map[string]string, error) {
	names := map[string]string{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if isGenerated(text) || strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		origin := filepath.Base(file)
		names[origin] = "a hand-written file"
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				name := n.Name.Name
				if n.Recv != nil {
					name = strings.TrimPrefix(types.ExprString(n.Recv.List[0].Type), "*") + "." + name
				}
				names[name] = origin
				return false
			case *ast.TypeSpec:
				names[n.Name.Name] = origin
			case *ast.ValueSpec:
				for _, name := range n.Names {
					names[name.Name] = origin
				}
				return false
			}
			return true
		})
	}
	return names, err
}
