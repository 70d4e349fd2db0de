package ldapi

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// RoleIndex translates between the keys and the IDs of custom roles: LaunchDarkly takes keys where
// members, tokens and teams are created, and IDs in patches of tokens and members; its responses
// contain IDs, except those about teams. A RoleIndex is a snapshot, and safe for concurrent use.
type RoleIndex struct {
	roles []CustomRole
	at    map[string]int // by key; an ID takes precedence
}

// LoadRoles lists all custom roles, and returns an index of them. It calls GetCustomRoles of
// [CustomRolesApi].
func (c *APIClient) LoadRoles(ctx context.Context) (*RoleIndex, error) {
	roles, err := c.CustomRolesApi.GetCustomRoles(ctx).Collect()
	if err != nil {
		return nil, err
	}
	x := &RoleIndex{roles: roles, at: make(map[string]int, 2*len(roles))}
	for i, role := range roles {
		x.at[role.Key] = i
	}
	for i, role := range roles {
		x.at[role.Id] = i
	}
	return x, nil
}

// Roles returns the custom roles, in the order of the API.
func (x *RoleIndex) Roles() []CustomRole { return slices.Clone(x.roles) }

func (x *RoleIndex) find(keyOrID string) (role CustomRole, ok bool) {
	i, ok := x.at[keyOrID]
	if ok {
		role = x.roles[i]
	}
	return role, ok && keyOrID != ""
}

// ID returns the ID of the role with this key or ID. It reports false if there is no such role.
func (x *RoleIndex) ID(keyOrID string) (string, bool) {
	role, ok := x.find(keyOrID)
	return role.Id, ok
}

// Key returns the key of the role with this key or ID. It reports false if there is no such role.
func (x *RoleIndex) Key(keyOrID string) (string, bool) {
	role, ok := x.find(keyOrID)
	return role.Key, ok
}

// IDs returns the IDs of roles in the order of the arguments. If roles are unknown, it returns an
// [ArgumentError] that names all of them.
func (x *RoleIndex) IDs(keysOrIDs ...string) ([]string, error) {
	return translate("RoleIndex.IDs", keysOrIDs, x.ID)
}

// Keys returns the keys of roles in the order of the arguments. If roles are unknown, it returns an
// [ArgumentError] that names all of them.
func (x *RoleIndex) Keys(keysOrIDs ...string) ([]string, error) {
	return translate("RoleIndex.Keys", keysOrIDs, x.Key)
}

func translate(operation string, names []string, lookUp func(string) (string, bool)) ([]string, error) {
	found := make([]string, 0, len(names))
	var unknown []string
	for _, name := range names {
		value, ok := lookUp(name)
		if !ok {
			unknown = append(unknown, strconv.Quote(name))
		}
		found = append(found, value)
	}
	if len(unknown) > 0 {
		return nil, &ArgumentError{Operation: operation, Parameter: "keysOrIDs", Reason: "unknown custom roles: " + strings.Join(unknown, ", ")}
	}
	return found, nil
}

// CustomRolePatch collects changes to a custom role, for PatchCustomRole. Its methods modify and
// return it; Patch returns their errors.
type CustomRolePatch struct {
	ops     []PatchOperation
	comment *string
	problem *ArgumentError
}

// NewCustomRolePatch returns an empty patch.
func NewCustomRolePatch() *CustomRolePatch { return new(CustomRolePatch) }

// SetName sets the display name. name must not be empty.
func (p *CustomRolePatch) SetName(name string) *CustomRolePatch {
	p.require("name", name != "")
	return p.add(PatchReplace("/name", name))
}

// SetDescription sets the description.
func (p *CustomRolePatch) SetDescription(description string) *CustomRolePatch {
	return p.add(PatchReplace("/description", description))
}

// SetPolicy replaces all statements. policy must not be empty.
func (p *CustomRolePatch) SetPolicy(policy []StatementPost) *CustomRolePatch {
	p.require("policy", len(policy) > 0)
	return p.add(PatchReplace("/policy", slices.Clone(policy)))
}

// AppendStatement adds a statement after the others.
func (p *CustomRolePatch) AppendStatement(statement StatementPost) *CustomRolePatch {
	return p.add(PatchAdd("/policy/-", statement))
}

// SetBasePermissions sets the permissions of members without a base role: [RoleReader] or
// [RoleNoAccess]. permissions must not be empty.
func (p *CustomRolePatch) SetBasePermissions(permissions string) *CustomRolePatch {
	p.require("basePermissions", permissions != "")
	return p.add(PatchReplace("/basePermissions", permissions))
}

// Comment sets the comment for the audit log.
func (p *CustomRolePatch) Comment(comment string) *CustomRolePatch {
	p.comment = &comment
	return p
}

func (p *CustomRolePatch) add(op PatchOperation) *CustomRolePatch {
	p.ops = append(p.ops, op)
	return p
}

func (p *CustomRolePatch) require(parameter string, ok bool) {
	if !ok && p.problem == nil {
		p.problem = &ArgumentError{Operation: "patchCustomRole", Parameter: parameter, Reason: "must not be empty"}
	}
}

// Patch returns the request body, with the changes in the order in which they were set. It returns
// an [ArgumentError] if nothing is changed, or a value is empty that must not be.
func (p *CustomRolePatch) Patch() (PatchWithComment, error) {
	p.require("patch", len(p.ops) > 0)
	if p.problem != nil {
		return PatchWithComment{}, p.problem
	}
	return PatchWithComment{Patch: slices.Clone(p.ops), Comment: p.comment}, nil
}
