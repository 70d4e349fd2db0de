package hostile

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// http1Server keeps connections alive, answers warm requests, and ends the connection of every other request at a moment.
type http1Server struct {
	url         string
	moment      string
	abort       bool // with RST instead of FIN
	warm, whole atomic.Int64
	warming     sync.WaitGroup // done when all warm requests have arrived, so that each has its own connection
	closed      sync.WaitGroup
	transport   *http.Transport
}

func newHTTP1Server(t *testing.T, moment string, abort bool, warm int) *http1Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &http1Server{url: "http://" + listener.Addr().String(), moment: moment, abort: abort,
		transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	s.warm.Store(int64(warm))
	s.warming.Add(warm)
	s.closed.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.closed.Go(func() { s.serve(conn.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() {
		s.transport.CloseIdleConnections()
		_ = listener.Close()
		s.closed.Wait()
	})
	return s
}

func (s *http1Server) serve(conn *net.TCPConn) {
	defer func() { _ = conn.Close() }()
	if s.abort {
		_ = conn.SetLinger(0)
	}
	in := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if s.warm.Add(-1) >= 0 {
			_, _ = io.Copy(io.Discard, req.Body)
			s.warming.Done()
			s.warming.Wait()
			_, _ = fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
			continue
		}
		if s.moment == afterHeaders && req.ContentLength != 0 {
			return
		}
		if s.moment == inBody {
			_, _ = io.CopyN(io.Discard, req.Body, 1)
			return
		}
		if _, err := io.Copy(io.Discard, req.Body); err == nil {
			s.whole.Add(1)
		}
		return
	}
}

// TestHTTP1NeverRepeatsAWrite is the same over HTTP/1.1, on connections that were idle: with and without a header that makes
// net/http repeat a POST.
func TestHTTP1NeverRepeatsAWrite(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{afterHeaders, inBody, atEnd} {
		for _, abort := range []bool{false, true} {
			for _, idle := range []int{0, 1, 10} {
				for _, header := range []string{"", "Idempotency-Key", "X-Idempotency-Key", "idempotency-key"} {
					t.Run(fmt.Sprintf("%s, abort %t, %d idle connections, %s", moment, abort, idle, header), func(t *testing.T) {
						t.Parallel()
						for _, r := range requests() {
							if moment == inBody && !r.body {
								continue
							}
							tryHTTP1(t, r, newHTTP1Server(t, moment, abort, idle), idle, header)
						}
					})
				}
			}
		}
	}
}

func tryHTTP1(t *testing.T, r request, s *http1Server, idle int, header string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	client := ldapi.New(ldapi.WithBaseURL(s.url), ldapi.WithTransport(s.transport), ldapi.WithAccessToken(token), ldapi.WithRetry(ldapi.NoRetry()))
	var warming sync.WaitGroup
	for range idle {
		warming.Go(func() {
			if _, _, err := client.AccountMembersApi.GetMembers(ctx).Execute(); err != nil {
				t.Error(err)
			}
		})
	}
	warming.Wait()
	if header != "" {
		ctx = ldapi.ContextWithHeader(ctx, header, "7f3c")
	}
	err := r.send(ctx, client)
	require.Error(t, err, r.name)
	require.NoError(t, ctx.Err(), r.name)
	require.NotErrorIs(t, err, context.Canceled, "%s: the caller canceled nothing", r.name)
	most := int64(maxSends)
	if r.writes {
		most = 1
		require.ErrorIs(t, err, ldapi.ErrOutcomeUnknown, r.name)
	}
	s.transport.CloseIdleConnections()
	require.LessOrEqual(t, s.whole.Load(), most, "%s: %v", r.name, err)
	require.False(t, strings.Contains(err.Error(), token))
}
