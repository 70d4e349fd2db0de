package ldapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ldapi-go/ldapi"
)

func TestPointers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	assert.True(t, *ldapi.PtrBool(true))
	assert.Equal(t, -1, *ldapi.PtrInt(-1))
	assert.Equal(t, int32(20240415), *ldapi.PtrInt32(20240415))
	assert.Equal(t, int64(1767225600000), *ldapi.PtrInt64(1767225600000))
	assert.InDelta(t, float32(0.5), *ldapi.PtrFloat32(0.5), 0)
	assert.InDelta(t, 0.25, *ldapi.PtrFloat64(0.25), 0)
	assert.Empty(t, *ldapi.PtrString(""))
	assert.Equal(t, now, *ldapi.PtrTime(now))
}

func TestIsNil(t *testing.T) {
	t.Parallel()
	var (
		none    *ldapi.Token
		service ldapi.AccessTokensApi
		list    []string
		links   map[string]ldapi.Link
		call    func()
		queue   chan int
	)
	for _, v := range []any{nil, none, service, list, links, call, queue} {
		assert.True(t, ldapi.IsNil(v), "%T", v)
	}
	for _, v := range []any{0, "", false, ldapi.Token{}, [1]int{}, &ldapi.Token{}, []string{}, map[string]int{}, func() {}} {
		assert.False(t, ldapi.IsNil(v), "%T", v)
	}
}

func TestAPIResponses(t *testing.T) {
	t.Parallel()
	resp := &http.Response{StatusCode: 204}
	assert.Same(t, resp, ldapi.NewAPIResponse(resp).Response)
	assert.Equal(t, &ldapi.APIResponse{Message: "no"}, ldapi.NewAPIResponseWithError("no"))
}

// Programs of the stock client put these keys into contexts; they print as their names.
func TestContextKeysHaveNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "ldapi.ContextAPIKeys", ldapi.ContextAPIKeys.String())
	assert.Equal(t, "ldapi.ContextServerIndex", ldapi.ContextServerIndex.String())
	assert.Equal(t, "ldapi.ContextServerVariables", ldapi.ContextServerVariables.String())
	assert.Equal(t, "ldapi.ContextOperationServerIndices", ldapi.ContextOperationServerIndices.String())
	assert.Equal(t, "ldapi.ContextOperationServerVariables", ldapi.ContextOperationServerVariables.String())
}
