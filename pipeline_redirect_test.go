package ldapi

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeJar is a cookie jar with one cookie for every host.
type fakeJar struct{}

func (fakeJar) SetCookies(*url.URL, []*http.Cookie) {}

func (fakeJar) Cookies(*url.URL) []*http.Cookie { return []*http.Cookie{{Name: "session", Value: "1"}} }

// redirecting answers the first request with a redirect and all later ones with 200. It records its requests.
type redirecting struct {
	status   int
	location string
	forever  bool
	urls     []string
	bodies   []string
	auth     []string
}

func (r *redirecting) RoundTrip(req *http.Request) (*http.Response, error) {
	r.urls = append(r.urls, req.URL.String())
	r.auth = append(r.auth, req.Header.Get("Authorization"))
	if req.Body != nil {
		b, _ := io.ReadAll(req.Body)
		r.bodies = append(r.bodies, string(b))
	}
	if len(r.urls) > 1 && !r.forever {
		resp, _ := newFakeResponse(200, "{}")
		resp.Request = req
		return resp, nil
	}
	resp, _ := newFakeResponse(r.status, "")
	resp.Request = req
	if r.location != "" {
		resp.Header.Set("Location", r.location)
	}
	return resp, nil
}

// sendRedirected sends a request with a credential through r.
func sendRedirected(t *testing.T, r http.RoundTripper, method, target string, client *http.Client) (*http.Response, error) {
	t.Helper()
	c := newFakeCall(t)
	c.cfg.HTTPClient = client
	client.Transport = r
	var body io.Reader
	if method == http.MethodPost || method == http.MethodPatch {
		body = strings.NewReader(`{"replayed":true}`)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, target, body)
	require.NoError(t, err)
	req.Header.Set("Authorization", fakeToken)
	return sendRequest(c, req)
}

// redirectTargets are where a redirect from https://ld.example.com/a may lead, and whether that is the same origin.
var redirectTargets = map[string]bool{
	"/b":                            true,
	"b?c=d":                         true,
	"https://ld.example.com/b":      true,
	"https://LD.example.com:443/b":  true,
	"https://ld.example.com:8443/b": false,
	"https://other.example.com/b":   false,
	"//other.example.com/b":         false,
	"https://x.ld.example.com/b":    false,
	"https://example.com/b":         false,
	"http://ld.example.com/b":       false,
	"http://ld.example.com:443/b":   false,
}

// TestRedirectMatrix: only 307 and 308 to the same origin are followed, and no other host receives anything.
func TestRedirectMatrix(t *testing.T) {
	t.Parallel()
	const start = "https://ld.example.com/a"
	for _, status := range []int{301, 302, 303, 307, 308} {
		for location, same := range redirectTargets {
			for _, method := range []string{"GET", "DELETE", "POST", "PATCH"} {
				r := &redirecting{status: status, location: location}
				resp, err := sendRedirected(t, r, method, start, &http.Client{})
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				if !same || status < 307 {
					require.Equal(t, []string{start}, r.urls, "%d %s", status, location)
					require.Equal(t, status, resp.StatusCode)
					require.ErrorIs(t, newFakeCall(t).statusError(resp), ErrRedirect)
					continue
				}
				require.Equal(t, 200, resp.StatusCode, "%d %s", status, location)
				require.Len(t, r.urls, 2)
				require.Equal(t, []string{fakeToken, fakeToken}, r.auth, "%d %s", status, location)
				if len(r.bodies) > 0 {
					require.Equal(t, []string{`{"replayed":true}`, `{"replayed":true}`}, r.bodies)
				}
			}
		}
	}
}

func TestRedirectFromCleartext(t *testing.T) {
	t.Parallel()
	for location, same := range map[string]bool{
		"http://127.0.0.1/b": true, "http://127.0.0.1:80/b": true, "https://127.0.0.1/b": false, "http://127.0.0.1:81/b": false,
		"http://[::1]/b": false, "http://localhost/b": false,
	} {
		r := &redirecting{status: 307, location: location}
		resp, err := sendRedirected(t, r, "GET", "http://127.0.0.1/a", &http.Client{})
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, same, len(r.urls) == 2, location)
	}
}

func TestRedirectWithoutTarget(t *testing.T) {
	t.Parallel()
	for _, status := range []int{300, 301, 302, 303, 305, 307, 308} {
		resp, err := sendRedirected(t, &redirecting{status: status}, "GET", fakeURL, &http.Client{})
		require.NoError(t, err, status)
		require.Equal(t, status, resp.StatusCode)
		require.NoError(t, resp.Body.Close())
		require.ErrorIs(t, newFakeCall(t).statusError(resp), ErrRedirect, status)
	}
}

// TestRedirectLoop: at most ten requests.
func TestRedirectLoop(t *testing.T) {
	t.Parallel()
	r := &redirecting{status: 308, location: "/again", forever: true}
	resp, err := sendRedirected(t, r, "GET", fakeURL, &http.Client{})
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 308, resp.StatusCode)
	require.Len(t, r.urls, maxRedirects)
	require.ErrorIs(t, newFakeCall(t).statusError(resp), ErrRedirect)
}

// TestRedirectAsksTheCallerSecond: the caller's CheckRedirect sees only what our policy allows, and may refuse it.
func TestRedirectAsksTheCallerSecond(t *testing.T) {
	t.Parallel()
	refusal := errors.New("the caller refuses")
	for name, tc := range map[string]struct {
		location string
		answer   error
		asked    int
		status   int
		err      error
	}{
		"not allowed":              {"https://other.example.com/", nil, 0, 307, nil},
		"allowed":                  {"/b", nil, 1, 200, nil},
		"refused by the caller":    {"/b", refusal, 1, 0, refusal},
		"not wanted by the caller": {"/b", http.ErrUseLastResponse, 1, 307, nil},
	} {
		asked := 0
		own := &http.Client{CheckRedirect: func(req *http.Request, via []*http.Request) error {
			asked++
			require.Equal(t, "/b", req.URL.Path, name)
			require.Len(t, via, 1, name)
			return tc.answer
		}}
		resp, err := sendRedirected(t, &redirecting{status: 307, location: tc.location}, "GET", fakeURL, own)
		require.Equal(t, tc.asked, asked, name)
		if tc.err != nil {
			require.ErrorIs(t, err, tc.err, name)
			require.Nil(t, resp, name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, tc.status, resp.StatusCode, name)
		require.NoError(t, resp.Body.Close())
	}
}

// TestRedirectedResponseShowsNoCredential: through all steps from credentials to read, cookies of a jar included.
func TestRedirectedResponseShowsNoCredential(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"/b", ""} {
		status := 307
		if location == "" {
			status = 200
		}
		c := newFakeCall(t, WithHTTPClient(&http.Client{Transport: &redirecting{status: status, location: location}, Jar: fakeJar{}}))
		c.authorization = newSecret(fakeToken)
		resp, err := readBody(setAuthorization(sendRequest))(c, newFakeRequest(t, t.Context(), fakeURL))
		require.NoError(t, err)
		require.Equal(t, 200, resp.StatusCode)
		require.Empty(t, resp.Request.Header["Authorization"])
		require.Empty(t, resp.Request.Header["Cookie"], "the jar's cookies are credentials too")
		require.Nil(t, resp.Request.Response)
		require.Equal(t, location == "/b", resp.Request.URL.Path == "/b", "the request that was answered")
	}
}
