package wire

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// Sighting is what httptrace saw of a request.
type Sighting struct {
	asked atomic.Bool // for a connection: so there is a transport that reports
	wrote atomic.Bool // at least one header
}

// Trace gives the hooks to watch a request with.
func (s *Sighting) Trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:          func(string) { s.asked.Store(true) },
		WroteHeaderField: func(string, []string) { s.wrote.Store(true) },
		WroteHeaders:     func() { s.wrote.Store(true) },
	}
}

// MaySent reports whether a request that failed may have been sent. That it was not is known when a transport that
// reports wrote no header, or when the failure is one of dialling, of name resolution or of the TLS handshake. A transport
// that does not report proves nothing by its silence.
func (s *Sighting) MaySent(err error) bool {
	switch {
	case s != nil && s.wrote.Load():
		return true
	case s != nil && s.asked.Load():
		return false
	default:
		return !beforeSending(err)
	}
}

// beforeSending reports whether err is a failure to get a connection.
func beforeSending(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	var record tls.RecordHeaderError
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &op) && op.Op == "dial" || errors.As(err, &dns) || errors.As(err, &record) ||
		errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &hostname) || errors.As(err, &invalid)
}
