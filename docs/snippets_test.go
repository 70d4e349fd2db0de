// Package docs contains no code: its test compiles and runs the programs in the documentation.
package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// Ids in the examples of the API description, which the reference pages show.
const (
	exampleTokenID  = "66a0b1c2d3e4f50617283940"
	exampleMemberID = "64b7f0c2a91e3d5f08c41a10"
	exampleEntryID  = "66c0ffee00112233445566aa"
)

// program is one block of Go in the documentation.
type program struct {
	name   string // of the virtual directory it is compiled in
	origin string // file and line
	source string
	test   bool // a _test.go file
}

var goBlock = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

// programs finds the blocks of Go in the documents under root. A block that is not a complete file is statements of a
// function that has ctx and client, and may return an error.
func programs(t *testing.T, root string) []program {
	t.Helper()
	var found []program
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i, m := range goBlock.FindAllSubmatchIndex(text, -1) {
			rel, _ := filepath.Rel(root, path)
			rel = filepath.ToSlash(rel)
			p := program{
				name:   fmt.Sprintf("%s_%d", strings.NewReplacer("/", "_", ".md", "", "-", "_").Replace(rel), i),
				origin: fmt.Sprintf("%s:%d", rel, bytes.Count(text[:m[2]], []byte("\n"))+1),
				source: string(text[m[2]:m[3]]),
			}
			p.test = strings.Contains(p.source, "func Test")
			if !strings.HasPrefix(p.source, "package ") && !strings.HasPrefix(p.source, "//") {
				p.source = wrap(p.source)
			}
			found = append(found, p)
		}
		return nil
	})
	require.NoError(t, err)
	return found
}

// imports that statements may use, by the name that they use.
var knownImports = map[string]string{
	"context.": "context", "errors.": "errors", "fmt.": "fmt", "http.": "net/http", "os.": "os", "slog.": "log/slog", "time.": "time",
	"ldapi.": "github.com/ldapi-go/ldapi", "ldapitest.": "github.com/ldapi-go/ldapi/ldapitest", "url.": "net/url", "log.": "log", "strings.": "strings", "json.": "encoding/json", "slices.": "slices",
}

// wrap makes a program that runs statements with a client for the account that the environment names.
func wrap(statements string) string {
	used := []string{"context", "log", "github.com/ldapi-go/ldapi"}
	for prefix, path := range knownImports {
		if regexp.MustCompile(`\b`+regexp.QuoteMeta(prefix)).MatchString(statements) && !slices.Contains(used, path) {
			used = append(used, path)
		}
	}
	slices.Sort(used)
	return "package main\n\nimport (\n\t\"" + strings.Join(used, "\"\n\t\"") + "\"\n)\n\n" +
		"func main() {\n\tcfg, err := ldapi.ConfigurationFromEnv()\n\tif err == nil {\n\t\terr = snippet(context.Background(), ldapi.NewAPIClient(cfg))\n\t}\n" +
		"\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n}\n\nfunc snippet(ctx context.Context, client *ldapi.APIClient) error {\n" + statements + "\nreturn nil\n}\n"
}

// overlay lays the programs over the module as directories that are not there, and returns the file that maps them.
func overlay(t *testing.T, root string, all []program) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	for _, p := range all {
		file := "main.go"
		if p.test {
			file = "main_test.go"
		}
		source := filepath.Join(dir, p.name+"_"+file+".txt")
		require.NoError(t, os.WriteFile(source, []byte(p.source), 0o600))
		replace[filepath.Join(root, "docs", "snippets", p.name, file)] = source
	}
	spec, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	path := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(path, spec, 0o600))
	return path
}

func goCommand(t *testing.T, root string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "go %s\n%s", strings.Join(args, " "), out)
}

// executable is the ending that a program needs to be started.
func executable() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// TestSnippets compiles every block of Go in the documentation, and runs the programs and tests among them. Programs take
// their account from the environment: a LaunchDarkly in memory, fresh for each.
func TestSnippets(t *testing.T) {
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	all := programs(t, root)
	require.Greater(t, len(all), 36, "every operation has an example")
	spec := overlay(t, root, all)
	bin := t.TempDir() + string(filepath.Separator)
	build := []string{"build", "-overlay", spec, "-o", bin}
	for _, p := range all {
		t.Log(p.name, "is", p.origin)
		if p.test {
			goCommand(t, root, "test", "-c", "-vet=off", "-overlay", spec, "-o", bin+p.name+executable(), "./docs/snippets/"+p.name)
		} else {
			build = append(build, "./docs/snippets/"+p.name)
		}
	}
	goCommand(t, root, build...)
	for _, p := range all {
		if strings.Contains(p.source, "NewAPIClient(ldapi.NewConfiguration())") { // calls the real LaunchDarkly
			continue
		}
		t.Run(p.name, func(t *testing.T) { t.Parallel(); runProgram(t, filepath.Join(bin, p.name)) })
	}
}

func runProgram(t *testing.T, path string) {
	t.Helper()
	server := ldapitest.NewTestServer(t)
	server.AddToken(ldapitest.Token{ID: exampleTokenID, Name: "example", Role: "reader", MemberID: ldapitest.AdminID})
	server.AddTeam(ldapitest.Team{Key: "checkout", Name: "Checkout"})
	for i, id := range []string{exampleMemberID, "5f00aa11bb22cc33dd44ee66", "64b7f0c2a91e3d5f08c41a12"} {
		server.AddMember(ldapitest.Member{ID: id, Email: fmt.Sprintf("example%d@example.com", i), Role: "reader"})
	}
	if !strings.Contains(path, "docs_AccountMembersApi") { // which invites this address
		server.AddMember(ldapitest.Member{Email: "dev+flags@example.com"})
	}
	server.AddAuditEntry(ldapitest.AuditEntry{ID: exampleEntryID, Name: "Platform", Actions: []string{"updateTeamName"}, Resources: []string{"team/platform"}})
	if strings.HasSuffix(path, "docs_TeamsApi_0") { // deleteTeam, which refuses a team with members
		_, _, err := server.Client().TeamsApi.PatchTeam(t.Context(), ldapitest.PlatformTeamKey).Instructions(ldapi.ReplaceTeamMembers()).Execute()
		require.NoError(t, err)
	}
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), "LD_ACCESS_TOKEN="+ldapitest.AdminToken, "LD_BASE_URI="+server.URL)
	cmd.Stdin = strings.NewReader("email\nremy.reed@example.com\n") // a file for the program that uploads one
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "stdout: %s\nstderr: %s", &stdout, &stderr)
	require.Empty(t, stderr.String())
	require.NotContains(t, stdout.String(), "api-", "no secret is printed")
}
