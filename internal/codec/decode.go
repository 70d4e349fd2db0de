// Package codec reads and writes the JSON of models in one pass and without reflection on them. A [Decoder] is tolerant: it
// keeps what it does not know, steps over values of the wrong type, and reports the first one. It never shares memory with the
// document, and allocates in proportion to it. An [Encoder] writes what encoding/json would, with properties in the order of the
// model.
package codec

import (
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/go-faster/jx"
)

// Decoder reads one JSON document into models in a single pass.
//
// It is tolerant: a missing or null value is a zero value, a value of the wrong type is recorded and skipped,
// and only invalid JSON ends decoding. The first problem recorded is the document's error; invalid JSON
// outranks the rest.
type Decoder struct {
	jx     jx.Decoder
	strict bool
	size   int  // of the document; 0 once a list was allocated for it
	broken bool // the text is invalid JSON from here on, or the budget is used up: everything unwinds
	path   []segment
	err    *Error
	memory memory
}

// segment is one step of the path to the value being read: a property, an element, or (neither) a key that the
// document chose itself, which errors do not repeat.
type segment struct {
	property []byte
	element  int // -1 when the step is not an element of an array
}

var decoders = sync.Pool{New: func() any { return new(Decoder) }}

// Decode reads data, which must hold one JSON object and nothing after it, with read, the decode method of model, a pointer. All
// that could be read is in the model also when there is an error, an [*Error]. strict makes a required property that is missing or
// null an error too. A byte order mark before the document is skipped.
func Decode(model interface{}, read func(*Decoder) bool, data []byte, strict bool) error {
	data = withoutMark(data)
	d := decoders.Get().(*Decoder)
	d.jx.ResetBytes(validText(data))
	d.strict, d.size, d.broken, d.path, d.err = strict, len(data), false, d.path[:0], nil
	d.memory.expect(len(data))
	if d.jx.Next() == jx.Null {
		d.note("want object, got null")
		d.broken = d.jx.Null() != nil
	} else {
		read(d)
	}
	if err := d.finish(data); err != nil {
		err.Model = typeName(model)
		return err
	}
	return nil
}

// finish returns the error of a document that was read, and makes the decoder available to others.
func (d *Decoder) finish(data []byte) *Error {
	err := d.err
	if d.memory.budget < 0 {
		err = &Error{Reason: tooLarge(len(data)), tooLarge: true}
	} else if d.broken || !d.atEnd() {
		err = &Error{Reason: Malformed(data)}
	}
	d.jx.ResetBytes(nil)
	d.err = nil
	d.memory.forget()
	clear(d.path[:cap(d.path)])
	decoders.Put(d)
	return err
}

// Unmarshal implements UnmarshalJSON of every model. As encoding/json requires, null changes nothing.
func Unmarshal(model interface{}, read func(*Decoder) bool, data []byte) error {
	if string(data) == "null" {
		return nil
	}
	return Decode(model, read, data, false)
}

// atEnd reports whether nothing but space is left.
func (d *Decoder) atEnd() bool {
	return d.jx.Next() == jx.Invalid && d.jx.Skip() == io.EOF
}

// affordable reports whether the budget is not used up. If it is, everything unwinds.
func (d *Decoder) affordable() bool {
	if d.memory.budget < 0 {
		d.broken = true
	}
	return !d.broken
}

// note keeps the first thing that is wrong with the document, with the path to it.
func (d *Decoder) note(reason string) {
	if d.err == nil {
		d.err = &Error{Path: d.pathText(), Reason: reason}
	}
}

func (d *Decoder) pathText() string {
	var b strings.Builder
	for _, s := range d.path {
		switch {
		case s.element >= 0:
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(s.element))
			b.WriteByte(']')
		case s.property != nil:
			b.WriteByte('.')
			b.Write(s.property)
		default:
			b.WriteString(".*")
		}
	}
	return b.String()
}

// mismatch skips a value that is not of the wanted type, and records it unless it is null. Its result is always
// false, for functions that report whether they found what they look for.
func (d *Decoder) mismatch(want string) bool {
	switch got := d.jx.Next(); got {
	case jx.Null:
		d.broken = d.broken || d.jx.Null() != nil
	case jx.Invalid:
		d.broken = true
	default:
		if d.err == nil {
			d.note("want " + want + ", got " + got.String())
		}
		d.broken = d.jx.Skip() != nil
	}
	return false
}

// fail marks the text as invalid JSON from here on.
func (d *Decoder) fail() bool {
	d.broken = true
	return false
}

// Object is one JSON object being read: for o := d.Object(…); o.Next(); { switch string(o.Key) … }.
type Object struct {
	d        *Decoder
	fields   jx.ObjIter
	Key      []byte    // of the property that Next went to
	required []string  // looked at in strict decoding only
	entries  mapGrowth // of the map that keeps them
	seen     uint64    // bit i: required[i] is present and not null
	Found    bool      // there is an object
	open     bool      // and its end is not reached
}

// Object starts to read an object whose properties include the required ones. Any other value is recorded and
// reads as an object without properties.
func (d *Decoder) Object(required []string) Object {
	o := Object{d: d, required: required}
	if t := d.jx.Next(); t != jx.Object {
		if t == jx.Null && d.strict && len(required) > 0 {
			d.note("want object, got null")
		}
		d.mismatch("object")
		return o
	}
	fields, err := d.jx.ObjIter()
	if err != nil {
		d.broken = true
		return o
	}
	o.fields, o.Found, o.open = fields, true, true
	d.path = append(d.path, segment{element: -1})
	return o
}

// Next goes to the next property: its name is in o.Key, its value is the next thing to read.
func (o *Object) Next() bool {
	d := o.d
	if !o.open {
		return false
	}
	if !d.affordable() || !o.fields.Next() {
		o.close()
		return false
	}
	o.Key = o.fields.Key()
	d.path[len(d.path)-1].property = o.Key
	if d.strict {
		o.mark()
	}
	return true
}

func (o *Object) mark() {
	for i, name := range o.required {
		if name == string(o.Key) {
			o.seen |= 1 << i
			if o.d.jx.Next() == jx.Null {
				o.seen &^= 1 << i
			}
		}
	}
}

func (o *Object) close() {
	d := o.d
	if o.fields.Err() != nil {
		d.broken = true
	}
	o.open = false
	if d.strict && !d.broken && d.err == nil {
		for i, name := range o.required {
			if o.seen&(1<<i) == 0 {
				d.path[len(d.path)-1].property = []byte(name)
				d.note("the required property is missing or null")
			}
		}
	}
	d.path = d.path[:len(d.path)-1]
}

// array is one JSON array being read, as [Object] is an object.
type array struct {
	d        *Decoder
	elements jx.ArrIter
	index    int // of the element that next goes to
}

// array starts to read an array. It reports false if the value is not an array.
func (d *Decoder) array() (array, bool) {
	if d.jx.Next() != jx.Array {
		return array{}, d.mismatch("array")
	}
	elements, err := d.jx.ArrIter()
	if err != nil {
		return array{}, d.fail()
	}
	d.path = append(d.path, segment{})
	return array{d: d, elements: elements}, true
}

// next goes to the next element.
func (a *array) next() bool {
	if !a.d.affordable() || !a.elements.Next() {
		return false
	}
	a.d.path[len(a.d.path)-1].element = a.index
	a.index++
	return true
}

// end reports whether the array was read to its end.
func (a *array) end() bool {
	a.d.path = a.d.path[:len(a.d.path)-1]
	if a.elements.Err() != nil {
		return a.d.fail()
	}
	return true
}

// Unknown keeps a property that the model does not know.
func (o *Object) Unknown(extra *map[string]interface{}) {
	o.d.path[len(o.d.path)-1].property = nil
	m := &o.d.memory
	if *extra == nil {
		m.charge(mapHeader)
		*extra = make(map[string]interface{})
	}
	var v interface{}
	DecodeAny(&v, o.d)
	if o.entries.add(m, len(*extra), stringHeader) {
		(*extra)[m.text(o.Key)] = v
	}
}
