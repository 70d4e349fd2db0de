// Package ldapi_test proves what users see of package ldapi: its public API on one side, HTTP on the other. What goes
// over the wire is written out literally here, never produced by the SDK's own models.
package ldapi_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// Made-up values of the tests.
const (
	accessToken = "api-7d1b2c3a-5e6f-4a8b-9c0d-1e2f3a4b5c6d"
	otherToken  = "api-2f9c81d0-44aa-4be1-8a57-c0ffee00beef"
	tokenID     = "66a0b1c2d3e4f50617283940"
	memberID    = "64b7f0c2a91e3d5f08c41a12"
	correlation = "3f0c7b1e-8c55-4a0e-9a55-2f7de0b1c9aa"
	userAgent   = "ldapi-go/" + ldapi.Version
)

// sent is a request as the transport received it.
type sent struct {
	*http.Request
	body []byte
}

// wire is a mocked transport that records its requests.
type wire struct {
	*httpmock.MockTransport
	mu       sync.Mutex
	requests []sent
}

// newWire answers every request with the responder.
func newWire(answer httpmock.Responder) *wire {
	w := &wire{MockTransport: httpmock.NewMockTransport()}
	w.RegisterNoResponder(answer)
	return w
}

// RoundTrip records the request and passes it to httpmock.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	s := sent{Request: req.Clone(req.Context())}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		if err := req.Body.Close(); err != nil {
			return nil, err
		}
		s.body = body
	}
	w.mu.Lock()
	w.requests = append(w.requests, s)
	w.mu.Unlock()
	return w.MockTransport.RoundTrip(req)
}

// only returns the one request that was sent.
func (w *wire) only(t *testing.T) sent {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	require.Len(t, w.requests, 1, "requests sent")
	return w.requests[0]
}

// nothing asserts that no request was sent.
func (w *wire) nothing(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	require.Empty(t, w.requests, "requests sent")
}

// newClient returns a client with an access token whose requests go through w. The http.Client is the caller's, so nothing
// is retried.
func newClient(w *wire, opts ...ldapi.Option) *ldapi.APIClient {
	own := ldapi.WithHTTPClient(&http.Client{Transport: w})
	return ldapi.New(append([]ldapi.Option{ldapi.WithAccessToken(accessToken), own}, opts...)...)
}

// respond answers with a status, a body and JSON as its content type.
func respond(status int, body string) httpmock.Responder {
	return httpmock.NewStringResponder(status, body).HeaderSet(http.Header{"Content-Type": {"application/json"}})
}

// refuseToAnswer fails like a broken connection.
func refuseToAnswer(cause error) httpmock.Responder { return httpmock.NewErrorResponder(cause) }

// answering returns a client whose calls are answered with status and body, and the wire to look at.
func answering(status int, body string, opts ...ldapi.Option) (*ldapi.APIClient, *wire) {
	w := newWire(respond(status, body))
	return newClient(w, opts...), w
}

// payload returns an example document of the API.
func payload(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("../testdata/payloads/" + name + ".json")
	require.NoError(t, err)
	return string(b)
}

// getToken makes the simplest call.
func getToken(ctx context.Context, c *ldapi.APIClient) (*ldapi.Token, *http.Response, error) {
	return c.AccessTokensApi.GetToken(ctx, tokenID).Execute()
}

// apiError asserts that err is dynamically the error of an API call.
func apiError(t *testing.T, err error) *ldapi.GenericOpenAPIError {
	t.Helper()
	e, ok := err.(*ldapi.GenericOpenAPIError)
	require.True(t, ok, "want *GenericOpenAPIError, got %T: %v", err, err)
	return e
}

// argumentError asserts that err is an argument error.
func argumentError(t *testing.T, err error) *ldapi.ArgumentError {
	t.Helper()
	e, ok := err.(*ldapi.ArgumentError)
	require.True(t, ok, "want *ArgumentError, got %T: %v", err, err)
	return e
}

// readAll reads a response's body to its end and closes it.
func readAll(t *testing.T, resp *http.Response) string {
	t.Helper()
	require.NotNil(t, resp)
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return string(b)
}
