package ldapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// The tests of this file are the sentences of "Behaviour that existing users rely on", one by one. Those on
// http.DefaultClient and http.DefaultTransport are in httpmock_test.go, those on decoding in behaviour_decoding_test.go.

const notFoundBody = `{"code":"not_found","message":"Invalid resource identifier"}`

func TestAPIErrorsAreDynamicallyGenericOpenAPIErrorPointers(t *testing.T) {
	t.Parallel()
	client, _ := answering(404, notFoundBody)
	_, _, err := getToken(t.Context(), client)
	_, ok := err.(*ldapi.GenericOpenAPIError)
	assert.True(t, ok, "%T", err)
	_, err = client.AccountMembersApi.DeleteMember(t.Context(), memberID).Execute()
	_, ok = err.(*ldapi.GenericOpenAPIError)
	assert.True(t, ok, "%T", err)
}

func TestErrorStartsWithTheStatusAndContinuesWithMessageAndCode(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                  "404 Not Found",
		notFoundBody:        "404 Not Found: Invalid resource identifier (not_found)",
		`{"message":"m"}`:   "404 Not Found: m",
		`{"code":"c"}`:      "404 Not Found: c",
		"<html>gone</html>": "404 Not Found: the body of 17 bytes has neither message nor code",
	} {
		client, _ := answering(404, body)
		_, _, err := getToken(t.Context(), client)
		assert.EqualError(t, err, want)
		assert.Equal(t, body == "", err.Error() == "404 Not Found")
	}
}

func TestBodyAndModelOfErrors(t *testing.T) {
	t.Parallel()
	client, _ := answering(404, notFoundBody)
	_, _, err := getToken(t.Context(), client)
	var e *ldapi.GenericOpenAPIError
	require.ErrorAs(t, err, &e)
	assert.Equal(t, notFoundBody, string(e.Body()))
	model, ok := e.Model().(ldapi.NotFoundErrorRep)
	require.True(t, ok, "the value type, got %T", e.Model())
	assert.Equal(t, ldapi.NotFoundErrorRep{Code: "not_found", Message: "Invalid resource identifier"}, model)
}

func TestResponseOfAnAPIErrorCanBeReadAgain(t *testing.T) {
	t.Parallel()
	client, _ := answering(404, notFoundBody)
	_, resp, err := getToken(t.Context(), client)
	require.Error(t, err)
	for range 3 {
		assert.Equal(t, notFoundBody, readAll(t, resp))
	}
	resp, err = client.AccessTokensApi.DeleteToken(t.Context(), tokenID).Execute()
	require.Error(t, err)
	assert.Equal(t, notFoundBody, readAll(t, resp))
}

func TestResponseOfSuccessCanBeRead(t *testing.T) {
	t.Parallel()
	document := payload(t, "token_created")
	client, _ := answering(200, document)
	_, resp, err := getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Equal(t, document, readAll(t, resp))
	assert.Equal(t, document, readAll(t, resp))
}

func TestTransportErrorsHaveNoResponseAndKeepTheirCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("no route to host")
	for name, want := range map[string]error{
		"own error": cause, "canceled": context.Canceled, "deadline": context.DeadlineExceeded, "cut off": io.ErrUnexpectedEOF,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(newWire(refuseToAnswer(want)))
			model, resp, err := getToken(t.Context(), client)
			require.ErrorIs(t, err, want)
			assert.Nil(t, model)
			assert.Nil(t, resp)
			var e *ldapi.GenericOpenAPIError
			assert.NotErrorAs(t, err, &e, "no response, no status")
			assert.Contains(t, err.Error(), "getToken")
			assert.NotContains(t, err.Error(), tokenID)
			isExactly(t, err)
		})
	}
}

func TestCancelledContextsEndTheCall(t *testing.T) {
	t.Parallel()
	client, w := answering(200, `{}`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, resp, err := getToken(ctx, client)
	require.ErrorIs(t, err, context.Canceled)
	assert.Nil(t, resp)
	w.nothing(t)

	var during context.CancelFunc
	ctx, during = context.WithCancel(t.Context())
	waiting := newWire(func(req *http.Request) (*http.Response, error) {
		during()
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	_, resp, err = getToken(ctx, newClient(waiting))
	require.ErrorIs(t, err, context.Canceled)
	assert.Nil(t, resp)
}

func TestDeadlinesEndTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(newWire(untilTheEnd))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		_, resp, err := getToken(ctx, client)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Nil(t, resp)
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

// untilTheEnd returns when the request's context ends.
func untilTheEnd(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func TestConfigurationMayBeChangedBeforeAndAfterNewAPIClient(t *testing.T) {
	t.Parallel()
	changes := map[string]struct {
		change func(cfg *ldapi.Configuration)
		check  func(t *testing.T, req sent)
	}{
		"Servers": {func(cfg *ldapi.Configuration) { cfg.Servers[0].URL = "https://proxy.example.com/ld" },
			func(t *testing.T, req sent) {
				assert.Equal(t, "https://proxy.example.com/ld/api/v2/tokens/"+tokenID, req.URL.String())
			}},
		"Host": {func(cfg *ldapi.Configuration) { cfg.Host = "proxy.example.com:8443" }, func(t *testing.T, req sent) {
			assert.Equal(t, "https://proxy.example.com:8443/api/v2/tokens/"+tokenID, req.URL.String())
			assert.Equal(t, "proxy.example.com:8443", req.Host)
		}},
		"Scheme and Host": {func(cfg *ldapi.Configuration) { cfg.Scheme, cfg.Host = "http", "127.0.0.1:8080" },
			func(t *testing.T, req sent) {
				assert.Equal(t, "http://127.0.0.1:8080/api/v2/tokens/"+tokenID, req.URL.String())
			}},
		"DefaultHeader": {func(cfg *ldapi.Configuration) { cfg.DefaultHeader["X-Team"] = "platform" },
			func(t *testing.T, req sent) { assert.Equal(t, []string{"platform"}, req.Header["X-Team"]) }},
		"a new DefaultHeader": {func(cfg *ldapi.Configuration) { cfg.DefaultHeader = map[string]string{"Authorization": otherToken} },
			func(t *testing.T, req sent) { assert.Equal(t, []string{otherToken}, req.Header["Authorization"]) }},
		"UserAgent": {func(cfg *ldapi.Configuration) { cfg.UserAgent = "release-bot/2" },
			func(t *testing.T, req sent) { assert.Equal(t, []string{"release-bot/2"}, req.Header["User-Agent"]) }},
	}
	for name, tc := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, after := range []bool{false, true} {
				w := newWire(respond(200, `{}`))
				cfg := ldapi.NewConfiguration(ldapi.WithAccessToken(accessToken), ldapi.WithTransport(w))
				if !after {
					tc.change(cfg)
				}
				client := ldapi.NewAPIClient(cfg)
				if after {
					tc.change(client.GetConfig())
				}
				_, _, err := getToken(t.Context(), client)
				require.NoError(t, err)
				tc.check(t, w.only(t))
			}
		})
	}
}

func TestHTTPClientMayBeAssignedAfterNewAPIClient(t *testing.T) {
	t.Parallel()
	first, second := newWire(respond(200, `{"_id":"first"}`)), newWire(respond(200, `{"_id":"second"}`))
	client := ldapi.New(ldapi.WithAccessToken(accessToken), ldapi.WithTransport(first))
	client.GetConfig().HTTPClient = &http.Client{Transport: second}
	token, _, err := getToken(t.Context(), client)
	require.NoError(t, err)
	assert.Equal(t, "second", token.Id)
	first.nothing(t)
}

// Without an HTTPClient the transport of WithTransport is used, also if the client is removed later: it may be needed
// for a private CA.
func TestHTTPClientThatIsTakenAway(t *testing.T) {
	t.Parallel()
	w := newWire(respond(200, `{"_id":"t1"}`))
	client := ldapi.New(ldapi.WithAccessToken(accessToken), ldapi.WithTransport(w))
	client.GetConfig().HTTPClient = nil
	_, _, err := getToken(t.Context(), client)
	require.NoError(t, err)
	w.only(t)
}

func TestHTTPClientOfTheConfigurationIsNeverNil(t *testing.T) {
	t.Parallel()
	own := &http.Client{}
	assert.NotNil(t, ldapi.NewAPIClient(nil).GetConfig().HTTPClient)
	assert.NotNil(t, ldapi.NewAPIClient(&ldapi.Configuration{}).GetConfig().HTTPClient)
	assert.Same(t, http.DefaultClient, ldapi.New().GetConfig().HTTPClient)
	assert.NotNil(t, ldapi.New(ldapi.WithTransport(newWire(respond(200, "")))).GetConfig().HTTPClient)
	assert.NotNil(t, ldapi.New(ldapi.WithHTTPClient(nil)).GetConfig().HTTPClient)
	assert.Same(t, own, ldapi.New(ldapi.WithHTTPClient(own)).GetConfig().HTTPClient)
	cfg := ldapi.NewConfiguration()
	assert.Same(t, cfg, ldapi.NewAPIClient(cfg).GetConfig(), "not a copy")
}

func TestTheCallersClientIsUsedAsItIsAndNotChanged(t *testing.T) {
	t.Parallel()
	stop := errors.New("the caller's policy")
	w := newWire(respond(307, "").HeaderSet(http.Header{"Location": {"/api/v2/moved"}}))
	asked := 0
	own := &http.Client{Transport: w, Timeout: time.Hour, CheckRedirect: func(*http.Request, []*http.Request) error {
		asked++
		return stop
	}}
	policy := reflect.ValueOf(own.CheckRedirect).Pointer()
	_, _, err := getToken(t.Context(), ldapi.New(ldapi.WithAccessToken(accessToken), ldapi.WithHTTPClient(own)))
	require.ErrorIs(t, err, stop)
	assert.Equal(t, 1, asked, "after our own policy")
	assert.Equal(t, policy, reflect.ValueOf(own.CheckRedirect).Pointer())
	assert.Equal(t, time.Hour, own.Timeout)
	assert.Same(t, w, own.Transport)

	w.RegisterNoResponder(respond(302, "").HeaderSet(http.Header{"Location": {"/api/v2/moved"}}))
	_, _, err = getToken(t.Context(), ldapi.New(ldapi.WithAccessToken(accessToken), ldapi.WithHTTPClient(own)))
	require.ErrorIs(t, err, ldapi.ErrRedirect)
	assert.Equal(t, 1, asked, "ours comes first")
}

func TestServiceInterfacesHoldExactlyTheFamiliarMethods(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		service    reflect.Type
		operations string
	}{
		{reflect.TypeFor[ldapi.AccessTokensApi](), "DeleteToken GetToken GetTokens PatchToken PostToken ResetToken"},
		{reflect.TypeFor[ldapi.AccountMembersApi](),
			"DeleteMember GetMember GetMembers PatchMember PatchMembers PostMemberTeams PostMembers"},
	} {
		var want, got []string
		for _, operation := range strings.Fields(tc.operations) {
			want = append(want, operation, operation+"Execute")
		}
		for i := range tc.service.NumMethod() {
			got = append(got, tc.service.Method(i).Name)
		}
		assert.ElementsMatch(t, want, got)
	}
}
