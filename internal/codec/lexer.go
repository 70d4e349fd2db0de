package codec

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// kind is the type of a JSON value, as its first byte shows it.
type kind byte

const (
	invalid kind = iota
	stringKind
	numberKind
	nullKind
	boolKind
	arrayKind
	objectKind
	white // no value: white space
)

func (k kind) String() string {
	return [...]string{"invalid", "string", "number", "null", "bool", "array", "object", "white space"}[k]
}

// kinds has the kind of the value that begins with a byte.
var kinds = [256]kind{
	' ': white, '\t': white, '\n': white, '\r': white,
	'"': stringKind, 'n': nullKind, 't': boolKind, 'f': boolKind, '[': arrayKind, '{': objectKind,
	'-': numberKind, '0': numberKind, '1': numberKind, '2': numberKind, '3': numberKind, '4': numberKind, '5': numberKind,
	'6': numberKind, '7': numberKind, '8': numberKind, '9': numberKind,
}

// maxNesting is the limit of encoding/json. Recursion ends there.
const maxNesting = 10_000

// lexer goes through a JSON text once, from its first byte to its last. It checks the grammar of what it goes through, and stops at
// the first byte that no JSON text has there.
type lexer struct {
	data  []byte
	pos   int // of the next byte
	depth int // how many arrays and objects are open
	fault int // the position of the first byte that is no JSON, from 1 on; beyond the text if it ends early; 0 while there is none
}

// Faults without a position.
const (
	tooDeep    = -1
	overBudget = -2
)

// failAt records the first fault, found in the byte before i. Its result is always false, for functions that report success.
func (l *lexer) failAt(i int) bool {
	if l.fault == 0 {
		l.fault = i
	}
	return false
}

// next skips white space, and returns the kind of the value that begins there: invalid also at the end of the text.
func (l *lexer) next() kind {
	for ; l.pos < len(l.data); l.pos++ {
		if k := kinds[l.data[l.pos]]; k != white {
			return k
		}
	}
	return invalid
}

// token goes beyond the next byte that is not white space, if it is c.
func (l *lexer) token(c byte) bool {
	if l.next(); l.pos == len(l.data) || l.data[l.pos] != c {
		return l.failAt(l.pos + 1)
	}
	l.pos++
	return true
}

// open goes into the array or object that begins here.
func (l *lexer) open() bool {
	l.pos++
	if l.depth++; l.depth > maxNesting {
		return l.failAt(tooDeep)
	}
	return l.notAtEnd()
}

// notAtEnd skips white space. The end of the text is a fault.
func (l *lexer) notAtEnd() bool {
	l.next()
	return l.pos < len(l.data) || l.failAt(l.pos+1)
}

// more reports whether another element of an array or property of an object follows. It goes beyond the comma before it, or the end.
func (l *lexer) more(end byte, first bool) bool {
	if l.next(); l.pos == len(l.data) {
		return l.failAt(l.pos + 1)
	}
	switch c := l.data[l.pos]; {
	case c == end:
		l.pos++
		l.depth--
		return false
	case first:
		return true
	case c == ',':
		l.pos++
		return true
	default:
		return l.failAt(l.pos + 1)
	}
}

// key reads the name of a property, which begins at the position, and the colon after it.
func (l *lexer) key() (position int, name []byte, ok bool) {
	if l.next() != stringKind {
		return 0, nil, l.failAt(l.pos + 1)
	}
	position = l.pos
	name, ok = l.text()
	return position, name, ok && l.token(':') && l.notAtEnd()
}

// literal goes beyond null, true or false, which begins here. Its first four bytes are compared at once, so a fault in them is found in
// the fourth.
func (l *lexer) literal(word string) bool {
	rest := l.data[l.pos:]
	if len(rest) >= len(word) && string(rest[:len(word)]) == word {
		l.pos += len(word)
		return true
	}
	if len(rest) >= 4 && string(rest[:4]) == word[:4] {
		return l.failAt(l.pos + 5)
	}
	return l.failAt(l.pos + 4)
}

// bool reads true or false.
func (l *lexer) bool() (value, ok bool) {
	if l.data[l.pos] == 't' {
		return true, l.literal("true")
	}
	return false, l.literal("false")
}

// afterNumber has the bytes that may follow a number.
var afterNumber = [256]bool{',': true, ']': true, '}': true, ' ': true, '\t': true, '\n': true, '\r': true}

// number goes beyond a number, and returns it.
func (l *lexer) number() ([]byte, bool) {
	start, i := l.pos, l.pos
	if l.data[i] == '-' {
		i++
	}
	digits := l.digits(i)
	if digits == i {
		return nil, l.failAt(i + 1)
	}
	if l.data[i] == '0' {
		digits = i + 1 // nothing follows a leading zero but a point or an exponent
	}
	i = digits
	if i < len(l.data) && l.data[i] == '.' {
		i++
		if digits = l.digits(i); digits == i {
			if i < len(l.data) && afterNumber[l.data[i]] {
				i = len(l.data) // a number that ends at its point is reported as if the text did
			}
			return nil, l.failAt(i + 1)
		}
		i = digits
	}
	if i < len(l.data) && l.data[i]|0x20 == 'e' {
		i++
		if i < len(l.data) && (l.data[i] == '+' || l.data[i] == '-') {
			i++
		}
		if digits = l.digits(i); digits == i {
			return nil, l.failAt(i + 1)
		}
		i = digits
	}
	if i < len(l.data) && !afterNumber[l.data[i]] {
		return nil, l.failAt(i + 1)
	}
	l.pos = i
	return l.data[start:i], true
}

// digits returns where the digits that begin at i end.
func (l *lexer) digits(i int) int {
	for i < len(l.data) && l.data[i]-'0' <= 9 {
		i++
	}
	return i
}

// plainText returns where the characters that stand for themselves, from i on, end: at a quote, a backslash, a control character, a byte
// beyond ASCII, or the end of the text. It looks at eight bytes at a time: the lowest bit of the mask is the top bit of the first such byte.
func (l *lexer) plainText(i int) int {
	const each, top = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(l.data); i += 8 {
		b := binary.LittleEndian.Uint64(l.data[i:])
		quote, backslash := b^each*'"', b^each*'\\'
		if mask := ((quote-each)&^quote | (backslash-each)&^backslash | (b-each*' ')&^b | b) & top; mask != 0 {
			return i + bits.TrailingZeros64(mask)/8
		}
	}
	for ; i < len(l.data); i++ {
		if c := l.data[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

// rawText goes beyond a string, and returns what is between its quotes. plain reports whether that is its text: ASCII without escapes.
func (l *lexer) rawText() (raw []byte, plain, ok bool) {
	start := l.pos + 1
	plain = true
	for i := l.plainText(start); i < len(l.data); i = l.plainText(i + 1) {
		switch c := l.data[i]; {
		case c == '"':
			l.pos = i + 1
			return l.data[start:i], plain, true
		case c == '\\':
			if i = l.escape(i + 1); i < 0 {
				return nil, false, false
			}
		case c < ' ':
			return nil, false, l.failAt(i + 1)
		}
		plain = false
	}
	return nil, false, l.failAt(len(l.data) + 1)
}

// escape returns the position of the last byte of the escape sequence whose backslash is before i, or -1 if there is none.
func (l *lexer) escape(i int) int {
	if i < len(l.data) {
		switch l.data[i] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			return i
		case 'u':
			for range 4 {
				if i++; i >= len(l.data) || hex(l.data[i]) < 0 {
					l.failAt(i + 1)
					return -1
				}
			}
			return i
		}
	}
	l.failAt(i + 1)
	return -1
}

// skip goes beyond a value of any kind.
func (l *lexer) skip() bool {
	ok := true
	switch l.next() {
	case stringKind:
		_, _, ok = l.rawText()
	case numberKind:
		_, ok = l.number()
	case nullKind:
		ok = l.literal("null")
	case boolKind:
		_, ok = l.bool()
	case arrayKind:
		ok = l.open()
		for first := true; ok && l.more(']', first); first = false {
			ok = l.skip()
		}
	case objectKind:
		ok = l.open()
		for first := true; ok && l.more('}', first); first = false {
			ok = l.skipKey() && l.skip()
		}
	default:
		return l.failAt(l.pos + 1)
	}
	return ok && l.fault == 0
}

// skipKey goes beyond the name of a property and the colon after it.
func (l *lexer) skipKey() bool {
	if l.next() != stringKind {
		return l.failAt(l.pos + 1)
	}
	if _, _, ok := l.rawText(); !ok {
		return false
	}
	return l.token(':')
}

// end reports whether nothing but white space is left.
func (l *lexer) end() bool {
	l.next()
	return l.pos == len(l.data) || l.failAt(l.pos+1)
}
