package ldapitest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// operation is an operation of the API, or one that its description does not have.
type operation struct {
	id, method, route string
	run               func(*account, *call) (reply, error)
	traits            trait
}

// trait is what distinguishes an operation from most others.
type trait uint8

const (
	anonymous    trait = 1 << iota // needs no credential
	optionalBody                   // a request without a body needs no content type
	upload                         // the body is a file in multipart/form-data
	needsPlan                      // answers 403 without an Enterprise plan
	needsBeta                      // answers 403 without LD-API-Version: beta
)

func (o *operation) is(t trait) bool { return o.traits&t != 0 }

// reply is a successful answer: a status and what its body is made of, nil for none. What the operation changed goes to the audit
// log.
type reply struct {
	status int
	body   *object
	change *change // nil for operations that read, and for those that changed nothing
}

// operations is filled by init: getOpenapiSpec describes them all, so that a variable would refer to itself.
var operations []operation

func init() {
	operations = []operation{
		{"getTokens", http.MethodGet, "/api/v2/tokens", (*account).getTokens, 0},
		{"postToken", http.MethodPost, "/api/v2/tokens", (*account).postToken, 0},
		{"getToken", http.MethodGet, "/api/v2/tokens/{id}", (*account).getToken, 0},
		{"patchToken", http.MethodPatch, "/api/v2/tokens/{id}", (*account).patchToken, 0},
		{"deleteToken", http.MethodDelete, "/api/v2/tokens/{id}", (*account).deleteToken, 0},
		{"resetToken", http.MethodPost, "/api/v2/tokens/{id}/reset", (*account).resetToken, 0},
		{"getMembers", http.MethodGet, "/api/v2/members", (*account).getMembers, 0},
		{"postMembers", http.MethodPost, "/api/v2/members", (*account).postMembers, 0},
		{"patchMembers", http.MethodPatch, "/api/v2/members", (*account).patchMembers, 0},
		{"getMember", http.MethodGet, "/api/v2/members/{id}", (*account).getMember, 0},
		{"patchMember", http.MethodPatch, "/api/v2/members/{id}", (*account).patchMember, 0},
		{"deleteMember", http.MethodDelete, "/api/v2/members/{id}", (*account).deleteMember, 0},
		{"postMemberTeams", http.MethodPost, "/api/v2/members/{id}/teams", (*account).postMemberTeams, 0},

		{"getCustomRoles", http.MethodGet, rolesPath, (*account).getCustomRoles, needsPlan},
		{"postCustomRole", http.MethodPost, rolesPath, (*account).postCustomRole, needsPlan},
		{"getCustomRole", http.MethodGet, rolesPath + "/{customRoleKey}", (*account).getCustomRole, needsPlan},
		{"patchCustomRole", http.MethodPatch, rolesPath + "/{customRoleKey}", (*account).patchCustomRole, needsPlan},
		{"deleteCustomRole", http.MethodDelete, rolesPath + "/{customRoleKey}", (*account).deleteCustomRole, needsPlan},

		{"getTeams", http.MethodGet, teamsPath, (*account).getTeams, needsPlan},
		{"postTeam", http.MethodPost, teamsPath, (*account).postTeam, needsPlan},
		{"patchTeams", http.MethodPatch, teamsPath, (*account).patchTeams, needsPlan | needsBeta},
		{"getTeam", http.MethodGet, teamsPath + "/{teamKey}", (*account).getTeam, needsPlan},
		{"patchTeam", http.MethodPatch, teamsPath + "/{teamKey}", (*account).patchTeam, needsPlan},
		{"deleteTeam", http.MethodDelete, teamsPath + "/{teamKey}", (*account).deleteTeam, needsPlan},
		{"getTeamMaintainers", http.MethodGet, teamsPath + "/{teamKey}/maintainers", (*account).getTeamMaintainers, needsPlan},
		{"postTeamMembers", http.MethodPost, teamsPath + "/{teamKey}/members", (*account).postTeamMembers, needsPlan | upload},
		{"getTeamRoles", http.MethodGet, teamsPath + "/{teamKey}/roles", (*account).getTeamRoles, needsPlan},

		{"getCallerIdentity", http.MethodGet, "/api/v2/caller-identity", (*account).getCallerIdentity, 0},
		{"getVersions", http.MethodGet, "/api/v2/versions", (*account).getVersions, 0},
		{"getRoot", http.MethodGet, "/api/v2", (*account).getRoot, anonymous},
		{"getIps", http.MethodGet, "/api/v2/public-ip-list", (*account).getIps, anonymous},
		{"getOpenapiSpec", http.MethodGet, "/api/v2/openapi.json", (*account).getOpenapiSpec, anonymous},
		{"", http.MethodGet, "/api/v2/account", (*account).getAccount, 0},

		{"getAuditLogEntries", http.MethodGet, auditPath, (*account).getAuditLogEntries, 0},
		{"postAuditLogEntries", http.MethodPost, auditPath, (*account).postAuditLogEntries, optionalBody},
		{"postAuditLogEntryCounts", http.MethodPost, auditPath + "/counts", (*account).postAuditLogEntryCounts, 0},
		{"getAuditLogEntry", http.MethodGet, auditPath + "/{id}", (*account).getAuditLogEntry, 0},
	}
}

// route finds the operation of a method and a path that is still percent-encoded, and the parameters in the path. When other
// verbs would do, it names them.
func route(method, escapedPath string) (op *operation, ids []string, verbs []string) {
	for i := range operations {
		o := &operations[i]
		values, ok := matchRoute(o.route, escapedPath)
		if !ok {
			continue
		}
		if o.method == method || method == http.MethodHead && o.method == http.MethodGet {
			return o, values, nil
		}
		verbs = append(verbs, o.method)
	}
	slices.Sort(verbs)
	return nil, nil, verbs
}

func matchRoute(route, escapedPath string) (ids []string, ok bool) {
	want, got := strings.Split(route, "/"), strings.Split(escapedPath, "/")
	if len(want) != len(got) {
		return nil, false
	}
	for i, segment := range got {
		value, err := url.PathUnescape(segment)
		switch {
		case err != nil || value == "" && i > 0:
			return nil, false
		case strings.HasPrefix(want[i], "{"):
			ids = append(ids, value)
		case want[i] != value:
			return nil, false
		}
	}
	return ids, true
}
