package ldapi

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	c := newFakeCall(t)
	var got []byte
	c.into = func(body []byte, strict bool) error {
		require.False(t, strict)
		got = body
		return nil
	}
	next := fakeStep{resp: newBufferedResponse(200, `{"a":1}`)}
	resp, err := decodeModel(next.handle)(c, nil)
	require.NoError(t, err)
	require.Same(t, next.resp, resp)
	require.Equal(t, `{"a":1}`, string(got))
	require.Equal(t, `{"a":1}`, readAll(t, resp.Body), "the caller can still read it")
}

// TestDecodeLeavesAlone: without a model to fill, after an error, and of a 404 that counts as success, the body is not
// looked at.
func TestDecodeLeavesAlone(t *testing.T) {
	t.Parallel()
	next := fakeStep{resp: newBufferedResponse(200, "no JSON")}
	resp, err := decodeModel(next.handle)(newFakeCall(t), nil)
	require.NoError(t, err)
	require.Same(t, next.resp, resp)

	next.err = errors.New("from below")
	c := newFakeCall(t)
	c.into = func([]byte, bool) error {
		t.Error("decoded an error")
		return nil
	}
	resp, err = decodeModel(next.handle)(c, nil)
	require.Same(t, next.err, err)
	require.Same(t, next.resp, resp)

	next = fakeStep{resp: newBufferedResponse(404, `{"code":"not_found"}`)}
	c.alreadyDeleted = true
	resp, err = decodeModel(next.handle)(c, nil)
	require.NoError(t, err)
	require.Same(t, next.resp, resp)
}

func TestDecodeFails(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                    "200 OK: Token: the document is empty",
		" \n":                 "200 OK: Token: the document is empty",
		"null":                "200 OK: Token: want object, got null",
		"<html>hidden</html>": "200 OK: Token: the document is no JSON from byte 1 on",
		`{"_id":"hid`:         "200 OK: Token: the document ends early, after 11 bytes",
		`{"role":{"hidden":1},"_id":7,"name":"kept"}`: "200 OK: Token.role: want string, got object",
	} {
		c := newFakeCall(t)
		var token Token
		c.into = func(body []byte, strict bool) error { return decodeDocument(&token, body, strict) }
		next := fakeStep{resp: newBufferedResponse(200, body)}
		next.resp.Header.Set("X-Request-Id", "req-1")
		resp, err := decodeModel(next.handle)(c, nil)
		require.Same(t, next.resp, resp)
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, ErrDecode)
		require.NotErrorIs(t, err, ErrServer)
		apiErr := requireAPIError(t, err)
		require.Equal(t, 200, apiErr.StatusCode())
		require.Equal(t, "req-1", apiErr.RequestID())
		require.Equal(t, body, string(apiErr.Body()))
		require.Empty(t, apiErr.Code(), "the body is not an error document")
		require.Nil(t, apiErr.Model())
		require.Same(t, resp, apiErr.Response())
		require.Error(t, apiErr.Unwrap())
		require.Equal(t, strings.Contains(body, "kept"), token.GetName() == "kept", "the rest is still decoded")
	}
}

// TestExecuteReturnsWhatWasDecoded: the secret of a fresh token is shown once, so no mistake elsewhere may lose it.
func TestExecuteReturnsWhatWasDecoded(t *testing.T) {
	t.Parallel()
	client := New(WithTransport(answering(201, `{"token":"`+fakeToken+`","creationDate":"today","_links":5}`)))
	token, resp, err := client.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(*NewAccessTokenPost()).Execute()
	require.ErrorIs(t, err, ErrDecode)
	require.Equal(t, "201 Created: Token.creationDate: want integer, got string", err.Error())
	require.Equal(t, 201, resp.StatusCode)
	require.Equal(t, fakeToken, token.GetToken())
}

func TestExecuteReturnsNoModelWithoutSuccess(t *testing.T) {
	t.Parallel()
	broken := errors.New("the wire is cut")
	failing := fakeTransport(func(*http.Request) (*http.Response, error) { return nil, broken })
	token, resp, err := New(WithHTTPClient(&http.Client{Transport: failing})).AccessTokensApi.GetToken(t.Context(), "x").Execute()
	require.ErrorIs(t, err, broken)
	require.Nil(t, token)
	require.Nil(t, resp)

	token, resp, err = New(WithTransport(answering(404, ""))).AccessTokensApi.GetToken(t.Context(), "x").Execute()
	require.EqualError(t, err, "404 Not Found")
	require.Nil(t, token)
	require.NotNil(t, resp)
}

// TestExecuteEmpty: no body is expected, so its contents do not matter.
func TestExecuteEmpty(t *testing.T) {
	t.Parallel()
	resp, err := New(WithTransport(answering(204, "no JSON"))).AccessTokensApi.DeleteToken(t.Context(), "x").Execute()
	require.NoError(t, err)
	require.Equal(t, 204, resp.StatusCode)
}

func TestResponseBytes(t *testing.T) {
	t.Parallel()
	require.Equal(t, "x", string(responseBytes(newBufferedResponse(200, "x"))))
	require.Nil(t, responseBytes(&http.Response{Body: io.NopCloser(strings.NewReader("x"))}), "not through read yet")
	require.Nil(t, responseBytes(&http.Response{}))
}
