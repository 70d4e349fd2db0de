package main

import "slices"

// API is the description in the terms of the generated code. Templates read it, so fields and methods are exported.
type API struct {
	Title, Module, Package string

	Servers  []Server
	Services []*Service
	Models   []*Model
	Errors   map[int]*Model    // by status
	Security map[string]string // descriptions of the schemes by name
	Guides   []Guide
}

// Server is a server of the description. Region is empty when it has none.
type Server struct{ URL, Description, Region string }

// Guide is a hand-written page below docs.
type Guide struct{ Title, File string }

// Service is a tag of the description with its operations in alphabetical order. Version is the API version that its requests
// need, or empty.
type Service struct {
	Name, Tag, Description, Version string

	Operations []*Operation
}

// Uploads reports whether an operation of the service sends a file.
func (s *Service) Uploads() bool {
	return slices.ContainsFunc(s.Operations, func(o *Operation) bool { return o.Body != nil && o.Body.Type.Kind == "file" })
}

// Encodes reports whether an operation of the service sends a body that is not made of models only.
func (s *Service) Encodes() bool {
	return slices.ContainsFunc(s.Operations, func(o *Operation) bool {
		return o.Body != nil && (o.Body.Type.Kind == "map" || o.Body.Type.Kind == "slice" && o.Body.Type.Elem.Kind != "model")
	})
}

// Lists reports whether an operation of the service lists things page by page.
func (s *Service) Lists() bool {
	return slices.ContainsFunc(s.Operations, func(o *Operation) bool { return o.Pages != nil })
}

// File is the name of the service's Go file.
func (s *Service) File() string { return goFile("api_" + snake(goName(s.Tag))) }

// Operation is an operation of the description.
type Operation struct {
	ID, Method, Path, Summary, Description string
	Deprecated, Safe                       bool // Safe: it only reads, whatever its method

	Service    *Service
	Security   []string // any of these schemes is sufficient
	PathParams []*Field
	Query      []*Field
	Mirror     []string // query parameters that the body repeats
	Body       *Field
	Content    string // Content-Type of the request; empty when it has no body
	Pages      *Pages // nil when it lists nothing
	Success    *Response
	Rejection  *Response   // with a status of success that is an error, or nil
	Responses  []*Response // by status, these included
}

// Name is the name of the operation's method.
func (o *Operation) Name() string { return goName(o.ID) }

// Request is the name of the operation's request builder.
func (o *Operation) Request() string { return "Api" + o.Name() + "Request" }

// Pages describes an operation that lists items page by page, for its iterator.
type Pages struct {
	Items, Total, Links *Field // properties of the page; no Total where pages are found by time
	ID, Time            *Field // properties of an item; no Time where pages are found by offset
	Position            string // query parameter: where a page starts
	Size                int64  // of a page, when the caller sets none
}

// Builders reports whether hand-written methods set a query parameter of the operation too.
func (o *Operation) Builders() bool {
	return slices.ContainsFunc(o.Query, func(f *Field) bool { return f.Builder != "" })
}

// Response is a response of an operation. Model is nil if the description does not describe its body.
type Response struct {
	Status      int
	Description string
	Observed    bool
	Error       string // sentinel of a rejection
	Model       *Model
	Headers     []string
}

// Model is an object schema.
type Model struct {
	Name, Schema, Description string

	Properties []*Field          // as the description orders them
	ByName     map[string]*Field // the same
	Required   []*Field          // as the schema lists them, which is the order of the constructor's parameters
	Example    any
}

// File is the name of the model's Go file.
func (m *Model) File() string { return goFile("model_" + snake(m.Name)) }

// Type is the type of the model.
func (m *Model) Type() *Type { return &Type{Kind: "model", Model: m} }

// Sample is an example of the model: its own, or one that is put together from its properties. It is nil without any.
func (m *Model) Sample() any {
	sample := map[string]any{}
	for _, p := range m.Properties {
		if p.Example != nil {
			sample[p.Name] = p.Example
		}
	}
	if m.Example != nil || len(sample) == 0 {
		return m.Example
	}
	return sample
}

// Variadic is the property that the constructor takes as an optional last argument: one of any type whose null means
// something, if all others are required. It is nil otherwise.
func (m *Model) Variadic() (found *Field) {
	for _, p := range m.Properties {
		if p.NullVar() != "" && (found != nil || len(m.Required) == 0) {
			return nil
		}
		if p.NullVar() != "" {
			found = p
		}
	}
	return found
}

// Field is a property of a model, a parameter or a request body.
type Field struct {
	Name, Description string // Name as the description has it

	Type                       *Type
	Required, Nullable, Secret bool
	Deprecated                 bool
	Known                      []any // values known today
	Example, Default           any
	Minimum, Maximum           *int64
	MaxItems, MaxLength        *uint64
	Builder                    string // hand-written method of the request that sets the parameter or the body too
}

// Go is the exported Go name.
func (f *Field) Go() string { return goName(f.Name) }

// Var is the name of the Go parameter.
func (f *Field) Var() string { return variable(f.Name) }

// Pointer reports whether the struct field of a property is a pointer.
func (f *Field) Pointer() bool { return !f.Required && f.Type.Kind != "slice" && f.Type.Kind != "any" }

// NullVar is the struct field that distinguishes a property's null from absence; empty if the property needs none.
func (f *Field) NullVar() string {
	if f.Required || !f.Nullable || f.Type.Kind != "any" {
		return ""
	}
	return lowerFirst(f.Go()) + "Null"
}

// Type is the Go type of a schema.
type Type struct {
	Kind   string // scalar, model, slice, map, any or file
	Scalar string // string, bool, int32, int64 or float64
	Model  *Model
	Elem   *Type // of slices and maps; any for any
}

// anyType is the type of values that the description does not describe, and of their elements.
func anyType() *Type {
	t := &Type{Kind: "any"}
	t.Elem = t
	return t
}

// Packed reports whether the runtime packs pointers to such values.
func (t *Type) Packed() bool { return t.Kind == "scalar" && t.Scalar != "float64" }

// Strings reports whether the type is []string, which the runtime packs.
func (t *Type) Strings() bool { return t.Kind == "slice" && t.Elem.Scalar == "string" }

// Go is the type in the generated package.
func (t *Type) Go() string { return t.In("") }

// In is the type where the generated package is imported with a qualifier, such as "ldapi.".
func (t *Type) In(qualifier string) string {
	switch t.Kind {
	case "model":
		return qualifier + t.Model.Name
	case "slice":
		return "[]" + t.Elem.In(qualifier)
	case "map":
		return "map[string]" + t.Elem.In(qualifier)
	case "any":
		return "interface{}"
	case "file":
		return "*os.File"
	}
	return t.Scalar
}
