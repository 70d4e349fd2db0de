package ldapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// The next page is requested when the loop reaches it.
func ExampleApiGetTokensRequest_All() {
	server := ldapitest.NewServer()
	defer server.Close()

	for token, err := range server.Client().AccessTokensApi.GetTokens(context.Background()).ShowAll(true).Limit(2).All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		if token.GetServiceToken() {
			fmt.Println(token.GetName())
			break
		}
	}
	// Output: service
}

func ExampleApiGetTokensRequest_Pages() {
	server := ldapitest.NewServer()
	defer server.Close()

	for page, err := range server.Client().AccessTokensApi.GetTokens(context.Background()).ShowAll(true).Limit(3).Pages() {
		fmt.Println(len(page.GetItems()), "of", page.GetTotalCount(), err)
	}
	// Output:
	// 3 of 5 <nil>
	// 2 of 5 <nil>
}

func ExampleApiGetTokensRequest_Collect() {
	server := ldapitest.NewServer()
	defer server.Close()

	tokens, err := server.Client().AccessTokensApi.GetTokens(context.Background()).ShowAll(true).Collect()
	fmt.Println(len(tokens), err)
	// Output: 5 <nil>
}

func ExampleApiGetTokensRequest_Prefetch() {
	server := ldapitest.NewServer()
	defer server.Close()

	tokens, err := server.Client().AccessTokensApi.GetTokens(context.Background()).ShowAll(true).Limit(2).Prefetch(4).Collect()
	fmt.Println(len(tokens), err)
	// Output: 5 <nil>
}

func ExampleApiGetMembersRequest_All() {
	server := ldapitest.NewServer()
	defer server.Close()

	for member, err := range server.Client().AccountMembersApi.GetMembers(context.Background()).All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(member.GetEmail())
	}
	// Output:
	// olga.owens@example.com
	// adam.adler@example.com
	// wendy.walsh@example.com
	// remy.reed@example.com
}

func ExampleApiGetMembersRequest_Pages() {
	server := ldapitest.NewServer()
	defer server.Close()

	for page, err := range server.Client().AccountMembersApi.GetMembers(context.Background()).Limit(3).Pages() {
		fmt.Println(len(page.GetItems()), "of", page.GetTotalCount(), err)
	}
	// Output:
	// 3 of 4 <nil>
	// 1 of 4 <nil>
}

func ExampleApiGetMembersRequest_Collect() {
	server := ldapitest.NewServer()
	defer server.Close()

	members, err := server.Client().AccountMembersApi.GetMembers(context.Background()).Collect()
	fmt.Println(len(members), err)
	// Output: 4 <nil>
}

// Up to four pages are on their way at a time; the order stays.
func ExampleApiGetMembersRequest_Prefetch() {
	server := ldapitest.NewServer()
	defer server.Close()

	members, err := server.Client().AccountMembersApi.GetMembers(context.Background()).Limit(1).Prefetch(4).Collect()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, member := range members {
		fmt.Println(member.GetFirstName())
	}
	// Output:
	// Olga
	// Adam
	// Wendy
	// Remy
}

// The offset is where to continue.
func ExamplePageError() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Operation: "getMembers", Skip: 1, Status: http.StatusForbidden})

	ctx, api := context.Background(), server.Client().AccountMembersApi
	members, err := api.GetMembers(ctx).Limit(3).Collect()
	var pageError *ldapi.PageError
	if errors.As(err, &pageError) {
		fmt.Println(len(members), pageError.Offset, errors.Is(err, ldapi.ErrForbidden))
		rest, err := api.GetMembers(ctx).Limit(3).Offset(pageError.Offset).Collect()
		fmt.Println(len(rest), err)
	}
	// Output:
	// 3 3 true
	// 1 <nil>
}

// Fakes of the services can read the arguments of a request.
func ExampleParams() {
	request := ldapi.New().AccountMembersApi.GetMembers(context.Background()).Limit(50).Sort(ldapi.SortLastSeen)
	fmt.Println(request.Params().Query.Encode())
	// Output: limit=50&sort=lastSeen
}
