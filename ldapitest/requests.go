package ldapitest

import (
	"bytes"
	"net/http"
	"slices"
	"sync"
	"time"
)

// maxRequests bounds the memory of a server that runs for long.
const maxRequests = 10_000

// Request is one request as the server received it. Nothing is masked: a test may need the secrets.
type Request struct {
	Time      time.Time // by the server's clock
	Operation string    // "getToken", …; empty when no operation has this method and path
	Method    string    // as sent, before X-HTTP-Method-Override
	Host      string
	Path      string // as sent, percent-encoded
	RawQuery  string // as sent, without the question mark
	Header    http.Header
	Body      []byte // the first MiB
}

func (r Request) clone() Request {
	r.Header, r.Body = r.Header.Clone(), bytes.Clone(r.Body)
	return r
}

type requestLog struct {
	mu       sync.Mutex
	requests []Request
}

func (l *requestLog) add(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.requests) == 2*maxRequests { // halving now and then is cheaper than shifting each time
		l.requests = slices.Clone(l.requests[maxRequests:])
	}
	l.requests = append(l.requests, r)
}

func (l *requestLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = nil
}

// Requests returns copies of the requests received so far, oldest first, those answered by a fault included. Only the last
// 10,000 are kept.
func (s *Server) Requests() []Request {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	kept := s.requests.requests
	kept = kept[max(0, len(kept)-maxRequests):]
	copies := make([]Request, 0, len(kept))
	for _, r := range kept {
		copies = append(copies, r.clone())
	}
	return copies
}
