package ignored

import (
	"context"
	"net/http"

	"github.com/ldapi-go/ldapi"
)

func calls(ctx context.Context, client *ldapi.APIClient) error {
	api := client.AccessTokensApi
	api.DeleteToken(ctx, "x").Execute()               // want `the error of Execute is ignored`
	go api.DeleteToken(ctx, "x").Execute()            // want `the error of Execute is ignored`
	defer api.DeleteToken(ctx, "x").Execute()         // want `the error of Execute is ignored`
	_, _ = api.DeleteToken(ctx, "x").Execute()        // want `the error of Execute is ignored`
	tokens, _, _ := api.GetTokens(ctx).Execute()      // want `the error of Execute is ignored`
	var resp, _ = api.DeleteToken(ctx, "x").Execute() // want `the error of Execute is ignored`

	api.DeleteTokenExecute(api.DeleteToken(ctx, "x"))                // want `the error of DeleteTokenExecute is ignored`
	tokens, _, _ = api.GetTokensExecute(api.GetTokens(ctx).Limit(5)) // want `the error of GetTokensExecute is ignored`

	tokens, _, err := api.GetTokens(ctx).Execute()
	use(tokens, resp, err)
	if _, err := api.DeleteToken(ctx, "x").Execute(); err != nil {
		return err
	}
	ldapi.SaveRequest{}.Execute()
	_, err = api.DeleteToken(ctx, "x").Execute()
	return err
}

func helpers(ctx context.Context, client *ldapi.APIClient, reset ldapi.ApiResetTokenRequest) error {
	request := client.AccessTokensApi.GetTokens(ctx)
	client.RotateToken(ctx, "x", 0)                   // want `the error of RotateToken is ignored`
	token, _ := client.RotateToken(ctx, "x", 0)       // want `the error of RotateToken is ignored`
	_, err := client.RotateToken(ctx, "x", 0)         // want `the new secret that RotateToken returns is dropped`
	_, _, err = reset.Execute()                       // want `the new secret that Execute returns is dropped`
	client.InviteMembers(ctx, nil)                    // want `the error of InviteMembers is ignored`
	_, _ = client.InviteMembers(ctx, nil)             // want `the error of InviteMembers is ignored`
	client.Do(ctx, "GET", "/api/v2/x", nil, nil, nil) // want `the error of Do is ignored`
	items, _ := request.Collect()                     // want `the error of Collect is ignored`
	_, _ = request.Limit(5).Collect()                 // want `the error of Collect is ignored`
	request.All()                                     // want `the iterator that All returns is dropped`
	for item := range request.All() {                 // want `the error of All is ignored: a loop that fails looks like one that ended`
		items = append(items, item)
	}
	for item, _ := range request.Limit(5).All() { // want `the error of All is ignored`
		items = append(items, item)
	}
	for range request.Pages() { // want `the error of Pages is ignored`
	}

	for item, err := range request.All() {
		if err != nil {
			return err
		}
		items = append(items, item)
	}
	for _, err := range request.Pages() {
		return err
	}
	_, err = client.InviteMembers(ctx, nil) // its members are in the error, too
	out, _ := token.MarshalJSON()
	client.GetConfig()
	_ = out
	return err
}

func use(*ldapi.Tokens, *http.Response, error) {}
