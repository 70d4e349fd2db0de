package ldapi_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

func withValue(key, value any) func(context.Context) context.Context {
	return func(ctx context.Context) context.Context { return context.WithValue(ctx, key, value) }
}

func TestRegions(t *testing.T) {
	t.Parallel()
	for region, url := range map[ldapi.Region]string{
		ldapi.RegionCommercial: "https://app.launchdarkly.com",
		ldapi.RegionFederal:    "https://app.launchdarkly.us",
		ldapi.RegionEU:         "https://app.eu.launchdarkly.com",
	} {
		client, w := answering(200, `{}`, ldapi.WithRegion(region))
		_, _, err := getToken(t.Context(), client)
		require.NoError(t, err)
		assert.Equal(t, url+"/api/v2/tokens/"+tokenID, w.only(t).URL.String())
	}
}

func TestBaseURLs(t *testing.T) {
	t.Parallel()
	const path = "/api/v2/members/me"
	for base, want := range map[string]string{
		"https://ld.example.com":               "https://ld.example.com" + path,
		"https://ld.example.com/":              "https://ld.example.com" + path,
		"https://ld.example.com///":            "https://ld.example.com" + path,
		"https://ld.example.com/api/v2":        "https://ld.example.com" + path,
		"https://ld.example.com/api/v2/":       "https://ld.example.com" + path,
		"https://ld.example.com:8443/api/v2":   "https://ld.example.com:8443" + path,
		"https://proxy.example.com/ld":         "https://proxy.example.com/ld" + path,
		"https://proxy.example.com/ld/":        "https://proxy.example.com/ld" + path,
		"https://proxy.example.com/ld/api/v2/": "https://proxy.example.com/ld" + path,
		"https://proxy.example.com/a%2Fb":      "https://proxy.example.com/a%2Fb" + path,
		"https://proxy.example.com/caf%C3%A9":  "https://proxy.example.com/caf%C3%A9" + path,
		"http://127.0.0.1:4242":                "http://127.0.0.1:4242" + path,
		"http://[::1]:4242/":                   "http://[::1]:4242" + path,
	} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			client, w := answering(200, `{}`, ldapi.WithBaseURL(base))
			_, _, err := client.AccountMembersApi.GetMember(t.Context(), "me").Execute()
			require.NoError(t, err)
			assert.Equal(t, want, w.only(t).URL.String())
		})
	}
}

// Servers in the context: for all operations, for single ones, and which takes precedence.
func TestServersByContext(t *testing.T) {
	t.Parallel()
	type contexts = []func(context.Context) context.Context
	const operation = "AccessTokensApiService.GetToken"
	for _, tc := range []struct {
		name string
		ctx  contexts
		want string
	}{
		{"none", nil, "https://one.example.com"},
		{"index", contexts{withValue(ldapi.ContextServerIndex, 1)}, "https://eu.two.example.com"},
		{"variables", contexts{withValue(ldapi.ContextServerIndex, 1),
			withValue(ldapi.ContextServerVariables, map[string]string{"region": "us"})}, "https://us.two.example.com"},
		{"index of the operation", contexts{withValue(ldapi.ContextOperationServerIndices, map[string]int{operation: 1})},
			"https://eu.two.example.com"},
		{"index of the operation over index", contexts{withValue(ldapi.ContextServerIndex, 1),
			withValue(ldapi.ContextOperationServerIndices, map[string]int{operation: 0})}, "https://one.example.com"},
		{"index of another operation", contexts{withValue(ldapi.ContextOperationServerIndices,
			map[string]int{"AccessTokensApiService.GetTokens": 1})}, "https://one.example.com"},
		{"variables of the operation over variables", contexts{withValue(ldapi.ContextServerIndex, 1),
			withValue(ldapi.ContextServerVariables, map[string]string{"region": "us"}),
			withValue(ldapi.ContextOperationServerVariables, map[string]map[string]string{operation: {"region": "ap"}})},
			"https://ap.two.example.com"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			client, w := answering(200, `{}`)
			client.GetConfig().Servers = twoServers()
			_, _, err := getToken(apply(t.Context(), tc.ctx...), client)
			require.NoError(t, err)
			assert.Equal(t, tc.want+"/api/v2/tokens/"+tokenID, w.only(t).URL.String())
		})
	}
}

func twoServers() ldapi.ServerConfigurations {
	return ldapi.ServerConfigurations{
		{URL: "https://one.example.com/"},
		{URL: "https://{region}.two.example.com/api/v2", Variables: map[string]ldapi.ServerVariable{
			"region": {DefaultValue: "eu", EnumValues: []string{"eu", "us", "ap"}},
		}},
	}
}

func TestTheServersOfTheDescription(t *testing.T) {
	t.Parallel()
	for index, want := range []string{"https://app.launchdarkly.com", "https://app.launchdarkly.us", "https://app.eu.launchdarkly.com"} {
		client, w := answering(200, `{}`)
		_, _, err := getToken(context.WithValue(t.Context(), ldapi.ContextServerIndex, index), client)
		require.NoError(t, err)
		assert.Equal(t, want+"/api/v2/tokens/"+tokenID, w.only(t).URL.String())
		url, err := client.GetConfig().ServerURL(index, nil)
		require.NoError(t, err)
		assert.Equal(t, want, url)
	}
}

func TestServersThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(context.Context) context.Context{
		"index beyond the end":           withValue(ldapi.ContextServerIndex, 2),
		"negative index":                 withValue(ldapi.ContextServerIndex, -1),
		"index of another type":          withValue(ldapi.ContextServerIndex, "1"),
		"indices of another type":        withValue(ldapi.ContextOperationServerIndices, map[string]string{}),
		"variables of another type":      withValue(ldapi.ContextServerVariables, map[string]int{}),
		"variables of the operation too": withValue(ldapi.ContextOperationServerVariables, map[string]string{}),
		"a value that is not allowed": func(ctx context.Context) context.Context {
			ctx = context.WithValue(ctx, ldapi.ContextServerIndex, 1)
			return context.WithValue(ctx, ldapi.ContextServerVariables, map[string]string{"region": "moon"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, w := answering(200, `{}`)
			client.GetConfig().Servers = twoServers()
			_, resp, err := getToken(change(t.Context()), client)
			assert.Equal(t, "getToken", argumentError(t, err).Operation)
			assert.Nil(t, resp)
			w.nothing(t)
		})
	}
}

func TestOperationServers(t *testing.T) {
	t.Parallel()
	client, w := answering(200, `{}`)
	cfg := client.GetConfig()
	cfg.OperationServers = map[string]ldapi.ServerConfigurations{
		"AccessTokensApiService.GetToken":    {{URL: "https://tokens.example.com"}},
		"AccountMembersApiService.GetMember": {{URL: "https://members.example.com"}, {URL: "https://me.example.com/x/"}},
	}
	ctx := context.WithValue(t.Context(), ldapi.ContextOperationServerIndices, map[string]int{"AccountMembersApiService.GetMember": 1})
	_, _, err := getToken(ctx, client)
	require.NoError(t, err)
	_, _, err = client.AccountMembersApi.GetMember(ctx, "me").Execute()
	require.NoError(t, err)
	_, err = client.AccessTokensApi.DeleteToken(ctx, tokenID).Execute()
	require.NoError(t, err)
	var urls []string
	for _, req := range w.requests {
		urls = append(urls, req.URL.String())
	}
	assert.Equal(t, []string{
		"https://tokens.example.com/api/v2/tokens/" + tokenID,
		"https://me.example.com/x/api/v2/members/me",
		"https://app.launchdarkly.com/api/v2/tokens/" + tokenID,
	}, urls)
	url, err := cfg.ServerURLWithContext(ctx, "AccountMembersApiService.GetMember")
	require.NoError(t, err)
	assert.Equal(t, "https://me.example.com/x/", url)
}

// Every operation has its own key in OperationServers.
func TestOperationServersOfEveryOperation(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		client, w := answering(op.success, replyOf(t, op))
		client.GetConfig().OperationServers[op.service+"Service."+strings.ToUpper(op.id[:1])+op.id[1:]] = ldapi.ServerConfigurations{{URL: "https://one.example.com"}}
		_, _, err := op.call(client, t.Context(), "abc123")
		require.NoError(t, err)
		assert.Equal(t, "one.example.com", w.only(t).URL.Host, op.id)
	}
}

// Host and Scheme replace those of every server, and nothing else.
func TestHostAndScheme(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ host, scheme, want string }{
		{"", "", "https://proxy.example.com/ld"},
		{"other.example.com", "", "https://other.example.com/ld"},
		{"other.example.com:8443", "https", "https://other.example.com:8443/ld"},
		{"", "http", "http://proxy.example.com/ld"},
		{"127.0.0.1:1", "http", "http://127.0.0.1:1/ld"},
	} {
		client, w := answering(200, `{}`, ldapi.WithBaseURL("https://proxy.example.com/ld"), ldapi.WithInsecureHTTP())
		client.GetConfig().Host, client.GetConfig().Scheme = tc.host, tc.scheme
		_, _, err := getToken(t.Context(), client)
		require.NoError(t, err)
		assert.Equal(t, tc.want+"/api/v2/tokens/"+tokenID, w.only(t).URL.String())
	}
	client, w := answering(200, `{}`)
	client.GetConfig().Scheme = "http"
	_, _, err := getToken(t.Context(), client)
	require.ErrorIs(t, err, ldapi.ErrInsecureURL, "an override does not bypass the check")
	w.nothing(t)
}
