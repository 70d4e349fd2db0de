package ldapi

import (
	"math"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// receipt is when the responses of these tests arrive: 2026-01-01 00:00:00 UTC.
var receipt = time.UnixMilli(1767225600000)

// rateHeader makes the headers of a response from names and values in turn.
func rateHeader(kv ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(kv); i += 2 {
		h.Set(kv[i], kv[i+1])
	}
	return h
}

// millis is receipt plus d as the API writes times.
func millis(d time.Duration) string { return strconv.FormatInt(receipt.Add(d).UnixMilli(), 10) }

// httpDate is receipt plus d as HTTP writes times.
func httpDate(d time.Duration) string { return receipt.Add(d).UTC().Format(http.TimeFormat) }

const (
	reset       = "X-Ratelimit-Reset"
	routeLeft   = "X-Ratelimit-Route-Remaining"
	globalLeft  = "X-Ratelimit-Global-Remaining"
	tokenLeft   = "X-Ratelimit-Auth-Token-Remaining"
	tokenReset  = "X-Ratelimit-Auth-Token-Reset"
	longestWait = time.Duration(math.MaxInt64)
)

// toldWaits maps headers to the wait that they require.
var toldWaits = []struct {
	name   string
	header http.Header
	want   time.Duration
}{
	{"nothing reported", rateHeader(), 0},

	{"seconds", rateHeader("Retry-After", "7"), 7 * time.Second},
	{"seconds with space", rateHeader("Retry-After", " 7 "), 7 * time.Second},
	{"zero seconds", rateHeader("Retry-After", "0"), 0},
	{"negative seconds", rateHeader("Retry-After", "-7"), 0},
	{"very negative seconds", rateHeader("Retry-After", "-99999999999999999999"), 0},
	{"no number", rateHeader("Retry-After", "soon"), 0},
	{"a fraction", rateHeader("Retry-After", "1.5"), 0},
	{"absurd seconds", rateHeader("Retry-After", "99999999999999999999"), math.MaxInt32 * time.Second},
	{"date", rateHeader("Retry-After", httpDate(9*time.Second)), 9 * time.Second},
	{"past date", rateHeader("Retry-After", httpDate(-time.Hour)), 0},
	{"date, server's clock ahead", rateHeader("Retry-After", httpDate(69*time.Second), "Date", httpDate(time.Minute)), 9 * time.Second},

	{"route used up", rateHeader(routeLeft, "0", globalLeft, "42", reset, millis(4*time.Second)), 4 * time.Second},
	{"global used up", rateHeader(routeLeft, "3", globalLeft, "0", reset, millis(4*time.Second)), 4 * time.Second},
	{"below zero", rateHeader(routeLeft, "-1", reset, millis(4*time.Second)), 4 * time.Second},
	{"nothing used up", rateHeader(routeLeft, "1", globalLeft, "42", reset, millis(4*time.Second)), 0},
	{"reset alone counts", rateHeader(reset, millis(4*time.Second)), 4 * time.Second},
	{"used up without reset", rateHeader(routeLeft, "0"), 0},
	{"past reset", rateHeader(routeLeft, "0", reset, millis(-time.Minute)), 0},
	{"reset at once", rateHeader(routeLeft, "0", reset, millis(0)), 0},
	{"reset in seconds, not milliseconds", rateHeader(routeLeft, "0", reset, "1767225604"), 0},
	{"zero reset", rateHeader(routeLeft, "0", reset, "0"), 0},
	{"negative reset", rateHeader(routeLeft, "0", reset, "-1767225604000"), 0},
	{"very negative reset", rateHeader(routeLeft, "0", reset, "-99999999999999999999"), 0},
	{"no number of reset", rateHeader(routeLeft, "0", reset, "soon"), 0},
	{"absurd reset", rateHeader(routeLeft, "0", reset, "99999999999999999999"), longestWait},
	{"no number left", rateHeader(routeLeft, "none", reset, millis(4*time.Second)), 4 * time.Second},

	{"token used up", rateHeader(tokenLeft, "0", tokenReset, millis(6*time.Second)), 6 * time.Second},
	{"token not used up", rateHeader(tokenLeft, "1", tokenReset, millis(6*time.Second)), 0},
	{"token's reset alone", rateHeader(tokenReset, millis(6*time.Second)), 6 * time.Second},
	{"token used up, other window", rateHeader(tokenLeft, "0", routeLeft, "5", reset, millis(8*time.Second), tokenReset, millis(6*time.Second)), 6 * time.Second},

	{"the latest: reset", rateHeader("Retry-After", "2", routeLeft, "0", reset, millis(4*time.Second)), 4 * time.Second},
	{"the latest: seconds", rateHeader("Retry-After", "5", routeLeft, "0", reset, millis(4*time.Second)), 5 * time.Second},
	{"the latest: token", rateHeader("Retry-After", "2", routeLeft, "0", reset, millis(3*time.Second),
		tokenLeft, "0", tokenReset, millis(6*time.Second)), 6 * time.Second},
	{"seconds, and a reset that does not count", rateHeader("Retry-After", "2", routeLeft, "1", reset, millis(9*time.Second)), 2 * time.Second},
	{"past seconds, future reset", rateHeader("Retry-After", "-5", routeLeft, "0", reset, millis(4*time.Second)), 4 * time.Second},

	{"server's clock ahead", rateHeader(reset, millis(64*time.Second), "Date", httpDate(time.Minute)), 4 * time.Second},
	{"server's clock behind", rateHeader(reset, millis(-56*time.Second), "Date", httpDate(-time.Minute)), 4 * time.Second},
	{"less than two seconds do not count as skew", rateHeader(reset, millis(4*time.Second), "Date", httpDate(-time.Second)), 4 * time.Second},
	{"two seconds are", rateHeader(reset, millis(4*time.Second), "Date", httpDate(2*time.Second)), 2 * time.Second},
	{"no date", rateHeader(reset, millis(4*time.Second), "Date", "today"), 4 * time.Second},
	{"skew does not touch seconds", rateHeader("Retry-After", "7", "Date", httpDate(time.Hour)), 7 * time.Second},
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, tc := range toldWaits {
		require.Equal(t, tc.want, parseRateLimit(tc.header, receipt).RetryAfter, tc.name)
	}
}

func TestQuotas(t *testing.T) {
	t.Parallel()
	got := parseRateLimit(rateHeader(
		"x-ratelimit-route-limit", "5", routeLeft, "0", "X-RateLimit-Global-Limit", " 100 ", globalLeft, "42", reset, millis(4*time.Second),
		"X-Ratelimit-Auth-Token-Limit", "1000", tokenLeft, "x", tokenReset, millis(6*time.Second),
	), receipt)
	require.Equal(t, RateLimit{
		Route:      Quota{Limit: PtrInt64(5), Remaining: PtrInt64(0), Reset: receipt.Add(4 * time.Second)},
		Global:     Quota{Limit: PtrInt64(100), Remaining: PtrInt64(42), Reset: receipt.Add(4 * time.Second)},
		Token:      Quota{Limit: PtrInt64(1000), Reset: receipt.Add(6 * time.Second)},
		RetryAfter: 6 * time.Second,
	}, got)
	require.Equal(t, RateLimit{}, parseRateLimit(nil, receipt))
	require.Equal(t, receipt.Add(4*time.Second), parseRateLimit(rateHeader(reset, millis(64*time.Second), "Date", httpDate(time.Minute)), receipt).Route.Reset,
		"by this machine's clock")
}

func TestQuotaUsedUp(t *testing.T) {
	t.Parallel()
	require.False(t, Quota{}.usedUp(), "not reported")
	require.False(t, Quota{Remaining: PtrInt64(1)}.usedUp())
	require.True(t, Quota{Remaining: PtrInt64(0)}.usedUp())
	require.True(t, Quota{Remaining: PtrInt64(-1)}.usedUp())
}

// TestErrorsTellTheWait: RetryAfter of any status, and false without a wait.
func TestErrorsTellTheWait(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{"12": 12 * time.Second, "": 0, "0": 0} {
		resp := newBufferedResponse(429, "")
		resp.Header = rateHeader("Retry-After", value, routeLeft, "9")
		err := requireAPIError(t, newFakeCall(t).statusError(resp))
		wait, told := err.RetryAfter()
		require.Equal(t, want, wait)
		require.Equal(t, want > 0, told)
		require.EqualValues(t, 9, *err.RateLimit().Route.Remaining)
	}
}

// FuzzParseRateLimit: no header values cause a negative wait.
func FuzzParseRateLimit(f *testing.F) {
	for _, tc := range toldWaits {
		h := tc.header
		f.Add(h.Get("Retry-After"), h.Get("Date"), h.Get(reset), h.Get(routeLeft), h.Get(globalLeft), h.Get(tokenLeft), h.Get(tokenReset), receipt.UnixMilli())
	}
	f.Fuzz(func(t *testing.T, after, date, resetAt, route, global, token, tokenAt string, now int64) {
		h := http.Header{
			"Retry-After": {after}, "Date": {date}, reset: {resetAt}, routeLeft: {route}, globalLeft: {global}, tokenLeft: {token}, tokenReset: {tokenAt},
		}
		got := parseRateLimit(h, time.UnixMilli(now))
		if got.RetryAfter < 0 {
			t.Fatalf("a wait of %v by %v", got.RetryAfter, h)
		}
		if again := parseRateLimit(h, time.UnixMilli(now)); again.RetryAfter != got.RetryAfter {
			t.Fatalf("first %v, then %v by %v", got.RetryAfter, again.RetryAfter, h)
		}
	})
}
