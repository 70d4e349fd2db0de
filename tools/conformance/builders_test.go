package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ldapi-go/ldapi"
)

// builder is how the client begins the requests of one operation.
type builder struct {
	id      string // operationId
	service string
	begin   reflect.Value // (ctx) or (ctx, id) -> request
	request reflect.Type
	setters []reflect.Method // of the request: one argument, returns a changed copy
}

// builders finds the operations of a client by reflection: the methods of its services that come with another one named
// …Execute.
func builders(client *ldapi.APIClient) map[string]*builder {
	found := map[string]*builder{}
	fields := reflect.ValueOf(client).Elem()
	for f := range fields.NumField() {
		service, impl := fields.Type().Field(f).Name, fields.Field(f)
		if !strings.HasSuffix(service, "Api") {
			continue
		}
		for i := range impl.NumMethod() {
			name := impl.Type().Method(i).Name
			if strings.HasSuffix(name, "Execute") {
				continue
			}
			begin := impl.Method(i)
			b := &builder{id: lowerFirst(name), service: service, begin: begin, request: begin.Type().Out(0)}
			for j := range b.request.NumMethod() {
				m := b.request.Method(j)
				if m.Name == "Instructions" || m.Name == "CSV" { // sets the body, as another method does
					continue
				}
				if m.Type.NumIn() == 2 && m.Type.NumOut() == 1 && m.Type.Out(0) == b.request {
					b.setters = append(b.setters, m)
				}
			}
			found[b.id] = b
		}
	}
	return found
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// start begins a request; id is for operations that have one.
func (b *builder) start(ctx context.Context, id string) reflect.Value {
	in := []reflect.Value{reflect.ValueOf(ctx)}
	if b.begin.Type().NumIn() == 2 {
		in = append(in, reflect.ValueOf(id))
	}
	return b.begin.Call(in)[0]
}

func (b *builder) hasID() bool { return b.begin.Type().NumIn() == 2 }

func set(request reflect.Value, setter reflect.Method, value reflect.Value) reflect.Value {
	return setter.Func.Call([]reflect.Value{request, value})[0]
}

// params are the arguments that a fake of the service would receive.
func params(request reflect.Value) ldapi.Params {
	return request.MethodByName("Params").Call(nil)[0].Interface().(ldapi.Params)
}

// execute sends the request. Models come first among the results, if there is one, and the error last.
func execute(request reflect.Value) (model any, err error) {
	out := request.MethodByName("Execute").Call(nil)
	err, _ = out[len(out)-1].Interface().(error)
	if len(out) == 3 {
		model = out[0].Interface()
	}
	return model, err
}

// isBody reports whether a setter takes the body of the request: a model, a list of models or a file.
func isBody(setter reflect.Method) bool {
	t := setter.Type.In(1)
	if isFile(setter) {
		return true
	}
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	_, ok := reflect.New(t).Interface().(ldapi.MappedNullable)
	return ok
}

func isFile(setter reflect.Method) bool { return setter.Type.In(1) == reflect.TypeFor[*os.File]() }

// number makes a value within the bounds of a parameter.
func (g *generator) number(s *openapi3.Schema) int64 {
	least, most := int64(0), int64(1<<63-1)
	if s.Min != nil {
		least = int64(*s.Min)
	}
	if s.Max != nil {
		most = int64(*s.Max)
	}
	n := []int64{0, 1, 50, 1 << 31, 1<<53 + 1, 1<<63 - 1}[g.rng.IntN(6)]
	return max(least, min(n, most))
}

// argument makes a value for a setter that takes no body, and its text in a query. Some setters of the
// SDK take what only becomes a parameter: for these the text is "".
func (g *generator) argument(t *testing.T, setter reflect.Method, s *openapi3.Schema) (reflect.Value, string) {
	t.Helper()
	var v any
	switch reflect.New(setter.Type.In(1)).Interface().(type) {
	case *int64:
		v = g.number(s)
	case *bool:
		v = g.chance(50)
	case *string:
		v = g.anyText()
	case *int:
		return reflect.ValueOf(1 + g.rng.IntN(3)), ""
	case *time.Time:
		return reflect.ValueOf(time.UnixMilli(g.rng.Int64N(1 << 42))), ""
	case *ldapi.MemberFilter:
		return reflect.ValueOf(ldapi.MemberFilter{Query: "größe", Emails: []string{"dev+flags@example.com"}}), ""
	default:
		t.Fatalf("%s takes a %s, for which there is no generator", setter.Name, setter.Type.In(1))
	}
	return reflect.ValueOf(v), fmt.Sprint(v)
}

// body makes a value for a setter that takes the body, and the document that the value must become.
func (g *generator) body(t *testing.T, d *description, id string, setter reflect.Method) (reflect.Value, any) {
	t.Helper()
	if isFile(setter) {
		content := g.anyText() + "x"
		name := filepath.Join(t.TempDir(), "members.csv")
		err := os.WriteFile(name, []byte(content), 0o600)
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(name) // which the client closes
		if err != nil {
			t.Fatal(err)
		}
		return reflect.ValueOf(file), upload(content)
	}
	sent, want := g.value(jsonSchema(d.operations[id].Operation.RequestBody.Value.Content))
	v := reflect.New(setter.Type.In(1))
	if err := json.Unmarshal(g.write(sent), v.Interface()); err != nil {
		t.Fatalf("%s: %v", id, err)
	}
	return v.Elem(), want
}

// upload is the content of a file that is the body of a request.
type upload string

// oddIDs are sent as one segment each.
var oddIDs = []string{
	"5f00aa11bb22cc33dd44ee66", "me", " ", "a b", "a/b", "../tokens", "...", "%", "%2F", "?a=b", "#", "a;b=c,d", "größe", "日本/語", "😀",
	"{id}", "+", "&", "a:b@c", "\\", "\"", "\u00a0", strings.Repeat("x", 2000),
}

// recorder answers each request with the success of the description, and records the request.
type recorder struct {
	d        *description
	g        *generator
	last     *exchange
	lastSent any // the document in the response
	op       ldapi.Operation
	requests int
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.requests++
	r.last = &exchange{request: req}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		r.last.requestBody = body
	}
	r.op, _ = ldapi.OperationFromContext(req.Context())
	status, ref := success(r.d.operations[r.op.ID])
	resp := &http.Response{StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody, Request: req}
	r.lastSent = nil
	if ref != nil {
		sent, want := r.g.value(ref)
		resp.Header.Set("Content-Type", "application/json")
		resp.Body, r.lastSent = io.NopCloser(bytes.NewReader(r.g.write(sent))), want
	}
	return resp, nil
}

func sortedIDs(found map[string]*builder) []string {
	var ids []string
	for id := range found {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
