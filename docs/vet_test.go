package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVetGuide: for each line of code in the guide's table, go vet with ldapivet reports what the table says.
func TestVetGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("guides/vet.md")
	require.NoError(t, err)
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	declared, code := regexp.MustCompile(`\b([a-z]\w+)\b.* :=`), regexp.MustCompile("`([^`]+)`")
	program := &strings.Builder{}
	program.WriteString("package x\n\nimport (\n\t\"context\"\n\n\t\"github.com/ldapi-go/ldapi\"\n)\n")
	want, n := map[int]string{}, 0
	for _, row := range regexp.MustCompile(`(?m)^\| (.*) \| (.*) \|$`).FindAllStringSubmatch(string(guide), -1) {
		for _, statement := range code.FindAllStringSubmatch(row[1], -1) {
			n++
			text := strings.Replace(statement[1], "Do(…)", `Do(ctx, "GET", "/api/v2/x", nil, nil, nil)`, 1)
			if strings.HasSuffix(text, "{") {
				text += "_ = member }"
			} else if m := declared.FindStringSubmatch(text); m != nil {
				text += "; _ = " + m[1]
			}
			fmt.Fprintf(program, "\nfunc f%d(ctx context.Context, client *ldapi.APIClient, request ldapi.ApiGetMembersRequest, id string, forms []ldapi.NewMemberForm) {\n", n)
			want[strings.Count(program.String(), "\n")+1] = row[2]
			program.WriteString(text + "\n}\n")
		}
	}
	require.GreaterOrEqual(t, n, 9, "lines of code were found")

	dir := t.TempDir()
	tool := filepath.Join(dir, "ldapivet"+executable())
	goCommand(t, filepath.Join(root, "ldapivet"), "build", "-o", tool, "./cmd/ldapivet")
	sums, err := os.ReadFile("../go.sum")
	require.NoError(t, err)
	for name, text := range map[string]string{
		"x.go": program.String(), "go.sum": string(sums),
		"go.mod": "module example.com/x\n\ngo 1.25.0\n\nrequire github.com/ldapi-go/ldapi v0.0.0\n\nreplace github.com/ldapi-go/ldapi => " + root + "\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	cmd := exec.Command("go", "vet", "-mod=mod", "-vettool="+tool, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "it reports something")
	for line, message := range want {
		pattern := fmt.Sprintf(`(?m)x\.go:%d:\d+: %s`, line, strings.ReplaceAll(regexp.QuoteMeta(message), "…", ".*"))
		require.Regexp(t, pattern, string(out))
	}
	require.Equal(t, len(want), strings.Count(string(out), "x.go:"), "%s", out)
}
