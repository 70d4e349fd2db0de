package conformance

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

var noon = time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC)

// newServer has an account in which every property of the schemas occurs.
func newServer(t *testing.T, opts ...ldapitest.Option) *ldapitest.Server {
	t.Helper()
	s := ldapitest.NewTestServer(t, append([]ldapitest.Option{ldapitest.WithInMemory(), ldapitest.WithClock(func() time.Time { return noon })}, opts...)...)
	fill(s)
	return s
}

const (
	richMember = "5f00aa11bb22cc33dd44ee77"
	richToken  = "66a0b1c2d3e4f50617283977"
	richTeam   = "größe"
	richEntry  = "67a1b2c3d4e5f60718293077"
)

// form is a form with a file, with the boundary that contentType names.
func form(file string) string {
	return "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\n\r\n" + file + "\r\n--x--\r\n"
}

func fill(s *ldapitest.Server) {
	s.AddRole(ldapitest.Role{Key: "preset", Description: "größe", BasePermissions: "reader", ResourceCategory: "any", PresetBundleVersion: 2,
		PresetStatements: []ldapitest.Statement{{Effect: "allow", Resources: []string{"proj/*"}, Actions: []string{"viewProject"}}}})
	s.AddTeam(ldapitest.Team{Key: richTeam, Description: "😀", CustomRoleKeys: []string{ldapitest.PeopleManagerRoleKey, "preset"},
		RoleAttributes: map[string][]string{"developerProjectKeys": {"shop", ""}, "": {}}, IDPSynced: false,
		Projects: []ldapitest.Project{{ID: "63f0a1b2c3d4e5f607182930", Key: "shop", Name: "Shop"}}})
	s.AddTeam(ldapitest.Team{Key: "empty"})
	s.AddTeam(ldapitest.Team{Key: "idp", IDPSynced: true})
	s.AddMember(ldapitest.Member{
		ID: richMember, FirstName: "Noor", LastName: "Haddad 😀", Email: "noor@example.com", Role: "no_access",
		CustomRoles:    []string{ldapitest.ReleaseManagerRoleKey},
		RoleAttributes: map[string][]string{"developerProjectKeys": {"shop", ""}, "": {}},
		Teams:          []string{ldapitest.PlatformTeamKey, "größe"}, PendingEmail: "noor.haddad@example.com",
		MFA: "enabled", MFAEnforced: true, MFAGracePeriodExpiresAt: noon, HasPassword: true,
		LastSeen: noon, LastSeenTokenID: richToken, ExcludedDashboards: []string{"x"},
		Integration: &ldapitest.Integration{ExternalID: "idp-1", ExternalURL: "https://idp.example.com/1",
			StatusDisplay: "Active", StatusValue: "active", LastChecked: noon},
		PermissionGrants: []ldapitest.PermissionGrant{{Resource: "team/" + richTeam, ActionSet: "maintainTeam"}, {Resource: "team/b", Actions: []string{"x"}}},
		OAuthProviders:   []string{"google"},
	})
	s.AddToken(ldapitest.Token{ID: richToken, MemberID: richMember, Name: "<&>\u2028", Description: "größe",
		InlineRole: []ldapitest.Statement{
			{Effect: "allow", Resources: []string{"proj/*"}, Actions: []string{"*"}},
			{Effect: "deny", NotResources: []string{"proj/a"}, NotActions: []string{"x"}},
		}})
	for i := range 25 {
		s.AddAuditEntry(ldapitest.AuditEntry{Date: noon.Add(time.Duration(i/3-20) * time.Hour), Name: fmt.Sprint("entry ", i), MemberID: richMember,
			TokenID: richToken, Actions: []string{"updateTeamName", "updateTeamMembers"}, Resources: []string{"team/" + richTeam, "member/" + richMember},
			Comment: "<&>", PreviousVersion: []byte(`{"a":[1,2.5,null]}`), CurrentVersion: []byte(`"text"`)})
	}
	s.AddAuditEntry(ldapitest.AuditEntry{ID: richEntry, Date: noon.Add(-time.Minute), Name: "größe", ClientID: "5e00aa11bb22cc33dd44eeff", Actions: []string{"updateRole"},
		Resources: []string{"member/" + richMember}, Delta: []byte(`[{"op":"replace","path":"/role","value":null}]`)})
	s.AddToken(ldapitest.Token{Name: "custom", CustomRoleIDs: []string{ldapitest.ReleaseManagerRoleKey}, ServiceToken: true})
}

// reach is the expected outcome of a request.
type reach struct {
	status int
	raw
}

// noID is a well-formed ID that does not exist.
const noID = "0123456789abcdef01234567"

// script has, for each operation, a request for each status that ldapitest can answer with, and a few more. What all operations have in
// common is in play.
var script = []reach{
	{200, raw{method: "GET", path: "/api/v2/tokens"}},
	{200, raw{method: "GET", path: "/api/v2/tokens?showAll=true&limit=2&offset=2"}},
	{200, raw{method: "GET", path: "/api/v2/tokens?offset=9223372036854775807"}},
	{200, raw{method: "GET", path: "/api/v2/tokens", header: map[string]string{"LD-API-Version": "20220603"}}},
	{400, raw{method: "GET", path: "/api/v2/tokens?limit=0"}},
	{400, raw{method: "GET", path: "/api/v2/tokens?showAll=perhaps"}},
	{201, raw{method: "POST", path: "/api/v2/tokens", body: `{"name":"a","description":"b","role":"reader","defaultApiVersion":20191212}`}},
	{201, raw{method: "POST", path: "/api/v2/tokens", body: `{"serviceToken":true,"customRoleIds":["release-manager"]}`}},
	{201, raw{method: "POST", path: "/api/v2/tokens", body: `{"inlineRole":[{"effect":"allow","notResources":["proj/a"],"notActions":["b"]}]}`}},
	{400, raw{method: "POST", path: "/api/v2/tokens", body: `{"role":"reader","customRoleIds":["release-manager"]}`}},
	{403, raw{method: "POST", path: "/api/v2/tokens", token: ldapitest.ReaderToken, body: `{"role":"admin"}`}},
	{200, raw{method: "GET", path: "/api/v2/tokens/" + richToken}},
	{403, raw{method: "GET", path: "/api/v2/tokens/" + richToken, token: ldapitest.ReaderToken}},
	{200, raw{method: "PATCH", path: "/api/v2/tokens/" + richToken, body: `[{"op":"replace","path":"/name","value":"n"}]`}},
	{400, raw{method: "PATCH", path: "/api/v2/tokens/" + richToken, body: `{`}},
	{403, raw{method: "PATCH", path: "/api/v2/tokens/" + richToken, token: ldapitest.ReaderToken, body: `[{"op":"replace","path":"/name","value":"n"}]`}},
	{422, raw{method: "PATCH", path: "/api/v2/tokens/" + richToken, body: `[{"op":"remove","path":"/role"}]`}},
	{200, raw{method: "POST", path: "/api/v2/tokens/" + richToken + "/reset", body: `{}`}},
	{200, raw{method: "POST", path: "/api/v2/tokens/" + richToken + "/reset?expiry=1767312000000"}},
	{400, raw{method: "POST", path: "/api/v2/tokens/" + richToken + "/reset?expiry=soon", body: `{}`}},
	{403, raw{method: "POST", path: "/api/v2/tokens/" + richToken + "/reset", token: ldapitest.ReaderToken}},
	{403, raw{method: "DELETE", path: "/api/v2/tokens/" + richToken, token: ldapitest.ReaderToken}},
	{400, raw{method: "DELETE", path: "/api/v2/tokens/" + noID + "?a=%zz"}},
	{204, raw{method: "DELETE", path: "/api/v2/tokens/" + ldapitest.WriterTokenID}},
	{200, raw{method: "GET", path: "/api/v2/members?limit=2&offset=1&expand=customRoles,roleAttributes&sort=-lastSeen,displayName"}},
	{200, raw{method: "GET", path: `/api/v2/members?filter=lastSeen:%7B%22never%22:true%7D,role:reader|writer`}},
	{400, raw{method: "GET", path: "/api/v2/members?filter=colour:red"}},
	{400, raw{method: "GET", path: "/api/v2/members?sort=colour"}},
	{201, raw{method: "POST", path: "/api/v2/members", body: `[{"email":"New@example.com","teamKeys":["platform"],"customRoles":["release-manager"],"password":"x"}]`}},
	{400, raw{method: "POST", path: "/api/v2/members", body: `[{"email":"noor@EXAMPLE.com"}]`}},
	{400, raw{method: "POST", path: "/api/v2/members", body: `[{"email":"a@example.com"},{"email":"A@example.com"}]`}},
	{400, raw{method: "POST", path: "/api/v2/members", body: `[]`}},
	{403, raw{method: "POST", path: "/api/v2/members", token: ldapitest.ReaderToken, body: `[{"email":"b@example.com"}]`}},
	{200, raw{method: "PATCH", path: "/api/v2/members", body: `{"comment":"c","instructions":[{"kind":"replaceMembersRoles","value":"reader","memberIDs":["` + ldapitest.AdminID + `","` + noID + `","` + richMember + `"]}]}`}},
	{400, raw{method: "PATCH", path: "/api/v2/members", body: `{"instructions":[{"kind":"dance"}]}`}},
	{403, raw{method: "PATCH", path: "/api/v2/members", token: ldapitest.ReaderToken, body: `{"instructions":[{"kind":"replaceAllMembersRoles","value":"reader"}]}`}},
	{200, raw{method: "GET", path: "/api/v2/members/" + richMember + "?expand=customRoles,roleAttributes"}},
	{200, raw{method: "GET", path: "/api/v2/members/me"}},
	{404, raw{method: "GET", path: "/api/v2/members/me", token: ldapitest.ServiceToken}},
	{404, raw{method: "GET", path: "/api/v2/members/%2F%20%C3%BC"}},
	{200, raw{method: "PATCH", path: "/api/v2/members/" + richMember, body: `{"comment":"c","patch":[{"op":"add","path":"/customRoles/-","value":"` + ldapitest.PeopleManagerRoleID + `"}]}`}},
	{400, raw{method: "PATCH", path: "/api/v2/members/" + richMember, body: `[{"op":"replace","path":"/role","value":"owner"}]`}},
	{403, raw{method: "PATCH", path: "/api/v2/members/" + ldapitest.OwnerID, body: `[{"op":"replace","path":"/role","value":"reader"}]`}},
	{422, raw{method: "PATCH", path: "/api/v2/members/" + richMember, body: `[{"op":"replace","path":"/email","value":"x@example.com"}]`}},
	{201, raw{method: "POST", path: "/api/v2/members/" + richMember + "/teams", body: `{"teamKeys":["platform"]}`}},
	{400, raw{method: "POST", path: "/api/v2/members/" + richMember + "/teams", body: `{"teamKeys":["none"]}`}},
	{403, raw{method: "POST", path: "/api/v2/members/" + richMember + "/teams", token: ldapitest.ReaderToken, body: `{"teamKeys":["platform"]}`}},
	{403, raw{method: "DELETE", path: "/api/v2/members/" + ldapitest.OwnerID}},
	{200, raw{method: "GET", path: "/api/v2/roles?limit=2&offset=1"}},
	{400, raw{method: "GET", path: "/api/v2/roles?limit=0"}},
	{201, raw{method: "POST", path: "/api/v2/roles", body: `{"name":"n","key":"k1","policy":[{"effect":"allow","resources":["proj/*"],"actions":["*"]}],"description":"d","basePermissions":"reader"}`}},
	{400, raw{method: "POST", path: "/api/v2/roles", body: `{"name":"n"}`}},
	{403, raw{method: "POST", path: "/api/v2/roles", token: ldapitest.ReaderToken, body: `{"name":"n","key":"k2","policy":[]}`}},
	{409, raw{method: "POST", path: "/api/v2/roles", body: `{"name":"n","key":"preset","policy":[]}`}},
	{200, raw{method: "GET", path: "/api/v2/roles/preset"}},
	{200, raw{method: "GET", path: "/api/v2/roles/" + ldapitest.ReleaseManagerRoleID}},
	{200, raw{method: "PATCH", path: "/api/v2/roles/preset", body: `{"comment":"c","patch":[{"op":"replace","path":"/name","value":"n"}]}`}},
	{400, raw{method: "PATCH", path: "/api/v2/roles/preset", body: `{"patch":1}`}},
	{403, raw{method: "PATCH", path: "/api/v2/roles/preset", token: ldapitest.ReaderToken, body: `{"patch":[]}`}},
	{422, raw{method: "PATCH", path: "/api/v2/roles/preset", body: `{"patch":[{"op":"replace","path":"/key","value":"n"}]}`}},
	{403, raw{method: "DELETE", path: "/api/v2/roles/preset", token: ldapitest.ReaderToken}},
	{204, raw{method: "DELETE", path: "/api/v2/roles/k1"}},
	{200, raw{method: "GET", path: "/api/v2/teams?expand=members,roles,projects,maintainers,roleAttributes&limit=3"}},
	{200, raw{method: "GET", path: "/api/v2/teams?filter=nomembers:true,query:e"}},
	{400, raw{method: "GET", path: "/api/v2/teams?filter=x"}},
	{201, raw{method: "POST", path: "/api/v2/teams?expand=members", body: `{"key":"t1","name":"n","memberIDs":["` + richMember + `"],"permissionGrants":[{"actions":["updateTeamName"],"memberIDs":["` + ldapitest.ReaderID + `"]}]}`}},
	{400, raw{method: "POST", path: "/api/v2/teams", body: `{"key":"t2"}`}},
	{403, raw{method: "POST", path: "/api/v2/teams", token: ldapitest.ReaderToken, body: `{"key":"t2","name":"n"}`}},
	{409, raw{method: "POST", path: "/api/v2/teams", body: `{"key":"empty","name":"n"}`}},
	{200, raw{method: "GET", path: "/api/v2/teams/" + richTeam + "?expand=members,roles,projects,maintainers,roleAttributes"}},
	{200, raw{method: "PATCH", path: "/api/v2/teams/" + richTeam + "?expand=roles", body: `{"comment":"c","instructions":[{"kind":"addMembers","values":["` + ldapitest.ReaderID + `"]},{"kind":"removeRoleAttribute","key":""}]}`}},
	{400, raw{method: "PATCH", path: "/api/v2/teams/" + richTeam, body: `{"instructions":[{"kind":"dance"}]}`}},
	{403, raw{method: "PATCH", path: "/api/v2/teams/" + richTeam, token: ldapitest.ReaderToken, body: `{"instructions":[{"kind":"updateName","value":"n"}]}`}},
	{409, raw{method: "DELETE", path: "/api/v2/teams/" + richTeam}},
	{403, raw{method: "DELETE", path: "/api/v2/teams/empty", token: ldapitest.ReaderToken}},
	{204, raw{method: "DELETE", path: "/api/v2/teams/empty"}},
	{200, raw{method: "GET", path: "/api/v2/teams/" + richTeam + "/maintainers"}},
	{400, raw{method: "GET", path: "/api/v2/teams/" + richTeam + "/maintainers?offset=x"}},
	{200, raw{method: "GET", path: "/api/v2/teams/" + richTeam + "/roles?limit=1"}},
	{400, raw{method: "GET", path: "/api/v2/teams/" + richTeam + "/roles?limit=x"}},
	{201, raw{method: "POST", path: "/api/v2/teams/platform/members", body: form("email\nolga.owens@example.com\n")}},
	{207, raw{method: "POST", path: "/api/v2/teams/platform/members", body: form("olga.owens@example.com\nnoone\n")}},
	{400, raw{method: "POST", path: "/api/v2/teams/platform/members", body: form("noone")}},
	{403, raw{method: "POST", path: "/api/v2/teams/idp/members", body: form("olga.owens@example.com")}},
	{200, raw{method: "PATCH", path: "/api/v2/teams", body: `{"instructions":[{"kind":"addMembersToTeams","memberIDs":["` + ldapitest.AdminID + `"],"teamKeys":["platform","none","idp"]}]}`, header: map[string]string{"LD-API-Version": "beta"}}},
	{400, raw{method: "PATCH", path: "/api/v2/teams", body: `{"instructions":[]}`, header: map[string]string{"LD-API-Version": "beta"}}},
	{403, raw{method: "PATCH", path: "/api/v2/teams", body: `{"instructions":[]}`}},
	{200, raw{method: "GET", path: "/api/v2/caller-identity"}},
	{200, raw{method: "GET", path: "/api/v2/caller-identity", token: ldapitest.ServiceToken}},
	{200, raw{method: "GET", path: "/api/v2/caller-identity", token: "Bearer " + ldapitest.ReaderToken}},
	{200, raw{method: "GET", path: "/api/v2/versions"}},
	{200, raw{method: "GET", path: "/api/v2/versions", header: map[string]string{"LD-API-Version": "beta"}}},
	{200, raw{method: "GET", path: "/api/v2"}},
	{200, raw{method: "GET", path: "/api/v2", token: "none"}},
	{200, raw{method: "GET", path: "/api/v2/public-ip-list"}},
	{200, raw{method: "GET", path: "/api/v2/public-ip-list", token: "none"}},
	{200, raw{method: "GET", path: "/api/v2/openapi.json"}},
	{200, raw{method: "GET", path: "/api/v2/openapi.json", token: "none"}},
	{200, raw{method: "GET", path: "/api/v2/auditlog?limit=20"}},
	{200, raw{method: "GET", path: "/api/v2/auditlog?before=1767268800000&after=0&q=ENTRY&spec=team/*"}},
	{400, raw{method: "GET", path: "/api/v2/auditlog?limit=21"}},
	{200, raw{method: "POST", path: "/api/v2/auditlog", body: `[{"effect":"allow","resources":["team/*"],"actions":["*"]}]`}},
	{200, raw{method: "POST", path: "/api/v2/auditlog?limit=1"}},
	{400, raw{method: "POST", path: "/api/v2/auditlog", body: `{}`}},
	{200, raw{method: "POST", path: "/api/v2/auditlog/counts?after=1767200000000&buckets=7", body: `[{"effect":"allow","resources":["*"]}]`}},
	{400, raw{method: "POST", path: "/api/v2/auditlog/counts", body: `[]`}},
	{200, raw{method: "GET", path: "/api/v2/auditlog/" + richEntry}},
	{204, raw{method: "DELETE", path: "/api/v2/members/" + richMember}},
	{404, raw{method: "GET", path: "/api/v2/flags"}},
}

// play sends the script, and to each operation what is refused in the same way by all of them.
func (w *witness) play(base string) {
	w.t.Helper()
	for _, r := range script {
		w.want(base, r.status, r.raw)
	}
	large := strings.Repeat(" ", 1<<20+1)
	for _, id := range w.d.operationIDs() {
		route := w.d.operations[id]
		path := at(route, noID)
		if !anonymous(route) {
			w.want(base, 401, raw{method: route.Method, path: path, token: "none"})
			w.want(base, 401, raw{method: route.Method, path: path, token: "Bearer api-unknown"})
		}
		if !uploads(route) { // which may have 25 MB
			w.want(base, 413, raw{method: route.Method, path: path, body: large})
		}
		w.want(base, 400, raw{method: route.Method, path: path, body: bodies[id], header: map[string]string{"LD-API-Version": "x"}})
		w.want(base, 405, raw{method: http.MethodPut, path: path})
		if parameterized(route) {
			w.want(base, 404, raw{method: route.Method, path: path, body: bodies[id], header: map[string]string{"LD-API-Version": w.d.version(id)}})
		}
	}
}

// knobs are options of servers that change their responses.
var knobs = map[string][]ldapitest.Option{
	"default": nil,
	"ids":     {ldapitest.WithErrorIDs(), ldapitest.WithoutNewerMemberFields(), ldapitest.WithoutNextLinks()},
	"nulls":   {ldapitest.WithNullOptionals(), ldapitest.WithoutTotalCount(), ldapitest.WithErrorIDs()},
	"lies":    {ldapitest.WithTotalCount(func(n int) int { return 3 * n }), ldapitest.WithPageLimits(2, 2), ldapitest.WithSeed(7)},
	"quotas":  {ldapitest.WithRateLimit(1000, 1000, time.Hour), ldapitest.WithTokenRateLimit(1000, time.Hour)},
}

// responses checks the responses of ldapitest against the description: to a script that reaches every status, and to
// generated requests, with all options that change responses.
func responses(t *testing.T) {
	t.Parallel()
	for name, opts := range knobs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, opts...)
			w := newWitness(t, loadStrict(t), s.Transport())
			w.play(s.URL)
			t.Log(w)
		})
	}
	t.Run("unknown fields", func(t *testing.T) {
		t.Parallel()
		s := newServer(t, ldapitest.WithUnknownFields(), ldapitest.WithNullOptionals())
		newWitness(t, load(t), s.Transport()).play(s.URL)
	})
}

// TestRefusals reaches the responses that need another kind of account.
func TestRefusals(t *testing.T) {
	t.Parallel()
	forms := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(`{"email":"user%d@example.com"}`, i)
		}
		return "[" + strings.Join(list, ",") + "]"
	}
	invite := raw{method: "POST", path: "/api/v2/members", body: forms(2)}
	d := loadStrict(t)
	for name, c := range map[string]struct {
		opts []ldapitest.Option
		reach
	}{
		"seats":              {[]ldapitest.Option{ldapitest.WithSeatLimit(6)}, reach{400, invite}},
		"invites":            {[]ldapitest.Option{ldapitest.WithInviteLimit(1)}, reach{400, invite}},
		"strict roles":       {[]ldapitest.Option{ldapitest.WithStrictRoles()}, reach{400, invite}},
		"other accounts":     {[]ldapitest.Option{ldapitest.WithForeignEmails("user1@example.com")}, reach{400, invite}},
		"SCIM invite":        {[]ldapitest.Option{ldapitest.WithSCIM()}, reach{403, invite}},
		"SCIM delete":        {[]ldapitest.Option{ldapitest.WithSCIM()}, reach{403, raw{method: "DELETE", path: "/api/v2/members/" + richMember}}},
		"too many":           {nil, reach{400, raw{method: "POST", path: "/api/v2/members", body: forms(51)}}},
		"plan without roles": {[]ldapitest.Option{ldapitest.WithPlan(ldapitest.PlanStandard)}, reach{403, raw{method: "GET", path: "/api/v2/roles"}}},
		"plan without teams": {[]ldapitest.Option{ldapitest.WithPlan(ldapitest.PlanStandard)}, reach{403, raw{method: "GET", path: "/api/v2/teams"}}},
		"plan": {[]ldapitest.Option{ldapitest.WithPlan(ldapitest.PlanStandard)}, reach{403, raw{method: "PATCH", path: "/api/v2/members",
			body: `{"instructions":[{"kind":"replaceAllMembersRoles","value":"reader"}]}`}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, c.opts...)
			newWitness(t, d, s.Transport()).want(s.URL, c.status, c.raw)
		})
	}
}

// quotaResponses uses up the quotas of each operation.
func quotaResponses(t *testing.T) {
	t.Parallel()
	d := loadStrict(t)
	for i, opts := range [][]ldapitest.Option{{ldapitest.WithRateLimit(1, 0, 0)}, {ldapitest.WithTokenRateLimit(1, 0)}} {
		for _, id := range d.operationIDs() {
			s := newServer(t, opts...)
			w := newWitness(t, d, s.Transport())
			if anonymous(d.operations[id]) && i > 0 { // no token, so no quota of it
				continue
			}
			r := raw{method: d.operations[id].Method, path: at(d.operations[id], noID)}
			w.send(s.URL, r)
			w.want(s.URL, http.StatusTooManyRequests, r)
		}
	}
}

// emptyUnauthorized: "The body may be empty" is prose that is in no schema.
func emptyUnauthorized(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithEmptyUnauthorized())
	d := load(t)
	for _, id := range slices.Sorted(maps.Keys(d.operations)) {
		route := d.operations[id]
		if anonymous(route) {
			continue
		}
		req, err := http.NewRequestWithContext(t.Context(), route.Method, s.URL+at(route, noID), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := s.Transport().RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 401 || resp.ContentLength != 0 || resp.Header.Get("Content-Type") != "" {
			t.Errorf("%s: %d with %d bytes of %q", id, resp.StatusCode, resp.ContentLength, resp.Header.Get("Content-Type"))
		}
	}
}

// TestTheValidatorValidatesResponses makes sure that a response with one mistake does not pass.
func TestTheValidatorValidatesResponses(t *testing.T) {
	t.Parallel()
	d := loadStrict(t)
	s := newServer(t, ldapitest.WithRateLimit(10, 0, 0))
	answer := func(path string) *exchange {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", ldapitest.AdminToken)
		resp, err := s.Transport().RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		e := &exchange{request: req, response: resp, responseBody: body}
		if err := d.checkResponse(e); err != nil {
			t.Fatal(err)
		}
		return e
	}
	for name, spoil := range map[string]func(e *exchange){
		"status":       func(e *exchange) { e.response.StatusCode = http.StatusTeapot },
		"content type": func(e *exchange) { e.response.Header.Set("Content-Type", "text/html") },
		"header":       func(e *exchange) { e.response.Header.Set("X-Ratelimit-Reset", "soon") },
		"empty body":   func(e *exchange) { e.responseBody = nil },
		"type": func(e *exchange) {
			e.responseBody = bytes.ReplaceAll(e.responseBody, []byte(`"_id":"`), []byte(`"_id":1,"x":"`))
		},
		"required null": func(e *exchange) {
			e.responseBody = bytes.ReplaceAll(e.responseBody, []byte(`"_id":`), []byte(`"_id":null,"x":`))
		},
		"missing property": func(e *exchange) {
			e.responseBody = bytes.ReplaceAll(e.responseBody, []byte(`"_links"`), []byte(`"links"`))
		},
		"unknown property": func(e *exchange) {
			e.responseBody = bytes.Replace(e.responseBody, []byte(`{`), []byte(`{"colour":1,`), 1)
		},
	} {
		for _, path := range []string{"/api/v2/members/" + richMember, "/api/v2/tokens"} {
			s.Reset()
			fill(s)
			e := answer(path)
			spoil(e)
			if err := d.checkResponse(e); err == nil {
				t.Errorf("a response to %s with a wrong %s passes", path, name)
			}
		}
	}
}
