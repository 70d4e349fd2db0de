package ldapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// logged runs one attempt and returns its log records and the text of the log.
func logged(t *testing.T, level slog.Level, debug bool, next handler, opts ...Option) ([]map[string]any, string) {
	t.Helper()
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: level}))
	c := newFakeCall(t, append(opts, WithLogger(logger), WithAccessToken(fakeToken))...)
	c.cfg.Debug = debug
	c.body = []byte(`{"password":"hidden"}`)
	c.authorization = newSecret(fakeToken)
	c.attempts = 1
	_, _ = logAttempt(next)(c, newFakeRequest(t, t.Context(), fakeURL))
	var records []map[string]any
	for line := range bytes.Lines(out.Bytes()) {
		var record map[string]any
		require.NoError(t, json.Unmarshal(line, &record))
		records = append(records, record)
	}
	return records, out.String()
}

func TestLogLevels(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		level slog.Level
		debug bool
		want  string // level of the record; "" for none
	}{
		{slog.LevelDebug, false, "DEBUG"}, {slog.LevelInfo, false, ""},
		{slog.LevelDebug, true, "INFO"}, {slog.LevelInfo, true, "INFO"}, {slog.LevelWarn, true, ""},
	} {
		next := fakeStep{resp: newBufferedResponse(200, "{}")}
		records, _ := logged(t, tc.level, tc.debug, next.handle)
		require.Len(t, next.calls, 1, "the call continues, logged or not")
		if tc.want == "" {
			require.Empty(t, records)
			continue
		}
		require.Len(t, records, 1)
		require.Equal(t, tc.want, records[0]["level"])
	}
}

// TestLogIsAnAllowList: these attributes and no others, for any request.
func TestLogIsAnAllowList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		records, text := logged(t, slog.LevelDebug, false, func(*call, *http.Request) (*http.Response, error) {
			<-time.After(3 * time.Second) // of the bubble's clock
			resp := newBufferedResponse(404, `{"message":"hidden"}`)
			resp.Header.Set("X-Request-Id", "req-7")
			resp.Header.Set("Set-Cookie", "hidden")
			return resp, errors.New("hidden")
		}, WithUserAgent("hidden"))
		record := records[0]
		delete(record, "time")
		require.Equal(t, map[string]any{
			"level": "DEBUG", "msg": "ldapi attempt", "operation": "getToken", "method": "GET", "route": "/api/v2/tokens/{id}",
			"attempt": 1.0, "duration": 3e9, "request_bytes": 21.0, "status": 404.0, "response_bytes": 20.0, "request_id": "req-7",
		}, record)
		require.NotContains(t, text, "hidden")
		require.NotContains(t, text, fakeToken)
	})
}

// TestLogOfFailures: only the kind is logged.
func TestLogOfFailures(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"canceled":     fmt.Errorf("hidden: %w", context.Canceled),
		"timeout":      fmt.Errorf("hidden: %w", context.DeadlineExceeded),
		"insecure URL": fmt.Errorf("hidden: %w", ErrInsecureURL),
		"no response":  errors.New("hidden"),
	} {
		records, text := logged(t, slog.LevelDebug, false, func(*call, *http.Request) (*http.Response, error) { return nil, err })
		require.Equal(t, want, records[0]["failure"])
		require.NotContains(t, slices.Collect(maps.Keys(records[0])), "status")
		require.NotContains(t, text, "hidden")
	}
}

func TestLogPassesOn(t *testing.T) {
	t.Parallel()
	for _, debug := range []bool{false, true} {
		c := newFakeCall(t, WithLogger(slog.New(slog.DiscardHandler)))
		c.cfg.Debug = debug
		next := fakeStep{resp: newBufferedResponse(500, ""), err: errors.New("from below")}
		req := newFakeRequest(t, t.Context(), fakeURL)
		resp, err := logAttempt(next.handle)(c, req)
		require.Same(t, next.resp, resp)
		require.Same(t, next.err, err)
		require.Same(t, req, next.calls[0])
	}
}

// TestLogger: without a logger nothing is logged, unless Debug turns on the default one.
func TestLogger(t *testing.T) {
	t.Parallel()
	c := newFakeCall(t)
	logger, level := c.logger()
	require.Nil(t, logger)
	require.Equal(t, slog.LevelDebug, level)
	c.cfg.Debug = true
	logger, level = c.logger()
	require.Equal(t, standardLog{}, logger)
	require.Equal(t, slog.LevelInfo, level)
	own := slog.New(slog.DiscardHandler)
	WithLogger(own)(c.cfg)
	logger, _ = c.logger()
	require.Equal(t, slogSink{own}, logger)
	WithLogger(nil)(c.cfg)
	require.Nil(t, c.cfg.settings.logger)
}

// TestStandardLog: one line a record, as slog's own default writes it. Not parallel: the standard logger is global.
func TestStandardLog(t *testing.T) {
	var out strings.Builder
	before, flags := log.Writer(), log.Flags()
	log.SetOutput(&out)
	log.SetFlags(0)
	defer func() {
		log.SetOutput(before)
		log.SetFlags(flags)
	}()
	sink := standardLog{}
	require.False(t, sink.enabled(t.Context(), slog.LevelDebug))
	require.True(t, sink.enabled(t.Context(), slog.LevelInfo))
	sink.write(t.Context(), slog.LevelWarn, "ldapi giving up", []slog.Attr{slog.Int("status", 503), slog.String("reason", "no attempts are left"), slog.String("x", "")})
	require.Equal(t, `WARN ldapi giving up status=503 reason="no attempts are left" x=""`+"\n", out.String())
}
