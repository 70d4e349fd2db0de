package ldapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

func TestDoReadsAnyEndpoint(t *testing.T) {
	t.Parallel()
	client, w := answering(200, `{"accountId":"5f00aa11bb22cc33dd44ee55","scopes":["reader"]}`)
	var identity struct {
		AccountID string `json:"accountId"`
		Scopes    []string
	}
	query := url.Values{"z": {"1", "2"}, "filter": {"email:dev+flags@example.com"}}
	resp, err := client.Do(t.Context(), "GET", "/api/v2/caller-identity", query, nil, &identity)
	require.NoError(t, err)
	assert.Equal(t, 200, resp.StatusCode)
	assert.Equal(t, "5f00aa11bb22cc33dd44ee55", identity.AccountID)
	assert.Equal(t, []string{"reader"}, identity.Scopes)
	req := w.only(t)
	assert.Equal(t, "GET", req.Method)
	assert.Equal(t, "https://app.launchdarkly.com/api/v2/caller-identity?filter=email%3Adev%2Bflags%40example.com&z=1&z=2", req.URL.String())
	assert.Equal(t, http.Header{
		"Accept": {jsonContent}, "Authorization": {accessToken}, "Ld-Api-Version": {"20240415"}, "User-Agent": {userAgent},
	}, req.Header)
	assert.Empty(t, req.body)
	operation, ok := ldapi.OperationFromContext(req.Context())
	assert.True(t, ok)
	assert.Equal(t, ldapi.Operation{ID: "do", Method: "GET", Route: "/api/v2/caller-identity"}, operation)
}

func TestDoSendsBodies(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body any
		want string
	}{
		"a struct":       {struct{ Key string }{"platform"}, `{"Key":"platform"}`},
		"a map":          {map[string]any{"key": "platform", "a": 1}, `{"a":1,"key":"platform"}`},
		"a model":        {ldapi.NewNewMemberForm("sam@example.com"), `{"email":"sam@example.com"}`},
		"a model's copy": {*ldapi.NewPatchOperation("remove", "/x"), `{"op":"remove","path":"/x"}`},
		"models":         {[]ldapi.PatchOperation{{Op: "remove", Path: "/x"}}, `[{"op":"remove","path":"/x"}]`},
		"bytes":          {[]byte(`{ "as": "they come" }`), `{ "as": "they come" }`},
		"raw JSON":       {json.RawMessage(`[ 1 ]`), `[ 1 ]`},
		"a string":       {"text", `"text"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, w := answering(201, `{}`)
			_, err := client.Do(t.Context(), "POST", "/api/v2/teams", nil, tc.body, nil)
			require.NoError(t, err)
			req := w.only(t)
			assert.Equal(t, tc.want, string(req.body))
			assert.Equal(t, []string{jsonContent}, req.Header["Content-Type"])
		})
	}
}

// The Content-Type of Do is not fixed by an operation: the context may set it.
func TestDoTakesAContentType(t *testing.T) {
	t.Parallel()
	client, w := answering(200, `{}`)
	ctx := ldapi.ContextWithHeader(t.Context(), "content-type", semanticPatchContent)
	_, err := client.Do(ctx, "PATCH", "/api/v2/teams/platform", nil, map[string]any{"instructions": []any{}}, nil)
	require.NoError(t, err)
	req := w.only(t)
	assert.Equal(t, []string{semanticPatchContent}, req.Header["Content-Type"])
	assert.Equal(t, `{"instructions":[]}`, string(req.body))
}

func TestDoDecodesIntoWhatItIsGiven(t *testing.T) {
	t.Parallel()
	const document = `{"_id":"t1","name":"x"}`
	var (
		raw     []byte
		message json.RawMessage
		anyway  map[string]any
		token   ldapi.Token
	)
	for _, out := range []any{&raw, &message, &anyway, &token, nil} {
		client, _ := answering(200, document)
		resp, err := client.Do(t.Context(), "GET", "/api/v2/x", nil, nil, out)
		require.NoError(t, err)
		assert.Equal(t, document, readAll(t, resp))
	}
	assert.Equal(t, document, string(raw))
	assert.Equal(t, document, string(message))
	assert.Equal(t, map[string]any{"_id": "t1", "name": "x"}, anyway)
	assert.Equal(t, ldapi.Token{Id: "t1", Name: ldapi.PtrString("x")}, token)
}

func TestDoSendsPathsAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/api/v2/flags/shop/a%2Fb", "/api/v2/x%20y", "/api/v2/caf%C3%A9", "/api/v2/a+b@c:d", "/internal/x"} {
		client, w := answering(204, "")
		_, err := client.Do(t.Context(), "DELETE", path, nil, nil, nil)
		require.NoError(t, err)
		assert.Equal(t, path, w.only(t).URL.RequestURI())
	}
}

func TestDoRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ method, path, parameter string }{
		"no method":          {"", "/api/v2/x", "method"},
		"a bad method":       {"GE T", "/api/v2/x", "method"},
		"no path":            {"GET", "", "path"},
		"a relative path":    {"GET", "api/v2/x", "path"},
		"another host":       {"GET", "//other.example.com/x", "path"},
		"a whole URL":        {"GET", "https://other.example.com/x", "path"},
		"a query":            {"GET", "/api/v2/x?y=z", "path"},
		"a fragment":         {"GET", "/api/v2/x#y", "path"},
		"dot segments":       {"GET", "/api/v2/../x", "path"},
		"hidden dots":        {"GET", "/api/v2/%2e%2E/x", "path"},
		"an escape cut off":  {"GET", "/api/v2/%2", "path"},
		"a line break":       {"GET", "/api/v2/x\r\ny", "path"},
		"an escaped newline": {"GET", "/api/v2/x%0ay", "path"},
		"a space":            {"GET", "/api/v2/x y", "path"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, w := answering(200, `{}`)
			resp, err := client.Do(t.Context(), tc.method, tc.path, nil, nil, nil)
			e := argumentError(t, err)
			assert.Equal(t, tc.parameter, e.Parameter)
			assert.Equal(t, "do", e.Operation)
			assert.Nil(t, resp)
			w.nothing(t)
		})
	}
	client, w := answering(200, `{}`)
	_, err := client.Do(t.Context(), "POST", "/api/v2/x", nil, func() {}, nil)
	assert.Equal(t, "body", argumentError(t, err).Parameter)
	w.nothing(t)
}

func TestDoFailsLikeEveryCall(t *testing.T) {
	t.Parallel()
	client, _ := answering(404, notFoundBody)
	var out map[string]any
	resp, err := client.Do(t.Context(), "GET", "/api/v2/x", nil, nil, &out)
	require.ErrorIs(t, err, ldapi.ErrNotFound)
	e := apiError(t, err)
	assert.Equal(t, "404 Not Found: Invalid resource identifier (not_found)", e.Error())
	assert.Equal(t, ldapi.NotFoundErrorRep{Code: "not_found", Message: "Invalid resource identifier"}, e.Model())
	assert.Equal(t, notFoundBody, readAll(t, resp))
	assert.Nil(t, out)

	for _, document := range []string{"", "<html>", `{"a":`, `"text"`} {
		client, _ = answering(200, document)
		_, err = client.Do(t.Context(), "GET", "/api/v2/x", nil, nil, &out)
		isExactly(t, err, ldapi.ErrDecode)
	}

	cause := errors.New("no route to host")
	resp, err = newClient(newWire(refuseToAnswer(cause))).Do(context.Background(), "GET", "/api/v2/x", nil, nil, &out)
	require.ErrorIs(t, err, cause)
	assert.Nil(t, resp)
}

// Every POST, PATCH and PUT has a content type, with and without a body: the API answers 400 to a POST without one.
func TestDoSendsAContentType(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]string{"POST": "application/json", "PATCH": "application/json", "PUT": "application/json", "GET": "", "DELETE": ""} {
		client, w := answering(200, `{}`)
		_, err := client.Do(t.Context(), method, "/api/v2/x", nil, nil, nil)
		require.NoError(t, err)
		assert.Equal(t, want, w.only(t).Header.Get("Content-Type"), method)
		client, w = answering(200, `{}`)
		_, err = client.Do(ldapi.ContextWithHeader(t.Context(), "Content-Type", "text/csv"), method, "/api/v2/x", nil, nil, nil)
		require.NoError(t, err)
		assert.Equal(t, "text/csv", w.only(t).Header.Get("Content-Type"), method)
	}
}
