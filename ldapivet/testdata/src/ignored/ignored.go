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

func use(*ldapi.Tokens, *http.Response, error) {}
