package ldapitest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// A server that is not part of a test is closed by hand.
func ExampleNewServer() {
	server := ldapitest.NewServer()
	defer server.Close()

	form := ldapi.NewAccessTokenPost()
	form.SetName("ci-deploys")
	form.SetRole("writer")
	token, _, err := server.Client().AccessTokensApi.PostToken(context.Background()).AccessTokenPost(*form).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.GetName(), token.GetRole(), len(token.GetToken()))
	// Output: ci-deploys writer 40
}

// The client of a server is the seeded admin's; options make it someone else's.
func ExampleServer_Client() {
	server := ldapitest.NewServer()
	defer server.Close()

	reader := server.Client(ldapi.WithAccessToken(ldapitest.ReaderToken))
	_, err := reader.AccountMembersApi.DeleteMember(context.Background(), ldapitest.WriterID).Execute()
	fmt.Println(errors.Is(err, ldapi.ErrForbidden))
	// Output: true
}

// A fault strikes once unless it specifies otherwise.
func ExampleServer_Fail() {
	server := ldapitest.NewServer()
	defer server.Close()

	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Operation: "deleteMember", Status: http.StatusConflict})
	members := server.Client().AccountMembersApi
	for range 2 {
		_, err := members.DeleteMember(context.Background(), ldapitest.ReaderID).Execute()
		fmt.Println(errors.Is(err, ldapi.ErrConflict), len(server.Members()))
	}
	// Output:
	// true 4
	// false 3
}

// Everything that a request carried can be asserted on, secrets included.
func ExampleServer_Requests() {
	server := ldapitest.NewServer()
	defer server.Close()

	_, _, _ = server.Client().AccountMembersApi.GetMembers(context.Background()).Limit(2).Execute()
	for _, r := range server.Requests() {
		fmt.Println(r.Operation, r.Method, r.Path, r.RawQuery, r.Header.Get("Authorization") == ldapitest.AdminToken)
	}
	// Output: getMembers GET /api/v2/members limit=2 true
}

// An old secret lives until its expiry, by the server's clock.
func ExampleWithClock() {
	start := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	var elapsed atomic.Int64 // the server reads the time in its own goroutines
	server := ldapitest.NewServer(ldapitest.WithClock(func() time.Time {
		return start.Add(time.Duration(elapsed.Load()))
	}))
	defer server.Close()

	ctx := context.Background()
	expiry := start.Add(time.Hour).UnixMilli()
	_, _, err := server.Client().AccessTokensApi.ResetToken(ctx, ldapitest.ReaderTokenID).Expiry(expiry).Execute()
	fmt.Println(err)
	old := server.Client(ldapi.WithAccessToken(ldapitest.ReaderToken))
	for range 2 {
		_, _, err = old.AccountMembersApi.GetMember(ctx, "me").Execute()
		fmt.Println(errors.Is(err, ldapi.ErrUnauthorized))
		elapsed.Add(int64(time.Hour))
	}
	// Output:
	// <nil>
	// false
	// true
}

// A program that also calls an endpoint outside this SDK needs no second server.
func ExampleServer_Handle() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.Handle("GET /api/v2/projects/{key}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"key": r.PathValue("key")})
	}))

	var project struct{ Key string }
	_, err := server.Client().Do(context.Background(), http.MethodGet, "/api/v2/projects/shop", nil, nil, &project)
	fmt.Println(project.Key, err)
	// Output: shop <nil>
}
