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

// Option is a setting for [New], [NewConfiguration] and [ConfigurationFromEnv].
type Option func(*Configuration)

// Region identifies one of LaunchDarkly's instances.
type Region string

// TokenSource returns the access token. It is called once per attempt, including retries, with the
// context of the call. The token is sent as the Authorization header unchanged, so an OAuth token
// needs the prefix "Bearer ". A TokenSource must be safe for concurrent use, and should return when
// ctx is done.
type TokenSource func(ctx context.Context) (string, error)

// RoundTrip sends a request and returns its response. For an API error it returns both a response
// and an error.
type RoundTrip func(*http.Request) (*http.Response, error)

// Middleware wraps a [RoundTrip]. It may modify the request before it calls next, and inspect the
// response afterwards; a response body can be read again after it is closed. It must keep the
// context of the request or derive a new one from it, and must not call next from several
// goroutines at a time. It never sees the credential that the SDK sends, which goes wherever the
// request goes.
type Middleware func(next RoundTrip) RoundTrip

// WithAccessToken authenticates calls with a LaunchDarkly access token, personal or service. If it
// is empty, calls fail with an [ArgumentError].
func WithAccessToken(token string) Option {
	return func(c *Configuration) { c.settings.credential, c.settings.source = newSecret(token), nil }
}

// WithBearerToken authenticates calls with an OAuth access token, as in "Authorization: Bearer …".
func WithBearerToken(token string) Option {
	return func(c *Configuration) {
		c.settings.credential, c.settings.source = APIKey{Key: token, Prefix: "Bearer"}.header(), nil
	}
}

// WithTokenSource authenticates each attempt of a call with the token that src returns.
func WithTokenSource(src TokenSource) Option {
	return func(c *Configuration) {
		if src == nil {
			c.reject("WithTokenSource", "must not be nil")
		}
		c.settings.credential, c.settings.source = nil, src
	}
}

// WithRegion sends calls to an instance of LaunchDarkly. The default is [RegionCommercial].
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

// WithBaseURL sends calls to the server at url, such as a proxy or a fake. A trailing "/" or
// "/api/v2" is removed. If the URL is invalid or contains a password, the first call returns an
// error.
func WithBaseURL(url string) Option {
	return func(c *Configuration) { c.Servers = ServerConfigurations{{URL: url}} }
}

// WithTransport sends requests through rt, for a proxy, a private CA or tracing. Everything else,
// including retries, remains with the SDK. The last of WithTransport and [WithHTTPClient] wins.
func WithTransport(rt http.RoundTripper) Option {
	return func(c *Configuration) { c.settings.transport, c.HTTPClient = rt, nil }
}

// WithHTTPClient sends requests through the caller's client, with its transport, cookies, timeout
// and CheckRedirect, which is called after the SDK's own redirect policy. The client is not
// modified. Because it may retry on its own, calls are not repeated unless [WithRetry] or
// [ContextWithRetry] is set.
func WithHTTPClient(client *http.Client) Option {
	return func(c *Configuration) { c.settings.transport, c.HTTPClient = nil, client }
}

// WithUserAgent sets the User-Agent header. The default names this module and its version.
func WithUserAgent(ua string) Option { return func(c *Configuration) { c.UserAgent = ua } }

// WithAPIVersion sets the LD-API-Version header. The default is "20240415". If v is empty, the
// header is not sent and the default version of the token applies.
func WithAPIVersion(v string) Option { return func(c *Configuration) { c.settings.apiVersion = &v } }

// WithTimeout limits each attempt of a call, from getting a connection to reading the last byte.
// The default is 30 seconds; LaunchDarkly itself gives up after about 24. If perAttempt is zero or
// negative, there is no limit. The context limits the whole call.
func WithTimeout(perAttempt time.Duration) Option {
	return func(c *Configuration) {
		c.settings.timeout = perAttempt
		if perAttempt <= 0 {
			c.settings.timeout = -1
		}
	}
}

// WithMiddleware runs middleware around whole calls, the first outermost. It adds to earlier
// middleware.
func WithMiddleware(m ...Middleware) Option {
	return func(c *Configuration) { c.settings.middleware = slices.Concat(c.settings.middleware, m) }
}

// WithAttemptMiddleware runs middleware around each attempt of a call, the first outermost. It adds
// to earlier middleware. The attempt counts toward [WithMaxConcurrency] while middleware runs: with
// a limit of 1, middleware that makes a call with the same client waits until its context is done.
// Use a second client, or [WithMiddleware].
func WithAttemptMiddleware(m ...Middleware) Option {
	return func(c *Configuration) { c.settings.attemptMiddleware = slices.Concat(c.settings.attemptMiddleware, m) }
}

// WithLogger logs each attempt at level Debug (or Info, see [Configuration]), each retry at Info,
// and giving up at Warn. The guide [Log and trace calls] lists the attributes. Bodies, header
// values, queries and IDs are never logged.
//
// [Log and trace calls]: https://github.com/ldapi-go/ldapi/blob/main/docs/guides/logging.md
func WithLogger(l *slog.Logger) Option {
	return func(c *Configuration) {
		c.settings.logger = nil
		if l != nil {
			c.settings.logger = slogSink{l}
		}
	}
}

// WithMaxResponseBytes limits the body of a successful response, after decompression. The default
// is 16 MiB. A larger body makes the call fail with [ErrResponseTooLarge]. Bodies of errors are
// truncated to 1 MiB, or to n if that is less.
func WithMaxResponseBytes(n int64) Option {
	return func(c *Configuration) {
		if n <= 0 {
			c.reject("WithMaxResponseBytes", "must be positive")
			return
		}
		c.settings.maxResponseBytes = n
	}
}

// WithStrictDecoding reports a required property that is missing or null, and an integer in quotes
// or with a fraction or exponent, as [ErrDecode]. It is meant for contract tests. By default a
// missing property has its zero value.
func WithStrictDecoding() Option { return func(c *Configuration) { c.settings.strictDecoding = true } }

// WithMethodOverride sends PATCH and DELETE as POST with the header X-HTTP-Method-Override, for
// firewalls that block other methods.
func WithMethodOverride() Option { return func(c *Configuration) { c.settings.methodOverride = true } }

// WithInsecureHTTP allows http to hosts that are not loopback. The token is then readable on the
// network.
func WithInsecureHTTP() Option { return func(c *Configuration) { c.settings.insecureHTTP = true } }

// reject records the first invalid option, which calls report.
func (c *Configuration) reject(option, reason string) {
	if c.settings.problem == nil {
		c.settings.problem = &ArgumentError{Parameter: option, Reason: reason}
	}
}

// Limiter limits the rate of requests. *rate.Limiter of golang.org/x/time/rate implements it.
type Limiter interface {
	// Wait blocks until a request may be sent, or returns an error, for instance when ctx is done.
	// It must be safe for concurrent use.
	Wait(ctx context.Context) error
}

// WithMaxConcurrency limits the requests of the client that are in flight at a time. The default is
// 0, no limit. See [WithAttemptMiddleware] for middleware that makes calls itself.
func WithMaxConcurrency(n int) Option {
	return func(c *Configuration) {
		if n < 0 {
			c.reject("WithMaxConcurrency", "must not be negative")
			return
		}
		c.settings.maxConcurrency = n
	}
}

// WithRateLimiter makes every attempt wait for l before it is sent.
func WithRateLimiter(l Limiter) Option { return func(c *Configuration) { c.settings.limiter = l } }

// WithRetry sets the retry policy. The default is [DefaultRetry], or [NoRetry] if the caller
// supplies the http.Client, which may retry on its own. If a value of p is negative, calls fail
// with an [ArgumentError].
func WithRetry(p RetryPolicy) Option {
	return func(c *Configuration) { c.settings.retry = &p }
}
