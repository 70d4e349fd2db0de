package ldapitest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// matcher reports whether a member is meant.
type matcher func(*Member) bool

// parseFilter reads the filter of getMembers: field:value terms joined by commas, all of which must match.
func (a *account) parseFilter(text string, version int) (matcher, error) {
	var all []matcher
	for text != "" {
		field, value, rest, err := cutTerm(text)
		if err != nil {
			return nil, err
		}
		match, err := a.parseTerm(field, value, version)
		if err != nil {
			return nil, err
		}
		all, text = append(all, match), rest
	}
	return func(m *Member) bool {
		return !slices.ContainsFunc(all, func(match matcher) bool { return !match(m) })
	}, nil
}

// cutTerm takes the first term off a filter. The first colon ends the field; a comma ends the value, unless the value is
// the JSON of lastSeen, which ends where JSON ends.
func cutTerm(text string) (field, value, rest string, err error) {
	field, rest, ok := strings.Cut(text, ":")
	if !ok {
		return "", "", "", badRequest("filter: %q is not of the form field:value", text)
	}
	more := false
	if field == "lastSeen" {
		dec := json.NewDecoder(strings.NewReader(rest))
		var raw json.RawMessage
		if dec.Decode(&raw) != nil {
			return "", "", "", badRequest("filter: lastSeen must be a JSON object")
		}
		value, rest = rest[:dec.InputOffset()], rest[dec.InputOffset():]
		if rest != "" {
			if rest, more = strings.CutPrefix(rest, ","); !more {
				return "", "", "", badRequest("filter: a comma must follow lastSeen")
			}
		}
	} else {
		value, rest, more = strings.Cut(rest, ",")
	}
	if value == "" || more && rest == "" {
		return "", "", "", badRequest("filter: empty value or term")
	}
	return field, value, rest, nil
}

func (a *account) parseTerm(field, value string, version int) (matcher, error) {
	switch field {
	case "query":
		return matchQuery(value), nil
	case "role":
		return a.matchRoles(value), nil
	case "id":
		ids := strings.Split(value, "|")
		return func(m *Member) bool { return slices.Contains(ids, m.ID) }, nil
	case "email":
		emails := strings.Split(value, "|")
		return func(m *Member) bool {
			return slices.ContainsFunc(emails, func(email string) bool { return strings.EqualFold(email, m.Email) })
		}, nil
	case "team":
		return matchTeam(value), nil
	case "noteam":
		if value != "true" && value != "false" {
			return nil, badRequest("filter: noteam must be true or false")
		}
		return func(m *Member) bool { return (len(m.Teams) == 0) == (value == "true") }, nil
	case "lastSeen":
		return matchLastSeen([]byte(value))
	case "accessCheck":
		if version > lastUnpagedVersion {
			return nil, badRequest("filter: accessCheck is not available in this API version")
		}
		return a.matchAccess(value)
	}
	return nil, badRequest("filter: unknown field %q", field)
}

func matchQuery(text string) matcher {
	text = strings.ToLower(text)
	return func(m *Member) bool {
		return slices.ContainsFunc([]string{m.Email, m.FirstName, m.LastName}, func(s string) bool {
			return strings.Contains(strings.ToLower(s), text)
		})
	}
}

// matchRoles takes base roles, and keys or IDs of custom roles, joined by |. An owner counts as an admin, too.
func (a *account) matchRoles(value string) matcher {
	names := strings.Split(value, "|")
	has := func(name string) bool { return slices.Contains(names, name) }
	return func(m *Member) bool {
		if has(m.Role) || m.Role == roleOwner && has(roleAdmin) {
			return true
		}
		return slices.ContainsFunc(m.CustomRoles, func(id string) bool {
			r := a.role(id)
			return has(id) || r != nil && has(r.Key)
		})
	}
}

func matchTeam(key string) matcher {
	return func(m *Member) bool {
		return slices.ContainsFunc(m.Teams, func(team string) bool { return strings.EqualFold(team, key) })
	}
}

// matchLastSeen reads {"never":true}, {"noData":true} or {"before":<epoch ms>}.
func matchLastSeen(raw []byte) (matcher, error) {
	p, err := decodeObject(raw)
	if err != nil {
		return nil, badRequest("lastSeen must be a JSON object")
	}
	never, noData, before := p.flag("never"), p.flag("noData"), p.number("before")
	switch {
	case p.err != nil:
		return nil, p.err
	case len(p.raw) == 1 && never:
		return func(m *Member) bool { return m.LastSeen.IsZero() && !m.NoLastSeenData }, nil
	case len(p.raw) == 1 && noData:
		return func(m *Member) bool { return m.NoLastSeenData }, nil
	case len(p.raw) == 1 && p.has("before"):
		return func(m *Member) bool { return m.LastSeen.Before(fromMillis(before)) }, nil
	}
	return nil, badRequest(`lastSeen must be one of {"never":true}, {"noData":true} and {"before":<milliseconds>}`)
}

// matchAccess reads <action>:<resource>, without wildcards and tags.
func (a *account) matchAccess(value string) (matcher, error) {
	action, resource, ok := strings.Cut(value, ":")
	if !ok || action == "" || resource == "" || strings.ContainsAny(value, "*;") {
		return nil, badRequest("filter: accessCheck must be <action>:<resource>, without wildcards and tags")
	}
	return func(m *Member) bool { return a.memberGrant(m).allows(action, resource) }, nil
}

// parseSort reads the sort of getMembers. Members that compare equal stay in order of creation.
func parseSort(text string) (func(x, y *Member) int, error) {
	var keys []func(x, y *Member) int
	for name := range strings.SplitSeq(text, ",") {
		name, descending := strings.CutPrefix(name, "-")
		var key func(x, y *Member) int
		switch {
		case text == "":
			continue
		case name == "displayName":
			key = func(x, y *Member) int { return cmp.Compare(x.displayName(), y.displayName()) }
		case name == "lastSeen":
			key = func(x, y *Member) int { return x.LastSeen.Compare(y.LastSeen) } // never and no data are zero: oldest
		default:
			return nil, badRequest("sort: unknown field %q", name)
		}
		if descending {
			ascending := key
			key = func(x, y *Member) int { return ascending(y, x) }
		}
		keys = append(keys, key)
	}
	return func(x, y *Member) int {
		for _, key := range keys {
			if order := key(x, y); order != 0 {
				return order
			}
		}
		return 0
	}, nil
}

// displayName is what members are sorted by, regardless of case.
func (m *Member) displayName() string { return strings.ToLower(m.fullName()) }

func (m *Member) fullName() string {
	return cmp.Or(strings.TrimSpace(m.FirstName+" "+m.LastName), m.Email)
}
