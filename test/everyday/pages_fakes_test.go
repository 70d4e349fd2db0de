package everyday_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// pageRequest is a request that a fake service received.
type pageRequest struct {
	ctx           context.Context
	call          int // number of earlier requests
	limit, offset int
}

// pagedMembers is a fake service as a user writes it: it answers getMembers by a function, reads Params, and records
// its requests as "offset+limit". The other operations are those of a client that is not connected.
type pagedMembers struct {
	ldapi.AccountMembersApi
	answer func(ask pageRequest) (*ldapi.Members, error)

	mu    sync.Mutex
	asked []string
}

func newPagedMembers(answer func(ask pageRequest) (*ldapi.Members, error)) *pagedMembers {
	return &pagedMembers{AccountMembersApi: ldapi.New().AccountMembersApi, answer: answer}
}

func (f *pagedMembers) GetMembers(ctx context.Context) ldapi.ApiGetMembersRequest {
	r := f.AccountMembersApi.GetMembers(ctx)
	r.ApiService = f
	return r
}

func (f *pagedMembers) GetMembersExecute(r ldapi.ApiGetMembersRequest) (*ldapi.Members, *http.Response, error) {
	query := r.Params().Query
	ask := pageRequest{ctx: r.Context()}
	ask.limit, _ = strconv.Atoi(query.Get("limit"))
	ask.offset, _ = strconv.Atoi(query.Get("offset"))
	f.mu.Lock()
	ask.call = len(f.asked)
	f.asked = append(f.asked, fmt.Sprintf("%d+%d", ask.offset, ask.limit))
	f.mu.Unlock()
	page, err := f.answer(ask)
	return page, nil, err
}

func (f *pagedMembers) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

// memberNames are n ids: a0, a1, …
func memberNames(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = prefix + strconv.Itoa(i)
	}
	return ids
}

// memberIDs are the ids of members.
func memberIDs(members []ldapi.Member) []string {
	ids := make([]string, len(members))
	for i := range members {
		ids[i] = members[i].Id
	}
	return ids
}

// memberPage is a page of members with these ids. A negative total is left out.
func memberPage(total int, next bool, ids ...string) *ldapi.Members {
	p := &ldapi.Members{Items: []ldapi.Member{}, Links: map[string]ldapi.Link{"self": {}}}
	for _, id := range ids {
		p.Items = append(p.Items, ldapi.Member{Id: id, Email: id + "@example.com"})
	}
	if next {
		p.Links["next"] = ldapi.Link{}
	}
	if total >= 0 {
		p.SetTotalCount(int32(total))
	}
	return p
}

// pagedList is a server of a list. Its functions make it behave unusually; without them it behaves like LaunchDarkly.
type pagedList struct {
	ids    []string
	most   int                                   // items on a page; 0 for no bound
	total  func(ask pageRequest, actual int) int // the total it reports; negative for none
	next   func(actual bool) bool                // whether there is a link to the next page
	start  func(ask pageRequest) int             // where the page begins
	length func(ask pageRequest) int             // the number of items it returns, if fewer
	before func(ask pageRequest, l *pagedList)   // changes the list before the response
	bare   bool                                  // pages have no links at all
}

func (l *pagedList) answer(ask pageRequest) (*ldapi.Members, error) {
	if l.before != nil {
		l.before(ask, l)
	}
	start, end := ask.offset, ask.limit
	if l.start != nil {
		start = l.start(ask)
	}
	if l.most > 0 {
		end = min(end, l.most)
	}
	if l.length != nil {
		end = min(end, l.length(ask))
	}
	start = min(start, len(l.ids))
	end = min(start+end, len(l.ids))
	total, next := len(l.ids), end < len(l.ids)
	if l.total != nil {
		total = l.total(ask, total)
	}
	if l.next != nil {
		next = l.next(next)
	}
	p := memberPage(total, next, l.ids[start:end]...)
	if l.bare {
		p.Links = nil
	}
	return p, nil
}

// remove removes n items from the list.
func (l *pagedList) remove(at, n int) { l.ids = slices.Delete(slices.Clone(l.ids), at, at+n) }

// insert puts new items into the list.
func (l *pagedList) insert(at int, ids ...string) {
	l.ids = slices.Insert(slices.Clone(l.ids), at, ids...)
}

// Ways to report the total, and to link.
func noTotal(pageRequest, int) int { return -1 }

func fixedTotal(n int) func(pageRequest, int) int { return func(pageRequest, int) int { return n } }

func noLinks(bool) bool { return false }

func allLinks(bool) bool { return true }

// collectTwice collects a list by a request and returns the items and the error. Ranging twice has to yield the same
// from an unchanged server, so the list is read again if again is set.
func collectTwice(t *testing.T, r ldapi.ApiGetMembersRequest, again bool) ([]string, error) {
	t.Helper()
	members, err := r.Collect()
	if again {
		others, e := r.Collect()
		require.Equal(t, memberIDs(members), memberIDs(others))
		require.Equal(t, err, e)
	}
	return memberIDs(members), err
}

// requireEachOnce fails if an ID appears twice.
func requireEachOnce(t *testing.T, ids []string) {
	t.Helper()
	times := map[string]int{}
	for _, id := range ids {
		times[id]++
	}
	maps.DeleteFunc(times, func(_ string, n int) bool { return n == 1 })
	require.Empty(t, times, "ids that came twice")
}

// newRandom returns a source of random numbers that repeats itself for the same seed.
func newRandom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }
