package ldapitest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	defaultEntries, maxEntries = 10, 20
	defaultBuckets, maxBuckets = 50, 500
)

// AuditEntry is an entry of the audit log as the server keeps it. Each request that changes something adds one.
type AuditEntry struct {
	ID        string    // 24 lower-case hex digits; generated when empty
	Date      time.Time // the server's clock when zero
	Kind      string    // kind of the first resource when empty: member, token, service-token, role or team
	Name      string    // of what was changed
	Verb      string    // created, updated, deleted and so on; updated when empty
	Actions   []string  // such as updateTeamMembers
	Resources []string  // such as team/platform or member/5f00aa11bb22cc33dd44ee04:token/66a0b1c2d3e4f50617283904
	Comment   string    // of the request
	MemberID  string    // who made the change; empty for a service token
	TokenID   string    // the access token of the request; empty for an OAuth app
	ClientID  string    // the OAuth app of the request; empty for an access token

	Delta                           json.RawMessage // the JSON Patch of the request; nil for other requests, semantic patches among them
	PreviousVersion, CurrentVersion json.RawMessage // what was changed, before and after; nil if it did not exist

	member    Member // as they were at that time
	token     Token
	hasMember bool
	hasToken  bool
}

func (e AuditEntry) clone() AuditEntry {
	e.Actions, e.Resources = slices.Clone(e.Actions), slices.Clone(e.Resources)
	e.Delta = slices.Clone(e.Delta)
	e.PreviousVersion, e.CurrentVersion = slices.Clone(e.PreviousVersion), slices.Clone(e.CurrentVersion)
	return e
}

// change is what an operation reports to the audit log.
type change struct {
	verb          string
	actions       []string
	resources     []string
	name, comment string
	delta         json.RawMessage
	before, after json.RawMessage
}

// version is the form in which an entry keeps a resource.
func version(o *object) json.RawMessage { return encode(o) }

// record writes the entry of a change. IDs of entries have a sequence of their own, so that those of members and tokens do not
// depend on the number of changes.
func (a *account) record(c *call, ch *change) {
	e := AuditEntry{Date: c.now, Name: ch.name, Verb: ch.verb, Actions: ch.actions, Resources: ch.resources, Comment: ch.comment,
		Delta: ch.delta, PreviousVersion: ch.before, CurrentVersion: ch.after, TokenID: c.caller.token.ID}
	if c.caller.oauth {
		e.TokenID, e.ClientID = "", clientID
	}
	if c.caller.member != nil {
		e.MemberID = c.caller.member.ID
	}
	a.addEntry(e)
}

func (a *account) addEntry(e AuditEntry) AuditEntry {
	for e.ID == "" || a.entry(e.ID) != nil {
		e.ID = a.entryIDs.objectID()
	}
	e.Date, e.Verb = wireTime(e.Date, a.cfg.now()), cmp.Or(e.Verb, "updated")
	if e.Kind == "" && len(e.Resources) > 0 {
		e.Kind = kindOf(e.Resources[0])
	}
	if m := a.member(e.MemberID); m != nil {
		e.member, e.hasMember = m.clone(), true
	}
	if t := a.token(e.TokenID); t != nil {
		e.token, e.hasToken = t.clone(), true
	}
	stored := e.clone()
	a.entries = append(a.entries, &stored)
	return e
}

func (a *account) entry(id string) *AuditEntry {
	return find(a.entries, func(e *AuditEntry) bool { return e.ID == id })
}

// kindOf returns the last kind in a resource: "token" of "member/1:token/2".
func kindOf(resource string) string {
	last := resource[strings.LastIndex(resource, ":")+1:]
	kind, _, _ := strings.Cut(last, "/")
	return kind
}

// matchesSpec compares a resource with a specifier, part by part: "member/*" is no token of a member.
func matchesSpec(spec, resource string) bool {
	want, got := strings.Split(spec, ":"), strings.Split(resource, ":")
	return slices.EqualFunc(want, got, glob)
}

// search is which entries a request asks for.
type search struct {
	before, after *time.Time // exclusive
	name          string     // lower case
	spec          string
	statements    []Statement // nil = everything
}

func parseSearch(query url.Values) (search, error) {
	s := search{}
	for _, bound := range []struct {
		name string
		at   **time.Time
	}{{"before", &s.before}, {"after", &s.after}} {
		if !query.Has(bound.name) {
			continue
		}
		ms, err := strconv.ParseInt(query.Get(bound.name), 10, 64)
		if err != nil || ms < 0 {
			return s, badRequest("%s must be a time in milliseconds", bound.name)
		}
		at := fromMillis(ms)
		*bound.at = &at
	}
	return s, nil
}

func (s search) matches(e *AuditEntry) bool {
	switch {
	case s.before != nil && !e.Date.Before(*s.before), s.after != nil && !e.Date.After(*s.after):
		return false
	case !strings.Contains(strings.ToLower(e.Name), s.name):
		return false
	case s.spec != "" && !slices.ContainsFunc(e.Resources, func(r string) bool { return matchesSpec(s.spec, r) }):
		return false
	}
	return s.statements == nil || s.allows(e)
}

// allows reports whether the statements of a search allow one of the accesses of an entry. A statement without actions is for all.
func (s search) allows(e *AuditEntry) bool {
	allowed := false
	for _, resource := range e.Resources {
		for _, action := range e.Actions {
			for _, st := range s.statements {
				if !st.selects(action, resource) {
					continue
				}
				if st.Effect == effectDeny {
					return false
				}
				allowed = true
			}
		}
	}
	return allowed
}

func (s Statement) selects(action, resource string) bool {
	if len(s.Actions)+len(s.NotActions) > 0 && !listed(s.Actions, s.NotActions, action) {
		return false
	}
	match := func(spec string) bool { return matchesSpec(spec, resource) }
	if len(s.NotResources) > 0 {
		return !slices.ContainsFunc(s.NotResources, match)
	}
	return slices.ContainsFunc(s.Resources, match)
}

// found returns the entries of a search, newest first.
func (a *account) found(s search) []*AuditEntry {
	var entries []*AuditEntry
	for _, e := range slices.Backward(a.entries) {
		if s.matches(e) {
			entries = append(entries, e)
		}
	}
	slices.SortStableFunc(entries, func(x, y *AuditEntry) int { return y.Date.Compare(x.Date) })
	return entries
}

func (a *account) getAuditLogEntries(c *call) (reply, error) {
	return a.listEntries(c, c.query.Get("spec"), nil)
}

// postAuditLogEntries searches: it changes nothing.
func (a *account) postAuditLogEntries(c *call) (reply, error) {
	if len(c.body) == 0 {
		return a.listEntries(c, "", nil)
	}
	statements, err := decodeStatements(c.body)
	if err != nil {
		return reply{}, err
	}
	return a.listEntries(c, "", statements)
}

// decodeStatements reads a body that is a list of statements.
func decodeStatements(body []byte) ([]Statement, error) {
	if _, err := decodeList(body); err != nil {
		return nil, err
	}
	p := &properties{raw: map[string]json.RawMessage{"statements": body}}
	statements := p.statements("statements")
	return append([]Statement{}, statements...), p.err
}

func (a *account) listEntries(c *call, spec string, statements []Statement) (reply, error) {
	s, err := parseSearch(c.query)
	if err != nil {
		return reply{}, err
	}
	s.name, s.spec, s.statements = strings.ToLower(c.query.Get("q")), spec, statements
	limit, err := countParameter(c.query, "limit", defaultEntries, maxEntries)
	if err != nil {
		return reply{}, err
	}
	entries := a.found(s)
	links := []string{"self", linkTo(auditPath, c.query)}
	if len(entries) > limit {
		entries = entries[:limit]
		if !a.cfg.withoutNext {
			links = append(links, "next", linkTo(auditPath, c.query, "before", strconv.FormatInt(millis(entries[limit-1].Date), 10)))
		}
	}
	items := make([]*object, 0, len(entries))
	for _, e := range entries {
		items = append(items, a.entryObject(c.shape, e, false))
	}
	return reply{status: http.StatusOK, body: c.shape.object().set("items", items).set("_links", c.shape.links(links...))}, nil
}

// countParameter reads a number between 1 and a maximum.
func countParameter(query url.Values, name string, fallback, most int) (int, error) {
	if !query.Has(name) {
		return fallback, nil
	}
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < 1 || n > most {
		return 0, badRequest("%s must be an integer from 1 to %d", name, most)
	}
	return n, nil
}

// linkTo is a path with the parameters of a request, some of them replaced.
func linkTo(path string, query url.Values, replaced ...string) string {
	q := url.Values{}
	for name, values := range query {
		q[name] = values
	}
	for i := 0; i+1 < len(replaced); i += 2 {
		q.Set(replaced[i], replaced[i+1])
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func (a *account) postAuditLogEntryCounts(c *call) (reply, error) {
	s, err := parseSearch(c.query)
	if err != nil {
		return reply{}, err
	}
	if s.statements, err = decodeStatements(c.body); err != nil {
		return reply{}, err
	}
	n, err := countParameter(c.query, "buckets", defaultBuckets, maxBuckets)
	if err != nil {
		return reply{}, err
	}
	before := c.now
	if s.before != nil {
		before = *s.before
	}
	switch {
	case s.after == nil:
		return reply{}, badRequest("after is required")
	case !s.after.Before(before):
		return reply{}, badRequest("after must be earlier than before")
	}
	after := millis(*s.after)
	interval := (millis(before) - after + int64(n) - 1) / int64(n)
	counts := make([]int64, n)
	entries := a.found(s)
	for _, e := range entries {
		counts[min(int((millis(e.Date)-after)/interval), n-1)]++
	}
	buckets := make([]*object, n)
	for i, count := range counts {
		buckets[i] = c.shape.object().set("timestamp", after+int64(i)*interval).set("count", count)
	}
	return reply{status: http.StatusOK, body: c.shape.object().set("buckets", buckets).set("totalCount", len(entries)).
		set("bucketIntervalMs", interval)}, nil
}

func (a *account) getAuditLogEntry(c *call) (reply, error) {
	e := a.entry(c.ids[0])
	if e == nil {
		return reply{}, standardError(http.StatusNotFound)
	}
	return reply{status: http.StatusOK, body: a.entryObject(c.shape, e, true)}, nil
}

// entryObject is an AuditLogEntryListingRep or, in full, an AuditLogEntryRep.
func (a *account) entryObject(s shape, e *AuditEntry, full bool) *object {
	var accesses []*object
	for _, resource := range e.Resources {
		for _, action := range e.Actions {
			accesses = append(accesses, s.object().set("action", action).set("resource", resource))
		}
	}
	verb := e.Verb + " the " + e.Kind
	subject := e.subject()
	o := s.object().set("_links", s.links("self", auditPath+"/"+e.ID)).set("_id", e.ID).set("_accountId", AccountID).
		set("date", millis(e.Date)).set("accesses", accesses).set("kind", e.Kind).set("name", e.Name).
		set("description", capital(verb)+" "+e.Name).set("shortDescription", capital(verb)).
		text("comment", e.Comment).
		set("subject", s.object().set("_links", s.links()).set("name", subject).set("avatarUrl", ""))
	o.optional("member", s.entryMember(&e.member), e.hasMember).
		optional("token", s.entryToken(&e.token), e.hasToken).
		optional("app", s.object().set("_links", s.links()).set("_id", e.ClientID).set("isScim", false).set("name", appName).
			set("maintainerName", subject), e.ClientID != "").
		set("titleVerb", verb).set("title", subject+" "+verb+" "+e.Name).
		set("target", s.object().set("_links", s.links()).set("name", e.Name).set("resources", e.Resources))
	if !full {
		return o
	}
	return o.set("delta", rawOrNil(e.Delta)).set("triggerBody", nil).set("merge", nil).
		set("previousVersion", rawOrNil(e.PreviousVersion)).set("currentVersion", rawOrNil(e.CurrentVersion)).
		set("subentries", []*object{})
}

func (s shape) entryMember(m *Member) *object {
	return s.object().set("_links", s.links("self", membersPath+"/"+m.ID)).set("_id", m.ID).set("email", m.Email).
		set("firstName", m.FirstName).set("lastName", m.LastName)
}

func (s shape) entryToken(t *Token) *object {
	return s.object().set("_links", s.links("self", tokensPath+"/"+t.ID)).set("_id", t.ID).set("name", t.Name).
		set("ending", t.masked()).set("serviceToken", t.ServiceToken)
}

// subject is the name of who made a change.
func (e *AuditEntry) subject() string {
	return cmp.Or(e.member.fullName(), e.token.Name, "LaunchDarkly")
}

func rawOrNil(raw json.RawMessage) any {
	if raw == nil {
		return nil
	}
	return raw
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
