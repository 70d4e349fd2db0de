package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

func TestSeed(t *testing.T) {
	t.Parallel()
	s := start(t, "-seed", filepath.Join("testdata", "seed.json"))
	client := s.client()
	noor := find(t, client, "noor@example.com")
	require.Equal(t, "no_access", noor.GetRole())
	require.Len(t, noor.GetCustomRoles(), 1)
	require.Equal(t, map[string][]string{"developerProjectKeys": {"shop"}}, noor.GetRoleAttributes())
	require.Equal(t, time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC).UnixMilli(), noor.GetLastSeen())
	require.Equal(t, "2024-05-01T08:00:00Z", noor.CreationTime().Format(time.RFC3339))
	require.Equal(t, "Checkout", noor.GetTeams()[0].GetName())
	require.True(t, find(t, client, "sam@example.com").PendingInvite)

	role, _, err := client.CustomRolesApi.GetCustomRole(t.Context(), "token-keeper").Execute()
	require.NoError(t, err)
	require.Equal(t, "Rotates tokens reader", role.GetDescription()+" "+role.GetBasePermissions())
	team, _, err := client.TeamsApi.GetTeam(t.Context(), "checkout").Expand("roles,maintainers,roleAttributes").Execute()
	require.NoError(t, err)
	require.Equal(t, "Sells", team.GetDescription())
	require.True(t, team.GetIdpSynced())
	require.Equal(t, map[string][]string{"region": {"eu"}}, team.GetRoleAttributes())
	require.Equal(t, "noor@example.com", team.Maintainers.Items[0].Email)

	tokens, _, err := client.AccessTokensApi.GetTokens(t.Context()).ShowAll(true).Execute()
	require.NoError(t, err)
	byName := map[string]ldapi.Token{}
	for _, token := range tokens.GetItems() {
		byName[token.GetName()] = token
	}
	require.Equal(t, noor.GetId(), byName["noor"].MemberId)
	require.Equal(t, []string{ldapitest.ReleaseManagerRoleID}, byName["release-bot"].CustomRoleIds)
	bot := byName["release-bot"]
	used, _ := bot.LastUsedTime()
	require.Equal(t, "2024-05-02T08:00:00Z 2024-05-03T08:00:00Z 2025-12-24T11:00:00Z", bot.CreationTime().Format(time.RFC3339)+" "+
		bot.LastModifiedTime().Format(time.RFC3339)+" "+used.Format(time.RFC3339))
	require.Equal(t, "allow", byName["staging-only"].InlineRole[0].Effect)

	ctx := ldapi.ContextWithAccessToken(t.Context(), "api-1b2c3d4e-5f60-4a11-8b21-6f0d1e2f3b11")
	me, _, err := client.AccountMembersApi.GetMember(ctx, "me").Execute()
	require.NoError(t, err)
	require.Equal(t, noor.GetId(), me.GetId())
}

// TestSeedOfTheGuide: the seed that the guide shows is one.
func TestSeedOfTheGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "guides", "testing.md"))
	require.NoError(t, err)
	_, block, _ := strings.Cut(string(guide), "```json\n")
	block, _, found := strings.Cut(block, "```\n")
	require.True(t, found)
	server := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
	require.NoError(t, seed(server, []byte(block)))
	require.Len(t, server.Members(), 5)
	require.Len(t, server.Tokens(), 6)
}

func find(t *testing.T, client *ldapi.APIClient, email string) ldapi.Member {
	t.Helper()
	page, _, err := client.AccountMembersApi.GetMembers(t.Context()).Filter("email:" + email).Expand("roleAttributes").Execute()
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	return page.Items[0]
}

func TestBadSeeds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ seed, want string }{
		"empty file":        {"", "EOF"},
		"no JSON":           {"{\n \"members\": [}", "line 2: invalid character '}'"},
		"not an object":     {"[]", "want object, got array"},
		"null":              {" null\n", "want object, got null"},
		"a null element":    {`{"tokens":[null]}`, "tokens[0]: want object, got null"},
		"two documents":     {"{} {}", "something follows the document"},
		"unknown list":      {`{"flags":[]}`, `unknown field "flags"`},
		"no list":           {`{"members":{}}`, `field "members": want list, got object`},
		"no object":         {`{"members":["sam@example.com"]}`, "members[0]: want object, got string"},
		"unknown field":     {`{"members":[{"email":"a@example.com"},{"colour":"red"}]}`, `members[1]: unknown field "colour"`},
		"wrong type":        {`{"tokens":[{"name":7}]}`, `tokens[0]: field "name": want string, got number`},
		"wrong inner type":  {`{"tokens":[{"inlineRole":[{"effect":true}]}]}`, `tokens[0]: field "inlineRole.effect": want string, got bool`},
		"no address":        {`{"members":[{"email":"nobody"}]}`, `members[0]: email "nobody" is not an address`},
		"same address":      {`{"members":[{"email":"A@example.com"},{"email":"a@example.com"}]}`, `members[1]: email "a@example.com" is taken`},
		"unknown role":      {`{"members":[{"email":"a@example.com","customRoles":["none"]}]}`, "members[0]: unknown custom role"},
		"unknown team":      {`{"members":[{"email":"a@example.com","teams":["none"]}]}`, "members[0]: unknown team"},
		"no time of use":    {`{"tokens":[{"lastUsed":"2026-01-01"}]}`, `tokens[0]: field "lastUsed": want a time such as`},
		"no time":           {`{"members":[{"email":"a@example.com","lastSeen":"soon"}]}`, `members[0]: field "lastSeen": want a time such as`},
		"maintains nothing": {`{"members":[{"email":"a@example.com","maintains":["none"]}]}`, `members[0]: field "maintains": unknown team "none"`},
		"role without key":  {`{"roles":[{"name":"x"}]}`, "roles[0]: no key"},
		"team without key":  {`{"teams":[{"name":"x"}]}`, "teams[0]: no key"},
		"unknown member":    {`{"tokens":[{"member":"none@example.com"}]}`, `tokens[0]: no member "none@example.com"`},
		"two permissions":   {`{"tokens":[{"role":"reader","customRoleIds":["release-manager"]}]}`, "tokens[0]: exactly one of"},
		"odd secret":        {`{"tokens":[{"secret":"letmein"}]}`, `tokens[0]: field "secret": must be api-`},
		"secret in use":     {`{"tokens":[{"secret":"` + ldapitest.AdminToken + `"}]}`, "tokens[0]: the secret is taken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "account.json")
			require.NoError(t, os.WriteFile(path, []byte(c.seed), 0o600))
			var stdout, stderr buffer
			require.Equal(t, exitFailure, run(t.Context(), []string{"-addr", "127.0.0.1:0", "-seed", path}, &stdout, &stderr))
			require.Contains(t, stderr.String(), path+": "+c.want)
			require.Empty(t, stdout.String(), "nothing is announced")
		})
	}
}
