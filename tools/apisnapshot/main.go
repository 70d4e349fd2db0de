// Command apisnapshot records the exported API of the packages that users import, one line per symbol, below api/ of
// the repository. The snapshot is a promise: a line that is gone or different breaks programs of users.
//
//	go -C tools run ./apisnapshot
//
// renews the snapshots after additions, and refuses if that would break a promise, unless -break is set. With
// -check it writes nothing, and fails if a snapshot differs from the code.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

const command = "go -C tools run ./apisnapshot"

// snapshots are the packages that users import, and the files with their API.
var snapshots = []struct{ pattern, file string }{
	{".", "api/exported-ldapi.txt"},
	{"./ldapitest", "api/exported-ldapitest.txt"},
}

func main() {
	root := flag.String("root", "..", "the root of the module")
	check := flag.Bool("check", false, "write nothing; fail when a snapshot is not that of the code")
	breaking := flag.Bool("break", false, "write down changes that break programs, too")
	flag.Parse()
	if err := run(*root, *check, *breaking); err != nil {
		fmt.Fprintln(os.Stderr, "apisnapshot:", err)
		os.Exit(1)
	}
}

func run(root string, check, breaking bool) error {
	var problems error
	for _, s := range snapshots {
		now, err := load(root, s.pattern)
		if err != nil {
			return err
		}
		path := filepath.Join(root, s.file)
		before, err := read(path)
		if err != nil {
			return err
		}
		err = compare(s.file, before, now)
		var broken *brokenError
		var stale *staleError
		switch {
		case err == nil:
		case check, errors.As(err, &broken) && !breaking:
			problems = errors.Join(problems, err)
		case errors.As(err, &stale), broken != nil:
			problems = errors.Join(problems, os.WriteFile(path, []byte(strings.Join(now, "\n")+"\n"), 0o644))
		}
	}
	return problems
}

// load returns the exported API of a package.
func load(root, pattern string) ([]string, error) {
	cfg := &packages.Config{Mode: packages.NeedName | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedImports, Dir: root}
	found, err := packages.Load(cfg, pattern)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%s is %d packages, want one", pattern, len(found))
	}
	for _, problem := range found[0].Errors {
		err = errors.Join(err, problem)
	}
	return exported(found[0].Types), err
}

// read returns the lines of a snapshot; none when it does not exist.
func read(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' }), err
}

// brokenError is a change that breaks programs.
type brokenError struct {
	file          string
	gone, arrived []string
}

func (e *brokenError) Error() string {
	return fmt.Sprintf("INCOMPATIBLE: programs that use these lines of %s would break:\n%s%s"+
		"Bring them back, deprecated if need be: the rules are in CONTRIBUTING.md, under \"Compatibility\".\n"+
		"Only a version that may break programs may do this: %s -break", e.file, prefixed("- ", e.gone), prefixed("+ ", e.arrived), command)
}

// staleError is an API that has grown.
type staleError struct {
	file    string
	arrived []string
}

func (e *staleError) Error() string {
	return fmt.Sprintf("%s lacks what is new:\n%sIf it is meant to stay for good, renew the snapshot: %s", e.file, prefixed("+ ", e.arrived), command)
}

func prefixed(prefix string, lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(prefix + line + "\n")
	}
	return b.String()
}

// compare compares the current API with its snapshot.
func compare(file string, before, now []string) error {
	gone, arrived := without(before, now), without(now, before)
	switch {
	case len(gone) > 0:
		return &brokenError{file, gone, arrived}
	case len(arrived) > 0:
		return &staleError{file, arrived}
	case !slices.Equal(before, now):
		return &staleError{file, []string{"(the order of its lines)"}}
	}
	return nil
}

// without returns the lines that are not among others.
func without(lines, others []string) []string {
	known := make(map[string]bool, len(others))
	for _, line := range others {
		known[line] = true
	}
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return known[line] })
}
