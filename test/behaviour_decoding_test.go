package ldapi_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

func TestMissingAndNullPropertiesLeaveZeroValues(t *testing.T) {
	t.Parallel()
	client, _ := answering(200, `{"items":[{"_id":"t1"},{"_id":null,"name":null,"_links":null,"inlineRole":null,"creationDate":null},{}]}`)
	page, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
	require.NoError(t, err, "the stock client fails the whole list")
	assert.Equal(t, &ldapi.Tokens{Items: []ldapi.Token{{Id: "t1"}, {}, {}}}, page)
}

func TestUnknownPropertiesAreKeptAndWrittenBack(t *testing.T) {
	t.Parallel()
	const document = `{"_id":"t1","ownerId":"o","memberId":"m","creationDate":1,"lastModified":2,"_links":{},"expiry":1767312000000,"tags":["a",null]}`
	client, _ := answering(200, document)
	token, _, err := getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Equal(t, map[string]interface{}{"expiry": 1767312000000.0, "tags": []interface{}{"a", nil}}, token.AdditionalProperties)
	b, err := json.Marshal(token)
	require.NoError(t, err)
	assert.JSONEq(t, document, string(b))
}

func TestAdditionalPropertiesAreNilWhenThereAreNone(t *testing.T) {
	t.Parallel()
	client, _ := answering(200, payload(t, "token_created"))
	token, _, err := getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Nil(t, token.AdditionalProperties)
	assert.Nil(t, token.Member.AdditionalProperties)
	assert.Nil(t, token.Links["self"].AdditionalProperties)
}

// The error names model, path and property; the rest is still decoded, and the first error is returned.
func TestValuesOfTheWrongTypeAreErrorsAndTheRestIsDecoded(t *testing.T) {
	t.Parallel()
	client, _ := answering(200, `{"items":[{"_id":"t1","creationDate":"yesterday","name":"one"},{"_id":17,"name":"two","serviceToken":"no"},
		"three",{"_id":"t4","_links":{"self":{"href":5,"type":"text/html"}},"inlineRole":{},"defaultApiVersion":3000000000}],"totalCount":4.5}`)
	page, resp, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
	require.ErrorIs(t, err, ldapi.ErrDecode)
	e := apiError(t, err)
	assert.Equal(t, 200, e.StatusCode())
	assert.Contains(t, e.Error(), "Tokens.items[0].creationDate", "the first one")
	assert.NotContains(t, e.Error(), "yesterday", "values stay out of errors")
	assert.NotNil(t, resp)
	html := ldapi.PtrString("text/html")
	assert.Equal(t, &ldapi.Tokens{Items: []ldapi.Token{
		{Id: "t1", Name: ldapi.PtrString("one")},
		{Name: ldapi.PtrString("two")},
		{},
		{Id: "t4", Links: map[string]ldapi.Link{"self": {Type: html}}},
	}}, page)
}

func TestWrongTypesAreNamedByTheirPath(t *testing.T) {
	t.Parallel()
	for document, path := range map[string]string{
		`{"_id":1}`:                                    "Member._id",
		`{"version":"one"}`:                            "Member.version",
		`{"version":2147483648}`:                       "Member.version",
		`{"_lastSeen":1.5}`:                            "Member._lastSeen",
		`{"_verified":"true"}`:                         "Member._verified",
		`{"customRoles":["a",2]}`:                      "Member.customRoles[1]",
		`{"teams":[{},{"key":[]}]}`:                    "Member.teams[1].key",
		`{"_lastSeenMetadata":"t1"}`:                   "Member._lastSeenMetadata",
		`{"_lastSeenMetadata":{"tokenId":1}}`:          "Member._lastSeenMetadata.tokenId",
		`{"roleAttributes":{"k":["v",1]}}`:             "Member.roleAttributes.*[1]",
		`{"_links":{"self":{"href":true}}}`:            "Member._links.*.href",
		`{"_integrationMetadata":{"lastChecked":"x"}}`: "Member._integrationMetadata.lastChecked",
	} {
		member, err := decodeMember(t, document)
		require.ErrorIs(t, err, ldapi.ErrDecode, document)
		assert.Contains(t, err.Error(), path+":", document)
		assert.NotNil(t, member, document)
		var model ldapi.Member
		err = json.Unmarshal([]byte(document), &model)
		require.ErrorIs(t, err, ldapi.ErrDecode, "UnmarshalJSON too: %s", document)
		assert.Contains(t, err.Error(), path+":")
	}
}

// A token's secret is shown once: it must not be lost because another part of the response is invalid.
func TestASecretIsNotLostToADecodeError(t *testing.T) {
	t.Parallel()
	client, _ := answering(201, `{"_id":"t1","token":"api-0f1e2d3c-4b5a-4697-8877-665544332211","lastUsed":"never"}`)
	token, _, err := client.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(ldapi.AccessTokenPost{}).Execute()
	require.ErrorIs(t, err, ldapi.ErrDecode)
	assert.Equal(t, "api-0f1e2d3c-4b5a-4697-8877-665544332211", token.GetToken())

	client, _ = answering(200, `{"_id":"t1","token":"api-0f1e2d3c-4b5a-4697-8877-665544332211","lastUs`)
	token, _, err = client.AccessTokensApi.ResetToken(t.Context(), tokenID).Execute()
	require.ErrorIs(t, err, ldapi.ErrDecode)
	assert.Equal(t, "api-0f1e2d3c-4b5a-4697-8877-665544332211", token.GetToken())
	assert.NotContains(t, err.Error(), "665544332211")
}

func TestStrictDecodingWantsEveryRequiredProperty(t *testing.T) {
	t.Parallel()
	var document map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(payload(t, "member_full")), &document))
	_, err := decodeMember(t, payload(t, "member_full"), ldapi.WithStrictDecoding())
	require.NoError(t, err)
	required := map[string]bool{"_links": true, "_id": true, "role": true, "email": true, "_pendingInvite": true,
		"_verified": true, "customRoles": true, "mfa": true, "_lastSeen": true, "creationDate": true}
	for name, value := range document {
		for what, change := range map[string]func(){
			"missing": func() { delete(document, name) },
			"null":    func() { document[name] = json.RawMessage("null") },
		} {
			change()
			b, err := json.Marshal(document)
			require.NoError(t, err)
			document[name] = value
			member, err := decodeMember(t, string(b), ldapi.WithStrictDecoding())
			if !required[name] {
				require.NoError(t, err, "%s %s", name, what)
				continue
			}
			require.ErrorIs(t, err, ldapi.ErrDecode, "%s %s", name, what)
			assert.Contains(t, err.Error(), "Member."+name+":")
			assert.Equal(t, "Noor", member.GetFirstName(), "the rest is decoded")
		}
	}
}

func TestStrictDecodingLooksInsideToo(t *testing.T) {
	t.Parallel()
	for document, path := range map[string]string{
		`{"items":[{}]}`: "Tokens.items[0]._id",
		`{"items":[{"_id":"","ownerId":"","memberId":"","creationDate":0,"lastModified":0,"_links":{},"_member":{}}]}`: "Tokens.items[0]._member._links",
		`{"items":[null]}`: "Tokens.items[0]",
	} {
		client, _ := answering(200, document, ldapi.WithStrictDecoding())
		_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
		require.ErrorIs(t, err, ldapi.ErrDecode, document)
		assert.Contains(t, err.Error(), path+":")
	}
	client, _ := answering(200, `{}`, ldapi.WithStrictDecoding())
	_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
	require.NoError(t, err, "a list of tokens has no required property")
}

func TestErrorModelsAreAlwaysTolerant(t *testing.T) {
	t.Parallel()
	client, _ := answering(404, `{"message":"m"}`, ldapi.WithStrictDecoding())
	_, _, err := getToken(t.Context(), client)
	require.ErrorIs(t, err, ldapi.ErrNotFound)
	assert.Equal(t, ldapi.NotFoundErrorRep{Message: "m"}, apiError(t, err).Model())
}

func TestAnEmptyBodyWhereAModelIsDueIsErrDecode(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		for _, status := range []int{200, 204} {
			t.Run(fmt.Sprint(op.id, " ", status), func(t *testing.T) {
				t.Parallel()
				client, _ := answering(status, "")
				_, resp, err := op.call(client, t.Context(), "abc123")
				assert.Equal(t, status, resp.StatusCode)
				if op.reply == "" {
					require.NoError(t, err)
					return
				}
				isExactly(t, err, ldapi.ErrDecode)
				assert.Equal(t, status, apiError(t, err).StatusCode())
			})
		}
	}
}
