package ldapitest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// operation is one of the 13 operations of the API.
type operation struct {
	id, method, route string
	run               func(*account, *call) (reply, error)
}

// reply is a successful answer: a status and what its body is made of, nil for none.
type reply struct {
	status int
	body   *object
}

var operations = []operation{
	{"getTokens", http.MethodGet, "/api/v2/tokens", (*account).getTokens},
	{"postToken", http.MethodPost, "/api/v2/tokens", (*account).postToken},
	{"getToken", http.MethodGet, "/api/v2/tokens/{id}", (*account).getToken},
	{"patchToken", http.MethodPatch, "/api/v2/tokens/{id}", (*account).patchToken},
	{"deleteToken", http.MethodDelete, "/api/v2/tokens/{id}", (*account).deleteToken},
	{"resetToken", http.MethodPost, "/api/v2/tokens/{id}/reset", (*account).resetToken},
	{"getMembers", http.MethodGet, "/api/v2/members", (*account).getMembers},
	{"postMembers", http.MethodPost, "/api/v2/members", (*account).postMembers},
	{"patchMembers", http.MethodPatch, "/api/v2/members", (*account).patchMembers},
	{"getMember", http.MethodGet, "/api/v2/members/{id}", (*account).getMember},
	{"patchMember", http.MethodPatch, "/api/v2/members/{id}", (*account).patchMember},
	{"deleteMember", http.MethodDelete, "/api/v2/members/{id}", (*account).deleteMember},
	{"postMemberTeams", http.MethodPost, "/api/v2/members/{id}/teams", (*account).postMemberTeams},
}

// route finds the operation of a method and a path that is still percent-encoded, and the id in the path. When other
// verbs would do, it names them.
func route(method, escapedPath string) (op *operation, id string, verbs []string) {
	for i := range operations {
		o := &operations[i]
		value, ok := matchRoute(o.route, escapedPath)
		if !ok {
			continue
		}
		if o.method == method || method == http.MethodHead && o.method == http.MethodGet {
			return o, value, nil
		}
		verbs = append(verbs, o.method)
	}
	slices.Sort(verbs)
	return nil, "", verbs
}

func matchRoute(route, escapedPath string) (id string, ok bool) {
	want, got := strings.Split(route, "/"), strings.Split(escapedPath, "/")
	if len(want) != len(got) {
		return "", false
	}
	for i, segment := range got {
		value, err := url.PathUnescape(segment)
		switch {
		case err != nil || value == "" && i > 0:
			return "", false
		case want[i] == "{id}":
			id = value
		case want[i] != value:
			return "", false
		}
	}
	return id, true
}
