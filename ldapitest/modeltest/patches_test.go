package modeltest_test

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

func operation(op, path string, value ...any) ldapi.PatchOperation {
	return *ldapi.NewPatchOperation(op, path, value...)
}

func printed(ops []ldapi.PatchOperation) string {
	text := ""
	for _, o := range ops {
		text += fmt.Sprintf(" [%s %s %v]", o.Op, o.Path, o.Value)
	}
	return text
}

// tokenEdit is a patch of a token in the making.
type tokenEdit struct {
	ops    []ldapi.PatchOperation
	next   *token
	policy bool // touches what the token may do
	v      *verdict
	final  [2]verdict // on role and customRoleIds as they are in the end: what lies between does not count
}

func (e *tokenEdit) add(op, path string, value ...any) {
	e.ops = append(e.ops, operation(op, path, value...))
}

func (w *world) patchToken() {
	ctx, c, v := w.as()
	id := w.tokenID()
	if id == ldapitest.OwnerTokenID {
		id = ldapitest.ServiceTokenID
	}
	t := w.model.token(id)
	if t == nil {
		t = &token{ID: id, Role: "reader"}
		v.when(c != nil, http.StatusNotFound)
	}
	next := *t
	e := &tokenEdit{next: &next, v: &v}
	for range 1 + w.rng.IntN(2) {
		w.editToken(e)
	}
	w.note("token %s%s", id, printed(e.ops))
	if c != nil {
		v.when(!c.manages(t), http.StatusForbidden)
		v.when(t.Service && e.policy, http.StatusForbidden)
		v.when(e.policy && !c.power.includes(demands(&next)), http.StatusForbidden)
	}
	v.add(e.final[:]...)
	kinds := 0
	for _, given := range []bool{next.Role != "", len(next.CustomRoles) > 0, len(next.Inline) > 0} {
		if given {
			kinds++
		}
	}
	v.when(kinds != 1, http.StatusBadRequest)
	got, _, err := w.client.AccessTokensApi.PatchToken(ctx, id).PatchOperation(e.ops).Execute()
	if !w.expect(v, err) {
		return
	}
	*t = next
	t.Modified = w.model.millis()
	same(w, "patched token", tokenOf(got), t.masked())
}

// editToken adds one change to a patch.
func (w *world) editToken(e *tokenEdit) {
	switch w.rng.IntN(7) {
	case 0:
		e.next.Name = pick(w, []string{"renamed", "", "zwei Wörter", `"/~`})
		e.add("replace", "/name", e.next.Name)
	case 1:
		e.next.Description = pick(w, []string{"described", "", "日本"})
		e.add(pick(w, []string{"add", "replace"}), "/description", e.next.Description)
	case 2:
		e.policy = true
		e.final[0] = verdict{}
		e.next.Role = w.tokenRole(&e.final[0]) // along with another kind: 400
		e.add("replace", "/role", e.next.Role)
	case 3:
		w.changeKind(e)
	case 4:
		e.add("replace", "/serviceToken", true) // not allowed for anyone
		e.v.when(true, http.StatusUnprocessableEntity)
	case 5:
		e.add("test", "/name", "no token has this name")
		e.v.when(true, http.StatusUnprocessableEntity)
	case 6:
		e.policy = true
		e.v.when(len(e.next.Inline) == 0, http.StatusUnprocessableEntity) // removing what is absent
		e.next.Inline = nil
		e.add("remove", "/inlineRole")
	}
}

// changeKind removes the permissions of the token, and adds another kind of permission in the same patch.
func (w *world) changeKind(e *tokenEdit) {
	e.policy = true
	n := e.next
	if n.Role != "" {
		e.add("remove", "/role")
	}
	if len(n.CustomRoles) > 0 {
		e.add("remove", "/customRoleIds")
	}
	if len(n.Inline) > 0 {
		e.add("remove", "/inlineRole")
	}
	n.Role, n.CustomRoles, n.Inline = "", nil, nil
	e.final = [2]verdict{}
	switch w.rng.IntN(3) {
	case 0:
		n.Role = w.tokenRole(&e.final[0])
		e.add("replace", "/role", n.Role)
	case 1:
		sent, ids := w.customRoles(roleIDs, &e.final[1])
		n.CustomRoles = ids
		e.add("replace", "/customRoleIds", sent)
	case 2:
		n.Inline = []string{shopFlags}
		e.add("replace", "/inlineRole", []any{map[string]any{
			"effect": "allow", "resources": []string{shopFlags}, "actions": []string{"updateOn"}}})
	}
}

// memberEdit is a patch of a member in the making.
type memberEdit struct {
	ops         []ldapi.PatchOperation
	next        *member
	role, roles bool // touches role, customRoles
	v           *verdict
	final       [2]verdict // on role and customRoles as they are in the end
}

func (w *world) patchMember() {
	ctx, c, v := w.as()
	id := w.memberID()
	m := w.model.member(id)
	if m == nil {
		m = &member{ID: id, Role: "reader"}
		v.when(c != nil, http.StatusNotFound)
	}
	e := &memberEdit{next: m.clone(), v: &v}
	if len(m.Attributes) == 0 {
		e.next.Attributes = nil // absent, as long as the patch does not set it
	}
	for range 1 + w.rng.IntN(2) {
		w.editMember(e)
	}
	v.add(e.final[:]...)
	w.note("member %s%s", id, printed(e.ops))
	if c != nil {
		v.when(!c.power.includes(people), http.StatusForbidden)
		v.when(c.member == m && (e.role || e.roles), http.StatusForbidden)
		v.when(m.Role == "owner" && e.role, http.StatusForbidden)
	}
	got, _, err := w.client.AccountMembersApi.PatchMember(ctx, id).PatchOperation(e.ops).Execute()
	if !w.expect(v, err) {
		return
	}
	if e.next.Role == "" {
		e.next.Role = "reader" // as observed
	}
	*m = *e.next
	same(w, "patched member", memberOf(got), m.withoutAttributes())
}

// editMember adds one change to a patch.
func (w *world) editMember(e *memberEdit) {
	add := func(op, path string, value ...any) { e.ops = append(e.ops, operation(op, path, value...)) }
	n := e.next
	switch w.rng.IntN(8) {
	case 0, 1:
		e.role, e.final[0] = true, verdict{}
		n.Role = w.memberRole(&e.final[0])
		add(pick(w, []string{"add", "replace"}), "/role", n.Role)
	case 2:
		e.roles, e.final[1] = true, verdict{}
		sent, ids := w.customRoles(roleIDs, &e.final[1])
		n.CustomRoles = ids
		add("replace", "/customRoles", sent)
	case 3:
		e.roles, e.final[1] = true, verdict{}
		n.CustomRoles = nil
		add("replace", "/customRoles", []string{})
	case 4:
		e.roles = true
		id := pick(w, []string{ldapitest.ReleaseManagerRoleID, ldapitest.PeopleManagerRoleID})
		at := pick(w, []string{"0", "-"})
		if at == "0" {
			n.CustomRoles = slices.Insert(n.CustomRoles, 0, id)
		} else {
			n.CustomRoles = append(n.CustomRoles, id)
		}
		add("add", "/customRoles/"+at, id)
	case 5:
		n.Attributes = pick(w, []map[string][]string{{}, {"developerProjectKeys": {"shop", "größe"}}, {"unknown to anybody": {}}})
		add("replace", "/roleAttributes", n.Attributes)
	case 6:
		e.v.when(n.Attributes == nil, http.StatusUnprocessableEntity)
		n.Attributes = nil
		add("remove", "/roleAttributes")
	case 7:
		add("replace", pick(w, []string{"/email", "/firstName", "/_pendingInvite"}), "x@example.com")
		e.v.when(true, http.StatusUnprocessableEntity)
	}
}

func (w *world) memberRole(v *verdict) string {
	role := pick(w, []string{"reader", "writer", "admin", "no_access", "", "owner", "emperor"})
	v.when(role == "owner" || role == "emperor", http.StatusBadRequest)
	return role
}
