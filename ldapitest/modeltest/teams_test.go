package modeltest_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// group is a team in the model. Its members are those that have it among their teams.
type group struct {
	Key, Name, Description string
	Roles                  []string // keys
	Attributes             map[string][]string
	Version                int
}

func (t *group) String() string { return fmt.Sprintf("%+v", *t) }

func (t *group) clone() *group {
	c := *t
	c.Roles, c.Attributes = slices.Clone(t.Roles), maps.Clone(t.Attributes)
	return &c
}

func storedTeam(t ldapitest.Team) *group {
	return &group{t.Key, t.Name, t.Description, t.CustomRoleKeys, t.RoleAttributes, t.Version}
}

func (a *account) group(key string) *group {
	i := slices.IndexFunc(a.groups, func(t *group) bool { return t.Key == key })
	if i < 0 {
		return nil
	}
	return a.groups[i]
}

func (a *account) on(key string) (ids []string) {
	for _, m := range a.members {
		if slices.Contains(m.Teams, key) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// maintainers are those of the members that are still there.
func (a *account) maintainers(key string) (ids []string) {
	for _, m := range a.members {
		if slices.Contains(a.maintains[key], m.ID) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

func (w *world) teamKey() string {
	if w.chance(4) {
		return "no-such-team"
	}
	return pick(w, w.model.groups).Key
}

// people are IDs of members. Some may be unknown, which is a mistake.
func (w *world) people(v *verdict) []string {
	ids := []string{}
	for range 1 + w.rng.IntN(3) {
		ids = append(ids, pick(w, w.model.members).ID)
	}
	if w.chance(4) {
		ids = append(ids, "0123456789abcdef01234567")
		v.when(true, http.StatusBadRequest)
	}
	return ids
}

func (w *world) roleKeys(v *verdict) []string {
	keys := []string{pick(w, w.model.roles).Key}
	if w.chance(4) {
		keys = append(keys, ldapitest.PeopleManagerRoleID)
		v.when(true, http.StatusBadRequest)
	}
	return keys
}

func (w *world) createTeam() {
	ctx, c, v := w.as()
	w.created++
	want := &group{Key: fmt.Sprint("team-", w.created), Name: "größe", Roles: w.roleKeys(&v), Version: 1}
	members := w.people(&v)
	if w.chance(10) {
		want.Key = pick(w, w.model.groups).Key
		v.when(true, http.StatusConflict)
	}
	w.note("%s with %v and %v", want.Key, members, want.Roles)
	v.when(c != nil && !c.power.includes(administer), http.StatusForbidden)
	input := ldapi.TeamPostInput{Key: want.Key, Name: want.Name, CustomRoleKeys: want.Roles, MemberIDs: members}
	got, _, err := w.client.TeamsApi.PostTeam(ctx).TeamPostInput(input).Expand("members").Execute()
	if !w.expect(v, err) {
		return
	}
	w.model.groups = append(w.model.groups, want)
	for _, id := range members {
		w.model.member(id).join(want.Key)
	}
	w.checkTeam(got, want)
}

func (m *member) join(key string) bool {
	if slices.Contains(m.Teams, key) {
		return false
	}
	m.Teams = append(m.Teams, key)
	return true
}

func (m *member) leave(key string) {
	m.Teams = slices.DeleteFunc(m.Teams, func(k string) bool { return k == key })
}

// checkTeam compares what the API shows of a team, and its number of members, with the model.
func (w *world) checkTeam(got *ldapi.Team, want *group) {
	shown := &group{Key: got.GetKey(), Name: got.GetName(), Description: got.GetDescription(), Roles: want.Roles, Attributes: want.Attributes,
		Version: int(got.GetVersion())}
	same(w, "team", shown, want)
	if n := got.Members.GetTotalCount(); int(n) != len(w.model.on(want.Key)) {
		w.fail("team %s has %d members, want %v", want.Key, n, w.model.on(want.Key))
	}
}

// changeTeam sends one or two instructions, and carries them out in the model.
func (w *world) changeTeam() {
	ctx, c, v := w.as()
	key := w.teamKey()
	t := w.model.group(key)
	if t == nil {
		t = &group{Key: key}
	}
	after, members, maintainers := t.clone(), w.model.on(key), w.model.maintainers(key)
	var instructions []ldapi.TeamInstruction
	for range 1 + w.rng.IntN(2) {
		in := w.teamInstruction(&v, after, &members, &maintainers)
		instructions = append(instructions, in)
		w.note("%v", in)
	}
	w.note("on %s", key)
	if c != nil {
		v.when(w.model.group(key) == nil, http.StatusNotFound)
		v.when(!c.power.includes(administer), http.StatusForbidden)
	}
	got, _, err := w.client.TeamsApi.PatchTeam(ctx, key).Instructions(instructions...).Expand("members").Execute()
	if !w.expect(v, err) {
		return
	}
	after.Version++
	*t = *after
	for _, m := range w.model.members {
		if slices.Contains(members, m.ID) {
			m.join(key)
		} else {
			m.leave(key)
		}
	}
	w.model.maintains[key] = maintainers
	w.checkTeam(got, t)
}

func (w *world) teamInstruction(v *verdict, t *group, members, maintainers *[]string) ldapi.TeamInstruction {
	without := func(from, ids []string) []string {
		return slices.DeleteFunc(slices.Clone(from), func(id string) bool { return slices.Contains(ids, id) })
	}
	switch w.rng.IntN(10) {
	case 0:
		t.Name = fmt.Sprint("step ", len(w.steps))
		return ldapi.SetTeamName(t.Name)
	case 1:
		t.Description = pick(w, []string{"", "d"})
		return ldapi.SetTeamDescription(t.Description)
	case 2:
		ids := w.people(v)
		*members = append(*members, ids...)
		return ldapi.AddTeamMembers(ids...)
	case 3:
		ids := w.people(v)
		*members = without(*members, ids)
		return ldapi.RemoveTeamMembers(ids...)
	case 4:
		*members = w.people(v)
		return ldapi.ReplaceTeamMembers(*members...)
	case 5:
		keys := w.roleKeys(v)
		if !slices.Contains(t.Roles, keys[0]) {
			t.Roles = append(t.Roles, keys[0])
		}
		return ldapi.AddTeamRoles(keys...)
	case 6:
		keys := w.roleKeys(v)
		t.Roles = without(t.Roles, keys)
		return ldapi.RemoveTeamRoles(keys...)
	case 7:
		ids := w.people(v)
		*maintainers = append(without(*maintainers, ids), ids...)
		return ldapi.AddTeamMaintainers(ids...)
	case 8:
		id := pick(w, w.model.members).ID
		v.when(!slices.Contains(*maintainers, id), http.StatusBadRequest)
		*maintainers = without(*maintainers, []string{id})
		return ldapi.RemoveTeamMaintainers(id)
	}
	if t.Attributes == nil {
		t.Attributes = map[string][]string{}
	}
	if _, has := t.Attributes["a"]; has && w.chance(50) {
		delete(t.Attributes, "a")
		return ldapi.RemoveTeamRoleAttribute("a")
	}
	_, has := t.Attributes["a"]
	v.when(has, http.StatusBadRequest)
	t.Attributes["a"] = []string{"b", "c"}
	return ldapi.AddTeamRoleAttribute("a", "b", "c")
}

// removeTeam deletes a team that is empty, or tries to delete another one. The two teams of other steps stay.
func (w *world) removeTeam() {
	ctx, c, v := w.as()
	key := w.teamKey()
	if t := slices.IndexFunc(w.model.groups, func(t *group) bool { return len(w.model.on(t.Key)) == 0 }); t >= 0 && w.chance(70) {
		key = w.model.groups[t].Key
	}
	if key == ldapitest.PlatformTeamKey || key == crew {
		key = "no-such-team"
	}
	w.note("%s", key)
	if c != nil {
		v.when(w.model.group(key) == nil, http.StatusNotFound)
		v.when(!c.power.includes(administer), http.StatusForbidden)
		v.when(len(w.model.on(key))+len(w.model.maintainers(key)) > 0, http.StatusConflict)
	}
	_, err := w.client.TeamsApi.DeleteTeam(ctx, key).Execute()
	if w.expect(v, err) {
		w.model.groups = slices.DeleteFunc(w.model.groups, func(t *group) bool { return t.Key == key })
		delete(w.model.maintains, key)
	}
}

// detach deletes a team with all of its members and maintainers, by the helper.
func (w *world) detach() {
	ctx, c, v := w.as()
	key := w.teamKey()
	if key == ldapitest.PlatformTeamKey || key == crew {
		key = "no-such-team"
	}
	w.note("%s", key)
	if c != nil {
		v.when(w.model.group(key) == nil, http.StatusNotFound)
		v.when(!c.power.includes(administer), http.StatusForbidden)
	}
	if !w.expect(v, w.client.DetachAndDeleteTeam(ctx, key)) {
		return
	}
	for _, m := range w.model.members {
		m.leave(key)
	}
	w.model.groups = slices.DeleteFunc(w.model.groups, func(t *group) bool { return t.Key == key })
	delete(w.model.maintains, key)
}

// readTeam: a team's members, as the list of members has them, and the teams of each member agree.
func (w *world) readTeam() {
	ctx, c, v := w.as()
	key := w.teamKey()
	t := w.model.group(key)
	w.note("%s", key)
	v.when(c != nil && t == nil, http.StatusNotFound)
	got, _, err := w.client.TeamsApi.GetTeam(ctx, key).Expand("members,roles,maintainers,roleAttributes").Execute()
	if !w.expect(v, err) {
		return
	}
	w.checkTeam(got, t)
	var members, keys, maintainers []string
	for m, err := range w.client.TeamMembers(ctx, key) {
		if err != nil {
			w.fail("%v", err)
		}
		members = append(members, m.GetId())
	}
	for _, r := range got.Roles.GetItems() {
		keys = append(keys, r.GetKey())
	}
	for m, err := range w.client.TeamsApi.GetTeamMaintainers(ctx, key).Limit(2).All() {
		if err != nil {
			w.fail("%v", err)
		}
		maintainers = append(maintainers, m.GetId())
	}
	rest, err := w.client.TeamsApi.GetTeamRoles(ctx, key).Offset(int64(len(keys))).Collect()
	if err != nil {
		w.fail("%v", err)
	}
	for _, r := range rest {
		keys = append(keys, r.GetKey())
	}
	for what, lists := range map[string][2][]string{
		"members": {members, w.model.on(key)}, "roles": {keys, t.Roles}, "maintainers": {maintainers, w.model.maintainers(key)},
	} {
		if !slices.Equal(lists[0], lists[1]) {
			w.fail("%s of %s are %v, want %v", what, key, lists[0], lists[1])
		}
	}
	if attributes := got.GetRoleAttributes(); fmt.Sprint(attributes) != fmt.Sprint(t.Attributes) {
		w.fail("role attributes of %s are %v, want %v", key, attributes, t.Attributes)
	}
}

func (w *world) listTeams() {
	ctx, _, v := w.as()
	empty := w.chance(50)
	w.note("nomembers:%t", empty)
	got, err := w.client.TeamsApi.GetTeams(ctx).Filter(fmt.Sprintf("nomembers:%t", empty)).Limit(3).Collect()
	if !w.expect(v, err) {
		return
	}
	var keys, want []string
	for _, t := range got {
		keys = append(keys, t.GetKey())
	}
	for _, t := range w.model.groups {
		if (len(w.model.on(t.Key)) == 0) == empty {
			want = append(want, t.Key)
		}
	}
	if !slices.Equal(keys, want) {
		w.fail("teams %v, want %v", keys, want)
	}
}

// changeTeams adds members to several teams.
func (w *world) changeTeams() {
	ctx, c, v := w.as()
	members, keys := w.people(&v), []string{w.teamKey(), w.teamKey()}
	if w.chance(10) {
		ctx = ldapi.ContextWithAPIVersion(ctx, "20240415")
		v.when(c != nil, http.StatusForbidden)
	}
	w.note("%v to %v", members, keys)
	v.when(c != nil && !c.power.includes(administer), http.StatusForbidden)
	got, _, err := w.client.TeamsBetaApi.PatchTeams(ctx).Instructions(ldapi.AddMembersToTeams(members, keys)).Execute()
	if !w.expect(v, err) {
		return
	}
	var updated, unknown []string
	added := map[string]bool{}
	for _, key := range keys {
		t := w.model.group(key)
		if t == nil {
			unknown = append(unknown, key)
			continue
		}
		changed := false
		for _, id := range members {
			if w.model.member(id).join(key) {
				changed, added[id] = true, true
			}
		}
		if changed {
			updated = append(updated, key)
			t.Version++
		}
	}
	if !slices.Equal(got.GetTeamKeys(), updated) || !slices.Equal(got.GetMemberIDs(), slices.Sorted(maps.Keys(added))) ||
		len(got.GetErrors()) != len(unknown) {
		w.fail("result %+v, want %v added to %v, and %v unknown", got, added, updated, unknown)
	}
}

// importMembers uploads a file in which some rows may be wrong: then nobody is added.
func (w *world) importMembers() {
	ctx, c, v := w.as()
	key := w.teamKey()
	t := w.model.group(key)
	var rows []string
	var problems []bool
	for range 1 + w.rng.IntN(4) {
		m := pick(w, w.model.members)
		email, wrong := strings.ToUpper(m.Email), slices.Contains(m.Teams, key) || slices.Contains(rows, strings.ToUpper(m.Email))
		if w.chance(15) {
			email, wrong = "nobody@example.com", true
		}
		rows, problems = append(rows, email), append(problems, wrong)
	}
	w.note("%v on %s", rows, key)
	if c != nil {
		v.when(t == nil, http.StatusNotFound)
		v.when(!c.power.includes(administer), http.StatusForbidden)
		if slices.Contains(problems, true) {
			v.when(true, http.StatusMultiStatus, http.StatusBadRequest) // the latter if all are wrong for one reason
		}
	}
	got, _, err := w.client.TeamsApi.PostTeamMembers(ctx, key).CSV(strings.NewReader("email\n" + strings.Join(rows, "\n") + "\n")).Execute()
	var rejected *ldapi.GenericOpenAPIError
	if errors.As(err, &rejected) && rejected.StatusCode() == http.StatusMultiStatus {
		report, _ := rejected.Model().(ldapi.TeamImportsRep)
		for i, item := range report.GetItems() {
			if item.GetValue() != rows[i] || (item.GetStatus() == "error") != problems[i] {
				w.fail("row %d is %+v, want %s, wrong: %t", i, item, rows[i], problems[i])
			}
		}
	}
	if !w.expect(v, err) {
		return
	}
	if len(got.GetItems()) != len(rows) {
		w.fail("%d rows, want %d", len(got.GetItems()), len(rows))
	}
	for _, email := range rows {
		w.model.memberByEmail(email).join(key)
	}
	t.Version++
}
