package codec

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// The functions below read one value each, and report whether it was present and of its type. All set *v to its zero value
// otherwise, so that a repeated property replaces the earlier one completely.

// DecodeString reads a string.
func DecodeString(v *string, d *Decoder) bool {
	*v = ""
	if d.next() != stringKind {
		return d.mismatch("string")
	}
	b, ok := d.text()
	if ok {
		*v = d.string(b)
	}
	return ok
}

// DecodeBool reads a boolean.
func DecodeBool(v *bool, d *Decoder) bool {
	*v = false
	if d.next() != boolKind {
		return d.mismatch("boolean")
	}
	b, ok := d.bool()
	*v = b && ok
	return ok
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
	if d.next() != numberKind {
		return d.mismatch("number")
	}
	text, ok := d.number()
	if !ok {
		return false
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
	var ok bool
	got := d.next()
	quoted := got == stringKind && !d.strict
	switch {
	case got == numberKind:
		text, ok = d.number()
	case quoted:
		text, ok = d.text()
	default:
		return 0, d.mismatch("integer")
	}
	if !ok {
		return 0, false
	}
	if !quoted || isNumber(text) {
		n, err := strconv.ParseInt(string(text), 10, bits)
		if err == nil {
			return n, true
		}
		d.memory.charge(numberError + 4*len(text)) // the error and the copies below
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
	switch d.next() {
	case stringKind:
		b, _ := d.text()
		*v = d.memory.boxedText(b, len(d.data)-d.pos)
	case numberKind:
		return decodeAnyNumber(v, d)
	case boolKind:
		var b bool
		DecodeBool(&b, d)
		*v = b
	case arrayKind:
		d.memory.charge(sliceHeader)
		*v = d.anyArray()
	case objectKind:
		*v = d.anyObject()
	default:
		return d.mismatch("value")
	}
	return true
}

// anyArray and anyObject do for [DecodeAny] what [DecodeSlice] and [DecodeMap] do. Called directly it leaves its values on the stack,
// which saves an allocation for each. Arrays within arrays share the scratch memory, each from outer on.
func (d *Decoder) anyArray() []interface{} {
	elements, found := d.array()
	if !found {
		return nil
	}
	c := &d.memory.anys
	outer := len(c.list) // elements of arrays around this one
	for elements.next() {
		var v interface{}
		DecodeAny(&v, d)
		if len(c.list) == cap(c.list) {
			room := c.sizes.grown(&d.memory, cap(c.list), 0)
			if room == 0 {
				break
			}
			c.list = larger(c.list, room)
		}
		c.list = append(c.list, v)
	}
	list := c.list[outer:]
	c.list = c.list[:outer]
	elements.end()
	return keep(c, &d.memory, list, outer == 0)
}

func (d *Decoder) anyObject() map[string]interface{} {
	entries := d.Object(nil)
	d.memory.charge(mapHeader)
	m := make(map[string]interface{})
	for entries.Next() {
		d.path[len(d.path)-1] = ownKey
		var v interface{}
		DecodeAny(&v, d)
		if entries.entries.add(&d.memory, len(m), stringHeader) {
			m[d.string(entries.Key)] = v
		}
	}
	return m
}

// decodeAnyNumber returns a float64, or a json.Number where a float64 would be another number than the one sent: integers
// beyond 2^53, and what overflows.
func decodeAnyNumber(v *interface{}, d *Decoder) bool {
	text, ok := d.number()
	if !ok {
		return false
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		d.memory.charge(numberError + len(text))
	}
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
	*null = d.next() == nullKind
	DecodeAny(v, d)
}

// DecodePointer reads an optional value: nil means null or a value of another type.
func DecodePointer[T any](v **T, d *Decoder, value func(*T, *Decoder) bool) {
	decodePointer(v, d, cellsOf[T](&d.memory), value)
}

func decodePointer[T any](v **T, d *Decoder, c *cells[T], value func(*T, *Decoder) bool) {
	*v = nil
	if d.next() == nullKind {
		d.mismatch("value")
		return
	}
	p := &take(c, &d.memory, 1)[0]
	if value(p, d) {
		*v = p
	}
}

// DecodeSlice reads an array. An element that is null or of another type is kept as a zero value.
func DecodeSlice[T any](v *[]T, d *Decoder, value func(*T, *Decoder) bool) bool {
	return decodeSlice(v, d, cellsOf[T](&d.memory), value)
}

func decodeSlice[T any](v *[]T, d *Decoder, c *cells[T], value func(*T, *Decoder) bool) bool {
	*v = nil
	elements, found := d.array()
	if !found {
		return false
	}
	page := d.claimPage(c.sizes.size)
	list := c.list[:0]
	if page {
		list = nil
	}
	c.list = nil // lists within the elements have scratch of their own
	for start := d.pos; elements.next(); {
		if len(list) == cap(list) {
			room := d.room(&c.sizes, page, len(list), start)
			if room == 0 {
				break
			}
			list = larger(list, room)
		}
		list = list[:len(list)+1]
		value(&list[len(list)-1], d)
	}
	*v = keep(c, &d.memory, list, true)
	return elements.end()
}

// claimPage reports whether the array that was just entered holds the items of a page, which make up most of the document. Only the
// first such array does.
func (d *Decoder) claimPage(elementSize int) bool {
	const model = 128 // bytes; smaller elements are of short lists
	if d.paged || len(d.path) != 2 || elementSize < model {
		return false
	}
	d.paged = true
	return true
}

// room returns the next capacity of a list that is full, or 0 if the budget does not allow it. Of a page, whose first item begins at start, it
// guesses the length: the rest of the document has items as long as those so far. Growing step by step would copy them again and again.
func (d *Decoder) room(s *sizes, page bool, length, start int) int {
	wanted := 0
	if page && length > 0 {
		itemLength := max((d.pos-start)/length, s.size) // short items do not speak for the rest
		wanted = length + (len(d.data)-d.pos)/itemLength + 1
	}
	return s.grown(&d.memory, length, wanted)
}

// DecodeMap reads an object whose keys the document chooses.
func DecodeMap[T any](v *map[string]T, d *Decoder, value func(*T, *Decoder) bool) bool {
	*v = nil
	entries := d.Object(nil)
	if !entries.Found {
		return false
	}
	d.memory.charge(mapHeader)
	m := make(map[string]T)
	*v = m
	c := cellsOf[T](&d.memory)
	if cap(c.list) == 0 {
		d.memory.charge(c.sizes.size)
	}
	element := append(c.list[:0], *new(T)) // on the heap, because value may be anything
	c.list = nil
	for entries.Next() {
		d.path[len(d.path)-1] = ownKey
		value(&element[0], d)
		if entries.entries.add(&d.memory, len(m), c.sizes.size) {
			m[d.string(entries.Key)] = element[0]
		}
	}
	clear(element)
	c.list = element[:0]
	return true
}

// DecodeMapPointer is [DecodeMap] for an optional property.
func DecodeMapPointer[T any](v **map[string]T, d *Decoder, value func(*T, *Decoder) bool) {
	DecodePointer(v, d, func(m *map[string]T, d *Decoder) bool { return DecodeMap(m, d, value) })
}

// The functions below read optional values of the plain types, and lists of strings.

// DecodeStringPointer reads an optional string.
func DecodeStringPointer(v **string, d *Decoder) {
	decodePointer(v, d, &d.memory.strings, DecodeString)
}

// DecodeBoolPointer reads an optional boolean.
func DecodeBoolPointer(v **bool, d *Decoder) { decodePointer(v, d, &d.memory.bools, DecodeBool) }

// DecodeInt32Pointer reads an optional integer of 32 bits.
func DecodeInt32Pointer(v **int32, d *Decoder) { decodePointer(v, d, &d.memory.int32s, DecodeInt32) }

// DecodeInt64Pointer reads an optional integer.
func DecodeInt64Pointer(v **int64, d *Decoder) { decodePointer(v, d, &d.memory.int64s, DecodeInt64) }

// DecodeStrings reads a list of strings.
func DecodeStrings(v *[]string, d *Decoder) bool {
	return decodeSlice(v, d, &d.memory.strings, DecodeString)
}
