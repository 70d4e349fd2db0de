package ldapitest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	embeddedPage = 25 // items of a list that is part of a team
	maintainTeam = "maintainTeam"
)

func (t *Team) resource() string { return "team/" + t.Key }

// touch notes a change of a team.
func (t *Team) touch(now time.Time) {
	t.Version++
	t.LastModified = now
}

// teamMembers are the members of a team, in order of creation.
func (a *account) teamMembers(key string) []*Member {
	return matching(a.members, func(m *Member) bool { return slices.Contains(m.Teams, key) })
}

// maintainers are the members who were granted to maintain a team. They need not be members of it.
func (a *account) maintainers(t *Team) []*Member {
	return matching(a.members, func(m *Member) bool {
		return slices.ContainsFunc(m.PermissionGrants, func(g PermissionGrant) bool {
			return g.Resource == t.resource() && g.ActionSet == maintainTeam
		})
	})
}

func (a *account) teamRoles(t *Team) []*Role {
	var roles []*Role
	for _, key := range t.CustomRoleKeys {
		roles = append(roles, a.roleNamed(key)) // a role that is deleted is taken from its teams
	}
	return roles
}

func matching[T any](items []*T, match func(*T) bool) []*T {
	var found []*T
	for _, item := range items {
		if match(item) {
			found = append(found, item)
		}
	}
	return found
}

func (a *account) getTeams(c *call) (reply, error) {
	match, err := a.parseTeamFilter(c.query.Get("filter"))
	if err != nil {
		return reply{}, err
	}
	expand := parseExpand(c.query.Get("expand"))
	return list(a, c, matching(a.teams, match), func(t *Team) *object { return a.teamObject(c.shape, t, expand) })
}

func (a *account) parseTeamFilter(text string) (func(*Team) bool, error) {
	all := []func(*Team) bool{}
	for text != "" {
		field, value, rest, err := cutTerm(text)
		if err != nil {
			return nil, err
		}
		switch {
		case field == "query":
			part := strings.ToLower(value)
			all = append(all, func(t *Team) bool {
				return strings.Contains(strings.ToLower(t.Name), part) || strings.Contains(strings.ToLower(t.Key), part)
			})
		case field == "nomembers" && (value == "true" || value == "false"):
			all = append(all, func(t *Team) bool { return (len(a.teamMembers(t.Key)) == 0) == (value == "true") })
		case field == "nomembers":
			return nil, badRequest("filter: nomembers must be true or false")
		default:
			return nil, badRequest("filter: unknown field %q", field)
		}
		text = rest
	}
	return func(t *Team) bool {
		return !slices.ContainsFunc(all, func(match func(*Team) bool) bool { return !match(t) })
	}, nil
}

func (a *account) getTeam(c *call) (reply, error) {
	t := a.team(c.ids[0])
	if t == nil {
		return reply{}, standardError(http.StatusNotFound)
	}
	return reply{status: http.StatusOK, body: a.teamObject(c.shape, t, parseExpand(c.query.Get("expand")))}, nil
}

func (a *account) getTeamRoles(c *call) (reply, error) {
	t := a.team(c.ids[0])
	if t == nil {
		return reply{}, standardError(http.StatusNotFound)
	}
	return list(a, c, a.teamRoles(t), func(r *Role) *object { return c.shape.teamRole(t, r) })
}

func (a *account) getTeamMaintainers(c *call) (reply, error) {
	t := a.team(c.ids[0])
	if t == nil {
		return reply{}, standardError(http.StatusNotFound)
	}
	return list(a, c, a.maintainers(t), c.shape.memberSummary)
}

func (a *account) postTeam(c *call) (reply, error) {
	p, err := decodeObject(c.body)
	if err != nil {
		return reply{}, err
	}
	t := Team{Key: p.text("key"), Name: p.text("name"), Description: p.text("description"), CustomRoleKeys: p.texts("customRoleKeys"),
		RoleAttributes: p.attributes("roleAttributes"), CreationDate: c.now}
	members := a.memberList(p, "memberIDs")
	grants := a.grants(p)
	for _, name := range []string{"key", "name"} {
		if p.text(name) == "" {
			p.fail(name, "given")
		}
	}
	switch {
	case p.err != nil:
		return reply{}, p.err
	case !validKey(t.Key):
		return reply{}, errInvalidKey
	case !c.caller.allows("createTeam", t.resource()):
		return reply{}, standardError(http.StatusForbidden)
	case a.team(t.Key) != nil:
		return reply{}, conflict("A team with the key %q exists already.", t.Key)
	}
	stored, err := a.addTeam(t)
	if err != nil {
		return reply{}, badRequest("%v", err)
	}
	for _, m := range members {
		m.addTeams([]string{t.Key})
		m.touch()
	}
	for _, g := range grants {
		g.add(&stored)
	}
	return reply{status: http.StatusCreated, body: a.teamObject(c.shape, &stored, parseExpand(c.query.Get("expand"))),
		change: &change{verb: "created", actions: []string{"createTeam"}, resources: []string{stored.resource()}, name: stored.Name,
			after: a.teamVersion(&stored)}}, nil
}

// memberList reads IDs of members.
func (a *account) memberList(p *properties, name string) []*Member {
	var members []*Member
	for _, id := range p.texts(name) {
		m := a.member(id)
		if m == nil && p.err == nil {
			p.err = badRequest("%s: unknown member %q", name, id)
		}
		members = append(members, m)
	}
	return members
}

// deleteTeam refuses a team with members or maintainers, and for a while one that has just lost them, if the server was made so.
func (a *account) deleteTeam(c *call) (reply, error) {
	t := a.team(c.ids[0])
	switch {
	case t == nil:
		return reply{}, standardError(http.StatusNotFound)
	case !c.caller.allows("deleteTeam", t.resource()):
		return reply{}, standardError(http.StatusForbidden)
	case a.occupied(t):
		return reply{}, conflict("The team has members or maintainers.")
	case a.detached[t.Key] > 0:
		a.detached[t.Key]--
		return reply{}, conflict("The team has members or maintainers.")
	}
	before := a.teamVersion(t)
	a.teams = slices.DeleteFunc(a.teams, func(o *Team) bool { return o == t })
	delete(a.detached, t.Key)
	for _, m := range a.members { // other grants do not keep a team from being deleted
		m.PermissionGrants = slices.DeleteFunc(m.PermissionGrants, func(g PermissionGrant) bool { return g.Resource == t.resource() })
	}
	return reply{status: http.StatusNoContent, change: &change{verb: "deleted", actions: []string{"deleteTeam"},
		resources: []string{t.resource()}, name: t.Name, before: before}}, nil
}

func (a *account) occupied(t *Team) bool {
	return len(a.teamMembers(t.Key)) > 0 || len(a.maintainers(t)) > 0
}

// teamVersion is what the audit log keeps of a team.
func (a *account) teamVersion(t *Team) []byte {
	return version(a.teamObject(shape{}, t, parseExpand("members,roles,maintainers,roleAttributes")))
}

// teamObject is a Team.
func (a *account) teamObject(s shape, t *Team, expand expansion) *object {
	self := teamsPath + "/" + t.Key
	attributes := t.RoleAttributes
	if attributes == nil {
		attributes = map[string][]string{}
	}
	o := s.object().set("description", t.Description).set("key", t.Key).set("name", t.Name).
		optional("_access", nil, false).
		set("_creationDate", millis(t.CreationDate)).
		set("_links", s.links("parent", teamsPath, "self", self, "roles", self+"/roles")).
		set("_lastModified", millis(t.LastModified)).set("_version", t.Version).set("_idpSynced", t.IDPSynced).
		optional("roleAttributes", attributes, expand["roleAttributes"])
	roles, maintainers := a.teamRoles(t), a.maintainers(t)
	return o.optional("roles", embedded(s, self+"/roles", roles, func(r *Role) *object { return s.teamRole(t, r) }), expand["roles"]).
		optional("members", s.object().set("totalCount", len(a.teamMembers(t.Key))), expand["members"]).
		optional("projects", s.projects(t.Projects), expand["projects"]).
		optional("maintainers", embedded(s, self+"/maintainers", maintainers, s.memberSummary), expand["maintainers"])
}

// embedded is the first page of a list that is part of another resource.
func embedded[T any](s shape, path string, all []*T, write func(*T) *object) *object {
	p := page{limit: embeddedPage}
	items := []*object{}
	for _, item := range cut(p, all) {
		items = append(items, write(item))
	}
	return s.object().set("totalCount", len(all)).set("items", items).
		set("_links", s.links(p.links(path, url.Values{}, len(all), true)...))
}

func (s shape) teamRole(t *Team, r *Role) *object {
	return s.object().set("key", r.Key).set("name", r.Name).set("projects", s.projects(nil)).set("appliedOn", millis(t.CreationDate))
}

func (s shape) projects(projects []Project) *object {
	items := []*object{}
	for _, p := range projects {
		items = append(items, s.object().set("_id", p.ID).set("_links", s.links("self", "/api/v2/projects/"+p.Key)).
			set("key", p.Key).set("name", p.Name))
	}
	return s.object().set("totalCount", len(items)).set("items", items)
}
