package ldapi

import "github.com/ldapi-go/ldapi/internal/semantic"

// TeamInstruction is an instruction of a semantic patch, for [ApiPatchTeamRequest.Instructions] or, where its function mentions
// PatchTeams, for [ApiPatchTeamsRequest.Instructions].
type TeamInstruction = map[string]interface{}

const maintainTeam = "maintainTeam"

func teamInstruction(kind, key string, value any) TeamInstruction {
	return TeamInstruction{"kind": kind, key: value}
}

// SetTeamName changes the display name of a team. name must not be empty.
func SetTeamName(name string) TeamInstruction { return teamInstruction("updateName", "value", name) }

// SetTeamDescription changes the description of a team. An empty description clears it.
func SetTeamDescription(description string) TeamInstruction {
	return teamInstruction("updateDescription", "value", description)
}

// AddTeamMembers adds members, by ID. memberIDs must not be empty.
func AddTeamMembers(memberIDs ...string) TeamInstruction {
	return teamInstruction("addMembers", "values", list(memberIDs))
}

// RemoveTeamMembers removes members, by ID. memberIDs must not be empty.
func RemoveTeamMembers(memberIDs ...string) TeamInstruction {
	return teamInstruction("removeMembers", "values", list(memberIDs))
}

// ReplaceTeamMembers makes these the only members of a team, by ID. An empty list removes all.
func ReplaceTeamMembers(memberIDs ...string) TeamInstruction {
	return teamInstruction("replaceMembers", "values", list(memberIDs))
}

// AddTeamRoles adds custom roles, by key and not by ID. roleKeys must not be empty. [RoleIndex.Keys] translates IDs.
func AddTeamRoles(roleKeys ...string) TeamInstruction {
	return teamInstruction("addCustomRoles", "values", list(roleKeys))
}

// RemoveTeamRoles removes custom roles, by key and not by ID. roleKeys must not be empty.
func RemoveTeamRoles(roleKeys ...string) TeamInstruction {
	return teamInstruction("removeCustomRoles", "values", list(roleKeys))
}

// AddTeamMaintainers makes members maintainers of a team, by ID. They need not be members of the team. memberIDs must not be
// empty.
func AddTeamMaintainers(memberIDs ...string) TeamInstruction {
	return TeamInstruction{"kind": "addPermissionGrants", "actionSet": maintainTeam, "memberIDs": list(memberIDs)}
}

// RemoveTeamMaintainers ends the grants of [AddTeamMaintainers]. memberIDs must not be empty.
func RemoveTeamMaintainers(memberIDs ...string) TeamInstruction {
	return TeamInstruction{"kind": "removePermissionGrants", "actionSet": maintainTeam, "memberIDs": list(memberIDs)}
}

// AddTeamGrants permits members, by ID, to perform actions on a team, such as "updateTeamMembers". Neither list may be empty.
func AddTeamGrants(actions []string, memberIDs ...string) TeamInstruction {
	return TeamInstruction{"kind": "addPermissionGrants", "actions": list(actions), "memberIDs": list(memberIDs)}
}

// RemoveTeamGrants ends a grant of [AddTeamGrants] with the same actions. Neither list may be empty.
func RemoveTeamGrants(actions []string, memberIDs ...string) TeamInstruction {
	return TeamInstruction{"kind": "removePermissionGrants", "actions": list(actions), "memberIDs": list(memberIDs)}
}

// AddTeamRoleAttribute adds a role attribute that the team does not have. Neither key nor values may be empty.
func AddTeamRoleAttribute(key string, values ...string) TeamInstruction {
	return TeamInstruction{"kind": "addRoleAttribute", "key": key, "values": list(values)}
}

// SetTeamRoleAttribute replaces the values of a role attribute that the team has. Neither key nor values may be empty.
func SetTeamRoleAttribute(key string, values ...string) TeamInstruction {
	return TeamInstruction{"kind": "updateRoleAttribute", "key": key, "values": list(values)}
}

// RemoveTeamRoleAttribute removes a role attribute. key must not be empty.
func RemoveTeamRoleAttribute(key string) TeamInstruction {
	return teamInstruction("removeRoleAttribute", "key", key)
}

// ReplaceTeamRoleAttributes replaces all role attributes of a team. An empty map removes all.
func ReplaceTeamRoleAttributes(attrs map[string][]string) TeamInstruction {
	return teamInstruction("replaceRoleAttributes", "value", attributeMap(attrs))
}

// AddMembersToTeams adds members, by ID, to teams, by key, for PatchTeams. Neither list may be empty.
func AddMembersToTeams(memberIDs, teamKeys []string) TeamInstruction {
	return TeamInstruction{"kind": "addMembersToTeams", "memberIDs": list(memberIDs), "teamKeys": list(teamKeys)}
}

// AddAllMembersToTeams adds all members except those that except matches to teams, by key, for PatchTeams. It returns an
// [ArgumentError] if teamKeys is empty, or if except is empty and Everyone is not set.
func AddAllMembersToTeams(except MembersExcept, teamKeys ...string) (TeamInstruction, error) {
	if semantic.IsEmptyList(list(teamKeys)) {
		return nil, &ArgumentError{Operation: "patchTeams", Parameter: "teamKeys", Reason: "must not be empty"}
	}
	return except.restrict("patchTeams", TeamInstruction{"kind": "addAllMembersToTeams", "teamKeys": list(teamKeys)})
}

// Instructions sets the request body to these instructions, without a comment. The last of Instructions and [ApiPatchTeamRequest.TeamPatchInput] wins.
func (r ApiPatchTeamRequest) Instructions(in ...TeamInstruction) ApiPatchTeamRequest {
	return r.TeamPatchInput(*NewTeamPatchInput(in))
}

// Instructions sets the request body to these instructions, without a comment. The last of Instructions and [ApiPatchTeamsRequest.TeamsPatchInput] wins.
func (r ApiPatchTeamsRequest) Instructions(in ...TeamInstruction) ApiPatchTeamsRequest {
	return r.TeamsPatchInput(*NewTeamsPatchInput(in))
}

// Instructions sets the request body to these instructions, without a comment. The last of Instructions and [ApiPatchMembersRequest.MembersPatchInput]
// wins.
func (r ApiPatchMembersRequest) Instructions(in ...MemberInstruction) ApiPatchMembersRequest {
	return r.MembersPatchInput(*NewMembersPatchInput(in))
}

// Failed returns why teams were not changed, by their keys, or nil if all were. The API answers 200 even if it changed only some
// of them.
func (o *BulkEditTeamsRep) Failed() map[string]string { return semantic.Merge(o.GetErrors()) }
