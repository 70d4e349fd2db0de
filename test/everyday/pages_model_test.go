package everyday_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// change is what happens to the list between two pages.
//
// Between two pages only one kind of change happens. A server reports changes by the total alone: when one member is deleted
// that was read and another is inserted further on, the total stays what it was, while the list has moved by one, and the
// member that moved over the border of the pages is missed. No client can distinguish that from a list that did not change. Pages
// that are in flight together are answered in any order, so that "between two pages" is the whole run there.
type change int

const (
	nothing change = iota
	inserts
	deletes
)

// modelRun is one list, read to the end while it changes and while the line breaks. Its seed determines everything except the
// order in which pages in flight are answered.
type modelRun struct {
	seed   uint64
	server *ldapitest.Server
	other  *ldapi.APIClient // through which members are deleted
	random *rand.Rand
	turn   chan struct{} // one request at a time is answered

	size     int64
	prefetch int
	resumes  bool // the client does not repeat what failed; the caller continues at the offset of the error
	kind     change
	alive    []string
	born     int
	gone     map[string]bool
	spare    int  // the number of members that may still be deleted
	resumed  bool // no page arrived since
	changed  bool // the list changed

	pages, changes, faults int
	story                  []string
}

func newModelRun(server *ldapitest.Server, seed uint64) *modelRun {
	server.Reset()
	random := newRandom(seed)
	m := &modelRun{seed: seed, server: server, other: server.Client(), random: random, turn: make(chan struct{}, 1),
		size: 1 + random.Int64N(12), resumes: random.IntN(2) == 0, gone: map[string]bool{}, spare: 1 << 30}
	if random.IntN(2) == 0 {
		m.prefetch = 2 + random.IntN(5)
	}
	for _, member := range server.Members() {
		m.alive = append(m.alive, member.ID)
	}
	for range random.IntN(40) {
		m.insert()
	}
	m.born, m.changes, m.changed = 0, 0, false
	if m.prefetch == 0 || !m.resumes {
		m.kind = change(random.IntN(3))
	}
	return m
}

// wrap lets requests in one by one, and changes the list before each.
func (m *modelRun) wrap(next ldapi.RoundTrip) ldapi.RoundTrip {
	return func(req *http.Request) (*http.Response, error) {
		select {
		case m.turn <- struct{}{}:
			defer func() { <-m.turn }()
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
		m.meddle(req.Context())
		resp, err := next(req)
		ok := err == nil && resp.StatusCode == http.StatusOK
		m.story = append(m.story, fmt.Sprintf("offset %s of %d: %t", req.URL.Query().Get("offset"), len(m.alive), ok))
		if ok {
			m.served()
		}
		return resp, err
	}
}

func (m *modelRun) meddle(ctx context.Context) {
	n := m.random.IntN(4)
	if m.random.IntN(10) == 0 {
		n = m.random.IntN(2*int(m.size) + 2)
	}
	for range n {
		switch {
		case m.kind == inserts && m.born < 60:
			m.insert()
			m.born++
		case m.kind == deletes && m.spare > 0:
			m.remove(context.WithoutCancel(ctx))
		}
	}
}

// insert puts a member anywhere in the list, which is sorted by name.
func (m *modelRun) insert() {
	name := fmt.Sprintf("%08x", m.random.Uint32())
	m.alive = append(m.alive, m.server.AddMember(ldapitest.Member{FirstName: name, Email: name + "@example.com"}).ID)
	m.changed = true
	m.changes++
}

func (m *modelRun) remove(ctx context.Context) {
	i := m.random.IntN(len(m.alive))
	id := m.alive[i]
	if id == ldapitest.OwnerID || id == ldapitest.AdminID {
		return // cannot be deleted
	}
	if _, err := m.other.AccountMembersApi.DeleteMember(ctx, id).Execute(); err != nil {
		panic(err)
	}
	m.alive, m.gone[id], m.changed = slices.Delete(m.alive, i, i+1), true, true
	m.spare--
	m.changes++
}

// served decides what happens before the next page. After a page that fails for good the iteration starts again, and knows
// nothing of the total reported before: changes between the last page and the next one cannot be detected then.
func (m *modelRun) served() {
	m.pages++
	if m.resumed { // an iteration does not go back beyond its offset: it has read one page now
		m.resumed, m.spare = false, int(m.size)
		if m.size > shortestCap {
			m.spare = shortestCap
		}
	}
	if m.prefetch == 0 {
		m.kind = change(m.random.IntN(3))
	}
	if m.random.IntN(4) > 0 {
		return
	}
	faults := []ldapitest.Fault{
		{Kind: ldapitest.FaultStatus, Status: http.StatusServiceUnavailable},
		{Kind: ldapitest.FaultCloseBeforeResponse},
		{Kind: ldapitest.FaultCloseMidBody},
		{Kind: ldapitest.FaultHTML},
		{Kind: ldapitest.FaultRetryAfter},
	}
	if fault := faults[m.random.IntN(len(faults))]; m.resumes || m.faults < 8 {
		fault.Operation = "getMembers"
		m.server.Fail(fault)
		m.faults++
	}
	if m.resumes {
		m.kind = nothing
	}
}

// shortestCap is the smallest page size of a server of the model.
const shortestCap = 7

// run reads the list and returns the items.
func (m *modelRun) run(t *testing.T) []string {
	policy := ldapi.RetryPolicy{MaxAttempts: 20}
	if m.resumes {
		policy = ldapi.NoRetry()
	}
	client := m.server.Client(ldapi.WithAttemptMiddleware(m.wrap), ldapi.WithRetry(policy))
	r := client.AccountMembersApi.GetMembers(t.Context()).Sort(ldapi.SortDisplayName).Limit(m.size).Prefetch(m.prefetch)
	var all []string
	for {
		members, err := r.Collect()
		ids := memberIDs(members)
		requireEachOnce(t, ids)
		all = append(all, ids...)
		var stopped *ldapi.PageError
		if !errors.As(err, &stopped) {
			return all
		}
		require.True(t, m.resumes, "%v", err)
		require.NotContains(t, err.Error(), repeats)
		if !m.changed { // otherwise items beyond the offset may have moved there after they were yielded
			requireEachOnce(t, all)
		}
		r = r.Offset(stopped.Offset)
		m.resumed, m.spare = true, 0
	}
}

// check reads the list and compares the result with the items that the list had.
func (m *modelRun) check(t *testing.T) {
	defer func() {
		if t.Failed() {
			t.Logf("seed %d, limit %d, prefetch %d: %s", m.seed, m.size, m.prefetch, strings.Join(m.story, ", "))
		}
	}()
	before := slices.Clone(m.alive)
	found := m.run(t)
	for _, id := range before {
		if !m.gone[id] {
			require.Contains(t, found, id, "missed")
		}
	}
}

// TestListsAgainstTheTruth: no item is yielded twice, and none that was present all the time is missed.
func TestListsAgainstTheTruth(t *testing.T) {
	t.Parallel()
	servers := []struct {
		name    string
		options []ldapitest.Option
	}{
		{"plain", nil},
		{"pages cut", []ldapitest.Option{ldapitest.WithPageLimits(0, shortestCap)}},
		{"without next links", []ldapitest.Option{ldapitest.WithoutNextLinks()}},
		{"both", []ldapitest.Option{ldapitest.WithPageLimits(0, shortestCap), ldapitest.WithoutNextLinks()}},
	}
	const runs = 500 // of each
	for i, c := range servers {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ldapitest.NewTestServer(t, append(c.options, ldapitest.WithInMemory())...)
				defer server.Close()
				var pages, changes, faults, seconds int
				for run := range uint64(runs) {
					start := time.Now()
					m := newModelRun(server, uint64(i)*runs+run)
					m.check(t)
					pages, changes, faults = pages+m.pages, changes+m.changes, faults+m.faults
					seconds += int(time.Since(start).Seconds())
				}
				t.Logf("%d runs: %d pages, %d changes, %d faults, %d seconds of waiting", runs, pages, changes, faults, seconds)
			})
		})
	}
}
