// Command quickstart shows the main job of ldapi step by step: access tokens, account members, roles and teams, the audit log,
// and what errors look like.
//
// Without flags it runs against a LaunchDarkly in memory: no account and no key are needed. With -live it reads the real
// account that LD_ACCESS_TOKEN opens, and changes nothing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

func main() {
	live := flag.Bool("live", false, "read the real account that LD_ACCESS_TOKEN opens; nothing is changed")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *live); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, live bool) error {
	if live {
		cfg, err := ldapi.ConfigurationFromEnv()
		if err != nil {
			return err
		}
		return show(ctx, &tour{out: out, client: ldapi.NewAPIClient(cfg), pageSize: 50}, (*tour).listTokens, (*tour).listMembers)
	}
	server := ldapitest.NewServer()
	defer server.Close()
	fmt.Fprintf(out, "LaunchDarkly in memory, at %s\n", server.URL)
	return show(ctx, &tour{out: out, client: server.Client(), pageSize: 2},
		(*tour).createToken, (*tour).listTokens, (*tour).patchToken, (*tour).resetToken, (*tour).deleteToken,
		(*tour).inviteMembers, (*tour).listMembers, (*tour).promoteMember, (*tour).createTeam, (*tour).listTeam, (*tour).readAuditLog,
		(*tour).removeMember, (*tour).notFound, (*tour).rejectedInvitation)
}

func show(ctx context.Context, t *tour, steps ...func(*tour, context.Context) error) error {
	for _, step := range steps {
		if err := step(t, ctx); err != nil {
			return err
		}
	}
	return nil
}

// tour is the state that the steps hand on.
type tour struct {
	out      io.Writer
	client   *ldapi.APIClient
	pageSize int64
	steps    int
	tokenID  string
	memberID string
}

func (t *tour) title(text string) {
	t.steps++
	fmt.Fprintf(t.out, "\n%d. %s\n", t.steps, text)
}

func (t *tour) say(format string, args ...any) { fmt.Fprintf(t.out, "   "+format+"\n", args...) }

func (t *tour) createToken(ctx context.Context) error {
	t.title("Create a service token")
	post := ldapi.NewAccessTokenPost()
	post.SetName("ci-deploys")
	post.SetRole(ldapi.RoleWriter)
	post.SetServiceToken(true)
	token, _, err := t.client.AccessTokensApi.PostToken(ctx).AccessTokenPost(*post).Execute()
	if err != nil {
		return err
	}
	t.tokenID = token.GetId()
	t.say("%s has role %s; its secret of %d characters is shown only now", token.GetName(), token.GetRole(), len(token.GetToken()))
	return nil
}

func (t *tour) listTokens(ctx context.Context) error {
	t.title("List all access tokens, page by page")
	for token, err := range t.client.AccessTokensApi.GetTokens(ctx).ShowAll(true).Limit(t.pageSize).All() {
		if err != nil {
			return err
		}
		kind := "personal"
		if token.GetServiceToken() {
			kind = "service"
		}
		t.say("%-12s %-8s %-7s last used %s", token.GetName(), kind, token.GetRole(), when(token.LastUsedTime()))
	}
	return nil
}

func (t *tour) patchToken(ctx context.Context) error {
	t.title("Rename it")
	patch := []ldapi.PatchOperation{ldapi.PatchReplace("/name", "ci-deploys-eu")}
	token, _, err := t.client.AccessTokensApi.PatchToken(ctx, t.tokenID).PatchOperation(patch).Execute()
	if err != nil {
		return err
	}
	t.say("now called %s", token.GetName())
	return nil
}

func (t *tour) resetToken(ctx context.Context) error {
	t.title("Replace its secret; the old one keeps working for an hour")
	token, err := t.client.RotateToken(ctx, t.tokenID, time.Hour)
	if err != nil {
		return err
	}
	t.say("new secret of %d characters for %s", len(token.GetToken()), token.GetName())
	return nil
}

func (t *tour) deleteToken(ctx context.Context) error {
	t.title("Delete it")
	resp, err := t.client.AccessTokensApi.DeleteToken(ctx, t.tokenID).Execute()
	if err != nil {
		return err
	}
	t.say("%s", resp.Status)
	return nil
}

func (t *tour) inviteMembers(ctx context.Context) error {
	t.title("Invite members")
	sam := ldapi.NewNewMemberForm("sam@example.com")
	sam.SetRole(ldapi.RoleReader)
	dev := ldapi.NewNewMemberForm("dev+flags@example.com")
	dev.SetCustomRoles([]string{ldapitest.ReleaseManagerRoleKey})
	dev.SetRoleAttributes(map[string][]string{"developerProjectKeys": {"shop"}})
	members, err := t.client.InviteMembers(ctx, []ldapi.NewMemberForm{*sam, *dev})
	if err != nil {
		return err
	}
	for _, m := range members {
		t.say("%-22s role %-7s invitation open: %t", m.GetEmail(), m.GetRole(), m.GetPendingInvite())
	}
	t.memberID = members[0].GetId()
	return nil
}

func (t *tour) listMembers(ctx context.Context) error {
	t.title("List readers and admins by name, with their role attributes")
	filter := ldapi.MemberFilter{Roles: []string{ldapi.RoleReader, ldapi.RoleAdmin}}
	request := t.client.AccountMembersApi.GetMembers(ctx).FilterBy(filter).Expand(ldapi.ExpandRoleAttributes).Sort(ldapi.SortDisplayName)
	for m, err := range request.All() {
		if err != nil {
			return err
		}
		t.say("%-22s role %-7s attributes %v, last seen %s", m.GetEmail(), m.GetRole(), m.GetRoleAttributes(), when(m.LastSeenTime()))
	}
	return nil
}

func (t *tour) promoteMember(ctx context.Context) error {
	t.title("Promote one")
	patch := []ldapi.PatchOperation{ldapi.PatchReplace("/role", ldapi.RoleWriter)}
	m, _, err := t.client.AccountMembersApi.PatchMember(ctx, t.memberID).PatchOperation(patch).Execute()
	if err != nil {
		return err
	}
	t.say("%s is a %s now", m.GetEmail(), m.GetRole())
	return nil
}

func (t *tour) createTeam(ctx context.Context) error {
	t.title("Create a custom role, and a team that has it")
	statement := ldapi.NewStatementPost("allow")
	statement.SetResources([]string{"proj/*:env/production:flag/*"})
	statement.SetActions([]string{"updateOn"})
	role := ldapi.NewCustomRolePost("On-call", "on-call", []ldapi.StatementPost{*statement})
	if _, _, err := t.client.CustomRolesApi.PostCustomRole(ctx).CustomRolePost(*role).Execute(); err != nil {
		return err
	}
	input := ldapi.NewTeamPostInput("night-shift", "Night shift")
	input.SetCustomRoleKeys([]string{"on-call"})
	if _, _, err := t.client.TeamsApi.PostTeam(ctx).TeamPostInput(*input).Execute(); err != nil {
		return err
	}
	team, _, err := t.client.TeamsApi.PatchTeam(ctx, "night-shift").Instructions(ldapi.AddTeamMembers(t.memberID)).Expand(ldapi.ExpandMembers).Execute()
	if err != nil {
		return err
	}
	t.say("%s has members: %d", team.GetName(), team.Members.GetTotalCount())
	return nil
}

func (t *tour) listTeam(ctx context.Context) error {
	t.title("List the members of the team, with the keys of their roles")
	roles, err := t.client.LoadRoles(ctx)
	if err != nil {
		return err
	}
	for m, err := range t.client.TeamMembers(ctx, "night-shift") {
		if err != nil {
			return err
		}
		keys, err := roles.Keys(m.GetCustomRoles()...)
		if err != nil {
			return err
		}
		for _, team := range m.GetTeams() {
			keys = append(keys, team.GetCustomRoleKeys()...)
		}
		t.say("%-22s role %-7s custom roles %v", m.GetEmail(), m.GetRole(), keys)
	}
	return nil
}

func (t *tour) readAuditLog(ctx context.Context) error {
	t.title("Read the last changes in the audit log")
	page, _, err := t.client.AuditLogApi.GetAuditLogEntries(ctx).Limit(3).Execute()
	if err != nil {
		return err
	}
	for _, entry := range page.GetItems() {
		t.say("%s", entry.GetTitle())
	}
	return nil
}

func (t *tour) removeMember(ctx context.Context) error {
	t.title("Off-board a member: teams, tokens, then the member")
	report, err := t.client.OffboardMember(ctx, t.memberID, ldapi.OffboardOptions{Comment: "quickstart"})
	if err != nil {
		return err
	}
	for _, step := range report.Steps {
		t.say("%-6s %-24s done: %t", step.Kind, step.Target, step.Done)
	}
	return nil
}

func (t *tour) notFound(ctx context.Context) error {
	t.title("Ask for what is gone")
	_, _, err := t.client.AccountMembersApi.GetMember(ctx, t.memberID).Execute()
	if !errors.Is(err, ldapi.ErrNotFound) {
		return fmt.Errorf("want ErrNotFound, got %w", err)
	}
	t.say("errors.Is(err, ldapi.ErrNotFound): %v", err)
	return nil
}

func (t *tour) rejectedInvitation(ctx context.Context) error {
	t.title("Invite a member that exists")
	forms := []ldapi.NewMemberForm{*ldapi.NewNewMemberForm("ada@example.com"), *ldapi.NewNewMemberForm("adam.adler@example.com")}
	_, _, err := t.client.AccountMembersApi.PostMembers(ctx).NewMemberForm(forms).Execute()
	var apiError *ldapi.GenericOpenAPIError
	if !errors.As(err, &apiError) || !errors.Is(err, ldapi.ErrEmailAlreadyInAccount) {
		return fmt.Errorf("want ErrEmailAlreadyInAccount, got %w", err)
	}
	t.say("errors.Is(err, ldapi.ErrEmailAlreadyInAccount): %v", err)
	t.say("no member was invited, because of %v", apiError.InvalidEmails())
	return nil
}

// when shows a time that may never have been.
func when(at time.Time, ever bool) string {
	if !ever {
		return "never"
	}
	return at.Format(time.DateOnly)
}
