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
	Operation string    // "getToken", …, or a pattern of [Server.Handle]; empty when nothing has this method and path
	Method    string    // as sent, before X-HTTP-Method-Override
	Host      string
	Path      string // as sent, percent-encoded
	RawQuery  string // as sent, without the question mark
	Header    http.Header
	Body      []byte // the first MiB
	Status    int    // as answered; 0 until then, and if the connection broke before
}

func (r Request) clone() Request {
	r.Header, r.Body = r.Header.Clone(), bytes.Clone(r.Body)
	return r
}

type requestLog struct {
	mu       sync.Mutex
	requests []*Request
}

func (l *requestLog) add(r *Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.requests) == 2*maxRequests { // halving now and then is cheaper than shifting each time
		l.requests = slices.Clone(l.requests[maxRequests:])
	}
	l.requests = append(l.requests, r)
}

// answering keeps the status of a request when w sends it.
func (l *requestLog) answering(r *Request, w http.ResponseWriter) http.ResponseWriter {
	return &recordingWriter{ResponseWriter: w, record: func(status int) {
		l.mu.Lock()
		defer l.mu.Unlock()
		r.Status = status
	}}
}

// recordingWriter records the status before the client can see it.
type recordingWriter struct {
	http.ResponseWriter
	record func(status int)
}

func (w *recordingWriter) WriteHeader(status int) {
	w.record(status)
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for [http.ResponseController].
func (w *recordingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

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
