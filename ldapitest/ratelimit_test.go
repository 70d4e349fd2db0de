package ldapitest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// quota shows the rate-limit headers, without their common start.
func quota(h http.Header) map[string]string {
	found := map[string]string{}
	for name := range h {
		if short, ok := strings.CutPrefix(name, "X-Ratelimit-"); ok {
			found[short] = h.Get(name)
		}
	}
	return found
}

func TestQuotas(t *testing.T) {
	t.Parallel()
	clock := newClock(noon)
	s := newServer(t, ldapitest.WithClock(clock.now), ldapitest.WithRateLimit(2, 3, 0))
	members := request{method: "GET", path: "/api/v2/members"}
	one := request{method: "GET", path: "/api/v2/members/" + ldapitest.ReaderID, token: ldapitest.ReaderToken}
	other := request{method: "GET", path: "/api/v2/members/me", token: ldapitest.ServiceToken} // the same route, and 404
	const reset = "1767225610000"
	step := func(r request, status int, route, global, reset string) {
		t.Helper()
		a := send(t, s, r).want(t, status)
		equal(t, "headers", quota(a.header), map[string]string{"Route-Limit": "2", "Route-Remaining": route,
			"Global-Limit": "3", "Global-Remaining": global, "Reset": reset})
		if status == 429 {
			a.wantJSON(t, `{"code":"rate_limited","message":"You've exceeded the API rate limit. Try again later."}`)
		}
	}
	step(members, 200, "1", "2", reset)
	step(members, 200, "0", "1", reset)
	step(members, 429, "0", "1", reset) // the route is used up, and costs nothing more
	clock.advance(5 * time.Second)
	step(one, 200, "1", "0", reset)
	step(other, 429, "1", "0", reset) // the account is used up, for all its tokens
	send(t, s, request{method: "GET", path: "/api/v2/members", token: "none"}).want(t, 401)
	clock.advance(5*time.Second - time.Millisecond)
	step(members, 429, "0", "0", reset)
	clock.advance(time.Millisecond)
	step(other, 404, "1", "2", "1767225620000")
	step(members, 200, "1", "1", "1767225620000")
	s.Reset()
	step(members, 200, "1", "2", "1767225620000")
}

func TestQuotasThatDoNotApplySendNoHeaders(t *testing.T) {
	t.Parallel()
	members := request{method: "GET", path: "/api/v2/members"}
	equal(t, "none", quota(send(t, newServer(t), members).header), map[string]string{})
	a := send(t, newServer(t, ldapitest.WithRateLimit(5, 0, time.Minute)), members)
	equal(t, "route", quota(a.header), map[string]string{"Route-Limit": "5", "Route-Remaining": "4", "Reset": "1767225660000"})
	a = send(t, newServer(t, ldapitest.WithRateLimit(0, 5, time.Minute)), members)
	equal(t, "global", quota(a.header), map[string]string{"Global-Limit": "5", "Global-Remaining": "4", "Reset": "1767225660000"})
	a = send(t, newServer(t, ldapitest.WithRateLimit(1, 0, time.Minute)), request{method: "GET", path: "/api/v2/members", token: "none"})
	equal(t, "unauthorized", quota(a.header), map[string]string{})
	equal(t, "Retry-After", a.header.Get("Retry-After"), "")
}

func TestTokenQuota(t *testing.T) {
	t.Parallel()
	clock := newClock(noon)
	s := newServer(t, ldapitest.WithClock(clock.now), ldapitest.WithTokenRateLimit(1, time.Second))
	mine, yours := request{method: "GET", path: "/api/v2/members"}, request{method: "GET", path: "/api/v2/members", token: ldapitest.ReaderToken}
	headers := func(reset string) map[string]string {
		return map[string]string{"Auth-Token-Limit": "1", "Auth-Token-Remaining": "0", "Auth-Token-Reset": reset}
	}
	equal(t, "first", quota(send(t, s, mine).want(t, 200).header), headers("1767225601000"))
	equal(t, "second", quota(send(t, s, mine).want(t, 429).header), headers("1767225601000"))
	clock.advance(500 * time.Millisecond)
	equal(t, "another token", quota(send(t, s, yours).want(t, 200).header), headers("1767225601500"))
	clock.advance(500 * time.Millisecond)
	equal(t, "a new window", quota(send(t, s, mine).want(t, 200).header), headers("1767225602000"))
	send(t, s, yours).want(t, 429)
}
