package ldapi

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Values of the parameters and roles of account members. Roles are open: the API may know more.
const (
	// SortDisplayName sorts by first and last name, or by email where there is no name.
	SortDisplayName = "displayName"
	// SortLastSeen sorts by when members were last active; never counts as oldest.
	SortLastSeen = "lastSeen"

	// ExpandCustomRoles adds details of the custom roles to a response.
	ExpandCustomRoles = "customRoles"
	// ExpandRoleAttributes adds Member.RoleAttributes to a response.
	ExpandRoleAttributes = "roleAttributes"

	// RoleReader is the base role that may see everything and change nothing.
	RoleReader = "reader"
	// RoleWriter is the base role that may change everything but members, roles and account settings.
	RoleWriter = "writer"
	// RoleAdmin is the base role that may do everything but what the owner alone may.
	RoleAdmin = "admin"
	// RoleOwner is the base role of the one owner of the account; it cannot be given by the API.
	RoleOwner = "owner"
	// RoleNoAccess is the base role that may do nothing, for members whose custom roles say what they may.
	RoleNoAccess = "no_access"
)

// Descending returns the sort order of field the other way round.
func Descending(field string) string { return "-" + field }

// LastSeenFilter selects members by when they were last active. LastSeenNever, LastSeenNoData and LastSeenBefore make one.
type LastSeenFilter struct {
	key    string
	before int64 // epoch milliseconds, for the key "before"
}

// LastSeenNever selects members who were never active.
func LastSeenNever() *LastSeenFilter { return &LastSeenFilter{key: "never"} }

// LastSeenNoData selects members who were not active since LaunchDarkly began to keep record.
func LastSeenNoData() *LastSeenFilter { return &LastSeenFilter{key: "noData"} }

// LastSeenBefore selects members who were not active since t, to the millisecond.
func LastSeenBefore(t time.Time) *LastSeenFilter {
	return &LastSeenFilter{key: "before", before: t.UnixMilli()}
}

func (f *LastSeenFilter) text() string {
	if f.key == "before" {
		return `{"before":` + strconv.FormatInt(f.before, 10) + `}`
	}
	return `{"` + f.key + `":true}`
}

func (f *LastSeenFilter) object() map[string]interface{} {
	if f.key == "before" {
		return map[string]interface{}{"before": f.before}
	}
	return map[string]interface{}{f.key: true}
}

// MemberFilter selects account members; they must match all fields that are set. A list matches who has any of its
// values; nil matches everybody, an empty list is refused.
type MemberFilter struct {
	// Query is text that the email, first or last name contains, in any letter case.
	Query string
	// Roles are base roles and custom roles (by key). RoleAdmin includes the owner.
	Roles []string
	// IDs are ids of members.
	IDs []string
	// Emails are whole addresses.
	Emails []string
	// Team is the key of a team.
	Team string
	// NoTeam selects members who are in no team (true) or in one (false).
	NoTeam *bool
	// LastSeen selects by when members were last active.
	LastSeen *LastSeenFilter
	// AccessCheck selects members who may do an action on a resource: "<action>:<resource>", without wildcards. Only API
	// versions up to 20220603 have it: see WithAPIVersion.
	AccessCheck string
}

const lastAccessCheckVersion = "20220603"

// Encode writes the filter in the language of the query parameter filter, not escaped: the request does that. It fails
// with *ArgumentError on what the language cannot carry: "," or "|" in a value, an empty value in a list, an empty list
// that is not nil.
func (f MemberFilter) Encode() (string, error) {
	t := filterTerms{operation: "getMembers", prefix: "MemberFilter."}
	t.value("query", "Query", f.Query)
	t.values("role", "Roles", f.Roles)
	t.values("id", "IDs", f.IDs)
	t.values("email", "Emails", f.Emails)
	t.value("team", "Team", f.Team)
	if f.NoTeam != nil {
		t.add("noteam", strconv.FormatBool(*f.NoTeam))
	}
	if f.LastSeen != nil {
		t.lastSeen("LastSeen", f.LastSeen)
		t.add("lastSeen", f.LastSeen.text())
	}
	if action, resource, _ := strings.Cut(f.AccessCheck, ":"); f.AccessCheck != "" && (action == "" || resource == "") {
		t.refuse("AccessCheck", `must be "<action>:<resource>"`)
	}
	t.value("accessCheck", "AccessCheck", f.AccessCheck)
	if t.problem != nil {
		return "", t.problem
	}
	return strings.Join(t.terms, ","), nil
}

// filterTerms collects the terms of a filter and the first thing that is wrong with them.
type filterTerms struct {
	operation string
	prefix    string // of the fields' names in errors
	terms     []string
	problem   *ArgumentError
}

func (t *filterTerms) add(field, value string) { t.terms = append(t.terms, field+":"+value) }

func (t *filterTerms) refuse(field, reason string) {
	if t.problem == nil {
		t.problem = &ArgumentError{Operation: t.operation, Parameter: t.prefix + field, Reason: reason}
	}
}

func (t *filterTerms) value(term, field, value string) {
	if value == "" {
		return
	}
	t.carry(field, value)
	t.add(term, value)
}

func (t *filterTerms) values(term, field string, values []string) {
	if values != nil {
		t.add(term, t.list(field, values))
	}
}

func (t *filterTerms) list(field string, values []string) string {
	if len(values) == 0 {
		t.refuse(field, "must not be an empty list; nil asks for nothing")
	}
	for _, v := range values {
		if v == "" {
			t.refuse(field, "must not hold an empty value")
		}
		t.carry(field, v)
	}
	return strings.Join(values, "|")
}

// carry refuses what separates terms and values: the language has no escape for it.
func (t *filterTerms) carry(field, value string) {
	if i := strings.IndexAny(value, ",|"); i >= 0 {
		t.refuse(field, fmt.Sprintf("the filter language cannot carry %q in a value", value[i]))
	}
}

func (t *filterTerms) lastSeen(field string, f *LastSeenFilter) {
	if f.key == "" {
		t.refuse(field, "must be made by LastSeenNever, LastSeenNoData or LastSeenBefore")
	}
}

// FilterBy restricts the list to members that match f. Of Filter and FilterBy the last one wins. What is wrong with f comes
// from Execute, before anything is sent.
func (r ApiGetMembersRequest) FilterBy(f MemberFilter) ApiGetMembersRequest {
	text, err := f.Encode()
	r = r.Filter(text)
	if text == "" {
		r.filter = nil
	}
	r.problem = err
	if f.AccessCheck != "" {
		r.upToVersion = lastAccessCheckVersion
	}
	return r
}

// FindMemberByEmail returns the member with this address, in any letter case. It fails with ErrNotFound when there is
// none, and with *ArgumentError when the filter language cannot carry the address. It calls GetMembers of the service
// AccountMembersApi.
func (c *APIClient) FindMemberByEmail(ctx context.Context, email string) (*Member, error) {
	for member, err := range c.AccountMembersApi.GetMembers(ctx).FilterBy(MemberFilter{Emails: []string{email}}).All() {
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(member.Email, email) {
			return &member, nil
		}
	}
	return nil, fmt.Errorf("ldapi: findMemberByEmail: no member has this address: %w", ErrNotFound)
}
