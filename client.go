package ldapi

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/ldapi-go/ldapi/internal/brake"
	"github.com/ldapi-go/ldapi/internal/codec"
)

// clientState is the state of an [APIClient] other than its services.
type clientState struct {
	cfg         *Configuration
	pipeline    handler
	brake       *brake.Brake
	traffic     *trafficState
	serviceBase service // what every service points to
}

// trafficState is what all calls of a client have learned or spent, apart from the brake.
type trafficState struct {
	budget retryBudget
	mu     sync.Mutex
	limit  RateLimit    // most recently reported
	skew   atomic.Int64 // nanoseconds that this clock is ahead of the server's
}

// New returns an [APIClient] with [NewConfiguration](opts...).
func New(opts ...Option) *APIClient { return NewAPIClient(NewConfiguration(opts...)) }

// NewAPIClient returns an [APIClient] with configuration cfg, or with [NewConfiguration]() if cfg is
// nil. Later changes of cfg take effect. If cfg.HTTPClient is nil, NewAPIClient sets it.
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
	c := &APIClient{clientState: clientState{cfg: cfg, pipeline: newPipeline(), brake: brake.New(), traffic: new(trafficState)}}
	c.connectServices()
	return c
}

// GetConfig returns the configuration that the client was created with, not a copy.
func (c *APIClient) GetConfig() *Configuration { return c.cfg }

// handler is a step of a call together with all steps below it.
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

// call is a call on its way through the pipeline.
type call struct {
	client         *clientState
	cfg            *Configuration
	op             *operation
	ctx            context.Context // the caller's
	args           arguments
	body           []byte // of the request
	contentType    string // of the body, if only the body determines it
	authorization  *secret
	keys           brake.Keys // of the attempt under way
	policy         RetryPolicy
	refusals       refusals
	attempts       int                                  // sent so far, the one under way included
	alreadyDeleted bool                                 // an earlier attempt has deleted what this one did not find
	into           func(body []byte, strict bool) error // decodes the body; nil if it is ignored

	// What read records. Attempt middleware may send several requests at a time.
	underWay  atomic.Int32                  // requests
	uncertain atomic.Bool                   // the server may have carried out one of them
	received  atomic.Pointer[http.Response] // the success of a write
}

func (c *clientState) newCall(ctx context.Context, op *operation) *call {
	k := &call{op: op, ctx: contextOf(ctx)}
	if c != nil {
		k.client, k.cfg = c, c.cfg
	}
	return k
}

func (c *call) run() (*http.Response, error) {
	if c.client == nil || c.client.pipeline == nil {
		return nil, c.refusal("APIClient", "was not made by New or NewAPIClient")
	}
	return c.client.pipeline(c, nil)
}

// execute makes a call whose response is a model, and decodes it into out. If a success cannot be
// decoded or is incomplete, what could be decoded is returned along with the error; without a
// success the result is nil. M must be a pointer type, so that all instantiations share one GC
// shape and are compiled once (see BenchmarkColdBuild).
func execute[M any](ctx context.Context, c *clientState, op *operation, args arguments, out M, read func(M, *codec.Decoder) bool) (M, *http.Response, error) {
	var answer M
	k := c.newCall(ctx, op)
	k.args = args
	k.into = func(body []byte, strict bool) error {
		answer = out
		return codec.Decode(out, func(d *codec.Decoder) bool { return read(out, d) }, body, strict)
	}
	resp, err := k.run()
	return answer, resp, err
}

// executeEmpty makes a call whose response has no body.
func executeEmpty(ctx context.Context, c *clientState, op *operation, args arguments) (*http.Response, error) {
	k := c.newCall(ctx, op)
	k.args = args
	return k.run()
}
