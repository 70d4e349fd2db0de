package ldapitest_test

import (
	"fmt"
	"testing"

	"github.com/ldapi-go/ldapi/ldapitest"
)

var semanticType = map[string]string{"Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"}

func bulk(t testing.TB, s *ldapitest.Server, body string) answer {
	t.Helper()
	return send(t, s, request{method: "PATCH", path: "/api/v2/members", body: body, header: semanticType})
}

// people shows the roles of members by first name.
func people(s *ldapitest.Server) map[string]string {
	roles := map[string]string{}
	for _, m := range s.Members() {
		roles[m.FirstName] = m.Role
		for _, id := range m.CustomRoles {
			roles[m.FirstName] += "+" + id[20:]
		}
		if len(m.RoleAttributes) > 0 {
			roles[m.FirstName] += fmt.Sprint(m.RoleAttributes)
		}
	}
	return roles
}

const (
	sam = "64b7f0c2a91e3d5f08c41a10"
	ira = "64b7f0c2a91e3d5f08c41a11"

	ownRole   = `{"` + ldapitest.AdminID + `":"you cannot modify your own role"}`
	ownerRole = `{"` + ldapitest.OwnerID + `":"you cannot modify the role of the account owner"}`
)

var semanticCases = map[string]struct {
	instructions string
	members      []string // by first name
	errors       string
	want         map[string]string
}{
	"partial success": {
		`{"kind":"replaceMembersRoles","value":"writer","memberIDs":["` + sam + `","` + ldapitest.AdminID + `","` + ldapitest.OwnerID + `","ffffffffffffffffffffffff"]}`,
		[]string{"Sam"}, ownRole + `,` + ownerRole + `,{"ffffffffffffffffffffffff":"member not found"}`,
		map[string]string{"Sam": "writer"}, // its custom role is gone
	},
	"a comment and two instructions": {
		`{"kind":"replaceMembersRoles","value":"admin","memberIDs":["` + sam + `"]},
			 {"kind":"replaceMembersCustomRoles","values":["people-manager","64c1d2e3f4a5b6c7d8e9f001"],"memberIDs":["` + sam + `","` + ira + `"]}`,
		[]string{"Sam", "Ira"}, "", map[string]string{"Sam": "admin+f002+f001", "Ira": "no_access+f002+f001"},
	},
	"no custom roles": {
		`{"kind":"replaceMembersCustomRoles","values":[],"memberIDs":["` + ira + `","` + ldapitest.AdminID + `"]}`,
		[]string{"Ira"}, ownRole, map[string]string{"Ira": "no_access"},
	},
	"role attributes, one's own included": {
		`{"kind":"replaceMembersRoleAttributes","value":{"k":["v"]},"memberIDs":["` + ira + `","` + ldapitest.AdminID + `"]}`,
		[]string{"Ira", "Adam"}, "", map[string]string{"Ira": "no_access+f002map[k:[v]]", "Adam": "adminmap[k:[v]]"},
	},
	"everybody": {
		`{"kind":"replaceAllMembersRoles","value":"no_access"}`,
		[]string{"Wendy", "Remy", "Sam", "Ira", "Bea"}, ownerRole + `,` + ownRole,
		map[string]string{"Wendy": "no_access", "Remy": "no_access", "Sam": "no_access", "Ira": "no_access", "Bea": "no_access"},
	},
	"everybody but those seen never, or ignored": {
		`{"kind":"replaceAllMembersRoles","value":"reader","filterLastSeen":{"never":true},"ignoredMemberIDs":["` + ldapitest.AdminID + `","` + ldapitest.OwnerID + `"]}`,
		[]string{"Wendy", "Ira", "Bea"}, "", map[string]string{"Wendy": "reader", "Ira": "reader", "Bea": "reader"},
	},
	"everybody but who matches any filter": {
		`{"kind":"replaceAllMembersCustomRoles","values":["release-manager"],"filterQuery":"example.com","filterRoles":"writer|people-manager","filterTeamKey":"checkout"}`,
		[]string{"Bea"}, "", map[string]string{"Bea": "admin+f001"},
	},
	"everybody but a team": {
		`{"kind":"replaceAllMembersCustomRoles","values":["release-manager"],"filterTeamKey":"CHECKOUT"}`,
		[]string{"Olga", "Wendy", "Remy", "Ira", "Bea"}, ownRole,
		map[string]string{"Olga": "owner+f001", "Wendy": "writer+f001", "Remy": "reader+f001", "Ira": "no_access+f001", "Bea": "admin+f001"},
	},
}

func TestSemanticPatch(t *testing.T) {
	t.Parallel()
	// Olga is the owner, Adam calls, Sam has a custom role and a team, Ira a custom role; see crowd.
	start := map[string]string{"Olga": "owner", "Adam": "admin", "Wendy": "writer", "Remy": "reader",
		"Sam": "reader+f001", "Ira": "no_access+f002", "Bea": "admin"}
	for name, c := range semanticCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := crowdNamed(t)
			equal(t, "start", people(s), start)
			a := bulk(t, s, `{"comment":"quarterly clean-up","instructions":[`+c.instructions+`]}`).want(t, 200)
			ids := map[string]string{}
			for _, m := range s.Members() {
				ids[m.ID] = m.FirstName
			}
			var members []string
			list, _ := a.at(t, "members").([]any)
			for _, id := range list {
				id, _ := id.(string)
				members = append(members, ids[id])
			}
			equal(t, "members", members, c.members)
			if c.errors == "" {
				equal(t, "has errors", a.has(t, "errors"), false)
			} else {
				equal(t, "errors", a.at(t, "errors"), parse(t, "["+c.errors+"]"))
			}
			want := map[string]string{}
			for name, role := range start {
				want[name] = role
			}
			for name, role := range c.want {
				want[name] = role
			}
			equal(t, "people", people(s), want)
		})
	}
}

// crowdNamed is crowd, with a first name for every member.
func crowdNamed(t testing.TB) *ldapitest.Server {
	t.Helper()
	s := newServer(t)
	for _, m := range crowd(t).Members()[4:] {
		if m.FirstName == "" {
			m.FirstName = "Bea"
		}
		for _, key := range m.Teams {
			s.AddTeam(ldapitest.Team{Key: key})
		}
		s.AddMember(m)
	}
	return s
}

func TestSemanticPatchRefusals(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ids := `"memberIDs":["` + ldapitest.WriterID + `"]`
	good := `{"kind":"replaceMembersRoles","value":"admin",` + ids + `}`
	for body, message := range map[string]string{
		`[` + good + `]`:        "Invalid request body",
		`{}`:                    "instructions",
		`{"instructions":[]}`:   "instructions",
		`{"instructions":"[]"}`: "instructions must be",
		`{"comment":7,"instructions":[` + good + `]}`:                                                                   "comment must be",
		`{"instructions":[` + good + `,7]}`:                                                                             "Invalid request body",
		`{"instructions":[` + good + `,{}]}`:                                                                            "kind",
		`{"instructions":[` + good + `,{"kind":"deleteMembers",` + ids + `}]}`:                                          "kind",
		`{"instructions":[` + good + `,{"kind":"replaceMembersRoles",` + ids + `}]}`:                                    "value must be",
		`{"instructions":[` + good + `,{"kind":"replaceMembersRoles","value":"owner",` + ids + `}]}`:                    "value must be",
		`{"instructions":[` + good + `,{"kind":"replaceMembersRoles","value":7,` + ids + `}]}`:                          "value must be a string",
		`{"instructions":[` + good + `,{"kind":"replaceMembersRoles","value":"reader"}]}`:                               "memberIDs",
		`{"instructions":[` + good + `,{"kind":"replaceMembersRoles","value":"reader","memberIDs":[]}]}`:                "memberIDs",
		`{"instructions":[` + good + `,{"kind":"replaceMembersRoles","value":"reader","memberIds":["x"]}]}`:             "memberIDs",
		`{"instructions":[` + good + `,{"kind":"replaceMembersRoles","value":"reader","filterQuery":"x",` + ids + `}]}`: "filterQuery",
		`{"instructions":[` + good + `,{"kind":"replaceMembersCustomRoles",` + ids + `}]}`:                              "values",
		`{"instructions":[` + good + `,{"kind":"replaceMembersCustomRoles","values":["nope"],` + ids + `}]}`:            "unknown custom role",
		`{"instructions":[` + good + `,{"kind":"replaceMembersCustomRoles","values":"nope",` + ids + `}]}`:              "values must be",
		`{"instructions":[` + good + `,{"kind":"replaceMembersRoleAttributes",` + ids + `}]}`:                           "value must be given",
		`{"instructions":[` + good + `,{"kind":"replaceMembersRoleAttributes","value":[],` + ids + `}]}`:                "value must be",
		`{"instructions":[` + good + `,{"kind":"replaceAllMembersRoles","value":"reader",` + ids + `}]}`:                "memberIDs",
		`{"instructions":[` + good + `,{"kind":"replaceAllMembersRoles","value":"reader","filterNoTeam":true}]}`:        "filterNoTeam",
		`{"instructions":[` + good + `,{"kind":"replaceAllMembersRoles","value":"reader","filterLastSeen":{}}]}`:        "lastSeen",
		`{"instructions":[` + good + `,{"kind":"replaceAllMembersRoles","value":"reader","filterLastSeen":"never"}]}`:   "lastSeen",
		`{"instructions":[` + good + `,{"kind":"replaceAllMembersRoles","value":"reader","filterQuery":7}]}`:            "filterQuery must be",
		`{"instructions":[` + good + `,{"kind":"replaceAllMembersCustomRoles","filterQuery":"x"}]}`:                     "values",
	} {
		bulk(t, s, body).wantError(t, 400, "invalid_request", message)
	}
	for _, m := range s.Members() {
		equal(t, m.FirstName, m.Version, 1) // nothing was applied
	}
}

func TestSemanticPatchNeedsItsContentType(t *testing.T) {
	t.Parallel()
	body := `{"instructions":[{"kind":"replaceMembersRoles","value":"admin","memberIDs":["` + ldapitest.WriterID + `"]}]}`
	for contentType, want := range map[string][2]int{ // without and with the knob
		"application/json; domain-model=launchdarkly.semanticpatch":                  {200, 200},
		"application/json;charset=utf-8;domain-model=\"launchdarkly.semanticpatch\"": {200, 200},
		"application/json":                     {400, 200},
		"application/json; domain-model=other": {400, 200},
		"application/json-patch+json":          {400, 400},
		"application/json; domain-model":       {400, 400},
		"":                                     {400, 400},
	} {
		r := request{method: "PATCH", path: "/api/v2/members", body: body, header: map[string]string{"Content-Type": contentType}}
		equal(t, contentType, send(t, newServer(t), r).status, want[0])
		equal(t, contentType+" with the knob", send(t, newServer(t, ldapitest.WithPlainBulkPatch()), r).status, want[1])
	}
}

func TestWhoMayPatchMembers(t *testing.T) {
	t.Parallel()
	body := `{"instructions":[{"kind":"replaceMembersRoles","value":"admin","memberIDs":["` + ldapitest.ReaderID + `"]}]}`
	r := request{method: "PATCH", path: "/api/v2/members", body: body, header: semanticType, token: ldapitest.WriterToken}
	send(t, newServer(t), r).wantError(t, 403, "forbidden", "Forbidden")
	r.token = ""
	send(t, newServer(t, ldapitest.WithPlan(ldapitest.PlanStandard)), r).wantError(t, 403, "forbidden", "Enterprise")
	send(t, newServer(t, ldapitest.WithPlan(ldapitest.PlanEnterprise)), r).want(t, 200)
}
