package ldapitest_test

import (
	"testing"

	"github.com/ldapi-go/ldapi/ldapitest"
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for token, status := range map[string]int{
		"none":                             401,
		" ":                                401,
		"Bearer ":                          401,
		"api-unknown":                      401,
		ldapitest.ReaderTokenID:            401,
		"3a04":                             401,
		ldapitest.ReaderToken + "x":        401,
		ldapitest.ReaderToken:              200,
		"Bearer " + ldapitest.ReaderToken:  200,
		"bearer " + ldapitest.ReaderToken:  200,
		"BEARER " + ldapitest.ReaderToken:  200,
		"Basic " + ldapitest.ReaderToken:   401,
		ldapitest.OwnerToken:               200,
		ldapitest.AdminToken:               200,
		ldapitest.WriterToken:              200,
		ldapitest.ServiceToken:             200,
		"Bearer " + ldapitest.ServiceToken: 200,
	} {
		a := send(t, s, request{method: "GET", path: "/api/v2/members", token: token}).want(t, status)
		if status == 401 {
			a.wantJSON(t, `{"code":"unauthorized","message":"Invalid access token"}`)
		}
	}
}

func TestPathsAndVerbs(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const id = "/66a0b1c2d3e4f50617283903"
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/", 404, ""},
		{"GET", "/api/v2", 200, ""},
		{"POST", "/api/v2", 405, "GET"},
		{"GET", "/api/v2/projects", 404, ""},
		{"GET", "/api/v2/tokens/", 404, ""},
		{"GET", "/api/v2//tokens", 404, ""},
		{"GET", "//api/v2/tokens", 404, ""},
		{"GET", "/API/v2/tokens", 404, ""},
		{"GET", "/api/v2/members/x/y", 404, ""},
		{"GET", "/api/v2/members/..", 404, ""},
		{"GET", "/api/v2/members/a%2Fb", 404, ""},
		{"GET", "/api/v2/%74okens", 200, ""},
		{"PUT", "/api/v2/tokens", 405, "GET, POST"},
		{"HEAD", "/api/v2/tokens", 200, ""},
		{"HEAD", "/api/v2/tokens" + id + "/reset", 405, "POST"},
		{"OPTIONS", "/api/v2/tokens" + id, 405, "DELETE, GET, PATCH"},
		{"GET", "/api/v2/tokens" + id + "/reset", 405, "POST"},
		{"DELETE", "/api/v2/members", 405, "GET, PATCH, POST"},
		{"PUT", "/api/v2/members" + id + "/teams", 405, "POST"},
	} {
		a := send(t, s, request{method: c.method, path: c.path}).want(t, c.status)
		equal(t, c.method+" "+c.path, a.header.Get("Allow"), c.allow)
		if c.method == "HEAD" {
			continue
		}
		if c.status == 405 {
			a.wantJSON(t, `{"code":"method_not_allowed","message":"Method not allowed"}`)
		}
		if c.status == 404 {
			a.wantJSON(t, `{"code":"not_found","message":"Invalid resource identifier"}`)
		}
	}
}

func TestMethodOverride(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const path = "/api/v2/tokens/66a0b1c2d3e4f50617283903"
	post := func(verb string, r request) answer {
		r.header["X-HTTP-Method-Override"] = verb
		return send(t, s, r)
	}
	patch := `[{"op":"replace","path":"/name","value":"n"}]`
	post("patch", request{method: "POST", path: path, body: patch, header: map[string]string{}}).want(t, 200)
	post("PATCH", request{method: "POST", path: path, body: patch, header: map[string]string{"Content-Type": ""}}).want(t, 400)
	post("PUT", request{method: "POST", path: path, header: map[string]string{}}).want(t, 405)
	post("GET", request{method: "POST", path: "/api/v2/tokens", body: `{"role":"reader"}`, header: map[string]string{}}).
		wantError(t, 400, "invalid_request", "X-HTTP-Method-Override")
	post("DELETE", request{method: "GET", path: path, header: map[string]string{}}).want(t, 200) // only a POST can be overridden
	post("DELETE", request{method: "POST", path: path, header: map[string]string{"Content-Type": ""}}).want(t, 204)
	requests := s.Requests()
	last := requests[len(requests)-1]
	equal(t, "recorded", last.Method+" "+last.Operation, "POST deleteToken")
}

func TestContentType(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, r := range []request{
		{method: "POST", path: "/api/v2/tokens", body: `{"role":"reader"}`},
		{method: "POST", path: "/api/v2/members", body: `[{"email":"a@example.com"}]`},
		{method: "PATCH", path: "/api/v2/tokens/66a0b1c2d3e4f50617283903", body: `[]`},
		{method: "PATCH", path: "/api/v2/members/5f00aa11bb22cc33dd44ee03", body: `[]`},
		{method: "POST", path: "/api/v2/members/5f00aa11bb22cc33dd44ee03/teams", body: `{"teamKeys":["platform"]}`},
		{method: "POST", path: "/api/v2/tokens/66a0b1c2d3e4f50617283903/reset"},
	} {
		for _, wrong := range []string{"", "text/plain", "application/x-www-form-urlencoded", "json", "application/json;;"} {
			r.header = map[string]string{"Content-Type": wrong}
			send(t, s, r).wantError(t, 400, "invalid_request", "Content-Type")
		}
		r.header = map[string]string{"Content-Type": "Application/JSON; charset=utf-8"}
		if a := send(t, s, r); a.status/100 != 2 {
			t.Errorf("%s: status %d: %s", r.path, a.status, a.body)
		}
	}
}

func TestAPIVersion(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for version, status := range map[string]int{
		"20240415": 200, "20220603": 200, "20210729": 200, "20191212": 200, "20160426": 200, "beta": 200, "": 200,
		"20240101": 400, "latest": 400, "20240415,beta": 400,
	} {
		equal(t, version, send(t, s, request{method: "GET", path: "/api/v2/tokens",
			header: map[string]string{"LD-API-Version": version}}).status, status)
	}
	req := build(t, s, request{method: "GET", path: "/api/v2/tokens"})
	for values, status := range map[[2]string]int{{"20240415", "20240415"}: 200, {"20240415", "beta"}: 400} {
		req.Header["Ld-Api-Version"] = values[:]
		resp, err := s.Transport().RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		equal(t, values[1], resp.StatusCode, status)
	}
}
