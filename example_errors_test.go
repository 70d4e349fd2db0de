package ldapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// Sentinels name what happened; the error has the details.
func ExampleGenericOpenAPIError() {
	server := ldapitest.NewServer()
	defer server.Close()

	_, resp, err := server.Client().AccessTokensApi.GetToken(context.Background(), "66a0b1c2d3e4f50617280000").Execute()
	var apiError *ldapi.GenericOpenAPIError
	if errors.Is(err, ldapi.ErrNotFound) && errors.As(err, &apiError) {
		fmt.Println(apiError.StatusCode(), apiError.Code(), apiError.Operation().ID, apiError.Attempts())
		fmt.Println(resp.StatusCode == apiError.StatusCode())
	}
	// Output:
	// 404 not_found getToken 1
	// true
}

// Model returns the model of the status, as with the stock client.
func ExampleGenericOpenAPIError_Model() {
	server := ldapitest.NewServer()
	defer server.Close()

	_, err := server.Client(ldapi.WithAccessToken(ldapitest.ReaderToken)).AccountMembersApi.DeleteMember(context.Background(), ldapitest.WriterID).Execute()
	var apiError *ldapi.GenericOpenAPIError
	if errors.As(err, &apiError) {
		model, ok := apiError.Model().(ldapi.ForbiddenErrorRep)
		fmt.Println(model.GetCode(), ok)
	}
	// Output: forbidden true
}

// A wait that is longer than the policy allows ends the call at once.
func ExampleGenericOpenAPIError_RetryAfter() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultRetryAfter, Wait: time.Hour})

	_, _, err := server.Client().AccessTokensApi.GetTokens(context.Background()).Execute()
	var apiError *ldapi.GenericOpenAPIError
	if errors.Is(err, ldapi.ErrRateLimited) && errors.As(err, &apiError) {
		wait, told := apiError.RetryAfter()
		fmt.Println(wait.Round(time.Minute), told)
	}
	// Output: 1h0m0s true
}

func ExampleGenericOpenAPIError_InvalidEmails() {
	server := ldapitest.NewServer()
	defer server.Close()

	forms := []ldapi.NewMemberForm{*ldapi.NewNewMemberForm("wendy.walsh@example.com")}
	_, _, err := server.Client().AccountMembersApi.PostMembers(context.Background()).NewMemberForm(forms).Execute()
	var apiError *ldapi.GenericOpenAPIError
	if errors.Is(err, ldapi.ErrEmailAlreadyInAccount) && errors.As(err, &apiError) {
		fmt.Println(apiError.InvalidEmails())
	}
	// Output: [wendy.walsh@example.com]
}

// What can never succeed is not sent.
func ExampleArgumentError() {
	_, _, err := ldapi.New().AccessTokensApi.GetToken(context.Background(), "..").Execute()
	var argument *ldapi.ArgumentError
	if errors.As(err, &argument) {
		fmt.Println(argument.Operation, argument.Parameter)
	}
	// Output: getToken id
}

// The token was created, but its secret is lost: look before you do it again.
func Example_outcomeUnknown() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultCloseAfterCommit, Operation: "postToken"})

	form := ldapi.NewAccessTokenPost()
	form.SetRole(ldapi.RoleReader)
	_, _, err := server.Client().AccessTokensApi.PostToken(context.Background()).AccessTokenPost(*form).Execute()
	fmt.Println(errors.Is(err, ldapi.ErrOutcomeUnknown), len(server.Tokens()))
	// Output: true 6
}

// A response that lacks what the description requires fails in contract tests only.
func ExampleWithStrictDecoding() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusOK, Body: `{"email":"sam@example.com"}`, Count: 2})

	for _, client := range []*ldapi.APIClient{server.Client(), server.Client(ldapi.WithStrictDecoding())} {
		member, _, err := client.AccountMembersApi.GetMember(context.Background(), "me").Execute()
		fmt.Println(member.GetEmail(), errors.Is(err, ldapi.ErrDecode))
	}
	// Output:
	// sam@example.com false
	// sam@example.com true
}

func ExampleWithMaxResponseBytes() {
	server := ldapitest.NewServer()
	defer server.Close()

	_, err := server.Client(ldapi.WithMaxResponseBytes(1000)).AccountMembersApi.GetMembers(context.Background()).Collect()
	fmt.Println(errors.Is(err, ldapi.ErrResponseTooLarge))
	// Output: true
}

func ExampleWithInsecureHTTP() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // nothing is sent here
	plain := []ldapi.Option{ldapi.WithBaseURL("http://gateway.example.com"), ldapi.WithAccessToken(ldapitest.AdminToken)}
	for _, options := range [][]ldapi.Option{plain, append(plain, ldapi.WithInsecureHTTP())} {
		_, _, err := ldapi.New(options...).AccessTokensApi.GetTokens(ctx).Execute()
		fmt.Println(errors.Is(err, ldapi.ErrInsecureURL))
	}
	// Output:
	// true
	// false
}
