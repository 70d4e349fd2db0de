package everyday_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// fakeTokenService is a fake of the service as users write it.
type fakeTokenService struct {
	ldapi.AccessTokensApi
	id    string
	reset func(r ldapi.ApiResetTokenRequest) (*ldapi.Token, *http.Response, error)
}

func (f *fakeTokenService) ResetToken(_ context.Context, id string) ldapi.ApiResetTokenRequest {
	f.id = id
	return ldapi.ApiResetTokenRequest{ApiService: f}
}

func (f *fakeTokenService) ResetTokenExecute(r ldapi.ApiResetTokenRequest) (*ldapi.Token, *http.Response, error) {
	return f.reset(r)
}

// works reports whether a secret is valid.
func works(t testing.TB, server *ldapitest.Server, secret string) bool {
	t.Helper()
	_, _, err := server.Client(ldapi.WithAccessToken(secret)).AccountMembersApi.GetMembers(t.Context()).Execute()
	if err != nil {
		require.ErrorIs(t, err, ldapi.ErrUnauthorized)
	}
	return err == nil
}

// The full secret is in the answers that create or reset a token, and in no other.
func TestHasFullSecret(t *testing.T) {
	t.Parallel()
	client := ldapitest.NewTestServer(t).Client()
	post := ldapi.NewAccessTokenPost()
	post.SetRole(ldapi.RoleReader)
	created, _, err := client.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(*post).Execute()
	require.NoError(t, err)
	assert.True(t, created.HasFullSecret())
	rotated, err := client.RotateToken(t.Context(), created.GetId(), 0)
	require.NoError(t, err)
	assert.True(t, rotated.HasFullSecret())
	read, _, err := client.AccessTokensApi.GetToken(t.Context(), created.GetId()).Execute()
	require.NoError(t, err)
	assert.Len(t, read.GetToken(), 4)
	assert.False(t, read.HasFullSecret())
	var none *ldapi.Token
	assert.False(t, none.HasFullSecret())
	assert.False(t, new(ldapi.Token).HasFullSecret())
}

func TestRotateTokenWithGrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
		token, err := server.Client().RotateToken(t.Context(), ldapitest.ServiceTokenID, time.Hour)
		require.NoError(t, err)
		assert.Equal(t, ldapitest.ServiceTokenID, token.Id)
		assert.NotEqual(t, ldapitest.ServiceToken, token.GetToken())
		assert.True(t, works(t, server, token.GetToken()), "the new secret works at once")
		time.Sleep(time.Hour - time.Minute)
		assert.True(t, works(t, server, ldapitest.ServiceToken), "the old one within the grace period")
		time.Sleep(2 * time.Minute)
		assert.False(t, works(t, server, ldapitest.ServiceToken), "and not after it")
		assert.True(t, works(t, server, token.GetToken()))
	})
}

func TestRotateTokenAtOnce(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	token, err := server.Client().RotateToken(t.Context(), ldapitest.ServiceTokenID, 0)
	require.NoError(t, err)
	assert.True(t, works(t, server, token.GetToken()))
	assert.False(t, works(t, server, ldapitest.ServiceToken))
	assert.Empty(t, server.Requests()[0].RawQuery)
	assert.Empty(t, server.Requests()[0].Body)
	assert.Equal(t, "application/json", server.Requests()[0].Header.Get("Content-Type"))
}

func TestRotateTokenRefuses(t *testing.T) {
	t.Parallel()
	client, p := tappedClient()
	_, err := client.RotateToken(t.Context(), ldapitest.ServiceTokenID, -time.Second)
	assert.Equal(t, "grace", refusedParameter(t, err))
	_, err = client.RotateToken(t.Context(), "", time.Hour)
	assert.Equal(t, "id", refusedParameter(t, err))
	assert.Empty(t, p.sent)
	_, err = ldapitest.NewTestServer(t).Client().RotateToken(t.Context(), "66a0b1c2d3e4f506172839ff", 0)
	require.ErrorIs(t, err, ldapi.ErrNotFound)
}

// A reset is not retried if it is unknown whether it was carried out: the secret would be replaced a second time.
func TestRotateTokenAmbiguous(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultCloseAfterCommit})
	_, err := server.Client().RotateToken(t.Context(), ldapitest.ServiceTokenID, time.Hour)
	require.ErrorIs(t, err, ldapi.ErrOutcomeUnknown)
	assert.Len(t, server.Requests(), 1)
}

// The reset among the examples of the API: the expiry in the query, and in the body for servers that read it there.
func TestExpiryTime(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1767312000000).In(time.FixedZone("east", 3600)).Add(999 * time.Microsecond)
	client, p := tappedClient()
	_, _, err := client.AccessTokensApi.ResetToken(t.Context(), "66a0b1c2d3e4f50617283940").ExpiryTime(at).Execute()
	require.NoError(t, err)
	sent := p.only(t)
	assert.Equal(t, "POST /api/v2/tokens/66a0b1c2d3e4f50617283940/reset?expiry=1767312000000", sent.method+" "+sent.url.RequestURI())
	assert.JSONEq(t, `{"expiry":1767312000000}`, sent.body)
	assert.Equal(t, "application/json", sent.header.Get("Content-Type"))

	client, p = tappedClient()
	_, _, err = client.AccessTokensApi.ResetToken(t.Context(), "66a0b1c2d3e4f50617283940").Execute()
	require.NoError(t, err)
	assert.Empty(t, p.only(t).body)

	client, p = tappedClient()
	_, _, err = client.AccessTokensApi.ResetToken(t.Context(), "66a0b1c2d3e4f50617283940").ExpiryTime(time.Time{}).Execute()
	assert.Equal(t, "expiry", refusedParameter(t, err), "a time that was never set")
	assert.Empty(t, p.sent)
}

func TestRotateTokenCallsTheService(t *testing.T) {
	t.Parallel()
	cause := errors.New("the body is cut off")
	partial := &ldapi.Token{Id: "a", Token: ldapi.PtrString("new secret")}
	var expiry []string
	fake := &fakeTokenService{reset: func(r ldapi.ApiResetTokenRequest) (*ldapi.Token, *http.Response, error) {
		expiry = append(expiry, r.Params().Query.Get("expiry"))
		return partial, nil, cause
	}}
	client := ldapi.New()
	client.AccessTokensApi = fake
	token, err := client.RotateToken(t.Context(), "a", 0)
	require.ErrorIs(t, err, cause)
	assert.Same(t, partial, token, "a secret that is shown once is not thrown away")
	assert.Equal(t, "a", fake.id)
	_, err = client.RotateToken(t.Context(), "a", time.Hour)
	require.ErrorIs(t, err, cause)
	assert.Empty(t, expiry[0])
	assert.Len(t, expiry[1], len("1767312000000"), "milliseconds")
}

// A client uses the new secret in the next call, and in the next attempt of a call that is in progress.
func TestSwappableToken(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	current := ldapi.NewSwappableToken(ldapitest.AdminToken)
	var tried []string
	client := server.Client(ldapi.WithTokenSource(current.Token), ldapi.WithRetry(ldapi.RetryPolicy{MinWait: 1, MaxWait: 1}))
	call := func() {
		t.Helper()
		_, _, err := client.AccessTokensApi.GetToken(t.Context(), ldapitest.ServiceTokenID).Execute()
		require.NoError(t, err)
		tried = nil
		for _, r := range server.Requests() {
			tried = append(tried, r.Header.Get("Authorization"))
		}
	}
	call()
	rotated, err := client.RotateToken(t.Context(), ldapitest.AdminTokenID, 0)
	require.NoError(t, err)
	current.Swap(rotated.GetToken())
	call()
	assert.Equal(t, []string{ldapitest.AdminToken, ldapitest.AdminToken, rotated.GetToken()}, tried)
}

func TestSwappableTokenBetweenAttempts(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusServiceUnavailable, Count: 2})
	current := ldapi.NewSwappableToken(ldapitest.AdminToken)
	next := []string{ldapitest.OwnerToken, ldapitest.ServiceToken}
	client := server.Client(ldapi.WithTokenSource(current.Token), ldapi.WithRetry(ldapi.RetryPolicy{MinWait: 1, MaxWait: 1}),
		ldapi.WithAttemptMiddleware(func(forward ldapi.RoundTrip) ldapi.RoundTrip {
			return func(req *http.Request) (*http.Response, error) {
				resp, err := forward(req)
				if len(next) > 0 { // the token is rotated during the call
					current.Swap(next[0])
					next = next[1:]
				}
				return resp, err
			}
		}))
	_, _, err := client.AccessTokensApi.GetToken(t.Context(), ldapitest.ServiceTokenID).Execute()
	require.NoError(t, err)
	var tried []string
	for _, r := range server.Requests() {
		tried = append(tried, r.Header.Get("Authorization"))
	}
	assert.Equal(t, []string{ldapitest.AdminToken, ldapitest.OwnerToken, ldapitest.ServiceToken}, tried)
}

func TestSwappableTokenIsSafe(t *testing.T) {
	t.Parallel()
	s := ldapi.NewSwappableToken("secret-first")
	var running sync.WaitGroup
	for i := range 8 {
		running.Go(func() {
			s.Swap(fmt.Sprintf("secret-%d", i))
			token, err := s.Token(t.Context())
			assert.NoError(t, err)
			assert.Contains(t, token, "secret-")
		})
	}
	running.Wait()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		assert.NotContains(t, fmt.Sprintf(verb, s), "secret-", verb)
	}
	client, p := tappedClient(ldapi.WithTokenSource(new(ldapi.SwappableToken).Token))
	_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
	assert.Equal(t, "Authorization", refusedParameter(t, err), "one that was never set")
	assert.Empty(t, p.sent)
}

// The requests for new tokens among the examples of the API.
func TestTokenPostExamples(t *testing.T) {
	t.Parallel()
	byRole := ldapi.NewAccessTokenPost()
	byRole.SetName("ci-deploys")
	byRole.SetDescription("used by the deploy job")
	byRole.SetRole(ldapi.RoleWriter)
	byRole.SetServiceToken(true)
	byRole.SetDefaultApiVersion(20240415)
	byPolicy := ldapi.NewAccessTokenPost()
	byPolicy.SetName("staging-only")
	deny := ldapi.NewStatementPost("deny")
	deny.SetNotResources([]string{"proj/shop:env/staging"})
	deny.SetActions([]string{"*"})
	byPolicy.SetInlineRole(append(policyOf("allow", shopFlags, "updateOn", "updateTargets"), *deny))
	byCustomRoles := ldapi.NewAccessTokenPost()
	byCustomRoles.SetName("release-bot")
	byCustomRoles.SetCustomRoleIds([]string{"64c1d2e3f4a5b6c7d8e9f001"})
	byCustomRoles.SetServiceToken(true)
	for name, post := range map[string]*ldapi.AccessTokenPost{
		"token_post_role": byRole, "token_post_inline": byPolicy, "token_post_custom": byCustomRoles,
	} {
		client, p := tappedClient()
		_, _, err := client.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(*post).Execute()
		require.NoError(t, err)
		assert.Equal(t, "POST /api/v2/tokens", p.only(t).method+" "+p.only(t).url.Path)
		assert.JSONEq(t, example(t, name), p.only(t).body, name)
	}
}
