package everyday_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// must returns the instruction of a constructor, and panics on an error.
func must(t testing.TB) func(ldapi.MemberInstruction, error) ldapi.MemberInstruction {
	return func(in ldapi.MemberInstruction, err error) ldapi.MemberInstruction {
		t.Helper()
		require.NoError(t, err)
		return in
	}
}

func bulkPatch(t testing.TB, client *ldapi.APIClient, comment string, instructions ...ldapi.MemberInstruction) (*ldapi.BulkEditMembersRep, error) {
	t.Helper()
	input := ldapi.NewMembersPatchInput(instructions)
	if comment != "" {
		input.SetComment(comment)
	}
	result, _, err := client.AccountMembersApi.PatchMembers(t.Context()).MembersPatchInput(*input).Execute()
	return result, err
}

func TestInstructionsOnTheWire(t *testing.T) {
	t.Parallel()
	except := ldapi.MembersExcept{
		IgnoredMemberIDs: []string{"a", "b"}, Query: "q,r|s", TeamKey: "platform", Roles: []string{"admin", "owner"},
		LastSeen: ldapi.LastSeenBefore(lastSummer),
	}
	const excepted = `"ignoredMemberIDs":["a","b"],"filterQuery":"q,r|s","filterTeamKey":"platform","filterRoles":"admin|owner","filterLastSeen":{"before":1751371200000}`
	everyone := ldapi.MembersExcept{Everyone: true}
	for name, tc := range map[string]struct {
		in   ldapi.MemberInstruction
		want string
	}{
		"roles":               {ldapi.ReplaceMembersRoles("reader", "a", "b"), `{"kind":"replaceMembersRoles","value":"reader","memberIDs":["a","b"]}`},
		"custom roles":        {ldapi.ReplaceMembersCustomRoles([]string{"r"}, "a"), `{"kind":"replaceMembersCustomRoles","values":["r"],"memberIDs":["a"]}`},
		"no custom roles":     {ldapi.ReplaceMembersCustomRoles(nil, "a"), `{"kind":"replaceMembersCustomRoles","values":[],"memberIDs":["a"]}`},
		"role attributes":     {ldapi.ReplaceMembersRoleAttributes(map[string][]string{"k": {"v"}, "none": nil}, "a"), `{"kind":"replaceMembersRoleAttributes","value":{"k":["v"],"none":[]},"memberIDs":["a"]}`},
		"no role attributes":  {ldapi.ReplaceMembersRoleAttributes(nil, "a"), `{"kind":"replaceMembersRoleAttributes","value":{},"memberIDs":["a"]}`},
		"everyone's role":     {must(t)(ldapi.ReplaceAllMembersRoles("reader", everyone)), `{"kind":"replaceAllMembersRoles","value":"reader"}`},
		"all roles except":    {must(t)(ldapi.ReplaceAllMembersRoles("reader", except)), `{"kind":"replaceAllMembersRoles","value":"reader",` + excepted + `}`},
		"everyone's roles":    {must(t)(ldapi.ReplaceAllMembersCustomRoles(nil, everyone)), `{"kind":"replaceAllMembersCustomRoles","values":[]}`},
		"all roles but never": {must(t)(ldapi.ReplaceAllMembersCustomRoles([]string{"r"}, ldapi.MembersExcept{LastSeen: ldapi.LastSeenNever()})), `{"kind":"replaceAllMembersCustomRoles","values":["r"],"filterLastSeen":{"never":true}}`},
		"all but no data":     {must(t)(ldapi.ReplaceAllMembersCustomRoles([]string{"r"}, ldapi.MembersExcept{LastSeen: ldapi.LastSeenNoData()})), `{"kind":"replaceAllMembersCustomRoles","values":["r"],"filterLastSeen":{"noData":true}}`},
		"one of another make": {ldapi.MemberInstruction{"kind": "ofTomorrow", "value": ""}, `{"kind":"ofTomorrow","value":""}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, p := tappedClient()
			_, err := bulkPatch(t, client, "", tc.in)
			require.NoError(t, err)
			assert.JSONEq(t, `{"instructions":[`+tc.want+`]}`, p.only(t).body)
		})
	}
}

// The semantic patch among the examples of the API.
func TestInstructionExample(t *testing.T) {
	t.Parallel()
	client, p := tappedClient()
	_, err := bulkPatch(t, client, "quarterly clean-up",
		ldapi.ReplaceMembersRoles(ldapi.RoleReader, "64b7f0c2a91e3d5f08c41a10", "5f00aa11bb22cc33dd44ee66"))
	require.NoError(t, err)
	sent := p.only(t)
	assert.JSONEq(t, example(t, "members_semantic"), sent.body)
	assert.Equal(t, "PATCH /api/v2/members", sent.method+" "+sent.url.Path)
	assert.Equal(t, "application/json; domain-model=launchdarkly.semanticpatch", sent.header.Get("Content-Type"))
}

// Invalid instructions are refused when they are built or, if the function returns no error, when they are sent.
func TestInstructionsRefuse(t *testing.T) {
	t.Parallel()
	type except = ldapi.MembersExcept
	for name, tc := range map[string]struct {
		except    except
		parameter string
	}{
		"empty by mistake":      {except{}, "MembersExcept"},
		"everyone and a filter": {except{Everyone: true, Query: "q"}, "MembersExcept.Everyone"},
		"everyone and ids":      {except{Everyone: true, IgnoredMemberIDs: []string{"a"}}, "MembersExcept.Everyone"},
		"no ids":                {except{IgnoredMemberIDs: []string{}}, "MembersExcept.IgnoredMemberIDs"},
		"an empty id":           {except{IgnoredMemberIDs: []string{"a", ""}}, "MembersExcept.IgnoredMemberIDs"},
		"no roles":              {except{Roles: []string{}}, "MembersExcept.Roles"},
		"an empty role":         {except{Roles: []string{""}}, "MembersExcept.Roles"},
		"a bar in a role":       {except{Roles: []string{"a|b"}}, "MembersExcept.Roles"},
		"everyone, no roles":    {except{Everyone: true, Roles: []string{}}, "MembersExcept.Roles"},
		"a zero last seen":      {except{LastSeen: &ldapi.LastSeenFilter{}}, "MembersExcept.LastSeen"},
	} {
		in, err := ldapi.ReplaceAllMembersRoles("reader", tc.except)
		assert.Nil(t, in, name)
		assert.Equal(t, tc.parameter, refusedParameter(t, err), name)
		in, err = ldapi.ReplaceAllMembersCustomRoles([]string{"a"}, tc.except)
		assert.Nil(t, in, name)
		assert.Equal(t, tc.parameter, refusedParameter(t, err), name)
	}
	_, err := ldapi.ReplaceAllMembersRoles("", except{Everyone: true})
	assert.Equal(t, "role", refusedParameter(t, err))

	client, p := tappedClient()
	for _, in := range []ldapi.MemberInstruction{
		ldapi.ReplaceMembersRoles("", "a"), ldapi.ReplaceMembersRoles("reader"), ldapi.ReplaceMembersRoles("reader", "a", ""),
		ldapi.ReplaceMembersCustomRoles([]string{"r"}), ldapi.ReplaceMembersRoleAttributes(nil),
	} {
		_, err := bulkPatch(t, client, "", ldapi.ReplaceMembersRoles("reader", "a"), in)
		assert.Equal(t, "membersPatchInput", refusedParameter(t, err))
		assert.ErrorContains(t, err, in["kind"].(string))
	}
	assert.Empty(t, p.sent)
}

// bulkServer is an account with members to change; all are readers with a custom role.
func bulkServer(t *testing.T, opts ...ldapitest.Option) (*ldapitest.Server, map[string]string) {
	server := ldapitest.NewTestServer(t, opts...)
	ids := map[string]string{}
	for name, m := range map[string]ldapitest.Member{
		"ann":  {Teams: []string{ldapitest.PlatformTeamKey}, LastSeen: time.Now()},
		"ben":  {LastSeen: time.Now().Add(-100 * 24 * time.Hour)},
		"cleo": {},
		"dora": {NoLastSeenData: true},
	} {
		m.Email, m.CustomRoles = name+"@example.com", []string{ldapitest.PeopleManagerRoleKey}
		ids[name] = server.AddMember(m).ID
	}
	return server, ids
}

// whoHas returns the added members that have a custom role or, with "", none.
func whoHas(server *ldapitest.Server, ids map[string]string, role string) []string {
	var names []string
	for _, name := range []string{"ann", "ben", "cleo", "dora"} {
		for _, m := range server.Members() {
			if m.ID == ids[name] && (len(m.CustomRoles) == 0 && role == "" || len(m.CustomRoles) == 1 && m.CustomRoles[0] == role) {
				names = append(names, name)
			}
		}
	}
	return names
}

func TestInstructionsForSomeMembersAtTheServer(t *testing.T) {
	t.Parallel()
	server, ids := bulkServer(t)
	result, err := bulkPatch(t, server.Client(), "comment",
		ldapi.ReplaceMembersRoles(ldapi.RoleWriter, ids["ann"]),
		ldapi.ReplaceMembersCustomRoles([]string{ldapitest.ReleaseManagerRoleKey}, ids["ben"], ids["cleo"]),
		ldapi.ReplaceMembersRoleAttributes(map[string][]string{"developerProjectKeys": {"shop"}}, ids["dora"]))
	require.NoError(t, err)
	assert.Nil(t, result.Failed())
	assert.ElementsMatch(t, []string{ids["ann"], ids["ben"], ids["cleo"], ids["dora"]}, result.Members)
	assert.Equal(t, []string{"ann"}, whoHas(server, ids, ""), "a base role removes the custom roles")
	assert.Equal(t, []string{"ben", "cleo"}, whoHas(server, ids, ldapitest.ReleaseManagerRoleID))
	assert.Equal(t, []string{"dora"}, whoHas(server, ids, ldapitest.PeopleManagerRoleID))
	for _, m := range server.Members() {
		switch m.ID {
		case ids["ann"]:
			assert.Equal(t, "writer", m.Role)
		case ids["dora"]:
			assert.Equal(t, map[string][]string{"developerProjectKeys": {"shop"}}, m.RoleAttributes)
		}
	}
}

// Both kinds for all members skip the members that match, and change the rest.
func TestInstructionsForAllLeaveOutMatches(t *testing.T) {
	t.Parallel()
	type except = ldapi.MembersExcept
	for name, tc := range map[string]struct {
		except func(ids map[string]string) except
		kept   []string
	}{
		"everyone": {func(map[string]string) except { return except{Everyone: true} }, nil},
		"ids":      {func(ids map[string]string) except { return except{IgnoredMemberIDs: []string{ids["ann"], ids["dora"]}} }, []string{"ann", "dora"}},
		"query":    {func(map[string]string) except { return except{Query: "ben@"} }, []string{"ben"}},
		"team":     {func(map[string]string) except { return except{TeamKey: ldapitest.PlatformTeamKey} }, []string{"ann"}},
		"roles": {func(map[string]string) except {
			return except{Roles: []string{"writer", ldapitest.PeopleManagerRoleKey}}
		}, []string{"ann", "ben", "cleo", "dora"}},
		"never":   {func(map[string]string) except { return except{LastSeen: ldapi.LastSeenNever()} }, []string{"cleo"}},
		"no data": {func(map[string]string) except { return except{LastSeen: ldapi.LastSeenNoData()} }, []string{"dora"}},
		"any of several": {func(ids map[string]string) except {
			return except{IgnoredMemberIDs: []string{ids["cleo"]}, Query: "ann", TeamKey: "platform"}
		}, []string{"ann", "cleo"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, ids := bulkServer(t)
			_, err := bulkPatch(t, server.Client(), "", must(t)(ldapi.ReplaceAllMembersCustomRoles([]string{ldapitest.ReleaseManagerRoleKey}, tc.except(ids))))
			require.NoError(t, err)
			assert.Equal(t, tc.kept, whoHas(server, ids, ldapitest.PeopleManagerRoleID), "members that match keep the roles")
			assert.Len(t, whoHas(server, ids, ldapitest.ReleaseManagerRoleID), 4-len(tc.kept), "all others get the new ones")

			server, ids = bulkServer(t)
			_, err = bulkPatch(t, server.Client(), "", must(t)(ldapi.ReplaceAllMembersRoles(ldapi.RoleNoAccess, tc.except(ids))))
			require.NoError(t, err)
			assert.Equal(t, tc.kept, whoHas(server, ids, ldapitest.PeopleManagerRoleID))
			demoted := 0
			for _, m := range server.Members() {
				if m.Role == ldapi.RoleNoAccess {
					demoted++
				}
			}
			assert.GreaterOrEqual(t, demoted, 4-len(tc.kept))
		})
	}
}

func TestFailedTellsWhoWasNotChanged(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	const unknown = "64b7f0c2a91e3d5f08c41aff"
	result, err := bulkPatch(t, server.Client(), "", ldapi.ReplaceMembersRoles(ldapi.RoleReader, ldapitest.WriterID, ldapitest.AdminID, unknown))
	require.NoError(t, err, "success can be partial")
	assert.Equal(t, []string{ldapitest.WriterID}, result.Members)
	assert.Equal(t, map[string]string{ldapitest.AdminID: "you cannot modify your own role", unknown: "member not found"}, result.Failed())

	var documented ldapi.BulkEditMembersRep
	require.NoError(t, json.Unmarshal([]byte(example(t, "members_bulk_result")), &documented))
	assert.Equal(t, map[string]string{"5f00aa11bb22cc33dd44ee66": "you cannot modify your own role"}, documented.Failed())
	assert.Nil(t, ldapi.NewBulkEditMembersRep().Failed())
	assert.Nil(t, (*ldapi.BulkEditMembersRep)(nil).Failed())
	two := ldapi.BulkEditMembersRep{Errors: []map[string]string{{"a": "1", "b": "2"}, {}, {"c": "3"}}}
	assert.Equal(t, map[string]string{"a": "1", "b": "2", "c": "3"}, two.Failed())
}

// An invalid instruction changes no members; the server rejects those that the SDK accepts.
func TestInstructionsTheServerRefuses(t *testing.T) {
	t.Parallel()
	server, ids := bulkServer(t)
	_, err := bulkPatch(t, server.Client(), "", ldapi.ReplaceMembersRoles("reader", ids["ann"]), ldapi.ReplaceMembersRoles("of-tomorrow", ids["ben"]))
	require.ErrorIs(t, err, ldapi.ErrInvalidRequest)
	assert.Len(t, whoHas(server, ids, ldapitest.PeopleManagerRoleID), 4)
	plain, ids := bulkServer(t, ldapitest.WithPlan(ldapitest.PlanStandard))
	_, err = bulkPatch(t, plain.Client(), "", ldapi.ReplaceMembersRoles("reader", ids["ann"]))
	require.ErrorIs(t, err, ldapi.ErrForbidden)
	last := plain.Requests()[len(plain.Requests())-1]
	assert.Equal(t, http.MethodPatch, last.Method)
}
