package ldapitest

import (
	"encoding/json"
	"net/http"
	"slices"
)

// teamStep is one instruction of the semantic patch of a team, read and ready to run.
type teamStep struct {
	action string // that the caller needs
	run    func(*Team) error
}

// patchTeam runs all instructions or, if one of them fails, none.
func (a *account) patchTeam(c *call) (reply, error) {
	t := a.team(c.ids[0])
	if t == nil {
		return reply{}, standardError(http.StatusNotFound)
	}
	items, comment, err := readInstructions(c.body)
	if err != nil {
		return reply{}, err
	}
	var steps []teamStep
	var actions []string
	for _, item := range items {
		step, err := a.parseTeamStep(item)
		if err != nil {
			return reply{}, err
		}
		if !c.caller.allows(step.action, t.resource()) {
			return reply{}, standardError(http.StatusForbidden)
		}
		if t.IDPSynced && (step.action == "updateTeamMembers" || step.action == "updateTeamName") {
			return reply{}, forbidden("The name and the members of the team are managed by an identity provider.")
		}
		if steps = append(steps, step); !slices.Contains(actions, step.action) {
			actions = append(actions, step.action)
		}
	}
	before, undo := a.teamVersion(t), a.snapshot(t)
	wasOccupied := a.occupied(t)
	for _, step := range steps {
		if err := step.run(t); err != nil {
			undo()
			return reply{}, err
		}
	}
	t.touch(c.now)
	if wasOccupied && !a.occupied(t) {
		a.detached[t.Key] = a.cfg.deletionConflicts
	}
	return reply{status: http.StatusOK, body: a.teamObject(c.shape, t, parseExpand(c.query.Get("expand"))),
		change: &change{verb: "updated", actions: actions, resources: []string{t.resource()}, name: t.Name, comment: comment,
			before: before, after: a.teamVersion(t)}}, nil
}

// snapshot returns what takes a team and all members back to where they are now.
func (a *account) snapshot(t *Team) (undo func()) {
	team, members := t.clone(), make([]Member, len(a.members))
	for i, m := range a.members {
		members[i] = m.clone()
	}
	return func() {
		*t = team
		for i, m := range a.members {
			*m = members[i]
		}
	}
}

// readInstructions reads the body of a semantic patch.
func readInstructions(body []byte) (items []json.RawMessage, comment string, err error) {
	p, err := decodeObject(body)
	if err != nil {
		return nil, "", err
	}
	comment = p.text("comment")
	items = read[[]json.RawMessage](p, "instructions", "a list of instructions")
	if p.err == nil && len(items) == 0 {
		p.err = badRequest("instructions must not be empty")
	}
	return items, comment, p.err
}

// only refuses parameters that an instruction of this kind does not have: one with a wrong name would be lost.
func (p *properties) only(names ...string) {
	for _, name := range sortedKeys(p.raw) {
		if name != "kind" && !slices.Contains(names, name) {
			p.fail(name, "left out: this kind of instruction does not have it")
		}
	}
}

// needs refuses an instruction without the parameter.
func (p *properties) needs(name string) {
	if !p.has(name) {
		p.fail(name, "given")
	}
}

func (a *account) parseTeamStep(item json.RawMessage) (step teamStep, err error) {
	p, err := decodeObject(item)
	if err != nil {
		return step, err
	}
	switch kind := p.text("kind"); kind {
	case "updateName", "updateDescription":
		p.only("value")
		p.needs("value")
		step = textStep(kind, p.text("value"))
	case "addMembers", "removeMembers", "replaceMembers":
		p.only("values")
		p.needs("values")
		step = a.membersStep(kind, a.memberList(p, "values"))
	case "addCustomRoles", "removeCustomRoles":
		p.only("values")
		p.needs("values")
		keys := p.texts("values")
		if err := a.checkRoleKeys(keys); err != nil && p.err == nil {
			p.err = badRequest("%v", err)
		}
		step = rolesStep(kind, keys)
	case "addPermissionGrants", "removePermissionGrants":
		p.only("actionSet", "actions", "memberIDs")
		step = grantStep(kind, a.grant(p))
	case "addRoleAttribute", "updateRoleAttribute", "removeRoleAttribute":
		if kind == "removeRoleAttribute" {
			p.only("key")
		} else {
			p.only("key", "values")
			p.needs("values")
		}
		p.needs("key")
		step = attributeStep(kind, p.text("key"), p.texts("values"))
	case "replaceRoleAttributes":
		p.only("value")
		p.needs("value")
		attributes := p.attributes("value")
		step = teamStep{"updateTeamRoleAttributes", func(t *Team) error { t.RoleAttributes = cloneAttributes(attributes); return nil }}
	default:
		p.fail("kind", "one of the twelve kinds of instructions")
	}
	return step, p.err
}

func textStep(kind, value string) teamStep {
	if kind == "updateDescription" {
		return teamStep{"updateTeamDescription", func(t *Team) error { t.Description = value; return nil }}
	}
	return teamStep{"updateTeamName", func(t *Team) error {
		if value == "" {
			return badRequest("updateName: value must not be empty")
		}
		t.Name = value
		return nil
	}}
}

// membersStep changes who is on the team. Only members whose teams change get a new version.
func (a *account) membersStep(kind string, members []*Member) teamStep {
	return teamStep{"updateTeamMembers", func(t *Team) error {
		for _, m := range a.members {
			named, on := slices.Contains(members, m), slices.Contains(m.Teams, t.Key)
			switch {
			case named && !on && kind != "removeMembers":
				m.addTeams([]string{t.Key})
				m.touch()
			case on && (named && kind == "removeMembers" || !named && kind == "replaceMembers"):
				m.Teams = slices.DeleteFunc(m.Teams, func(key string) bool { return key == t.Key })
				m.touch()
			}
		}
		return nil
	}}
}

func rolesStep(kind string, keys []string) teamStep {
	return teamStep{"updateTeamCustomRoles", func(t *Team) error {
		for _, key := range keys {
			i := slices.Index(t.CustomRoleKeys, key)
			switch {
			case kind == "removeCustomRoles" && i >= 0:
				t.CustomRoleKeys = slices.Delete(t.CustomRoleKeys, i, i+1)
			case kind == "addCustomRoles" && i < 0:
				t.CustomRoleKeys = append(t.CustomRoleKeys, key)
			}
		}
		return nil
	}}
}

func attributeStep(kind, key string, values []string) teamStep {
	return teamStep{"updateTeamRoleAttributes", func(t *Team) error {
		if _, ok := t.RoleAttributes[key]; ok && kind == "addRoleAttribute" {
			return badRequest("addRoleAttribute: the team has the role attribute %q", key)
		}
		if kind == "removeRoleAttribute" {
			delete(t.RoleAttributes, key)
			return nil
		}
		if t.RoleAttributes == nil {
			t.RoleAttributes = map[string][]string{}
		}
		t.RoleAttributes[key] = values
		return nil
	}}
}

// teamGrant is a permissionGrantInput.
type teamGrant struct {
	actionSet string
	actions   []string
	members   []*Member
}

// grant reads one grant, or the parameters of an instruction about one.
func (a *account) grant(p *properties) teamGrant {
	g := teamGrant{p.text("actionSet"), p.texts("actions"), a.memberList(p, "memberIDs")}
	switch {
	case (g.actionSet == "") == (len(g.actions) == 0):
		p.fail("actionSet", "given, or actions, but not both")
	case g.actionSet != "" && g.actionSet != maintainTeam:
		p.fail("actionSet", maintainTeam)
	case len(g.members) == 0:
		p.fail("memberIDs", "a list of at least one member ID")
	}
	return g
}

// grants reads the permissionGrants of a new team.
func (a *account) grants(p *properties) []teamGrant {
	var grants []teamGrant
	for _, raw := range read[[]json.RawMessage](p, "permissionGrants", "a list of grants") {
		o, err := decodeObject(raw)
		if err == nil {
			grants = append(grants, a.grant(o))
			err = o.err
		}
		if err != nil && p.err == nil {
			p.err = err
		}
	}
	return grants
}

func (g teamGrant) same(t *Team) func(PermissionGrant) bool {
	return func(o PermissionGrant) bool {
		return o.Resource == t.resource() && o.ActionSet == g.actionSet && slices.Equal(o.Actions, g.actions)
	}
}

func (g teamGrant) add(t *Team) {
	for _, m := range g.members {
		if !slices.ContainsFunc(m.PermissionGrants, g.same(t)) {
			m.PermissionGrants = append(m.PermissionGrants,
				PermissionGrant{Resource: t.resource(), ActionSet: g.actionSet, Actions: slices.Clone(g.actions)})
			m.touch()
		}
	}
}

func grantStep(kind string, g teamGrant) teamStep {
	return teamStep{"updateTeamPermissionGrants", func(t *Team) error {
		if kind == "addPermissionGrants" {
			g.add(t)
			return nil
		}
		for _, m := range g.members {
			i := slices.IndexFunc(m.PermissionGrants, g.same(t))
			if i < 0 {
				return badRequest("removePermissionGrants: member %s has no such grant", m.ID)
			}
			m.PermissionGrants = slices.Delete(m.PermissionGrants, i, i+1)
			m.touch()
		}
		return nil
	}}
}

// patchTeams adds members to several teams. Teams that cannot be changed are reported, and do not stop the others.
func (a *account) patchTeams(c *call) (reply, error) {
	items, comment, err := readInstructions(c.body)
	if err != nil {
		return reply{}, err
	}
	steps := make([]bulkStep, len(items))
	for i, item := range items {
		if steps[i], err = a.parseBulkStep(item); err != nil {
			return reply{}, err
		}
		for _, key := range steps[i].keys {
			if !c.caller.allows("updateTeamMembers", "team/"+key) {
				return reply{}, standardError(http.StatusForbidden)
			}
		}
	}
	var added, updated, resources []string
	var failed []*object
	for _, step := range steps {
		for _, key := range step.keys {
			t := a.team(key)
			if problem := t.unchangeable(); problem != "" {
				failed = append(failed, (&object{}).set(key, problem))
				continue
			}
			before := len(added)
			for _, m := range step.members {
				if !slices.Contains(m.Teams, key) {
					m.addTeams([]string{key})
					m.touch()
					added = append(added, m.ID)
				}
			}
			if len(added) > before && !slices.Contains(updated, key) {
				updated, resources = append(updated, key), append(resources, t.resource())
				t.touch(c.now)
			}
		}
	}
	slices.Sort(added)
	answer := reply{status: http.StatusOK, body: c.shape.object().texts("memberIDs", slices.Compact(added)).texts("teamKeys", updated).
		optional("errors", failed, len(failed) > 0)}
	if len(updated) > 0 {
		answer.change = &change{verb: "updated", actions: []string{"updateTeamMembers"}, resources: resources,
			name: a.team(updated[0]).Name, comment: comment}
	}
	return answer, nil
}

// unchangeable returns why members cannot be added to a team, or "".
func (t *Team) unchangeable() string {
	switch {
	case t == nil:
		return "team not found"
	case t.IDPSynced:
		return "the members of the team are managed by an identity provider"
	}
	return ""
}

type bulkStep struct {
	keys    []string
	members []*Member
}

func (a *account) parseBulkStep(item json.RawMessage) (step bulkStep, err error) {
	p, err := decodeObject(item)
	if err != nil {
		return step, err
	}
	step.keys = p.texts("teamKeys")
	switch p.text("kind") {
	case "addMembersToTeams":
		p.only("teamKeys", "memberIDs")
		if step.members = a.memberList(p, "memberIDs"); len(step.members) == 0 {
			p.fail("memberIDs", "a list of at least one member ID")
		}
	case "addAllMembersToTeams":
		p.only("teamKeys", "filterLastSeen", "filterQuery", "filterRoles", "filterTeamKey", "ignoredMemberIDs")
		except := a.readExceptions(p)
		step.members = matching(a.members, func(m *Member) bool { return p.err == nil && !except(m) })
	default:
		p.fail("kind", "addMembersToTeams or addAllMembersToTeams")
	}
	if len(step.keys) == 0 {
		p.fail("teamKeys", "a list of at least one team key")
	}
	return step, p.err
}
