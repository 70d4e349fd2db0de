package ldapi_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/internal/inventory"
)

// TestParamsAndContextOfEveryBuilder: the parameters of a request are what its methods were called with.
func TestParamsAndContextOfEveryBuilder(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, []byte("content"), 0o600))
	file, err := os.Open(name)
	require.NoError(t, err)
	defer file.Close()
	routes := map[string]string{}
	for _, op := range operations() {
		routes[op.id] = op.route
	}
	ctx := context.WithValue(t.Context(), contextKey{}, "mine")
	for _, op := range inventory.Operations(ldapi.New()) {
		route, ok := routes[op.ID]
		if !ok {
			continue // which TestNoOperationIsMissing reports
		}
		request := op.Begin(ctx, "a/b", "c d")
		want := ldapi.Params{Path: map[string]string{}, Query: url.Values{}}
		for i, m := range placeholder.FindAllStringSubmatch(route, -1) {
			want.Path[m[1]] = []string{"a/b", "c d"}[i]
		}
		assert.Equal(t, want, paramsOf(request), "%s, without anything set", op.ID)
		for _, setter := range op.Setters() {
			var value reflect.Value
			switch {
			case setter.IsFile():
				value, want.Body = reflect.ValueOf(file), "content"
			case setter.IsBody():
				value = filled(setter.Type)
				want.Body = value.Interface()
			case setter.IsParameter():
				value = sample(setter.Type)
				want.Query.Set(setter.Name, fmt.Sprint(value))
			default:
				continue // hand-written, and sets one of the others
			}
			request = setter.Set(request, value)
		}
		got := paramsOf(request)
		if body, ok := got.Body.(io.Reader); ok {
			content, err := io.ReadAll(body)
			require.NoError(t, err)
			got.Body = string(content)
		}
		assert.Equal(t, want, got, op.ID)
		assert.Equal(t, ctx, contextOf(request), op.ID)
		var none context.Context // nil means context.Background
		assert.Equal(t, context.Background(), contextOf(op.Begin(none, "a/b")), op.ID)
	}
}

// filled returns a body with all properties of its model set, or a list of one such model.
func filled(of reflect.Type) reflect.Value {
	v := sample(of)
	model := v
	if of.Kind() == reflect.Slice {
		model = v.Index(0)
	}
	for _, f := range properties(model.Type()) {
		set := model.Addr().MethodByName("Set" + f.Name)
		set.Call([]reflect.Value{sample(set.Type().In(0))})
	}
	return v
}

func paramsOf(request reflect.Value) ldapi.Params {
	return request.MethodByName("Params").Call(nil)[0].Interface().(ldapi.Params)
}

func contextOf(request reflect.Value) context.Context {
	return request.MethodByName("Context").Call(nil)[0].Interface().(context.Context)
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
