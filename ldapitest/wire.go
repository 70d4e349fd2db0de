package ldapitest

import (
	"encoding/json"
	"strings"
	"time"
)

const (
	tokensPath  = "/api/v2/tokens"
	membersPath = "/api/v2/members"
	rolesPath   = "/api/v2/roles"
	teamsPath   = "/api/v2/teams"
	auditPath   = "/api/v2/auditlog"
	jsonType    = "application/json"
	formType    = "multipart/form-data"
)

func (s shape) link(href string) *object {
	return s.object().set("href", href).set("type", jsonType)
}

// links writes _links. The object itself is a map, so it never gets unknown properties of another type.
func (s shape) links(namesAndHrefs ...string) *object {
	o := &object{}
	for i := 0; i+1 < len(namesAndHrefs); i += 2 {
		o.set(namesAndHrefs[i], s.link(namesAndHrefs[i+1]))
	}
	return o
}

// masked is what is shown of a secret after its creation.
func (t *Token) masked() string { return t.Secret[max(0, len(t.Secret)-4):] }

// tokenVersion is what the audit log keeps of a token.
func (a *account) tokenVersion(t *Token) json.RawMessage {
	return encode(a.tokenObject(shape{}, t, false))
}

// memberVersion is what the audit log keeps of a member.
func (a *account) memberVersion(m *Member) json.RawMessage {
	return encode(a.memberObject(shape{}, m, expansion{"roleAttributes": len(m.RoleAttributes) > 0}))
}

// tokenObject is a Token. Its secret is cut to the last four characters unless full is set.
func (a *account) tokenObject(s shape, t *Token, full bool) *object {
	secret := t.Secret
	if !full {
		secret = t.masked()
	}
	creator := a.member(t.MemberID)
	o := s.object().set("_id", t.ID).set("ownerId", a.owner().ID).set("memberId", t.MemberID).
		optional("_member", s.memberSummary(creator), creator != nil).
		text("name", t.Name).text("description", t.Description).
		set("creationDate", millis(t.CreationDate)).set("lastModified", millis(t.LastModified)).
		texts("customRoleIds", t.CustomRoleIDs).
		optional("inlineRole", s.statements(t.InlineRole), len(t.InlineRole) > 0).
		text("role", t.Role).
		set("token", secret).set("serviceToken", t.ServiceToken).
		set("_links", s.links("parent", tokensPath, "self", tokensPath+"/"+t.ID))
	return o.set("defaultApiVersion", t.DefaultAPIVersion).set("lastUsed", millis(t.LastUsed))
}

func (s shape) memberSummary(m *Member) *object {
	if m == nil {
		return nil
	}
	return s.object().set("_links", s.links("self", membersPath+"/"+m.ID)).set("_id", m.ID).
		text("firstName", m.FirstName).text("lastName", m.LastName).
		set("role", m.Role).set("email", m.Email)
}

func (s shape) statements(policy []Statement) []*object {
	objects := make([]*object, 0, len(policy))
	for _, st := range policy {
		objects = append(objects, s.object().set("effect", st.Effect).
			texts("resources", st.Resources).texts("notResources", st.NotResources).
			texts("actions", st.Actions).texts("notActions", st.NotActions))
	}
	return objects
}

// expansion is what the expand parameter asks for; unknown names are ignored.
type expansion map[string]bool

func parseExpand(value string) expansion {
	e := expansion{}
	for name := range strings.SplitSeq(value, ",") {
		e[name] = true
	}
	return e
}

// memberObject is a Member.
func (a *account) memberObject(s shape, m *Member, expand expansion) *object {
	attributes := m.RoleAttributes
	if attributes == nil {
		attributes = map[string][]string{}
	}
	o := s.object().set("_links", s.links("self", membersPath+"/"+m.ID)).set("_id", m.ID).
		text("firstName", m.FirstName).text("lastName", m.LastName).
		set("role", m.Role).set("email", m.Email).
		set("_pendingInvite", m.PendingInvite).set("_verified", !m.Unverified).
		text("_pendingEmail", m.PendingEmail).
		set("customRoles", m.CustomRoles)
	if expand["customRoles"] {
		o.set("customRolesInfo", a.rolesInfo(s, m.CustomRoles))
	}
	o.set("mfa", m.MFA)
	if !a.cfg.olderMembers {
		o.set("mfaEnforced", m.MFAEnforced).
			optional("mfaGracePeriodExpiresAt", millis(m.MFAGracePeriodExpiresAt), !m.MFAGracePeriodExpiresAt.IsZero()).
			set("hasPassword", m.HasPassword)
	}
	return o.set("excludedDashboards", m.ExcludedDashboards).
		set("_lastSeen", millis(m.LastSeen)).
		optional("_lastSeenMetadata", s.object().set("tokenId", m.LastSeenTokenID), m.LastSeenTokenID != "").
		optional("_integrationMetadata", s.integration(m.Integration), m.Integration != nil).
		optional("teams", a.teamSummaries(s, m.Teams), len(m.Teams) > 0).
		optional("permissionGrants", s.permissionGrants(m.PermissionGrants), len(m.PermissionGrants) > 0).
		set("creationDate", millis(m.CreationDate)).
		texts("oauthProviders", m.OAuthProviders).
		set("version", m.Version).
		optional("roleAttributes", attributes, expand["roleAttributes"])
}

func (a *account) rolesInfo(s shape, ids []string) []*object {
	objects := make([]*object, 0, len(ids))
	for _, id := range ids {
		if r := a.role(id); r != nil {
			objects = append(objects, s.object().set("_id", r.ID).set("key", r.Key).set("name", r.Name))
		}
	}
	return objects
}

func (a *account) teamSummaries(s shape, keys []string) []*object {
	objects := make([]*object, 0, len(keys))
	for _, key := range keys {
		if t := a.team(key); t != nil {
			objects = append(objects, s.object().set("customRoleKeys", t.CustomRoleKeys).
				set("key", t.Key).set("name", t.Name).
				set("_links", s.links("self", teamsPath+"/"+t.Key)))
		}
	}
	return objects
}

func (s shape) integration(i *Integration) *object {
	if i == nil {
		return nil
	}
	return s.object().set("externalId", i.ExternalID).
		set("externalStatus", s.object().set("display", i.StatusDisplay).set("value", i.StatusValue)).
		set("externalUrl", i.ExternalURL).set("lastChecked", millis(i.LastChecked))
}

func (s shape) permissionGrants(grants []PermissionGrant) []*object {
	objects := make([]*object, 0, len(grants))
	for _, g := range grants {
		objects = append(objects, s.object().set("resource", g.Resource).
			text("actionSet", g.ActionSet).texts("actions", g.Actions))
	}
	return objects
}

// errorObject is any of the error bodies.
func (s shape) errorObject(e *apiError, id string) *object {
	o := s.object()
	if id != "" {
		o.set("id", id)
	}
	o.set("code", e.code).set("message", e.message)
	if e.invalidEmails != nil {
		o.set("invalid_emails", e.invalidEmails)
	}
	return o
}

// fromMillis reads a wire time.
func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
