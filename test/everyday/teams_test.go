package everyday_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

func TestTeamInstructions(t *testing.T) {
	t.Parallel()
	all, err := ldapi.AddAllMembersToTeams(ldapi.MembersExcept{Roles: []string{"reader"}, TeamKey: "x"}, "k1", "k2")
	require.NoError(t, err)
	for want, in := range map[string]ldapi.TeamInstruction{
		`{"kind":"updateName","value":"n"}`:                                                                 ldapi.SetTeamName("n"),
		`{"kind":"updateDescription","value":""}`:                                                           ldapi.SetTeamDescription(""),
		`{"kind":"addMembers","values":["m1","m2"]}`:                                                        ldapi.AddTeamMembers("m1", "m2"),
		`{"kind":"removeMembers","values":["m1"]}`:                                                          ldapi.RemoveTeamMembers("m1"),
		`{"kind":"replaceMembers","values":[]}`:                                                             ldapi.ReplaceTeamMembers(),
		`{"kind":"addCustomRoles","values":["r"]}`:                                                          ldapi.AddTeamRoles("r"),
		`{"kind":"removeCustomRoles","values":["r"]}`:                                                       ldapi.RemoveTeamRoles("r"),
		`{"actionSet":"maintainTeam","kind":"addPermissionGrants","memberIDs":["m"]}`:                       ldapi.AddTeamMaintainers("m"),
		`{"actionSet":"maintainTeam","kind":"removePermissionGrants","memberIDs":["m"]}`:                    ldapi.RemoveTeamMaintainers("m"),
		`{"actions":["a"],"kind":"addPermissionGrants","memberIDs":["m"]}`:                                  ldapi.AddTeamGrants([]string{"a"}, "m"),
		`{"actions":["a"],"kind":"removePermissionGrants","memberIDs":["m"]}`:                               ldapi.RemoveTeamGrants([]string{"a"}, "m"),
		`{"key":"k","kind":"addRoleAttribute","values":["v"]}`:                                              ldapi.AddTeamRoleAttribute("k", "v"),
		`{"key":"k","kind":"updateRoleAttribute","values":["v","w"]}`:                                       ldapi.SetTeamRoleAttribute("k", "v", "w"),
		`{"key":"k","kind":"removeRoleAttribute"}`:                                                          ldapi.RemoveTeamRoleAttribute("k"),
		`{"kind":"replaceRoleAttributes","value":{"k":["v"],"l":[]}}`:                                       ldapi.ReplaceTeamRoleAttributes(map[string][]string{"k": {"v"}, "l": nil}),
		`{"kind":"replaceRoleAttributes","value":{}}`:                                                       ldapi.ReplaceTeamRoleAttributes(nil),
		`{"kind":"addMembersToTeams","memberIDs":["m"],"teamKeys":["k"]}`:                                   ldapi.AddMembersToTeams([]string{"m"}, []string{"k"}),
		`{"filterRoles":"reader","filterTeamKey":"x","kind":"addAllMembersToTeams","teamKeys":["k1","k2"]}`: all,
	} {
		client, sent := tappedClient()
		_, _, err := client.TeamsApi.PatchTeam(t.Context(), "platform").Instructions(in).Execute()
		require.NoError(t, err)
		assert.Equal(t, `{"instructions":[`+want+`]}`, sent.only(t).body)
	}
}

// What could only fail, or do something else than was meant, is not sent.
func TestInstructionsThatAreRefused(t *testing.T) {
	t.Parallel()
	client, sent := tappedClient()
	for reason, in := range map[string][]ldapi.TeamInstruction{
		"has no instructions":                               nil,
		"updateName: value must not be empty":               {ldapi.SetTeamDescription("d"), ldapi.SetTeamName("")},
		"updateDescription: value is required":              {{"kind": "updateDescription"}},
		"addMembers: values must not be empty":              {ldapi.AddTeamMembers()},
		"removeMembers: values must not be empty":           {ldapi.RemoveTeamMembers("m1", "")},
		"replaceMembers: values is required":                {{"kind": "replaceMembers"}},
		"addCustomRoles: values must not be empty":          {{"kind": "addCustomRoles"}},
		"removeCustomRoles: values must not be empty":       {{"kind": "removeCustomRoles", "values": []interface{}{}}},
		"addPermissionGrants: memberIDs must not be empty":  {ldapi.AddTeamMaintainers()},
		"addPermissionGrants: actions must not be empty":    {ldapi.AddTeamGrants(nil, "m")},
		"removePermissionGrants: actions must not be empty": {{"kind": "removePermissionGrants", "memberIDs": []string{"m"}}},
		"addRoleAttribute: key must not be empty":           {ldapi.AddTeamRoleAttribute("", "v")},
		"updateRoleAttribute: values must not be empty":     {ldapi.SetTeamRoleAttribute("k")},
		"removeRoleAttribute: key must not be empty":        {ldapi.RemoveTeamRoleAttribute("")},
		"replaceRoleAttributes: value is required":          {{"kind": "replaceRoleAttributes"}},
	} {
		_, resp, err := client.TeamsApi.PatchTeam(t.Context(), "platform").Instructions(in...).Execute()
		require.EqualError(t, err, "ldapi: patchTeam: teamPatchInput: "+reason)
		assert.Nil(t, resp)
	}
	for reason, in := range map[string]ldapi.TeamInstruction{
		"addMembersToTeams: memberIDs must not be empty":   ldapi.AddMembersToTeams(nil, []string{"k"}),
		"addMembersToTeams: teamKeys must not be empty":    ldapi.AddMembersToTeams([]string{"m"}, nil),
		"addAllMembersToTeams: teamKeys must not be empty": {"kind": "addAllMembersToTeams"},
	} {
		_, _, err := client.TeamsBetaApi.PatchTeams(t.Context()).Instructions(in).Execute()
		require.EqualError(t, err, "ldapi: patchTeams: teamsPatchInput: "+reason)
	}
	_, err := ldapi.AddAllMembersToTeams(ldapi.MembersExcept{Everyone: true})
	assert.Equal(t, "teamKeys", refusedParameter(t, err))
	_, err = ldapi.AddAllMembersToTeams(ldapi.MembersExcept{}, "k")
	assert.Equal(t, "MembersExcept", refusedParameter(t, err))
	assert.Empty(t, sent.sent)
}

// A kind that is not known today is left to the server.
func TestUnknownInstructionsAreSent(t *testing.T) {
	t.Parallel()
	client, sent := tappedClient()
	in := ldapi.TeamInstruction{"kind": "archiveTeam", "values": []string{}}
	_, _, err := client.TeamsApi.PatchTeam(t.Context(), "platform").Instructions(in).Execute()
	require.NoError(t, err)
	assert.Equal(t, `{"instructions":[{"kind":"archiveTeam","values":[]}]}`, sent.only(t).body)
}

// The beta header goes with each request, unless the context names another version.
func TestBetaHeader(t *testing.T) {
	t.Parallel()
	add := ldapi.AddMembersToTeams([]string{"m"}, []string{"k"})
	client, sent := tappedClient(ldapi.WithAPIVersion("20220603"))
	_, _, err := client.TeamsBetaApi.PatchTeams(t.Context()).Instructions(add).Execute()
	require.NoError(t, err)
	assert.Equal(t, []string{"beta"}, sent.only(t).header["Ld-Api-Version"])

	client, sent = tappedClient()
	_, _, err = client.TeamsBetaApi.PatchTeams(ldapi.ContextWithAPIVersion(t.Context(), "20240415")).Instructions(add).Execute()
	require.NoError(t, err)
	assert.Equal(t, []string{"20240415"}, sent.only(t).header["Ld-Api-Version"])

	client, sent = tappedClient()
	_, _, err = client.TeamsApi.GetTeams(t.Context()).Execute()
	require.NoError(t, err)
	assert.Equal(t, []string{"20240415"}, sent.only(t).header["Ld-Api-Version"])

	server := ldapitest.NewTestServer(t)
	_, _, err = server.Client().TeamsBetaApi.PatchTeams(ldapi.ContextWithAPIVersion(t.Context(), "20240415")).Instructions(add).Execute()
	require.ErrorIs(t, err, ldapi.ErrForbidden)
}

func TestTeamMembers(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	for i := range 130 {
		server.AddMember(ldapitest.Member{Email: fmt.Sprintf("m%d@example.com", i), Teams: []string{ldapitest.PlatformTeamKey}})
	}
	n := 0
	for member, err := range server.Client().TeamMembers(t.Context(), ldapitest.PlatformTeamKey) {
		require.NoError(t, err)
		require.Len(t, member.Teams, 1)
		n++
	}
	assert.Equal(t, 131, n)
	for _, key := range []string{"", "a,b"} { // the filter would select other members
		for _, err := range server.Client().TeamMembers(t.Context(), key) {
			require.Error(t, err)
			var refused *ldapi.ArgumentError
			require.ErrorAs(t, err, &refused)
		}
	}
	for range server.Client().TeamMembers(t.Context(), ldapitest.PlatformTeamKey) {
		break // ends the requests
	}
}

// occupied adds a team with so many members and a maintainer that is none of them.
func occupied(server *ldapitest.Server, members int) {
	server.AddTeam(ldapitest.Team{Key: "busy"})
	for i := range members {
		server.AddMember(ldapitest.Member{Email: fmt.Sprintf("busy%d@example.com", i), Teams: []string{"busy"}})
	}
	server.AddMember(ldapitest.Member{Email: "mia@example.com", PermissionGrants: []ldapitest.PermissionGrant{
		{Resource: "team/busy", ActionSet: "maintainTeam"}}})
}

// sentTo counts the requests to an operation.
func sentTo(server *ldapitest.Server, operation string) int {
	n := 0
	for _, r := range server.Requests() {
		if r.Operation == operation {
			n++
		}
	}
	return n
}

func TestDetachAndDeleteTeam(t *testing.T) {
	t.Parallel()
	for conflicts, c := range map[int]struct {
		wait time.Duration
		ok   bool
	}{
		0: {0, true}, 1: {250 * time.Millisecond, true}, 2: {750 * time.Millisecond, true}, 3: {1750 * time.Millisecond, true},
		4: {1750 * time.Millisecond, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := ldapitest.NewTestServer(t, ldapitest.WithInMemory(), ldapitest.WithTeamDeletionConflicts(conflicts))
			defer server.Close()
			occupied(server, 230)
			start := time.Now()
			err := server.Client().DetachAndDeleteTeam(t.Context(), "busy")
			assert.Equal(t, c.wait, time.Since(start), "%d conflicts", conflicts)
			assert.Equal(t, 4, sentTo(server, "patchTeam"), "230 members in parts, and a maintainer")
			if c.ok {
				require.NoError(t, err)
				assert.Len(t, server.Teams(), 1)
				return
			}
			require.ErrorIs(t, err, ldapi.ErrConflict)
			assert.Len(t, server.Teams(), 2)
			require.NoError(t, server.Client().DetachAndDeleteTeam(t.Context(), "busy"), "and again")
		})
	}
}

// It ends with the context, keeps the reason why it waited, and can be called again after any failure.
func TestDetachAndDeleteTeamIsInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ldapitest.NewTestServer(t, ldapitest.WithInMemory(), ldapitest.WithTeamDeletionConflicts(3))
		defer server.Close()
		occupied(server, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err := server.Client().DetachAndDeleteTeam(ctx, "busy")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, ldapi.ErrConflict)

		for _, operation := range []string{"getTeamMaintainers", "getMembers", "deleteTeam"} {
			server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 403, Operation: operation})
			require.ErrorIs(t, server.Client().DetachAndDeleteTeam(t.Context(), "busy"), ldapi.ErrForbidden, operation)
		}
		require.NoError(t, server.Client().DetachAndDeleteTeam(t.Context(), "busy"))
		require.ErrorIs(t, server.Client().DetachAndDeleteTeam(t.Context(), "busy"), ldapi.ErrNotFound)
		assert.Equal(t, "teamKey", refusedParameter(t, server.Client().DetachAndDeleteTeam(t.Context(), "")))
	})
}

// A member who joins after the first look is removed in the next attempt.
func TestDetachAndDeleteTeamLooksAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
		defer server.Close()
		occupied(server, 3)
		joined := false
		late := func(next ldapi.RoundTrip) ldapi.RoundTrip {
			return func(req *http.Request) (*http.Response, error) {
				if req.Method == http.MethodDelete && !joined {
					joined = true
					server.AddMember(ldapitest.Member{Email: "late@example.com", Teams: []string{"busy"}})
				}
				return next(req)
			}
		}
		require.NoError(t, server.Client(ldapi.WithMiddleware(late)).DetachAndDeleteTeam(t.Context(), "busy"))
		assert.Equal(t, 2, sentTo(server, "deleteTeam"))
	})
}

func TestFailedOfBulkEditTeams(t *testing.T) {
	t.Parallel()
	var result ldapi.BulkEditTeamsRep
	assert.Nil(t, result.Failed())
	result.Errors = []map[string]string{{"k1": "one"}, {}, {"k2": "two", "k3": "three"}}
	assert.Equal(t, map[string]string{"k1": "one", "k2": "two", "k3": "three"}, result.Failed())
	var none *ldapi.BulkEditTeamsRep
	assert.Nil(t, none.Failed())
}

// failingReader fails after some bytes.
type failingReader struct {
	data io.Reader
	err  error
}

func (r *failingReader) Read(p []byte) (int, error) {
	n, err := r.data.Read(p)
	if err == io.EOF {
		err = r.err
	}
	return n, err
}

var errDisk = errors.New("disk on fire")

// Files that cannot be sent are refused, and nothing is sent.
func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	var none *os.File
	var nobody *bytes.Reader
	large := io.LimitReader(zeros{}, 25_000_001)
	for reason, set := range map[string]func(ldapi.ApiPostTeamMembersRequest) ldapi.ApiPostTeamMembersRequest{
		"is required":   func(r ldapi.ApiPostTeamMembersRequest) ldapi.ApiPostTeamMembersRequest { return r },
		"is required ":  func(r ldapi.ApiPostTeamMembersRequest) ldapi.ApiPostTeamMembersRequest { return r.File(none) },
		"is required  ": func(r ldapi.ApiPostTeamMembersRequest) ldapi.ApiPostTeamMembersRequest { return r.CSV(nobody) },
		"must not be empty": func(r ldapi.ApiPostTeamMembersRequest) ldapi.ApiPostTeamMembersRequest {
			return r.CSV(strings.NewReader(""))
		},
		"must not be larger than 25000000 bytes": func(r ldapi.ApiPostTeamMembersRequest) ldapi.ApiPostTeamMembersRequest { return r.CSV(large) },
		"cannot be read: disk on fire": func(r ldapi.ApiPostTeamMembersRequest) ldapi.ApiPostTeamMembersRequest {
			return r.CSV(&failingReader{strings.NewReader("noor@example.com\n"), errDisk})
		},
	} {
		client, sent := tappedClient()
		report, resp, err := set(client.TeamsApi.PostTeamMembers(t.Context(), "platform")).Execute()
		require.EqualError(t, err, "ldapi: postTeamMembers: file: "+strings.TrimSpace(reason))
		assert.Equal(t, "file", refusedParameter(t, err))
		assert.Equal(t, strings.Contains(reason, "disk"), errors.Is(err, errDisk))
		assert.Nil(t, report)
		assert.Nil(t, resp)
		assert.Empty(t, sent.sent)
	}
	client, sent := tappedClient()
	_, _, err := client.TeamsApi.PostTeamMembers(t.Context(), "").CSV(strings.NewReader("x")).Execute()
	assert.Equal(t, "teamKey", refusedParameter(t, err))
	assert.Empty(t, sent.sent)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// A file of just 25 MB is sent; the server gets its bytes and, of a file on disk, its name. The file is closed.
func TestFilesThatAreSent(t *testing.T) {
	t.Parallel()
	client, sent := tappedClient()
	_, _, err := client.TeamsApi.PostTeamMembers(t.Context(), "platform").CSV(io.LimitReader(zeros{}, 25_000_000)).Execute()
	require.NoError(t, err)
	assert.Greater(t, len(sent.only(t).body), 25_000_000)

	for _, refuse := range []bool{false, true} {
		name := filepath.Join(t.TempDir(), `the "members".csv`)
		require.NoError(t, os.WriteFile(name, []byte("noor@example.com\n"), 0o600))
		file, err := os.Open(name)
		require.NoError(t, err)
		client, sent = tappedClient()
		if refuse {
			client, sent = tappedClient(ldapi.WithMiddleware(func(ldapi.RoundTrip) ldapi.RoundTrip {
				return func(*http.Request) (*http.Response, error) { return nil, errDisk }
			}))
		}
		_, _, err = client.TeamsApi.PostTeamMembers(t.Context(), "platform").File(file).Execute()
		_, closed := file.Stat()
		require.ErrorIs(t, closed, os.ErrClosed)
		if refuse {
			require.ErrorIs(t, err, errDisk)
			continue
		}
		require.NoError(t, err)
		assert.Contains(t, sent.only(t).body, "\r\nnoor@example.com\n\r\n")
		assert.Contains(t, sent.only(t).body, `name="file"; filename="the \"members\".csv"`)
	}
}

// The last of File and CSV wins; a retry sends the same bytes although the reader can be read once only.
func TestUploadIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
		defer server.Close()
		server.Fail(ldapitest.Fault{Kind: ldapitest.FaultBareRateLimit, Count: 2})
		report, _, err := server.Client().TeamsApi.PostTeamMembers(t.Context(), ldapitest.PlatformTeamKey).
			File(nil).CSV(io.MultiReader(strings.NewReader("remy.reed@"), strings.NewReader("example.com\n"))).Execute()
		require.NoError(t, err)
		assert.Len(t, report.Items, 1)
		sent := server.Requests()
		require.Len(t, sent, 3)
		assert.Equal(t, sent[0].Body, sent[2].Body)
	})
}

// 207 is an error that holds what is wrong with which row, and nobody was added.
func TestRejectedImport(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	file := "email,name\nremy.reed@example.com,Remy\nnot an address\n\"\",empty\nwendy.walsh@example.com\nremy.reed@example.com\nstranger@example.com\n"
	report, resp, err := server.Client().TeamsApi.PostTeamMembers(t.Context(), ldapitest.PlatformTeamKey).CSV(strings.NewReader(file)).Execute()
	require.ErrorIs(t, err, ldapi.ErrImportRejected)
	require.NotErrorIs(t, err, ldapi.ErrOutcomeUnknown)
	assert.Nil(t, report)
	assert.Equal(t, 207, resp.StatusCode)
	var apiError *ldapi.GenericOpenAPIError
	require.ErrorAs(t, err, &apiError)
	assert.Equal(t, 207, apiError.StatusCode())
	assert.Equal(t, 1, apiError.Attempts())
	rejected, ok := apiError.Model().(ldapi.TeamImportsRep)
	require.True(t, ok)
	var rows []string
	for _, item := range rejected.GetItems() {
		rows = append(rows, strings.Join([]string{item.GetStatus(), item.GetValue(), item.GetMessage()}, "|"))
	}
	assert.Equal(t, []string{
		"success|remy.reed@example.com|",
		"error|not an address|Line 3: invalid formatting",
		"error||Line 4: empty row",
		"error|wendy.walsh@example.com|Line 5: email already exists in the specified team",
		"error|remy.reed@example.com|Line 6: duplicate entry",
		"error|stranger@example.com|Line 7: email does not belong to a LaunchDarkly member",
	}, rows)
	for _, m := range server.Members() {
		assert.Equal(t, m.ID == ldapitest.WriterID, len(m.Teams) == 1)
	}
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, string(apiError.Body()), string(body))
}
