package ldapitest_test

import (
	"testing"

	"github.com/ldapi-go/ldapi/ldapitest"
)

func TestCallerIdentity(t *testing.T) {
	s := newServer(t, ldapitest.WithTokenRateLimit(100, 0))
	const path = "/api/v2/caller-identity"
	send(t, s, request{method: "GET", path: path}).want(t, 200).wantJSON(t, `{"accountId":"`+ldapitest.AccountID+`","authKind":"token","tokenKind":"auth",
		"tokenName":"admin","tokenId":"`+ldapitest.AdminTokenID+`","memberId":"`+ldapitest.AdminID+`","serviceToken":false,"scopes":[]}`)
	send(t, s, request{method: "GET", path: path, token: ldapitest.ServiceToken}).want(t, 200).wantJSON(t, `{"accountId":"`+ldapitest.AccountID+`","authKind":"token",
		"tokenKind":"auth","tokenName":"service","tokenId":"`+ldapitest.ServiceTokenID+`","serviceToken":true,"scopes":[]}`)
	a := send(t, s, request{method: "GET", path: path, token: "Bearer " + ldapitest.ReaderToken}).want(t, 200)
	equal(t, "authKind", a.at(t, "authKind"), any("oauth"))
	equal(t, "memberId", a.at(t, "memberId"), any(ldapitest.ReaderID))
	equal(t, "tokenName", a.has(t, "tokenName"), false)
	equal(t, "clientId", a.has(t, "clientId"), true)
	send(t, s, request{method: "GET", path: path, token: "none"}).wantError(t, 401, "unauthorized", "")
}

func TestVersions(t *testing.T) {
	s := newServer(t)
	const valid = `"validVersions":[20160426,20191212,20210729,20220603,20240415],"latestVersion":20240415,`
	send(t, s, request{method: "GET", path: "/api/v2/versions"}).want(t, 200).wantJSON(t, `{`+valid+`"currentVersion":20240415,"beta":false}`)
	send(t, s, request{method: "GET", path: "/api/v2/versions", header: map[string]string{"LD-API-Version": "beta"}}).want(t, 200).
		wantJSON(t, `{`+valid+`"currentVersion":20240415,"beta":true}`)
	send(t, s, request{method: "GET", path: "/api/v2/versions", header: map[string]string{"LD-API-Version": "20191212"}}).want(t, 200).
		wantJSON(t, `{`+valid+`"currentVersion":20191212,"beta":false}`)
}

// Some operations need no credential. They count for no token, and accept one that is invalid.
func TestOperationsWithoutCredential(t *testing.T) {
	s := newServer(t, ldapitest.WithTokenRateLimit(1, 0), ldapitest.WithRateLimit(3, 0, 0))
	for _, path := range []string{"/api/v2", "/api/v2/public-ip-list", "/api/v2/openapi.json"} {
		for _, token := range []string{"none", "any string", ldapitest.AdminToken} {
			a := send(t, s, request{method: "GET", path: path, token: token}).want(t, 200)
			equal(t, "quota of the token", a.header.Get("X-Ratelimit-Auth-Token-Limit"), "")
			equal(t, "quota of the route", a.header.Get("X-Ratelimit-Route-Limit"), "3")
		}
		send(t, s, request{method: "GET", path: path}).wantError(t, 429, "rate_limited", "")
	}
	s.Reset()
	a := send(t, s, request{method: "GET", path: "/api/v2/openapi.json", token: "none"}).want(t, 200)
	equal(t, "operation", a.at(t, "paths", "/api/v2/teams/{teamKey}", "patch", "operationId"), any("patchTeam"))
	equal(t, "one that the description lacks", a.at(t, "paths", "/api/v2/account"), nil)
	a = send(t, s, request{method: "GET", path: "/api/v2/public-ip-list"}).want(t, 200)
	equal(t, "addresses", a.at(t, "addresses", 0), any("192.0.2.0/25"))
	a = send(t, s, request{method: "GET", path: "/api/v2"}).want(t, 200)
	equal(t, "links", a.at(t, "links", "teams", "href"), any("/api/v2/teams"))
	send(t, s, request{method: "GET", path: "/api/v2", header: map[string]string{"LD-API-Version": "1"}}).wantError(t, 400, "invalid_request", "version")
}

// The account is part of the API and not of its description.
func TestUndocumentedAccount(t *testing.T) {
	s := newServer(t)
	send(t, s, request{method: "GET", path: "/api/v2/account"}).want(t, 200).wantJSON(t, `{"organization":"Example"}`)
	equal(t, "operation", s.Requests()[0].Operation, "")
}
