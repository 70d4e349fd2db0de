package codec

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

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
