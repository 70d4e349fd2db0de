package ldapi

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/ldapi-go/ldapi/internal/inspect"
	"github.com/ldapi-go/ldapi/internal/wire"
)

// Configuration holds the settings of an [APIClient]. [NewConfiguration] returns one with the
// defaults. Its fields may be changed until the client is created, and later while no call is in
// flight.
//
// Printing, logging or marshaling a Configuration shows no credential and no header value.
type Configuration struct {
	// Host replaces the host (and port) of every server unless it is empty.
	Host string
	// Scheme replaces the scheme of every server unless it is empty.
	Scheme string
	// DefaultHeader holds headers for every request. Names may have any spelling; a header that the
	// SDK sends itself is replaced, not added. The entry Authorization is a credential, which takes
	// precedence over the configured token.
	DefaultHeader map[string]string
	// UserAgent is the User-Agent header of every request. If it is empty, the SDK's own is sent.
	UserAgent string
	// Debug raises the level of log records of calls from Debug to Info. Without [WithLogger] they
	// are written to the standard logger, and so to slog.Default() if a program has set it.
	Debug bool
	// Servers are the base URLs. Calls use the first one unless the context selects another.
	Servers ServerConfigurations
	// OperationServers are the base URLs of single operations, by names such as
	// "AccessTokensApiService.GetToken".
	OperationServers map[string]ServerConfigurations
	// HTTPClient sends the requests. If it is nil, [NewAPIClient] sets it, and requests go through
	// http.DefaultClient as it is at the time of the call, or through the transport of
	// [WithTransport]. With a client of the caller, calls are not repeated unless [WithRetry] or
	// [ContextWithRetry] is set.
	HTTPClient *http.Client

	settings settings
}

// settings are the values of options that have no field in Configuration.
type settings struct {
	credential        *secret // value of the Authorization header
	source            TokenSource
	transport         http.RoundTripper
	sdkClient         *http.Client // what NewAPIClient put into HTTPClient: still there, it is not the caller's
	apiVersion        *string
	timeout           time.Duration // 0: default, negative: none
	maxResponseBytes  int64
	strictDecoding    bool
	methodOverride    bool
	insecureHTTP      bool
	middleware        []Middleware
	attemptMiddleware []Middleware
	logger            logSink      // nil: none
	retry             *RetryPolicy // nil: by who supplies the client
	maxConcurrency    int
	limiter           Limiter
	problem           *ArgumentError // of an option; the calls report it
}

// NewConfiguration returns a [Configuration] for the commercial instance with the defaults of this
// package, modified by opts in their order. An invalid option makes calls fail.
func NewConfiguration(opts ...Option) *Configuration {
	cfg := &Configuration{
		DefaultHeader:    make(map[string]string),
		UserAgent:        defaultUserAgent,
		Servers:          defaultServers(),
		OperationServers: map[string]ServerConfigurations{},
	}
	for _, opt := range opts {
		if opt != nil {
			opt(cfg)
		}
	}
	return cfg
}

// ConfigurationFromEnv returns a [Configuration] populated from the environment: the access token
// from LD_ACCESS_TOKEN, or else LAUNCHDARKLY_ACCESS_TOKEN; the base URL from LD_BASE_URI, or else
// LAUNCHDARKLY_API_HOST, which may be a host name without a scheme and means https then. Leading
// and trailing white space is trimmed; opts take precedence over the environment. It returns an
// error if neither the environment nor opts contain a credential, or if the base URL is invalid.
func ConfigurationFromEnv(opts ...Option) (*Configuration, error) {
	var env []Option
	if token := firstEnv("LD_ACCESS_TOKEN", "LAUNCHDARKLY_ACCESS_TOKEN"); token != "" {
		env = append(env, WithAccessToken(token))
	}
	if base := firstEnv("LD_BASE_URI", "LAUNCHDARKLY_API_HOST"); base != "" {
		if !strings.Contains(base, "://") {
			base = "https://" + base
		}
		env = append(env, WithBaseURL(base))
	}
	cfg := NewConfiguration(append(env, opts...)...)
	if _, given := cfg.credential(context.Background()); !given && cfg.settings.source == nil {
		return nil, &ArgumentError{Operation: "ConfigurationFromEnv", Parameter: "LD_ACCESS_TOKEN",
			Reason: "is not set, nor is LAUNCHDARKLY_ACCESS_TOKEN"}
	}
	if base, err := cfg.ServerURL(0, nil); err == nil {
		if _, reason := wire.ParseBase(base); reason != "" {
			return nil, &ArgumentError{Operation: "ConfigurationFromEnv", Parameter: "LD_BASE_URI", Reason: reason}
		}
	}
	return cfg, nil
}

func firstEnv(names ...string) string {
	for _, name := range names {
		if v := strings.TrimSpace(os.Getenv(name)); v != "" {
			return v
		}
	}
	return ""
}

// AddDefaultHeader adds a header for every request. It replaces one of the same name in
// DefaultHeader.
func (c *Configuration) AddDefaultHeader(key string, value string) {
	if c.DefaultHeader == nil {
		c.DefaultHeader = make(map[string]string)
	}
	for name := range c.DefaultHeader {
		if http.CanonicalHeaderKey(name) == http.CanonicalHeaderKey(key) {
			delete(c.DefaultHeader, name)
		}
	}
	c.DefaultHeader[key] = value
}

// credential returns the static credential for the Authorization header and whether there is one:
// that of the context, or else of DefaultHeader, or else of the options.
func (c *Configuration) credential(ctx context.Context) (*secret, bool) {
	if s, ok := contextCredential(ctx); ok {
		return s, true
	}
	for _, name := range inspect.SortedKeys(c.DefaultHeader) {
		if isAuthorization(name) {
			return newSecret(c.DefaultHeader[name]), true
		}
	}
	return c.settings.credential, c.settings.credential != nil
}

// String returns the settings without credentials and header values.
func (c Configuration) String() string {
	servers := make([]string, len(c.Servers))
	for i, s := range c.Servers {
		servers[i] = wire.WithoutUser(s.URL)
	}
	headers := inspect.SortedKeys(c.DefaultHeader)
	return fmt.Sprintf("Configuration{Host:%q Scheme:%q UserAgent:%q Debug:%t Servers:%q DefaultHeader:%q}",
		wire.WithoutUser(c.Host), c.Scheme, c.UserAgent, c.Debug, servers, headers)
}

// Format prints String for every verb.
func (c Configuration) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalText returns String, for encoders.
func (c Configuration) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// GobEncode returns String. A gob of a Configuration cannot be decoded.
func (c Configuration) GobEncode() ([]byte, error) { return c.MarshalText() }

// LogValue returns String, for log/slog.
func (c Configuration) LogValue() slog.Value { return slog.StringValue(c.String()) }
