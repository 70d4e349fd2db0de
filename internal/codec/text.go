package codec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// Err matches an [*Error] with [errors.Is], unless decoding would take too much memory. See [ErrTooLarge].
var Err = errors.New("ldapi: response cannot be decoded")

// ErrTooLarge matches an [*Error] with [errors.Is] if decoding would take too much memory.
var ErrTooLarge = errors.New("ldapi: response too large")

// Error describes where a document does not fit its model.
type Error struct {
	Model  string // empty if there is none
	Path   string
	Reason string

	tooLarge bool
}

// Error names model, path and reason. It contains nothing of the document.
func (e *Error) Error() string {
	if e.Model+e.Path == "" {
		return e.Reason
	}
	return e.Model + e.Path + ": " + e.Reason
}

// Is reports whether target is Err or, if decoding would take too much memory, [ErrTooLarge].
func (e *Error) Is(target error) bool {
	if e.tooLarge {
		return target == ErrTooLarge
	}
	return target == Err
}

func tooLarge(size int) string {
	return fmt.Sprintf("decoding the document of %d bytes takes more than %d bytes of memory", size, budgetFactor*int64(size)+budgetBase)
}

// Malformed describes the problem of invalid JSON. It reads the text again, byte by byte, to find the position.
func Malformed(data []byte) string {
	if len(bytes.TrimSpace(data)) == 0 {
		return "the document is empty"
	}
	if nesting(data) > maxNesting {
		return "the document is nested too deeply"
	}
	text := &byteReader{data: data}
	d := jx.Decode(text, 1)
	err := d.Skip()
	position := text.read
	if err == nil { // what comes after the document is too much
		position = len(data) - len(bytes.TrimLeft(data[text.read:], " \t\r\n")) + 1
	}
	switch {
	case err == nil && position > len(data):
		return "the document is no JSON"
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return fmt.Sprintf("the document ends early, after %d bytes", len(data))
	default:
		return fmt.Sprintf("the document is no JSON from byte %d on", position)
	}
}

// withoutMark returns data without the byte order mark that some servers put before a document.
func withoutMark(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\uFEFF")) }

// byteReader returns one byte at a time, so that the position of its reader is known.
type byteReader struct {
	data []byte
	read int
}

func (r *byteReader) Read(p []byte) (int, error) {
	if r.read == len(r.data) {
		return 0, io.EOF
	}
	p[0] = r.data[r.read]
	r.read++
	return 1, nil
}

const maxNesting = 10_000 // as in jx and encoding/json

// nesting returns how deep arrays and objects are nested in text that may be no JSON.
func nesting(data []byte) (deepest int) {
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			inString = !inString
		case inString && c == '\\':
			i++
		case !inString && (c == '[' || c == '{'):
			depth++
			deepest = max(deepest, depth)
		case !inString && (c == ']' || c == '}'):
			depth--
		}
	}
	return deepest
}

// validText returns the document with U+FFFD for everything that is not Unicode, as encoding/json reads it: bytes that are
// not UTF-8, and escapes of half a surrogate pair. Most documents are returned unchanged.
func validText(data []byte) []byte {
	escapes := bytes.IndexByte(data, '\\') >= 0
	if utf8.Valid(data) && !(escapes && (bytes.Contains(data, []byte(`\ud`)) || bytes.Contains(data, []byte(`\uD`)))) {
		return data
	}
	out := make([]byte, 0, validLength(data))
	for i := 0; i < len(data); {
		switch c := data[i]; {
		case c == '\\':
			n, text := validEscape(data[i:])
			out = append(out, text...)
			i += n
		case c < utf8.RuneSelf:
			out = append(out, c)
			i++
		default:
			r, n := utf8.DecodeRune(data[i:])
			out = utf8.AppendRune(out, r)
			i += n
		}
	}
	return out
}

// validLength returns the length of the result of validText, or a little more: U+FFFD has three bytes where one was invalid.
func validLength(data []byte) int {
	n := 0
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		n += size
		if r == utf8.RuneError && size == 1 {
			n += 2
		}
		i += size
	}
	return n
}

// validEscape returns the length of the escape sequence that s starts with, and its replacement.
func validEscape(s []byte) (int, []byte) {
	r, ok := unicodeEscape(s)
	switch {
	case !ok:
		n := min(2, len(s))
		return n, s[:n]
	case !utf16.IsSurrogate(r):
		return 6, s[:6]
	}
	if low, ok := unicodeEscape(s[6:]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
		return 12, s[:12]
	}
	return 6, []byte("\uFFFD")
}

// unicodeEscape reads \uXXXX.
func unicodeEscape(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	r, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	return rune(r), err == nil
}
