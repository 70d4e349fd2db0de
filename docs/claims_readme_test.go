package docs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/ldapitest"
)

var readmeClaims = map[string]claim{
	"README.md: Install it 1":                               asserts(printsAllTokens),
	"README.md: How do I authenticate and pick a region? 1": apart("", "_, _, err := client.AccessTokensApi.GetTokens(ctx).Execute()\nif err != nil {\nreturn err\n}\n", callsTheEU),
	"README.md: How do I do everyday jobs? 1":               asserts(everydayJobs),
	"README.md: How do I handle errors? 1":                  asserts(handlesErrors),
	"README.md: How do I test my code? 1":                   passes("TestTokens"),
}

// It prints all access tokens: of all pages, and of all members.
func printsAllTokens(t *testing.T, p program) {
	a := p.account(t)
	for i := range 70 {
		a.AddToken(ldapitest.Token{Name: fmt.Sprint("token ", i), MemberID: ldapitest.ReaderID})
	}
	out := a.run()
	require.Equal(t, 75, strings.Count(out, "\n"), out)
	require.Contains(t, out, "token 69 reader\n")
}

// The region is that of the client.
func callsTheEU(t *testing.T, p program) {
	a := p.account(t)
	a.run()
	require.Equal(t, []string{"getTokens 200"}, a.sent())
	require.Equal(t, "app.eu.launchdarkly.com", a.Requests()[0].Host)
}

func everydayJobs(t *testing.T, p program) {
	a := p.account(t)
	old := time.Now().AddDate(0, -4, 0)
	for i := range 110 { // every page
		a.AddMember(ldapitest.Member{Email: fmt.Sprintf("idle%d@example.com", i), Role: "writer", LastSeen: old})
	}
	a.AddMember(ldapitest.Member{Email: "busy@example.com", Role: "writer", LastSeen: time.Now()})
	a.AddMember(ldapitest.Member{Email: "reader@example.com", LastSeen: old})
	a.AddMember(ldapitest.Member{Email: "Dev+Flags@example.com", LastSeen: time.Now()}) // in any letter case
	before := a.AddToken(ldapitest.Token{ID: exampleTokenID, Name: "deploy"})
	out := a.run()
	require.Equal(t, 110, strings.Count(out, "idle"), out)
	require.NotContains(t, out, "busy@")
	require.NotContains(t, out, "reader@")
	require.True(t, strings.HasSuffix(out, "rotated deploy next replaceMembersRoles\n"), out)
	after := a.tokenOf(exampleTokenID)
	require.NotEqual(t, before.Secret, after.Secret)
	require.Equal(t, before.Secret, after.OldSecrets[0].Secret)
	require.WithinDuration(t, time.Now().Add(24*time.Hour), after.OldSecrets[0].Expires, time.Minute)
}

func handlesErrors(t *testing.T, p program) {
	a := p.account(t)
	require.Equal(t, "no such token\n", a.run())
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 403, Body: `{"code":"forbidden","message":"No."}`, Operation: "getToken",
		Header: map[string][]string{"X-Request-Id": {"r-1"}}})
	require.Equal(t, "403 forbidden No. r-1\n", a.run())
	a.AddToken(ldapitest.Token{ID: exampleTokenID})
	require.Empty(t, a.run())
	a.token = "a\x7fb"
	require.Contains(t, a.run(), "not sent: Authorization ")
}
