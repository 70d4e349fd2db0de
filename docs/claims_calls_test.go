package docs

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi/ldapitest"
)

// callClaims are those of the guides about calls: lists, failures, logs, the network and tests.
var callClaims = map[string]claim{
	"paging.md: Read long lists 1":         asserts(collectsAll),
	"paging.md: Read long lists 2":         asserts(yieldsAdmins),
	"paging.md: Fetch pages in parallel 1": asserts(collectsAll),
	"paging.md: Show progress 1":           asserts(showsProgress),
	"paging.md: Continue after an error 1": asserts(continuesMembers),

	"reliability.md: Handle rate limits and failures 1": asserts(reportsRateLimit),
	"reliability.md: All goroutines wait together 1":    passes("TestStorm"),
	"reliability.md: Change it 1":                       apart("", sixteenCalls, limitsCalls),
	"reliability.md: Change it 2":                       asserts(endsAtFirst429),
	"reliability.md: Change it 3":                       apart("", oneCall, doesNotRetry),
	"testing.md: Test your code 2":                      apart("", oneCall, doesNotRetry),

	"logging.md: Log and trace calls 1": apart("", oneCall, logsGivingUp),
	"logging.md: OpenTelemetry 1":       {file: "otelldapi/example_log_test.go"},
	"logging.md: Middleware 1":          asserts(signs),
	"logging.md: Middleware 2":          asserts(records),

	"network.md: Use a proxy or another instance 1":            apart("", "proxy.Host = os.Getenv(\"PROXY\")\n"+oneCall, usesProxy),
	"network.md: Trust the certificate authority of a proxy 1": asserts(trustsCA),

	"do.md: Call other endpoints 1": asserts(readsOrganization),
	"do.md: Read a list 1":          asserts(listsProjects),
	"do.md: Send a patch 1":         asserts(turnsFlagOn),

	"fleet.md: Run many workers 1": asserts(namesWorker),

	"migrate.md: Move from the stock client 1":     asserts(runsStockCode),
	"migrate.md: Move from the stock client 2":     asserts(countsMembers),
	"migrate.md: The pager 1":                      asserts(readsAllPages),
	"migrate.md: The retry loop 1":                 asserts(waitsForReset),
	"migrate.md: The error helper 1":               asserts(deletesOnce),
	"migrate.md: Roles, teams and the audit log 1": asserts(importsOrFails),

	"testing.md: Test your code 1":          passes("TestMembers"),
	"testing.md: Test against an account 1": passes("TestOffboard"),
	"testing.md: Test against an account 2": passes("TestTeamIsDeleted"),
	"testing.md: Test against an account 3": passes("TestProject"),
	"testing.md: Test failures 1":           passes("TestAnswerIsLost"),
	"testing.md: Test failures 2":           passes("TestRateLimitIsWaitedOut"),
	"testing.md: Write a fake 1":            passes("TestAsksForAdmins"),
	"testing.md: Record real responses 1":   {file: "examples/cassette/cassette.go"},
	"testing.md: httpmock 1":                passes("TestServiceIsDown"),
}

// oneCall is a call with the client that a block leaves.
const oneCall = `ctx = ldapi.ContextWithAccessToken(ctx, os.Getenv("LD_ACCESS_TOKEN"))
_, _, err := client.AccessTokensApi.GetTokens(ctx).Execute()
if err != nil {
	return err
}
`

func collectsAll(t *testing.T, p program) {
	a := p.account(t)
	a.addMembers(246)
	require.Equal(t, "250 members\n", a.run())
	require.Equal(t, 3, a.count("getMembers", 200))
}

func yieldsAdmins(t *testing.T, p program) {
	a := p.account(t)
	a.addMembers(3)
	require.Equal(t, "olga.owens@example.com\nadam.adler@example.com\n", a.run(), "the filter admin includes the owner")
	a.refuse("getMembers", 0)
	stdout, _ := a.fail()
	require.Empty(t, stdout)
}

func showsProgress(t *testing.T, p program) {
	a := p.account(t)
	a.addMembers(246)
	require.Equal(t, "getMembers 100 of 250\ngetMembers 200 of 250\ngetMembers 250 of 250\n250 members\n", a.run())
	a = p.account(t, ldapitest.WithoutTotalCount())
	require.Contains(t, a.run(), "getMembers 4 of 0\n")
}

func continuesMembers(t *testing.T, p program) {
	a := p.account(t)
	a.addMembers(246)
	a.refuse("getMembers", 1)
	require.Equal(t, "250 members\n", a.run())
	require.Equal(t, 1, a.count("getMembers", 403))
	require.Equal(t, 3, a.count("getMembers", 200), "what was read is not read again")
	a.refuse("getMembers", 0)
	a.fail()
}

func reportsRateLimit(t *testing.T, p program) {
	a := p.account(t)
	require.Equal(t, "4 members on the first page\n", a.run())
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultReset, Wait: time.Millisecond})
	require.Equal(t, "4 members on the first page\n", a.run(), "it waits and retries")
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultRetryAfter, Wait: time.Minute})
	stdout, _ := a.fail()
	require.Equal(t, "rate limited, try again in 1m0s\n", stdout)
	require.Equal(t, 2, a.count("getMembers", 429), "it gives up at once")
}

// sixteenCalls makes them at a time.
const sixteenCalls = `failures := make(chan error)
for range 16 {
	go func() {
		_, err := client.Do(ctx, "GET", "/api/v2/slow", nil, nil, nil)
		failures <- err
	}()
}
for range 16 {
	if err := <-failures; err != nil {
		return err
	}
}
`

// Of sixteen calls, eight are in flight. The handler holds them until the eighth has come, and a ninth would be seen.
func limitsCalls(t *testing.T, p program) {
	a := p.account(t)
	var mu sync.Mutex
	most, running, full := 0, 0, make(chan struct{})
	a.Handle("GET /api/v2/slow", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		running++
		most = max(most, running)
		if running == 8 && most == 8 {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		<-full
		mu.Lock()
		running--
		mu.Unlock()
	}))
	require.Empty(t, a.run())
	require.Equal(t, 8, most)
	require.Equal(t, ldapitest.AdminToken, a.Requests()[0].Header.Get("Authorization"))

	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultRetryAfter, Wait: 3 * time.Minute, Count: -1})
	_, stderr := a.fail()
	require.Contains(t, stderr, "429 ", "MaxWait is 2 minutes")
}

func endsAtFirst429(t *testing.T, p program) {
	a := p.account(t)
	require.Empty(t, a.run())
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultRetryAfter})
	require.Equal(t, "the first 429 ends the call\n", a.run())
	require.Equal(t, []string{"getTokens 200", "getTokens 429"}, a.sent())
}

func doesNotRetry(t *testing.T, p program) {
	for _, status := range []int{429, 503} {
		a := p.account(t)
		a.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: status})
		_, stderr := a.fail()
		require.Contains(t, stderr, fmt.Sprint(status))
		require.Len(t, a.sent(), 1)
		a.run()
	}
}

// At this level the log has retries and failures, and not what contains contents.
func logsGivingUp(t *testing.T, p program) {
	a := p.account(t)
	a.run()
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultRetryAfter, Wait: time.Minute})
	_, stderr := a.fail()
	line, rest, _ := strings.Cut(stderr, "\n")
	var record map[string]any
	require.NoError(t, json.Unmarshal([]byte(line), &record), stderr)
	require.Equal(t, "WARN", record["level"])
	require.Equal(t, "ldapi giving up", record["msg"])
	require.Equal(t, "the server asks for a wait beyond MaxWait", record["reason"])
	require.Equal(t, "getTokens", record["operation"])
	require.Contains(t, rest, "429 ")

	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultReset, Wait: time.Millisecond})
	_, stderr, err := a.start()
	require.NoError(t, err)
	require.Contains(t, stderr, `"msg":"ldapi retry"`)
}

func signs(t *testing.T, p program) {
	a := p.account(t)
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultReset, Wait: time.Millisecond})
	require.Equal(t, "let through: true\n", a.run("GATEWAY_KEY=s3cret"))
	requests := a.Requests()
	require.Len(t, requests, 2)
	for _, r := range requests { // each attempt is signed
		now, signature, _ := strings.Cut(r.Header.Get("X-Gateway-Signature"), " ")
		mac := hmac.New(sha256.New, []byte("s3cret"))
		fmt.Fprintln(mac, r.Method, r.Path, now)
		require.Equal(t, fmt.Sprintf("%x", mac.Sum(nil)), signature)
	}
}

// It records an operation once per call, around all attempts, and its outcome.
func records(t *testing.T, p program) {
	a := p.account(t)
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultReset, Wait: time.Millisecond})
	require.Equal(t, "getTokens GET /api/v2/tokens true\n2 <nil>\n", a.run())
	a.refuse("getTokens", 0)
	require.Regexp(t, "^getTokens GET /api/v2/tokens false\n0 page at offset 0: 403 ", a.run())
}

func usesProxy(t *testing.T, p program) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	asked := make(chan string, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			line, _ := bufio.NewReader(conn).ReadString('\n')
			asked <- line
			fmt.Fprint(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
			conn.Close()
		}
	}()
	a := p.account(t)
	a.fail("PROXY=" + listener.Addr().String())
	require.Equal(t, "CONNECT app.eu.launchdarkly.com:443 HTTP/1.1\r\n", <-asked)
}

// Without the file of the company, the program works with the system's authorities.
func trustsCA(t *testing.T, p program) {
	out := p.account(t).run()
	require.Contains(t, out, "only the system's authorities are trusted: ")
	require.Contains(t, out, "members: 4 error: <nil>\n")
}

func readsOrganization(t *testing.T, p program) {
	a := p.account(t)
	require.Regexp(t, "^[^:]+\n$", a.run())
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 404})
	require.Equal(t, "this server has no such endpoint\n", a.run())
}

func listsProjects(t *testing.T, p program) {
	a := p.account(t)
	require.Empty(t, a.run(), "the server has no projects")
	a.Handle("GET /api/v2/projects", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"items": [{"key": "shop", "name": "%s, %s"}]}`, r.FormValue("limit"), r.FormValue("filter"))
	}))
	require.Equal(t, "shop 50, query:shop\n", a.run())
}

func turnsFlagOn(t *testing.T, p program) {
	a := p.account(t)
	require.Empty(t, a.run(), "the server has no flags")
	a.Handle("PATCH /api/v2/flags/shop/dark-mode", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "{}") }))
	require.Empty(t, a.run())
	last := a.Requests()[1]
	require.Equal(t, "application/json; domain-model=launchdarkly.semanticpatch", last.Header.Get("Content-Type"))
	require.Equal(t, []string{"beta"}, last.Header.Values("LD-API-Version"))
	require.JSONEq(t, `{"instructions": [{"kind": "turnFlagOn"}]}`, string(last.Body))
	require.Equal(t, 200, last.Status)
}

func namesWorker(t *testing.T, p program) {
	require.Regexp(t, "^a worker with the token .+\n$", p.account(t).run())
}

// Code of the stock client runs: the credential is that of the context, and the host that of a new configuration.
func runsStockCode(t *testing.T, p program) {
	a := p.account(t)
	require.Equal(t, "2 tokens\n", a.run(), "those of the caller, and the service token")
	require.Equal(t, "app.launchdarkly.com", a.Requests()[0].Host)
	require.Equal(t, "limit=20", a.Requests()[0].RawQuery)
}

func countsMembers(t *testing.T, p program) {
	a := p.account(t)
	a.addMembers(246)
	require.Equal(t, "250 members\n", a.run())
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 403, Body: `{"code":"forbidden","message":"No."}`, Header: http.Header{"X-Request-Id": {"r-1"}}})
	_, stderr := a.fail()
	require.Contains(t, stderr, "forbidden: No. (request r-1)")
}

func readsAllPages(t *testing.T, p program) {
	a := p.account(t)
	a.addMembers(246)
	require.Equal(t, "250\n", a.run())
}

// No retry comes earlier than the server asked for.
func waitsForReset(t *testing.T, p program) {
	a := p.account(t)
	a.AddToken(ldapitest.Token{ID: exampleTokenID, Name: "deploy"})
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultReset, Wait: 20 * time.Millisecond})
	require.Equal(t, "deploy\n", a.run())
	requests := a.Requests()
	require.Len(t, requests, 2)
	require.GreaterOrEqual(t, requests[1].Time.Sub(requests[0].Time), 20*time.Millisecond)
}

func deletesOnce(t *testing.T, p program) {
	a := p.account(t)
	require.Empty(t, a.run(), "gone already")
	a.addExample()
	a.refuse("deleteMember", 0)
	_, stderr := a.fail()
	require.Contains(t, stderr, "the token may not remove members: 403 ")
	require.Empty(t, a.run())
	require.Len(t, a.Members(), 4)
}

func importsOrFails(t *testing.T, p program) {
	a := p.account(t)
	require.Empty(t, a.run())
	require.Equal(t, []string{"platform"}, a.memberOf(ldapitest.ReaderID).Teams)
	a.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 207, Operation: "postTeamMembers",
		Body: `{"items": [{"status": "error", "message": "not a member", "value": "remy.reed@example.com"}]}`})
	_, stderr := a.fail()
	require.Contains(t, stderr, "no member was added: ")
}
