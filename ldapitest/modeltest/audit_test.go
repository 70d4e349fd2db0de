package modeltest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ldapi-go/ldapi"
)

// readAudit compares the list of the API, page by page, with all entries.
func (w *world) readAudit() {
	ctx, _, v := w.as()
	limit := int64(5 + w.rng.IntN(16))
	log := w.server.AuditLog()
	from := 0
	if len(log) > 60 { // the newest are enough
		from = len(log) - 60
	}
	request := w.client.AuditLogApi.GetAuditLogEntries(ctx).Limit(limit)
	if from > 0 {
		request = request.After(log[from].Date.UnixMilli())
	}
	got, err := request.Collect()
	if !w.expect(v, err) {
		return
	}
	var want, ids []string
	for _, e := range slices.Backward(log) {
		if from == 0 || e.Date.After(log[from].Date) {
			want = append(want, e.ID)
		}
	}
	for i := range got {
		ids = append(ids, got[i].GetId())
		if i > 0 && got[i-1].GetDate() < got[i].GetDate() {
			w.fail("entry %d is newer than the one before it", i)
		}
	}
	slices.Sort(ids)
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		w.fail("%d entries, want %d", len(ids), len(want))
	}
}

// searchAudit finds the changes of teams by statements, counts them, and reads one in full.
func (w *world) searchAudit() {
	ctx, _, v := w.as()
	search := []ldapi.StatementPost{{Effect: "allow", Resources: []string{"team/*"}, Actions: []string{"*"}}}
	found, _, err := w.client.AuditLogApi.PostAuditLogEntries(ctx).StatementPost(search).Limit(20).Execute()
	if !w.expect(v, err) {
		return
	}
	changes := 0
	for _, e := range w.server.AuditLog() {
		if slices.ContainsFunc(e.Resources, func(r string) bool { return strings.HasPrefix(r, "team/") }) {
			changes++
		}
	}
	if len(found.GetItems()) != min(changes, 20) {
		w.fail("%d changes of teams found, want %d", len(found.GetItems()), min(changes, 20))
	}
	counts, _, err := w.client.AuditLogApi.PostAuditLogEntryCounts(ctx).After(0).Before(w.model.millis() + 1).Buckets(3).StatementPost(search).Execute()
	if err != nil || counts.GetTotalCount() != int64(changes) {
		w.fail("%d changes of teams counted, want %d: %v", counts.GetTotalCount(), changes, err)
	}
	if items := found.GetItems(); len(items) > 0 {
		item := pick(w, items)
		entry, _, err := w.client.AuditLogApi.GetAuditLogEntry(ctx, item.GetId()).Execute()
		if err != nil || entry.GetDate() != item.GetDate() {
			w.fail("entry %s: %v", item.GetId(), err)
		}
	}
}

func (w *world) readEntry() {
	ctx, c, v := w.as()
	v.when(c != nil, http.StatusNotFound)
	_, _, err := w.client.AuditLogApi.GetAuditLogEntry(ctx, "0123456789abcdef01234567").Execute()
	w.expect(v, err)
}

func (w *world) whoami() {
	ctx, c, v := w.as()
	got, err := w.client.Whoami(ctx)
	if !w.expect(v, err) {
		return
	}
	if got.Identity.GetTokenId() != c.token.ID || got.Identity.GetServiceToken() != c.token.Service || (got.Member == nil) != c.token.Service {
		w.fail("caller %+v, want token %s", got.Identity, c.token.ID)
	}
	if c.member != nil && got.Member.GetId() != c.member.ID {
		w.fail("caller %s, want %s", got.Member.GetId(), c.member.ID)
	}
}

// state prints everything but the use of tokens.
func (w *world) state() string {
	tokens := w.server.Tokens()
	for i := range tokens {
		tokens[i].LastUsed = tokens[i].CreationDate
	}
	return fmt.Sprintf("%+v %+v %+v %+v", w.server.Members(), tokens, w.server.Roles(), w.server.Teams())
}

// checkAudit: the step has added one entry for each of its changes, by its caller, and none besides.
func (w *world) checkAudit() {
	w.t.Helper()
	log := w.server.AuditLog()
	added, changed := log[w.entries:], w.state() != w.last
	if len(added) > w.writes || changed && len(added) == 0 || w.writes == 1 && changed && len(added) != 1 {
		w.fail("%d entries for %d successful writes, the account changed: %t", len(added), w.writes, changed)
	}
	for _, e := range added {
		if len(e.Actions) == 0 && e.Delta == nil || len(e.Resources) == 0 || e.Kind == "" {
			w.fail("entry %+v has no action or resource", e)
		}
		if e.TokenID != w.by.token.ID || w.by.member == nil && e.MemberID != "" || w.by.member != nil && e.MemberID != w.by.member.ID {
			w.fail("entry by token %s and member %s, want %s", e.TokenID, e.MemberID, w.by.token.ID)
		}
		if strings.Contains(fmt.Sprintf("%s %s %s", e.Delta, e.PreviousVersion, e.CurrentVersion), `"api-`) {
			w.fail("an entry has a secret: %+v", e)
		}
		if !e.Date.Equal(w.model.now) {
			w.fail("entry of %v at %v", e.Date, w.model.now)
		}
	}
	w.entries, w.last = len(log), w.state()
}

// checkRoles compares roles and teams of the server and the model.
func (w *world) checkRoles() {
	w.t.Helper()
	roles, teams := w.server.Roles(), w.server.Teams()
	if len(roles) != len(w.model.roles) || len(teams) != len(w.model.groups) {
		w.fail("%d roles and %d teams, want %d and %d", len(roles), len(teams), len(w.model.roles), len(w.model.groups))
	}
	keys := map[string]bool{}
	for i, r := range roles {
		same(w, "role", storedRole(r), w.model.roles[i])
		if keys[r.Key] {
			w.fail("two roles with the key %s", r.Key)
		}
		keys[r.Key] = true
	}
	for i, t := range teams {
		same(w, "team", storedTeam(t), w.model.groups[i])
		for _, key := range t.CustomRoleKeys {
			if !keys[key] {
				w.fail("team %s has the role %s, which is gone", t.Key, key)
			}
		}
	}
}
