package ldapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"
)

// Values of the parameter expand of teams.
const (
	// ExpandMembers adds the number of members to a team.
	ExpandMembers = "members"
	// ExpandRoles adds the first page of custom roles to a team.
	ExpandRoles = "roles"
	// ExpandProjects adds projects to a team.
	ExpandProjects = "projects"
	// ExpandMaintainers adds the first page of maintainers to a team.
	ExpandMaintainers = "maintainers"
)

// CSV sets the file to import to what file reads, at most 25 MB. Execute reads it once; a second
// Execute needs a new reader. The last of File and CSV wins.
func (r ApiPostTeamMembersRequest) CSV(file io.Reader) ApiPostTeamMembersRequest {
	r.file = file
	return r
}

// TeamMembers returns an iterator over the members of a team, each once. After an error it ends.
// The API has no such operation: it calls GetMembers of [AccountMembersApi] with the filter team.
func (c *APIClient) TeamMembers(ctx context.Context, teamKey string) iter.Seq2[Member, error] {
	if teamKey == "" { // the filter would select all members of the account
		return func(yield func(Member, error) bool) {
			yield(Member{}, &ArgumentError{Operation: "teamMembers", Parameter: "teamKey", Reason: "must not be empty"})
		}
	}
	return c.AccountMembersApi.GetMembers(ctx).FilterBy(MemberFilter{Team: teamKey}).All()
}

const (
	mostDetached    = 100 // members in one patch: the server gives up after about 24 seconds
	deleteAttempts  = 4
	firstDeleteWait = 250 * time.Millisecond
)

// DetachAndDeleteTeam removes all members and maintainers from a team and deletes it: the API
// rejects the deletion of a team that has any. If it still does so after they were removed, which
// may last a moment, DetachAndDeleteTeam tries up to three more times. If it fails half-way, it can
// be called again. It calls services of c.
func (c *APIClient) DetachAndDeleteTeam(ctx context.Context, teamKey string) error {
	wait := firstDeleteWait
	for attempt := 1; ; attempt++ {
		if err := c.detachTeam(ctx, teamKey); err != nil {
			return err
		}
		_, err := c.TeamsApi.DeleteTeam(ctx, teamKey).Execute()
		if attempt == deleteAttempts || !errors.Is(err, ErrConflict) {
			return err
		}
		if !pause(contextOf(ctx), wait) {
			return fmt.Errorf("ldapi: detachAndDeleteTeam: %w while waiting to retry: %w", ctx.Err(), err)
		}
		wait *= 2
	}
}

// detachTeam removes the members and maintainers of a team.
func (c *APIClient) detachTeam(ctx context.Context, teamKey string) error {
	maintainers, err := c.TeamsApi.GetTeamMaintainers(ctx, teamKey).Collect()
	if err != nil {
		return err
	}
	members, err := collect(c.TeamMembers(ctx, teamKey))
	if err != nil {
		return err
	}
	var instructions []TeamInstruction
	for chunk := range slices.Chunk(idsOf(members, (*Member).GetId), mostDetached) {
		instructions = append(instructions, RemoveTeamMembers(chunk...))
	}
	if len(maintainers) > 0 {
		instructions = append(instructions, RemoveTeamMaintainers(idsOf(maintainers, (*MemberSummary).GetId)...))
	}
	for _, in := range instructions {
		if _, _, err := c.TeamsApi.PatchTeam(ctx, teamKey).Instructions(in).Execute(); err != nil {
			return err
		}
	}
	return nil
}
