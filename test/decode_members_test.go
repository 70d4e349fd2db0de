package ldapi_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

func selfLink(href string) map[string]ldapi.Link {
	return map[string]ldapi.Link{"self": link(href)}
}

func TestDecodingAMemberWithEveryProperty(t *testing.T) {
	t.Parallel()
	document := payload(t, "member_full")
	client, _ := answering(200, document)
	member, _, err := client.AccountMembersApi.GetMember(t.Context(), memberID).Expand("customRoles,roleAttributes").Execute()
	require.NoError(t, err)
	assert.Equal(t, fullMember(), member)
	marshalsBack(t, document, member)
}

// fullMember is the member of the example with every property.
func fullMember() *ldapi.Member {
	teamLinks := selfLink("/api/v2/teams/platform")
	return &ldapi.Member{
		Links:                   selfLink("/api/v2/members/64b7f0c2a91e3d5f08c41a12"),
		Id:                      "64b7f0c2a91e3d5f08c41a12",
		FirstName:               ldapi.PtrString("Noor"),
		LastName:                ldapi.PtrString("Haddad"),
		Role:                    "no_access",
		Email:                   "noor@example.com",
		PendingInvite:           false,
		Verified:                true,
		PendingEmail:            ldapi.PtrString("noor.haddad@example.com"),
		CustomRoles:             []string{"64c1d2e3f4a5b6c7d8e9f001"},
		Mfa:                     "disabled",
		MfaEnforced:             ldapi.PtrBool(true),
		MfaGracePeriodExpiresAt: ldapi.PtrInt64(1769817600000),
		HasPassword:             ldapi.PtrBool(false),
		ExcludedDashboards:      []string{},
		LastSeen:                1767139200000,
		LastSeenMetadata:        &ldapi.LastSeenMetadata{TokenId: ldapi.PtrString("66a0b1c2d3e4f50617283940")},
		IntegrationMetadata: &ldapi.IntegrationMetadata{
			ExternalId:     "idp-00017",
			ExternalStatus: ldapi.IntegrationStatus{Display: "Active", Value: "active"},
			ExternalUrl:    "https://idp.example.com/users/17",
			LastChecked:    1767139100000,
		},
		Teams: []ldapi.MemberTeamSummaryRep{
			{CustomRoleKeys: []string{"release-manager"}, Key: "platform", Name: "Platform", Links: &teamLinks},
		},
		PermissionGrants: []ldapi.MemberPermissionGrantSummaryRep{
			{Resource: "team/platform", Actions: []string{"maintainTeam"}},
		},
		CreationDate:   1735689600000,
		OauthProviders: []string{"google"},
		Version:        ldapi.PtrInt32(7),
		RoleAttributes: &map[string][]string{"developerProjectKeys": {"shop", "billing"}},
		AdditionalProperties: map[string]interface{}{
			"customRolesInfo": []interface{}{
				map[string]interface{}{"_id": "64c1d2e3f4a5b6c7d8e9f001", "key": "release-manager", "name": "Release manager"},
			},
		},
	}
}

func TestDecodingInvitedMembers(t *testing.T) {
	t.Parallel()
	document := payload(t, "members_invited")
	client, _ := answering(201, document)
	forms := []ldapi.NewMemberForm{{Email: "sam@example.com"}, {Email: "dev+flags@example.com"}}
	members, resp, err := client.AccountMembersApi.PostMembers(t.Context()).NewMemberForm(forms).Execute()
	require.NoError(t, err)
	assert.Equal(t, 201, resp.StatusCode)
	teamLinks := selfLink("/api/v2/teams/platform")
	assert.Equal(t, &ldapi.Members{
		Items: []ldapi.Member{
			{
				Links:              selfLink("/api/v2/members/64b7f0c2a91e3d5f08c41a10"),
				Id:                 "64b7f0c2a91e3d5f08c41a10",
				FirstName:          ldapi.PtrString("Sam"),
				LastName:           ldapi.PtrString("Ochoa"),
				Role:               "reader",
				Email:              "sam@example.com",
				PendingInvite:      true,
				Verified:           true,
				CustomRoles:        []string{},
				Mfa:                "disabled",
				ExcludedDashboards: []string{},
				CreationDate:       1767225600000,
				Version:            ldapi.PtrInt32(1),
			},
			{
				Links:              selfLink("/api/v2/members/64b7f0c2a91e3d5f08c41a11"),
				Id:                 "64b7f0c2a91e3d5f08c41a11",
				Role:               "reader",
				Email:              "dev+flags@example.com",
				PendingInvite:      true,
				Verified:           true,
				CustomRoles:        []string{"64c1d2e3f4a5b6c7d8e9f001"},
				Mfa:                "disabled",
				ExcludedDashboards: []string{},
				Teams: []ldapi.MemberTeamSummaryRep{
					{CustomRoleKeys: []string{}, Key: "platform", Name: "Platform", Links: &teamLinks},
				},
				CreationDate: 1767225600000,
				Version:      ldapi.PtrInt32(1),
			},
		},
		Links:      selfLink("/api/v2/members"),
		TotalCount: ldapi.PtrInt32(2),
	}, members)
	marshalsBack(t, document, members)
}

func TestDecodingAPageOfMembers(t *testing.T) {
	t.Parallel()
	document := payload(t, "members_page")
	client, _ := answering(200, document)
	page, _, err := client.AccountMembersApi.GetMembers(t.Context()).Execute()
	require.NoError(t, err)
	assert.Equal(t, &ldapi.Members{
		Items: []ldapi.Member{},
		Links: map[string]ldapi.Link{
			"self": link("/api/v2/members?limit=20"),
			"next": link("/api/v2/members?limit=20&offset=20"),
			"last": link("/api/v2/members?limit=20&offset=40"),
		},
		TotalCount: ldapi.PtrInt32(45),
	}, page)
	marshalsBack(t, document, page)
}

func TestDecodingABulkResult(t *testing.T) {
	t.Parallel()
	document := payload(t, "members_bulk_result")
	client, _ := answering(200, document)
	input := *ldapi.NewMembersPatchInput(nil)
	result, _, err := client.AccountMembersApi.PatchMembers(t.Context()).MembersPatchInput(input).Execute()
	require.NoError(t, err)
	assert.Equal(t, &ldapi.BulkEditMembersRep{
		Members: []string{"64b7f0c2a91e3d5f08c41a10"},
		Errors:  []map[string]string{{"5f00aa11bb22cc33dd44ee66": "you cannot modify your own role"}},
	}, result)
	marshalsBack(t, document, result)
}
