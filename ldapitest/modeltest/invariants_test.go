package modeltest_test

import (
	"regexp"
	"strings"

	"github.com/ldapi-go/ldapi/ldapitest"
)

var (
	objectID     = regexp.MustCompile(`^[0-9a-f]{24}$`)
	secretFormat = regexp.MustCompile(`^api-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
)

// checkInvariants checks the server alone, for properties that any account must have.
func (w *world) checkInvariants() {
	w.t.Helper()
	owners, taken := 0, map[string]bool{}
	claim := func(what, value string) {
		if taken[what+value] {
			w.fail("%s %s is there twice", what, value)
		}
		taken[what+value] = true
	}
	members := map[string]bool{}
	for _, m := range w.server.Members() {
		claim("id", m.ID)
		claim("address", m.Email)
		members[m.ID] = true
		if m.Role == "owner" {
			owners++
		}
		if m.Email != strings.ToLower(m.Email) {
			w.fail("member %s has the address %s", m.ID, m.Email)
		}
		w.checkRoleIDs(m.ID, m.CustomRoles)
		for _, team := range m.Teams {
			claim("member and team", m.ID+team)
			if w.model.group(team) == nil {
				w.fail("member %s is on an unknown team %s", m.ID, team)
			}
		}
	}
	if owners != 1 {
		w.fail("the account has %d owners", owners)
	}
	for _, t := range w.server.Tokens() {
		claim("id", t.ID)
		claim("secret", t.Secret)
		w.checkToken(t, members)
	}
}

func (w *world) checkToken(t ldapitest.Token, members map[string]bool) {
	w.t.Helper()
	if !secretFormat.MatchString(t.Secret) {
		w.fail("the secret of token %s is no secret", t.ID)
	}
	kinds := 0
	for _, given := range []bool{t.Role != "", len(t.CustomRoleIDs) > 0, len(t.InlineRole) > 0} {
		if given {
			kinds++
		}
	}
	if kinds != 1 {
		w.fail("token %s has %d of role, customRoleIds and inlineRole", t.ID, kinds)
	}
	if dead := !t.ServiceToken && !members[t.MemberID]; t.Inactive != dead {
		w.fail("token %s is inactive: %t, want %t", t.ID, t.Inactive, dead)
	}
	if t.LastModified.Before(t.CreationDate) {
		w.fail("token %s was modified before it was created", t.ID)
	}
	w.checkRoleIDs(t.ID, t.CustomRoleIDs)
}

func (w *world) checkRoleIDs(holder string, ids []string) {
	w.t.Helper()
	for _, id := range ids {
		if !objectID.MatchString(id) || w.model.roleNamed(id) == nil {
			w.fail("%s has the custom role %q, which is no ID of a role", holder, id)
		}
	}
}

// compare looks at the server and the model side by side.
func (w *world) compare() {
	w.t.Helper()
	members := w.server.Members()
	if len(members) != len(w.model.members) {
		w.fail("%d members, want %d", len(members), len(w.model.members))
	}
	for i, m := range members {
		now, before := known{storedMember(m).String(), m.Version}, w.known[m.ID]
		if want := w.model.members[i].String(); now.text != want {
			w.fail("member\n got %s\nwant %s", now.text, want)
		}
		if now.version < before.version || now.version == before.version && now.text != before.text {
			w.fail("member %s has version %d after %d, and is %s after %s", m.ID, now.version, before.version, now.text, before.text)
		}
		w.known[m.ID] = now
	}
	tokens := w.server.Tokens()
	if len(tokens) != len(w.model.tokens) {
		w.fail("%d tokens, want %d", len(tokens), len(w.model.tokens))
	}
	for i, t := range tokens {
		same(w, "token", storedToken(t), w.model.tokens[i])
	}
}

// same fails unless both print the same.
func same[T interface{ String() string }](w *world, what string, got, want T) {
	w.t.Helper()
	if got.String() != want.String() {
		w.fail("%s\n got %s\nwant %s", what, got, want)
	}
}
