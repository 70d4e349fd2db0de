// Command release prepares a version, so that only a commit and tags are left to do. For the version 0.2.0:
//
//	go -C tools run ./release -version 0.2.0
//
// It sets the version in version.go and in what the modules require of each other, turns "Unreleased" of the changelog
// into the version and its date, renews go.mod and go.sum of the modules, and prints the commands that follow. Without
// -version it takes the version of version.go, which must not be in the changelog yet. It refuses, and writes nothing, if
// files are not committed, if the exported API differs from its snapshot, or if users could not install a module.
//
//	go -C tools run ./release -check
//	go -C tools run ./release -tidy
//
// are for the time between versions. -check writes nothing, and fails if a module that users install has a replace,
// requires another version than that of version.go, or is not tidy. -tidy tidies these modules: "go mod tidy" cannot,
// as it looks for a version that is not published yet.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

func main() {
	root := flag.String("root", "..", "the root of the repository")
	version := flag.String("version", "", "the `version` to prepare, without the leading v")
	date := flag.String("date", time.Now().UTC().Format(time.DateOnly), "the `date` of the version in the changelog")
	check := flag.Bool("check", false, "write nothing; fail if the modules cannot be released as they are")
	tidy := flag.Bool("tidy", false, "tidy the modules that users install")
	flag.Parse()
	var err error
	switch {
	case *check:
		err = checkModules(*root)
	case *tidy:
		err = tidyModules(*root)
	default:
		err = release(os.Stdout, *root, *version, *date)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// checkModules reports what is wrong with the modules between versions.
func checkModules(root string) error {
	r, err := load(root)
	if err != nil {
		return err
	}
	version, err := currentVersion(root)
	if err != nil {
		return err
	}
	if err := r.problems(version); err != nil {
		return err
	}
	var problems error
	for _, m := range r.modules {
		mod, sum, err := r.tidied(m)
		switch {
		case err != nil:
			problems = errors.Join(problems, err)
		case mod != m.text || sum != m.sums:
			problems = errors.Join(problems, fmt.Errorf("%s is not tidy: go -C tools run ./release -tidy", m.name("go.mod")))
		}
	}
	return problems
}

// tidyModules tidies all modules that users install.
func tidyModules(root string) error {
	r, err := load(root)
	if err != nil {
		return err
	}
	for _, m := range r.modules {
		mod, sum, err := r.tidied(m)
		if err != nil {
			return err
		}
		if err := r.write(m, mod, sum); err != nil {
			return err
		}
	}
	return nil
}

// release prepares a version in the working tree, and prints the commands that remain.
func release(out io.Writer, root, version, date string) error {
	if err := isCommitted(root); err != nil {
		return err
	}
	if err := exportedIsPromised(root); err != nil {
		return err
	}
	version, texts, err := documents(root, version, date)
	if err != nil {
		return err
	}
	r, err := load(root)
	if err != nil {
		return err
	}
	if err := errors.Join(r.require(version), r.problems(version)); err != nil {
		return err
	}
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	for _, m := range r.modules { // each after those that it requires
		if err := r.release(m, version); err != nil {
			return err
		}
	}
	printNext(out, r, version)
	return nil
}

// printNext prints the commands that remain. A tag is pushed after those of the modules that its module requires.
func printNext(out io.Writer, r *repository, version string) {
	fmt.Fprintf(out, "# The working tree is that of %s. What remains:\n", version)
	fmt.Fprintf(out, "bash .ci/run\ngit commit -a -m \"Version %s\"\ngit push origin HEAD\n", version)
	for _, m := range r.modules {
		fmt.Fprintf(out, "git tag %s\n", m.tag(version))
	}
	for _, m := range r.modules {
		fmt.Fprintf(out, "git push origin %s\n", m.tag(version))
	}
}
