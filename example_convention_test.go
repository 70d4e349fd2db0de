package ldapi

import (
	"bytes"
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/internal/inventory"
)

// TestEverythingHasAnExample: each operation has its own example, and each function and method that the stock client does
// not have is in one.
func TestEverythingHasAnExample(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("example_*_test.go")
	require.NoError(t, err)
	var examples []byte
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		examples = append(examples, text...)
	}
	face, err := os.ReadFile(filepath.Join("test", "testdata", "compat-surface.txt"))
	require.NoError(t, err)
	access, err := os.ReadFile(filepath.Join("test", "testdata", "compat-surface-access.txt"))
	require.NoError(t, err)
	face = append(face, access...)
	operation := regexp.MustCompile(`^Api\w+Request$`)
	operations, helpers := 0, 0
	_, files := loadSource()
	for _, f := range files {
		for _, fn := range functionsOf(f.ast) {
			name := fn.Name.Name
			if f.generated && name == executeMethodName && operation.MatchString(receiverName(fn)) {
				operations++
				if example := "func Example" + receiverName(fn) + "_Execute()"; !bytes.Contains(examples, []byte(example)) {
					t.Errorf("%s is missing: add it to the example_…_test.go of its service", example)
				}
			}
			public := fn.Name.IsExported() && (fn.Recv == nil || ast.IsExported(receiverName(fn)))
			if f.generated || !public || inherited(face, name) || implied[name] {
				continue
			}
			helpers++
			if !regexp.MustCompile(`\.\s*` + name + `\b`).Match(examples) {
				t.Errorf("%s: %s is in no example", f.name, name)
			}
		}
	}
	require.Len(t, inventory.Operations(New()), operations)
	require.Greater(t, helpers, 70, "they were found")
}

// implied are those that are called by others than users, or that go without saying.
var implied = map[string]bool{
	"Error": true, "Format": true, "GoString": true, "GobEncode": true, "Is": true, "LogValue": true, "MarshalJSON": true, "MarshalText": true,
	"Message": true, "NewNullable": true, "RequestID": true, "Response": true, "String": true, "Unwrap": true,
}

// inherited reports whether the stock client has a function or method of this name.
func inherited(face []byte, name string) bool {
	for line := range bytes.Lines(face) {
		kind, rest, _ := strings.Cut(string(line), " ")
		symbol, _, _ := strings.Cut(rest, "(")
		if strings.HasPrefix(kind, "func") && strings.TrimSpace(symbol) == name || kind == "method" && strings.HasSuffix(strings.TrimSpace(symbol), "."+name) {
			return true
		}
	}
	return false
}
