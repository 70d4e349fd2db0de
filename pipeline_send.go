package ldapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const maxRedirects = 10

// send hands the request to net/http, with the deadline of an attempt. The deadline ends when the body is closed.
func send(c *call, req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, c.failure(err) // not every transport looks
	}
	ctx, cancel := req.Context(), context.CancelFunc(func() {})
	timeout := c.timeout()
	if timeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, timeout)
		req = req.WithContext(ctx)
	}
	client := c.httpClient()
	resp, err := client.Do(req)
	if err != nil {
		err = c.failure(explainTimeout(err, ctx, c.ctx, timeout))
		cancel()
		return nil, err
	}
	resp.Body = &timedBody{ReadCloser: resp.Body, cancel: cancel, explain: func(err error) error {
		return explainTimeout(err, ctx, c.ctx, timeout)
	}}
	return resp, nil
}

// timeout is how long an attempt may take; 0 for any time.
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

// explainTimeout tells the deadline of the attempt from the caller's.
func explainTimeout(err error, attempt, whole context.Context, timeout time.Duration) error {
	if errors.Is(attempt.Err(), context.DeadlineExceeded) && whole.Err() == nil {
		return fmt.Errorf("no complete answer within %v, the time of one attempt: %w", timeout, err)
	}
	return err
}

// timedBody is a response body that ends the attempt's deadline when it is closed, and says when that cut it off.
type timedBody struct {
	io.ReadCloser
	cancel  context.CancelFunc
	explain func(err error) error
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = b.explain(err)
	}
	return n, err
}

func (b *timedBody) Close() error {
	err := b.ReadCloser.Close()
	b.cancel()
	return err
}

// httpClient gives a copy of the client that sends the call, with our redirect policy. It is made anew for each request,
// because the caller (and httpmock) may change the original, or http.DefaultClient, at any time between calls.
func (c *call) httpClient() *http.Client {
	base := c.cfg.HTTPClient
	if base == nil || base == c.cfg.settings.filled && c.cfg.settings.transport == nil {
		base = http.DefaultClient
	}
	client := *base
	client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if !mayFollow(req, via) {
			return http.ErrUseLastResponse // checkStatus makes an ErrRedirect of it
		}
		if base.CheckRedirect != nil {
			return base.CheckRedirect(req, via)
		}
		return nil
	}
	return &client
}

// mayFollow allows redirects that repeat the request as it is, at the origin that it was meant for.
func mayFollow(req *http.Request, via []*http.Request) bool {
	status := req.Response.StatusCode
	if status != http.StatusTemporaryRedirect && status != http.StatusPermanentRedirect {
		return false
	}
	return len(via) < maxRedirects && sameOrigin(req.URL, via[0].URL)
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}
