package ldapi

import "context"

// Progress describes how far a call that makes many requests has come.
type Progress struct {
	// Operation is the list, such as "getMembers", or "inviteMembers" or "offboardMember".
	Operation string
	// Done is the number of items that were read, members that were invited or steps that were made.
	Done int
	// Total is the number of all of them, as far as it is known, or 0. For lists it is what the
	// server reports: the list may change.
	Total int
}

type progressKey struct{}

// ContextWithProgress returns a copy of ctx that makes iterators over lists, [APIClient.InviteMembers]
// and [APIClient.OffboardMember] call report after each request. report is called by the goroutine
// that ranges or calls, and one call after the other.
func ContextWithProgress(ctx context.Context, report func(Progress)) context.Context {
	return context.WithValue(contextOf(ctx), progressKey{}, report)
}

func reportProgress(ctx context.Context, operation string, done, total int) {
	if report, _ := contextOf(ctx).Value(progressKey{}).(func(Progress)); report != nil {
		report(Progress{Operation: operation, Done: done, Total: total})
	}
}
