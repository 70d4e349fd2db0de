package ldapitest_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

func patchTeam(t testing.TB, s *ldapitest.Server, key string, instructions ...string) answer {
	t.Helper()
	return send(t, s, request{method: "PATCH", path: "/api/v2/teams/" + key,
		body: `{"comment":"c","instructions":[` + strings.Join(instructions, ",") + `]}`})
}

func list(ids ...string) string { return `["` + strings.Join(ids, `","`) + `"]` }

func teamsOf(s *ldapitest.Server, id string) []string {
	for _, m := range s.Members() {
		if m.ID == id {
			return append([]string{}, m.Teams...)
		}
	}
	return nil
}

func TestTeams(t *testing.T) {
	s := newServer(t)
	a := send(t, s, request{method: "POST", path: "/api/v2/teams?expand=members,roles,projects,maintainers,roleAttributes",
		body: `{"customRoleKeys":["release-manager"],"description":"d","key":"checkout","memberIDs":` + list(ldapitest.WriterID) + `,"name":"Checkout",
		"permissionGrants":[{"actionSet":"maintainTeam","memberIDs":` + list(ldapitest.AdminID) + `},{"actions":["updateTeamMembers"],"memberIDs":` + list(ldapitest.ReaderID) + `}],
		"roleAttributes":{"region":["eu"]}}`}).want(t, 201)
	now := ms(noon)
	a.wantJSON(t, `{"description":"d","key":"checkout","name":"Checkout","_creationDate":`+now+`,"_links":{
		"parent":{"href":"/api/v2/teams","type":"application/json"},"self":{"href":"/api/v2/teams/checkout","type":"application/json"},
		"roles":{"href":"/api/v2/teams/checkout/roles","type":"application/json"}},"_lastModified":`+now+`,"_version":1,"_idpSynced":false,
		"roleAttributes":{"region":["eu"]},
		"roles":{"totalCount":1,"items":[{"key":"release-manager","name":"Release manager","projects":{"totalCount":0,"items":[]},"appliedOn":`+now+`}],
			"_links":{"self":{"href":"/api/v2/teams/checkout/roles?limit=25","type":"application/json"}}},
		"members":{"totalCount":1},"projects":{"totalCount":0,"items":[]},
		"maintainers":{"totalCount":1,"items":[{"_links":{"self":{"href":"/api/v2/members/`+ldapitest.AdminID+`","type":"application/json"}},
			"_id":"`+ldapitest.AdminID+`","firstName":"Adam","lastName":"Adler","role":"admin","email":"adam.adler@example.com"}],
			"_links":{"self":{"href":"/api/v2/teams/checkout/maintainers?limit=25","type":"application/json"}}}}`)
	equal(t, "teams of the member", teamsOf(s, ldapitest.WriterID), []string{"platform", "checkout"})
	a = send(t, s, request{method: "GET", path: "/api/v2/teams/checkout"}).want(t, 200)
	for _, name := range []string{"roles", "members", "projects", "maintainers", "roleAttributes"} {
		equal(t, name, a.has(t, name), false)
	}
	a = send(t, s, request{method: "GET", path: "/api/v2/members/" + ldapitest.ReaderID}).want(t, 200)
	equal(t, "grant", a.at(t, "permissionGrants", 0, "resource"), any("team/checkout"))

	send(t, s, request{method: "DELETE", path: "/api/v2/teams/checkout"}).wantError(t, 409, "conflict", "members")
	patchTeam(t, s, "checkout", `{"kind":"removeMembers","values":`+list(ldapitest.WriterID)+`}`).want(t, 200)
	send(t, s, request{method: "DELETE", path: "/api/v2/teams/checkout"}).wantError(t, 409, "conflict", "maintainers")
	patchTeam(t, s, "checkout", `{"kind":"removePermissionGrants","actionSet":"maintainTeam","memberIDs":`+list(ldapitest.AdminID)+`}`).want(t, 200)
	send(t, s, request{method: "DELETE", path: "/api/v2/teams/checkout"}).want(t, 204)
	send(t, s, request{method: "DELETE", path: "/api/v2/teams/checkout"}).wantError(t, 404, "not_found", "")
	a = send(t, s, request{method: "GET", path: "/api/v2/members/" + ldapitest.ReaderID}).want(t, 200)
	equal(t, "grant on a team that is gone", a.has(t, "permissionGrants"), false)
}

func TestListsOfTeams(t *testing.T) {
	s := newServer(t)
	for i := range 30 {
		s.AddRole(ldapitest.Role{Key: fmt.Sprintf("r%02d", i)})
	}
	var keys []string
	for _, r := range s.Roles()[2:] {
		keys = append(keys, r.Key)
	}
	s.AddTeam(ldapitest.Team{Key: "big", Name: "Big Platform", CustomRoleKeys: keys, Projects: []ldapitest.Project{{ID: "63f0a1b2c3d4e5f607182930", Key: "shop", Name: "Shop"}}})
	for filter, want := range map[string][]string{
		"":                            {"platform", "big"},
		"query:PLAT":                  {"platform", "big"},
		"query:big":                   {"big"},
		"nomembers:true":              {"big"},
		"nomembers:false":             {"platform"},
		"query:plat,nomembers:true":   {"big"},
		"query:other,nomembers:false": {},
	} {
		a := send(t, s, request{method: "GET", path: "/api/v2/teams?filter=" + filter}).want(t, 200)
		equal(t, filter, a.column(t, "key"), want)
	}
	for _, filter := range []string{"x", "query:", "nomembers:maybe", "color:red"} {
		send(t, s, request{method: "GET", path: "/api/v2/teams?filter=" + filter}).wantError(t, 400, "invalid_request", "filter")
	}
	a := send(t, s, request{method: "GET", path: "/api/v2/teams/big?expand=roles,projects"}).want(t, 200)
	equal(t, "roles", a.at(t, "roles", "totalCount"), any(30.0))
	equal(t, "the 26th role of the first page", a.at(t, "roles", "items", 25), nil)
	equal(t, "next", a.at(t, "roles", "_links", "next", "href"), any("/api/v2/teams/big/roles?limit=25&offset=25"))
	equal(t, "project", a.at(t, "projects", "items", 0, "key"), any("shop"))
	a = send(t, s, request{method: "GET", path: "/api/v2/teams/big/roles?offset=25"}).want(t, 200)
	equal(t, "rest", a.column(t, "key"), []string{"r25", "r26", "r27", "r28", "r29"})
	for i := range 3 {
		s.AddMember(ldapitest.Member{Email: fmt.Sprintf("m%d@example.com", i), PermissionGrants: []ldapitest.PermissionGrant{{Resource: "team/big", ActionSet: "maintainTeam"}}})
	}
	a = send(t, s, request{method: "GET", path: "/api/v2/teams/big/maintainers?limit=2"}).want(t, 200)
	equal(t, "maintainers", a.column(t, "email"), []string{"m0@example.com", "m1@example.com"})
	for _, path := range []string{"", "/roles", "/maintainers"} {
		send(t, s, request{method: "GET", path: "/api/v2/teams/unknown" + path}).wantError(t, 404, "not_found", "")
	}
}

func TestInstructionsOfATeam(t *testing.T) {
	s := newServer(t)
	for _, step := range []struct{ instruction, expand, at, want string }{
		{`{"kind":"updateName","value":"New"}`, "", "name", `"New"`},
		{`{"kind":"updateDescription","value":"d"}`, "", "description", `"d"`},
		{`{"kind":"updateDescription","value":""}`, "", "description", `""`},
		{`{"kind":"addMembers","values":` + list(ldapitest.ReaderID, ldapitest.WriterID) + `}`, "members", "members", `{"totalCount":2}`},
		{`{"kind":"removeMembers","values":` + list(ldapitest.AdminID, ldapitest.ReaderID) + `}`, "members", "members", `{"totalCount":1}`},
		{`{"kind":"replaceMembers","values":` + list(ldapitest.AdminID, ldapitest.OwnerID, ldapitest.ReaderID) + `}`, "members", "members", `{"totalCount":3}`},
		{`{"kind":"replaceMembers","values":[]}`, "members", "members", `{"totalCount":0}`},
		{`{"kind":"addRoleAttribute","key":"a","values":["1"]}`, "roleAttributes", "roleAttributes", `{"a":["1"]}`},
		{`{"kind":"updateRoleAttribute","key":"a","values":["2","3"]}`, "roleAttributes", "roleAttributes", `{"a":["2","3"]}`},
		{`{"kind":"removeRoleAttribute","key":"a"}`, "roleAttributes", "roleAttributes", `{}`},
		{`{"kind":"replaceRoleAttributes","value":{"b":[],"c":["1"]}}`, "roleAttributes", "roleAttributes", `{"b":[],"c":["1"]}`},
		{`{"kind":"replaceRoleAttributes","value":{}}`, "roleAttributes", "roleAttributes", `{}`},
	} {
		before := s.Teams()[0].Version
		a := send(t, s, request{method: "PATCH", path: "/api/v2/teams/platform?expand=" + step.expand, body: `{"instructions":[` + step.instruction + `]}`}).want(t, 200)
		equal(t, step.instruction, a.at(t, step.at), parse(t, step.want))
		equal(t, "version", s.Teams()[0].Version, before+1)
	}
	patchTeam(t, s, "platform", `{"kind":"addCustomRoles","values":["release-manager","people-manager","release-manager"]}`,
		`{"kind":"removeCustomRoles","values":["release-manager"]}`).want(t, 200)
	equal(t, "roles", s.Teams()[0].CustomRoleKeys, []string{"people-manager"})
	patchTeam(t, s, "platform", `{"kind":"addPermissionGrants","actions":["updateTeamName"],"memberIDs":`+list(ldapitest.ReaderID)+`}`,
		`{"kind":"addPermissionGrants","actions":["updateTeamName"],"memberIDs":`+list(ldapitest.ReaderID)+`}`).want(t, 200)
	equal(t, "one grant", len(s.Members()[3].PermissionGrants), 1)
	patchTeam(t, s, "platform", `{"kind":"removePermissionGrants","actions":["updateTeamName"],"memberIDs":`+list(ldapitest.ReaderID)+`}`).want(t, 200)
	equal(t, "no grant", len(s.Members()[3].PermissionGrants), 0)
}

// A patch is carried out as a whole or not at all.
func TestInstructionsThatTakeNothing(t *testing.T) {
	s := newServer(t)
	before, members := s.Teams()[0], s.Members()
	for instruction, message := range map[string]string{
		`1`:                                "body",
		`{}`:                               "kind",
		`{"kind":"updateName"}`:            "value",
		`{"kind":"updateName","value":""}`: "empty",
		`{"kind":"updateName","value":"a","x":1}`:                                                                   "x",
		`{"kind":"addMembers"}`:                                                                                     "values",
		`{"kind":"addMembers","values":["nobody"]}`:                                                                 "nobody",
		`{"kind":"addCustomRoles","values":["` + ldapitest.PeopleManagerRoleID + `"]}`:                              "no custom role",
		`{"kind":"addPermissionGrants","memberIDs":` + list(ldapitest.ReaderID) + `}`:                               "actionSet",
		`{"kind":"addPermissionGrants","actionSet":"all","memberIDs":` + list(ldapitest.ReaderID) + `}`:             "maintainTeam",
		`{"kind":"addPermissionGrants","actionSet":"maintainTeam"}`:                                                 "memberIDs",
		`{"kind":"removePermissionGrants","actionSet":"maintainTeam","memberIDs":` + list(ldapitest.ReaderID) + `}`: "no such grant",
		`{"kind":"addRoleAttribute","values":["v"]}`:                                                                "key",
		`{"kind":"addRoleAttribute","key":"twice","values":["v"]}`:                                                  "twice",
		`{"kind":"replaceRoleAttributes"}`:                                                                          "value",
	} {
		patchTeam(t, s, "platform", `{"kind":"addMembers","values":`+list(ldapitest.ReaderID)+`}`, `{"kind":"addRoleAttribute","key":"twice","values":["v"]}`, instruction).
			wantError(t, 400, "invalid_request", message)
	}
	equal(t, "team", s.Teams()[0], before)
	for i, m := range s.Members() {
		equal(t, "member", m, members[i])
	}
	equal(t, "entries", len(s.AuditLog()), 0)
	for body, message := range map[string]string{`[`: "body", `{}`: "empty", `{"instructions":[]}`: "empty", `{"instructions":1}`: "instructions", `{"comment":1,"instructions":[]}`: "comment"} {
		send(t, s, request{method: "PATCH", path: "/api/v2/teams/platform", body: body}).wantError(t, 400, "invalid_request", message)
	}
	patchTeam(t, s, "unknown", `{"kind":"updateName","value":"x"}`).wantError(t, 404, "not_found", "")
	send(t, s, request{method: "PATCH", path: "/api/v2/teams/platform", token: ldapitest.WriterToken,
		body: `{"instructions":[{"kind":"updateName","value":"x"}]}`}).wantError(t, 403, "forbidden", "")
}

func TestTeamsThatAreRefused(t *testing.T) {
	s := newServer(t)
	for body, status := range map[string]int{
		`[`: 400, `{"key":"k"}`: 400, `{"name":"n"}`: 400, `{"key":"a/b","name":"n"}`: 400, `{"key":"platform","name":"n"}`: 409,
		`{"key":"k","name":"n","memberIDs":["x"]}`: 400, `{"key":"k","name":"n","customRoleKeys":["x"]}`: 400,
		`{"key":"k","name":"n","permissionGrants":[{}]}`: 400, `{"key":"k","name":"n","permissionGrants":[1]}`: 400,
		`{"key":"new","name":"n","permissionGrants":[],"description":""}`: 201,
	} {
		send(t, s, request{method: "POST", path: "/api/v2/teams", body: body}).want(t, status)
	}
	send(t, s, request{method: "POST", path: "/api/v2/teams", body: `{"key":"l","name":"n"}`, token: ldapitest.WriterToken}).wantError(t, 403, "forbidden", "")
	send(t, s, request{method: "DELETE", path: "/api/v2/teams/new", token: ldapitest.WriterToken}).wantError(t, 403, "forbidden", "")
}

// An identity provider manages the name and the members of some teams.
func TestTeamsOfAnIdentityProvider(t *testing.T) {
	s := newServer(t)
	s.AddTeam(ldapitest.Team{Key: "idp", IDPSynced: true})
	for _, in := range []string{`{"kind":"updateName","value":"x"}`, `{"kind":"addMembers","values":` + list(ldapitest.ReaderID) + `}`} {
		patchTeam(t, s, "idp", in).wantError(t, 403, "forbidden", "identity provider")
	}
	upload(t, s, "idp", "remy.reed@example.com").wantError(t, 403, "forbidden", "identity provider")
	a := patchTeam(t, s, "idp", `{"kind":"addCustomRoles","values":["release-manager"]}`).want(t, 200)
	equal(t, "_idpSynced", a.at(t, "_idpSynced"), any(true))
	a = patchTeams(t, s, `{"kind":"addMembersToTeams","memberIDs":`+list(ldapitest.ReaderID)+`,"teamKeys":["idp"]}`).want(t, 200)
	a.wantJSON(t, `{"errors":[{"idp":"the members of the team are managed by an identity provider"}]}`)
}

func TestDeletionConflicts(t *testing.T) {
	s := newServer(t, ldapitest.WithTeamDeletionConflicts(2))
	s.AddTeam(ldapitest.Team{Key: "empty"})
	send(t, s, request{method: "DELETE", path: "/api/v2/teams/empty"}).want(t, 204)
	patchTeam(t, s, "platform", `{"kind":"replaceMembers","values":[]}`).want(t, 200)
	for range 2 {
		send(t, s, request{method: "DELETE", path: "/api/v2/teams/platform"}).wantError(t, 409, "conflict", "members")
	}
	send(t, s, request{method: "DELETE", path: "/api/v2/teams/platform"}).want(t, 204)
	equal(t, "misuse", startFails(t, ldapitest.WithTeamDeletionConflicts(-1)), true)
}

func startFails(t testing.TB, opt ldapitest.Option) (failed bool) {
	t.Helper()
	defer func() { failed = recover() != nil }()
	ldapitest.NewServer(opt).Close()
	return false
}

func patchTeams(t testing.TB, s *ldapitest.Server, instruction string) answer {
	t.Helper()
	return send(t, s, request{method: "PATCH", path: "/api/v2/teams", body: `{"comment":"c","instructions":[` + instruction + `]}`,
		header: map[string]string{"LD-API-Version": "beta"}})
}

func TestBulkTeams(t *testing.T) {
	s := newServer(t)
	s.AddTeam(ldapitest.Team{Key: "b"})
	a := patchTeams(t, s, `{"kind":"addMembersToTeams","memberIDs":`+list(ldapitest.WriterID, ldapitest.ReaderID)+`,"teamKeys":["platform","b","none"]}`).want(t, 200)
	a.wantJSON(t, `{"memberIDs":`+list(ldapitest.WriterID, ldapitest.ReaderID)+`,"teamKeys":["platform","b"],"errors":[{"none":"team not found"}]}`)
	equal(t, "teams", teamsOf(s, ldapitest.ReaderID), []string{"platform", "b"})
	patchTeams(t, s, `{"kind":"addMembersToTeams","memberIDs":`+list(ldapitest.WriterID)+`,"teamKeys":["b"]}`).want(t, 200).wantJSON(t, `{}`)
	equal(t, "entries", len(s.AuditLog()), 1)
	a = patchTeams(t, s, `{"kind":"addAllMembersToTeams","teamKeys":["b"],"filterRoles":"admin","ignoredMemberIDs":["x"]}`).want(t, 200)
	a.wantJSON(t, `{}`)
	a = patchTeams(t, s, `{"kind":"addAllMembersToTeams","teamKeys":["b"],"filterLastSeen":{"never":true}}`).want(t, 200)
	equal(t, "memberIDs", a.at(t, "memberIDs"), any([]any{ldapitest.OwnerID, ldapitest.AdminID}))
	for instruction, message := range map[string]string{
		`1`: "body", `{"kind":"x","teamKeys":["b"]}`: "kind", `{"kind":"addMembersToTeams","teamKeys":["b"]}`: "memberIDs",
		`{"kind":"addMembersToTeams","memberIDs":["x"],"teamKeys":["b"]}`:           "unknown member",
		`{"kind":"addMembersToTeams","memberIDs":` + list(ldapitest.ReaderID) + `}`: "teamKeys",
		`{"kind":"addAllMembersToTeams","teamKeys":["b"],"filterTeams":"b"}`:        "filterTeams",
		`{"kind":"addAllMembersToTeams","teamKeys":["b"],"filterLastSeen":1}`:       "lastSeen",
	} {
		patchTeams(t, s, instruction).wantError(t, 400, "invalid_request", message)
	}
	in := `{"instructions":[{"kind":"addMembersToTeams","memberIDs":` + list(ldapitest.ReaderID) + `,"teamKeys":["b"]}]}`
	send(t, s, request{method: "PATCH", path: "/api/v2/teams", body: in}).wantError(t, 403, "forbidden", "beta")
	send(t, s, request{method: "PATCH", path: "/api/v2/teams", body: in, token: ldapitest.WriterToken,
		header: map[string]string{"LD-API-Version": "beta"}}).wantError(t, 403, "forbidden", "")
	send(t, s, request{method: "PATCH", path: "/api/v2/teams", body: `{}`, header: map[string]string{"LD-API-Version": "beta"}}).
		wantError(t, 400, "invalid_request", "empty")
}

func upload(t testing.TB, s *ldapitest.Server, team, file string) answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if _, err := form.CreateFormField("other"); err != nil {
		t.Fatal(err)
	}
	part, err := form.CreateFormFile("file", "members.csv")
	if err == nil {
		_, err = part.Write([]byte(file))
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return send(t, s, request{method: "POST", path: "/api/v2/teams/" + team + "/members", body: body.String(),
		header: map[string]string{"Content-Type": form.FormDataContentType()}})
}

func TestImport(t *testing.T) {
	s := newServer(t)
	upload(t, s, "platform", "\ufeffEmail address,name\nremy.reed@example.com,Remy\n\n OLGA.OWENS@example.com ,x,y\n").want(t, 201).
		wantJSON(t, `{"items":[{"status":"success","value":"remy.reed@example.com"},{"status":"success","value":"OLGA.OWENS@example.com"}]}`)
	equal(t, "teams", teamsOf(s, ldapitest.OwnerID), []string{"platform"})
	equal(t, "version", s.Teams()[0].Version, 2)

	a := upload(t, s, "platform", "adam.adler@example.com\nadam.adler@example.com\n,x\nbroken\nnew@example.com\nremy.reed@example.com\n").want(t, 207)
	a.wantJSON(t, `{"items":[{"status":"success","value":"adam.adler@example.com"},
		{"message":"Line 2: duplicate entry","status":"error","value":"adam.adler@example.com"},
		{"message":"Line 3: empty row","status":"error","value":""},{"message":"Line 4: invalid formatting","status":"error","value":"broken"},
		{"message":"Line 5: email does not belong to a LaunchDarkly member","status":"error","value":"new@example.com"},
		{"message":"Line 6: email already exists in the specified team","status":"error","value":"remy.reed@example.com"}]}`)
	equal(t, "nobody was added", teamsOf(s, ldapitest.AdminID), []string{})

	for file, message := range map[string]string{
		"":                               "file is empty",
		" \n\n":                          "file is empty",
		"email\n":                        "file is empty",
		"a\nb\n":                         "all emails have invalid formatting",
		"remy.reed@example.com\n":        "all emails belong to existing team members",
		"x@example.com\ny@example.com\n": "no emails belong to members of the organization",
		"\"a\nb":                         "unable to process file",
		strings.Repeat("x", 25_000_001):  "file exceeds 25mb",
		strings.Repeat("x", 27_000_000):  "file exceeds 25mb",
	} {
		upload(t, s, "platform", file).wantError(t, 400, "invalid_request", message)
	}
	upload(t, s, "unknown", "x").wantError(t, 404, "not_found", "")
	path := "/api/v2/teams/platform/members"
	send(t, s, request{method: "POST", path: path, body: "x"}).wantError(t, 400, "invalid_request", "multipart/form-data")
	for _, header := range []string{"multipart/form-data", "multipart/form-data; boundary=x"} {
		send(t, s, request{method: "POST", path: path, body: "--x\r\n", header: map[string]string{"Content-Type": header}}).
			wantError(t, 400, "invalid_request", "unable")
	}
	cut := "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc"
	send(t, s, request{method: "POST", path: path, body: cut, header: map[string]string{"Content-Type": "multipart/form-data; boundary=x"}}).
		wantError(t, 400, "invalid_request", "unable")
	send(t, s, request{method: "POST", path: path, body: cut, token: ldapitest.WriterToken, header: map[string]string{"Content-Type": "multipart/form-data; boundary=x"}}).
		wantError(t, 403, "forbidden", "")
	last := s.Requests()
	equal(t, "recorded", len(last[len(last)-1].Body), len(cut))
	for _, r := range last {
		if len(r.Body) > 1<<20 {
			t.Errorf("a request was recorded with %d bytes", len(r.Body))
		}
	}
}

// Deleting a member takes it from teams and ends its grants; adding one to teams is seen by the team.
func TestTeamsFollowMembers(t *testing.T) {
	s := newServer(t)
	patchTeam(t, s, "platform", `{"kind":"addPermissionGrants","actionSet":"maintainTeam","memberIDs":`+list(ldapitest.WriterID)+`}`).want(t, 200)
	send(t, s, request{method: "DELETE", path: "/api/v2/members/" + ldapitest.WriterID}).want(t, 204)
	a := send(t, s, request{method: "GET", path: "/api/v2/teams/platform?expand=members,maintainers"}).want(t, 200)
	equal(t, "members", a.at(t, "members", "totalCount"), any(0.0))
	equal(t, "maintainers", a.at(t, "maintainers", "totalCount"), any(0.0))
	send(t, s, request{method: "POST", path: "/api/v2/members/" + ldapitest.ReaderID + "/teams", body: `{"teamKeys":["platform"]}`}).want(t, 201)
	a = send(t, s, request{method: "GET", path: "/api/v2/members?filter=team:platform"}).want(t, 200)
	equal(t, "filter", a.column(t, "email"), []string{"remy.reed@example.com"})
	send(t, s, request{method: "DELETE", path: "/api/v2/teams/platform"}).want(t, 409)
}

func TestSeededTeams(t *testing.T) {
	s := newServer(t)
	added := s.AddTeam(ldapitest.Team{Key: "a", RoleAttributes: map[string][]string{"k": {"v"}}})
	equal(t, "added", added, ldapitest.Team{Key: "a", Name: "a", RoleAttributes: map[string][]string{"k": {"v"}}, CreationDate: noon, LastModified: noon, Version: 1})
	old := noon.Add(-time.Hour)
	added = s.AddTeam(ldapitest.Team{Key: "b", CreationDate: old, Version: 7})
	equal(t, "modified", added.LastModified, old)
	s.Teams()[1].RoleAttributes["k"][0] = "changed"
	equal(t, "copies", s.Teams()[1].RoleAttributes["k"][0], "v")
	for _, try := range []func() error{
		func() error { _, err := s.TryAddTeam(ldapitest.Team{}); return err },
		func() error { _, err := s.TryAddRole(ldapitest.Role{}); return err },
		func() error { _, err := s.TryAddRole(ldapitest.Role{Key: "c", BasePermissions: "all"}); return err },
		func() error { _, err := s.TryAddMember(ldapitest.Member{Email: "x"}); return err },
		func() error { _, err := s.TryAddToken(ldapitest.Token{MemberID: "x"}); return err },
	} {
		if try() == nil {
			t.Error("no error")
		}
	}
}
