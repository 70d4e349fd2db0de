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

const (
	maxBody   = 1 << 20
	maxFile   = 25_000_000      // bytes of a file that is uploaded
	maxUpload = maxFile + 1<<20 // the file with what surrounds it
)

// call is a request on its way through an operation.
type call struct {
	op      *operation
	ids     []string // the parameters of the path, in its order
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
	op      *operation // nil if no operation matches: see pattern
	pattern string     // of a handler of the caller's; empty if none matches: see err
	ids     []string
	method  string // after X-HTTP-Method-Override
	body    []byte
	now     time.Time
	err     error
	record  *Request
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
	w = s.requests.answering(in.record, w)
	if !s.sleep(r.Context(), s.cfg.latency) {
		panic(http.ErrAbortHandler)
	}
	in.now = s.cfg.now() // time may have passed
	fault := s.faults.take(in.name())
	if fault != nil && fault.Kind.instead() {
		s.deliver(w, r, fault.answer(in.now), fault)
		return
	}
	s.deliver(w, r, s.answer(in), fault)
}

func (s *Server) receive(r *http.Request) *inbound {
	in := &inbound{request: r, method: r.Method, now: s.cfg.now()}
	overridden := in.override()
	var verbs []string
	in.op, in.ids, verbs = route(in.method, r.URL.EscapedPath())
	limit := maxBody
	if in.op != nil && in.op.is(upload) {
		limit = maxUpload
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(limit)+1))
	in.body = body[:min(len(body), limit)]
	switch {
	case err != nil:
		in.err = errInvalidBody
	case len(body) > limit && limit == maxUpload:
		in.err = errLargeFile
	case len(body) > limit:
		in.err = standardError(http.StatusRequestEntityTooLarge)
	default:
		in.err = overridden
	}
	if in.op == nil {
		in.pattern = s.handlers.match(in)
	}
	if in.op == nil && in.pattern == "" {
		in.err = standardError(http.StatusNotFound)
		if verbs != nil {
			in.err = standardError(http.StatusMethodNotAllowed)
		}
	}
	in.record = &Request{Time: in.now, Operation: in.name(), Method: r.Method, Host: r.Host, Path: r.URL.EscapedPath(),
		RawQuery: r.URL.RawQuery, Header: r.Header.Clone(), Body: in.body[:min(len(in.body), maxBody)]}
	s.requests.add(in.record)
	return in
}

// name is the operation or the pattern of a handler, or empty.
func (in *inbound) name() string {
	if in.op != nil {
		return in.op.id
	}
	return in.pattern
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
	switch {
	case in.op != nil:
	case in.pattern != "":
		return s.handle(in, out)
	default:
		return in.err
	}
	a := s.account
	a.mu.Lock()
	defer a.mu.Unlock()
	c := &call{op: in.op, ids: in.ids, path: in.request.URL.EscapedPath(), header: in.request.Header, body: in.body,
		now: in.now, shape: s.cfg.shape}
	var err error
	tokenID, version := "", currentVersion
	if !in.op.is(anonymous) {
		if c.caller, err = a.authenticate(c.header, in.now); err != nil {
			return err
		}
		tokenID, version = c.caller.token.ID, c.caller.token.DefaultAPIVersion
	}
	if !s.quotas.take(in.op.method+" "+in.op.route, tokenID, in.now, out.header) {
		return standardError(http.StatusTooManyRequests)
	}
	if in.err != nil {
		return in.err
	}
	if c.version, err = apiVersion(c.header, version); err != nil {
		return err
	}
	if c.query, err = url.ParseQuery(in.request.URL.RawQuery); err != nil {
		return badRequest("malformed query")
	}
	if err = s.checkContentType(in.op, c); err != nil {
		return err
	}
	switch {
	case in.op.is(needsPlan) && s.cfg.plan != PlanEnterprise:
		return forbidden("Custom roles and teams need an Enterprise plan.")
	case in.op.is(needsBeta) && !c.beta():
		return forbidden("This resource is in beta: it needs the header LD-API-Version with the value beta.")
	}
	answer, err := in.op.run(a, c)
	if err != nil {
		return err
	}
	if answer.change != nil {
		a.record(c, answer.change)
	}
	out.status = answer.status
	if answer.body == nil {
		return nil
	}
	out.header.Set("Content-Type", jsonType)
	out.body = encode(answer.body)
	return nil
}

// checkContentType requires JSON, or a form for a file, wherever a body could be, in general even if there is none.
func (s *Server) checkContentType(op *operation, c *call) error {
	switch {
	case op.method != http.MethodPost && op.method != http.MethodPatch:
		return nil
	case op.id == "resetToken" && s.cfg.plainReset, op.is(optionalBody) && len(c.body) == 0:
		return nil
	}
	want := jsonType
	if op.is(upload) {
		want = formType
	}
	if mediaType, _, err := mime.ParseMediaType(c.header.Get("Content-Type")); err != nil || mediaType != want {
		return badRequest("Content-Type must be %s", want)
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
