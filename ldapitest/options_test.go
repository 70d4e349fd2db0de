package ldapitest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// panicText runs use and returns what it panicked with.
func panicText(t testing.TB, use func()) (text string) {
	t.Helper()
	defer func() { text, _ = recover().(string) }()
	use()
	return ""
}

func TestImpossibleOptions(t *testing.T) {
	t.Parallel()
	for want, opts := range map[string][]ldapitest.Option{
		"option 1 is nil":                                   {ldapitest.WithInMemory(), nil},
		"WithClock: nil function":                           {ldapitest.WithClock(nil)},
		"WithLatency: negative duration -1s":                {ldapitest.WithLatency(-time.Second)},
		"WithRateLimit: negative value in (-1, 0, 0s)":      {ldapitest.WithRateLimit(-1, 0, 0)},
		"WithTokenRateLimit: negative value in (0, -1s)":    {ldapitest.WithTokenRateLimit(0, -time.Second)},
		"WithPageLimits: negative value in (-1, 0)":         {ldapitest.WithPageLimits(-1, 0)},
		"WithSeatLimit: negative value -1":                  {ldapitest.WithSeatLimit(-1)},
		"WithInviteLimit: negative value -2":                {ldapitest.WithInviteLimit(-2)},
		`WithPlan: unknown plan "free"`:                     {ldapitest.WithPlan("free")},
		"WithTotalCount: nil function":                      {ldapitest.WithTotalCount(nil)},
		"WithSeatLimit: negative value -1; option 1 is nil": {ldapitest.WithSeatLimit(-1), nil},
	} {
		equal(t, "panic", panicText(t, func() { ldapitest.NewServer(opts...) }), "ldapitest: "+want)
	}
}

func TestEmptyUnauthorized(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithEmptyUnauthorized())
	a := send(t, s, request{method: "GET", path: "/api/v2/tokens", token: "none"}).want(t, 401)
	equal(t, "body", a.body, "")
	equal(t, "Content-Type", a.header.Get("Content-Type"), "")
	send(t, s, request{method: "GET", path: "/api/v2/tokens/none"}).wantError(t, 404, "not_found", "")
}

func TestErrorIDs(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithErrorIDs())
	a := send(t, s, request{method: "GET", path: "/api/v2/tokens/none"}).want(t, 404)
	if id, _ := a.at(t, "id").(string); len(id) != 36 {
		t.Errorf("id %q", id)
	}
}

func TestUnknownFields(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithUnknownFields())
	for _, r := range []struct {
		path string
		at   [][]any
	}{
		{"/api/v2/tokens", [][]any{{}, {"items", 0}, {"items", 0, "_member"}, {"_links", "self"}}},
		{"/api/v2/members?filter=team:platform", [][]any{{}, {"items", 0}, {"items", 0, "teams", 0}}},
		{"/api/v2/members/none", [][]any{{}}},
	} {
		a := send(t, s, request{method: http.MethodGet, path: r.path})
		for _, path := range r.at {
			equal[any](t, r.path, a.at(t, append(path, "futureText")...), "unknown to any client")
			if a.at(t, append(path, "futureObject", "list", 4, "deep")...) == nil {
				t.Errorf("%s: no futureObject", r.path)
			}
		}
		if a.at(t, "_links", "futureText") != nil {
			t.Errorf("%s: _links has a value that is no link", r.path)
		}
	}
}

func TestNullOptionals(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithNullOptionals(), ldapitest.WithoutTotalCount())
	a := send(t, s, request{method: "GET", path: "/api/v2/tokens/" + ldapitest.AdminTokenID})
	for _, name := range []string{"description", "customRoleIds", "inlineRole"} {
		if !a.has(t, name) || a.at(t, name) != nil {
			t.Errorf("%s is not null in %s", name, a.body)
		}
	}
	a = send(t, s, request{method: "GET", path: "/api/v2/members/me"})
	for _, name := range []string{"_pendingEmail", "_lastSeenMetadata", "_integrationMetadata", "teams",
		"permissionGrants", "oauthProviders", "roleAttributes", "mfaGracePeriodExpiresAt"} {
		if !a.has(t, name) || a.at(t, name) != nil {
			t.Errorf("%s is not null in %s", name, a.body)
		}
	}
	a = send(t, s, request{method: "GET", path: "/api/v2/members"})
	if !a.has(t, "totalCount") || a.at(t, "totalCount") != nil {
		t.Errorf("totalCount is not null in %s", a.body)
	}
	// The option changes responses only: patches still treat absent properties as absent.
	send(t, s, request{method: "PATCH", path: "/api/v2/tokens/" + ldapitest.AdminTokenID,
		body: `[{"op":"remove","path":"/inlineRole"}]`}).wantError(t, 422, "patch_failed", "")
}

func TestNewerMemberFields(t *testing.T) {
	t.Parallel()
	newer := []string{"hasPassword", "mfaEnforced"}
	a := send(t, newServer(t), request{method: "GET", path: "/api/v2/members/me"})
	for _, name := range newer {
		if !a.has(t, name) {
			t.Errorf("no %s in %s", name, a.body)
		}
	}
	a = send(t, newServer(t, ldapitest.WithoutNewerMemberFields(), ldapitest.WithNullOptionals()),
		request{method: "GET", path: "/api/v2/members/me"})
	for _, name := range append(newer, "mfaGracePeriodExpiresAt") {
		if a.has(t, name) {
			t.Errorf("%s in %s", name, a.body)
		}
	}
}

func TestTotalCount(t *testing.T) {
	t.Parallel()
	list := request{method: "GET", path: "/api/v2/members?limit=3"}
	if a := send(t, newServer(t, ldapitest.WithoutTotalCount()), list); a.has(t, "totalCount") {
		t.Errorf("totalCount in %s", a.body)
	}
	a := send(t, newServer(t, ldapitest.WithTotalCount(func(actual int) int { return actual + 7 })), list)
	equal[any](t, "totalCount", a.at(t, "totalCount"), 11.0)
	equal[any](t, "last", a.at(t, "_links", "last", "href"), "/api/v2/members?limit=3&offset=3")
}

func TestWithoutNextLinks(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithoutNextLinks())
	for _, path := range []string{"/api/v2/members?limit=1", "/api/v2/tokens?limit=1&showAll=true"} {
		a := send(t, s, request{method: "GET", path: path})
		if strings.Contains(a.body, `"next"`) || !strings.Contains(a.body, `"last"`) {
			t.Errorf("links in %s", a.body)
		}
	}
}

// TestStockClients: what the generated clients of other languages send is refused, unless it is allowed.
func TestStockClients(t *testing.T) {
	t.Parallel()
	bulk := request{method: "PATCH", path: "/api/v2/members", body: `{"instructions":[{"kind":"replaceMembersRoles","value":"reader","memberIDs":["` + ldapitest.WriterID + `"]}]}`,
		header: map[string]string{"Content-Type": "application/json"}}
	reset := request{method: "POST", path: "/api/v2/tokens/" + ldapitest.ReaderTokenID + "/reset", header: map[string]string{"Content-Type": ""}}
	strict, lenient := ldapitest.NewTestServer(t), ldapitest.NewTestServer(t, ldapitest.WithStockClients())
	for _, r := range []request{bulk, reset} {
		send(t, strict, r).want(t, 400)
		send(t, lenient, r).want(t, 200)
	}
	send(t, lenient, request{method: "POST", path: "/api/v2/tokens", body: `{"role":"reader"}`, header: map[string]string{"Content-Type": ""}}).want(t, 400)
}
