package codec

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/go-faster/jx"
)

// The functions below read one value each, and report whether it was present and of its type. All set *v to its zero value
// otherwise, so that a repeated property replaces the earlier one completely.

// DecodeString reads a string.
func DecodeString(v *string, d *Decoder) bool {
	*v = ""
	if d.jx.Next() != jx.String {
		return d.mismatch("string")
	}
	b, err := d.jx.StrBytes()
	if err != nil {
		return d.fail()
	}
	*v = d.memory.text(b)
	return true
}

// DecodeBool reads a boolean.
func DecodeBool(v *bool, d *Decoder) bool {
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

// DecodeInt64 reads an integer.
func DecodeInt64(v *int64, d *Decoder) bool {
	n, ok := d.integer(64)
	*v = n
	return ok
}

// DecodeInt32 reads an integer of 32 bits.
func DecodeInt32(v *int32, d *Decoder) bool {
	n, ok := d.integer(32)
	*v = int32(n)
	return ok
}

// DecodeFloat64 reads a number.
func DecodeFloat64(v *float64, d *Decoder) bool {
	*v = 0
	if d.jx.Next() != jx.Number {
		return d.mismatch("number")
	}
	text, err := d.jx.Raw()
	if err != nil {
		return d.fail()
	}
	n, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		d.note("want number of 64 bits, got another number")
		return false
	}
	*v = n
	return true
}

// integer reads an integer. Unless decoding is strict it may be quoted, as LaunchDarkly's documentation prints times, and may
// have a fraction or an exponent if it is whole: 123.0, 1.7e12.
func (d *Decoder) integer(bits int) (int64, bool) {
	var text []byte
	var err error
	quoted := false
	switch d.jx.Next() {
	case jx.Number:
		text, err = d.jx.Raw()
	case jx.String:
		if d.strict {
			return 0, d.mismatch("integer")
		}
		quoted = true
		text, err = d.jx.StrBytes()
	default:
		return 0, d.mismatch("integer")
	}
	if err != nil {
		return 0, d.fail()
	}
	if !quoted || isNumber(text) {
		n, err := strconv.ParseInt(string(text), 10, bits)
		if err == nil {
			return n, true
		}
		if n, ok := wholeNumber(text); ok && !d.strict && (bits == 64 || n == int64(int32(n))) {
			return n, true
		}
	}
	switch {
	case d.err != nil:
	case quoted && !isNumber(text):
		d.note("want integer, got string")
	default:
		d.note("want integer of " + strconv.Itoa(bits) + " bits, got another number")
	}
	return 0, false
}

// DecodeAny reads a value of any type.
func DecodeAny(v *interface{}, d *Decoder) bool {
	*v = nil
	switch d.jx.Next() {
	case jx.String:
		var s string
		DecodeString(&s, d)
		d.memory.charge(stringHeader)
		*v = s
	case jx.Number:
		return decodeAnyNumber(v, d)
	case jx.Bool:
		var b bool
		DecodeBool(&b, d)
		*v = b
	case jx.Array:
		d.memory.charge(sliceHeader)
		*v = d.anyArray()
	case jx.Object:
		*v = d.anyObject()
	default:
		return d.mismatch("value")
	}
	return true
}

// anyArray and anyObject are [DecodeSlice] and [DecodeMap] of [DecodeAny]. Called directly it leaves its values on the stack, which
// saves an allocation for each.
func (d *Decoder) anyArray() []interface{} {
	elements, found := d.array()
	if !found {
		return nil
	}
	a := []interface{}{}
	for elements.next() {
		if len(a) == cap(a) {
			room := d.memory.grown(cap(a), stringHeader)
			if room == 0 {
				break
			}
			larger := make([]interface{}, len(a), room)
			copy(larger, a)
			a = larger
		}
		var v interface{}
		DecodeAny(&v, d)
		a = append(a, v)
	}
	elements.end()
	return a
}

func (d *Decoder) anyObject() map[string]interface{} {
	entries := d.Object(nil)
	d.memory.charge(mapHeader)
	m := make(map[string]interface{})
	for entries.Next() {
		d.path[len(d.path)-1].property = nil
		var v interface{}
		DecodeAny(&v, d)
		if entries.entries.add(&d.memory, len(m), stringHeader) {
			m[d.memory.text(entries.Key)] = v
		}
	}
	return m
}

// decodeAnyNumber returns a float64, or a json.Number where a float64 would be another number than the one sent: integers
// beyond 2^53, and what overflows.
func decodeAnyNumber(v *interface{}, d *Decoder) bool {
	text, err := d.jx.Raw()
	if err != nil {
		return d.fail()
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || isInteger(text) && !isExact(text) {
		d.memory.charge(stringHeader + len(text))
		*v = json.Number(text)
	} else {
		d.memory.charge(boxedFloat)
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

// DecodeNullable is [DecodeAny] for a property whose null differs from its absence.
func DecodeNullable(v *interface{}, null *bool, d *Decoder) {
	*null = d.jx.Next() == jx.Null
	DecodeAny(v, d)
}

// DecodePointer reads an optional value: nil means null or a value of another type.
func DecodePointer[T any](v **T, d *Decoder, value func(*T, *Decoder) bool) {
	*v = nil
	if d.jx.Next() == jx.Null {
		d.mismatch("value")
		return
	}
	d.memory.charge(elementSize(v))
	p := new(T)
	if value(p, d) {
		*v = p
	}
}

// DecodeSlice reads an array. An element that is null or of another type is kept as a zero value.
func DecodeSlice[T any](v *[]T, d *Decoder, value func(*T, *Decoder) bool) bool {
	*v = nil
	elements, found := d.array()
	if !found {
		return false
	}
	s := make([]T, 0, d.roomFor(v))
	for elements.next() {
		if len(s) == cap(s) {
			room := d.memory.grown(cap(s), elementSize(v))
			if room == 0 {
				break
			}
			larger := make([]T, len(s), room)
			copy(larger, s)
			s = larger
		}
		s = append(s, *new(T))
		value(&s[len(s)-1], d)
	}
	*v = s
	return elements.end()
}

// roomFor guesses how many elements a list, given by a pointer to it, has that makes up the document, a page of items: models
// take about a third of their JSON. Growing step by step would copy them again and again (a tenth of the time of 1,000
// members). Only the first list is preallocated: a document that repeats it a thousand times shall not take a thousand times as
// much.
func (d *Decoder) roomFor(list any) int {
	if len(d.path) != 2 {
		return 0
	}
	const model = 128 // bytes; smaller elements are of short lists
	size := elementSize(list)
	if size < model {
		return 0
	}
	room := d.size / (3 * size)
	d.size = 0
	d.memory.charge(room * size)
	return room
}

// DecodeMap reads an object whose keys the document chooses.
func DecodeMap[T any](v *map[string]T, d *Decoder, value func(*T, *Decoder) bool) bool {
	*v = nil
	entries := d.Object(nil)
	if !entries.Found {
		return false
	}
	size := elementSize(v)
	d.memory.charge(mapHeader + size)
	*v = make(map[string]T)
	decodeEntries(*v, new(T), size, &entries, value)
	return true
}

// decodeEntries reads one entry after the other into element, which is on the heap, because value may be anything.
func decodeEntries[T any](m map[string]T, element *T, size int, entries *Object, value func(*T, *Decoder) bool) {
	d := entries.d
	for entries.Next() {
		d.path[len(d.path)-1].property = nil
		value(element, d)
		if entries.entries.add(&d.memory, len(m), size) {
			m[d.memory.text(entries.Key)] = *element
		}
	}
}

// DecodeMapPointer is [DecodeMap] for an optional property. The map's variable and the element share their memory, which saves a
// tenth of the allocations of a page of members.
func DecodeMapPointer[T any](v **map[string]T, d *Decoder, value func(*T, *Decoder) bool) {
	*v = nil
	entries := d.Object(nil)
	if !entries.Found {
		return
	}
	cell := &struct {
		m       map[string]T
		element T
	}{m: make(map[string]T)}
	size := elementSize(&cell.m)
	d.memory.charge(2*mapHeader + size)
	decodeEntries(cell.m, &cell.element, size, &entries, value)
	*v = &cell.m
}

// The functions below read optional values of the plain types, and lists of strings: their memory is packed.

// DecodeStringPointer reads an optional string.
func DecodeStringPointer(v **string, d *Decoder) { decodeCell(v, d, &d.memory.strings, DecodeString) }

// DecodeBoolPointer reads an optional boolean.
func DecodeBoolPointer(v **bool, d *Decoder) { decodeCell(v, d, &d.memory.bools, DecodeBool) }

// DecodeInt32Pointer reads an optional integer of 32 bits.
func DecodeInt32Pointer(v **int32, d *Decoder) { decodeCell(v, d, &d.memory.int32s, DecodeInt32) }

// DecodeInt64Pointer reads an optional integer.
func DecodeInt64Pointer(v **int64, d *Decoder) { decodeCell(v, d, &d.memory.int64s, DecodeInt64) }

func decodeCell[T any](v **T, d *Decoder, from *[]T, value func(*T, *Decoder) bool) {
	*v = nil
	if d.jx.Next() == jx.Null {
		d.mismatch("value")
		return
	}
	if len(*from) == 0 {
		d.memory.charge(d.memory.cells * stringHeader) // the largest cell
		*from = make([]T, d.memory.cells)
	}
	p := &(*from)[0]
	if value(p, d) {
		*v, *from = p, (*from)[1:]
	}
}

// DecodeStrings reads a list of strings.
func DecodeStrings(v *[]string, d *Decoder) bool {
	*v = nil
	elements, found := d.array()
	if !found {
		return false
	}
	list := d.memory.list[:0]
	for elements.next() {
		if len(list) == cap(list) {
			room := d.memory.grown(cap(list), stringHeader)
			if room == 0 {
				break
			}
			larger := make([]string, len(list), room)
			copy(larger, list)
			list = larger
		}
		list = append(list, "")
		DecodeString(&list[len(list)-1], d)
	}
	*v = d.memory.copyList(list)
	d.memory.list = list
	return elements.end()
}
