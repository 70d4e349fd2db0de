package ldapi

import (
	"slices"
	"strings"
)

// MemberInstruction is one instruction of a semantic patch, for MembersPatchInput.Instructions of PatchMembers. The
// functions of this file make the five kinds there are.
type MemberInstruction = map[string]interface{}

// ReplaceMembersRoles gives members a base role, and takes away all their custom roles. role and memberIDs must not be
// empty.
func ReplaceMembersRoles(role string, memberIDs ...string) MemberInstruction {
	return MemberInstruction{"kind": "replaceMembersRoles", "value": role, "memberIDs": list(memberIDs)}
}

// ReplaceMembersCustomRoles replaces the custom roles of members, by key or id. memberIDs must not be empty.
func ReplaceMembersCustomRoles(roles []string, memberIDs ...string) MemberInstruction {
	return MemberInstruction{"kind": "replaceMembersCustomRoles", "values": list(roles), "memberIDs": list(memberIDs)}
}

// ReplaceMembersRoleAttributes replaces the role attributes of members; none takes all away. memberIDs must not be empty.
func ReplaceMembersRoleAttributes(attrs map[string][]string, memberIDs ...string) MemberInstruction {
	return MemberInstruction{"kind": "replaceMembersRoleAttributes", "value": attributeMap(attrs), "memberIDs": list(memberIDs)}
}

// MembersExcept says who is left out of an instruction for all members: whoever matches any of its fields KEEPS what they
// have. (The filters of the API exclude. A reader would expect the opposite, hence the name.) An empty one is refused:
// Everyone says that nobody is left out.
type MembersExcept struct {
	// Everyone says that the instruction is for all members without exception. The other fields must be empty then.
	Everyone bool
	// IgnoredMemberIDs leaves out these members.
	IgnoredMemberIDs []string
	// Query leaves out members whose name or email contains this text.
	Query string
	// TeamKey leaves out the members of this team.
	TeamKey string
	// Roles leaves out members who have any of these roles.
	Roles []string
	// LastSeen leaves out members by when they were last active.
	LastSeen *LastSeenFilter
}

// ReplaceAllMembersRoles gives all members but those that except leaves out a base role, and takes away all their custom
// roles. It fails with *ArgumentError when role is empty, and when except is empty without saying Everyone.
func ReplaceAllMembersRoles(role string, except MembersExcept) (MemberInstruction, error) {
	if role == "" {
		return nil, &ArgumentError{Operation: "patchMembers", Parameter: "role", Reason: "must not be empty"}
	}
	return except.restrict(MemberInstruction{"kind": "replaceAllMembersRoles", "value": role})
}

// ReplaceAllMembersCustomRoles replaces the custom roles, by key or id, of all members but those that except leaves out.
// It fails with *ArgumentError when except is empty without saying Everyone.
func ReplaceAllMembersCustomRoles(roles []string, except MembersExcept) (MemberInstruction, error) {
	return except.restrict(MemberInstruction{"kind": "replaceAllMembersCustomRoles", "values": list(roles)})
}

// restrict adds the exceptions to an instruction for all members.
func (x MembersExcept) restrict(in MemberInstruction) (MemberInstruction, error) {
	plain := len(in)
	check := filterTerms{operation: "patchMembers", prefix: "MembersExcept."}
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
		return nil, &ArgumentError{Operation: "patchMembers", Parameter: "MembersExcept.Everyone", Reason: "says that nobody is left out, but other fields leave out members"}
	case !x.Everyone && !excepted:
		return nil, &ArgumentError{Operation: "patchMembers", Parameter: "MembersExcept", Reason: "leaves out nobody; Everyone: true says that this is meant"}
	}
	return in, nil
}

// list copies a list; nil becomes an empty one: the API takes no null for it.
func list(values []string) []string { return append([]string{}, values...) }

// attributeMap copies role attributes, likewise.
func attributeMap(attributes map[string][]string) map[string][]string {
	m := make(map[string][]string, len(attributes))
	for key, values := range attributes {
		m[key] = list(values)
	}
	return m
}

// check says what is wrong with the instructions of the known kinds. Others are the server's business.
func (o *MembersPatchInput) check() string {
	for _, in := range o.Instructions {
		kind, _ := in["kind"].(string)
		switch {
		case kind == "replaceMembersRoles" && in["value"] == "":
			return kind + ": the role must not be empty"
		case strings.HasPrefix(kind, "replaceMembers") && isEmptyList(in["memberIDs"]):
			return kind + ": memberIDs must not be empty"
		}
	}
	return ""
}

func isEmptyList(v any) bool {
	ids, ok := v.([]string)
	return ok && (len(ids) == 0 || slices.Contains(ids, ""))
}

// Failed returns why members were not changed, by their ids; nil when all were. The API answers with 200 also when it
// changed only some.
func (o *BulkEditMembersRep) Failed() map[string]string {
	var failed map[string]string
	for _, entry := range o.GetErrors() {
		for id, message := range entry {
			if failed == nil {
				failed = make(map[string]string)
			}
			failed[id] = message
		}
	}
	return failed
}
