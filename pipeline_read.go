package ldapi

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
)

// read takes in the whole body within its bounds, closes it, and leaves a response that the caller can read again.
func read(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		resp, err := next(c, req)
		if err != nil {
			return nil, err
		}
		return c.buffer(resp, req)
	}
}

// body is a response body in memory. Closing it goes back to its start, so that it can be read again.
type body struct {
	bytes.Reader
	data []byte
}

func newBody(data []byte) *body {
	b := &body{data: data}
	b.Reset(data)
	return b
}

// Close goes back to the start.
func (b *body) Close() error {
	b.Reset(b.data)
	return nil
}

// buffer replaces the body of resp by one in memory, and its request by one without credential. A response whose body
// broke off is none: it comes back as nil.
func (c *call) buffer(resp *http.Response, req *http.Request) (*http.Response, error) {
	if _, done := resp.Body.(*body); done {
		return resp, nil
	}
	resp.Request = withoutCredential(resp.Request, req)
	if resp.Body == nil {
		resp.Body = newBody(nil)
		return resp, nil
	}
	limit, hint := c.maxResponseBytes(), resp.ContentLength
	if c.op.Method == http.MethodHead {
		hint = 0 // the length is that of a body which does not come
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		limit = min(limit, maxErrorBytes)
		hint = min(hint, limit) // it is cut, not refused
	}
	data, tooLarge, err := readBounded(resp.Body, hint, limit)
	_ = resp.Body.Close()
	resp.Body = newBody(data)
	switch {
	case resp.StatusCode >= http.StatusMultipleChoices:
		return resp, nil // the status counts, whatever became of the body
	case err != nil:
		return nil, c.transportFailure(fmt.Errorf("the response broke off: %w", err), true)
	case tooLarge:
		return resp, c.newError(resp, nil, ErrResponseTooLarge, fmt.Sprintf("the body is larger than %d bytes", limit))
	}
	return resp, nil
}

func (c *call) maxResponseBytes() int64 {
	if n := c.cfg.settings.maxResponseBytes; n > 0 {
		return n
	}
	return defaultMaxResponseBytes
}

// readBounded reads at most limit bytes, and reports whether there are more. What was read is there beside an error.
func readBounded(r io.Reader, hint, limit int64) (data []byte, tooLarge bool, err error) {
	if hint > limit {
		return nil, true, nil
	}
	const firstChunk = 64 << 10
	most := min(limit, math.MaxInt64-1) + 1 // the byte beyond the limit says that there are more
	data = make([]byte, 0, min(max(hint+1, bytes.MinRead), firstChunk, most))
	for err == nil && int64(len(data)) < most {
		if len(data) == cap(data) {
			larger := make([]byte, len(data), min(2*int64(cap(data)), most))
			copy(larger, data)
			data = larger
		}
		var n int
		n, err = r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
	}
	if err == io.EOF {
		err = nil
	}
	if int64(len(data)) > limit {
		return data[:limit:limit], true, err
	}
	return data, false, err
}

// withoutCredential gives what may be shown of the request that a response answers: the request as it was before the
// credential was set, or, after a redirect, a copy without the credential.
func withoutCredential(sent, req *http.Request) *http.Request {
	if sent == nil || sent.Response == nil {
		return req
	}
	clean := *sent
	clean.Header = maps.Clone(sent.Header)
	clean.Header.Del("Authorization")
	clean.Header.Del("Cookie") // of a jar
	clean.Response = nil
	return &clean
}
