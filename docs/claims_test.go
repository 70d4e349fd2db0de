package docs

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// claim is what a document promises about a block of Go.
type claim struct {
	// before and after are statements around those of the block: before declares what the text takes for granted, after uses what
	// the block leaves.
	before, after string
	// check runs the block in the situations that the text describes, and asserts what the text promises there.
	check func(t *testing.T, p program)
	// file is what the block shows, instead of all that. The tests of its own module, which has requirements of its own, assert what
	// the text promises.
	file string
}

// claims has an entry for each block of the README and of the guides, by [program.key]. The blocks of the reference, which is
// generated, have one claim: [sendsOperation].
var claims = merged(readmeClaims, peopleClaims, accessClaims, callClaims)

func merged(tables ...map[string]claim) map[string]claim {
	all := map[string]claim{}
	for _, table := range tables {
		maps.Copy(all, table)
	}
	return all
}

// IDs in the examples of the API description, which the guides use too.
const (
	exampleTokenID  = "66a0b1c2d3e4f50617283940"
	exampleMemberID = "64b7f0c2a91e3d5f08c41a10"
	anotherMemberID = "5f00aa11bb22cc33dd44ee66"
	exampleEntryID  = "66c0ffee00112233445566aa"
)

// account is the LaunchDarkly that a program works on.
type account struct {
	*ldapitest.Server
	t     *testing.T
	p     program
	token string // the value of LD_ACCESS_TOKEN
	args  []string
}

// account returns a new account for the program. Each situation has its own.
func (p program) account(t *testing.T, opts ...ldapitest.Option) *account {
	t.Helper()
	return &account{Server: ldapitest.NewTestServer(t, opts...), t: t, p: p, token: ldapitest.AdminToken}
}

// run runs the program, which has to succeed without a word on the standard error, and returns its output.
func (a *account) run(env ...string) string {
	a.t.Helper()
	stdout, stderr, err := a.start(env...)
	require.NoError(a.t, err, "stdout: %s\nstderr: %s", stdout, stderr)
	require.Empty(a.t, stderr)
	return stdout
}

// fail runs the program, which has to fail, and returns its output and what it wrote to the standard error.
func (a *account) fail(env ...string) (stdout, stderr string) {
	a.t.Helper()
	stdout, stderr, err := a.start(env...)
	var exit *exec.ExitError
	require.ErrorAs(a.t, err, &exit, "stdout: %s\nstderr: %s", stdout, stderr)
	require.Equal(a.t, 1, exit.ExitCode(), stderr)
	return stdout, stderr
}

func (a *account) start(env ...string) (stdout, stderr string, err error) {
	a.t.Helper()
	cmd := exec.Command(a.p.binary, a.args...)
	cmd.Env = append(append(os.Environ(), "LD_ACCESS_TOKEN="+a.token, "LD_BASE_URI="+a.URL), env...)
	cmd.Stdin = strings.NewReader("email\nremy.reed@example.com\n") // a file for the program that uploads one
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	require.NotContains(a.t, out.String()+errs.String(), "api-", "no secret is printed")
	return out.String(), errs.String(), err
}

// sent returns the operations that were requested, with the status of each.
func (a *account) sent() []string {
	var all []string
	for _, r := range a.Requests() {
		all = append(all, fmt.Sprint(r.Operation, " ", r.Status))
	}
	return all
}

// count returns how many requests of an operation were answered with a status.
func (a *account) count(operation string, status int) int {
	n := 0
	for _, r := range a.Requests() {
		if r.Operation == operation && r.Status == status {
			n++
		}
	}
	return n
}

// addMembers adds n members with the addresses person0@example.com and so on.
func (a *account) addMembers(n int) {
	for i := range n {
		a.AddMember(ldapitest.Member{Email: fmt.Sprintf("person%d@example.com", i)})
	}
}

// addExample adds the member whose ID and address the guides use.
func (a *account) addExample() {
	a.AddMember(ldapitest.Member{ID: exampleMemberID, Email: "dev+flags@example.com", LastSeen: time.Now().Add(-time.Hour)})
}

func (a *account) memberOf(id string) ldapitest.Member {
	a.t.Helper()
	return find(a.t, a.Members(), id, func(m ldapitest.Member) string { return m.ID })
}

func (a *account) tokenOf(id string) ldapitest.Token {
	a.t.Helper()
	return find(a.t, a.Tokens(), id, func(token ldapitest.Token) string { return token.ID })
}

func find[T any](t *testing.T, all []T, id string, idOf func(T) string) T {
	t.Helper()
	i := slices.IndexFunc(all, func(v T) bool { return idOf(v) == id })
	require.GreaterOrEqual(t, i, 0, "nothing has the ID %s", id)
	return all[i]
}

func (a *account) emails() []string {
	var all []string
	for _, m := range a.Members() {
		all = append(all, m.Email)
	}
	return all
}

// refuse makes the next request of an operation fail in a way that no retry changes.
func (a *account) refuse(operation string, skip int) {
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 403, Operation: operation, Skip: skip})
}

// prints runs the program in a new account, and compares its output.
func prints(want string) claim {
	return claim{check: func(t *testing.T, p program) { require.Equal(t, want, p.account(t).run()) }}
}

// passes runs a test program: its test asserts what the text claims.
func passes(test string) claim {
	return claim{check: func(t *testing.T, p program) {
		out, err := exec.Command(p.binary, "-test.v").CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Contains(t, string(out), "--- PASS: "+test+" ")
	}}
}

// sendsOperation is the claim of a block in the reference: its last request is one of the operation that it is about, and succeeds.
func sendsOperation(t *testing.T, p program) {
	a := p.account(t)
	a.AddToken(ldapitest.Token{ID: exampleTokenID, Name: "example", Role: "reader", MemberID: ldapitest.AdminID})
	a.AddTeam(ldapitest.Team{Key: "checkout", Name: "Checkout"})
	for i, id := range []string{exampleMemberID, anotherMemberID, "64b7f0c2a91e3d5f08c41a12"} {
		a.AddMember(ldapitest.Member{ID: id, Email: fmt.Sprintf("example%d@example.com", i), Role: "reader"})
	}
	a.AddAuditEntry(ldapitest.AuditEntry{ID: exampleEntryID, Name: "Platform", Actions: []string{"updateTeamName"}, Resources: []string{"team/platform"}})
	if p.heading == "DeleteTeam" { // which is refused for a team with members
		_, _, err := a.Client().TeamsApi.PatchTeam(t.Context(), ldapitest.PlatformTeamKey).Instructions(ldapi.ReplaceTeamMembers()).Execute()
		require.NoError(t, err)
	}
	a.run()
	requests := a.Requests()
	require.NotEmpty(t, requests)
	last := requests[len(requests)-1]
	require.Equal(t, p.heading, strings.ToUpper(last.Operation[:1])+last.Operation[1:])
	require.Less(t, last.Status, 300)
}

// apart is for tables: a claim whose statements need others around them.
func apart(before, after string, check func(t *testing.T, p program)) claim {
	return claim{before: before, after: after, check: check}
}

// asserts is a claim whose statements need no others.
func asserts(check func(t *testing.T, p program)) claim { return claim{check: check} }
