package ldapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	maxInvitations = 50   // of one request
	maxTeamKeys    = 50   // of one invitation
	longestFilter  = 2000 // bytes of a filter with addresses, which becomes part of a URL
	mostLooks      = 3    // at the addresses of InviteMissing
)

// clockAllowance is how long before its invitation was sent a member may have been created: the
// clocks are compared to the second.
const clockAllowance = 5 * time.Second

// InviteError is returned by [APIClient.InviteMembers] if some members were not invited. Every form is accounted for: its
// member is in Invited or Existing, or the form is in Failed, Uncertain or NotTried.
type InviteError struct {
	// Invited are the members that were invited.
	Invited []Member
	// Existing are members that were in the account before. Their addresses are in a request whose
	// outcome is unknown, but it cannot have created them: their invitation was accepted, or they
	// are older.
	Existing []Member
	// Failed are the forms of the request that was rejected, none of which was invited. Err is the
	// reason; for some reasons [GenericOpenAPIError.InvalidEmails] returns the addresses that
	// caused it.
	Failed []NewMemberForm
	// Uncertain are forms of a request whose outcome is unknown and whose address was not found
	// afterwards.
	Uncertain []NewMemberForm
	// NotTried are the forms of the requests that were not sent.
	NotTried []NewMemberForm
	// Err is the error of the request.
	Err error
}

// Error returns how many forms are in each list, and the error of the request.
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

// InviteMembers invites any number of members, 50 per request, and returns the members invited. It
// calls PostMembers and GetMembers of [AccountMembersApi].
//
// Before the first request it checks all forms: there must be at least one, each needs an address,
// an address may occur once (in any letter case), and a form may have at most 50 team keys.
// Otherwise it returns an [ArgumentError].
//
// At the first request that fails it stops and returns an [InviteError]. If the outcome of a
// request is unknown, it looks up the addresses: members with an open invitation that were created
// since the request was sent, by the server's clock, count as invited, and others do not.
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
			reportProgress(ctx, "inviteMembers", len(forms)-len(rest), len(forms))
			continue
		}
		failure := &InviteError{Failed: chunk, NotTried: rest, Err: err}
		if isUncertain(err) {
			found, missing, _ := c.lookUp(ctx, chunk)
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

// isUncertain reports whether members may have been invited although PostMembers returned err:
// unless the request was not sent, or was rejected by the server.
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

// lookUp looks up which of the forms are members, by email. Forms whose address cannot be looked
// up, because of an error or of the characters in it, are missing.
func (c *APIClient) lookUp(ctx context.Context, forms []NewMemberForm) (found []Member, missing []NewMemberForm, failure error) {
	byAddress := map[string]Member{}
	for rest := forms; len(rest) > 0 && failure == nil; {
		var emails []string
		for length := 0; len(rest) > 0 && length < longestFilter; rest = rest[1:] {
			if email := rest[0].Email; !strings.ContainsAny(email, ",|") {
				emails, length = append(emails, email), length+len(url.QueryEscape(email))+3
			}
		}
		if emails == nil {
			break
		}
		for member, err := range c.AccountMembersApi.GetMembers(ctx).FilterBy(MemberFilter{Emails: emails}).All() {
			if failure = err; err == nil {
				byAddress[strings.ToLower(member.Email)] = member
			}
		}
	}
	for _, f := range forms {
		if member, ok := byAddress[strings.ToLower(f.Email)]; ok {
			found = append(found, member)
		} else {
			missing = append(missing, f)
		}
	}
	return found, missing, failure
}

// InviteMissing looks up which of the forms are members, and invites the others as
// [APIClient.InviteMembers] does. It returns the members invited and those that existed, also along
// with an error. If an address is taken by someone else meanwhile, it looks again, at most twice.
// It calls GetMembers and PostMembers of [AccountMembersApi].
func (c *APIClient) InviteMissing(ctx context.Context, forms []NewMemberForm) (invited, existing []Member, err error) {
	if err := checkForms(forms); err != nil {
		return nil, nil, err
	}
	for looks := 1; ; looks++ {
		found, missing, err := c.lookUp(ctx, forms)
		existing = append(existing, found...)
		if err != nil || len(missing) == 0 {
			return invited, existing, err
		}
		more, err := c.InviteMembers(ctx, missing)
		invited = append(invited, more...)
		failed := &InviteError{}
		if errors.As(err, &failed) {
			existing = append(existing, failed.Existing...)
		}
		if looks == mostLooks || !errors.Is(err, ErrEmailAlreadyInAccount) {
			return invited, existing, err
		}
		forms = slices.Concat(failed.Failed, failed.NotTried)
	}
}
