package ldapitest

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"
)

// properties reads a JSON object. Names are compared exactly (encoding/json would take "memberIds" for "memberIDs") and
// the first wrong type is kept in err. A null counts as absent.
type properties struct {
	raw map[string]json.RawMessage
	err error
}

var errInvalidBody = badRequest("Invalid request body")

// decodeObject reads a request body that must be one JSON object.
func decodeObject(body []byte) (*properties, error) {
	if !utf8.Valid(body) {
		return nil, errInvalidBody
	}
	p := &properties{}
	if err := json.Unmarshal(body, &p.raw); err != nil || p.raw == nil {
		return nil, errInvalidBody
	}
	return p, nil
}

// decodeList reads a request body that must be one JSON array.
func decodeList(body []byte) ([]json.RawMessage, error) {
	if !utf8.Valid(body) {
		return nil, errInvalidBody
	}
	var items []json.RawMessage
	if err := json.Unmarshal(body, &items); err != nil || items == nil {
		return nil, errInvalidBody
	}
	return items, nil
}

// has reports whether the property is there and not null.
func (p *properties) has(name string) bool {
	raw, ok := p.raw[name]
	return ok && !bytes.Equal(raw, []byte("null"))
}

func (p *properties) fail(name, want string) {
	if p.err == nil {
		p.err = badRequest("%s must be %s", name, want)
	}
}

func read[T any](p *properties, name, want string) (v T) {
	if !p.has(name) {
		return v
	}
	if json.Unmarshal(p.raw[name], &v) != nil {
		p.fail(name, want)
	}
	return v
}

func (p *properties) text(name string) string  { return read[string](p, name, "a string") }
func (p *properties) flag(name string) bool    { return read[bool](p, name, "a boolean") }
func (p *properties) number(name string) int64 { return read[int64](p, name, "an integer") }

func (p *properties) texts(name string) []string {
	items := read[[]*string](p, name, "a list of strings")
	var values []string
	for _, item := range items {
		if item == nil {
			p.fail(name, "a list of strings")
			return nil
		}
		values = append(values, *item)
	}
	return values
}

// attributes reads role attributes: lists of strings by key.
func (p *properties) attributes(name string) map[string][]string {
	m := read[map[string][]string](p, name, "an object of lists of strings")
	for _, values := range m {
		if values == nil {
			p.fail(name, "an object of lists of strings")
		}
	}
	return m
}

// statements reads a policy and refuses what no policy can be.
func (p *properties) statements(name string) []Statement {
	var policy []Statement
	for _, raw := range read[[]json.RawMessage](p, name, "a list of statements") {
		s, err := decodeObject(raw)
		if err != nil {
			p.fail(name, "a list of statements")
			return nil
		}
		st := Statement{Effect: s.text("effect"), Resources: s.texts("resources"), NotResources: s.texts("notResources"),
			Actions: s.texts("actions"), NotActions: s.texts("notActions")}
		if s.err == nil {
			s.err = st.check()
		}
		if s.err != nil && p.err == nil {
			p.err = s.err
		}
		policy = append(policy, st)
	}
	return policy
}

// sortedKeys makes what is said about the properties of an object the same each time.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
