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

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

const leaver = "5f00aa11bb22cc33dd44ee77"

// company adds a member with teams, grants and tokens, among other members and tokens.
func company(server *ldapitest.Server) {
	for _, key := range []string{"one", "two", "three"} {
		server.AddTeam(ldapitest.Team{Key: key})
	}
	server.AddMember(ldapitest.Member{ID: leaver, Email: "lee@example.com", Role: "writer", CustomRoles: []string{"people-manager"},
		Teams: []string{"one", "two"}, PermissionGrants: []ldapitest.PermissionGrant{
			{Resource: "team/two", ActionSet: "maintainTeam"}, {Resource: "team/three", Actions: []string{"updateTeamName", "updateTeamMembers"}},
			{Resource: "proj/shop", ActionSet: "other"},
		}})
	for range 60 {
		server.AddToken(ldapitest.Token{Name: "of another member"})
	}
	server.AddToken(ldapitest.Token{ID: "66a0b1c2d3e4f50617283977", MemberID: leaver})
	server.AddToken(ldapitest.Token{ID: "66a0b1c2d3e4f50617283978", MemberID: leaver})
	server.AddToken(ldapitest.Token{Name: "stays", MemberID: leaver, ServiceToken: true})
}

func stepsOf(r *ldapi.OffboardReport) []string {
	var steps []string
	for _, s := range r.Steps {
		steps = append(steps, fmt.Sprint(s.Kind, " ", s.Target, " ", s.Done, " ", s.Err != nil))
	}
	return steps
}

func leaverOf(server *ldapitest.Server) *ldapitest.Member {
	for _, m := range server.Members() {
		if m.ID == leaver {
			return &m
		}
	}
	return nil
}

func tokensOf(server *ldapitest.Server, service bool) int {
	n := 0
	for _, token := range server.Tokens() {
		if token.MemberID == leaver && token.ServiceToken == service {
			n++
		}
	}
	return n
}

func TestOffboardMember(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	company(server)
	client := server.Client()
	plan, err := client.OffboardMember(t.Context(), leaver, ldapi.OffboardOptions{DryRun: true})
	require.NoError(t, err)
	assert.Equal(t, []string{"team one false false", "team two false false", "team two false false", "team three false false",
		"token 66a0b1c2d3e4f50617283977 false false", "token 66a0b1c2d3e4f50617283978 false false", "member " + leaver + " false false"}, stepsOf(plan))
	assert.Empty(t, server.AuditLog(), "nothing was changed")
	assert.Equal(t, 7, strings.Count(plan.String(), "to do"))

	report, err := client.OffboardMember(t.Context(), leaver, ldapi.OffboardOptions{Comment: "OPS-1"})
	require.NoError(t, err)
	assert.Equal(t, "lee@example.com", report.Member.Email)
	assert.Equal(t, []string{"one", "two"}, []string{report.Member.Teams[0].Key, report.Member.Teams[1].Key}, "as they were before")
	assert.Equal(t, 7, strings.Count(report.String(), "done"))
	assert.Nil(t, leaverOf(server))
	assert.Zero(t, tokensOf(server, false))
	assert.Equal(t, 1, tokensOf(server, true), "service tokens stay")
	for _, entry := range server.AuditLog() {
		assert.Equal(t, entry.Kind == "team", entry.Comment == "OPS-1")
	}
	_, err = client.OffboardMember(t.Context(), leaver, ldapi.OffboardOptions{})
	require.ErrorIs(t, err, ldapi.ErrNotFound)
}

func TestOffboardByDemotion(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	company(server)
	for range 2 { // the second time nothing but the last step is left
		report, err := server.Client().OffboardMember(t.Context(), leaver, ldapi.OffboardOptions{Demote: true})
		require.NoError(t, err)
		assert.True(t, report.Steps[len(report.Steps)-1].Done)
	}
	m := leaverOf(server)
	assert.Equal(t, "no_access", m.Role)
	assert.Empty(t, m.CustomRoles)
	assert.Empty(t, m.Teams)
	assert.Len(t, m.PermissionGrants, 1, "one that is of no team")
}

func TestOffboardRefuses(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	for _, id := range []string{ldapitest.OwnerID, ldapitest.AdminID, "me", ""} {
		_, err := server.Client().OffboardMember(t.Context(), id, ldapi.OffboardOptions{})
		assert.Equal(t, "id", refusedParameter(t, err), id)
	}
	assert.Empty(t, server.AuditLog())

	service := server.Client(ldapi.WithAccessToken(ldapitest.ServiceToken)) // is no member
	_, err := service.OffboardMember(t.Context(), ldapitest.AdminID, ldapi.OffboardOptions{})
	require.NoError(t, err)

	scim := ldapitest.NewTestServer(t, ldapitest.WithSCIM())
	scim.AddTeam(ldapitest.Team{Key: "idp", IDPSynced: true})
	scim.AddMember(ldapitest.Member{ID: leaver, Email: "lee@example.com", Teams: []string{"idp"}})
	report, err := scim.Client().OffboardMember(t.Context(), leaver, ldapi.OffboardOptions{})
	require.ErrorIs(t, err, ldapi.ErrForbidden)
	assert.Contains(t, err.Error(), "team idp: ")
	assert.Contains(t, err.Error(), "if an identity provider manages it, remove it there")
	assert.Equal(t, []string{"team idp false true", "member " + leaver + " false true"}, stepsOf(report))
}

// TestOffboardConverges: whatever fails, the member stays while something is left, what is not in the way is done, and running it
// again does the rest.
func TestOffboardConverges(t *testing.T) {
	t.Parallel()
	operations := []string{"getMember", "getCallerIdentity", "getTokens", "patchTeam", "deleteToken", "deleteMember"}
	kinds := []ldapitest.Fault{
		{Kind: ldapitest.FaultStatus, Status: 403}, {Kind: ldapitest.FaultStatus, Status: 409}, {Kind: ldapitest.FaultStatus, Status: 500},
		{Kind: ldapitest.FaultCloseBeforeResponse}, {Kind: ldapitest.FaultCloseAfterCommit}, {Kind: ldapitest.FaultCloseMidBody}, {Kind: ldapitest.FaultAbsurdReset},
	}
	for _, operation := range operations {
		for skip := range 4 {
			for _, fault := range kinds {
				synctest.Test(t, func(t *testing.T) {
					server := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
					defer server.Close()
					company(server)
					fault.Operation, fault.Skip = operation, skip
					server.Fail(fault)
					client := server.Client(ldapi.WithRetry(ldapi.NoRetry()))
					name := fmt.Sprintf("%s, %d before, fault %d", operation, skip, fault.Kind)
					report, err := client.OffboardMember(t.Context(), leaver, ldapi.OffboardOptions{})
					if report != nil && err != nil && len(report.Steps) == 7 {
						failed := slices.IndexFunc(report.Steps, func(s ldapi.OffboardStep) bool { return s.Err != nil })
						require.ErrorIs(t, err, report.Steps[failed].Err, name)
						if failed < 6 {
							require.NotNil(t, leaverOf(server), name)
							require.ErrorContains(t, report.Steps[6].Err, "earlier step", name)
						}
						for i := range 6 {
							require.Equal(t, i != failed, report.Steps[i].Done, name)
						}
					}
					server.ClearFaults()
					if leaverOf(server) != nil {
						_, err := client.OffboardMember(t.Context(), leaver, ldapi.OffboardOptions{})
						require.NoError(t, err, name)
					}
					require.Nil(t, leaverOf(server), name)
					require.Zero(t, tokensOf(server, false), name)
				})
			}
		}
	}
}

func formsOf(emails ...string) []ldapi.NewMemberForm {
	var forms []ldapi.NewMemberForm
	for _, email := range emails {
		forms = append(forms, ldapi.NewMemberForm{Email: email})
	}
	return forms
}

func TestInviteMissing(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	var emails, there []string
	for i := range 130 {
		email := fmt.Sprintf("user%d+%s@example.com", i, strings.Repeat("x", 40))
		if emails = append(emails, strings.ToUpper(email)); i%3 == 0 {
			there = append(there, email)
			server.AddMember(ldapitest.Member{Email: email})
		}
	}
	var seen []ldapi.Progress
	ctx := ldapi.ContextWithProgress(t.Context(), func(p ldapi.Progress) { seen = append(seen, p) })
	invited, existing, err := server.Client().InviteMissing(ctx, formsOf(emails...))
	require.NoError(t, err)
	assert.Len(t, invited, 86)
	assert.Equal(t, there, emailsOf(existing))
	posts := 0
	for _, r := range server.Requests() {
		assert.Less(t, len(r.RawQuery), 3000, "it fits a URL")
		if r.Method == http.MethodPost {
			posts++
		}
	}
	assert.Equal(t, 2, posts)
	assert.Equal(t, ldapi.Progress{Operation: "inviteMembers", Done: 86, Total: 86}, seen[len(seen)-1])

	invited, existing, err = server.Client().InviteMissing(t.Context(), formsOf(emails...))
	require.NoError(t, err)
	assert.Empty(t, invited)
	assert.Len(t, existing, 130)
	for _, bad := range [][]ldapi.NewMemberForm{nil, formsOf(""), formsOf("a@example.com", "A@example.com")} {
		_, _, err = server.Client().InviteMissing(t.Context(), bad)
		var refused *ldapi.ArgumentError
		require.ErrorAs(t, err, &refused)
	}
}

// TestInviteMissingRace: members that were invited by others between look and invitation exist, and the others are invited.
func TestInviteMissingRace(t *testing.T) {
	t.Parallel()
	for races, ok := range map[int]bool{1: true, 2: true, 3: false} {
		server, n := ldapitest.NewTestServer(t), 0
		race := func(next ldapi.RoundTrip) ldapi.RoundTrip {
			return func(req *http.Request) (*http.Response, error) {
				if req.Method == http.MethodPost && n < races {
					n++
					server.AddMember(ldapitest.Member{Email: fmt.Sprintf("user%d@example.com", n)})
				}
				return next(req)
			}
		}
		invited, existing, err := server.Client(ldapi.WithMiddleware(race)).
			InviteMissing(t.Context(), formsOf("user0@example.com", "user1@example.com", "user2@example.com", "user3@example.com"))
		if !ok {
			require.ErrorIs(t, err, ldapi.ErrEmailAlreadyInAccount)
			var failed *ldapi.InviteError
			require.ErrorAs(t, err, &failed)
			continue
		}
		require.NoError(t, err)
		assert.Len(t, invited, 4-races)
		assert.Len(t, existing, races)
	}
}

func TestInviteMissingFails(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	server.AddMember(ldapitest.Member{Email: "there@example.com"})
	forms := formsOf("there@example.com", "new@example.com")
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 403, Operation: "getMembers"})
	invited, existing, err := server.Client().InviteMissing(t.Context(), forms)
	require.ErrorIs(t, err, ldapi.ErrForbidden)
	assert.Empty(t, append(invited, existing...))
	assert.Len(t, server.Members(), 5, "who is there was not known")

	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 403, Operation: "postMembers"})
	_, existing, err = server.Client().InviteMissing(t.Context(), forms)
	require.ErrorIs(t, err, ldapi.ErrForbidden)
	assert.Equal(t, []string{"there@example.com"}, emailsOf(existing))
}

// TestProgressOfLists: it is reported by the goroutine that ranges, once for each page, also with Prefetch.
func TestProgressOfLists(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t, ldapitest.WithoutTotalCount())
	for i := range 10 {
		server.AddTeam(ldapitest.Team{Key: fmt.Sprint("t", i)})
	}
	for _, ahead := range []int{1, 4} {
		var seen []string
		ctx := ldapi.ContextWithProgress(t.Context(), func(p ldapi.Progress) { seen = append(seen, fmt.Sprint(p)) })
		_, err := server.Client().TeamsApi.GetTeams(ctx).Limit(4).Prefetch(ahead).Collect()
		require.NoError(t, err)
		assert.Equal(t, []string{"{getTeams 4 0}", "{getTeams 8 0}", "{getTeams 11 0}"}, seen)
	}
	var nobody context.Context
	ctx := ldapi.ContextWithProgress(ldapi.ContextWithProgress(nobody, func(ldapi.Progress) { t.Error("the outer one") }), func(ldapi.Progress) {})
	_, err := server.Client().AuditLogApi.GetAuditLogEntries(ctx).Collect()
	require.NoError(t, err)
	require.False(t, errors.Is(err, context.Canceled))
}
