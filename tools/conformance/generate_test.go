package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// generator makes JSON documents out of schemas. Numbers are json.Number, so that none is rounded on its way.
type generator struct {
	rng     *rand.Rand
	unknown bool // adds properties that no schema has, where it may
	words   []string
	present func(property string) (given, null bool)
	depth   int
}

func newGenerator(rng *rand.Rand, unknown bool) *generator {
	g := &generator{rng: rng, unknown: unknown, words: oddTexts}
	g.present = g.atRandom
	return g
}

func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

// atRandom decides whether an optional property is present, and whether it is null.
func (g *generator) atRandom(string) (given, null bool) { return g.chance(60), g.chance(15) }

// value makes a value of a schema. want is the value that must remain after the SDK has decoded and encoded it: the same, except
// for optional properties that were null, which may as well be absent.
func (g *generator) value(ref *openapi3.SchemaRef) (sent, want any) {
	s := ref.Value
	if len(s.AllOf) == 1 {
		return g.value(s.AllOf[0])
	}
	switch {
	case s.Type == nil:
		v := g.any(0)
		return v, v
	case s.Type.Is("string"):
		v := g.text(s)
		return v, v
	case s.Type.Is("boolean"):
		v := g.chance(50)
		return v, v
	case s.Type.Is("integer"):
		v := g.integer(s)
		return v, v
	case s.Type.Is("array"):
		return g.array(s)
	case s.Type.Is("object"):
		return g.object(s)
	}
	panic(fmt.Sprintf("no generator for a schema of type %v", s.Type))
}

func (g *generator) array(s *openapi3.Schema) (sent, want any) {
	n := g.rng.IntN(4)
	if s.MaxItems != nil && g.chance(3) {
		n = int(*s.MaxItems)
	}
	if g.depth > 3 {
		n = min(n, 1)
	}
	n = max(n, int(s.MinItems))
	from, to := make([]any, n), make([]any, n)
	g.depth++
	for i := range n {
		from[i], to[i] = g.value(s.Items)
	}
	g.depth--
	return from, to
}

func (g *generator) object(s *openapi3.Schema) (sent, want any) {
	from, to := map[string]any{}, map[string]any{}
	put := func(name string, ref *openapi3.SchemaRef) { from[name], to[name] = g.value(ref) }
	g.depth++
	defer func() { g.depth-- }()
	present := g.present
	g.present = g.atRandom // applies to the outermost object only
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		ref, required := s.Properties[name], slices.Contains(s.Required, name)
		given, null := present(name)
		switch {
		case required:
			put(name, ref)
		case !given:
		case null && ref.Value.Nullable:
			from[name] = nil
			if ref.Value.Type == nil && len(ref.Value.AllOf) == 0 { // any value, and null is one
				to[name] = nil
			}
		default:
			put(name, ref)
		}
	}
	switch values := s.AdditionalProperties; {
	case values.Schema != nil:
		for range g.rng.IntN(4) {
			put(g.anyText(), values.Schema)
		}
	case values.Has != nil && *values.Has, values.Has == nil && g.unknown && g.chance(50):
		for range 1 + g.rng.IntN(3) {
			if name := g.anyText(); s.Properties[name] == nil {
				v := g.any(0)
				from[name], to[name] = v, v
			}
		}
	}
	return from, to
}

func (g *generator) text(s *openapi3.Schema) string {
	if known, _ := s.Extensions["x-known-values"].([]any); len(known) > 0 && g.chance(70) {
		return fmt.Sprint(known[g.rng.IntN(len(known))])
	}
	return g.anyText()
}

var oddTexts = []string{
	"", " ", "a", "null", "0", "größe", "日本語", "😀👩‍👩‍👧", "\u0000\u0001\u001f\u007f", "\u2028\u2029", `"\/`, "<script>&amp;</script>",
	"\ufeff\ufffd\uffff", "e\u0301", "\U0010FFFF", "a\tb\nc\r", "%41+%2F", "$ref", "__proto__", "_id ", "5f00aa11bb22cc33dd44ee66",
}

func (g *generator) anyText() string {
	if g.chance(40) {
		return g.words[g.rng.IntN(len(g.words))]
	}
	runes := make([]rune, g.rng.IntN(12))
	for i := range runes {
		runes[i] = []rune("abcXYZ019 -_.:/|,*{}[]äß€𝄞")[g.rng.IntN(25)]
	}
	return string(runes)
}

// integer likes the ends of its range.
func (g *generator) integer(s *openapi3.Schema) json.Number {
	bits := 64
	if s.Format == "int32" {
		bits = 32
	}
	if known, _ := s.Extensions["x-known-values"].([]any); len(known) > 0 && g.chance(70) {
		return json.Number(strconv.Itoa(int(known[g.rng.IntN(len(known))].(float64))))
	}
	n := g.rng.Int64() >> (64 - bits) >> g.rng.IntN(bits-1)
	switch g.rng.IntN(8) {
	case 0:
		n = 1<<(bits-1) - 1
	case 1:
		n = 0
	}
	if s.Min == nil && g.chance(25) {
		n = -n - 1
	}
	return json.Number(strconv.FormatInt(n, 10))
}

// any makes a value that no schema describes.
func (g *generator) any(depth int) any {
	kinds := 9
	if depth > 2 {
		kinds = 7
	}
	switch g.rng.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return g.chance(50)
	case 2:
		return json.Number(strconv.Itoa(g.rng.IntN(2000) - 1000))
	case 3: // beyond what a float64 holds, and beyond 64 bits
		return json.Number(strings.Repeat("9", 16+g.rng.IntN(30)))
	case 4:
		return json.Number(strconv.FormatFloat(g.rng.NormFloat64(), 'g', -1, 64))
	case 5, 6:
		return g.anyText()
	case 7:
		list := make([]any, g.rng.IntN(4))
		for i := range list {
			list[i] = g.any(depth + 1)
		}
		return list
	default:
		object := map[string]any{}
		for range g.rng.IntN(4) {
			object[g.anyText()] = g.any(depth + 1)
		}
		return object
	}
}
