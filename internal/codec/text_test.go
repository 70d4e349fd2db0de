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

// TestTextReadsAsEncodingJSON: strings have the text that encoding/json reads, valid UTF-8, and are invalid where it reports an error.
func TestTextReadsAsEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, corner := range textCorners {
		document := []byte(`{"href":"` + corner + `","` + corner + `":1}`)
		var values map[string]interface{}
		err := Decode(&values, func(d *Decoder) bool { return DecodeMap(&values, d, DecodeAny) }, document, false)
		if !json.Valid(document) {
			require.ErrorIs(t, err, Err, "%q", corner)
			continue
		}
		require.NoError(t, err, "%q", corner)
		var want map[string]interface{}
		require.NoError(t, json.Unmarshal(document, &want))
		require.Equal(t, want, values, "%q", corner)
		require.True(t, utf8.ValidString(values["href"].(string)), "%q", corner)
	}
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
