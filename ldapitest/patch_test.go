package ldapitest_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ldapi-go/ldapi/ldapitest"
)

const aPolicy = `[{"effect":"allow","resources":["proj/*:env/*:flag/*"],"actions":["*"]}]`

func TestPatchToken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want map[string]string // JSON of properties, "" for absent
	}{
		"rename": {`[{"op":"replace","path":"/name","value":"ci-deploys-2"}]`,
			map[string]string{"name": `"ci-deploys-2"`, "role": `"writer"`}},
		"from a base role to a policy": {`[{"op":"replace","path":"/name","value":"ci-deploys-2"},{"op":"remove","path":"/role"},
		  {"op":"replace","path":"/inlineRole","value":` + aPolicy + `}]`,
			map[string]string{"name": `"ci-deploys-2"`, "role": "", "inlineRole": aPolicy}},
		"from a base role to custom roles": {`[{"op":"remove","path":"/role"},{"op":"replace","path":"/customRoleIds","value":["64c1d2e3f4a5b6c7d8e9f001"]}]`,
			map[string]string{"role": "", "customRoleIds": `["64c1d2e3f4a5b6c7d8e9f001"]`}},
		"null is as good as remove": {`[{"op":"replace","path":"/role","value":null},{"op":"add","path":"/inlineRole","value":` + aPolicy + `}]`,
			map[string]string{"role": "", "inlineRole": aPolicy}},
		"replace of an absent description sets it": {`[{"op":"replace","path":"/description","value":"d"}]`,
			map[string]string{"description": `"d"`}},
		"add a description": {`[{"op":"add","path":"/description","value":"d"}]`, map[string]string{"description": `"d"`}},
		"an empty name":     {`[{"op":"replace","path":"/name","value":""}]`, map[string]string{"name": ""}},
		"with a comment": {`{"comment":"tidy up","patch":[{"op":"replace","path":"/name","value":"n"}]}`,
			map[string]string{"name": `"n"`}},
		"nothing": {`[]`, map[string]string{"name": `"writer"`}},
		"a guard that holds": {`[{"op":"test","path":"/role","value":"writer"},{"op":"test","path":"/serviceToken","value":false},
		  {"op":"replace","path":"/role","value":"reader"}]`, map[string]string{"role": `"reader"`}},
		"steps build on each other": {`[{"op":"replace","path":"/description","value":"a"},{"op":"copy","from":"/description","path":"/name"},
		  {"op":"move","from":"/name","path":"/description"},{"op":"remove","path":"/description"}]`,
			map[string]string{"name": "", "description": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			path := "/api/v2/tokens/" + ldapitest.WriterTokenID
			a := send(t, s, request{method: "PATCH", path: path, body: c.body}).want(t, 200)
			for property, want := range c.want {
				if want == "" {
					equal(t, "has "+property, a.has(t, property), false)
				} else {
					equal(t, property, a.at(t, property), parse(t, want))
				}
			}
			equal[any](t, "token", a.at(t, "token"), "3a03")
			equal[any](t, "creationDate", a.at(t, "creationDate"), 1759449720000.0)
			equal[any](t, "lastModified", a.at(t, "lastModified"), 1767225600000.0)
			equal(t, "read again", send(t, s, request{method: "GET", path: path}).body, a.body)
		})
	}
}

func TestPatchTokenRefusals(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	path := "/api/v2/tokens/" + ldapitest.WriterTokenID
	before := send(t, s, request{method: "GET", path: path}).body
	for body, status := range map[string]int{
		``:                                  400,
		`{}`:                                400,
		`null`:                              400,
		`{"patch":null}`:                    400,
		`{"patch":{}}`:                      400,
		`{"comment":7,"patch":[]}`:          400,
		`{"op":"remove","path":"/role"}`:    400,
		`[7]`:                               400,
		`[null]`:                            400,
		`[{}]`:                              400,
		`[{"op":"remove"}]`:                 400,
		`[{"path":"/name"}]`:                400,
		`[{"op":7,"path":"/name"}]`:         400,
		`[{"op":"drop","path":"/name"}]`:    400,
		`[{"op":"replace","path":"/name"}]`: 400, // no value
		`[{"op":"test","path":"/name"}]`:    400,
		`[{"op":"move","path":"/name"}]`:    400, // no from
		`[{"op":"replace","path":"/name","value":7}]`:                                                           400,
		`[{"op":"replace","path":"/role","value":"owner"}]`:                                                     400,
		`[{"op":"remove","path":"/role"}]`:                                                                      400, // no kind is left
		`[{"op":"replace","path":"/inlineRole","value":` + aPolicy + `}]`:                                       400, // two kinds
		`[{"op":"remove","path":"/role"},{"op":"replace","path":"/customRoleIds","value":["release-manager"]}]`: 400, // a key
		`[{"op":"remove","path":"/role"},{"op":"replace","path":"/inlineRole","value":[{"effect":"maybe"}]}]`:   400,
		`[{"op":"remove","path":"/inlineRole"}]`:                                                                422,
		`[{"op":"remove","path":"/description"}]`:                                                               422,
		`[{"op":"add","path":"/customRoleIds/-","value":"64c1d2e3f4a5b6c7d8e9f001"}]`:                           422,
		`[{"op":"replace","path":"/serviceToken","value":true}]`:                                                422,
		`[{"op":"replace","path":"/defaultApiVersion","value":20191212}]`:                                       422,
		`[{"op":"replace","path":"/_id","value":"x"}]`:                                                          422,
		`[{"op":"add","path":"/color","value":"red"}]`:                                                          422,
		`[{"op":"remove","path":""}]`:                                                                           422,
		`[{"op":"replace","path":"name","value":"x"}]`:                                                          422,
		`[{"op":"move","from":"/ownerId","path":"/name"}]`:                                                      422,
		`[{"op":"copy","from":"/nothing","path":"/name"}]`:                                                      422,
		`[{"op":"test","path":"/role","value":"reader"},{"op":"replace","path":"/name","value":"x"}]`:           422,
		`[{"op":"replace","path":"/name","value":"x"},{"op":"remove","path":"/customRoleIds"}]`:                 422,
	} {
		code := "invalid_request"
		if status == 422 {
			code = "patch_failed"
		}
		a := send(t, s, request{method: "PATCH", path: path, body: body})
		if a.status != status {
			t.Errorf("%s: status %d, want %d: %s", body, a.status, status, a.body)
			continue
		}
		a.wantError(t, status, code, "")
	}
	equal(t, "the token", send(t, s, request{method: "GET", path: path}).body, before)
}

func TestPatchServiceToken(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	path := "/api/v2/tokens/" + ldapitest.ServiceTokenID
	send(t, s, request{method: "PATCH", path: path, body: `[{"op":"replace","path":"/name","value":"n"},{"op":"add","path":"/description","value":"d"}]`}).want(t, 200)
	for _, property := range []string{"role", "customRoleIds", "inlineRole"} {
		send(t, s, request{method: "PATCH", path: path, body: `[{"op":"replace","path":"/` + property + `","value":[]}]`}).
			wantError(t, 403, "forbidden", "service token")
	}
}

func TestNobodyPatchesHimselfAnAdmin(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	send(t, s, request{method: "PATCH", path: "/api/v2/tokens/" + ldapitest.ReaderTokenID, token: ldapitest.ReaderToken,
		body: `[{"op":"replace","path":"/role","value":"admin"}]`}).wantError(t, 403, "forbidden", "more permissions")
}

func TestPatchMember(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body, role, customRoles, attributes string
	}{
		"role":               {`[{"op":"replace","path":"/role","value":"writer"}]`, "writer", `["64c1d2e3f4a5b6c7d8e9f001"]`, `{"k":["v"]}`},
		"add the role":       {`[{"op":"add","path":"/role","value":"admin"}]`, "admin", `["64c1d2e3f4a5b6c7d8e9f001"]`, `{"k":["v"]}`},
		"an empty role":      {`[{"op":"replace","path":"/role","value":""}]`, "reader", `["64c1d2e3f4a5b6c7d8e9f001"]`, `{"k":["v"]}`},
		"append":             {`[{"op":"add","path":"/customRoles/-","value":"64c1d2e3f4a5b6c7d8e9f002"}]`, "no_access", `["64c1d2e3f4a5b6c7d8e9f001","64c1d2e3f4a5b6c7d8e9f002"]`, `{"k":["v"]}`},
		"prepend":            {`[{"op":"add","path":"/customRoles/0","value":"64c1d2e3f4a5b6c7d8e9f002"}]`, "no_access", `["64c1d2e3f4a5b6c7d8e9f002","64c1d2e3f4a5b6c7d8e9f001"]`, `{"k":["v"]}`},
		"remove one":         {`[{"op":"remove","path":"/customRoles/0"}]`, "no_access", `[]`, `{"k":["v"]}`},
		"remove all":         {`[{"op":"remove","path":"/customRoles"}]`, "no_access", `[]`, `{"k":["v"]}`},
		"attributes":         {`[{"op":"replace","path":"/roleAttributes","value":{"a":["b","c"]}}]`, "no_access", `["64c1d2e3f4a5b6c7d8e9f001"]`, `{"a":["b","c"]}`},
		"one attribute":      {`[{"op":"add","path":"/roleAttributes/a~1b","value":["c"]}]`, "no_access", `["64c1d2e3f4a5b6c7d8e9f001"]`, `{"k":["v"],"a/b":["c"]}`},
		"no attributes":      {`[{"op":"replace","path":"/roleAttributes","value":{}}]`, "no_access", `["64c1d2e3f4a5b6c7d8e9f001"]`, `{}`},
		"guarded by version": {`[{"op":"test","path":"/version","value":7},{"op":"test","path":"/email","value":"noor@example.com"},{"op":"replace","path":"/role","value":"reader"}]`, "reader", `["64c1d2e3f4a5b6c7d8e9f001"]`, `{"k":["v"]}`},
		"everything": {`{"comment":"new team","patch":[{"op":"replace","path":"/role","value":"writer"},{"op":"add","path":"/customRoles/-","value":"64c1d2e3f4a5b6c7d8e9f002"},{"op":"replace","path":"/roleAttributes","value":{"developerProjectKeys":["shop"]}}]}`,
			"writer", `["64c1d2e3f4a5b6c7d8e9f001","64c1d2e3f4a5b6c7d8e9f002"]`, `{"developerProjectKeys":["shop"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			m := noor()
			m.RoleAttributes = map[string][]string{"k": {"v"}}
			s.AddMember(m)
			path := "/api/v2/members/" + m.ID
			a := send(t, s, request{method: "PATCH", path: path, body: c.body}).want(t, 200)
			equal[any](t, "role", a.at(t, "role"), c.role)
			equal(t, "customRoles", a.at(t, "customRoles"), parse(t, c.customRoles))
			equal[any](t, "version", a.at(t, "version"), 8.0)
			equal(t, "has roleAttributes", a.has(t, "roleAttributes"), false)
			a = send(t, s, request{method: "GET", path: path + "?expand=roleAttributes"})
			equal(t, "roleAttributes", a.at(t, "roleAttributes"), parse(t, c.attributes))
		})
	}
}

func TestPatchMemberRefusals(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithStrictRoles())
	path := "/api/v2/members/" + ldapitest.WriterID
	for body, status := range map[string]int{
		`{"role":"reader"}`: 400,
		`[{"op":"replace","path":"/role","value":"owner"}]`:                         400,
		`[{"op":"replace","path":"/role","value":"boss"}]`:                          400,
		`[{"op":"replace","path":"/role","value":7}]`:                               400,
		`[{"op":"replace","path":"/role","value":""}]`:                              400, // strict
		`[{"op":"remove","path":"/role"}]`:                                          400,
		`[{"op":"replace","path":"/customRoles","value":["release-manager"]}]`:      400, // a key
		`[{"op":"add","path":"/customRoles/-","value":"ffffffffffffffffffffffff"}]`: 400,
		`[{"op":"replace","path":"/customRoles","value":"x"}]`:                      400,
		`[{"op":"replace","path":"/roleAttributes","value":{"a":"b"}}]`:             400,
		`[{"op":"remove","path":"/roleAttributes"}]`:                                422, // there are none
		`[{"op":"remove","path":"/customRoles/0"}]`:                                 422,
		`[{"op":"add","path":"/customRoles/7","value":"64c1d2e3f4a5b6c7d8e9f001"}]`: 422,
		`[{"op":"replace","path":"/email","value":"x@example.com"}]`:                422,
		`[{"op":"replace","path":"/firstName","value":"X"}]`:                        422,
		`[{"op":"replace","path":"/_verified","value":false}]`:                      422,
		`[{"op":"replace","path":"/version","value":9}]`:                            422,
		`[{"op":"replace","path":"/teams","value":[]}]`:                             422,
		`[{"op":"test","path":"/version","value":9}]`:                               422,
		`[{"op":"test","path":"/nothing/here","value":9}]`:                          422,
	} {
		a := send(t, s, request{method: "PATCH", path: path, body: body})
		if a.status != status {
			t.Errorf("%s: status %d, want %d: %s", body, a.status, status, a.body)
		}
	}
	a := send(t, s, request{method: "GET", path: path})
	equal[any](t, "version", a.at(t, "version"), 1.0)
	send(t, s, request{method: "PATCH", path: "/api/v2/members/me", body: `[]`}).wantError(t, 404, "not_found", "")
}

func TestNobodyChangesTheOwnRole(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	role := `[{"op":"replace","path":"/role","value":"writer"}]`
	for _, body := range []string{role, `[{"op":"add","path":"/customRoles/-","value":"64c1d2e3f4a5b6c7d8e9f001"}]`} {
		send(t, s, request{method: "PATCH", path: "/api/v2/members/" + ldapitest.AdminID, body: body}).
			wantError(t, 403, "forbidden", "your own role")
	}
	send(t, s, request{method: "PATCH", path: "/api/v2/members/" + ldapitest.AdminID,
		body: `[{"op":"replace","path":"/roleAttributes","value":{"a":["b"]}}]`}).want(t, 200)
	send(t, s, request{method: "PATCH", path: "/api/v2/members/" + ldapitest.OwnerID, body: role}).
		wantError(t, 403, "forbidden", "owner")
	send(t, s, request{method: "PATCH", path: "/api/v2/members/" + ldapitest.AdminID, token: ldapitest.ServiceToken, body: role}).want(t, 200)
}

func TestPatchesWorkWithAllKnobs(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithUnknownFields(), ldapitest.WithNullOptionals(), ldapitest.WithoutNewerMemberFields())
	a := send(t, s, request{method: "PATCH", path: "/api/v2/members/" + ldapitest.WriterID,
		body: `[{"op":"replace","path":"/roleAttributes","value":{"a":["b"]}}]`}).want(t, 200)
	equal[any](t, "roleAttributes", a.at(t, "roleAttributes"), nil)
	body := send(t, s, request{method: "PATCH", path: "/api/v2/tokens/" + ldapitest.WriterTokenID,
		body: `[{"op":"add","path":"/futureText","value":"x"}]`}).want(t, 422).body
	if !strings.Contains(body, "patch_failed") {
		t.Error(body)
	}
}

// Patches that make little sense must not break the connection: the engine has been seen to panic.
func TestOddPatches(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	h := s.Handler()
	paths := []string{"", "/", "/role", "/role/", "/role/x", "/customRoles", "/customRoles/-", "/customRoles/-1", "/customRoles/0",
		"/customRoles/99999999999999999999", "/roleAttributes/a/0", "/_links/self", "/_links/self/href/x", "/~2", "role"}
	values := []string{"null", "1", `"x"`, "[]", "{}", "[null]", `{"a":null}`}
	for _, op := range []string{"add", "replace", "remove", "test", "move", "copy"} {
		for _, path := range paths {
			for i := range max(len(paths), len(values)) {
				body := fmt.Sprintf(`[{"op":%q,"path":%q,"from":%q,"value":%s},{"op":"test","path":%[2]q,"value":%[4]s}]`,
					op, path, paths[i%len(paths)], values[i%len(values)])
				r := httptest.NewRequest("PATCH", "/api/v2/members/"+ldapitest.WriterID, strings.NewReader(body))
				r.Header.Set("Authorization", ldapitest.AdminToken)
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != 200 && w.Code != 400 && w.Code != 422 {
					t.Errorf("%s: status %d", body, w.Code)
				}
			}
		}
	}
}
