package hostile

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// The moments at which a server ends a request.
const (
	afterHeaders = "after the headers"
	inBody       = "in the body"
	atEnd        = "at the end"
)

// strike ends the request on a stream, instead of a response.
type strike func(f *http2.Framer, stream uint32) (closeConnection bool)

func reset(code http2.ErrCode) strike {
	return func(f *http2.Framer, stream uint32) bool {
		_ = f.WriteRSTStream(stream, code)
		return false
	}
}

// leave sends GOAWAY; last is the last stream that the server claims to process.
func leave(code http2.ErrCode, last func(stream uint32) uint32) strike {
	return func(f *http2.Framer, stream uint32) bool {
		_ = f.WriteGoAway(last(stream), code, []byte("go away"))
		return true
	}
}

// http2Server answers the first warm requests with an empty object, and strikes all others. It counts requests that it received completely.
type http2Server struct {
	url, moment string
	strike      strike
	warm, whole atomic.Int64
	closed      sync.WaitGroup
	transport   *http.Transport
}

func newHTTP2Server(t *testing.T, moment string, s strike, warm int64) *http2Server {
	t.Helper()
	identity := httptest.NewUnstartedServer(http.NotFoundHandler()) // for its certificate
	identity.StartTLS()
	t.Cleanup(identity.Close)
	server := &http2Server{moment: moment, strike: s}
	server.warm.Store(warm)
	config := identity.TLS.Clone()
	config.NextProtos = []string{"h2"}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	require.NoError(t, err)
	server.url = "https://" + listener.Addr().String()
	server.transport = &http.Transport{TLSClientConfig: identity.Client().Transport.(*http.Transport).TLSClientConfig.Clone(), ForceAttemptHTTP2: true}
	server.transport.TLSClientConfig.NextProtos = nil
	server.closed.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			server.closed.Go(func() { server.serve(conn) })
		}
	})
	t.Cleanup(func() {
		server.transport.CloseIdleConnections()
		_ = listener.Close()
		server.closed.Wait()
	})
	return server
}

func (s *http2Server) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(conn, preface); err != nil {
		return
	}
	f := http2.NewFramer(conn, conn)
	if f.WriteSettings() != nil {
		return
	}
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}
		stream, moments := frame.Header().StreamID, []string{}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				_ = f.WriteSettingsAck()
			}
		case *http2.HeadersFrame:
			moments = append(moments, afterHeaders)
			if frame.StreamEnded() {
				moments = append(moments, atEnd)
			}
		case *http2.DataFrame:
			moments = append(moments, inBody)
			if frame.StreamEnded() {
				moments = append(moments, atEnd)
			}
		}
		for _, moment := range moments {
			if s.at(f, stream, moment) {
				return
			}
		}
	}
}

// at reports whether the connection is to be closed.
func (s *http2Server) at(f *http2.Framer, stream uint32, moment string) bool {
	if s.warm.Load() > 0 {
		if moment == atEnd {
			s.warm.Add(-1)
			answer(f, stream)
		}
		return false
	}
	if moment == atEnd {
		s.whole.Add(1)
	}
	return moment == s.moment && s.strike(f, stream)
}

func answer(f *http2.Framer, stream uint32) {
	var block bytes.Buffer
	_ = hpack.NewEncoder(&block).WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true})
	_ = f.WriteData(stream, true, []byte(`{"items":[],"_links":{}}`))
}
