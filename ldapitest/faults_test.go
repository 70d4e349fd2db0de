package ldapitest_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// deletion is a request whose effect can be seen.
var deletion = request{method: "DELETE", path: "/api/v2/members/" + ldapitest.ReaderID}

const rateLimited = `{"code":"rate_limited","message":"You've exceeded the API rate limit. Try again later."}`

var answeringFaults = map[string]struct {
	fault  ldapitest.Fault
	status int
	body   string
	header map[string]string // "" = absent
}{
	"status": {ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 503},
		503, `{"code":"service_unavailable","message":"Service unavailable"}`, map[string]string{"Content-Type": "application/json"}},
	"conflict": {ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 409},
		409, `{"code":"optimistic_locking_error","message":"Conflict. Optimistic lock error. Try again later."}`, nil},
	"status without a usual body": {ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 504},
		504, `{"code":"gateway_timeout","message":"Gateway Timeout"}`, nil},
	"status nobody knows": {ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 599},
		599, `{"code":"status_599","message":"Status 599"}`, nil},
	"own body": {ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 400, Body: `{"message":"only a message"}`},
		400, `{"message":"only a message"}`, nil},
	"no body": {ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 401, NoBody: true},
		401, ``, map[string]string{"Content-Type": ""}},
	"success without a body": {ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 200},
		200, ``, map[string]string{"Content-Type": "application/json"}},
	"own headers": {ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 200, Body: "hello", Header: http.Header{"Content-Type": {"text/plain"}}},
		200, "hello", map[string]string{"Content-Type": "text/plain"}},
	"html": {ldapitest.Fault{Kind: ldapitest.FaultHTML},
		502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n",
		map[string]string{"Content-Type": "text/html"}},
	"html of another status": {ldapitest.Fault{Kind: ldapitest.FaultHTML, Status: 504},
		504, "<html>\r\n<head><title>504 Gateway Timeout</title></head>\r\n<body>\r\n<center><h1>504 Gateway Timeout</h1></center>\r\n</body>\r\n</html>\r\n", nil},
	"retry after": {ldapitest.Fault{Kind: ldapitest.FaultRetryAfter},
		429, rateLimited, map[string]string{"Retry-After": "1", "X-Ratelimit-Reset": ""}},
	"retry after a while": {ldapitest.Fault{Kind: ldapitest.FaultRetryAfter, Wait: 2100 * time.Millisecond},
		429, rateLimited, map[string]string{"Retry-After": "3"}},
	"retry after a date": {ldapitest.Fault{Kind: ldapitest.FaultRetryAfterDate, Wait: time.Minute},
		429, rateLimited, map[string]string{"Retry-After": "Thu, 01 Jan 2026 00:01:00 GMT", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}},
	"reset": {ldapitest.Fault{Kind: ldapitest.FaultReset, Wait: time.Hour},
		429, rateLimited, map[string]string{"Retry-After": "", "X-Ratelimit-Reset": "1767229200000", "X-Ratelimit-Route-Remaining": "0"}},
	"past reset": {ldapitest.Fault{Kind: ldapitest.FaultPastReset},
		429, rateLimited, map[string]string{"X-Ratelimit-Reset": "1767225540000", "X-Ratelimit-Route-Remaining": "0"}},
	"absurd reset": {ldapitest.Fault{Kind: ldapitest.FaultAbsurdReset},
		429, rateLimited, map[string]string{"X-Ratelimit-Reset": "4920825600000"}},
	"own reset": {ldapitest.Fault{Kind: ldapitest.FaultAbsurdReset, Header: http.Header{"X-RateLimit-Reset": {"9223372036854775807"}}},
		429, rateLimited, map[string]string{"X-Ratelimit-Reset": "9223372036854775807"}},
	"bare": {ldapitest.Fault{Kind: ldapitest.FaultBareRateLimit},
		429, rateLimited, map[string]string{"Retry-After": "", "X-Ratelimit-Reset": "", "X-Ratelimit-Route-Remaining": ""}},
	"redirect": {ldapitest.Fault{Kind: ldapitest.FaultRedirect, Location: "https://elsewhere.example/x"},
		307, "", map[string]string{"Location": "https://elsewhere.example/x"}},
	"redirect with a status": {ldapitest.Fault{Kind: ldapitest.FaultRedirect, Location: "/api/v2/members", Status: 301},
		301, "", map[string]string{"Location": "/api/v2/members"}},
}

func TestFaultsThatAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range answeringFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.Fail(c.fault)
			a := send(t, s, deletion).want(t, c.status)
			equal(t, "body", a.body, c.body)
			for header, want := range c.header {
				equal(t, header, a.header.Get(header), want)
			}
			equal(t, "members", len(s.Members()), 4)
			send(t, s, deletion).want(t, 204) // once
		})
	}
}

func TestFaultCounts(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	status := func(status int) ldapitest.Fault { return ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: status} }
	get := func() int { return send(t, s, request{method: "GET", path: "/api/v2/members"}).status }

	f := status(500)
	f.Operation, f.Count, f.Skip = "getMembers", 2, 1
	s.Fail(f)
	f = status(503)
	f.Skip = 2 // of any request
	s.Fail(f)
	send(t, s, request{method: "GET", path: "/api/v2/members/me"}).want(t, 200) // the first skip of the second fault
	var got []int
	for range 5 {
		got = append(got, get())
	}
	equal(t, "statuses", got, []int{200, 500, 500, 503, 200})

	f = status(502)
	f.Count = -1
	s.Fail(f)
	equal(t, "forever", []int{get(), get(), get()}, []int{502, 502, 502})
	send(t, s, request{method: "GET", path: "/nowhere"}).want(t, 502) // any request is any request
	s.ClearFaults()
	equal(t, "cleared", get(), 200)
	s.Fail(f)
	s.Reset()
	equal(t, "reset", get(), 200)
}

func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	for mode, opts := range bothModes {
		for name, c := range map[string]struct {
			fault     ldapitest.Fault
			committed bool
			answered  bool
		}{
			"before the response": {ldapitest.Fault{Kind: ldapitest.FaultCloseBeforeResponse}, false, false},
			"after the commit":    {ldapitest.Fault{Kind: ldapitest.FaultCloseAfterCommit}, true, false},
			"after the headers":   {ldapitest.Fault{Kind: ldapitest.FaultCloseAfterHeaders}, true, true},
			"in the body":         {ldapitest.Fault{Kind: ldapitest.FaultCloseMidBody}, true, true},
			"late in the body":    {ldapitest.Fault{Kind: ldapitest.FaultCloseMidBody, Fraction: 0.9}, true, true},
		} {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				s := newServer(t, opts...)
				create := request{method: "POST", path: "/api/v2/tokens", body: `{"role":"reader"}`}
				whole := len(send(t, s, create).want(t, 201).body) // and the connection is reused from now on
				s.Fail(c.fault)
				a, err := try(t, s, create)
				if err == nil {
					t.Fatalf("no error: %+v", a)
				}
				if c.answered {
					equal(t, "error", errors.Is(err, io.ErrUnexpectedEOF), true)
					equal(t, "status", a.status, 201)
					want := 0
					if c.fault.Kind == ldapitest.FaultCloseMidBody {
						want = whole / 2
						if c.fault.Fraction != 0 {
							want = int(float64(whole) * c.fault.Fraction)
						}
					}
					equal(t, "bytes", len(a.body), want)
				}
				tokens := 6
				if c.committed {
					tokens++
				}
				equal(t, "tokens", len(s.Tokens()), tokens)
				send(t, s, create).want(t, 201)
			})
		}
	}
}

func TestABrokenGetIsNotHiddenByTheTransport(t *testing.T) {
	t.Parallel()
	for mode, opts := range bothModes {
		s := newServer(t, opts...)
		get := request{method: "GET", path: "/api/v2/members"}
		for range 3 {
			send(t, s, get).want(t, 200)
		}
		s.Fail(ldapitest.Fault{Kind: ldapitest.FaultCloseBeforeResponse, Skip: 2, Count: 2})
		var broken []bool
		for range 5 {
			_, err := try(t, s, get)
			broken = append(broken, err != nil)
		}
		equal(t, mode, broken, []bool{false, false, true, true, false})
		equal(t, mode+" requests", len(s.Requests()), 8)
	}
}

func TestBreakingAnAnswerWithoutABody(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithEmptyUnauthorized())
	s.Fail(ldapitest.Fault{Kind: ldapitest.FaultCloseAfterHeaders})
	if _, err := try(t, s, deletion); err == nil {
		t.Error("a 204 has no body to break, so its headers should")
	}
	equal(t, "members", len(s.Members()), 3)
	s.Fail(ldapitest.Fault{Kind: ldapitest.FaultCloseMidBody})
	a, err := try(t, s, request{method: "GET", path: "/api/v2/members", token: "none"})
	equal(t, "error", errors.Is(err, io.ErrUnexpectedEOF), true)
	equal(t, "status", a.status, 401)
}

func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
		start := time.Now()
		s.Fail(ldapitest.Fault{Kind: ldapitest.FaultSlowFirstByte, Wait: 8 * time.Second})
		resp, err := s.Transport().RoundTrip(build(t, s, deletion))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		equal(t, "until the headers", time.Since(start), 8*time.Second)
		equal(t, "status", resp.StatusCode, 204)

		start = time.Now()
		s.Fail(ldapitest.Fault{Kind: ldapitest.FaultSlowBody, Wait: 8 * time.Second})
		resp, err = s.Transport().RoundTrip(build(t, s, request{method: "GET", path: "/api/v2/members/me"}))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		equal(t, "until the headers of a slow body", time.Since(start), 0)
		one := make([]byte, 1)
		if _, err := io.ReadFull(resp.Body, one); err != nil {
			t.Fatal(err)
		}
		equal(t, "until the first byte", time.Since(start), time.Second)
		rest, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "until the end", time.Since(start), 8*time.Second)
		answer{body: string(one) + string(rest)}.has(t, "_id")
	})
}

func TestSlowAnswersEndWithTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := ldapitest.NewTestServer(t, ldapitest.WithInMemory())
		client := &http.Client{Transport: s.Transport(), Timeout: time.Second}
		for _, kind := range []ldapitest.FaultKind{ldapitest.FaultSlowFirstByte, ldapitest.FaultSlowBody} {
			s.Fail(ldapitest.Fault{Kind: kind, Wait: time.Hour})
			resp, err := client.Do(build(t, s, request{method: "GET", path: "/api/v2/members"}))
			if err == nil {
				_, err = io.ReadAll(resp.Body)
				resp.Body.Close()
			}
			var timeout interface{ Timeout() bool }
			equal(t, "timeout", errors.As(err, &timeout) && timeout.Timeout(), true)
		}
		start := time.Now()
		s.Close()
		equal(t, "waited for Close", time.Since(start), 0)
	})
}

func TestGzipBomb(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{14, 1 << 20, 3<<20 + 7} {
		s := newServer(t)
		s.Fail(ldapitest.Fault{Kind: ldapitest.FaultGzipBomb, Size: size})
		a := send(t, s, request{method: "GET", path: "/api/v2/members", header: map[string]string{"Accept-Encoding": "gzip"}}).want(t, 200)
		equal(t, "Content-Encoding", a.header.Get("Content-Encoding"), "gzip")
		if int64(len(a.body)) > 200+size/500 {
			t.Errorf("%d bytes on the wire for %d", len(a.body), size)
		}
		unzip, err := gzip.NewReader(strings.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(unzip)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "size", int64(len(body)), size)
		parse(t, string(body))
	}
	// By default it is large; the standard transport would unpack all of it.
	s := newServer(t)
	s.Fail(ldapitest.Fault{Kind: ldapitest.FaultGzipBomb})
	resp, err := s.Transport().RoundTrip(build(t, s, request{method: "GET", path: "/api/v2/members"}))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	equal(t, "uncompressed", resp.Uncompressed, true)
	n, _ := io.CopyN(io.Discard, resp.Body, 20<<20)
	equal(t, "bytes", n, 20<<20)
}

func TestEndlessBody(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(ldapitest.Fault{Kind: ldapitest.FaultEndlessBody, Header: http.Header{"X-Extra": {"1"}}})
	resp, err := s.Transport().RoundTrip(build(t, s, request{method: "GET", path: "/api/v2/members"}))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "X-Extra", resp.Header.Get("X-Extra"), "1")
	head := make([]byte, 13)
	if _, err := io.ReadFull(resp.Body, head); err != nil {
		t.Fatal(err)
	}
	equal(t, "head", string(head), `{"padding":"x`)
	n, _ := io.CopyN(io.Discard, resp.Body, 20<<20)
	equal(t, "bytes", n, 20<<20)
	resp.Body.Close()
}

func TestEndlessBodyEndsWhenNobodyReads(t *testing.T) {
	t.Parallel()
	s := newServer(t, ldapitest.WithInMemory())
	s.Fail(ldapitest.Fault{Kind: ldapitest.FaultEndlessBody})
	w := &stubbornWriter{ResponseRecorder: httptest.NewRecorder()}
	s.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/api/v2/members", nil))
	equal(t, "writes", w.writes, 3)
}

// stubbornWriter accepts two writes and no more.
type stubbornWriter struct {
	*httptest.ResponseRecorder
	writes int
}

func (w *stubbornWriter) Write(b []byte) (int, error) {
	if w.writes++; w.writes > 2 {
		return 0, io.ErrClosedPipe
	}
	return w.ResponseRecorder.Write(b)
}

func TestFaultHeadersOnSpoiltAnswers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Fail(ldapitest.Fault{Kind: ldapitest.FaultSlowFirstByte, Wait: time.Millisecond, Header: http.Header{"X-Extra": {"1"}}})
	a := send(t, s, request{method: "GET", path: "/api/v2/members"}).want(t, 200)
	equal(t, "X-Extra", a.header.Get("X-Extra"), "1")
}

func TestImpossibleFaults(t *testing.T) {
	t.Parallel()
	s := ldapitest.NewServer(ldapitest.WithInMemory())
	t.Cleanup(s.Close)
	for want, f := range map[string]ldapitest.Fault{
		"unknown kind 0":                        {Status: 500},
		"unknown kind 99":                       {Kind: 99},
		`unknown operation "GetToken"`:          {Kind: ldapitest.FaultHTML, Operation: "GetToken"},
		"no Status":                             {Kind: ldapitest.FaultStatus},
		"status 99 is not between 200 and 599":  {Kind: ldapitest.FaultStatus, Status: 99},
		"status 600 is not between 200 and 599": {Kind: ldapitest.FaultHTML, Status: 600},
		"both Body and NoBody":                  {Kind: ldapitest.FaultStatus, Status: 500, Body: "x", NoBody: true},
		"no Location":                           {Kind: ldapitest.FaultRedirect},
		"status 200 does not redirect":          {Kind: ldapitest.FaultRedirect, Location: "/", Status: 200},
		"this kind has no Status":               {Kind: ldapitest.FaultRetryAfter, Status: 503},
		"this kind has no Body":                 {Kind: ldapitest.FaultHTML, Body: "x"},
		"this kind has no NoBody":               {Kind: ldapitest.FaultHTML, NoBody: true},
		"this kind has no Wait":                 {Kind: ldapitest.FaultHTML, Wait: 1},
		"this kind has no Fraction":             {Kind: ldapitest.FaultHTML, Fraction: 0.5},
		"this kind has no Size":                 {Kind: ldapitest.FaultHTML, Size: 5},
		"this kind has no Location":             {Kind: ldapitest.FaultHTML, Location: "/"},
		"no Wait":                               {Kind: ldapitest.FaultSlowBody},
		"negative value":                        {Kind: ldapitest.FaultReset, Wait: -1},
		"fraction 1 is not between 0 and 1":     {Kind: ldapitest.FaultCloseMidBody, Fraction: 1},
	} {
		equal(t, "panic", panicText(t, func() { s.Fail(f) }), "ldapitest: Fail: "+want)
	}
	send(t, s, request{method: "GET", path: "/api/v2/members"}).want(t, 200)
}
