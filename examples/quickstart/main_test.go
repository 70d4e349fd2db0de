package main

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

func TestQuickstart(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), &out, false))
	for _, want := range []string{
		"1. Create a service token", "ci-deploys   service  writer", "now called ci-deploys-eu", "204 No Content",
		"sam@example.com is a writer now", "Night shift has members: 1", "role writer  custom roles [on-call]", "Adam Adler created the role On-call",
		"404 Not Found: Invalid resource identifier (not_found)",
		"no member was invited, because of [adam.adler@example.com]",
	} {
		require.Contains(t, out.String(), want)
	}
	require.NotContains(t, out.String(), "api-", "no secret is printed")
}

func TestQuickstartLiveOnlyReads(t *testing.T) {
	server := ldapitest.NewTestServer(t)
	t.Setenv("LD_ACCESS_TOKEN", ldapitest.AdminToken)
	t.Setenv("LD_BASE_URI", server.URL)
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), &out, true))
	require.Contains(t, out.String(), "adam.adler@example.com")
	require.NotContains(t, out.String(), "api-", "no secret is printed")
	require.NotEmpty(t, server.Requests())
	for _, r := range server.Requests() {
		require.Equal(t, http.MethodGet, r.Method)
	}
}

func TestQuickstartLiveNeedsToken(t *testing.T) {
	t.Setenv("LD_ACCESS_TOKEN", "")
	t.Setenv("LAUNCHDARKLY_ACCESS_TOKEN", "")
	require.ErrorContains(t, run(context.Background(), &bytes.Buffer{}, true), "LD_ACCESS_TOKEN")
}

// TestQuickstartFails: every step that the server refuses ends the tour with its error, and no later step runs.
func TestQuickstartFails(t *testing.T) {
	for operation, step := range map[string]func(*tour, context.Context) error{
		"postToken": (*tour).createToken, "getTokens": (*tour).listTokens, "patchToken": (*tour).patchToken,
		"resetToken": (*tour).resetToken, "deleteToken": (*tour).deleteToken, "postMembers": (*tour).inviteMembers,
		"getMembers": (*tour).listMembers, "patchMember": (*tour).promoteMember, "deleteMember": (*tour).removeMember,
		"postCustomRole": (*tour).createTeam, "postTeam": (*tour).createTeam, "patchTeam": (*tour).createTeam,
		"getCustomRoles": (*tour).listTeam, "getAuditLogEntries": (*tour).readAuditLog,
		"getMember": (*tour).notFound, "": (*tour).rejectedInvitation,
	} {
		server := ldapitest.NewTestServer(t)
		server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusForbidden, Operation: operation})
		guide := &tour{out: new(bytes.Buffer), client: server.Client(), pageSize: 2, tokenID: "t", memberID: ldapitest.WriterID}
		err := show(t.Context(), guide, step, func(*tour, context.Context) error {
			t.Errorf("%s: the tour continues", operation)
			return nil
		})
		require.ErrorIs(t, err, ldapi.ErrForbidden, "%q", operation)
		requests := server.Requests()
		require.Equal(t, cmp.Or(operation, "postMembers"), requests[len(requests)-1].Operation, "it was the last one")
	}
}
