package ldapitest

import (
	"net/http"
	"slices"
	"strings"
)

const defaultPage, largestPage = 20, 1000

var basePermissions = []string{roleReader, roleNoAccess}

// validKey reports whether a key has the characters that the API's keys have.
func validKey(key string) bool {
	return key != "" && key != "." && key != ".." && len(key) <= 256 && strings.IndexFunc(key, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("._-", r)
	}) < 0
}

var errInvalidKey = badRequest("key must have letters, digits, dots, dashes and underscores, 256 at most")

func (r *Role) resource() string { return "role/" + r.Key }

func (a *account) getCustomRoles(c *call) (reply, error) {
	return list(a, c, a.roles, func(r *Role) *object { return a.roleObject(c.shape, r) })
}

// list answers with a page of items.
func list[T any](a *account, c *call, all []*T, write func(*T) *object) (reply, error) {
	p, err := parsePage(c.query, defaultPage, largestPage)
	if err != nil {
		return reply{}, err
	}
	items := []*object{}
	for _, item := range cut(p, all) {
		items = append(items, write(item))
	}
	links := p.links(c.path, c.query, len(all), !a.cfg.withoutNext)
	return reply{status: http.StatusOK, body: a.listObject(c.shape, items, links, len(all))}, nil
}

func (a *account) getCustomRole(c *call) (reply, error) {
	r := a.roleNamed(c.ids[0])
	if r == nil {
		return reply{}, standardError(http.StatusNotFound)
	}
	return reply{status: http.StatusOK, body: a.roleObject(c.shape, r)}, nil
}

func (a *account) postCustomRole(c *call) (reply, error) {
	p, err := decodeObject(c.body)
	if err != nil {
		return reply{}, err
	}
	r := Role{Name: p.text("name"), Key: p.text("key"), Description: p.text("description"), Policy: p.statements("policy"),
		BasePermissions: p.text("basePermissions"), ResourceCategory: p.text("resourceCategory")}
	for _, name := range []string{"name", "key", "policy"} {
		if !p.has(name) {
			p.fail(name, "given")
		}
	}
	if p.err != nil {
		return reply{}, p.err
	}
	if !validKey(r.Key) {
		return reply{}, errInvalidKey
	}
	if !c.caller.allows("createRole", r.resource()) {
		return reply{}, standardError(http.StatusForbidden)
	}
	if a.roleNamed(r.Key) != nil {
		return reply{}, conflict("A custom role with the key %q exists already.", r.Key)
	}
	if r.BasePermissions == "" {
		r.BasePermissions = roleNoAccess
		if c.version < currentVersion {
			r.BasePermissions = roleReader
		}
	}
	stored, err := a.addRole(r)
	if err != nil {
		return reply{}, badRequest("%v", err)
	}
	o := a.roleObject(c.shape, &stored)
	return reply{status: http.StatusCreated, body: o, change: &change{verb: "created", actions: []string{"createRole"},
		resources: []string{stored.resource()}, name: stored.Name, after: version(a.roleObject(shape{}, &stored))}}, nil
}

// rolePatchRoots are the properties of a custom role that a patch may change, with the action that each needs.
var rolePatchRoots = map[string]string{
	"name":            "updateName",
	"description":     "updateDescription",
	"policy":          "updatePolicy",
	"basePermissions": "updateBasePermissions",
}

func (a *account) patchCustomRole(c *call) (reply, error) {
	r := find(a.roles, func(r *Role) bool { return r.Key == c.ids[0] })
	if r == nil {
		return reply{}, standardError(http.StatusNotFound)
	}
	ops, err := decodePatch(c.body)
	if err != nil {
		return reply{}, err
	}
	actions := ops.actions(rolePatchRoots)
	if len(actions) == 0 { // a patch that only tests
		actions = []string{"updateName"}
	}
	if !c.caller.allowsAll(actions, r.resource()) {
		return reply{}, standardError(http.StatusForbidden)
	}
	before := version(a.roleObject(shape{}, r))
	patched, err := ops.apply(before, rolePatchRoots)
	if err != nil {
		return reply{}, err
	}
	p, err := decodeObject(patched)
	if err != nil {
		return reply{}, err
	}
	next := r.clone()
	next.Name, next.Description, next.Policy = p.text("name"), p.text("description"), p.statements("policy")
	next.BasePermissions = p.text("basePermissions")
	switch {
	case p.err != nil:
		return reply{}, p.err
	case next.Name == "" || !p.has("policy"):
		return reply{}, badRequest("name and policy are required")
	}
	if err := next.check(); err != nil {
		return reply{}, badRequest("%v", err)
	}
	*r = next
	after := a.roleObject(shape{}, r)
	return reply{status: http.StatusOK, body: a.roleObject(c.shape, r), change: &change{verb: "updated", actions: actions,
		resources: []string{r.resource()}, name: r.Name, comment: ops.comment, delta: ops.list, before: before, after: version(after)}}, nil
}

// deleteCustomRole also takes the role from members and teams. Tokens keep its ID, which no longer allows anything.
func (a *account) deleteCustomRole(c *call) (reply, error) {
	r := find(a.roles, func(r *Role) bool { return r.Key == c.ids[0] })
	switch {
	case r == nil:
		return reply{}, standardError(http.StatusNotFound)
	case !c.caller.allows("deleteRole", r.resource()):
		return reply{}, standardError(http.StatusForbidden)
	}
	before := version(a.roleObject(shape{}, r))
	a.roles = slices.DeleteFunc(a.roles, func(o *Role) bool { return o == r })
	for _, m := range a.members {
		if i := slices.Index(m.CustomRoles, r.ID); i >= 0 {
			m.CustomRoles = slices.Delete(m.CustomRoles, i, i+1)
			m.touch()
		}
	}
	for _, t := range a.teams {
		if i := slices.Index(t.CustomRoleKeys, r.Key); i >= 0 {
			t.CustomRoleKeys = slices.Delete(t.CustomRoleKeys, i, i+1)
			t.touch(c.now)
		}
	}
	return reply{status: http.StatusNoContent, change: &change{verb: "deleted", actions: []string{"deleteRole"},
		resources: []string{r.resource()}, name: r.Name, before: before}}, nil
}

// check refuses what no custom role can be.
func (r Role) check() error {
	if r.BasePermissions != "" && !slices.Contains(basePermissions, r.BasePermissions) {
		return badRequest("basePermissions must be reader or no_access")
	}
	for _, st := range slices.Concat(r.Policy, r.PresetStatements) {
		if err := st.check(); err != nil {
			return err
		}
	}
	return nil
}

// roleObject is a CustomRole.
func (a *account) roleObject(s shape, r *Role) *object {
	members, teams := 0, 0
	for _, m := range a.members {
		if slices.Contains(m.CustomRoles, r.ID) {
			members++
		}
	}
	for _, t := range a.teams {
		if slices.Contains(t.CustomRoleKeys, r.Key) {
			teams++
		}
	}
	self := rolesPath + "/" + r.Key
	return s.object().set("_id", r.ID).set("_links", s.links("parent", rolesPath, "self", self)).
		optional("_access", nil, false).
		text("description", r.Description).set("key", r.Key).set("name", r.Name).
		set("policy", s.statements(r.Policy)).
		text("basePermissions", r.BasePermissions).text("resourceCategory", r.ResourceCategory).
		set("assignedTo", s.object().set("membersCount", members).set("teamsCount", teams)).
		optional("_presetBundleVersion", r.PresetBundleVersion, r.PresetBundleVersion != 0).
		optional("_presetStatements", s.statements(r.PresetStatements), len(r.PresetStatements) > 0)
}

// conflict is the answer to a key that is taken, and to what the state of a resource does not permit.
func conflict(format string, args ...any) error {
	e := badRequest(format, args...).(*apiError)
	e.status, e.code = http.StatusConflict, "conflict"
	return e
}

// actions are those that the changes of a patch need, each once.
func (p patch) actions(needed map[string]string) []string {
	var actions []string
	for _, root := range p.roots() {
		if action := needed[root]; action != "" && !slices.Contains(actions, action) {
			actions = append(actions, action)
		}
	}
	return actions
}
