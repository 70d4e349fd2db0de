package ldapi

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/internal/inventory"
)

// codecModels are all models, in the order of their names, so that fuzzing names one by a number.
func codecModels(tb testing.TB) []reflect.Type {
	tb.Helper()
	var errorModels []any
	for status := 200; status < 600; status++ {
		if m, ok := decodeErrorModel(status, []byte("{}")); ok {
			errorModels = append(errorModels, m)
		}
	}
	models := slices.SortedFunc(maps.Values(inventory.Models(New(), errorModels...)), func(x, y reflect.Type) int { return strings.Compare(x.Name(), y.Name()) })
	files, err := filepath.Glob("model_*.go")
	require.NoError(tb, err)
	require.Len(tb, models, len(files), "each model has a file")
	return models
}

// codecSeeds are documents that once mattered: the examples of the API and the corners of JSON.
func codecSeeds(tb testing.TB) [][]byte {
	tb.Helper()
	files, err := filepath.Glob("testdata/payloads/*.json")
	if err != nil || len(files) == 0 {
		tb.Fatal("no payloads in testdata: ", err)
	}
	var seeds [][]byte
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		seeds = append(seeds, data)
	}
	for _, s := range []string{
		`null`, ` null `, ``, `{}`, ` {} `, `{} {}`, `{},`, `[]`, `"x"`, `{"role":null}`, `{"role":"a","role":null}`,
		`{"role":"a","role":5}`, `{"role":5,"role":"a"}`, `{"Role":"a"}`, `{"r\u006fle":"a"}`, `{"\ud800\ud800\udc00":1}`,
		`{"role":"\ud800\ud800\udc00"}`, `{"role":"\udc00"}`, `{"role":"\ud83d\ude00"}`, "{\"role\":\"\xff\xfe\"}", "{\"\xff\":1}",
		`{"x":9007199254740992,"y":9007199254740993,"z":1e999,"n":-0,"m":1.0}`, `{"lastSeen":1.0}`, `{"0":10000000000000000.0,"a":[{"b":-9007199254740994.0}]}`, `{"lastUsed":1e3}`,
		`{"_lastSeen":9223372036854775808}`, `{"totalCount":2147483648}`, `{"totalCount":-0}`, `{"_links":{"a":null,"a":{"href":1}}}`,
		`{"items":[null,{},5]}`, `{"items":[1,]}`, `{"items":[,1]}`, `{"items":{}}`, `{"a":1,}`, `{"a"}`, `{"op":"x","value":null}`,
		`{"value":{"a":[1,{"b":null}]}}`, `{"errors":[{"a":"b"},{"c":1},null]}`, `{"instructions":[{"kind":"x","n":1}]}`,
		`{"roleAttributes":{"k":["a",null],"l":null}}`, `{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":.5}`, `{"a":tru}`, `{"a":nul}`,
		"{\"a\":\"\x01\"}", `{"a":"\x"}`, `{"a":"\u12"}`, "\ufeff{}", strings.Repeat("[", 50), `{"serviceToken":"true"}`,
		`{"lastUsed":"1628001602644"}`, `{"lastUsed":1.7e12,"creationDate":123.0,"totalCount":"7"}`, `{"lastUsed":9.007199254740993e15}`, "\ufeffnull", `{"lastUsed":"1e"}`,
	} {
		seeds = append(seeds, []byte(s))
	}
	return seeds
}

// TestCodecAgainstReference runs every seed through every model.
func TestCodecAgainstReference(t *testing.T) {
	t.Parallel()
	for _, data := range codecSeeds(t) {
		for _, model := range codecModels(t) {
			checkAgainstReference(t, model, data)
		}
	}
}

// FuzzCodec compares every model with the reference decoder.
func FuzzCodec(f *testing.F) {
	models := codecModels(f)
	for _, data := range codecSeeds(f) {
		for model := range models {
			f.Add(uint8(model), data)
		}
	}
	f.Fuzz(func(t *testing.T, model uint8, data []byte) {
		checkAgainstReference(t, models[int(model)%len(models)], data)
	})
}

// FuzzTokens compares the token list with the reference decoder.
func FuzzTokens(f *testing.F) { fuzzModel[Tokens](f) }

// FuzzMembers compares the member list with the reference decoder.
func FuzzMembers(f *testing.F) { fuzzModel[Members](f) }

func fuzzModel[T any](f *testing.F) {
	for _, data := range codecSeeds(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkAgainstReference(t, reflect.TypeFor[T](), data) })
}
