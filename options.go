package ldapi

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// Defaults of the options.
const (
	defaultAPIVersion       = "20240415"
	defaultUserAgent        = "ldapi-go/" + Version
	defaultTimeout          = 30 * time.Second
	defaultMaxResponseBytes = 16 << 20
	maxErrorBytes           = 1 << 20
)

// Option is a setting of NewConfiguration, New and ConfigurationFromEnv.
type Option func(*Configuration)

// Region is one of LaunchDarkly's instances.
type Region string

// TokenSource gives the access token of an attempt; it is asked anew for each, also when a call is repeated. What it
// returns is sent as the Authorization header as it is: an OAuth token needs "Bearer " before it. It must be safe for use
// by many goroutines, and should give up when ctx ends.
type TokenSource func(ctx context.Context) (string, error)

// RoundTrip sends one request and returns its response. For an API error both response and error are there.
type RoundTrip func(*http.Request) (*http.Response, error)

// Middleware wraps a RoundTrip. It may change the request before it calls next, and look at the response after that;
// bodies can be read again by others when they are closed. The request's context must be kept, or be the parent of the
// new one; next must not be called by several goroutines at a time. It never sees the credential of the SDK, which goes
// where the request goes.
type Middleware func(next RoundTrip) RoundTrip

// WithAccessToken authenticates calls with an access token of LaunchDarkly, personal or service. An empty one makes
// calls fail with *ArgumentError.
func WithAccessToken(token string) Option {
	return func(c *Configuration) { c.settings.credential, c.settings.source = newSecret(token), nil }
}

// WithBearerToken authenticates calls with an OAuth access token: "Authorization: Bearer …".
func WithBearerToken(token string) Option {
	return func(c *Configuration) {
		c.settings.credential, c.settings.source = APIKey{Key: token, Prefix: "Bearer"}.header(), nil
	}
}

// WithTokenSource authenticates each attempt of a call with the token that src gives at that moment.
func WithTokenSource(src TokenSource) Option {
	return func(c *Configuration) {
		if src == nil {
			c.reject("WithTokenSource", "must not be nil")
		}
		c.settings.credential, c.settings.source = nil, src
	}
}

// WithRegion sends calls to an instance of LaunchDarkly; the default is RegionCommercial.
func WithRegion(r Region) Option {
	return func(c *Configuration) {
		u := regionURL(r)
		if u == "" {
			c.reject("WithRegion", "is none of the known regions")
			return
		}
		c.Servers = ServerConfigurations{{URL: u}}
	}
}

// WithBaseURL sends calls to the server at url: a proxy, a fake. "/" or "/api/v2" at its end is tolerated. A URL that is
// none, or that carries a password, is reported by the first call.
func WithBaseURL(url string) Option {
	return func(c *Configuration) { c.Servers = ServerConfigurations{{URL: url}} }
}

// WithTransport sends requests through rt: a proxy, a private CA, tracing. Everything else stays the SDK's. The last of
// WithTransport and WithHTTPClient counts.
func WithTransport(rt http.RoundTripper) Option {
	return func(c *Configuration) { c.settings.transport, c.HTTPClient = rt, nil }
}

// WithHTTPClient sends requests through the caller's client as it is: its transport, cookies, timeout and CheckRedirect
// (which is asked after the SDK's own redirect policy). The client itself is not changed. Calls are not repeated then, unless
// WithRetry or ContextWithRetry says so: the caller's client may do that itself.
func WithHTTPClient(client *http.Client) Option {
	return func(c *Configuration) { c.settings.transport, c.HTTPClient = nil, client }
}

// WithUserAgent sets the User-Agent header; the default names this module and its version.
func WithUserAgent(ua string) Option { return func(c *Configuration) { c.UserAgent = ua } }

// WithAPIVersion sets the LD-API-Version header; the default is "20240415". An empty v sends no such header: the token's
// own default holds then.
func WithAPIVersion(v string) Option { return func(c *Configuration) { c.settings.apiVersion = &v } }

// WithTimeout bounds each attempt of a call, from getting a connection to the last byte read; the default is 30 seconds.
// LaunchDarkly itself gives up after about 24. Zero or less sets no bound. The whole call is bounded by its context.
func WithTimeout(perAttempt time.Duration) Option {
	return func(c *Configuration) {
		c.settings.timeout = perAttempt
		if perAttempt <= 0 {
			c.settings.timeout = -1
		}
	}
}

// WithMiddleware puts middleware around whole calls, the first outermost. It adds to middleware given before.
func WithMiddleware(m ...Middleware) Option {
	return func(c *Configuration) { c.settings.middleware = slices.Concat(c.settings.middleware, m) }
}

// WithAttemptMiddleware puts middleware around each attempt of a call, the first outermost. It adds to middleware given
// before. The attempt holds its place under [WithMaxConcurrency]: middleware that makes a call with the same client needs a second
// one, and with a limit of 1 waits until its context ends. Use a second client, or [WithMiddleware].
func WithAttemptMiddleware(m ...Middleware) Option {
	return func(c *Configuration) { c.settings.attemptMiddleware = slices.Concat(c.settings.attemptMiddleware, m) }
}

// WithLogger logs each attempt at Debug level (Configuration.Debug: at Info level), each retry at Info, and giving up at
// Warn. docs/guides/logging.md lists the attributes. Bodies, header values, queries and ids are never logged.
func WithLogger(l *slog.Logger) Option {
	return func(c *Configuration) {
		c.settings.logger = nil
		if l != nil {
			c.settings.logger = slogSink{l}
		}
	}
}

// WithMaxResponseBytes bounds the body of a successful response, after decompression; the default is 16 MiB. Beyond it
// the call fails with ErrResponseTooLarge. Bodies of errors are cut at 1 MiB, or at n if that is less.
func WithMaxResponseBytes(n int64) Option {
	return func(c *Configuration) {
		if n <= 0 {
			c.reject("WithMaxResponseBytes", "must be positive")
			return
		}
		c.settings.maxResponseBytes = n
	}
}

// WithStrictDecoding makes a required property that is missing or null an ErrDecode, for contract tests. By default it
// leaves its zero value.
func WithStrictDecoding() Option { return func(c *Configuration) { c.settings.strictDecoding = true } }

// WithMethodOverride sends PATCH and DELETE as POST with the header X-HTTP-Method-Override, for firewalls that let
// nothing else through.
func WithMethodOverride() Option { return func(c *Configuration) { c.settings.methodOverride = true } }

// WithInsecureHTTP lets calls go over http to a host that is not loopback. Whoever listens on the way reads the token.
func WithInsecureHTTP() Option { return func(c *Configuration) { c.settings.insecureHTTP = true } }

// reject keeps the first thing that is wrong with the options, for the calls to report.
func (c *Configuration) reject(option, reason string) {
	if c.settings.problem == nil {
		c.settings.problem = &ArgumentError{Parameter: option, Reason: reason}
	}
}

// Limiter lets a caller space out requests: *rate.Limiter of golang.org/x/time/rate is one.
type Limiter interface {
	// Wait blocks until a request may go out, or fails, as when ctx ends. It must be safe for use by many goroutines.
	Wait(ctx context.Context) error
}

// WithMaxConcurrency bounds how many requests of the client are under way at a time; 0 for no bound, the default. See
// [WithAttemptMiddleware] for middleware that makes calls itself.
func WithMaxConcurrency(n int) Option {
	return func(c *Configuration) {
		if n < 0 {
			c.reject("WithMaxConcurrency", "must not be negative")
			return
		}
		c.settings.maxConcurrency = n
	}
}

// WithRateLimiter has every attempt wait for l before it is sent.
func WithRateLimiter(l Limiter) Option { return func(c *Configuration) { c.settings.limiter = l } }

// WithRetry sets how calls are repeated. Without it calls are repeated by DefaultRetry, or not at all when the caller
// supplies the http.Client, which may repeat them itself. Negative values make calls fail with *ArgumentError.
func WithRetry(p RetryPolicy) Option {
	return func(c *Configuration) { c.settings.retry = &p }
}
