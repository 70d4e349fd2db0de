package ldapitest

import (
	"slices"
	"strings"
)

const (
	roleReader   = "reader"
	roleWriter   = "writer"
	roleAdmin    = "admin"
	roleOwner    = "owner"
	roleNoAccess = "no_access"

	effectAllow = "allow"
	effectDeny  = "deny"
)

var (
	tokenRoles  = []string{roleReader, roleWriter, roleAdmin}
	memberRoles = []string{roleReader, roleWriter, roleAdmin, roleNoAccess}
)

// check refuses a statement that contradicts itself.
func (s Statement) check() error {
	switch {
	case s.Effect != effectAllow && s.Effect != effectDeny:
		return badRequest("statement: effect must be allow or deny")
	case len(s.Resources) > 0 && len(s.NotResources) > 0:
		return badRequest("statement: resources and notResources exclude each other")
	case len(s.Actions) > 0 && len(s.NotActions) > 0:
		return badRequest("statement: actions and notActions exclude each other")
	}
	return nil
}

func (s Statement) matches(action, resource string) bool {
	return listed(s.Actions, s.NotActions, action) && listed(s.Resources, s.NotResources, resource)
}

func listed(in, notIn []string, name string) bool {
	match := func(pattern string) bool { return glob(pattern, name) }
	if len(notIn) > 0 {
		return !slices.ContainsFunc(notIn, match)
	}
	return slices.ContainsFunc(in, match)
}

// glob matches name against a pattern in which * stands for any text.
func glob(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if last == 0 {
		return pattern == name
	}
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	for _, part := range parts[1:last] {
		_, rest, found := strings.Cut(name, part)
		if !found {
			return false
		}
		name = rest
	}
	return strings.HasSuffix(name, parts[last])
}

// grant is what one credential, or one member, may do: a base role, or the policies of custom roles.
type grant struct {
	role   string // "" = the policy decides
	policy []Statement
}

// allows reports whether the action on the resource is permitted. Owner and admin may do anything, a writer anything but
// the administration of the account, a reader only what begins with "view", no_access nothing.
func (g grant) allows(action, resource string) bool {
	switch g.role {
	case roleOwner, roleAdmin:
		return true
	case roleWriter:
		return viewing(action) || !administration(resource)
	case roleReader:
		return viewing(action)
	case "":
		allowed := false
		for _, s := range g.policy {
			if s.matches(action, resource) {
				if s.Effect == effectDeny {
					return false
				}
				allowed = true
			}
		}
		return allowed
	}
	return false
}

func (g grant) admin() bool { return g.role == roleAdmin || g.role == roleOwner }

func viewing(action string) bool { return strings.HasPrefix(action, "view") }

// administration reports whether a resource, or a pattern of resources, touches the account itself rather than its projects.
func administration(resource string) bool {
	head, _, pattern := strings.Cut(resource, "*")
	for _, kind := range []string{"member/", "service-token/", "team/", "role/", "acct"} {
		if strings.HasPrefix(head, kind) || pattern && strings.HasPrefix(kind, head) {
			return true
		}
	}
	return false
}

// caller is who sent a request: a token, and the member for whom a personal token acts.
type caller struct {
	token       *Token
	oauth       bool    // the token came with the scheme Bearer, as those of OAuth do
	member      *Member // nil for a service token
	tokenGrant  grant
	memberGrant grant
}

// allows returns the lesser of the token's and the member's present permissions.
func (c *caller) allows(action, resource string) bool {
	return c.tokenGrant.allows(action, resource) && (c.member == nil || c.memberGrant.allows(action, resource))
}

func (c *caller) admin() bool {
	return c.tokenGrant.admin() && (c.member == nil || c.memberGrant.admin())
}

// covers reports whether the caller may hand out a policy: it must hold all that the policy allows.
func (c *caller) covers(policy []Statement) bool {
	for _, s := range policy {
		if s.Effect != effectAllow {
			continue
		}
		actions, resources := s.Actions, s.Resources
		if len(s.NotActions) > 0 {
			actions = []string{"*"}
		}
		if len(s.NotResources) > 0 {
			resources = []string{"*"}
		}
		for _, action := range actions {
			for _, resource := range resources {
				if !c.allows(action, resource) {
					return false
				}
			}
		}
	}
	return true
}

// coversRole reports whether the caller may hand out a base role.
func (c *caller) coversRole(role string) bool {
	switch role {
	case roleReader:
		return true
	case roleWriter:
		return c.allows("*", "proj/*")
	}
	return c.admin()
}

// allowsAll reports whether the caller may do all actions.
func (c *caller) allowsAll(actions []string, resource string) bool {
	return !slices.ContainsFunc(actions, func(action string) bool { return !c.allows(action, resource) })
}
