package codec

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/go-faster/jx"

	"github.com/ldapi-go/ldapi/internal/inspect"
)

// Encoder writes one JSON document. The first value that JSON cannot carry is its error.
type Encoder struct {
	w     jx.Writer
	err   error
	depth int // of values of any type in one another
}

// maxAnyDepth is where encoding/json takes over: it finds out whether a value contains itself.
const maxAnyDepth = 1000

var encoders = sync.Pool{New: func() any { return new(Encoder) }}

// Encode returns the document that write writes.
func Encode(write func(*Encoder)) ([]byte, error) {
	e := encoders.Get().(*Encoder)
	e.w.Reset()
	e.err, e.depth = nil, 0
	write(e)
	out, err := bytes.Clone(e.w.Buf), e.err
	encoders.Put(e)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Raw writes JSON unchanged.
func (e *Encoder) Raw(text []byte) { e.w.Raw(text) }

// Fields is one JSON object being written.
type Fields struct {
	e     *Encoder
	extra map[string]interface{} // written last, and instead of a declared property of the same name
	more  bool
}

// Object starts to write an object with these additional properties.
func (e *Encoder) Object(extra map[string]interface{}) Fields {
	e.w.ObjStart()
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
		f.e.w.Comma()
	}
	f.more = true
	EncodeString(&name, f.e)
	f.e.w.Raw([]byte(":"))
}

// End writes the additional properties in the order of their names, and closes the object.
func (f *Fields) End() {
	for _, name := range inspect.SortedKeys(f.extra) {
		f.Write(name)
		f.e.Any(f.extra[name])
	}
	f.e.w.ObjEnd()
}

// EncodeString writes a string.
func EncodeString(v *string, e *Encoder) {
	if utf8.ValidString(*v) {
		e.w.Str(*v)
	} else {
		e.w.StrEscape(*v) // writes U+FFFD for each byte that is not UTF-8
	}
}

// EncodeBool writes a boolean.
func EncodeBool(v *bool, e *Encoder) { e.w.Bool(*v) }

// EncodeInt32 writes an integer.
func EncodeInt32(v *int32, e *Encoder) { e.w.Int32(*v) }

// EncodeInt64 writes an integer.
func EncodeInt64(v *int64, e *Encoder) { e.w.Int64(*v) }

// EncodeFloat64 writes a number.
func EncodeFloat64(v *float64, e *Encoder) { e.Any(*v) }

// EncodeAny writes a value of any type.
func EncodeAny(v *interface{}, e *Encoder) { e.Any(*v) }

// Any writes what encoding/json would, but nil lists and maps as empty ones. The commonest types need no reflection.
func (e *Encoder) Any(v interface{}) {
	switch v := v.(type) {
	case nil:
		e.w.Null()
	case string:
		EncodeString(&v, e)
	case bool:
		e.w.Bool(v)
	case int:
		e.w.Int(v)
	case int64:
		e.w.Int64(v)
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
	e.w.Raw(b)
}

// float writes large whole numbers with an exponent: without it they would read back as integers, which are not float64
// beyond 2^53.
func (e *Encoder) float(v float64) {
	if abs := math.Abs(v); abs > 1<<53 && abs < 1e21 {
		e.w.Raw(strconv.AppendFloat(nil, v, 'e', -1, 64))
		return
	}
	e.marshal(v)
}

// EncodeSlice writes nil as an empty array: the API rejects null for a list.
func EncodeSlice[T any](v *[]T, e *Encoder, value func(*T, *Encoder)) {
	e.w.ArrStart()
	for i := range *v {
		if i > 0 {
			e.w.Comma()
		}
		value(&(*v)[i], e)
	}
	e.w.ArrEnd()
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
