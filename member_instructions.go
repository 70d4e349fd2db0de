package ldapi

import "github.com/ldapi-go/ldapi/internal/semantic"

// MemberInstruction is an instruction of a semantic patch, for [MembersPatchInput]. The functions
// Replace… return the five kinds that the API knows.
type MemberInstruction = map[string]interface{}

// ReplaceMembersRoles assigns a base role to members and removes all of their custom roles. role
// and memberIDs must not be empty.
func ReplaceMembersRoles(role string, memberIDs ...string) MemberInstruction {
	return MemberInstruction{"kind": "replaceMembersRoles", "value": role, "memberIDs": list(memberIDs)}
}

// ReplaceMembersCustomRoles replaces the custom roles of members, by key or ID. An empty list
// removes all. memberIDs must not be empty.
func ReplaceMembersCustomRoles(roles []string, memberIDs ...string) MemberInstruction {
	return MemberInstruction{"kind": "replaceMembersCustomRoles", "values": list(roles), "memberIDs": list(memberIDs)}
}

// ReplaceMembersRoleAttributes replaces the role attributes of members. An empty map removes all.
// memberIDs must not be empty.
func ReplaceMembersRoleAttributes(attrs map[string][]string, memberIDs ...string) MemberInstruction {
	return MemberInstruction{"kind": "replaceMembersRoleAttributes", "value": attributeMap(attrs), "memberIDs": list(memberIDs)}
}

// MembersExcept selects the members that an instruction for all members does NOT apply to: members
// that match any of its fields keep their roles. (The filters of the API exclude, where a reader
// would expect the opposite.) An empty MembersExcept is an error: set Everyone to except no member.
type MembersExcept struct {
	// Everyone applies the instruction to all members without exception. The other fields must be
	// empty then.
	Everyone bool
	// IgnoredMemberIDs excludes these members.
	IgnoredMemberIDs []string
	// Query excludes members whose name or email contains this text.
	Query string
	// TeamKey excludes the members of this team.
	TeamKey string
	// Roles excludes members that have any of these roles.
	Roles []string
	// LastSeen excludes members by when they were last active.
	LastSeen *LastSeenFilter
}

// ReplaceAllMembersRoles assigns a base role to all members except those that except matches, and
// removes all of their custom roles. It returns an [ArgumentError] if role is empty, or if except
// is empty and Everyone is not set.
func ReplaceAllMembersRoles(role string, except MembersExcept) (MemberInstruction, error) {
	if role == "" {
		return nil, &ArgumentError{Operation: "patchMembers", Parameter: "role", Reason: "must not be empty"}
	}
	return except.restrict("patchMembers", MemberInstruction{"kind": "replaceAllMembersRoles", "value": role})
}

// ReplaceAllMembersCustomRoles replaces the custom roles, by key or ID, of all members except those
// that except matches. It returns an [ArgumentError] if except is empty and Everyone is not set.
func ReplaceAllMembersCustomRoles(roles []string, except MembersExcept) (MemberInstruction, error) {
	return except.restrict("patchMembers", MemberInstruction{"kind": "replaceAllMembersCustomRoles", "values": list(roles)})
}

// restrict adds the exceptions to an instruction for all members.
func (x MembersExcept) restrict(operation string, in MemberInstruction) (MemberInstruction, error) {
	plain := len(in)
	check := filterTerms{operation: operation, prefix: "MembersExcept."}
	if x.IgnoredMemberIDs != nil {
		check.list("IgnoredMemberIDs", x.IgnoredMemberIDs)
		in["ignoredMemberIDs"] = list(x.IgnoredMemberIDs)
	}
	if x.Query != "" {
		in["filterQuery"] = x.Query
	}
	if x.TeamKey != "" {
		in["filterTeamKey"] = x.TeamKey
	}
	if x.Roles != nil {
		in["filterRoles"] = check.list("Roles", x.Roles)
	}
	if x.LastSeen != nil {
		check.lastSeen("LastSeen", x.LastSeen)
		in["filterLastSeen"] = x.LastSeen.object()
	}
	switch excepted := len(in) > plain; {
	case check.problem != nil:
		return nil, check.problem
	case x.Everyone && excepted:
		return nil, &ArgumentError{Operation: operation, Parameter: "MembersExcept.Everyone", Reason: "must not be set along with other fields"}
	case !x.Everyone && !excepted:
		return nil, &ArgumentError{Operation: operation, Parameter: "MembersExcept", Reason: "is empty; set Everyone to except no member"}
	}
	return in, nil
}

// list copies a list. nil becomes an empty list, because the API takes no null for a list.
func list(values []string) []string { return append([]string{}, values...) }

// attributeMap copies role attributes, likewise.
func attributeMap(attributes map[string][]string) map[string][]string {
	m := make(map[string][]string, len(attributes))
	for key, values := range attributes {
		m[key] = list(values)
	}
	return m
}

// check returns what is wrong with instructions of the known kinds, or "". Other kinds are left to
// the server.
func (o *MembersPatchInput) check() string { return semantic.Check(o.Instructions) }

func (o *TeamPatchInput) check() string { return checkTeamInstructions(o.Instructions) }

func (o *TeamsPatchInput) check() string { return checkTeamInstructions(o.Instructions) }

func checkTeamInstructions(instructions []map[string]interface{}) string {
	if len(instructions) == 0 {
		return "has no instructions"
	}
	return semantic.Check(instructions)
}

// Failed returns why members were not changed, by their IDs, or nil if all were. The API answers
// 200 even if it changed only some of them.
func (o *BulkEditMembersRep) Failed() map[string]string { return semantic.Merge(o.GetErrors()) }
