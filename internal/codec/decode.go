// Package codec reads and writes the JSON of models in one pass and without reflection on them. A [Decoder] is tolerant: it
// keeps what it does not know, steps over values of the wrong type, and reports the first one. It never shares memory with the
// document, and allocates in proportion to it. An [Encoder] writes what encoding/json would, with properties in the order of the
// model.
//
// The lexer below the decoder has these states. White space may come between any two of them, and is no part of one:
//
//	state    function     the next byte, and where it leads
//	value    next         { object, [ array, " string, - or digit number, t f n literal
//	object   open, more   " key, } after
//	key      key          the bytes of a string, then : value
//	array    open, more   ] after, others value
//	string   rawText      " after, \ escape; control characters are no JSON
//	escape   escape       " \ / b f n r t string, u and four hexadecimal digits string
//	number   number       -, 0 or digits, . and digits, e or E with a sign and digits; then , ] } white space or the end: after
//	literal  literal      the letters of true, false or null: after
//	after    more         in an array , value or ] after; in an object , key or } after
//	end      end          after the outermost value: nothing more
package codec

import (
	"math"
	"strconv"
	"strings"
	"sync"
)

// Decoder reads one JSON document into models in a single pass.
//
// It is tolerant: a missing or null value is a zero value, a value of the wrong type is recorded and skipped,
// and only invalid JSON ends decoding. The first problem recorded is the document's error; invalid JSON
// outranks the rest.
type Decoder struct {
	lexer
	strict bool
	paged  bool // the list of the items of a page was found
	path   []segment
	err    *Error
	memory memory
}

// segment is one step of the path to the value being read: the index of an element, the position of the name of a property, negated; or
// ownKey.
type segment int

// ownKey is a key that the document chose itself. Errors do not repeat it.
const ownKey segment = math.MinInt

var decoders = sync.Pool{New: func() any { return new(Decoder) }}

// Decode reads data, which must hold one JSON object and nothing after it, with read, the decode method of model, a pointer. All
// that could be read is in the model also when there is an error, an [*Error]. strict makes a required property that is missing or
// null an error too. A byte order mark before the document is skipped.
func Decode(model interface{}, read func(*Decoder) bool, data []byte, strict bool) error {
	d := decoders.Get().(*Decoder)
	d.lexer = lexer{data: withoutMark(data)}
	d.strict, d.paged, d.path, d.err = strict, false, d.path[:0], nil
	d.memory.expect(len(d.data))
	if d.next() == nullKind {
		d.note("want object, got null")
		d.literal("null")
	} else {
		read(d)
	}
	if err := d.finish(); err != nil {
		err.Model = typeName(model)
		return err
	}
	return nil
}

// finish returns the error of a document that was read, and makes the decoder available to others.
func (d *Decoder) finish() *Error {
	err := d.err
	if d.memory.budget < 0 {
		err = &Error{Reason: tooLarge(len(d.data)), tooLarge: true}
	} else if d.fault != 0 || !d.end() {
		err = &Error{Reason: d.reason()}
	}
	d.err = nil
	d.data = nil
	d.memory.forget()
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

// affordable reports whether the text is valid so far, and the budget not used up. If not, everything unwinds.
func (d *Decoder) affordable() bool {
	if d.memory.budget < 0 {
		d.failAt(overBudget)
	}
	return d.fault == 0
}

// note keeps the first thing that is wrong with the document, with the path to it.
func (d *Decoder) note(reason string) {
	if d.err == nil {
		d.err = &Error{Path: d.pathText(), Reason: reason}
	}
}

// string returns a copy of b.
func (d *Decoder) string(b []byte) string { return d.memory.text(b, len(d.data)-d.pos) }

func (d *Decoder) pathText() string {
	var b strings.Builder
	for _, s := range d.path {
		switch {
		case s >= 0:
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(int(s)))
			b.WriteByte(']')
		case s != ownKey:
			name, _ := (&lexer{data: d.data, pos: int(-s)}).text()
			b.WriteByte('.')
			b.Write(name)
		default:
			b.WriteString(".*")
		}
	}
	return b.String()
}

// mismatch skips a value that is not of the wanted type, and records it unless it is null. Its result is always
// false, for functions that report whether they found what they look for.
func (d *Decoder) mismatch(want string) bool {
	switch got := d.next(); got {
	case nullKind:
		d.literal("null")
	case invalid:
		d.failAt(d.pos + 1)
	default:
		if d.err == nil {
			d.note("want " + want + ", got " + got.String())
		}
		d.skip()
	}
	return false
}

// Object is one JSON object being read: for o := d.Object(…); o.Next(); { switch string(o.Key) … }.
type Object struct {
	d        *Decoder
	Key      []byte    // of the property that Next went to
	required []string  // looked at in strict decoding only
	entries  mapGrowth // of the map that keeps them
	seen     uint64    // bit i: required[i] is present and not null
	Found    bool      // there is an object
	open     bool      // and its end is not reached
	first    bool      // nor its first property
}

// Object starts to read an object whose properties include the required ones. Any other value is recorded and
// reads as an object without properties.
func (d *Decoder) Object(required []string) Object {
	o := Object{d: d, required: required}
	if got := d.next(); got != objectKind {
		if got == nullKind && d.strict && len(required) > 0 {
			d.note("want object, got null")
		}
		d.mismatch("object")
		return o
	}
	if d.lexer.open() {
		o.Found, o.open, o.first = true, true, true
		d.path = append(d.path, ownKey)
	}
	return o
}

// Next goes to the next property: its name is in o.Key, its value is the next thing to read.
func (o *Object) Next() bool {
	d := o.d
	if !o.open {
		return false
	}
	if !d.affordable() || !d.more('}', o.first) {
		o.close()
		return false
	}
	o.first = false
	name, key, ok := d.key()
	if !ok {
		o.close()
		return false
	}
	o.Key = key
	d.path[len(d.path)-1] = segment(-name)
	if d.strict {
		o.mark()
	}
	return true
}

func (o *Object) mark() {
	for i, name := range o.required {
		if name == string(o.Key) {
			o.seen |= 1 << i
			if o.d.next() == nullKind {
				o.seen &^= 1 << i
			}
		}
	}
}

func (o *Object) close() {
	d := o.d
	o.open = false
	if d.strict && d.fault == 0 && d.err == nil {
		for i, name := range o.required {
			if o.seen&(1<<i) == 0 {
				d.path = d.path[:len(d.path)-1]
				d.err = &Error{Path: d.pathText() + "." + name, Reason: "the required property is missing or null"}
				return
			}
		}
	}
	d.path = d.path[:len(d.path)-1]
}

// array is one JSON array being read, as [Object] is an object.
type array struct {
	d     *Decoder
	index int // of the element that next goes to
}

// array starts to read an array. It reports false if the value is not an array.
func (d *Decoder) array() (array, bool) {
	if d.next() != arrayKind {
		return array{}, d.mismatch("array")
	}
	if !d.open() {
		return array{}, false
	}
	d.path = append(d.path, 0)
	return array{d: d}, true
}

// next goes to the next element.
func (a *array) next() bool {
	if !a.d.affordable() || !a.d.more(']', a.index == 0) {
		return false
	}
	a.d.path[len(a.d.path)-1] = segment(a.index)
	a.index++
	return true
}

// end reports whether the array was read to its end.
func (a *array) end() bool {
	a.d.path = a.d.path[:len(a.d.path)-1]
	return a.d.fault == 0
}

// Unknown keeps a property that the model does not know.
func (o *Object) Unknown(extra *map[string]interface{}) {
	o.d.path[len(o.d.path)-1] = ownKey
	m := &o.d.memory
	if *extra == nil {
		m.charge(mapHeader)
		*extra = make(map[string]interface{})
	}
	var v interface{}
	DecodeAny(&v, o.d)
	if o.entries.add(m, len(*extra), stringHeader) {
		(*extra)[o.d.string(o.Key)] = v
	}
}
