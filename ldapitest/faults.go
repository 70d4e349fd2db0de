package ldapitest

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// FaultKind is one way for a request to go wrong.
type FaultKind int

// The kinds of faults. Those that answer instead of the operation leave the account as it is and never look at the token.
const (
	// FaultStatus answers Status (200 to 599) with Body, or with the API's usual error body when Body is empty, or with
	// nothing when NoBody is set.
	FaultStatus FaultKind = iota + 1
	// FaultHTML answers Status (default 502) with a page of HTML, as a proxy does.
	FaultHTML
	// FaultRetryAfter answers 429 with Retry-After in seconds: Wait, rounded up (default 1s).
	FaultRetryAfter
	// FaultRetryAfterDate answers 429 with Retry-After as a date: Wait from now, rounded up to seconds (default 1s).
	FaultRetryAfterDate
	// FaultReset answers 429 with an exhausted route quota and a reset Wait from now (default 1s).
	FaultReset
	// FaultPastReset is like [FaultReset], but the reset was Wait ago (default 1m).
	FaultPastReset
	// FaultAbsurdReset is like [FaultReset], but the reset is in 100 years, or in Wait.
	FaultAbsurdReset
	// FaultBareRateLimit answers 429 without any header that reports how long to wait.
	FaultBareRateLimit
	// FaultRedirect answers Status (default 307) with Location, which is required.
	FaultRedirect
	// FaultGzipBomb answers 200 with a gzip body of Size bytes (default 256 MiB) that is a thousand times smaller on the wire.
	FaultGzipBomb
	// FaultEndlessBody answers 200 with a body that goes on until the client or the server closes.
	FaultEndlessBody

	// FaultCloseBeforeResponse breaks the connection before the operation runs.
	FaultCloseBeforeResponse
	// FaultCloseAfterCommit runs the operation, then breaks the connection instead of answering.
	FaultCloseAfterCommit
	// FaultCloseAfterHeaders runs the operation and breaks the connection after the headers of its answer.
	FaultCloseAfterHeaders
	// FaultCloseMidBody runs the operation and breaks the connection when Fraction of the body (default 0.5) is sent.
	FaultCloseMidBody
	// FaultSlowFirstByte runs the operation, then waits for Wait (required) before it answers.
	FaultSlowFirstByte
	// FaultSlowBody runs the operation and sends its answer in eight pieces, spread over Wait (required).
	FaultSlowBody
)

// Fault describes what goes wrong, where and how often. Fields that the kind does not mention must be zero, but for
// Operation, Skip, Count and Header.
type Fault struct {
	Kind      FaultKind
	Operation string // operationId: "getToken", "postMembers", …, or a pattern of [Server.Handle]; empty = any request
	Skip      int    // this many matching requests pass before
	Count     int    // how often: 0 = once, negative = until ClearFaults or Reset

	Status   int
	Body     string
	NoBody   bool
	Header   http.Header // of the answer; replaces what the fault would set
	Wait     time.Duration
	Fraction float64
	Size     int64 // bytes
	Location string
}

// Fail makes requests fail. Faults strike in the order they were added, one per request; of several that match, the first
// whose Skip is over and whose Count is not. It panics, or fails the test, when the fault is impossible.
//
// The http.Transport of the standard library by itself repeats a GET that it sent on a reused connection and that broke
// before the first byte. So that each fault is seen by the caller, connections are not reused while a fault of the kinds
// [FaultCloseBeforeResponse] and [FaultCloseAfterCommit] is due; this needs Server.Transport.
func (s *Server) Fail(f Fault) {
	if err := f.check(); err != nil {
		s.misuse("Fail: %v", err)
	}
	if f.Operation != "" && !s.handlers.has(f.Operation) && !slices.ContainsFunc(operations, func(o operation) bool { return o.id == f.Operation }) {
		s.misuse("Fail: unknown operation %q", f.Operation)
	}
	header := http.Header{}
	for name, values := range f.Header {
		header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	f.Header = header
	if f.Count == 0 {
		f.Count = 1
	}
	s.faults.add(f)
	s.transport.CloseIdleConnections()
}

// ClearFaults forgets all faults that are still due.
func (s *Server) ClearFaults() { s.faults.clear() }

// uses describes which fields a kind has.
var uses = map[FaultKind]struct{ status, body, wait, fraction, size, location bool }{
	FaultStatus:              {status: true, body: true},
	FaultHTML:                {status: true},
	FaultRetryAfter:          {wait: true},
	FaultRetryAfterDate:      {wait: true},
	FaultReset:               {wait: true},
	FaultPastReset:           {wait: true},
	FaultAbsurdReset:         {wait: true},
	FaultBareRateLimit:       {},
	FaultRedirect:            {status: true, location: true},
	FaultGzipBomb:            {size: true},
	FaultEndlessBody:         {},
	FaultCloseBeforeResponse: {},
	FaultCloseAfterCommit:    {},
	FaultCloseAfterHeaders:   {},
	FaultCloseMidBody:        {fraction: true},
	FaultSlowFirstByte:       {wait: true},
	FaultSlowBody:            {wait: true},
}

func (f Fault) check() error {
	use, known := uses[f.Kind]
	if !known {
		return fmt.Errorf("unknown kind %d", f.Kind)
	}
	for _, field := range []struct {
		name      string
		has, used bool
	}{
		{"Status", f.Status != 0, use.status},
		{"Body", f.Body != "", use.body},
		{"NoBody", f.NoBody, use.body},
		{"Wait", f.Wait != 0, use.wait},
		{"Fraction", f.Fraction != 0, use.fraction},
		{"Size", f.Size != 0, use.size},
		{"Location", f.Location != "", use.location},
	} {
		if field.has && !field.used {
			return fmt.Errorf("this kind has no %s", field.name)
		}
	}
	return f.checkValues()
}

func (f Fault) checkValues() error {
	slow := f.Kind == FaultSlowFirstByte || f.Kind == FaultSlowBody
	switch {
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status %d is not between 200 and 599", f.Status)
	case f.Kind == FaultStatus && f.Status == 0:
		return fmt.Errorf("no Status")
	case f.Kind == FaultRedirect && f.Status != 0 && f.Status/100 != 3:
		return fmt.Errorf("status %d does not redirect", f.Status)
	case f.Kind == FaultRedirect && f.Location == "":
		return fmt.Errorf("no Location")
	case f.NoBody && f.Body != "":
		return fmt.Errorf("both Body and NoBody")
	case f.Skip < 0 || f.Wait < 0 || f.Size < 0:
		return fmt.Errorf("negative value")
	case slow && f.Wait == 0:
		return fmt.Errorf("no Wait")
	case f.Fraction < 0 || f.Fraction >= 1:
		return fmt.Errorf("fraction %v is not between 0 and 1", f.Fraction)
	}
	return nil
}

// instead reports whether the fault answers, or does not answer, without the operation having run.
func (k FaultKind) instead() bool { return k <= FaultCloseBeforeResponse }

// silent reports whether the fault breaks the connection before the first byte.
func (k FaultKind) silent() bool { return k == FaultCloseBeforeResponse || k == FaultCloseAfterCommit }

// faults are those that are still due.
type faults struct {
	mu  sync.Mutex
	due []*Fault
}

func (q *faults) add(f Fault) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.due = append(q.due, &f)
}

func (q *faults) clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.due = nil
}

// take returns the fault of a request, if any. Every fault that matches and has something to skip counts the request.
func (q *faults) take(operation string) *Fault {
	q.mu.Lock()
	defer q.mu.Unlock()
	var struck *Fault
	for _, f := range q.due {
		switch {
		case f.Operation != "" && f.Operation != operation:
		case f.Skip > 0:
			f.Skip--
		case struck == nil:
			struck = f
		}
	}
	if struck == nil {
		return nil
	}
	copied := *struck
	if struck.Count > 0 {
		if struck.Count--; struck.Count == 0 {
			q.due = slices.DeleteFunc(q.due, func(f *Fault) bool { return f == struck })
		}
	}
	return &copied
}

// pendingBreak reports whether a connection that is reused could hide a fault.
func (q *faults) pendingBreak() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.ContainsFunc(q.due, func(f *Fault) bool { return f.Kind.silent() })
}
