package ldapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// The members who may change everything: a search for admins also finds the owner.
func Example() {
	server := ldapitest.NewServer() // stands for LaunchDarkly
	defer server.Close()

	client := ldapi.New(ldapi.WithAccessToken(ldapitest.AdminToken), ldapi.WithBaseURL(server.URL))
	admins := ldapi.MemberFilter{Roles: []string{ldapi.RoleAdmin}}
	for member, err := range client.AccountMembersApi.GetMembers(context.Background()).FilterBy(admins).All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(member.GetEmail(), member.GetRole())
	}
	// Output:
	// olga.owens@example.com owner
	// adam.adler@example.com admin
}

func ExampleNew() {
	server := ldapitest.NewServer()
	defer server.Close()

	client := ldapi.New(ldapi.WithAccessToken(ldapitest.AdminToken), ldapi.WithBaseURL(server.URL))
	me, _, err := client.AccountMembersApi.GetMember(context.Background(), "me").Execute()
	fmt.Println(me.GetEmail(), err)
	// Output: adam.adler@example.com <nil>
}

// Code that was written for the stock client keeps working.
func ExampleNewAPIClient() {
	server := ldapitest.NewServer()
	defer server.Close()

	cfg := ldapi.NewConfiguration()
	cfg.Servers[0].URL = server.URL
	client := ldapi.NewAPIClient(cfg)
	keys := map[string]ldapi.APIKey{"ApiKey": {Key: ldapitest.AdminToken}}
	ctx := context.WithValue(context.Background(), ldapi.ContextAPIKeys, keys)
	me, _, err := client.AccountMembersApi.GetMember(ctx, "me").Execute()
	fmt.Println(me.GetEmail(), err)
	// Output: adam.adler@example.com <nil>
}

func ExampleConfigurationFromEnv() {
	for name, value := range map[string]string{"LD_ACCESS_TOKEN": ldapitest.ReaderToken, "LD_BASE_URI": "https://app.launchdarkly.us"} {
		if err := os.Setenv(name, value); err != nil {
			fmt.Println(err)
		}
		defer func() { _ = os.Unsetenv(name) }()
	}
	cfg, err := ldapi.ConfigurationFromEnv()
	fmt.Println(cfg.Servers[0].URL, err)
	// Output: https://app.launchdarkly.us <nil>
}

func ExampleWithRegion() {
	cfg := ldapi.NewConfiguration(ldapi.WithRegion(ldapi.RegionEU))
	fmt.Println(cfg.Servers[0].URL)
	// Output: https://app.eu.launchdarkly.com
}

func ExampleWithBearerToken() {
	server := ldapitest.NewServer()
	defer server.Close()

	client := server.Client(ldapi.WithBearerToken("an-oauth-token"), ldapi.WithRetry(ldapi.NoRetry()))
	_, _, err := client.AccessTokensApi.GetTokens(context.Background()).Execute()
	fmt.Println(server.Requests()[0].Header.Get("Authorization"), err != nil)
	// Output: Bearer an-oauth-token true
}

// The source is called once per attempt.
func ExampleWithTokenSource() {
	server := ldapitest.NewServer()
	defer server.Close()

	vault := func(context.Context) (string, error) { return ldapitest.WriterToken, nil }
	me, _, err := server.Client(ldapi.WithTokenSource(vault)).AccountMembersApi.GetMember(context.Background(), "me").Execute()
	fmt.Println(me.GetEmail(), err)
	// Output: wendy.walsh@example.com <nil>
}

// Only the transport is the caller's: retries and the rest stay the SDK's.
func ExampleWithTransport() {
	proxy := &url.URL{Scheme: "http", Host: "proxy.example.com:3128"}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), ForceAttemptHTTP2: true}
	client := ldapi.New(ldapi.WithTransport(transport), ldapi.WithAccessToken(ldapitest.AdminToken))
	fmt.Println(client.GetConfig().HTTPClient.Transport == transport)
	// Output: true
}

// The caller's client is used unchanged, and calls are not retried unless WithRetry is set.
func ExampleWithHTTPClient() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultBareRateLimit})

	own := &http.Client{Transport: server.Transport(), Timeout: 5 * time.Second}
	_, _, err := server.Client(ldapi.WithHTTPClient(own)).AccessTokensApi.GetTokens(context.Background()).Execute()
	fmt.Println(err != nil, len(server.Requests()))
	// Output: true 1
}

func ExampleWithUserAgent() {
	server := ldapitest.NewServer()
	defer server.Close()

	client := server.Client(ldapi.WithUserAgent("deploys/1.4"), ldapi.WithAPIVersion("20240415"), ldapi.WithTimeout(10*time.Second))
	_, _, err := client.AccessTokensApi.GetTokens(context.Background()).Execute()
	fmt.Println(server.Requests()[0].Header.Get("User-Agent"), server.Requests()[0].Header.Get("LD-API-Version"), err)
	// Output: deploys/1.4 20240415 <nil>
}

func ExampleWithMethodOverride() {
	server := ldapitest.NewServer()
	defer server.Close()

	_, err := server.Client(ldapi.WithMethodOverride()).AccountMembersApi.DeleteMember(context.Background(), ldapitest.ReaderID).Execute()
	request := server.Requests()[0]
	fmt.Println(request.Method, request.Header.Get("X-HTTP-Method-Override"), err)
	// Output: POST DELETE <nil>
}

// A zero field means its default.
func ExampleWithRetry() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusServiceUnavailable, Count: 2})

	patient := ldapi.RetryPolicy{MaxAttempts: 3, MinWait: time.Microsecond, MaxWait: time.Millisecond}
	tokens, _, err := server.Client(ldapi.WithRetry(patient)).AccessTokensApi.GetTokens(context.Background()).ShowAll(true).Execute()
	fmt.Println(len(tokens.GetItems()), len(server.Requests()), err)
	// Output: 5 3 <nil>
}

func ExampleNoRetry() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusServiceUnavailable})

	_, _, err := server.Client(ldapi.WithRetry(ldapi.NoRetry())).AccessTokensApi.GetTokens(context.Background()).Execute()
	fmt.Println(err != nil, len(server.Requests()))
	// Output: true 1
}

func ExampleDefaultRetry() {
	policy := ldapi.DefaultRetry()
	fmt.Println(policy.MaxAttempts, policy.MinWait, policy.MaxWait, policy.Unsafe)
	// Output: 4 500ms 30s false
}

func ExampleContextWithRetry() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusServiceUnavailable})

	ctx := ldapi.ContextWithRetry(context.Background(), ldapi.NoRetry())
	_, _, err := server.Client().AccessTokensApi.GetTokens(ctx).Execute()
	fmt.Println(err != nil, len(server.Requests()))
	// Output: true 1
}

func ExampleContextWithAccessToken() {
	server := ldapitest.NewServer()
	defer server.Close()

	ctx := ldapi.ContextWithAccessToken(context.Background(), ldapitest.WriterToken)
	me, _, err := server.Client().AccountMembersApi.GetMember(ctx, "me").Execute()
	fmt.Println(me.GetEmail(), err)
	// Output: wendy.walsh@example.com <nil>
}

func ExampleContextWithHeader() {
	server := ldapitest.NewServer()
	defer server.Close()

	ctx := ldapi.ContextWithHeader(context.Background(), "X-Request-Source", "nightly")
	_, _, err := server.Client().AccessTokensApi.GetTokens(ctx).Execute()
	fmt.Println(server.Requests()[0].Header.Get("X-Request-Source"), err)
	// Output: nightly <nil>
}

func ExampleContextWithAPIVersion() {
	server := ldapitest.NewServer()
	defer server.Close()

	ctx := ldapi.ContextWithAPIVersion(context.Background(), "20220603")
	_, _, err := server.Client().AccessTokensApi.GetTokens(ctx).Execute()
	fmt.Println(server.Requests()[0].Header.Get("LD-API-Version"), err)
	// Output: 20220603 <nil>
}

// The last known quotas, without a request.
func ExampleAPIClient_RateLimit() {
	server := ldapitest.NewServer(ldapitest.WithRateLimit(10, 100, time.Minute))
	defer server.Close()

	client := server.Client()
	_, _, err := client.AccessTokensApi.GetTokens(context.Background()).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	limit := client.RateLimit()
	fmt.Println(*limit.Route.Remaining, "of", *limit.Route.Limit, "and", *limit.Global.Remaining)
	// Output: 9 of 10 and 99
}

// Any other endpoint of the API goes through the same pipeline.
func ExampleAPIClient_Do() {
	server := ldapitest.NewServer()
	defer server.Close()

	var page struct {
		Items []struct{ Email string }
	}
	query := url.Values{"limit": {"1"}}
	_, err := server.Client().Do(context.Background(), http.MethodGet, "/api/v2/members", query, nil, &page)
	fmt.Println(page.Items, err)
	// Output: [{olga.owens@example.com}] <nil>
}
