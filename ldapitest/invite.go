package ldapitest

import (
	"net/http"
	"net/mail"
	"slices"
	"strings"
)

const maxInvitations = 50

// postMembers invites all or no one.
func (a *account) postMembers(c *call) (reply, error) {
	if !c.caller.allows("createMember", "member/*") {
		return reply{}, standardError(http.StatusForbidden)
	}
	if a.cfg.scim {
		return reply{}, forbidden("Members are managed through SCIM.")
	}
	items, err := decodeList(c.body)
	if err != nil {
		return reply{}, err
	}
	if len(items) == 0 || len(items) > maxInvitations {
		return reply{}, badRequest("1 to %d members can be invited per request", maxInvitations)
	}
	var invited []*Member
	var emails []string // as spelled by the caller
	for _, item := range items {
		m, email, err := a.parseInvitation(item)
		if err != nil {
			return reply{}, err
		}
		invited, emails = append(invited, m), append(emails, email)
	}
	if err := a.checkEmails(emails); err != nil {
		return reply{}, err
	}
	if err := a.checkLimits(len(invited)); err != nil {
		return reply{}, err
	}
	for _, m := range invited {
		m.ID, m.CreationDate = a.newMemberID(), c.now
		a.members = append(a.members, m)
	}
	ch := invited[0].change("invited", "createMember", nil, nil)
	for _, m := range invited[1:] {
		ch.resources = append(ch.resources, m.resource())
	}
	if len(invited) == 1 {
		ch.after = a.memberVersion(invited[0])
	}
	links := []string{"self", membersPath}
	return reply{status: http.StatusCreated, body: a.membersObject(c.shape, invited, expansion{}, links, len(invited)), change: ch}, nil
}

// parseInvitation reads a NewMemberForm.
func (a *account) parseInvitation(item []byte) (*Member, string, error) {
	p, err := decodeObject(item)
	if err != nil {
		return nil, "", err
	}
	email := p.text("email")
	m := &Member{Email: strings.ToLower(email), FirstName: p.text("firstName"), LastName: p.text("lastName"),
		RoleAttributes: p.attributes("roleAttributes"), HasPassword: p.text("password") != "",
		PendingInvite: true, MFA: mfaDisabled, Version: 1}
	role, roles, teams := p.text("role"), p.texts("customRoles"), p.texts("teamKeys")
	switch {
	case p.err != nil:
		return nil, "", p.err
	case !validEmail(email):
		return nil, "", badRequest("email must be an address")
	case len(teams) > maxTeams:
		return nil, "", badRequest("teamKeys must have at most %d keys", maxTeams)
	}
	if m.Role, err = a.baseRole(role, len(roles) > 0); err != nil {
		return nil, "", err
	}
	if err = a.checkRoleKeys(roles); err != nil {
		return nil, "", badRequest("%v", err)
	}
	if m.CustomRoles, err = a.roleIDs(roles); err != nil {
		return nil, "", err
	}
	if err = a.checkTeams(teams); err != nil {
		return nil, "", err
	}
	m.addTeams(teams)
	return m, email, nil
}

func validEmail(email string) bool {
	parsed, err := mail.ParseAddress(email)
	return err == nil && parsed.Address == email
}

// checkEmails reports each kind of conflict on its own; addresses are compared without regard to case.
func (a *account) checkEmails(emails []string) error {
	taken := func(match func(i int, email string) bool) []string {
		var found []string
		for i, email := range emails {
			if match(i, email) {
				found = append(found, email)
			}
		}
		return found
	}
	same := func(email string) func(string) bool {
		return func(other string) bool { return strings.EqualFold(email, other) }
	}
	if found := taken(func(i int, email string) bool {
		return slices.ContainsFunc(emails[:i], same(email))
	}); found != nil {
		return memberConflict("duplicate_emails",
			"This request contains two or more members with the same email address.", found)
	}
	if found := taken(func(_ int, email string) bool { return a.memberByEmail(email) != nil }); found != nil {
		return memberConflict("email_already_exists_in_account",
			"A member with this email address already exists in this account.", found)
	}
	if found := taken(func(_ int, email string) bool {
		return slices.ContainsFunc(a.cfg.foreignEmails, same(email))
	}); found != nil {
		return memberConflict("email_taken_in_different_account",
			"A member with this email address exists in another account.", found)
	}
	return nil
}

func (a *account) checkLimits(invited int) error {
	if a.cfg.seats >= 0 && len(a.members)+invited > a.cfg.seats {
		return &apiError{status: http.StatusBadRequest, code: "seat_limit_reached",
			message: "The account has no seats left."}
	}
	pending := 0
	for _, m := range a.members {
		if m.PendingInvite {
			pending++
		}
	}
	if a.cfg.invites >= 0 && pending+invited > a.cfg.invites {
		return &apiError{status: http.StatusBadRequest, code: "invite_limit_reached",
			message: "The account has too many open invitations."}
	}
	return nil
}

func (a *account) newMemberID() string {
	for {
		if id := a.ids.objectID(); a.member(id) == nil {
			return id
		}
	}
}
