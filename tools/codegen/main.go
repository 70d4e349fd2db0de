// Command codegen writes the generated files of package ldapi, its services, its models and their reference pages, from
// the API description. All knowledge of the API is in the description; codegen knows OpenAPI, Go and the runtime of the
// package.
//
//	go run ./codegen -description ../api/openapi.yaml -out ..
//
// With -check it writes nothing and fails if a file differs from what it would write.
package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	description := flag.String("description", "../api/openapi.yaml", "the API description")
	out := flag.String("out", "..", "the root of the module to generate into")
	check := flag.Bool("check", false, "write nothing; fail when a generated file is missing, stale or different")
	flag.Parse()
	if err := run(*description, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "codegen:", err)
		os.Exit(1)
	}
}

// run generates into the module at out, or compares with the existing files.
func run(description, out string, check bool) error {
	files, err := generate(description, out)
	if err != nil {
		return err
	}
	changes, err := compare(files, out)
	if err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(changes)) {
		if check {
			err = errors.Join(err, fmt.Errorf("%s is not what codegen makes of the description (run go generate at the root)", path))
		} else {
			err = errors.Join(err, apply(filepath.Join(out, path), changes[path]))
		}
	}
	return err
}

// generate returns the contents of all generated files by their path below out.
func generate(description, out string) (map[string][]byte, error) {
	doc, err := load(description)
	if err != nil {
		return nil, err
	}
	api, err := describe(doc)
	if err != nil {
		return nil, err
	}
	taken, err := declared(out)
	r, broken := newRenderer(api)
	if err := cmp.Or(err, broken, api.readModule(out), api.checkBuilders(taken)); err != nil {
		return nil, err
	}
	wanted, err := r.text("names.tmpl", api)
	if err := cmp.Or(err, checkNames(taken, wanted)); err != nil {
		return nil, err
	}
	return r.files(api)
}

// compare finds the files that differ from what codegen would write. Those that are stale have no contents.
func compare(files map[string][]byte, out string) (map[string][]byte, error) {
	changes := maps.Clone(files)
	for _, pattern := range []string{"*.go", "docs/*.md"} {
		present, err := filepath.Glob(filepath.Join(out, pattern))
		if err != nil {
			return nil, err
		}
		for _, file := range present {
			path := filepath.ToSlash(filepath.Join(filepath.Dir(pattern), filepath.Base(file)))
			text, err := os.ReadFile(file)
			switch wanted, ok := files[path]; {
			case err != nil:
				return nil, err
			case ok && !isGenerated(text):
				return nil, fmt.Errorf("%s was written by hand; it would be overwritten", path)
			case ok && bytes.Equal(text, wanted):
				delete(changes, path)
			case !ok && isGenerated(text):
				changes[path] = nil
			}
		}
	}
	return changes, nil
}

// apply writes a file, or removes it when it has no contents.
func apply(path string, text []byte) error {
	if text == nil {
		return os.Remove(path)
	}
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, text, 0o644))
}
