package ldapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCleartextNeverReachesAProxy: http is allowed without an option only if the request stays on the machine.
func TestCleartextNeverReachesAProxy(t *testing.T) {
	t.Parallel()
	var received atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { received.Add(1) }))
	t.Cleanup(proxy.Close)
	address, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	// Decides as http.ProxyFromEnvironment does: by a comparison that is exact.
	fromEnvironment := func(req *http.Request) (*url.URL, error) {
		if host := req.URL.Hostname(); host == "localhost" || host == "127.0.0.1" || host == "::1" {
			return nil, nil
		}
		return address, nil
	}
	for name, tc := range map[string]struct {
		base    string
		proxy   func(*http.Request) (*url.URL, error)
		refused bool
	}{
		"letter case":            {"http://LOCALHOST:1", fromEnvironment, false},
		"letter case, mixed":     {"http://LocalHost:1", fromEnvironment, false},
		"folds to an s":          {"http://localho\u017ft:1", fromEnvironment, true},
		"explicit proxy":         {"http://localhost:1", http.ProxyURL(address), true},
		"explicit proxy, IPv4":   {"http://127.0.0.1:1", http.ProxyURL(address), true},
		"explicit proxy, IPv6":   {"http://[::1]:1", http.ProxyURL(address), true},
		"a proxy that fails":     {"http://localhost:1", func(*http.Request) (*url.URL, error) { return nil, errors.New("no") }, true},
		"no proxy":               {"http://localhost:1", nil, false},
		"a proxy for other URLs": {"http://localhost:1", func(*http.Request) (*url.URL, error) { return nil, nil }, false},
	} {
		transport := &http.Transport{Proxy: tc.proxy}
		t.Cleanup(transport.CloseIdleConnections)
		for _, option := range []Option{WithTransport(transport), WithHTTPClient(&http.Client{Transport: transport})} {
			client := New(WithBaseURL(tc.base), WithAccessToken(fakeToken), option, WithRetry(NoRetry()))
			_, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute()
			require.Error(t, err, name)
			require.Equal(t, tc.refused, errors.Is(err, ErrInsecureURL), "%s: %v", name, err)
			require.NotContains(t, err.Error(), fakeToken)
		}
	}
	require.Zero(t, received.Load(), "nothing reached the proxy")
}

// TestRedirectsKeepTheHost: another spelling of the same host could be sent to a proxy.
func TestRedirectsKeepTheHost(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"http://LOCALHOST:8910/b", "//LocalHost:8910/b", "http://localhost:08910/b"} {
		r := &redirecting{status: 307, location: location}
		resp, err := sendRedirected(t, r, "GET", "http://localhost:8910/a", &http.Client{})
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		for _, sent := range r.urls {
			require.Contains(t, []string{"http://localhost:8910/a", "http://localhost:8910/b"}, sent, location)
		}
	}
}
