package ldapi_test

import (
	"context"
	"fmt"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

func ExampleApiGetCustomRolesRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	roles, _, err := server.Client().CustomRolesApi.GetCustomRoles(context.Background()).Limit(50).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, role := range roles.GetItems() {
		fmt.Println(role.GetKey(), role.GetId())
	}
	// Output:
	// release-manager 64c1d2e3f4a5b6c7d8e9f001
	// people-manager 64c1d2e3f4a5b6c7d8e9f002
}

func ExampleApiPostCustomRoleRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	statement := ldapi.NewStatementPost("allow")
	statement.SetResources([]string{"proj/*:env/production:flag/*"})
	statement.SetActions([]string{"updateOn"})
	role := ldapi.NewCustomRolePost("On-call", "on-call", []ldapi.StatementPost{*statement})
	role.SetBasePermissions(ldapi.RoleReader)
	created, _, err := server.Client().CustomRolesApi.PostCustomRole(context.Background()).CustomRolePost(*role).Execute()
	fmt.Println(created.GetKey(), created.GetBasePermissions(), len(created.GetPolicy()), err)
	// Output: on-call reader 1 <nil>
}

// The parameter is a key or an ID.
func ExampleApiGetCustomRoleRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	role, _, err := server.Client().CustomRolesApi.GetCustomRole(context.Background(), ldapitest.ReleaseManagerRoleID).Execute()
	fmt.Println(role.GetKey(), role.GetName(), err)
	// Output: release-manager Release manager <nil>
}

func ExampleApiPatchCustomRoleRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	statement := ldapi.NewStatementPost("deny")
	statement.SetResources([]string{"proj/payments:env/*:flag/*"})
	statement.SetActions([]string{"*"})
	patch, err := ldapi.NewCustomRolePatch().SetDescription("Releases everything but payments").
		AppendStatement(*statement).Comment("OPS-7").Patch()
	if err != nil {
		fmt.Println(err)
		return
	}
	role, _, err := server.Client().CustomRolesApi.PatchCustomRole(context.Background(), ldapitest.ReleaseManagerRoleKey).
		PatchWithComment(patch).Execute()
	fmt.Println(role.GetDescription(), len(role.GetPolicy()), err)
	// Output: Releases everything but payments 2 <nil>
}

func ExampleApiDeleteCustomRoleRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	_, err := server.Client().CustomRolesApi.DeleteCustomRole(context.Background(), ldapitest.ReleaseManagerRoleKey).Execute()
	fmt.Println(len(server.Roles()), err)
	// Output: 1 <nil>
}

// Terraform and other tools know roles by key; members and tokens name them by ID.
func ExampleAPIClient_LoadRoles() {
	server := ldapitest.NewServer()
	defer server.Close()

	roles, err := server.Client().LoadRoles(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	ids, err := roles.IDs("people-manager", "release-manager")
	fmt.Println(ids, err)
	keys, err := roles.Keys(ids...)
	fmt.Println(keys, err)
	_, err = roles.IDs("people-manager", "typo")
	fmt.Println(err)
	// Output:
	// [64c1d2e3f4a5b6c7d8e9f002 64c1d2e3f4a5b6c7d8e9f001] <nil>
	// [people-manager release-manager] <nil>
	// ldapi: RoleIndex.IDs: keysOrIDs: unknown custom roles: "typo"
}

func ExampleRoleIndex_ID() {
	server := ldapitest.NewServer()
	defer server.Close()

	roles, err := server.Client().LoadRoles(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	id, known := roles.ID("people-manager")
	fmt.Println(id, known)
	key, known := roles.Key(id)
	fmt.Println(key, known, len(roles.Roles()))
	// Output:
	// 64c1d2e3f4a5b6c7d8e9f002 true
	// people-manager true 2
}

// A patch with only valid changes has no error; one without any is an error.
func ExampleCustomRolePatch() {
	statement := ldapi.NewStatementPost("allow")
	statement.SetResources([]string{"proj/*:env/*:flag/*"})
	statement.SetActions([]string{"*"})
	patch, err := ldapi.NewCustomRolePatch().SetName("Release managers").
		SetPolicy([]ldapi.StatementPost{*statement}).SetBasePermissions(ldapi.RoleNoAccess).Patch()
	for _, op := range patch.Patch {
		fmt.Println(op.GetOp(), op.GetPath())
	}
	fmt.Println(err)
	_, err = ldapi.NewCustomRolePatch().Patch()
	fmt.Println(err)
	// Output:
	// replace /name
	// replace /policy
	// replace /basePermissions
	// <nil>
	// ldapi: patchCustomRole: patch: must not be empty
}
