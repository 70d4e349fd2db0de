package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// Made-up times: the clock of the account, and the date that separates active members from inactive ones.
var (
	now    = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	before = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
)

// account adds to the seeded owner, admin, writer and reader: ann and ben, who are inactive; cleo, who was never here;
// dora, who was invited; emil, who is new; fay, who is active.
func account(t *testing.T) *ldapitest.Server {
	server := ldapitest.NewTestServer(t, ldapitest.WithClock(func() time.Time { return now }), ldapitest.WithPageLimits(0, 3))
	long := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, m := range []ldapitest.Member{
		{Email: "ann@example.com", FirstName: "Ann", LastName: "Archer", Role: "admin", LastSeen: before.AddDate(0, -2, 0), CreationDate: long},
		{Email: "ben@example.com", FirstName: "Ben, B.", LastSeen: before.Add(-time.Millisecond), CreationDate: long, CustomRoles: []string{ldapitest.ReleaseManagerRoleKey}},
		{Email: "cleo+ld@example.com", CreationDate: long},
		{Email: "dora@example.com", PendingInvite: true, CreationDate: long},
		{Email: "emil@example.com", CreationDate: now.AddDate(0, 0, -1)},
		{Email: "fay@example.com", LastSeen: before, CreationDate: long},
	} {
		server.AddMember(m)
	}
	return server
}

// roles returns what became of the added members.
func roles(server *ldapitest.Server) map[string]string {
	found := map[string]string{}
	for _, m := range server.Members()[4:] {
		name, _, _ := strings.Cut(m.Email, "@")
		found[name] = strings.Join(append([]string{m.Role}, m.CustomRoles...), " ")
	}
	return found
}

var seeded = []string{"remy.reed@example.com"} // never here, and to stay

const table = `EMAIL                NAME        ROLE    LAST SEEN   ID
cleo+ld@example.com              reader  never       `

func TestListing(t *testing.T) {
	t.Parallel()
	server := account(t)
	unchanged := roles(server)
	for _, s := range []settings{{}, {dryRun: true, demote: true}, {dryRun: true, delete: true}} {
		s.before, s.keep = before, seeded
		var stdout, stderr bytes.Buffer
		require.NoError(t, offboard(t.Context(), server.Client(), s, &stdout, &stderr))
		assert.True(t, strings.HasPrefix(stdout.String(), table), stdout.String())
		assert.Contains(t, stdout.String(), "ann@example.com      Ann Archer  admin   2026-01-01  ")
		assert.Equal(t, 4, strings.Count(stdout.String(), "\n"))
		assert.Equal(t, "members not seen since 2026-03-01: 3; nothing was changed\n", stderr.String())
		assert.Equal(t, unchanged, roles(server))
	}
	var stdout, stderr bytes.Buffer
	s := settings{before: before, keep: append(seeded, "cleo+ld@example.com", "ann@example.com"), csv: true}
	require.NoError(t, offboard(t.Context(), server.Client(), s, &stdout, &stderr))
	assert.Regexp(t, `^EMAIL,NAME,ROLE,LAST SEEN,ID\nben@example\.com,"Ben, B. ",reader,2026-02-28,[0-9a-f]{24}\n$`, stdout.String())
}

func TestDemote(t *testing.T) {
	t.Parallel()
	server := account(t)
	var stdout, stderr bytes.Buffer
	s := settings{before: before, keep: append(seeded, "ann@example.com"), demote: true}
	require.NoError(t, offboard(t.Context(), server.Client(), s, &stdout, &stderr))
	assert.Equal(t, map[string]string{
		"ann": "admin", "ben": "no_access", "cleo+ld": "no_access", "dora": "reader", "emil": "reader", "fay": "reader",
	}, roles(server))
	assert.Contains(t, stderr.String(), "1 of 2  ")
	assert.Contains(t, stderr.String(), "2 of 2  ")
	assert.Contains(t, stderr.String(), "ben@example.com (")
}

func TestDelete(t *testing.T) {
	t.Parallel()
	server := account(t)
	var stdout, stderr bytes.Buffer
	require.NoError(t, offboard(t.Context(), server.Client(), settings{before: before, keep: seeded, delete: true}, &stdout, &stderr))
	assert.Equal(t, map[string]string{"dora": "reader", "emil": "reader", "fay": "reader"}, roles(server))
	assert.Contains(t, stderr.String(), "3 of 3  ")
	assert.Contains(t, stderr.String(), "ann@example.com (")
}

// What people have typed into the account cannot control a terminal.
func TestAddressesArePrintedPlain(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	server.AddMember(ldapitest.Member{Email: "\u009bann@example.com", CreationDate: before.AddDate(-1, 0, 0)})
	server.AddMember(ldapitest.Member{Email: "\u009bben@example.com", CreationDate: before.AddDate(-1, 0, 0)})
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusNotFound, Operation: "getMember", Skip: 1})
	var stdout, stderr bytes.Buffer
	require.NoError(t, offboard(t.Context(), server.Client(), settings{before: before, keep: seeded, delete: true}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "@example.com: gone already\n")
	assert.Contains(t, stderr.String(), "@example.com (")
	assert.NotContains(t, stdout.String()+stderr.String(), "\u009b")
}

// Whatever the date, the owner and the caller stay.
func TestOwnerAndCallerStay(t *testing.T) {
	t.Parallel()
	for secret, stay := range map[string][]string{
		ldapitest.AdminToken:   {ldapitest.OwnerID, ldapitest.AdminID},
		ldapitest.ServiceToken: {ldapitest.OwnerID},
	} {
		server := ldapitest.NewTestServer(t)
		api := server.Client(ldapi.WithAccessToken(secret))
		var stdout, stderr bytes.Buffer
		require.NoError(t, offboard(t.Context(), api, settings{before: time.Now().AddDate(1, 0, 0), delete: true}, &stdout, &stderr))
		var left []string
		for _, m := range server.Members() {
			left = append(left, m.ID)
		}
		assert.Equal(t, stay, left)
	}
}

func TestFailuresDoNotStopTheRest(t *testing.T) {
	t.Parallel()
	server := account(t)
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusForbidden, Operation: "deleteMember"})
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusNotFound, Operation: "getMember", Skip: 1})
	var stdout, stderr bytes.Buffer
	err := offboard(t.Context(), server.Client(), settings{before: before, keep: seeded, delete: true}, &stdout, &stderr)
	require.EqualError(t, err, "1 of 3 members failed, 2 are done")
	assert.Contains(t, stderr.String(), "FAILED: 403 Forbidden")
	assert.Contains(t, stderr.String(), ": gone already\n")
	assert.Contains(t, stderr.String(), "3 of 3  ")
}

func TestChangesAreBounded(t *testing.T) {
	t.Parallel()
	server := account(t)
	for i := range 40 {
		server.AddMember(ldapitest.Member{Email: strings.Repeat("x", i+1) + "@example.com", CreationDate: before.AddDate(-1, 0, 0)})
	}
	var under, most atomic.Int64
	client := server.Client(ldapi.WithMiddleware(func(next ldapi.RoundTrip) ldapi.RoundTrip {
		return func(req *http.Request) (*http.Response, error) {
			if req.Method == http.MethodPatch {
				most.Store(max(most.Load(), under.Add(1)))
				defer under.Add(-1)
			}
			return next(req)
		}
	}))
	var stdout, stderr bytes.Buffer
	require.NoError(t, offboard(t.Context(), client, settings{before: before, demote: true}, &stdout, &stderr))
	assert.LessOrEqual(t, most.Load(), int64(4))
	assert.Contains(t, stderr.String(), "44 of 44  ")
}

func TestListingFails(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]string{"getMember": "finding out who calls: 403 Forbidden", "getMembers": "listing members: page at offset 3: 403 Forbidden"} {
		server := account(t)
		skip := 0
		if operation == "getMembers" {
			skip = 1
		}
		server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusForbidden, Operation: operation, Skip: skip})
		var stdout, stderr bytes.Buffer
		err := offboard(t.Context(), server.Client(), settings{before: before, delete: true}, &stdout, &stderr)
		require.ErrorContains(t, err, want)
		assert.Len(t, server.Members(), 10, "no member is changed unless the whole list could be read")
	}
}

func TestRun(t *testing.T) {
	server := account(t)
	t.Setenv("LD_ACCESS_TOKEN", ldapitest.AdminToken)
	t.Setenv("LD_BASE_URI", server.URL)
	keep := filepath.Join(t.TempDir(), "keep.txt")
	require.NoError(t, os.WriteFile(keep, []byte("# on leave\nANN@example.com\n\tremy.reed@example.com ben@example.com\n"), 0o600))
	_, noFile := os.ReadFile(keep + ".not") // in the words of the system
	for _, tc := range []struct {
		args   string
		code   int
		stderr string
	}{
		{"-h", 0, "Usage of offboard-inactive"},
		{"-nope", 2, "-nope"},
		{"", 2, "-before must be a date"},
		{"-before yesterday", 2, "-before must be a date"},
		{"-before 2026-03-01 more", 2, "-before must be a date"},
		{"-before 2026-03-01 -demote -delete", 2, "exclude each other"},
		{"-before 2026-03-01 -keep " + keep + ".not", 2, noFile.Error()},
		{"-before 2026-03-01 -delete -dry-run", 0, "members not seen since 2026-03-01: 4; nothing was changed"},
		{"-before 2026-03-01 -keep " + keep, 0, "members not seen since 2026-03-01: 1; nothing was changed"},
		{"-before 2026-03-01 -delete -keep " + keep, 0, "1 of 1  cleo+ld@example.com ("},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, tc.code, run(t.Context(), strings.Fields(tc.args), &stdout, &stderr), tc.args)
		assert.Contains(t, stderr.String(), tc.stderr, tc.args)
	}
	t.Setenv("LD_ACCESS_TOKEN", "")
	t.Setenv("LAUNCHDARKLY_ACCESS_TOKEN", "")
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), []string{"-before", "2026-03-01"}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "LD_ACCESS_TOKEN")
}
