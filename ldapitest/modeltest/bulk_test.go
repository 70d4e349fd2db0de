package modeltest_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// instruction is one instruction of a semantic patch, and what it means.
type instruction struct {
	body    map[string]any
	role    bool               // changes the base role
	own     bool               // may be carried out on the caller
	targets func() []string    // IDs, also unknown ones, at the time when it is carried out
	change  func(next *member) // of one member
}

func (w *world) patchMembers() {
	ctx, c, v := w.as()
	var all []instruction
	bodies := make([]map[string]any, 0, 2)
	for range 1 + w.rng.IntN(2) {
		in := w.newInstruction(&v)
		all, bodies = append(all, in), append(bodies, in.body)
		w.note("%v", in.body)
	}
	if c != nil {
		v.when(!c.power.includes(people), http.StatusForbidden)
	}
	input := ldapi.NewMembersPatchInput(bodies)
	input.SetComment("random step")
	got, _, err := w.client.AccountMembersApi.PatchMembers(ctx).MembersPatchInput(*input).Execute()
	if !w.expect(v, err) {
		return
	}
	changed, refused := map[string]bool{}, map[string]int{}
	for _, in := range all {
		for _, id := range in.targets() {
			m := w.model.member(id)
			if m == nil || m == c.member && !in.own || m.Role == "owner" && in.role {
				refused[id]++
				continue
			}
			changed[id] = true
			in.change(m)
		}
	}
	w.checkBulk(got, changed, refused)
}

// checkBulk: every member is in one of the two lists, or in both when the instructions fared differently.
func (w *world) checkBulk(got *ldapi.BulkEditMembersRep, changed map[string]bool, refused map[string]int) {
	if ids, want := slices.Sorted(slices.Values(got.Members)), slices.Sorted(maps.Keys(changed)); !slices.Equal(ids, want) {
		w.fail("changed %v, want %v", ids, want)
	}
	for _, entry := range got.GetErrors() {
		if len(entry) != 1 {
			w.fail("an error with %d entries: %v", len(entry), entry)
		}
		for id, message := range entry {
			if refused[id]--; message == "" {
				w.fail("no message for %s", id)
			}
		}
	}
	for id, left := range refused {
		if left != 0 {
			w.fail("%s has %d errors too few", id, left)
		}
	}
}

func (w *world) newInstruction(v *verdict) instruction {
	in := instruction{body: map[string]any{}}
	kind := pick(w, []string{"replaceMembersRoles", "replaceMembersCustomRoles", "replaceMembersRoleAttributes"})
	switch kind {
	case "replaceMembersRoles":
		role := pick(w, []string{"reader", "writer", "admin", "no_access"})
		if w.chance(4) {
			role = pick(w, []string{"owner", "emperor", ""})
			v.when(true, http.StatusBadRequest)
		}
		in.body["value"], in.role = role, true
		in.change = func(m *member) { m.Role, m.CustomRoles = role, nil }
	case "replaceMembersCustomRoles":
		sent, ids := w.customRoles(roleKeysOrIDs, v)
		in.body["values"] = sent
		in.change = func(m *member) { m.CustomRoles = slices.Clone(ids) }
	case "replaceMembersRoleAttributes":
		attributes := pick(w, []map[string][]string{{}, {"developerProjectKeys": {"billing"}}})
		in.body["value"], in.own = attributes, true
		in.change = func(m *member) { m.Attributes = attributes }
	}
	if kind != "replaceMembersRoleAttributes" && w.chance(25) {
		kind = strings.Replace(kind, "replace", "replaceAll", 1)
		in.targets = w.everybodyExcept(in.body)
	} else {
		ids := w.someMembers()
		in.body["memberIDs"], in.targets = ids, func() []string { return ids }
	}
	in.body["kind"] = kind
	if w.chance(3) {
		in.body["memberIds"] = []string{} // wrong letter case: refused, because it could mean all members
		v.when(true, http.StatusBadRequest)
	}
	return in
}

func (w *world) someMembers() []string {
	var ids []string
	for range 1 + w.rng.IntN(4) {
		if id := w.memberID(); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// everybodyExcept adds filters, which exclude, and returns the remaining members.
func (w *world) everybodyExcept(body map[string]any) func() []string {
	spared := []func(*member) bool{}
	spare := func(parameter string, value any, match func(*member) bool) {
		body[parameter] = value
		spared = append(spared, match)
	}
	if w.chance(70) { // otherwise the account would soon have no members with permissions
		ignored := w.someMembers()
		spare("ignoredMemberIDs", ignored, func(m *member) bool { return slices.Contains(ignored, m.ID) })
		spare("filterRoles", "admin|"+ldapitest.PeopleManagerRoleKey, func(m *member) bool {
			return m.Role == "admin" || m.Role == "owner" || slices.Contains(m.CustomRoles, ldapitest.PeopleManagerRoleID)
		})
	}
	if w.chance(30) {
		spare("filterQuery", "user1", func(m *member) bool { return strings.Contains(m.Email, "user1") })
	}
	if w.chance(30) {
		spare("filterTeamKey", crew, func(m *member) bool { return slices.Contains(m.Teams, crew) })
	}
	if w.chance(20) {
		spare("filterLastSeen", map[string]any{"never": true}, func(m *member) bool { return m.LastSeen == 0 })
	}
	return func() (ids []string) {
		for _, m := range w.model.members {
			if !slices.ContainsFunc(spared, func(match func(*member) bool) bool { return match(m) }) {
				ids = append(ids, m.ID)
			}
		}
		return ids
	}
}
