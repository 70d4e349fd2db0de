package ldapi_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// The parts of the stock client in a program that keeps it for other services: its context key, its key type, its models and its errors.
type stockContextKey struct{ name string }

type stockAPIKey struct{ Key, Prefix string }

type stockStatementPost struct {
	Effect               string   `json:"effect"`
	Resources            []string `json:"resources,omitempty"`
	NotResources         []string `json:"notResources,omitempty"`
	Actions              []string `json:"actions,omitempty"`
	NotActions           []string `json:"notActions,omitempty"`
	AdditionalProperties map[string]interface{}
}

type stockError struct{ error }

var stockContextAPIKeys = &stockContextKey{"apiKeys"}

// The credential that such a program has in its contexts is of the other client's types; a TokenSource reads it there.
func TestTokenOfTheOtherClient(t *testing.T) {
	t.Parallel()
	client, w := answering(200, payload(t, "token_created"), ldapi.WithTokenSource(func(ctx context.Context) (string, error) {
		keys, _ := ctx.Value(stockContextAPIKeys).(map[string]stockAPIKey)
		return keys["ApiKey"].Key, nil
	}))
	ctx := context.WithValue(t.Context(), stockContextAPIKeys, map[string]stockAPIKey{"ApiKey": {Key: "api-of-the-other-client"}})
	_, _, err := getToken(ctx, client)
	require.NoError(t, err)
	assert.Equal(t, "api-of-the-other-client", w.only(t).Header.Get("Authorization"))
	_, _, err = getToken(t.Context(), client)
	var refused *ldapi.ArgumentError
	require.ErrorAs(t, err, &refused, "no credential is an error before anything is sent")
	assert.Equal(t, "Authorization", refused.Parameter)
}

// Flat models convert: their fields are those of the stock client, in its order.
func TestFlatModelsConvert(t *testing.T) {
	t.Parallel()
	theirs := stockStatementPost{Effect: "allow", Resources: []string{"proj/*"}, Actions: []string{"*"}}
	ours := ldapi.StatementPost(theirs)
	assert.Equal(t, "allow", ours.Effect)
	assert.Equal(t, []string{"proj/*"}, ours.Resources)
	assert.Equal(t, theirs, stockStatementPost(ours))
	assert.Equal(t, ldapi.Statement(theirs), ldapi.Statement(ours))
	for _, model := range []any{ldapi.Statement{}, ldapi.StatementPost{}, ldapi.Link{}, ldapi.AccessTokenPost{}, ldapi.NewMemberForm{}, ldapi.Token{}, ldapi.Member{},
		ldapi.IntegrationStatus{}, ldapi.LastSeenMetadata{}, ldapi.MemberTeamsPostInput{}, ldapi.BulkEditMembersRep{}, ldapi.MembersPatchInput{}, ldapi.NotFoundErrorRep{}} {
		typ := reflect.TypeOf(model)
		for i := range typ.NumField() {
			assert.True(t, typ.Field(i).IsExported(), "%s.%s prevents a conversion", typ, typ.Field(i).Name)
		}
		assert.Equal(t, "AdditionalProperties", typ.Field(typ.NumField()-1).Name, "%s", typ)
	}
}

// An error is of one client or of the other.
func TestErrorsOfBothClients(t *testing.T) {
	t.Parallel()
	client, _ := answering(404, `{"code":"not_found","message":"x"}`)
	_, _, ours := getToken(t.Context(), client)
	for _, err := range []error{ours, stockError{errors.New("404 Not Found")}} {
		var theirs stockError
		var api *ldapi.GenericOpenAPIError
		assert.NotEqual(t, errors.As(err, &theirs), errors.As(err, &api))
	}
}

// Refused arguments have no status: code that looks for "404" in the text of an error does not find it in that of an empty ID.
func TestRefusedArgumentsAreNoStatus(t *testing.T) {
	t.Parallel()
	client, _ := answering(404, "")
	_, _, err := client.AccessTokensApi.GetToken(t.Context(), "").Execute()
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "404")
	assert.NotErrorIs(t, err, ldapi.ErrNotFound)
	var refused *ldapi.ArgumentError
	assert.ErrorAs(t, err, &refused)
}
