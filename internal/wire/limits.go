package wire

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ClockSkew returns how far this clock is ahead of the server's, or 0 if that is unknown. The Date header has whole seconds,
// so less than two seconds count as no difference, and so does a date that is centuries away.
func ClockSkew(h http.Header, now time.Time) time.Duration {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	skew := now.Sub(date)
	tooLittle, tooMuch := skew.Abs() < 2*time.Second, !date.Add(skew).Equal(now)
	if tooLittle || tooMuch {
		return 0
	}
	return skew
}

// Count parses a number of requests. It returns nil if the text is invalid.
func Count(v string) *int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// EpochMillis parses a time by the server's clock and adds skew. It returns zero if v is not a positive integer, and
// the year 9999 if v is later, because other formats cannot express that.
func EpochMillis(v string, skew time.Duration) time.Time {
	ms, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || ms <= 0 {
		return time.Time{}
	}
	t, last := time.UnixMilli(ms).Add(skew), time.Date(9999, time.January, 2, 0, 0, 0, 0, time.UTC)
	if t.After(last) {
		return last.Local()
	}
	return t
}

// RetryAfter parses a number of seconds, which count from now, or an HTTP date by the server's clock, to which it adds skew. It
// returns zero if v is neither. A number that is too large is capped.
func RetryAfter(v string, now time.Time, skew time.Duration) time.Time {
	if seconds, err := strconv.ParseInt(strings.TrimSpace(v), 10, 32); err == nil || errors.Is(err, strconv.ErrRange) {
		return now.Add(time.Duration(seconds) * time.Second)
	}
	if date, err := http.ParseTime(v); err == nil {
		return date.Add(skew)
	}
	return time.Time{}
}
