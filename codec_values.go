package ldapi

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/go-faster/jx"
)

// The functions below read one value each, and report whether it was there and of its type. All set *v to its zero value
// otherwise, so that a repeated property replaces the earlier one wholly.

func decodeString(v *string, d *decoder) bool {
	*v = ""
	if d.jx.Next() != jx.String {
		return d.mismatch("string")
	}
	b, err := d.jx.StrBytes()
	if err != nil {
		return d.fail()
	}
	*v = string(b)
	return true
}

func decodeBool(v *bool, d *decoder) bool {
	*v = false
	if d.jx.Next() != jx.Bool {
		return d.mismatch("boolean")
	}
	b, err := d.jx.Bool()
	if err != nil {
		return d.fail()
	}
	*v = b
	return true
}

func decodeInt64(v *int64, d *decoder) bool {
	n, ok := d.integer(64)
	*v = n
	return ok
}

func decodeInt32(v *int32, d *decoder) bool {
	n, ok := d.integer(32)
	*v = int32(n)
	return ok
}

// integer reads a number written without fraction and exponent, as encoding/json wants it for an integer.
func (d *decoder) integer(bits int) (int64, bool) {
	if d.jx.Next() != jx.Number {
		return 0, d.mismatch("integer")
	}
	text, err := d.jx.Raw()
	if err != nil {
		return 0, d.fail()
	}
	n, err := strconv.ParseInt(string(text), 10, bits)
	if err != nil {
		d.note("want integer of " + strconv.Itoa(bits) + " bits, got another number")
		return 0, false
	}
	return n, true
}

// decodeAny reads a value of any type.
func decodeAny(v *interface{}, d *decoder) bool {
	*v = nil
	switch d.jx.Next() {
	case jx.String:
		var s string
		decodeString(&s, d)
		*v = s
	case jx.Number:
		return decodeAnyNumber(v, d)
	case jx.Bool:
		var b bool
		decodeBool(&b, d)
		*v = b
	case jx.Array:
		var a []interface{}
		decodeSlice(&a, d, decodeAny)
		*v = a
	case jx.Object:
		var m map[string]interface{}
		decodeMap(&m, d, decodeAny)
		*v = m
	default:
		return d.mismatch("value")
	}
	return true
}

// decodeAnyNumber gives a float64, or a json.Number where a float64 would be another number than the one sent: integers
// beyond 2^53, and what overflows.
func decodeAnyNumber(v *interface{}, d *decoder) bool {
	text, err := d.jx.Raw()
	if err != nil {
		return d.fail()
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || isInteger(text) && !isExact(text) {
		*v = json.Number(text)
	} else {
		*v = f
	}
	return true
}

// isInteger reports whether a JSON number has neither fraction nor exponent.
func isInteger(text []byte) bool { return !bytes.ContainsAny(text, ".eE") }

// isExact reports whether a float64 holds the integer and all up to it.
func isExact(text []byte) bool {
	n, err := strconv.ParseInt(string(text), 10, 64)
	return err == nil && -1<<53 <= n && n <= 1<<53
}

// decodeNullable is decodeAny for a property whose null says something: null is told from absence.
func decodeNullable(v *interface{}, null *bool, d *decoder) {
	*null = d.jx.Next() == jx.Null
	decodeAny(v, d)
}

// decodePointer reads an optional value: nil stands for null and for a value of another type.
func decodePointer[T any](v **T, d *decoder, value func(*T, *decoder) bool) {
	*v = nil
	if d.jx.Next() == jx.Null {
		d.mismatch("value")
		return
	}
	p := new(T)
	if value(p, d) {
		*v = p
	}
}

// decodeSlice reads an array. An element that is null or of another type is there with its zero value.
func decodeSlice[T any](v *[]T, d *decoder, value func(*T, *decoder) bool) bool {
	*v = nil
	if d.jx.Next() != jx.Array {
		return d.mismatch("array")
	}
	elements, err := d.jx.ArrIter()
	if err != nil {
		return d.fail()
	}
	s := []T{}
	d.path = append(d.path, segment{})
	for elements.Next() && !d.broken {
		d.path[len(d.path)-1].element = len(s)
		s = append(s, *new(T))
		value(&s[len(s)-1], d)
	}
	d.path = d.path[:len(d.path)-1]
	*v = s
	if elements.Err() != nil {
		return d.fail()
	}
	return true
}

// decodeMap reads an object whose keys the document chooses.
func decodeMap[T any](v *map[string]T, d *decoder, value func(*T, *decoder) bool) bool {
	*v = nil
	entries := d.object(nil)
	if !entries.found {
		return false
	}
	m := make(map[string]T)
	for entries.next() {
		d.path[len(d.path)-1].property = nil
		var element T
		value(&element, d)
		m[string(entries.key)] = element
	}
	*v = m
	return true
}

// decodeMapPointer is decodeMap for an optional property.
func decodeMapPointer[T any](v **map[string]T, d *decoder, value func(*T, *decoder) bool) {
	*v = nil
	var m map[string]T
	if decodeMap(&m, d, value) {
		*v = &m
	}
}
