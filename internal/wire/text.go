// Package wire checks what HTTP and URLs can carry.
package wire

import "strings"

// IsControl reports whether r is a control character of ASCII.
func IsControl(r rune) bool { return r < ' ' || r == 0x7f }

// IsHeaderValue reports whether HTTP can carry v in a header: no control characters but the tab.
func IsHeaderValue(v string) bool {
	return strings.IndexFunc(v, func(r rune) bool { return r != '\t' && IsControl(r) }) < 0
}

// IsToken reports whether v is a token of RFC 9110: a header name, a method.
func IsToken(v string) bool {
	return v != "" && strings.IndexFunc(v, func(r rune) bool {
		alphanumeric := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !alphanumeric && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	}) < 0
}
