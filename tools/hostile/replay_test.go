package hostile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"

	"github.com/ldapi-go/ldapi"
)

const (
	token    = "api-00000000-1111-4222-8333-444455556666"
	someID   = "66a0b1c2d3e4f50617283940"
	maxSends = 3 // of a request that only reads or deletes
)

// request is one way to call the API.
type request struct {
	name   string
	writes bool
	body   bool
	send   func(ctx context.Context, c *ldapi.APIClient) error
}

func requests() []request {
	patch := []ldapi.PatchOperation{ldapi.PatchReplace("/name", "new")}
	all := []request{
		{"getTokens", false, false, func(ctx context.Context, c *ldapi.APIClient) error {
			_, _, err := c.AccessTokensApi.GetTokens(ctx).Execute()
			return err
		}},
		{"postToken", true, true, func(ctx context.Context, c *ldapi.APIClient) error {
			_, _, err := c.AccessTokensApi.PostToken(ctx).AccessTokenPost(ldapi.AccessTokenPost{Role: ldapi.PtrString("reader")}).Execute()
			return err
		}},
		{"getToken", false, false, func(ctx context.Context, c *ldapi.APIClient) error {
			_, _, err := c.AccessTokensApi.GetToken(ctx, someID).Execute()
			return err
		}},
		{"patchToken", true, true, func(ctx context.Context, c *ldapi.APIClient) error {
			_, _, err := c.AccessTokensApi.PatchToken(ctx, someID).PatchOperation(patch).Execute()
			return err
		}},
		{"deleteToken", false, false, func(ctx context.Context, c *ldapi.APIClient) error {
			_, err := c.AccessTokensApi.DeleteToken(ctx, someID).Execute()
			return err
		}},
		{"RotateToken", true, false, func(ctx context.Context, c *ldapi.APIClient) error {
			_, err := c.RotateToken(ctx, someID, 0)
			return err
		}},
		{"RotateToken with a grace period", true, true, func(ctx context.Context, c *ldapi.APIClient) error {
			_, err := c.RotateToken(ctx, someID, time.Hour)
			return err
		}},
		{"getMembers", false, false, func(ctx context.Context, c *ldapi.APIClient) error {
			_, _, err := c.AccountMembersApi.GetMembers(ctx).Execute()
			return err
		}},
		{"postMembers", true, true, func(ctx context.Context, c *ldapi.APIClient) error {
			_, _, err := c.AccountMembersApi.PostMembers(ctx).NewMemberForm([]ldapi.NewMemberForm{{Email: "sam@example.com"}}).Execute()
			return err
		}},
		{"patchMembers", true, true, func(ctx context.Context, c *ldapi.APIClient) error {
			_, _, err := c.AccountMembersApi.PatchMembers(ctx).MembersPatchInput(ldapi.MembersPatchInput{
				Instructions: []map[string]interface{}{ldapi.ReplaceMembersRoles("reader", someID)},
			}).Execute()
			return err
		}},
		{"getMember", false, false, func(ctx context.Context, c *ldapi.APIClient) error {
			_, _, err := c.AccountMembersApi.GetMember(ctx, someID).Execute()
			return err
		}},
		{"patchMember", true, true, func(ctx context.Context, c *ldapi.APIClient) error {
			_, _, err := c.AccountMembersApi.PatchMember(ctx, someID).PatchOperation(patch).Execute()
			return err
		}},
		{"deleteMember", false, false, func(ctx context.Context, c *ldapi.APIClient) error {
			_, err := c.AccountMembersApi.DeleteMember(ctx, someID).Execute()
			return err
		}},
		{"postMemberTeams", true, true, func(ctx context.Context, c *ldapi.APIClient) error {
			_, _, err := c.AccountMembersApi.PostMemberTeams(ctx, someID).MemberTeamsPostInput(ldapi.MemberTeamsPostInput{TeamKeys: []string{"a"}}).Execute()
			return err
		}},
	}
	for _, method := range []string{http.MethodPost, http.MethodPatch, http.MethodPut} {
		for _, body := range []any{nil, map[string]any{"a": 1}} {
			all = append(all, request{fmt.Sprintf("Do %s, body %t", method, body != nil), true, body != nil, func(ctx context.Context, c *ldapi.APIClient) error {
				_, err := c.Do(ctx, method, "/api/v2/x", nil, body, nil)
				return err
			}})
		}
	}
	return all
}

// strikes are the ways to end a request; refused means that by the rules of HTTP/2 it was not processed.
func strikes() map[string]struct {
	strike  strike
	refused bool
} {
	type entry = struct {
		strike  strike
		refused bool
	}
	all := map[string]entry{}
	for code := http2.ErrCodeNo; code <= http2.ErrCodeHTTP11Required; code++ {
		all["RST_STREAM "+code.String()] = entry{reset(code), code == http2.ErrCodeRefusedStream}
	}
	for _, code := range []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeProtocol, http2.ErrCodeEnhanceYourCalm} {
		all["GOAWAY "+code.String()+", last stream 0"] = entry{leave(code, func(uint32) uint32 { return 0 }), true}
		all["GOAWAY "+code.String()+", last stream this one"] = entry{leave(code, func(s uint32) uint32 { return s }), false}
	}
	return all
}

// TestHTTP2NeverRepeatsAWrite counts the requests that a server receives whole while it ends each of them: with every code of RST_STREAM
// and with GOAWAY, at every moment, on new and on used connections.
func TestHTTP2NeverRepeatsAWrite(t *testing.T) {
	t.Parallel()
	for name, s := range strikes() {
		for _, moment := range []string{afterHeaders, inBody, atEnd} {
			for _, warm := range []int64{0, 1} {
				t.Run(fmt.Sprintf("%s %s, warm %d", name, moment, warm), func(t *testing.T) {
					t.Parallel()
					for _, r := range requests() {
						if moment == inBody && !r.body {
							continue
						}
						tryHTTP2(t, r, newHTTP2Server(t, moment, s.strike, warm), s.refused)
					}
				})
			}
		}
	}
}

func tryHTTP2(t *testing.T, r request, server *http2Server, refused bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	client := ldapi.New(ldapi.WithBaseURL(server.url), ldapi.WithTransport(server.transport), ldapi.WithAccessToken(token), ldapi.WithRetry(ldapi.NoRetry()))
	if server.warm.Load() > 0 {
		_, _, err := client.AccountMembersApi.GetMembers(ctx).Execute()
		require.NoError(t, err)
	}
	err := r.send(ctx, client)
	require.Error(t, err, r.name)
	require.NoError(t, ctx.Err(), r.name)
	require.NotErrorIs(t, err, context.Canceled, "%s: the caller canceled nothing", r.name)
	most := int64(maxSends)
	if r.writes {
		most = 1
		require.True(t, refused || errors.Is(err, ldapi.ErrOutcomeUnknown), "%s: %v", r.name, err)
	}
	server.transport.CloseIdleConnections()
	require.LessOrEqual(t, server.whole.Load(), most, "%s: %v", r.name, err)
}
