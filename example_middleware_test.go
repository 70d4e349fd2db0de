package ldapi_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// Middleware sees a call once, however often it is repeated.
func ExampleWithMiddleware() {
	server := ldapitest.NewServer()
	defer server.Close()
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusServiceUnavailable})

	record := func(what string) ldapi.Middleware {
		return func(next ldapi.RoundTrip) ldapi.RoundTrip {
			return func(req *http.Request) (*http.Response, error) {
				resp, err := next(req)
				fmt.Println(what, resp.StatusCode)
				return resp, err
			}
		}
	}
	client := server.Client(ldapi.WithMiddleware(record("call")), ldapi.WithAttemptMiddleware(record("attempt")),
		ldapi.WithRetry(ldapi.RetryPolicy{MinWait: time.Microsecond, MaxWait: time.Millisecond}))
	_, _, err := client.AccessTokensApi.GetTokens(context.Background()).Execute()
	fmt.Println(err)
	// Output:
	// attempt 503
	// attempt 200
	// call 200
	// <nil>
}

// Each attempt is signed again. The credential of the SDK is not there yet.
func ExampleWithAttemptMiddleware() {
	server := ldapitest.NewServer()
	defer server.Close()

	sign := func(next ldapi.RoundTrip) ldapi.RoundTrip {
		return func(req *http.Request) (*http.Response, error) {
			req.Header.Set("X-Signature", "signed:"+req.Method+req.Header.Get("Authorization"))
			return next(req)
		}
	}
	_, _, err := server.Client(ldapi.WithAttemptMiddleware(sign)).AccessTokensApi.GetTokens(context.Background()).Execute()
	fmt.Println(server.Requests()[0].Header.Get("X-Signature"), err)
	// Output: signed:GET <nil>
}

// transportFunc is a transport.
type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Transports, tracing and metrics can find the operation of a request; it contains no IDs.
func ExampleOperationFromContext() {
	server := ldapitest.NewServer()
	defer server.Close()

	count := transportFunc(func(req *http.Request) (*http.Response, error) {
		if op, ok := ldapi.OperationFromContext(req.Context()); ok {
			fmt.Println(op.ID, op.Service, op.Method, op.Route)
		}
		return server.Transport().RoundTrip(req)
	})
	_, _, err := server.Client(ldapi.WithTransport(count)).AccessTokensApi.GetToken(context.Background(), ldapitest.ReaderTokenID).Execute()
	fmt.Println(err)
	// Output:
	// getToken AccessTokensApi GET /api/v2/tokens/{id}
	// <nil>
}

// Only values on an allow-list are logged; tokens, IDs, queries and bodies are not on it.
func ExampleWithLogger() {
	server := ldapitest.NewServer()
	defer server.Close()

	some := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "operation" || a.Key == "route" || a.Key == "status" {
			return a
		}
		return slog.Attr{}
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: some}))
	_, _, err := server.Client(ldapi.WithLogger(logger)).AccessTokensApi.GetToken(context.Background(), ldapitest.ReaderTokenID).Execute()
	fmt.Println(err)
	// Output:
	// operation=getToken route=/api/v2/tokens/{id} status=200
	// <nil>
}

// countingLimiter is a limiter that never waits; for real take *rate.Limiter of golang.org/x/time/rate.
type countingLimiter struct{ asked int }

func (l *countingLimiter) Wait(context.Context) error {
	l.asked++
	return nil
}

// Every attempt waits for the limiter, and at most eight are in flight at a time.
func ExampleWithRateLimiter() {
	server := ldapitest.NewServer()
	defer server.Close()

	limiter := new(countingLimiter)
	client := server.Client(ldapi.WithRateLimiter(limiter), ldapi.WithMaxConcurrency(8))
	members, err := client.AccountMembersApi.GetMembers(context.Background()).Limit(2).Collect()
	fmt.Println(len(members), limiter.asked, err)
	// Output: 4 2 <nil>
}
