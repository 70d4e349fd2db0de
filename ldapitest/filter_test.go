package ldapitest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// crowd is the seed and three more: names are the first names.
func crowd(t testing.TB) *ldapitest.Server {
	t.Helper()
	s := newServer(t)
	s.AddTeam(ldapitest.Team{Key: "Checkout"})
	s.AddMember(ldapitest.Member{ID: "64b7f0c2a91e3d5f08c41a10", FirstName: "Sam", LastName: "Ochoa", Email: "sam+flags@example.com",
		CustomRoles: []string{"release-manager"}, Teams: []string{"Checkout"}, PendingInvite: true})
	s.AddMember(ldapitest.Member{ID: "64b7f0c2a91e3d5f08c41a11", FirstName: "Ira", Email: "ira@example.com", NoLastSeenData: true,
		Role: "no_access", CustomRoles: []string{"people-manager"}})
	s.AddMember(ldapitest.Member{Email: "bea@other.example", LastSeen: noon.Add(-31 * 24 * time.Hour), Role: "admin"})
	return s
}

func names(t testing.TB, a answer) string {
	t.Helper()
	var list []string
	for _, email := range a.column(t, "email") {
		name, _, _ := strings.Cut(email, "@")
		name, _, _ = strings.Cut(name, ".")
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

func TestFilters(t *testing.T) {
	t.Parallel()
	s := crowd(t)
	for filter, want := range map[string]string{
		"":                                    "olga adam wendy remy sam+flags ira bea",
		"query:RE":                            "remy",
		"query:ADLER":                         "adam",
		"query:example.com":                   "olga adam wendy remy sam+flags ira",
		"query:sam+flags":                     "sam+flags",
		"query:a:b":                           "",
		"role:admin":                          "olga adam bea",
		"role:owner":                          "olga",
		"role:Admin":                          "",
		"role:reader|writer":                  "wendy remy sam+flags",
		"role:release-manager":                "sam+flags",
		"role:64c1d2e3f4a5b6c7d8e9f002|owner": "olga ira",
		"role:none":                           "",
		"id:" + ldapitest.ReaderID:            "remy",
		"id:64b7f0c2a91e3d5f08c41a10|xyz|64b7f0c2a91e3d5f08c41a11": "sam+flags ira",
		"email:Ira@Example.com":                             "ira",
		"email:ira@example":                                 "",
		"email:sam+flags@example.com|remy.reed@example.com": "remy sam+flags",
		"team:platform":                                     "wendy",
		"team:CHECKOUT":                                     "sam+flags",
		"team:check":                                        "",
		"noteam:true":                                       "olga adam remy ira bea",
		"noteam:false":                                      "wendy sam+flags",
		`lastSeen:{"never":true}`:                           "remy sam+flags",
		`lastSeen:{"never": true},role:reader,noteam:true`: "remy",
		`lastSeen:{"noData":true}`:                         "ira",
		`lastSeen:{"before":1764633600000}`:                "remy sam+flags ira bea", // wendy was seen at this very millisecond
		`lastSeen:{"before":1764633600001}`:                "wendy remy sam+flags ira bea",
		`noteam:true,lastSeen:{"never":true}`:              "remy",
		"query:e,role:admin|release-manager":               "olga adam sam+flags bea",
		"role:admin,role:owner":                            "olga",
	} {
		a := send(t, s, request{method: "GET", path: "/api/v2/members?filter=" + url.QueryEscape(filter)}).want(t, 200)
		equal(t, filter, names(t, a), want)
	}
}

func TestABarePlusIsASpace(t *testing.T) {
	t.Parallel()
	a := send(t, crowd(t), request{method: "GET", path: "/api/v2/members?filter=email:sam+flags@example.com"}).want(t, 200)
	equal(t, "found", names(t, a), "")
}

func TestRefusedFilters(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for filter, message := range map[string]string{
		"adam":                                  "field:value",
		"name:adam":                             `unknown field "name"`,
		"adam,role:admin":                       "unknown field",
		"query:":                                "empty",
		"role:admin,":                           "empty",
		"role:admin,,query:a":                   "unknown field",
		"noteam:yes":                            "noteam",
		"lastSeen:never":                        "JSON object",
		"lastSeen:7":                            "JSON object",
		`lastSeen:{"never":true`:                "JSON object",
		`lastSeen:{"never":true}x`:              "comma",
		`lastSeen:{"never":true},`:              "empty",
		`lastSeen:{"never":false}`:              "must be one of",
		`lastSeen:{"never":"yes"}`:              "never must be a boolean",
		`lastSeen:{"before":"yesterday"}`:       "before must be an integer",
		`lastSeen:{"never":true,"noData":true}`: "must be one of",
		`lastSeen:{}`:                           "must be one of",
		"accessCheck:createMember:member/abc":   "not available",
	} {
		send(t, s, request{method: "GET", path: "/api/v2/members?filter=" + url.QueryEscape(filter)}).
			wantError(t, 400, "invalid_request", message)
	}
}

func TestAccessCheckOfOlderVersions(t *testing.T) {
	t.Parallel()
	s := crowd(t)
	check := func(filter string) answer {
		return send(t, s, request{method: "GET", path: "/api/v2/members?filter=" + url.QueryEscape(filter),
			header: map[string]string{"LD-API-Version": "20220603"}})
	}
	for filter, want := range map[string]string{
		"accessCheck:createMember:member/x":                                 "olga adam ira bea",
		"accessCheck:updateOn:proj/shop:env/test:flag/a":                    "olga adam wendy sam+flags bea",
		"accessCheck:viewProject:proj/shop":                                 "olga adam wendy remy bea",
		"accessCheck:createApprovalRequest:proj/a:env/b:flag/c,noteam:true": "olga adam bea",
	} {
		equal(t, filter, names(t, check(filter).want(t, 200)), want)
	}
	for _, filter := range []string{"accessCheck:createMember", "accessCheck::member/x", "accessCheck:createMember:member/*",
		"accessCheck:updateOn:proj/a;tag"} {
		check(filter).wantError(t, 400, "invalid_request", "accessCheck")
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	s := crowd(t)
	s.AddMember(ldapitest.Member{FirstName: "adam", LastName: "Zed", Email: "adam.z@example.com", LastSeen: noon})
	for sort, want := range map[string]string{
		"":                      "olga adam wendy remy sam+flags ira bea adam",
		"displayName":           "adam adam bea ira olga remy sam+flags wendy",
		"-displayName":          "wendy sam+flags remy olga ira bea adam adam",
		"lastSeen":              "remy sam+flags ira bea wendy adam olga adam",
		"-lastSeen":             "adam olga adam wendy bea remy sam+flags ira",
		"lastSeen,-displayName": "sam+flags remy ira bea wendy adam olga adam",
	} {
		a := send(t, s, request{method: "GET", path: "/api/v2/members?sort=" + sort}).want(t, 200)
		equal(t, sort, names(t, a), want)
	}
	for _, sort := range []string{"email", "displayName,", "+displayName", "--lastSeen"} {
		send(t, s, request{method: "GET", path: "/api/v2/members?sort=" + sort}).wantError(t, 400, "invalid_request", "sort")
	}
}
