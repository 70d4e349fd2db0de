package wire

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMaySent: a request counts as not sent only if the transport or the failure proves it.
func TestMaySent(t *testing.T) {
	t.Parallel()
	dial := fmt.Errorf("wrapped: %w", &net.OpError{Op: "dial", Err: errors.New("refused")})
	watch := func() *Sighting { return NewSighting(1, func() {}) }
	asked, wroteField, wroteHeaders := watch(), watch(), watch()
	asked.Trace().GetConn("a:443")
	wroteField.Trace().GetConn("a:443")
	wroteField.Trace().WroteHeaderField("Accept", nil)
	wroteHeaders.Trace().WroteHeaders()
	for _, tc := range []struct {
		name string
		seen *Sighting
		err  error
		want bool
	}{
		{"a transport that does not report", watch(), io.EOF, true},
		{"a transport that does not report, no connection", watch(), dial, false},
		{"no header was written", asked, io.EOF, false},
		{"a header was written", wroteField, io.EOF, true},
		{"a header was written, then a redirect found no connection", wroteField, dial, true},
		{"all headers were written at once", wroteHeaders, dial, true},
	} {
		require.Equal(t, tc.want, tc.seen.MaySent(tc.err), tc.name)
	}
}

// TestADumpProvesNothing: the transport that dumps a request may then send it with one that does not report.
func TestADumpProvesNothing(t *testing.T) {
	t.Parallel()
	seen := NewSighting(1, func() { t.Error("the request is canceled") })
	for range 2 {
		req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), seen.Trace()), http.MethodPost, "http://a/", strings.NewReader("body"))
		require.NoError(t, err)
		_, err = httputil.DumpRequestOut(req, true)
		require.NoError(t, err)
	}
	require.True(t, seen.MaySent(io.EOF))
	seen.Trace().GetConn("a:443")
	require.False(t, seen.MaySent(io.EOF), "this one reports, and has no connection")
}

func TestFailuresBeforeSending(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&net.OpError{Op: "dial", Err: io.EOF}, &net.DNSError{}, tls.RecordHeaderError{}, &tls.CertificateVerificationError{Err: io.EOF},
		x509.UnknownAuthorityError{}, x509.HostnameError{Certificate: new(x509.Certificate)}, x509.CertificateInvalidError{},
	} {
		require.True(t, beforeSending(fmt.Errorf("wrapped: %w", err)), "%T", err)
	}
	for _, err := range []error{io.EOF, io.ErrUnexpectedEOF, &net.OpError{Op: "read", Err: io.EOF}, &net.OpError{Op: "write", Err: io.EOF}} {
		require.False(t, beforeSending(err), "%T %v", err, err)
	}
}
