package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/internal/inventory"
)

// builder is how the client begins the requests of one operation.
type builder struct {
	inventory.Operation
	setters []inventory.Setter
}

// builders returns the operations of a client. It leaves out the methods that set a body in another way than the description has it.
func (d *description) builders(client *ldapi.APIClient) map[string]*builder {
	found := map[string]*builder{}
	for _, o := range inventory.Operations(client) {
		b := &builder{Operation: o}
		for _, s := range o.Setters() {
			if route := d.operations[o.ID]; route == nil || route.Operation.RequestBody == nil ||
				route.Operation.RequestBody.Value.Extensions["x-builder"] != goName(s.Name) {
				b.setters = append(b.setters, s)
			}
		}
		found[o.ID] = b
	}
	return found
}

// goName is the exported Go name of something that the description names.
func goName(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// params are the arguments that a fake of the service would receive.
func params(request reflect.Value) ldapi.Params {
	return request.MethodByName("Params").Call(nil)[0].Interface().(ldapi.Params)
}

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
func (g *generator) argument(t *testing.T, setter inventory.Setter, s *openapi3.Schema) (reflect.Value, string) {
	t.Helper()
	var v any
	switch reflect.New(setter.Type).Interface().(type) {
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
		t.Fatalf("%s takes a %s, for which there is no generator", setter.Name, setter.Type)
	}
	return reflect.ValueOf(v), fmt.Sprint(v)
}

// body makes a value for a setter that takes the body, and the document that the value must become.
func (g *generator) body(t *testing.T, d *description, id string, setter inventory.Setter) (reflect.Value, any) {
	t.Helper()
	if setter.IsFile() {
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
	v := reflect.New(setter.Type)
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
