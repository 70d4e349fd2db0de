package modeltest_test

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

const shopFlags = "proj/shop:env/staging:flag/*"

func (w *world) listTokens() {
	ctx, c, v := w.as()
	showAll, limit := w.chance(60), int64(1+w.rng.IntN(9))
	w.note("showAll %t, limit %d", showAll, limit)
	var want []*token
	for _, t := range w.model.tokens {
		if c != nil && c.sees(t, showAll) {
			want = append(want, t.masked())
		}
	}
	for offset := int64(0); ; {
		page, _, err := w.client.AccessTokensApi.GetTokens(ctx).ShowAll(showAll).Limit(limit).Offset(offset).Execute()
		if !w.expect(v, err) {
			return
		}
		got := page.GetItems()
		w.checkPage(len(got), int(limit), int(offset), len(want), int(page.GetTotalCount()), page.GetLinks())
		for i := range got {
			same(w, "listed token", tokenOf(&got[i]), want[int(offset)+i])
		}
		if offset += int64(len(got)); int(offset) == len(want) {
			return
		}
	}
}

// checkPage: pages are full but for the last, so that all of them together have every item once; links tell which pages
// there are.
func (w *world) checkPage(got, limit, offset, total, totalCount int, links map[string]ldapi.Link) {
	if want := min(limit, total-offset); got != want {
		w.fail("%d items at offset %d, want %d", got, offset, want)
	}
	if totalCount != total {
		w.fail("totalCount %d, want %d", totalCount, total)
	}
	for name, want := range map[string]bool{"self": true, "first": offset > 0, "prev": offset > 0,
		"next": offset+got < total, "last": offset+got < total} {
		if _, ok := links[name]; ok != want {
			w.fail("link %s at offset %d of %d: %t, want %t", name, offset, total, ok, want)
		}
	}
}

func (w *world) readToken() {
	ctx, c, v := w.as()
	id := w.tokenID()
	t := w.model.token(id)
	w.note("token %s", id)
	if c != nil {
		v.when(t == nil, http.StatusNotFound)
		v.when(t != nil && !t.Service && !c.manages(t), http.StatusForbidden)
	}
	got, _, err := w.client.AccessTokensApi.GetToken(ctx, id).Execute()
	if w.expect(v, err) {
		same(w, "token", tokenOf(got), t.masked())
	}
}

func (w *world) createToken() {
	ctx, c, v := w.as()
	post, want := w.newToken(&v)
	w.note("%+v", want)
	if c != nil {
		v.when(want.Service && !c.power.includes(services), http.StatusForbidden)
		v.when(!want.Service && c.member == nil, http.StatusForbidden)
		v.when(!c.power.includes(demands(want)), http.StatusForbidden)
	}
	got, _, err := w.client.AccessTokensApi.PostToken(ctx).AccessTokenPost(*post).Execute()
	if !w.expect(v, err) {
		return
	}
	want.ID, want.Secret, want.Member = got.GetId(), got.GetToken(), c.token.Member
	want.Created, want.Modified = w.model.millis(), w.model.millis()
	same(w, "created token", tokenOf(got), want)
	w.model.tokens = append(w.model.tokens, want)
}

// newToken makes a form with one kind of permission or, wrongly, another number of them.
func (w *world) newToken(v *verdict) (*ldapi.AccessTokenPost, *token) {
	post, want := ldapi.NewAccessTokenPost(), &token{}
	if w.chance(80) {
		want.Name = fmt.Sprintf("token %d ü😀", w.rng.IntN(20)) // names need not be unique
		post.SetName(want.Name)
	}
	if w.chance(40) {
		want.Description = "<&>\u2028\t\"quoted\""
		post.SetDescription(want.Description)
	}
	if w.chance(40) {
		want.Service = true
		post.SetServiceToken(true)
	}
	first := w.rng.IntN(3)
	kinds := []int{first}
	if w.chance(5) {
		kinds = append(kinds, (first+1)%3)
	} else if w.chance(3) {
		kinds = nil
	}
	v.when(len(kinds) != 1, http.StatusBadRequest)
	if slices.Contains(kinds, 0) {
		want.Role = w.tokenRole(v)
		post.SetRole(want.Role)
	}
	if slices.Contains(kinds, 1) {
		keysOrIDs, ids := w.customRoles(roleKeysOrIDs, v)
		want.CustomRoles = ids
		post.SetCustomRoleIds(keysOrIDs)
	}
	if slices.Contains(kinds, 2) {
		statement := *ldapi.NewStatementPost("allow")
		statement.SetResources([]string{shopFlags})
		statement.SetActions([]string{"updateOn"})
		want.Inline = []string{shopFlags}
		post.SetInlineRole([]ldapi.StatementPost{statement})
	}
	return post, want
}

func (w *world) tokenRole(v *verdict) string {
	role := pick(w, []string{"reader", "reader", "writer", "writer", "admin", "owner", "emperor"})
	v.when(role == "owner" || role == "emperor", http.StatusBadRequest)
	return role
}

// roleNames is how an operation accepts custom roles.
type roleNames int

const (
	roleIDs roleNames = iota
	roleKeys
	roleKeysOrIDs
)

// customRoles returns one or two roles as keys or IDs, or both where both are allowed; and at times, wrongly, one of the other kind.
func (w *world) customRoles(accepted roleNames, v *verdict) (sent, ids []string) {
	keys := map[roleNames]int{roleIDs: 4, roleKeys: 96, roleKeysOrIDs: 50}[accepted]
	all := []string{ldapitest.ReleaseManagerRoleKey, ldapitest.PeopleManagerRoleKey}
	w.rng.Shuffle(2, func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, key := range all[:1+w.rng.IntN(2)] {
		ids = append(ids, seededRoles[key])
		if w.chance(keys) {
			v.when(accepted == roleIDs, http.StatusBadRequest)
			sent = append(sent, key)
		} else {
			v.when(accepted == roleKeys, http.StatusBadRequest)
			sent = append(sent, seededRoles[key])
		}
	}
	if w.chance(4) {
		sent = append(sent, "no-such-role")
		v.when(true, http.StatusBadRequest)
	}
	return sent, ids
}

func (w *world) resetToken() {
	ctx, c, v := w.as()
	id := w.tokenID()
	if id == ldapitest.OwnerTokenID { // the one that always opens
		id = ldapitest.AdminTokenID
	}
	t := w.model.token(id)
	r := w.client.AccessTokensApi.ResetToken(ctx, id)
	expires := w.model.millis()
	switch n := w.rng.IntN(10); {
	case n < 4:
		expires = w.model.now.Add(time.Duration(1+w.rng.IntN(7200)) * time.Second).UnixMilli()
		r = r.Expiry(expires)
	case n < 5:
		r = r.Expiry(expires - 1) // the past is now
	}
	w.note("token %s, old secret until %d (now %d)", id, expires, w.model.millis())
	if c != nil {
		v.when(t == nil, http.StatusNotFound)
		v.when(t != nil && !c.manages(t), http.StatusForbidden)
	}
	got, _, err := r.Execute()
	if !w.expect(v, err) {
		return
	}
	if got.GetToken() == t.Secret {
		w.fail("the secret is still the same")
	}
	w.model.old = append(w.model.old, oldSecret{secret: t.Secret, tokenID: id, expires: expires})
	t.Secret, t.Modified = got.GetToken(), w.model.millis()
	same(w, "reset token", tokenOf(got), t)
}

func (w *world) deleteToken() {
	ctx, c, v := w.as()
	id := w.tokenID()
	if id == ldapitest.OwnerTokenID {
		id = "0123456789abcdef01234567"
	}
	t := w.model.token(id)
	w.note("token %s", id)
	if c != nil {
		v.when(t == nil, http.StatusNotFound)
		v.when(t != nil && !c.manages(t), http.StatusForbidden)
	}
	_, err := w.client.AccessTokensApi.DeleteToken(ctx, id).Execute()
	if !w.expect(v, err) {
		return
	}
	w.model.dead = append(w.model.dead, t.Secret)
	for _, o := range w.model.old {
		if o.tokenID == id {
			w.model.dead = append(w.model.dead, o.secret)
		}
	}
	w.model.old = slices.DeleteFunc(w.model.old, func(o oldSecret) bool { return o.tokenID == id })
	w.model.tokens = slices.DeleteFunc(w.model.tokens, func(o *token) bool { return o == t })
}

// knock tries a secret, old ones above all: does it open what it should, at this moment?
func (w *world) knock() {
	if len(w.model.old) == 0 {
		return
	}
	o := pick(w, w.model.old)
	c := w.model.callerOf(o.secret)
	w.note("with a secret of token %s that ends at %d (now %d)", o.tokenID, o.expires, w.model.millis())
	var v verdict
	v.when(c == nil, http.StatusUnauthorized)
	if c != nil {
		c.token.LastUsed = w.model.millis()
	}
	_, _, err := w.client.AccountMembersApi.GetMembers(ldapi.ContextWithAccessToken(w.t.Context(), o.secret)).Limit(1).Execute()
	w.expect(v, err)
}

// wait lets time pass, at times right up to the moment when an old secret ends.
func (w *world) wait() {
	d := time.Duration(1+w.rng.IntN(600)) * time.Second
	if w.chance(50) && len(w.model.old) > 0 {
		if left := pick(w, w.model.old).expires - w.model.millis(); left > 1 {
			d = time.Duration(left-int64(w.rng.IntN(2))) * time.Millisecond
		}
	}
	w.note("%v", d)
	w.model.now = w.clock.advance(d)
}
