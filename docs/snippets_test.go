// Package docs contains no code: its test compiles and runs the programs in the documentation.
package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// program is one block of Go in the documentation.
type program struct {
	name    string // of the virtual directory it is compiled in
	origin  string // file and line
	key     string // file, heading and the number of the block under that heading
	heading string // the last one of level 1 or 2 before the block
	source  string
	test    bool   // a _test.go file
	binary  string // once it is compiled
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
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		lines, under := prose(t, path), map[string]int{}
		for i, m := range goBlock.FindAllSubmatchIndex(text, -1) {
			p := program{
				heading: lastHeading(lines[:bytes.Count(text[:m[2]], []byte("\n"))]),
				name:    fmt.Sprintf("%s_%d", strings.NewReplacer("/", "_", ".md", "", "-", "_").Replace(rel), i),
				origin:  fmt.Sprintf("%s:%d", rel, bytes.Count(text[:m[2]], []byte("\n"))+1),
				source:  string(text[m[2]:m[3]]),
			}
			under[p.heading]++
			p.key = fmt.Sprintf("%s: %s %d", strings.TrimPrefix(rel, "docs/guides/"), p.heading, under[p.heading])
			p.test = strings.Contains(p.source, "func Test")
			if !strings.HasPrefix(p.source, "package ") && !strings.HasPrefix(p.source, "//") {
				c := claims[p.key]
				p.source = wrap(c.before + p.source + c.after)
			}
			found = append(found, p)
		}
		return nil
	})
	require.NoError(t, err)
	return found
}

// lastHeading returns the last heading of level 1 or 2.
func lastHeading(lines []string) string {
	for _, line := range slices.Backward(lines) {
		if m := heading.FindStringSubmatch(line); m != nil && !strings.HasPrefix(line, "###") {
			return m[1]
		}
	}
	return ""
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

// redirect is a file of all programs: what they send to LaunchDarkly by the default transport arrives at the account that the
// environment has for the host, or else at that of LD_BASE_URI, with the host that it was meant for.
const redirect = `package main

import (
	"cmp"
	"net/http"
	"os"
	"strings"
)

func init() { http.DefaultTransport = toAccount{http.DefaultTransport} }

type toAccount struct{ next http.RoundTripper }

func (t toAccount) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = r.URL.Host
	account := cmp.Or(os.Getenv(r.Host), os.Getenv("LD_BASE_URI"))
	r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(account, "http://")
	return t.next.RoundTrip(r)
}
`

// overlay lays the programs over the module as directories that are not there, and returns the file that maps them.
func overlay(t *testing.T, root string, all []program) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	redirectFile := filepath.Join(dir, "redirect.go.txt")
	require.NoError(t, os.WriteFile(redirectFile, []byte(redirect), 0o600))
	for _, p := range all {
		file := "main.go"
		if p.test {
			file = "main_test.go"
		}
		source := filepath.Join(dir, p.name+"_"+file+".txt")
		require.NoError(t, os.WriteFile(source, []byte(p.source), 0o600))
		replace[filepath.Join(root, "docs", "snippets", p.name, file)] = source
		if !p.test && !strings.Contains(p.source, "http.DefaultTransport") {
			replace[filepath.Join(root, "docs", "snippets", p.name, "redirect.go")] = redirectFile
		}
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

// TestSnippets compiles every block of Go in the documentation, runs it, and checks what the text around it claims. A block without
// a claim fails, and so does a claim without a block.
func TestSnippets(t *testing.T) {
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	unused := maps.Clone(claims)
	all := slices.DeleteFunc(programs(t, root), func(p program) bool {
		delete(unused, p.key)
		file := claims[p.key].file
		if file == "" {
			return false
		}
		text, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		require.Equal(t, string(text), p.source, "%s has to show %s", p.origin, file)
		return true
	})
	require.Empty(t, slices.Collect(maps.Keys(unused)), "claims without a block")
	require.Greater(t, len(all), 36, "every operation has an example")
	spec := overlay(t, root, all)
	bin := t.TempDir() + string(filepath.Separator)
	build := []string{"build", "-overlay", spec, "-o", bin}
	for i := range all {
		p := &all[i]
		t.Log(p.key, "is", p.origin)
		p.binary = bin + p.name + executable()
		if p.test {
			goCommand(t, root, "test", "-c", "-vet=off", "-overlay", spec, "-o", p.binary, "./docs/snippets/"+p.name)
		} else {
			build = append(build, "./docs/snippets/"+p.name)
		}
	}
	goCommand(t, root, build...)
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			check := claims[p.key].check
			if check == nil && strings.HasPrefix(p.key, "docs/") { // a page of the reference
				check = sendsOperation
			}
			require.NotNil(t, check, "%s: claims has no %q: what does the text promise?", p.origin, p.key)
			check(t, p)
		})
	}
}
