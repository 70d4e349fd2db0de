package ldapi_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// link is a link as the API writes them.
func link(href string) ldapi.Link {
	return ldapi.Link{Href: &href, Type: ldapi.PtrString("application/json")}
}

// tokenLinks are the links of a token.
func tokenLinks(id string) map[string]ldapi.Link {
	return map[string]ldapi.Link{"parent": link("/api/v2/tokens"), "self": link("/api/v2/tokens/" + id)}
}

// marshalsBack asserts that a model writes every property of the document that it was read from.
func marshalsBack(t *testing.T, document string, model any) {
	t.Helper()
	b, err := json.Marshal(model)
	require.NoError(t, err)
	assert.JSONEq(t, document, string(b))
}

// The structs below are whole: a field that they leave out must be zero, AdditionalProperties among them.

func TestDecodingACreatedToken(t *testing.T) {
	t.Parallel()
	document := payload(t, "token_created")
	client, _ := answering(201, document)
	token, resp, err := client.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(ldapi.AccessTokenPost{}).Execute()
	require.NoError(t, err)
	assert.Equal(t, 201, resp.StatusCode)
	assert.Equal(t, &ldapi.Token{
		Id:       "66a0b1c2d3e4f50617283940",
		OwnerId:  "5f00aa11bb22cc33dd44ee55",
		MemberId: "5f00aa11bb22cc33dd44ee66",
		Member: &ldapi.MemberSummary{
			Links:     map[string]ldapi.Link{"self": link("/api/v2/members/5f00aa11bb22cc33dd44ee66")},
			Id:        "5f00aa11bb22cc33dd44ee66",
			Role:      "admin",
			Email:     "rosa.field@example.com",
			FirstName: ldapi.PtrString("Rosa"),
			LastName:  ldapi.PtrString("Field"),
		},
		Name:              ldapi.PtrString("ci-deploys"),
		Description:       ldapi.PtrString("used by the deploy job"),
		CreationDate:      1767225600000,
		LastModified:      1767225600000,
		Role:              ldapi.PtrString("writer"),
		Token:             ldapi.PtrString("api-0f1e2d3c-4b5a-4697-8877-665544332211"),
		ServiceToken:      ldapi.PtrBool(true),
		Links:             tokenLinks("66a0b1c2d3e4f50617283940"),
		DefaultApiVersion: ldapi.PtrInt32(20240415),
		LastUsed:          ldapi.PtrInt64(0),
	}, token)
	marshalsBack(t, document, token)
}

func TestDecodingATokenWithCustomRoles(t *testing.T) {
	t.Parallel()
	document := payload(t, "token_read_custom")
	client, _ := answering(200, document)
	token, _, err := getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Equal(t, &ldapi.Token{
		Id:                "66a0b1c2d3e4f50617283941",
		OwnerId:           "5f00aa11bb22cc33dd44ee55",
		MemberId:          "5f00aa11bb22cc33dd44ee66",
		Name:              ldapi.PtrString("release-bot"),
		CreationDate:      1767225660000,
		LastModified:      1767312000000,
		CustomRoleIds:     []string{"64c1d2e3f4a5b6c7d8e9f001"},
		Token:             ldapi.PtrString("9c4e"),
		ServiceToken:      ldapi.PtrBool(true),
		Links:             tokenLinks("66a0b1c2d3e4f50617283941"),
		DefaultApiVersion: ldapi.PtrInt32(20240415),
		LastUsed:          ldapi.PtrInt64(1767398400000),
	}, token)
	assert.False(t, token.HasRole(), "a token with custom roles has no base role")
	marshalsBack(t, document, token)
}

func TestDecodingAPageOfTokens(t *testing.T) {
	t.Parallel()
	document := payload(t, "tokens_page")
	client, _ := answering(200, document)
	page, _, err := client.AccessTokensApi.GetTokens(t.Context()).Limit(2).Offset(2).Execute()
	require.NoError(t, err)
	assert.Equal(t, &ldapi.Tokens{
		Items: []ldapi.Token{
			{
				Id:                "66a0b1c2d3e4f50617283942",
				OwnerId:           "5f00aa11bb22cc33dd44ee55",
				MemberId:          "5f00aa11bb22cc33dd44ee66",
				Name:              ldapi.PtrString("reader"),
				CreationDate:      1767225700000,
				LastModified:      1767225700000,
				Role:              ldapi.PtrString("reader"),
				Token:             ldapi.PtrString("77d0"),
				ServiceToken:      ldapi.PtrBool(false),
				Links:             tokenLinks("66a0b1c2d3e4f50617283942"),
				DefaultApiVersion: ldapi.PtrInt32(20240415),
				LastUsed:          ldapi.PtrInt64(0),
			},
			{
				Id:           "66a0b1c2d3e4f50617283943",
				OwnerId:      "5f00aa11bb22cc33dd44ee55",
				MemberId:     "5f00aa11bb22cc33dd44ee66",
				Name:         ldapi.PtrString("policy"),
				CreationDate: 1767225800000,
				LastModified: 1767225800000,
				InlineRole: []ldapi.Statement{
					{Effect: "allow", Resources: []string{"proj/*"}, Actions: []string{"viewProject"}},
				},
				Token:             ldapi.PtrString("a1b2"),
				ServiceToken:      ldapi.PtrBool(true),
				Links:             tokenLinks("66a0b1c2d3e4f50617283943"),
				DefaultApiVersion: ldapi.PtrInt32(20240415),
				LastUsed:          ldapi.PtrInt64(0),
			},
		},
		Links: &map[string]ldapi.Link{
			"first": link("/api/v2/tokens?limit=2"),
			"prev":  link("/api/v2/tokens?limit=2"),
			"self":  link("/api/v2/tokens?limit=2&offset=2"),
			"next":  link("/api/v2/tokens?limit=2&offset=4"),
			"last":  link("/api/v2/tokens?limit=2&offset=4"),
		},
		TotalCount: ldapi.PtrInt32(5),
	}, page)
	marshalsBack(t, document, page)
}

// The request models read what they write, too: programs keep them in files.
func TestDecodingRequestModels(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		file  string
		model any
	}{
		{"token_post_role", new(ldapi.AccessTokenPost)},
		{"token_post_inline", new(ldapi.AccessTokenPost)},
		{"token_post_custom", new(ldapi.AccessTokenPost)},
		{"token_patch", new([]ldapi.PatchOperation)},
		{"members_invite", new([]ldapi.NewMemberForm)},
		{"member_patch", new([]ldapi.PatchOperation)},
		{"members_semantic", new(ldapi.MembersPatchInput)},
		{"member_teams", new(ldapi.MemberTeamsPostInput)},
	} {
		t.Run(tc.file, func(t *testing.T) {
			t.Parallel()
			document := payload(t, tc.file)
			require.NoError(t, json.Unmarshal([]byte(document), tc.model))
			marshalsBack(t, document, tc.model)
		})
	}
}
