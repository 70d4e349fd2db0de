package ldapi_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// ShowAll lists the tokens of all members, not only the caller's own.
func ExampleApiGetTokensRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	tokens, _, err := server.Client().AccessTokensApi.GetTokens(context.Background()).ShowAll(true).Limit(2).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, token := range tokens.GetItems() {
		fmt.Println(token.GetName(), token.GetRole())
	}
	fmt.Println("of", tokens.GetTotalCount())
	// Output:
	// owner admin
	// admin admin
	// of 5
}

func ExampleApiGetTokenRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	token, _, err := server.Client().AccessTokensApi.GetToken(context.Background(), ldapitest.ReaderTokenID).Execute()
	fmt.Println(token.GetName(), token.GetRole(), err)
	// Output: reader reader <nil>
}

// The secret of a new token is in this response, and in no other.
func ExampleApiPostTokenRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	form := ldapi.NewAccessTokenPost()
	form.SetName("ci-deploys")
	form.SetRole(ldapi.RoleWriter)
	form.SetServiceToken(true)
	token, _, err := server.Client().AccessTokensApi.PostToken(context.Background()).AccessTokenPost(*form).Execute()
	fmt.Println(token.GetName(), token.GetServiceToken(), len(token.GetToken()), err)
	// Output: ci-deploys true 40 <nil>
}

func ExampleApiPatchTokenRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	patch := []ldapi.PatchOperation{ldapi.PatchReplace("/name", "dashboards")}
	token, _, err := server.Client().AccessTokensApi.PatchToken(context.Background(), ldapitest.ReaderTokenID).PatchOperation(patch).Execute()
	fmt.Println(token.GetName(), err)
	// Output: dashboards <nil>
}

// Without an expiry the old secret stops working at once.
func ExampleApiResetTokenRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	token, _, err := server.Client().AccessTokensApi.ResetToken(context.Background(), ldapitest.ReaderTokenID).Execute()
	fmt.Println(token.GetName(), token.GetToken() != ldapitest.ReaderToken, err)
	// Output: reader true <nil>
}

func ExampleApiDeleteTokenRequest_Execute() {
	server := ldapitest.NewServer()
	defer server.Close()

	_, err := server.Client().AccessTokensApi.DeleteToken(context.Background(), ldapitest.ReaderTokenID).Execute()
	fmt.Println(len(server.Tokens()), err)
	// Output: 4 <nil>
}

// The old secret keeps working until the given time.
func ExampleApiResetTokenRequest_ExpiryTime() {
	server := ldapitest.NewServer()
	defer server.Close()

	ctx, tomorrow := context.Background(), time.Now().Add(24*time.Hour)
	token, _, err := server.Client().AccessTokensApi.ResetToken(ctx, ldapitest.ReaderTokenID).ExpiryTime(tomorrow).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, secret := range []string{ldapitest.ReaderToken, token.GetToken()} {
		me, _, err := server.Client(ldapi.WithAccessToken(secret)).AccountMembersApi.GetMember(ctx, "me").Execute()
		fmt.Println(me.GetEmail(), err)
	}
	// Output:
	// remy.reed@example.com <nil>
	// remy.reed@example.com <nil>
}

func ExampleAPIClient_RotateToken() {
	server := ldapitest.NewServer()
	defer server.Close()

	token, err := server.Client().RotateToken(context.Background(), ldapitest.ServiceTokenID, 24*time.Hour)
	fmt.Println(token.GetName(), "has a new secret:", token.GetToken() != ldapitest.ServiceToken, err)
	// Output: service has a new secret: true <nil>
}

// Only what creates or resets a token returns the full secret.
func ExampleToken_HasFullSecret() {
	server := ldapitest.NewServer()
	defer server.Close()

	ctx, client := context.Background(), server.Client()
	rotated, err := client.RotateToken(ctx, ldapitest.ServiceTokenID, 0)
	fmt.Println("rotated:", rotated.HasFullSecret(), err)
	read, _, err := client.AccessTokensApi.GetToken(ctx, ldapitest.ServiceTokenID).Execute()
	fmt.Println("read:", read.HasFullSecret(), len(read.GetToken()), "characters", err)
	// Output:
	// rotated: true <nil>
	// read: false 4 characters <nil>
}

// The client uses the new secret from its next attempt on.
func ExampleSwappableToken() {
	server := ldapitest.NewServer()
	defer server.Close()

	ctx, current := context.Background(), ldapi.NewSwappableToken(ldapitest.AdminToken)
	client := server.Client(ldapi.WithTokenSource(current.Token))
	token, err := client.RotateToken(ctx, ldapitest.AdminTokenID, 0) // the old secret ends here
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _, err = client.AccountMembersApi.GetMember(ctx, "me").Execute()
	fmt.Println(errors.Is(err, ldapi.ErrUnauthorized))
	current.Swap(token.GetToken())
	_, _, err = client.AccountMembersApi.GetMember(ctx, "me").Execute()
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

func ExampleNewTokenPatch() {
	operations, err := ldapi.NewTokenPatch().SetName("dashboards").SetDescription("reads metrics").Operations()
	for _, o := range operations {
		fmt.Println(o.GetOp(), o.GetPath(), o.GetValue())
	}
	fmt.Println(err)
	// Output:
	// replace /name dashboards
	// replace /description reads metrics
	// <nil>
}

// When the kind of role changes, the old kind is removed in the same patch.
func ExampleNewTokenPatchFrom() {
	server := ldapitest.NewServer()
	defer server.Close()

	ctx, api := context.Background(), server.Client().AccessTokensApi
	token, _, err := api.GetToken(ctx, ldapitest.WriterTokenID).Execute()
	if err != nil {
		fmt.Println(err)
		return
	}
	patch, err := ldapi.NewTokenPatchFrom(token).SetCustomRoleIds([]string{ldapitest.ReleaseManagerRoleID}).Operations()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, o := range patch {
		fmt.Println(o.GetOp(), o.GetPath())
	}
	token, _, err = api.PatchToken(ctx, ldapitest.WriterTokenID).PatchOperation(patch).Execute()
	fmt.Println(token.GetCustomRoleIds(), err)
	// Output:
	// remove /role
	// replace /customRoleIds
	// [64c1d2e3f4a5b6c7d8e9f001] <nil>
}

func ExampleTokenPatch_SetInlineRole() {
	readFlags := ldapi.NewStatementPost("allow")
	readFlags.SetResources([]string{"proj/*:env/*:flag/*"})
	readFlags.SetActions([]string{"viewProject"})
	operations, err := ldapi.NewTokenPatch().SetInlineRole([]ldapi.StatementPost{*readFlags}).Operations()
	fmt.Println(operations[0].GetOp(), operations[0].GetPath(), err)
	// Output: replace /inlineRole <nil>
}

// Times of the API are milliseconds; these are times of Go, in UTC.
func ExampleToken_CreationTime() {
	token := ldapi.NewTokenWithDefaults()
	token.SetCreationDate(1767225600000)
	token.SetLastModified(1767312000000)
	_, used := token.LastUsedTime()
	fmt.Println(token.CreationTime().Format(time.DateOnly), token.LastModifiedTime().Format(time.DateOnly), used)
	// Output: 2026-01-01 2026-01-02 false
}
