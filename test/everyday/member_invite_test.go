package everyday_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// inviteForms returns n forms; the addresses are mixed-case and have a plus, as those of people may.
func inviteForms(n int) []ldapi.NewMemberForm {
	forms := make([]ldapi.NewMemberForm, n)
	for i := range forms {
		forms[i] = *ldapi.NewNewMemberForm(fmt.Sprintf("New.Member+%03d@Example.com", i))
		forms[i].SetRole(ldapi.RoleReader)
	}
	return forms
}

func addressesOf(forms []ldapi.NewMemberForm) []string {
	addresses := make([]string, len(forms))
	for i, f := range forms {
		addresses[i] = strings.ToLower(f.Email)
	}
	return addresses
}

func emailsOf(members []ldapi.Member) []string {
	emails := make([]string, len(members))
	for i, m := range members {
		emails[i] = m.Email
	}
	return emails
}

// requireInviteError returns err as an *InviteError, whose lists must be complete and disjoint.
func requireInviteError(t testing.TB, forms []ldapi.NewMemberForm, invited []ldapi.Member, err error) *ldapi.InviteError {
	t.Helper()
	var failure *ldapi.InviteError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, invited, failure.Invited)
	all := slices.Concat(emailsOf(failure.Invited), addressesOf(failure.Failed), addressesOf(failure.Uncertain), addressesOf(failure.NotTried))
	require.Equal(t, addressesOf(forms), all, "each form is in one list, in their order")
	require.Error(t, failure.Err)
	require.ErrorIs(t, err, failure.Err)
	require.ErrorContains(t, err, fmt.Sprintf("%d invited, %d failed, %d uncertain, %d not tried: ",
		len(failure.Invited), len(failure.Failed), len(failure.Uncertain), len(failure.NotTried)))
	return failure
}

// forEveryChunk runs a test for all numbers of forms and each of their chunks.
func forEveryChunk(t *testing.T, test func(t *testing.T, forms []ldapi.NewMemberForm, chunk int)) {
	t.Parallel()
	for _, n := range []int{1, 50, 51, 149} {
		for chunk := range (n + 49) / 50 {
			t.Run(fmt.Sprintf("%d forms, chunk %d", n, chunk), func(t *testing.T) {
				t.Parallel()
				test(t, inviteForms(n), chunk)
			})
		}
	}
}

// sizeOf returns the number of forms in a chunk of n.
func sizeOf(chunk, n int) int { return min(50, n-50*chunk) }

func postsOf(server *ldapitest.Server) int {
	posts := 0
	for _, r := range server.Requests() {
		if r.Operation == "postMembers" {
			posts++
		}
	}
	return posts
}

func TestInviteMembers(t *testing.T) {
	t.Parallel()
	for n, requests := range map[int]int{1: 1, 50: 1, 51: 2, 149: 3} {
		server := ldapitest.NewTestServer(t)
		forms := inviteForms(n)
		invited, err := server.Client().InviteMembers(t.Context(), forms)
		require.NoError(t, err)
		assert.Equal(t, addressesOf(forms), emailsOf(invited))
		assert.Len(t, server.Requests(), requests)
		assert.Len(t, server.Members(), 4+n)
		assert.Equal(t, inviteForms(n), forms, "the argument is unchanged")
	}
}

func TestInviteMembersRefuses(t *testing.T) {
	t.Parallel()
	keys := make([]string, 51)
	crowded := inviteForms(149)
	crowded[148].SetTeamKeys(keys)
	blank, twice := inviteForms(60), inviteForms(149)
	blank[59].Email = " \t"
	twice[140].Email = strings.ToUpper(twice[3].Email)
	for name, tc := range map[string]struct {
		forms  []ldapi.NewMemberForm
		want   string
		reason string
	}{
		"nil":                {nil, "forms", "must not be empty"},
		"none":               {[]ldapi.NewMemberForm{}, "forms", "must not be empty"},
		"no address":         {[]ldapi.NewMemberForm{{}}, "forms[0].email", "must not be empty"},
		"a blank address":    {blank, "forms[59].email", "must not be empty"},
		"an address twice":   {twice, "forms[140].email", "is the address of forms[3] too"},
		"51 team keys":       {crowded, "forms[148].teamKeys", "must not hold more than 50 keys, has 51"},
		"the first of these": {slices.Concat(blank, twice), "forms[59].email", "must not be empty"},
	} {
		client, p := tappedClient()
		invited, err := client.InviteMembers(t.Context(), tc.forms)
		assert.Empty(t, invited, name)
		assert.Equal(t, tc.want, refusedParameter(t, err), name)
		assert.EqualError(t, err, "ldapi: inviteMembers: "+tc.want+": "+tc.reason)
		assert.Empty(t, p.sent, "nothing is sent")
	}
	full := inviteForms(1)
	full[0].SetTeamKeys(keys[:50])
	client, p := tappedClient()
	_, err := client.InviteMembers(t.Context(), full)
	require.NoError(t, err)
	p.only(t)
}

// A request that is rejected invites none of its chunk; the chunks before it are kept, those after it are not tried.
func TestInviteMembersRejected(t *testing.T) {
	forEveryChunk(t, func(t *testing.T, forms []ldapi.NewMemberForm, chunk int) {
		server := ldapitest.NewTestServer(t)
		known := 50*chunk + sizeOf(chunk, len(forms)) - 1
		forms[known].Email = "ADAM.adler@example.com"
		invited, err := server.Client().InviteMembers(t.Context(), forms)
		failure := requireInviteError(t, forms, invited, err)
		require.ErrorIs(t, err, ldapi.ErrEmailAlreadyInAccount)
		var apiError *ldapi.GenericOpenAPIError
		require.ErrorAs(t, err, &apiError)
		assert.Equal(t, []string{"ADAM.adler@example.com"}, apiError.InvalidEmails())
		assert.Len(t, failure.Invited, 50*chunk)
		assert.Len(t, failure.Failed, sizeOf(chunk, len(forms)))
		assert.Empty(t, failure.Uncertain)
		assert.Len(t, server.Requests(), chunk+1, "it stops there, without a lookup")
		assert.Len(t, server.Members(), 4+50*chunk)

		rest := slices.Delete(slices.Concat(failure.Failed, failure.NotTried), known-50*chunk, known-50*chunk+1)
		if len(rest) > 0 {
			more, err := server.Client().InviteMembers(t.Context(), rest)
			require.NoError(t, err, "the caller can continue")
			assert.Len(t, more, len(forms)-1-50*chunk)
		}
	})
}

// The connection breaks after the members were stored: the members are looked up, and the rest is invited, too.
func TestInviteMembersAmbiguousButCommitted(t *testing.T) {
	forEveryChunk(t, func(t *testing.T, forms []ldapi.NewMemberForm, chunk int) {
		for _, kind := range []ldapitest.FaultKind{ldapitest.FaultCloseAfterCommit, ldapitest.FaultCloseMidBody} {
			server := ldapitest.NewTestServer(t, ldapitest.WithPageLimits(0, 20)) // the list has several pages
			server.Fail(ldapitest.Fault{Kind: kind, Operation: "postMembers", Skip: chunk})
			invited, err := server.Client().InviteMembers(t.Context(), forms)
			require.NoError(t, err)
			assert.Equal(t, addressesOf(forms), emailsOf(invited))
			assert.Equal(t, (len(forms)+49)/50, postsOf(server), "no member is invited twice")
		}
	})
}

// The request may have been carried out, and no member is found: unknown outcomes are uncertain.
func TestInviteMembersAmbiguousAndNotCommitted(t *testing.T) {
	forEveryChunk(t, func(t *testing.T, forms []ldapi.NewMemberForm, chunk int) {
		for _, fault := range []ldapitest.Fault{
			{Kind: ldapitest.FaultCloseBeforeResponse}, {Kind: ldapitest.FaultStatus, Status: 503}, {Kind: ldapitest.FaultHTML},
			{Kind: ldapitest.FaultStatus, Status: 200, Body: "{"}, // a success with a truncated body
		} {
			server := ldapitest.NewTestServer(t)
			fault.Operation, fault.Skip = "postMembers", chunk
			server.Fail(fault)
			invited, err := server.Client().InviteMembers(t.Context(), forms)
			failure := requireInviteError(t, forms, invited, err)
			assert.Len(t, failure.Invited, 50*chunk)
			assert.Len(t, failure.Uncertain, sizeOf(chunk, len(forms)))
			assert.Empty(t, failure.Failed)
			assert.Equal(t, chunk+1, postsOf(server))
			assert.Len(t, server.Requests(), chunk+2, "it looks up the members")

			more, err := server.Client().InviteMembers(t.Context(), slices.Concat(failure.Uncertain, failure.NotTried))
			require.NoError(t, err, "the caller can continue")
			assert.Equal(t, addressesOf(forms), emailsOf(append(invited, more...)))
		}
	})
}

// A 429 was not carried out: nothing is uncertain, and there is no lookup.
func TestInviteMembersRateLimited(t *testing.T) {
	forEveryChunk(t, func(t *testing.T, forms []ldapi.NewMemberForm, chunk int) {
		for _, kind := range []ldapitest.FaultKind{ldapitest.FaultBareRateLimit, ldapitest.FaultAbsurdReset} {
			server := ldapitest.NewTestServer(t)
			server.Fail(ldapitest.Fault{Kind: kind, Skip: chunk})
			invited, err := server.Client(ldapi.WithRetry(ldapi.NoRetry())).InviteMembers(t.Context(), forms)
			failure := requireInviteError(t, forms, invited, err)
			require.ErrorIs(t, err, ldapi.ErrRateLimited)
			assert.Len(t, failure.Failed, sizeOf(chunk, len(forms)))
			assert.Empty(t, failure.Uncertain)
			assert.Len(t, server.Requests(), chunk+1)
		}
	})
}

// With retries the call waits for a rate limit.
func TestInviteMembersWaitsOutRateLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ldapitest.NewTestServer(t, ldapitest.WithInMemory(), ldapitest.WithRateLimit(1, 0, 10*time.Second))
		forms, start := inviteForms(149), time.Now()
		invited, err := server.Client().InviteMembers(t.Context(), forms)
		require.NoError(t, err)
		assert.Equal(t, addressesOf(forms), emailsOf(invited))
		assert.GreaterOrEqual(t, time.Since(start), 20*time.Second)
	})
}

// Canceled before a chunk is sent: none of it was invited.
func TestInviteMembersCancelled(t *testing.T) {
	forEveryChunk(t, func(t *testing.T, forms []ldapi.NewMemberForm, chunk int) {
		server := ldapitest.NewTestServer(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		posts := 0
		client := server.Client(ldapi.WithMiddleware(func(next ldapi.RoundTrip) ldapi.RoundTrip {
			return func(req *http.Request) (*http.Response, error) {
				if posts++; posts == chunk+1 {
					cancel()
				}
				return next(req)
			}
		}))
		invited, err := client.InviteMembers(ctx, forms)
		failure := requireInviteError(t, forms, invited, err)
		require.ErrorIs(t, err, context.Canceled)
		assert.Len(t, failure.Invited, 50*chunk)
		assert.Len(t, failure.Failed, sizeOf(chunk, len(forms)))
		assert.Empty(t, failure.Uncertain)
		assert.Len(t, server.Members(), 4+50*chunk)
	})
}

// The deadline passes while a chunk is in flight, which leaves no time for a lookup.
func TestInviteMembersDeadlineUnderWay(t *testing.T) {
	forEveryChunk(t, func(t *testing.T, forms []ldapi.NewMemberForm, chunk int) {
		synctest.Test(t, func(t *testing.T) {
			server := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
			server.Fail(ldapitest.Fault{Kind: ldapitest.FaultSlowFirstByte, Wait: time.Minute, Skip: chunk})
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			invited, err := server.Client().InviteMembers(ctx, forms)
			failure := requireInviteError(t, forms, invited, err)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, err, ldapi.ErrOutcomeUnknown)
			assert.Len(t, failure.Uncertain, sizeOf(chunk, len(forms)))
			assert.Empty(t, failure.Failed)
		})
	})
}

// With Unsafe the request is repeated, and the response to the second one reports that all are members already.
func TestInviteMembersRepeatedUnsafely(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultCloseAfterCommit, Skip: 1})
	forms := inviteForms(149)
	policy := ldapi.RetryPolicy{Unsafe: true, MinWait: 1, MaxWait: 1}
	invited, err := server.Client(ldapi.WithRetry(policy)).InviteMembers(t.Context(), forms)
	require.NoError(t, err)
	assert.Equal(t, addressesOf(forms), emailsOf(invited))
	assert.Equal(t, 4, postsOf(server))
}

// For any response of a user's fake, each form is in one list.
func TestInviteMembersWithFakes(t *testing.T) {
	t.Parallel()
	cause := errors.New("out of order")
	forms := inviteForms(120)
	forms[60].Email = "o|brien@example.com" // the filter language cannot express that
	stored := map[string]bool{}
	posts := 0
	fake := &fakeMemberService{}
	fake.post = func(r ldapi.ApiPostMembersRequest) (*ldapi.Members, *http.Response, error) {
		posts++
		members := ldapi.NewMembersWithDefaults()
		for i, f := range r.Params().Body.([]ldapi.NewMemberForm) {
			if posts == 1 || i%2 == 0 { // the second request stores every other one, and breaks
				stored[strings.ToLower(f.Email)] = true
			}
			members.Items = append(members.Items, ldapi.Member{Id: f.Email, Email: strings.ToLower(f.Email)})
		}
		if posts == 2 {
			return nil, nil, cause
		}
		return members, nil, nil
	}
	fake.get = func(r ldapi.ApiGetMembersRequest) (*ldapi.Members, *http.Response, error) {
		members := ldapi.NewMembersWithDefaults()
		for email := range strings.SplitSeq(strings.TrimPrefix(r.Params().Query.Get("filter"), "email:"), "|") {
			if email = strings.ToLower(email); stored[email] && r.Params().Query.Get("offset") == "0" {
				members.Items = append(members.Items, ldapi.Member{Id: email, Email: email, PendingInvite: true, CreationDate: time.Now().UnixMilli()})
			}
		}
		return members, nil, nil
	}
	client := ldapi.New()
	client.AccountMembersApi = fake
	invited, err := client.InviteMembers(t.Context(), forms)
	var failure *ldapi.InviteError
	require.ErrorAs(t, err, &failure)
	require.ErrorIs(t, err, cause)
	assert.Equal(t, invited, failure.Invited)
	assert.Len(t, failure.Invited, 50+24, "25 were stored, one of them cannot be looked up")
	assert.Len(t, failure.Uncertain, 26)
	assert.Contains(t, addressesOf(failure.Uncertain), "o|brien@example.com")
	assert.Equal(t, forms[100:], failure.NotTried)
	assert.Empty(t, failure.Failed)
	assert.ElementsMatch(t, addressesOf(forms), slices.Concat(emailsOf(failure.Invited), addressesOf(failure.Uncertain), addressesOf(failure.NotTried)))

	posts = 1
	fake.get = func(ldapi.ApiGetMembersRequest) (*ldapi.Members, *http.Response, error) { return nil, nil, cause }
	invited, err = client.InviteMembers(t.Context(), forms[:3])
	assert.Equal(t, forms[:3], requireInviteError(t, forms[:3], invited, err).Uncertain, "no lookup is possible")
	fake.post = func(ldapi.ApiPostMembersRequest) (*ldapi.Members, *http.Response, error) { return nil, nil, nil }
	invited, err = client.InviteMembers(t.Context(), forms[:3])
	require.NoError(t, err, "a fake may be terse")
	assert.Empty(t, invited)
}

// Members that the lost request cannot have created do not count as invited, for any clocks.
func TestInviteMembersDoesNotClaimOthers(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour} { // the server's clock
		clock := func() time.Time { return time.Now().Add(ahead) }
		for name, old := range map[string]ldapitest.Member{
			"an admin of years":             {Role: "admin", CreationDate: clock().AddDate(-3, 0, 0), LastSeen: clock().Add(-time.Minute)},
			"an invitation of last minute":  {PendingInvite: true, CreationDate: clock().Add(-time.Minute)},
			"a member that joined just now": {CreationDate: clock()},
		} {
			for _, kind := range []ldapitest.FaultKind{ldapitest.FaultCloseBeforeResponse, ldapitest.FaultCloseAfterCommit} {
				server := ldapitest.NewTestServer(t, ldapitest.WithClock(clock))
				forms := inviteForms(3)
				old.Email = forms[1].Email
				added := server.AddMember(old)
				server.Fail(ldapitest.Fault{Kind: kind, Operation: "postMembers"})
				invited, err := server.Client().InviteMembers(t.Context(), forms)
				var failure *ldapi.InviteError
				require.ErrorAs(t, err, &failure, name)
				require.ErrorIs(t, err, ldapi.ErrOutcomeUnknown)
				require.ErrorContains(t, err, "0 invited, 1 members before, 0 failed, 2 uncertain, 0 not tried: ")
				assert.Empty(t, invited, name)
				assert.Equal(t, []ldapi.NewMemberForm{forms[0], forms[2]}, failure.Uncertain, name)
				require.Len(t, failure.Existing, 1, name)
				assert.Equal(t, added.ID, failure.Existing[0].Id)
			}
		}
		server := ldapitest.NewTestServer(t, ldapitest.WithClock(clock))
		server.Fail(ldapitest.Fault{Kind: ldapitest.FaultCloseAfterCommit, Operation: "postMembers"})
		invited, err := server.Client().InviteMembers(t.Context(), inviteForms(3))
		require.NoError(t, err, "those that it created do, with the clock %v ahead", ahead)
		assert.Len(t, invited, 3)
	}
}

// The invitations and the teams among the examples of the API.
func TestInviteExamples(t *testing.T) {
	t.Parallel()
	sam := ldapi.NewNewMemberForm("sam@example.com")
	sam.SetRole(ldapi.RoleReader)
	sam.SetFirstName("Sam")
	sam.SetLastName("Ochoa")
	dev := ldapi.NewNewMemberForm("dev+flags@example.com")
	dev.SetCustomRoles([]string{"release-manager"})
	dev.SetTeamKeys([]string{"platform"})
	dev.SetRoleAttributes(map[string][]string{"developerProjectKeys": {"shop", "billing"}})
	client, p := tappedClient()
	_, err := client.InviteMembers(t.Context(), []ldapi.NewMemberForm{*sam, *dev})
	require.NoError(t, err)
	assert.Equal(t, "POST /api/v2/members", p.only(t).method+" "+p.only(t).url.Path)
	assert.JSONEq(t, example(t, "members_invite"), p.only(t).body)

	client, p = tappedClient()
	_, _, err = client.AccountMembersApi.PostMemberTeams(t.Context(), "64b7f0c2a91e3d5f08c41a10").
		MemberTeamsPostInput(*ldapi.NewMemberTeamsPostInput([]string{"platform", "checkout"})).Execute()
	require.NoError(t, err)
	assert.JSONEq(t, example(t, "member_teams"), p.only(t).body)
}
