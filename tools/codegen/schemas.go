package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const schemaRef = "#/components/schemas/"

// maxRequired is how many required properties the runtime's strict decoding can tell apart.
const maxRequired = 64

// builder turns the description into an [API].
type builder struct {
	doc    *openapi3.T
	api    *API
	models map[string]*Model // by schema
}

// describe returns the [API] of a description, or an error for the part that codegen cannot express.
func describe(doc *openapi3.T) (*API, error) {
	b := &builder{doc: doc, api: &API{Title: doc.Info.Title, Errors: map[int]*Model{}, Security: map[string]string{}}, models: map[string]*Model{}}
	schemas := doc.Components.Schemas
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		// Objects without declared properties are maps.
		if s := schemas[name].Value; len(s.Properties) > 0 {
			b.models[name] = &Model{Name: goName(name), Schema: name, Description: s.Description, Example: s.Example,
				ByName: map[string]*Field{}}
			b.api.Models = append(b.api.Models, b.models[name])
		}
	}
	slices.SortFunc(b.api.Models, func(x, y *Model) int { return cmp.Compare(x.Name, y.Name) })
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		if err := b.schema(name, schemas[name].Value); err != nil {
			return nil, at("schema "+name, err)
		}
	}
	return b.api, errors.Join(b.servers(), b.services())
}

// at adds the place in the description to an error.
func at(place string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", place, err)
}

// line is where an element of the description starts. kin-openapi keeps elements in maps, and their order counts.
func line(origin *openapi3.Origin) int {
	if origin == nil || origin.Key == nil {
		return 0
	}
	return origin.Key.Line
}

// schema checks a schema of components, and fills in its model if it is one.
func (b *builder) schema(name string, s *openapi3.Schema) error {
	m := b.models[name]
	if err := cmp.Or(checkName(name), described(s.Description), supported(s)); err != nil || m == nil {
		if err == nil {
			_, err = b.goType(&openapi3.SchemaRef{Value: s}, name)
		}
		return err
	}
	if len(s.Required) > maxRequired {
		return fmt.Errorf("has %d required properties; at most %d are supported", len(s.Required), maxRequired)
	}
	for _, key := range slices.SortedFunc(maps.Keys(s.Properties), func(x, y string) int {
		return cmp.Or(line(s.Properties[x].Origin)-line(s.Properties[y].Origin), cmp.Compare(x, y))
	}) {
		p, err := b.field(key, s.Properties[key].Value.Description, s.Properties[key])
		if err != nil {
			return at("property "+key, err)
		}
		p.Required = slices.Contains(s.Required, key)
		m.Properties, m.ByName[key] = append(m.Properties, p), p
	}
	for _, key := range s.Required {
		if m.ByName[key] == nil {
			return fmt.Errorf("requires %s, which is no property of it", key)
		}
		m.Required = append(m.Required, m.ByName[key])
	}
	return nil
}

// described returns an error without a description, from which doc comments and pages are generated.
func described(description string) error {
	if strings.TrimSpace(description) == "" {
		return errors.New("has no description")
	}
	return nil
}

// field reads what properties and parameters have in common.
func (b *builder) field(name, description string, ref *openapi3.SchemaRef) (*Field, error) {
	t, err := b.goType(ref)
	if err := cmp.Or(checkName(name), described(description), err); err != nil {
		return nil, err
	}
	s := ref.Value
	known, _ := s.Extensions["x-known-values"].([]any)
	f := &Field{Name: name, Description: description, Type: t, Nullable: s.Nullable || s.Extensions["x-any"] == true, Secret: s.Extensions["x-secret"] == true,
		Known: slices.Concat(s.Enum, known), Example: s.Example, Default: s.Default,
		MaxItems: s.MaxItems, Deprecated: s.Deprecated}
	if s.Min != nil {
		f.Minimum = new(int64(*s.Min))
	}
	if s.Max != nil {
		f.Maximum = new(int64(*s.Max))
	}
	if f.Default != nil && t.Kind != "scalar" {
		return nil, errors.New("a default is supported for texts, booleans and numbers only")
	}
	return f, nil
}

// goType returns the Go type of a schema. Only models have a Go name; what refers to other schemas gets the plain type. Those
// may not contain themselves, so the names seen on the way are kept.
func (b *builder) goType(ref *openapi3.SchemaRef, seen ...string) (*Type, error) {
	if name, ok := strings.CutPrefix(ref.Ref, schemaRef); ok {
		if m := b.models[name]; m != nil {
			return m.Type(), nil
		}
		if slices.Contains(seen, name) {
			return nil, fmt.Errorf("schema %s contains itself", name)
		}
		seen = append(seen, name)
	} else if ref.Ref != "" {
		return nil, fmt.Errorf("the reference %s does not go to %s", ref.Ref, schemaRef)
	}
	s := ref.Value
	// A schema with nothing but a reference is the usual way of describing one. Linters require a type along with nullable.
	if len(s.AllOf) == 1 && (s.Type == nil || s.Type.Is("object")) && s.Items == nil && s.Properties == nil && s.AllOf[0].Ref != "" {
		return b.goType(s.AllOf[0], seen...)
	}
	if err := supported(s); err != nil {
		return nil, err
	}
	var elem *openapi3.SchemaRef
	t := &Type{Kind: "map", Elem: anyType()}
	switch {
	case len(s.Properties) > 0:
		return nil, errors.New("an object with properties needs a name in components/schemas")
	case s.Type == nil:
		t = t.Elem
	case s.Type.Is("array"):
		t.Kind, elem = "slice", s.Items
	case s.Type.Is("object"):
		elem = s.AdditionalProperties.Schema
	default:
		return scalar(s)
	}
	var err error
	if elem != nil {
		t.Elem, err = b.goType(elem, seen...)
	}
	return t, err
}

// scalar returns the type of texts, booleans and numbers.
func scalar(s *openapi3.Schema) (*Type, error) {
	t := map[string]string{"boolean ": "bool", "integer ": "int32", "integer int32": "int32", "integer int64": "int64",
		"number ": "float64", "number double": "float64", "string ": "string"}[s.Type.Slice()[0]+" "+s.Format]
	if t == "" && s.Type.Is("string") && !slices.Contains([]string{"date-time", "date", "byte", "binary"}, s.Format) {
		t = "string"
	}
	if t == "" {
		return nil, fmt.Errorf("type %s with format %q is not supported", s.Type.Slice()[0], s.Format)
	}
	return &Type{Kind: "scalar", Scalar: t}, nil
}

// supported returns an error for what a Go type cannot express.
func supported(s *openapi3.Schema) error {
	switch values := s.AdditionalProperties; {
	case s.AllOf != nil:
		return errors.New("allOf is not supported, but for describing one reference")
	case s.OneOf != nil || s.AnyOf != nil || s.Not != nil || s.Discriminator != nil:
		return errors.New("oneOf, anyOf, not and discriminator are not supported")
	case values.Schema != nil && len(s.Properties) > 0:
		return errors.New("properties beside typed additionalProperties are not supported")
	case values.Has != nil && !*values.Has:
		return errors.New("additionalProperties: false is not supported; models keep what they do not know")
	}
	return nil
}
