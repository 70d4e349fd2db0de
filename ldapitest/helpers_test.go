package ldapitest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// noon is the clock of most tests: 1767225600000 on the wire.
var noon = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

func atNoon() ldapitest.Option { return ldapitest.WithClock(func() time.Time { return noon }) }

// request is sent unchanged; an empty token means AdminToken, "none" no header at all. POST and PATCH carry JSON
// unless header specifies otherwise.
type request struct {
	method, path, token, body string
	header                    map[string]string
}

type answer struct {
	status int
	header http.Header
	body   string
}

func newServer(t testing.TB, opts ...ldapitest.Option) *ldapitest.Server {
	t.Helper()
	return ldapitest.NewTestServer(t, append([]ldapitest.Option{atNoon()}, opts...)...)
}

func build(t testing.TB, s *ldapitest.Server, r request) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), r.method, s.URL+r.path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	switch r.token {
	case "":
		req.Header.Set("Authorization", ldapitest.AdminToken)
	case "none":
	default:
		req.Header.Set("Authorization", r.token)
	}
	if r.method == http.MethodPost || r.method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	return req
}

// send returns the response to a request. Without a response it fails the test.
func send(t testing.TB, s *ldapitest.Server, r request) answer {
	t.Helper()
	a, err := try(t, s, r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	return a
}

// try also returns what arrived before an error.
func try(t testing.TB, s *ldapitest.Server, r request) (answer, error) {
	t.Helper()
	resp, err := s.Transport().RoundTrip(build(t, s, r))
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(body)}, err
}

// want fails unless the response has the status.
func (a answer) want(t testing.TB, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// wantError fails unless the response is an error with the status and code, and a message that contains text.
func (a answer) wantError(t testing.TB, status int, code, text string) {
	t.Helper()
	a.want(t, status)
	if got := a.at(t, "code"); got != code {
		t.Errorf("code %v, want %s", got, code)
	}
	if message, _ := a.at(t, "message").(string); !strings.Contains(message, text) || message == "" {
		t.Errorf("message %q does not contain %q", message, text)
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type %q", got)
	}
}

// wantJSON fails unless the body is the given JSON.
func (a answer) wantJSON(t testing.TB, want string) {
	t.Helper()
	if got, want := parse(t, a.body), parse(t, want); !reflect.DeepEqual(got, want) {
		g, _ := json.MarshalIndent(got, "", " ")
		w, _ := json.MarshalIndent(want, "", " ")
		t.Fatalf("got %s\nwant %s", g, w)
	}
}

// at returns a value in the body by property names, and indexes of lists as ints. An absent value is nil.
func (a answer) at(t testing.TB, path ...any) any {
	t.Helper()
	v := parse(t, a.body)
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			l, _ := v.([]any)
			if step >= len(l) {
				return nil
			}
			v = l[step]
		}
	}
	return v
}

// has reports whether a property is in the top object of the body, null or not.
func (a answer) has(t testing.TB, name string) bool {
	t.Helper()
	m, _ := parse(t, a.body).(map[string]any)
	_, ok := m[name]
	return ok
}

// column returns one property of each item of a list.
func (a answer) column(t testing.TB, name string) []string {
	t.Helper()
	items, _ := a.at(t, "items").([]any)
	values := []string{}
	for _, item := range items {
		m, _ := item.(map[string]any)
		s, _ := m[name].(string)
		values = append(values, s)
	}
	return values
}

func parse(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return v
}

func equal[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// ms is a time on the wire.
func ms(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock(at time.Time) *clock { return &clock{at: at} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
