package ldapitest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
)

// Handle lets h answer endpoints that this server does not have. The pattern is one of [http.ServeMux], such as
// "GET /api/v2/projects/{key}"; the server's own operations take precedence over it. Requests are authenticated, recorded, and
// count for the quotas, where the pattern is a route of its own; faults strike them, those with the pattern as their Operation
// too. Permissions are left to h, which may call the methods of the server. A body of more than 1 MiB is refused, and the
// answer is sent when h has returned.
//
// Handle panics if the pattern is malformed or conflicts with an earlier one.
func (s *Server) Handle(pattern string, h http.Handler) {
	s.handlers.mu.Lock()
	defer s.handlers.mu.Unlock()
	s.handlers.mux.Handle(pattern, h)
	s.handlers.patterns = append(s.handlers.patterns, pattern)
}

// handlers are those that the caller has added.
type handlers struct {
	mux      http.ServeMux
	mu       sync.Mutex
	patterns []string
}

func (h *handlers) has(pattern string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.patterns, pattern)
}

// match returns the pattern that a request matches, or "".
func (h *handlers) match(in *inbound) string {
	_, pattern := h.mux.Handler(in.replayed())
	return pattern
}

// replayed returns the request with the method that it stands for, and its body to be read again.
func (in *inbound) replayed() *http.Request {
	r := in.request.Clone(in.request.Context())
	r.Method, r.Body = in.method, io.NopCloser(bytes.NewReader(in.body))
	return r
}

// handle answers with a handler of the caller's. The account is not locked while it runs.
func (s *Server) handle(in *inbound, out *outbound) error {
	s.account.mu.Lock()
	caller, err := s.account.authenticate(in.request.Header, in.now)
	s.account.mu.Unlock()
	switch {
	case err != nil:
		return err
	case !s.quotas.take(in.pattern, caller.token.ID, in.now, out.header):
		return standardError(http.StatusTooManyRequests)
	case in.err != nil:
		return in.err
	}
	answer := httptest.NewRecorder()
	s.handlers.mux.ServeHTTP(answer, in.replayed())
	out.status, out.body = answer.Code, answer.Body.Bytes()
	for name, values := range answer.Result().Header {
		out.header[name] = values
	}
	return nil
}
