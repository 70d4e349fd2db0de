package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

var window = flag.Duration("window", 2*time.Second, "length of a window of the quota")

const (
	workers = 10
	quota   = 10 // requests in a window
	calls   = 6  // of each worker
)

// TestMain lets the test binary be a worker, so that the fleet consists of real processes.
func TestMain(m *testing.M) {
	if os.Getenv("FLEET_WORKER") != "" {
		if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// startRedis starts a real redis-server on a free port.
func startRedis(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("the test needs redis-server, for example from Debian's package redis-server: ", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	server := exec.Command(path, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	db := redis.NewClient(&redis.Options{Addr: address, MaxRetries: 50, MinRetryBackoff: 20 * time.Millisecond, MaxRetryBackoff: 100 * time.Millisecond})
	defer func() { _ = db.Close() }()
	if err := db.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	return address
}

// fleet runs the workers as processes, and returns what all of them report, and how long it took.
func fleet(t *testing.T, server *ldapitest.Server, args ...string) (all report) {
	t.Helper()
	var mu sync.Mutex
	var running sync.WaitGroup
	start := time.Now()
	for range workers {
		running.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], append(args, "-calls", fmt.Sprint(calls), "-window", window.String(), "-requests", fmt.Sprint(quota))...)
			cmd.Env = append(os.Environ(), "FLEET_WORKER=1", "LD_ACCESS_TOKEN="+ldapitest.AdminToken, "LD_BASE_URI="+server.URL)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			var r report
			err := cmd.Run()
			if err == nil {
				err = json.Unmarshal(stdout.Bytes(), &r)
			}
			mu.Lock()
			defer mu.Unlock()
			all.Limited, all.Failed, all.Calls = all.Limited+r.Limited, all.Failed+r.Failed, all.Calls+r.Calls
			if err != nil || r.Calls != calls {
				t.Errorf("a worker failed: %v\n%s", err, stderr.Bytes())
			}
		})
	}
	running.Wait()
	all.Elapsed = time.Since(start)
	return all
}

// TestFleet: workers that share a quota are hardly ever refused, while those that do not share are refused again and again.
func TestFleet(t *testing.T) {
	address := startRedis(t)
	ideal := time.Duration(workers*calls/quota-1) * *window
	shared := ldapitest.NewTestServer(t, ldapitest.WithRateLimit(quota, 0, *window))
	together := fleet(t, shared, "-redis", address)
	t.Logf("shared: %d times 429, %d of %d calls failed, %v, %.2f times the ideal", together.Limited, together.Failed, together.Calls,
		together.Elapsed.Round(time.Millisecond), float64(together.Elapsed)/float64(ideal))
	alone := ldapitest.NewTestServer(t, ldapitest.WithRateLimit(quota, 0, *window))
	apart := fleet(t, alone)
	t.Logf("not shared: %d times 429, %d of %d calls failed, %v, %.2f times the ideal", apart.Limited, apart.Failed, apart.Calls,
		apart.Elapsed.Round(time.Millisecond), float64(apart.Elapsed)/float64(ideal))
	if together.Limited > 2 || together.Failed > 0 {
		t.Errorf("workers that share were answered with 429 %d times, want at most 2", together.Limited)
	}
	if apart.Limited <= 10*together.Limited+10 {
		t.Errorf("workers that do not share were answered with 429 %d times, hardly more than the others", apart.Limited)
	}
}

// TestSharedQuota: a worker waits for what another one was told, ends with its context, and reports that Redis is unreachable.
func TestSharedQuota(t *testing.T) {
	address := startRedis(t)
	db := redis.NewClient(&redis.Options{Addr: address})
	defer func() { _ = db.Close() }()
	one, two := newSharedQuota(db, "k", 100, time.Hour), newSharedQuota(db, "k", 100, time.Hour)
	server := ldapitest.NewTestServer(t, ldapitest.WithRateLimit(0, 1, time.Hour))
	client := server.Client(append(one.options(), ldapi.WithRetry(ldapi.NoRetry()))...)
	if _, _, err := client.OtherApi.GetVersions(t.Context()).Execute(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := two.Wait(ctx); err == nil {
		t.Error("the other worker did not wait")
	}
	if held, err := two.held(t.Context()); err != nil || held < 59*time.Minute || held > time.Hour {
		t.Errorf("held for %v, %v", held, err)
	}
	other := newSharedQuota(db, "another key", 1, time.Hour)
	if err := other.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := other.Wait(ctx); err == nil {
		t.Error("the rate was exceeded")
	}
	gone := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	defer func() { _ = gone.Close() }()
	if err := newSharedQuota(gone, "k", 1, time.Second).Wait(t.Context()); err == nil {
		t.Error("no error without Redis")
	}
}
