package ldapi

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeToken is a made-up credential.
const fakeToken = "api-00000000-1111-4222-8333-444455556666"

// newFakeCall returns a call of getToken by a client with opts, as the first step of the pipeline gets it.
func newFakeCall(t testing.TB, opts ...Option) *call {
	t.Helper()
	c := New(opts...)
	return c.newCall(t.Context(), &getTokenOperation)
}

// newFakeRequest returns a request as build makes it.
func newFakeRequest(t testing.TB, ctx context.Context, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	return req
}

// fakeStep is the step after the one under test: it records its requests, and answers as configured.
type fakeStep struct {
	resp  *http.Response
	err   error
	calls []*http.Request
}

func (s *fakeStep) handle(_ *call, req *http.Request) (*http.Response, error) {
	s.calls = append(s.calls, req)
	return s.resp, s.err
}

// fakeTransport is an http.RoundTripper in a function.
type fakeTransport func(req *http.Request) (*http.Response, error)

func (f fakeTransport) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// fakeBody is a response body that counts the bytes read and how often it is closed. err replaces io.EOF.
type fakeBody struct {
	from   io.Reader
	err    error
	read   int64
	closed int
}

func (b *fakeBody) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.read += int64(n)
	if err == io.EOF && b.err != nil {
		err = b.err
	}
	return n, err
}

func (b *fakeBody) Close() error {
	b.closed++
	return nil
}

// newFakeResponse returns a response as net/http does: with a body that is read as it comes.
func newFakeResponse(status int, body string) (*http.Response, *fakeBody) {
	b := &fakeBody{from: strings.NewReader(body)}
	return &http.Response{
		Status: statusText(&http.Response{StatusCode: status}), StatusCode: status, Header: http.Header{},
		Body: b, ContentLength: int64(len(body)),
	}, b
}

// newBufferedResponse returns a response as read leaves it.
func newBufferedResponse(status int, body string) *http.Response {
	resp, _ := newFakeResponse(status, body)
	resp.Body = newBody([]byte(body))
	return resp
}

// answering is the transport that answers every request with the same status and body.
func answering(status int, body string) fakeTransport {
	return func(req *http.Request) (*http.Response, error) {
		resp, _ := newFakeResponse(status, body)
		resp.Request = req
		return resp, nil
	}
}

// requireArgumentError returns err as the refusal that it must be.
func requireArgumentError(t *testing.T, err error) *ArgumentError {
	t.Helper()
	var refused *ArgumentError
	require.ErrorAs(t, err, &refused)
	return refused
}

// requireAPIError returns err as the GenericOpenAPIError that it must be.
func requireAPIError(t *testing.T, err error) *GenericOpenAPIError {
	t.Helper()
	apiErr, ok := err.(*GenericOpenAPIError)
	require.True(t, ok, "%T: %v", err, err)
	return apiErr
}

// readAll returns the rest of a body.
func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(b)
}

// sentinels are those of the statuses and of the kinds, every one of which a test of another must not find.
var sentinels = []error{
	ErrInvalidRequest, ErrUnauthorized, ErrForbidden, ErrNotFound, ErrConflict, ErrPatchFailed, ErrRateLimited, ErrServer,
	ErrDecode, ErrResponseTooLarge, ErrInsecureURL, ErrRedirect,
	ErrEmailAlreadyInAccount, ErrEmailInOtherAccount, ErrDuplicateEmails, ErrSeatLimit, ErrInviteLimit,
}

// counted replaces pace, which counts the attempts that it admits.
func counted(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		c.attempts++
		return next(c, req)
	}
}

// requireIdle fails if an attempt of the client is still counted as in flight: a limit of one would then hold back the next.
func requireIdle(t *testing.T, client *APIClient) {
	t.Helper()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.brake.Acquire(over, nil, 1, 0)
	require.NoError(t, err)
	client.brake.Release(nil)
}
