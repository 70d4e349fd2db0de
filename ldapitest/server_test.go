package ldapitest_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// bothModes are the ways to reach a server.
var bothModes = map[string][]ldapitest.Option{
	"loopback":  nil,
	"in memory": {ldapitest.WithInMemory()},
}

func TestServesInBothModes(t *testing.T) {
	t.Parallel()
	for name, opts := range bothModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, opts...)
			if !strings.HasPrefix(s.URL, "http://127.0.0.1:") && !strings.HasPrefix(s.URL, "http://[::1]:") {
				t.Errorf("URL %q is not on loopback", s.URL)
			}
			a := send(t, s, request{method: "GET", path: "/api/v2/members/me"}).want(t, 200)
			equal[any](t, "_id", a.at(t, "_id"), "5f00aa11bb22cc33dd44ee02")
			equal(t, "Content-Type", a.header.Get("Content-Type"), "application/json")
			equal(t, "Date", a.header.Get("Date"), "Thu, 01 Jan 2026 00:00:00 GMT")
		})
	}
}

func TestCloseEndsEverything(t *testing.T) {
	// Not parallel: it counts goroutines.
	for name, opts := range bothModes {
		before := runtime.NumGoroutine()
		s := ldapitest.NewServer(opts...)
		for range 3 {
			send(t, s, request{method: "GET", path: "/api/v2/members"}).want(t, 200)
		}
		s.Close()
		s.Close()
		if _, err := try(t, s, request{method: "GET", path: "/api/v2/members"}); err == nil {
			t.Errorf("%s: a closed server answers", name)
		}
		for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Now().After(deadline) {
				stacks := make([]byte, 1<<16)
				t.Fatalf("%s: goroutines are left:\n%s", name, stacks[:runtime.Stack(stacks, true)])
			}
		}
	}
}

func TestCloseBreaksWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]ldapitest.Fault{
		"slow first byte": {Kind: ldapitest.FaultSlowFirstByte, Wait: time.Hour},
		"slow body":       {Kind: ldapitest.FaultSlowBody, Wait: time.Hour},
		"endless body":    {Kind: ldapitest.FaultEndlessBody},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, ldapitest.WithInMemory())
			s.Fail(fault)
			failed := make(chan error)
			go func() {
				_, err := try(t, s, request{method: "GET", path: "/api/v2/members"})
				failed <- err
			}()
			for len(s.Requests()) == 0 {
				runtime.Gosched()
			}
			s.Close()
			if err := <-failed; err == nil {
				t.Error("the request did not fail")
			}
		})
	}
}

func TestRunsInsideABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := ldapitest.NewTestServer(t, ldapitest.WithInMemory(), ldapitest.WithLatency(3*time.Second))
		start := time.Now()
		a := send(t, s, request{method: "POST", path: "/api/v2/tokens/" + ldapitest.ReaderTokenID + "/reset",
			body: `{"expiry":` + ms(start.Add(time.Minute)) + `}`}).want(t, 200)
		equal(t, "latency", time.Since(start), 3*time.Second)

		old := request{method: "GET", path: "/api/v2/members/me", token: ldapitest.ReaderToken}
		send(t, s, old).want(t, 200)
		time.Sleep(time.Minute)
		send(t, s, old).want(t, 401)
		fresh, _ := a.at(t, "token").(string)
		send(t, s, request{method: "GET", path: "/api/v2/members/me", token: fresh}).want(t, 200)

		s.Fail(ldapitest.Fault{Kind: ldapitest.FaultEndlessBody})
		resp, err := s.Transport().RoundTrip(build(t, s, old))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, resp.Body, 1<<20); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		s.Close() // synctest.Test fails if a goroutine is left
	})
}

func TestInMemoryReachesNothingElse(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithInMemory())
	req := build(t, s, request{method: "GET", path: "/api/v2/members"})
	req.URL.Host = "127.0.0.1:2"
	if resp, err := s.Transport().RoundTrip(req); err == nil {
		resp.Body.Close()
		t.Error("another address was reached")
	}
	s.Close()
	req.URL.Host = "127.0.0.1:1"
	if resp, err := s.Transport().RoundTrip(req); err == nil || !strings.Contains(err.Error(), "closed") {
		if err == nil {
			resp.Body.Close()
		}
		t.Errorf("dialling a closed server: %v", err)
	}
}

func TestHandlerMountedElsewhere(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithInMemory())
	other := httptest.NewServer(s.Handler())
	defer other.Close()
	req := build(t, s, request{method: "DELETE", path: "/api/v2/members/" + ldapitest.ReaderID})
	req.URL.Host = strings.TrimPrefix(other.URL, "http://")
	resp, err := other.Client().Transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	equal(t, "status", resp.StatusCode, 204)
	equal(t, "members", len(s.Members()), 3)
}

func TestRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	send(t, s, request{method: "PATCH", path: "/api/v2/members/a%2Fb?x=%20y", body: `[]`, token: "Bearer api-unknown",
		header: map[string]string{"X-Extra": "1"}}).want(t, 401)
	send(t, s, request{method: "GET", path: "/nowhere"}).want(t, 404)
	got := s.Requests()
	if len(got) != 2 {
		t.Fatalf("%d requests", len(got))
	}
	r := got[0]
	equal(t, "operation", r.Operation, "patchMember")
	equal(t, "method", r.Method, "PATCH")
	equal(t, "path", r.Path, "/api/v2/members/a%2Fb")
	equal(t, "query", r.RawQuery, "x=%20y")
	equal(t, "body", string(r.Body), "[]")
	equal(t, "secret", r.Header.Get("Authorization"), "Bearer api-unknown")
	equal(t, "header", r.Header.Get("X-Extra"), "1")
	equal(t, "time", r.Time, noon)
	equal(t, "host", "http://"+r.Host, s.URL)
	equal(t, "operation of an unknown path", got[1].Operation, "")

	r.Body[0] = 'x'
	r.Header.Set("X-Extra", "2")
	again := s.Requests()[0]
	equal(t, "body after the copy changed", string(again.Body), "[]")
	equal(t, "header after the copy changed", again.Header.Get("X-Extra"), "1")
}

func TestRequestLogIsBounded(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithInMemory())
	h := s.Handler()
	for range 20_005 {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/last", nil))
	got := s.Requests()
	equal(t, "requests", len(got), 10_000)
	equal(t, "last path", got[len(got)-1].Path, "/last")
}

func TestReset(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	create := request{method: "POST", path: "/api/v2/tokens", body: `{"role":"reader"}`}
	first := send(t, s, create).want(t, 201).body
	s.AddMember(ldapitest.Member{Email: "sam@example.com"})
	s.AddRole(ldapitest.Role{Key: "r"})
	s.AddTeam(ldapitest.Team{Key: "t"})
	send(t, s, request{method: "DELETE", path: "/api/v2/members/" + ldapitest.WriterID}).want(t, 204)
	s.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 500, Count: -1})
	s.Reset()
	equal(t, "requests", len(s.Requests()), 0)
	equal(t, "members", len(s.Members()), 4)
	equal(t, "tokens", len(s.Tokens()), 5)
	s.AddRole(ldapitest.Role{Key: "r", ID: "aaaaaaaaaaaaaaaaaaaaaaaa"})
	s.AddTeam(ldapitest.Team{Key: "t"})
	send(t, s, request{method: "GET", path: "/api/v2/members/" + ldapitest.WriterID, token: ldapitest.WriterToken}).want(t, 200)
	equal(t, "token made after Reset", send(t, s, create).want(t, 201).body, first)
}

func TestGeneratedValues(t *testing.T) {
	t.Parallel()
	create := request{method: "POST", path: "/api/v2/tokens", body: `{"role":"reader"}`}
	a := send(t, newServer(t), create)
	secret, _ := a.at(t, "token").(string)
	scanner := regexp.MustCompile(`^api-[a-z0-9]{8}-[a-z0-9]{4}-4[a-z0-9]{3}-[89ab][a-z0-9]{3}-[a-z0-9]{12}$`)
	if !scanner.MatchString(secret) {
		t.Errorf("secret %q", secret)
	}
	for _, known := range []string{ldapitest.OwnerToken, ldapitest.AdminToken, ldapitest.WriterToken,
		ldapitest.ReaderToken, ldapitest.ServiceToken} {
		if !scanner.MatchString(known) {
			t.Errorf("seeded secret %q", known)
		}
	}
	id, _ := a.at(t, "_id").(string)
	if !regexp.MustCompile(`^[0-9a-f]{24}$`).MatchString(id) {
		t.Errorf("id %q", id)
	}
	equal(t, "same seed", send(t, newServer(t), create).body, a.body)
	if other := send(t, newServer(t, ldapitest.WithSeed(2)), create); other.body == a.body {
		t.Error("another seed gives the same values")
	}
}

func TestParallelUse(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithRateLimit(1e6, 1e6, 0), ldapitest.WithErrorIDs())
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				_, _ = try(t, s, request{method: "POST", path: "/api/v2/tokens", body: `{"role":"reader"}`})
				_, _ = try(t, s, request{method: "GET", path: "/api/v2/members?sort=displayName"})
				_, _ = try(t, s, request{method: "GET", path: "/api/v2/members/none"})
				s.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 503, Operation: "deleteToken"})
				s.Tokens()
				s.Members()
				s.Requests()
			}
		})
	}
	group.Wait()
	equal(t, "tokens", len(s.Tokens()), 5+8*20)
}

// fakeTB is a test that records how it failed.
type fakeTB struct {
	testing.TB
	failure  string
	cleanups []func()
}

func (f *fakeTB) Helper()           {}
func (f *fakeTB) Cleanup(fn func()) { f.cleanups = append(f.cleanups, fn) }
func (f *fakeTB) Fatal(args ...any) {
	text, _ := args[0].(string)
	f.failure = text
	runtime.Goexit()
}

func failure(use func(testing.TB)) *fakeTB {
	tb := &fakeTB{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		use(tb)
	}()
	<-done
	return tb
}

func TestNewTestServerFailsTheTest(t *testing.T) {
	t.Parallel()
	tb := failure(func(tb testing.TB) { ldapitest.NewTestServer(tb, ldapitest.WithLatency(-1)) })
	equal(t, "failure", tb.failure, "ldapitest: WithLatency: negative duration -1ns")
	tb = failure(func(tb testing.TB) {
		ldapitest.NewTestServer(tb, ldapitest.WithInMemory()).Fail(ldapitest.Fault{})
	})
	equal(t, "failure", tb.failure, "ldapitest: Fail: unknown kind 0")
	for _, cleanup := range tb.cleanups {
		cleanup()
	}
}

func TestLatencyEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithLatency(time.Hour), ldapitest.WithInMemory())
	ctx, cancel := context.WithCancel(t.Context())
	req := build(t, s, request{method: "DELETE", path: "/api/v2/members/" + ldapitest.ReaderID}).WithContext(ctx)
	failed := make(chan error)
	go func() {
		resp, err := s.Transport().RoundTrip(req)
		if err == nil {
			resp.Body.Close()
		}
		failed <- err
	}()
	for len(s.Requests()) == 0 {
		runtime.Gosched()
	}
	cancel()
	if err := <-failed; err == nil {
		t.Error("the request did not fail")
	}
	equal(t, "members", len(s.Members()), 4)
}

func TestBodyLimits(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	large := request{method: "POST", path: "/api/v2/tokens", body: `{"role":"reader","name":"` + strings.Repeat("x", 1<<20) + `"}`}
	send(t, s, large).wantError(t, 413, "request_entity_too_large", "too large")
	equal(t, "recorded bytes", len(s.Requests()[0].Body), 1<<20)
	// A body that ends before its length: the connection breaks while the server reads.
	r := httptest.NewRequest("POST", "/api/v2/tokens", io.MultiReader(strings.NewReader("{"), brokenReader{}))
	r.Header.Set("Authorization", ldapitest.AdminToken)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	equal(t, "status", w.Code, 400)
	if !bytes.Contains(w.Body.Bytes(), []byte("Invalid request body")) {
		t.Errorf("body %s", w.Body)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, http.ErrBodyReadAfterClose }
