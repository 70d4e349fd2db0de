package reliability_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ldapi-go/ldapi"
	"github.com/ldapi-go/ldapi/ldapitest"
)

const (
	mebibyte   = 1 << 20
	mostGrowth = 64 * mebibyte
	depth      = 100_000
)

// peakGrowth runs do and returns the largest growth of the heap meanwhile. It collects garbage often, so that the result depends
// little on when that happens.
func peakGrowth(do func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	heap := func() uint64 {
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	start := heap()
	peak := start
	var done atomic.Bool
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for !done.Load() {
			peak = max(peak, heap())
			runtime.Gosched()
		}
	}()
	do()
	done.Store(true)
	<-stopped
	return peak - start
}

// flood is an oversized body.
type flood struct {
	name  string
	fault ldapitest.Fault
	want  error
}

func floods() []flood {
	status := func(body string) ldapitest.Fault {
		return ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 200, Body: body}
	}
	deep := func(open, shut string) string { return strings.Repeat(open, depth) + strings.Repeat(shut, depth) }
	return []flood{
		{"endless body", ldapitest.Fault{Kind: ldapitest.FaultEndlessBody}, ldapi.ErrResponseTooLarge},
		{"gzip bomb", ldapitest.Fault{Kind: ldapitest.FaultGzipBomb}, ldapi.ErrResponseTooLarge},
		{"deep arrays", status(`{"items":` + deep("[", "]") + `}`), ldapi.ErrDecode},
		{"deep arrays, at the top", status(deep("[", "]")), ldapi.ErrDecode},
		{"deep arrays, not closed", status(strings.Repeat("[", depth)), ldapi.ErrDecode},
		{"deep objects", status(`{"_links":` + strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth) + `}`), ldapi.ErrDecode},
		{"deep and unknown", status(`{"news":` + deep("[", "]") + `}`), ldapi.ErrDecode},
	}
}

// TestFloods runs alone: it measures the heap.
func TestFloods(t *testing.T) {
	server := ldapitest.NewTestServer(t)
	client := server.Client()
	for _, f := range floods() {
		for name, call := range map[string]func(ctx context.Context) (*http.Response, error){
			"getMembers": func(ctx context.Context) (*http.Response, error) {
				_, resp, err := client.AccountMembersApi.GetMembers(ctx).Execute()
				return resp, err
			},
			"postToken": func(ctx context.Context) (*http.Response, error) {
				_, resp, err := client.AccessTokensApi.PostToken(ctx).AccessTokenPost(ldapi.AccessTokenPost{}).Execute()
				return resp, err
			},
		} {
			server.Fail(f.fault)
			var err error
			var resp *http.Response
			growth := peakGrowth(func() { resp, err = call(t.Context()) })
			t.Logf("%s, %s: the heap grew by %.1f MiB at most: %.200v", f.name, name, float64(growth)/mebibyte, err)
			require.ErrorIs(t, err, f.want)
			require.Less(t, len(err.Error()), 300)
			require.Equal(t, 200, resp.StatusCode)
			require.Less(t, growth, uint64(mostGrowth))
		}
	}
}

// TestFloodsOfErrors runs alone too: bodies of errors are truncated, and the status is kept.
func TestFloodsOfErrors(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		if strings.HasSuffix(r.URL.Path, "/members") {
			_, _ = fmt.Fprint(w, strings.Repeat(`{"message":`, depth)+strings.Repeat("}", depth))
			return
		}
		for {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}))
	t.Cleanup(endless.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client := ldapi.New(ldapi.WithBaseURL(endless.URL), ldapi.WithTransport(transport), ldapi.WithAccessToken(ldapitest.AdminToken))
	for _, o := range operations() {
		var err error
		growth := peakGrowth(func() { _, err = o.call(t.Context(), client) })
		require.ErrorIs(t, err, ldapi.ErrForbidden)
		require.NotErrorIs(t, err, ldapi.ErrOutcomeUnknown)
		var apiErr *ldapi.GenericOpenAPIError
		require.ErrorAs(t, err, &apiErr)
		require.LessOrEqual(t, len(apiErr.Body()), mebibyte)
		require.Less(t, len(err.Error()), 300)
		require.Less(t, growth, uint64(mostGrowth))
	}
}

// TestSmallerBounds: WithMaxResponseBytes is exact to the byte, also for compressed bodies.
func TestSmallerBounds(t *testing.T) {
	t.Parallel()
	server := ldapitest.NewTestServer(t)
	for _, size := range []int{999, 1000, 1001} {
		body := `{"items":[],"x":"` + strings.Repeat("x", size-len(`{"items":[],"x":""}`)) + `"}`
		server.Fail(ldapitest.Fault{Kind: ldapitest.FaultStatus, Status: 200, Body: body})
		_, _, err := server.Client(ldapi.WithMaxResponseBytes(1000)).AccountMembersApi.GetMembers(t.Context()).Execute()
		if size > 1000 {
			require.ErrorIs(t, err, ldapi.ErrResponseTooLarge)
			continue
		}
		require.NoError(t, err, size)
	}
	server.Fail(ldapitest.Fault{Kind: ldapitest.FaultGzipBomb, Size: 1001})
	_, _, err := server.Client(ldapi.WithMaxResponseBytes(1000)).AccountMembersApi.GetMembers(t.Context()).Execute()
	require.ErrorIs(t, err, ldapi.ErrResponseTooLarge)
}
