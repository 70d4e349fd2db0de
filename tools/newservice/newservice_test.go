package newservice

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

const root = "../.."

// slow are tests that take long, and that a new service does not concern more than others do.
const slow = "^(TestSnippets|TestMemoryOf.*|TestFaultInjection|TestFloods.*|TestRedirectMatrix|TestNoAttemptWaits.*|TestProgramForTheStockClient|" +
	"TestDocumentsSurvive|TestRequests|Fuzz.*)$|^TestKnowledge$/^traffic$"

// TestNewService follows the steps of CONTRIBUTING.md, with its commands, in a copy of the repository: the description of a service
// and the generator are enough for everything to compile; the tests that fail are the ones that the steps list; and they pass once
// there is what they ask for.
func TestNewService(t *testing.T) {
	t.Parallel()
	steps := readSteps(t)
	c := clone(t)
	c.describe()
	for _, command := range steps.commands["go generate"] {
		c.succeed(command)
	}
	c.succeed("go vet ./...")
	c.succeed("go -C tools vet ./conformance")
	c.succeed("go -C tools run ./codegen -check")
	for _, file := range []string{"api_announcements.go", "model_announcement.go", "docs/AnnouncementsApi.md", "docs/AnnouncementPost.md"} {
		if _, err := os.Stat(filepath.Join(c.dir, file)); err != nil {
			t.Error(err)
		}
	}

	failures := map[string]string{}
	for _, command := range steps.commands["go test"] {
		out, _ := c.run(command + " -json -skip " + slow)
		maps.Copy(failures, failed(t, out))
	}
	if got, want := slices.Sorted(maps.Keys(failures)), slices.Sorted(maps.Keys(steps.places)); !slices.Equal(got, want) {
		t.Errorf("these tests fail:\n%s\nCONTRIBUTING.md lists:\n%s\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), failures)
	}
	for test, places := range steps.places {
		for _, id := range []string{"getAnnouncements", "postAnnouncement", "getAnnouncement", "patchAnnouncement"} {
			if !strings.Contains(strings.ToLower(failures[test]), strings.ToLower(id)) {
				t.Errorf("%s does not name %s:\n%s", test, id, failures[test])
			}
		}
		for _, place := range places {
			if !strings.Contains(failures[test], place) {
				t.Errorf("%s does not name %s:\n%s", test, place, failures[test])
			}
		}
	}

	c.add()
	for _, command := range steps.commands["go test"] {
		c.succeed(command + " -skip " + slow)
	}
	check := steps.commands["go run"][0] + " -check"
	if out, err := c.run(check); err == nil || !strings.Contains(out, "AnnouncementsApi") {
		t.Errorf("%s: %v\n%s", check, err, out)
	}
	for _, command := range steps.commands["go run"] {
		c.succeed(command)
	}
	c.succeed(check)
}

// steps are those of CONTRIBUTING.md.
type steps struct {
	commands map[string][]string // in their order, by what they do
	places   map[string][]string // by package and test that fails: the files that its message names
}

func readSteps(t *testing.T) steps {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## How to add an operation or a service\n")
	section, _, _ = strings.Cut(section, "\nA test follows these steps")
	s := steps{commands: map[string][]string{}, places: map[string][]string{}}
	for _, m := range regexp.MustCompile("`(go(?: -C tools)? (\\w+) [^`]+)`").FindAllStringSubmatch(section, -1) {
		s.commands["go "+m[2]] = append(s.commands["go "+m[2]], m[1])
	}
	for _, m := range regexp.MustCompile("(?m)^ *\\| `([^`]+)` \\| `(Test\\w+)` \\| (.*) \\|$").FindAllStringSubmatch(section, -1) {
		test := m[1] + " " + m[2]
		s.places[test] = nil
		for _, file := range regexp.MustCompile("`([^`]*(?:\\.go|testdata/\\w+))`").FindAllStringSubmatch(m[3], -1) {
			s.places[test] = append(s.places[test], file[1])
		}
	}
	if len(s.commands) != 3 || len(s.places) < 5 {
		t.Fatalf("the steps of CONTRIBUTING.md read as %v", s)
	}
	return s
}

// failed returns the output of the tests that failed in a run with -json, by package and test; that of a package that does not
// compile has no test.
func failed(t *testing.T, out string) map[string]string {
	t.Helper()
	output, failures := map[string]string{}, map[string]string{}
	for line := range strings.Lines(out) {
		var event struct{ Action, Package, ImportPath, Test, Output string }
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		top, _, inner := strings.Cut(event.Test, "/")
		pkg := "." + strings.TrimPrefix(strings.TrimPrefix(event.Package+event.ImportPath, "github.com/ldapi-go/ldapi"), "/tools")
		name := strings.TrimSpace(pkg + " " + top)
		output[name] += event.Output
		if (event.Action == "fail" && top != "" && !inner) || event.Action == "build-fail" {
			failures[name] = output[name]
		}
	}
	return failures
}

// repository is a copy of this one.
type repository struct {
	t   *testing.T
	dir string
}

// clone copies the files that are or will be under version control.
func clone(t *testing.T) repository {
	t.Helper()
	c := repository{t, t.TempDir()}
	list, err := exec.Command("git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range strings.FieldsFunc(string(list), func(r rune) bool { return r == 0 }) {
		text, err := os.ReadFile(filepath.Join(root, file))
		if os.IsNotExist(err) {
			continue // deleted, but not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		c.write(file, text)
	}
	return c
}

func (c repository) write(file string, text []byte) {
	c.t.Helper()
	path := filepath.Join(c.dir, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// insert puts text after a line of a file.
func (c repository) insert(file, line string, text []byte) {
	c.t.Helper()
	old, err := os.ReadFile(filepath.Join(c.dir, file))
	before, after, found := strings.Cut(string(old), "\n"+line+"\n")
	if err != nil || !found || strings.Contains(after, "\n"+line+"\n") {
		c.t.Fatalf("%s must have one line %q (%v)", file, line, err)
	}
	c.write(file, []byte(before+"\n"+line+"\n"+string(text)+after))
}

// describe adds the invented service to the description.
func (c repository) describe() {
	c.t.Helper()
	for line, file := range map[string]string{"tags:": "tags.yaml", "paths:": "paths.yaml", "  schemas:": "schemas.yaml"} {
		text, err := os.ReadFile(filepath.Join("testdata", "description", file))
		if err != nil {
			c.t.Fatal(err)
		}
		c.insert("api/openapi.yaml", line, text)
	}
}

// add adds what the invented service needs beside its description.
func (c repository) add() {
	c.t.Helper()
	additions, err := txtar.ParseFile(filepath.Join("testdata", "additions.txtar"))
	if err != nil {
		c.t.Fatal(err)
	}
	for _, f := range additions.Files {
		line, text, _ := strings.Cut(string(f.Data), "\n")
		c.insert(f.Name, line, []byte(text))
	}
	if err := os.CopyFS(c.dir, os.DirFS(filepath.Join("testdata", "files"))); err != nil {
		c.t.Fatal(err)
	}
}

// run runs a command in the copy. With -trimpath, what was built in one copy is in the cache for the next.
func (c repository) run(command string) (string, error) {
	arguments := strings.Fields(command)
	cmd := exec.Command(arguments[0], arguments[1:]...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath", "GOPROXY=off", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (c repository) succeed(command string) {
	c.t.Helper()
	if out, err := c.run(command); err != nil {
		c.t.Errorf("%s: %v\n%s", command, err, out)
	}
}
