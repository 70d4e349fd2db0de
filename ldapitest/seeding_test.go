package ldapitest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

func TestSeed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var members []string
	for _, m := range s.Members() {
		members = append(members, m.ID+" "+m.Role+" "+m.Email)
	}
	equal(t, "members", members, []string{
		ldapitest.OwnerID + " owner olga.owens@example.com", ldapitest.AdminID + " admin adam.adler@example.com",
		ldapitest.WriterID + " writer wendy.walsh@example.com", ldapitest.ReaderID + " reader remy.reed@example.com",
	})
	var tokens []string
	for _, token := range s.Tokens() {
		tokens = append(tokens, token.ID+" "+token.MemberID+" "+token.Role+" "+token.Secret)
		equal(t, token.Name, token.ServiceToken, token.Name == "service")
	}
	equal(t, "tokens", tokens, []string{
		ldapitest.OwnerTokenID + " " + ldapitest.OwnerID + " admin " + ldapitest.OwnerToken,
		ldapitest.AdminTokenID + " " + ldapitest.AdminID + " admin " + ldapitest.AdminToken,
		ldapitest.WriterTokenID + " " + ldapitest.WriterID + " writer " + ldapitest.WriterToken,
		ldapitest.ReaderTokenID + " " + ldapitest.ReaderID + " reader " + ldapitest.ReaderToken,
		ldapitest.ServiceTokenID + " " + ldapitest.OwnerID + " admin " + ldapitest.ServiceToken,
	})
	a := send(t, s, request{method: "GET", path: "/api/v2/members?filter=role:" + ldapitest.PeopleManagerRoleKey + "|" + ldapitest.ReleaseManagerRoleKey}).want(t, 200)
	equal(t, "members with custom roles", len(a.column(t, "_id")), 0)
}

func TestAddMember(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	m := s.AddMember(ldapitest.Member{Email: "Sam@Example.com", CustomRoles: []string{"release-manager", ldapitest.PeopleManagerRoleID},
		RoleAttributes: map[string][]string{"k": {"v"}}, Teams: []string{"platform"},
		LastSeen: time.Date(2025, 1, 1, 0, 0, 0, 123456, time.FixedZone("x", 3600))})
	equal(t, "email", m.Email, "sam@example.com")
	equal(t, "role", m.Role, "reader")
	equal(t, "custom roles", m.CustomRoles, []string{ldapitest.ReleaseManagerRoleID, ldapitest.PeopleManagerRoleID})
	equal(t, "created", m.CreationDate, noon)
	equal(t, "last seen", m.LastSeen, time.Date(2024, 12, 31, 23, 0, 0, 0, time.UTC))
	equal(t, "version", m.Version, 1)
	equal(t, "mfa", m.MFA, "disabled")
	equal(t, "stored", s.Members()[4], m)

	// Neither arguments nor results are shared with the server.
	m.CustomRoles[0], m.RoleAttributes["k"][0], m.Teams[0] = "x", "x", "x"
	got := s.Members()[4]
	got.RoleAttributes["k"][0] = "y"
	equal(t, "attributes", s.Members()[4].RoleAttributes, map[string][]string{"k": {"v"}})
	equal(t, "custom roles", s.Members()[4].CustomRoles[0], ldapitest.ReleaseManagerRoleID)
	send(t, s, request{method: "GET", path: "/api/v2/members/" + m.ID}).want(t, 200)
}

func TestAddToken(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	token := s.AddToken(ldapitest.Token{})
	equal(t, "role", token.Role, "reader")
	equal(t, "member", token.MemberID, ldapitest.AdminID)
	equal(t, "version", token.DefaultAPIVersion, 20240415)
	equal(t, "created", token.CreationDate, noon)
	equal(t, "modified", token.LastModified, noon)
	equal(t, "stored", s.Tokens()[5], token)
	send(t, s, request{method: "GET", path: "/api/v2/members", token: token.Secret}).want(t, 200)

	chosen := s.AddToken(ldapitest.Token{ID: "aaaaaaaaaaaaaaaaaaaaaaaa", Secret: "abc", Inactive: true,
		CustomRoleIDs: []string{"release-manager"}, OldSecrets: []ldapitest.OldSecret{{Secret: "old", Expires: noon.Add(1)}}})
	equal(t, "custom roles", chosen.CustomRoleIDs, []string{ldapitest.ReleaseManagerRoleID})
	send(t, s, request{method: "GET", path: "/api/v2/members", token: "abc"}).want(t, 401)
	a := send(t, s, request{method: "GET", path: "/api/v2/tokens/aaaaaaaaaaaaaaaaaaaaaaaa"})
	equal[any](t, "a short secret", a.at(t, "token"), "abc")
	s.AddToken(ldapitest.Token{Secret: "abcd", OldSecrets: []ldapitest.OldSecret{{Secret: "older", Expires: noon.Add(time.Minute)}}})
	send(t, s, request{method: "GET", path: "/api/v2/members", token: "older"}).want(t, 200)
}

func TestAddRoleAndTeam(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	role := s.AddRole(ldapitest.Role{Key: "helper"})
	equal(t, "name", role.Name, "helper")
	equal(t, "id", len(role.ID), 24)
	team := s.AddTeam(ldapitest.Team{Key: "help", CustomRoleKeys: []string{"helper"}})
	equal(t, "name", team.Name, "help")
	s.AddMember(ldapitest.Member{Email: "h@example.com", Teams: []string{"help"}, CustomRoles: []string{role.ID}})
	a := send(t, s, request{method: "GET", path: "/api/v2/members?filter=role:helper&expand=customRoles"})
	equal(t, "role", a.at(t, "items", 0, "customRolesInfo"), parse(t, `[{"_id":"`+role.ID+`","key":"helper","name":"helper"}]`))
	equal(t, "team", a.at(t, "items", 0, "teams", 0, "customRoleKeys"), parse(t, `["helper"]`))
}

func TestImpossibleSeeds(t *testing.T) {
	t.Parallel()
	s := ldapitest.NewServer(ldapitest.WithInMemory())
	t.Cleanup(s.Close)
	bad := []ldapitest.Statement{{Effect: "maybe"}}
	for want, use := range map[string]func(){
		`AddMember: email "" is not an address`:                        func() { s.AddMember(ldapitest.Member{}) },
		`AddMember: email "remy.reed@example.com" is taken`:            func() { s.AddMember(ldapitest.Member{Email: "Remy.Reed@example.com"}) },
		`AddMember: ID "x" is not 24 lower-case hex digits`:            func() { s.AddMember(ldapitest.Member{Email: "a@example.com", ID: "x"}) },
		`AddMember: ID "` + ldapitest.OwnerID + `" is taken`:           func() { s.AddMember(ldapitest.Member{Email: "a@example.com", ID: ldapitest.OwnerID}) },
		`AddMember: role "owner" is none of`:                           func() { s.AddMember(ldapitest.Member{Email: "a@example.com", Role: "owner"}) },
		`AddMember: NoLastSeenData contradicts LastSeen`:               func() { s.AddMember(ldapitest.Member{Email: "a@example.com", NoLastSeenData: true, LastSeen: noon}) },
		`AddMember: unknown custom role "x"`:                           func() { s.AddMember(ldapitest.Member{Email: "a@example.com", CustomRoles: []string{"x"}}) },
		`AddMember: unknown team "x"`:                                  func() { s.AddMember(ldapitest.Member{Email: "a@example.com", Teams: []string{"x"}}) },
		`AddToken: ID "X" is not 24 lower-case hex digits`:             func() { s.AddToken(ldapitest.Token{ID: "X"}) },
		`AddToken: ID "` + ldapitest.OwnerTokenID + `" is taken`:       func() { s.AddToken(ldapitest.Token{ID: ldapitest.OwnerTokenID}) },
		`AddToken: no member "x"`:                                      func() { s.AddToken(ldapitest.Token{MemberID: "x"}) },
		`AddToken: the secret is taken`:                                func() { s.AddToken(ldapitest.Token{Secret: ldapitest.OwnerToken}) },
		`AddToken: unknown API version 7`:                              func() { s.AddToken(ldapitest.Token{DefaultAPIVersion: 7}) },
		`AddToken: unknown custom role "x"`:                            func() { s.AddToken(ldapitest.Token{CustomRoleIDs: []string{"x"}}) },
		`AddToken: role must be`:                                       func() { s.AddToken(ldapitest.Token{Role: "owner"}) },
		`AddToken: exactly one of`:                                     func() { s.AddToken(ldapitest.Token{Role: "admin", InlineRole: bad}) },
		`AddToken: statement: effect`:                                  func() { s.AddToken(ldapitest.Token{InlineRole: bad}) },
		`AddRole: no key`:                                              func() { s.AddRole(ldapitest.Role{}) },
		`AddRole: key "people-manager" is taken`:                       func() { s.AddRole(ldapitest.Role{Key: "people-manager"}) },
		`AddRole: ID "x" is not 24 lower-case hex digits`:              func() { s.AddRole(ldapitest.Role{Key: "k", ID: "x"}) },
		`AddRole: ID "` + ldapitest.PeopleManagerRoleID + `" is taken`: func() { s.AddRole(ldapitest.Role{Key: "k", ID: ldapitest.PeopleManagerRoleID}) },
		`AddRole: statement`:                                           func() { s.AddRole(ldapitest.Role{Key: "k", Policy: bad}) },
		`AddTeam: no key`:                                              func() { s.AddTeam(ldapitest.Team{}) },
		`AddTeam: key "platform" is taken`:                             func() { s.AddTeam(ldapitest.Team{Key: "platform"}) },
		`AddTeam: no custom role with the key "x"`:                     func() { s.AddTeam(ldapitest.Team{Key: "t", CustomRoleKeys: []string{"x"}}) },
	} {
		if got := panicText(t, use); !strings.HasPrefix(got, "ldapitest: "+want) {
			t.Errorf("panic %q, want %q", got, want)
		}
	}
	equal(t, "members", len(s.Members()), 4)
	equal(t, "tokens", len(s.Tokens()), 5)
}
