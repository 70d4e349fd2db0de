package ldapi

import (
	"context"
	"time"
)

// Caller is what a credential belongs to.
type Caller struct {
	// Identity is the account, the token and the kind of credential.
	Identity CallerIdentityRep
	// Member is the member that the credential acts for. It is nil if the identity has no MemberId,
	// as that of a service token or of an OAuth app that acts for no member.
	Member *Member
}

// Whoami returns what the credential of the call belongs to. It calls GetCallerIdentity of
// [OtherApi] and, if the identity has a MemberId, GetMember of [AccountMembersApi]; if the latter
// fails, the identity is returned along with the error.
func (c *APIClient) Whoami(ctx context.Context) (*Caller, error) {
	identity, _, err := c.OtherApi.GetCallerIdentity(ctx).Execute()
	if err != nil {
		return nil, err
	}
	caller := &Caller{Identity: *identity}
	if identity.GetMemberId() == "" {
		return caller, nil
	}
	caller.Member, _, err = c.AccountMembersApi.GetMember(ctx, identity.GetMemberId()).Execute()
	return caller, err
}

// Between restricts the list to entries after and before these times, to the millisecond. The zero
// time leaves an end open. If before is not later than after, Execute returns an [ArgumentError].
func (r ApiGetAuditLogEntriesRequest) Between(after, before time.Time) ApiGetAuditLogEntriesRequest {
	r.after, r.before, r.problem = nil, nil, nil
	if !after.IsZero() {
		r = r.After(after.UnixMilli())
	}
	if !before.IsZero() {
		r = r.Before(before.UnixMilli())
	}
	if r.after != nil && r.before != nil && *r.before <= *r.after {
		r.problem = &ArgumentError{Operation: "getAuditLogEntries", Parameter: "before", Reason: "must be later than after"}
	}
	return r
}
