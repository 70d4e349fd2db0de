//go:build unix

// The commands of the guide are for a shell.

package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMigrationCommands runs the commands of the migration guide on a module that uses the stock client, in several versions and
// under several names, and compiles it.
func TestMigrationCommands(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("guides/migrate.md")
	require.NoError(t, err)
	commands := regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllSubmatch(guide, -1)
	require.Len(t, commands, 2, "the change, and what deletes the old files")

	root, err := filepath.Abs("..")
	require.NoError(t, err)
	program, err := os.ReadFile("../test/testdata/stockprogram/main.go.txt")
	require.NoError(t, err)
	dir := t.TempDir()
	const plain = "package people\n\nimport (\n\t\"context\"\n\n\t\"github.com/launchdarkly/api-client-go\"\n)\n\n" +
		"func Client(context.Context) *ldapi.APIClient { return ldapi.NewAPIClient(ldapi.NewConfiguration()) }\n"
	for name, text := range map[string]string{
		"go.mod": "module example.com/tool\n\ngo 1.25.0\n\nrequire github.com/launchdarkly/api-client-go/v17 v17.2.0\n\n" +
			"replace (\n\tgithub.com/ldapi-go/ldapi => " + root + "\n\tgithub.com/launchdarkly/api-client-go/v17 => ./stock\n)\n",
		"stock/go.mod":             "module github.com/launchdarkly/api-client-go/v17\n",
		"main.go":                  strings.Replace(string(program), "STOCK_CLIENT", "github.com/launchdarkly/api-client-go/v17", 1),
		"people/people.go":         plain,
		"people/x/other.go":        strings.NewReplacer("-go\"", "-go/v22\"", "\t\"github", "\tld \"github", "ldapi.", "ld.").Replace(plain),
		"vendor/example/left.go":   plain,
		"people/notes about it.md": "\"github.com/launchdarkly/api-client-go\"",
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	sums, err := os.ReadFile("../go.sum")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o600))
	run := func(name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod") // compiling this test has loaded what is needed
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	run("sh", "-e", "-c", string(commands[0][1]))
	run("go", "build", "-o", os.DevNull, "./...")
	run("sh", "-e", "-c", string(commands[1][1]))

	module, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	require.NoError(t, err)
	require.NotContains(t, string(module), "v17.2.0", "the stock client is not required any more")
	require.Contains(t, string(module), "github.com/ldapi-go/ldapi v0.0.0")
	for _, name := range []string{"vendor/example/left.go", "people/notes about it.md"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Contains(t, string(text), "launchdarkly/api-client-go", name)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*", "*.stock"))
	require.NoError(t, err)
	require.Empty(t, left)
}
