package ldapi

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// checked runs check over a response.
func checked(t *testing.T, status int, body, location string) error {
	t.Helper()
	c := newFakeCall(t)
	c.authorization = newSecret(fakeToken)
	next := fakeStep{resp: newBufferedResponse(status, body)}
	next.resp.Request = newFakeRequest(t, t.Context(), "https://ld.example.com/api/v2/tokens?filter=hidden")
	if location != "" {
		next.resp.Header.Set("Location", location)
	}
	resp, err := checkStatus(next.handle)(c, next.resp.Request)
	require.Same(t, next.resp, resp, "the response is returned along with the error")
	return err
}

func TestCheckStatuses(t *testing.T) {
	t.Parallel()
	for status, sentinel := range map[int]error{
		200: nil, 201: nil, 202: nil, 204: nil, 299: nil,
		300: ErrRedirect, 301: ErrRedirect, 302: ErrRedirect, 303: ErrRedirect, 307: ErrRedirect, 308: ErrRedirect, 399: ErrRedirect,
		400: ErrInvalidRequest, 401: ErrUnauthorized, 403: ErrForbidden, 404: ErrNotFound, 409: ErrConflict, 422: ErrPatchFailed,
		429: ErrRateLimited, 500: ErrServer, 502: ErrServer, 503: ErrServer, 504: ErrServer, 599: ErrServer,
	} {
		err := checked(t, status, "", "")
		if sentinel == nil {
			require.NoError(t, err, status)
			continue
		}
		require.ErrorIs(t, err, sentinel, status)
		require.Equal(t, status, requireAPIError(t, err).StatusCode())
		for _, other := range sentinels {
			require.Equal(t, other == sentinel, errors.Is(err, other), "%d is %v", status, other)
		}
	}
	for _, status := range []int{0, 100, 101, 199, 304, 402, 405, 408, 413, 418, 451} {
		err := checked(t, status, "", "")
		for _, sentinel := range sentinels {
			require.NotErrorIs(t, err, sentinel, status)
		}
		require.Equal(t, status, requireAPIError(t, err).StatusCode())
	}
}

func TestCheckNamesRedirectTarget(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{
		"":                              "307 Temporary Redirect: not followed: it has no valid target",
		"https://other.example.com/a/b": "307 Temporary Redirect: not followed to https://other.example.com/a/b",
		"https://u:hidden@other.example.com:8443/?code=hidden#hidden": "307 Temporary Redirect: not followed to https://other.example.com:8443/",
		"/moved": "307 Temporary Redirect: not followed to https://ld.example.com/moved",
		"//other.example.com/" + fakeToken + "/x": "307 Temporary Redirect: not followed to https://other.example.com/[redacted]/x",
		"http://[::1": "307 Temporary Redirect: not followed: it has no valid target",
	} {
		err := checked(t, 307, "", location)
		require.EqualError(t, err, want, location)
		require.ErrorIs(t, err, ErrRedirect, location)
	}
}

// TestCheckHidesCredentialInStatusLine: nothing of a response gets into the text with the credential in it.
func TestCheckHidesCredentialInStatusLine(t *testing.T) {
	t.Parallel()
	c := newFakeCall(t)
	for _, credential := range []string{fakeToken, "Bearer " + fakeToken, "bearer " + fakeToken} {
		c.authorization = newSecret(credential)
		resp := newBufferedResponse(401, `{"message":"bad token `+fakeToken+`, sent as `+credential+`"}`)
		resp.Status = "401 Bad token " + credential + "\r"
		err := c.statusError(resp)
		require.NotContains(t, err.Error(), fakeToken)
		require.True(t, strings.HasPrefix(err.Error(), "401 Bad token"), err)
		require.Contains(t, err.Error(), redacted)
		require.NotContains(t, err.Error(), "\r")
		require.Contains(t, string(requireAPIError(t, err).Body()), fakeToken, "the body is unchanged")
	}
}

func TestCheckPassesFailuresOn(t *testing.T) {
	t.Parallel()
	next := fakeStep{err: errors.New("from below")}
	resp, err := checkStatus(next.handle)(newFakeCall(t), nil)
	require.Nil(t, resp)
	require.Same(t, next.err, err)
}
