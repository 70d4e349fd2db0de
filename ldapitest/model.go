package ldapitest

import (
	"maps"
	"slices"
	"time"
)

// Member is an account member as the server keeps it. The zero value of a field is what a new member has, unless the
// field specifies otherwise. Only Email is required by [Server.AddMember].
type Member struct {
	ID                  string // 24 lower-case hex digits; generated when empty
	FirstName, LastName string
	Email               string // kept in lower case; unique in the account
	Role                string // base role: reader (when empty), writer, admin or no_access; owner only in the seed
	CustomRoles         []string
	RoleAttributes      map[string][]string
	Teams               []string // keys of teams

	PendingInvite bool
	Unverified    bool   // the opposite of _verified
	PendingEmail  string // address that waits for verification

	MFA                     string // "disabled" when empty
	MFAEnforced             bool
	MFAGracePeriodExpiresAt time.Time
	HasPassword             bool

	LastSeen        time.Time // end of the last session; zero = never active. Calls with a token do not move it
	NoLastSeenData  bool      // active once, before such times were recorded: LastSeen must be zero
	LastSeenTokenID string    // the token of the last session, if it was one

	ExcludedDashboards []string
	Integration        *Integration
	PermissionGrants   []PermissionGrant
	OAuthProviders     []string
	CreationDate       time.Time // the server's clock when zero
	Version            int       // 1 when zero; each change adds one
}

// Integration describes which external system provisioned a member.
type Integration struct {
	ExternalID, ExternalURL    string
	StatusDisplay, StatusValue string
	LastChecked                time.Time
}

// PermissionGrant is a set of actions given to a member directly: either the name of an action set or actions.
type PermissionGrant struct {
	Resource  string
	ActionSet string
	Actions   []string
}

// Token is an access token as the server keeps it. All fields are optional for [Server.AddToken].
type Token struct {
	ID                string // 24 lower-case hex digits; generated when empty
	MemberID          string // creator; AdminID when empty
	Name, Description string
	Role              string // reader, writer or admin; at most one of Role, CustomRoleIDs and InlineRole, reader when there is none
	CustomRoleIDs     []string
	InlineRole        []Statement
	ServiceToken      bool
	DefaultAPIVersion int // 20240415 when zero

	Secret     string      // the full secret; generated when empty
	OldSecrets []OldSecret // secrets from before a reset, also those that do not work any more
	Inactive   bool        // its member was deleted: no secret works

	CreationDate time.Time // the server's clock when zero
	LastModified time.Time // CreationDate when zero
	LastUsed     time.Time // zero = never; each authenticated request moves it
}

// OldSecret is a secret that was replaced by a reset. It works before Expires and not from then on.
type OldSecret struct {
	Secret  string
	Expires time.Time
}

// Statement is one rule of a policy. At most one of Resources and NotResources, and of Actions and NotActions.
type Statement struct {
	Effect                  string // allow or deny
	Resources, NotResources []string
	Actions, NotActions     []string
}

// Role is a custom role. Key is required by [Server.AddRole]; requests that create name roles by key, responses by ID.
type Role struct {
	ID               string // 24 lower-case hex digits; generated when empty
	Key              string
	Name             string // Key when empty
	Description      string
	Policy           []Statement
	BasePermissions  string // reader or no_access; what holders may do besides the policy
	ResourceCategory string

	PresetBundleVersion int // of a preset that LaunchDarkly maintains
	PresetStatements    []Statement
}

// Team is a team that members can be on. Key is required by [Server.AddTeam].
// Members are on the teams of [Member.Teams]. Maintainers are members with a [PermissionGrant] whose Resource is team/ and the key,
// and whose ActionSet is maintainTeam.
type Team struct {
	Key            string
	Name           string // Key when empty
	Description    string
	CustomRoleKeys []string // custom roles that all members of the team have
	RoleAttributes map[string][]string
	Projects       []Project // shown with the team; they have no effect
	IDPSynced      bool      // an identity provider manages the name and the members: patches of them answer 403
	CreationDate   time.Time // the server's clock when zero
	LastModified   time.Time // CreationDate when zero
	Version        int       // 1 when zero; each change adds one
}

// Project is a project that a team has access to.
type Project struct{ ID, Key, Name string }

func (s Statement) clone() Statement {
	s.Resources, s.NotResources = slices.Clone(s.Resources), slices.Clone(s.NotResources)
	s.Actions, s.NotActions = slices.Clone(s.Actions), slices.Clone(s.NotActions)
	return s
}

func clonePolicy(policy []Statement) []Statement {
	policy = slices.Clone(policy)
	for i := range policy {
		policy[i] = policy[i].clone()
	}
	return policy
}

func (m Member) clone() Member {
	m.CustomRoles, m.Teams = slices.Clone(m.CustomRoles), slices.Clone(m.Teams)
	m.RoleAttributes = cloneAttributes(m.RoleAttributes)
	m.ExcludedDashboards, m.OAuthProviders = slices.Clone(m.ExcludedDashboards), slices.Clone(m.OAuthProviders)
	m.PermissionGrants = slices.Clone(m.PermissionGrants)
	for i := range m.PermissionGrants {
		m.PermissionGrants[i].Actions = slices.Clone(m.PermissionGrants[i].Actions)
	}
	if m.Integration != nil {
		integration := *m.Integration
		m.Integration = &integration
	}
	return m
}

func cloneAttributes(attributes map[string][]string) map[string][]string {
	attributes = maps.Clone(attributes)
	for key, values := range attributes {
		attributes[key] = slices.Clone(values)
	}
	return attributes
}

func (t Token) clone() Token {
	t.CustomRoleIDs, t.OldSecrets = slices.Clone(t.CustomRoleIDs), slices.Clone(t.OldSecrets)
	t.InlineRole = clonePolicy(t.InlineRole)
	return t
}

func (r Role) clone() Role {
	r.Policy, r.PresetStatements = clonePolicy(r.Policy), clonePolicy(r.PresetStatements)
	return r
}

func (t Team) clone() Team {
	t.CustomRoleKeys, t.Projects = slices.Clone(t.CustomRoleKeys), slices.Clone(t.Projects)
	t.RoleAttributes = cloneAttributes(t.RoleAttributes)
	return t
}
