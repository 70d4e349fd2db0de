package ldapi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

const (
	shortestWait  = 250 * time.Millisecond // even if the server asks for less
	longestJitter = time.Second
	quotaWindow   = 10 * time.Second // of the API's quotas, as documented
	firstProbe    = time.Second
)

// retry repeats a call where that is safe, after the wait that the server asks for.
func retry(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		c.policy = c.retryPolicy()
		c.client.traffic.budget.earn()
		for {
			attempt, err := c.fresh(req)
			if err != nil {
				return nil, err
			}
			resp, err := next(c, attempt)
			if c.deletedBefore(resp, err) {
				c.alreadyDeleted = true
				return resp, nil
			}
			if err == nil {
				return resp, nil
			}
			v := c.judge(req, err)
			if v.ambiguous {
				c.uncertain.Store(true)
			}
			c.logVerdict(req.Context(), v, resp, err)
			if v.stop != repeated {
				return resp, c.markUnknown(err)
			}
			if !pause(req.Context(), v.wait) {
				c.logVerdict(req.Context(), verdict{stop: contextEnded, wait: v.wait}, resp, err)
				err = c.markUnknown(err)
				return resp, c.failure(fmt.Errorf("%w while waiting to retry: %w", req.Context().Err(), err))
			}
		}
	}
}

// stop is why a call is not repeated. Its words for the log are in pipeline_log.go.
type stop int

const (
	repeated       stop = iota // it is
	final                      // repeating would not help, or is not wanted; not logged
	contextEnded               // while waiting, or before
	deadlineFirst              // the wait would outlast the deadline
	permanent                  // it would fail again
	maybeProcessed             // a write whose outcome is unknown
	noAttemptsLeft
	notReplayable // the body cannot be sent again
	budgetUsedUp
	waitTooLong // the server asks for more than MaxWait
)

// verdict is what follows from the result of an attempt.
type verdict struct {
	stop      stop          // why it is not repeated
	wait      time.Duration // before it is
	budgeted  bool          // on account of the retry budget
	ambiguous bool          // it may have been carried out all the same
}

func (c *call) judge(req *http.Request, err error) verdict {
	var apiError *GenericOpenAPIError
	var failed *callError
	v := verdict{stop: final}
	switch {
	case errors.As(err, &apiError) && apiError.kind == nil:
		v = c.judgeStatus(apiError)
	case apiError != nil && apiError.kind == ErrRateLimited: // by the brake
		v.stop, v.wait = deadlineFirst, apiError.rateLimit.RetryAfter
	case errors.As(err, &failed) && failed.permanent:
		v.stop, v.ambiguous = permanent, failed.sent
	case failed != nil && failed.transport:
		v = verdict{wait: c.backoff(), budgeted: true, ambiguous: failed.sent}
	}
	v.ambiguous = v.ambiguous || c.outcomeUncertain() // middleware may have replaced what was received
	ended := req.Context().Err() != nil
	deadline, bounded := req.Context().Deadline()
	switch {
	case c.policy.MaxAttempts == 1, ended && c.attempts <= 1:
		v.stop = final
	case v.stop != repeated:
	case ended:
		v.stop = contextEnded
	case c.received.Load() != nil, v.ambiguous && !c.isIdempotent() && !c.policy.Unsafe:
		v.stop = maybeProcessed
	case c.attempts >= c.policy.MaxAttempts:
		v.stop = noAttemptsLeft
	case !replayable(req):
		v.stop = notReplayable
	case bounded && time.Until(deadline) < v.wait:
		v.stop = deadlineFirst
	case v.budgeted && !c.client.traffic.budget.spend():
		v.stop = budgetUsedUp
	}
	return v
}

func (c *call) judgeStatus(e *GenericOpenAPIError) verdict {
	serverWait, requested := e.RetryAfter()
	v := verdict{wait: c.backoff(), ambiguous: mayHaveRun(e.status)}
	switch e.status {
	case http.StatusTooManyRequests:
		if !requested {
			v.wait = c.unreportedWait(time.Now())
			e.rateLimit.RetryAfter = v.wait // what the caller sees if the call gives up
		}
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable,
		http.StatusGatewayTimeout:
		v.budgeted = true
	default:
		return verdict{stop: final, ambiguous: v.ambiguous}
	}
	switch {
	case requested && serverWait > c.policy.MaxWait:
		v.stop, v.wait = waitTooLong, serverWait
	case requested:
		v.wait = max(serverWait, shortestWait)
		v.wait += min(jitter(min(max(serverWait/10, 100*time.Millisecond), longestJitter)), math.MaxInt64-v.wait)
	}
	return v
}

// refusals are the responses of a call with status 429 that do not specify a wait.
type refusals struct {
	first   time.Time
	count   int
	attempt int // of the latest one
}

// unreportedWait returns how long to wait after a refusal at now that does not specify it. The quota's window has ended a
// quotaWindow after the first one at the latest, so the last attempt comes after that; earlier ones find out whether it ended sooner.
func (c *call) unreportedWait(now time.Time) time.Duration {
	r := &c.refusals
	if r.count == 0 {
		r.first = now
	}
	if r.attempt != c.attempts {
		r.attempt, r.count = c.attempts, r.count+1
	}
	wait := r.first.Add(quotaWindow + longestJitter/2).Sub(now)
	if c.attempts+1 < c.policy.MaxAttempts {
		probe := firstProbe
		for i := 1; i < r.count && probe < wait; i++ {
			probe *= 3
		}
		wait = min(wait, probe)
	}
	backoff := c.backoff()
	if r.count == 1 {
		backoff = min(backoff, quotaWindow)
	}
	wait = max(wait, backoff)
	return min(wait+jitter(wait/10), c.policy.MaxWait)
}

// isIdempotent reports whether carrying out the operation twice does no harm.
func (c *call) isIdempotent() bool {
	m := c.op.Method
	return c.op.safe || m == http.MethodGet || m == http.MethodHead || m == http.MethodOptions || m == http.MethodDelete
}

// backoff returns a wait that doubles with each attempt; its upper half is random.
func (c *call) backoff() time.Duration {
	wait := c.policy.MinWait
	for i := 1; i < c.attempts && wait < c.policy.MaxWait; i++ {
		wait += min(wait, c.policy.MaxWait-wait)
	}
	wait = min(wait, c.policy.MaxWait)
	return wait/2 + jitter(wait/2)
}

// jitter returns a random duration of at most most.
func jitter(most time.Duration) time.Duration {
	return time.Duration(rand.Int64N(int64(most) + 1))
}

// pause waits. It reports false if ctx is done first.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// outcomeUncertain reports whether the server may have carried out a request of the call. A request that is still under way counts:
// middleware need not wait for it.
func (c *call) outcomeUncertain() bool { return c.underWay.Load() > 0 || c.uncertain.Load() }

// deletedBefore reports whether resp is the API's answer to a DELETE that an earlier request of the call has carried out.
// A page of a proxy is not.
func (c *call) deletedBefore(resp *http.Response, err error) bool {
	if c.op.Method != http.MethodDelete || !c.outcomeUncertain() || !errors.Is(err, ErrNotFound) || resp == nil {
		return false
	}
	body := responseBytes(resp)
	return resp.StatusCode == http.StatusNotFound && (len(body) == 0 || isJSON(body))
}

// markUnknown marks the error of a write that may have been carried out, once.
func (c *call) markUnknown(err error) error {
	if err == nil || !c.outcomeUncertain() || c.isIdempotent() || errors.Is(err, ErrOutcomeUnknown) {
		return err
	}
	return unknownOutcome(err)
}

// fresh returns the request of an attempt, with the body at its start and headers that middleware
// may change.
func (c *call) fresh(req *http.Request) (*http.Request, error) {
	if c.attempts == 0 && len(c.cfg.settings.attemptMiddleware) == 0 {
		return req, nil
	}
	attempt := req.Clone(req.Context())
	if c.attempts > 0 && req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, c.failure(err)
		}
		attempt.Body = body
	}
	return attempt, nil
}

// replayable reports whether the body of req can be sent again. Middleware may have set one that
// cannot.
func replayable(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}

// retryBudget limits what retries add to the load of a service that is down: ten retries at first,
// and one more for every ten calls.
type retryBudget struct {
	mu     sync.Mutex
	tenths int // of a retry that were spent beyond what was earned, up to full
}

const fullBudget = 100 // tenths

func (b *retryBudget) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tenths = max(b.tenths-1, 0)
}

func (b *retryBudget) spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tenths+10 > fullBudget {
		return false
	}
	b.tenths += 10
	return true
}
