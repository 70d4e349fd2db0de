package ldapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

// logAttempt writes one record per attempt. It is an allow-list: no bodies, no header values, no queries, no ids.
func logAttempt(next handler) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		logger, level := c.logger()
		if logger == nil || !logger.Enabled(c.ctx, level) {
			return next(c, req)
		}
		start := time.Now()
		resp, err := next(c, req)
		attrs := []slog.Attr{
			slog.String("operation", c.op.ID),
			slog.String("method", c.op.Method),
			slog.String("route", c.op.Route),
			slog.Int("attempt", c.attempts),
			slog.Duration("duration", time.Since(start)),
			slog.Int("request_bytes", len(c.body)),
		}
		attrs = append(attrs, c.responseAttrs(resp, err)...)
		logger.LogAttrs(c.ctx, level, "ldapi attempt", attrs...)
		return resp, err
	}
}

func (c *call) logger() (*slog.Logger, slog.Level) {
	logger, level := c.cfg.settings.logger, slog.LevelDebug
	if c.cfg.Debug {
		level = slog.LevelInfo
		if logger == nil {
			logger = slog.Default()
		}
	}
	return logger, level
}

// responseAttrs says how an attempt ended. Of a failure to get a response only the kind is told: its text may hold what
// the caller's transport put there.
func (c *call) responseAttrs(resp *http.Response, err error) []slog.Attr {
	if resp == nil {
		return []slog.Attr{slog.String("failure", failureKind(err))}
	}
	attrs := []slog.Attr{slog.Int("status", resp.StatusCode), slog.Int("response_bytes", len(responseBytes(resp)))}
	if id := requestID(resp); id != "" {
		attrs = append(attrs, slog.String("request_id", c.presentable(id)))
	}
	return attrs
}

func failureKind(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, ErrInsecureURL):
		return "insecure URL"
	default:
		return "no response"
	}
}
