package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// write returns a document as text in one of its many spellings: properties in any order, with space between, with more
// escapes than needed.
func (g *generator) write(v any) []byte {
	var b bytes.Buffer
	g.append(&b, v)
	return b.Bytes()
}

func (g *generator) append(b *bytes.Buffer, v any) {
	g.space(b)
	switch v := v.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		g.rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		b.WriteByte('{')
		for i, name := range names {
			if i > 0 {
				b.WriteByte(',')
			}
			g.append(b, name)
			b.WriteByte(':')
			g.append(b, v[name])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, element := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			g.append(b, element)
		}
		b.WriteByte(']')
	case string:
		g.quote(b, v)
	default: // nil, bool, json.Number
		text, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		b.Write(text)
	}
	g.space(b)
}

func (g *generator) space(b *bytes.Buffer) {
	if g.chance(10) {
		b.WriteString([]string{" ", "\n", "\t\r\n"}[g.rng.IntN(3)])
	}
}

// quote writes a string, with escapes for ASCII that needs none.
func (g *generator) quote(b *bytes.Buffer, s string) {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	if !g.chance(20) || bytes.IndexByte(text, '\\') >= 0 {
		b.Write(text)
		return
	}
	for _, r := range string(text) {
		if r != '"' && r < 0x80 && g.chance(30) {
			fmt.Fprintf(b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
}

// parse reads a document; numbers stay as they are written.
func parse(t *testing.T, text []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// difference describes where two documents are not the same; "" when they are. Numbers are the same when their values are.
func difference(got, want any) string {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok {
			break
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if _, ok := got[name]; !ok {
				return fmt.Sprintf(".%q is lost", name)
			}
			if d := difference(got[name], want[name]); d != "" {
				return fmt.Sprintf(".%q%s", name, d)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(got)) {
			if _, ok := want[name]; !ok {
				return fmt.Sprintf(".%q came from nowhere", name)
			}
		}
		return ""
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) != len(want) {
			break
		}
		for i := range want {
			if d := difference(got[i], want[i]); d != "" {
				return fmt.Sprintf("[%d]%s", i, d)
			}
		}
		return ""
	case json.Number:
		if got, ok := got.(json.Number); ok && sameNumber(got, want) {
			return ""
		}
	default:
		if got == want {
			return ""
		}
	}
	return fmt.Sprintf(": got %#v, want %#v", got, want)
}

func sameNumber(a, b json.Number) bool {
	x, okX := new(big.Rat).SetString(a.String())
	y, okY := new(big.Rat).SetString(b.String())
	return okX && okY && x.Cmp(y) == 0
}

// short cuts a text that goes into a message.
func short(text []byte) string {
	const longest = 2000
	if len(text) > longest {
		return strings.ToValidUTF8(string(text[:longest]), "") + "…"
	}
	return string(text)
}
