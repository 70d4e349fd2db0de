package docs

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// accessClaims are those of the guides about tokens, callers and the audit log.
var accessClaims = map[string]claim{
	"rotate-tokens.md: Rotate tokens 1":                asserts(rotates),
	"audit-tokens.md: Audit access tokens 1":           asserts(writesCSV),
	"audit-tokens.md: Find tokens that are not used 1": asserts(findsIdleTokens),
	"audit-tokens.md: See what tokens may do 1":        asserts(showsRolesOfTokens),
	"audit-tokens.md: Find the token of a secret 1":    asserts(replacesLeakedSecret),
	"caller.md: Find out who is calling 1":             apart(oauthCaller, "", tellsCallers),
	"caller.md: Check a credential before a job 1":     asserts(checksCredential),
	"caller.md: Read versions and addresses 1":         prints("20240415 of 20240415 [198.51.100.7/32]\n"),
	"caller.md: Read the name of the account 1":        asserts(readsAccount),
	"audit-log.md: Read the audit log 1":               asserts(readsLastDay),
	"audit-log.md: Select entries 1":                   asserts(searchesEntries),
	"audit-log.md: See what a change was 1":            asserts(showsChange),
	"audit-log.md: Count changes 1":                    asserts(countsChanges),
	"audit-log.md: Continue after an error 1":          asserts(continuesLog),
	"paging.md: Lists that are read by time 1":         asserts(readsWeek),
	"vet.md: Check your code with go vet 1":            asserts(printsAllNames),
}

func rotates(t *testing.T, p program) {
	a := p.account(t)
	a.token = ldapitest.ServiceToken
	require.Regexp(t, "^rotated .+\n$", a.run())
	token := a.tokenOf(ldapitest.ServiceTokenID)
	require.NotEqual(t, ldapitest.ServiceToken, token.Secret)
	require.Equal(t, ldapitest.ServiceToken, token.OldSecrets[0].Secret)
	require.WithinDuration(t, time.Now().Add(24*time.Hour), token.OldSecrets[0].Expires, time.Minute, "the old one works in the grace period")
	require.Equal(t, 1, a.count("resetToken", 200))

	a = p.account(t)
	a.token = ldapitest.WriterToken // members may rotate their own tokens
	require.Regexp(t, "^rotated .+\n$", a.run())
	require.NotEqual(t, ldapitest.WriterToken, a.tokenOf(ldapitest.WriterTokenID).Secret)

	a = p.account(t)
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultCloseAfterCommit, Operation: "resetToken"})
	a.fail()
	require.Equal(t, 1, a.count("resetToken", 0), "such a call is not retried")
	require.Regexp(t, "^rotated .+\n$", a.run(), "nothing is lost: the old secret works")
}

func writesCSV(t *testing.T, p program) {
	a := p.account(t)
	created := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range 60 { // more than a page
		a.AddToken(ldapitest.Token{Name: fmt.Sprint("token ", i), MemberID: ldapitest.ReaderID})
	}
	a.AddToken(ldapitest.Token{ID: exampleTokenID, Name: `"ci", old`, MemberID: ldapitest.WriterID, Role: "writer", CreationDate: created, LastUsed: created.AddDate(0, 1, 0)})
	rows, err := csv.NewReader(strings.NewReader(a.run())).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+5+61)
	require.Equal(t, []string{"id", "name", "member", "service", "role", "created", "last used"}, rows[0])
	require.Equal(t, []string{exampleTokenID, `"ci", old`, "wendy.walsh@example.com", "false", "writer", "2026-01-02", "2026-02-02"}, rows[66])
	require.Equal(t, "never", rows[65][6])

	a.refuse("getTokens", 1)
	a.fail()
}

func findsIdleTokens(t *testing.T, p program) {
	a := p.account(t)
	before, long := len(strings.Split(a.run(), "\n")), time.Now().AddDate(-1, 0, 0)
	a.AddToken(ldapitest.Token{Name: "idle", CreationDate: long, LastUsed: time.Now().AddDate(0, 0, -100)})
	a.AddToken(ldapitest.Token{Name: "never", CreationDate: long})
	a.AddToken(ldapitest.Token{Name: "used", CreationDate: long, LastUsed: time.Now().AddDate(0, 0, -80)})
	a.AddToken(ldapitest.Token{Name: "new"})
	out := a.run()
	require.Regexp(t, `(?m)^[0-9a-f]{24} idle adam.adler@example.com\n[0-9a-f]{24} never adam.adler@example.com$`, out)
	require.Len(t, strings.Split(out, "\n"), before+2)
}

func showsRolesOfTokens(t *testing.T, p program) {
	a := p.account(t)
	a.AddToken(ldapitest.Token{Name: "by-role", CustomRoleIDs: []string{"release-manager", "people-manager"}})
	a.AddToken(ldapitest.Token{Name: "by-policy", InlineRole: []ldapitest.Statement{{Effect: "allow", Resources: []string{"proj/*"}, Actions: []string{"*"}}}})
	_, err := a.Client().CustomRolesApi.DeleteCustomRole(t.Context(), "release-manager").Execute()
	require.NoError(t, err)
	out := a.run()
	require.Contains(t, out, " admin [] 0 statements\n")
	require.Contains(t, out, "by-role  [people-manager] 0 statements\n")
	require.Contains(t, out, "by-policy  [] 1 statements\n")
}

func replacesLeakedSecret(t *testing.T, p program) {
	a := p.account(t)
	require.Equal(t, "it opens nothing\n", a.run())
	const leaked = "api-1b2c3d4e-5f60-4a11-8b21-6f0d1e2f3b11"
	a.AddToken(ldapitest.Token{ID: exampleTokenID, Name: "laptop", Secret: leaked, MemberID: ldapitest.ReaderID})
	require.Equal(t, "rotated laptop of remy.reed@example.com\n", a.run())
	require.NotEqual(t, leaked, a.tokenOf(exampleTokenID).Secret)
	require.Equal(t, "it opens nothing\n", a.run())
}

// oauthCaller makes the client call with the token of an OAuth app, on request.
const oauthCaller = "if os.Getenv(\"BEARER\") != \"\" {\nclient = ldapi.New(ldapi.WithBearerToken(os.Getenv(\"LD_ACCESS_TOKEN\")))\n}\n"

func tellsCallers(t *testing.T, p program) {
	a := p.account(t)
	require.Equal(t, "adam.adler@example.com with the role admin\n", a.run())
	require.Equal(t, []string{"getCallerIdentity 200", "getMember 200"}, a.sent())
	a.token = ldapitest.ServiceToken
	require.Regexp(t, "^the service token .+\n$", a.run())
	require.Equal(t, []string{"getCallerIdentity 200"}, a.sent()[2:], "a service token acts for no member")
	require.Regexp(t, `^the OAuth app [0-9a-f]{24} with the scopes \[\]`+"\n$", a.run("BEARER=1"))
}

func checksCredential(t *testing.T, p program) {
	a := p.account(t)
	require.Empty(t, a.run())
	a.token = "unknown"
	_, stderr := a.fail()
	require.Contains(t, stderr, "the access token is not valid: 401 ")
}

// The endpoint is a bonus: without it the program continues.
func readsAccount(t *testing.T, p program) {
	a := p.account(t)
	require.Regexp(t, "^organization: .+\n$", a.run())
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 404})
	require.Equal(t, "organization: unknown\n", a.run())
}

// addEntries adds n entries, one a minute, the youngest of which is age old.
func (a *account) addEntries(n int, age time.Duration) {
	for i := range n {
		a.AddAuditEntry(ldapitest.AuditEntry{Name: fmt.Sprintf("team %d", i), Resources: []string{"team/x"}, Actions: []string{"updateTeamName"},
			Comment: fmt.Sprint("OPS-", i), Date: time.Now().Add(-age - time.Duration(n-i)*time.Minute)})
	}
}

// It prints what changed in the last 24 hours, newest first, of all pages, each entry once.
func readsLastDay(t *testing.T, p program) {
	a := p.account(t)
	a.addEntries(5, 25*time.Hour)
	a.addEntries(45, time.Hour)
	lines := strings.Split(strings.TrimSpace(a.run()), "\n")
	require.Len(t, lines, 45)
	for i, line := range lines {
		require.Regexp(t, fmt.Sprintf(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d .* team %d OPS-%d$`, 44-i, 44-i), line)
	}
}

func readsWeek(t *testing.T, p program) {
	a := p.account(t)
	a.addEntries(3, 8*24*time.Hour)
	a.addEntries(45, 24*time.Hour)
	require.Equal(t, 45, strings.Count(a.run(), "\n"))
}

func searchesEntries(t *testing.T, p program) {
	a := p.account(t)
	a.AddAuditEntry(ldapitest.AuditEntry{Name: "ci", Resources: []string{"service-token/66a0b1c2d3e4f50617283905"}, Actions: []string{"createAccessToken"},
		TokenID: ldapitest.ServiceTokenID})
	a.AddAuditEntry(ldapitest.AuditEntry{Name: "laptop", Resources: []string{"member/" + ldapitest.ReaderID + ":token/" + ldapitest.ReaderTokenID},
		Actions: []string{"deleteAccessToken"}, MemberID: ldapitest.ReaderID})
	a.AddAuditEntry(ldapitest.AuditEntry{Name: "renamed", Resources: []string{"service-token/66a0b1c2d3e4f50617283905"}, Actions: []string{"updateAccessTokenName"}})
	a.addEntries(1, time.Hour)
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultReset, Wait: time.Millisecond})
	lines := strings.Split(strings.TrimSpace(a.run()), "\n")
	require.Len(t, lines, 2, "%q", lines)
	require.Contains(t, lines[0]+lines[1], "laptop remy.reed@example.com")
	require.Contains(t, lines[0]+lines[1], "ci ")
	require.Equal(t, []string{"postAuditLogEntries 429", "postAuditLogEntries 200"}, a.sent(), "it is retried like a GET")
}

// It returns the patch, and the resource before and after it.
func showsChange(t *testing.T, p program) {
	a := p.account(t)
	a.AddAuditEntry(ldapitest.AuditEntry{ID: exampleEntryID, Name: "Dev", Resources: []string{"member/" + exampleMemberID}, Actions: []string{"updateRole"},
		Delta: json.RawMessage(`[{"op":"replace","path":"/role","value":"writer"}]`), PreviousVersion: json.RawMessage(`{"role":"reader"}`), CurrentVersion: json.RawMessage(`{"role":"writer"}`)})
	out := a.run()
	require.Regexp(t, `^\[\{.*"/role".*\}\]`+"\nbefore: map\\[role:reader\\]\nafter: map\\[role:writer\\]\n$", out)
}

func countsChanges(t *testing.T, p program) {
	a := p.account(t)
	for i := range 7 {
		for range i + 1 {
			a.AddAuditEntry(ldapitest.AuditEntry{Resources: []string{"member/" + exampleMemberID}, Actions: []string{"updateRole"},
				Date: time.Now().Add(-time.Duration(i*24+12) * time.Hour)})
		}
	}
	a.AddAuditEntry(ldapitest.AuditEntry{Resources: []string{"member/" + exampleMemberID}, Actions: []string{"updateRole"}, Date: time.Now().AddDate(0, 0, -9)})
	a.addEntries(3, time.Hour) // about a team
	var counts []string
	for _, line := range strings.Split(strings.TrimSpace(a.run()), "\n") {
		counts = append(counts, strings.Fields(line)[1])
	}
	slices.Sort(counts)
	require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7"}, counts)
}

// 45 entries exist, some of one millisecond at the border of the pages. Wherever the list fails, none is lost or read twice.
func continuesLog(t *testing.T, p program) {
	for page := 1; page <= 2; page++ {
		a := p.account(t)
		start := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
		for i := range 45 {
			a.AddAuditEntry(ldapitest.AuditEntry{Resources: []string{"team/x"}, Date: start.Add(time.Duration(i/3) * time.Millisecond)})
		}
		a.refuse("getAuditLogEntries", page)
		require.Equal(t, "45 entries\n", a.run())
		require.Equal(t, 1, a.count("getAuditLogEntries", 403))
	}
	a := p.account(t)
	a.addEntries(45, time.Hour)
	a.refuse("getAuditLogEntries", 0)
	stdout, _ := a.fail()
	require.Empty(t, stdout, "if the first page fails, nothing was read")
}

func printsAllNames(t *testing.T, p program) {
	a := p.account(t)
	for i := range 70 {
		a.AddToken(ldapitest.Token{Name: fmt.Sprint("token ", i)})
	}
	out := a.run()
	require.Equal(t, 75, strings.Count(out, "\n"))
	require.Contains(t, out, "token 69\n")
}
