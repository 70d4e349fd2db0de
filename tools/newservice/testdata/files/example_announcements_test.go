package ldapi_test

import (
	"context"
	"fmt"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

func ExampleApiGetAnnouncementsRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	page, _, err := server.Client().AnnouncementsApi.GetAnnouncements(context.Background()).Severity("warning").Execute()
	fmt.Println(len(page.GetItems()), err)
	// Output: 1 <nil>
}

func ExampleApiPostAnnouncementRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	post := ldapi.NewAnnouncementPost("holidays", "The office is closed.")
	created, _, err := server.Client().AnnouncementsApi.PostAnnouncement(context.Background()).AnnouncementPost(*post).Execute()
	fmt.Println(created.GetAnnouncementKey(), err)
	// Output: holidays <nil>
}

func ExampleApiGetAnnouncementRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	found, _, err := server.Client().AnnouncementsApi.GetAnnouncement(context.Background(), "maintenance").Execute()
	fmt.Println(found.GetText(), err)
	// Output: The service is down on Sunday. <nil>
}

func ExampleApiPatchAnnouncementRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	patch := []ldapi.PatchOperation{{Op: "replace", Path: "/text", Value: "The service is up again."}}
	patched, _, err := server.Client().AnnouncementsApi.PatchAnnouncement(context.Background(), "maintenance").PatchOperation(patch).Execute()
	fmt.Println(patched.GetText(), err)
	// Output: The service is up again. <nil>
}
