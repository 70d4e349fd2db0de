package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/internal/inventory"
)

// documents is how many there are of each schema.
const documents = 1000

// modelOf returns the SDK's type of a schema: a model, or a list of models. It is nil for schemas that the SDK has as maps and slices of Go,
// inside other models.
func modelOf(t *testing.T, models map[string]reflect.Type, name string, s *openapi3.Schema) reflect.Type {
	t.Helper()
	if s.Type.Is("array") {
		if model := models[goName(schemaName(s.Items))]; model != nil {
			return reflect.SliceOf(model)
		}
	} else if model := models[goName(name)]; model != nil || len(s.Properties) > 0 {
		if model == nil {
			t.Errorf("schema %s: no operation takes or returns it", name)
		}
		return model
	}
	return nil
}

// TestDocumentsSurvive reads and writes a thousand documents of each schema: nothing is lost and nothing is added.
func TestDocumentsSurvive(t *testing.T) {
	t.Parallel()
	d := load(t)
	rng := random(t)
	models := inventory.Models(ldapi.New(), slices.Collect(maps.Values(errorModels(t)))...)
	text, err := json.Marshal(d.doc)
	if err != nil {
		t.Fatal(err)
	}
	schemas := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(d.doc.Components.Schemas)) {
		schemas[goName(name)] = true
		if !strings.Contains(string(text), `"$ref":"#/components/schemas/`+name+`"`) {
			t.Errorf("nothing refers to schema %s", name)
		}
		model := modelOf(t, models, name, d.doc.Components.Schemas[name].Value)
		if model == nil {
			continue
		}
		rng := rand.New(rand.NewPCG(rng.Uint64(), 0))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			survive(t, newGenerator(rng, true), d.doc.Components.Schemas[name], model)
		})
	}
	for name := range models {
		if !schemas[name] {
			t.Errorf("model %s has no schema", name)
		}
	}
}

func survive(t *testing.T, g *generator, ref *openapi3.SchemaRef, model reflect.Type) {
	t.Helper()
	c := newCombinations(g, ref.Value)
	for i := range documents {
		c.next(i)
		sent, want := g.value(ref)
		text := g.write(sent)
		first := reflect.New(model)
		if err := json.Unmarshal(text, first.Interface()); err != nil {
			t.Fatalf("document %d: %v in %s", i, err, short(text))
		}
		out, err := json.Marshal(first.Interface())
		if err != nil {
			t.Fatalf("document %d: %v", i, err)
		}
		if d := difference(parse(t, out), want); d != "" {
			t.Fatalf("document %d: %s\n in %s\nout %s", i, d, short(text), short(out))
		}
		again := reflect.New(model)
		if err := json.Unmarshal(out, again.Interface()); err != nil || !reflect.DeepEqual(first.Interface(), again.Interface()) {
			t.Fatalf("document %d is another one when it is read again: %v\n in %s\nout %s", i, err, short(text), short(out))
		}
	}
	c.check(t)
}

// combinations goes through the optional properties of a schema being absent, null and given: through all combinations
// where a thousand are enough, else through random ones, of which it counts the pairs.
type combinations struct {
	g        *generator
	optional []string
	nullable map[string]bool
	states   map[string]int // of the present document: 0 absent, 1 given, 2 null
	pairs    map[string]bool
}

func newCombinations(g *generator, s *openapi3.Schema) *combinations {
	c := &combinations{g: g, nullable: map[string]bool{}, states: map[string]int{}, pairs: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if !slices.Contains(s.Required, name) {
			c.optional = append(c.optional, name)
			c.nullable[name] = s.Properties[name].Value.Nullable
		}
	}
	return c
}

func (c *combinations) count(name string) int {
	if c.nullable[name] {
		return 3
	}
	return 2
}

// next chooses the combination of the document i.
func (c *combinations) next(i int) {
	all := 1
	for _, name := range c.optional {
		all *= c.count(name)
	}
	for _, name := range c.optional {
		n := c.count(name)
		if all <= documents {
			c.states[name] = i % n
			i /= n
		} else {
			c.states[name] = c.g.rng.IntN(n)
		}
	}
	for _, a := range c.optional {
		for _, b := range c.optional {
			c.pairs[c.pair(a, c.states[a], b, c.states[b])] = true
		}
	}
	if len(c.optional) > 0 {
		c.g.present = func(name string) (given, null bool) { return c.states[name] > 0, c.states[name] == 2 }
	}
}

func (c *combinations) pair(a string, inA int, b string, inB int) string {
	return fmt.Sprint(a, inA, b, inB)
}

// check fails when two optional properties were never together in some pair of states.
func (c *combinations) check(t *testing.T) {
	t.Helper()
	for _, a := range c.optional {
		for _, b := range c.optional {
			for inA := range c.count(a) {
				for inB := range c.count(b) {
					if (a != b || inA == inB) && !c.pairs[c.pair(a, inA, b, inB)] {
						t.Errorf("%s in state %d and %s in state %d were never together", a, inA, b, inB)
					}
				}
			}
		}
	}
}
