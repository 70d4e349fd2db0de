package ldapitest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// fill puts generated values into the expected JSON.
func fill(t testing.TB, a answer, want string) string {
	t.Helper()
	id, _ := a.at(t, "_id").(string)
	secret, _ := a.at(t, "token").(string)
	return strings.NewReplacer("$id", id, "$secret", secret).Replace(want)
}

const adam = `{
  "_links": {"self": {"href": "/api/v2/members/5f00aa11bb22cc33dd44ee02", "type": "application/json"}},
  "_id": "5f00aa11bb22cc33dd44ee02", "firstName": "Adam", "lastName": "Adler",
  "role": "admin", "email": "adam.adler@example.com"}`

const newTokenLinks = `{
  "parent": {"href": "/api/v2/tokens", "type": "application/json"},
  "self": {"href": "/api/v2/tokens/$id", "type": "application/json"}}`

func TestPostToken(t *testing.T) {
	t.Parallel()
	common := `"_id": "$id", "ownerId": "5f00aa11bb22cc33dd44ee01", "memberId": "5f00aa11bb22cc33dd44ee02",
	  "_member": ` + adam + `, "creationDate": 1767225600000, "lastModified": 1767225600000, "token": "$secret",
	  "_links": ` + newTokenLinks + `, "lastUsed": 0`
	for name, c := range map[string]struct{ body, want string }{
		"base role": {
			`{"name":"ci-deploys","description":"used by the deploy job","role":"writer","serviceToken":true,"defaultApiVersion":20191212}`,
			`{` + common + `, "name": "ci-deploys", "description": "used by the deploy job", "role": "writer",
			  "serviceToken": true, "defaultApiVersion": 20191212}`,
		},
		"inline policy": {
			`{"name":"staging-only","inlineRole":[{"effect":"allow","resources":["proj/shop:env/staging:flag/*"],"actions":["updateOn","updateTargets"]},{"effect":"deny","notResources":["proj/shop:env/staging"],"notActions":["*"]}]}`,
			`{` + common + `, "name": "staging-only", "serviceToken": false, "defaultApiVersion": 20240415,
			  "inlineRole": [{"effect":"allow","resources":["proj/shop:env/staging:flag/*"],"actions":["updateOn","updateTargets"]},
			                 {"effect":"deny","notResources":["proj/shop:env/staging"],"notActions":["*"]}]}`,
		},
		"custom roles by key and ID, in order": {
			`{"name":"release-bot","customRoleIds":["people-manager","64c1d2e3f4a5b6c7d8e9f001"],"serviceToken":true}`,
			`{` + common + `, "name": "release-bot", "serviceToken": true, "defaultApiVersion": 20240415,
			  "customRoleIds": ["64c1d2e3f4a5b6c7d8e9f002", "64c1d2e3f4a5b6c7d8e9f001"]}`,
		},
		"absent optionals as null, and a property nobody knows": {
			`{"name":null,"role":"reader","customRoleIds":null,"inlineRole":null,"defaultApiVersion":null,"future":1}`,
			`{` + common + `, "role": "reader", "serviceToken": false, "defaultApiVersion": 20240415}`,
		},
		"empty lists of the other kinds": {
			`{"role":"admin","customRoleIds":[],"inlineRole":[]}`,
			`{` + common + `, "role": "admin", "serviceToken": false, "defaultApiVersion": 20240415}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			a := send(t, s, request{method: "POST", path: "/api/v2/tokens", body: c.body}).want(t, 201)
			a.wantJSON(t, fill(t, a, c.want))
			secret, _ := a.at(t, "token").(string)
			if !strings.HasPrefix(secret, "api-") {
				t.Errorf("secret %q", secret)
			}
			id, _ := a.at(t, "_id").(string)
			read := send(t, s, request{method: "GET", path: "/api/v2/tokens/" + id}).want(t, 200)
			equal[any](t, "masked", read.at(t, "token"), secret[len(secret)-4:])
		})
	}
}

func TestPostTokenRefusals(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for body, message := range map[string]string{
		``:                    "Invalid request body",
		`null`:                "Invalid request body",
		`[]`:                  "Invalid request body",
		`{"role":"reader"} x`: "Invalid request body",
		"{\"name\":\"\xff\"}": "Invalid request body",
		`{}`:                  "exactly one of",
		`{"role":""}`:         "exactly one of",
		`{"Role":"reader"}`:   "exactly one of",
		`{"role":"reader","customRoleIds":["release-manager"]}`:                                      "exactly one of",
		`{"role":"reader","inlineRole":[{"effect":"allow","actions":["*"],"resources":["proj/*"]}]}`: "exactly one of",
		`{"role":"owner"}`:                                                          "role must be",
		`{"role":7}`:                                                                "role must be a string",
		`{"role":"reader","name":{}}`:                                               "name must be a string",
		`{"role":"reader","serviceToken":"yes"}`:                                    "serviceToken must be a boolean",
		`{"role":"reader","defaultApiVersion":20200101}`:                            "defaultApiVersion",
		`{"role":"reader","defaultApiVersion":"beta"}`:                              "defaultApiVersion must be an integer",
		`{"customRoleIds":["nope"]}`:                                                `unknown custom role "nope"`,
		`{"customRoleIds":[null]}`:                                                  "customRoleIds must be a list of strings",
		`{"customRoleIds":"release-manager"}`:                                       "customRoleIds must be a list of strings",
		`{"inlineRole":{}}`:                                                         "inlineRole must be a list of statements",
		`{"inlineRole":[7]}`:                                                        "inlineRole must be a list of statements",
		`{"inlineRole":[{"actions":["*"]}]}`:                                        "effect must be",
		`{"inlineRole":[{"effect":"allow","actions":7}]}`:                           "actions must be",
		`{"inlineRole":[{"effect":"maybe"}]}`:                                       "effect must be",
		`{"inlineRole":[{"effect":"allow","actions":["a"],"notActions":["b"]}]}`:    "actions and notActions",
		`{"inlineRole":[{"effect":"deny","resources":["a"],"notResources":["b"]}]}`: "resources and notResources",
	} {
		send(t, s, request{method: "POST", path: "/api/v2/tokens", body: body}).wantError(t, 400, "invalid_request", message)
	}
	equal(t, "tokens", len(s.Tokens()), 5)
}

func TestWhoMayCreateTokens(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	people := s.AddToken(ldapitest.Token{MemberID: ldapitest.OwnerID, CustomRoleIDs: []string{"people-manager"}}).Secret
	flags := s.AddToken(ldapitest.Token{InlineRole: []ldapitest.Statement{
		{Effect: "allow", NotResources: []string{"proj/secret"}, NotActions: []string{"deleteFlag"}},
		{Effect: "deny", Resources: []string{"service-token/*"}, Actions: []string{"*"}},
	}}).Secret
	for _, c := range []struct {
		name, token, body string
		status            int
	}{
		{"reader makes a reader", ldapitest.ReaderToken, `{"role":"reader"}`, 201},
		{"reader makes a writer", ldapitest.ReaderToken, `{"role":"writer"}`, 403},
		{"reader makes a policy", ldapitest.ReaderToken, `{"inlineRole":[{"effect":"allow","resources":["proj/*"],"actions":["*"]}]}`, 403},
		{"reader makes a viewing policy", ldapitest.ReaderToken, `{"inlineRole":[{"effect":"allow","resources":["proj/*"],"actions":["viewProject"]}]}`, 201},
		{"reader makes a denying policy", ldapitest.ReaderToken, `{"inlineRole":[{"effect":"deny","resources":["*"],"actions":["*"]}]}`, 201},
		{"writer makes a writer", ldapitest.WriterToken, `{"role":"writer"}`, 201},
		{"writer makes an admin", ldapitest.WriterToken, `{"role":"admin"}`, 403},
		{"writer makes a policy", ldapitest.WriterToken, `{"inlineRole":[{"effect":"allow","resources":["proj/*"],"actions":["*"]}]}`, 201},
		{"writer makes an all-round policy", ldapitest.WriterToken, `{"inlineRole":[{"effect":"allow","resources":["*"],"actions":["*"]}]}`, 403},
		{"writer makes an all-but policy", ldapitest.WriterToken, `{"inlineRole":[{"effect":"allow","notResources":["proj/x"],"actions":["*"]}]}`, 403},
		{"writer makes an all-but-actions policy", ldapitest.WriterToken, `{"inlineRole":[{"effect":"allow","resources":["member/*"],"notActions":["deleteMember"]}]}`, 403},
		{"writer takes a role on flags", ldapitest.WriterToken, `{"customRoleIds":["release-manager"]}`, 201},
		{"writer takes a role on people", ldapitest.WriterToken, `{"customRoleIds":["people-manager"]}`, 403},
		{"writer makes a service token", ldapitest.WriterToken, `{"role":"reader","serviceToken":true}`, 403},
		{"admin makes a service token", ldapitest.AdminToken, `{"role":"admin","serviceToken":true}`, 201},
		{"owner makes an admin", ldapitest.OwnerToken, `{"role":"admin"}`, 201},
		{"service token makes a service token", ldapitest.ServiceToken, `{"role":"admin","serviceToken":true}`, 201},
		{"service token makes a personal token", ldapitest.ServiceToken, `{"role":"reader"}`, 403},
		{"people manager makes its like", people, `{"customRoleIds":["people-manager"]}`, 201},
		{"people manager makes a writer", people, `{"role":"writer"}`, 403},
		{"people manager makes a service token", people, `{"role":"reader","serviceToken":true}`, 403},
		{"policy that says no to service tokens", flags, `{"role":"reader","serviceToken":true}`, 403},
		{"policy that says yes to projects", flags, `{"inlineRole":[{"effect":"allow","resources":["proj/a"],"actions":["createFlag"]}]}`, 201},
	} {
		a := send(t, s, request{method: "POST", path: "/api/v2/tokens", token: c.token, body: c.body})
		if a.status != c.status {
			t.Errorf("%s: status %d, want %d: %s", c.name, a.status, c.status, a.body)
		}
		if a.status == 403 {
			equal[any](t, c.name, a.at(t, "code"), "forbidden")
		}
	}
}

func TestGetTokensVisibility(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, token, query string
		want               []string
	}{
		{"admin", ldapitest.AdminToken, "", []string{"admin", "service"}},
		{"admin, all", ldapitest.AdminToken, "?showAll=true", []string{"owner", "admin", "writer", "reader", "service"}},
		{"admin, not all", ldapitest.AdminToken, "?showAll=false", []string{"admin", "service"}},
		{"writer", ldapitest.WriterToken, "", []string{"writer", "service"}},
		{"writer, all is ignored", ldapitest.WriterToken, "?showAll=true", []string{"writer", "service"}},
		{"reader", ldapitest.ReaderToken, "?showAll=true", []string{"reader", "service"}},
		{"admin service token", ldapitest.ServiceToken, "", []string{"owner", "admin", "writer", "reader", "service"}},
		{"bearer", "Bearer " + ldapitest.OwnerToken, "", []string{"owner", "service"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := send(t, newServer(t), request{method: "GET", path: "/api/v2/tokens" + c.query, token: c.token}).want(t, 200)
			equal(t, "names", a.column(t, "name"), c.want)
			equal[any](t, "totalCount", a.at(t, "totalCount"), float64(len(c.want)))
			if strings.Contains(a.body, "api-") {
				t.Errorf("a full secret in %s", a.body)
			}
		})
	}
	s := newServer(t)
	reader := s.AddToken(ldapitest.Token{ServiceToken: true, Name: "second"}).Secret
	a := send(t, s, request{method: "GET", path: "/api/v2/tokens?showAll=true", token: reader}).want(t, 200)
	equal(t, "seen by a reading service token", a.column(t, "name"), []string{"service", "second"})
	send(t, s, request{method: "GET", path: "/api/v2/tokens?showAll=1"}).wantError(t, 400, "invalid_request", "showAll")
}

func TestGetToken(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := send(t, s, request{method: "GET", path: "/api/v2/tokens/66a0b1c2d3e4f50617283903"}).want(t, 200)
	a.wantJSON(t, `{
	  "_id": "66a0b1c2d3e4f50617283903", "ownerId": "5f00aa11bb22cc33dd44ee01", "memberId": "5f00aa11bb22cc33dd44ee03",
	  "_member": {"_links": {"self": {"href": "/api/v2/members/5f00aa11bb22cc33dd44ee03", "type": "application/json"}},
	    "_id": "5f00aa11bb22cc33dd44ee03", "firstName": "Wendy", "lastName": "Walsh", "role": "writer", "email": "wendy.walsh@example.com"},
	  "name": "writer", "creationDate": 1759449720000, "lastModified": 1759449720000, "role": "writer", "token": "3a03",
	  "serviceToken": false, "defaultApiVersion": 20240415, "lastUsed": 0,
	  "_links": {"parent": {"href": "/api/v2/tokens", "type": "application/json"},
	             "self": {"href": "/api/v2/tokens/66a0b1c2d3e4f50617283903", "type": "application/json"}}}`)
	// It has been used by the time someone looks.
	send(t, s, request{method: "GET", path: "/api/v2/members", token: ldapitest.WriterToken}).want(t, 200)
	a = send(t, s, request{method: "GET", path: "/api/v2/tokens/66a0b1c2d3e4f50617283903"})
	equal[any](t, "lastUsed", a.at(t, "lastUsed"), 1767225600000.0)
}

func TestWhoMayManageTokens(t *testing.T) {
	t.Parallel()
	rename := `[{"op":"replace","path":"/name","value":"new"}]`
	for _, c := range []struct {
		name, token, id                   string
		get, patch, reset, remove, policy int
	}{
		{"own", ldapitest.ReaderToken, ldapitest.ReaderTokenID, 200, 200, 200, 401, 200},
		{"another member's", ldapitest.WriterToken, ldapitest.ReaderTokenID, 403, 403, 403, 403, 403},
		{"a service token, as a writer", ldapitest.WriterToken, ldapitest.ServiceTokenID, 200, 403, 403, 403, 403},
		{"another's, as an admin", ldapitest.AdminToken, ldapitest.OwnerTokenID, 200, 200, 200, 204, 200},
		{"a service token, as an admin", ldapitest.AdminToken, ldapitest.ServiceTokenID, 200, 200, 200, 204, 403},
		{"unknown", ldapitest.AdminToken, "ffffffffffffffffffffffff", 404, 404, 404, 404, 404},
		{"malformed", ldapitest.AdminToken, "me", 404, 404, 404, 404, 404},
		{"a secret instead of an ID", ldapitest.AdminToken, ldapitest.ReaderToken, 404, 404, 404, 404, 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			path := "/api/v2/tokens/" + c.id
			equal(t, "get", send(t, s, request{method: "GET", path: path, token: c.token}).status, c.get)
			equal(t, "patch", send(t, s, request{method: "PATCH", path: path, token: c.token, body: rename}).status, c.patch)
			equal(t, "policy", send(t, s, request{method: "PATCH", path: path, token: c.token,
				body: `[{"op":"replace","path":"/role","value":"reader"}]`}).status, c.policy)
			equal(t, "reset", send(t, s, request{method: "POST", path: path + "/reset", token: c.token}).status, c.reset)
			equal(t, "delete", send(t, s, request{method: "DELETE", path: path, token: c.token}).status, c.remove)
		})
	}
}

func TestRolesThatManageTokens(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	renamer := s.AddToken(ldapitest.Token{InlineRole: []ldapitest.Statement{{Effect: "allow",
		Resources: []string{"member/*:token/*", "service-token/*"}, Actions: []string{"updateAccessTokenName"}}}}).Secret
	path := "/api/v2/tokens/" + ldapitest.ReaderTokenID
	send(t, s, request{method: "GET", path: path, token: renamer}).want(t, 200)
	send(t, s, request{method: "PATCH", path: path, token: renamer, body: `[{"op":"replace","path":"/name","value":"n"}]`}).want(t, 200)
	send(t, s, request{method: "PATCH", path: path, token: renamer, body: `[{"op":"add","path":"/description","value":"d"}]`}).want(t, 403)
	send(t, s, request{method: "PATCH", path: path, token: renamer, body: `[{"op":"replace","path":"/role","value":"reader"}]`}).want(t, 403)
	send(t, s, request{method: "PATCH", path: path, token: renamer, body: `[]`}).want(t, 200)
	send(t, s, request{method: "DELETE", path: path, token: renamer}).want(t, 403)
}

func TestDeleteToken(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	path := "/api/v2/tokens/" + ldapitest.ReaderTokenID
	a := send(t, s, request{method: "DELETE", path: path}).want(t, 204)
	equal(t, "body", a.body, "")
	equal(t, "Content-Type", a.header.Get("Content-Type"), "")
	send(t, s, request{method: "GET", path: path}).wantError(t, 404, "not_found", "Invalid resource identifier")
	send(t, s, request{method: "DELETE", path: path}).wantError(t, 404, "not_found", "")
	send(t, s, request{method: "GET", path: "/api/v2/tokens", token: ldapitest.ReaderToken}).
		wantError(t, 401, "unauthorized", "Invalid access token")
	// Its own token may be deleted, too.
	send(t, s, request{method: "DELETE", path: "/api/v2/tokens/" + ldapitest.AdminTokenID}).want(t, 204)
	send(t, s, request{method: "GET", path: "/api/v2/tokens"}).want(t, 401)
}

func TestResetToken(t *testing.T) {
	t.Parallel()
	later := `1767225660000` // a minute after noon
	for _, c := range []struct {
		name, query, body string
		grace             time.Duration
	}{
		{"no expiry", "", "", 0},
		{"empty body", "", "{}", 0},
		{"query", "?expiry=" + later, "", time.Minute},
		{"query and body", "?expiry=" + later, `{"expiry":1767225601000}`, time.Minute},
		{"body", "", `{"expiry":` + later + `}`, time.Minute},
		{"null in the body", "", `{"expiry":null}`, 0},
		{"the past", "?expiry=1", "", 0},
		{"negative", "?expiry=-1", "", 0},
		{"now", "?expiry=1767225600000", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			clock := newClock(noon)
			s := newServer(t, ldapitest.WithClock(clock.now))
			a := send(t, s, request{method: "POST", path: "/api/v2/tokens/" + ldapitest.ReaderTokenID + "/reset" + c.query,
				body: c.body}).want(t, 200)
			fresh, _ := a.at(t, "token").(string)
			if len(fresh) != 40 || fresh == ldapitest.ReaderToken {
				t.Fatalf("secret %q", fresh)
			}
			equal[any](t, "_id", a.at(t, "_id"), ldapitest.ReaderTokenID)
			equal[any](t, "lastModified", a.at(t, "lastModified"), 1767225600000.0)
			me := request{method: "GET", path: "/api/v2/members/me", token: fresh}
			send(t, s, me).want(t, 200)
			me.token = ldapitest.ReaderToken
			if c.grace > 0 {
				send(t, s, me).want(t, 200)
				clock.advance(c.grace - time.Millisecond)
				send(t, s, me).want(t, 200)
				clock.advance(time.Millisecond)
			}
			send(t, s, me).want(t, 401)
		})
	}
}

func TestResetTokenTwice(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	path := "/api/v2/tokens/" + ldapitest.ReaderTokenID + "/reset"
	second, _ := send(t, s, request{method: "POST", path: path + "?expiry=1767225660000"}).at(t, "token").(string)
	send(t, s, request{method: "POST", path: path}).want(t, 200)
	me := request{method: "GET", path: "/api/v2/members/me", token: ldapitest.ReaderToken}
	send(t, s, me).want(t, 200) // keeps the expiry it was promised
	me.token = second
	send(t, s, me).want(t, 401)
	var old []ldapitest.OldSecret
	for _, token := range s.Tokens() {
		old = append(old, token.OldSecrets...)
	}
	equal(t, "old secrets", old, []ldapitest.OldSecret{{Secret: ldapitest.ReaderToken, Expires: noon.Add(time.Minute)},
		{Secret: second, Expires: noon}})
}

func TestResetTokenRefusals(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	path := "/api/v2/tokens/" + ldapitest.ReaderTokenID + "/reset"
	for _, r := range []request{
		{path: path + "?expiry=soon"},
		{path: path + "?expiry="},
		{path: path, body: `{"expiry":"soon"}`},
		{path: path, body: `[]`},
		{path: path, header: map[string]string{"Content-Type": ""}},
		{path: path, header: map[string]string{"Content-Type": "text/plain"}},
	} {
		r.method = "POST"
		send(t, s, r).wantError(t, 400, "invalid_request", "")
	}
	send(t, s, request{method: "GET", path: "/api/v2/members/me", token: ldapitest.ReaderToken}).want(t, 200)
}

func TestUnpaginatedTokensOfOlderVersions(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for range 30 {
		s.AddToken(ldapitest.Token{})
	}
	list := request{method: "GET", path: "/api/v2/tokens?limit=0&offset=x"}
	for _, version := range []string{"20220603", "20210729", "20191212", "20160426"} {
		list.header = map[string]string{"LD-API-Version": version}
		a := send(t, s, list).want(t, 200)
		equal(t, version, len(a.column(t, "_id")), 32)
		equal[any](t, "links", a.at(t, "_links"), parse(t, `{"self":{"href":"/api/v2/tokens","type":"application/json"}}`))
	}
	for _, version := range []string{"20240415", "beta"} {
		list.path, list.header = "/api/v2/tokens", map[string]string{"LD-API-Version": version}
		equal(t, version, len(send(t, s, list).want(t, 200).column(t, "_id")), 25)
	}
	// The header beats the token's own version, which counts without one.
	pinned := s.AddToken(ldapitest.Token{DefaultAPIVersion: 20160426}).Secret
	equal(t, "pinned", len(send(t, s, request{method: "GET", path: "/api/v2/tokens", token: pinned}).column(t, "_id")), 33)
	list.token = pinned
	equal(t, "header", len(send(t, s, list).column(t, "_id")), 25)
}
