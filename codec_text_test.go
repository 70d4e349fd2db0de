package ldapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// nestings put a value that is nested depth deep into places where the codec reads in different ways.
var nestings = map[string]func(depth int) string{
	"unknown property, arrays": func(depth int) string {
		return `{"x":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`
	},
	"unknown property, objects": func(depth int) string {
		return strings.Repeat(`{"x":`, depth-1) + `{}` + strings.Repeat("}", depth-1)
	},
	"property of another type": func(depth int) string {
		return `{"name":` + strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`
	},
	"property of another type, objects": func(depth int) string {
		return `{"name":` + strings.Repeat(`{"a":`, depth-2) + `{}` + strings.Repeat("}", depth-2) + `}`
	},
	"model inside": func(depth int) string {
		return `{"_member":` + strings.Repeat(`{"x":`, depth-2) + `{}` + strings.Repeat("}", depth-2) + `}`
	},
	"map inside": func(depth int) string {
		return `{"_links":{"self":{"x":` + strings.Repeat("[", depth-3) + strings.Repeat("]", depth-3) + `}}}`
	},
	"list inside": func(depth int) string {
		return `{"inlineRole":[{"x":` + strings.Repeat("[1,", depth-4) + "[]" + strings.Repeat("]", depth-4) + `}]}`
	},
}

// TestDepth: exactly 10,000 levels, as encoding/json has it, and a short error beyond.
func TestDepth(t *testing.T) {
	t.Parallel()
	for name, nested := range nestings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, depth := range []int{5, 9_999, 10_000, 10_001, 10_002, 100_000} {
				document := []byte(nested(depth))
				require.Equal(t, depth, deepest(document))
				require.Equal(t, depth <= 10_000, json.Valid(document))
				var token Token
				err := token.UnmarshalJSON(document)
				switch {
				case depth > 10_000:
					require.EqualError(t, err, "Token: the document is nested too deeply", depth)
				case strings.HasPrefix(name, "property of another type"):
					require.ErrorContains(t, err, "Token.name: want string, got ", depth)
				default:
					require.NoError(t, err, depth)
				}
			}
			err := new(Token).UnmarshalJSON([]byte(nested(10_000)))
			require.NotContains(t, fmt.Sprint(err), "deeply", "a refused document leaves nothing behind")
		})
	}
}

// deepest counts how many brackets are open at most.
func deepest(document []byte) int {
	most, open := 0, 0
	for _, c := range document {
		if bytes.IndexByte([]byte("[{"), c) >= 0 {
			open++
		}
		if bytes.IndexByte([]byte("]}"), c) >= 0 {
			open--
		}
		most = max(most, open)
	}
	return most
}

// TestMalformedDocuments: the error names the model and describes the problem, without repeating the text.
func TestMalformedDocuments(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		"":                         "the document is empty",
		`{"a":"hidden`:             "the document ends early, after 12 bytes",
		"<html>hidden":             "the document is no JSON from byte 1 on",
		`{"a":1}hidden`:            "the document is no JSON from byte 8 on",
		strings.Repeat("[", 10001): "the document is nested too deeply",
	} {
		var link Link
		err := link.UnmarshalJSON([]byte(document))
		require.ErrorIs(t, err, ErrDecode)
		require.Equal(t, "Link: "+want, err.Error(), "%.40q", document)
	}
}
