package ldapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	maxInvitations = 50 // of one request
	maxTeamKeys    = 50 // of one invitation
)

// clockAllowance is how much earlier than its invitation a member may have been created, by clocks that were compared to the
// second.
const clockAllowance = 5 * time.Second

// InviteError is returned by [APIClient.InviteMembers] if some members were not invited. Every form is accounted for: its
// member is in Invited or Existing, or the form is in Failed, Uncertain or NotTried.
type InviteError struct {
	// Invited are the members that were invited.
	Invited []Member
	// Existing are members with the address of a form of the request whose outcome is unknown, but that this request cannot have
	// created: their invitation was accepted, or they are older than the request.
	Existing []Member
	// Failed are the forms of the request that was rejected: none of them was invited. Err reports why; for some reasons
	// [GenericOpenAPIError.InvalidEmails] returns the addresses that caused it.
	Failed []NewMemberForm
	// Uncertain are forms of a request whose outcome is unknown, and whose address the server did not find afterwards.
	Uncertain []NewMemberForm
	// NotTried are the forms that come after those.
	NotTried []NewMemberForm
	// Err is the error of the request.
	Err error
}

// Error returns how many forms are in which list, and the error of the request.
func (e *InviteError) Error() string {
	existing := ""
	if len(e.Existing) > 0 {
		existing = fmt.Sprintf(", %d members before", len(e.Existing))
	}
	return fmt.Sprintf("ldapi: inviteMembers: %d invited%s, %d failed, %d uncertain, %d not tried: %v",
		len(e.Invited), existing, len(e.Failed), len(e.Uncertain), len(e.NotTried), e.Err)
}

// Unwrap returns the error of the request.
func (e *InviteError) Unwrap() error { return e.Err }

// InviteMembers invites any number of members, 50 per request, and returns those invited. Before the first request it
// looks at all forms: there must be one, each needs an address, no address may be there twice (in any letter case), and
// each has at most 50 team keys; otherwise it fails with *ArgumentError. It stops at the first request that fails, with
// *InviteError. If the outcome of a request is unknown, it looks up the addresses: members with an open invitation that were
// created after the request was sent (allowing for the difference between the clocks) count as invited, others do not. It
// calls PostMembers and GetMembers of the service AccountMembersApi.
func (c *APIClient) InviteMembers(ctx context.Context, forms []NewMemberForm) ([]Member, error) {
	if err := checkForms(forms); err != nil {
		return nil, err
	}
	invited := []Member{}
	rest := forms
	for chunk := range slices.Chunk(forms, maxInvitations) {
		rest = rest[len(chunk):]
		start := time.Now()
		members, _, err := c.AccountMembersApi.PostMembers(ctx).NewMemberForm(chunk).Execute()
		if err == nil {
			invited = append(invited, members.GetItems()...)
			continue
		}
		failure := &InviteError{Failed: chunk, NotTried: rest, Err: err}
		if isUncertain(err) {
			found, missing := c.whoIsThere(ctx, chunk)
			created := c.createdSince(start, found)
			invited = append(invited, created...)
			if len(created) == len(chunk) {
				continue
			}
			failure.Failed, failure.Uncertain = nil, missing
			failure.Existing = slices.DeleteFunc(found, func(m Member) bool {
				return slices.ContainsFunc(created, func(n Member) bool { return m.Id == n.Id })
			})
		}
		failure.Invited = invited
		return invited, failure
	}
	return invited, nil
}

func checkForms(forms []NewMemberForm) error {
	refuse := func(i int, property, reason string) error {
		return &ArgumentError{Operation: "inviteMembers", Parameter: fmt.Sprintf("forms[%d].%s", i, property), Reason: reason}
	}
	if len(forms) == 0 {
		return &ArgumentError{Operation: "inviteMembers", Parameter: "forms", Reason: "must not be empty"}
	}
	first := make(map[string]int, len(forms))
	for i, f := range forms {
		address := strings.ToLower(f.Email)
		earlier, twice := first[address]
		switch {
		case strings.TrimSpace(f.Email) == "":
			return refuse(i, "email", "must not be empty")
		case twice:
			return refuse(i, "email", fmt.Sprintf("is the address of forms[%d] too", earlier))
		case len(f.TeamKeys) > maxTeamKeys:
			return refuse(i, "teamKeys", fmt.Sprintf("must not hold more than %d keys, has %d", maxTeamKeys, len(f.TeamKeys)))
		}
		first[address] = i
	}
	return nil
}

// isUncertain reports whether members may have been invited although there is an error: unless the request was refused
// here, was not sent, or was rejected by the server.
func isUncertain(err error) bool {
	var argument *ArgumentError
	var apiError *GenericOpenAPIError
	var failed *callError
	switch {
	case errors.Is(err, ErrOutcomeUnknown):
		return true
	case errors.As(err, &argument), errors.As(err, &failed), errors.Is(err, ErrRateLimited), errors.Is(err, ErrRedirect):
		return false
	case errors.As(err, &apiError):
		return apiError.status < http.StatusBadRequest || apiError.status >= http.StatusInternalServerError
	default:
		return true
	}
}

// createdSince returns those of members that a request sent at start can have created.
func (c *APIClient) createdSince(start time.Time, members []Member) []Member {
	var created []Member
	earliest := start.Add(-c.clockSkew() - clockAllowance)
	for _, m := range members {
		if m.PendingInvite && !m.CreationTime().Before(earliest) {
			created = append(created, m)
		}
	}
	return created
}

// whoIsThere asks the server by email which of the forms have become members. Those that it cannot ask for are missing.
func (c *APIClient) whoIsThere(ctx context.Context, forms []NewMemberForm) (found []Member, missing []NewMemberForm) {
	var emails []string
	for _, f := range forms {
		if !strings.ContainsAny(f.Email, ",|") {
			emails = append(emails, f.Email)
		}
	}
	byAddress := map[string]Member{}
	if len(emails) > 0 {
		for member, err := range c.AccountMembersApi.GetMembers(ctx).FilterBy(MemberFilter{Emails: emails}).All() {
			if err != nil {
				break
			}
			byAddress[strings.ToLower(member.Email)] = member
		}
	}
	for _, f := range forms {
		if member, ok := byAddress[strings.ToLower(f.Email)]; ok {
			found = append(found, member)
		} else {
			missing = append(missing, f)
		}
	}
	return found, missing
}
