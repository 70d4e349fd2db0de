package codec

import (
	"bytes"
	"encoding/json"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// lexerSeeds are texts at the edges of the grammar.
func lexerSeeds() []string {
	seeds := []string{
		"", " ", "{}", "[]", " [ ] ", `{"a":1}`, `{"a":1,"a":[true,false,null]}`, "{,}", "[,]", "[1,]", `{"a":1,}`, `{"a"}`, `{"a":}`, `{1:2}`, `{"a" 1}`, "[1 2]", "[1}", `{"a":1]`,
		"[", "{", `{"a"`, `{"a":`, `{"a":1`, "[1", "[1,", "]", "}", ",", ":", "{} {}", "[]]", "\ufeff{}", "\x00", "[\x0b]",
		"0", "-0", "01", "-", "-a", "+1", ".5", "1.", "[1.]", "1.5", "1.e1", "1e", "1e+", "1e5", "1E-5", "1e5.5", "1x", "[1:2]", "12345678901234567890", "0x1", "-01", "1e999", "9007199254740993",
		"t", "tru", "true", "trux", "truex", "txue", "f", "fals", "false", "falsx", "faxse", "n", "nul", "null", "nulx", "nullx", "[nul]", "[tru,1]", "True", "NaN",
		`"`, `"a`, `"a"`, "\"\n\"", "\"\x7f\"", `"\`, `"\"`, `"\"" `, `"\u`, `"\u00"`, `"\u00g0"`, `"\u00e9"`, `"\q"`, `"\u00E9\ud83D\uDE00"`,
		strings.Repeat("[", 9_999) + strings.Repeat("]", 9_999), strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001), strings.Repeat(`{"a":`, 10_001),
	}
	for _, corner := range textCorners {
		for _, before := range []string{"", "a", "seven7", "eight...", "thirteen long"} { // texts are read eight bytes at a time
			seeds = append(seeds, `["`+before+corner+`"]`, `{"`+before+corner+`":"`+corner+before+`"}`)
		}
	}
	return seeds
}

// anyOf returns what [DecodeAny] makes of a value that encoding/json read with its numbers as text.
func anyOf(v interface{}) interface{} {
	switch v := v.(type) {
	case json.Number:
		f, err := strconv.ParseFloat(string(v), 64)
		if err != nil || isInteger([]byte(v)) && !isExact([]byte(v)) {
			return v
		}
		return f
	case []interface{}:
		for i := range v {
			v[i] = anyOf(v[i])
		}
	case map[string]interface{}:
		for key := range v {
			v[key] = anyOf(v[key])
		}
	}
	return v
}

// checkLexer compares the lexer with encoding/json: what it accepts, which values it reads, and that the position of a fault is where the
// text stops to be the beginning of JSON.
func checkLexer(t *testing.T, data []byte) {
	t.Helper()
	l := lexer{data: data}
	accepted := l.skip() && l.end()
	require.Equal(t, json.Valid(data), accepted, "%.200q, fault %d", data, l.fault)
	var v interface{}
	err := Decode(&v, func(d *Decoder) bool { return DecodeAny(&v, d) }, data, false)
	if !accepted {
		require.Less(t, 0, max(l.fault, -l.fault))
		if !bytes.HasPrefix(data, []byte("\uFEFF")) {
			require.EqualError(t, err, Malformed(data), "%.200q", data)
		}
		if before := l.fault - 1; before >= 0 && before < len(data) {
			begins := false
			for back := range min(before, 4) + 1 { // a literal is read four bytes at a time
				prefix := lexer{data: data[:before-back]}
				_ = prefix.skip() && prefix.end()
				begins = begins || prefix.fault == 0 || prefix.fault == before-back+1
			}
			require.True(t, begins, "%.200q: fault at byte %d", data, l.fault)
		}
		return
	}
	reference := json.NewDecoder(bytes.NewReader(data))
	reference.UseNumber()
	var want interface{}
	require.NoError(t, reference.Decode(&want))
	if want == nil {
		require.ErrorContains(t, err, "got null")
		return
	}
	require.NoError(t, err, "%.200q", data)
	require.Equal(t, anyOf(want), v, "%.200q", data)
}

func TestLexerAgainstEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, seed := range lexerSeeds() {
		checkLexer(t, []byte(seed))
		for i := range min(len(seed), 40) { // and what begins like it
			checkLexer(t, []byte(seed[:i]))
		}
	}
}

// FuzzLexer compares the lexer with encoding/json.
func FuzzLexer(f *testing.F) {
	for _, seed := range lexerSeeds() {
		f.Add([]byte(seed))
	}
	f.Fuzz(checkLexer)
}

// TestFaultsTakeNoMemory: a text that breaks off within a long string is not copied. It runs alone.
func TestFaultsTakeNoMemory(t *testing.T) {
	document := []byte(`{"a":"` + strings.Repeat(`x\n`, 1<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var v interface{}
	err := Decode(&v, func(d *Decoder) bool { return DecodeAny(&v, d) }, document, false)
	runtime.ReadMemStats(&after)
	require.ErrorContains(t, err, "ends early")
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<10))
}
