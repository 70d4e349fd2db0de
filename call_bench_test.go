package ldapi

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

// replaying is an in-memory transport that answers every request with the same status and bytes.
func replaying(status int, page []byte) http.RoundTripper {
	return fakeTransport(func(req *http.Request) (*http.Response, error) {
		return &http.Response{
			Status: "200 OK", StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
			Body: io.NopCloser(bytes.NewReader(page)), ContentLength: int64(len(page)), Request: req,
		}, nil
	})
}

// bareCall is what a program without the SDK does: the same headers, the same body read.
func bareCall(b testing.TB, client *http.Client, method, url string) {
	req, err := http.NewRequestWithContext(b.Context(), method, url, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", fakeToken)
	req.Header.Set("LD-API-Version", "20240415")
	req.Header.Set("User-Agent", defaultUserAgent)
	resp, err := client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.ReadAll(resp.Body); err != nil {
		b.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		b.Fatal(err)
	}
}

// benchCall measures call, and reports how many allocations it adds to the bare one.
func benchCall(b *testing.B, method, url string, rt http.RoundTripper, call func(b testing.TB)) {
	client := &http.Client{Transport: rt, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	bare := testing.AllocsPerRun(200, func() { bareCall(b, client, method, url) })
	whole := testing.AllocsPerRun(200, func() { call(b) })
	b.ReportAllocs()
	for b.Loop() {
		call(b)
	}
	b.ReportMetric(bare, "bare-allocs/op")
	b.ReportMetric(whole-bare, "added-allocs/op")
}

func BenchmarkCallDelete(b *testing.B) {
	rt := replaying(http.StatusNoContent, nil)
	client := New(WithAccessToken(fakeToken), WithTransport(rt))
	benchCall(b, http.MethodDelete, "https://app.launchdarkly.com/api/v2/tokens/66a0b1c2d3e4f50617283940", rt, func(b testing.TB) {
		if _, err := client.AccessTokensApi.DeleteToken(b.Context(), "66a0b1c2d3e4f50617283940").Execute(); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkCallGet: the caller gets the raw body, so only the call itself is measured.
func BenchmarkCallGet(b *testing.B) {
	page := benchPage("members", benchMember, 20)
	rt := replaying(http.StatusOK, page)
	client := New(WithAccessToken(fakeToken), WithTransport(rt))
	benchCall(b, http.MethodGet, "https://app.launchdarkly.com/api/v2/members", rt, func(b testing.TB) {
		if _, err := client.Do(b.Context(), http.MethodGet, "/api/v2/members", nil, nil, nil); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkCallMembers20 is a whole call with its model.
func BenchmarkCallMembers20(b *testing.B) {
	page := benchPage("members", benchMember, 20)
	client := New(WithAccessToken(fakeToken), WithTransport(replaying(http.StatusOK, page)))
	benchBesideValid(b, page, func() error {
		_, _, err := client.AccountMembersApi.GetMembers(b.Context()).Limit(20).Execute()
		return err
	})
}

// BenchmarkParallel is the throughput of 16 goroutines that fetch and decode a page of 20 members, with the SDK and without.
func BenchmarkParallel(b *testing.B) {
	page := benchPage("members", benchMember, 20)
	rt := replaying(http.StatusOK, page)
	b.Run("sdk", func(b *testing.B) {
		client := New(WithAccessToken(fakeToken), WithTransport(rt))
		b.SetParallelism(8) // times two processors
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, _, err := client.AccountMembersApi.GetMembers(b.Context()).Limit(20).Execute(); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("bare", func(b *testing.B) {
		client := &http.Client{Transport: rt}
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				var v plainMembers
				if err := bareList(b, client, &v); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

func bareList(b *testing.B, client *http.Client, v *plainMembers) error {
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "https://app.launchdarkly.com/api/v2/members?limit=20", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", fakeToken)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, v)
}
