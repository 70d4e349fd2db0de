package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// seed is where all that is random comes from.
const seed = 20240415

// random returns a random sequence for a test, and prints how to repeat it.
func random(t *testing.T) *rand.Rand {
	t.Helper()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// description is api/openapi.yaml as kin-openapi reads it.
type description struct {
	doc        *openapi3.T
	operations map[string]*routers.Route // by operationId
}

func load(t *testing.T) *description {
	t.Helper()
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromFile("../../api/openapi.yaml")
	if err == nil {
		err = doc.Validate(loader.Context)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, schema := range doc.Components.Schemas {
		for _, p := range schema.Value.Properties {
			if p.Value.Extensions["x-any"] == true {
				p.Value.Nullable = true // which linters allow only along with a type
			}
		}
	}
	doc.Servers = nil // the tests have servers of their own
	d := &description{doc: doc, operations: map[string]*routers.Route{}}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			operation.Parameters = slices.Concat(item.Parameters, operation.Parameters)
			d.operations[operation.OperationID] = &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: operation}
		}
		item.Parameters = nil // each operation has them
	}
	return d
}

// loadStrict returns the description without undeclared properties, except for the few of which it states in
// prose that they come unannounced.
func loadStrict(t *testing.T) *description {
	t.Helper()
	d := load(t)
	no := false
	for name, ref := range d.doc.Components.Schemas {
		if len(ref.Value.Properties) == 0 {
			continue
		}
		ref.Value.AdditionalProperties.Has = &no
		if strings.HasSuffix(name, "ErrorRep") {
			ref.Value.Properties["id"] = openapi3.NewStringSchema().NewRef()
		}
	}
	texts := openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema())
	d.schema("InvalidRequestErrorRep").Properties["invalid_emails"] = texts.NewRef()
	info := openapi3.NewObjectSchema().WithProperty("_id", openapi3.NewStringSchema()).
		WithProperty("key", openapi3.NewStringSchema()).WithProperty("name", openapi3.NewStringSchema()).WithoutAdditionalProperties()
	d.schema("Member").Properties["customRolesInfo"] = openapi3.NewArraySchema().WithItems(info).NewRef()
	return d
}

func (d *description) schema(name string) *openapi3.Schema {
	return d.doc.Components.Schemas[name].Value
}

// operationIDs are those of all operations, in order.
func (d *description) operationIDs() []string { return slices.Sorted(maps.Keys(d.operations)) }

// FindRoute is a routers.Router. Unlike those of kin-openapi it splits the path before it decodes it, so that an ID may
// hold a slash.
func (d *description) FindRoute(req *http.Request) (*routers.Route, map[string]string, error) {
	err := routers.ErrPathNotFound
	for _, id := range d.operationIDs() {
		route := d.operations[id]
		params, ok := matchPath(route.Path, req.URL.EscapedPath())
		if !ok {
			continue
		}
		if route.Method == req.Method {
			return route, params, nil
		}
		err = routers.ErrMethodNotAllowed
	}
	return nil, nil, err
}

func matchPath(template, escaped string) (params map[string]string, ok bool) {
	want, got := strings.Split(template, "/"), strings.Split(escaped, "/")
	if len(want) != len(got) {
		return nil, false
	}
	params = map[string]string{}
	for i, segment := range got {
		value, err := url.PathUnescape(segment)
		name, isParam := strings.CutPrefix(want[i], "{")
		switch {
		case err != nil, isParam && value == "", !isParam && value != want[i]:
			return nil, false
		case isParam:
			params[strings.TrimSuffix(name, "}")] = value
		}
	}
	return params, true
}

var options = &openapi3filter.Options{
	IncludeResponseStatus:             true,
	RejectWhenRequestBodyNotSpecified: true,
	SkipSettingDefaults:               true,
	AuthenticationFunc: func(_ context.Context, in *openapi3filter.AuthenticationInput) error {
		if len(in.RequestValidationInput.Request.Header.Values("Authorization")) != 1 {
			return errors.New("not one Authorization header")
		}
		return nil
	},
}

// exchange is one request and, once it is answered, its response, with bodies that have been read.
type exchange struct {
	request      *http.Request
	requestBody  []byte
	response     *http.Response
	responseBody []byte
}

// input is the request for the validator. A tunnelled verb counts as sent.
func (d *description) input(e *exchange) (*openapi3filter.RequestValidationInput, error) {
	req := e.request.Clone(context.Background())
	req.Body, req.GetBody, req.ContentLength = http.NoBody, nil, int64(len(e.requestBody))
	if len(e.requestBody) > 0 {
		req.Body = io.NopCloser(bytes.NewReader(e.requestBody))
	}
	if verb := req.Header.Get("X-HTTP-Method-Override"); verb == http.MethodPatch || verb == http.MethodDelete {
		req.Method = verb
	}
	route, params, err := d.FindRoute(req)
	if err != nil {
		return nil, err
	}
	return &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route, Options: options}, nil
}

// checkRequest checks a request against the description, and for problems that the validator overlooks: parameters that are not
// described or come twice, and content types that only resemble the described one.
func (d *description) checkRequest(e *exchange) error {
	in, err := d.input(e)
	if err != nil {
		return err
	}
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
		return err
	}
	for name, values := range in.Request.URL.Query() {
		if in.Route.Operation.Parameters.GetByInAndName("query", name) == nil {
			return fmt.Errorf("query parameter %q is not described", name)
		}
		if len(values) != 1 {
			return fmt.Errorf("query parameter %q has %d values", name, len(values))
		}
	}
	if content := in.Request.Header.Get("Content-Type"); strings.HasPrefix(content, formType) { // the boundary is the client's
		in.Request.Header.Set("Content-Type", formType)
	}
	contentTypes := []string{}
	if described := contentType(in.Route); described != "" {
		contentTypes = []string{described}
	} else if e.request.Method == http.MethodPost { // a DELETE in a tunnel: a POST needs a content type
		contentTypes = []string{"application/json"}
	}
	if got := in.Request.Header.Values("Content-Type"); !slices.Equal(got, contentTypes) {
		return fmt.Errorf("content type %q, want %q", got, contentTypes)
	}
	return nil
}

// checkResponse checks a response against the description.
func (d *description) checkResponse(e *exchange) error {
	in, err := d.input(e)
	if err != nil {
		return err
	}
	status := e.response.StatusCode
	if status == http.StatusNoContent && len(e.responseBody) > 0 {
		return errors.New("204 with a body")
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: status, Header: e.response.Header, Options: options}
	out.SetBodyBytes(e.responseBody)
	return openapi3filter.ValidateResponse(context.Background(), out)
}

// statuses are those that an operation declares, observed ones included.
func statuses(route *routers.Route) []int {
	var all []int
	for text := range route.Operation.Responses.Map() {
		status, err := strconv.Atoi(text)
		if err != nil {
			panic(fmt.Sprintf("%s: status %q", route.Operation.OperationID, text))
		}
		all = append(all, status)
	}
	slices.Sort(all)
	return all
}

// success is the one status below 300 that an operation declares, and the schema of its body, nil for none.
func success(route *routers.Route) (int, *openapi3.SchemaRef) {
	status := statuses(route)[0]
	return status, jsonSchema(route.Operation.Responses.Status(status).Value.Content)
}

const formType = "multipart/form-data"

var placeholder = regexp.MustCompile(`\{\w+\}`)

// at is the path of a route, with id in place of its parameters.
func at(route *routers.Route, id string) string {
	return placeholder.ReplaceAllLiteralString(route.Path, id)
}

// parameterized reports whether the path of a route has parameters.
func parameterized(route *routers.Route) bool { return placeholder.MatchString(route.Path) }

// uploads reports whether the body of an operation is a file in a form.
func uploads(route *routers.Route) bool { return contentType(route) == formType }

// contentType is that of the requests of an operation, or "" for those without a body.
func contentType(route *routers.Route) string {
	if body := route.Operation.RequestBody; body != nil {
		for name := range body.Value.Content {
			return name // none has two
		}
	}
	return ""
}

// anonymous reports whether an operation needs no credential.
func anonymous(route *routers.Route) bool {
	return route.Operation.Responses.Status(http.StatusUnauthorized) == nil
}

// version is the value of LD-API-Version for an operation.
func (d *description) version(id string) string {
	if tag := d.doc.Tags.Get(d.operations[id].Operation.Tags[0]); tag.Extensions["x-beta"] == true {
		return "beta"
	}
	return d.doc.Info.Version
}

// parameter returns the query parameter that a setter of the client sets, or nil.
func (d *description) parameter(id, setter string) *openapi3.Parameter {
	for _, p := range d.operations[id].Operation.Parameters {
		if p.Value.In == openapi3.ParameterInQuery && goName(p.Value.Name) == goName(setter) {
			return p.Value
		}
	}
	return nil
}

func jsonSchema(content openapi3.Content) *openapi3.SchemaRef {
	for _, media := range content {
		return media.Schema // none has two
	}
	return nil
}
