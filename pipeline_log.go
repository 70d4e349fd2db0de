package ldapi

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// logAttempt logs each attempt. The guide docs/guides/logging.md describes all records and their
// attributes.
func logAttempt(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		start := time.Now()
		resp, err := next(c, req)
		_, level := c.logger()
		c.log(req.Context(), level, "ldapi attempt", resp, err,
			slog.Duration("duration", time.Since(start)), slog.Int("request_bytes", len(c.body)))
		return resp, err
	}
}

// stopWords are the reasons for giving up as the log shows them.
var stopWords = [...]string{
	contextEnded:   "the context ended",
	deadlineFirst:  "the deadline comes before the end of the wait",
	permanent:      "it would fail again",
	maybeProcessed: "it may have been carried out",
	noAttemptsLeft: "no attempts are left",
	notReplayable:  "the body cannot be sent again",
	budgetUsedUp:   "the retry budget is used up",
	waitTooLong:    "the server asks for a wait beyond MaxWait",
}

// logVerdict logs a failure before the wait for the next attempt, or one that might pass but ends the call.
func (c *call) logVerdict(ctx context.Context, v verdict, resp *http.Response, err error) {
	level, message, reason := slog.LevelWarn, "ldapi giving up", stopWords[v.stop]
	switch v.stop {
	case final:
		return
	case repeated:
		level, message, reason = slog.LevelInfo, "ldapi retry", failureKind(resp, err)
	}
	c.log(ctx, level, message, resp, err, slog.String("reason", reason), slog.Duration("wait", v.wait))
}

// log writes a record if the level is enabled; nothing is allocated before that is known. The
// attributes are an allow-list: no bodies, no header values, no queries, no IDs.
func (c *call) log(ctx context.Context, level slog.Level, message string, resp *http.Response, err error, more ...slog.Attr) {
	sink, _ := c.logger()
	if sink == nil || !sink.enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{slog.String("operation", c.op.ID), slog.String("method", c.op.Method), slog.Int("attempt", c.attempts)}
	if c.op.Service != "" { // the route of APIClient.Do is a path of the caller
		attrs = append(attrs, slog.String("route", c.op.Route))
	}
	attrs = append(attrs, more...)
	sink.write(ctx, level, message, append(attrs, c.responseAttrs(resp, err)...))
}

// logger returns the destination of records, or nil, and the level of attempts.
func (c *call) logger() (logSink, slog.Level) {
	switch sink := c.cfg.settings.logger; {
	case !c.cfg.Debug:
		return sink, slog.LevelDebug
	case sink == nil:
		return standardLog{}, slog.LevelInfo
	default:
		return sink, slog.LevelInfo
	}
}

// logSink is the destination of records. It is an interface so that the code of *slog.Logger, with
// the JSON encoder that it needs, is only part of programs that use [WithLogger].
type logSink interface {
	enabled(ctx context.Context, level slog.Level) bool
	write(ctx context.Context, level slog.Level, message string, attrs []slog.Attr)
}

// slogSink is the logger of [WithLogger].
type slogSink struct{ *slog.Logger }

func (s slogSink) enabled(ctx context.Context, level slog.Level) bool { return s.Enabled(ctx, level) }

func (s slogSink) write(ctx context.Context, level slog.Level, message string, attrs []slog.Attr) {
	s.LogAttrs(ctx, level, message, attrs...)
}

// standardLog is the standard logger, which writes to slog.Default() if a program has set that.
type standardLog struct{}

func (standardLog) enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

func (standardLog) write(_ context.Context, level slog.Level, message string, attrs []slog.Attr) {
	line := level.String() + " " + message
	for _, a := range attrs {
		value := a.Value.String()
		if value == "" || strings.ContainsAny(value, " =\"") {
			value = strconv.Quote(value)
		}
		line += " " + a.Key + "=" + value
	}
	log.Print(line)
}

// responseAttrs describes the result of an attempt. A failure to get a response is described by its
// kind only: its text may contain what the caller's transport put there.
func (c *call) responseAttrs(resp *http.Response, err error) []slog.Attr {
	if resp == nil {
		return []slog.Attr{slog.String("failure", failureKind(nil, err))}
	}
	attrs := []slog.Attr{slog.Int("status", resp.StatusCode), slog.Int("response_bytes", len(responseBytes(resp)))}
	if id := requestID(resp); id != "" {
		attrs = append(attrs, slog.String("request_id", c.presentable(id)))
	}
	names := [...]string{"quota_route_remaining", "quota_global_remaining", "quota_token_remaining"}
	now := time.Now()
	for i, quota := range parseRateLimit(resp.Header, now).quotas(false, now) {
		if quota.Remaining != nil {
			attrs = append(attrs, slog.Int64(names[i], *quota.Remaining))
		}
	}
	return attrs
}

func failureKind(resp *http.Response, err error) string {
	switch {
	case resp != nil:
		return http.StatusText(resp.StatusCode)
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, ErrRateLimited):
		return "rate limited"
	case errors.Is(err, ErrInsecureURL):
		return "insecure URL"
	default:
		return "no response"
	}
}
