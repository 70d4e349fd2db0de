//go:build !race

package ldapi

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/internal/codec"
)

// Allocations are the same on every machine, so their bounds are tests. (Not with the race detector, which adds its own.)

func requireAllocations(t *testing.T, what string, most float64, f func()) {
	t.Helper()
	got := testing.AllocsPerRun(100, f)
	t.Logf("%-50s %6.0f allocations, at most %.0f", what, got, most)
	require.LessOrEqual(t, got, most, what)
}

func TestAllocationsOfDecoding(t *testing.T) {
	page := benchPage("members", benchMember, 20)
	requireAllocations(t, "decoding 20 members", 357, func() {
		var v Members
		require.NoError(t, v.UnmarshalJSON(page))
	})
	few, many := testing.AllocsPerRun(20, func() { _ = new(Members).UnmarshalJSON(page) }), 0.0
	large := benchPage("members", benchMember, 1000)
	many = testing.AllocsPerRun(5, func() { _ = new(Members).UnmarshalJSON(large) })
	t.Logf("1000 members: %.0f allocations", many)
	require.LessOrEqual(t, many, 50*few*1.05, "growth is linear")
}

func TestAllocationsOfEncoding(t *testing.T) {
	patch := []PatchOperation{PatchReplace("/name", "ci-deploys-2"), PatchRemove("/role"), PatchReplace("/role", "writer")}
	requireAllocations(t, "encoding a patch, the result included", 3, func() {
		_, err := codec.Encode(func(e *codec.Encoder) { codec.EncodeSlice(&patch, e, (*PatchOperation).encode) })
		require.NoError(t, err)
	})
	post := AccessTokenPost{Name: PtrString("ci-deploys"), Role: PtrString("writer"), ServiceToken: PtrBool(true)}
	requireAllocations(t, "encoding a token post, the result included", 3, func() {
		_, err := codec.Encode(post.encode)
		require.NoError(t, err)
	})
}

func TestAllocationsOfCalls(t *testing.T) {
	const id, origin = "66a0b1c2d3e4f50617283940", "https://app.launchdarkly.com"
	deleted, page := replaying(http.StatusNoContent, nil), replaying(http.StatusOK, []byte(`{"items":[],"_links":{}}`))
	bare := func(rt http.RoundTripper, method, url string) float64 {
		client := &http.Client{Transport: rt, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
		return testing.AllocsPerRun(100, func() { bareCall(t, client, method, url) })
	}
	client := New(WithAccessToken(fakeToken), WithTransport(deleted))
	requireAllocations(t, "a DELETE, beyond the bare one", 25+bare(deleted, http.MethodDelete, origin+"/api/v2/tokens/"+id), func() {
		_, err := client.AccessTokensApi.DeleteToken(t.Context(), id).Execute()
		require.NoError(t, err)
	})
	client = New(WithAccessToken(fakeToken), WithTransport(page))
	requireAllocations(t, "a list, beyond the bare one", 25+bare(page, http.MethodGet, origin+"/api/v2/members?limit=20"), func() {
		_, _, err := client.AccountMembersApi.GetMembers(t.Context()).Limit(20).Execute()
		require.NoError(t, err)
	})
}

func TestAllocationsOfStartup(t *testing.T) {
	requireAllocations(t, "NewConfiguration and NewAPIClient", 19, func() { NewAPIClient(NewConfiguration()) })
}
