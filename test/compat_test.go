package ldapi_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const modulePath = "github.com/ldapi-go/ldapi"

// compileProgram compiles a program that imports the package, and returns the output of the compiler. The program lies in a
// directory of the module that exists for the go command only, so that nothing is written to the tree.
func compileProgram(t *testing.T, program string) (output string, err error) {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := t.TempDir()
	source := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(source, []byte(program), 0o600))
	overlay, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(root, "test", "compatsurface", "main.go"): source},
	})
	require.NoError(t, err)
	overlayFile := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlayFile, overlay, 0o600))

	cmd := exec.CommandContext(t.Context(), "go", "build", "-overlay="+overlayFile, "-gcflags=-e", "-o", os.DevNull, "./test/compatsurface")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOPROXY=off") // compiling this test has already loaded everything
	b, err := cmd.CombinedOutput()
	return string(b), err
}

func surfaceLines(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return string(b)
}

// Programs that use every symbol shared with the stock client compile, and fakes with exactly the listed methods are services.
func TestCompatSurface(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ services, operations int }{
		"compat-surface.txt":        {2, 13},
		"compat-surface-access.txt": {5, 23},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			symbols := surfaceLines(t, name)
			program, err := compatProgram(symbols, modulePath)
			require.NoError(t, err)
			assert.Len(t, serviceMethod.FindAllString(symbols, -1), 2*want.operations, "two for each operation")
			assert.Equal(t, strings.Count(symbols, "\n")+want.services, strings.Count(program, "\nvar _ "), "one use for each line, and the services")
			output, err := compileProgram(t, program)
			require.NoError(t, err, output)
		})
	}
}

var serviceMethod = regexp.MustCompile(`(?m)^method \w+Api\.`)

// A program that was written against the stock client compiles after its import path was changed.
func TestProgramForTheStockClient(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile("testdata/stockprogram/main.go.txt")
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(program), "STOCK_CLIENT"))
	output, err := compileProgram(t, strings.Replace(string(program), "STOCK_CLIENT", modulePath, 1))
	require.NoError(t, err, output)
}

// The check above can fail: a missing symbol, another type, and an interface with an additional method do not compile.
func TestCompatSurfaceNoticesWhatIsMissing(t *testing.T) {
	t.Parallel()
	symbols := surfaceLines(t, "compat-surface.txt")
	const method = "method AccessTokensApi.GetToken(ctx context.Context, id string) ApiGetTokenRequest\n"
	require.Contains(t, symbols, method)
	for name, tc := range map[string]struct{ symbols, complaint string }{
		"function":     {"func NewNothing(id string) *Token\n", "undefined: NewNothing"},
		"type":         {"type Nothing\n", "undefined: Nothing"},
		"variable":     {"var ContextNothing\n", "undefined: ContextNothing"},
		"field":        {"field Token.Nothing string\n", "o.Nothing undefined"},
		"field's type": {"field Token.Id *string\n", "cannot use v"},
		"method":       {"method Token.GetNothing() string\n", "o.GetNothing undefined"},
		"result":       {"method Token.GetId() int64\n", "cannot use o.GetId()"},
		"a method more in the interface": {strings.Replace(symbols, method, "", 1),
			"(missing method GetToken)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program, err := compatProgram(tc.symbols, modulePath)
			require.NoError(t, err)
			output, err := compileProgram(t, program)
			require.Error(t, err)
			assert.Contains(t, output, tc.complaint)
		})
	}
}

func TestCompatSurfaceLinesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"type", "macro X", "field Token", "func NewToken", "func NewToken(id string", "method ("} {
		_, err := compatProgram("type Token\n"+line+"\n", modulePath)
		require.ErrorContains(t, err, line)
	}
}
