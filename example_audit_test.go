package ldapi_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// auditedServer returns a server whose audit log has two entries, of noon and one o'clock.
func auditedServer() *ldapitest.Server {
	noon := time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC)
	server := ldapitest.NewServer(ldapitest.WithClock(func() time.Time { return noon.Add(2 * time.Hour) }))
	server.AddAuditEntry(ldapitest.AuditEntry{ID: "67a1b2c3d4e5f60718293001", Date: noon, MemberID: ldapitest.AdminID, Name: "Platform",
		Actions: []string{"updateTeamMembers"}, Resources: []string{"team/platform"}, Comment: "OPS-8"})
	server.AddAuditEntry(ldapitest.AuditEntry{ID: "67a1b2c3d4e5f60718293002", Date: noon.Add(time.Hour), MemberID: ldapitest.OwnerID,
		Name: "deploys", Verb: "deleted", Actions: []string{"deleteAccessToken"},
		Resources: []string{"service-token/" + ldapitest.ServiceTokenID}})
	return server
}

// A page has at most 20 entries; All reads them all.
func ExampleApiGetAuditLogEntriesRequest_Execute() {
	server := auditedServer()
	defer server.Close()

	page, _, err := server.Client().AuditLogApi.GetAuditLogEntries(context.Background()).Spec("service-token/*").Limit(20).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, entry := range page.GetItems() {
		fmt.Println(entry.GetTitle())
	}
	// Output: Olga Owens deleted the service-token deploys
}

// Entries come newest first.
func ExampleApiGetAuditLogEntriesRequest_Between() {
	server := auditedServer()
	defer server.Close()

	from := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	for entry, err := range server.Client().AuditLogApi.GetAuditLogEntries(context.Background()).Between(from, time.Time{}).All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(time.UnixMilli(entry.GetDate()).UTC().Format("15:04"), entry.GetTitle())
	}
	// Output:
	// 13:00 Olga Owens deleted the service-token deploys
	// 12:00 Adam Adler updated the team Platform
}

// The POST is a search: it changes nothing, and is retried like a GET.
func ExampleApiPostAuditLogEntriesRequest_Execute() {
	server := auditedServer()
	defer server.Close()

	teams := ldapi.NewStatementPost("allow")
	teams.SetResources([]string{"team/*"})
	teams.SetActions([]string{"*"})
	page, _, err := server.Client().AuditLogApi.PostAuditLogEntries(context.Background()).StatementPost([]ldapi.StatementPost{*teams}).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, entry := range page.GetItems() {
		fmt.Println(entry.GetTitle(), entry.GetComment())
	}
	// Output: Adam Adler updated the team Platform OPS-8
}

func ExampleApiPostAuditLogEntryCountsRequest_Execute() {
	server := auditedServer()
	defer server.Close()

	everything := ldapi.NewStatementPost("allow")
	everything.SetResources([]string{"team/*", "service-token/*"})
	everything.SetActions([]string{"*"})
	start := time.Date(2026, time.January, 1, 10, 0, 0, 0, time.UTC)
	counts, _, err := server.Client().AuditLogApi.PostAuditLogEntryCounts(context.Background()).
		After(start.UnixMilli()).Buckets(2).StatementPost([]ldapi.StatementPost{*everything}).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, bucket := range counts.GetBuckets() {
		fmt.Println(time.UnixMilli(bucket.GetTimestamp()).UTC().Format("15:04"), bucket.GetCount())
	}
	// Output:
	// 10:00 0
	// 12:00 2
}

func ExampleApiGetAuditLogEntryRequest_Execute() {
	server := auditedServer()
	defer server.Close()

	entry, _, err := server.Client().AuditLogApi.GetAuditLogEntry(context.Background(), "67a1b2c3d4e5f60718293001").Execute()
	member := entry.GetMember()
	fmt.Println(entry.GetName(), member.GetEmail(), err)
	// Output: Platform adam.adler@example.com <nil>
}

func ExampleApiGetCallerIdentityRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	ctx := ldapi.ContextWithAccessToken(context.Background(), ldapitest.ServiceToken)
	identity, _, err := server.Client().OtherApi.GetCallerIdentity(ctx).Execute()
	fmt.Println(identity.GetTokenName(), identity.GetServiceToken(), err)
	// Output: service true <nil>
}

func ExampleAPIClient_Whoami() {
	server := ldapitest.NewServer()
	defer server.Close()

	caller, err := server.Client().Whoami(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	if caller.Member == nil {
		fmt.Println("the service token", caller.Identity.GetTokenName())
		return
	}
	fmt.Println(caller.Member.GetEmail(), "with the token", caller.Identity.GetTokenName())
	// Output: adam.adler@example.com with the token admin
}

func ExampleApiGetVersionsRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	versions, _, err := server.Client().OtherApi.GetVersions(context.Background()).Execute()
	fmt.Println(versions.GetCurrentVersion(), versions.GetLatestVersion(), err)
	// Output: 20240415 20240415 <nil>
}

func ExampleApiGetRootRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	root, _, err := server.Client().OtherApi.GetRoot(context.Background()).Execute()
	members := root.GetLinks()["members"]
	fmt.Println(members.GetHref(), err)
	// Output: /api/v2/members <nil>
}

func ExampleApiGetIpsRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	ips, _, err := server.Client().OtherApi.GetIps(context.Background()).Execute()
	fmt.Println(strings.Join(ips.GetOutboundAddresses(), " "), err)
	// Output: 198.51.100.7/32 <nil>
}

// The operation has no model: the body is read from the response.
func ExampleApiGetOpenapiSpecRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	resp, err := server.Client().OtherApi.GetOpenapiSpec(context.Background()).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	document, err := io.ReadAll(resp.Body)
	fmt.Println(resp.Header.Get("Content-Type"), strings.HasPrefix(string(document), `{"openapi":"3`), err)
	// Output: application/json true <nil>
}
