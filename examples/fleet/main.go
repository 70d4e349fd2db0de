// Command fleet is one worker of a fleet: many processes that share the quotas of one LaunchDarkly account, through Redis.
//
//	go run . -redis localhost:6379 -requests 10 -window 10s -calls 100
//
// Each worker makes calls, and prints how many of its requests were answered with 429. Start as many workers as you like, on any number
// of machines, with the same Redis; without -redis a worker knows nothing of the others. LD_ACCESS_TOKEN and LD_BASE_URI select
// the account.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ldapi-go/ldapi"
)

// report is what a worker prints.
type report struct {
	Calls   int           `json:"calls"`
	Failed  int           `json:"failed"`  // calls that gave up
	Limited int64         `json:"limited"` // requests that were answered with 429
	Elapsed time.Duration `json:"elapsed"`
}

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("fleet", flag.ContinueOnError)
	address := fs.String("redis", "", "`address` of the Redis that the workers share; without it they share nothing")
	requests := fs.Int("requests", 10, "`number` of requests in a window that the quota permits")
	window := fs.Duration("window", 10*time.Second, "length of a window of the quota")
	calls := fs.Int("calls", 10, "`number` of calls to make")
	if err := fs.Parse(args); err != nil {
		return err
	}
	var limited atomic.Int64
	count := func(next ldapi.RoundTrip) ldapi.RoundTrip {
		return func(req *http.Request) (*http.Response, error) {
			resp, err := next(req)
			if resp != nil && resp.StatusCode == http.StatusTooManyRequests { // along with an error
				limited.Add(1)
			}
			return resp, err
		}
	}
	options := []ldapi.Option{ldapi.WithAttemptMiddleware(count)}
	if *address != "" {
		db := redis.NewClient(&redis.Options{Addr: *address})
		defer func() { _ = db.Close() }()
		options = append(options, newSharedQuota(db, "ldapi", *requests, *window).options()...)
	}
	cfg, err := ldapi.ConfigurationFromEnv(options...)
	if err != nil {
		return err
	}
	client, start, failed := ldapi.NewAPIClient(cfg), time.Now(), 0
	for range *calls {
		_, _, err := client.OtherApi.GetCallerIdentity(ctx).Execute()
		switch {
		case errors.Is(err, ldapi.ErrRateLimited):
			failed++
		case err != nil:
			return err
		}
	}
	return json.NewEncoder(out).Encode(report{*calls, failed, limited.Load(), time.Since(start)})
}
