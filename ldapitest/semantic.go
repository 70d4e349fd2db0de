package ldapitest

import (
	"encoding/json"
	"mime"
	"net/http"
	"slices"
)

// The messages of members whom an instruction leaves alone. Only the first is known.
const (
	ownRole       = "you cannot modify your own role"
	ownersRole    = "you cannot modify the role of the account owner"
	unknownMember = "member not found"
)

// instruction is one step of a semantic patch, checked and ready to run.
type instruction struct {
	action string   // that the caller needs
	ids    []string // of the members to change
	except matcher  // instead of ids: everybody but those who match
	change func(*Member)
}

// patchMembers runs all instructions or, if one of them makes no sense, none. Members who cannot be changed are reported
// and do not stop the others.
func (a *account) patchMembers(c *call) (reply, error) {
	if a.cfg.plan != PlanEnterprise {
		return reply{}, forbidden("Changing members in bulk needs an Enterprise plan.")
	}
	_, params, _ := mime.ParseMediaType(c.header.Get("Content-Type")) // checked for every PATCH
	if !a.cfg.plainBulkPatch && params["domain-model"] != "launchdarkly.semanticpatch" {
		return reply{}, badRequest("Content-Type must be application/json; domain-model=launchdarkly.semanticpatch")
	}
	instructions, comment, err := a.parseInstructions(c.body)
	if err != nil {
		return reply{}, err
	}
	for _, in := range instructions {
		if !c.caller.allows(in.action, "member/*") {
			return reply{}, standardError(http.StatusForbidden)
		}
	}
	var updated, actions, resources []string
	var failed []*object
	for _, in := range instructions {
		for _, id := range a.targets(in) {
			if problem := a.run(c.caller, in, id); problem != "" {
				failed = append(failed, (&object{}).set(id, problem))
				continue
			}
			if !slices.Contains(updated, id) {
				updated, resources = append(updated, id), append(resources, "member/"+id)
			}
			if !slices.Contains(actions, in.action) {
				actions = append(actions, in.action)
			}
		}
	}
	answer := reply{status: http.StatusOK, body: c.shape.object().set("members", updated).
		optional("errors", failed, len(failed) > 0)}
	if len(updated) > 0 {
		answer.change = &change{verb: "updated", actions: actions, resources: resources, name: a.member(updated[0]).fullName(),
			comment: comment}
	}
	return answer, nil
}

func (a *account) parseInstructions(body []byte) (instructions []instruction, comment string, err error) {
	items, comment, err := readInstructions(body)
	if err != nil {
		return nil, "", err
	}
	for _, item := range items {
		in, err := a.parseInstruction(item)
		if err != nil {
			return nil, "", err
		}
		instructions = append(instructions, in)
	}
	return instructions, comment, nil
}

func (a *account) parseInstruction(item json.RawMessage) (in instruction, err error) {
	p, err := decodeObject(item)
	if err != nil {
		return in, err
	}
	switch kind := p.text("kind"); kind {
	case "replaceMembersRoles", "replaceAllMembersRoles":
		in.action = "updateRole"
		role := p.text("value")
		if p.err == nil && !slices.Contains(memberRoles, role) {
			p.err = badRequest("%s: value must be reader, writer, admin or no_access", kind)
		}
		in.change = func(m *Member) { m.Role, m.CustomRoles = role, nil }
		in.readTargets(a, p, kind == "replaceAllMembersRoles", "value")
	case "replaceMembersCustomRoles", "replaceAllMembersCustomRoles":
		in.action = "updateCustomRole"
		ids, err := a.roleIDs(p.texts("values"))
		if p.err == nil {
			p.err = err
		}
		in.change = func(m *Member) { m.CustomRoles = slices.Clone(ids) }
		in.readTargets(a, p, kind == "replaceAllMembersCustomRoles", "values")
	case "replaceMembersRoleAttributes":
		in.action = "updateMemberRoleAttributes"
		attributes := p.attributes("value")
		in.change = func(m *Member) { m.RoleAttributes = cloneAttributes(attributes) }
		in.readTargets(a, p, false, "value")
	default:
		p.fail("kind", "one of the five kinds of instructions")
	}
	return in, p.err
}

// readTargets reads whom an instruction is for. A parameter that the kind does not have is refused: a filter with a wrong
// name would change everyone.
func (in *instruction) readTargets(a *account, p *properties, all bool, value string) {
	names := []string{value, "memberIDs"}
	if all {
		names = []string{value, "filterLastSeen", "filterQuery", "filterRoles", "filterTeamKey", "ignoredMemberIDs"}
	} else if in.ids = p.texts("memberIDs"); len(in.ids) == 0 {
		p.fail("memberIDs", "a list of at least one member ID")
	}
	p.needs(value)
	p.only(names...)
	if all {
		in.except = a.readExceptions(p)
	}
}

// readExceptions reads the filters of an instruction for all members: members that match any of them are not changed.
func (a *account) readExceptions(p *properties) matcher {
	var filters []matcher
	if p.has("filterLastSeen") {
		match, err := matchLastSeen(p.raw["filterLastSeen"])
		if err != nil && p.err == nil {
			p.err = err
		}
		filters = append(filters, match)
	}
	if text := p.text("filterQuery"); text != "" {
		filters = append(filters, matchQuery(text))
	}
	if roles := p.text("filterRoles"); roles != "" {
		filters = append(filters, a.matchRoles(roles))
	}
	if key := p.text("filterTeamKey"); key != "" {
		filters = append(filters, matchTeam(key))
	}
	ignored := p.texts("ignoredMemberIDs")
	filters = append(filters, func(m *Member) bool { return slices.Contains(ignored, m.ID) })
	return func(m *Member) bool {
		return slices.ContainsFunc(filters, func(match matcher) bool { return match(m) })
	}
}

func (a *account) targets(in instruction) []string {
	if in.except == nil {
		return in.ids
	}
	var ids []string
	for _, m := range a.members {
		if !in.except(m) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// run changes one member, or reports why not.
func (a *account) run(c *caller, in instruction, id string) (problem string) {
	m := a.member(id)
	switch {
	case m == nil:
		return unknownMember
	case m == c.member && in.action != "updateMemberRoleAttributes":
		return ownRole
	case m.Role == roleOwner && in.action == "updateRole":
		return ownersRole
	}
	in.change(m)
	m.touch()
	return ""
}
