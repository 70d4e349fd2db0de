package reliability_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

const homeHost = "ld.example.com"

// recorder is a server that records its requests.
type recorder struct {
	mu      sync.Mutex
	arrived []*http.Request
	bodies  []string
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	r.arrived, r.bodies = append(r.arrived, req), append(r.bodies, string(body))
	r.mu.Unlock()
	_, _ = io.WriteString(w, "{}")
}

// take returns the requests that have arrived since the last call.
func (r *recorder) take() ([]*http.Request, []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	arrived, bodies := r.arrived, r.bodies
	r.arrived, r.bodies = nil, nil
	return arrived, bodies
}

// estate is https://ld.example.com, together with all targets of redirects, on real connections.
type estate struct {
	home, elsewhere recorder // home has redirected requests only
	mu              sync.Mutex
	status          int
	location        string
	transport       *http.Transport
}

func newEstate(t *testing.T) *estate {
	t.Helper()
	e := new(estate)
	home := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasPrefix(req.URL.Path, "/moved") {
			e.home.ServeHTTP(w, req)
			return
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		w.Header().Set("Location", e.location)
		w.WriteHeader(e.status)
	}))
	t.Cleanup(home.Close)
	secure, plain := httptest.NewTLSServer(&e.elsewhere), httptest.NewServer(&e.elsewhere)
	t.Cleanup(secure.Close)
	t.Cleanup(plain.Close)
	address := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	addresses := map[string]string{
		homeHost + ":443": address(home), homeHost + ":8443": address(secure), homeHost + ":80": address(plain),
		"x." + homeHost + ":443": address(secure), "other.example.net:443": address(secure), "other.example.net:80": address(plain),
	}
	e.transport = &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: home.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"},
		DialContext: func(ctx context.Context, network, name string) (net.Conn, error) {
			name = strings.ToLower(name)
			if addresses[name] == "" {
				return nil, fmt.Errorf("no host %s", name)
			}
			return new(net.Dialer).DialContext(ctx, network, addresses[name])
		},
	}
	t.Cleanup(e.transport.CloseIdleConnections)
	return e
}

// redirects by target; true if the target is the same origin.
var redirects = map[string]bool{
	"/moved?to=here":                               true,
	"https://" + homeHost + "/moved":               true,
	"https://LD.example.com:443/moved":             true,
	"https://" + homeHost + ":8443/moved?k=secret": false, // another port
	"https://other.example.net/moved":              false, // another host
	"//other.example.net/moved":                    false,
	"https://x." + homeHost + "/moved":             false, // a subdomain
	"http://" + homeHost + "/moved":                false, // a downgrade
	"http://" + homeHost + ":443/moved":            false, // the same, by the same port
	"http://other.example.net/moved":               false,
	"https://user:secret@other.example.net/moved":  false,
}

// TestRedirectMatrix: only 307 and 308 to the same origin are followed, with the same method, body and credential; no
// other host receives anything.
func TestRedirectMatrix(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	clients := map[string]ldapi.Option{
		"transport": ldapi.WithTransport(e.transport), "client": ldapi.WithHTTPClient(&http.Client{Transport: e.transport}),
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		for location, same := range redirects {
			for _, o := range operations() {
				for kind, option := range clients {
					e.mu.Lock()
					e.status, e.location = status, location
					e.mu.Unlock()
					name := fmt.Sprintf("%d to %s, %s by own %s", status, location, o.id, kind)
					client := ldapi.New(ldapi.WithBaseURL("https://"+homeHost), option, ldapi.WithAccessToken(ldapitest.AdminToken))
					_, err := o.call(t.Context(), client)
					requireRedirect(t, name, e, o, location, same && status >= 307, err)
				}
			}
		}
	}
}

func requireRedirect(t *testing.T, name string, e *estate, o operation, location string, follow bool, err error) {
	t.Helper()
	strayed, _ := e.elsewhere.take()
	require.Empty(t, strayed, name)
	arrived, bodies := e.home.take()
	if !follow {
		require.Empty(t, arrived, name)
		require.ErrorIs(t, err, ldapi.ErrRedirect, name)
		require.NotErrorIs(t, err, ldapi.ErrOutcomeUnknown, name)
		target, parseErr := url.Parse("https://" + homeHost)
		require.NoError(t, parseErr)
		target, parseErr = target.Parse(location)
		require.NoError(t, parseErr)
		require.Contains(t, err.Error(), "not followed to "+target.Scheme+"://"+target.Host+target.Path, name)
		require.NotContains(t, err.Error(), "secret", name)
		var apiErr *ldapi.GenericOpenAPIError
		require.True(t, errors.As(err, &apiErr), name)
		require.Equal(t, 1, apiErr.Attempts(), name)
		return
	}
	require.NoError(t, err, name)
	require.Len(t, arrived, 1, name)
	require.Equal(t, o.method, arrived[0].Method, name)
	require.Equal(t, ldapitest.AdminToken, arrived[0].Header.Get("Authorization"), name)
	require.Equal(t, o.hasBody() && o.id != "resetToken", bodies[0] != "", "the body goes along: "+name)
}

// TestRedirectFromLoopback: a plain-http test server must not pass the token on either.
func TestRedirectFromLoopback(t *testing.T) {
	t.Parallel()
	var other recorder
	elsewhere := httptest.NewServer(&other)
	t.Cleanup(elsewhere.Close)
	_, port, err := net.SplitHostPort(elsewhere.Listener.Addr().String())
	require.NoError(t, err)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		server := ldapitest.NewTestServer(t)
		for _, o := range operations() {
			server.Fail(ldapitest.Fault{Kind: ldapitest.FaultRedirect, Status: 308, Location: "http://" + net.JoinHostPort(host, port) + "/x"})
			_, err := o.call(t.Context(), server.Client())
			require.ErrorIs(t, err, ldapi.ErrRedirect, o.id)
		}
	}
	strayed, _ := other.take()
	require.Empty(t, strayed)
}
