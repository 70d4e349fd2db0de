package ldapi_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/internal/inventory"
)

// refused asserts that a call failed because of one of its arguments, and that nothing was sent.
func refused(t *testing.T, w *wire, resp *http.Response, err error, operation, parameter string) {
	t.Helper()
	w.nothing(t)
	assert.Nil(t, resp)
	e := argumentError(t, err)
	assert.Equal(t, operation, e.Operation)
	assert.Equal(t, parameter, e.Parameter)
	assert.NotEmpty(t, e.Reason)
	assert.Equal(t, "ldapi: "+e.Operation+": "+e.Parameter+": "+e.Reason, e.Error())
	var api *ldapi.GenericOpenAPIError
	assert.NotErrorAs(t, err, &api)
}

func TestIDsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		if !op.takesID() {
			continue
		}
		for _, id := range []string{"", ".", "..", "a\nb", "a\r", "\x00", "a\tb", "\x7f", "\x1b[0m"} {
			t.Run(fmt.Sprintf("%s %q", op.id, id), func(t *testing.T) {
				t.Parallel()
				client, w := answering(200, `{}`)
				model, resp, err := op.call(client, t.Context(), id)
				assert.Nil(t, model)
				refused(t, w, resp, err, op.id, op.parameter())
			})
		}
	}
}

// optionalBodies are the operations that are sent without a body too.
var optionalBodies = []string{"postAuditLogEntries"}

func TestMissingBodiesAreRefused(t *testing.T) {
	t.Parallel()
	client, w := answering(200, `{}`)
	for _, op := range inventory.Operations(client) {
		body, ok := op.Body()
		if !ok || slices.Contains(optionalBodies, op.ID) {
			continue
		}
		request := op.Begin(t.Context(), "x")
		for _, setter := range op.Setters() {
			if setter.IsParameter() {
				request = setter.Set(request, sample(setter.Type))
			}
		}
		_, resp, err := inventory.Execute(request)
		require.Error(t, err, "%s needs no body: add it to optionalBodies in test/arguments_test.go", op.ID)
		refused(t, w, resp, err, op.ID, body.Name)
	}
}

func TestMoreThanFiftyInvitationsAreRefused(t *testing.T) {
	t.Parallel()
	client, w := answering(200, `{}`)
	forms := fill(51, ldapi.NewMemberForm{Email: "x@example.com"})
	_, resp, err := client.AccountMembersApi.PostMembers(t.Context()).NewMemberForm(forms).Execute()
	refused(t, w, resp, err, "postMembers", "newMemberForm")
}

func TestBodiesThatJSONCannotCarryAreRefused(t *testing.T) {
	t.Parallel()
	client, w := answering(200, `{}`)
	ops := []ldapi.PatchOperation{{Op: "replace", Path: "/name", Value: make(chan int)}}
	_, resp, err := client.AccessTokensApi.PatchToken(t.Context(), tokenID).PatchOperation(ops).Execute()
	refused(t, w, resp, err, "patchToken", "patchOperation")
	post := ldapi.AccessTokenPost{AdditionalProperties: map[string]interface{}{"f": func() {}}}
	_, resp, err = client.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(post).Execute()
	refused(t, w, resp, err, "postToken", "accessTokenPost")
}

func TestNegativeNumbersAreRefused(t *testing.T) {
	t.Parallel()
	client, w := answering(200, `{}`)
	_, resp, err := client.AccessTokensApi.GetTokens(t.Context()).Limit(-1).Execute()
	refused(t, w, resp, err, "getTokens", "limit")
	_, resp, err = client.AccessTokensApi.GetTokens(t.Context()).Offset(-1).Execute()
	refused(t, w, resp, err, "getTokens", "offset")
	_, resp, err = client.AccountMembersApi.GetMembers(t.Context()).Limit(-1).Execute()
	refused(t, w, resp, err, "getMembers", "limit")
	_, resp, err = client.AccountMembersApi.GetMembers(t.Context()).Offset(-20).Execute()
	refused(t, w, resp, err, "getMembers", "offset")
	_, resp, err = client.AccessTokensApi.ResetToken(t.Context(), tokenID).Expiry(-1).Execute()
	refused(t, w, resp, err, "resetToken", "expiry")
}

// The error names the first problem.
func TestTheFirstArgumentIsTold(t *testing.T) {
	t.Parallel()
	client, w := answering(200, `{}`)
	_, resp, err := client.AccessTokensApi.PatchToken(t.Context(), "").Execute()
	refused(t, w, resp, err, "patchToken", "id")
}

func TestHeadersThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	const canary = "smuggled-canary"
	values := []string{"a\r\nX-Evil: " + canary, "a\n" + canary, "a\r" + canary, canary + "\x00", canary + "\x7f"}
	for _, value := range values {
		for name, way := range map[string]struct {
			opts      []ldapi.Option
			ctx       func(context.Context) context.Context
			parameter string
		}{
			"DefaultHeader":         {[]ldapi.Option{defaultHeader("X-Team", value)}, nil, "header X-Team"},
			"ContextWithHeader":     {nil, withHeader("X-Team", value), "header X-Team"},
			"ContextWithAPIVersion": {nil, withVersion(value), "header Ld-Api-Version"},
			"WithAPIVersion":        {[]ldapi.Option{ldapi.WithAPIVersion(value)}, nil, "header Ld-Api-Version"},
			"WithUserAgent":         {[]ldapi.Option{ldapi.WithUserAgent(value)}, nil, "header User-Agent"},
			"WithAccessToken":       {[]ldapi.Option{ldapi.WithAccessToken(value)}, nil, "Authorization"},
			"WithBearerToken":       {[]ldapi.Option{ldapi.WithBearerToken(value)}, nil, "Authorization"},
			"DefaultHeader's token": {[]ldapi.Option{defaultHeader("authorization", value)}, nil, "Authorization"},
			"context's token":       {nil, withToken(value), "Authorization"},
			"context's header":      {nil, withHeader("Authorization", value), "Authorization"},
			"context's key":         {nil, withKeys(map[string]ldapi.APIKey{"ApiKey": {Key: value}}), "Authorization"},
			"context's prefix":      {nil, withKeys(map[string]ldapi.APIKey{"ApiKey": {Key: "k", Prefix: value}}), "Authorization"},
		} {
			client, w := answering(200, `{}`, way.opts...)
			ctx := t.Context()
			if way.ctx != nil {
				ctx = way.ctx(ctx)
			}
			_, resp, err := getToken(ctx, client)
			refused(t, w, resp, err, "getToken", way.parameter)
			assert.NotContains(t, err.Error(), canary, name)
		}
	}
}

func TestHeaderNamesThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "X Team", "X-Team:", "X-Team\r\nX-Evil", "Ü"} {
		client, w := answering(200, `{}`, defaultHeader(name, "v"))
		_, resp, err := getToken(t.Context(), client)
		refused(t, w, resp, err, "getToken", fmt.Sprintf("header %q", name))
		client, w = answering(200, `{}`)
		_, resp, err = getToken(ldapi.ContextWithHeader(t.Context(), name, "v"), client)
		refused(t, w, resp, err, "getToken", fmt.Sprintf("header %q", name))
	}
}

// An empty credential is a mistake in the caller's setup: sending the call without one would hide it.
func TestEmptyCredentialsAreRefused(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]struct {
		opts []ldapi.Option
		ctx  func(context.Context) context.Context
	}{
		"WithAccessToken":           {[]ldapi.Option{ldapi.WithAccessToken("")}, nil},
		"WithBearerToken":           {[]ldapi.Option{ldapi.WithBearerToken("")}, nil},
		"token source":              {[]ldapi.Option{source("")}, nil},
		"DefaultHeader":             {[]ldapi.Option{defaultHeader("Authorization", "")}, nil},
		"DefaultHeader with scheme": {[]ldapi.Option{defaultHeader("Authorization", "Bearer ")}, nil},
		"ContextWithAccessToken":    {nil, withToken("")},
		"ContextWithHeader":         {nil, withHeader("authorization", "")},
		"ContextAPIKeys":            {nil, withKeys(map[string]ldapi.APIKey{"ApiKey": {}})},
		"ContextAPIKeys, prefix":    {nil, withKeys(map[string]ldapi.APIKey{"ApiKey": {Prefix: "Bearer"}})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, w := answering(200, `{}`, way.opts...)
			ctx := t.Context()
			if way.ctx != nil {
				ctx = way.ctx(ctx)
			}
			_, resp, err := getToken(ctx, client)
			refused(t, w, resp, err, "getToken", "Authorization")
		})
	}
}

func TestOptionsThatMakeNoSenseAreReportedByTheCall(t *testing.T) {
	t.Parallel()
	const canary = "pw-canary"
	for name, tc := range map[string]struct {
		opt       ldapi.Option
		parameter string
	}{
		"no region":       {ldapi.WithRegion("moon"), "WithRegion"},
		"empty region":    {ldapi.WithRegion(""), "WithRegion"},
		"no bytes":        {ldapi.WithMaxResponseBytes(0), "WithMaxResponseBytes"},
		"negative bytes":  {ldapi.WithMaxResponseBytes(-1), "WithMaxResponseBytes"},
		"empty URL":       {ldapi.WithBaseURL(""), "server URL"},
		"no scheme":       {ldapi.WithBaseURL("ld.example.com"), "server URL"},
		"another scheme":  {ldapi.WithBaseURL("ftp://ld.example.com"), "server URL"},
		"no host":         {ldapi.WithBaseURL("https:///api/v2"), "server URL"},
		"opaque":          {ldapi.WithBaseURL("https:ld.example.com"), "server URL"},
		"a password":      {ldapi.WithBaseURL("https://me:" + canary + "@ld.example.com"), "server URL"},
		"a query":         {ldapi.WithBaseURL("https://ld.example.com?token=" + canary), "server URL"},
		"a fragment":      {ldapi.WithBaseURL("https://ld.example.com#" + canary), "server URL"},
		"a line break":    {ldapi.WithBaseURL("https://ld.example.com/" + canary + "\r\n"), "server URL"},
		"a bad escape":    {ldapi.WithBaseURL("https://ld.example.com/%zz" + canary), "server URL"},
		"a bad host":      {func(cfg *ldapi.Configuration) { cfg.Host = "me:" + canary + "@evil.example.com" }, "Host or Scheme"},
		"a path as host":  {func(cfg *ldapi.Configuration) { cfg.Host = "evil.example.com/" + canary }, "Host or Scheme"},
		"a bad scheme":    {func(cfg *ldapi.Configuration) { cfg.Scheme = "ftp" }, "Host or Scheme"},
		"no servers":      {func(cfg *ldapi.Configuration) { cfg.Servers = nil }, "server"},
		"an unknown name": {func(cfg *ldapi.Configuration) { cfg.Servers[0].URL = "https://{name}.example.com" }, "server URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, w := answering(200, `{}`, tc.opt)
			_, resp, err := getToken(t.Context(), client)
			refused(t, w, resp, err, "getToken", tc.parameter)
			assert.NotContains(t, err.Error(), canary)
		})
	}
}

// A patch operation without a value, and any id that a URL can carry, are sent.
func TestWhatIsNotRefused(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"me", "...", " ", "ü", strings.Repeat("x", 5000)} {
		client, w := answering(200, `{}`)
		_, _, err := client.AccountMembersApi.PatchMember(t.Context(), id).PatchOperation([]ldapi.PatchOperation{{}}).Execute()
		require.NoError(t, err)
		assert.Equal(t, `[{"op":"","path":""}]`, string(w.only(t).body))
	}
}

func TestClientsThatWereNotMadeRefuseCalls(t *testing.T) {
	t.Parallel()
	var zero ldapi.APIClient
	_, err := zero.Do(t.Context(), "GET", "/api/v2/x", nil, nil, nil)
	assert.Equal(t, "APIClient", argumentError(t, err).Parameter)
	var service ldapi.AccessTokensApiService
	_, _, err = service.GetToken(t.Context(), tokenID).Execute()
	assert.Equal(t, "getToken", argumentError(t, err).Operation)
}
