package main

import (
	"fmt"
	"time"
)

// finding is something that should be looked at.
type finding struct {
	Rule    string `json:"rule"`
	Kind    string `json:"kind"` // member, token or role
	ID      string `json:"id"`
	Subject string `json:"subject"`
	Reason  string `json:"reason"`
	Fix     string `json:"fix"`
}

const (
	idleDays    = 90  // after which a member or token counts as unused
	graceDays   = 7   // in which a new token need not be used
	serviceDays = 365 // after which a service token should be replaced
)

// judge fills in the findings, rule by rule.
func (a *audit) judge() {
	for _, rule := range []func() []finding{a.adminsWithoutMFA, a.idleMembers, a.departedOwners, a.openPolicies, a.oldServiceTokens, a.idleTokens, a.unusedRoles} {
		a.Findings = append(a.Findings, rule()...)
	}
}

// ago is the time so many days before the audit.
func (a *audit) ago(days int) time.Time { return a.Time.AddDate(0, 0, -days) }

func (a *audit) adminsWithoutMFA() (found []finding) {
	for _, m := range a.Members {
		if (m.Role == "admin" || m.Role == "owner") && m.MFA == "disabled" && !m.Pending {
			found = append(found, finding{"admin-without-mfa", "member", m.ID, m.Email, "is " + m.Role + " and signs in without a second factor",
				"Ask the member to turn on MFA, or require it for the account."})
		}
	}
	return found
}

func (a *audit) idleMembers() (found []finding) {
	for _, m := range a.Members {
		reason := ""
		switch {
		case m.Pending:
		case m.LastSeen == nil && m.Created.Before(a.ago(idleDays)):
			reason = "joined on " + day(&m.Created) + " and was never active"
		case m.LastSeen != nil && m.LastSeen.Before(a.ago(idleDays)):
			reason = "was last active on " + day(m.LastSeen)
		}
		if reason != "" {
			found = append(found, finding{"member-idle", "member", m.ID, m.Email, reason, "Off-board the member, or demote it."})
		}
	}
	return found
}

func (a *audit) departedOwners() (found []finding) {
	for _, t := range a.Tokens {
		if t.Departed {
			found = append(found, finding{"token-of-departed-member", "token", t.ID, t.Name, "its member " + t.Owner + " is not in the account",
				"Delete the token."})
		}
	}
	return found
}

func (a *audit) openPolicies() (found []finding) {
	for _, t := range a.Tokens {
		if t.AllowsAll {
			found = append(found, finding{"policy-allows-everything", "token", t.ID, t.Name, "its inline policy allows all actions on all resources",
				"Replace the policy by one for the resources that the token needs."})
		}
	}
	return found
}

func (a *audit) oldServiceTokens() (found []finding) {
	for _, t := range a.Tokens {
		if t.Service && t.Created.Before(a.ago(serviceDays)) {
			found = append(found, finding{"service-token-old", "token", t.ID, t.Name, "was created on " + day(&t.Created),
				"Replace it by a new token, and give that one an owner."})
		}
	}
	return found
}

func (a *audit) idleTokens() (found []finding) {
	for _, t := range a.Tokens {
		reason := ""
		switch {
		case t.LastUsed == nil && t.Created.Before(a.ago(graceDays)):
			reason = "was created on " + day(&t.Created) + " and never used"
		case t.LastUsed != nil && t.LastUsed.Before(a.ago(idleDays)):
			reason = "was last used on " + day(t.LastUsed)
		}
		if reason != "" {
			found = append(found, finding{"token-idle", "token", t.ID, t.Name, reason, "Delete the token."})
		}
	}
	return found
}

func (a *audit) unusedRoles() (found []finding) {
	for _, r := range a.Roles {
		if r.Members+r.Teams+r.Tokens == 0 {
			found = append(found, finding{"role-unassigned", "role", r.ID, r.Key, fmt.Sprintf("no member, team or token has this role of %d statements", r.Statements),
				"Delete the role, or assign it."})
		}
	}
	return found
}

// day shows a time that may never have been.
func day(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.Format(time.DateOnly)
}
