// Package inventory finds the operations and the models of a client by reflection, so that tests need no lists of them.
package inventory

import (
	"context"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
)

// Operation is an operation of a client: a method of one of its services that has a companion named …Execute.
type Operation struct {
	ID, Service string // such as "getToken" and "AccessTokensApi"
	Request     reflect.Type
	begin       reflect.Value
}

// Operations returns the operations of the client that is pointed to, by service. Its services are the fields whose names
// end in Api.
func Operations(client any) []Operation {
	var all []Operation
	fields := reflect.ValueOf(client).Elem()
	for i := range fields.NumField() {
		name, service := fields.Type().Field(i).Name, fields.Field(i)
		if !strings.HasSuffix(name, "Api") {
			continue
		}
		for j := range service.NumMethod() {
			method := service.Type().Method(j).Name
			if _, ok := service.Type().MethodByName(method + "Execute"); ok {
				begin := service.Method(j)
				all = append(all, Operation{ID: lowerFirst(method), Service: name, Request: begin.Type().Out(0), begin: begin})
			}
		}
	}
	return all
}

// Compare returns the operations of a client that a table lacks, and what the table has twice or what is none of them. ids are the
// operations of the table.
func Compare(client any, ids []string) (missing, surplus []string) {
	for _, o := range Operations(client) {
		if i := slices.Index(ids, o.ID); i >= 0 {
			ids = slices.Concat(ids[:i], ids[i+1:])
		} else {
			missing = append(missing, o.ID)
		}
	}
	return missing, ids
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// PathParameters returns how many parameters the path of the operation has.
func (o Operation) PathParameters() int { return o.begin.Type().NumIn() - 1 }

// Begin returns a request of the operation. It takes as many path parameters as the operation has from ids; a missing one
// is the last of ids.
func (o Operation) Begin(ctx context.Context, ids ...string) reflect.Value {
	in := []reflect.Value{reflect.ValueOf(&ctx).Elem()}
	for i := range o.PathParameters() {
		in = append(in, reflect.ValueOf(ids[min(i, len(ids)-1)]))
	}
	return o.begin.Call(in)[0]
}

// Setter is a method of a request that takes one argument and returns a changed copy.
type Setter struct {
	Name   string // of what it sets, such as "showAll"
	Type   reflect.Type
	method reflect.Value
}

// Setters returns the setters of the operation's requests, also those that are written by hand.
func (o Operation) Setters() []Setter {
	var all []Setter
	for i := range o.Request.NumMethod() {
		m := o.Request.Method(i)
		if m.Type.NumIn() == 2 && m.Type.NumOut() == 1 && m.Type.Out(0) == o.Request {
			all = append(all, Setter{Name: lowerFirst(m.Name), Type: m.Type.In(1), method: m.Func})
		}
	}
	return all
}

// Set returns a copy of a request with the value set.
func (s Setter) Set(request, value reflect.Value) reflect.Value {
	call := s.method.Call
	if s.method.Type().IsVariadic() {
		call = s.method.CallSlice
	}
	return call([]reflect.Value{request, value})[0]
}

// IsParameter reports whether s sets a query parameter, rather than a body or what hand-written code makes a parameter of.
func (s Setter) IsParameter() bool {
	switch s.Type.Kind() {
	case reflect.String, reflect.Bool, reflect.Int32, reflect.Int64:
		return true
	}
	return false
}

// IsBody reports whether s sets the body of the request: a file, a model or a list of models.
func (s Setter) IsBody() bool {
	return s.IsFile() || isModel(s.Type) || s.Type.Kind() == reflect.Slice && isModel(s.Type.Elem())
}

// IsFile reports whether s sets a file as the body of the request.
func (s Setter) IsFile() bool { return s.Type == reflect.TypeFor[*os.File]() }

// Body returns the setter of the body, if the operation has one.
func (o Operation) Body() (body Setter, ok bool) {
	for _, s := range o.Setters() {
		if s.IsBody() {
			return s, true
		}
	}
	return Setter{}, false
}

// Execute sends a request. The model is nil if the operation returns none.
func Execute(request reflect.Value) (model any, resp *http.Response, err error) {
	out := request.MethodByName("Execute").Call(nil)
	last := len(out) - 1
	if last == 2 && !out[0].IsNil() {
		model = out[0].Interface()
	}
	err, _ = out[last].Interface().(error)
	return model, out[last-1].Interface().(*http.Response), err
}

func isModel(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.Implements(reflect.TypeFor[interface {
		ToMap() (map[string]any, error)
	}]())
}

// Models returns the models that the operations of a client take and return, those of more, and those within them, by name.
func Models(client any, more ...any) map[string]reflect.Type {
	found := map[string]reflect.Type{}
	for _, o := range Operations(client) {
		for _, s := range o.Setters() {
			find(found, s.Type)
		}
		execute, _ := o.Request.MethodByName("Execute")
		find(found, execute.Type.Out(0))
	}
	for _, model := range more {
		find(found, reflect.TypeOf(model))
	}
	return found
}

func find(found map[string]reflect.Type, t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		find(found, t.Elem())
	case reflect.Struct:
		if !isModel(t) || found[t.Name()] != nil {
			return
		}
		found[t.Name()] = t
		for _, f := range reflect.VisibleFields(t) {
			find(found, f.Type)
		}
	}
}
