package codec

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/ldapi-go/ldapi/internal/inspect"
)

// Encoder writes one JSON document. The first value that JSON cannot carry is its error.
type Encoder struct {
	out   []byte
	err   error
	depth int // of values of any type in one another
}

// maxAnyDepth is where encoding/json takes over: it finds out whether a value contains itself.
const maxAnyDepth = 1000

var encoders = sync.Pool{New: func() any { return new(Encoder) }}

// Encode returns the document that write writes.
func Encode(write func(*Encoder)) ([]byte, error) {
	e := encoders.Get().(*Encoder)
	e.out, e.err, e.depth = e.out[:0], nil, 0
	write(e)
	out, err := bytes.Clone(e.out), e.err
	encoders.Put(e)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Raw writes JSON unchanged.
func (e *Encoder) Raw(text []byte) { e.out = append(e.out, text...) }

//go:noinline
func (e *Encoder) raw(text string) { e.out = append(e.out, text...) }

// Fields is one JSON object being written.
type Fields struct {
	e     *Encoder
	extra map[string]interface{} // written last, and instead of a declared property of the same name
	more  bool
}

// Object starts to write an object with these additional properties.
func (e *Encoder) Object(extra map[string]interface{}) Fields {
	e.raw("{")
	return Fields{e: e, extra: extra}
}

// name starts a property. It reports false when an additional property of that name takes its place.
func (f *Fields) name(name string) bool {
	if f.extra != nil {
		if _, taken := f.extra[name]; taken {
			return false
		}
	}
	f.Write(name)
	return true
}

// Write starts a property. Its value comes next.
func (f *Fields) Write(name string) {
	if f.more {
		f.e.raw(",")
	}
	f.more = true
	EncodeString(&name, f.e)
	f.e.raw(":")
}

// End writes the additional properties in the order of their names, and closes the object.
func (f *Fields) End() {
	for _, name := range inspect.SortedKeys(f.extra) {
		f.Write(name)
		f.e.Any(f.extra[name])
	}
	f.e.raw("}")
}

// EncodeString writes a string.
func EncodeString(v *string, e *Encoder) {
	s, valid, done := *v, utf8.ValidString(*v), 0
	e.raw(`"`)
	for i := 0; i < len(s); {
		c, size := rune(s[i]), 1
		if c >= utf8.RuneSelf && !valid {
			c, size = utf8.DecodeRuneInString(s[i:])
		}
		if plain := c >= ' ' && c != '"' && c != '\\'; plain && (valid || !unsafeRune(c, size)) {
			i += size
			continue
		}
		e.raw(s[done:i])
		i += size
		done = i
		e.escape(c)
	}
	e.raw(s[done:])
	e.raw(`"`)
}

// unsafeRune reports whether encoding/json escapes a character that JSON allows in strings. The encoder does so in strings that are not
// UTF-8. Each byte that is not becomes U+FFFD.
func unsafeRune(c rune, size int) bool {
	return c == utf8.RuneError && size == 1 || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029'
}

// escape writes a character of a string as an escape sequence.
func (e *Encoder) escape(c rune) {
	switch c {
	case '"', '\\':
		e.out = append(e.out, '\\', byte(c))
	case '\n':
		e.raw(`\n`)
	case '\r':
		e.raw(`\r`)
	case '\t':
		e.raw(`\t`)
	default:
		const digits = "0123456789abcdef"
		e.out = append(e.out, '\\', 'u', digits[c>>12&15], digits[c>>8&15], digits[c>>4&15], digits[c&15])
	}
}

// EncodeBool writes a boolean.
func EncodeBool(v *bool, e *Encoder) { e.out = strconv.AppendBool(e.out, *v) }

// EncodeInt32 writes an integer.
func EncodeInt32(v *int32, e *Encoder) { e.int(int64(*v)) }

// EncodeInt64 writes an integer.
func EncodeInt64(v *int64, e *Encoder) { e.int(*v) }

func (e *Encoder) int(v int64) { e.out = strconv.AppendInt(e.out, v, 10) }

// EncodeFloat64 writes a number.
func EncodeFloat64(v *float64, e *Encoder) { e.Any(*v) }

// EncodeAny writes a value of any type.
func EncodeAny(v *interface{}, e *Encoder) { e.Any(*v) }

// Any writes what encoding/json would, but nil lists and maps as empty ones. The commonest types need no reflection.
func (e *Encoder) Any(v interface{}) {
	switch v := v.(type) {
	case nil:
		e.raw("null")
	case string:
		EncodeString(&v, e)
	case bool:
		EncodeBool(&v, e)
	case int:
		e.int(int64(v))
	case int64:
		e.int(v)
	case float64:
		e.float(v)
	case []interface{}:
		if e.depth == maxAnyDepth {
			e.marshal(v)
			return
		}
		e.depth++
		EncodeSlice(&v, e, EncodeAny)
		e.depth--
	case map[string]interface{}:
		if e.depth == maxAnyDepth {
			e.marshal(v)
			return
		}
		e.depth++
		EncodeMap(&v, e, EncodeAny)
		e.depth--
	default:
		if !e.collection(v) {
			e.marshal(v)
		}
	}
}

// marshal leaves a value to encoding/json.
func (e *Encoder) marshal(v interface{}) {
	b, err := json.Marshal(v)
	if err != nil && e.err == nil {
		e.err = err
	}
	e.Raw(b)
}

// float writes large whole numbers with an exponent: without it they would read back as integers, which are not float64
// beyond 2^53.
func (e *Encoder) float(v float64) {
	if abs := math.Abs(v); abs > 1<<53 && abs < 1e21 {
		e.out = strconv.AppendFloat(e.out, v, 'e', -1, 64)
		return
	}
	e.marshal(v)
}

// EncodeSlice writes nil as an empty array: the API rejects null for a list.
func EncodeSlice[T any](v *[]T, e *Encoder, value func(*T, *Encoder)) {
	e.raw("[")
	for i := range *v {
		if i > 0 {
			e.raw(",")
		}
		value(&(*v)[i], e)
	}
	e.raw("]")
}

// EncodeMap writes the entries in the order of their keys, and nil as an empty object.
func EncodeMap[T any](v *map[string]T, e *Encoder, value func(*T, *Encoder)) {
	f := e.Object(nil)
	for _, key := range inspect.SortedKeys(*v) {
		f.Write(key)
		element := (*v)[key]
		value(&element, e)
	}
	f.End()
}

// Put writes a property; nil leaves it out.
func Put[T any](f *Fields, name string, v *T, value func(*T, *Encoder)) {
	if v != nil && f.name(name) {
		value(v, f.e)
	}
}

// PutSlice writes a property that is an array; nil leaves it out.
func PutSlice[T any](f *Fields, name string, v []T, value func(*T, *Encoder)) {
	if v != nil {
		PutRequiredSlice(f, name, v, value)
	}
}

// PutRequiredSlice writes a property that is an array, also when it is nil.
func PutRequiredSlice[T any](f *Fields, name string, v []T, value func(*T, *Encoder)) {
	if f.name(name) {
		EncodeSlice(&v, f.e, value)
	}
}

// PutMap writes a property that is a map; a nil pointer leaves it out.
func PutMap[T any](f *Fields, name string, v *map[string]T, value func(*T, *Encoder)) {
	if v != nil && f.name(name) {
		EncodeMap(v, f.e, value)
	}
}

// PutAny writes a property of any type; nil omits it, unless null is set.
func PutAny(f *Fields, name string, v interface{}, null bool) {
	if (v != nil || null) && f.name(name) {
		f.e.Any(v)
	}
}
