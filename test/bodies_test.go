package ldapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// bodyCase is a request with a body. example is the example document of the API with the same content, if any.
type bodyCase struct {
	name, body, example string
	send                func(t *testing.T, c *ldapi.APIClient) error
}

func sendsBodies(t *testing.T, cases []bodyCase) {
	t.Helper()
	t.Parallel()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			client, w := answering(200, `{}`)
			require.NoError(t, tc.send(t, client))
			body := string(w.only(t).body)
			assert.Equal(t, tc.body, body)
			if tc.example != "" {
				assert.JSONEq(t, payload(t, tc.example), body)
			}
		})
	}
}

func TestBodyOfCreatingAToken(t *testing.T) {
	with := func(post ldapi.AccessTokenPost) func(*testing.T, *ldapi.APIClient) error {
		return func(t *testing.T, c *ldapi.APIClient) error {
			_, _, err := c.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(post).Execute()
			return err
		}
	}
	sendsBodies(t, []bodyCase{
		{"nothing set", `{}`, "", with(ldapi.AccessTokenPost{})},
		{"base role",
			`{"name":"ci-deploys","description":"used by the deploy job","role":"writer","serviceToken":true,"defaultApiVersion":20240415}`,
			"token_post_role", with(ldapi.AccessTokenPost{
				Name: ldapi.PtrString("ci-deploys"), Description: ldapi.PtrString("used by the deploy job"),
				Role: ldapi.PtrString("writer"), ServiceToken: ldapi.PtrBool(true), DefaultApiVersion: ldapi.PtrInt32(20240415),
			})},
		{"inline policy",
			`{"name":"staging-only","inlineRole":[` +
				`{"effect":"allow","resources":["proj/shop:env/staging:flag/*"],"actions":["updateOn","updateTargets"]},` +
				`{"effect":"deny","notResources":["proj/shop:env/staging"],"actions":["*"]}]}`,
			"token_post_inline", with(ldapi.AccessTokenPost{
				Name: ldapi.PtrString("staging-only"),
				InlineRole: []ldapi.StatementPost{
					{Effect: "allow", Resources: []string{"proj/shop:env/staging:flag/*"}, Actions: []string{"updateOn", "updateTargets"}},
					{Effect: "deny", NotResources: []string{"proj/shop:env/staging"}, Actions: []string{"*"}},
				},
			})},
		{"custom roles", `{"name":"release-bot","customRoleIds":["64c1d2e3f4a5b6c7d8e9f001"],"serviceToken":true}`,
			"token_post_custom", with(ldapi.AccessTokenPost{
				Name: ldapi.PtrString("release-bot"), CustomRoleIds: []string{"64c1d2e3f4a5b6c7d8e9f001"},
				ServiceToken: ldapi.PtrBool(true),
			})},
		{"empty values are values",
			`{"name":"","description":"","role":"","customRoleIds":[],"inlineRole":[],"serviceToken":false,"defaultApiVersion":0}`,
			"", with(ldapi.AccessTokenPost{
				Name: new(string), Description: new(string), Role: new(string), CustomRoleIds: []string{},
				InlineRole: []ldapi.StatementPost{}, ServiceToken: new(bool), DefaultApiVersion: new(int32),
			})},
		{"actions excepted", `{"inlineRole":[{"effect":"allow","resources":["proj/*"],"notActions":["deleteProject"]}]}`,
			"", with(ldapi.AccessTokenPost{InlineRole: []ldapi.StatementPost{
				{Effect: "allow", Resources: []string{"proj/*"}, NotActions: []string{"deleteProject"}},
			}})},
		{"properties that the model does not know", `{"name":"x","alpha":null,"expiry":1767312000000}`,
			"", with(ldapi.AccessTokenPost{
				Name:                 ldapi.PtrString("x"),
				AdditionalProperties: map[string]interface{}{"expiry": int64(1767312000000), "alpha": nil},
			})},
	})
}

func TestBodyOfPatchingAToken(t *testing.T) {
	with := func(ops ...ldapi.PatchOperation) func(*testing.T, *ldapi.APIClient) error {
		return func(t *testing.T, c *ldapi.APIClient) error {
			_, _, err := c.AccessTokensApi.PatchToken(t.Context(), tokenID).PatchOperation(ops).Execute()
			return err
		}
	}
	null := ldapi.NewPatchOperation("replace", "/description")
	null.SetValue(nil)
	sendsBodies(t, []bodyCase{
		{"to an inline policy",
			`[{"op":"replace","path":"/name","value":"ci-deploys-2"},{"op":"remove","path":"/role"},` +
				`{"op":"replace","path":"/inlineRole","value":[{"effect":"allow","resources":["proj/*:env/*:flag/*"],"actions":["*"]}]}]`,
			"token_patch", with(
				ldapi.PatchOperation{Op: "replace", Path: "/name", Value: "ci-deploys-2"},
				ldapi.PatchOperation{Op: "remove", Path: "/role"},
				ldapi.PatchOperation{Op: "replace", Path: "/inlineRole", Value: []ldapi.Statement{
					{Effect: "allow", Resources: []string{"proj/*:env/*:flag/*"}, Actions: []string{"*"}},
				}})},
		{"no operations", `[]`, "", with()},
		{"an operation without a value is sent unchanged", `[{"op":"replace","path":"/name"}]`, "",
			with(ldapi.PatchOperation{Op: "replace", Path: "/name"})},
		{"NewPatchOperation without value", `[{"op":"remove","path":"/role"}]`, "", with(*ldapi.NewPatchOperation("remove", "/role"))},
		{"NewPatchOperation with value", `[{"op":"test","path":"/role","value":"reader"}]`, "",
			with(*ldapi.NewPatchOperation("test", "/role", "reader"))},
		{"NewPatchOperation with null", `[{"op":"replace","path":"/description","value":null}]`, "",
			with(*ldapi.NewPatchOperation("replace", "/description", nil))},
		{"SetValue with null", `[{"op":"replace","path":"/description","value":null}]`, "", with(*null)},
		{"empty values are values",
			`[{"op":"add","path":"/a","value":false},{"op":"add","path":"/b","value":0},{"op":"add","path":"/c","value":""},` +
				`{"op":"add","path":"/d","value":[]},{"op":"add","path":"/e","value":{}}]`, "",
			with(
				ldapi.PatchOperation{Op: "add", Path: "/a", Value: false},
				ldapi.PatchOperation{Op: "add", Path: "/b", Value: 0},
				ldapi.PatchOperation{Op: "add", Path: "/c", Value: ""},
				ldapi.PatchOperation{Op: "add", Path: "/d", Value: []string{}},
				ldapi.PatchOperation{Op: "add", Path: "/e", Value: map[string]string{}},
			)},
		{"from is passed on", `[{"op":"move","path":"/description","from":"/name"}]`, "",
			with(ldapi.PatchOperation{Op: "move", Path: "/description", AdditionalProperties: map[string]interface{}{"from": "/name"}})},
	})
}

func TestBodyOfPatchingAMember(t *testing.T) {
	sendsBodies(t, []bodyCase{{"roles and attributes",
		`[{"op":"replace","path":"/role","value":"writer"},{"op":"add","path":"/customRoles/-","value":"64c1d2e3f4a5b6c7d8e9f002"},` +
			`{"op":"replace","path":"/roleAttributes","value":{"developerProjectKeys":["shop"]}}]`,
		"member_patch", func(t *testing.T, c *ldapi.APIClient) error {
			_, _, err := c.AccountMembersApi.PatchMember(t.Context(), memberID).PatchOperation([]ldapi.PatchOperation{
				{Op: "replace", Path: "/role", Value: "writer"},
				{Op: "add", Path: "/customRoles/-", Value: "64c1d2e3f4a5b6c7d8e9f002"},
				{Op: "replace", Path: "/roleAttributes", Value: map[string][]string{"developerProjectKeys": {"shop"}}},
			}).Execute()
			return err
		}}})
}

func TestBodyOfInvitingMembers(t *testing.T) {
	with := func(forms ...ldapi.NewMemberForm) func(*testing.T, *ldapi.APIClient) error {
		return func(t *testing.T, c *ldapi.APIClient) error {
			_, _, err := c.AccountMembersApi.PostMembers(t.Context()).NewMemberForm(forms).Execute()
			return err
		}
	}
	attributes := map[string][]string{"developerProjectKeys": {"shop", "billing"}, "area": {}}
	sendsBodies(t, []bodyCase{
		{"two",
			`[{"email":"sam@example.com","firstName":"Sam","lastName":"Ochoa","role":"reader"},` +
				`{"email":"dev+flags@example.com","customRoles":["release-manager"],"teamKeys":["platform"],` +
				`"roleAttributes":{"developerProjectKeys":["shop","billing"]}}]`,
			"members_invite", with(
				ldapi.NewMemberForm{Email: "sam@example.com", Role: ldapi.PtrString("reader"),
					FirstName: ldapi.PtrString("Sam"), LastName: ldapi.PtrString("Ochoa")},
				ldapi.NewMemberForm{Email: "dev+flags@example.com", CustomRoles: []string{"release-manager"},
					TeamKeys:       []string{"platform"},
					RoleAttributes: &map[string][]string{"developerProjectKeys": {"shop", "billing"}}},
			)},
		{"every property",
			`[{"email":"sam@example.com","password":"correct horse","firstName":"","lastName":"Øster \"Q\"","role":"no_access",` +
				`"customRoles":[],"teamKeys":["team-1"],"roleAttributes":{"area":[],"developerProjectKeys":["shop","billing"]}}]`,
			"", with(ldapi.NewMemberForm{
				Email: "sam@example.com", Password: ldapi.PtrString("correct horse"), FirstName: new(string),
				LastName: ldapi.PtrString(`Øster "Q"`), Role: ldapi.PtrString("no_access"), CustomRoles: []string{},
				TeamKeys: []string{"team-1"}, RoleAttributes: &attributes,
			})},
		{"nobody", `[]`, "", with()},
		{"fifty", "[" + strings.Repeat(`{"email":"x@example.com"},`, 49) + `{"email":"x@example.com"}]`, "",
			with(fill(50, ldapi.NewMemberForm{Email: "x@example.com"})...)},
		{"characters that JSON escapes", `[{"email":"x\u0001\t\n\\@example.com"}]`, "",
			with(ldapi.NewMemberForm{Email: "x\x01\t\n\\@example.com"})},
		{"bytes that are not UTF-8", `[{"email":"x\ufffd@example.com"}]`, "", with(ldapi.NewMemberForm{Email: "x\xff@example.com"})},
	})
}

func fill[T any](n int, v T) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = v
	}
	return s
}

func TestBodyOfPatchingMembers(t *testing.T) {
	with := func(input ldapi.MembersPatchInput) func(*testing.T, *ldapi.APIClient) error {
		return func(t *testing.T, c *ldapi.APIClient) error {
			_, _, err := c.AccountMembersApi.PatchMembers(t.Context()).MembersPatchInput(input).Execute()
			return err
		}
	}
	instruction := map[string]interface{}{
		"kind": "replaceMembersRoles", "value": "reader", "memberIDs": []string{"64b7f0c2a91e3d5f08c41a10", "5f00aa11bb22cc33dd44ee66"},
	}
	sendsBodies(t, []bodyCase{
		{"with comment",
			`{"instructions":[{"kind":"replaceMembersRoles","memberIDs":["64b7f0c2a91e3d5f08c41a10","5f00aa11bb22cc33dd44ee66"],` +
				`"value":"reader"}],"comment":"quarterly clean-up"}`,
			"members_semantic", with(ldapi.MembersPatchInput{
				Comment: ldapi.PtrString("quarterly clean-up"), Instructions: []map[string]interface{}{instruction},
			})},
		{"all members except some",
			`{"instructions":[{"filterLastSeen":{"before":1767225600000},"ignoredMemberIDs":["5f00aa11bb22cc33dd44ee66"],` +
				`"kind":"replaceAllMembersCustomRoles","values":["release-manager"]}]}`, "",
			with(ldapi.MembersPatchInput{Instructions: []map[string]interface{}{{
				"kind": "replaceAllMembersCustomRoles", "values": []string{"release-manager"},
				"filterLastSeen": map[string]interface{}{"before": int64(1767225600000)}, "ignoredMemberIDs": []string{"5f00aa11bb22cc33dd44ee66"},
			}}})},
		{"no instructions", `{"instructions":[]}`, "", with(ldapi.MembersPatchInput{})},
	})
}

func TestBodyOfAddingAMemberToTeams(t *testing.T) {
	with := func(keys []string) func(*testing.T, *ldapi.APIClient) error {
		return func(t *testing.T, c *ldapi.APIClient) error {
			input := *ldapi.NewMemberTeamsPostInput(keys)
			_, _, err := c.AccountMembersApi.PostMemberTeams(t.Context(), memberID).MemberTeamsPostInput(input).Execute()
			return err
		}
	}
	sendsBodies(t, []bodyCase{
		{"two", `{"teamKeys":["platform","checkout"]}`, "member_teams", with([]string{"platform", "checkout"})},
		{"none", `{"teamKeys":[]}`, "", with(nil)},
	})
}

// json.Marshal of a model returns the bytes that the SDK sends.
func TestMarshalWritesWhatIsSent(t *testing.T) {
	t.Parallel()
	form := ldapi.NewNewMemberForm("sam@example.com")
	form.SetRole("reader")
	b, err := json.Marshal(form)
	require.NoError(t, err)
	assert.Equal(t, `{"email":"sam@example.com","role":"reader"}`, string(b))
}
