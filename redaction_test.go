package ldapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestReplaceSecret(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, secret, want string }{
		{"", "secret", ""},
		{"nothing", "secret", "nothing"},
		{"a secret, SECRET and sEcReT", "secret", "a [redacted], [redacted] and [redacted]"},
		{"secretsecret", "secret", "[redacted][redacted]"},
		{"secre", "secret", "secre"},
		{"ssecret", "secret", "s[redacted]"},
		{"%73%65%63ret", "secret", "[redacted]"},
		{"%53ECRET%", "secret", "[redacted]%"},
		{`\x73e\u0063ret`, "secret", "[redacted]"},
		{`a\"b\\c`, `a"b\c`, "[redacted]"},
		{`a"b\c`, `a"b\c`, "[redacted]"},
		{"%7", "secret", "%7"},
		{"%zz", "secret", "%zz"},
		{"abc abc", "abc", "abc abc"}, // too short
		{"anything", "", "anything"},
	} {
		require.Equal(t, tc.want, replaceSecret(tc.text, tc.secret), "%q %q", tc.text, tc.secret)
	}
}

// TestURLsAreRemoved from the texts of errors, wherever they are in the tree.
func TestURLsAreRemoved(t *testing.T) {
	t.Parallel()
	inner := &url.Error{Op: "Get", URL: "https://idp.example.com/?hidden=1", Err: errors.New("refused")}
	for text, err := range map[string]error{
		"refused":                      inner,
		"EOF":                          &url.Error{Op: "Post", URL: fakeURL, Err: io.EOF},
		"wrapped: refused":             fmt.Errorf("wrapped: %w", inner),
		"renew: refused":               &url.Error{Op: "Post", URL: fakeURL, Err: fmt.Errorf("renew: %w", inner)},
		"EOF refused":                  errors.Join(io.EOF, inner),
		"two: refused and EOF refused": fmt.Errorf("two: %w and %w", inner, &url.Error{Op: "Post", URL: fakeURL, Err: errors.Join(io.EOF, inner)}),
	} {
		c := newFakeCall(t)
		got := c.failure(err).Error()
		require.Equal(t, "ldapi: getToken GET /api/v2/tokens/{id}: "+text, got)
	}
}

// TestWithoutSecret: an error whose text shows the credential still matches the same errors, and does not show it.
func TestWithoutSecret(t *testing.T) {
	t.Parallel()
	c := newFakeCall(t)
	require.NoError(t, c.withoutSecret(nil))
	require.Same(t, io.EOF, c.withoutSecret(io.EOF))
	c.authorization = newSecret(fakeToken)
	require.Same(t, io.EOF, c.withoutSecret(io.EOF))
	cause := &ArgumentError{Operation: "x", Parameter: "y", Reason: fakeToken}
	for _, err := range []error{cause, fmt.Errorf("wrapped: %w, %w", io.EOF, cause), &url.Error{Op: "Get", URL: "https://a/" + fakeToken, Err: cause}} {
		clean := c.withoutSecret(err)
		require.NotContains(t, fmt.Sprintf("%v %+v", clean, errors.Unwrap(clean)), fakeToken)
		require.Equal(t, errors.Is(err, io.EOF), errors.Is(clean, io.EOF))
		require.Same(t, cause, requireArgumentError(t, clean))
	}
}

// fitForALine reports whether text can be part of a line of a log.
func fitForALine(text string, most int) bool {
	unfit := func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
	}
	return len(text) <= most && utf8.ValidString(text) && strings.IndexFunc(text, unfit) < 0
}

// FuzzTexts feeds a response of arbitrary bytes through errors, logs and quotas. Nothing panics, and all output is bounded, valid
// and on one line.
func FuzzTexts(f *testing.F) {
	long := strings.Repeat("\x80", 1001)
	f.Add(404, "404 Not Found", "X-Request-Id", long, `{"message":"`+long+`","code":"\u2028"}`)
	f.Add(200, "200 OK\r\nx", "X-Ratelimit-Route-Remaining", "9223372036854775807", "{")
	f.Add(429, "", "Retry-After", "1e30", "")
	f.Add(307, "\xff", "Location", "http://[", "\u0085\u202e")
	f.Add(500, long, "Date", "\x00", `{"id":"`+fakeToken+`"}`)
	f.Fuzz(func(t *testing.T, status int, line, name, value, body string) {
		if status < 100 || status > 999 {
			status = 100 + int(uint(status)%500)
		}
		var records bytes.Buffer
		header := http.Header{http.CanonicalHeaderKey(name): {value}, "X-Request-Id": {value}, "Location": {value}, "X-Ratelimit-Reset": {value},
			"X-Ratelimit-Route-Remaining": {value}, "X-Ratelimit-Global-Limit": {value}, "Retry-After": {value}}
		client := New(WithAccessToken(fakeToken), WithRetry(NoRetry()),
			WithLogger(slog.New(slog.NewTextHandler(&records, &slog.HandlerOptions{Level: slog.LevelDebug}))),
			WithTransport(fakeTransport(func(req *http.Request) (*http.Response, error) {
				return &http.Response{Status: line, StatusCode: status, Header: header, Request: req, Body: io.NopCloser(strings.NewReader(body))}, nil
			})))
		_, _, err := client.AccessTokensApi.GetToken(t.Context(), "66a0b1c2d3e4f50617283940").Execute()
		_ = client.RateLimit()
		const most = 2*longestText + 200 // the status and the reason
		if err != nil {
			require.True(t, fitForALine(err.Error(), most), "%q", err.Error())
			require.NotContains(t, err.Error(), fakeToken)
			if v := slog.AnyValue(err).Resolve(); v.Kind() == slog.KindGroup {
				for _, a := range v.Group() {
					require.True(t, fitForALine(a.Value.String(), most), "%s: %q", a.Key, a.Value)
				}
			}
			wrapped := &PageError{Err: &InviteError{Err: err}}
			require.True(t, fitForALine(wrapped.Error(), most+200), "%q", wrapped.Error())
		}
		for _, record := range strings.Split(strings.TrimSpace(records.String()), "\n") {
			require.True(t, fitForALine(record, 5*most), "%q", record) // as slog quotes it
			require.NotContains(t, record, fakeToken)
		}
	})
}
