package ldapi

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// atOnce repeats without waiting: these tests run on the real clock, because they use real connections.
var atOnce = RetryPolicy{MinWait: 1, MaxWait: 1}

// evidence is a call through a real or faked transport, and what there is to conclude from its failure.
type evidence struct {
	name      string
	url       string
	transport http.RoundTripper
	sent      bool // perhaps
	permanent bool // and not worth another attempt
}

// requireEvidence makes a call of each kind: requests that were provably not sent are retried, whatever the method.
func requireEvidence(t *testing.T, e evidence) {
	t.Helper()
	var tries atomic.Int64
	counted := fakeTransport(func(req *http.Request) (*http.Response, error) {
		tries.Add(1)
		return e.transport.RoundTrip(req)
	})
	client := New(WithBaseURL(e.url), WithTransport(counted), WithRetry(atOnce), WithAccessToken(fakeToken), WithTimeout(5*time.Second))
	_, resp, err := client.AccessTokensApi.PostToken(t.Context()).AccessTokenPost(AccessTokenPost{}).Execute()
	require.Error(t, err, e.name)
	require.Equal(t, e.name == "half a body", resp != nil, e.name) // of which the headers came
	require.Equal(t, e.sent, errors.Is(err, ErrOutcomeUnknown), "%s: %v", e.name, err)
	reads := int64(4)
	if e.permanent {
		reads = 1
	}
	want := reads
	if e.sent {
		want = 1
	}
	require.Equal(t, want, tries.Swap(0), "%s: POST: %v", e.name, err)
	for _, call := range []func() error{
		func() error { _, _, err := client.AccessTokensApi.GetTokens(t.Context()).Execute(); return err },
		func() error { _, err := client.AccessTokensApi.DeleteToken(t.Context(), "66").Execute(); return err },
	} {
		err := call()
		require.Error(t, err, e.name)
		require.NotErrorIs(t, err, ErrOutcomeUnknown, e.name)
		require.Equal(t, reads, tries.Swap(0), "%s: %v", e.name, err)
	}
}

// listen serves each connection with serve, on loopback.
func listen(t *testing.T, serve func(conn net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serve(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String()
}

// newRealTransport is a transport whose connections end with the test.
func newRealTransport(t *testing.T) *http.Transport {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// TestEvidenceOfRealConnections: what net/http reports before a header is written, and after.
func TestEvidenceOfRealConnections(t *testing.T) {
	t.Parallel()
	closed := listen(t, func(net.Conn) {})
	readsThenBreaks := listen(t, func(conn net.Conn) { _, _ = http.ReadRequest(bufio.NewReader(conn)) })
	answersHalf := listen(t, func(conn net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		_, _ = io.WriteString(conn, "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"_id\":")
	})
	answersHalfAHeader := listen(t, func(conn net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		_, _ = io.WriteString(conn, "HTTP/1.1 201 Crea")
	})
	refuses, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, refuses.Close())

	for _, e := range []evidence{
		{"no listener", "http://" + refuses.Addr().String(), newRealTransport(t), false, false},
		{"no such host", "https://ld.example.com", withoutNames(t), false, false},
		{"the dial is canceled", "https://ld.example.com", withSlowDial(t), false, false},
		{"closed in the handshake", "https://" + closed, newRealTransport(t), false, false},
		{"read, and closed", "http://" + readsThenBreaks, newRealTransport(t), true, false},
		{"half a header", "http://" + answersHalfAHeader, newRealTransport(t), true, false},
		{"half a body", "http://" + answersHalf, newRealTransport(t), true, false},
	} {
		requireEvidence(t, e)
	}
}

// withoutNames is a transport whose resolver finds no names and makes no queries.
func withoutNames(t *testing.T) *http.Transport {
	transport := newRealTransport(t)
	transport.DialContext = (&net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no name server")
	}}}).DialContext
	return transport
}

// withSlowDial is a transport whose connections are never established, and whose dialer has its own error.
func withSlowDial(t *testing.T) *http.Transport {
	transport := newRealTransport(t)
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("the proxy is not there")
	}
	return transport
}

// TestEvidenceOfTLS: a handshake that fails is not a request, whichever side fails.
func TestEvidenceOfTLS(t *testing.T) {
	t.Parallel()
	quiet := log.New(io.Discard, "", 0)
	reached := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached") })
	secure := httptest.NewUnstartedServer(reached)
	secure.Config.ErrorLog = quiet
	secure.StartTLS()
	t.Cleanup(secure.Close)
	old := httptest.NewUnstartedServer(reached)
	old.Config.ErrorLog = quiet
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS12}
	old.StartTLS()
	t.Cleanup(old.Close)
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
	t.Cleanup(plain.Close)

	trusted := func(change func(*tls.Config)) *http.Transport {
		transport := newRealTransport(t)
		transport.TLSClientConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		change(transport.TLSClientConfig)
		return transport
	}
	for _, e := range []evidence{
		{"unknown authority", secure.URL, newRealTransport(t), false, true},
		{"another host's certificate", secure.URL, trusted(func(c *tls.Config) { c.ServerName = "elsewhere.invalid" }), false, true},
		{"old version", old.URL, trusted(func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }), false, true},
		{"no TLS at all", "https" + plain.URL[len("http"):], newRealTransport(t), false, true},
	} {
		requireEvidence(t, e)
	}
}

// TestEvidenceOfHTTP2: a stream that breaks after the request proves nothing.
func TestEvidenceOfHTTP2(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Error("not HTTP/2")
		}
		panic(http.ErrAbortHandler)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	requireEvidence(t, evidence{"stream broken", server.URL, server.Client().Transport, true, false})
}

// TestEvidenceOfOwnTransports: a transport that reports nothing proves nothing; one that reports is trusted.
func TestEvidenceOfOwnTransports(t *testing.T) {
	t.Parallel()
	reporting := func(fire func(trace *httptrace.ClientTrace), err error) http.RoundTripper {
		return fakeTransport(func(req *http.Request) (*http.Response, error) {
			if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && fire != nil {
				fire(trace)
			}
			return nil, err
		})
	}
	asks := func(trace *httptrace.ClientTrace) { trace.GetConn("ld.example.com:443") }
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("refused")}
	for _, e := range []evidence{
		{"silent", "", reporting(nil, io.EOF), true, false},
		{"silent, could not dial", "", reporting(nil, dial), false, false},
		{"silent, could not read", "", reporting(nil, &net.OpError{Op: "read", Err: io.EOF}), true, false},
		{"silent, no such host", "", reporting(nil, &net.DNSError{Name: "ld.example.com", IsNotFound: true}), false, false},
		{"silent, timed out", "", reporting(nil, context.DeadlineExceeded), true, false},
		{"asked for a connection", "", reporting(asks, io.EOF), false, false},
		{"wrote a header", "", reporting(func(trace *httptrace.ClientTrace) {
			asks(trace)
			trace.WroteHeaderField("Host", []string{"ld.example.com"})
		}, io.EOF), true, false},
		{"wrote the headers", "", reporting(func(trace *httptrace.ClientTrace) {
			asks(trace)
			trace.WroteHeaders()
		}, io.EOF), true, false},
		{"wrote a header, then could not dial", "", reporting(func(trace *httptrace.ClientTrace) {
			asks(trace)
			trace.WroteHeaderField("Host", nil)
			asks(trace)
		}, dial), true, false},
	} {
		e.url = "https://ld.example.com"
		requireEvidence(t, e)
	}
}
