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

// Configuration says how an APIClient makes its calls. NewConfiguration makes one with the defaults; its fields may be
// changed until the client is made, and after that as long as no call is under way.
//
// Printing, logging or marshalling a Configuration shows no credential and no header value.
type Configuration struct {
	// Host replaces the host (and port) of every server when it is not empty.
	Host string
	// Scheme replaces the scheme of every server when it is not empty.
	Scheme string
	// DefaultHeader holds headers that every request carries. Names may be in any spelling; one that the SDK sends anyway
	// is replaced, not added. Authorization in here is a credential: it outranks the configured token.
	DefaultHeader map[string]string
	// UserAgent is the User-Agent of every request. Empty stands for the SDK's own.
	UserAgent string
	// Debug raises the log records of calls from Debug to Info level. Without WithLogger they go to the standard logger, and
	// so to slog.Default() when a program has set that.
	Debug bool
	// Servers are the base URLs that calls may go to: the first one, unless the context says otherwise.
	Servers ServerConfigurations
	// OperationServers are the base URLs of single operations, by names such as "AccessTokensApiService.GetToken".
	OperationServers map[string]ServerConfigurations
	// HTTPClient sends the requests. NewAPIClient fills it in when it is nil: then requests go through
	// http.DefaultClient as it is at the time of the call, or through the transport of WithTransport. Through a client of the
	// caller's, calls are not repeated unless WithRetry or ContextWithRetry says so.
	HTTPClient *http.Client

	settings settings
}

// settings is what options set beside the fields that everybody sees.
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

// NewConfiguration returns a Configuration for the commercial instance with the defaults of this package, changed by
// opts in their order. An option that makes no sense is reported by the calls.
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

// ConfigurationFromEnv returns NewConfiguration(opts...) with what the environment says: the access token from
// LD_ACCESS_TOKEN, else LAUNCHDARKLY_ACCESS_TOKEN; the base URL from LD_BASE_URI, else LAUNCHDARKLY_API_HOST, which may
// be a bare host and means https then. White space around the values is cut off; opts come last and win. It is an error
// when neither the environment nor opts give a credential, or when the base URL is none.
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

// AddDefaultHeader adds a header that every request carries; it replaces one of the same name in DefaultHeader.
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

// credential gives the static credential for the Authorization header and whether there is one: of the context, else of
// DefaultHeader, else of the options.
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

// String lists the settings without credentials and header values.
func (c Configuration) String() string {
	servers := make([]string, len(c.Servers))
	for i, s := range c.Servers {
		servers[i] = wire.WithoutUser(s.URL)
	}
	headers := inspect.SortedKeys(c.DefaultHeader)
	return fmt.Sprintf("Configuration{Host:%q Scheme:%q UserAgent:%q Debug:%t Servers:%q DefaultHeader:%q}",
		wire.WithoutUser(c.Host), c.Scheme, c.UserAgent, c.Debug, servers, headers)
}

// Format is String for every printing verb.
func (c Configuration) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalText is String, for encoders.
func (c Configuration) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// GobEncode returns String. A gob of a Configuration cannot be decoded.
func (c Configuration) GobEncode() ([]byte, error) { return c.MarshalText() }

// LogValue is String, for log/slog.
func (c Configuration) LogValue() slog.Value { return slog.StringValue(c.String()) }
