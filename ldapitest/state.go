package ldapitest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

const mfaDisabled = "disabled"

// account is everything that the server remembers of LaunchDarkly. All fields but cfg are guarded by mu, and every
// operation runs under it from beginning to end, so each is atomic.
type account struct {
	cfg     *config
	mu      sync.Mutex
	members []*Member // in order of creation, as are the others
	tokens  []*Token
	roles   []*Role
	teams   []*Team
	entries []*AuditEntry
	ids     *idSource

	entryIDs *idSource
	detached map[string]int // by team key: how many deletions are refused although the team has no members any more
}

func newAccount(cfg *config) *account {
	a := &account{cfg: cfg}
	a.reset()
	return a
}

func (a *account) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ids, a.entryIDs = newIDSource(a.cfg.seed), newIDSource(^a.cfg.seed)
	a.entries, a.detached = nil, map[string]int{}
	a.seed(a.cfg.now())
}

func find[T any](items []*T, match func(*T) bool) *T {
	if i := slices.IndexFunc(items, match); i >= 0 {
		return items[i]
	}
	return nil
}

func (a *account) member(id string) *Member {
	return find(a.members, func(m *Member) bool { return m.ID == id })
}

func (a *account) memberByEmail(email string) *Member {
	return find(a.members, func(m *Member) bool { return strings.EqualFold(m.Email, email) })
}

func (a *account) owner() *Member {
	return find(a.members, func(m *Member) bool { return m.Role == roleOwner })
}

func (a *account) token(id string) *Token {
	return find(a.tokens, func(t *Token) bool { return t.ID == id })
}

func (a *account) role(id string) *Role {
	return find(a.roles, func(r *Role) bool { return r.ID == id })
}

// roleNamed finds a role by key or ID.
func (a *account) roleNamed(name string) *Role {
	return find(a.roles, func(r *Role) bool { return r.Key == name || r.ID == name })
}

func (a *account) team(key string) *Team {
	return find(a.teams, func(t *Team) bool { return t.Key == key })
}

// tokenBySecret finds the active token whose present secret, or whose old secret that has not expired, is given.
func (a *account) tokenBySecret(secret string, now time.Time) *Token {
	return find(a.tokens, func(t *Token) bool {
		if t.Inactive {
			return false
		}
		return t.Secret == secret || slices.ContainsFunc(t.OldSecrets, func(o OldSecret) bool {
			return o.Secret == secret && now.Before(o.Expires)
		})
	})
}

// roleIDs turns keys and IDs of roles into IDs, in the same order.
func (a *account) roleIDs(names []string) ([]string, error) {
	var ids []string
	for _, name := range names {
		r := a.roleNamed(name)
		if r == nil {
			return nil, badRequest("unknown custom role %q", name)
		}
		ids = append(ids, r.ID)
	}
	return ids, nil
}

// checkRoleIDs refuses what is not the ID of a role: patches take no keys.
func (a *account) checkRoleIDs(ids []string) error {
	for _, id := range ids {
		if a.role(id) == nil {
			return badRequest("unknown custom role ID %q", id)
		}
	}
	return nil
}

func (a *account) checkRoleKeys(keys []string) error {
	for _, key := range keys {
		if find(a.roles, func(r *Role) bool { return r.Key == key }) == nil {
			return fmt.Errorf("no custom role with the key %q", key)
		}
	}
	return nil
}

func (a *account) checkTeams(keys []string) error {
	for _, key := range keys {
		if a.team(key) == nil {
			return badRequest("unknown team %q", key)
		}
	}
	return nil
}

func (a *account) policyOf(roleIDs []string) []Statement {
	var policy []Statement
	for _, id := range roleIDs {
		r := a.role(id)
		if r == nil {
			continue
		}
		policy = append(policy, r.Policy...)
		if r.BasePermissions == roleReader {
			policy = append(policy, Statement{Effect: effectAllow, Resources: []string{"*"}, Actions: []string{"view*"}})
		}
	}
	return policy
}

// memberGrant is what a member may do: the base role applies only to those who have no custom roles, neither of their
// own nor through a team.
func (a *account) memberGrant(m *Member) grant {
	roles := slices.Clone(m.CustomRoles)
	for _, key := range m.Teams {
		if t := a.team(key); t != nil {
			ids, _ := a.roleIDs(t.CustomRoleKeys) // AddTeam has checked the keys
			roles = append(roles, ids...)
		}
	}
	if m.Role == roleOwner || len(roles) == 0 {
		return grant{role: m.Role}
	}
	return grant{policy: a.policyOf(roles)}
}

func (a *account) tokenGrant(t *Token) grant {
	switch {
	case t.Role != "":
		return grant{role: t.Role}
	case len(t.CustomRoleIDs) > 0:
		return grant{policy: a.policyOf(t.CustomRoleIDs)}
	}
	return grant{policy: t.InlineRole}
}

func (a *account) callerOf(t *Token) *caller {
	c := &caller{token: t, tokenGrant: a.tokenGrant(t)}
	if !t.ServiceToken {
		c.member = a.member(t.MemberID)
		c.memberGrant = a.memberGrant(c.member)
	}
	return c
}

// touch notes a change of a member.
func (m *Member) touch() { m.Version++ }

// addTeams puts the member on the teams it is not yet on.
func (m *Member) addTeams(keys []string) {
	for _, key := range keys {
		if !slices.Contains(m.Teams, key) {
			m.Teams = append(m.Teams, key)
		}
	}
}
