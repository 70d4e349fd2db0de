package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ldapi-go/ldapi"
)

// audit is what was read of an account, and what is wrong with it.
type audit struct {
	Time     time.Time `json:"time"`
	Days     int       `json:"days"` // of the audit log
	Findings []finding `json:"findings"`
	Members  []member  `json:"members"`
	Tokens   []token   `json:"tokens"`
	Teams    []team    `json:"teams"`
	Roles    []role    `json:"roles"`
	Events   []event   `json:"events"`
}

type member struct {
	ID       string     `json:"id"`
	Email    string     `json:"email"`
	Name     string     `json:"name"`
	Role     string     `json:"role"`
	Roles    []string   `json:"customRoles"` // keys
	Teams    []string   `json:"teams"`       // keys
	MFA      string     `json:"mfa"`
	Pending  bool       `json:"pendingInvitation"`
	Created  time.Time  `json:"created"`
	LastSeen *time.Time `json:"lastSeen"` // nil = never
}

type token struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Service    bool       `json:"service"`
	Owner      string     `json:"owner"` // address, or the ID of a member that is gone
	Departed   bool       `json:"ownerDeparted"`
	Permission string     `json:"permission"` // base role, keys of custom roles, or the size of the inline policy
	AllowsAll  bool       `json:"inlinePolicyAllowsEverything"`
	Created    time.Time  `json:"created"`
	LastUsed   *time.Time `json:"lastUsed"` // nil = never
}

type team struct {
	Key         string   `json:"key"`
	Name        string   `json:"name"`
	Members     int      `json:"members"`
	Maintainers int      `json:"maintainers"`
	Roles       []string `json:"customRoles"`
	IDPSynced   bool     `json:"managedByIdentityProvider"`
}

type role struct {
	ID         string `json:"id"`
	Key        string `json:"key"`
	Name       string `json:"name"`
	Statements int    `json:"statements"`
	Members    int    `json:"members"`
	Teams      int    `json:"teams"`
	Tokens     int    `json:"tokens"`
}

type event struct {
	Time    time.Time `json:"time"`
	Who     string    `json:"who"`
	What    string    `json:"what"`
	Comment string    `json:"comment"`
}

// collect reads the account, and judges it.
func collect(ctx context.Context, client *ldapi.APIClient, now time.Time, days int) (*audit, error) {
	a := &audit{Time: now.UTC().Truncate(time.Second), Days: days}
	roles, err := client.LoadRoles(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading roles: %w", err)
	}
	for _, step := range []struct {
		what string
		read func(context.Context, *ldapi.APIClient, *ldapi.RoleIndex) error
	}{
		{"members", a.readMembers}, {"tokens", a.readTokens}, {"teams", a.readTeams}, {"the audit log", a.readEvents},
	} {
		if err := step.read(ctx, client, roles); err != nil {
			return nil, fmt.Errorf("reading %s: %w", step.what, err)
		}
	}
	a.countRoles(roles)
	a.judge()
	return a, nil
}

func (a *audit) readMembers(ctx context.Context, client *ldapi.APIClient, roles *ldapi.RoleIndex) error {
	for m, err := range client.AccountMembersApi.GetMembers(ctx).Prefetch(4).All() {
		if err != nil {
			return err
		}
		row := member{ID: m.GetId(), Email: m.GetEmail(), Name: strings.TrimSpace(m.GetFirstName() + " " + m.GetLastName()), Role: m.GetRole(),
			Roles: keysOf(roles, m.GetCustomRoles()), MFA: m.GetMfa(), Pending: m.GetPendingInvite(), Created: m.CreationTime()}
		for _, t := range m.GetTeams() {
			row.Teams = append(row.Teams, t.GetKey())
		}
		if seen, ever := m.LastSeenTime(); ever {
			row.LastSeen = &seen
		}
		a.Members = append(a.Members, row)
	}
	slices.SortFunc(a.Members, func(x, y member) int { return cmp.Compare(x.Email, y.Email) })
	return nil
}

// keysOf returns the keys of roles; a role that is not in the index is named by its ID.
func keysOf(roles *ldapi.RoleIndex, ids []string) []string {
	var keys []string
	for _, id := range ids {
		key, known := roles.Key(id)
		if !known {
			key = id
		}
		keys = append(keys, key)
	}
	return keys
}

func (a *audit) readTokens(ctx context.Context, client *ldapi.APIClient, roles *ldapi.RoleIndex) error {
	owners := map[string]string{}
	for _, m := range a.Members {
		owners[m.ID] = m.Email
	}
	for t, err := range client.AccessTokensApi.GetTokens(ctx).ShowAll(true).Prefetch(4).All() {
		if err != nil {
			return err
		}
		owner, present := owners[t.GetMemberId()]
		row := token{ID: t.GetId(), Name: t.GetName(), Service: t.GetServiceToken(), Owner: cmp.Or(owner, t.GetMemberId()),
			Departed: !present && !t.GetServiceToken(), Permission: t.GetRole(), Created: t.CreationTime()}
		switch {
		case len(t.GetCustomRoleIds()) > 0:
			row.Permission = strings.Join(keysOf(roles, t.GetCustomRoleIds()), ", ")
		case len(t.GetInlineRole()) > 0:
			row.Permission = fmt.Sprintf("policy of %d statements", len(t.GetInlineRole()))
			row.AllowsAll = slices.ContainsFunc(t.GetInlineRole(), allowsAll)
		}
		if used, ever := t.LastUsedTime(); ever {
			row.LastUsed = &used
		}
		a.Tokens = append(a.Tokens, row)
	}
	slices.SortFunc(a.Tokens, func(x, y token) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return nil
}

func allowsAll(s ldapi.Statement) bool {
	all := func(in, notIn []string) bool { return slices.Contains(in, "*") || len(notIn) > 0 }
	return s.GetEffect() == "allow" && all(s.GetResources(), s.GetNotResources()) && all(s.GetActions(), s.GetNotActions())
}

func (a *audit) readTeams(ctx context.Context, client *ldapi.APIClient, _ *ldapi.RoleIndex) error {
	expand := strings.Join([]string{ldapi.ExpandMembers, ldapi.ExpandRoles, ldapi.ExpandMaintainers}, ",")
	for t, err := range client.TeamsApi.GetTeams(ctx).Expand(expand).All() {
		if err != nil {
			return err
		}
		row := team{Key: t.GetKey(), Name: t.GetName(), Members: int(t.Members.GetTotalCount()), Maintainers: int(t.Maintainers.GetTotalCount()),
			IDPSynced: t.GetIdpSynced()}
		applied := t.Roles.GetItems()
		if int(t.Roles.GetTotalCount()) > len(applied) { // the expansion is the first page only
			if applied, err = client.TeamsApi.GetTeamRoles(ctx, t.GetKey()).Collect(); err != nil {
				return err
			}
		}
		for _, r := range applied {
			row.Roles = append(row.Roles, r.GetKey())
		}
		a.Teams = append(a.Teams, row)
	}
	slices.SortFunc(a.Teams, func(x, y team) int { return cmp.Compare(x.Key, y.Key) })
	return nil
}

// readEvents reads the changes of members and tokens, newest first.
func (a *audit) readEvents(ctx context.Context, client *ldapi.APIClient, _ *ldapi.RoleIndex) error {
	if a.Days == 0 {
		return nil
	}
	since := a.Time.AddDate(0, 0, -a.Days)
	for _, spec := range []string{"member/*", "member/*:token/*", "service-token/*"} {
		for e, err := range client.AuditLogApi.GetAuditLogEntries(ctx).Spec(spec).Between(since, time.Time{}).All() {
			if err != nil {
				return err
			}
			who := e.Subject.GetName()
			if e.Member != nil {
				who = e.Member.GetEmail()
			}
			a.Events = append(a.Events, event{time.UnixMilli(e.GetDate()).UTC(), who, cmp.Or(e.GetTitle(), e.GetTitleVerb(), e.GetKind()), e.GetComment()})
		}
	}
	slices.SortStableFunc(a.Events, func(x, y event) int { return y.Time.Compare(x.Time) })
	return nil
}

func (a *audit) countRoles(roles *ldapi.RoleIndex) {
	for _, r := range roles.Roles() {
		row := role{ID: r.GetId(), Key: r.GetKey(), Name: r.GetName(), Statements: len(r.GetPolicy()),
			Members: int(r.AssignedTo.GetMembersCount()), Teams: int(r.AssignedTo.GetTeamsCount())}
		for _, t := range a.Tokens {
			if slices.Contains(strings.Split(t.Permission, ", "), r.GetKey()) {
				row.Tokens++
			}
		}
		a.Roles = append(a.Roles, row)
	}
	slices.SortFunc(a.Roles, func(x, y role) int { return cmp.Compare(x.Key, y.Key) })
}
