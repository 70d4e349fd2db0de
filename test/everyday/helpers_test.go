package everyday_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

// tap is a transport that records requests. Without next it answers everything with 200 and an empty object.
type tap struct {
	next http.RoundTripper
	mu   sync.Mutex
	sent []tapped
}

type tapped struct {
	method string
	url    *url.URL
	header http.Header
	body   string
}

func (p *tap) RoundTrip(req *http.Request) (*http.Response, error) {
	seen := tapped{method: req.Method, url: req.URL, header: req.Header.Clone()}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		seen.body = string(body)
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	p.mu.Lock()
	p.sent = append(p.sent, seen)
	p.mu.Unlock()
	if p.next != nil {
		return p.next.RoundTrip(req)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: req}, nil
}

// only returns the one request that was sent.
func (p *tap) only(t testing.TB) tapped {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	require.Len(t, p.sent, 1, "requests sent")
	return p.sent[0]
}

// tappedClient returns a client whose requests go to the tap only.
func tappedClient(opts ...ldapi.Option) (*ldapi.APIClient, *tap) {
	p := &tap{}
	all := []ldapi.Option{ldapi.WithAccessToken(ldapitest.AdminToken), ldapi.WithTransport(p)}
	return ldapi.New(append(all, opts...)...), p
}

// fakeMemberService is a fake of the service as users write it: a function for each operation that they expect.
type fakeMemberService struct {
	ldapi.AccountMembersApi
	get  func(r ldapi.ApiGetMembersRequest) (*ldapi.Members, *http.Response, error)
	post func(r ldapi.ApiPostMembersRequest) (*ldapi.Members, *http.Response, error)
}

func (f *fakeMemberService) GetMembers(context.Context) ldapi.ApiGetMembersRequest {
	return ldapi.ApiGetMembersRequest{ApiService: f}
}

func (f *fakeMemberService) GetMembersExecute(r ldapi.ApiGetMembersRequest) (*ldapi.Members, *http.Response, error) {
	return f.get(r)
}

func (f *fakeMemberService) PostMembers(context.Context) ldapi.ApiPostMembersRequest {
	return ldapi.ApiPostMembersRequest{ApiService: f}
}

func (f *fakeMemberService) PostMembersExecute(r ldapi.ApiPostMembersRequest) (*ldapi.Members, *http.Response, error) {
	return f.post(r)
}

func refusedParameter(t testing.TB, err error) string {
	t.Helper()
	var refused *ldapi.ArgumentError
	require.ErrorAs(t, err, &refused)
	return refused.Parameter
}

// example returns an example document of the API.
func example(t testing.TB, name string) string {
	t.Helper()
	document, err := os.ReadFile("../../testdata/payloads/" + name + ".json")
	require.NoError(t, err)
	return string(document)
}
