package docs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// peopleClaims are those of the guides about members, their roles and teams.
var peopleClaims = map[string]claim{
	"invite.md: Invite many members 1":                                asserts(invitesThoseMissing),
	"invite.md: If some invitations fail 1":                           apart(manyForms, "", accountsForEachForm),
	"invite.md: If some invitations fail 2":                           apart(manyForms, "", leavesOutMembers),
	"offboard.md: Off-board members 1":                                asserts(offboards),
	"offboard.md: Off-board a person from all accounts 1":             asserts(departs),
	"offboard.md: Delete inactive members 1":                          asserts(deletesInactive),
	"offboard.md: Remove permissions only 1":                          asserts(removesPermissions),
	"bulk-roles.md: Change the roles of many members 1":               asserts(changesManyRoles),
	"bulk-roles.md: Change members one by one 1":                      asserts(addsRole),
	"bulk-roles.md: Change the role of a token 1":                     asserts(changesKindOfRole),
	"roles.md: Resolve role keys and IDs 1":                           asserts(resolvesKeys),
	"roles.md: Look up one role 1":                                    prints("64c1d2e3f4a5b6c7d8e9f001 0 members\n"),
	"roles.md: Compare a configuration with an account 1":             asserts(comparesRoles),
	"roles.md: Create and change a role 1":                            asserts(createsRole),
	"teams.md: Manage teams 1":                                        asserts(addsToTeam),
	"teams.md: Create a team 1":                                       asserts(createsTeam),
	"teams.md: List members, maintainers and roles 1":                 asserts(listsTeam),
	"teams.md: Change maintainers, permissions and role attributes 1": asserts(changesGrants),
	"teams.md: Import members from a file 1":                          asserts(importsFile),
	"teams.md: Add members to several teams 1":                        asserts(addsToTeams),
	"teams.md: Delete a team 1":                                       asserts(deletesTeam),
}

// manyForms are the invitations of the guide's first program.
const manyForms = `var forms []ldapi.NewMemberForm
for i := range 149 {
	forms = append(forms, *ldapi.NewNewMemberForm(fmt.Sprintf("person%d@example.com", i)))
}
`

func invitesThoseMissing(t *testing.T, p program) {
	t.Run("some are members, the others take three requests, and a second run finds nothing to do", func(t *testing.T) {
		t.Parallel()
		a := p.account(t)
		a.AddMember(ldapitest.Member{Email: "Person3@example.com"})
		a.AddMember(ldapitest.Member{Email: "person70@example.com"})
		a.AddMember(ldapitest.Member{Email: "person148@example.com"})
		require.Equal(t, "146 invited, 3 were members\n", a.run())
		require.Len(t, a.Members(), 4+149)
		require.Equal(t, 3, a.count("postMembers", 201))
		require.True(t, a.Members()[152].PendingInvite)

		require.Equal(t, "0 invited, 149 were members\n", a.run())
		require.Len(t, a.Members(), 4+149)
		require.Equal(t, 3, a.count("postMembers", 201))
	})
	t.Run("the second request is refused, and a second run invites those that are left", func(t *testing.T) {
		t.Parallel()
		a := p.account(t)
		a.refuse("postMembers", 1)
		stdout, stderr := a.fail()
		require.Equal(t, "50 invited, 0 were members\n", stdout)
		require.Contains(t, stderr, "50 invited, 50 failed, 0 uncertain, 49 not tried")
		require.Equal(t, 1, a.count("postMembers", 403))
		require.Equal(t, "99 invited, 50 were members\n", a.run())
		require.Len(t, a.Members(), 4+149)
	})
	t.Run("a response is lost, and its members are found", func(t *testing.T) {
		t.Parallel()
		a := p.account(t)
		a.Fail(ldapitest.Fault{Kind: ldapitest.FaultCloseAfterCommit, Operation: "postMembers", Skip: 1})
		require.Equal(t, "149 invited, 0 were members\n", a.run())
		require.Len(t, a.Members(), 4+149)
	})
}

func accountsForEachForm(t *testing.T, p program) {
	a := p.account(t)
	require.Equal(t, "149 invited\n", a.run())

	a = p.account(t)
	a.refuse("postMembers", 1)
	stdout, _ := a.fail()
	require.Equal(t, "50 failed, 0 uncertain, 49 not tried\n50 invited\n", stdout)
	require.Len(t, a.Members(), 4+50)

	a = p.account(t)
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultCloseBeforeResponse, Operation: "postMembers", Skip: 2})
	stdout, _ = a.fail()
	require.Equal(t, "0 failed, 49 uncertain, 0 not tried\n100 invited\n", stdout)
}

func leavesOutMembers(t *testing.T, p program) {
	a := p.account(t)
	for _, i := range []int{3, 70, 148} { // one in each request
		a.AddMember(ldapitest.Member{Email: fmt.Sprintf("PERSON%d@example.com", i)})
	}
	require.Empty(t, a.run())
	require.Len(t, a.Members(), 4+149)
	require.Empty(t, a.run(), "nobody is left")
	require.Len(t, a.Members(), 4+149)

	a = p.account(t)
	a.refuse("postMembers", 1)
	a.fail()
	require.Len(t, a.Members(), 4+50, "another failure ends it")
	require.Empty(t, a.run())
	require.Len(t, a.Members(), 4+149)
}

func offboards(t *testing.T, p program) {
	a := p.account(t)
	a.args = []string{"Lee+Flags@example.com"} // in any letter case
	require.Empty(t, a.run(), "not a member")
	a.AddMember(ldapitest.Member{ID: exampleMemberID, Email: "lee+flags@example.com", Teams: []string{"platform"}})
	a.AddToken(ldapitest.Token{ID: exampleTokenID, Name: "laptop", MemberID: exampleMemberID})
	a.refuse("deleteMember", 0)
	stdout, _ := a.fail()
	require.Regexp(t, `^lee\+flags@example\.com .*\nteam +platform +done\ntoken +`+exampleTokenID+` +done\nmember +`+exampleMemberID+` +FAILED: 403 `, stdout)
	require.Empty(t, a.memberOf(exampleMemberID).Teams)

	out := a.run() // does what is left
	require.Contains(t, out, "lee+flags@example.com")
	require.NotContains(t, a.emails(), "lee+flags@example.com")
	require.False(t, slices.ContainsFunc(a.Tokens(), func(token ldapitest.Token) bool { return token.ID == exampleTokenID }))
	require.Empty(t, a.run(), "no longer a member")

	a.args = nil
	_, stderr := a.fail()
	require.Contains(t, stderr, "usage: ")
}

func departs(t *testing.T, p program) {
	a, eu := p.account(t), p.account(t)
	a.args = []string{"lee@example.com"}
	env := []string{"LD_TOKEN_COMMERCIAL=" + a.token, "LD_TOKEN_EU=" + eu.token, "app.eu.launchdarkly.com=" + eu.URL}
	for _, server := range []*account{a, eu} {
		server.AddMember(ldapitest.Member{ID: exampleMemberID, Email: "lee@example.com", Teams: []string{"platform"}})
		server.AddToken(ldapitest.Token{Name: "laptop", MemberID: exampleMemberID})
	}
	service := eu.AddToken(ldapitest.Token{Name: "ci", ServiceToken: true, MemberID: exampleMemberID})
	eu.refuse("deleteMember", 0)
	stdout, stderr := a.fail(env...)
	require.Contains(t, stdout, "account commercial\n")
	require.Contains(t, stdout, "account EU\nrotate the service token ci "+service.ID+"\n")
	require.Contains(t, stderr, "EU ldapi: offboardMember: member "+exampleMemberID+": 403 ")
	require.NotContains(t, a.emails(), "lee@example.com", "one account does not stop the others")

	out := a.run(env...)
	require.Regexp(t, "member +"+exampleMemberID+" +done", out)
	for _, server := range []*account{a, eu} {
		require.NotContains(t, server.emails(), "lee@example.com")
		require.False(t, slices.ContainsFunc(server.Tokens(), func(token ldapitest.Token) bool { return token.Name == "laptop" }))
	}
	require.Equal(t, service.Secret, eu.tokenOf(service.ID).Secret, "service tokens stay")
}

func deletesInactive(t *testing.T, p program) {
	a := p.account(t)
	old, before := time.Now().AddDate(0, 0, -100), time.Now().AddDate(-1, 0, 0)
	a.AddMember(ldapitest.Member{Email: "idle@example.com", LastSeen: old, CreationDate: before})
	a.AddMember(ldapitest.Member{Email: "refused@example.com", LastSeen: old, CreationDate: before})
	a.AddMember(ldapitest.Member{Email: "never@example.com", CreationDate: before})
	a.AddMember(ldapitest.Member{Email: "active@example.com", LastSeen: time.Now().AddDate(0, 0, -80), CreationDate: before})
	a.AddMember(ldapitest.Member{Email: "invited@example.com", PendingInvite: true, CreationDate: before})
	a.AddMember(ldapitest.Member{Email: "joined@example.com"})
	a.refuse("deleteMember", 2) // after the reader, who was never active, and the first of these
	out := a.run()
	require.Contains(t, out, "deleting idle@example.com error: <nil>\n")
	require.Regexp(t, `(?m)^deleting refused@example.com error: 403 `, out)
	require.Contains(t, out, "deleting never@example.com error: <nil>\n")
	require.Equal(t, 4, strings.Count(out, "deleting"), out)
	require.ElementsMatch(t, []string{"olga.owens@example.com", "adam.adler@example.com", "wendy.walsh@example.com",
		"refused@example.com", "active@example.com", "invited@example.com", "joined@example.com"}, a.emails())
}

func removesPermissions(t *testing.T, p program) {
	a := p.account(t)
	a.AddMember(ldapitest.Member{ID: exampleMemberID, Email: "dev@example.com", Role: "writer", CustomRoles: []string{"release-manager"}})
	require.Empty(t, a.run())
	member := a.memberOf(exampleMemberID)
	require.Equal(t, "no_access", member.Role)
	require.Empty(t, member.CustomRoles)
}

func changesManyRoles(t *testing.T, p program) {
	a := p.account(t)
	a.AddMember(ldapitest.Member{ID: exampleMemberID, Email: "dev@example.com", Role: "writer"})
	admin := a.AddMember(ldapitest.Member{Email: "admin@example.com", Role: "admin"})
	out := a.run()
	require.Contains(t, out, "changed: ["+ldapitest.ReaderID+" "+exampleMemberID+"] failed: map[")
	require.Equal(t, []string{"patchMembers 200"}, a.sent(), "one request")
	require.Equal(t, "reader", a.memberOf(exampleMemberID).Role)
	require.Equal(t, "admin", a.memberOf(admin.ID).Role)
	require.Equal(t, "owner", a.memberOf(ldapitest.OwnerID).Role)
	require.Equal(t, "writer", a.memberOf(ldapitest.WriterID).Role, "of the team platform")

	_, stderr := p.account(t, ldapitest.WithPlan(ldapitest.PlanStandard)).fail()
	require.Contains(t, stderr, "403 ")
}

// It adds a role and removes none, on other plans than Enterprise too.
func addsRole(t *testing.T, p program) {
	for _, plan := range []ldapitest.Plan{ldapitest.PlanEnterprise, ldapitest.PlanStandard} {
		a := p.account(t, ldapitest.WithPlan(plan))
		a.AddMember(ldapitest.Member{ID: exampleMemberID, Email: "dev@example.com", CustomRoles: []string{"people-manager"}})
		require.Empty(t, a.run())
		require.Equal(t, []string{ldapitest.PeopleManagerRoleID, ldapitest.ReleaseManagerRoleID}, a.memberOf(exampleMemberID).CustomRoles)
	}
}

func changesKindOfRole(t *testing.T, p program) {
	a := p.account(t)
	a.AddToken(ldapitest.Token{ID: exampleTokenID, Role: "writer"})
	require.Empty(t, a.run())
	token := a.tokenOf(exampleTokenID)
	require.Empty(t, token.Role)
	require.Equal(t, []string{ldapitest.ReleaseManagerRoleID}, token.CustomRoleIDs)

	a = p.account(t)
	a.AddToken(ldapitest.Token{ID: exampleTokenID, ServiceToken: true})
	_, stderr := a.fail()
	require.Contains(t, stderr, "403 ", "the permissions of a service token cannot be changed")
}

func resolvesKeys(t *testing.T, p program) {
	a := p.account(t)
	require.Equal(t, "adam.adler@example.com has the roles []\n", a.run())
	_, _, err := a.Client(ldapi.WithAccessToken(ldapitest.OwnerToken)).AccountMembersApi.PatchMember(t.Context(), ldapitest.AdminID).
		PatchOperation([]ldapi.PatchOperation{ldapi.PatchAdd("/customRoles", []string{ldapitest.ReleaseManagerRoleID})}).Execute()
	require.NoError(t, err)
	a.token = ldapitest.OwnerToken
	require.Equal(t, "adam.adler@example.com has the roles [release-manager]\n", a.run())
	require.Equal(t, 2, a.count("getCustomRoles", 200), "once in each run")
}

func comparesRoles(t *testing.T, p program) {
	a := p.account(t)
	require.Equal(t, "changed the roles of wendy.walsh@example.com map[]\n", a.run())
	require.ElementsMatch(t, []string{ldapitest.ReleaseManagerRoleID, ldapitest.PeopleManagerRoleID}, a.memberOf(ldapitest.WriterID).CustomRoles)
	require.Empty(t, a.run(), "in any order: nothing differs")
	require.Equal(t, 1, a.count("patchMember", 200))

	_, err := a.Client().CustomRolesApi.DeleteCustomRole(t.Context(), "people-manager").Execute()
	require.NoError(t, err)
	_, stderr := a.fail()
	require.Contains(t, stderr, "people-manager", "a key that does not exist is an error")
}

func createsRole(t *testing.T, p program) {
	a := p.account(t)
	require.Equal(t, "on-call 2 statements\n", a.run())
	roles := a.Roles()
	role := roles[len(roles)-1]
	require.Equal(t, "May turn flags off", role.Description)
	require.Equal(t, "reader", role.BasePermissions)
	log := a.AuditLog()
	require.Equal(t, "OPS-7", log[len(log)-1].Comment)
}

func addsToTeam(t *testing.T, p program) {
	a := p.account(t)
	a.addExample()
	require.Equal(t, "Platform 2 members\n", a.run())
	require.Equal(t, []string{"platform"}, a.memberOf(exampleMemberID).Teams)
	require.Equal(t, []string{"release-manager"}, a.Teams()[0].CustomRoleKeys)

	a = p.account(t) // together or not at all: the member is unknown
	a.fail()
	require.Empty(t, a.Teams()[0].CustomRoleKeys)
}

func createsTeam(t *testing.T, p program) {
	a := p.account(t)
	a.addExample()
	require.Equal(t, "created payments\n", a.run())
	require.Equal(t, []string{"payments"}, a.memberOf(exampleMemberID).Teams)
	require.Equal(t, []string{"release-manager"}, a.Teams()[1].CustomRoleKeys)
}

func listsTeam(t *testing.T, p program) {
	a := p.account(t)
	grants := []ldapitest.PermissionGrant{{Resource: "team/platform", ActionSet: "maintainTeam"}}
	for i := range 30 { // more than a first page
		a.AddMember(ldapitest.Member{Email: fmt.Sprintf("maintainer%d@example.com", i), PermissionGrants: grants})
	}
	require.Equal(t, "wendy.walsh@example.com\n0 roles, 30 maintainers\n", a.run())
}

func changesGrants(t *testing.T, p program) {
	a := p.account(t)
	a.addExample()
	a.AddMember(ldapitest.Member{ID: anotherMemberID, Email: "another@example.com"})
	require.Equal(t, "1 maintainers, attributes map[region:[eu us]]\n", a.run())
	require.Equal(t, "maintainTeam", a.memberOf(exampleMemberID).PermissionGrants[0].ActionSet)
	require.Equal(t, []string{"updateTeamMembers"}, a.memberOf(anotherMemberID).PermissionGrants[0].Actions)
	require.Empty(t, a.memberOf(exampleMemberID).Teams, "a maintainer is no member of the team")
	a.fail() // the team has the attribute now
}

func importsFile(t *testing.T, p program) {
	a := p.account(t)
	out := a.run()
	require.Contains(t, out, "not an address ")
	require.Contains(t, out, "remy.reed@example.com ")
	require.Equal(t, []string{"postTeamMembers 207"}, a.sent())
	require.Empty(t, a.memberOf(ldapitest.ReaderID).Teams, "all or none")
}

func addsToTeams(t *testing.T, p program) {
	a := p.account(t)
	a.addExample()
	require.Equal(t, "1 teams changed\ncheckout ", a.run()[:len("1 teams changed\ncheckout ")], "there is no team checkout")
	a.AddTeam(ldapitest.Team{Key: "checkout"})
	require.Contains(t, a.run(), " teams changed\n")
	require.ElementsMatch(t, []string{"platform", "checkout"}, a.memberOf(exampleMemberID).Teams)
	require.Equal(t, "beta", a.Requests()[0].Header.Get("LD-API-Version"))
}

func deletesTeam(t *testing.T, p program) {
	a := p.account(t)
	require.NotEmpty(t, a.memberOf(ldapitest.WriterID).Teams)
	a.refuse("deleteTeam", 0)
	a.fail()
	require.Empty(t, a.run())
	require.Empty(t, a.Teams())
	require.Empty(t, a.run(), "again")
}
