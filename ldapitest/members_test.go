package ldapitest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// noor has every field.
func noor() ldapitest.Member {
	return ldapitest.Member{
		ID: "64b7f0c2a91e3d5f08c41a12", FirstName: "Noor", LastName: "Haddad", Email: "Noor@Example.com", Role: "no_access",
		CustomRoles: []string{"release-manager"}, Teams: []string{"platform"},
		RoleAttributes: map[string][]string{"developerProjectKeys": {"shop", "billing"}},
		PendingEmail:   "noor.haddad@example.com",
		MFAEnforced:    true, MFAGracePeriodExpiresAt: time.UnixMilli(1769817600000),
		LastSeen: time.UnixMilli(1767139200000), LastSeenTokenID: "66a0b1c2d3e4f50617283940",
		Integration: &ldapitest.Integration{ExternalID: "idp-00017", StatusDisplay: "Active", StatusValue: "active",
			ExternalURL: "https://idp.example.com/users/17", LastChecked: time.UnixMilli(1767139100000)},
		PermissionGrants: []ldapitest.PermissionGrant{{Resource: "team/platform", Actions: []string{"maintainTeam"}}},
		CreationDate:     time.UnixMilli(1735689600000), OAuthProviders: []string{"google"}, Version: 7,
	}
}

// noorJSON is what the API specifies of her; %s is what expand adds.
const noorJSON = `{
  "_links": {"self": {"href": "/api/v2/members/64b7f0c2a91e3d5f08c41a12", "type": "application/json"}},
  "_id": "64b7f0c2a91e3d5f08c41a12",
  "firstName": "Noor", "lastName": "Haddad",
  "role": "no_access",
  "email": "noor@example.com",
  "_pendingInvite": false,
  "_verified": true,
  "_pendingEmail": "noor.haddad@example.com",
  "customRoles": ["64c1d2e3f4a5b6c7d8e9f001"],
  "mfa": "disabled",
  "mfaEnforced": true,
  "mfaGracePeriodExpiresAt": 1769817600000,
  "hasPassword": false,
  "excludedDashboards": [],
  "_lastSeen": 1767139200000,
  "_lastSeenMetadata": {"tokenId": "66a0b1c2d3e4f50617283940"},
  "_integrationMetadata": {"externalId": "idp-00017", "externalStatus": {"display": "Active", "value": "active"}, "externalUrl": "https://idp.example.com/users/17", "lastChecked": 1767139100000},
  "teams": [{"customRoleKeys": [], "key": "platform", "name": "Platform", "_links": {"self": {"href": "/api/v2/teams/platform", "type": "application/json"}}}],
  "permissionGrants": [{"resource": "team/platform", "actions": ["maintainTeam"]}],
  "creationDate": 1735689600000,
  "oauthProviders": ["google"],
  %s"version": 7
}`

func TestGetMemberWithEveryField(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.AddMember(noor())
	info := `"customRolesInfo": [{"_id": "64c1d2e3f4a5b6c7d8e9f001", "key": "release-manager", "name": "Release manager"}],`
	attributes := `"roleAttributes": {"developerProjectKeys": ["shop", "billing"]},`
	for query, added := range map[string]string{
		"":                                     "",
		"?expand=":                             "",
		"?expand=teams,permissions":            "",
		"?expand=customRoles":                  info,
		"?expand=roleAttributes":               attributes,
		"?expand=roleAttributes,customRoles":   info + attributes,
		"?expand=customRoles%2CroleAttributes": info + attributes,
	} {
		send(t, s, request{method: "GET", path: "/api/v2/members/64b7f0c2a91e3d5f08c41a12" + query}).want(t, 200).
			wantJSON(t, fmt.Sprintf(noorJSON, added))
	}
	// The list contains the same.
	a := send(t, s, request{method: "GET", path: "/api/v2/members?filter=query:noor&expand=customRoles,roleAttributes"}).want(t, 200)
	a.wantJSON(t, `{"items": [`+fmt.Sprintf(noorJSON, info+attributes)+`], "totalCount": 1, "_links": {"self":
	  {"href": "/api/v2/members?expand=customRoles%2CroleAttributes&filter=query%3Anoor&limit=20", "type": "application/json"}}}`)
}

func TestGetMember(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, c := range []struct {
		id, token string
		status    int
		email     any
	}{
		{"me", ldapitest.OwnerToken, 200, "olga.owens@example.com"},
		{"me", ldapitest.ReaderToken, 200, "remy.reed@example.com"},
		{"me", ldapitest.ServiceToken, 404, nil},
		{ldapitest.OwnerID, ldapitest.ReaderToken, 200, "olga.owens@example.com"},
		{ldapitest.OwnerID, ldapitest.ServiceToken, 200, "olga.owens@example.com"},
		{"ffffffffffffffffffffffff", ldapitest.OwnerToken, 404, nil},
		{"nobody", ldapitest.OwnerToken, 404, nil},
	} {
		a := send(t, s, request{method: "GET", path: "/api/v2/members/" + c.id, token: c.token}).want(t, c.status)
		equal(t, c.id, a.at(t, "email"), c.email)
	}
}

func TestPostMembers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := send(t, s, request{method: "POST", path: "/api/v2/members", body: `[
	  {"email":"Sam@Example.com","role":"writer","firstName":"Sam","lastName":"Ochoa"},
	  {"email":"dev+flags@example.com","customRoles":["release-manager"],"teamKeys":["platform","platform"],
	   "roleAttributes":{"developerProjectKeys":["shop","billing"]}},
	  {"email":"nobody@example.com","role":"","firstName":"","lastName":"","password":"hush"}]`}).want(t, 201)
	ids := a.column(t, "_id")
	common := `"_pendingInvite":true,"_verified":true,"mfa":"disabled","mfaEnforced":false,"excludedDashboards":[],
	  "_lastSeen":0,"creationDate":1767225600000,"version":1,`
	self := func(i int) string {
		return fmt.Sprintf(`"_id":%q,"_links":{"self":{"href":"/api/v2/members/%s","type":"application/json"}}`, ids[i], ids[i])
	}
	a.wantJSON(t, `{"items":[
	  {`+common+self(0)+`,"email":"sam@example.com","role":"writer","firstName":"Sam","lastName":"Ochoa","customRoles":[],"hasPassword":false},
	  {`+common+self(1)+`,"email":"dev+flags@example.com","role":"reader","customRoles":["64c1d2e3f4a5b6c7d8e9f001"],"hasPassword":false,
	   "teams":[{"key":"platform","name":"Platform","customRoleKeys":[],"_links":{"self":{"href":"/api/v2/teams/platform","type":"application/json"}}}]},
	  {`+common+self(2)+`,"email":"nobody@example.com","role":"reader","customRoles":[],"hasPassword":true}],
	  "_links":{"self":{"href":"/api/v2/members","type":"application/json"}},"totalCount":3}`)
	read := send(t, s, request{method: "GET", path: "/api/v2/members/" + ids[1] + "?expand=roleAttributes"})
	equal(t, "roleAttributes", read.at(t, "roleAttributes"), parse(t, `{"developerProjectKeys":["shop","billing"]}`))
}

func TestPostMembersRefusals(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithForeignEmails("Else@Where.example"))
	many := strings.Repeat(`"platform",`, 50) + `"platform"`
	for body, want := range map[string]struct{ code, message string }{
		``:                              {"invalid_request", "Invalid request body"},
		`{"email":"a@b.example"}`:       {"invalid_request", "Invalid request body"},
		`null`:                          {"invalid_request", "Invalid request body"},
		"[\"\xff\"]":                    {"invalid_request", "Invalid request body"},
		`[]`:                            {"invalid_request", "1 to 50"},
		`[7]`:                           {"invalid_request", "Invalid request body"},
		`[null]`:                        {"invalid_request", "Invalid request body"},
		`[{}]`:                          {"invalid_request", "email"},
		`[{"email":7}]`:                 {"invalid_request", "email must be a string"},
		`[{"email":"nowhere"}]`:         {"invalid_request", "email"},
		`[{"email":"A <a@b.example>"}]`: {"invalid_request", "email"},
		`[{"email":"a@b.example","role":"owner"}]`:                                           {"invalid_request", "role must be"},
		`[{"email":"a@b.example","role":"owner/admin"}]`:                                     {"invalid_request", "role must be"},
		`[{"email":"a@b.example","customRoles":["nope"]}]`:                                   {"invalid_request", "no custom role"},
		`[{"email":"a@b.example","customRoles":["` + ldapitest.ReleaseManagerRoleID + `"]}]`: {"invalid_request", "no custom role with the key"},
		`[{"email":"a@b.example","teamKeys":["nope"]}]`:                                      {"invalid_request", "unknown team"},
		`[{"email":"a@b.example","teamKeys":[` + many + `]}]`:                                {"invalid_request", "at most 50"},
		`[{"email":"a@b.example","roleAttributes":"{}"}]`:                                    {"invalid_request", "roleAttributes must be"},
		`[{"email":"a@b.example","roleAttributes":{"k":null}}]`:                              {"invalid_request", "roleAttributes must be"},
		`[{"email":"a@b.example"},{"email":"bad"}]`:                                          {"invalid_request", "email"},
		`[{"email":"a@b.example"},{"email":"A@B.example"}]`:                                  {"duplicate_emails", "same email"},
		`[{"email":"a@b.example"},{"email":"ADAM.adler@example.com"}]`:                       {"email_already_exists_in_account", "already exists"},
		`[{"email":"a@b.example"},{"email":"else@where.example"}]`:                           {"email_taken_in_different_account", "another account"},
	} {
		send(t, s, request{method: "POST", path: "/api/v2/members", body: body}).wantError(t, 400, want.code, want.message)
	}
	equal(t, "members", len(s.Members()), 4)
}

func TestInvalidEmailsEchoTheCallersSpelling(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := send(t, s, request{method: "POST", path: "/api/v2/members",
		body: `[{"email":"Adam.Adler@example.com"},{"email":"new@example.com"},{"email":"REMY.REED@example.com"}]`})
	equal(t, "invalid_emails", a.at(t, "invalid_emails"), parse(t, `["Adam.Adler@example.com","REMY.REED@example.com"]`))
	a = send(t, s, request{method: "POST", path: "/api/v2/members",
		body: `[{"email":"one@example.com"},{"email":"One@example.com"}]`})
	equal(t, "invalid_emails", a.at(t, "invalid_emails"), parse(t, `["One@example.com"]`))
}

func TestFiftyInvitations(t *testing.T) {
	t.Parallel()
	forms := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`{"email":"m%d@example.com","role":"reader"}`, i))
		}
		return "[" + strings.Join(list, ",") + "]"
	}
	s := newServer(t)
	send(t, s, request{method: "POST", path: "/api/v2/members", body: forms(51)}).wantError(t, 400, "invalid_request", "50")
	send(t, s, request{method: "POST", path: "/api/v2/members", body: forms(50)}).want(t, 201)
	equal(t, "members", len(s.Members()), 54)
}

func TestInvitationKnobs(t *testing.T) {
	t.Parallel()
	one, two := `[{"email":"a@example.com"}]`, `[{"email":"b@example.com","role":"reader"},{"email":"c@example.com","customRoles":["release-manager"]}]`
	post := func(s *ldapitest.Server, body string) answer {
		return send(t, s, request{method: "POST", path: "/api/v2/members", body: body})
	}
	s := newServer(t, ldapitest.WithStrictRoles())
	post(s, one).wantError(t, 400, "invalid_request", "role or customRoles is required")
	post(s, two).want(t, 201)

	s = newServer(t, ldapitest.WithSeatLimit(6))
	post(s, two).want(t, 201)
	post(s, one).wantError(t, 400, "seat_limit_reached", "seats")

	s = newServer(t, ldapitest.WithInviteLimit(2))
	post(s, one).want(t, 201)
	post(s, two).wantError(t, 400, "invite_limit_reached", "invitations")
	equal(t, "members", len(s.Members()), 5)

	s = newServer(t, ldapitest.WithSCIM())
	post(s, one).wantError(t, 403, "forbidden", "SCIM")
	send(t, s, request{method: "DELETE", path: "/api/v2/members/" + ldapitest.ReaderID}).wantError(t, 403, "forbidden", "SCIM")
	send(t, s, request{method: "PATCH", path: "/api/v2/members/" + ldapitest.ReaderID,
		body: `[{"op":"replace","path":"/role","value":"writer"}]`}).want(t, 200)
}

func TestWhoMayManageMembers(t *testing.T) {
	t.Parallel()
	invite := `[{"email":"new@example.com","role":"reader"}]`
	for _, c := range []struct {
		name, token           string
		post, patch, teams    int
		deleteOther, deleteMe int
	}{
		{"owner", ldapitest.OwnerToken, 201, 200, 201, 204, 403},
		{"admin", ldapitest.AdminToken, 201, 200, 201, 204, 403},
		{"service", ldapitest.ServiceToken, 201, 200, 201, 204, 404},
		{"writer", ldapitest.WriterToken, 403, 403, 403, 403, 403},
		{"reader", ldapitest.ReaderToken, 403, 403, 403, 403, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			other := s.AddMember(ldapitest.Member{Email: "other@example.com"}).ID
			me, _ := send(t, s, request{method: "GET", path: "/api/v2/members/me", token: c.token}).at(t, "_id").(string)
			path := "/api/v2/members/" + other
			equal(t, "list", send(t, s, request{method: "GET", path: "/api/v2/members", token: c.token}).status, 200)
			equal(t, "post", send(t, s, request{method: "POST", path: "/api/v2/members", token: c.token, body: invite}).status, c.post)
			equal(t, "patch", send(t, s, request{method: "PATCH", path: path, token: c.token,
				body: `[{"op":"replace","path":"/role","value":"writer"}]`}).status, c.patch)
			equal(t, "empty patch", send(t, s, request{method: "PATCH", path: path, token: c.token, body: `[]`}).status, c.patch)
			equal(t, "teams", send(t, s, request{method: "POST", path: path + "/teams", token: c.token,
				body: `{"teamKeys":["platform"]}`}).status, c.teams)
			equal(t, "delete", send(t, s, request{method: "DELETE", path: path, token: c.token}).status, c.deleteOther)
			if me == "" {
				me = "none"
			}
			equal(t, "delete oneself", send(t, s, request{method: "DELETE", path: "/api/v2/members/" + me, token: c.token}).status, c.deleteMe)
		})
	}
}

func TestCustomRolesOfTheCaller(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.AddTeam(ldapitest.Team{Key: "hr", CustomRoleKeys: []string{"people-manager"}})
	invite := func(token, email string) int {
		return send(t, s, request{method: "POST", path: "/api/v2/members", token: token, body: `[{"email":"` + email + `"}]`}).status
	}
	admin := func(m ldapitest.Member) string {
		return s.AddToken(ldapitest.Token{MemberID: s.AddMember(m).ID, Role: "admin"}).Secret
	}
	equal(t, "through an own role", invite(admin(ldapitest.Member{Email: "a@example.com", CustomRoles: []string{"people-manager"}}), "1@example.com"), 201)
	equal(t, "through a team", invite(admin(ldapitest.Member{Email: "b@example.com", Teams: []string{"hr", "platform"}}), "2@example.com"), 201)
	equal(t, "custom roles replace the base role", invite(admin(ldapitest.Member{Email: "c@example.com", Role: "admin", CustomRoles: []string{"release-manager"}}), "3@example.com"), 403)
	equal(t, "the token has less than its member", invite(s.AddToken(ldapitest.Token{MemberID: ldapitest.AdminID, CustomRoleIDs: []string{"release-manager"}}).Secret, "4@example.com"), 403)
	equal(t, "no access", invite(admin(ldapitest.Member{Email: "d@example.com", Role: "no_access"}), "5@example.com"), 403)
}

func TestDeleteMember(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	service := s.AddToken(ldapitest.Token{MemberID: ldapitest.WriterID, ServiceToken: true, Name: "survivor"})
	path := "/api/v2/members/" + ldapitest.WriterID
	equal(t, "body", send(t, s, request{method: "DELETE", path: path}).want(t, 204).body, "")
	send(t, s, request{method: "GET", path: path}).wantError(t, 404, "not_found", "Invalid resource identifier")
	send(t, s, request{method: "DELETE", path: path}).want(t, 404)
	send(t, s, request{method: "GET", path: "/api/v2/members", token: ldapitest.WriterToken}).want(t, 401)
	send(t, s, request{method: "GET", path: "/api/v2/members", token: service.Secret}).want(t, 200)
	// The token is still there, without its member.
	a := send(t, s, request{method: "GET", path: "/api/v2/tokens/" + ldapitest.WriterTokenID}).want(t, 200)
	equal[any](t, "memberId", a.at(t, "memberId"), ldapitest.WriterID)
	equal(t, "has _member", a.has(t, "_member"), false)
	send(t, s, request{method: "DELETE", path: "/api/v2/members/" + ldapitest.OwnerID, token: ldapitest.ServiceToken}).
		wantError(t, 403, "forbidden", "owner")
	send(t, s, request{method: "DELETE", path: "/api/v2/members/me"}).want(t, 404)
	for _, token := range s.Tokens() {
		equal(t, token.Name+" is inactive", token.Inactive, token.Name == "writer")
	}
}

func TestADemotedMembersTokenIsDemoted(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	invite := func(email string) int {
		return send(t, s, request{method: "POST", path: "/api/v2/members", body: `[{"email":"` + email + `","role":"reader"}]`}).status
	}
	equal(t, "before", invite("one@example.com"), 201)
	send(t, s, request{method: "PATCH", path: "/api/v2/members/" + ldapitest.AdminID, token: ldapitest.OwnerToken,
		body: `[{"op":"replace","path":"/role","value":"reader"}]`}).want(t, 200)
	equal(t, "after", invite("two@example.com"), 403)
}

func TestPostMemberTeams(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.AddTeam(ldapitest.Team{Key: "checkout", Name: "Checkout", CustomRoleKeys: []string{"release-manager"}})
	path := "/api/v2/members/" + ldapitest.WriterID + "/teams"
	for range 2 { // the second time changes nothing
		a := send(t, s, request{method: "POST", path: path, body: `{"teamKeys":["platform","checkout"]}`}).want(t, 201)
		equal(t, "teams", a.at(t, "teams"), parse(t, `[
		  {"customRoleKeys":[],"key":"platform","name":"Platform","_links":{"self":{"href":"/api/v2/teams/platform","type":"application/json"}}},
		  {"customRoleKeys":["release-manager"],"key":"checkout","name":"Checkout","_links":{"self":{"href":"/api/v2/teams/checkout","type":"application/json"}}}]`))
		equal[any](t, "version", a.at(t, "version"), 2.0)
	}
	send(t, s, request{method: "POST", path: "/api/v2/members/ffffffffffffffffffffffff/teams", body: `{"teamKeys":["platform"]}`}).
		wantError(t, 404, "not_found", "Member not found")
	for body, message := range map[string]string{
		`[]`:                               "Invalid request body",
		`{}`:                               "teamKeys",
		`{"teamKeys":[]}`:                  "teamKeys",
		`{"teamKeys":"platform"}`:          "teamKeys must be a list of strings",
		`{"teamkeys":["platform"]}`:        "teamKeys",
		`{"teamKeys":["platform","nope"]}`: `unknown team "nope"`,
		`{"teamKeys":[` + strings.Repeat(`"platform",`, 50) + `"platform"]}`: "1 to 50",
	} {
		send(t, s, request{method: "POST", path: path, body: body}).wantError(t, 400, "invalid_request", message)
	}
}
