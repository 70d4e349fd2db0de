package modeltest_test

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// role is a custom role in the model. Those that the steps create allow nothing that matters to other steps.
type role struct {
	ID, Key, Name, Description string
	Statements                 int
}

func (r *role) String() string { return fmt.Sprintf("%+v", *r) }

func storedRole(r ldapitest.Role) *role {
	return &role{r.ID, r.Key, r.Name, r.Description, len(r.Policy)}
}

func roleOf(r *ldapi.CustomRole) *role {
	return &role{r.GetId(), r.GetKey(), r.GetName(), r.GetDescription(), len(r.GetPolicy())}
}

func (a *account) roleNamed(name string) *role {
	i := slices.IndexFunc(a.roles, func(r *role) bool { return r.Key == name || r.ID == name })
	if i < 0 {
		return nil
	}
	return a.roles[i]
}

// roleName is the key of a role, mostly; if ids is set, it may be the ID.
func (w *world) roleName(ids bool) string {
	r := pick(w, w.model.roles)
	switch {
	case w.chance(5):
		return "no-such-role"
	case ids && w.chance(50):
		return r.ID
	}
	return r.Key
}

func (w *world) createRole() {
	ctx, c, v := w.as()
	w.created++
	want := &role{Key: fmt.Sprint("role-", w.created), Name: "größe", Statements: w.rng.IntN(3)}
	switch {
	case w.chance(5):
		want.Key = "a b"
		v.when(true, http.StatusBadRequest)
	case w.chance(10):
		want.Key = pick(w, w.model.roles).Key
		v.when(true, http.StatusConflict)
	}
	policy := []ldapi.StatementPost{}
	for range want.Statements {
		policy = append(policy, ldapi.StatementPost{Effect: "allow", Resources: []string{"acct"}, Actions: []string{"none"}})
	}
	w.note("%s", want.Key)
	v.when(c != nil && !c.power.includes(administer), http.StatusForbidden)
	got, _, err := w.client.CustomRolesApi.PostCustomRole(ctx).CustomRolePost(*ldapi.NewCustomRolePost(want.Name, want.Key, policy)).Execute()
	if !w.expect(v, err) {
		return
	}
	want.ID = got.GetId()
	same(w, "role", roleOf(got), want)
	w.model.roles = append(w.model.roles, want)
}

func (w *world) changeRole() {
	ctx, c, v := w.as()
	key := w.roleName(false)
	r := w.model.roleNamed(key)
	patch := ldapi.PatchWithComment{Patch: []ldapi.PatchOperation{ldapi.PatchReplace("/description", fmt.Sprint("step ", len(w.steps)))}}
	if w.chance(10) {
		patch.Patch = append(patch.Patch, ldapi.PatchReplace("/key", "other"))
		v.when(true, http.StatusUnprocessableEntity)
	}
	if w.chance(5) {
		patch.Patch = append(patch.Patch, ldapi.PatchReplace("/basePermissions", "everything"))
		v.when(true, http.StatusBadRequest)
	}
	w.note("%s", key)
	if c != nil {
		v.when(r == nil, http.StatusNotFound)
		v.when(!c.power.includes(administer), http.StatusForbidden)
	}
	got, _, err := w.client.CustomRolesApi.PatchCustomRole(ctx, key).PatchWithComment(patch).Execute()
	if w.expect(v, err) {
		r.Description = fmt.Sprint("step ", len(w.steps))
		same(w, "role", roleOf(got), r)
	}
}

// removeRole deletes one of the roles that steps created: the others are in use by other steps.
func (w *world) removeRole() {
	ctx, c, v := w.as()
	key := w.roleName(false)
	if key == ldapitest.ReleaseManagerRoleKey || key == ldapitest.PeopleManagerRoleKey {
		key = "no-such-role"
	}
	r := w.model.roleNamed(key)
	w.note("%s", key)
	if c != nil {
		v.when(r == nil, http.StatusNotFound)
		v.when(!c.power.includes(administer), http.StatusForbidden)
	}
	_, err := w.client.CustomRolesApi.DeleteCustomRole(ctx, key).Execute()
	if !w.expect(v, err) {
		return
	}
	w.model.roles = slices.DeleteFunc(w.model.roles, func(o *role) bool { return o == r })
	for _, t := range w.model.groups {
		if i := slices.Index(t.Roles, r.Key); i >= 0 {
			t.Roles = slices.Delete(t.Roles, i, i+1)
			t.Version++
		}
	}
}

// readRole compares a role and how often it is assigned.
func (w *world) readRole() {
	ctx, c, v := w.as()
	name := w.roleName(true)
	r := w.model.roleNamed(name)
	w.note("%s", name)
	v.when(c != nil && r == nil, http.StatusNotFound)
	got, _, err := w.client.CustomRolesApi.GetCustomRole(ctx, name).Execute()
	if !w.expect(v, err) {
		return
	}
	same(w, "role", roleOf(got), r)
	members, teams := 0, 0
	for _, m := range w.model.members {
		if slices.Contains(m.CustomRoles, r.ID) {
			members++
		}
	}
	for _, t := range w.model.groups {
		if slices.Contains(t.Roles, r.Key) {
			teams++
		}
	}
	if got.AssignedTo.GetMembersCount() != int32(members) || got.AssignedTo.GetTeamsCount() != int32(teams) {
		w.fail("role %s is assigned to %+v, want %d members and %d teams", r.Key, got.AssignedTo, members, teams)
	}
}

func (w *world) listRoles() {
	ctx, _, v := w.as()
	limit := int64(1 + w.rng.IntN(5))
	w.note("limit %d", limit)
	got, err := w.client.CustomRolesApi.GetCustomRoles(ctx).Limit(limit).Collect()
	if !w.expect(v, err) {
		return
	}
	if len(got) != len(w.model.roles) {
		w.fail("%d roles, want %d", len(got), len(w.model.roles))
	}
	for i := range got {
		same(w, "listed role", roleOf(&got[i]), w.model.roles[i])
	}
}
