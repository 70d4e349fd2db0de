package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

var (
	noon  = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)
	renew = flag.Bool("renew", false, "write the golden files")
)

func demo(t testing.TB) *audit {
	t.Helper()
	a, err := settings{demo: true, days: 30, now: func() time.Time { return noon }}.audit(context.Background(), io.Discard)
	require.NoError(t, err)
	return a
}

// TestDemoFindings: the data of the page, not its look. Renew the file with go test ./examples/access-audit -renew.
func TestDemoFindings(t *testing.T) {
	t.Parallel()
	a := demo(t)
	assert.Len(t, a.Members, people)
	got, err := json.MarshalIndent(map[string]any{"findings": a.Findings, "charts": []chart{a.membersByRole(), a.tokensByAge(), a.lastSeenByMonth()},
		"events": len(a.Events), "teams": a.Teams, "roles": a.Roles}, "", "  ")
	require.NoError(t, err)
	golden := filepath.Join("testdata", "demo.json")
	if *renew {
		require.NoError(t, os.WriteFile(golden, append(got, '\n'), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got)+"\n")
	rules := map[string]bool{}
	for _, f := range a.Findings {
		rules[f.Rule] = true
	}
	assert.Len(t, rules, 7, "the demo shows each rule")
}

func at(days int) time.Time { return noon.AddDate(0, 0, -days) }

func past(days int) *time.Time {
	t := at(days)
	return &t
}

// TestRules: what each rule finds, and what it leaves alone.
func TestRules(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		audit audit
		want  string
	}{
		"admin without MFA":    {audit{Members: []member{{Email: "a", Role: "admin", MFA: "disabled", LastSeen: past(1)}}}, "admin-without-mfa a: is admin and signs in without a second factor"},
		"owner without MFA":    {audit{Members: []member{{Email: "a", Role: "owner", MFA: "disabled", LastSeen: past(1)}}}, "admin-without-mfa a: is owner and signs in without a second factor"},
		"admin with MFA":       {audit{Members: []member{{Email: "a", Role: "admin", MFA: "enabled", LastSeen: past(1)}}}, ""},
		"invited admin":        {audit{Members: []member{{Email: "a", Role: "admin", MFA: "disabled", Pending: true, Created: at(200)}}}, ""},
		"writer without MFA":   {audit{Members: []member{{Email: "a", Role: "writer", MFA: "disabled", LastSeen: past(1)}}}, ""},
		"idle":                 {audit{Members: []member{{Email: "a", LastSeen: past(91)}}}, "member-idle a: was last active on 2026-03-02"},
		"just active":          {audit{Members: []member{{Email: "a", LastSeen: past(90)}}}, ""},
		"never active":         {audit{Members: []member{{Email: "a", Created: at(91)}}}, "member-idle a: joined on 2026-03-02 and was never active"},
		"new":                  {audit{Members: []member{{Email: "a", Created: at(2)}}}, ""},
		"departed":             {audit{Tokens: []token{{Name: "t", Owner: "m", Departed: true, LastUsed: past(1)}}}, "token-of-departed-member t: its member m is not in the account"},
		"open policy":          {audit{Tokens: []token{{Name: "t", AllowsAll: true, LastUsed: past(1)}}}, "policy-allows-everything t: its inline policy allows all actions on all resources"},
		"old service token":    {audit{Tokens: []token{{Name: "t", Service: true, Created: at(366), LastUsed: past(1)}}}, "service-token-old t: was created on 2025-05-31"},
		"young service token":  {audit{Tokens: []token{{Name: "t", Service: true, Created: at(365), LastUsed: past(1)}}}, ""},
		"old personal token":   {audit{Tokens: []token{{Name: "t", Created: at(800), LastUsed: past(1)}}}, ""},
		"idle token":           {audit{Tokens: []token{{Name: "t", Created: at(300), LastUsed: past(91)}}}, "token-idle t: was last used on 2026-03-02"},
		"token never used":     {audit{Tokens: []token{{Name: "t", Created: at(8)}}}, "token-idle t: was created on 2026-05-24 and never used"},
		"new token":            {audit{Tokens: []token{{Name: "t", Created: at(6)}}}, ""},
		"role without holders": {audit{Roles: []role{{Key: "r", Statements: 2}}}, "role-unassigned r: no member, team or token has this role of 2 statements"},
		"role of a team":       {audit{Roles: []role{{Key: "r", Teams: 1}}}, ""},
		"role of a token":      {audit{Roles: []role{{Key: "r", Tokens: 1}}}, ""},
	} {
		c.audit.Time = noon
		c.audit.judge()
		var got []string
		for _, f := range c.audit.Findings {
			assert.NotEmpty(t, f.Fix, name)
			got = append(got, f.Rule+" "+f.Subject+": "+f.Reason)
		}
		assert.Equal(t, c.want, strings.Join(got, "\n"), name)
	}
}

// TestCollect: what is read of an account ends up in the right place.
func TestCollect(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t, ldapitest.WithClock(func() time.Time { return noon }), ldapitest.WithPageLimits(2, 2))
	for i := range 30 {
		server.AddRole(ldapitest.Role{Key: fmt.Sprintf("r%02d", i)})
	}
	var keys []string
	for _, r := range server.Roles()[2:] {
		keys = append(keys, r.Key)
	}
	server.AddTeam(ldapitest.Team{Key: "big", CustomRoleKeys: keys})
	server.AddMember(ldapitest.Member{Email: "ann@example.com", FirstName: "Ann", Role: "writer", CustomRoles: []string{"people-manager"}, Teams: []string{"big"},
		MFA: "enabled", LastSeen: at(3), CreationDate: at(9), PermissionGrants: []ldapitest.PermissionGrant{{Resource: "team/big", ActionSet: "maintainTeam"}}})
	server.AddToken(ldapitest.Token{Name: "roles", CustomRoleIDs: []string{"people-manager", "r00"}})
	server.AddToken(ldapitest.Token{Name: "open", InlineRole: []ldapitest.Statement{{Effect: "allow", NotResources: []string{"acct"}, Actions: []string{"*"}}}})
	server.AddToken(ldapitest.Token{Name: "narrow", InlineRole: []ldapitest.Statement{{Effect: "deny", Resources: []string{"*"}, Actions: []string{"*"}}, {Effect: "allow", Resources: []string{"proj/*"}, Actions: []string{"*"}}}})
	server.AddAuditEntry(ldapitest.AuditEntry{Date: at(31), Resources: []string{"member/x"}})
	server.AddAuditEntry(ldapitest.AuditEntry{Date: at(29), Resources: []string{"member/x"}, Name: "x", MemberID: ldapitest.OwnerID, Comment: "why"})
	server.AddAuditEntry(ldapitest.AuditEntry{Date: at(1), Resources: []string{"member/x:token/y"}, Name: "y", TokenID: ldapitest.ServiceTokenID})
	server.AddAuditEntry(ldapitest.AuditEntry{Date: at(2), Resources: []string{"team/big"}, Name: "not this one"})
	a, err := collect(t.Context(), server.Client(), noon, 30)
	require.NoError(t, err)
	ann := a.Members[1]
	assert.Equal(t, member{ID: ann.ID, Email: "ann@example.com", Name: "Ann", Role: "writer", Roles: []string{"people-manager"}, Teams: []string{"big"}, MFA: "enabled",
		Created: at(9), LastSeen: past(3)}, ann)
	tokens := map[string]token{}
	for _, k := range a.Tokens {
		tokens[k.Name] = k
	}
	assert.Equal(t, "people-manager, r00", tokens["roles"].Permission)
	assert.True(t, tokens["open"].AllowsAll)
	assert.False(t, tokens["narrow"].AllowsAll)
	assert.Equal(t, "policy of 2 statements", tokens["narrow"].Permission)
	assert.Equal(t, "olga.owens@example.com", tokens["owner"].Owner)
	assert.Equal(t, team{Key: "big", Name: "big", Members: 1, Maintainers: 1, Roles: keys}, a.Teams[0], "more roles than an expansion has")
	assert.Equal(t, []event{{at(1), "service", "service updated the token y", ""}, {at(29), "olga.owens@example.com", "Olga Owens updated the member x", "why"}}, a.Events)
	for _, r := range a.Roles {
		if r.Key == "people-manager" {
			assert.Equal(t, []int{1, 0, 1}, []int{r.Members, r.Teams, r.Tokens})
		}
	}
	a, err = collect(t.Context(), server.Client(), noon, 0)
	require.NoError(t, err)
	assert.Empty(t, a.Events)
	for _, operation := range []string{"getCustomRoles", "getMembers", "getTokens", "getTeams", "getTeamRoles", "getAuditLogEntries"} {
		server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusForbidden, Operation: operation})
		_, err := collect(t.Context(), server.Client(), noon, 30)
		require.ErrorIs(t, err, ldapi.ErrForbidden, operation)
		require.ErrorContains(t, err, "reading ", operation)
	}
}

var outside = regexp.MustCompile(`(?i)(src|href|url\(|@import|https?://)`)

// TestPageIsSelfContained: it loads nothing, and what users wrote does not become markup.
func TestPageIsSelfContained(t *testing.T) {
	t.Parallel()
	a := demo(t)
	a.Members[0].Name = `<script>alert("x")</script>`
	var b bytes.Buffer
	require.NoError(t, writeHTML(&b, a))
	assert.Empty(t, outside.FindString(b.String()))
	assert.Contains(t, b.String(), "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;")
	assert.NotContains(t, b.String(), "api-", "no secret")
	b.Reset()
	require.NoError(t, writeHTML(&b, &audit{Time: noon}))
	assert.Contains(t, b.String(), "Every rule is met.")
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	_, noFolder := os.Create(dir + "/none/a.html") // in the words of the system
	for _, c := range []struct {
		args   string
		status int
		stderr string
	}{
		{"-demo", exitOK, ""}, {"-demo -fail", exitFindings, ""}, {"-demo -out " + dir + "/a.html -fail", exitFindings, ""}, {"-h", exitOK, "-days"},
		{"-demo -out " + dir + "/a.csv", exitOK, ""}, {"-demo -out " + dir + "/a.json -days 0", exitOK, ""},
		{"-out a.pdf", exitUsage, "must end in"}, {"-out " + dir + "/a", exitUsage, "must end in"}, {"-days -1", exitUsage, "negative"}, {"x", exitUsage, "must end in"},
		{"-nonsense", exitUsage, "nonsense"}, {"-demo -out " + dir + "/none/a.html", exitFailure, noFolder.Error()}, {"", exitFailure, "LD_ACCESS_TOKEN"},
	} {
		t.Setenv("LD_ACCESS_TOKEN", "")
		t.Setenv("LAUNCHDARKLY_ACCESS_TOKEN", "")
		var stdout, stderr bytes.Buffer
		assert.Equal(t, c.status, run(t.Context(), strings.Fields(c.args), &stdout, &stderr, false), c.args)
		assert.Contains(t, stderr.String(), c.stderr, c.args)
		assert.NotContains(t, stdout.String(), "api-", "no secret")
	}
	var a audit
	text, err := os.ReadFile(dir + "/a.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &a))
	assert.Len(t, a.Members, people)
	assert.Empty(t, a.Events)

	server := ldapitest.NewTestServer(t)
	t.Setenv("LD_ACCESS_TOKEN", ldapitest.AdminToken)
	t.Setenv("LD_BASE_URI", server.URL)
	var stdout, stderr bytes.Buffer
	assert.Equal(t, exitOK, run(t.Context(), nil, &stdout, &stderr, true))
	assert.Contains(t, stdout.String(), "wendy.walsh@example.com")
	assert.Contains(t, stderr.String(), "getMembers: 4 of 4", "progress, on a terminal")
	for _, r := range server.Requests() {
		assert.Equal(t, http.MethodGet, r.Method)
	}
}

// FuzzCSV: whatever names people chose, no cell is a formula and no line is lost.
func FuzzCSV(f *testing.F) {
	for _, text := range []string{"", "=1+1", "+1", "-1", "@x", "\t=1", "\r\n=1", `"`, "a,b", "größe", "\x00", "=cmd|' /C calc'!A0"} {
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, name, comment string) {
		a := &audit{Time: noon, Members: []member{{ID: "m", Email: comment, Name: name, Roles: []string{name}}}, Tokens: []token{{ID: "t", Name: name, Owner: comment, Permission: name}},
			Teams: []team{{Key: name, Name: comment}}, Roles: []role{{ID: "r", Key: comment, Name: name}}}
		a.judge()
		var b bytes.Buffer
		require.NoError(t, writeCSV(&b, a))
		r := csv.NewReader(&b)
		r.FieldsPerRecord = 12
		rows, err := r.ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 5)
		for _, row := range rows {
			for _, cell := range row {
				require.False(t, cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n"), "%q", cell)
			}
		}
		b.Reset()
		require.NoError(t, writeTable(&b, a))
		require.NotContains(t, b.String(), "\x1b")
	})
}
