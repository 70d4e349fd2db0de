package ldapi

import (
	"bytes"
	"fmt"
	"io"
	"maps"
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
	limit := c.maxResponseBytes()
	if resp.StatusCode >= http.StatusMultipleChoices {
		limit = min(limit, maxErrorBytes)
	}
	data, tooLarge, err := readBounded(resp.Body, resp.ContentLength, limit)
	_ = resp.Body.Close()
	resp.Body = newBody(data)
	switch {
	case resp.StatusCode >= http.StatusMultipleChoices:
		return resp, nil // the status counts, whatever became of the body
	case err != nil:
		return nil, c.failure(fmt.Errorf("the response broke off: %w", err))
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
	buf := bytes.NewBuffer(make([]byte, 0, min(max(hint, 0)+bytes.MinRead, firstChunk)))
	_, err = buf.ReadFrom(io.LimitReader(r, limit+1))
	if int64(buf.Len()) > limit {
		return buf.Bytes()[:limit:limit], true, err
	}
	return buf.Bytes(), false, err
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
	clean.Response = nil
	return &clean
}
