package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"reflect"
	"slices"
	"testing"

	"github.com/ldapi-go/ldapi"
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
			b := builders(recordingClient(r))[id]
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
	id := oddIDs[g.rng.IntN(len(oddIDs))]
	request := b.start(t.Context(), id)
	query, others := map[string]string{}, false
	var body any
	for i, setter := range b.setters {
		var value reflect.Value
		schema, required := d.parameter(b.id, lowerFirst(setter.Name))
		if isBody(setter) {
			required = d.operations[b.id].Operation.RequestBody.Value.Required
		}
		switch {
		case combination&(1<<i) == 0 && !required:
			continue
		case isBody(setter):
			value, body = g.body(t, d, b.id, setter)
		default:
			var text string
			if value, text = g.argument(t, setter, schema); text == "" && setter.Type.In(1).Kind() != reflect.String {
				others = true
			} else {
				query[lowerFirst(setter.Name)] = text
			}
		}
		request = set(request, setter, value)
	}
	model, err := execute(request)
	if err != nil {
		t.Fatalf("%s with %v: %v", b.id, params(request), err)
	}
	e := r.last
	if err := d.checkRequest(e); err != nil {
		t.Fatalf("%s %s: %v\nbody %s", e.request.Method, e.request.URL, err, short(e.requestBody))
	}
	checkContent(t, d, b, e, id, query, others, body)
	checkModel(t, model, r.lastSent)
}

// checkContent compares the request with the arguments of the builder.
func checkContent(t *testing.T, d *description, b *builder, e *exchange, id string, query map[string]string, others bool, body any) {
	t.Helper()
	in, err := d.input(e)
	if err != nil {
		t.Fatal(err)
	}
	if in.Route.Operation.OperationID != b.id || b.hasID() && fmt.Sprint(slices.Collect(maps.Values(in.PathParams))) != fmt.Sprint([]string{id}) {
		t.Fatalf("%s with the id %q went to %s as %q", b.id, id, in.Route.Operation.OperationID, in.PathParams)
	}
	got := e.request.URL.Query()
	for name, want := range query {
		if got.Get(name) != want && !others { // another setter may have the last word
			t.Fatalf("%s: %s is %q, want %q", b.id, name, got.Get(name), want)
		}
	}
	if len(got) != len(query) && !others {
		t.Fatalf("%s: query %v, want %v", b.id, got, query)
	}
	switch content, isUpload := body.(upload); {
	case isUpload:
		if got := fileOf(t, e); got != string(content) {
			t.Fatalf("%s: file %q, want %q", b.id, got, content)
		}
	case body != nil:
		if d := difference(parse(t, e.requestBody), body); d != "" {
			t.Fatalf("%s: body%s\n%s", b.id, d, short(e.requestBody))
		}
	case in.Route.Operation.RequestBody == nil && len(e.requestBody) > 0:
		t.Fatalf("%s has the body %s", b.id, short(e.requestBody))
	}
	for name, want := range map[string]string{"Authorization": secret, "Ld-Api-Version": d.version(b.id)} {
		if values := e.request.Header.Values(name); len(values) != 1 || values[0] != want {
			t.Fatalf("%s: header %s is %q, want %q", b.id, name, values, want)
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

// TestRequestsThatBreakTheDescription are not sent.
func TestRequestsThatBreakTheDescription(t *testing.T) {
	t.Parallel()
	r := &recorder{d: load(t), g: newGenerator(random(t), false)}
	client := recordingClient(r)
	tokens, members := client.AccessTokensApi, client.AccountMembersApi
	for name, call := range map[string]func() error{
		"no id":           func() error { _, _, err := tokens.GetToken(t.Context(), "").Execute(); return err },
		"dot segment":     func() error { _, _, err := tokens.GetToken(t.Context(), "..").Execute(); return err },
		"control":         func() error { _, _, err := members.GetMember(t.Context(), "a\nb").Execute(); return err },
		"negative limit":  func() error { _, _, err := tokens.GetTokens(t.Context()).Limit(-1).Execute(); return err },
		"negative offset": func() error { _, _, err := members.GetMembers(t.Context()).Offset(-1).Execute(); return err },
		"negative expiry": func() error { _, _, err := tokens.ResetToken(t.Context(), "x").Expiry(-1).Execute(); return err },
		"no token":        func() error { _, _, err := tokens.PostToken(t.Context()).Execute(); return err },
		"no patch":        func() error { _, _, err := tokens.PatchToken(t.Context(), "x").Execute(); return err },
		"no member patch": func() error { _, _, err := members.PatchMember(t.Context(), "x").Execute(); return err },
		"no instructions": func() error { _, _, err := members.PatchMembers(t.Context()).Execute(); return err },
		"no forms":        func() error { _, _, err := members.PostMembers(t.Context()).Execute(); return err },
		"no teams":        func() error { _, _, err := members.PostMemberTeams(t.Context(), "x").Execute(); return err },
		"too many forms": func() error {
			_, _, err := members.PostMembers(t.Context()).NewMemberForm(make([]ldapi.NewMemberForm, 51)).Execute()
			return err
		},
		"no role":     func() error { _, _, err := client.CustomRolesApi.PostCustomRole(t.Context()).Execute(); return err },
		"no role key": func() error { _, _, err := client.CustomRolesApi.GetCustomRole(t.Context(), "").Execute(); return err },
		"no team key": func() error { _, err := client.TeamsApi.DeleteTeam(t.Context(), "..").Execute(); return err },
		"no file":     func() error { _, _, err := client.TeamsApi.PostTeamMembers(t.Context(), "x").Execute(); return err },
		"no steps": func() error {
			_, _, err := client.TeamsApi.PatchTeam(t.Context(), "x").Instructions().Execute()
			return err
		},
		"no after": func() error {
			_, _, err := client.AuditLogApi.PostAuditLogEntryCounts(t.Context()).StatementPost([]ldapi.StatementPost{}).Execute()
			return err
		},
		"long page": func() error {
			_, _, err := client.AuditLogApi.GetAuditLogEntries(t.Context()).Limit(21).Execute()
			return err
		},
		"id with a delete": func() error { _, err := members.DeleteMember(t.Context(), ".").Execute(); return err },
	} {
		var argument *ldapi.ArgumentError
		if err := call(); !errors.As(err, &argument) {
			t.Errorf("%s: %v, want an ArgumentError", name, err)
		}
	}
	if r.requests > 0 {
		t.Errorf("%d requests were sent", r.requests)
	}
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
