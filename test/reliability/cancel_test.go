package reliability_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// stall is a place where a call waits for an hour unless it is canceled.
type stall struct {
	name    string
	server  []ldapitest.Option
	faults  []ldapitest.Fault
	options func(s *ldapitest.Server) []ldapi.Option
	before  func(t *testing.T, c *ldapi.APIClient) // uses up the quota, or the slot
	unknown bool                                   // of those that write
	ready   time.Duration                          // when the call has reached it
}

// idle is a Limiter that admits no attempts.
type idle struct{}

func (idle) Wait(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func one(o ldapi.Option) func(*ldapitest.Server) []ldapi.Option {
	return func(*ldapitest.Server) []ldapi.Option { return []ldapi.Option{o} }
}

func getMembers(t *testing.T, c *ldapi.APIClient) {
	t.Helper()
	_, _, err := c.AccountMembersApi.GetMembers(t.Context()).Execute()
	require.NoError(t, err)
}

func stalls() []stall {
	patient := ldapi.RetryPolicy{MaxWait: 2 * time.Hour}
	hour := time.Hour
	return []stall{
		{name: "token source", options: one(ldapi.WithTokenSource(func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}))},
		{name: "limiter", options: one(ldapi.WithRateLimiter(idle{}))},
		{name: "quota", server: []ldapitest.Option{ldapitest.WithRateLimit(0, 1, hour)}, options: one(ldapi.WithRetry(patient)), before: getMembers},
		{name: "slot", faults: []ldapitest.Fault{{Kind: ldapitest.FaultSlowFirstByte, Operation: "getMembers", Wait: hour}},
			options: func(*ldapitest.Server) []ldapi.Option {
				return []ldapi.Option{ldapi.WithMaxConcurrency(1), ldapi.WithTimeout(0)}
			},
			before: func(t *testing.T, c *ldapi.APIClient) {
				go func() { _, _, _ = c.AccountMembersApi.GetMembers(t.Context()).Execute() }()
				synctest.Wait()
			}},
		{name: "retry", faults: []ldapitest.Fault{{Kind: ldapitest.FaultRetryAfter, Wait: hour}}, options: one(ldapi.WithRetry(patient)), ready: time.Second},
		{name: "dial", options: func(s *ldapitest.Server) []ldapi.Option {
			transport := s.Transport().(*http.Transport).Clone()
			transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return []ldapi.Option{ldapi.WithTransport(transport), ldapi.WithTimeout(0)}
		}},
		{name: "headers", faults: []ldapitest.Fault{{Kind: ldapitest.FaultSlowFirstByte, Wait: hour}}, options: one(ldapi.WithTimeout(0)), unknown: true},
		{name: "body", faults: []ldapitest.Fault{{Kind: ldapitest.FaultSlowBody, Wait: hour}}, options: one(ldapi.WithTimeout(0)), unknown: true,
			ready: 10 * time.Minute},
	}
}

// TestCancelInEveryStage: the call returns before the clock advances, and reports the reason and whether the outcome is unknown.
func TestCancelInEveryStage(t *testing.T) {
	t.Parallel()
	for _, s := range stalls() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for _, o := range operations() {
				if o.id == "getMembers" || s.name == "body" && o.method == http.MethodDelete { // a 204 has no body
					continue
				}
				synctest.Test(t, func(t *testing.T) { cancelIn(t, s, o) })
			}
		})
	}
}

func cancelIn(t *testing.T, s stall, o operation) {
	server, client := s.begin(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var err error
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		_, err = o.call(ctx, client)
	}()
	time.Sleep(s.ready + time.Second)
	synctest.Wait()
	select {
	case <-returned:
		t.Fatalf("%s: it did not wait: %v", o.id, err)
	default:
	}
	now := time.Now()
	cancel()
	<-returned
	require.Zero(t, time.Since(now), o.id)
	require.ErrorIs(t, err, context.Canceled, o.id)
	require.Equal(t, s.unknown && o.writes(), errors.Is(err, ldapi.ErrOutcomeUnknown), "%s: %v", o.id, err)
	end(server, client)
}

// end also ends dials that net/http continues, in case other calls can use the connection.
func end(server *ldapitest.Server, client *ldapi.APIClient) {
	client.GetConfig().HTTPClient.CloseIdleConnections()
	server.Close()
}

// begin returns a server and a client whose next call will wait at the stall.
func (s stall) begin(t *testing.T) (*ldapitest.Server, *ldapi.APIClient) {
	t.Helper()
	server := ldapitest.NewTestServer(t, append(s.server, ldapitest.WithInMemory())...)
	prepare(server)
	for _, f := range s.faults {
		server.Fail(f)
	}
	client := server.Client(s.options(server)...)
	if s.before != nil {
		s.before(t, client)
	}
	return server, client
}

// TestDeadlineInEveryStage: the same for deadlines, the caller's. Those that are known to be too short are not waited for.
func TestDeadlineInEveryStage(t *testing.T) {
	t.Parallel()
	for _, s := range stalls() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server, client := s.begin(t)
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
				defer cancel()
				_, _, err := client.AccessTokensApi.ResetToken(ctx, ldapitest.ReaderTokenID).Execute()
				took := time.Since(start)
				if s.name == "quota" || s.name == "retry" {
					require.Zero(t, took)
					require.ErrorIs(t, err, ldapi.ErrRateLimited)
				} else {
					require.Equal(t, 20*time.Minute, took)
					require.ErrorIs(t, err, context.DeadlineExceeded)
				}
				require.Equal(t, s.unknown, errors.Is(err, ldapi.ErrOutcomeUnknown))
				end(server, client)
			})
		})
	}
}

// TestDeadlinesAreToldApart: the time of an attempt and the caller's deadline are both context.DeadlineExceeded, and the
// text describes which it was.
func TestDeadlinesAreToldApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
		server.Fail(ldapitest.Fault{Kind: ldapitest.FaultSlowFirstByte, Wait: time.Hour, Count: -1})
		start := time.Now()
		_, _, err := server.Client(ldapi.WithRetry(ldapi.NoRetry())).AccessTokensApi.GetTokens(t.Context()).Execute()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "attempt timed out after 30s")
		require.Equal(t, 30*time.Second, time.Since(start))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err = server.Client().AccessTokensApi.GetTokens(ctx).Execute()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotContains(t, err.Error(), "attempt timed out")
	})
}
