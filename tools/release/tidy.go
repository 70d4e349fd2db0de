package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// require makes the modules require a version of each other. Nothing is written yet.
func (r *repository) require(version string) error {
	for _, m := range r.modules {
		for _, other := range r.required(m) {
			if err := m.file.AddRequire(other.path(), "v"+version); err != nil {
				return err
			}
		}
	}
	return nil
}

// release writes go.mod and go.sum of m, whose requirements are set. It records what the other modules will contain: their
// files in the working tree are those that the tags will have.
func (r *repository) release(m *module, version string) error {
	text, err := m.file.Format()
	if err != nil {
		return err
	}
	var sums []string
	for _, other := range r.required(m) {
		lines, err := r.sumsOf(other, "v"+version)
		if err != nil {
			return err
		}
		sums = append(sums, lines...)
	}
	if err := r.write(m, string(text), withSums(m.sums, sums)); err != nil {
		return err
	}
	tidyText, tidySums, err := r.tidied(m)
	if err != nil {
		return err
	}
	return r.write(m, tidyText, tidySums)
}

// tidied returns go.mod and go.sum of m as "go mod tidy" writes them when the other modules of the repository are those
// of the working tree. The lines of go.sum about these modules stay as they are, if m still requires their version.
func (r *repository) tidied(m *module) (text, sums string, err error) {
	dir, err := os.MkdirTemp("", "release")
	if err != nil {
		return "", "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	temporary := func(file string) string { return filepath.Join(dir, file) }
	text, err = r.replaced(m.text, true)
	if err != nil {
		return "", "", err
	}
	ours, others := splitSums(m.sums)
	if err := os.WriteFile(temporary("go.mod"), []byte(text), 0o600); err != nil {
		return "", "", err
	}
	if err := os.WriteFile(temporary("go.sum"), []byte(strings.Join(others, "")), 0o600); err != nil {
		return "", "", err
	}
	if _, err := output(filepath.Join(r.root, m.dir), "go", "mod", "tidy", "-modfile="+temporary("go.mod")); err != nil {
		return "", "", err
	}
	tidyText, err := os.ReadFile(temporary("go.mod"))
	if err != nil {
		return "", "", err
	}
	tidySums, err := os.ReadFile(temporary("go.sum"))
	if err != nil {
		return "", "", err
	}
	text, err = r.replaced(string(tidyText), false)
	return text, withSums(string(tidySums), slices.DeleteFunc(ours, func(line string) bool {
		return !slices.ContainsFunc(m.file.Require, func(q *modfile.Require) bool {
			return strings.HasPrefix(line, q.Mod.Path+" "+q.Mod.Version)
		})
	})), err
}

// replaced returns a go.mod in which the modules of the repository are replaced by the working tree, or no longer are.
func (r *repository) replaced(text string, replace bool) (string, error) {
	file, err := modfile.Parse("go.mod", []byte(text), nil)
	if err != nil {
		return "", err
	}
	for _, other := range r.modules {
		if other.path() == file.Module.Mod.Path {
			continue
		}
		if replace {
			err = file.AddReplace(other.path(), "", filepath.Join(r.root, other.dir), "")
		} else {
			err = file.DropReplace(other.path(), "")
		}
		if err != nil {
			return "", err
		}
	}
	file.Cleanup()
	formatted, err := file.Format()
	return string(formatted), err
}
