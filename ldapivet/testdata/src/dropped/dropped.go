package dropped

import (
	"context"

	"github.com/ldapi-go/ldapi"
)

func page(ctx context.Context, client *ldapi.APIClient) error {
	request := client.AccessTokensApi.GetTokens(ctx).Limit(50)
	for offset := int64(0); offset < 100; offset += 50 {
		request.Offset(offset) // want `the result of Offset is dropped: it returns a changed copy of the request; write request = …`
		if _, _, err := request.Execute(); err != nil {
			return err
		}
	}
	return nil
}

type lister struct {
	request ldapi.ApiGetTokensRequest
}

type alias = ldapi.ApiGetTokensRequest

type embedding struct{ ldapi.ApiGetTokensRequest }

func others(ctx context.Context, client *ldapi.APIClient, l *lister, e embedding) {
	request := client.AccessTokensApi.GetTokens(ctx)
	request.Limit(5).Offset(5) // want `the result of Offset is dropped: .* write request = …`
	(request).Prefetch(2)      // want `the result of Prefetch is dropped`
	_ = request.Limit(5)       // want `the result of Limit is dropped`
	go request.Limit(5)        // want `the result of Limit is dropped`
	defer request.Limit(5)     // want `the result of Limit is dropped`
	l.request.Offset(5)        // want `the result of Offset is dropped: it returns a changed copy of the request$`
	e.Offset(5)                // want `the result of Offset is dropped: it returns a changed copy of the request$`

	ldapi.ApiGetTokensRequest.Offset(request, 5)   // want `the result of Offset is dropped`
	alias.Offset(request, 5)                       // want `the result of Offset is dropped: it returns a changed copy of the request$`
	client.AccessTokensApi.GetTokens(ctx)          // want `the request that GetTokens returns is dropped: nothing is sent without Execute`
	client.AccessTokensApi.GetTokens(ctx).Limit(5) // want `the result of Limit is dropped`

	_, changed := request.Limit(5), request.Limit(6) // want `the result of Limit is dropped`
	request = changed.Offset(5)
	request.Context()
	helper(request)
	ldapi.SaveRequest{}.Comment("")
}

// helper may do something with the request beside returning it.
func helper(r ldapi.ApiGetTokensRequest) ldapi.ApiGetTokensRequest { return r }
