package ldapitest_test

import (
	"strings"
	"testing"

	"github.com/ldapi-go/ldapi/ldapitest"
)

const policy = `[{"effect":"allow","resources":["proj/*"],"actions":["*"]}]`

func TestCustomRoles(t *testing.T) {
	s := newServer(t)
	a := send(t, s, request{method: "POST", path: "/api/v2/roles",
		body: `{"name":"On-call","key":"on-call","description":"d","policy":` + policy + `,"basePermissions":"reader","resourceCategory":"any"}`}).want(t, 201)
	id, _ := a.at(t, "_id").(string)
	want := `{"_id":"` + id + `","_links":{"parent":{"href":"/api/v2/roles","type":"application/json"},
		"self":{"href":"/api/v2/roles/on-call","type":"application/json"}},"description":"d","key":"on-call","name":"On-call",
		"policy":` + policy + `,"basePermissions":"reader","resourceCategory":"any","assignedTo":{"membersCount":0,"teamsCount":0}}`
	a.wantJSON(t, want)
	for _, name := range []string{"on-call", id} {
		send(t, s, request{method: "GET", path: "/api/v2/roles/" + name}).want(t, 200).wantJSON(t, want)
	}
	s.AddMember(ldapitest.Member{Email: "a@example.com", CustomRoles: []string{"on-call"}})
	s.AddTeam(ldapitest.Team{Key: "one", CustomRoleKeys: []string{"on-call"}})
	a = send(t, s, request{method: "GET", path: "/api/v2/roles/on-call"}).want(t, 200)
	equal(t, "assignedTo", a.at(t, "assignedTo"), any(map[string]any{"membersCount": 1.0, "teamsCount": 1.0}))

	a = send(t, s, request{method: "PATCH", path: "/api/v2/roles/on-call",
		body: `{"patch":[{"op":"replace","path":"/name","value":"Duty"},{"op":"add","path":"/policy/0","value":{"effect":"deny","resources":["proj/x"],"actions":["*"]}}],"comment":"c"}`}).want(t, 200)
	equal(t, "name", a.at(t, "name"), any("Duty"))
	equal(t, "prepended", a.at(t, "policy", 0, "effect"), any("deny"))
	send(t, s, request{method: "PATCH", path: "/api/v2/roles/on-call", body: `[{"op":"remove","path":"/description"}]`}).want(t, 200)

	send(t, s, request{method: "DELETE", path: "/api/v2/roles/on-call"}).want(t, 204)
	send(t, s, request{method: "DELETE", path: "/api/v2/roles/on-call"}).wantError(t, 404, "not_found", "")
	for _, m := range s.Members() {
		equal(t, m.Email, len(m.CustomRoles), 0)
	}
	equal(t, "team's roles", len(s.Teams()[1].CustomRoleKeys), 0)
}

func TestListOfCustomRoles(t *testing.T) {
	s := newServer(t)
	for _, key := range []string{"c", "d", "e"} {
		s.AddRole(ldapitest.Role{Key: key, PresetBundleVersion: 3, PresetStatements: []ldapitest.Statement{{Effect: "allow", Resources: []string{"proj/*"}, Actions: []string{"*"}}}})
	}
	a := send(t, s, request{method: "GET", path: "/api/v2/roles?limit=2&offset=2"}).want(t, 200)
	equal(t, "keys", a.column(t, "key"), []string{"c", "d"})
	equal(t, "total", a.at(t, "totalCount"), any(5.0))
	equal(t, "next", a.at(t, "_links", "next", "href"), any("/api/v2/roles?limit=2&offset=4"))
	equal(t, "preset", a.at(t, "items", 0, "_presetBundleVersion"), any(3.0))
	send(t, s, request{method: "GET", path: "/api/v2/roles?limit=0"}).wantError(t, 400, "invalid_request", "limit")
}

func TestRolesThatAreRefused(t *testing.T) {
	s := newServer(t)
	for body, message := range map[string]string{
		`{`:                                    "body",
		`{"key":"k","policy":[]}`:              "name",
		`{"name":"n","policy":[]}`:             "key",
		`{"name":"n","key":"k"}`:               "policy",
		`{"name":1,"key":"k"}`:                 "name",
		`{"name":"n","key":"a b","policy":[]}`: "key",
		`{"name":"n","key":"..","policy":[]}`:  "key",
		`{"name":"n","key":"k","policy":[{"effect":"maybe"}]}`:              "effect",
		`{"name":"n","key":"k","policy":[],"basePermissions":"root"}`:       "basePermissions",
		`{"name":"n","key":"` + strings.Repeat("k", 257) + `","policy":[]}`: "256",
	} {
		send(t, s, request{method: "POST", path: "/api/v2/roles", body: body}).wantError(t, 400, "invalid_request", message)
	}
	send(t, s, request{method: "POST", path: "/api/v2/roles", body: `{"name":"n","key":"release-manager","policy":[]}`}).
		wantError(t, 409, "conflict", "release-manager")
	for body, status := range map[string]int{
		`[`: 400,
		`[{"op":"replace","path":"/key","value":"x"}]`:                  422,
		`[{"op":"replace","path":"/name","value":""}]`:                  400,
		`[{"op":"replace","path":"/name","value":1}]`:                   400,
		`[{"op":"remove","path":"/policy"}]`:                            400,
		`[{"op":"replace","path":"/policy","value":[{"effect":"no"}]}]`: 400,
		`[{"op":"replace","path":"/basePermissions","value":"root"}]`:   400,
		`[{"op":"test","path":"/name","value":"other"}]`:                422,
		`[{"op":"test","path":"/name","value":"Release manager"}]`:      200,
		`{"patch":[],"comment":1}`:                                      400,
	} {
		send(t, s, request{method: "PATCH", path: "/api/v2/roles/release-manager", body: body}).want(t, status)
	}
	for _, r := range []request{
		{method: "GET", path: "/api/v2/roles/unknown"},
		{method: "PATCH", path: "/api/v2/roles/unknown", body: "[]"},
		{method: "PATCH", path: "/api/v2/roles/" + ldapitest.ReleaseManagerRoleID, body: "[]"}, // takes keys only
	} {
		send(t, s, r).wantError(t, 404, "not_found", "")
	}
	for _, r := range []request{
		{method: "POST", path: "/api/v2/roles", body: `{"name":"n","key":"k","policy":[]}`},
		{method: "PATCH", path: "/api/v2/roles/release-manager", body: "[]"},
		{method: "PATCH", path: "/api/v2/roles/release-manager", body: `[{"op":"replace","path":"/name","value":"x"}]`},
		{method: "DELETE", path: "/api/v2/roles/release-manager"},
	} {
		r.token = ldapitest.WriterToken
		send(t, s, r).wantError(t, 403, "forbidden", "")
	}
	send(t, s, request{method: "GET", path: "/api/v2/roles", token: ldapitest.ReaderToken}).want(t, 200)
}

// Older API versions let the holders of a role view everything.
func TestBasePermissionsByVersion(t *testing.T) {
	s := newServer(t)
	for version, want := range map[string]string{"20240415": "no_access", "20220603": "reader"} {
		a := send(t, s, request{method: "POST", path: "/api/v2/roles", header: map[string]string{"LD-API-Version": version},
			body: `{"name":"n","key":"k` + version + `","policy":[]}`}).want(t, 201)
		equal(t, version, a.at(t, "basePermissions"), any(want))
	}
	for key, want := range map[string]int{"k20240415": 0, "k20220603": 1} {
		s.AddMember(ldapitest.Member{Email: key + "@example.com", CustomRoles: []string{key}})
		a := send(t, s, request{method: "GET", path: "/api/v2/members?filter=email:" + key + "@example.com,accessCheck:viewProject:proj/x",
			header: map[string]string{"LD-API-Version": "20220603"}}).want(t, 200)
		equal(t, key, len(a.column(t, "email")), want)
	}
}

// A role that a token uses can be deleted; the token keeps its ID, allows nothing by it, and its name can still be changed.
func TestDeletedRoleOfAToken(t *testing.T) {
	s := newServer(t)
	token := s.AddToken(ldapitest.Token{CustomRoleIDs: []string{"people-manager"}})
	send(t, s, request{method: "DELETE", path: "/api/v2/roles/people-manager"}).want(t, 204)
	a := send(t, s, request{method: "PATCH", path: "/api/v2/tokens/" + token.ID, body: `[{"op":"replace","path":"/name","value":"n"}]`}).want(t, 200)
	equal(t, "roles", a.at(t, "customRoleIds", 0), any(ldapitest.PeopleManagerRoleID))
	send(t, s, request{method: "DELETE", path: "/api/v2/members/" + ldapitest.ReaderID, token: token.Secret}).want(t, 403)
}

// Without an Enterprise plan there are neither custom roles nor teams.
func TestPlanWithoutRolesAndTeams(t *testing.T) {
	s := newServer(t, ldapitest.WithPlan(ldapitest.PlanStandard))
	for _, path := range []string{"/api/v2/roles", "/api/v2/roles/x", "/api/v2/teams", "/api/v2/teams/platform", "/api/v2/teams/platform/roles"} {
		send(t, s, request{method: "GET", path: path}).wantError(t, 403, "forbidden", "Enterprise")
	}
	send(t, s, request{method: "GET", path: "/api/v2/auditlog"}).want(t, 200)
}
