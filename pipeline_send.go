package ldapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"

	"github.com/ldapi-go/ldapi/internal/wire"
)

const (
	maxRedirects = 10 // requests, the first included
	maxSends     = 3  // of a request that only reads or deletes, within an attempt
)

// sendRequest passes the request to net/http, with the deadline of an attempt, which ends when the
// body is closed.
func sendRequest(c *call, req *http.Request) (*http.Response, error) {
	whole := req.Context()
	if err := whole.Err(); err != nil {
		return nil, c.failure(err) // not every transport looks
	}
	timeout := c.timeout()
	ctx, cancel := withTimeout(whole, timeout)
	seen, trace := c.watch(cancel)
	resp, err := c.exchange(req.WithContext(httptrace.WithClientTrace(ctx, trace)), seen)
	if err != nil {
		if seen.Stopped() { // err is that of our own cancellation
			err = errConnectionFailed
		}
		err = c.withoutSecret(err) // net/http repeats lines of the response
		err = c.transportFailure(explainTimeout(err, ctx, whole, timeout), req, seen.MaySent(err))
		cancel()
		return nil, err
	}
	resp.Body = &timedBody{ReadCloser: resp.Body, cancel: cancel, attempt: ctx, whole: whole, timeout: timeout}
	return resp, nil
}

// watch returns the hooks that observe an attempt and limit how often net/http sends it.
func (c *call) watch(cancel func()) (*wire.Sighting, *httptrace.ClientTrace) {
	switch {
	case !c.isIdempotent():
		seen := wire.NewSighting(1, cancel)
		return seen, seen.Trace()
	case c.op.Method == http.MethodDelete: // whether it may have been sent decides what a later 404 means
		seen := wire.NewSighting(maxSends, cancel)
		return seen, seen.Trace()
	default:
		seen := wire.NewSighting(maxSends, cancel)
		return seen, seen.TraceSends()
	}
}

var errConnectionFailed = errors.New("the connection failed after the request was sent")

// exchange sends req and follows redirects.
func (c *call) exchange(req *http.Request, seen *wire.Sighting) (*http.Response, error) {
	base := c.httpClient()
	client := *base
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	var via []*http.Request
	for {
		resp, err := client.Do(c.sentOnce(req, client.Jar != nil))
		if err != nil {
			return nil, err
		}
		next := redirected(resp, req, via)
		if next == nil {
			return resp, nil
		}
		via = append(via, req)
		if check := base.CheckRedirect; check != nil {
			switch err := check(next, via); {
			case err == http.ErrUseLastResponse:
				return resp, nil
			case err != nil:
				_ = resp.Body.Close()
				return nil, err
			}
		}
		_, _ = io.CopyN(io.Discard, resp.Body, maxDrained) // the connection can be used again
		_ = resp.Body.Close()
		seen.Restart()
		req = next
	}
}

const maxDrained = 2 << 10 // bytes of the body of a redirect

// sentOnce returns req as net/http gets it. The body of a POST, PATCH or PUT cannot be rewound, so
// that net/http cannot send it twice. If there is a cookie jar, which adds headers, the headers are
// copied.
func (c *call) sentOnce(req *http.Request, jar bool) *http.Request {
	if (c.isIdempotent() || req.GetBody == nil) && !jar {
		return req
	}
	sent := *req
	if jar {
		sent.Header = maps.Clone(req.Header)
	}
	if !c.isIdempotent() {
		sent.GetBody = nil
	}
	return &sent
}

// redirected returns the request that follows a redirect, or nil if the redirect is not followed.
// Only 307 and 308 to the same origin are, which repeat the request unchanged.
func redirected(resp *http.Response, req *http.Request, via []*http.Request) *http.Request {
	if resp.StatusCode != http.StatusTemporaryRedirect && resp.StatusCode != http.StatusPermanentRedirect {
		return nil
	}
	location := resp.Header.Get("Location")
	target, err := req.URL.Parse(location)
	if err != nil || location == "" || len(via)+1 >= maxRedirects || !wire.SameOrigin(target, req.URL) || !replayable(req) {
		return nil
	}
	next := *req
	target.Host = req.URL.Host // it is the same, but a proxy may be chosen by its spelling
	next.URL, next.Response = target, resp
	if strings.Contains(location, "//") {
		next.Host = "" // an absolute URL: the host is the URL's
	}
	if req.GetBody != nil {
		if next.Body, err = req.GetBody(); err != nil {
			return nil
		}
	}
	return &next
}

func withTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout > 0 {
		return context.WithTimeout(ctx, timeout)
	}
	return context.WithCancel(ctx)
}

// timeout returns how long an attempt may take, or 0 for no limit.
func (c *call) timeout() time.Duration {
	switch t := c.cfg.settings.timeout; {
	case t == 0:
		return defaultTimeout
	case t < 0:
		return 0
	default:
		return t
	}
}

// explainTimeout marks err if it is due to the deadline of the attempt, not to that of the caller
// or its middleware.
func explainTimeout(err error, attempt, whole context.Context, timeout time.Duration) error {
	if errors.Is(attempt.Err(), context.DeadlineExceeded) && whole.Err() == nil {
		return fmt.Errorf("attempt timed out after %v: %w", timeout, err)
	}
	return err
}

// timedBody is a response body that ends the attempt's deadline when it is closed, and explains
// read errors that are due to it.
type timedBody struct {
	io.ReadCloser
	cancel         context.CancelFunc
	attempt, whole context.Context
	timeout        time.Duration
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = explainTimeout(err, b.attempt, b.whole, b.timeout)
	}
	return n, err
}

func (b *timedBody) Close() error {
	err := b.ReadCloser.Close()
	b.cancel()
	return err
}

// httpClient returns the client that sends the call. It is looked up for each request, because the
// caller (and httpmock) may replace the transport of http.DefaultClient between calls.
func (c *call) httpClient() *http.Client {
	base := cmp.Or(c.cfg.HTTPClient, c.cfg.settings.sdkClient)
	if base == nil || base == c.cfg.settings.sdkClient && c.cfg.settings.transport == nil {
		return http.DefaultClient
	}
	return base
}
