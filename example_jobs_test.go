package ldapi_test

import (
	"context"
	"fmt"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// A step that fails is in the report; running it again does what is left.
func ExampleAPIClient_OffboardMember() {
	server := ldapitest.NewServer()
	defer server.Close()

	ctx, client := context.Background(), server.Client()
	plan, err := client.OffboardMember(ctx, ldapitest.WriterID, ldapi.OffboardOptions{DryRun: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(plan)
	report, err := client.OffboardMember(ctx, ldapitest.WriterID, ldapi.OffboardOptions{Comment: "OPS-9"})
	fmt.Println(len(report.Steps), "steps,", len(server.Members()), "members left,", err)
	// Output:
	// wendy.walsh@example.com (5f00aa11bb22cc33dd44ee03)
	// team    platform                  to do
	// token   66a0b1c2d3e4f50617283903  to do
	// member  5f00aa11bb22cc33dd44ee03  to do
	// 3 steps, 3 members left, <nil>
}

func ExampleOffboardReport_Err() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 403, Operation: "deleteToken"})

	report, _ := server.Client().OffboardMember(context.Background(), ldapitest.WriterID, ldapi.OffboardOptions{})
	for _, step := range report.Steps {
		fmt.Println(step.Kind, step.Done)
	}
	fmt.Println(report.Err() != nil, len(server.Members()))
	// Output:
	// team true
	// token false
	// member false
	// true 4
}

// Members that exist are left as they are.
func ExampleAPIClient_InviteMissing() {
	server := ldapitest.NewServer()
	defer server.Close()

	forms := []ldapi.NewMemberForm{*ldapi.NewNewMemberForm("sam@example.com"), *ldapi.NewNewMemberForm("Wendy.Walsh@example.com")}
	invited, existing, err := server.Client().InviteMissing(context.Background(), forms)
	for _, member := range invited {
		fmt.Println("invited", member.GetEmail())
	}
	for _, member := range existing {
		fmt.Println("exists", member.GetEmail())
	}
	fmt.Println(err)
	// Output:
	// invited sam@example.com
	// exists wendy.walsh@example.com
	// <nil>
}

func ExampleContextWithProgress() {
	server := ldapitest.NewServer()
	defer server.Close()

	ctx := ldapi.ContextWithProgress(context.Background(), func(p ldapi.Progress) {
		fmt.Println(p.Operation, p.Done, "of", p.Total)
	})
	members, err := server.Client().AccountMembersApi.GetMembers(ctx).Limit(3).Collect()
	fmt.Println(len(members), err)
	// Output:
	// getMembers 3 of 4
	// getMembers 4 of 4
	// 4 <nil>
}
