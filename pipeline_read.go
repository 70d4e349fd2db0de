package ldapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
)

// readBody reads the body up to its limit, closes it, and replaces it by one that the caller can
// read again. It records the outcome, because middleware may replace the response or the error.
func readBody(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		c.underWay.Add(1)
		answer, err := next(c, req)
		resp := answer
		if err == nil {
			resp, err = c.buffer(answer, req)
		}
		c.record(answer, err)
		c.underWay.Add(-1) // not after a panic: a request that was not followed to its end stays in doubt
		return resp, err
	}
}

// record notes whether the server may have applied the request, and keeps the success of a write,
// complete or not. It keeps a copy, because middleware may change the response.
func (c *call) record(resp *http.Response, err error) {
	var failed *callError
	if resp != nil && c.isRejection(resp) {
		return
	}
	if resp == nil && errors.As(err, &failed) && failed.sent || resp != nil && mayHaveRun(resp.StatusCode) {
		c.uncertain.Store(true)
	}
	if resp != nil && isSuccess(resp.StatusCode) && !c.isIdempotent() {
		kept := *resp
		c.received.Store(&kept)
	}
}

func isSuccess(status int) bool {
	return status >= http.StatusOK && status < http.StatusMultipleChoices
}

// mayHaveRun reports whether a server that answers with status may have applied the request.
func mayHaveRun(status int) bool {
	switch status {
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported, http.StatusNetworkAuthenticationRequired:
		return false
	}
	return status < http.StatusMultipleChoices || status == http.StatusRequestTimeout || status >= http.StatusInternalServerError
}

// bufferedBody is a response body in memory. Closing it rewinds it, so that it can be read again.
type bufferedBody struct {
	bytes.Reader
	data []byte
}

func newBody(data []byte) *bufferedBody {
	b := &bufferedBody{data: data}
	b.Reset(data)
	return b
}

// Close goes back to the start.
func (b *bufferedBody) Close() error {
	b.Reset(b.data)
	return nil
}

// buffer replaces the body of resp by one in memory, and its request by one without credential. If
// the body of a success breaks off, it returns nil; resp then holds what was read.
func (c *call) buffer(resp *http.Response, req *http.Request) (*http.Response, error) {
	if _, done := resp.Body.(*bufferedBody); done {
		return resp, nil
	}
	resp.Request = withoutCredential(resp.Request, req)
	if resp.Body == nil || resp.StatusCode < http.StatusOK { // the latter's body is the connection, which may not end
		if resp.Body != nil {
			_ = resp.Body.Close()
		}
		resp.Body = newBody(nil)
		return resp, nil
	}
	limit, hint := c.maxResponseBytes(), resp.ContentLength
	if c.op.Method == http.MethodHead {
		hint = 0 // the length is that of a body which does not come
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		limit = min(limit, maxErrorBytes)
	}
	if resp.StatusCode >= http.StatusMultipleChoices || !c.isIdempotent() {
		hint = min(hint, limit) // it is cut, not refused: a secret may be in what comes first
	}
	data, tooLarge, err := readBounded(resp.Body, hint, limit)
	_ = resp.Body.Close()
	resp.Body = newBody(data)
	switch {
	case resp.StatusCode >= http.StatusMultipleChoices:
		return resp, nil // the status counts, whatever became of the body
	case err != nil:
		return nil, c.transportFailure(fmt.Errorf("response body broke off: %w", err), req, true)
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

// readBounded reads at most limit bytes, and reports whether there are more. What was read is
// returned along with an error.
func readBounded(r io.Reader, hint, limit int64) (data []byte, tooLarge bool, err error) {
	if hint > limit {
		return nil, true, nil
	}
	const firstChunk = 64 << 10
	most := min(limit, math.MaxInt64-1) + 1 // the byte beyond the limit shows that there are more
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

// withoutCredential returns the request of a response as callers may see it: as it was before the
// credential was set or, after a redirect, a copy without the credential.
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
