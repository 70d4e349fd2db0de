package ldapi

import (
	"time"
)

// RetryPolicy specifies whether and how calls are repeated. A zero field has its default. The guide
// [Handle rate limits and failures] lists what is repeated when.
//
// [Handle rate limits and failures]: https://github.com/ldapi-go/ldapi/blob/main/docs/guides/reliability.md
type RetryPolicy struct {
	// MaxAttempts is how many times a request is sent at most: 1 for no retry. The default is 4.
	MaxAttempts int
	// MinWait is the first wait of the exponential backoff. The default is 500 milliseconds.
	MinWait time.Duration
	// MaxWait limits each wait. The default is 30 seconds. If the server asks for a longer wait,
	// the call fails immediately with the server's error.
	MaxWait time.Duration
	// Unsafe also repeats a POST or PATCH that the server may have applied: a token may be created
	// twice, or its secret be lost.
	Unsafe bool
}

// NoRetry returns a policy that sends each request once and never waits for a quota.
func NoRetry() RetryPolicy { return RetryPolicy{MaxAttempts: 1} }

// DefaultRetry returns the policy of clients that do not use an http.Client of the caller (see
// [WithTransport]): 4 attempts, waits of 500 milliseconds to 30 seconds, nothing unsafe.
func DefaultRetry() RetryPolicy {
	return RetryPolicy{MaxAttempts: 4, MinWait: 500 * time.Millisecond, MaxWait: 30 * time.Second}
}

// retryPolicy returns the policy of the call with its defaults filled in.
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

// policyProblem returns what is wrong with the policy of the call, or nil.
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
