package ldapi_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

func ExampleApiGetTeamsRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	teams, _, err := server.Client().TeamsApi.GetTeams(context.Background()).Filter("query:plat").Expand(ldapi.ExpandMembers).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, team := range teams.GetItems() {
		members := team.GetMembers()
		fmt.Println(team.GetKey(), members.GetTotalCount())
	}
	// Output: platform 1
}

// Roles are named by key, members by ID.
func ExampleApiPostTeamRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	input := ldapi.NewTeamPostInput("payments", "Payments")
	input.SetCustomRoleKeys([]string{ldapitest.ReleaseManagerRoleKey})
	input.SetMemberIDs([]string{ldapitest.WriterID, ldapitest.ReaderID})
	team, _, err := server.Client().TeamsApi.PostTeam(context.Background()).TeamPostInput(*input).Expand(ldapi.ExpandMembers).Execute()
	members := team.GetMembers()
	fmt.Println(team.GetName(), members.GetTotalCount(), err)
	// Output: Payments 2 <nil>
}

func ExampleApiGetTeamRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	expand := strings.Join([]string{ldapi.ExpandRoles, ldapi.ExpandMaintainers, ldapi.ExpandProjects}, ",")
	team, _, err := server.Client().TeamsApi.GetTeam(context.Background(), ldapitest.PlatformTeamKey).Expand(expand).Execute()
	roles := team.GetRoles()
	fmt.Println(team.GetName(), roles.GetTotalCount(), err)
	// Output: Platform 0 <nil>
}

func ExampleApiPatchTeamRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	team, _, err := server.Client().TeamsApi.PatchTeam(context.Background(), ldapitest.PlatformTeamKey).Instructions(
		ldapi.SetTeamDescription("Runs the platform"),
		ldapi.AddTeamMembers(ldapitest.ReaderID),
		ldapi.AddTeamRoles(ldapitest.ReleaseManagerRoleKey),
		ldapi.AddTeamMaintainers(ldapitest.WriterID),
	).Execute()
	fmt.Println(team.GetDescription(), team.GetVersion(), err)
	// Output: Runs the platform 2 <nil>
}

func ExampleApiDeleteTeamRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.AddTeam(ldapitest.Team{Key: "empty"})

	teams := server.Client().TeamsApi
	_, err := teams.DeleteTeam(context.Background(), "empty").Execute()
	fmt.Println(err)
	_, err = teams.DeleteTeam(context.Background(), ldapitest.PlatformTeamKey).Execute() // it has a member
	fmt.Println(errors.Is(err, ldapi.ErrConflict))
	// Output:
	// <nil>
	// true
}

// The members whose addresses are in a CSV file are added together, or not at all.
func ExampleApiPostTeamMembersRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	teams := server.Client().TeamsApi
	upload := teams.PostTeamMembers(context.Background(), ldapitest.PlatformTeamKey)
	_, _, err := upload.CSV(strings.NewReader("email\nremy.reed@example.com\nnot an address\n")).Execute()
	var apiError *ldapi.GenericOpenAPIError
	if errors.Is(err, ldapi.ErrImportRejected) && errors.As(err, &apiError) {
		report, _ := apiError.Model().(ldapi.TeamImportsRep)
		for _, row := range report.GetItems() {
			fmt.Println(row.GetValue(), row.GetMessage(), row.GetStatus())
		}
	}
	_, _, err = upload.CSV(strings.NewReader("remy.reed@example.com\n")).Execute()
	fmt.Println(err)
	// Output:
	// remy.reed@example.com  success
	// not an address Line 3: invalid formatting error
	// <nil>
}

// File takes a file as in the stock client, and closes it.
func ExampleApiPostTeamMembersRequest_File() {
	server := ldapitest.NewServer()
	defer server.Close()
	name := filepath.Join(os.TempDir(), fmt.Sprintf("members-%d.csv", os.Getpid()))
	if err := os.WriteFile(name, []byte("adam.adler@example.com\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.Remove(name) }()

	file, err := os.Open(name)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, _, err := server.Client().TeamsApi.PostTeamMembers(context.Background(), ldapitest.PlatformTeamKey).File(file).Execute()
	fmt.Println(len(report.GetItems()), err)
	// Output: 1 <nil>
}

func ExampleApiGetTeamMaintainersRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.AddMember(ldapitest.Member{Email: "mia@example.com", PermissionGrants: []ldapitest.PermissionGrant{
		{Resource: "team/" + ldapitest.PlatformTeamKey, ActionSet: "maintainTeam"}}})

	maintainers, _, err := server.Client().TeamsApi.GetTeamMaintainers(context.Background(), ldapitest.PlatformTeamKey).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, maintainer := range maintainers.GetItems() {
		fmt.Println(maintainer.GetEmail())
	}
	// Output: mia@example.com
}

func ExampleApiGetTeamRolesRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.AddTeam(ldapitest.Team{Key: "payments", CustomRoleKeys: []string{ldapitest.ReleaseManagerRoleKey}})

	roles, _, err := server.Client().TeamsApi.GetTeamRoles(context.Background(), "payments").Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, role := range roles.GetItems() {
		fmt.Println(role.GetKey(), role.GetName())
	}
	// Output: release-manager Release manager
}

// The operation is in beta: the client sends the header that it needs.
func ExampleApiPatchTeamsRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	add := ldapi.AddMembersToTeams([]string{ldapitest.ReaderID}, []string{ldapitest.PlatformTeamKey, "missing"})
	result, _, err := server.Client().TeamsBetaApi.PatchTeams(context.Background()).Instructions(add).Execute()
	fmt.Println(result.GetTeamKeys(), result.Failed(), err)
	// Output: [platform] map[missing:team not found] <nil>
}

// Team instructions of all other kinds. One patch takes any number of them.
func ExampleTeamInstruction() {
	server := ldapitest.NewServer()
	defer server.Close()

	_, _, err := server.Client().TeamsApi.PatchTeam(context.Background(), ldapitest.PlatformTeamKey).Instructions(
		ldapi.SetTeamName("Platform team"),
		ldapi.ReplaceTeamMembers(ldapitest.ReaderID, ldapitest.WriterID),
		ldapi.RemoveTeamMembers(ldapitest.ReaderID),
		ldapi.AddTeamRoles(ldapitest.PeopleManagerRoleKey),
		ldapi.RemoveTeamRoles(ldapitest.PeopleManagerRoleKey),
		ldapi.AddTeamMaintainers(ldapitest.WriterID),
		ldapi.RemoveTeamMaintainers(ldapitest.WriterID),
		ldapi.AddTeamGrants([]string{"updateTeamMembers"}, ldapitest.ReaderID),
		ldapi.RemoveTeamGrants([]string{"updateTeamMembers"}, ldapitest.ReaderID),
		ldapi.AddTeamRoleAttribute("region", "eu"),
		ldapi.SetTeamRoleAttribute("region", "eu", "us"),
		ldapi.RemoveTeamRoleAttribute("region"),
		ldapi.ReplaceTeamRoleAttributes(map[string][]string{"tier": {"1"}}),
	).Execute()
	fmt.Println(server.Teams()[0].Name, server.Teams()[0].RoleAttributes, err)
	// Output: Platform team map[tier:[1]] <nil>
}

func ExampleAddAllMembersToTeams() {
	server := ldapitest.NewServer()
	defer server.Close()

	add, err := ldapi.AddAllMembersToTeams(ldapi.MembersExcept{Roles: []string{ldapi.RoleReader}}, ldapitest.PlatformTeamKey)
	if err != nil {
		fmt.Println(err)
		return
	}
	result, _, err := server.Client().TeamsBetaApi.PatchTeams(context.Background()).Instructions(add).Execute()
	fmt.Println(len(result.GetMemberIDs()), "added,", err)
	// Output: 2 added, <nil>
}

func ExampleAPIClient_TeamMembers() {
	server := ldapitest.NewServer()
	defer server.Close()

	for member, err := range server.Client().TeamMembers(context.Background(), ldapitest.PlatformTeamKey) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(member.GetEmail())
	}
	// Output: wendy.walsh@example.com
}

func ExampleAPIClient_DetachAndDeleteTeam() {
	server := ldapitest.NewServer()
	defer server.Close()

	err := server.Client().DetachAndDeleteTeam(context.Background(), ldapitest.PlatformTeamKey)
	fmt.Println(len(server.Teams()), "teams,", err)
	// Output: 0 teams, <nil>
}
