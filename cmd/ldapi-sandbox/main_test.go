package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// asProcess makes the test binary be the command itself.
const asProcess = "LDAPI_SANDBOX_TEST_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) != "" {
		main()
	}
	os.Exit(m.Run())
}

// buffer is written by the command and read by the test.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// sandbox is a running command.
type sandbox struct {
	url    string
	stdout string // what it announced
	stderr buffer
	stop   func() int // stops it, and returns its exit code
}

func start(t *testing.T, args ...string) *sandbox {
	t.Helper()
	s := &sandbox{}
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), in, &s.stderr)
		in.Close()
	}()
	stop := sync.OnceValue(func() int { cancel(); return <-code })
	s.stop = stop
	t.Cleanup(func() { stop() })
	s.url, s.stdout = announced(t, out)
	return s
}

// announced reads what the command prints at its start: up to the line of the last seeded token, at least.
func announced(t *testing.T, out io.Reader) (url, text string) {
	t.Helper()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		text += lines.Text() + "\n"
		if _, after, ok := strings.Cut(lines.Text(), "http://"); ok {
			url = "http://" + after
		}
		if strings.Contains(lines.Text(), ldapitest.ServiceToken) {
			go io.Copy(io.Discard, out) //nolint:errcheck // until the command closes it
			break
		}
	}
	require.NotEmpty(t, url, "announced: %s", text)
	return url, text
}

func (s *sandbox) client(opts ...ldapi.Option) *ldapi.APIClient {
	return ldapi.New(append([]ldapi.Option{ldapi.WithBaseURL(s.url), ldapi.WithAccessToken(ldapitest.AdminToken),
		ldapi.WithTransport(&http.Transport{DisableKeepAlives: true}), ldapi.WithRetry(ldapi.NoRetry())}, opts...)...)
}

func TestServesTheSeededAccount(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, secret := range []string{ldapitest.OwnerToken, ldapitest.AdminToken, ldapitest.WriterToken, ldapitest.ReaderToken, ldapitest.ServiceToken} {
		require.Contains(t, s.stdout, secret)
	}
	members, _, err := s.client().AccountMembersApi.GetMembers(t.Context()).Execute()
	require.NoError(t, err)
	require.Len(t, members.Items, 4)
	require.Equal(t, exitOK, s.stop())
	_, _, err = s.client().AccountMembersApi.GetMembers(t.Context()).Execute()
	_, refused := net.Dial("tcp", strings.TrimPrefix(s.url, "http://")) // "connection refused", in the words of the system
	require.ErrorContains(t, err, refused.Error())
}

func TestLogsRequestsWithoutSecrets(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, err := s.client().AccessTokensApi.DeleteToken(t.Context(), ldapitest.WriterToken).Execute()
	require.ErrorIs(t, err, ldapi.ErrNotFound)
	post := ldapi.NewAccessTokenPost()
	post.SetRole("reader")
	token, _, err := s.client().AccessTokensApi.PostToken(t.Context()).AccessTokenPost(*post).Execute()
	require.NoError(t, err)
	_, err = s.client().Do(t.Context(), http.MethodGet, "/api/v2/tokens/"+strings.ReplaceAll(token.GetToken(), "-", "%2D"), nil, nil, nil)
	require.ErrorIs(t, err, ldapi.ErrNotFound)
	s.stop()
	log := s.stderr.String()
	require.Contains(t, log, "msg=request method=DELETE path=/api/v2/tokens/api-**** status=404 duration=")
	require.Contains(t, log, "msg=request method=POST path=/api/v2/tokens status=201 duration=")
	require.Contains(t, log, "msg=stopping")
	require.NotRegexp(t, `api-[0-9a-f]`, log)
	require.NotContains(t, log, token.GetToken()[len("api-"):])
}

func TestKnobs(t *testing.T) {
	t.Parallel()
	s := start(t, "-route-limit", "2", "-max-page", "3", "-plan", "standard", "-latency", "1ms")
	members, resp, err := s.client().AccountMembersApi.GetMembers(t.Context()).Limit(50).Execute()
	require.NoError(t, err)
	require.Len(t, members.Items, 3)
	require.Equal(t, "1", resp.Header.Get("X-Ratelimit-Route-Remaining"))
	_, _, err = s.client().AccountMembersApi.GetMembers(t.Context()).Execute()
	require.NoError(t, err)
	_, _, err = s.client().AccountMembersApi.GetMembers(t.Context()).Execute()
	require.ErrorIs(t, err, ldapi.ErrRateLimited)
	bulk := ldapi.NewMembersPatchInput([]map[string]interface{}{
		{"kind": "replaceMembersRoles", "value": "reader", "memberIDs": []string{ldapitest.WriterID}}})
	_, _, err = s.client().AccountMembersApi.PatchMembers(t.Context()).MembersPatchInput(*bulk).Execute()
	require.ErrorIs(t, err, ldapi.ErrForbidden)
}

func TestStopsWhileRequestsWait(t *testing.T) {
	t.Parallel()
	s := start(t, "-latency", "1h")
	sent, failed := make(chan struct{}), make(chan error, 1)
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { close(sent) },
	})
	go func() {
		_, _, err := s.client().AccountMembersApi.GetMembers(ctx).Execute()
		failed <- err
	}()
	<-sent
	require.Equal(t, exitOK, s.stop())
	require.Error(t, <-failed)
}

// TestOtherHostsAreRefused: a web page can send requests to this machine under its own host name.
func TestOtherHostsAreRefused(t *testing.T) {
	t.Parallel()
	get := func(s *sandbox, host string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/api/v2/tokens", nil)
		require.NoError(t, err)
		req.Host = host
		req.Header.Set("Authorization", ldapitest.AdminToken)
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	s := start(t)
	for _, host := range []string{"localhost", "LOCALHOST:8910", "127.0.0.1", "127.1.2.3:1", "[::1]", "[::1]:8910"} {
		require.Equal(t, http.StatusOK, get(s, host), host)
	}
	for _, host := range []string{"rebind.example.com", "rebind.example.com:8910", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", "0.0.0.0", "[::2]"} {
		require.Equal(t, http.StatusMisdirectedRequest, get(s, host), host)
	}
	require.Equal(t, http.StatusOK, get(start(t, "-any-host"), "sandbox.example.com"))
}

func TestBadFlags(t *testing.T) {
	t.Parallel()
	absent := filepath.Join("testdata", "absent.json")
	_, noFile := os.ReadFile(absent) // in the words of the system
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"-colour", "red"}, exitUsage, "flag provided but not defined: -colour"},
		{[]string{"-latency", "soon"}, exitUsage, "invalid value \"soon\" for flag -latency"},
		{[]string{"-latency", "-1s"}, exitUsage, "-latency must not be negative"},
		{[]string{"-route-limit", "-1"}, exitUsage, "-route-limit must not be negative"},
		{[]string{"-global-limit", "-1"}, exitUsage, "-global-limit must not be negative"},
		{[]string{"-max-page", "-1"}, exitUsage, "-max-page must not be negative"},
		{[]string{"-plan", "golden"}, exitUsage, `-plan must be enterprise or standard, not "golden"`},
		{[]string{"seed.json"}, exitUsage, `unexpected argument "seed.json"`},
		{[]string{"-help"}, exitOK, "-seed file"},
		{[]string{"-addr", "127.0.0.1:99999"}, exitFailure, "-addr: listen tcp: address 99999: invalid port"},
		{[]string{"-seed", absent}, exitFailure, noFile.Error()},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			t.Parallel()
			var stderr buffer
			require.Equal(t, c.code, run(t.Context(), c.args, io.Discard, &stderr))
			require.Contains(t, stderr.String(), c.want)
		})
	}
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	var stderr buffer
	require.Equal(t, exitFailure, run(t.Context(), []string{"-addr", listener.Addr().String()}, io.Discard, &stderr))
	_, taken := net.Listen("tcp", listener.Addr().String()) // "address already in use", in the words of the system
	require.Contains(t, stderr.String(), taken.Error())
}

func TestOutputThatIsGone(t *testing.T) {
	t.Parallel()
	out, in := io.Pipe()
	out.Close()
	var stderr buffer
	require.Equal(t, exitFailure, run(t.Context(), []string{"-addr", "127.0.0.1:0"}, in, &stderr))
	require.Contains(t, stderr.String(), "closed pipe")
}
