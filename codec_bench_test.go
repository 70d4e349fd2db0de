package ldapi

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/internal/codec"
)

// benchMember is member_full of the API's examples with what differs from member to member, two teams, one grant, role
// attributes, and one property that the SDK does not know.
const benchMember = `{
  "_links": {"self": {"href": "/api/v2/members/%[1]s", "type": "application/json"}},
  "_id": "%[1]s",
  "firstName": "Noor%[2]d", "lastName": "Haddad%[2]d",
  "role": "no_access",
  "email": "noor%[2]d@example.com",
  "_pendingInvite": false,
  "_verified": true,
  "_pendingEmail": "noor.haddad%[2]d@example.com",
  "customRoles": ["64c1d2e3f4a5b6c7d8e9f001"],
  "customRolesInfo": [{"_id": "64c1d2e3f4a5b6c7d8e9f001", "key": "release-manager", "name": "Release manager"}],
  "mfa": "disabled",
  "mfaEnforced": true,
  "mfaGracePeriodExpiresAt": 1769817600000,
  "hasPassword": false,
  "excludedDashboards": [],
  "_lastSeen": 1767139200000,
  "_lastSeenMetadata": {"tokenId": "66a0b1c2d3e4f50617283940"},
  "_integrationMetadata": {"externalId": "idp-%[2]05d", "externalStatus": {"display": "Active", "value": "active"},
    "externalUrl": "https://idp.example.com/users/%[2]d", "lastChecked": 1767139100000},
  "teams": [
    {"customRoleKeys": ["release-manager"], "key": "platform", "name": "Platform", "_links": {"self": {"href": "/api/v2/teams/platform"}}},
    {"customRoleKeys": [], "key": "checkout", "name": "Checkout", "_links": {"self": {"href": "/api/v2/teams/checkout"}}}],
  "permissionGrants": [{"resource": "team/platform", "actions": ["maintainTeam"]}],
  "creationDate": 1735689600000,
  "oauthProviders": ["google"],
  "version": 7,
  "roleAttributes": {"developerProjectKeys": ["shop", "billing"]}
}`

// benchToken is a token of tokens_page with what differs from token to token, its creator and an inline policy.
const benchToken = `{"_id":"%[1]s","ownerId":"5f00aa11bb22cc33dd44ee55","memberId":"5f00aa11bb22cc33dd44ee66",
"_member":{"_links":{"self":{"href":"/api/v2/members/5f00aa11bb22cc33dd44ee66","type":"application/json"}},"_id":"5f00aa11bb22cc33dd44ee66",
"firstName":"Rosa","lastName":"Field","role":"admin","email":"rosa.field@example.com"},"name":"deploys-%[2]d","description":"used by job %[2]d",
"creationDate":1767225600000,"lastModified":1767225600000,"inlineRole":[{"effect":"allow","resources":["proj/shop:env/staging:flag/*"],
"actions":["updateOn","updateTargets"]}],"token":"%[2]04d","serviceToken":true,"_links":{"parent":{"href":"/api/v2/tokens","type":"application/json"},
"self":{"href":"/api/v2/tokens/%[1]s","type":"application/json"}},"defaultApiVersion":20240415,"lastUsed":0}`

// benchPage returns a page of n of a resource.
func benchPage(resource, template string, n int) []byte {
	template = strings.NewReplacer("\n    ", "", "\n  ", "", "\n", "").Replace(template)
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(template, fmt.Sprintf("64b7f0c2a91e3d5f%08x", 0x08c41a12+i), i)
	}
	link := func(rel string) string {
		return fmt.Sprintf(`"%s":{"href":"/api/v2/%s?limit=%d","type":"application/json"}`, rel, resource, n)
	}
	return fmt.Appendf(nil, `{"items":[%s],"_links":{%s,%s,%s},"totalCount":%d}`, strings.Join(items, ","), link("self"), link("next"), link("last"), n)
}

// TestBenchPages: the benchmarks measure the pages that the figures describe.
func TestBenchPages(t *testing.T) {
	t.Parallel()
	page := benchPage("members", benchMember, 20)
	require.GreaterOrEqual(t, len(page), 26_000)
	require.LessOrEqual(t, len(page), 28_000)
	members, err := decoded[Members](string(page), true)
	require.NoError(t, err)
	ids, addresses := map[string]bool{}, map[string]bool{}
	for _, m := range members.Items {
		ids[m.Id], addresses[m.Email] = true, true
		require.Len(t, m.Teams, 2)
		require.Len(t, m.PermissionGrants, 1)
		require.Len(t, m.GetRoleAttributes(), 1)
		require.Len(t, m.AdditionalProperties, 1)
	}
	require.Len(t, ids, 20)
	require.Len(t, addresses, 20)
	tokens, err := decoded[Tokens](string(benchPage("tokens", benchToken, 25)), true)
	require.NoError(t, err)
	require.Len(t, tokens.Items, 25)
}

// benchBesideValid measures work on a page relative to json.Valid over the same bytes, in turns, so that both see the same machine.
func benchBesideValid(b *testing.B, page []byte, work func() error) {
	b.ReportAllocs()
	var working, validating time.Duration
	for b.Loop() {
		start := time.Now()
		if err := work(); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		if !json.Valid(page) {
			b.Fatal("no JSON")
		}
		working += middle.Sub(start)
		validating += time.Since(middle)
	}
	b.ReportMetric(float64(working.Nanoseconds())/float64(b.N), "ns/op") // without json.Valid
	b.ReportMetric(float64(working)/float64(validating), "x_json.Valid")
}

func benchDecode[T any, P modelPointer[T]](b *testing.B, page []byte) {
	benchBesideValid(b, page, func() error {
		var v T
		return decodeDocument(P(&v), page, false)
	})
}

func BenchmarkDecodeMembers20(b *testing.B) {
	benchDecode[Members](b, benchPage("members", benchMember, 20))
}

func BenchmarkDecodeMembers1000(b *testing.B) {
	benchDecode[Members](b, benchPage("members", benchMember, 1000))
}

func BenchmarkDecodeTokens25(b *testing.B) {
	benchDecode[Tokens](b, benchPage("tokens", benchToken, 25))
}

func BenchmarkDecodeToken(b *testing.B) {
	benchDecode[Token](b, fmt.Appendf(nil, benchToken, "66a0b1c2d3e4f50617283940", 1))
}

// benchEncode measures encoding as requests do it.
func benchEncode(b *testing.B, encode func(e *codec.Encoder)) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.Encode(encode); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodePatch(b *testing.B) {
	patch := []PatchOperation{
		*NewPatchOperation("replace", "/name", "ci-deploys-2"),
		*NewPatchOperation("remove", "/role"),
		*NewPatchOperation("replace", "/customRoleIds", []string{"64c1d2e3f4a5b6c7d8e9f001"}),
	}
	benchEncode(b, func(e *codec.Encoder) { codec.EncodeSlice(&patch, e, (*PatchOperation).encode) })
}

func BenchmarkEncodeTokenPost(b *testing.B) {
	post := AccessTokenPost{Name: PtrString("ci-deploys"), Description: PtrString("used by the deploy job"), ServiceToken: PtrBool(true),
		InlineRole: []StatementPost{{Effect: "allow", Resources: []string{"proj/shop:env/staging:flag/*"}, Actions: []string{"updateOn"}}}}
	benchEncode(b, post.encode)
}

func BenchmarkDecodeMembers10000(b *testing.B) {
	benchDecode[Members](b, benchPage("members", benchMember, 10_000))
}

// BenchmarkUnmarshalMembers20 measures json.Unmarshal, which scans the document before it decodes.
func BenchmarkUnmarshalMembers20(b *testing.B) {
	page := benchPage("members", benchMember, 20)
	benchBesideValid(b, page, func() error {
		var v Members
		return json.Unmarshal(page, &v)
	})
}

// plainMembers is a page of members as a plain struct for encoding/json.
type plainMembers struct {
	Items []struct {
		ID           string `json:"_id"`
		FirstName    string
		LastName     string
		Role, Email  string
		CustomRoles  []string
		LastSeen     int64 `json:"_lastSeen"`
		CreationDate int64
		Teams        []struct {
			Key, Name      string
			CustomRoleKeys []string
		}
		RoleAttributes map[string][]string
		Links          map[string]struct{ Href, Type string } `json:"_links"`
	}
	Links      map[string]struct{ Href, Type string } `json:"_links"`
	TotalCount int
}

// BenchmarkPlainMembers20 is encoding/json with plain structs that leave out half of it, for comparison.
func BenchmarkPlainMembers20(b *testing.B) {
	page := benchPage("members", benchMember, 20)
	benchBesideValid(b, page, func() error {
		var v plainMembers
		return json.Unmarshal(page, &v)
	})
}
