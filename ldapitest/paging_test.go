package ldapitest_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ldapi-go/ldapi/ldapitest"
)

func TestMiddlePageOfTokens(t *testing.T) {
	t.Parallel()
	a := send(t, newServer(t), request{method: "GET", path: "/api/v2/tokens?showAll=true&limit=2&offset=2"}).want(t, 200)
	equal(t, "items", a.column(t, "name"), []string{"writer", "reader"})
	equal(t, "links", a.at(t, "_links"), parse(t, `{
	  "first": {"href": "/api/v2/tokens?limit=2&showAll=true", "type": "application/json"},
	  "prev":  {"href": "/api/v2/tokens?limit=2&showAll=true", "type": "application/json"},
	  "self":  {"href": "/api/v2/tokens?limit=2&offset=2&showAll=true", "type": "application/json"},
	  "next":  {"href": "/api/v2/tokens?limit=2&offset=4&showAll=true", "type": "application/json"},
	  "last":  {"href": "/api/v2/tokens?limit=2&offset=4&showAll=true", "type": "application/json"}}`))
	equal[any](t, "totalCount", a.at(t, "totalCount"), 5.0)
}

// withMembers is a server with n members altogether.
func withMembers(t testing.TB, n int, opts ...ldapitest.Option) *ldapitest.Server {
	t.Helper()
	s := newServer(t, opts...)
	for i := len(s.Members()); i < n; i++ {
		s.AddMember(ldapitest.Member{Email: fmt.Sprintf("m%02d@example.com", i)})
	}
	return s
}

func TestLinks(t *testing.T) {
	t.Parallel()
	s := withMembers(t, 45)
	for query, want := range map[string]string{
		"":                   "self limit=20 | next limit=20&offset=20 | last limit=20&offset=40",
		"?limit=20&offset=0": "self limit=20 | next limit=20&offset=20 | last limit=20&offset=40",
		"?offset=20":         "first limit=20 | prev limit=20 | self limit=20&offset=20 | next limit=20&offset=40 | last limit=20&offset=40",
		"?offset=40":         "first limit=20 | prev limit=20&offset=20 | self limit=20&offset=40",
		"?offset=5":          "first limit=20 | prev limit=20 | self limit=20&offset=5 | next limit=20&offset=25 | last limit=20&offset=40",
		"?offset=25":         "first limit=20 | prev limit=20&offset=5 | self limit=20&offset=25",
		"?offset=1000":       "first limit=20 | prev limit=20&offset=40 | self limit=20&offset=1000",
		"?limit=45":          "self limit=45",
		"?limit=44":          "self limit=44 | next limit=44&offset=44 | last limit=44&offset=44",
		"?limit=9223372036854775807&offset=9223372036854775807": "first limit=1000 | prev limit=1000 | self limit=1000&offset=9223372036854775807",
		"?filter=query:nobody&offset=3":                         "self filter=query%3Anobody&limit=20&offset=3",
		"?sort=-lastSeen&expand=roleAttributes&filter=email:m05@example.com%7Cm06@example.com%7Cm07@example.com&limit=2&x=y": "self expand=roleAttributes&filter=email%3Am05%40example.com%7Cm06%40example.com%7Cm07%40example.com&limit=2&sort=-lastSeen&x=y" +
			" | next expand=roleAttributes&filter=email%3Am05%40example.com%7Cm06%40example.com%7Cm07%40example.com&limit=2&offset=2&sort=-lastSeen&x=y" +
			" | last expand=roleAttributes&filter=email%3Am05%40example.com%7Cm06%40example.com%7Cm07%40example.com&limit=2&offset=2&sort=-lastSeen&x=y",
	} {
		a := send(t, s, request{method: "GET", path: "/api/v2/members" + query}).want(t, 200)
		links, _ := a.at(t, "_links").(map[string]any)
		var got []string
		for _, name := range []string{"first", "prev", "self", "next", "last"} {
			if link, ok := links[name].(map[string]any); ok {
				href, _ := link["href"].(string)
				got = append(got, name+" "+strings.TrimPrefix(href, "/api/v2/members?"))
				delete(links, name)
			}
		}
		equal(t, query, strings.Join(got, " | "), want)
		equal(t, "other links", slices.Collect(maps.Keys(links)), nil)
	}
}

func TestFollowingNext(t *testing.T) {
	t.Parallel()
	s := withMembers(t, 23)
	seen, path := []string{}, "/api/v2/members?limit=5&sort=-displayName&filter=query%3Aexample"
	for path != "" {
		a := send(t, s, request{method: "GET", path: path}).want(t, 200)
		equal[any](t, "totalCount", a.at(t, "totalCount"), 23.0)
		seen = append(seen, a.column(t, "_id")...)
		path, _ = a.at(t, "_links", "next", "href").(string)
	}
	all := send(t, s, request{method: "GET", path: "/api/v2/members?limit=100&sort=-displayName"}).column(t, "_id")
	equal(t, "pages", seen, all)
}

func TestPageLimits(t *testing.T) {
	t.Parallel()
	s := withMembers(t, 30, ldapitest.WithPageLimits(2, 10))
	for path, want := range map[string]int{
		"/api/v2/members":                       10, // the default is above the limit, too
		"/api/v2/members?limit=25":              10,
		"/api/v2/members?limit=3":               3,
		"/api/v2/members?limit=25&offset=25":    5,
		"/api/v2/members?limit=25&offset=30":    0,
		"/api/v2/tokens?limit=100&showAll=true": 2,
	} {
		equal(t, path, len(send(t, s, request{method: "GET", path: path}).want(t, 200).column(t, "_id")), want)
	}
	equal(t, "a zero keeps the default", len(send(t, withMembers(t, 30, ldapitest.WithPageLimits(0, 0)),
		request{method: "GET", path: "/api/v2/members?limit=30"}).column(t, "_id")), 30)
}

func TestRefusedPages(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, query := range []string{"limit=0", "limit=-1", "limit=ten", "limit=", "limit=2.5", "limit=99999999999999999999",
		"offset=-1", "offset=x", "offset="} {
		for _, path := range []string{"/api/v2/members?", "/api/v2/tokens?"} {
			send(t, s, request{method: "GET", path: path + query}).wantError(t, 400, "invalid_request", "integer")
		}
	}
	send(t, s, request{method: "GET", path: "/api/v2/members?limit=%zz"}).wantError(t, 400, "invalid_request", "query")
}
