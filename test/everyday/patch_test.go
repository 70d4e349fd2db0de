package everyday_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// Values for role examples.
const (
	tokenPath = "/api/v2/tokens/" + ldapitest.AdminTokenID
	shopFlags = "proj/shop:env/staging:flag/*"
)

// policyOf is an inline role of one statement.
func policyOf(effect, resource string, actions ...string) []ldapi.StatementPost {
	s := ldapi.NewStatementPost(effect)
	s.SetResources([]string{resource})
	s.SetActions(actions)
	return []ldapi.StatementPost{*s}
}

// patchBody returns the request body of a patch of a token.
func patchBody(t testing.TB, ops ...ldapi.PatchOperation) string {
	t.Helper()
	client, p := tappedClient()
	_, _, err := client.AccessTokensApi.PatchToken(t.Context(), ldapitest.AdminTokenID).PatchOperation(ops).Execute()
	require.NoError(t, err)
	assert.Equal(t, tokenPath, p.only(t).url.Path)
	return p.only(t).body
}

func TestPatchConstructors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		op   ldapi.PatchOperation
		want string
	}{
		"add":                       {ldapi.PatchAdd("/customRoles/-", "a"), `{"op":"add","path":"/customRoles/-","value":"a"}`},
		"replace":                   {ldapi.PatchReplace("/name", "a"), `{"op":"replace","path":"/name","value":"a"}`},
		"test":                      {ldapi.PatchTest("/version", 3), `{"op":"test","path":"/version","value":3}`},
		"remove":                    {ldapi.PatchRemove("/role"), `{"op":"remove","path":"/role"}`},
		"null":                      {ldapi.PatchReplace("/description", nil), `{"op":"replace","path":"/description","value":null}`},
		"added null":                {ldapi.PatchAdd("/description", nil), `{"op":"add","path":"/description","value":null}`},
		"tested null":               {ldapi.PatchTest("/description", nil), `{"op":"test","path":"/description","value":null}`},
		"nil pointer":               {ldapi.PatchReplace("/description", (*string)(nil)), `{"op":"replace","path":"/description","value":null}`},
		"false":                     {ldapi.PatchReplace("/serviceToken", false), `{"op":"replace","path":"/serviceToken","value":false}`},
		"zero":                      {ldapi.PatchReplace("/version", 0), `{"op":"replace","path":"/version","value":0}`},
		"empty text":                {ldapi.PatchReplace("/name", ""), `{"op":"replace","path":"/name","value":""}`},
		"empty list":                {ldapi.PatchReplace("/customRoles", []string{}), `{"op":"replace","path":"/customRoles","value":[]}`},
		"empty object":              {ldapi.PatchReplace("/roleAttributes", map[string]any{}), `{"op":"replace","path":"/roleAttributes","value":{}}`},
		"list of anything":          {ldapi.PatchReplace("/x", []any{nil, 1, "a"}), `{"op":"replace","path":"/x","value":[null,1,"a"]}`},
		"models":                    {ldapi.PatchReplace("/inlineRole", policyOf("allow", "proj/*", "*")), `{"op":"replace","path":"/inlineRole","value":[{"effect":"allow","resources":["proj/*"],"actions":["*"]}]}`},
		"pointer, as old code does": {ldapi.PatchReplace("/name", ldapi.PtrString("a")), `{"op":"replace","path":"/name","value":"a"}`},
		"two arguments":             {*ldapi.NewPatchOperation("replace", "/name"), `{"op":"replace","path":"/name"}`},
		"three arguments":           {*ldapi.NewPatchOperation("replace", "/name", "a"), `{"op":"replace","path":"/name","value":"a"}`},
		"three arguments, nil":      {*ldapi.NewPatchOperation("replace", "/name", nil), `{"op":"replace","path":"/name","value":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.JSONEq(t, "["+tc.want+"]", patchBody(t, tc.op))
		})
	}
}

func TestPatchPath(t *testing.T) {
	t.Parallel()
	for want, tokens := range map[string][]string{
		"":                     nil,
		"/":                    {""},
		"/role":                {"role"},
		"/customRoles/-":       {"customRoles", "-"},
		"/customRoles/0":       {"customRoles", "0"},
		"/roleAttributes/a~1b": {"roleAttributes", "a/b"},
		"/m~0n":                {"m~n"},
		"/~01":                 {"~1"},
		"/~0~1/~1~0":           {"~/", "/~"},
		"/c%d/e^f/ /k\"l/é":    {"c%d", "e^f", " ", `k"l`, "é"}, // not a URI fragment: nothing else is escaped
	} {
		assert.Equal(t, want, ldapi.PatchPath(tokens...), "%q", tokens)
	}
}

// parsePointer reads a JSON Pointer exactly as RFC 6901 specifies: first ~1, then ~0.
func parsePointer(pointer string) []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(pointer, "/")[1:]
	for i, token := range tokens {
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
	}
	return tokens
}

// FuzzPatchPath: a pointer parses back to its parts.
func FuzzPatchPath(f *testing.F) {
	for _, seed := range [][3]string{{"role", "", ""}, {"a/b", "~1", "~0"}, {"~", "/", "~01"}, {"\xff", "é", "\x00"}} {
		f.Add(seed[0], seed[1], seed[2], uint8(3))
	}
	f.Fuzz(func(t *testing.T, a, b, c string, n uint8) {
		var tokens []string
		tokens = append(tokens, []string{a, b, c}[:n%4]...)
		pointer := ldapi.PatchPath(tokens...)
		require.Equal(t, tokens, parsePointer(pointer))
		require.Equal(t, len(tokens), strings.Count(pointer, "/"))
		rest := strings.NewReplacer("~0", "", "~1", "").Replace(pointer)
		require.NotContains(t, rest, "~", "a tilde is escaped")
	})
}

func TestTokenPatchOperations(t *testing.T) {
	t.Parallel()
	withRole := &ldapi.Token{Role: ldapi.PtrString("reader")}
	for name, tc := range map[string]struct {
		patch *ldapi.TokenPatch
		want  string
	}{
		"nothing":      {ldapi.NewTokenPatch(), `[]`},
		"name":         {ldapi.NewTokenPatch().SetName("a"), `[{"op":"replace","path":"/name","value":"a"}]`},
		"empty texts":  {ldapi.NewTokenPatch().SetName("").SetDescription(""), `[{"op":"replace","path":"/name","value":""},{"op":"replace","path":"/description","value":""}]`},
		"the last one": {ldapi.NewTokenPatch().SetRole("reader").SetRole("writer"), `[{"op":"replace","path":"/role","value":"writer"}]`},
		"same kind":    {ldapi.NewTokenPatchFrom(withRole).SetRole("writer"), `[{"op":"replace","path":"/role","value":"writer"}]`},
		"another kind": {ldapi.NewTokenPatchFrom(withRole).SetCustomRoleIds([]string{"64c1d2e3f4a5b6c7d8e9f001"}),
			`[{"op":"remove","path":"/role"},{"op":"replace","path":"/customRoleIds","value":["64c1d2e3f4a5b6c7d8e9f001"]}]`},
		"unknown kind": {ldapi.NewTokenPatch().SetCustomRoleIds([]string{"64c1d2e3f4a5b6c7d8e9f001"}),
			`[{"op":"replace","path":"/customRoleIds","value":["64c1d2e3f4a5b6c7d8e9f001"]}]`},
		"from nothing":        {ldapi.NewTokenPatchFrom(nil).SetRole("writer"), `[{"op":"replace","path":"/role","value":"writer"}]`},
		"empty lists are not": {ldapi.NewTokenPatchFrom(&ldapi.Token{CustomRoleIds: []string{}, InlineRole: []ldapi.Statement{}}).SetRole("writer"), `[{"op":"replace","path":"/role","value":"writer"}]`},
		"an unknown role":     {ldapi.NewTokenPatch().SetRole("of-tomorrow"), `[{"op":"replace","path":"/role","value":"of-tomorrow"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ops, err := tc.patch.Operations()
			require.NoError(t, err)
			assert.JSONEq(t, tc.want, patchBody(t, ops...))
		})
	}
}

func TestPatchBuildersRefuse(t *testing.T) {
	t.Parallel()
	type builder interface {
		Operations() ([]ldapi.PatchOperation, error)
	}
	for parameter, builders := range map[string][]builder{
		"role": {
			ldapi.NewTokenPatch().SetRole(""), ldapi.NewMemberPatch().SetRole(""), ldapi.NewTokenPatch().SetRole("").SetRole("reader"),
			ldapi.NewTokenPatch().SetCustomRoleIds([]string{"a"}).SetRole("reader"),
		},
		"customRoleIds": {
			ldapi.NewTokenPatch().SetCustomRoleIds(nil), ldapi.NewTokenPatch().SetCustomRoleIds([]string{}),
			ldapi.NewTokenPatch().SetCustomRoleIds([]string{"a", ""}), ldapi.NewTokenPatch().SetRole("reader").SetCustomRoleIds([]string{"a"}),
		},
		"inlineRole":  {ldapi.NewTokenPatch().SetInlineRole(nil), ldapi.NewTokenPatch().SetRole("reader").SetInlineRole(policyOf("allow", "*"))},
		"customRoles": {ldapi.NewMemberPatch().SetCustomRoles([]string{""}), ldapi.NewMemberPatch().AddCustomRole("").SetRole("reader")},
	} {
		for i, b := range builders {
			ops, err := b.Operations()
			assert.Nil(t, ops)
			assert.Equal(t, parameter, refusedParameter(t, err), "%s %d", parameter, i)
		}
	}
}

// Arguments of a builder may change later; the patch does not.
func TestPatchBuildersCopy(t *testing.T) {
	t.Parallel()
	ids, attributes := []string{"a", "b"}, map[string][]string{"k": {"v"}, "none": nil}
	token, member := ldapi.NewTokenPatch().SetCustomRoleIds(ids), ldapi.NewMemberPatch().SetCustomRoles(ids).SetRoleAttributes(attributes)
	ids[0], attributes["k"][0], attributes["more"] = "changed", "changed", nil
	ops, err := token.Operations()
	require.NoError(t, err)
	assert.JSONEq(t, `[{"op":"replace","path":"/customRoleIds","value":["a","b"]}]`, patchBody(t, ops...))
	ops, err = member.Operations()
	require.NoError(t, err)
	assert.JSONEq(t, `[{"op":"replace","path":"/customRoles","value":["a","b"]},{"op":"replace","path":"/roleAttributes","value":{"k":["v"],"none":[]}}]`,
		patchBody(t, ops...))
	ops[0].Path = "/changed"
	again, err := member.Operations()
	require.NoError(t, err)
	assert.Equal(t, "/customRoles", again[0].Path)
}

// kindsOfRole are the three kinds of permissions of a token: how to create a token with one, and how to switch to it.
var kindsOfRole = map[string]struct {
	create ldapitest.Token
	change func(p *ldapi.TokenPatch) *ldapi.TokenPatch
	want   string
}{
	"role": {ldapitest.Token{Role: "reader"},
		func(p *ldapi.TokenPatch) *ldapi.TokenPatch { return p.SetRole(ldapi.RoleWriter) }, `{"role":"writer"}`},
	"custom roles": {ldapitest.Token{CustomRoleIDs: []string{ldapitest.PeopleManagerRoleKey}},
		func(p *ldapi.TokenPatch) *ldapi.TokenPatch {
			return p.SetCustomRoleIds([]string{ldapitest.ReleaseManagerRoleID})
		},
		`{"customRoleIds":["64c1d2e3f4a5b6c7d8e9f001"]}`},
	"inline role": {ldapitest.Token{InlineRole: []ldapitest.Statement{{Effect: "deny", Resources: []string{"proj/*"}, Actions: []string{"*"}}}},
		func(p *ldapi.TokenPatch) *ldapi.TokenPatch {
			return p.SetInlineRole(policyOf("allow", shopFlags, "updateOn"))
		},
		`{"inlineRole":[{"effect":"allow","resources":["proj/shop:env/staging:flag/*"],"actions":["updateOn"]}]}`},
}

// A token goes from any kind of role to any other: never a 422, however absent properties appear on the wire.
func TestTokenPatchSwitchesKindsOfRole(t *testing.T) {
	t.Parallel()
	for _, option := range []ldapitest.Option{ldapitest.WithInMemory(), ldapitest.WithNullOptionals(), ldapitest.WithUnknownFields()} {
		server := ldapitest.NewTestServer(t, option)
		client := server.Client()
		for from, kind := range kindsOfRole {
			for to, target := range kindsOfRole {
				id := server.AddToken(kind.create).ID
				for range 2 { // the second time there is nothing to switch
					current, _, err := client.AccessTokensApi.GetToken(t.Context(), id).Execute()
					require.NoError(t, err)
					ops, err := target.change(ldapi.NewTokenPatchFrom(current).SetName("switched")).Operations()
					require.NoError(t, err)
					changed, _, err := client.AccessTokensApi.PatchToken(t.Context(), id).PatchOperation(ops).Execute()
					require.NoError(t, err, "%s to %s", from, to)
					assert.Equal(t, "switched", changed.GetName())
					assert.JSONEq(t, target.want, permissionsOf(t, changed), "%s to %s", from, to)
				}
			}
		}
	}
}

// permissionsOf returns the permissions of a token, as JSON.
func permissionsOf(t testing.TB, token *ldapi.Token) string {
	t.Helper()
	only := map[string]any{}
	if token.GetRole() != "" {
		only["role"] = token.GetRole()
	}
	if len(token.GetCustomRoleIds()) > 0 {
		only["customRoleIds"] = token.GetCustomRoleIds()
	}
	if len(token.GetInlineRole()) > 0 {
		statements := token.GetInlineRole()
		for i := range statements {
			statements[i].AdditionalProperties = nil
			if len(statements[i].NotActions) == 0 && len(statements[i].NotResources) == 0 {
				statements[i].NotActions, statements[i].NotResources = nil, nil
			}
		}
		only["inlineRole"] = statements
	}
	text, err := json.Marshal(only)
	require.NoError(t, err)
	return string(text)
}

func TestMemberPatchAtTheServer(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	api := server.Client().AccountMembersApi
	patch := func(p *ldapi.MemberPatch) {
		ops, err := p.Operations()
		require.NoError(t, err)
		_, _, err = api.PatchMember(t.Context(), ldapitest.ReaderID).PatchOperation(ops).Execute()
		require.NoError(t, err)
	}
	read := func() *ldapi.Member {
		m, _, err := api.GetMember(t.Context(), ldapitest.ReaderID).Expand(ldapi.ExpandRoleAttributes).Execute()
		require.NoError(t, err)
		return m
	}
	attributes := map[string][]string{"developerProjectKeys": {"shop"}, "none": nil}
	patch(ldapi.NewMemberPatch().SetRole(ldapi.RoleNoAccess).SetCustomRoles([]string{ldapitest.PeopleManagerRoleID}).
		AddCustomRole(ldapitest.ReleaseManagerRoleID).SetRoleAttributes(attributes))
	m := read()
	assert.Equal(t, "no_access", m.Role)
	assert.Equal(t, []string{ldapitest.PeopleManagerRoleID, ldapitest.ReleaseManagerRoleID}, m.CustomRoles)
	assert.Equal(t, []string{"shop"}, m.GetRoleAttributes()["developerProjectKeys"])
	patch(ldapi.NewMemberPatch().SetCustomRoles(nil).SetRoleAttributes(nil))
	assert.Empty(t, read().CustomRoles)
	assert.Empty(t, read().GetRoleAttributes())
}

// The patches among the examples of the API, made by the builders.
func TestPatchExamples(t *testing.T) {
	t.Parallel()
	ops, err := ldapi.NewTokenPatchFrom(&ldapi.Token{Role: ldapi.PtrString("writer")}).SetName("ci-deploys-2").
		SetInlineRole(policyOf("allow", "proj/*:env/*:flag/*", "*")).Operations()
	require.NoError(t, err)
	assert.JSONEq(t, example(t, "token_patch"), patchBody(t, ops...))

	ops, err = ldapi.NewMemberPatch().SetRole(ldapi.RoleWriter).AddCustomRole("64c1d2e3f4a5b6c7d8e9f002").
		SetRoleAttributes(map[string][]string{"developerProjectKeys": {"shop"}}).Operations()
	require.NoError(t, err)
	client, p := tappedClient()
	_, _, err = client.AccountMembersApi.PatchMember(t.Context(), "64b7f0c2a91e3d5f08c41a10").PatchOperation(ops).Execute()
	require.NoError(t, err)
	assert.Equal(t, "/api/v2/members/64b7f0c2a91e3d5f08c41a10", p.only(t).url.Path)
	assert.JSONEq(t, example(t, "member_patch"), p.only(t).body)
	assert.Equal(t, "application/json", p.only(t).header.Get("Content-Type"))

	assert.JSONEq(t, `[{"op":"replace","path":"/role","value":"writer"}]`, patchBody(t, ldapi.PatchReplace("/role", "writer")))
	assert.JSONEq(t, `[{"op":"add","path":"/role","value":"writer"}]`, patchBody(t, ldapi.PatchAdd("/role", "writer")))
	assert.JSONEq(t, `[{"op":"add","path":"/customRoles/0","value":"a"}]`, patchBody(t, ldapi.PatchAdd(ldapi.PatchPath("customRoles", "0"), "a")))
}
