// Package semantic knows the instructions of semantic patches: which parameters each kind needs.
package semantic

import "slices"

// Check returns what is wrong with instructions of the known kinds, or "". Other kinds are left to the server.
func Check(instructions []map[string]interface{}) string {
	for _, in := range instructions {
		kind, _ := in["kind"].(string)
		filled, present := neededBy(kind, in)
		if present != "" && in[present] == nil {
			return kind + ": " + present + " is required"
		}
		for _, key := range filled {
			if v := in[key]; v == nil || v == "" || IsEmptyList(v) {
				return kind + ": " + key + " must not be empty"
			}
		}
	}
	return ""
}

// neededBy returns the parameters of a kind of instruction that must not be empty, and one that may be empty but not missing.
func neededBy(kind string, in map[string]interface{}) (filled []string, present string) {
	switch kind {
	case "replaceMembersCustomRoles":
		return []string{"memberIDs"}, "values"
	case "replaceMembersRoleAttributes":
		return []string{"memberIDs"}, "value"
	case "replaceMembersRoles":
		return []string{"value", "memberIDs"}, ""
	case "replaceAllMembersRoles", "updateName":
		return []string{"value"}, ""
	case "updateDescription", "replaceRoleAttributes":
		return nil, "value"
	case "replaceMembers", "replaceAllMembersCustomRoles":
		return nil, "values"
	case "addMembers", "removeMembers", "addCustomRoles", "removeCustomRoles":
		return []string{"values"}, ""
	case "addPermissionGrants", "removePermissionGrants":
		if in["actionSet"] != nil {
			return []string{"actionSet", "memberIDs"}, ""
		}
		return []string{"actions", "memberIDs"}, ""
	case "addRoleAttribute", "updateRoleAttribute":
		return []string{"key", "values"}, ""
	case "removeRoleAttribute":
		return []string{"key"}, ""
	case "addMembersToTeams":
		return []string{"memberIDs", "teamKeys"}, ""
	case "addAllMembersToTeams":
		return []string{"teamKeys"}, ""
	}
	return nil, ""
}

// IsEmptyList reports whether v is a list without elements, or with an empty one.
func IsEmptyList(v any) bool {
	switch values := v.(type) {
	case []string:
		return len(values) == 0 || slices.Contains(values, "")
	case []interface{}:
		return len(values) == 0 || slices.Contains(values, interface{}(""))
	}
	return false
}

// Merge returns the messages of all entries in one map, or nil.
func Merge(entries []map[string]string) map[string]string {
	var merged map[string]string
	for _, entry := range entries {
		for key, message := range entry {
			if merged == nil {
				merged = make(map[string]string)
			}
			merged[key] = message
		}
	}
	return merged
}
