package ldapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/ldapi-go/ldapi/internal/wire"
)

const maxRedirects = 10

// send hands the request to net/http, with the deadline of an attempt. The deadline ends when the body is closed.
func send(c *call, req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, c.failure(err) // not every transport looks
	}
	whole := req.Context()
	ctx, cancel := whole, context.CancelFunc(func() {})
	timeout := c.timeout()
	if timeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, timeout)
	}
	var seen *wire.Sighting
	if c.op.Method != http.MethodGet { // a GET may be repeated whatever became of it
		seen = new(wire.Sighting)
		ctx = httptrace.WithClientTrace(ctx, seen.Trace())
	}
	req = req.WithContext(ctx)
	client := c.httpClient()
	resp, err := client.Do(req)
	if err != nil {
		err = c.transportFailure(explainTimeout(err, ctx, whole, timeout), seen.MaySent(err))
		cancel()
		return nil, err
	}
	resp.Body = &timedBody{ReadCloser: resp.Body, cancel: cancel, explain: func(err error) error {
		return explainTimeout(err, ctx, whole, timeout)
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

// explainTimeout tells the deadline of the attempt from that of the caller or its middleware.
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
	base := cmp.Or(c.cfg.HTTPClient, c.cfg.settings.filled)
	if base == nil || base == c.cfg.settings.filled && c.cfg.settings.transport == nil {
		base = http.DefaultClient
	}
	client := *base
	client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if !mayFollow(req, via) {
			return http.ErrUseLastResponse // checkStatus makes an ErrRedirect of it
		}
		if credential, ok := via[0].Header["Authorization"]; ok {
			req.Header["Authorization"] = credential // net/http drops it when the same host is spelled otherwise
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
	return len(via) < maxRedirects && wire.SameOrigin(req.URL, via[0].URL)
}
