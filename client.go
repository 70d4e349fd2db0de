package ldapi

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/ldapi-go/ldapi/internal/brake"
	"github.com/ldapi-go/ldapi/internal/codec"
)

// core is what an APIClient holds beside its services.
type core struct {
	cfg      *Configuration
	pipeline handler
	brake    *brake.Brake
	shared   *sharedState
	common   service // what all services are
}

// sharedState is what all calls of a client share beside the brake.
type sharedState struct {
	budget retryBudget
	mu     sync.Mutex
	limit  RateLimit    // most recently reported
	skew   atomic.Int64 // nanoseconds that this clock is ahead of the server's
}

// New returns an APIClient with NewConfiguration(opts...).
func New(opts ...Option) *APIClient { return NewAPIClient(NewConfiguration(opts...)) }

// NewAPIClient returns an APIClient that makes its calls as cfg says, also when cfg changes later. nil stands for
// NewConfiguration(). When cfg.HTTPClient is nil it is filled in.
func NewAPIClient(cfg *Configuration) *APIClient {
	if cfg == nil {
		cfg = NewConfiguration()
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = http.DefaultClient
		if rt := cfg.settings.transport; rt != nil {
			cfg.HTTPClient = &http.Client{Transport: rt}
		}
		cfg.settings.sdkClient = cfg.HTTPClient
	}
	c := &APIClient{core: core{cfg: cfg, pipeline: newPipeline(), brake: brake.New(), shared: new(sharedState)}}
	c.connectServices()
	return c
}

// GetConfig returns the configuration of the client: the one it was made with, not a copy.
func (c *APIClient) GetConfig() *Configuration { return c.cfg }

// handler is one step of a call together with all that come after it.
type handler func(c *call, req *http.Request) (*http.Response, error)

// newPipeline returns the steps of a call in their order, which is stated here alone. A call goes down the list until it is
// sent, and its response comes back up, so a step decides about those below it. Each step has a file of its own.
func newPipeline() handler {
	steps := []func(next handler) handler{
		checkArguments,    // refuses what can never succeed
		decodeModel,       // (on the way back) decodes the body into the model
		buildRequest,      // builds the HTTP request
		callMiddleware,    // runs the caller's middleware around the whole call
		retry,             // repeats the steps below where that is safe
		resolveCredential, // gets the credential of each attempt
		pace,              // waits for quotas, limiter and concurrency limit
		attemptMiddleware, // runs the caller's middleware around each attempt
		logAttempt,        // logs each attempt
		checkStatus,       // (on the way back) turns statuses into errors
		readBody,          // (on the way back) reads the body
		setAuthorization,  // sets the Authorization header
	}
	h := handler(sendRequest) // hands the request to net/http
	for i := len(steps) - 1; i >= 0; i-- {
		h = steps[i](h)
	}
	return h
}

// call is one call on its way through the pipeline.
type call struct {
	core           *core
	cfg            *Configuration
	op             *operation
	ctx            context.Context // the caller's
	args           arguments
	body           []byte // of the request
	authorization  *secret
	keys           brake.Keys // of the attempt under way
	policy         RetryPolicy
	refusals       refusals
	attempts       int                                  // sent so far, the one under way included
	alreadyDeleted bool                                 // an earlier attempt has deleted what this one did not find
	into           func(body []byte, strict bool) error // reads the body; nil when nobody waits for it

	// What read records. Attempt middleware may send several requests at a time.
	underWay  atomic.Int32                  // requests
	uncertain atomic.Bool                   // the server may have carried out one of them
	received  atomic.Pointer[http.Response] // the success of a write
}

func (c *core) newCall(ctx context.Context, op *operation) *call {
	k := &call{op: op, ctx: contextOf(ctx)}
	if c != nil {
		k.core, k.cfg = c, c.cfg
	}
	return k
}

func (c *call) run() (*http.Response, error) {
	if c.core == nil || c.core.pipeline == nil {
		return nil, c.refusal("APIClient", "was not made by New or NewAPIClient")
	}
	return c.core.pipeline(c, nil)
}

// execute makes a call that is answered with a model, which is read into out. If a success cannot be decoded or is not whole,
// what could be read of it is returned along with the error; without a success the result is nil. M is a pointer: for the
// compiler all pointer types are one.
func execute[M any](c *core, ctx context.Context, op *operation, fill func(*arguments), out M, read func(M, *codec.Decoder) bool) (M, *http.Response, error) {
	var answer M
	k := c.newCall(ctx, op)
	fill(&k.args)
	k.into = func(body []byte, strict bool) error {
		answer = out
		return codec.Decode(out, read, body, strict)
	}
	resp, err := k.run()
	return answer, resp, err
}

// executeEmpty makes a call that is answered without a body.
func executeEmpty(c *core, ctx context.Context, op *operation, fill func(*arguments)) (*http.Response, error) {
	k := c.newCall(ctx, op)
	fill(&k.args)
	return k.run()
}
