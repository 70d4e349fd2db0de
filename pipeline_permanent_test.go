package ldapi

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatCannotChangeIsNotRepeated: one attempt, no draw on the retry budget, and no doubt about a write.
func TestWhatCannotChangeIsNotRepeated(t *testing.T) {
	t.Parallel()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
	t.Cleanup(proxy.Close)
	address, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	older := secure.Client().Transport.(*http.Transport).Clone()
	older.TLSClientConfig.MaxVersion = tls.VersionTLS12
	t.Cleanup(older.CloseIdleConnections)
	changing := func(change func(*http.Request)) Option {
		return WithAttemptMiddleware(func(next RoundTrip) RoundTrip {
			return func(req *http.Request) (*http.Response, error) {
				change(req)
				return next(req)
			}
		})
	}
	for name, tc := range map[string]struct {
		base   string
		rt     *http.Transport
		option Option
	}{
		"certificate":          {secure.URL, newRealTransport(t), nil},
		"TLS version":          {secure.URL, older, nil},
		"proxy authentication": {"https://ld.example.com", &http.Transport{Proxy: http.ProxyURL(address)}, nil},
		"port":                 {"http://127.0.0.1:99999", newRealTransport(t), nil},
		"header name":          {"http://127.0.0.1:1", newRealTransport(t), changing(func(r *http.Request) { r.Header["a b"] = []string{"c"} })},
		"header value":         {"http://127.0.0.1:1", newRealTransport(t), changing(func(r *http.Request) { r.Header["A"] = []string{"\n"} })},
		"method":               {"http://127.0.0.1:1", newRealTransport(t), changing(func(r *http.Request) { r.Method = "A B" })},
		"host":                 {"https://ld.example.com", newRealTransport(t), changing(func(r *http.Request) { r.URL.Host = "" })},
	} {
		var tries atomic.Int64
		counted := fakeTransport(func(req *http.Request) (*http.Response, error) {
			tries.Add(1)
			return tc.rt.RoundTrip(req)
		})
		client := New(WithBaseURL(tc.base), WithTransport(counted), WithRetry(atOnce), WithAccessToken(fakeToken), tc.option)
		_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
		require.Error(t, err, name)
		_, _, err = client.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(AccessTokenPost{}).Execute()
		require.Error(t, err, name)
		require.False(t, errors.Is(err, ErrOutcomeUnknown), "%s: %v", name, err)
		require.LessOrEqual(t, tries.Load(), int64(2), "%s: %v", name, err) // net/http itself rejects some
		require.Zero(t, client.traffic.budget.tenths, name)
	}
}
