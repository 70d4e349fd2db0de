package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

var (
	constant = regexp.MustCompile(`(?m)^const Version = "(.*)"$`)
	section  = regexp.MustCompile(`(?m)^## (.*)$`)
)

const unreleased = "Unreleased"

// currentVersion returns the version in version.go.
func currentVersion(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, "version.go"))
	if err != nil {
		return "", err
	}
	m := constant.FindSubmatch(text)
	if m == nil {
		return "", errors.New("version.go has no constant Version")
	}
	return string(m[1]), nil
}

// documents returns version.go and the changelog with a version, by name, and the version. The empty version is that of
// version.go.
func documents(root, version, date string) (string, map[string]string, error) {
	current, err := currentVersion(root)
	if err != nil {
		return "", nil, err
	}
	if version == "" {
		version = current
	}
	if semver.Canonical("v"+version) != "v"+version {
		return "", nil, fmt.Errorf("%q is no version such as 0.2.0", version)
	}
	if semver.Compare("v"+version, "v"+current) < 0 {
		return "", nil, fmt.Errorf("%s is older than %s, which version.go has", version, current)
	}
	changelog, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		return "", nil, err
	}
	source, err := os.ReadFile(filepath.Join(root, "version.go"))
	if err != nil {
		return "", nil, err
	}
	dated, err := dateChangelog(string(changelog), version, date)
	return version, map[string]string{
		"CHANGELOG.md": dated,
		"version.go":   constant.ReplaceAllString(string(source), `const Version = "`+version+`"`),
	}, err
}

// sections returns the headings of a changelog without their dates: versions, newest first, and perhaps "Unreleased".
func sections(changelog string) []string {
	var names []string
	for _, m := range section.FindAllStringSubmatch(changelog, -1) {
		name, _, _ := strings.Cut(m[1], " ")
		names = append(names, name)
	}
	return names
}

// dateChangelog turns the section "Unreleased" into that of a version. A changelog that begins with the version stays as
// it is, so that the command can be run again.
func dateChangelog(changelog, version, date string) (string, error) {
	names := sections(changelog)
	switch {
	case len(names) > 0 && names[0] == version:
		return changelog, nil
	case slices.Contains(names, version):
		return "", fmt.Errorf("the changelog has %s already: choose the next version with -version", version)
	case len(names) == 0 || names[0] != unreleased:
		return "", fmt.Errorf("the changelog does not begin with %q: nothing is new", unreleased)
	}
	at := section.FindStringIndex(changelog)
	body := changelog[at[1]:]
	if next := section.FindStringIndex(body); next != nil {
		body = body[:next[0]]
	}
	if strings.TrimSpace(body) == "" {
		return "", fmt.Errorf("the section %q of the changelog is empty: nothing is new", unreleased)
	}
	return changelog[:at[0]] + "## " + version + " - " + date + changelog[at[1]:], nil
}

// isCommitted reports changes that are not committed, other than those that the command makes.
func isCommitted(root string) error {
	changes, err := output(root, "git", "status", "--porcelain")
	if err != nil {
		return err
	}
	for line := range strings.Lines(changes) {
		name := strings.TrimSpace(line[3:])
		if base := path.Base(name); name != "version.go" && name != "CHANGELOG.md" && base != "go.mod" && base != "go.sum" {
			return fmt.Errorf("%s is not committed: the version would not contain it", name)
		}
	}
	return nil
}

// exportedIsPromised reports an exported API that differs from the snapshot.
func exportedIsPromised(root string) error {
	_, err := output(filepath.Join(root, "tools"), "go", "run", "./apisnapshot", "-check")
	return err
}
