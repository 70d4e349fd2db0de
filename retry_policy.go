package ldapi

import (
	"time"
)

// RetryPolicy says whether and how a call is repeated. A zero field means its default. What is repeated when is in
// docs/guides/reliability.md.
type RetryPolicy struct {
	// MaxAttempts is how often a request is sent at most; 1 for no retry, 4 by default.
	MaxAttempts int
	// MinWait is the first wait of the exponential backoff; 500 milliseconds by default.
	MinWait time.Duration
	// MaxWait bounds each wait; 30 seconds by default. A wait that the server tells and that is longer ends the call at
	// once, with the server's error.
	MaxWait time.Duration
	// Unsafe also repeats POST and PATCH after a failure that leaves open whether they were carried out: a token may be
	// created twice then, or a secret be lost.
	Unsafe bool
}

// NoRetry sends each request once, and lets no call wait for a quota.
func NoRetry() RetryPolicy { return RetryPolicy{MaxAttempts: 1} }

// DefaultRetry is the policy of a client whose http.Client is not the caller's (WithTransport keeps it so): 4 attempts, waits
// of 500 milliseconds to 30 seconds, nothing unsafe.
func DefaultRetry() RetryPolicy {
	return RetryPolicy{MaxAttempts: 4, MinWait: 500 * time.Millisecond, MaxWait: 30 * time.Second}
}

// retryPolicy gives the policy of the call with its defaults filled in.
func (c *call) retryPolicy() RetryPolicy {
	p := DefaultRetry()
	given, _ := c.ctx.Value(retryKey{}).(*RetryPolicy)
	if given == nil {
		given = c.cfg.settings.retry
	}
	switch {
	case given == nil && c.usesCallersClient():
		return NoRetry()
	case given == nil:
		return p
	}
	if given.MaxAttempts > 0 {
		p.MaxAttempts = given.MaxAttempts
	}
	if given.MinWait > 0 {
		p.MinWait = given.MinWait
	}
	if given.MaxWait > 0 {
		p.MaxWait = given.MaxWait
	}
	p.Unsafe = given.Unsafe
	return p
}

// usesCallersClient reports whether the caller supplied the http.Client.
func (c *call) usesCallersClient() bool {
	return c.cfg.HTTPClient != nil && c.cfg.HTTPClient != c.cfg.settings.sdkClient
}

// policyProblem says what is wrong with the policy that was given.
func (c *call) policyProblem() *ArgumentError {
	name, given := "WithRetry", c.cfg.settings.retry
	if p, ok := c.ctx.Value(retryKey{}).(*RetryPolicy); ok {
		name, given = "ContextWithRetry", p
	}
	if given != nil && (given.MaxAttempts < 0 || given.MinWait < 0 || given.MaxWait < 0) {
		return &ArgumentError{Parameter: name, Reason: "must not hold negative values"}
	}
	return nil
}
