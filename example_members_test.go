package ldapi_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

func ExampleApiGetMembersRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	members, _, err := server.Client().AccountMembersApi.GetMembers(context.Background()).
		Limit(2).Sort(ldapi.Descending(ldapi.SortDisplayName)).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, member := range members.GetItems() {
		fmt.Println(member.GetFirstName(), member.GetLastName(), member.GetRole())
	}
	fmt.Println("of", members.GetTotalCount())
	// Output:
	// Wendy Walsh writer
	// Remy Reed reader
	// of 4
}

// The id "me" is the member that the token belongs to.
func ExampleApiGetMemberRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	me, _, err := server.Client().AccountMembersApi.GetMember(context.Background(), "me").Expand(ldapi.ExpandRoleAttributes).Execute()
	fmt.Println(me.GetEmail(), me.GetRole(), err)
	// Output: adam.adler@example.com admin <nil>
}

// One request sends up to 50 invitations; APIClient.InviteMembers sends any number.
func ExampleApiPostMembersRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	form := ldapi.NewNewMemberForm("sam@example.com")
	form.SetRole(ldapi.RoleWriter)
	form.SetTeamKeys([]string{ldapitest.PlatformTeamKey})
	invited, _, err := server.Client().AccountMembersApi.PostMembers(context.Background()).NewMemberForm([]ldapi.NewMemberForm{*form}).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, member := range invited.GetItems() {
		fmt.Println(member.GetEmail(), member.GetRole(), member.GetPendingInvite())
	}
	// Output: sam@example.com writer true
}

func ExampleApiPatchMemberRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	patch := []ldapi.PatchOperation{ldapi.PatchReplace("/role", ldapi.RoleAdmin)}
	member, _, err := server.Client().AccountMembersApi.PatchMember(context.Background(), ldapitest.WriterID).PatchOperation(patch).Execute()
	fmt.Println(member.GetRole(), err)
	// Output: admin <nil>
}

// A request can succeed in part: members cannot change their own role, and here the caller is one of the members.
func ExampleApiPatchMembersRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	demote := ldapi.ReplaceMembersRoles(ldapi.RoleReader, ldapitest.WriterID, ldapitest.AdminID)
	input := ldapi.NewMembersPatchInput([]ldapi.MemberInstruction{demote})
	result, _, err := server.Client().AccountMembersApi.PatchMembers(context.Background()).MembersPatchInput(*input).Execute()
	fmt.Println(len(result.GetMembers()), "changed,", len(result.Failed()), "failed,", err)
	// Output: 1 changed, 1 failed, <nil>
}

func ExampleApiPostMemberTeamsRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	input := ldapi.NewMemberTeamsPostInput([]string{ldapitest.PlatformTeamKey})
	member, _, err := server.Client().AccountMembersApi.PostMemberTeams(context.Background(), ldapitest.ReaderID).MemberTeamsPostInput(*input).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, team := range member.GetTeams() {
		fmt.Println(member.GetEmail(), team.GetKey())
	}
	// Output: remy.reed@example.com platform
}

func ExampleApiDeleteMemberRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	_, err := server.Client().AccountMembersApi.DeleteMember(context.Background(), ldapitest.ReaderID).Execute()
	fmt.Println(len(server.Members()), err)
	// Output: 3 <nil>
}

// A member must match all fields that are set.
func ExampleMemberFilter() {
	filter := ldapi.MemberFilter{
		Roles:    []string{ldapi.RoleWriter, ldapi.RoleReader},
		LastSeen: ldapi.LastSeenBefore(time.UnixMilli(1767225600000)),
	}
	text, err := filter.Encode()
	fmt.Println(text, err)
	_, err = ldapi.MemberFilter{Query: "Walsh, Wendy"}.Encode()
	fmt.Println(err)
	// Output:
	// role:writer|reader,lastSeen:{"before":1767225600000} <nil>
	// ldapi: getMembers: MemberFilter.Query: the filter language cannot carry ',' in a value
}

func ExampleApiGetMembersRequest_FilterBy() {
	server := ldapitest.NewServer()
	defer server.Close()

	never := ldapi.MemberFilter{LastSeen: ldapi.LastSeenNever()}
	members, err := server.Client().AccountMembersApi.GetMembers(context.Background()).FilterBy(never).Collect()
	for _, member := range members {
		fmt.Println(member.GetEmail(), err)
	}
	// Output: remy.reed@example.com <nil>
}

// These members have not been active since LaunchDarkly began recording activity.
func ExampleLastSeenNoData() {
	text, err := ldapi.MemberFilter{LastSeen: ldapi.LastSeenNoData()}.Encode()
	fmt.Println(text, err)
	// Output: lastSeen:{"noData":true} <nil>
}

func ExampleDescending() {
	fmt.Println(ldapi.Descending(ldapi.SortLastSeen))
	// Output: -lastSeen
}

func ExampleAPIClient_FindMemberByEmail() {
	server := ldapitest.NewServer()
	defer server.Close()

	ctx, client := context.Background(), server.Client()
	member, err := client.FindMemberByEmail(ctx, "Wendy.Walsh@Example.com")
	fmt.Println(member.GetFirstName(), err)
	_, err = client.FindMemberByEmail(ctx, "nobody@example.com")
	fmt.Println(errors.Is(err, ldapi.ErrNotFound))
	// Output:
	// Wendy <nil>
	// true
}

func ExampleAPIClient_InviteMembers() {
	server := ldapitest.NewServer()
	defer server.Close()

	var forms []ldapi.NewMemberForm
	for i := range 120 {
		forms = append(forms, *ldapi.NewNewMemberForm(fmt.Sprintf("person%d@example.com", i)))
	}
	members, err := server.Client().InviteMembers(context.Background(), forms)
	fmt.Println(len(members), "invited by", len(server.Requests()), "requests,", err)
	// Output: 120 invited by 3 requests, <nil>
}

// A request invites all of its members or none; InviteMembers stops at the first request that fails.
func ExampleInviteError() {
	server := ldapitest.NewServer()
	defer server.Close()

	forms := []ldapi.NewMemberForm{*ldapi.NewNewMemberForm("sam@example.com"), *ldapi.NewNewMemberForm("remy.reed@example.com")}
	_, err := server.Client().InviteMembers(context.Background(), forms)
	var failure *ldapi.InviteError
	var apiError *ldapi.GenericOpenAPIError
	if errors.As(err, &failure) && errors.As(err, &apiError) {
		fmt.Println(len(failure.Invited), len(failure.Failed), len(failure.Uncertain), len(failure.NotTried))
		fmt.Println(errors.Is(err, ldapi.ErrEmailAlreadyInAccount), apiError.InvalidEmails())
	}
	// Output:
	// 0 2 0 0
	// true [remy.reed@example.com]
}

func ExampleMember_LastSeenTime() {
	member := ldapi.NewMemberWithDefaults()
	member.SetCreationDate(1767225600000)
	_, seen := member.LastSeenTime()
	fmt.Println(member.CreationTime().Format(time.DateOnly), seen)
	// Output: 2026-01-01 false
}
