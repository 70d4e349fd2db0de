package codec

import (
	"encoding"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
)

// What needs reflection is here, and not generic: a package that uses reflect.Type or reflect.Value compiles dozens of functions
// of reflect again.

// collection writes a list or a map of any type, nil as an empty one, and so are those in it: the API rejects null for a list. It reports
// false if v is to be written by encoding/json.
func (e *Encoder) collection(v interface{}) bool {
	switch v.(type) {
	case json.Marshaler, encoding.TextMarshaler:
		return false
	}
	list := reflect.ValueOf(v)
	if list.Kind() != reflect.Slice && list.Kind() != reflect.Map || e.depth == maxAnyDepth {
		return false
	}
	element := list.Type().Elem().Kind()
	switch {
	case list.Kind() == reflect.Slice && element == reflect.Uint8: // a string in base 64
		return false
	case list.Kind() == reflect.Slice && list.IsNil():
		e.raw("[]")
		return true
	case list.Kind() == reflect.Map && list.IsNil():
		e.raw("{}")
		return true
	case element != reflect.Slice && element != reflect.Map && element != reflect.Interface:
		return false
	case list.Kind() == reflect.Map && (list.Type().Key().Kind() != reflect.String || list.Type().Key().Implements(reflect.TypeFor[encoding.TextMarshaler]())):
		return false
	}
	e.depth++
	if list.Kind() == reflect.Slice {
		elements := make([]interface{}, list.Len())
		for i := range elements {
			elements[i] = list.Index(i).Interface()
		}
		EncodeSlice(&elements, e, EncodeAny)
	} else {
		entries := make(map[string]interface{}, list.Len())
		for _, key := range list.MapKeys() {
			entries[key.String()] = list.MapIndex(key).Interface()
		}
		EncodeMap(&entries, e, EncodeAny)
	}
	e.depth--
	return true
}

// elementSize returns the size of the elements of the slice, map or pointer that list points to.
func elementSize(list interface{}) int { return int(reflect.TypeOf(list).Elem().Elem().Size()) }

// indexOf returns the index of the cells that have the type of c, or -1.
//
//go:noinline
func (m *memory) indexOf(c forgetter) int {
	wanted := reflect.TypeOf(c)
	for i, other := range m.others {
		if reflect.TypeOf(other) == wanted {
			return i
		}
	}
	return -1
}

// typeName returns the name of the type that p points to.
func typeName(p interface{}) string { return reflect.TypeOf(p).Elem().Name() }

// UnmarshalInto reads data, by way of encoding/json, into what out points to: something else than a model. Its errors repeat
// nothing of the data.
func UnmarshalInto(out interface{}, data []byte) error {
	data = withoutMark(data)
	err := json.Unmarshal(data, out)
	var model *Error
	var mismatch *json.UnmarshalTypeError
	switch {
	case err == nil || errors.As(err, &model):
		return err
	case !json.Valid(data):
		return &Error{Reason: Malformed(data)}
	case errors.As(err, &mismatch):
		kind, _, _ := strings.Cut(mismatch.Value, " ") // a number comes with its digits
		return &Error{Path: mismatch.Field, Reason: "want " + mismatch.Type.String() + ", got " + kind}
	default:
		return &Error{Reason: "the document does not fit what it is to be read into"}
	}
}
