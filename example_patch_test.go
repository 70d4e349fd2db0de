package ldapi_test

import (
	"encoding/json"
	"fmt"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// asJSON prints the request body.
func asJSON(v any) {
	text, err := json.Marshal(v)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(string(text))
}

func ExamplePatchAdd() {
	asJSON(ldapi.PatchAdd("/customRoles/-", ldapitest.ReleaseManagerRoleID))
	// Output: {"op":"add","path":"/customRoles/-","value":"64c1d2e3f4a5b6c7d8e9f001"}
}

// A nil value is sent as null.
func ExamplePatchReplace() {
	asJSON(ldapi.PatchReplace("/description", nil))
	// Output: {"op":"replace","path":"/description","value":null}
}

// A test makes the whole patch fail when someone else was faster.
func ExamplePatchTest() {
	asJSON([]ldapi.PatchOperation{ldapi.PatchTest("/role", ldapi.RoleReader), ldapi.PatchReplace("/role", ldapi.RoleWriter)})
	// Output: [{"op":"test","path":"/role","value":"reader"},{"op":"replace","path":"/role","value":"writer"}]
}

func ExamplePatchRemove() {
	asJSON(ldapi.PatchRemove("/customRoles/0"))
	// Output: {"op":"remove","path":"/customRoles/0"}
}

func ExamplePatchPath() {
	fmt.Println(ldapi.PatchPath("roleAttributes", "team/region"))
	// Output: /roleAttributes/team~1region
}

func ExampleNewMemberPatch() {
	attributes := map[string][]string{"region": {"north", "south"}}
	operations, err := ldapi.NewMemberPatch().SetRole(ldapi.RoleNoAccess).SetCustomRoles(nil).
		AddCustomRole(ldapitest.ReleaseManagerRoleID).SetRoleAttributes(attributes).Operations()
	for _, o := range operations {
		fmt.Println(o.GetOp(), o.GetPath(), o.GetValue())
	}
	fmt.Println(err)
	// Output:
	// replace /role no_access
	// replace /customRoles []
	// add /customRoles/- 64c1d2e3f4a5b6c7d8e9f001
	// replace /roleAttributes map[region:[north south]]
	// <nil>
}

func ExampleReplaceMembersRoles() {
	asJSON(ldapi.ReplaceMembersRoles(ldapi.RoleReader, ldapitest.WriterID))
	// Output: {"kind":"replaceMembersRoles","memberIDs":["5f00aa11bb22cc33dd44ee03"],"value":"reader"}
}

func ExampleReplaceMembersCustomRoles() {
	asJSON(ldapi.ReplaceMembersCustomRoles([]string{ldapitest.ReleaseManagerRoleKey}, ldapitest.WriterID))
	// Output: {"kind":"replaceMembersCustomRoles","memberIDs":["5f00aa11bb22cc33dd44ee03"],"values":["release-manager"]}
}

func ExampleReplaceMembersRoleAttributes() {
	asJSON(ldapi.ReplaceMembersRoleAttributes(map[string][]string{"region": {"north"}}, ldapitest.WriterID))
	// Output: {"kind":"replaceMembersRoleAttributes","memberIDs":["5f00aa11bb22cc33dd44ee03"],"value":{"region":["north"]}}
}

// Members that match any field of MembersExcept keep their roles.
func ExampleReplaceAllMembersRoles() {
	keep := ldapi.MembersExcept{Roles: []string{ldapi.RoleAdmin, ldapi.RoleOwner}, TeamKey: ldapitest.PlatformTeamKey}
	instruction, err := ldapi.ReplaceAllMembersRoles(ldapi.RoleReader, keep)
	if err != nil {
		fmt.Println(err)
		return
	}
	asJSON(instruction)
	_, err = ldapi.ReplaceAllMembersRoles(ldapi.RoleReader, ldapi.MembersExcept{})
	fmt.Println(err)
	// Output:
	// {"filterRoles":"admin|owner","filterTeamKey":"platform","kind":"replaceAllMembersRoles","value":"reader"}
	// ldapi: patchMembers: MembersExcept: is empty; set Everyone to except no member
}

func ExampleReplaceAllMembersCustomRoles() {
	instruction, err := ldapi.ReplaceAllMembersCustomRoles([]string{ldapitest.ReleaseManagerRoleKey}, ldapi.MembersExcept{Everyone: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	asJSON(instruction)
	// Output: {"kind":"replaceAllMembersCustomRoles","values":["release-manager"]}
}

// Failed maps the ID of each member that was not changed to the reason.
func ExampleBulkEditMembersRep_Failed() {
	result := ldapi.NewBulkEditMembersRep()
	result.SetErrors([]map[string]string{{ldapitest.OwnerID: "the owner keeps the role"}})
	fmt.Println(result.Failed())
	// Output: map[5f00aa11bb22cc33dd44ee01:the owner keeps the role]
}
