package codec

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// textCorners are string literals, without their quotes, at the edges of Unicode in JSON.
var textCorners = []string{
	``, `plain`, `é`, `😀`, "\xff", "\xc3", "\xc3(", "a\x80b", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xef\xbb\xbf", `\u00e9`, `\u0000`,
	`\ud83d\ude00`, `\uD83D\uDE00`, `\ud83d`, `\ude00`, `\ud83d\ud83d\ude00`, `\ude00\ud83d`, `\ud83dx`, `\ud83d\n`, `\ud83d\u0041`,
	`\\ud83d`, `\\\ud83d`, `\\\\ud83d`, `\"\ud83d\"`, `\ud83d\ude0`, `\ud83d\`, `\ud83`, `\uZZZZ`, `\x`, `\`, "\\\xff", `\ud83d\\`, `\/`,
	"\u2028\u2029", `\ufffd`, "\xff\\ud83d\xff",
}

// TestValidTextReadsAsEncodingJSON: what validText makes of a document is valid UTF-8, and describes what encoding/json reads.
func TestValidTextReadsAsEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, corner := range textCorners {
		document := []byte(`"` + corner + `"`)
		got := validText(document)
		require.Equal(t, json.Valid(document), json.Valid(got), "%q: neither better nor worse JSON", corner)
		if !json.Valid(document) {
			continue
		}
		require.True(t, utf8.Valid(got), "%q", corner)
		var want, read string
		require.NoError(t, json.Unmarshal(document, &want))
		require.NoError(t, json.Unmarshal(got, &read))
		require.Equal(t, want, read, "%q", corner)

		var values map[string]string
		require.NoError(t, Decode(&values, func(d *Decoder) bool { return DecodeMap(&values, d, DecodeString) },
			[]byte(`{"href":"`+corner+`"}`), false))
		require.Equal(t, want, values["href"], "%q", corner)
	}
}

// TestValidTextLeavesDocumentsAlone: most documents are not copied.
func TestValidTextLeavesDocumentsAlone(t *testing.T) {
	t.Parallel()
	for _, document := range []string{``, `{}`, `{"a":"é😀"}`, `{"a":"\u00e9\n\\"}`, strings.Repeat("[", 100)} {
		in := []byte(document)
		out := validText(in)
		require.Equal(t, document, string(out))
		if len(in) > 0 {
			require.Same(t, &in[0], &out[0], document)
		}
	}
	in := []byte("\"\xff\"")
	require.Equal(t, "\"\uFFFD\"", string(validText(in)))
	require.Equal(t, "\"\xff\"", string(in), "the caller's bytes stay")
}

func TestMalformedReason(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		"":                           "the document is empty",
		" \r\n\t":                    "the document is empty",
		"{":                          "the document ends early, after 1 bytes",
		`{"a":"hidden`:               "the document ends early, after 12 bytes",
		`{"a":tru`:                   "the document ends early, after 8 bytes",
		`{"a":trux}`:                 "the document is no JSON from byte 9 on",
		"<html>hidden":               "the document is no JSON from byte 1 on",
		`{} {}`:                      "the document is no JSON from byte 4 on",
		`{"a":1}hidden`:              "the document is no JSON from byte 8 on",
		"\ufeff{}":                   "the document is no JSON from byte 1 on",
		"{\"a\":\"\x01\"}":           "the document is no JSON from byte 7 on",
		strings.Repeat("[", 10001):   "the document is nested too deeply",
		strings.Repeat("[", 100_000): "the document is nested too deeply",
		`{}`:                         "the document is no JSON", // for a valid document
	} {
		require.Equal(t, want, Malformed([]byte(document)), "%.40q", document)
	}
}

func TestDecodeErrorText(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]*Error{
		"Members.items[3].role: want string": {Model: "Members", Path: ".items[3].role", Reason: "want string"},
		"Token: the document is empty":       {Model: "Token", Reason: "the document is empty"},
		"the document is empty":              {Reason: "the document is empty"},
		"a.b: want int":                      {Path: "a.b", Reason: "want int"},
	} {
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, Err)
	}
}
