package ldapi

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// readBy runs read over resp with a limit, 0 for the default.
func readBy(t *testing.T, limit int64, resp *http.Response) (*http.Response, error) {
	t.Helper()
	c := newFakeCall(t)
	c.cfg.settings.maxResponseBytes = limit
	next := fakeStep{resp: resp}
	return readBody(next.handle)(c, newFakeRequest(t, t.Context(), fakeURL))
}

// TestReadBounds: a body within the limit is read, a larger one is refused, with or without a Content-Length.
func TestReadBounds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		size     int
		length   int64 // reported by the response
		limit    int64
		tooLarge bool
		kept     int
	}{
		{"empty", 0, 0, 10, false, 0},
		{"below", 9, 9, 10, false, 9},
		{"at the limit", 10, 10, 10, false, 10},
		{"at the limit, length unknown", 10, -1, 10, false, 10},
		{"beyond", 11, 11, 10, true, 0},
		{"beyond, length unknown", 11, -1, 10, true, 10},
		{"beyond, length too small", 11, 5, 10, true, 10},
		{"length too large", 5, 9, 10, false, 5},
		{"one byte", 2, -1, 1, true, 1},
		{"largest limit", 100, -1, math.MaxInt64, false, 100},
		{"default limit", 1 << 20, -1, 0, false, 1 << 20},
		{"default limit, beyond", 1, 16<<20 + 1, 0, true, 0},
	} {
		resp, body := newFakeResponse(200, strings.Repeat("x", tc.size))
		resp.ContentLength = tc.length
		got, err := readBy(t, tc.limit, resp)
		require.Equal(t, 1, body.closed, tc.name)
		require.Equal(t, tc.tooLarge, errors.Is(err, ErrResponseTooLarge), "%s: %v", tc.name, err)
		require.Equal(t, tc.tooLarge, err != nil, tc.name)
		require.Len(t, responseBytes(got), tc.kept, tc.name)
		if tc.tooLarge {
			require.Contains(t, err.Error(), "200 OK: the body is larger than ", tc.name)
			require.NotErrorIs(t, err, ErrDecode)
		}
	}
}

// TestReadCutsErrorBodies: at 1 MiB or the limit; the status counts.
func TestReadCutsErrorBodies(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		size, length, limit int64
		kept                int
	}{
		{10, 10, 0, 10},
		{maxErrorBytes, maxErrorBytes, 0, maxErrorBytes},
		{maxErrorBytes + 1, maxErrorBytes + 1, 0, maxErrorBytes},
		{3 * maxErrorBytes, -1, 0, maxErrorBytes},
		{3 * maxErrorBytes, 3 * maxErrorBytes, 32 << 20, maxErrorBytes},
		{100, 100, 10, 10},
		{100, -1, 10, 10},
	} {
		for _, status := range []int{302, 404, 500} {
			resp, body := newFakeResponse(status, strings.Repeat("x", int(tc.size)))
			resp.ContentLength = tc.length
			got, err := readBy(t, tc.limit, resp)
			require.NoError(t, err)
			require.Len(t, responseBytes(got), tc.kept, "%+v", tc)
			require.Equal(t, 1, body.closed)
			require.LessOrEqual(t, body.read, int64(tc.kept)+1)
		}
	}
}

// endless returns zeros forever.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestReadTakesLittleMemory is not parallel, because it measures what the whole program allocates.
func TestReadTakesLittleMemory(t *testing.T) {
	for _, tc := range []struct {
		name   string
		from   io.Reader
		status int
		length int64
		limit  int64
		most   uint64
	}{
		{"endless", endless{}, 200, -1, 0, 64 << 20},
		{"endless error", endless{}, 500, -1, 0, 6 << 20},
		{"endless, below a small limit", endless{}, 200, -1, 1 << 20, 6 << 20},
		{"a length that is not kept", strings.NewReader("short"), 200, 15 << 20, 0, 1 << 20},
		{"a length beyond the limit", endless{}, 200, 1 << 40, 0, 1 << 20},
	} {
		body := &fakeBody{from: tc.from}
		resp := &http.Response{StatusCode: tc.status, Header: http.Header{}, Body: body, ContentLength: tc.length}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = readBy(t, tc.limit, resp)
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, tc.most, tc.name)
		require.Equal(t, 1, body.closed, tc.name)
	}
}

func TestReadLeavesABodyThatCanBeReadAgain(t *testing.T) {
	t.Parallel()
	source, _ := newFakeResponse(200, "again and again")
	resp, err := readBy(t, 0, source)
	require.NoError(t, err)
	require.Equal(t, "again and again", readAll(t, resp.Body))
	require.Empty(t, readAll(t, resp.Body))
	require.NoError(t, resp.Body.Close())
	_, err = io.ReadFull(resp.Body, make([]byte, 5))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.NoError(t, resp.Body.Close())
	require.Equal(t, "again and again", readAll(t, resp.Body), "closing goes back to the start")

	buffered := resp.Body
	again, err := readBy(t, 1, resp)
	require.NoError(t, err)
	require.Same(t, buffered, again.Body, "a body that was read is left alone")
}

// TestReadBrokenBodies: a success that breaks off is an error; of an error response the status counts.
func TestReadBrokenBodies(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 204, 302, 400, 503} {
		body := &fakeBody{from: strings.NewReader("half"), err: io.ErrUnexpectedEOF}
		resp, err := readBy(t, 0, &http.Response{StatusCode: status, Header: http.Header{}, Body: body, ContentLength: 8})
		require.Equal(t, 1, body.closed)
		if status < 300 {
			require.Nil(t, resp)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.EqualError(t, err, "ldapi: getToken GET /api/v2/tokens/{id} at ld.example.com: response body broke off: unexpected EOF")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, "half", string(responseBytes(resp)), "the part that arrived")
	}
}

func TestReadWithoutBody(t *testing.T) {
	t.Parallel()
	resp, err := readBy(t, 0, &http.Response{StatusCode: 204})
	require.NoError(t, err)
	require.Empty(t, readAll(t, resp.Body))
	require.NotNil(t, resp.Request)
}

// TestReadHead: the response to HEAD reports the length of a body that is not sent.
func TestReadHead(t *testing.T) {
	t.Parallel()
	c := newFakeCall(t)
	c.op = &operation{Operation: Operation{ID: "do", Method: http.MethodHead}}
	next := fakeStep{resp: &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, ContentLength: 1 << 40}}
	resp, err := readBody(next.handle)(c, newFakeRequest(t, t.Context(), fakeURL))
	require.NoError(t, err)
	require.Empty(t, readAll(t, resp.Body))
	require.Equal(t, int64(1<<40), resp.ContentLength, "as reported")
}

func TestReadPassesFailuresOn(t *testing.T) {
	t.Parallel()
	next := fakeStep{err: errors.New("from below")}
	resp, err := readBody(next.handle)(newFakeCall(t), nil)
	require.Nil(t, resp)
	require.Same(t, next.err, err)
}

func TestReadShowsTheRequestWithoutCredential(t *testing.T) {
	t.Parallel()
	req := newFakeRequest(t, t.Context(), fakeURL)
	sent := req.Clone(t.Context())
	sent.Header = http.Header{"Authorization": {fakeToken}, "Cookie": {"session=1"}, "X-Own": {"1"}}
	require.Same(t, req, withoutCredential(nil, req), "a transport that does not report it")
	require.Same(t, req, withoutCredential(sent, req), "the usual case")

	sent.Response = &http.Response{StatusCode: 307}
	shown := withoutCredential(sent, req)
	require.Equal(t, http.Header{"X-Own": {"1"}}, shown.Header)
	require.Nil(t, shown.Response, "which leads to the request before")
	require.Equal(t, fakeToken, sent.Header.Get("Authorization"), "a copy")
}

func TestReadBoundedHint(t *testing.T) {
	t.Parallel()
	for _, hint := range []int64{-1, 0, 1, 5, 64 << 10} {
		data, tooLarge, err := readBounded(bytes.NewReader([]byte("12345")), hint, 64<<10)
		require.NoError(t, err)
		require.False(t, tooLarge)
		require.Equal(t, "12345", string(data), hint)
	}
}
