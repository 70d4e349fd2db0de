package wire

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Sighting watches, through httptrace, how often net/http sends a request, and stops it from sending the request too often.
//
// net/http repeats requests by itself: on HTTP/1.1 when a reused connection dies, on HTTP/2 when the server refuses a
// stream, resets it with PROTOCOL_ERROR or leaves the connection with GOAWAY. How often is up to the server.
type Sighting struct {
	most   int    // sends at most
	cancel func() // ends the request's context
	trace  httptrace.ClientTrace

	mu      sync.Mutex
	asked   bool // a connection was requested, so the transport reports
	pending bool // a connection was obtained and nothing has been written to it
	dumping bool // the last connection is one of httputil.DumpRequestOut
	sends   int  // since the last Restart
	earlier bool // there were sends before that
	stopped bool
}

// NewSighting returns a [Sighting] that lets a request be sent most times. cancel must end the request's context.
func NewSighting(most int, cancel func()) *Sighting { return &Sighting{most: most, cancel: cancel} }

// Trace returns the hooks that watch the request.
func (s *Sighting) Trace() *httptrace.ClientTrace {
	s.trace = httptrace.ClientTrace{
		GetConn:          s.getConn,
		GotConn:          s.gotConn,
		WroteHeaderField: func(string, []string) { s.wrote() },
		WroteHeaders:     s.wrote,
	}
	return &s.trace
}

// TraceSends returns a trace with the only hook that a request needs if [Sighting.MaySent] does not matter for it. Every
// connection that the request gets counts as a send.
func (s *Sighting) TraceSends() *httptrace.ClientTrace {
	s.trace = httptrace.ClientTrace{
		GetConn: func(string) {},
		GotConn: func(info httptrace.GotConnInfo) {
			s.gotConn(info)
			s.wrote()
		},
		WroteHeaderField: func(string, []string) {},
		WroteHeaders:     func() {},
	}
	return &s.trace
}

func (s *Sighting) getConn(string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = true
}

// gotConn is called before each send. HTTP/2 looks at the context before it writes; HTTP/1.1 does not, so its connection, which
// is new or was idle, is closed.
func (s *Sighting) gotConn(info httptrace.GotConnInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dumping = isDump(info.Conn); s.dumping {
		s.asked = false // what follows may be sent by a transport that does not report
		return
	}
	s.pending = true
	if s.sends < s.most {
		return
	}
	s.stopped = true
	s.cancel()
	secure, ok := info.Conn.(*tls.Conn)
	if http2 := ok && secure.ConnectionState().NegotiatedProtocol == "h2"; !http2 && info.Conn != nil {
		_ = info.Conn.Close()
	}
}

// isDump reports whether conn is one of httputil.DumpRequestOut, with which a transport that logs or records a request writes it
// into memory.
func isDump(conn net.Conn) bool {
	return conn != nil && conn.RemoteAddr() == nil && fmt.Sprintf("%T", conn) == "*httputil.dumpConn"
}

// wrote is called before the bytes reach the connection.
func (s *Sighting) wrote() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dumping {
		return
	}
	if (s.pending || s.sends == 0) && !s.stopped {
		s.sends++
	}
	s.pending = false
}

// Restart counts from 0 again, for the request that follows a redirect.
func (s *Sighting) Restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sends, s.earlier = 0, s.earlier || s.sends > 0
}

// Stopped reports whether the request was stopped because it had been sent too often.
func (s *Sighting) Stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped
}

// MaySent reports whether the server may have processed a request that failed with err. It did not if a transport that
// reports wrote no header, if no connection was established, or if the server refused the HTTP/2 stream. The silence of a
// transport that does not report proves nothing.
func (s *Sighting) MaySent(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.sends > 0 || s.earlier:
		return s.earlier || s.sends > 1 || s.stopped || !refusedStream(err)
	case s.asked:
		return false
	default:
		return !beforeSending(err) && !refusedHere(err)
	}
}

// refusedStream reports whether err, the only failure of a request over HTTP/2, means that the server did not process it:
// it refused the stream, or the last stream that it processed before a GOAWAY was an earlier one (RFC 9113, sections 6.8 and
// 8.7). net/http wraps neither error, so its text has to do.
func refusedStream(err error) bool {
	if outer := (*url.Error)(nil); errors.As(err, &outer) {
		err = outer.Err
	}
	reason, found := strings.CutPrefix(err.Error(), "http2: Transport: cannot retry err [")
	return found && (strings.HasPrefix(reason, "http2: Transport received Server's graceful shutdown GOAWAY]") ||
		strings.HasPrefix(reason, "stream error: stream ID ") && strings.Contains(reason, "; REFUSED_STREAM; received from peer]"))
}

// beforeSending reports whether err is a failure to get a connection.
func beforeSending(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) && op.Op == "dial" || errors.As(err, &dns) || distrusts(err)
}

// distrusts reports whether err is a TLS handshake that this side broke off.
func distrusts(err error) bool {
	var record tls.RecordHeaderError
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &record) || errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &hostname) ||
		errors.As(err, &invalid)
}

// handshakeAlerts are the TLS alerts by which a server refuses this client for good: for its certificate, its protocol versions or
// the name that it asked for.
var handshakeAlerts = []tls.AlertError{40, 42, 43, 44, 45, 46, 48, 49, 70, 71, 112, 116, 120}

// ownErrors are how texts of net/http start for requests that cannot be sent, and if a proxy requires authentication.
var ownErrors = []string{"unsupported protocol scheme", "net/http: invalid ", "http: no Host in request URL", "http: ContentLength=",
	"http2: request header list larger than", "http: server gave HTTP response to HTTPS client", "Proxy Authentication Required"}

// Permanent reports whether a request that failed with err would fail again: the certificate is not trusted, the address is
// invalid, a proxy requires authentication, or net/http refuses to send the request.
func Permanent(err error) bool {
	var address *net.AddrError
	var op *net.OpError
	if distrusts(err) || errors.As(err, &address) {
		return true
	}
	if errors.As(err, &op) && op.Op == "remote error" { // an alert, whose type is not exported
		return slices.ContainsFunc(handshakeAlerts, func(alert tls.AlertError) bool { return op.Err.Error() == alert.Error() })
	}
	return refusedHere(err)
}

func refusedHere(err error) bool {
	if outer := (*url.Error)(nil); errors.As(err, &outer) {
		err = outer.Err
	}
	text := err.Error()
	return slices.ContainsFunc(ownErrors, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}
