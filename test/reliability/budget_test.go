package reliability_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// dead is a transport to a service that is down, in one of several ways. It counts attempts.
type dead struct {
	attempts atomic.Int64
	err      error
	status   int
}

func (d *dead) RoundTrip(req *http.Request) (*http.Response, error) {
	d.attempts.Add(1)
	if d.err != nil {
		return nil, d.err
	}
	return &http.Response{StatusCode: d.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: req}, nil
}

// TestDeadServer: a service that is down receives one attempt per call, and ten retries plus one for every ten calls.
func TestDeadServer(t *testing.T) {
	t.Parallel()
	const calls = 1000
	for name, server := range map[string]*dead{
		"refuses connections": {err: &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}},
		"breaks connections":  {err: io.ErrUnexpectedEOF},
		"status 500":          {status: 500},
		"status 503":          {status: 503},
	} {
		for _, workers := range []int{1, 50} {
			synctest.Test(t, func(t *testing.T) {
				server.attempts.Store(0)
				client := ldapi.New(ldapi.WithTransport(server), ldapi.WithAccessToken(ldapitest.AdminToken))
				var wg sync.WaitGroup
				for range workers {
					wg.Go(func() {
						for range calls / workers {
							if _, err := client.AccessTokensApi.DeleteToken(t.Context(), ldapitest.ReaderTokenID).Execute(); err == nil {
								t.Error("a dead server deleted something")
							}
						}
					})
				}
				wg.Wait()
				extra := server.attempts.Load() - calls
				t.Logf("%s, %d workers: %d calls, %d attempts more", name, workers, calls, extra)
				require.GreaterOrEqual(t, extra, int64(100))
				require.LessOrEqual(t, extra, int64(10+calls/10))
			})
		}
	}
}

// retrying is a transport of a caller that repeats requests itself: always three times.
type retrying struct{ base http.RoundTripper }

func (r retrying) RoundTrip(req *http.Request) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		if req.GetBody != nil {
			body, err := req.GetBody()
			if err != nil {
				return nil, err
			}
			req = req.Clone(req.Context())
			req.Body = body
		}
		resp, err := r.base.RoundTrip(req)
		if attempt == 3 || err == nil && resp.StatusCode < 400 {
			return resp, err
		}
		if err == nil {
			_ = resp.Body.Close()
		}
	}
}

// TestCallerWhoRetries: with the caller's own client the server sees as many attempts as without the SDK, and the result
// is that of the last one.
func TestCallerWhoRetries(t *testing.T) {
	t.Parallel()
	for _, server := range []*dead{{err: io.ErrUnexpectedEOF}, {status: 429}, {status: 500}, {status: 503}} {
		for _, o := range operations() {
			server.attempts.Store(0)
			own := &http.Client{Transport: retrying{server}}
			plain, err := http.NewRequestWithContext(t.Context(), o.method, "https://ld.example.com/", strings.NewReader("{}"))
			require.NoError(t, err)
			if resp, err := own.Do(plain); err == nil {
				require.NoError(t, resp.Body.Close())
			}
			without := server.attempts.Swap(0)
			require.Equal(t, int64(3), without)

			client := ldapi.New(ldapi.WithHTTPClient(own), ldapi.WithAccessToken(ldapitest.AdminToken))
			_, err = o.call(t.Context(), client)
			require.Error(t, err)
			require.Equal(t, without, server.attempts.Swap(0), o.id)

			ctx := ldapi.ContextWithRetry(t.Context(), ldapi.RetryPolicy{MaxAttempts: 2, MinWait: 1, MaxWait: 1})
			_, err = o.call(ctx, client)
			require.Error(t, err)
			if repeated := server.status == 429 || !o.writes(); repeated {
				without *= 2
			}
			require.Equal(t, without, server.attempts.Load(), "%s, by a policy of its own", o.id)
		}
	}
}

// TestRetriesThatSucceed: each operation succeeds after a retry when the server recovers, if nothing was carried out.
func TestRetriesThatSucceed(t *testing.T) {
	t.Parallel()
	for _, o := range operations() {
		synctest.Test(t, func(t *testing.T) {
			server := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
			prepare(server)
			for _, kind := range []ldapitest.FaultKind{ldapitest.FaultRetryAfter, ldapitest.FaultReset, ldapitest.FaultBareRateLimit} {
				server.Fail(ldapitest.Fault{Kind: kind})
			}
			result, err := o.call(context.Background(), server.Client())
			require.NoError(t, err, o.id)
			require.True(t, o.right(server, result), o.id)
			sent := server.Requests()
			require.Len(t, sent, 4, o.id)
			for _, again := range sent[1:] {
				require.Equal(t, sent[0].Body, again.Body, o.id)
				require.Equal(t, sent[0].Header, again.Header, o.id)
				require.Equal(t, sent[0].Path+"?"+sent[0].RawQuery, again.Path+"?"+again.RawQuery, o.id)
			}
		})
	}
}
