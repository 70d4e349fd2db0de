package ldapi_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// httpmock replaces http.DefaultTransport or the transport of a client: the tests of this file change what all share, and
// are not parallel.

const tokenURL = "https://app.launchdarkly.com/api/v2/tokens/" + tokenID

func TestHTTPMockInAllItsModes(t *testing.T) {
	own := &http.Client{}
	for _, tc := range []struct {
		name     string
		activate func()
		opts     []ldapi.Option
	}{
		{"Activate", func() { httpmock.Activate() }, nil},
		{"Activate, with an own client", func() { httpmock.Activate() }, []ldapi.Option{ldapi.WithHTTPClient(&http.Client{})}},
		{"ActivateNonDefault with an own client", func() { httpmock.ActivateNonDefault(own) }, []ldapi.Option{ldapi.WithHTTPClient(own)}},
		{"ActivateNonDefault(http.DefaultClient)", func() { httpmock.ActivateNonDefault(http.DefaultClient) }, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			newClient := func() *ldapi.APIClient { return ldapi.New(append(tc.opts, ldapi.WithAccessToken(accessToken))...) }
			t.Run("before NewAPIClient", func(t *testing.T) {
				tc.activate()
				defer httpmock.DeactivateAndReset()
				answersFromMock(t, newClient())
			})
			t.Run("after NewAPIClient", func(t *testing.T) {
				client := newClient()
				tc.activate()
				defer httpmock.DeactivateAndReset()
				answersFromMock(t, client)
			})
			t.Run("one client, again and again", func(t *testing.T) {
				client := newClient()
				for range 2 {
					tc.activate()
					answersFromMock(t, client)
					httpmock.DeactivateAndReset()
				}
			})
		})
	}
	assert.Nil(t, http.DefaultClient.Transport, "as it was")
}

// answersFromMock makes calls that succeed, fail and find no responder.
func answersFromMock(t *testing.T, client *ldapi.APIClient) {
	t.Helper()
	httpmock.RegisterResponder(http.MethodGet, tokenURL, respond(200, payload(t, "token_created")))
	httpmock.RegisterResponder(http.MethodDelete, tokenURL,
		httpmock.NewJsonResponderOrPanic(404, map[string]string{"code": "not_found", "message": "gone"}))
	token, resp, err := getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Equal(t, tokenID, token.Id)
	assert.Equal(t, 200, resp.StatusCode)

	_, err = client.AccessTokensApi.DeleteToken(t.Context(), tokenID).Execute()
	require.ErrorIs(t, err, ldapi.ErrNotFound)
	assert.Equal(t, map[string]int{"GET " + tokenURL: 1, "DELETE " + tokenURL: 1}, calls("GET "+tokenURL, "DELETE "+tokenURL))

	ctx := ldapi.ContextWithAccessToken(t.Context(), otherToken)
	request := client.AccessTokensApi.PostToken(ctx).AccessTokenPost(ldapi.AccessTokenPost{})
	_, resp, err = request.Execute()
	require.ErrorIs(t, err, httpmock.NoResponderFound)
	assert.Nil(t, resp)
	assert.Contains(t, err.Error(), "postToken")
}

func calls(keys ...string) map[string]int {
	info, counts := httpmock.GetCallCountInfo(), map[string]int{}
	for _, key := range keys {
		counts[key] = info[key]
	}
	return counts
}

// With no HTTPClient set, requests go through the http.DefaultTransport at the time of the call.
func TestDefaultTransportAtTheTimeOfTheCall(t *testing.T) {
	client := ldapi.New(ldapi.WithAccessToken(accessToken))
	before := http.DefaultTransport
	defer func() { http.DefaultTransport = before }()
	for _, id := range []string{"first", "second"} {
		w := newWire(respond(200, `{"_id":"`+id+`"}`))
		http.DefaultTransport = w
		token, _, err := getToken(t.Context(), client)
		require.NoError(t, err)
		assert.Equal(t, id, token.Id)
		w.only(t)
	}
}

// With no HTTPClient set, requests go through the http.DefaultClient at the time of the call: also through another
// one than NewAPIClient found.
func TestDefaultClientAtTheTimeOfTheCall(t *testing.T) {
	client := ldapi.New(ldapi.WithAccessToken(accessToken))
	before := http.DefaultClient
	defer func() { http.DefaultClient = before }()
	w := newWire(respond(200, `{"_id":"replaced"}`))
	http.DefaultClient = &http.Client{Transport: w}
	token, _, err := getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Equal(t, "replaced", token.Id)
	w.only(t)
	assert.Same(t, before, client.GetConfig().HTTPClient)
}

// A client that the caller sets is used, even if http.DefaultClient changes.
func TestTheCallersClientStaysTheCallers(t *testing.T) {
	w := newWire(respond(200, `{"_id":"own"}`))
	cfg := ldapi.NewConfiguration(ldapi.WithAccessToken(accessToken))
	cfg.HTTPClient = &http.Client{Transport: w}
	client := ldapi.NewAPIClient(cfg)
	httpmock.ActivateNonDefault(http.DefaultClient)
	defer httpmock.DeactivateAndReset()
	token, _, err := getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Equal(t, "own", token.Id)
	assert.Zero(t, httpmock.GetTotalCallCount())
}

// Our redirect policy and deadlines are applied to a copy, never to the global client.
func TestTheDefaultClientIsNotChanged(t *testing.T) {
	httpmock.ActivateNonDefault(http.DefaultClient)
	defer httpmock.DeactivateAndReset()
	httpmock.RegisterNoResponder(respond(302, "").HeaderSet(http.Header{"Location": {"https://other.example.com/"}}))
	before := *http.DefaultClient
	client := ldapi.New(ldapi.WithAccessToken(accessToken))
	_, _, err := getToken(t.Context(), client)
	require.ErrorIs(t, err, ldapi.ErrRedirect)
	assert.Nil(t, http.DefaultClient.CheckRedirect)
	assert.Nil(t, http.DefaultClient.Jar)
	assert.Zero(t, http.DefaultClient.Timeout)
	assert.Equal(t, before.Transport, http.DefaultClient.Transport)

	stop := errors.New("the caller's policy")
	http.DefaultClient.CheckRedirect = func(*http.Request, []*http.Request) error { return stop }
	defer func() { http.DefaultClient.CheckRedirect = nil }()
	httpmock.RegisterNoResponder(respond(307, "").HeaderSet(http.Header{"Location": {"/api/v2/moved"}}))
	_, resp, err := client.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(ldapi.AccessTokenPost{}).Execute()
	require.ErrorIs(t, err, stop, "a policy set between calls is called, after ours")
	assert.Nil(t, resp)
}
