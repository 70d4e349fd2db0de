package ldapitest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// Each request that changes something adds one entry, and no other does.
func TestEveryChangeIsLogged(t *testing.T) {
	s := newServer(t)
	const semantic = "application/json; domain-model=launchdarkly.semanticpatch"
	token, member, team := "/api/v2/tokens/"+ldapitest.ReaderTokenID, "/api/v2/members/"+ldapitest.ReaderID, "/api/v2/teams/platform"
	tokenResource := "member/" + ldapitest.ReaderID + ":token/" + ldapitest.ReaderTokenID
	for _, step := range []struct {
		request             request
		kind, verb, comment string
		actions, resources  []string
		delta               string
		before, after       bool
	}{
		{request{method: "PATCH", path: token, body: `[{"op":"replace","path":"/name","value":"n"}]`}, "token", "updated", "",
			[]string{"updateAccessTokenName"}, []string{tokenResource}, `[{"op":"replace","path":"/name","value":"n"}]`, true, true},
		{request{method: "POST", path: token + "/reset"}, "token", "reset", "", []string{"resetAccessToken"}, []string{tokenResource}, "", true, true},
		{request{method: "DELETE", path: token}, "token", "deleted", "", []string{"deleteAccessToken"}, []string{tokenResource}, "", true, false},
		{request{method: "DELETE", path: "/api/v2/tokens/" + ldapitest.ServiceTokenID}, "service-token", "deleted", "", []string{"deleteAccessToken"},
			[]string{"service-token/" + ldapitest.ServiceTokenID}, "", true, false},
		{request{method: "PATCH", path: member, body: `{"patch":[{"op":"replace","path":"/role","value":"writer"}],"comment":"c1"}`}, "member", "updated", "c1",
			[]string{"updateRole"}, []string{"member/" + ldapitest.ReaderID}, `[{"op":"replace","path":"/role","value":"writer"}]`, true, true},
		{request{method: "POST", path: member + "/teams", body: `{"teamKeys":["platform"]}`}, "member", "updated", "", []string{"updateTeamMembers"},
			[]string{"member/" + ldapitest.ReaderID}, "", true, true},
		{request{method: "POST", path: member + "/teams", body: `{"teamKeys":["platform"]}`}, "", "", "", nil, nil, "", false, false},
		{request{method: "PATCH", path: "/api/v2/members", header: map[string]string{"Content-Type": semantic},
			body: `{"comment":"c2","instructions":[{"kind":"replaceMembersRoles","value":"reader","memberIDs":` + list(ldapitest.ReaderID, ldapitest.WriterID) + `}]}`},
			"member", "updated", "c2", []string{"updateRole"}, []string{"member/" + ldapitest.ReaderID, "member/" + ldapitest.WriterID}, "", false, false},
		{request{method: "PATCH", path: "/api/v2/members", header: map[string]string{"Content-Type": semantic},
			body: `{"instructions":[{"kind":"replaceMembersRoles","value":"reader","memberIDs":` + list(ldapitest.AdminID) + `}]}`},
			"", "", "", nil, nil, "", false, false},
		{request{method: "PATCH", path: team, body: `{"comment":"c3","instructions":[{"kind":"updateName","value":"x"}]}`}, "team", "updated", "c3",
			[]string{"updateTeamName"}, []string{"team/platform"}, "", true, true},
		{request{method: "POST", path: "/api/v2/teams", body: `{"key":"k","name":"n"}`}, "team", "created", "", []string{"createTeam"}, []string{"team/k"}, "", false, true},
		{request{method: "DELETE", path: "/api/v2/teams/k"}, "team", "deleted", "", []string{"deleteTeam"}, []string{"team/k"}, "", true, false},
		{request{method: "POST", path: "/api/v2/roles", body: `{"key":"k","name":"n","policy":[]}`}, "role", "created", "", []string{"createRole"}, []string{"role/k"}, "", false, true},
		{request{method: "PATCH", path: "/api/v2/roles/k", body: `{"comment":"c4","patch":[{"op":"replace","path":"/name","value":"m"},{"op":"add","path":"/policy/-","value":{"effect":"allow"}}]}`},
			"role", "updated", "c4", []string{"updateName", "updatePolicy"}, []string{"role/k"},
			`[{"op":"replace","path":"/name","value":"m"},{"op":"add","path":"/policy/-","value":{"effect":"allow"}}]`, true, true},
		{request{method: "DELETE", path: "/api/v2/roles/k"}, "role", "deleted", "", []string{"deleteRole"}, []string{"role/k"}, "", true, false},
		{request{method: "DELETE", path: member}, "member", "deleted", "", []string{"deleteMember"}, []string{"member/" + ldapitest.ReaderID}, "", true, false},
		{request{method: "DELETE", path: member}, "", "", "", nil, nil, "", false, false},
		{request{method: "GET", path: "/api/v2/auditlog"}, "", "", "", nil, nil, "", false, false},
	} {
		before := len(s.AuditLog())
		send(t, s, step.request)
		entries := s.AuditLog()[before:]
		if step.kind == "" {
			equal(t, step.request.method+" "+step.request.path, len(entries), 0)
			continue
		}
		if len(entries) != 1 {
			t.Fatalf("%s %s: %d entries", step.request.method, step.request.path, len(entries))
		}
		e := entries[0]
		what := step.request.method + " " + step.request.path
		equal(t, what, []string{e.Kind, e.Verb, e.Comment, e.MemberID, e.TokenID, e.ClientID},
			[]string{step.kind, step.verb, step.comment, ldapitest.AdminID, ldapitest.AdminTokenID, ""})
		equal(t, what, e.Actions, step.actions)
		equal(t, what, e.Resources, step.resources)
		equal(t, what, string(e.Delta), step.delta)
		equal(t, what, []bool{e.PreviousVersion != nil, e.CurrentVersion != nil}, []bool{step.before, step.after})
		for _, text := range []json.RawMessage{e.PreviousVersion, e.CurrentVersion} {
			if strings.Contains(string(text), `"api-`) {
				t.Errorf("%s: a secret in %s", what, text)
			}
		}
	}
}

// Invitations of several members are one entry with all of them; who calls with a service token is no member.
func TestLoggedInvitations(t *testing.T) {
	s := newServer(t)
	send(t, s, request{method: "POST", path: "/api/v2/members", token: ldapitest.ServiceToken,
		body: `[{"email":"a@example.com"},{"email":"b@example.com"}]`}).want(t, 201)
	send(t, s, request{method: "POST", path: "/api/v2/members", token: "Bearer " + ldapitest.OwnerToken, body: `[{"email":"c@example.com"}]`}).want(t, 201)
	log := s.AuditLog()
	equal(t, "entries", len(log), 2)
	equal(t, "resources", len(log[0].Resources), 2)
	equal(t, "caller", []string{log[0].MemberID, log[0].TokenID}, []string{"", ldapitest.ServiceTokenID})
	equal(t, "app", log[1].TokenID, "")
	a := send(t, s, request{method: "GET", path: "/api/v2/auditlog/" + log[1].ID}).want(t, 200)
	equal(t, "app", a.at(t, "app", "name"), any("Example app"))
	equal(t, "token", a.has(t, "token"), false)
	a = send(t, s, request{method: "GET", path: "/api/v2/auditlog/" + log[0].ID}).want(t, 200)
	equal(t, "subject", a.at(t, "subject", "name"), any("service"))
	equal(t, "member", a.has(t, "member"), false)
	send(t, s, request{method: "GET", path: "/api/v2/auditlog/unknown"}).wantError(t, 404, "not_found", "")
}

func TestEntryOnTheWire(t *testing.T) {
	s := newServer(t)
	send(t, s, request{method: "PATCH", path: "/api/v2/members/" + ldapitest.ReaderID, body: `{"comment":"OPS-1","patch":[{"op":"replace","path":"/role","value":"admin"}]}`}).want(t, 200)
	e := s.AuditLog()[0]
	listed := `"_links":{"self":{"href":"/api/v2/auditlog/` + e.ID + `","type":"application/json"}},"_id":"` + e.ID + `","_accountId":"` + ldapitest.AccountID + `",
		"date":` + ms(noon) + `,"accesses":[{"action":"updateRole","resource":"member/` + ldapitest.ReaderID + `"}],"kind":"member","name":"Remy Reed",
		"description":"Updated the member Remy Reed","shortDescription":"Updated the member","comment":"OPS-1",
		"subject":{"_links":{},"name":"Adam Adler","avatarUrl":""},
		"member":{"_links":{"self":{"href":"/api/v2/members/` + ldapitest.AdminID + `","type":"application/json"}},"_id":"` + ldapitest.AdminID + `","email":"adam.adler@example.com","firstName":"Adam","lastName":"Adler"},
		"token":{"_links":{"self":{"href":"/api/v2/tokens/` + ldapitest.AdminTokenID + `","type":"application/json"}},"_id":"` + ldapitest.AdminTokenID + `","name":"admin","ending":"3a02","serviceToken":false},
		"titleVerb":"updated the member","title":"Adam Adler updated the member Remy Reed","target":{"_links":{},"name":"Remy Reed","resources":["member/` + ldapitest.ReaderID + `"]}`
	send(t, s, request{method: "GET", path: "/api/v2/auditlog"}).want(t, 200).
		wantJSON(t, `{"items":[{`+listed+`}],"_links":{"self":{"href":"/api/v2/auditlog","type":"application/json"}}}`)
	a := send(t, s, request{method: "GET", path: "/api/v2/auditlog/" + e.ID}).want(t, 200)
	equal(t, "delta", a.at(t, "delta"), parse(t, `[{"op":"replace","path":"/role","value":"admin"}]`))
	equal(t, "before", a.at(t, "previousVersion", "role"), any("reader"))
	equal(t, "after", a.at(t, "currentVersion", "role"), any("admin"))
	for _, name := range []string{"merge", "triggerBody"} {
		equal(t, name, a.has(t, name) && a.at(t, name) == nil, true)
	}
	equal(t, "subentries", a.at(t, "subentries"), any([]any{}))
}

// history adds entries of a token, a member and a team, an hour apart.
func history(t testing.TB) *ldapitest.Server {
	s := newServer(t)
	for i, e := range []ldapitest.AuditEntry{
		{Name: "ci token", Actions: []string{"deleteAccessToken"}, Resources: []string{"member/m1:token/t1"}},
		{Name: "Deploys", Actions: []string{"createAccessToken"}, Resources: []string{"service-token/t2"}},
		{Name: "Remy", Actions: []string{"updateRole", "updateCustomRole"}, Resources: []string{"member/m1", "member/m2"}},
		{Name: "Platform", Actions: []string{"updateTeamMembers"}, Resources: []string{"team/platform"}, ID: "67a1b2c3d4e5f60718293001"},
	} {
		e.Date = noon.Add(time.Duration(i-10) * time.Hour)
		s.AddAuditEntry(e)
	}
	return s
}

func TestAuditSearch(t *testing.T) {
	s := history(t)
	at := func(i int) string { return ms(noon.Add(time.Duration(i-10) * time.Hour)) }
	for query, want := range map[string][]string{
		"":                            {"Platform", "Remy", "Deploys", "ci token"},
		"limit=2":                     {"Platform", "Remy"},
		"before=" + at(3):             {"Remy", "Deploys", "ci token"},
		"after=" + at(1):              {"Platform", "Remy"},
		"q=PLO":                       {"Deploys"},
		"q=zzz":                       {},
		"spec=member/*":               {"Remy"},
		"spec=member/*:token/*":       {"ci token"},
		"spec=service-token/*":        {"Deploys"},
		"spec=*":                      {"Platform", "Remy", "Deploys"},
		"spec=team/plat*&q=p&limit=1": {"Platform"},
	} {
		a := send(t, s, request{method: "GET", path: "/api/v2/auditlog?" + query}).want(t, 200)
		equal(t, query, a.column(t, "name"), want)
	}
	for body, want := range map[string][]string{
		"":   {"Platform", "Remy", "Deploys", "ci token"},
		"[]": {},
		`[{"effect":"allow","resources":["team/*","member/*"],"actions":["*"]}]`:                                                      {"Platform", "Remy"},
		`[{"effect":"allow","resources":["member/*"]}]`:                                                                               {"Remy"},
		`[{"effect":"allow","notResources":["team/*"],"actions":["update*"]}]`:                                                        {"Remy"},
		`[{"effect":"allow","resources":["*"],"notActions":["updateTeamMembers"]}]`:                                                   {"Remy", "Deploys"},
		`[{"effect":"allow","resources":["*"],"actions":["*"]},{"effect":"deny","resources":["member/m2"],"actions":["updateRole"]}]`: {"Platform", "Deploys"},
	} {
		r := request{method: "POST", path: "/api/v2/auditlog", body: body}
		a := send(t, s, r).want(t, 200)
		equal(t, body, a.column(t, "name"), want)
	}
	a := send(t, s, request{method: "GET", path: "/api/v2/auditlog?limit=2&q="}).want(t, 200)
	equal(t, "next", a.at(t, "_links", "next", "href"), any("/api/v2/auditlog?before="+at(2)+"&limit=2&q="))
	for _, query := range []string{"limit=0", "limit=21", "limit=x", "before=x", "after=-1"} {
		send(t, s, request{method: "GET", path: "/api/v2/auditlog?" + query}).wantError(t, 400, "invalid_request", strings.Split(query, "=")[0])
	}
	for _, body := range []string{"{}", "[1]", `[{"effect":"x"}]`, "["} {
		send(t, s, request{method: "POST", path: "/api/v2/auditlog", body: body}).wantError(t, 400, "invalid_request", "")
	}
	send(t, s, request{method: "POST", path: "/api/v2/auditlog", body: "[]", header: map[string]string{"Content-Type": "text/plain"}}).want(t, 400)
	send(t, s, request{method: "POST", path: "/api/v2/auditlog", header: map[string]string{"Content-Type": ""}}).want(t, 200)
	a = send(t, newServer(t, ldapitest.WithoutNextLinks()), request{method: "GET", path: "/api/v2/auditlog?limit=1"}).want(t, 200)
	equal(t, "no next", a.at(t, "_links", "next"), nil)
}

func TestAuditCounts(t *testing.T) {
	s := history(t)
	const everything = `[{"effect":"allow","resources":["*","*:*"],"actions":["*"]}]`
	from := noon.Add(-10*time.Hour - time.Millisecond)
	a := send(t, s, request{method: "POST", path: "/api/v2/auditlog/counts?buckets=4&after=" + ms(from) + "&before=" + ms(from.Add(4*time.Hour)), body: everything}).want(t, 200)
	var buckets []string
	for i := range 4 {
		buckets = append(buckets, fmt.Sprintf(`{"timestamp":%s,"count":1}`, ms(from.Add(time.Duration(i)*time.Hour))))
	}
	a.wantJSON(t, `{"buckets":[`+strings.Join(buckets, ",")+`],"totalCount":4,"bucketIntervalMs":3600000}`)
	a = send(t, s, request{method: "POST", path: "/api/v2/auditlog/counts?after=" + ms(from), body: everything}).want(t, 200)
	list, _ := a.at(t, "buckets").([]any)
	equal(t, "buckets", len(list), 50)
	equal(t, "total", a.at(t, "totalCount"), any(4.0))
	for query, message := range map[string]string{"": "after", "after=x": "after", "after=5&before=5": "earlier", "after=1&buckets=501": "buckets"} {
		send(t, s, request{method: "POST", path: "/api/v2/auditlog/counts?" + query, body: everything}).wantError(t, 400, "invalid_request", message)
	}
	send(t, s, request{method: "POST", path: "/api/v2/auditlog/counts?after=1"}).wantError(t, 400, "invalid_request", "")
}

func TestAddAuditEntry(t *testing.T) {
	s := ldapitest.NewServer(atNoon())
	defer s.Close()
	e := s.AddAuditEntry(ldapitest.AuditEntry{Resources: []string{"role/r"}, MemberID: "unknown"})
	equal(t, "date", e.Date, noon)
	equal(t, "kind", e.Kind+" "+e.Verb, "role updated")
	a := send(t, s, request{method: "GET", path: "/api/v2/auditlog"}).want(t, 200)
	equal(t, "title", a.at(t, "items", 0, "title"), any("LaunchDarkly updated the role "))
	for message, bad := range map[string]ldapitest.AuditEntry{
		"no resources": {}, "hex digits": {ID: "x", Resources: []string{"role/r"}}, "taken": {ID: e.ID, Resources: []string{"role/r"}},
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, message) {
					t.Errorf("panic %q, want %q", text, message)
				}
			}()
			s.AddAuditEntry(bad)
		}()
	}
	s.Reset()
	equal(t, "after Reset", len(s.AuditLog()), 0)
}
