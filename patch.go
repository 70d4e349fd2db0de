package ldapi

import (
	"slices"
	"strings"
)

// PatchAdd returns the operation that sets the value at path, or inserts it if path leads into an
// array ("/-" at its end appends). A nil value is sent as null, a nil list or map as an empty one.
func PatchAdd(path string, value any) PatchOperation { return *NewPatchOperation("add", path, value) }

// PatchReplace returns the operation that replaces the value at path. A nil value is sent as null,
// a nil list or map as an empty one.
func PatchReplace(path string, value any) PatchOperation {
	return *NewPatchOperation("replace", path, value)
}

// PatchTest returns the operation that makes the whole patch fail unless path has this value. A nil
// value is sent as null, a nil list or map as an empty one.
func PatchTest(path string, value any) PatchOperation { return *NewPatchOperation("test", path, value) }

// PatchRemove returns the operation that removes the value at path. If there is no value, the patch
// fails with [ErrPatchFailed].
func PatchRemove(path string) PatchOperation { return *NewPatchOperation("remove", path) }

// PatchPath returns the JSON Pointer (RFC 6901) to the value that tokens lead to, from the
// outermost to the innermost: PatchPath("roleAttributes", "a/b") is "/roleAttributes/a~1b". Without
// tokens it is "", the whole document.
func PatchPath(tokens ...string) string {
	var b strings.Builder
	for _, token := range tokens {
		b.WriteByte('/')
		_, _ = pointerEscaper.WriteString(&b, token)
	}
	return b.String()
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// TokenPatch collects changes to an access token, for PatchToken. Its methods modify and return it;
// Operations returns their errors.
type TokenPatch struct {
	current     *Token
	name        *string
	description *string
	access      *tokenAccess
	problem     *ArgumentError
}

// tokenAccess is the permission of a token: a role, custom roles or an inline role.
type tokenAccess struct {
	path  string
	value any
}

// NewTokenPatch returns an empty patch. Use [NewTokenPatchFrom] to switch between base role, custom
// roles and inline role, which requires the current token.
func NewTokenPatch() *TokenPatch { return new(TokenPatch) }

// NewTokenPatchFrom returns an empty patch of the token current, as the API returned it. If the
// kind of role changes, the patch removes the other kinds: the API accepts exactly one kind, and
// rejects the removal of one that is absent.
func NewTokenPatchFrom(current *Token) *TokenPatch { return &TokenPatch{current: current} }

// SetName sets the display name.
func (p *TokenPatch) SetName(name string) *TokenPatch {
	p.name = &name
	return p
}

// SetDescription sets the description.
func (p *TokenPatch) SetDescription(description string) *TokenPatch {
	p.description = &description
	return p
}

// SetRole sets the base role, such as [RoleReader], in place of the current permissions. role must
// not be empty.
func (p *TokenPatch) SetRole(role string) *TokenPatch {
	return p.setAccess("role", role, role == "")
}

// SetCustomRoleIds sets the custom roles, identified by ID, not key, in place of the current
// permissions. ids must not be empty.
func (p *TokenPatch) SetCustomRoleIds(ids []string) *TokenPatch {
	return p.setAccess("customRoleIds", slices.Clone(ids), len(ids) == 0 || slices.Contains(ids, ""))
}

// SetInlineRole sets a policy of the token itself in place of the current permissions. policy must
// not be empty.
func (p *TokenPatch) SetInlineRole(policy []StatementPost) *TokenPatch {
	return p.setAccess("inlineRole", slices.Clone(policy), len(policy) == 0)
}

func (p *TokenPatch) setAccess(property string, value any, empty bool) *TokenPatch {
	path := PatchPath(property)
	switch {
	case p.problem != nil:
	case empty:
		p.problem = &ArgumentError{Operation: "patchToken", Parameter: property, Reason: "must not be empty"}
	case p.access != nil && p.access.path != path:
		p.problem = &ArgumentError{Operation: "patchToken", Parameter: property,
			Reason: "a token has one of role, customRoleIds and inlineRole; another is set already"}
	}
	p.access = &tokenAccess{path: path, value: value}
	return p
}

// Operations returns the patch, which is empty if nothing is set. It returns an [ArgumentError] if
// a role, custom roles or a policy is set to an empty value, or if more than one of them is set.
func (p *TokenPatch) Operations() ([]PatchOperation, error) {
	if p.problem != nil {
		return nil, p.problem
	}
	ops := []PatchOperation{}
	if p.name != nil {
		ops = append(ops, PatchReplace("/name", *p.name))
	}
	if p.description != nil {
		ops = append(ops, PatchReplace("/description", *p.description))
	}
	if p.access == nil {
		return ops, nil
	}
	for _, path := range presentAccess(p.current) {
		if path != p.access.path {
			ops = append(ops, PatchRemove(path))
		}
	}
	return append(ops, PatchReplace(p.access.path, p.access.value)), nil
}

// presentAccess returns the kinds of permissions that a token has. An empty list is not one.
func presentAccess(t *Token) []string {
	var paths []string
	if t.GetRole() != "" {
		paths = append(paths, "/role")
	}
	if len(t.GetCustomRoleIds()) > 0 {
		paths = append(paths, "/customRoleIds")
	}
	if len(t.GetInlineRole()) > 0 {
		paths = append(paths, "/inlineRole")
	}
	return paths
}

// MemberPatch collects changes to an account member, for PatchMember. Its methods modify and return
// it; Operations returns their errors.
type MemberPatch struct {
	ops     []PatchOperation
	problem *ArgumentError
}

// NewMemberPatch returns an empty patch.
func NewMemberPatch() *MemberPatch { return new(MemberPatch) }

// SetRole sets the base role, such as [RoleWriter]. role must not be empty.
func (p *MemberPatch) SetRole(role string) *MemberPatch {
	p.require("role", role != "")
	return p.add(PatchReplace("/role", role))
}

// SetCustomRoles replaces the custom roles, identified by ID, not key. An empty list removes all
// custom roles.
func (p *MemberPatch) SetCustomRoles(ids []string) *MemberPatch {
	p.require("customRoles", !slices.Contains(ids, ""))
	return p.add(PatchReplace("/customRoles", append([]string{}, ids...)))
}

// AddCustomRole appends a custom role, identified by ID, not key.
func (p *MemberPatch) AddCustomRole(id string) *MemberPatch {
	p.require("customRoles", id != "")
	return p.add(PatchAdd("/customRoles/-", id))
}

// SetRoleAttributes replaces all role attributes. An empty map removes all.
func (p *MemberPatch) SetRoleAttributes(attributes map[string][]string) *MemberPatch {
	return p.add(PatchReplace("/roleAttributes", attributeMap(attributes)))
}

func (p *MemberPatch) add(op PatchOperation) *MemberPatch {
	p.ops = append(p.ops, op)
	return p
}

func (p *MemberPatch) require(parameter string, ok bool) {
	if !ok && p.problem == nil {
		p.problem = &ArgumentError{Operation: "patchMember", Parameter: parameter, Reason: "must not be empty"}
	}
}

// Operations returns the patch, in the order in which its parts were set. It is empty if nothing is
// set. Operations returns an [ArgumentError] if a role is set to an empty value.
func (p *MemberPatch) Operations() ([]PatchOperation, error) {
	if p.problem != nil {
		return nil, p.problem
	}
	return append([]PatchOperation{}, p.ops...), nil
}
