package ldapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// loggedRetries runs a call of an operation through retry, in its own bubble, with the client's own deadline if it is
// not zero, and returns its log records in short: level, message, attempt, status or failure, reason, and wait if it is not
// left to chance.
func loggedRetries(t *testing.T, op *operation, deadline time.Duration, next *attempts, opts ...Option) []string {
	t.Helper()
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo}))
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		if deadline > 0 {
			limited, cancel := context.WithTimeout(ctx, deadline)
			defer cancel()
			ctx = limited
		}
		c := New(append(opts, WithLogger(logger))...).newCall(ctx, op)
		c.authorization = newSecret(fakeToken)
		req := newFakeRequest(t, ctx, fakeURL)
		_, _ = retry(counted(logAttempt(next.handle)))(c, req)
	})
	var lines []string
	for text := range strings.Lines(out.String()) {
		var r map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &r))
		require.Equal(t, op.ID, r["operation"])
		require.Equal(t, op.Method, r["method"])
		line := fmt.Sprint(r["level"], " ", r["msg"], " ", r["attempt"], " ")
		if r["status"] != nil {
			line += fmt.Sprint(r["status"])
		} else {
			line += fmt.Sprint(r["failure"])
		}
		require.Contains(t, r, "wait")
		lines = append(lines, line+": "+fmt.Sprint(r["reason"])+waitInWords(time.Duration(r["wait"].(float64))))
	}
	return lines
}

func waitInWords(wait time.Duration) string {
	if wait%time.Second == 0 && wait > 0 {
		return ", " + wait.String()
	}
	return ""
}

// steady makes the waits of the backoff the same each time, but for the jitter.
var steady = WithRetry(RetryPolicy{MinWait: 1, MaxWait: 30 * time.Second})

func asksFor(after string) answer {
	return answer{status: 429, header: http.Header{"Retry-After": {after}}}
}

// TestLogOfRetries: an Info record for each wait, a Warn for the end, and neither if nothing is retried.
func TestLogOfRetries(t *testing.T) {
	t.Parallel()
	good := answer{status: 200}
	for name, tc := range map[string]struct {
		op       *operation
		deadline time.Duration
		answers  []answer
		opts     []Option
		want     []string
	}{
		"good":            {answers: []answer{good}},
		"an answer":       {answers: []answer{{status: 404}}},
		"an answer after": {answers: []answer{asksFor("3"), {status: 404}}, want: []string{"INFO ldapi retry 1 429: Too Many Requests"}},
		"good after two": {answers: []answer{{status: 503}, {err: failing(true)}, good}, want: []string{
			"INFO ldapi retry 1 503: Service Unavailable", "INFO ldapi retry 2 no response: no response"}},
		"never good": {answers: []answer{{status: 500}}, want: []string{
			"INFO ldapi retry 1 500: Internal Server Error", "INFO ldapi retry 2 500: Internal Server Error",
			"INFO ldapi retry 3 500: Internal Server Error", "WARN ldapi giving up 4 500: no attempts are left"}},
		"a long wait": {answers: []answer{asksFor("31")}, want: []string{
			"WARN ldapi giving up 1 429: the server asks for a wait beyond MaxWait, 31s"}},
		"a wait beyond the deadline": {deadline: 2 * time.Second, answers: []answer{asksFor("3")}, want: []string{
			"WARN ldapi giving up 1 429: the deadline comes before the end of the wait"}},
		"a write": {op: &postTokenOperation, answers: []answer{{status: 503}}, want: []string{
			"WARN ldapi giving up 1 503: it may have been carried out"}},
		"a write that was sent": {op: &postTokenOperation, answers: []answer{{err: failing(true)}}, want: []string{
			"WARN ldapi giving up 1 no response: it may have been carried out"}},
		"no retries":        {answers: []answer{{status: 503}}, opts: []Option{WithRetry(NoRetry())}},
		"no retries, write": {op: &postTokenOperation, answers: []answer{{status: 503}}, opts: []Option{WithRetry(NoRetry())}},
		"the brake": {answers: []answer{{err: &GenericOpenAPIError{kind: ErrRateLimited, rateLimit: RateLimit{RetryAfter: 7 * time.Second}}}},
			want: []string{"WARN ldapi giving up 1 rate limited: the deadline comes before the end of the wait, 7s"}},
		"what no retry mends": {answers: []answer{{err: context.Canceled}}},
	} {
		if tc.op == nil {
			tc.op = &getTokenOperation
		}
		have := loggedRetries(t, tc.op, tc.deadline, &attempts{answers: tc.answers}, append([]Option{steady}, tc.opts...)...)
		require.Equal(t, tc.want, have, name)
	}
}

// TestLogOfAContextThatEnds: during a wait or a later attempt it is a Warn, during the first attempt nothing is logged.
func TestLogOfAContextThatEnds(t *testing.T) {
	t.Parallel()
	run := func(last int, inWait bool) string {
		var out bytes.Buffer
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c := New(WithLogger(slog.New(slog.NewTextHandler(&out, nil)))).newCall(ctx, &getTokenOperation)
			_, err := retry(counted(func(c *call, _ *http.Request) (*http.Response, error) {
				if c.attempts == last && inWait {
					time.AfterFunc(time.Millisecond, cancel)
				} else if c.attempts == last {
					cancel()
				}
				return nil, failing(true)
			}))(c, newFakeRequest(t, ctx, fakeURL))
			require.Error(t, err)
		})
		return out.String()
	}
	require.Empty(t, run(1, false))
	for _, text := range []string{run(2, false), run(1, true)} {
		require.Equal(t, 1, strings.Count(text, "ldapi retry"))
		require.Contains(t, text, `level=WARN msg="ldapi giving up"`)
		require.Contains(t, text, `reason="the context ended"`)
	}
}

// TestLogOfTheBudget and of a body that middleware has put in.
func TestLogOfTheBudget(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		client := New(WithLogger(slog.New(slog.NewTextHandler(&out, nil))), WithRetry(RetryPolicy{MaxAttempts: 20}))
		c := client.newCall(t.Context(), &getTokenOperation)
		next := attempts{answers: []answer{{status: 503}}}
		_, err := retry(counted(next.handle))(c, newFakeRequest(t, t.Context(), fakeURL))
		require.ErrorIs(t, err, ErrServer)
		require.Equal(t, len(next.times)-1, strings.Count(out.String(), "ldapi retry"))
		require.Contains(t, out.String(), `reason="the retry budget is used up"`)

		out.Reset()
		req := newFakeRequest(t, t.Context(), fakeURL)
		req.Body = newBody([]byte("{}"))
		next = attempts{answers: []answer{asksFor("1")}}
		_, err = retry(counted(next.handle))(client.newCall(t.Context(), &getTokenOperation), req)
		require.ErrorIs(t, err, ErrRateLimited)
		require.Contains(t, out.String(), `reason="the body cannot be sent again"`)
	})
}

// TestLogOfRetriesIsAnAllowList, as that of attempts is.
func TestLogOfRetriesIsAnAllowList(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		client := New(WithLogger(slog.New(slog.NewJSONHandler(&out, nil))), WithAccessToken(fakeToken), WithTransport(
			fakeTransport(func(*http.Request) (*http.Response, error) {
				resp, _ := newFakeResponse(429, `{"message":"hidden"}`)
				resp.Header = http.Header{"Retry-After": {"1"}, "Set-Cookie": {"hidden"}, "X-Ratelimit-Route-Remaining": {"0"},
					"X-Ratelimit-Auth-Token-Remaining": {"7"}, "X-Request-Id": {"req " + fakeToken}}
				return resp, nil
			})))
		ctx := ContextWithHeader(t.Context(), "X-Note", "hidden")
		_, err := client.Do(ctx, http.MethodGet, "/api/v2/hidden", map[string][]string{"q": {"hidden"}}, nil, nil)
		require.ErrorIs(t, err, ErrRateLimited)
	})
	require.NotContains(t, out.String(), "hidden")
	require.NotContains(t, out.String(), fakeToken)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 4, "three waits and the end")
	for i, line := range lines {
		var record map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &record))
		for _, chance := range []string{"time", "wait"} {
			require.Contains(t, record, chance)
			delete(record, chance)
		}
		want := map[string]any{
			"level": "INFO", "msg": "ldapi retry", "operation": "do", "method": "GET", "attempt": float64(i + 1), "status": 429.0,
			"reason": "Too Many Requests", "request_id": "req [redacted]", "response_bytes": 20.0,
			"quota_route_remaining": 0.0, "quota_token_remaining": 7.0,
		}
		if i == 3 {
			want["level"], want["msg"], want["reason"] = "WARN", "ldapi giving up", "no attempts are left"
		}
		require.Equal(t, want, record)
	}
}

// TestLogIsDocumented: the guide lists every attribute and every reason, and no others.
func TestLogIsDocumented(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("docs/guides/logging.md")
	require.NoError(t, err)
	source, err := os.ReadFile("pipeline_log.go")
	require.NoError(t, err)
	_, table, _ := strings.Cut(string(guide), "## Attributes")
	var documented, written []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(table, -1) {
		documented = append(documented, m[1])
	}
	for _, m := range regexp.MustCompile(`slog\.\w+\("(\w+)"|"(quota_\w+)"`).FindAllStringSubmatch(string(source), -1) {
		if name := m[1] + m[2]; !slices.Contains(written, name) {
			written = append(written, name)
		}
	}
	require.ElementsMatch(t, written, documented)
	require.Len(t, written, 15)
	for _, reason := range stopWords[contextEnded:] {
		require.NotEmpty(t, reason)
		require.Contains(t, table, "`"+reason+"`")
	}
}

// TestLogKnowsTheContext that middleware has made, such as the span that a record belongs to.
func TestLogKnowsTheContext(t *testing.T) {
	t.Parallel()
	type spanKey struct{}
	var seen []any
	handler := contextHandler{slog.DiscardHandler, func(ctx context.Context) { seen = append(seen, ctx.Value(spanKey{})) }}
	within := func(span string) Middleware {
		return func(next RoundTrip) RoundTrip {
			return func(req *http.Request) (*http.Response, error) {
				return next(req.WithContext(context.WithValue(req.Context(), spanKey{}, span)))
			}
		}
	}
	client := New(WithLogger(slog.New(handler)), WithMiddleware(within("call")), WithAttemptMiddleware(within("attempt")),
		WithTransport(answering(503, "")), WithRetry(RetryPolicy{MaxAttempts: 2, MinWait: 1, MaxWait: 1}))
	_, _, err := client.AccessTokensApi.GetToken(t.Context(), "x").Execute()
	require.ErrorIs(t, err, ErrServer)
	require.Equal(t, []any{"attempt", "call", "attempt", "call"}, seen)
}

// contextHandler is a slog.Handler that shows the context of each record.
type contextHandler struct {
	slog.Handler
	see func(ctx context.Context)
}

func (h contextHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h contextHandler) Handle(ctx context.Context, _ slog.Record) error {
	h.see(ctx)
	return nil
}

// TestLogOffCostsNothing: a logger that discards its records allocates no more than no logger, also if a call is retried.
func TestLogOffCostsNothing(t *testing.T) {
	for _, status := range []int{200, 503} {
		run := func(opts ...Option) float64 {
			client := New(append(opts, WithAccessToken(fakeToken), WithTransport(answering(status, "{}")),
				WithRetry(RetryPolicy{MaxAttempts: 2, MinWait: 1, MaxWait: 1}))...)
			return testing.AllocsPerRun(200, func() {
				client.traffic.budget.tenths = 0
				_, _, _ = client.AccessTokensApi.GetToken(t.Context(), "x").Execute()
			})
		}
		var without, disabled float64
		for range 20 { // pools that are emptied at the wrong moment make a difference
			if without, disabled = run(), run(WithLogger(slog.New(slog.DiscardHandler))); without == disabled {
				break
			}
		}
		require.Equal(t, without, disabled, status)
		require.Greater(t, without, 10.0, "calls were made")
	}
}
