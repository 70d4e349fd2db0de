package ldapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// decodeModel decodes the body of a successful response. If a write fails after a success was
// received, it returns what was received along with the error, because it may contain a secret that
// cannot be read again. As the outermost step it also ensures that middleware cannot hide that the
// outcome is unknown.
func decodeModel(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		resp, err := next(c, req)
		if err == nil {
			return resp, c.accept(resp)
		}
		if kept := c.received.Load(); kept != nil {
			if resp == nil {
				resp = kept
			}
			if body := responseBytes(kept); c.into != nil && len(body) > 0 {
				_ = c.into(body, false) // as far as possible
			}
		}
		return resp, c.markUnknown(err)
	}
}

// accept decodes a successful response, and returns an error if it is not what the API description
// specifies. The 404 of a DELETE that an earlier attempt carried out is a success, whatever its
// body.
func (c *call) accept(resp *http.Response) error {
	if c.alreadyDeleted {
		return nil
	}
	var cause error
	reason := c.unexpected(resp)
	certain := reason == ""
	if c.into != nil {
		cause = c.into(responseBytes(resp), c.cfg.settings.strictDecoding)
		if cause != nil && reason == "" {
			reason = cause.Error() + encodingOf(resp)
			certain = isJSON(responseBytes(resp)) // else it may be the page of a proxy
		}
	}
	if reason == "" {
		return nil
	}
	kind := ErrDecode
	if errors.Is(cause, ErrResponseTooLarge) {
		kind = ErrResponseTooLarge
	}
	err := c.newError(resp, cause, kind, reason)
	if !certain {
		err = c.markUnknown(err)
	}
	return err
}

// unexpected returns why a response cannot be a success of the API, or "". Gateways and mocks
// answer 200 in place of 201 or 204; 206 and 207 mean that something is missing. A body that is not
// expected may be a JSON document. For [APIClient.Do] every 2xx status is a success, and the caller
// chooses out; without out, a request that changes something must not be answered with a page of
// HTML.
func (c *call) unexpected(resp *http.Response) string {
	described := c.op.success != 0
	if described && resp.StatusCode == c.op.success {
		return ""
	}
	if described && (resp.StatusCode == http.StatusPartialContent || resp.StatusCode == http.StatusMultiStatus) {
		return fmt.Sprintf("unexpected status, want %d", c.op.success)
	}
	if body := responseBytes(resp); c.into != nil || len(body) == 0 || isJSON(body) {
		return ""
	}
	content, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	content = strings.TrimSpace(content)
	reads := c.isIdempotent() && c.op.Method != http.MethodDelete
	switch {
	case !described && (reads || !strings.EqualFold(content, "text/html")):
		return ""
	case content == "":
		return "unexpected body, want none"
	}
	return "unexpected body of type " + content + ", want none"
}

// encodingOf returns a remark for error texts if the body of resp is still compressed, or "".
// net/http decompresses only what it requested itself.
func encodingOf(resp *http.Response) string {
	encoding := resp.Header.Get("Content-Encoding")
	switch {
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return "; its Content-Encoding is " + encoding
	case bytes.HasPrefix(responseBytes(resp), []byte{0x1f, 0x8b}):
		return "; it is compressed with gzip, and has no Content-Encoding"
	}
	return ""
}

// isJSON reports whether a body is JSON, or the beginning of an object.
func isJSON(body []byte) bool {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF")))
	return bytes.HasPrefix(body, []byte("{")) || json.Valid(body)
}

// responseBytes returns the body of a response that readBody has read.
func responseBytes(resp *http.Response) []byte {
	if b, ok := resp.Body.(*bufferedBody); ok {
		return b.data
	}
	return nil
}
