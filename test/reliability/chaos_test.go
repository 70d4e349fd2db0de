package reliability_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// stage is a point of an attempt where a failure happens.
type stage struct {
	name  string
	sent  bool // the client cannot rule out that the request was sent
	ran   bool // the operation was carried out
	works bool // the call succeeds in the end
	final bool // the wait is too long
	fault *ldapitest.Fault
	dial  func(ctx context.Context) error
	write int // tenth of the request at which the connection breaks; -1: it does not
	lost  int // status that a gateway sends instead of the operation's response
}

// stages are all of them.
func stages() []stage {
	all := []stage{
		{name: "goes well", works: true, ran: true},
		{name: "dial refused", dial: func(context.Context) error { return errors.New("connection refused") }},
		{name: "dial hangs", dial: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
		{name: "gateway gives up after the commit", sent: true, ran: true, lost: 504},
		{name: "gateway breaks after the commit", sent: true, ran: true, lost: 502},
	}
	fault := func(name string, s stage, f ldapitest.Fault) {
		s.name, s.fault = name, &f
		all = append(all, s)
	}
	refused, doubtful, after := stage{}, stage{sent: true}, stage{sent: true, ran: true}
	fault("closed before the response", doubtful, ldapitest.Fault{Kind: ldapitest.FaultCloseBeforeResponse})
	fault("closed after the commit", after, ldapitest.Fault{Kind: ldapitest.FaultCloseAfterCommit})
	fault("closed after the headers", after, ldapitest.Fault{Kind: ldapitest.FaultCloseAfterHeaders})
	fault("first byte too late", after, ldapitest.Fault{Kind: ldapitest.FaultSlowFirstByte, Wait: 40 * time.Second})
	fault("body too slow", after, ldapitest.Fault{Kind: ldapitest.FaultSlowBody, Wait: time.Minute})
	fault("slow, in time", stage{works: true, ran: true}, ldapitest.Fault{Kind: ldapitest.FaultSlowBody, Wait: 10 * time.Second})
	for _, status := range []int{408, 500, 502, 503, 504} {
		fault(fmt.Sprint("status ", status), doubtful, ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: status})
	}
	fault("page of a proxy", doubtful, ldapitest.Fault{Kind: ldapitest.FaultHTML})
	fault("429, seconds", refused, ldapitest.Fault{Kind: ldapitest.FaultRetryAfter, Wait: 2 * time.Second})
	fault("429, date", refused, ldapitest.Fault{Kind: ldapitest.FaultRetryAfterDate, Wait: 3 * time.Second})
	fault("429, reset", refused, ldapitest.Fault{Kind: ldapitest.FaultReset, Wait: 7 * time.Second})
	fault("429, past reset", refused, ldapitest.Fault{Kind: ldapitest.FaultPastReset})
	fault("429 without a wait", refused, ldapitest.Fault{Kind: ldapitest.FaultBareRateLimit})
	fault("429, in 100 years", stage{final: true}, ldapitest.Fault{Kind: ldapitest.FaultAbsurdReset})
	for tenth := range 10 {
		all = append(all, stage{name: fmt.Sprintf("breaks at %d tenths of the request", tenth), sent: true, write: tenth})
		if tenth > 0 {
			fault(fmt.Sprintf("breaks at %d tenths of the body", tenth), after, ldapitest.Fault{Kind: ldapitest.FaultCloseMidBody, Fraction: float64(tenth) / 10})
		}
	}
	for i := range all {
		if !strings.HasSuffix(all[i].name, "of the request") {
			all[i].write = -1
		}
	}
	return all
}

// chaos is a transport to the server whose attempts fail as planned. It is for one call at a time.
type chaos struct {
	server  *ldapitest.Server
	base    *http.Transport
	plan    []stage
	applied []stage
	now     atomic.Pointer[stage] // of the current attempt, for dials, which have their own goroutines
}

func newChaos(server *ldapitest.Server, plan []stage, reuse bool) *chaos {
	c := &chaos{server: server, plan: plan, base: server.Transport().(*http.Transport).Clone()}
	c.base.DisableKeepAlives = !reuse
	dial := c.base.DialContext
	c.base.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		s := c.now.Load()
		if s.dial != nil {
			return nil, s.dial(ctx)
		}
		conn, err := dial(ctx, network, address)
		if err == nil && s.write >= 0 {
			conn = &breaking{Conn: conn, tenth: s.write}
		}
		return conn, err
	}
	return c
}

// RoundTrip makes the next attempt of the plan; attempts after the plan succeed.
func (c *chaos) RoundTrip(req *http.Request) (*http.Response, error) {
	s := stages()[0]
	if n := len(c.applied); n < len(c.plan) {
		s = c.plan[n]
	}
	c.applied = append(c.applied, s)
	c.now.Store(&s)
	if s.dial != nil || s.write >= 0 || req.Method == http.MethodGet {
		// So that there is a dial, and a first write; and net/http itself repeats a GET on a connection that it used before.
		c.base.CloseIdleConnections()
	}
	if s.fault != nil {
		c.server.Fail(*s.fault)
	}
	resp, err := c.base.RoundTrip(req)
	if err != nil || s.lost == 0 {
		return resp, err
	}
	_ = resp.Body.Close()
	text := http.StatusText(s.lost)
	return &http.Response{Status: fmt.Sprint(s.lost, " ", text), StatusCode: s.lost, Header: http.Header{}, Request: req,
		Body: io.NopCloser(strings.NewReader(text))}, nil
}

// names describes what happened.
func (c *chaos) names() []string {
	var names []string
	for _, s := range c.applied {
		names = append(names, s.name)
	}
	return names
}

// ran counts the attempts that were carried out.
func (c *chaos) ran() int { return count(c.applied, func(s stage) bool { return s.ran }) }

// breaking is a connection that breaks after a number of tenths of its first write, the request.
type breaking struct {
	net.Conn
	tenth int
}

func (b *breaking) Write(p []byte) (int, error) {
	n := 0
	if cut := len(p) * b.tenth / 10; cut > 0 {
		n, _ = b.Conn.Write(p[:cut])
	}
	_ = b.Close()
	return n, errors.New("broken pipe")
}

// due returns the attempts that a call makes by the rules, for a plan of outcomes.
func due(o operation, plan []stage, most int) []stage {
	plan = append(slices.Clone(plan), stages()[0])
	deleted := false
	for i, s := range plan {
		if s.works || s.final || i+1 == most || o.writes() && s.sent || o.method == http.MethodDelete && s.tellsDeletion(deleted) {
			return plan[:i+1]
		}
		deleted = deleted || s.ran
	}
	return plan
}

// tellsDeletion reports whether a fault of the response body does not affect the response to a DELETE: a 204 has
// no body that could be slow, and the status of a 404 after an earlier attempt is enough.
func (s stage) tellsDeletion(deleted bool) bool {
	if s.fault == nil {
		return false
	}
	switch s.fault.Kind {
	case ldapitest.FaultSlowBody:
		return true
	case ldapitest.FaultCloseAfterHeaders, ldapitest.FaultCloseMidBody:
		return deleted
	}
	return false
}
