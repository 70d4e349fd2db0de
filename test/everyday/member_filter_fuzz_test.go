package everyday_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// parseMemberFilter reads a filter as the API is documented to: terms joined by commas, the first colon ends the field, a
// bar separates the values of a list.
func parseMemberFilter(t *testing.T, text string) (f ldapi.MemberFilter) {
	t.Helper()
	fields := map[string]func(value string){
		"query":  func(v string) { f.Query = v },
		"role":   func(v string) { f.Roles = strings.Split(v, "|") },
		"id":     func(v string) { f.IDs = strings.Split(v, "|") },
		"email":  func(v string) { f.Emails = strings.Split(v, "|") },
		"team":   func(v string) { f.Team = v },
		"noteam": func(v string) { f.NoTeam = ldapi.PtrBool(v == "true") },
		"lastSeen": func(v string) {
			var object map[string]json.RawMessage
			require.NoError(t, json.Unmarshal([]byte(v), &object))
			require.Len(t, object, 1, "one key, so there is no comma")
			switch {
			case string(object["never"]) == "true":
				f.LastSeen = ldapi.LastSeenNever()
			case string(object["noData"]) == "true":
				f.LastSeen = ldapi.LastSeenNoData()
			default:
				ms, err := strconv.ParseInt(string(object["before"]), 10, 64)
				require.NoError(t, err)
				f.LastSeen = ldapi.LastSeenBefore(time.UnixMilli(ms))
			}
		},
		"accessCheck": func(v string) { f.AccessCheck = v },
	}
	if text == "" {
		return f
	}
	for term := range strings.SplitSeq(text, ",") {
		field, value, ok := strings.Cut(term, ":")
		require.True(t, ok, "%q has a field", term)
		require.Contains(t, fields, field)
		require.NotEmpty(t, value, "%q has a value", term)
		fields[field](value)
		delete(fields, field) // each appears at most once
	}
	return f
}

// unspeakable reports whether the language cannot express f.
func unspeakable(f ldapi.MemberFilter) bool {
	separates := func(v string) bool { return strings.ContainsAny(v, ",|") }
	for _, list := range [][]string{f.Roles, f.IDs, f.Emails} {
		if list != nil && len(list) == 0 || slices.Contains(list, "") || slices.ContainsFunc(list, separates) {
			return true
		}
	}
	action, resource, _ := strings.Cut(f.AccessCheck, ":")
	return separates(f.Query) || separates(f.Team) || separates(f.AccessCheck) ||
		f.AccessCheck != "" && (action == "" || resource == "")
}

// FuzzMemberFilter: the sent filter parses back to the same one, and the server accepts it; all others are refused.
func FuzzMemberFilter(f *testing.F) {
	f.Add("abc", "admin;customrole", "", "dev+flags@example.com;sam@example.com", "platform", "updateOn:proj/shop", uint8(1), uint8(3), int64(1751371200000))
	f.Add("a:b c", "", "5f00aa11bb22cc33dd44ee02", "a|b", "x,y", "", uint8(2), uint8(1), int64(0))
	f.Add("\x00\xff{\"%2B&=#", ";", "a;;b", " ", "é", ":", uint8(0), uint8(2), int64(-1))
	server := ldapitest.NewServer(ldapitest.WithInMemory())
	f.Cleanup(server.Close)
	list := func(text string) []string {
		switch text {
		case "":
			return nil
		case ";":
			return []string{}
		}
		return strings.Split(text, ";")
	}
	f.Fuzz(func(t *testing.T, query, roles, ids, emails, team, access string, noTeam, lastSeen uint8, before int64) {
		filter := ldapi.MemberFilter{
			Query: query, Roles: list(roles), IDs: list(ids), Emails: list(emails), Team: team, AccessCheck: access,
			NoTeam: []*bool{nil, ldapi.PtrBool(true), ldapi.PtrBool(false)}[noTeam%3],
			LastSeen: []*ldapi.LastSeenFilter{nil, ldapi.LastSeenNever(), ldapi.LastSeenNoData(),
				ldapi.LastSeenBefore(time.UnixMilli(before))}[lastSeen%4],
		}
		p := &tap{next: server.Transport()}
		client := server.Client(ldapi.WithTransport(p), ldapi.WithAPIVersion("20220603"))
		_, _, err := client.AccountMembersApi.GetMembers(t.Context()).FilterBy(filter).Execute()
		if unspeakable(filter) {
			require.Contains(t, refusedParameter(t, err), "MemberFilter.")
			require.Empty(t, p.sent)
			return
		}
		if !strings.ContainsAny(access, "*;") { // wildcards are the server's to refuse
			require.NoError(t, err)
		}
		sent, err := url.ParseQuery(p.only(t).url.RawQuery)
		require.NoError(t, err)
		require.Equal(t, filter, parseMemberFilter(t, sent.Get("filter")))
	})
}
