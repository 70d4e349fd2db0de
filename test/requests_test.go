package ldapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/internal/inventory"
)

// replyOf returns the example response of an operation, or "" if the response has no body.
func replyOf(t *testing.T, op operation) string {
	t.Helper()
	if op.reply == "" {
		return ""
	}
	return payload(t, op.reply)
}

// The table of operations has all of them.
func TestNoOperationIsMissing(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, o := range operations() {
		ids = append(ids, o.id)
	}
	missing, surplus := inventory.Compare(ldapi.New(), ids)
	for _, id := range missing {
		t.Errorf("%s is missing: add it to the operations of test/operations_test.go, with the literal bytes of its request, a call that "+
			"makes it, and the example of its response in testdata/payloads", id)
	}
	assert.Empty(t, surplus, "there twice, or no operations of the client")
}

// Every operation: method, URL, the whole header and the whole body.
func TestRequestOfEveryOperation(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		t.Run(op.id, func(t *testing.T) {
			t.Parallel()
			client, w := answering(op.success, replyOf(t, op))
			model, resp, err := op.call(client, t.Context(), "abc123")
			require.NoError(t, err)
			assert.Equal(t, op.reply == "", model == nil, "a response without a body has no model")
			assert.Equal(t, op.success, resp.StatusCode)

			req := w.only(t)
			assert.Equal(t, op.method, req.Method)
			assert.Equal(t, "https://app.launchdarkly.com"+op.uri("abc123"), req.URL.String())
			assert.Equal(t, "app.launchdarkly.com", req.Host)
			want := http.Header{
				"Accept":         {"application/json"},
				"Authorization":  {accessToken},
				"Ld-Api-Version": {"20240415"},
				"User-Agent":     {userAgent},
			}
			if op.content != "" {
				want.Set("Content-Type", op.content)
			}
			if op.version != "" {
				want.Set("LD-API-Version", op.version)
			}
			content, body := wireForm(req.Header.Get("Content-Type"), req.body)
			if content != "" {
				req.Header.Set("Content-Type", content)
			}
			assert.Equal(t, want, req.Header)
			assert.Equal(t, op.body, body)
			assert.Equal(t, int64(len(req.body)), req.ContentLength)
		})
	}
}

// An ID is one path segment, whatever it contains.
func TestIDsAreEscaped(t *testing.T) {
	t.Parallel()
	ids := []struct{ id, escaped string }{
		{"a/b", "a%2Fb"},
		{"ü", "%C3%BC"},
		{"a b", "a%20b"},
		{"%2F", "%252F"},
		{"?x#y", "%3Fx%23y"},
		{"../tokens", "..%2Ftokens"},
		{"{id}", "%7Bid%7D"},
		{"a;b,c", "a%3Bb%2Cc"},
		{"a+b@c", "a+b@c"},
		{"...", "..."},
		{"me", "me"},
	}
	for _, op := range operations() {
		if !op.takesID() {
			continue
		}
		for _, tc := range ids {
			t.Run(op.id+" "+tc.id, func(t *testing.T) {
				t.Parallel()
				client, w := answering(op.success, replyOf(t, op))
				_, _, err := op.call(client, t.Context(), tc.id)
				require.NoError(t, err)
				req := w.only(t)
				assert.Equal(t, op.uri(tc.escaped), req.URL.RequestURI())
				assert.Equal(t, op.uri(tc.id), req.URL.Path, "what a server decodes it to")
				assert.Equal(t, "app.launchdarkly.com", req.Host)
				assert.Empty(t, req.URL.RawQuery)
				assert.Empty(t, req.URL.Fragment)
			})
		}
	}
}

// Query parameters are sorted by name and encoded exactly once.
func TestQueryOfListingTokens(t *testing.T) {
	t.Parallel()
	type request = ldapi.ApiGetTokensRequest
	for _, tc := range []struct {
		name, query string
		ask         func(r request) request
	}{
		{"none", "", func(r request) request { return r }},
		{"all", "limit=50&offset=100&showAll=true", func(r request) request { return r.ShowAll(true).Offset(100).Limit(50) }},
		{"zero values are sent", "limit=0&offset=0&showAll=false", func(r request) request { return r.Limit(0).Offset(0).ShowAll(false) }},
		{"64 bits", "limit=9007199254740993&offset=9223372036854775807",
			func(r request) request { return r.Limit(9007199254740993).Offset(9223372036854775807) }},
		{"the last one counts", "limit=2", func(r request) request { return r.Limit(1).Limit(2) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			client, w := answering(200, payload(t, "tokens_page"))
			_, _, err := tc.ask(client.AccessTokensApi.GetTokens(t.Context())).Execute()
			require.NoError(t, err)
			assert.Equal(t, tc.query, w.only(t).URL.RawQuery)
		})
	}
}

func TestQueryOfListingMembers(t *testing.T) {
	t.Parallel()
	type request = ldapi.ApiGetMembersRequest
	for _, tc := range []struct {
		name, query string
		ask         func(r request) request
	}{
		{"none", "", func(r request) request { return r }},
		{"all",
			"expand=customRoles%2CroleAttributes&filter=query%3Aabc%2Crole%3Aadmin%7Ccustomrole&limit=100&offset=20&sort=-displayName",
			func(r request) request {
				return r.Sort("-displayName").Filter("query:abc,role:admin|customrole").Limit(100).
					Expand("customRoles,roleAttributes").Offset(20)
			}},
		{"a plus address", "filter=email%3Adev%2Bflags%40example.com",
			func(r request) request { return r.Filter("email:dev+flags@example.com") }},
		{"several addresses", "filter=email%3Aa%2Bb%40example.com%7Cc%40example.com",
			func(r request) request { return r.Filter("email:a+b@example.com|c@example.com") }},
		{"JSON in a filter", "filter=lastSeen%3A%7B%22before%22%3A1767225600000%7D",
			func(r request) request { return r.Filter(`lastSeen:{"before":1767225600000}`) }},
		{"encoded once", "filter=query%3A%252B100%2525", func(r request) request { return r.Filter("query:%2B100%25") }},
		{"no ASCII", "filter=query%3AJ%C3%BCrgen+M%26S%3D1%23", func(r request) request { return r.Filter("query:Jürgen M&S=1#") }},
		{"empty values are sent", "expand=&filter=&sort=", func(r request) request { return r.Filter("").Sort("").Expand("") }},
		{"zero values are sent", "limit=0&offset=0", func(r request) request { return r.Limit(0).Offset(0) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			client, w := answering(200, payload(t, "members_page"))
			_, _, err := tc.ask(client.AccountMembersApi.GetMembers(t.Context())).Execute()
			require.NoError(t, err)
			assert.Equal(t, tc.query, w.only(t).URL.RawQuery)
		})
	}
}

func TestQueryOfReadingAMember(t *testing.T) {
	t.Parallel()
	client, w := answering(200, payload(t, "member_full"))
	_, _, err := client.AccountMembersApi.GetMember(t.Context(), "me").Expand("customRoles,roleAttributes").Execute()
	require.NoError(t, err)
	assert.Equal(t, "/api/v2/members/me?expand=customRoles%2CroleAttributes", w.only(t).URL.RequestURI())
}

// The description has expiry as a query parameter; existing programs send it in the body. The client sends both.
func TestResettingAToken(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, uri, body string
		ask             func(r ldapi.ApiResetTokenRequest) ldapi.ApiResetTokenRequest
	}{
		{"at once", "/api/v2/tokens/66a0b1c2d3e4f50617283940/reset", ``,
			func(r ldapi.ApiResetTokenRequest) ldapi.ApiResetTokenRequest { return r }},
		{"with expiry", "/api/v2/tokens/66a0b1c2d3e4f50617283940/reset?expiry=1767312000000", `{"expiry":1767312000000}`,
			func(r ldapi.ApiResetTokenRequest) ldapi.ApiResetTokenRequest { return r.Expiry(1767312000000) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			client, w := answering(200, payload(t, "token_created"))
			token, _, err := tc.ask(client.AccessTokensApi.ResetToken(t.Context(), tokenID)).Execute()
			require.NoError(t, err)
			assert.Equal(t, "api-0f1e2d3c-4b5a-4697-8877-665544332211", token.GetToken(), "the new secret is whole")
			req := w.only(t)
			assert.Equal(t, http.MethodPost, req.Method)
			assert.Equal(t, tc.uri, req.URL.RequestURI())
			assert.Equal(t, tc.body, string(req.body))
			assert.Equal(t, []string{"application/json"}, req.Header["Content-Type"])
		})
	}
}

// Methods of a request return changed copies: a request can be the start of several.
func TestRequestsAreValues(t *testing.T) {
	t.Parallel()
	client, w := answering(200, payload(t, "members_page"))
	first := client.AccountMembersApi.GetMembers(t.Context()).Limit(20)
	second := first.Offset(20)
	for _, r := range []ldapi.ApiGetMembersRequest{first, second, first} {
		_, _, err := r.Execute()
		require.NoError(t, err)
	}
	var queries []string
	for _, req := range w.requests {
		queries = append(queries, req.URL.RawQuery)
	}
	assert.Equal(t, []string{"limit=20", "limit=20&offset=20", "limit=20"}, queries)
}
