package ldapi

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Values of the parameters and roles of account members. The API may know more roles.
const (
	// SortDisplayName sorts by first and last name, or by email where there is no name.
	SortDisplayName = "displayName"
	// SortLastSeen sorts by when members were last active; never counts as oldest.
	SortLastSeen = "lastSeen"

	// ExpandCustomRoles adds details of the custom roles to a response.
	ExpandCustomRoles = "customRoles"
	// ExpandRoleAttributes adds [Member.RoleAttributes] to a response.
	ExpandRoleAttributes = "roleAttributes"

	// RoleReader is the base role that can read everything and change nothing.
	RoleReader = "reader"
	// RoleWriter is the base role that can change everything except members, roles and account settings.
	RoleWriter = "writer"
	// RoleAdmin is the base role that can do everything except what is reserved to the owner.
	RoleAdmin = "admin"
	// RoleOwner is the base role of the one owner of the account. The API cannot assign it.
	RoleOwner = "owner"
	// RoleNoAccess is the base role without permissions, for members with custom roles.
	RoleNoAccess = "no_access"
)

// Descending returns the sort order of field in reverse.
func Descending(field string) string { return "-" + field }

// LastSeenFilter selects members by when they were last active. Use [LastSeenNever],
// [LastSeenNoData] or [LastSeenBefore].
type LastSeenFilter struct {
	key    string
	before int64 // epoch milliseconds, for the key "before"
}

// LastSeenNever selects members that were never active.
func LastSeenNever() *LastSeenFilter { return &LastSeenFilter{key: "never"} }

// LastSeenNoData selects members that have not been active since LaunchDarkly began recording
// activity.
func LastSeenNoData() *LastSeenFilter { return &LastSeenFilter{key: "noData"} }

// LastSeenBefore selects members that have not been active since t, to the millisecond.
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

// MemberFilter selects account members. Members must match all fields that are set. A list matches
// members that have any of its values. A nil list matches all members; an empty non-nil list is an
// error.
type MemberFilter struct {
	// Query is text that the email, first or last name contains, in any letter case.
	Query string
	// Roles are base roles and custom roles (by key). [RoleAdmin] includes the owner.
	Roles []string
	// IDs are member IDs.
	IDs []string
	// Emails are whole addresses.
	Emails []string
	// Team is the key of a team.
	Team string
	// NoTeam selects members that are in no team (true) or in one (false).
	NoTeam *bool
	// LastSeen selects by when members were last active.
	LastSeen *LastSeenFilter
	// AccessCheck selects members that may do an action on a resource: "<action>:<resource>", without wildcards. Only API
	// versions up to 20220603 support it: see [WithAPIVersion].
	AccessCheck string
}

const lastAccessCheckVersion = "20220603"

// Encode returns the filter in the language of the query parameter filter. It is not escaped; the
// request does that. Encode returns an [ArgumentError] for what the language cannot express: "," or
// "|" in a value, an empty value in a list, and an empty non-nil list.
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

// filterTerms collects the terms of a filter and the first error.
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
		t.refuse(field, "must not be an empty list; use nil for no restriction")
	}
	for _, v := range values {
		if v == "" {
			t.refuse(field, "must not hold an empty value")
		}
		t.carry(field, v)
	}
	return strings.Join(values, "|")
}

// carry refuses the characters that separate terms and values, for which the language has no
// escape.
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

// FilterBy restricts the list to members that match f. The last of Filter and FilterBy wins. If f
// is invalid, Execute returns an [ArgumentError].
func (r ApiGetMembersRequest) FilterBy(f MemberFilter) ApiGetMembersRequest {
	text, err := f.Encode()
	r = r.Filter(text)
	if text == "" {
		r.filter = nil
	}
	r.problem = err
	if f.AccessCheck != "" {
		r.version = versionLimit{last: lastAccessCheckVersion, parameter: "MemberFilter.AccessCheck"}
	}
	return r
}

// FindMemberByEmail returns the member with this address, in any letter case. expand adds details,
// such as [ExpandRoleAttributes]. It returns an error that matches [ErrNotFound] if the account has
// no such member, and an [ArgumentError] if the filter language cannot express the address. It
// calls GetMembers of [AccountMembersApi].
func (c *APIClient) FindMemberByEmail(ctx context.Context, email string, expand ...string) (*Member, error) {
	request := c.AccountMembersApi.GetMembers(ctx).FilterBy(MemberFilter{Emails: []string{email}})
	if len(expand) > 0 {
		request = request.Expand(strings.Join(expand, ","))
	}
	for member, err := range request.All() {
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(member.Email, email) {
			return &member, nil
		}
	}
	return nil, fmt.Errorf("ldapi: findMemberByEmail: no member has this address: %w", ErrNotFound)
}
