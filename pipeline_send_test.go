package ldapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const fakeURL = "https://ld.example.com/api/v2/tokens?filter=hidden"

// untilEnd is a transport that never answers: it waits until the request's context ends.
func untilEnd(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// sendBy makes a call that goes through rt, and sends one request under ctx.
func sendBy(t *testing.T, ctx context.Context, rt fakeTransport, opts ...Option) (*http.Response, error) {
	t.Helper()
	c := newFakeCall(t, append(opts, WithTransport(rt))...)
	c.ctx = ctx
	return sendRequest(c, newFakeRequest(t, ctx, fakeURL))
}

func TestSendPassesTheResponse(t *testing.T) {
	t.Parallel()
	var sent *http.Request
	answer, body := newFakeResponse(404, "not here")
	resp, err := sendBy(t, t.Context(), func(req *http.Request) (*http.Response, error) {
		sent = req
		return answer, nil
	})
	require.NoError(t, err, "a status is not a failure here")
	require.Equal(t, 404, resp.StatusCode)
	require.Equal(t, fakeURL, sent.URL.String())
	require.NoError(t, sent.Context().Err())
	require.Equal(t, "not here", readAll(t, resp.Body))
	require.NoError(t, sent.Context().Err(), "the time of the attempt runs until the body is closed")
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 1, body.closed)
	require.ErrorIs(t, sent.Context().Err(), context.Canceled)
}

// TestSendDeadlines: the attempt's deadline, the caller's, whichever is first; and the text reports which it was.
func TestSendDeadlines(t *testing.T) {
	t.Parallel()
	const attemptText = "attempt timed out after "
	for _, tc := range []struct {
		name    string
		opts    []Option
		caller  time.Duration // 0: none
		after   time.Duration
		attempt bool
	}{
		{"default", nil, 0, 30 * time.Second, true},
		{"option", []Option{WithTimeout(2 * time.Second)}, 0, 2 * time.Second, true},
		{"option before caller", []Option{WithTimeout(2 * time.Second)}, time.Minute, 2 * time.Second, true},
		{"caller before option", []Option{WithTimeout(2 * time.Second)}, time.Second, time.Second, false},
		{"caller before default", nil, 10 * time.Second, 10 * time.Second, false},
		{"caller alone", []Option{WithTimeout(0)}, time.Hour, time.Hour, false},
		{"caller alone, negative", []Option{WithTimeout(-time.Second)}, time.Hour, time.Hour, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, start := t.Context(), time.Now()
				if tc.caller > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tc.caller)
					defer cancel()
				}
				resp, err := sendBy(t, ctx, untilEnd, tc.opts...)
				require.Nil(t, resp)
				require.Equal(t, tc.after, time.Since(start))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, tc.attempt, strings.Contains(err.Error(), attemptText), err)
				require.NotContains(t, err.Error(), "hidden", "the query is the caller's business")
				require.Contains(t, err.Error(), "getToken GET /api/v2/tokens/{id} at ld.example.com: ")
			})
		})
	}
}

// TestSendDeadlineOfMiddleware: a deadline of middleware is not reported as the attempt's.
func TestSendDeadlineOfMiddleware(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, option := range []Option{WithTimeout(0), WithTimeout(time.Minute)} {
			c := newFakeCall(t, option, WithTransport(fakeTransport(untilEnd)))
			_, err := sendRequest(c, newFakeRequest(t, ctx, fakeURL))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.NotContains(t, err.Error(), "attempt timed out")
		}
	})
}

// TestSendDeadlineCoversTheBody: a server that stops in the middle of the body is detected too.
func TestSendDeadlineCoversTheBody(t *testing.T) {
	t.Parallel()
	for name, timeout := range map[string]time.Duration{"attempt": 2 * time.Second, "caller": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				resp, err := sendBy(t, ctx, func(req *http.Request) (*http.Response, error) {
					stuck, _ := newFakeResponse(200, "")
					stuck.Body = io.NopCloser(io.MultiReader(strings.NewReader("half"), readerFunc(func([]byte) (int, error) {
						<-req.Context().Done()
						return 0, req.Context().Err()
					})))
					return stuck, nil
				}, WithTimeout(timeout))
				require.NoError(t, err)
				start := time.Now()
				got, err := io.ReadAll(resp.Body)
				require.Equal(t, "half", string(got))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, timeout > 0, time.Since(start) == timeout)
				require.Equal(t, timeout > 0, strings.Contains(err.Error(), "attempt timed out after 2s"), err)
				require.NoError(t, resp.Body.Close())
			})
		})
	}
}

// readerFunc is an io.Reader in a function.
type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestSendCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			_, err := sendBy(t, ctx, untilEnd)
			done <- err
		}()
		synctest.Wait()
		start := time.Now()
		cancel()
		err := <-done
		require.Zero(t, time.Since(start))
		require.ErrorIs(t, err, context.Canceled)
		require.NotContains(t, err.Error(), "attempt timed out")
	})
}

// TestSendAfterTheEnd: nothing is sent once the context has ended, whatever the transport does.
func TestSendAfterTheEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	resp, err := sendBy(t, ctx, func(*http.Request) (*http.Response, error) {
		t.Error("sent")
		return nil, errors.New("sent")
	})
	require.Nil(t, resp)
	require.ErrorIs(t, err, context.Canceled)
	require.EqualError(t, err, "ldapi: getToken GET /api/v2/tokens/{id}: context canceled")
}

func TestSendFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the wire is cut")
	var sent *http.Request
	resp, err := sendBy(t, t.Context(), func(req *http.Request) (*http.Response, error) {
		sent = req
		return nil, broken
	})
	require.Nil(t, resp)
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "ldapi: getToken GET /api/v2/tokens/{id} at ld.example.com: the wire is cut")
	require.ErrorIs(t, sent.Context().Err(), context.Canceled, "nothing is left running")
}

// TestHTTPClientIsACopy: the caller's client and the global one are not modified.
func TestHTTPClientIsACopy(t *testing.T) {
	t.Parallel()
	jar := fakeJar{}
	own := &http.Client{Transport: fakeTransport(untilEnd), Timeout: time.Hour, Jar: jar}
	transport := fakeTransport(untilEnd)
	for name, tc := range map[string]struct {
		change func(c *Configuration)
		opt    Option
		base   *http.Client
	}{
		"the SDK's":        {nil, nil, http.DefaultClient},
		"set back to nil":  {func(c *Configuration) { c.HTTPClient = nil }, nil, http.DefaultClient},
		"option":           {nil, WithHTTPClient(own), own},
		"assigned later":   {func(c *Configuration) { c.HTTPClient = own }, nil, own},
		"the global":       {func(c *Configuration) { c.HTTPClient = http.DefaultClient }, nil, http.DefaultClient},
		"own transport":    {nil, WithTransport(transport), nil},
		"option overruled": {nil, func(c *Configuration) { WithTransport(transport)(c); WithHTTPClient(own)(c) }, own},
	} {
		c := newFakeCall(t, tc.opt)
		if tc.change != nil {
			tc.change(c.cfg)
		}
		got := c.httpClient()
		if tc.base == nil {
			require.NotNil(t, got.Transport, name)
			require.Zero(t, got.Timeout, name)
			continue
		}
		require.Same(t, tc.base, got, name)
	}
	own.Transport = answering(200, "{}")
	resp, err := sendRequest(newFakeCall(t, WithHTTPClient(own)), newFakeRequest(t, t.Context(), fakeURL))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Nil(t, own.CheckRedirect, "the client is copied before the redirect policy is set")
	require.Nil(t, http.DefaultClient.Transport)
	require.Nil(t, http.DefaultClient.CheckRedirect)
	require.Zero(t, http.DefaultClient.Timeout)
}
