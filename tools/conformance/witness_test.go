package conformance

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// witness sits between a client and a server in memory. It checks every response against the description, and counts
// how each operation was answered.
type witness struct {
	t         *testing.T
	d         *description
	transport http.RoundTripper
	requests  bool // checks requests against the description, too

	mu   sync.Mutex
	seen map[string]map[int]int // status by operationId
}

func newWitness(t *testing.T, d *description, transport http.RoundTripper) *witness {
	return &witness{t: t, d: d, transport: transport, seen: map[string]map[int]int{}}
}

func (w *witness) RoundTrip(req *http.Request) (*http.Response, error) {
	e := &exchange{request: req}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		e.requestBody = body
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	resp, err := w.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	e.response = resp
	if e.responseBody, err = io.ReadAll(resp.Body); err != nil {
		return nil, err
	}
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(e.responseBody))
	w.judge(e)
	return resp, nil
}

func (w *witness) judge(e *exchange) {
	if w.requests {
		if err := w.d.checkRequest(e); err != nil {
			w.t.Errorf("request %s %s: %v\n%s", e.request.Method, e.request.URL, err, short(e.requestBody))
		}
	}
	in, err := w.d.input(e)
	if err != nil {
		w.judgeStray(e, err)
		return
	}
	if err := w.d.checkResponse(e); err != nil {
		w.t.Errorf("response to %s %s with %s: %d: %v\n%s", e.request.Method, e.request.URL, short(e.requestBody),
			e.response.StatusCode, err, short(e.responseBody))
	}
	w.count(in.Route.Operation.OperationID, e.response.StatusCode)
}

// judgeStray checks the response to a request that belongs to no operation: the description has no response for it, but
// the body is an error like any other. A verb that its path does not have counts for the operations of that path.
func (w *witness) judgeStray(e *exchange, reason error) {
	body, _ := parse(w.t, e.responseBody).(map[string]any)
	status := e.response.StatusCode
	if err := w.d.schema("NotFoundErrorRep").VisitJSON(body); err != nil {
		w.t.Errorf("%s %s: %d: %v", e.request.Method, e.request.URL, status, err)
	}
	if status == http.StatusUnauthorized {
		return
	}
	if want := map[string]int{"method not allowed": http.StatusMethodNotAllowed}[reason.Error()]; want != 0 && status != want ||
		want == 0 && status != http.StatusNotFound {
		w.t.Errorf("%s %s: %d, but the description has: %v", e.request.Method, e.request.URL, status, reason)
	}
	for id, route := range w.d.operations {
		if _, ok := matchPath(route.Path, e.request.URL.EscapedPath()); ok {
			w.count(id, status)
		}
	}
}

func (w *witness) count(id string, status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen[id] == nil {
		w.seen[id] = map[int]int{}
	}
	w.seen[id][status]++
}

// raw is a request as a program without the SDK would send it. Unless specified otherwise it has a JSON body and the token
// of the seeded admin.
type raw struct {
	method, path, token, body string
	header                    map[string]string
}

func (w *witness) send(base string, r raw) *http.Response {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), r.method, base+r.path, strings.NewReader(r.body))
	if err != nil {
		w.t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	switch r.token {
	case "":
		req.Header.Set("Authorization", ldapitest.AdminToken)
	case "none":
	default:
		req.Header.Set("Authorization", r.token)
	}
	if r.method == http.MethodPost || r.method == http.MethodPatch {
		req.Header.Set("Content-Type", w.contentType(req))
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	resp, err := w.RoundTrip(req)
	if err != nil {
		w.t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	return resp
}

// contentType is that of the operation that a request belongs to, else JSON.
func (w *witness) contentType(req *http.Request) string {
	route, _, err := w.d.FindRoute(req)
	switch {
	case err != nil || contentType(route) == "":
		return "application/json"
	case uploads(route):
		return formType + "; boundary=x"
	}
	return contentType(route)
}

// want fails unless the response has the status.
func (w *witness) want(base string, status int, r raw) string {
	w.t.Helper()
	resp := w.send(base, r)
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		w.t.Errorf("%s %s with %s: %d, want %d: %s", r.method, r.path, short([]byte(r.body)), resp.StatusCode, status, body)
	}
	return string(body)
}

func (w *witness) String() string { return fmt.Sprint(w.seen) }
