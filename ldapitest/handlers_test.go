package ldapitest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// handleProjects adds an endpoint that the server does not have. It counts the members, so it needs the account unlocked.
func handleProjects(s *ldapitest.Server) {
	s.Handle("PATCH /api/v2/projects/{key}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Project", r.PathValue("key"))
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "%s, %d members", body, len(s.Members()))
	}))
}

func TestHandle(t *testing.T) {
	t.Parallel()
	for name, opts := range bothModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, append(opts, ldapitest.WithRateLimit(2, 0, 10*time.Second))...)
			handleProjects(s)
			shop := request{method: "PATCH", path: "/api/v2/projects/sh%20op", body: "renamed"}

			a := send(t, s, shop).want(t, http.StatusAccepted)
			equal(t, "body", a.body, "renamed, 4 members")
			equal(t, "header", a.header.Get("X-Project"), "sh op")
			equal(t, "remaining of the pattern's quota", a.header.Get("X-Ratelimit-Route-Remaining"), "1")

			anonymous := shop
			anonymous.token = "api-unknown"
			send(t, s, anonymous).want(t, http.StatusUnauthorized)
			overridden := shop
			overridden.method, overridden.header = "POST", map[string]string{"X-HTTP-Method-Override": "PATCH"}
			send(t, s, overridden).want(t, http.StatusAccepted)
			send(t, s, shop).want(t, http.StatusTooManyRequests)
			send(t, s, request{method: "GET", path: shop.path}).want(t, http.StatusNotFound)
			send(t, s, request{method: "GET", path: "/api/v2/members"}).want(t, http.StatusOK)

			var got []string
			for _, r := range s.Requests() {
				got = append(got, fmt.Sprint(r.Operation, " ", r.Status))
			}
			pattern := "PATCH /api/v2/projects/{key} "
			equal(t, "requests", fmt.Sprint(got), fmt.Sprint([]string{pattern + "202", pattern + "401", pattern + "202", pattern + "429", " 404", "getMembers 200"}))

			s.Reset()
			send(t, s, shop).want(t, http.StatusAccepted)
		})
	}
}

// TestHandlersFail: faults strike handlers by their pattern, after the handler has run if that is the kind.
func TestHandlersFail(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var runs atomic.Int64
	s.Handle("/api/v2/flags", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { runs.Add(1) }))
	s.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: http.StatusBadGateway, Operation: "/api/v2/flags"})
	s.Fail(ldapitest.Fault{Kind: ldapitest.FaultCloseAfterCommit, Operation: "/api/v2/flags"})
	flags := request{method: "GET", path: "/api/v2/flags"}

	send(t, s, request{method: "GET", path: "/api/v2/members"}).want(t, http.StatusOK)
	send(t, s, flags).want(t, http.StatusBadGateway)
	equal(t, "runs after a fault that answers", runs.Load(), 0)
	if _, err := try(t, s, flags); err == nil {
		t.Error("the connection was not broken")
	}
	equal(t, "runs after a fault that breaks", runs.Load(), 1)
	requests := s.Requests()
	equal(t, "status of a fault", requests[1].Status, http.StatusBadGateway)
	equal(t, "status without an answer", requests[2].Status, 0)
	send(t, s, flags).want(t, http.StatusOK)
}

// TestHandlersAreSpared: a handler gets a body of one MiB, and never a longer one.
func TestHandlersAreSpared(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var bytes atomic.Int64
	s.Handle("PUT /api/v2/flags", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		bytes.Add(n)
	}))
	const most = 1 << 20
	put := request{method: "PUT", path: "/api/v2/flags", body: strings.Repeat("x", most)}
	send(t, s, put).want(t, http.StatusOK)
	equal(t, "bytes", bytes.Load(), most)
	put.body += "x"
	send(t, s, put).want(t, http.StatusRequestEntityTooLarge)
	equal(t, "bytes after a body that is too long", bytes.Load(), most)
	equal(t, "recorded bytes", len(s.Requests()[1].Body), most)
}

// TestOperationsPrecedeHandlers: a pattern that covers everything leaves the operations as they are.
func TestOperationsPrecedeHandlers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Handle("/", http.NotFoundHandler())
	send(t, s, request{method: "GET", path: "/api/v2/members/me"}).want(t, http.StatusOK)
	equal(t, "body", send(t, s, request{method: "GET", path: "/api/v2/members/me/x"}).want(t, http.StatusNotFound).body, "404 page not found\n")
	defer func() {
		if recover() == nil {
			t.Error("no panic for a pattern that exists")
		}
	}()
	s.Handle("/", http.NotFoundHandler())
}
