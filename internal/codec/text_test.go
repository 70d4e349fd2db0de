package codec

import (
	"encoding/json"
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
