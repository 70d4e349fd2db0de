package ldapitest

import (
	"fmt"
	"time"
)

// Option changes what a Server does. Options that contradict themselves or carry an impossible value make [NewServer] panic.
type Option func(*config)

// Plan is the subscription of the account.
type Plan string

// The plans that make a difference to the operations of this package.
const (
	PlanEnterprise Plan = "enterprise" // everything is allowed; the default
	PlanStandard   Plan = "standard"   // patchMembers, and all operations of custom roles and teams, answer 403
)

// config is fixed once the server runs. The zero value of a field is its default, but for those set in newConfig.
type config struct {
	inMemory bool
	clock    func() time.Time
	latency  time.Duration
	seed     uint64

	routeLimit, globalLimit, tokenLimit int // 0 = no such quota
	window, tokenWindow                 time.Duration

	strictRoles           bool
	maxTokens, maxMembers int // largest pages
	seats, invites        int // negative = no limit
	scim                  bool
	plan                  Plan
	foreignEmails         []string
	emptyUnauthorized     bool
	errorIDs              bool
	plainBulkPatch        bool
	plainReset            bool
	deletionConflicts     int
	withoutNext           bool
	totalCount            func(actual int) int
	withoutTotalCount     bool
	shape                 shape
	olderMembers          bool

	misuse []string // what was wrong with the options
}

func newConfig(opts []Option) *config {
	c := &config{clock: time.Now, seed: 1, maxTokens: 1000, maxMembers: 1000, seats: -1, invites: -1, plan: PlanEnterprise}
	for i, opt := range opts {
		if opt == nil {
			c.wrong("option %d is nil", i)
			continue
		}
		opt(c)
	}
	return c
}

func (c *config) wrong(format string, args ...any) {
	c.misuse = append(c.misuse, fmt.Sprintf(format, args...))
}

// now reads the clock; the wire has milliseconds, so the state has no more.
func (c *config) now() time.Time { return c.clock().UTC().Truncate(time.Millisecond) }

// WithInMemory serves over pipes in memory instead of a loopback socket. It is still HTTP/1.1 between a real http.Server
// and a real http.Transport, but nothing waits on the operating system, so it also runs inside a testing/synctest bubble.
// Only [Server.Transport], and what uses it as Server.Client does, reaches such a server.
func WithInMemory() Option { return func(c *config) { c.inMemory = true } }

// WithClock sets the clock of the account: creation dates, expiry of old secrets, quota windows, the Date header. Default:
// time.Now. Latency and faults that wait use real timers. The function must be safe for parallel use.
func WithClock(now func() time.Time) Option {
	return func(c *config) {
		if now == nil {
			c.wrong("WithClock: nil function")
			return
		}
		c.clock = now
	}
}

// WithLatency makes every request wait before it is looked at. Default: 0.
func WithLatency(d time.Duration) Option {
	return func(c *config) {
		if d < 0 {
			c.wrong("WithLatency: negative duration %v", d)
		}
		c.latency = d
	}
}

// WithSeed sets the start of the sequence of generated IDs and secrets. Default: 1. Servers with the same seed generate
// the same sequence.
func WithSeed(seed uint64) Option { return func(c *config) { c.seed = seed } }

// WithRateLimit sets quotas, in requests per window: route for each route (a URL pattern and verb), global for the whole
// account. 0 means no such quota; a window of 0 means 10 seconds. Default: no quotas, and no quota headers.
// Requests that fail to authenticate, and faults, do not count.
func WithRateLimit(route, global int, window time.Duration) Option {
	return func(c *config) {
		if route < 0 || global < 0 || window < 0 {
			c.wrong("WithRateLimit: negative value in (%d, %d, %v)", route, global, window)
		}
		c.routeLimit, c.globalLimit, c.window = route, global, orDefaultWindow(window)
	}
}

// WithTokenRateLimit sets the quota of each access token, in requests per window; its window is independent of those of
// [WithRateLimit]. A limit of 0 means no quota, which is the default; a window of 0 means 10 seconds.
func WithTokenRateLimit(limit int, window time.Duration) Option {
	return func(c *config) {
		if limit < 0 || window < 0 {
			c.wrong("WithTokenRateLimit: negative value in (%d, %v)", limit, window)
		}
		c.tokenLimit, c.tokenWindow = limit, orDefaultWindow(window)
	}
}

func orDefaultWindow(window time.Duration) time.Duration {
	if window == 0 {
		return 10 * time.Second
	}
	return window
}

// WithStrictRoles refuses invitations with neither a role nor custom roles, as LaunchDarkly's documentation requires. Default:
// such members become readers, as observed.
func WithStrictRoles() Option { return func(c *config) { c.strictRoles = true } }

// WithPageLimits sets the largest pages of getTokens and getMembers; a larger limit is cut to it. 0 keeps the default of 1000, which
// is also the limit of all other lists.
func WithPageLimits(tokens, members int) Option {
	return func(c *config) {
		if tokens < 0 || members < 0 {
			c.wrong("WithPageLimits: negative value in (%d, %d)", tokens, members)
		}
		if tokens > 0 {
			c.maxTokens = tokens
		}
		if members > 0 {
			c.maxMembers = members
		}
	}
}

// WithSeatLimit sets how many members the account may have, seeded ones included. An invitation beyond fails with
// seat_limit_reached. Default: no limit.
func WithSeatLimit(n int) Option {
	return func(c *config) {
		if n < 0 {
			c.wrong("WithSeatLimit: negative value %d", n)
		}
		c.seats = n
	}
}

// WithInviteLimit sets how many invitations may be open at a time. One more fails with invite_limit_reached. Default: no limit.
func WithInviteLimit(n int) Option {
	return func(c *config) {
		if n < 0 {
			c.wrong("WithInviteLimit: negative value %d", n)
		}
		c.invites = n
	}
}

// WithSCIM makes an identity provider manage the members: postMembers and deleteMember answer 403.
func WithSCIM() Option { return func(c *config) { c.scim = true } }

// WithTeamDeletionConflicts makes deleteTeam answer 409 n more times after a patch took the last members and maintainers from a
// team, as LaunchDarkly does for a moment. Default: 0.
func WithTeamDeletionConflicts(n int) Option {
	return func(c *config) {
		if n < 0 {
			c.wrong("WithTeamDeletionConflicts: negative value %d", n)
		}
		c.deletionConflicts = n
	}
}

// WithPlan sets the plan of the account. Default: [PlanEnterprise].
func WithPlan(p Plan) Option {
	return func(c *config) {
		if p != PlanEnterprise && p != PlanStandard {
			c.wrong("WithPlan: unknown plan %q", p)
		}
		c.plan = p
	}
}

// WithForeignEmails names addresses of members of other accounts: inviting one fails with email_taken_in_different_account.
func WithForeignEmails(emails ...string) Option {
	return func(c *config) { c.foreignEmails = append(c.foreignEmails, emails...) }
}

// WithEmptyUnauthorized leaves the body of every 401 empty, as the real API sometimes does.
func WithEmptyUnauthorized() Option { return func(c *config) { c.emptyUnauthorized = true } }

// WithErrorIDs adds a correlation id, a UUID, to every error body.
func WithErrorIDs() Option { return func(c *config) { c.errorIDs = true } }

// WithPlainBulkPatch accepts patchMembers with a plain application/json content type. Default: its domain-model parameter
// is required.
func WithPlainBulkPatch() Option { return func(c *config) { c.plainBulkPatch = true } }

// WithStockClients accepts what LaunchDarkly's generated clients of all languages send: patchMembers with a plain application/json
// content type, as [WithPlainBulkPatch], and resetToken without a content type.
func WithStockClients() Option {
	return func(c *config) { c.plainBulkPatch, c.plainReset = true, true }
}

// WithoutNextLinks leaves the next link out of all lists.
func WithoutNextLinks() Option { return func(c *config) { c.withoutNext = true } }

// WithoutTotalCount leaves totalCount out of all lists.
func WithoutTotalCount() Option { return func(c *config) { c.withoutTotalCount = true } }

// WithTotalCount makes lists lie: they report f(actual) as totalCount, where actual is the true number of items over all
// pages. Links stay right. The function must be safe for parallel use.
func WithTotalCount(f func(actual int) int) Option {
	return func(c *config) {
		if f == nil {
			c.wrong("WithTotalCount: nil function")
		}
		c.totalCount = f
	}
}

// WithUnknownFields adds properties that no client knows to every object of a response, except maps.
func WithUnknownFields() Option { return func(c *config) { c.shape.extras = true } }

// WithNullOptionals writes absent optional properties as null instead of leaving them out.
func WithNullOptionals() Option { return func(c *config) { c.shape.nulls = true } }

// WithoutNewerMemberFields leaves out what members got in version 23 of the API's description: hasPassword, mfaEnforced
// and mfaGracePeriodExpiresAt.
func WithoutNewerMemberFields() Option { return func(c *config) { c.olderMembers = true } }
