package main

import (
	"errors"
	"fmt"
	"slices"
)

// pages reads x-pagination: which properties of the response a pager needs.
func pages(o *Operation, extension any) error {
	names, _ := extension.(map[string]any)
	size, _ := names["defaultPageSize"].(float64)
	m := o.Success.Model
	switch {
	case extension == nil:
		return nil
	case m == nil || size < 1:
		return errors.New("needs a response with a model, and a defaultPageSize")
	}
	p := &Pages{Size: int64(size), Position: "offset"}
	byTime := names["before"] != nil
	if byTime {
		p.Position, _ = names["before"].(string)
	}
	if !o.hasQuery("limit") || !o.hasQuery(p.Position) {
		return fmt.Errorf("needs the query parameters limit and %s, of int64", p.Position)
	}
	for _, want := range []struct {
		field *(*Field)
		name  string
		of    func() *Model
		fits  func(t *Type) bool
	}{
		{&p.Items, "items", func() *Model { return m }, func(t *Type) bool { return t.Kind == "slice" && t.Elem.Kind == "model" }},
		{&p.Total, "total", func() *Model { return m }, func(t *Type) bool { return t.Scalar == "int32" }},
		{&p.Links, "links", func() *Model { return m }, func(t *Type) bool { return t.Kind == "map" }},
		{&p.ID, "id", func() *Model { return p.Items.Type.Elem.Model }, func(t *Type) bool { return t.Scalar == "string" }},
		{&p.Time, "time", func() *Model { return p.Items.Type.Elem.Model }, func(t *Type) bool { return t.Scalar == "int64" }},
	} {
		name, given := names[want.name].(string)
		if absent := want.name == "time"; !given && absent != byTime && (absent || want.name == "total") {
			continue
		}
		f := want.of().ByName[name]
		if f == nil || !want.fits(f.Type) {
			return fmt.Errorf("%s: %s has no fitting property %q", want.name, want.of().Name, name)
		}
		*want.field = f
	}
	o.Pages = p
	return nil
}

func (o *Operation) hasQuery(name string) bool {
	return slices.ContainsFunc(o.Query, func(f *Field) bool { return f.Name == name && f.Type.Scalar == "int64" })
}
