package modeltest_test

import (
	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// The functions below bring members and tokens, as the client reads them and as the server keeps them, into the form of
// the model.

// memberOf leaves out the role attributes: only an expanded member has them.
func memberOf(m *ldapi.Member) *member {
	v := &member{ID: m.GetId(), Email: m.GetEmail(), First: m.GetFirstName(), Last: m.GetLastName(), Role: m.GetRole(),
		CustomRoles: m.GetCustomRoles(), Pending: m.GetPendingInvite(), Created: m.GetCreationDate(), LastSeen: m.GetLastSeen()}
	for _, team := range m.GetTeams() {
		v.Teams = append(v.Teams, team.Key)
	}
	return v
}

func (m *member) withoutAttributes() *member {
	c := m.clone()
	c.Attributes = nil
	return c
}

func storedMember(m ldapitest.Member) *member {
	v := &member{ID: m.ID, Email: m.Email, First: m.FirstName, Last: m.LastName, Role: m.Role, CustomRoles: m.CustomRoles,
		Teams: m.Teams, Attributes: m.RoleAttributes, Pending: m.PendingInvite, Created: m.CreationDate.UnixMilli()}
	if !m.LastSeen.IsZero() {
		v.LastSeen = m.LastSeen.UnixMilli()
	}
	return v
}

func tokenOf(t *ldapi.Token) *token {
	v := &token{ID: t.GetId(), Member: t.GetMemberId(), Name: t.GetName(), Description: t.GetDescription(), Role: t.GetRole(),
		CustomRoles: t.GetCustomRoleIds(), Service: t.GetServiceToken(), Created: t.GetCreationDate(),
		Modified: t.GetLastModified(), LastUsed: t.GetLastUsed(), Secret: t.GetToken()}
	for _, s := range t.GetInlineRole() {
		v.Inline = append(v.Inline, s.GetResources()...)
	}
	return v
}

func storedToken(t ldapitest.Token) *token {
	v := &token{ID: t.ID, Member: t.MemberID, Name: t.Name, Description: t.Description, Role: t.Role,
		CustomRoles: t.CustomRoleIDs, Service: t.ServiceToken, Created: t.CreationDate.UnixMilli(),
		Modified: t.LastModified.UnixMilli(), Secret: t.Secret}
	if !t.LastUsed.IsZero() {
		v.LastUsed = t.LastUsed.UnixMilli()
	}
	for _, s := range t.InlineRole {
		v.Inline = append(v.Inline, s.Resources...)
	}
	return v
}
