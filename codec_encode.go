package ldapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// encoder writes one JSON document. The first value that JSON cannot carry is its error.
type encoder struct {
	w   jx.Writer
	err error
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// encodeDocument gives what write has the encoder write.
func encodeDocument(write func(e *encoder)) ([]byte, error) {
	e := encoders.Get().(*encoder)
	e.w.Reset()
	e.err = nil
	write(e)
	out, err := bytes.Clone(e.w.Buf), e.err
	encoders.Put(e)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// marshal is MarshalJSON of every model.
func marshal(m model) ([]byte, error) { return encodeDocument(m.encode) }

// fields is one JSON object being written.
type fields struct {
	e     *encoder
	extra map[string]interface{} // written last, and in place of a declared property of the same name
	more  bool
}

func (e *encoder) object(extra map[string]interface{}) fields {
	e.w.ObjStart()
	return fields{e: e, extra: extra}
}

// name starts a property. It reports false when an additional property of that name takes its place.
func (f *fields) name(name string) bool {
	if f.extra != nil {
		if _, taken := f.extra[name]; taken {
			return false
		}
	}
	f.write(name)
	return true
}

func (f *fields) write(name string) {
	if f.more {
		f.e.w.Comma()
	}
	f.more = true
	encodeString(&name, f.e)
	f.e.w.Raw([]byte(":"))
}

// end writes the additional properties in the order of their names, and closes the object.
func (f *fields) end() {
	for _, name := range slices.Sorted(maps.Keys(f.extra)) {
		f.write(name)
		f.e.any(f.extra[name])
	}
	f.e.w.ObjEnd()
}

func encodeString(v *string, e *encoder) {
	if utf8.ValidString(*v) {
		e.w.Str(*v)
	} else {
		e.w.StrEscape(*v) // puts U+FFFD for each byte that is no UTF-8
	}
}

func encodeBool(v *bool, e *encoder)   { e.w.Bool(*v) }
func encodeInt32(v *int32, e *encoder) { e.w.Int32(*v) }
func encodeInt64(v *int64, e *encoder) { e.w.Int64(*v) }

func encodeAny(v *interface{}, e *encoder) { e.any(*v) }

// any writes what encoding/json would. The commonest types need no reflection.
func (e *encoder) any(v interface{}) {
	switch v := v.(type) {
	case nil:
		e.w.Null()
	case string:
		encodeString(&v, e)
	case bool:
		e.w.Bool(v)
	case int:
		e.w.Int(v)
	case int64:
		e.w.Int64(v)
	default:
		b, err := json.Marshal(v)
		if err != nil && e.err == nil {
			e.err = err
		}
		e.w.Raw(b)
	}
}

// encodeSlice writes nil as an empty array: the API takes no null for a list.
func encodeSlice[T any](v *[]T, e *encoder, value func(*T, *encoder)) {
	e.w.ArrStart()
	for i := range *v {
		if i > 0 {
			e.w.Comma()
		}
		value(&(*v)[i], e)
	}
	e.w.ArrEnd()
}

// encodeMap writes the entries in the order of their keys, and nil as an empty object.
func encodeMap[T any](v *map[string]T, e *encoder, value func(*T, *encoder)) {
	f := e.object(nil)
	for _, key := range slices.Sorted(maps.Keys(*v)) {
		f.write(key)
		element := (*v)[key]
		value(&element, e)
	}
	f.end()
}

// put writes a property; nil leaves it out.
func put[T any](f *fields, name string, v *T, value func(*T, *encoder)) {
	if v != nil && f.name(name) {
		value(v, f.e)
	}
}

// putSlice writes a property that is an array; nil leaves it out.
func putSlice[T any](f *fields, name string, v []T, value func(*T, *encoder)) {
	if v != nil {
		putRequiredSlice(f, name, v, value)
	}
}

// putRequiredSlice writes a property that is an array, also when it is nil.
func putRequiredSlice[T any](f *fields, name string, v []T, value func(*T, *encoder)) {
	if f.name(name) {
		encodeSlice(&v, f.e, value)
	}
}

// putMap writes a property that is a map; a nil pointer leaves it out.
func putMap[T any](f *fields, name string, v *map[string]T, value func(*T, *encoder)) {
	if v != nil && f.name(name) {
		encodeMap(v, f.e, value)
	}
}

// putAny writes a property of any type; nil leaves it out, unless null says that it is meant.
func putAny(f *fields, name string, v interface{}, null bool) {
	if (v != nil || null) && f.name(name) {
		f.e.any(v)
	}
}
