package everyday_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// The index holds all pages of roles, finds them by key and by ID, and is a snapshot that many goroutines may use.
func TestRoleIndex(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	for i := range 250 {
		server.AddRole(ldapitest.Role{Key: fmt.Sprintf("role-%d", i)})
	}
	// The key of one role is the ID of another.
	server.AddRole(ldapitest.Role{Key: "64c1d2e3f4a5b6c7d8e9f00a", ID: "64c1d2e3f4a5b6c7d8e9f00b"})
	server.AddRole(ldapitest.Role{Key: "taken", ID: "64c1d2e3f4a5b6c7d8e9f00a"})
	roles, err := server.Client().LoadRoles(t.Context())
	require.NoError(t, err)
	require.Len(t, roles.Roles(), 254)
	assert.Len(t, server.Requests(), 3, "pages of 100")

	var wg sync.WaitGroup
	for _, role := range roles.Roles() {
		wg.Go(func() {
			for _, name := range []string{role.Id, role.Key} {
				id, ok := roles.ID(name)
				key, ok2 := roles.Key(name)
				if name == role.Key && role.Id == "64c1d2e3f4a5b6c7d8e9f00b" { // an ID comes first
					assert.Equal(t, "taken", key)
					continue
				}
				assert.True(t, ok && ok2, name)
				assert.Equal(t, role.Id, id)
				assert.Equal(t, role.Key, key)
			}
		})
	}
	wg.Wait()

	changed := roles.Roles()
	changed[0].Key = "changed"
	again, _ := roles.Key(changed[0].Id)
	assert.Equal(t, ldapitest.ReleaseManagerRoleKey, again, "the caller has a copy")
	for _, name := range []string{"", "unknown"} {
		_, ok := roles.ID(name)
		assert.False(t, ok, name)
	}
}

func TestRoleIndexNamesAllUnknownRoles(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	roles, err := server.Client().LoadRoles(t.Context())
	require.NoError(t, err)

	ids, err := roles.IDs("people-manager", ldapitest.ReleaseManagerRoleID, "people-manager")
	require.NoError(t, err)
	assert.Equal(t, []string{ldapitest.PeopleManagerRoleID, ldapitest.ReleaseManagerRoleID, ldapitest.PeopleManagerRoleID}, ids, "in order")
	ids, err = roles.IDs()
	require.NoError(t, err)
	assert.Empty(t, ids)
	assert.NotNil(t, ids)

	ids, err = roles.IDs("zz", "people-manager", "", `a"b`)
	require.EqualError(t, err, `ldapi: RoleIndex.IDs: keysOrIDs: unknown custom roles: "zz", "", "a\"b"`)
	assert.Nil(t, ids)
	_, err = roles.Keys("zz")
	require.EqualError(t, err, `ldapi: RoleIndex.Keys: keysOrIDs: unknown custom roles: "zz"`)
	assert.Equal(t, "keysOrIDs", refusedParameter(t, err))
}

func TestLoadRolesFails(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t, ldapitest.WithPlan(ldapitest.PlanStandard))
	roles, err := server.Client().LoadRoles(t.Context())
	require.ErrorIs(t, err, ldapi.ErrForbidden)
	assert.Nil(t, roles)
}

func TestCustomRolePatch(t *testing.T) {
	t.Parallel()
	policy := []ldapi.StatementPost{{Effect: "allow", Resources: []string{"proj/*"}, Actions: []string{"*"}}}
	patch, err := ldapi.NewCustomRolePatch().SetName("a").SetDescription("").SetPolicy(policy).
		AppendStatement(ldapi.StatementPost{Effect: "deny", NotResources: []string{"proj/x"}, NotActions: []string{"viewProject"}}).
		SetBasePermissions("reader").Comment("why").Patch()
	require.NoError(t, err)
	policy[0].Effect = "changed later"
	document, err := patch.MarshalJSON()
	require.NoError(t, err)
	assert.Equal(t, `{"patch":[{"op":"replace","path":"/name","value":"a"},{"op":"replace","path":"/description","value":""},`+
		`{"op":"replace","path":"/policy","value":[{"effect":"allow","resources":["proj/*"],"actions":["*"]}]},`+
		`{"op":"add","path":"/policy/-","value":{"effect":"deny","notResources":["proj/x"],"notActions":["viewProject"]}},`+
		`{"op":"replace","path":"/basePermissions","value":"reader"}],"comment":"why"}`, string(document))

	for parameter, p := range map[string]*ldapi.CustomRolePatch{
		"patch":           ldapi.NewCustomRolePatch().Comment("only"),
		"name":            ldapi.NewCustomRolePatch().SetName("").SetPolicy(nil),
		"policy":          ldapi.NewCustomRolePatch().SetDescription("d").SetPolicy(nil),
		"basePermissions": ldapi.NewCustomRolePatch().SetBasePermissions(""),
	} {
		_, err := p.Patch()
		assert.Equal(t, parameter, refusedParameter(t, err))
	}
}

// What a look-up of a Terraform provider needs comes with the member.
func TestFindMemberByEmailWithExpansions(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	server.AddMember(ldapitest.Member{Email: "sam@example.com", CustomRoles: []string{"people-manager"},
		RoleAttributes: map[string][]string{"region": {"eu"}}})
	client := server.Client()
	plain, err := client.FindMemberByEmail(t.Context(), "SAM@example.com")
	require.NoError(t, err)
	assert.Nil(t, plain.AdditionalProperties["customRolesInfo"])
	assert.False(t, plain.HasRoleAttributes())

	member, err := client.FindMemberByEmail(t.Context(), "sam@example.com", ldapi.ExpandCustomRoles, ldapi.ExpandRoleAttributes)
	require.NoError(t, err)
	attributes := member.GetRoleAttributes()
	assert.Equal(t, map[string][]string{"region": {"eu"}}, attributes)
	assert.Contains(t, fmt.Sprint(member.AdditionalProperties["customRolesInfo"]), "people-manager")
}
