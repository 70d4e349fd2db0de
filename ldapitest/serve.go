package ldapitest

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const maxBody = 1 << 20

// call is a request on its way through an operation.
type call struct {
	op      *operation
	id      string // from the path
	path    string
	header  http.Header
	query   url.Values
	body    []byte
	now     time.Time
	caller  *caller
	version int // of the API
	shape   shape
}

// inbound is a request that has been read and routed.
type inbound struct {
	request *http.Request
	op      *operation // nil if no operation matches: see err
	id      string
	method  string // after X-HTTP-Method-Override
	body    []byte
	now     time.Time
	err     error
}

// outbound is an answer that has not been written.
type outbound struct {
	status int
	header http.Header
	body   []byte
}

// serve reads, records, waits, and answers: with a fault if one is due, else with the truth.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	in := s.receive(r)
	if !s.sleep(r.Context(), s.cfg.latency) {
		panic(http.ErrAbortHandler)
	}
	in.now = s.cfg.now() // time may have passed
	name := ""
	if in.op != nil {
		name = in.op.id
	}
	fault := s.faults.take(name)
	if fault != nil && fault.Kind.instead() {
		s.deliver(w, r, fault.answer(in.now), fault)
		return
	}
	s.deliver(w, r, s.answer(in), fault)
}

func (s *Server) receive(r *http.Request) *inbound {
	in := &inbound{request: r, method: r.Method, now: s.cfg.now()}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	in.body = body[:min(len(body), maxBody)]
	switch {
	case err != nil:
		in.err = errInvalidBody
	case len(body) > maxBody:
		in.err = standardError(http.StatusRequestEntityTooLarge)
	}
	if err := in.override(); err != nil && in.err == nil {
		in.err = err
	}
	var verbs []string
	if in.op, in.id, verbs = route(in.method, r.URL.EscapedPath()); in.op == nil {
		in.err = standardError(http.StatusNotFound)
		if verbs != nil {
			in.err = standardError(http.StatusMethodNotAllowed)
		}
	}
	record := Request{Time: in.now, Method: r.Method, Host: r.Host, Path: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery,
		Header: r.Header.Clone(), Body: in.body}
	if in.op != nil {
		record.Operation = in.op.id
	}
	s.requests.add(record)
	return in
}

// override lets a POST stand for another verb.
func (in *inbound) override() error {
	verb := in.request.Header.Get("X-HTTP-Method-Override")
	if verb == "" || in.method != http.MethodPost {
		return nil
	}
	verb = strings.ToUpper(verb)
	if !slices.Contains([]string{http.MethodPatch, http.MethodDelete, http.MethodPut}, verb) {
		return badRequest("X-HTTP-Method-Override: %q is none of PATCH, DELETE, PUT", verb)
	}
	in.method = verb
	return nil
}

// answer returns what LaunchDarkly would answer.
func (s *Server) answer(in *inbound) *outbound {
	out := &outbound{header: http.Header{}}
	err := s.process(in, out)
	if err == nil {
		return out
	}
	var e *apiError
	if !errors.As(err, &e) {
		e = standardError(http.StatusInternalServerError)
	}
	out.status, out.body = e.status, nil
	if e.status == http.StatusUnauthorized && s.cfg.emptyUnauthorized {
		return out
	}
	id := ""
	if s.cfg.errorIDs {
		s.account.mu.Lock()
		id = s.account.ids.uuid()
		s.account.mu.Unlock()
	}
	out.header.Set("Content-Type", jsonType)
	out.body = encode(s.cfg.shape.errorObject(e, id))
	if e.status == http.StatusMethodNotAllowed {
		_, _, verbs := route(in.method, in.request.URL.EscapedPath())
		out.header.Set("Allow", strings.Join(verbs, ", "))
	}
	return out
}

// process runs the operation, and encodes its result before anybody else can change the account.
func (s *Server) process(in *inbound, out *outbound) error {
	if in.op == nil {
		return in.err
	}
	a := s.account
	a.mu.Lock()
	defer a.mu.Unlock()
	c := &call{op: in.op, id: in.id, path: in.request.URL.EscapedPath(), header: in.request.Header, body: in.body,
		now: in.now, shape: s.cfg.shape}
	var err error
	if c.caller, err = a.authenticate(c.header, in.now); err != nil {
		return err
	}
	if !s.quotas.take(in.op.method+" "+in.op.route, c.caller.token.ID, in.now, out.header) {
		return standardError(http.StatusTooManyRequests)
	}
	if in.err != nil {
		return in.err
	}
	if c.version, err = apiVersion(c.header, c.caller.token); err != nil {
		return err
	}
	if c.query, err = url.ParseQuery(in.request.URL.RawQuery); err != nil {
		return badRequest("malformed query")
	}
	if err = s.checkContentType(in.op, c.header); err != nil {
		return err
	}
	answer, err := in.op.run(a, c)
	if err != nil {
		return err
	}
	out.status = answer.status
	if answer.body == nil {
		return nil
	}
	out.header.Set("Content-Type", jsonType)
	out.body = encode(answer.body)
	return nil
}

// checkContentType requires JSON wherever a body could be, even if there is none.
func (s *Server) checkContentType(op *operation, h http.Header) error {
	if op.method != http.MethodPost && op.method != http.MethodPatch || op.id == "resetToken" && s.cfg.plainReset {
		return nil
	}
	if mediaType, _, err := mime.ParseMediaType(h.Get("Content-Type")); err != nil || mediaType != jsonType {
		return badRequest("Content-Type must be %s", jsonType)
	}
	return nil
}

// write sends an answer in one piece.
func (s *Server) write(w http.ResponseWriter, out *outbound) {
	s.writeHeader(w, out)
	_, _ = w.Write(out.body) // on failure, the client has disconnected
}

// writeHeader sets what all answers have. The Date follows the account's clock, so that it fits the reset times.
func (s *Server) writeHeader(w http.ResponseWriter, out *outbound) {
	h := w.Header()
	for name, values := range out.header {
		h[name] = values
	}
	h.Set("Date", s.cfg.now().Format(http.TimeFormat))
	if out.status != http.StatusNoContent && h.Get("Content-Length") == "" {
		h.Set("Content-Length", strconv.Itoa(len(out.body)))
	}
	if s.faults.pendingBreak() {
		h.Set("Connection", "close")
	}
	w.WriteHeader(out.status)
}
