package ldapi

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/internal/inventory"
)

func TestNewConfiguration(t *testing.T) {
	t.Parallel()
	cfg := NewConfiguration()
	require.Equal(t, "https://app.launchdarkly.com", cfg.Servers[0].URL)
	require.Equal(t, "https://app.launchdarkly.us", cfg.Servers[1].URL)
	require.Equal(t, "https://app.eu.launchdarkly.com", cfg.Servers[2].URL)
	require.Len(t, cfg.Servers, 3)
	require.Equal(t, "ldapi-go/"+Version, cfg.UserAgent)
	require.NotNil(t, cfg.DefaultHeader, "existing programs write into it")
	require.Nil(t, cfg.HTTPClient)
	require.False(t, cfg.Debug)

	cfg.Servers[0].URL = "https://changed.example.com"
	require.Equal(t, "https://app.launchdarkly.com", NewConfiguration(nil).Servers[0].URL, "nothing is shared, and nil options are ignored")
}

// TestOptionsThatMakeNoSense: the calls report the first invalid option.
func TestOptionsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	cfg := NewConfiguration(WithRegion("mars"), WithMaxResponseBytes(-1))
	require.Equal(t, &ArgumentError{Parameter: "WithRegion", Reason: "is none of the known regions"}, cfg.settings.problem)
	_, _, err := NewAPIClient(cfg).AccessTokensApi.GetToken(t.Context(), "x").Execute()
	require.EqualError(t, err, "ldapi: getToken: WithRegion: is none of the known regions")
}

func TestNewAPIClient(t *testing.T) {
	t.Parallel()
	require.Same(t, http.DefaultClient, NewAPIClient(nil).GetConfig().HTTPClient)
	cfg := NewConfiguration()
	client := NewAPIClient(cfg)
	require.Same(t, cfg, client.GetConfig(), "not a copy")
	require.Same(t, http.DefaultClient, cfg.HTTPClient, "never nil")
	require.NotPanics(t, func() { inventory.Operations(client) }, "no service is nil")

	own := &http.Client{}
	require.Same(t, own, New(WithHTTPClient(own)).GetConfig().HTTPClient)
	rt := answering(200, "")
	withTransport := New(WithHTTPClient(own), WithTransport(rt)).GetConfig().HTTPClient
	require.NotSame(t, own, withTransport, "the last of the two counts")
	require.NotNil(t, withTransport.Transport)
	require.Nil(t, own.Transport)
}

// TestClientThatWasNotMade is refused, and does not panic.
func TestClientThatWasNotMade(t *testing.T) {
	t.Parallel()
	const want = "ldapi: getTokens: APIClient: was not made by New or NewAPIClient"
	for _, service := range []*AccessTokensApiService{{}, {client: &(&APIClient{}).clientState}} {
		_, _, err := service.GetTokens(t.Context()).Execute()
		require.EqualError(t, err, want)
	}
	_, err := new(APIClient).Do(t.Context(), "GET", "/x", nil, nil, nil)
	require.EqualError(t, err, "ldapi: do: APIClient: was not made by New or NewAPIClient")
}

// TestNilContext: a nil context means context.Background, as with the stock client.
func TestNilContext(t *testing.T) {
	t.Parallel()
	var none context.Context
	client := New(WithTransport(answering(200, `{}`)))
	_, _, err := client.AccessTokensApi.GetTokens(none).Execute()
	require.NoError(t, err)
	require.Equal(t, context.Background(), client.AccessTokensApi.GetTokens(none).Context())
	require.NotNil(t, ContextWithHeader(ContextWithAPIVersion(ContextWithAccessToken(none, "x"), "beta"), "X", "y"))
}

func TestConfigurationFromEnv(t *testing.T) {
	for _, tc := range []struct {
		name       string
		env        map[string]string
		opts       []Option
		token, url string // "" for the default
		err        string
	}{
		{"token", map[string]string{"LD_ACCESS_TOKEN": " \tone\n"}, nil, "one", "", ""},
		{"other name", map[string]string{"LAUNCHDARKLY_ACCESS_TOKEN": "two"}, nil, "two", "", ""},
		{"both names", map[string]string{"LD_ACCESS_TOKEN": "one", "LAUNCHDARKLY_ACCESS_TOKEN": "two"}, nil, "one", "", ""},
		{"blank is not set", map[string]string{"LD_ACCESS_TOKEN": "  ", "LAUNCHDARKLY_ACCESS_TOKEN": "two"}, nil, "two", "", ""},
		{"option wins", map[string]string{"LD_ACCESS_TOKEN": "one"}, []Option{WithAccessToken("opt")}, "opt", "", ""},
		{"option alone", nil, []Option{WithAccessToken("opt")}, "opt", "", ""},
		{"default header", nil, []Option{func(c *Configuration) { c.AddDefaultHeader("authorization", "hdr") }}, "hdr", "", ""},
		{"nothing", nil, nil, "", "", "ldapi: ConfigurationFromEnv: LD_ACCESS_TOKEN: is not set, nor is LAUNCHDARKLY_ACCESS_TOKEN"},
		{"base", map[string]string{"LD_ACCESS_TOKEN": "one", "LD_BASE_URI": " http://127.0.0.1:8080/ "}, nil, "one", "http://127.0.0.1:8080/", ""},
		{"host", map[string]string{"LD_ACCESS_TOKEN": "one", "LAUNCHDARKLY_API_HOST": "ld.example.com"}, nil, "one", "https://ld.example.com", ""},
		{"host with scheme", map[string]string{"LD_ACCESS_TOKEN": "one", "LAUNCHDARKLY_API_HOST": "https://ld.example.com"}, nil,
			"one", "https://ld.example.com", ""},
		{"base before host", map[string]string{"LD_ACCESS_TOKEN": "one", "LD_BASE_URI": "https://a.example.com", "LAUNCHDARKLY_API_HOST": "b"},
			nil, "one", "https://a.example.com", ""},
		{"option for the base", map[string]string{"LD_ACCESS_TOKEN": "one", "LD_BASE_URI": "https://a.example.com"},
			[]Option{WithRegion(RegionEU)}, "one", "https://app.eu.launchdarkly.com", ""},
		{"no URL", map[string]string{"LD_ACCESS_TOKEN": "one", "LD_BASE_URI": "ftp://hidden"}, nil, "", "",
			"ldapi: ConfigurationFromEnv: LD_BASE_URI: is not an absolute http or https URL"},
		{"password in it", map[string]string{"LD_ACCESS_TOKEN": "one", "LD_BASE_URI": "https://u:hidden@a"}, nil, "", "",
			"ldapi: ConfigurationFromEnv: LD_BASE_URI: must not carry a user name or password"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, name := range []string{"LD_ACCESS_TOKEN", "LAUNCHDARKLY_ACCESS_TOKEN", "LD_BASE_URI", "LAUNCHDARKLY_API_HOST"} {
				t.Setenv(name, tc.env[name])
			}
			cfg, err := ConfigurationFromEnv(tc.opts...)
			if tc.err != "" {
				require.EqualError(t, err, tc.err)
				require.Nil(t, cfg)
				return
			}
			require.NoError(t, err)
			s, ok := cfg.credential(t.Context())
			require.True(t, ok)
			require.Equal(t, tc.token, s.text())
			want := tc.url
			if want == "" {
				want = "https://app.launchdarkly.com"
			}
			require.Equal(t, want, cfg.Servers[0].URL)
		})
	}
}

// TestConfigurationFromEnvWithSource: a source is a credential too.
func TestConfigurationFromEnvWithSource(t *testing.T) {
	t.Setenv("LD_ACCESS_TOKEN", "")
	t.Setenv("LAUNCHDARKLY_ACCESS_TOKEN", "")
	_, err := ConfigurationFromEnv(WithTokenSource(func(context.Context) (string, error) { return "x", nil }))
	require.NoError(t, err)
}

func TestAddDefaultHeader(t *testing.T) {
	t.Parallel()
	var cfg Configuration
	cfg.AddDefaultHeader("X-Own", "1")
	cfg.AddDefaultHeader("x-own", "2")
	cfg.AddDefaultHeader("X-Other", "3")
	require.Equal(t, map[string]string{"x-own": "2", "X-Other": "3"}, cfg.DefaultHeader)
}

// TestConfigurationShowsNoCredential: printed, logged or marshalled, by value and by pointer.
func TestConfigurationShowsNoCredential(t *testing.T) {
	t.Parallel()
	cfg := NewConfiguration(WithAccessToken(fakeToken), WithBaseURL("https://user:"+fakeToken+"@ld.example.com"))
	cfg.Host = "user:" + fakeToken + "@ld.example.com"
	cfg.AddDefaultHeader("Authorization", fakeToken)
	cfg.AddDefaultHeader("X-Own", fakeToken)
	marshalled, err := json.Marshal(struct{ C *Configuration }{cfg})
	require.NoError(t, err)
	shown := []string{string(marshalled), cfg.String(), cfg.LogValue().String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown = append(shown, fmt.Sprintf(verb, cfg), fmt.Sprintf(verb, *cfg), fmt.Sprintf(verb, NewAPIClient(cfg)))
	}
	for _, text := range shown {
		require.NotContains(t, text, fakeToken)
		require.NotContains(t, text, fmt.Sprintf("%x", fakeToken))
	}
	require.Equal(t, `Configuration{Host:"ld.example.com" Scheme:"" UserAgent:"ldapi-go/`+Version+`" Debug:false `+
		`Servers:["https://ld.example.com"] DefaultHeader:["Authorization" "X-Own"]}`, cfg.String())
	require.Equal(t, slog.KindString, cfg.LogValue().Kind())
}
