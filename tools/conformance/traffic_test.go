package conformance

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// generated is how many generated requests each kind of server gets.
const generated = 3000

// words that mean something to the server make some of the generated requests succeed.
var words = slices.Concat(oddTexts, []string{
	"reader", "writer", "admin", "no_access", "owner", "allow", "deny", "add", "replace", "remove", "test", "move", "copy",
	"/name", "/description", "/role", "/customRoles", "/customRoles/-", "/customRoleIds", "/inlineRole", "/roleAttributes", "/email", "/", "",
	ldapitest.ReleaseManagerRoleID, ldapitest.ReleaseManagerRoleKey, ldapitest.PeopleManagerRoleID, ldapitest.PlatformTeamKey,
	ldapitest.OwnerID, ldapitest.AdminID, ldapitest.ReaderID, richMember, richToken, noID, ldapitest.ReaderTokenID, "me",
	"a@example.com", "B@example.com", "noor@example.com", "c+d@example.com", "proj/*", "*", "true", "1", "0", "-1", "2.5", "1767312000000",
	"query:noor", "role:admin|reader", "team:platform", "noteam:true", `lastSeen:{"never":true}`, "email:noor@example.com", "accessCheck:a:b",
	"displayName", "-lastSeen,displayName", "customRoles,roleAttributes",
	"replaceMembersRoles", "replaceAllMembersRoles", "replaceMembersCustomRoles", "replaceMembersRoleAttributes",
	"updateName", "updateDescription", "addMembers", "removeMembers", "replaceMembers", "addCustomRoles", "removeCustomRoles", "addPermissionGrants",
	"removePermissionGrants", "addRoleAttribute", "updateRoleAttribute", "removeRoleAttribute", "replaceRoleAttributes", "addMembersToTeams",
	"addAllMembersToTeams", "maintainTeam", "preset", richTeam, "empty", "idp", "/policy", "/policy/-", "/basePermissions", "nomembers:true", "query:e",
	"team/*", "member/*:token/*", "members,roles,projects,maintainers,roleAttributes", "20",
})

// generatedTraffic sends requests that are nearly right, and checks every answer against the description.
func generatedTraffic(t *testing.T) {
	t.Parallel()
	rng := random(t)
	for _, name := range []string{"default", "ids", "nulls", "lies"} {
		rng := rand.New(rand.NewPCG(rng.Uint64(), 0))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, knobs[name]...)
			w := newWitness(t, loadStrict(t), s.Transport())
			g := newGenerator(rng, true)
			g.words = words
			for i := range generated {
				if i%50 == 0 { // restores deleted members and tokens
					s.Reset()
					fill(s)
				}
				if g.chance(25) { // a request of the script, in another situation
					w.send(s.URL, script[g.rng.IntN(len(script))].raw)
				} else {
					w.send(s.URL, g.raw(w.d))
				}
				if t.Failed() {
					t.Fatalf("request %d", i)
				}
			}
			t.Log(w)
		})
	}
}

// raw makes a request to one of the operations.
func (g *generator) raw(d *description) raw {
	ids := d.operationIDs()
	route := d.operations[ids[g.rng.IntN(len(ids))]]
	r := raw{method: route.Method, header: map[string]string{}}
	r.path = pathOf(route, func(ids []string) string {
		if g.chance(20) {
			return g.one(noID, richMember, richToken, g.anyText()+"x")
		}
		return g.one(ids...)
	})
	query := url.Values{}
	for _, p := range route.Operation.Parameters {
		if p.Value.In == "query" && g.chance(30) {
			query.Add(p.Value.Name, g.one(words...))
		}
	}
	if g.chance(5) {
		query.Add(g.anyText(), g.anyText())
	}
	if len(query) > 0 {
		r.path += "?" + query.Encode()
	}
	if body := route.Operation.RequestBody; body != nil && g.chance(97) || g.chance(3) {
		r.body = g.requestBody(route.Operation.RequestBody != nil, func() any {
			sent, _ := g.value(jsonSchema(body.Value.Content))
			return sent
		})
	}
	if uploads(route) && g.chance(80) {
		r.body = form(g.one("noor@example.com\n", "remy.reed@example.com\nadam.adler@example.com\n", "remy.reed@example.com\n"+g.anyText(), g.anyText()))
	}
	if version := d.version(route.Operation.OperationID); version == "beta" && g.chance(80) {
		r.header["LD-API-Version"] = version
	}
	r.token = g.one("", "", "", ldapitest.OwnerToken, ldapitest.ServiceToken, ldapitest.ReaderToken, ldapitest.WriterToken, "Bearer "+ldapitest.AdminToken)
	if g.chance(3) {
		r.token = g.one("none", "api-unknown", "Bearer ", "é")
	}
	g.headers(r)
	return r
}

func (g *generator) one(values ...string) string { return values[g.rng.IntN(len(values))] }

// requestBody mostly returns a body of the schema; otherwise any JSON, or a part of it.
func (g *generator) requestBody(described bool, value func() any) string {
	var text []byte
	if described && g.chance(85) {
		text = g.write(value())
	} else {
		text = g.write(g.any(0))
	}
	if g.chance(5) {
		text = text[:g.rng.IntN(len(text))]
	}
	if g.chance(3) {
		text = bytes.ReplaceAll(text, []byte(`"`), []byte("\xff"))
	}
	return string(text)
}

func (g *generator) headers(r raw) {
	if g.chance(10) {
		r.header["LD-API-Version"] = g.one("20240415", "20220603", "20160426", "beta", "2", "")
	}
	if g.chance(3) {
		r.header["Content-Type"] = g.one("", "text/plain", "application/json; charset=utf-8", "application/json;;", "application/json-patch+json")
	}
	if r.method == http.MethodPost && g.chance(3) {
		r.header["X-HTTP-Method-Override"] = g.one("PUT", "GET", "x")
	}
}
