package codec

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string. The result may be part of the document. What is no Unicode is U+FFFD, as encoding/json reads it: bytes that are not
// UTF-8, and escapes of half a surrogate pair.
func (l *lexer) text() ([]byte, bool) {
	raw, plain, ok := l.rawText()
	if plain || !ok || bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return raw, ok
	}
	return appendText(make([]byte, 0, validLength(raw)), raw), true
}

// validLength returns how long raw is with U+FFFD, of three bytes, for each byte that is not UTF-8.
func validLength(raw []byte) int {
	n := len(raw)
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size == 1 {
			n += 2
		}
		i += size
	}
	return n
}

// appendText appends the text of a string, given what is between its quotes.
func appendText(out, raw []byte) []byte {
	for len(raw) > 0 {
		if raw[0] != '\\' {
			r, size := utf8.DecodeRune(raw)
			out = utf8.AppendRune(out, r)
			raw = raw[size:]
			continue
		}
		if raw[1] != 'u' {
			out = append(out, unescaped[raw[1]])
			raw = raw[2:]
			continue
		}
		r := unicodeEscape(raw)
		raw = raw[6:]
		if utf16.IsSurrogate(r) {
			if r = utf16.DecodeRune(r, unicodeEscape(raw)); r != utf8.RuneError {
				raw = raw[6:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// unescaped has the characters of the short escape sequences.
var unescaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unicodeEscape returns the rune of \uXXXX, or U+FFFD if raw starts with something else.
func unicodeEscape(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return utf8.RuneError
	}
	var r rune
	for _, c := range raw[2:6] {
		r = r<<4 | hex(c)
	}
	return r
}

// hex returns the value of a hexadecimal digit, or -1.
func hex(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}
