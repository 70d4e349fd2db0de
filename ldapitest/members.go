package ldapitest

import (
	"encoding/json"
	"net/http"
	"slices"
)

const maxTeams = 50

func (a *account) getMembers(c *call) (reply, error) {
	p, err := parsePage(c.query, defaultMembers, a.cfg.maxMembers)
	if err != nil {
		return reply{}, err
	}
	filter, err := a.parseFilter(c.query.Get("filter"), c.version)
	if err != nil {
		return reply{}, err
	}
	order, err := parseSort(c.query.Get("sort"))
	if err != nil {
		return reply{}, err
	}
	var matching []*Member
	for _, m := range a.members {
		if filter(m) {
			matching = append(matching, m)
		}
	}
	slices.SortStableFunc(matching, order)
	expand := parseExpand(c.query.Get("expand"))
	links := p.links(membersPath, c.query, len(matching), !a.cfg.withoutNext)
	return reply{status: http.StatusOK, body: a.membersObject(c.shape, cut(p, matching), expand, links, len(matching))}, nil
}

func (a *account) membersObject(s shape, members []*Member, expand expansion, links []string, total int) *object {
	items := make([]*object, 0, len(members))
	for _, m := range members {
		items = append(items, a.memberObject(s, m, expand))
	}
	return a.listObject(s, items, links, total)
}

func (a *account) getMember(c *call) (reply, error) {
	m := a.member(c.ids[0])
	if c.ids[0] == "me" {
		m = c.caller.member
	}
	if m == nil {
		return reply{}, standardError(http.StatusNotFound)
	}
	return reply{status: http.StatusOK, body: a.memberObject(c.shape, m, parseExpand(c.query.Get("expand")))}, nil
}

func (a *account) deleteMember(c *call) (reply, error) {
	m := a.member(c.ids[0])
	switch {
	case m == nil:
		return reply{}, standardError(http.StatusNotFound)
	case !c.caller.allows("deleteMember", "member/"+m.ID):
		return reply{}, standardError(http.StatusForbidden)
	case a.cfg.scim:
		return reply{}, forbidden("Members are managed through SCIM.")
	case m.Role == roleOwner:
		return reply{}, forbidden("The owner of the account cannot be deleted.")
	case m == c.caller.member:
		return reply{}, forbidden("You cannot delete yourself.")
	}
	before := a.memberVersion(m)
	a.members = slices.DeleteFunc(a.members, func(o *Member) bool { return o == m })
	for _, t := range a.tokens {
		if t.MemberID == m.ID && !t.ServiceToken {
			t.Inactive = true
		}
	}
	return reply{status: http.StatusNoContent, change: m.change("deleted", "deleteMember", before, nil)}, nil
}

func (a *account) postMemberTeams(c *call) (reply, error) {
	m := a.member(c.ids[0])
	if m == nil {
		return reply{}, &apiError{status: http.StatusNotFound, code: "not_found", message: "Member not found"}
	}
	p, err := decodeObject(c.body)
	if err != nil {
		return reply{}, err
	}
	keys := p.texts("teamKeys")
	if p.err == nil && (len(keys) == 0 || len(keys) > maxTeams) {
		p.err = badRequest("teamKeys must have 1 to %d keys", maxTeams)
	}
	if p.err != nil {
		return reply{}, p.err
	}
	if err := a.checkTeams(keys); err != nil {
		return reply{}, err
	}
	for _, key := range keys {
		if !c.caller.allows("updateTeamMembers", "team/"+key) {
			return reply{}, standardError(http.StatusForbidden)
		}
	}
	answer, teams, before := reply{status: http.StatusCreated}, len(m.Teams), a.memberVersion(m)
	if m.addTeams(keys); len(m.Teams) > teams {
		m.touch()
		answer.change = m.change("updated", "updateTeamMembers", before, a.memberVersion(m))
	}
	answer.body = a.memberObject(c.shape, m, expansion{})
	return answer, nil
}

// memberPatchRoots are the properties of a member that a patch may change, with the action that each needs.
var memberPatchRoots = map[string]string{
	"role":           "updateRole",
	"customRoles":    "updateCustomRole",
	"roleAttributes": "updateMemberRoleAttributes",
}

func (a *account) patchMember(c *call) (reply, error) {
	m := a.member(c.ids[0])
	if m == nil {
		return reply{}, standardError(http.StatusNotFound)
	}
	ops, err := decodePatch(c.body)
	if err != nil {
		return reply{}, err
	}
	if err = checkMemberPatch(c.caller, m, ops); err != nil {
		return reply{}, err
	}
	before := a.memberVersion(m)
	patched, err := ops.apply(before, memberPatchRoots)
	if err != nil {
		return reply{}, err
	}
	next, err := a.patchedMember(m, patched)
	if err != nil {
		return reply{}, err
	}
	*m = *next
	m.touch()
	ch := m.change("updated", "", before, a.memberVersion(m))
	ch.actions, ch.comment, ch.delta = ops.actions(memberPatchRoots), ops.comment, ops.list
	return reply{status: http.StatusOK, body: a.memberObject(c.shape, m, expansion{}), change: ch}, nil
}

func checkMemberPatch(c *caller, m *Member, ops patch) error {
	for _, root := range ops.roots() {
		action := memberPatchRoots[root]
		if action != "" && !c.allows(action, "member/"+m.ID) {
			return standardError(http.StatusForbidden)
		}
	}
	if len(ops.roots()) == 0 && !c.allows("updateRole", "member/"+m.ID) {
		return standardError(http.StatusForbidden)
	}
	if c.member == m && ops.touch("role", "customRoles") {
		return forbidden(ownRole)
	}
	if m.Role == roleOwner && ops.touch("role") {
		return forbidden(ownersRole)
	}
	return nil
}

// patchedMember reads a member back from its patched document.
func (a *account) patchedMember(m *Member, document json.RawMessage) (*Member, error) {
	p, err := decodeObject(document)
	if err != nil {
		return nil, err
	}
	next := m.clone()
	next.Role, next.CustomRoles, next.RoleAttributes = p.text("role"), p.texts("customRoles"), p.attributes("roleAttributes")
	if !p.has("role") && p.err == nil {
		p.err = badRequest("role is required")
	}
	if p.err != nil {
		return nil, p.err
	}
	if next.Role != m.Role {
		if next.Role, err = a.baseRole(next.Role, len(next.CustomRoles) > 0); err != nil {
			return nil, err
		}
	}
	return &next, a.checkRoleIDs(next.CustomRoles)
}

// baseRole returns the role that a member gets. Leaving it open makes a reader, unless the rule is strict and there are no
// custom roles either.
func (a *account) baseRole(role string, withCustomRoles bool) (string, error) {
	if role == "" {
		if a.cfg.strictRoles && !withCustomRoles {
			return "", badRequest("role or customRoles is required")
		}
		return roleReader, nil
	}
	if !slices.Contains(memberRoles, role) {
		return "", badRequest("role must be reader, writer, admin or no_access")
	}
	return role, nil
}

func (m *Member) resource() string { return "member/" + m.ID }

func (m *Member) change(verb, action string, before, after json.RawMessage) *change {
	return &change{verb: verb, actions: []string{action}, resources: []string{m.resource()}, name: m.fullName(), before: before, after: after}
}
