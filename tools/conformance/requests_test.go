package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/internal/inventory"
)

const (
	baseURL = "https://app.launchdarkly.com"
	secret  = "api-0f1e2d3c-4b5a-4697-8877-665544332211"
	fewest  = 300 // requests for each operation
)

func recordingClient(r *recorder) *ldapi.APIClient {
	return ldapi.New(ldapi.WithBaseURL(baseURL), ldapi.WithAccessToken(secret), ldapi.WithTransport(r), ldapi.WithRetry(ldapi.NoRetry()))
}

// TestRequests sends every request that the client can emit: all operations, with every combination of their parameters
// and generated values. The description allows each of them, and they contain the caller's arguments, no more and no less.
func TestRequests(t *testing.T) {
	t.Parallel()
	strict, lax := loadStrict(t), load(t)
	rng := random(t)
	for _, id := range strict.operationIDs() {
		rng := rand.New(rand.NewPCG(rng.Uint64(), 0))
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			r := &recorder{d: lax, g: newGenerator(rng, true)}
			b := lax.builders(recordingClient(r))[id]
			if b == nil {
				t.Fatal("the client does not have this operation")
			}
			combinations := 1 << len(b.setters)
			for combination := range combinations {
				for round := range max(4, fewest/combinations) {
					if round%2 == 0 {
						emit(t, strict, r, b, combination, newGenerator(rng, false))
					} else { // with properties that no schema has
						emit(t, lax, r, b, combination, newGenerator(rng, true))
					}
				}
			}
			t.Logf("%d requests", r.requests)
		})
	}
}

// emit sends one request with the parameters of a combination, a bit for each.
func emit(t *testing.T, d *description, r *recorder, b *builder, combination int, g *generator) {
	t.Helper()
	ids := []string{}
	for range max(1, b.PathParameters()) {
		ids = append(ids, oddIDs[g.rng.IntN(len(oddIDs))])
	}
	request := b.Begin(t.Context(), ids...)
	query, others := map[string]string{}, false
	var body any
	for i, setter := range b.setters {
		var value reflect.Value
		switch {
		case combination&(1<<i) == 0 && !d.required(b.ID, setter):
			continue
		case setter.IsBody():
			value, body = g.body(t, d, b.ID, setter)
		default:
			var text string
			value, text = g.argument(t, setter, d.schemaOf(b.ID, setter))
			if p := d.parameter(b.ID, setter.Name); p != nil && setter.IsParameter() {
				query[p.Name] = text
			} else {
				others = true
			}
		}
		request = setter.Set(request, value)
	}
	model, _, err := inventory.Execute(request)
	if err != nil {
		t.Fatalf("%s with %v: %v", b.ID, params(request), err)
	}
	e := r.last
	if err := d.checkRequest(e); err != nil {
		t.Fatalf("%s %s: %v\nbody %s", e.request.Method, e.request.URL, err, short(e.requestBody))
	}
	checkContent(t, d, b, e, ids, query, others, body)
	checkModel(t, model, r.lastSent)
}

// checkContent compares the request with the arguments of the builder.
func checkContent(t *testing.T, d *description, b *builder, e *exchange, ids []string, query map[string]string, others bool, body any) {
	t.Helper()
	in, err := d.input(e)
	if err != nil {
		t.Fatal(err)
	}
	sent := []string{}
	for _, name := range placeholder.FindAllString(in.Route.Path, -1) {
		sent = append(sent, in.PathParams[strings.Trim(name, "{}")])
	}
	if in.Route.Operation.OperationID != b.ID || !slices.Equal(sent, ids[:b.PathParameters()]) {
		t.Fatalf("%s with the IDs %q went to %s as %q", b.ID, ids, in.Route.Operation.OperationID, in.PathParams)
	}
	got := e.request.URL.Query()
	for name, want := range query {
		if got.Get(name) != want && !others { // another setter may have the last word
			t.Fatalf("%s: %s is %q, want %q", b.ID, name, got.Get(name), want)
		}
	}
	if len(got) != len(query) && !others {
		t.Fatalf("%s: query %v, want %v", b.ID, got, query)
	}
	switch content, isUpload := body.(upload); {
	case isUpload:
		if got := fileOf(t, e); got != string(content) {
			t.Fatalf("%s: file %q, want %q", b.ID, got, content)
		}
	case body != nil:
		if d := difference(parse(t, e.requestBody), body); d != "" {
			t.Fatalf("%s: body%s\n%s", b.ID, d, short(e.requestBody))
		}
	case in.Route.Operation.RequestBody == nil && len(e.requestBody) > 0:
		t.Fatalf("%s has the body %s", b.ID, short(e.requestBody))
	}
	for name, want := range map[string]string{"Authorization": secret, "Ld-Api-Version": d.version(b.ID)} {
		if values := e.request.Header.Values(name); len(values) != 1 || values[0] != want {
			t.Fatalf("%s: header %s is %q, want %q", b.ID, name, values, want)
		}
	}
}

// fileOf returns the part named file of a form.
func fileOf(t *testing.T, e *exchange) string {
	t.Helper()
	_, params, err := mime.ParseMediaType(e.request.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	form, err := multipart.NewReader(bytes.NewReader(e.requestBody), params["boundary"]).ReadForm(1 << 20)
	if err != nil || len(form.File["file"]) != 1 {
		t.Fatalf("form %v, %v", form, err)
	}
	file, err := form.File["file"][0].Open()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// checkModel compares the model that the client decoded with the response.
func checkModel(t *testing.T, model, sent any) {
	t.Helper()
	if sent == nil {
		if model != nil {
			t.Fatalf("the model %v came from nowhere", model)
		}
		return
	}
	text, err := json.Marshal(model)
	if err != nil {
		t.Fatal(err)
	}
	if d := difference(parse(t, text), sent); d != "" {
		t.Fatalf("%T%s", model, d)
	}
}

// TestRequestsThatBreakTheDescription are not sent: those with an ID that no path can have, without something that is required, or with a
// number or a list beyond its bounds.
func TestRequestsThatBreakTheDescription(t *testing.T) {
	t.Parallel()
	d := load(t)
	r := &recorder{d: d, g: newGenerator(random(t), false)}
	checked := 0
	refused := func(b *builder, parameter string, request reflect.Value) {
		t.Helper()
		checked++
		var argument *ldapi.ArgumentError
		if _, _, err := inventory.Execute(request); !errors.As(err, &argument) || argument.Operation != b.ID || argument.Parameter != parameter {
			t.Errorf("%v, want an ArgumentError of %s about %s", err, b.ID, parameter)
		}
	}
	for id, b := range d.builders(recordingClient(r)) {
		complete := b.complete(t, d, r.g, "")
		for i, name := range placeholder.FindAllString(d.operations[id].Path, -1) {
			for _, impossible := range []string{"", ".", "..", "a\nb"} {
				ids := slices.Repeat([]string{noID}, b.PathParameters())
				ids[i] = impossible
				refused(b, strings.Trim(name, "{}"), b.Begin(t.Context(), ids...))
			}
		}
		for _, setter := range b.setters {
			name := setter.Name
			if p := d.parameter(id, name); p != nil {
				name = p.Name
			}
			if d.required(id, setter) {
				refused(b, name, b.complete(t, d, r.g, setter.Name))
			}
			s := d.schemaOf(id, setter)
			if s.Min != nil && setter.IsParameter() {
				refused(b, name, setter.Set(complete, reflect.ValueOf(int64(*s.Min)-1)))
			}
			if s.Max != nil && setter.IsParameter() {
				refused(b, name, setter.Set(complete, reflect.ValueOf(int64(*s.Max)+1)))
			}
			if s.MaxItems != nil {
				n := int(*s.MaxItems) + 1
				refused(b, name, setter.Set(complete, reflect.MakeSlice(setter.Type, n, n)))
			}
		}
	}
	if _, _, err := recordingClient(r).TeamsApi.PatchTeam(t.Context(), "x").Instructions().Execute(); !errors.As(err, new(*ldapi.ArgumentError)) {
		t.Errorf("no steps: %v, want an ArgumentError", err)
	}
	if r.requests > 0 || checked < 80 {
		t.Errorf("%d of %d requests were sent", r.requests, checked)
	}
}

// required reports whether an operation needs what a setter sets.
func (d *description) required(id string, setter inventory.Setter) bool {
	if setter.IsBody() {
		return d.operations[id].Operation.RequestBody.Value.Required
	}
	p := d.parameter(id, setter.Name)
	return p != nil && p.Required
}

// schemaOf is the schema of what a setter sets, which may be a body. It is empty for setters that the description does not have.
func (d *description) schemaOf(id string, setter inventory.Setter) *openapi3.Schema {
	if setter.IsBody() {
		return jsonSchema(d.operations[id].Operation.RequestBody.Value.Content).Value
	}
	if p := d.parameter(id, setter.Name); p != nil {
		return p.Schema.Value
	}
	return openapi3.NewSchema()
}

// TestTheValidatorValidates makes sure that a request with one mistake does not pass.
func TestTheValidatorValidates(t *testing.T) {
	t.Parallel()
	d := loadStrict(t)
	r := &recorder{d: d, g: newGenerator(random(t), false)}
	client := recordingClient(r)
	post := ldapi.NewAccessTokenPost()
	post.SetRole("reader")
	if _, _, err := client.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(*post).Execute(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(e *exchange){
		"method":           func(e *exchange) { e.request.Method = "PUT" },
		"path":             func(e *exchange) { e.request.URL.Path += "/" },
		"query":            func(e *exchange) { e.request.URL.RawQuery = "limit=1" },
		"content type":     func(e *exchange) { e.request.Header.Set("Content-Type", "application/json; charset=utf-8") },
		"no content type":  func(e *exchange) { e.request.Header.Del("Content-Type") },
		"authorization":    func(e *exchange) { e.request.Header.Add("Authorization", "x") },
		"no body":          func(e *exchange) { e.requestBody = nil },
		"type":             func(e *exchange) { e.requestBody = []byte(`{"role":1}`) },
		"null":             func(e *exchange) { e.requestBody = []byte(`{"role":null}`) },
		"unknown property": func(e *exchange) { e.requestBody = []byte(`{"role":"reader","serviceTokens":true}`) },
	} {
		e := &exchange{request: r.last.request.Clone(t.Context()), requestBody: r.last.requestBody}
		if err := d.checkRequest(e); err != nil {
			t.Fatal(err)
		}
		spoil(e)
		if err := d.checkRequest(e); err == nil {
			t.Errorf("a request with a wrong %s passes", name)
		}
	}
	for text, want := range map[string]string{`{"a":1}`: `{}`, `{}`: `{"a":null}`, `[1]`: `[1.5]`, `9007199254740993`: `9007199254740992`, `"1"`: `1`, `[]`: `{}`} {
		if difference(parse(t, []byte(text)), parse(t, []byte(want))) == "" {
			t.Errorf("%s counts as %s", text, want)
		}
	}
}
