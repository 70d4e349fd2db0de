package ldapitest

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	htmlPage = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n" +
		"<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
	defaultBomb = 256 << 20
	centuries   = 100 * 365 * 24 * time.Hour
	pieces      = 8 // of a slow body
)

// answer is what the client gets instead of the operation's answer.
func (f *Fault) answer(now time.Time) *outbound {
	out := &outbound{status: f.Status, header: http.Header{"Content-Type": {jsonType}}}
	switch f.Kind {
	case FaultStatus:
		out.body = []byte(f.Body)
		switch {
		case f.NoBody:
			out.header.Del("Content-Type")
		case f.Body == "" && f.Status >= 400:
			out.body = encode(shape{}.errorObject(standardError(f.Status), ""))
		}
	case FaultHTML:
		out.status = cmp.Or(f.Status, http.StatusBadGateway)
		text := strconv.Itoa(out.status) + " " + http.StatusText(out.status)
		out.header.Set("Content-Type", "text/html")
		out.body = []byte(strings.ReplaceAll(htmlPage, "502 Bad Gateway", text))
	case FaultRedirect:
		out.status = cmp.Or(f.Status, http.StatusTemporaryRedirect)
		out.header.Set("Location", f.Location)
		out.header.Del("Content-Type")
	case FaultGzipBomb, FaultEndlessBody:
		out.status = http.StatusOK
	default:
		f.rateLimited(out, now)
	}
	for name, values := range f.Header {
		out.header[name] = values
	}
	return out
}

func (f *Fault) rateLimited(out *outbound, now time.Time) {
	out.status = http.StatusTooManyRequests
	out.body = encode(shape{}.errorObject(standardError(out.status), ""))
	wait := cmp.Or(f.Wait, time.Second)
	switch f.Kind {
	case FaultRetryAfter:
		out.header.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		return
	case FaultRetryAfterDate:
		at := now.Add(wait + time.Second - 1).Truncate(time.Second)
		out.header.Set("Retry-After", at.UTC().Format(http.TimeFormat))
		return
	case FaultPastReset:
		wait = -cmp.Or(f.Wait, time.Minute)
	case FaultAbsurdReset:
		wait = cmp.Or(f.Wait, centuries)
	case FaultReset:
	default:
		return
	}
	out.header.Set("X-Ratelimit-Route-Remaining", "0")
	out.header.Set("X-Ratelimit-Reset", strconv.FormatInt(now.Add(wait).UnixMilli(), 10))
}

// deliver writes an answer the way that a fault, if there is one, spoils it. A broken connection is a real one.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request, out *outbound, f *Fault) {
	if f == nil {
		s.write(w, out)
		return
	}
	for name, values := range f.Header {
		out.header[name] = values
	}
	switch f.Kind {
	case FaultCloseBeforeResponse, FaultCloseAfterCommit:
		panic(http.ErrAbortHandler)
	case FaultCloseAfterHeaders:
		s.cutAt(w, out, 0)
	case FaultCloseMidBody:
		s.cutAt(w, out, int(float64(len(out.body))*cmp.Or(f.Fraction, 0.5)))
	case FaultSlowFirstByte:
		if !s.sleep(r.Context(), f.Wait) {
			panic(http.ErrAbortHandler)
		}
		s.write(w, out)
	case FaultSlowBody:
		s.dribble(w, r, out, f.Wait)
	case FaultGzipBomb:
		s.bomb(w, out, cmp.Or(f.Size, defaultBomb))
	case FaultEndlessBody:
		s.endless(w, r, out)
	default:
		s.write(w, out)
	}
}

// cutAt sends the headers of the whole answer and n bytes of its body. An answer without a body promises one byte, or its
// end could not be missed.
func (s *Server) cutAt(w http.ResponseWriter, out *outbound, n int) {
	if len(out.body) == 0 {
		if out.status == http.StatusNoContent {
			panic(http.ErrAbortHandler) // there is nothing after the headers, so they have to be what is missing
		}
		w.Header().Set("Content-Length", "1")
	}
	s.writeHeader(w, out)
	_, _ = w.Write(out.body[:n])
	_ = http.NewResponseController(w).Flush() // what is not flushed would be lost with the connection
	panic(http.ErrAbortHandler)
}

func (s *Server) dribble(w http.ResponseWriter, r *http.Request, out *outbound, total time.Duration) {
	s.writeHeader(w, out)
	rest := out.body
	for i := range pieces {
		_ = http.NewResponseController(w).Flush()
		if !s.sleep(r.Context(), total/pieces) {
			panic(http.ErrAbortHandler)
		}
		n := len(rest) / (pieces - i)
		_, _ = w.Write(rest[:n])
		rest = rest[n:]
	}
}

// bomb sends an object with one long string. The gzip format lets streams follow each other, so that one mebibyte is compressed only once.
func (s *Server) bomb(w http.ResponseWriter, out *outbound, size int64) {
	const head, tail, chunk = `{"padding":"`, `"}`, 1 << 20
	padding := max(0, size-int64(len(head)+len(tail)))
	var body bytes.Buffer
	body.Write(gzipped([]byte(head)))
	x := bytes.Repeat([]byte("x"), chunk)
	whole := gzipped(x)
	for range padding / chunk {
		body.Write(whole)
	}
	body.Write(gzipped(append(x[:padding%chunk:padding%chunk], tail...)))
	out.body = body.Bytes()
	out.header.Set("Content-Encoding", "gzip")
	s.write(w, out)
}

func gzipped(data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(data) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

func (s *Server) endless(w http.ResponseWriter, r *http.Request, out *outbound) {
	for name, values := range out.header {
		w.Header()[name] = values
	}
	w.WriteHeader(out.status)
	padding := bytes.Repeat([]byte("x"), 32<<10) // once: garbage of the server would count as the client's where memory is measured
	chunk := append([]byte(`{"padding":"`), padding...)
	for r.Context().Err() == nil {
		select {
		case <-s.done:
			panic(http.ErrAbortHandler)
		default:
		}
		if _, err := w.Write(chunk); err != nil {
			return
		}
		chunk = padding
	}
}
