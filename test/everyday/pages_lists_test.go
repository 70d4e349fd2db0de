package everyday_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// listServer is a transport that answers every list with the pages of a pagedList, whose items have all identities.
type listServer struct {
	mu    sync.Mutex
	list  *pagedList
	calls int
}

func (s *listServer) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ask := pageRequest{ctx: req.Context(), call: s.calls}
	ask.limit, _ = strconv.Atoi(req.URL.Query().Get("limit"))
	ask.offset, _ = strconv.Atoi(req.URL.Query().Get("offset"))
	s.calls++
	page, err := s.list.answer(ask)
	if err != nil {
		return nil, err
	}
	items := []map[string]any{}
	for _, m := range page.Items {
		items = append(items, map[string]any{"_id": m.Id, "key": m.Id, "name": m.Id, "_links": map[string]any{}})
	}
	document := map[string]any{"items": items, "_links": page.Links}
	if total, ok := page.GetTotalCountOk(); ok {
		document["totalCount"] = *total
	}
	body, err := json.Marshal(document)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(body))), Request: req}, err
}

// offsetLists collect each list that is read by offset, in pages of 3.
var offsetLists = map[string]func(ctx context.Context, c *ldapi.APIClient, ahead int) ([]string, error){
	"getMembers": func(ctx context.Context, c *ldapi.APIClient, ahead int) ([]string, error) {
		items, err := c.AccountMembersApi.GetMembers(ctx).Limit(3).Prefetch(ahead).Collect()
		return memberIDs(items), err
	},
	"getTokens": func(ctx context.Context, c *ldapi.APIClient, ahead int) ([]string, error) {
		items, err := c.AccessTokensApi.GetTokens(ctx).Limit(3).Prefetch(ahead).Collect()
		return namesBy(items, (*ldapi.Token).GetId), err
	},
	"getCustomRoles": func(ctx context.Context, c *ldapi.APIClient, ahead int) ([]string, error) {
		items, err := c.CustomRolesApi.GetCustomRoles(ctx).Limit(3).Prefetch(ahead).Collect()
		return namesBy(items, (*ldapi.CustomRole).GetId), err
	},
	"getTeams": func(ctx context.Context, c *ldapi.APIClient, ahead int) ([]string, error) {
		items, err := c.TeamsApi.GetTeams(ctx).Limit(3).Prefetch(ahead).Collect()
		return namesBy(items, (*ldapi.Team).GetKey), err
	},
	"getTeamRoles": func(ctx context.Context, c *ldapi.APIClient, ahead int) ([]string, error) {
		items, err := c.TeamsApi.GetTeamRoles(ctx, "k").Limit(3).Prefetch(ahead).Collect()
		return namesBy(items, (*ldapi.TeamCustomRole).GetKey), err
	},
	"getTeamMaintainers": func(ctx context.Context, c *ldapi.APIClient, ahead int) ([]string, error) {
		items, err := c.TeamsApi.GetTeamMaintainers(ctx, "k").Limit(3).Prefetch(ahead).Collect()
		return namesBy(items, (*ldapi.MemberSummary).GetId), err
	},
}

func namesBy[T any](items []T, name func(*T) string) []string {
	names := []string{}
	for i := range items {
		names = append(names, name(&items[i]))
	}
	return names
}

// TestAllListsBehaveAlike: whatever a server does, each list returns the same items and the same error as the list of members, whose
// behavior the other tests examine.
func TestAllListsBehaveAlike(t *testing.T) {
	t.Parallel()
	servers := map[string]func() *pagedList{
		"usual":            func() *pagedList { return &pagedList{} },
		"short pages":      func() *pagedList { return &pagedList{most: 2} },
		"pages of one":     func() *pagedList { return &pagedList{most: 1} },
		"no totals":        func() *pagedList { return &pagedList{total: func(pageRequest, int) int { return -1 }} },
		"no links":         func() *pagedList { return &pagedList{bare: true} },
		"neither":          func() *pagedList { return &pagedList{bare: true, total: func(pageRequest, int) int { return -1 }} },
		"totals of a page": func() *pagedList { return &pagedList{total: func(pageRequest, int) int { return 3 }} },
		"totals too high":  func() *pagedList { return &pagedList{total: func(_ pageRequest, n int) int { return 2 * n }} },
		"no next":          func() *pagedList { return &pagedList{next: func(bool) bool { return false }} },
		"always next":      func() *pagedList { return &pagedList{next: func(bool) bool { return true }} },
		"the first page again and again": func() *pagedList {
			return &pagedList{start: func(pageRequest) int { return 0 }}
		},
		"an empty page in between": func() *pagedList {
			return &pagedList{length: func(ask pageRequest) int {
				if ask.call == 2 {
					return 0
				}
				return 3
			}}
		},
		"items deleted meanwhile": func() *pagedList {
			return &pagedList{before: func(ask pageRequest, l *pagedList) {
				if ask.call == 2 {
					l.ids = slices.Delete(l.ids, 0, 2)
				}
			}}
		},
		"items added meanwhile": func() *pagedList {
			return &pagedList{before: func(ask pageRequest, l *pagedList) {
				if ask.call == 2 {
					l.ids = append(memberNames("new", 2), l.ids...)
				}
			}}
		},
	}
	for name, newServer := range servers {
		for _, n := range []int{0, 1, 3, 10} {
			for _, ahead := range []int{1, 4} {
				results := map[string]string{}
				for id, collect := range offsetLists {
					server := &listServer{list: newServer()}
					server.list.ids = memberNames("a", n)
					client := ldapi.New(ldapi.WithTransport(server), ldapi.WithAccessToken("t"), ldapi.WithRetry(ldapi.NoRetry()), ldapi.WithMaxConcurrency(1))
					items, err := collect(t.Context(), client, ahead)
					if ahead > 1 && strings.Contains(name, "meanwhile") {
						items = nil // the order of requests decides
					}
					results[id] = fmt.Sprint(items, err)
				}
				for id, result := range results {
					assert.Equal(t, results["getMembers"], result, "%s: %s of %d items, %d ahead", id, name, n, ahead)
				}
				require.Len(t, results, 6)
			}
		}
	}
}
