package main

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const source = `package p

const Version = "1.2.3"
const Most int64 = 50
const hidden = 1

var ErrGone error

type ID = map[string][]string
type Handler func(next func(id string) error) Handler
type base struct{}

func (base) Promoted(n int) {}
func (base) private()       {}

type Client struct {
	Name string
	base
	secret string
}

func (c Client) Read() string                     { return "" }
func (c *Client) Write(text string, more ...*ID) error { return nil }

type Outer struct{ *Client }
type Service interface {
	Get(id string) (item string, err error)
	List() []string
}
type sealed interface{ Service; seal() }
type Sealed interface{ sealed }

func New[T any](value T) *Client { return nil }
func use(base) {}
`

var wanted = []string{
	"const Most int64 = 50",
	"const Version untyped string",
	"func New[T any](value T) *Client",
	"method (*Client) Write(string, ...*ID) error",
	"method (Client) Promoted(int)",
	"method (Client) Read() string",
	"method (Outer) Promoted(int)",
	"method (Outer) Read() string",
	"method (Outer) Write(string, ...*ID) error",
	"type Client struct",
	"type Client struct, Name string",
	"type Handler func(func(string) error) Handler",
	"type ID = map[string][]string",
	"type Outer struct",
	"type Outer struct, embedded *Client",
	"type Sealed interface { Get, List, unexported methods }",
	"type Sealed interface, Get(string) (string, error)",
	"type Sealed interface, List() []string",
	"type Service interface { Get, List }",
	"type Service interface, Get(string) (string, error)",
	"type Service interface, List() []string",
	"var ErrGone error",
}

func TestExported(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := new(types.Config).Check("p", fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := exported(pkg); !slices.Equal(got, wanted) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	before := []string{"func A()", "func B()"}
	if err := compare("api.txt", before, before); err != nil {
		t.Error(err)
	}
	var broken *brokenError
	err := compare("api.txt", before, []string{"func A(int)", "func B()"})
	if !errors.As(err, &broken) || !strings.Contains(err.Error(), "INCOMPATIBLE") || !strings.Contains(err.Error(), "- func A()\n+ func A(int)\n") {
		t.Errorf("a change: %v", err)
	}
	var stale *staleError
	err = compare("api.txt", before, append(before, "func C()"))
	if !errors.As(err, &stale) || !strings.Contains(err.Error(), "+ func C()\n") || !strings.HasSuffix(err.Error(), ": "+command) {
		t.Errorf("an addition: %v", err)
	}
	if err = compare("api.txt", []string{"func B()", "func A()"}, before); !errors.As(err, &stale) {
		t.Errorf("another order: %v", err)
	}
}

// TestRun on a module of two packages: a snapshot is made, grows, and is not broken unless -break is set.
func TestRun(t *testing.T) {
	root := t.TempDir()
	write := func(path, text string) {
		path = filepath.Join(root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/p\n\ngo 1.25.0\n")
	write("p.go", "package p\n\nfunc A() {}\n")
	write("ldapitest/q.go", "package q\n\nimport \"example.com/p\"\n\nvar X = p.A\n")
	write("api/exported-ldapi.txt", "")
	steps := []struct {
		name            string
		check, breaking bool
		source          string
		problem         string
	}{
		{"no snapshot yet", true, false, "package p\n\nfunc A() {}\n", "lacks what is new"},
		{"it is made", false, false, "package p\n\nfunc A() {}\n", ""},
		{"it holds", true, false, "package p\n\nfunc A() {}\n", ""},
		{"it grows", false, false, "package p\n\nfunc A() {}\nfunc B() {}\n", ""},
		{"it is not broken", false, false, "package p\n\nfunc A() {}\n", "INCOMPATIBLE"},
		{"unless that is meant", false, true, "package p\n\nfunc A() {}\n", ""},
		{"and then holds", true, false, "package p\n\nfunc A() {}\n", ""},
		{"code that does not compile", true, false, "package p\n\nfunc A() { undefined() }\n", "undefined"},
	}
	for _, step := range steps {
		write("p.go", step.source)
		err := run(root, step.check, step.breaking)
		if (err == nil) != (step.problem == "") || err != nil && !strings.Contains(err.Error(), step.problem) {
			t.Errorf("%s: got %v, want %q", step.name, err, step.problem)
		}
	}
}
