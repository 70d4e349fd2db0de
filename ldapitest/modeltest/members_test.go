package modeltest_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

func (w *world) listMembers() {
	ctx, c, v := w.as()
	limit := int64(1 + w.rng.IntN(12))
	filter, matches := w.filter(&v)
	w.note("filter %q, limit %d", filter, limit)
	var want []*member
	for _, m := range w.model.members {
		if c != nil && matches(m) {
			want = append(want, m)
		}
	}
	r := w.client.AccountMembersApi.GetMembers(ctx).Limit(limit)
	if filter != "" {
		r = r.Filter(filter)
	}
	expanded := w.chance(50)
	if expanded {
		r = r.Expand("roleAttributes,customRoles")
	}
	for offset := int64(0); ; {
		page, _, err := r.Offset(offset).Execute()
		if !w.expect(v, err) {
			return
		}
		w.checkPage(len(page.Items), int(limit), int(offset), len(want), int(page.GetTotalCount()), page.Links)
		for i := range page.Items {
			got := memberOf(&page.Items[i])
			got.Attributes = page.Items[i].GetRoleAttributes()
			if m := want[int(offset)+i]; expanded {
				same(w, "listed member", got, m)
			} else {
				same(w, "listed member", got, m.withoutAttributes())
			}
		}
		if offset += int64(len(page.Items)); int(offset) == len(want) {
			return
		}
	}
}

// filter returns a filter in the language of the API, and what it means.
func (w *world) filter(v *verdict) (text string, matches func(*member) bool) {
	m, other := pick(w, w.model.members), pick(w, w.model.members)
	switch w.rng.IntN(9) {
	case 0:
		return "email:" + strings.ToUpper(m.Email) + "|nobody@example.com", func(o *member) bool { return o == m }
	case 1:
		return "id:" + m.ID + "|" + other.ID, func(o *member) bool { return o == m || o == other }
	case 2:
		return "role:admin|" + ldapitest.PeopleManagerRoleKey, func(o *member) bool {
			return o.Role == "admin" || o.Role == "owner" || slices.Contains(o.CustomRoles, ldapitest.PeopleManagerRoleID)
		}
	case 3:
		return "team:" + strings.ToUpper(crew), func(o *member) bool { return slices.Contains(o.Teams, crew) }
	case 4:
		return "noteam:true,role:reader", func(o *member) bool { return len(o.Teams) == 0 && o.Role == "reader" }
	case 5:
		return `lastSeen:{"never":true},query:USER1`, func(o *member) bool {
			return o.LastSeen == 0 && strings.Contains(o.Email, "user1")
		}
	case 6:
		v.when(true, http.StatusBadRequest)
		return pick(w, []string{"colour:red", "role", "noteam:perhaps", `lastSeen:{"never":true,"noData":true}`, "accessCheck:a:b"}), func(*member) bool { return false }
	}
	return "", func(*member) bool { return true }
}

func (w *world) readMember() {
	ctx, c, v := w.as()
	id := w.memberID()
	m := w.model.member(id)
	if w.chance(30) {
		id, m = "me", nil
		if c != nil {
			m = c.member
		}
	}
	w.note("member %s", id)
	v.when(c != nil && m == nil, http.StatusNotFound)
	got, _, err := w.client.AccountMembersApi.GetMember(ctx, id).Expand("roleAttributes").Execute()
	if w.expect(v, err) {
		view := memberOf(got)
		view.Attributes = got.GetRoleAttributes()
		same(w, "member", view, m)
	}
}

func (w *world) invite() {
	ctx, c, v := w.as()
	v.when(c != nil && !c.power.includes(people), http.StatusForbidden)
	n := 1 + w.rng.IntN(3)
	if w.chance(3) {
		n = pick(w, []int{0, 51})
		v.when(true, http.StatusBadRequest)
	}
	forms, want := make([]ldapi.NewMemberForm, n), make([]*member, n)
	for i := range forms {
		forms[i], want[i] = w.newMember(&v)
		if n <= 50 {
			w.note("%+v", want[i])
		}
	}
	taken, twice := w.conflicts(forms)
	v.when(len(taken)+len(twice) > 0, http.StatusBadRequest)
	var invited []ldapi.Member
	var err error
	if n > 50 { // the client does not send that many by itself
		w.note("%d at once", n)
		_, err = w.client.Do(ctx, http.MethodPost, "/api/v2/members", nil, forms, nil)
	} else {
		var members *ldapi.Members
		if members, _, err = w.client.AccountMembersApi.PostMembers(ctx).NewMemberForm(forms).Execute(); err == nil {
			invited = members.Items
		}
	}
	if !w.expect(v, err) {
		w.checkConflict(v, err, taken, twice)
		return
	}
	for i, m := range want {
		m.ID, m.Created = invited[i].Id, w.model.millis()
		same(w, "invited member", memberOf(&invited[i]), m.withoutAttributes())
		w.model.members = append(w.model.members, m)
	}
}

// conflicts returns the addresses that are taken, and those that are repeated.
func (w *world) conflicts(forms []ldapi.NewMemberForm) (taken, twice []string) {
	seen := map[string]bool{}
	for _, f := range forms {
		if w.model.memberByEmail(f.Email) != nil {
			taken = append(taken, f.Email)
		}
		if seen[strings.ToLower(f.Email)] {
			twice = append(twice, f.Email)
		}
		seen[strings.ToLower(f.Email)] = true
	}
	return taken, twice
}

// checkConflict: when nothing else is wrong, the error reports which addresses are.
func (w *world) checkConflict(v verdict, err error, taken, twice []string) {
	if !v.is(http.StatusBadRequest) || len(taken) > 0 == (len(twice) > 0) {
		return
	}
	sentinel, want := ldapi.ErrEmailAlreadyInAccount, taken
	if len(twice) > 0 {
		sentinel, want = ldapi.ErrDuplicateEmails, twice
	}
	var e *ldapi.GenericOpenAPIError
	if !errors.Is(err, sentinel) || !errors.As(err, &e) || !slices.Equal(e.InvalidEmails(), want) {
		w.fail("%v with %q, want %v with %q", err, e.InvalidEmails(), sentinel, want)
	}
}

// newMember makes a form that is right, mostly.
func (w *world) newMember(v *verdict) (ldapi.NewMemberForm, *member) {
	email := fmt.Sprintf("user%d%s@example.com", w.rng.IntN(2000), pick(w, []string{"", "+tag", ".x"}))
	want := &member{Email: email, Role: "reader", Pending: true}
	if w.chance(30) {
		email = strings.ToUpper(email)
	}
	if w.chance(3) {
		want.Email = pick(w, w.model.members).Email
		email = strings.ToUpper(want.Email)
	}
	if w.chance(2) {
		email = pick(w, []string{"", "nobody", "a b@example.com", "A <a@example.com>", "@"})
		v.when(true, http.StatusBadRequest)
	}
	form := ldapi.NewNewMemberForm(email)
	if w.chance(50) {
		want.First, want.Last = "Ünal", "O'Neil 李"
		form.SetFirstName(want.First)
		form.SetLastName(want.Last)
	}
	if w.chance(70) {
		role := pick(w, []string{"reader", "writer", "writer", "admin", "no_access", ""})
		if w.chance(3) {
			role = pick(w, []string{"owner", "emperor"})
			v.when(true, http.StatusBadRequest)
		}
		form.SetRole(role)
		if role != "" {
			want.Role = role
		}
	}
	if w.chance(20) {
		sent, ids := w.customRoles(roleKeys, v)
		form.SetCustomRoles(sent)
		want.CustomRoles = ids
	}
	if w.chance(20) {
		want.Teams = w.someTeams(v)
		form.SetTeamKeys(append([]string{want.Teams[0]}, want.Teams...)) // one of them twice
	}
	if w.chance(20) {
		want.Attributes = map[string][]string{"developerProjectKeys": {"shop", ""}}
		form.SetRoleAttributes(want.Attributes)
	}
	return *form, want
}

func (w *world) someTeams(v *verdict) []string {
	teams := pick(w, [][]string{{ldapitest.PlatformTeamKey}, {ldapitest.PlatformTeamKey, crew}, {ldapitest.PlatformTeamKey}})
	if w.chance(4) {
		v.when(true, http.StatusBadRequest)
		return []string{"no-such-team"}
	}
	return slices.Clone(teams)
}

func (w *world) joinTeams() {
	ctx, c, v := w.as()
	id := w.memberID()
	m := w.model.member(id)
	teams := w.someTeams(&v)
	if w.chance(4) {
		teams = []string{}
		v.when(true, http.StatusBadRequest)
	}
	w.note("member %s, teams %q", id, teams)
	if c != nil {
		v.when(m == nil, http.StatusNotFound)
		v.when(!c.power.includes(teamwork), http.StatusForbidden)
	}
	got, _, err := w.client.AccountMembersApi.PostMemberTeams(ctx, id).
		MemberTeamsPostInput(*ldapi.NewMemberTeamsPostInput(teams)).Execute()
	if !w.expect(v, err) {
		return
	}
	for _, team := range teams {
		if !slices.Contains(m.Teams, team) {
			m.Teams = append(m.Teams, team)
		}
	}
	same(w, "member", memberOf(got), m.withoutAttributes())
}

func (w *world) deleteMember() {
	ctx, c, v := w.as()
	id := w.memberID()
	m := w.model.member(id)
	w.note("member %s", id)
	if c != nil {
		v.when(m == nil, http.StatusNotFound)
		v.when(!c.power.includes(people), http.StatusForbidden)
		v.when(m != nil && (m.Role == "owner" || m == c.member), http.StatusForbidden)
	}
	_, err := w.client.AccountMembersApi.DeleteMember(ctx, id).Execute()
	if !w.expect(v, err) {
		return
	}
	w.model.members = slices.DeleteFunc(w.model.members, func(o *member) bool { return o == m })
	for _, t := range w.model.tokens {
		if t.Member == id && !t.Service {
			w.model.inactive[t.ID] = true
		}
	}
}
