package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/internal/inventory"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// same fails unless two inventories are equal, and describes what only one of them has.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	for _, item := range got {
		if !slices.Contains(want, item) {
			t.Errorf("%s: %s is not in the description", what, item)
		}
	}
	for _, item := range want {
		if !slices.Contains(got, item) {
			t.Errorf("%s: %s of the description is missing", what, item)
		}
	}
}

// TestOperationInventory: description, client and ldapitest have the same operations.
func TestOperationInventory(t *testing.T) {
	t.Parallel()
	d := load(t)
	var described, ofClient, ofServer []string
	for id, route := range d.operations {
		service := goName(route.Operation.Tags[0]) + "Api"
		described = append(described, fmt.Sprint(ldapi.Operation{ID: id, Service: service, Method: route.Method, Route: route.Path}))
	}
	r := &recorder{d: d, g: newGenerator(random(t), false)}
	found := d.builders(recordingClient(r))
	for _, id := range slices.Sorted(maps.Keys(found)) {
		if d.operations[id] == nil {
			t.Errorf("client: %s is not in the description", id)
			continue
		}
		if _, _, err := inventory.Execute(found[id].complete(t, d, r.g, "")); err != nil {
			t.Fatal(err)
		}
		ofClient = append(ofClient, fmt.Sprint(r.op))
		if r.op.Service != found[id].Service {
			t.Errorf("%s belongs to %s, but its requests have %s", id, found[id].Service, r.op.Service)
		}
	}
	same(t, "client", ofClient, slices.Clone(described))

	s := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
	w := newWitness(t, d, s.Transport())
	for path, template := range paths(d) {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
			template := template
			w.send(s.URL, raw{method: method, path: path})
			requests := s.Requests()
			if operation := requests[len(requests)-1].Operation; operation != "" {
				if route := d.operations[operation]; route != nil {
					if _, ok := matchPath(route.Path, path); ok { // such as an entry with the ID "counts"
						template = route.Path
					}
				}
				if item := operation + " " + method + " " + template; !slices.Contains(ofServer, item) {
					ofServer = append(ofServer, item)
				}
			}
		}
	}
	var without []string // ldapitest has no services
	for id, route := range d.operations {
		without = append(without, id+" "+route.Method+" "+route.Path)
	}
	same(t, "ldapitest (add a line to ldapitest/routes.go, and a method of the account)", ofServer, without)
}

// paths are those of the description, and some near them, with the template of each.
func paths(d *description) map[string]string {
	all := map[string]string{}
	for _, route := range d.operations {
		for _, path := range []string{route.Path, route.Path + "/", route.Path + "/a/b", strings.TrimSuffix(route.Path, "s")} {
			all[placeholder.ReplaceAllLiteralString(path, noID)] = path
		}
	}
	for _, path := range []string{"/", "/api", "/api/v2/projects", "/api/v2/flags", "/api/v3/tokens", "/tokens"} {
		all[path] = path
	}
	return all
}

// complete is a request with its required parts and its body, except for one of them.
func (b *builder) complete(t *testing.T, d *description, g *generator, except string) reflect.Value {
	t.Helper()
	request := b.Begin(t.Context(), noID)
	for _, setter := range b.setters {
		var value reflect.Value
		switch {
		case setter.Name == except, !setter.IsBody() && !d.required(b.ID, setter):
			continue
		case setter.IsBody():
			value, _ = g.body(t, d, b.ID, setter)
		default:
			value, _ = g.argument(t, setter, d.schemaOf(b.ID, setter))
		}
		request = setter.Set(request, value)
	}
	return request
}

// TestClientParameters: the builders have the parameters of the description, of its types, and no others.
func TestClientParameters(t *testing.T) {
	t.Parallel()
	d := load(t)
	g := newGenerator(random(t), false)
	for id, b := range d.builders(recordingClient(&recorder{d: d, g: g})) {
		var got, want []string
		operation := d.operations[id].Operation
		for _, p := range operation.Parameters {
			want = append(want, p.Value.In+" "+p.Value.Name+" "+goType(p.Value.Schema.Value))
		}
		if body := operation.RequestBody; body != nil && body.Value.Extensions["x-mirror-query"] == nil {
			want = append(want, "body")
		}
		plain := b.Begin(t.Context(), noID)
		for name := range params(plain).Path {
			got = append(got, "path "+name+" string")
		}
		for _, setter := range b.setters {
			if setter.IsBody() {
				value, _ := g.body(t, d, id, setter)
				if p := params(setter.Set(plain, value)); p.Body != nil {
					got = append(got, "body")
				}
				continue
			}
			value, _ := g.argument(t, setter, d.schemaOf(id, setter))
			for name := range params(setter.Set(plain, value)).Query {
				if parameter := "query " + name + " " + setter.Type.String(); goName(name) == goName(setter.Name) {
					got = append(got, parameter)
				} else if operation.Parameters.GetByInAndName("query", name) == nil { // set by another method, such as FilterBy
					t.Errorf("%s: %s sets %s, which is not described", id, setter.Name, name)
				}
			}
		}
		same(t, id, got, want)
	}
}

func goType(s *openapi3.Schema) string {
	switch {
	case s.Type.Is("integer"):
		return s.Format
	case s.Type.Is("boolean"):
		return "bool"
	}
	return "string"
}

// probes are values that no server can overlook: nonsense where there is a grammar, else something that shows.
var probes = map[string]string{
	"showAll": "x", "limit": "x", "offset": "x", "filter": "x", "sort": "x", "expiry": "x", "expand": "customRoles,roleAttributes",
	"before": "x", "after": "x", "q": "zzz", "spec": "none/*", "buckets": "x",
}

// TestKnowledge: these tests know of each operation what no description has, and with it compare all of ldapitest with the description.
func TestKnowledge(t *testing.T) {
	t.Parallel()
	d := load(t)
	for _, missing := range missingKnowledge(d) {
		t.Error(missing)
	}
	present := operationsOfServer(t)
	for _, id := range d.operationIDs() {
		if !slices.Contains(present, id) {
			t.Errorf("ldapitest does not have %s: TestOperationInventory describes more", id)
		}
	}
	if t.Failed() {
		return
	}
	t.Run("parameters", serverParameters)
	t.Run("statuses", serverStatuses)
	t.Run("responses", responses)
	t.Run("quotas", quotaResponses)
	t.Run("empty 401", emptyUnauthorized)
	t.Run("traffic", generatedTraffic)
}

// missingKnowledge describes what has to be added to the tests of this package.
func missingKnowledge(d *description) (missing []string) {
	const here = "tools/conformance/inventory_test.go"
	note := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !slices.Contains(missing, text) {
			missing = append(missing, text)
		}
	}
	for _, id := range d.operationIDs() {
		route := d.operations[id]
		if route.Operation.RequestBody != nil && bodies[id] == "" {
			note("bodies in %s: add a body with which %s succeeds", here, id)
		}
		for _, at := range placeholder.FindAllStringIndex(route.Path, -1) {
			if things[route.Path[:at[1]]] == nil {
				note("things in %s: add an ID for %s, and what it belongs to to the account of fill in responses_test.go", here, route.Path[:at[1]])
			}
		}
		for _, p := range route.Operation.Parameters {
			if p.Value.In == openapi3.ParameterInQuery && probes[p.Value.Name] == "" {
				note("probes in %s: add a value of the parameter %s that makes a difference", here, p.Value.Name)
			}
		}
		if !slices.ContainsFunc(script, func(r reach) bool { return d.belongs(r.raw, id) }) {
			note("script in tools/conformance/responses_test.go: add requests that reach each status of %s", id)
		}
	}
	return missing
}

// belongs reports whether a request is one of an operation.
func (d *description) belongs(r raw, id string) bool {
	req, err := http.NewRequest(r.method, baseURL+r.path, nil)
	if err != nil {
		return false
	}
	route, _, err := d.FindRoute(req)
	return err == nil && route.Operation.OperationID == id
}

// operationsOfServer are the IDs of the operations that ldapitest describes itself to have.
func operationsOfServer(t *testing.T) (ids []string) {
	t.Helper()
	resp, err := newServer(t).Client().OtherApi.GetOpenapiSpec(t.Context()).Execute()
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&document); err != nil {
		t.Fatal(err)
	}
	for _, path := range document.Paths {
		for _, operation := range path {
			ids = append(ids, operation.OperationID)
		}
	}
	return ids
}

// serverParameters: an operation of ldapitest answers differently for exactly those query parameters that the
// description declares for it.
func serverParameters(t *testing.T) {
	t.Parallel()
	d := load(t)
	s := newServer(t)
	w := newWitness(t, d, s.Transport())
	for _, id := range d.operationIDs() {
		route := d.operations[id]
		path := thing(route)
		answer := func(query url.Values) string {
			s.Reset()
			fill(s)
			r := raw{method: route.Method, body: bodies[id], header: map[string]string{"LD-API-Version": d.version(id)}}
			for _, p := range route.Operation.Parameters {
				if p.Value.In == openapi3.ParameterInQuery && p.Value.Required && !query.Has(p.Value.Name) {
					example, err := json.Marshal(p.Value.Example)
					if err != nil {
						t.Fatal(err)
					}
					query.Set(p.Value.Name, strings.Trim(string(example), `"`))
				}
			}
			r.path = path + "?" + query.Encode()
			resp := w.send(s.URL, r)
			return fmt.Sprint(resp.StatusCode, withoutLinks(t, resp))
		}
		plain := answer(url.Values{})
		if strings.HasPrefix(plain, "4") {
			t.Errorf("%s of something in the account, with a body that succeeds, is answered with %s (the account is in fill in "+
				"tools/conformance/responses_test.go, bodies are in inventory_test.go)", id, plain)
			continue
		}
		for name, value := range probes {
			described := route.Operation.Parameters.GetByInAndName("query", name) != nil
			if differs := answer(url.Values{name: {value}}) != plain; differs != described {
				t.Errorf("%s: %s makes a difference: %t, described: %t", id, name, differs, described)
			}
		}
	}
}

// bodies that succeed.
var bodies = map[string]string{
	"postToken": `{"role":"reader"}`, "patchToken": `[]`, "resetToken": `{}`, "postMembers": `[{"email":"x@example.com"}]`,
	"patchMembers": `{"instructions":[{"kind":"replaceMembersRoles","value":"reader","memberIDs":["` + richMember + `"]}]}`,
	"patchMember":  `[]`, "postMemberTeams": `{"teamKeys":["platform"]}`,
	"postCustomRole": `{"name":"n","key":"new","policy":[]}`, "patchCustomRole": `{"patch":[]}`,
	"postTeam": `{"key":"new","name":"n","memberIDs":["` + richMember + `"]}`, "patchTeam": `{"instructions":[{"kind":"updateDescription","value":"d"}]}`,
	"patchTeams":          `{"instructions":[{"kind":"addMembersToTeams","memberIDs":["` + ldapitest.ReaderID + `"],"teamKeys":["platform"]}]}`,
	"postTeamMembers":     form("remy.reed@example.com\n"),
	"postAuditLogEntries": `[{"effect":"allow","resources":["*"]}]`, "postAuditLogEntryCounts": `[{"effect":"allow","resources":["*"]}]`,
}

// things are IDs of what is in the account, by the path that ends in them; operations that need another one have their own. The first
// one is what a plain request is about, and generated requests are about all of them.
var things = map[string][]string{
	"/api/v2/tokens/{id}":           {richToken, ldapitest.ReaderTokenID, ldapitest.WriterTokenID},
	"/api/v2/members/{id}":          {richMember, ldapitest.ReaderID, "me"},
	"/api/v2/roles/{customRoleKey}": {ldapitest.ReleaseManagerRoleKey, ldapitest.PeopleManagerRoleID, "preset"},
	"/api/v2/teams/{teamKey}":       {richTeam, "empty", "idp", ldapitest.PlatformTeamKey},
	"/api/v2/auditlog/{id}":         {richEntry},
	"deleteTeam":                    {"empty"},
}

// thing is the path of a route with something of the account.
func thing(route *routers.Route) string {
	return pathOf(route, func(ids []string) string { return ids[0] })
}

// pathOf is the path of a route, with one of the things in place of each parameter.
func pathOf(route *routers.Route, choose func(ids []string) string) string {
	path := ""
	rest := route.Path
	for at := placeholder.FindStringIndex(rest); at != nil; at = placeholder.FindStringIndex(rest) {
		path += rest[:at[0]]
		rest = rest[at[1]:]
		ids := things[strings.TrimSuffix(route.Path, rest)]
		if own := things[route.Operation.OperationID]; own != nil {
			ids = own
		}
		path += url.PathEscape(choose(ids))
	}
	return path + rest
}

// withoutLinks is the body without _links, which repeat the query.
func withoutLinks(t *testing.T, resp *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) == 0 {
		return ""
	}
	body, _ := parse(t, text).(map[string]any)
	delete(body, "_links")
	text, err = json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestClientStatuses: the client has a model for each status, and each success, that the description has a schema for.
func TestClientStatuses(t *testing.T) {
	t.Parallel()
	d := load(t)
	described, ofClient := map[string]bool{}, map[string]bool{}
	r := &recorder{d: d, g: newGenerator(random(t), false)}
	client := recordingClient(r)
	for id, b := range d.builders(client) {
		model, _, err := inventory.Execute(b.complete(t, d, r.g, ""))
		if err != nil {
			t.Fatal(err)
		}
		_, ref := success(d.operations[id])
		if ref == nil && model != nil || ref != nil && reflect.TypeOf(model).Elem().Name() != goName(schemaName(ref)) {
			t.Errorf("%s returns a %T", id, model)
		}
		for _, status := range statuses(d.operations[id])[1:] {
			if status < 400 { // an error with a status of success, which has a test of its own
				continue
			}
			if ref := jsonSchema(d.operations[id].Operation.Responses.Status(status).Value.Content); ref != nil {
				described[fmt.Sprint(status, " ", schemaName(ref))] = true
			}
		}
	}
	for status, model := range errorModels(t) {
		ofClient[fmt.Sprint(status, " ", reflect.TypeOf(model).Name())] = true
	}
	same(t, "client", slices.Collect(maps.Keys(ofClient)), slices.Collect(maps.Keys(described)))
}

// errorModels are the models that errors have, by status.
func errorModels(t *testing.T) map[int]any {
	t.Helper()
	found := map[int]any{}
	for status := 400; status < 600; status++ {
		answer := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(bytes.NewReader([]byte(`{"code":"c","message":"m"}`)))}
		failing := ldapi.New(ldapi.WithBaseURL(baseURL), ldapi.WithTransport(roundTrip(func(*http.Request) (*http.Response, error) { return answer, nil })),
			ldapi.WithRetry(ldapi.NoRetry()))
		_, err := failing.Do(t.Context(), http.MethodGet, "/api/v2", nil, nil, nil)
		var e *ldapi.GenericOpenAPIError
		if !errors.As(err, &e) {
			t.Fatalf("%d: %v", status, err)
		}
		if e.Model() != nil {
			found[status] = e.Model()
		}
	}
	return found
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func schemaName(ref *openapi3.SchemaRef) string {
	return strings.TrimPrefix(ref.Ref, "#/components/schemas/")
}
