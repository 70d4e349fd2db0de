package wire

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ClockSkew tells how far this clock is ahead of the server's. Date has whole seconds, so less than two is none.
func ClockSkew(h http.Header, now time.Time) time.Duration {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	if skew := now.Sub(date); skew >= 2*time.Second || skew <= -2*time.Second {
		return skew
	}
	return 0
}

// Count reads a number of requests; nil when it is none.
func Count(v string) *int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// EpochMillis reads a time on the server's clock, which skew puts on this one; zero when it is none.
func EpochMillis(v string, skew time.Duration) time.Time {
	ms, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).Add(skew)
}

// RetryAfter reads seconds or an HTTP date. Too many seconds to count are very many, not none.
func RetryAfter(v string, now time.Time, skew time.Duration) time.Time {
	if seconds, err := strconv.ParseInt(strings.TrimSpace(v), 10, 32); err == nil || errors.Is(err, strconv.ErrRange) {
		return now.Add(time.Duration(seconds) * time.Second)
	}
	if date, err := http.ParseTime(v); err == nil {
		return date.Add(skew)
	}
	return time.Time{}
}
