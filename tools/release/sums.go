package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	gomodule "golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/zip"
)

// sumsOf returns the lines of go.sum about a module of the repository, computed from the files that git knows.
func (r *repository) sumsOf(m *module, version string) ([]string, error) {
	files, err := r.files(m)
	if err != nil {
		return nil, err
	}
	archive, err := os.CreateTemp("", "release-*.zip")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(archive.Name()) }()
	err = zip.Create(archive, moduleVersion(m, version), files)
	if closed := archive.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	hash, err := dirhash.HashZip(archive.Name(), dirhash.Hash1)
	if err != nil {
		return nil, err
	}
	hashOfMod, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(m.text)), nil
	})
	return []string{
		fmt.Sprintf("%s %s %s\n", m.path(), version, hash),
		fmt.Sprintf("%s %s/go.mod %s\n", m.path(), version, hashOfMod),
	}, err
}

func moduleVersion(m *module, version string) gomodule.Version {
	return gomodule.Version{Path: m.path(), Version: version}
}

// file is a file of the working tree, for package zip.
type file struct{ name, path string }

func (f file) Path() string                 { return f.name }
func (f file) Lstat() (os.FileInfo, error)  { return os.Lstat(f.path) }
func (f file) Open() (io.ReadCloser, error) { return os.Open(f.path) }

// files returns the files of a module, and those of modules below it, which package zip leaves out. As the go command
// does, it takes the license of the repository for a module that has none.
func (r *repository) files(m *module) ([]zip.File, error) {
	dir := filepath.Join(r.root, m.dir)
	list, err := output(dir, "git", "ls-files", "-z")
	if err != nil {
		return nil, err
	}
	var files []zip.File
	licensed := false
	for _, name := range strings.FieldsFunc(list, func(c rune) bool { return c == 0 }) {
		files = append(files, file{name, filepath.Join(dir, name)})
		licensed = licensed || name == "LICENSE"
	}
	if !licensed {
		files = append(files, file{"LICENSE", filepath.Join(r.root, "LICENSE")})
	}
	return files, nil
}

// splitSums returns the lines of a go.sum about modules of the repository, and the others.
func splitSums(sums string) (ours, others []string) {
	for line := range strings.Lines(sums) {
		if name, _, _ := strings.Cut(line, " "); own(name) {
			ours = append(ours, line)
		} else {
			others = append(others, line)
		}
	}
	return ours, others
}

// withSums replaces the lines of a go.sum about modules of the repository. The order is that of the go command.
func withSums(sums string, ours []string) string {
	_, lines := splitSums(sums)
	lines = append(lines, ours...)
	slices.SortFunc(lines, func(a, b string) int {
		pathA, versionA, _ := strings.Cut(a, " ")
		pathB, versionB, _ := strings.Cut(b, " ")
		versionA, fileA, _ := strings.Cut(strings.Fields(versionA)[0], "/")
		versionB, fileB, _ := strings.Cut(strings.Fields(versionB)[0], "/")
		return cmp.Or(cmp.Compare(pathA, pathB), semver.Compare(versionA, versionB), cmp.Compare(fileA, fileB))
	})
	return strings.Join(lines, "")
}
