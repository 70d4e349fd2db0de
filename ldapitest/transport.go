package ldapitest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
)

// memoryAddress looks like loopback, so that clients which refuse cleartext elsewhere accept it.
const memoryAddress = "127.0.0.1:1"

// pipeListener is a net.Listener whose connections are the ends of net.Pipe.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return memoryAddr{} }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return memoryAddress }

// dial is the other side of Accept. Other addresses are refused: a request that strays must not find the server.
func (l *pipeListener) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	if addr != memoryAddress {
		return nil, fmt.Errorf("ldapitest: no server at %s: in memory there is only %s", addr, memoryAddress)
	}
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.done:
		return nil, fmt.Errorf("ldapitest: dial %s: the server is closed", addr)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// newTransport is not http.DefaultTransport: that one is shared, and reads the environment for proxies.
func newTransport() *http.Transport {
	return &http.Transport{MaxIdleConnsPerHost: 64}
}
