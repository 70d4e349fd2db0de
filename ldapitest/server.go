package ldapitest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is LaunchDarkly in memory. Its methods are safe for parallel use.
type Server struct {
	// URL is the base URL, without a trailing slash and without /api/v2. With [WithInMemory] it leads nowhere but through
	// [Server.Transport].
	URL string

	cfg       *config
	tb        testing.TB // nil unless made by NewTestServer
	account   *account
	quotas    *quotas
	faults    faults
	requests  requestLog
	handlers  handlers
	transport *http.Transport
	http      *http.Server
	conns     sync.WaitGroup // connections that are open, and the goroutine that accepts them
	done      chan struct{}  // closed by Close
	closing   sync.Once
}

// NewServer starts a server. It panics when an option has an impossible value or no port can be had. The caller closes
// the server; [NewTestServer] does that by itself.
func NewServer(opts ...Option) *Server {
	s, err := start(nil, opts)
	if err != nil {
		panic(err.Error())
	}
	return s
}

// NewTestServer starts a server that is closed when the test ends. What makes [NewServer] panic fails the test at once, and so
// does any later misuse of the server's methods, which have to be called from the goroutine of the test then.
func NewTestServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := start(t, opts)
	if err != nil {
		t.Fatal(err.Error())
		return nil
	}
	t.Cleanup(s.Close)
	return s
}

func start(tb testing.TB, opts []Option) (*Server, error) {
	cfg := newConfig(opts)
	if len(cfg.misuse) > 0 {
		return nil, errors.New("ldapitest: " + strings.Join(cfg.misuse, "; "))
	}
	s := &Server{cfg: cfg, tb: tb, quotas: newQuotas(cfg), done: make(chan struct{}), transport: newTransport()}
	s.account = newAccount(cfg)
	listener, err := s.listen()
	if err != nil {
		return nil, fmt.Errorf("ldapitest: no port on loopback: %w", err)
	}
	s.http = &http.Server{Handler: s.Handler(), ConnState: s.count}
	s.conns.Go(func() { _ = s.http.Serve(listener) }) // ends with ErrServerClosed
	return s, nil
}

func (s *Server) listen() (net.Listener, error) {
	if s.cfg.inMemory {
		pipes := newPipeListener()
		s.transport.DialContext = pipes.dial
		s.URL = "http://" + memoryAddress
		return pipes, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		if listener, err = net.Listen("tcp6", "[::1]:0"); err != nil {
			return nil, err
		}
	}
	s.URL = "http://" + listener.Addr().String()
	return listener, nil
}

// count lets Close wait for the connections: http.Server.Close does not.
func (s *Server) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.conns.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.conns.Done()
	}
}

// Close stops the server, breaks its connections and waits until they are gone. Calling it again does nothing.
func (s *Server) Close() {
	s.closing.Do(func() {
		close(s.done)
		_ = s.http.Close() // closing sockets of our own: nothing to be done about an error
		s.transport.CloseIdleConnections()
	})
	s.conns.Wait()
}

// Transport is the way to the server for an http.Client. It belongs to the server and is closed with it.
func (s *Server) Transport() http.RoundTripper { return s.transport }

// Handler is the server as a handler, to be mounted elsewhere. Its state is that of the server. Paths begin with /api/v2.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// Reset takes everything back to where [NewServer] left it: the seeded members, tokens, roles and team and no others, no
// faults, fresh quotas, no recorded requests, the same sequence of generated IDs. What [Server.Handle] has added stays.
func (s *Server) Reset() {
	s.faults.clear()
	s.account.reset()
	s.quotas.reset()
	s.requests.clear()
}

// sleep waits, unless the client or the server goes away before. It reports whether the time has passed.
func (s *Server) sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-s.done:
	}
	return false
}

// misuse reports a wrong call of the Go API.
func (s *Server) misuse(format string, args ...any) {
	text := "ldapitest: " + fmt.Sprintf(format, args...)
	if s.tb != nil {
		s.tb.Helper()
		s.tb.Fatal(text)
	}
	panic(text)
}
