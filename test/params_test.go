package ldapi_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// asked is a request builder as fakes receive it.
type asked interface {
	Context() context.Context
	Params() ldapi.Params
}

// builders returns a request of every operation with everything set.
func builders(ctx context.Context, c *ldapi.APIClient) map[string]asked {
	tokens, members := c.AccessTokensApi, c.AccountMembersApi
	ops := []ldapi.PatchOperation{{Op: "remove", Path: "/role"}}
	return map[string]asked{
		"getTokens":       tokens.GetTokens(ctx).ShowAll(true).Limit(50).Offset(100),
		"postToken":       tokens.PostToken(ctx).AccessTokenPost(ldapi.AccessTokenPost{Name: ldapi.PtrString("n")}),
		"getToken":        tokens.GetToken(ctx, "a/b"),
		"patchToken":      tokens.PatchToken(ctx, "a/b").PatchOperation(ops),
		"deleteToken":     tokens.DeleteToken(ctx, "a/b"),
		"resetToken":      tokens.ResetToken(ctx, "a/b").Expiry(1767312000000),
		"getMembers":      members.GetMembers(ctx).Limit(1).Offset(2).Filter("email:a+b@example.com").Sort("-lastSeen").Expand("customRoles"),
		"postMembers":     members.PostMembers(ctx).NewMemberForm([]ldapi.NewMemberForm{{Email: "sam@example.com"}}),
		"patchMembers":    members.PatchMembers(ctx).MembersPatchInput(ldapi.MembersPatchInput{Comment: ldapi.PtrString("c")}),
		"getMember":       members.GetMember(ctx, "me").Expand("roleAttributes"),
		"patchMember":     members.PatchMember(ctx, "m1").PatchOperation(ops),
		"deleteMember":    members.DeleteMember(ctx, "m1"),
		"postMemberTeams": members.PostMemberTeams(ctx, "m1").MemberTeamsPostInput(ldapi.MemberTeamsPostInput{TeamKeys: []string{"k"}}),
	}
}

func TestParamsAndContextOfEveryBuilder(t *testing.T) {
	t.Parallel()
	ops := []ldapi.PatchOperation{{Op: "remove", Path: "/role"}}
	none := map[string]string{}
	want := map[string]ldapi.Params{
		"getTokens":   {Path: none, Query: url.Values{"showAll": {"true"}, "limit": {"50"}, "offset": {"100"}}},
		"postToken":   {Path: none, Query: url.Values{}, Body: ldapi.AccessTokenPost{Name: ldapi.PtrString("n")}},
		"getToken":    {Path: map[string]string{"id": "a/b"}, Query: url.Values{}},
		"patchToken":  {Path: map[string]string{"id": "a/b"}, Query: url.Values{}, Body: ops},
		"deleteToken": {Path: map[string]string{"id": "a/b"}, Query: url.Values{}},
		"resetToken":  {Path: map[string]string{"id": "a/b"}, Query: url.Values{"expiry": {"1767312000000"}}},
		"getMembers": {Path: none, Query: url.Values{"limit": {"1"}, "offset": {"2"}, "filter": {"email:a+b@example.com"},
			"sort": {"-lastSeen"}, "expand": {"customRoles"}}},
		"postMembers":     {Path: none, Query: url.Values{}, Body: []ldapi.NewMemberForm{{Email: "sam@example.com"}}},
		"patchMembers":    {Path: none, Query: url.Values{}, Body: ldapi.MembersPatchInput{Comment: ldapi.PtrString("c")}},
		"getMember":       {Path: map[string]string{"id": "me"}, Query: url.Values{"expand": {"roleAttributes"}}},
		"patchMember":     {Path: map[string]string{"id": "m1"}, Query: url.Values{}, Body: ops},
		"deleteMember":    {Path: map[string]string{"id": "m1"}, Query: url.Values{}},
		"postMemberTeams": {Path: map[string]string{"id": "m1"}, Query: url.Values{}, Body: ldapi.MemberTeamsPostInput{TeamKeys: []string{"k"}}},
	}
	require.Len(t, want, 13)
	ctx := context.WithValue(t.Context(), contextKey{}, "mine")
	for id, request := range builders(ctx, ldapi.New()) {
		assert.Equal(t, want[id], request.Params(), id)
		assert.Equal(t, ctx, request.Context(), id)
	}
	var nobody context.Context // nil means context.Background
	for id, request := range builders(nobody, ldapi.New()) {
		assert.Equal(t, context.Background(), request.Context(), id)
	}
}

func TestParamsOfBuildersThatWereToldNothing(t *testing.T) {
	t.Parallel()
	client := ldapi.New()
	for _, request := range []asked{
		client.AccessTokensApi.GetTokens(t.Context()),
		client.AccessTokensApi.PostToken(t.Context()),
		client.AccountMembersApi.GetMembers(t.Context()),
		client.AccountMembersApi.PostMembers(t.Context()),
		client.AccountMembersApi.PatchMembers(t.Context()),
	} {
		assert.Equal(t, ldapi.Params{Path: map[string]string{}, Query: url.Values{}}, request.Params())
	}
}

// fakeTokens is a fake as users write them: it reads the arguments of the request.
type fakeTokens struct {
	ldapi.AccessTokensApi
	asked []ldapi.Params
}

func (f *fakeTokens) GetTokens(ctx context.Context) ldapi.ApiGetTokensRequest {
	return ldapi.ApiGetTokensRequest{ApiService: f}.Limit(7)
}

func (f *fakeTokens) GetTokensExecute(r ldapi.ApiGetTokensRequest) (*ldapi.Tokens, *http.Response, error) {
	f.asked = append(f.asked, r.Params())
	return ldapi.NewTokens(), nil, nil
}

// fakeMembers replaces the service; the real service creates its requests.
type fakeMembers struct {
	ldapi.AccountMembersApi
	asked []ldapi.Params
}

func (f *fakeMembers) GetMember(ctx context.Context, id string) ldapi.ApiGetMemberRequest {
	r := f.AccountMembersApi.GetMember(ctx, id)
	r.ApiService = f
	return r
}

func (f *fakeMembers) GetMemberExecute(r ldapi.ApiGetMemberRequest) (*ldapi.Member, *http.Response, error) {
	f.asked = append(f.asked, r.Params())
	return &ldapi.Member{Id: r.Params().Path["id"]}, nil, r.Context().Err()
}

func TestFakesOfTheServices(t *testing.T) {
	t.Parallel()
	client, w := answering(200, `{}`)
	tokens, members := &fakeTokens{}, &fakeMembers{AccountMembersApi: client.AccountMembersApi}
	client.AccessTokensApi, client.AccountMembersApi = tokens, members

	page, _, err := client.AccessTokensApi.GetTokens(t.Context()).ShowAll(true).Execute()
	require.NoError(t, err)
	assert.Equal(t, ldapi.NewTokens(), page)
	assert.Equal(t, []ldapi.Params{{Path: map[string]string{}, Query: url.Values{"limit": {"7"}, "showAll": {"true"}}}}, tokens.asked)

	member, _, err := client.AccountMembersApi.GetMember(t.Context(), "m1").Expand("customRoles").Execute()
	require.NoError(t, err)
	assert.Equal(t, "m1", member.Id)
	assert.Equal(t, []ldapi.Params{{Path: map[string]string{"id": "m1"}, Query: url.Values{"expand": {"customRoles"}}}}, members.asked)
	w.nothing(t)
}

// The context of every request has its operation.
func TestOperationFromContextInTheTransport(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		client, w := answering(op.success, replyOf(t, op))
		_, _, err := op.call(client, context.WithValue(t.Context(), contextKey{}, "mine"), "abc123")
		require.NoError(t, err)
		ctx := w.only(t).Context()
		operation, ok := ldapi.OperationFromContext(ctx)
		assert.True(t, ok)
		assert.Equal(t, ldapi.Operation{ID: op.id, Service: op.service, Method: op.method, Route: op.route}, operation)
		assert.Equal(t, "mine", ctx.Value(contextKey{}), "the caller's values are present")
	}
	_, ok := ldapi.OperationFromContext(t.Context())
	assert.False(t, ok)
}
