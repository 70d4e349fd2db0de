package ldapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// OffboardOptions changes what [APIClient.OffboardMember] does.
type OffboardOptions struct {
	// Demote keeps the member, with the role [RoleNoAccess] and without custom roles.
	Demote bool
	// DryRun lists the steps, and changes nothing.
	DryRun bool
	// Comment is the comment in the audit log for the changes of teams. The API takes none for
	// deletions.
	Comment string
}

// OffboardReport describes what [APIClient.OffboardMember] has done.
type OffboardReport struct {
	// Member is the member before the first step.
	Member Member
	// Steps are in the order in which they were tried: teams, tokens, the member.
	Steps []OffboardStep
}

// OffboardStep is one change. Without Done and Err it was not tried, because of DryRun.
type OffboardStep struct {
	// Kind is "team", "token" or "member".
	Kind string
	// Target is the key of the team, or the ID of the token or of the member.
	Target string
	// Done reports whether the change was made, or was not needed any more.
	Done bool
	// Err is why it was not.
	Err error

	run func(ctx context.Context) error
}

// Err returns an error that wraps those of all steps, or nil.
func (r *OffboardReport) Err() error {
	var all []error
	for _, s := range r.Steps {
		if s.Err != nil {
			all = append(all, fmt.Errorf("ldapi: offboardMember: %s %s: %w", s.Kind, s.Target, s.Err))
		}
	}
	return errors.Join(all...)
}

// String returns a table with a line for each step.
func (r *OffboardReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n", r.Member.Email, r.Member.Id)
	for _, s := range r.Steps {
		outcome := "to do"
		if s.Err != nil {
			outcome = "FAILED: " + s.Err.Error()
		} else if s.Done {
			outcome = "done"
		}
		fmt.Fprintf(&b, "%-7s %-24s  %s\n", s.Kind, s.Target, outcome)
	}
	return b.String()
}

var errEarlierSteps = errors.New("not tried because an earlier step failed")

// OffboardMember removes a member from its teams, as member, maintainer and holder of grants,
// deletes its personal tokens, and deletes the member or, with Demote, removes its permissions. A
// step that fails does not stop the others, except for the last one: a member keeps its account
// while teams or tokens are left. Run it again to do what is left.
//
// It returns the report along with [OffboardReport.Err]. The caller and the owner of the account
// are refused with an [ArgumentError]. It needs a credential that may list all tokens, and calls
// services of c.
func (c *APIClient) OffboardMember(ctx context.Context, id string, o OffboardOptions) (*OffboardReport, error) {
	member, _, err := c.AccountMembersApi.GetMember(ctx, id).Execute()
	if err != nil {
		return nil, err
	}
	caller, _, err := c.OtherApi.GetCallerIdentity(ctx).Execute()
	if err != nil {
		return nil, err
	}
	r := &OffboardReport{Member: *member}
	switch {
	case member.Role == RoleOwner:
		return r, &ArgumentError{Operation: "offboardMember", Parameter: "id", Reason: "must not be the owner of the account"}
	case member.Id == caller.GetMemberId():
		return r, &ArgumentError{Operation: "offboardMember", Parameter: "id", Reason: "must not be the member that calls"}
	}
	c.planTeams(r, o)
	if err := c.planTokens(ctx, r); err != nil {
		return r, err
	}
	r.add("member", member.Id, func(ctx context.Context) (err error) {
		if o.Demote {
			patch := []PatchOperation{PatchReplace("/role", RoleNoAccess), PatchReplace("/customRoles", []string{})}
			_, _, err = c.AccountMembersApi.PatchMember(ctx, member.Id).PatchOperation(patch).Execute()
		} else {
			_, err = c.AccountMembersApi.DeleteMember(ctx, member.Id).Execute()
		}
		return err
	})
	if !o.DryRun {
		r.run(ctx)
	}
	return r, r.Err()
}

func (r *OffboardReport) add(kind, target string, run func(context.Context) error) {
	r.Steps = append(r.Steps, OffboardStep{Kind: kind, Target: target, run: run})
}

// planTeams adds a step for each membership and each grant.
func (c *APIClient) planTeams(r *OffboardReport, o OffboardOptions) {
	change := func(key string, in TeamInstruction) {
		input := NewTeamPatchInput([]TeamInstruction{in})
		if o.Comment != "" {
			input.SetComment(o.Comment)
		}
		r.add("team", key, func(ctx context.Context) error {
			_, _, err := c.TeamsApi.PatchTeam(ctx, key).TeamPatchInput(*input).Execute()
			return err
		})
	}
	for _, team := range r.Member.Teams {
		change(team.Key, RemoveTeamMembers(r.Member.Id))
	}
	for _, grant := range r.Member.PermissionGrants {
		key, ofTeam := strings.CutPrefix(grant.Resource, "team/")
		switch {
		case !ofTeam:
		case len(grant.Actions) > 0 && !slices.Contains(grant.Actions, maintainTeam):
			change(key, RemoveTeamGrants(grant.Actions, r.Member.Id))
		default:
			change(key, RemoveTeamMaintainers(r.Member.Id))
		}
	}
}

func (c *APIClient) planTokens(ctx context.Context, r *OffboardReport) error {
	for token, err := range c.AccessTokensApi.GetTokens(ctx).ShowAll(true).All() {
		if err != nil {
			return err
		}
		if token.MemberId == r.Member.Id && !token.GetServiceToken() {
			r.add("token", token.Id, func(ctx context.Context) error {
				_, err := c.AccessTokensApi.DeleteToken(ctx, token.Id).Execute()
				return err
			})
		}
	}
	return nil
}

// run makes the changes. What is not found needs none.
func (r *OffboardReport) run(ctx context.Context) {
	for i := range r.Steps {
		s := &r.Steps[i]
		if s.Kind == "member" && r.Err() != nil {
			s.Err = errEarlierSteps
			return
		}
		switch err := s.run(ctx); {
		case err == nil || errors.Is(err, ErrNotFound):
			s.Done = true
		case errors.Is(err, ErrForbidden):
			s.Err = fmt.Errorf("%w; if an identity provider manages it, remove it there", err)
		default:
			s.Err = err
		}
		reportProgress(ctx, "offboardMember", i+1, len(r.Steps))
	}
}
