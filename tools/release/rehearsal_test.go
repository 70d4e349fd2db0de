package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	gomodule "golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// TestRehearsal releases a copy of the working tree with this command and the commands that it prints, and installs
// everything as the README and the guides describe: first the commit without a version, then the version.
func TestRehearsal(t *testing.T) {
	isolateGit(t)
	tree := checkout(t)
	version, released := next(t, tree)
	all := pages(t, tree)
	expectKinds(t, all)

	server := ldapitest.NewTestServer(t)
	t.Setenv("LD_ACCESS_TOKEN", ldapitest.AdminToken)
	t.Setenv("LD_BASE_URI", server.URL)

	w := newWorld(t, tree)
	first := !slices.ContainsFunc(sections(read(t, tree, "CHANGELOG.md")), func(name string) bool { return name != unreleased })
	if first {
		w.publishCommit(t, tree)
		t.Run("before the first version", func(t *testing.T) { w.rehearse(t, all, "") })
		require.NoError(t, os.RemoveAll(w.proxy))
	}
	tags := releaseCopy(t, tree, version, released)
	require.Equal(t, "v"+version, tags[0], "the other modules require the root")
	for _, tag := range tags {
		w.publish(t, tree, filepath.Dir(tag), tag, filepath.Base(tag))
	}
	w.verify(t, tree, tags)
	w.rehearse(t, all, "v"+version)
}

// next returns the version to rehearse, and whether the working tree is that of the version already: then its tags must
// work without another change.
func next(t *testing.T, tree string) (version string, released bool) {
	t.Helper()
	version, err := currentVersion(tree)
	require.NoError(t, err)
	names := sections(read(t, tree, "CHANGELOG.md"))
	require.NotEmpty(t, names)
	if names[0] != unreleased {
		return version, true
	}
	if slices.Contains(names, version) {
		var patch int
		_, err := fmt.Sscanf(strings.TrimPrefix(version, strings.TrimPrefix(semver.MajorMinor("v"+version), "v")), ".%d", &patch)
		require.NoError(t, err)
		version = fmt.Sprintf("%s.%d", strings.TrimPrefix(semver.MajorMinor("v"+version), "v"), patch+1)
	}
	return version, false
}

// releaseCopy prepares a version and runs what the command prints, but for the checks and pushes. It returns the tags.
func releaseCopy(t *testing.T, tree, version string, released bool) []string {
	t.Helper()
	var printed bytes.Buffer
	require.NoError(t, release(&printed, tree, version, "2030-01-31"))
	changes, err := output(tree, "git", "status", "--porcelain")
	require.NoError(t, err)
	if released {
		require.Empty(t, changes, "this tree has no section %q in its changelog, so it must be that of version %s as it is.\n"+
			"If %[2]s is not tagged yet, run the release command again. If it is, begin a section %[1]q.", unreleased, version)
	}
	var tags []string
	for line := range strings.Lines(printed.String()) {
		line = strings.TrimSpace(line)
		if tag, found := strings.CutPrefix(line, "git tag "); found {
			tags = append(tags, tag)
		} else if !strings.HasPrefix(line, "git commit") || released {
			continue
		}
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir = tree
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s\n%s", line, out)
	}
	changes, err = output(tree, "git", "status", "--porcelain")
	require.NoError(t, err)
	require.Empty(t, changes, "the commit of the version is complete")
	require.Len(t, tags, 3, "a tag for each module that users install")
	return tags
}

// publishCommit serves the newest commit of all modules as the go command sees it when no version is tagged.
func (w *world) publishCommit(t *testing.T, tree string) {
	t.Helper()
	commit, err := output(tree, "git", "rev-parse", "--short=12", "HEAD")
	require.NoError(t, err)
	version := gomodule.PseudoVersion("v0", "", time.Now().UTC(), strings.TrimSpace(commit))
	r, err := load(tree)
	require.NoError(t, err)
	for _, m := range r.modules {
		w.publish(t, tree, m.dir, "HEAD", version, "main", "HEAD")
	}
}

// verify checks go.mod and go.sum of the modules that require another one of ours, without the working tree.
func (w *world) verify(t *testing.T, tree string, tags []string) {
	t.Helper()
	verified := 0
	for _, tag := range tags {
		dir := filepath.Join(tree, filepath.Dir(tag))
		if !strings.Contains(read(t, dir, "go.sum"), self+" v") {
			continue
		}
		u := &user{w, dir, w.env}
		u.run(t, "go mod tidy -diff")
		u.run(t, "go vet .")
		verified++
	}
	require.Equal(t, 1, verified, "otelldapi requires ldapi")
}

// rehearse installs what the pages describe. Users of a guide have a module with the programs of the README. Version is
// the one that is installed, or "" for a commit.
func (w *world) rehearse(t *testing.T, all []page, version string) {
	t.Helper()
	wanted := func(s step) bool { return s.section != forCommits }
	if version == "" { // other lines work without a version, but for those of otelldapi
		wanted = func(s step) bool { return s.section == forCommits || !strings.Contains(s.line, "otelldapi") }
	}
	require.Equal(t, "README.md", all[0].name)
	readme := w.newUser(t)
	readme.follow(t, all[0], wanted, true)
	for _, p := range all[1:] {
		readme.clone(t).follow(t, p, wanted, false)
	}
	w.useInstalled(t, readme, version)
	if version == "" {
		return
	}
	require.Equal(t, version+"\n", readme.run(t, "go list -m -f '{{.Version}}' "+self))
	alone := map[string]bool{} // each line must also work as the only one
	for _, p := range all {
		for _, s := range p.steps {
			if strings.HasPrefix(s.line, "go get ") && wanted(s) && !alone[s.line] {
				alone[s.line] = true
				w.newUser(t).get(t, s.line)
			}
		}
	}
}

// follow does the steps of a page that are wanted, one after the other. Programs are run, tests too, if they are wanted.
func (u *user) follow(t *testing.T, p page, wanted func(step) bool, programs bool) {
	t.Helper()
	for i, s := range p.steps {
		name := fmt.Sprintf("step%d", i)
		switch {
		case !wanted(s), s.program != "" && !programs:
		case strings.Contains(s.program, "func Test"):
			u.write(t, name+"/main_test.go", s.program)
			u.run(t, "go test ./"+name)
		case s.program != "":
			u.write(t, name+"/main.go", s.program)
			u.run(t, "go run ./"+name)
		case strings.HasPrefix(s.line, "go get "):
			t.Log(s.origin)
			u.get(t, s.line)
		default:
			t.Log(s.origin)
			u.run(t, s.line)
		}
	}
}

// get runs a line with go get, and builds a program that imports what the line names: no go mod tidy must be necessary.
func (u *user) get(t *testing.T, line string) {
	t.Helper()
	u.run(t, line)
	program := "package main\n\n"
	for _, m := range regexp.MustCompile(regexp.QuoteMeta(self)+`[\w/]*`).FindAllString(line, -1) {
		program += fmt.Sprintf("import _ %q\n", m)
	}
	u.write(t, "imports/main.go", program+"\nfunc main() {}\n")
	u.run(t, "go build -o "+os.DevNull+" ./imports")
	require.NoError(t, os.RemoveAll(filepath.Join(u.dir, "imports")))
}

// useInstalled uses the programs that the pages installed.
func (w *world) useInstalled(t *testing.T, u *user, version string) {
	t.Helper()
	for _, name := range []string{"ldapivet", "ldapi-sandbox"} {
		require.Regexp(t, `(?m)^\tmod\t`+regexp.QuoteMeta(self)+`\S*\t`+regexp.QuoteMeta(version), u.run(t, "go version -m "+filepath.Join(w.bin, name)))
	}

	bad := u.clone(t)
	bad.write(t, "bad/main.go", "package main\n\nimport (\n\t\"context\"\n\n\t\""+self+"\"\n)\n\nfunc main() {\n"+
		"\tldapi.New().AccessTokensApi.DeleteToken(context.Background(), \"id\")\n}\n")
	printed, err := bad.try("go vet -vettool=$(which ldapivet) ./bad")
	require.Error(t, err)
	require.Contains(t, printed, "nothing is sent without Execute")

	sandbox := exec.CommandContext(t.Context(), filepath.Join(w.bin, "ldapi-sandbox"), "-addr", "127.0.0.1:0")
	stdout, err := sandbox.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, sandbox.Start())
	defer func() { _ = sandbox.Process.Kill(); _ = sandbox.Wait() }()
	url := ""
	for lines := bufio.NewScanner(stdout); url == "" && lines.Scan(); {
		url = regexp.MustCompile(`http://[\w.:]+`).FindString(lines.Text())
	}
	response, err := http.Get(url + "/api/v2/members")
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	require.Equal(t, http.StatusUnauthorized, response.StatusCode, "a request without a token")
}

// expectKinds fails if the pages no longer describe how to install a part.
func expectKinds(t *testing.T, all []page) {
	t.Helper()
	var lines strings.Builder
	programs := 0
	for _, p := range all {
		for _, s := range p.steps {
			if s.section != forCommits {
				lines.WriteString(s.line + "\n")
			}
			if p.name == "README.md" && s.program != "" {
				programs++
			}
		}
	}
	require.Equal(t, 2, programs, "README.md has a program and a test")
	for _, kind := range []string{
		"go get " + self, "go get " + self + "/ldapitest", "go get " + self + "/otelldapi",
		"go install " + self + "/ldapivet/cmd/ldapivet@latest", "go install " + self + "/cmd/ldapi-sandbox@latest",
		"go run " + self + "/examples/quickstart@latest", "go mod tidy", "go vet -vettool=$(which ldapivet) ./...",
	} {
		require.Regexp(t, `(?m)^`+regexp.QuoteMeta(kind)+`( |$)`, lines.String())
	}
}

// read returns a file of a repository.
func read(t *testing.T, tree, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(tree, name))
	require.NoError(t, err)
	return string(text)
}
