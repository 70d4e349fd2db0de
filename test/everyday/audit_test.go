package everyday_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

var newYear = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// audited returns a server with one entry for each of these milliseconds after the new year, oldest first.
func audited(t *testing.T, at []int) *ldapitest.Server {
	t.Helper()
	server := ldapitest.NewTestServer(t, ldapitest.WithClock(func() time.Time { return newYear.AddDate(0, 1, 0) }))
	for i, ms := range at {
		server.AddAuditEntry(ldapitest.AuditEntry{ID: fmt.Sprintf("%024x", i+1), Date: newYear.Add(time.Duration(ms) * time.Millisecond),
			Name: fmt.Sprint(i), Actions: []string{"updateName"}, Resources: []string{"team/platform"}})
	}
	return server
}

func namesOf(entries []ldapi.AuditLogEntryListingRep) string {
	var names []string
	for _, e := range entries {
		names = append(names, e.Name)
	}
	return strings.Join(names, " ")
}

// All reads every entry once, newest first, although entries of one millisecond are on both sides of the end of a page.
func TestAuditLogByTime(t *testing.T) {
	t.Parallel()
	var crowded []int
	for i := range 65 {
		crowded = append(crowded, i/7*3)
	}
	server := audited(t, crowded)
	want := make([]string, 0, 65)
	for i := 64; i >= 0; i-- {
		want = append(want, fmt.Sprint(i))
	}
	for _, limit := range []int64{0, 1, 5, 7, 8, 20} {
		request := server.Client().AuditLogApi.GetAuditLogEntries(t.Context())
		if limit > 0 {
			request = request.Limit(limit)
		}
		entries, err := request.Collect()
		require.NoError(t, err)
		assert.ElementsMatch(t, want, strings.Fields(namesOf(entries)), "limit %d", limit)
		for i := 1; i < len(entries); i++ {
			assert.GreaterOrEqual(t, entries[i-1].Date, entries[i].Date, "limit %d", limit)
		}
	}
	n := 0
	for page, err := range server.Client().AuditLogApi.GetAuditLogEntries(t.Context()).Pages() {
		require.NoError(t, err)
		assert.LessOrEqual(t, len(page.Items), 20)
		n += len(page.Items)
	}
	assert.Equal(t, 65, n)
}

// More entries in one millisecond than the API can list are an error with the time at which to continue, and nothing is lost silently.
func TestAuditLogMillisecondThatIsTooFull(t *testing.T) {
	t.Parallel()
	at := []int{1}
	for range 25 {
		at = append(at, 5)
	}
	server := audited(t, append(at, 9))
	entries, err := server.Client().AuditLogApi.GetAuditLogEntries(t.Context()).Collect()
	var pageError *ldapi.PageError
	require.ErrorAs(t, err, &pageError)
	assert.Contains(t, err.Error(), "one millisecond has at least as many items")
	assert.Len(t, entries, 21)
	assert.Equal(t, newYear.UnixMilli()+6, pageError.Offset)
	rest, err := server.Client().AuditLogApi.GetAuditLogEntries(t.Context()).Before(pageError.Offset - 1).Collect()
	require.NoError(t, err)
	assert.Equal(t, "0", namesOf(rest))
}

func TestAuditLogContinuesAfterAFailure(t *testing.T) {
	t.Parallel()
	var at []int
	for i := range 60 {
		at = append(at, i)
	}
	server := audited(t, at)
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 403, Operation: "getAuditLogEntries", Skip: 1})
	first, err := server.Client().AuditLogApi.GetAuditLogEntries(t.Context()).Collect()
	var pageError *ldapi.PageError
	require.ErrorAs(t, err, &pageError)
	require.ErrorIs(t, err, ldapi.ErrForbidden)
	rest, err := server.Client().AuditLogApi.GetAuditLogEntries(t.Context()).Before(pageError.Offset).Collect()
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, e := range append(first, rest...) {
		seen[e.Id] = true
	}
	assert.Len(t, seen, 60)

	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 403})
	_, err = server.Client().AuditLogApi.GetAuditLogEntries(t.Context()).Collect()
	require.ErrorAs(t, err, &pageError)
	assert.Zero(t, pageError.Offset, "the first page, from now on")
}

func TestBetween(t *testing.T) {
	t.Parallel()
	server := audited(t, []int{1, 2, 3, 4, 5})
	at := func(ms int) time.Time { return newYear.Add(time.Duration(ms) * time.Millisecond) }
	for _, c := range []struct {
		after, before time.Time
		want          string
	}{
		{time.Time{}, time.Time{}, "4 3 2 1 0"},
		{at(2), time.Time{}, "4 3 2"},
		{time.Time{}, at(3), "1 0"},
		{at(1), at(4), "2 1"},
		{at(1).In(time.FixedZone("", 3600)), at(4), "2 1"},
	} {
		entries, err := server.Client().AuditLogApi.GetAuditLogEntries(t.Context()).Limit(2).Between(c.after, c.before).Collect()
		require.NoError(t, err)
		assert.Equal(t, c.want, namesOf(entries), "%v to %v", c.after, c.before)
	}

	client, sent := tappedClient()
	request := client.AuditLogApi.GetAuditLogEntries(t.Context())
	for _, bad := range []ldapi.ApiGetAuditLogEntriesRequest{
		request.Between(at(2), at(2)), request.Between(at(3), at(2)), request.Between(at(1), at(1).Add(time.Microsecond)),
	} {
		_, _, err := bad.Execute()
		assert.Equal(t, "before", refusedParameter(t, err))
		_, err = bad.Collect()
		assert.Equal(t, "before", refusedParameter(t, err))
	}
	_, _, err := request.Between(time.UnixMilli(-5), time.Time{}).Execute()
	assert.Equal(t, "after", refusedParameter(t, err))
	assert.Empty(t, sent.sent)

	_, _, err = request.Between(at(3), at(2)).Between(at(2), at(3)).Execute()
	require.NoError(t, err)
	assert.Equal(t, "after=1767225600002&before=1767225600003", sent.only(t).url.RawQuery)
}

// Numbers outside what the API takes are refused for each operation of the audit log.
func TestAuditNumbersThatAreRefused(t *testing.T) {
	t.Parallel()
	client, sent := tappedClient()
	audit, all := client.AuditLogApi, []ldapi.StatementPost{*ldapi.NewStatementPost("allow")}
	for parameter, executions := range map[string][]func() error{
		"limit": {
			func() error { _, _, err := audit.GetAuditLogEntries(t.Context()).Limit(0).Execute(); return err },
			func() error { _, _, err := audit.GetAuditLogEntries(t.Context()).Limit(21).Execute(); return err },
			func() error { _, err := audit.GetAuditLogEntries(t.Context()).Limit(21).Collect(); return err },
			func() error { _, _, err := audit.PostAuditLogEntries(t.Context()).Limit(21).Execute(); return err },
		},
		"before": {
			func() error { _, _, err := audit.GetAuditLogEntries(t.Context()).Before(-1).Execute(); return err },
			func() error { _, err := audit.GetAuditLogEntries(t.Context()).Before(-1).Collect(); return err },
			func() error { _, _, err := audit.PostAuditLogEntries(t.Context()).Before(-1).Execute(); return err },
		},
		"after": {
			func() error { _, _, err := audit.GetAuditLogEntries(t.Context()).After(-1).Execute(); return err },
			func() error {
				_, _, err := audit.PostAuditLogEntryCounts(t.Context()).StatementPost(all).Execute()
				return err
			},
			func() error {
				_, _, err := audit.PostAuditLogEntryCounts(t.Context()).After(-1).StatementPost(all).Execute()
				return err
			},
		},
		"buckets": {
			func() error {
				_, _, err := audit.PostAuditLogEntryCounts(t.Context()).After(1).Buckets(501).StatementPost(all).Execute()
				return err
			},
			func() error {
				_, _, err := audit.PostAuditLogEntryCounts(t.Context()).After(1).Buckets(0).StatementPost(all).Execute()
				return err
			},
		},
		"statementPost": {
			func() error { _, _, err := audit.PostAuditLogEntryCounts(t.Context()).After(1).Execute(); return err },
		},
	} {
		for i, execute := range executions {
			assert.Equal(t, parameter, refusedParameter(t, execute()), "%s %d", parameter, i)
		}
	}
	assert.Empty(t, sent.sent)
}

func TestWhoami(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	caller, err := server.Client().Whoami(t.Context())
	require.NoError(t, err)
	assert.Equal(t, ldapitest.AdminID, caller.Member.Id)
	assert.Equal(t, "admin", caller.Identity.GetTokenName())

	service := ldapi.ContextWithAccessToken(t.Context(), ldapitest.ServiceToken)
	caller, err = server.Client().Whoami(service)
	require.NoError(t, err)
	assert.Nil(t, caller.Member)
	assert.True(t, caller.Identity.GetServiceToken())

	caller, err = server.Client(ldapi.WithBearerToken(ldapitest.ReaderToken)).Whoami(t.Context())
	require.NoError(t, err)
	assert.Equal(t, ldapitest.ReaderID, caller.Member.Id)
	assert.NotEmpty(t, caller.Identity.GetClientId())
	assert.Empty(t, caller.Identity.GetTokenName())

	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 403, Operation: "getMember"})
	caller, err = server.Client().Whoami(t.Context())
	require.ErrorIs(t, err, ldapi.ErrForbidden)
	assert.Equal(t, ldapitest.AdminID, caller.Identity.GetMemberId(), "what is known is not lost")

	caller, err = server.Client(ldapi.WithAccessToken("api-0a1b2c3d-0000-4a02-8b12-5e0c1d2f3a02")).Whoami(t.Context())
	require.ErrorIs(t, err, ldapi.ErrUnauthorized)
	assert.Nil(t, caller)
}
