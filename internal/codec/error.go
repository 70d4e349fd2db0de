package codec

import (
	"bytes"
	"errors"
	"fmt"
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

// reason describes the fault.
func (l *lexer) reason() string {
	switch {
	case len(bytes.TrimSpace(l.data)) == 0:
		return "the document is empty"
	case l.fault == tooDeep:
		return "the document is nested too deeply"
	case l.fault == 0:
		return "the document is no JSON"
	case l.fault > len(l.data):
		return fmt.Sprintf("the document ends early, after %d bytes", len(l.data))
	default:
		return fmt.Sprintf("the document is no JSON from byte %d on", l.fault)
	}
}

// Malformed describes the problem of invalid JSON, with its position.
func Malformed(data []byte) string {
	l := lexer{data: data}
	if l.skip() {
		l.end()
	}
	return l.reason()
}

// withoutMark returns data without the byte order mark that some servers put before a document.
func withoutMark(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\uFEFF")) }
