package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// self is the path of the root module. The paths of the others begin with it.
const self = "github.com/ldapi-go/ldapi"

// kept are the folders of modules that users never install. They have no tags, and may have a replace.
var kept = []string{"tools", "benchmarks", "examples/fleet", "examples/cassette"}

// repository is a working tree and its modules that users install, each after those that it requires.
type repository struct {
	root    string
	modules []*module
}

// module is a module that users install.
type module struct {
	dir        string // below the root, with slashes; "." is the root
	text, sums string // go.mod and go.sum
	file       *modfile.File
}

// name returns the path of a file of the module below the root.
func (m *module) name(file string) string { return path.Join(m.dir, file) }

// path returns the path that users import.
func (m *module) path() string { return path.Join(self, m.dir) }

// tag returns the tag of a version of the module.
func (m *module) tag(version string) string { return m.name("v" + version) }

// load reads the modules of the repository.
func load(root string) (*repository, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	list, err := output(root, "git", "ls-files", "-z", "--", "go.mod", "*/go.mod")
	if err != nil {
		return nil, err
	}
	r := &repository{root: root}
	for _, name := range strings.FieldsFunc(list, func(c rune) bool { return c == 0 }) {
		dir := path.Dir(name)
		if slices.Contains(kept, dir) {
			continue
		}
		m := &module{dir: dir}
		if err := r.read(m); err != nil {
			return nil, err
		}
		r.modules = append(r.modules, m)
	}
	return r, r.sort()
}

// read reads go.mod and go.sum of a module. A module that requires nothing has no go.sum.
func (r *repository) read(m *module) error {
	text, err := os.ReadFile(filepath.Join(r.root, m.name("go.mod")))
	if err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(r.root, m.name("go.sum")))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	m.text, m.sums = string(text), string(sums)
	m.file, err = modfile.Parse(m.name("go.mod"), text, nil)
	return err
}

// write writes go.mod and go.sum of a module, if they differ, and reads them again.
func (r *repository) write(m *module, text, sums string) error {
	if text != m.text {
		if err := os.WriteFile(filepath.Join(r.root, m.name("go.mod")), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if sums != m.sums {
		if err := os.WriteFile(filepath.Join(r.root, m.name("go.sum")), []byte(sums), 0o644); err != nil {
			return err
		}
	}
	return r.read(m)
}

// sort orders the modules: each comes after those that it requires.
func (r *repository) sort() error {
	var sorted []*module
	for len(sorted) < len(r.modules) {
		before := len(sorted)
		for _, m := range r.modules {
			waits := slices.ContainsFunc(r.required(m), func(other *module) bool { return !slices.Contains(sorted, other) })
			if !waits && !slices.Contains(sorted, m) {
				sorted = append(sorted, m)
			}
		}
		if len(sorted) == before {
			return errors.New("modules that users install require each other")
		}
	}
	r.modules = sorted
	return nil
}

// required returns the modules of the repository that m requires.
func (r *repository) required(m *module) []*module {
	var found []*module
	for _, other := range r.modules {
		if slices.ContainsFunc(m.file.Require, func(q *modfile.Require) bool { return q.Mod.Path == other.path() }) {
			found = append(found, other)
		}
	}
	return found
}

// problems reports what keeps users from installing the modules at a version.
func (r *repository) problems(version string) error {
	var problems error
	for _, m := range r.modules {
		report := func(format string, args ...any) {
			problems = errors.Join(problems, fmt.Errorf("%s "+format, append([]any{m.name("go.mod")}, args...)...))
		}
		if m.file.Module == nil || m.file.Module.Mod.Path != m.path() {
			report("is not that of %s", m.path())
		}
		for _, p := range m.file.Replace {
			report("has a replace of %s, which go get ignores and go install refuses: go.work may have one", p.Old.Path)
		}
		for _, x := range m.file.Exclude {
			report("has an exclude of %s, which go get ignores and go install refuses", x.Mod.Path)
		}
		for _, q := range m.file.Require {
			if !own(q.Mod.Path) {
				continue
			}
			if !slices.ContainsFunc(r.modules, func(other *module) bool { return other.path() == q.Mod.Path }) {
				report("requires %s, which has no tag", q.Mod.Path)
			} else if q.Mod.Version != "v"+version {
				report("requires %s, and not v%s: no tag may have that version", q.Mod, version)
			}
		}
	}
	return problems
}

// own reports whether a module is one of the repository.
func own(modulePath string) bool {
	return modulePath == self || strings.HasPrefix(modulePath, self+"/")
}

// output runs a command in a folder, and returns what it prints.
func output(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", cmd, err, &stdout, &stderr)
	}
	return stdout.String(), nil
}
