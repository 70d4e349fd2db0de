package reliability_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
)

// repeatingResponses are responses that repeat the token at %s, where net/http or the SDK takes its error text from.
var repeatingResponses = map[string]string{
	"status line":         "%s\r\n\r\n",
	"version":             "HTTP/%s 200 OK\r\n\r\n",
	"status code":         "HTTP/1.1 %s OK\r\n\r\n",
	"reason":              "HTTP/1.1 404 %s\r\nContent-Length: 0\r\n\r\n",
	"header line":         "HTTP/1.1 200 OK\r\n%s\r\n\r\n",
	"header name":         "HTTP/1.1 200 OK\r\n%s \x01: x\r\n\r\n",
	"continuation line":   "HTTP/1.1 200 OK\r\n %s\r\n\r\n",
	"Content-Length":      "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
	"two Content-Lengths": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: %s\r\n\r\n",
	"Transfer-Encoding":   "HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
	"Trailer":             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length, %s\r\n\r\n0\r\n\r\n",
	"trailer line":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n%s\r\n\r\n",
	"chunk length":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n{}\r\n",
	"Location":            "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://[%s\r\nContent-Length: 0\r\n\r\n",
	"Location elsewhere":  "HTTP/1.1 302 Found\r\nLocation: http://%s.example.com/%s?%s\r\nContent-Length: 0\r\n\r\n",
	"Content-Encoding":    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 36\r\n\r\n%s",
	"body":                "HTTP/1.1 200 OK\r\nContent-Length: 36\r\n\r\n%s",
	"request id":          "HTTP/1.1 404 Not Found\r\nX-Request-Id: %s\r\nContent-Length: 2\r\n\r\n{}",
}

// spellings are ways to write the token that a reader, or a program that decodes URLs, recognizes.
func spellings() map[string]string {
	percent, quoted := "", ""
	for i := range len(canaryToken) {
		percent += fmt.Sprintf("%%%02X", canaryToken[i])
		quoted += fmt.Sprintf(`\x%02x`, canaryToken[i])
	}
	return map[string]string{"as it is": canaryToken, "upper case": strings.ToUpper(canaryToken), "escaped": percent,
		"escaped, lower case": strings.ToLower(percent), "as a Go string": quoted, "with a scheme": "Bearer " + canaryToken}
}

// serveRaw answers each connection's request with response, and returns the server's address.
func serveRaw(t *testing.T, response string) string {
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
			_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
			if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_, _ = io.Copy(io.Discard, req.Body)
				_, _ = io.WriteString(conn, response)
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-done })
	return listener.Addr().String()
}

// TestRepeatedSecretsAreRedacted: wherever the server repeats the token, no error, no cause of it and no log record shows it, and
// a failure to get a response names the host.
func TestRepeatedSecretsAreRedacted(t *testing.T) {
	t.Parallel()
	for place, response := range repeatingResponses {
		for spelling, token := range spellings() {
			t.Run(place+" "+spelling, func(t *testing.T) {
				t.Parallel()
				address := serveRaw(t, strings.ReplaceAll(response, "%s", token))
				transport := &http.Transport{}
				t.Cleanup(transport.CloseIdleConnections)
				for i, authorize := range []ldapi.Option{ldapi.WithAccessToken(canaryToken), ldapi.WithBearerToken(canaryToken)} {
					var shown bytes.Buffer
					client := ldapi.New(ldapi.WithBaseURL("http://"+address), ldapi.WithTransport(transport), authorize, ldapi.WithRetry(ldapi.NoRetry()),
						ldapi.WithLogger(slog.New(slog.NewTextHandler(&shown, &slog.HandlerOptions{Level: slog.LevelDebug}))))
					o := operations()[i*2+1]
					_, err := o.call(t.Context(), client)
					if err == nil {
						continue // a repeated request is not an error to net/http
					}
					var apiError *ldapi.GenericOpenAPIError
					if !errors.As(err, &apiError) {
						require.Contains(t, err.Error(), " at "+address+": ")
						if outer := (*url.Error)(nil); errors.As(err, &outer) {
							_, _ = fmt.Fprintln(&shown, outer, outer.Err)
						}
					}
					for cause := err; cause != nil; cause = errors.Unwrap(cause) {
						_, _ = fmt.Fprintf(&shown, "%v %+v %q %s\n", cause, cause, cause, cause)
					}
					_, _ = fmt.Fprintf(&shown, "%#v\n", err.Error())
					for _, trace := range []string{canaryToken[4:], token[4:], canaryToken[len(canaryToken)-12:]} {
						require.NotContains(t, strings.ToLower(shown.String()), strings.ToLower(trace), "%s", o.id)
					}
				}
			})
		}
	}
}
