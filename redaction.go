package ldapi

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	longestText    = 1000 // bytes of a text that an error or a log record takes from elsewhere
	shortestSecret = 4    // bytes; a shorter credential would be found everywhere
)

// presentable returns text that comes from the server, from net/http or from the caller's code as errors and logs show it: on
// one line, valid UTF-8, at most longestText bytes, and without the credential, which a server may repeat anywhere.
func (c *call) presentable(text string) string {
	text = strings.ToValidUTF8(c.redact(text), string(utf8.RuneError))
	if len(text) > longestText {
		cut := longestText
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return ' '
		}
		return r
	}, text)
}

// redact replaces the credential of the attempt, with and without its scheme.
func (c *call) redact(text string) string {
	value := c.authorization.text()
	text = replaceSecret(text, value)
	if _, token, found := strings.Cut(value, " "); found { // "Bearer …"
		text = replaceSecret(text, token)
	}
	return text
}

// replaceSecret replaces secret in text, in any letter case and with any of its bytes escaped as in a URL or by strconv.Quote.
func replaceSecret(text, secret string) string {
	if len(secret) < shortestSecret {
		return text
	}
	var b strings.Builder
	kept := 0 // text up to here is in b
	for i := 0; i < len(text); {
		end := matchSecret(text, i, secret)
		if end < 0 {
			i++
			continue
		}
		b.WriteString(text[kept:i])
		b.WriteString(redacted)
		i, kept = end, end
	}
	if kept == 0 {
		return text
	}
	b.WriteString(text[kept:])
	return b.String()
}

// matchSecret returns where the secret that starts at text[i] ends, or -1.
func matchSecret(text string, i int, secret string) int {
	for j := range len(secret) {
		if i >= len(text) {
			return -1
		}
		c, n := text[i], 1
		if lower(c) != lower(secret[j]) {
			c, n = unescape(text[i:])
		}
		if lower(c) != lower(secret[j]) {
			return -1
		}
		i += n
	}
	return i
}

// unescape returns the byte that s starts with, and the length of its notation: itself, %41, \x41, \u0041, \" or \\.
func unescape(s string) (c byte, n int) {
	escape := ""
	switch {
	case s[0] == '%':
		escape = "%"
	case strings.HasPrefix(s, `\x`):
		escape = `\x`
	case strings.HasPrefix(s, `\u00`):
		escape = `\u00`
	case s[0] == '\\' && len(s) > 1:
		return s[1], 2
	}
	if n := len(escape) + 2; escape != "" && len(s) >= n {
		high, low := hexDigit(s[n-2]), hexDigit(s[n-1])
		if high >= 0 && low >= 0 {
			return byte(high<<4 | low), n
		}
	}
	return s[0], 1
}

func hexDigit(c byte) int { return strings.IndexByte("0123456789abcdef", lower(c)) }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// withoutURLs returns the text of err without the URLs that each *url.Error in its tree puts before its cause.
func withoutURLs(err error) string {
	text := err.Error()
	for _, e := range urlErrors(err) {
		text = strings.ReplaceAll(text, e.Op+" "+strconv.Quote(e.URL)+": ", "")
	}
	return text
}

// urlErrors returns the *url.Errors in the tree of err, the outer ones first.
func urlErrors(err error) []*url.Error {
	var found []*url.Error
	if e, ok := err.(*url.Error); ok && e.Err != nil {
		found = append(found, e)
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			found = append(found, urlErrors(inner)...)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			if inner != nil {
				found = append(found, urlErrors(inner)...)
			}
		}
	}
	return found
}

// withoutSecret returns err or, if its text shows the credential, an error that matches what err matches and has a redacted
// text. A *url.Error stays one.
func (c *call) withoutSecret(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	shown := c.redact(text)
	if shown == text {
		return err
	}
	if e, ok := err.(*url.Error); ok {
		return &url.Error{Op: c.redact(e.Op), URL: c.redact(e.URL), Err: c.withoutSecret(e.Err)}
	}
	return &redactedError{text: c.presentable(shown), err: err}
}

// redactedError stands for an error whose text shows a credential.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Is(target error) bool { return errors.Is(e.err, target) }

func (e *redactedError) As(target any) bool { return errors.As(e.err, target) }

const redacted = "[redacted]"

// String returns the configuration as [Configuration.String] does.
func (c APIClient) String() string { return fmt.Sprintf("APIClient{%v}", c.cfg) }

// Format prints String for every verb. For a verb that does not apply to pointers, such as %s, fmt
// would print the fields.
func (c APIClient) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue returns what identifies the token, without its secret.
func (o Token) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", o.Id),
		slog.String("name", o.GetName()),
		slog.String("role", o.GetRole()),
		slog.Bool("serviceToken", o.GetServiceToken()),
	)
}

// LogValue returns the IDs of the tokens on the page, without their secrets.
func (o Tokens) LogValue() slog.Value {
	ids := make([]string, len(o.Items))
	for i := range o.Items {
		ids[i] = o.Items[i].Id
	}
	return slog.GroupValue(slog.Any("ids", ids))
}

// LogValue returns the address and the role of the form, without the password.
func (o NewMemberForm) LogValue() slog.Value {
	return slog.GroupValue(slog.String("email", o.Email), slog.String("role", o.GetRole()))
}
