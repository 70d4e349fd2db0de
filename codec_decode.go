package ldapi

import (
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/go-faster/jx"
)

// model is what every generated model offers to the codec.
type model interface {
	decodable
	encode(e *encoder)
}

// decodable reads itself from a document.
type decodable interface {
	decode(d *decoder) bool // reports whether there was an object to read
}

// modelPointer is a model's pointer type, for generic code that makes a model itself.
type modelPointer[T any] interface {
	*T
	model
}

// decoder reads one JSON document into models in a single pass.
//
// It is tolerant: what is missing or null leaves its zero value, a value of the wrong type is noted and stepped over,
// and only text that is no JSON ends the work. The first thing noted is the document's error; that it is no JSON
// outranks the rest.
type decoder struct {
	jx     jx.Decoder
	strict bool
	broken bool // the text is no JSON from here on: everything unwinds
	path   []segment
	err    *decodeError
}

// segment is one step of the path to the value being read: a property, an element, or (neither) a key that the
// document chose itself, which errors do not repeat.
type segment struct {
	property []byte
	element  int // -1 when the step is not an element of an array
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// unmarshal is UnmarshalJSON of every model. As encoding/json asks of it, null changes nothing.
func unmarshal(m model, data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if err := decodeDocument(m, data, false); err != nil {
		return err
	}
	return nil
}

// decodeDocument reads data, which must hold one JSON object and nothing after it, into m.
// What could be read is in m also when there is an error.
func decodeDocument(m decodable, data []byte, strict bool) *decodeError {
	d := decoders.Get().(*decoder)
	d.jx.ResetBytes(validText(data))
	d.strict, d.broken, d.path, d.err = strict, false, d.path[:0], nil
	if d.jx.Next() == jx.Null {
		d.note("want object, got null")
		d.broken = d.jx.Null() != nil
	} else {
		m.decode(d)
	}
	if !d.broken && !d.atEnd() {
		d.broken = true
	}
	err := d.err
	if d.broken {
		err = &decodeError{reason: malformedReason(data)}
	}
	if err != nil {
		err.model = reflect.TypeOf(m).Elem().Name()
	}
	d.jx.ResetBytes(nil)
	d.err = nil
	clear(d.path[:cap(d.path)])
	decoders.Put(d)
	return err
}

// atEnd reports whether nothing but space is left.
func (d *decoder) atEnd() bool {
	return d.jx.Next() == jx.Invalid && d.jx.Skip() == io.EOF
}

// note keeps the first thing that is wrong with the document, with the path to it.
func (d *decoder) note(reason string) {
	if d.err == nil {
		d.err = &decodeError{path: d.pathText(), reason: reason}
	}
}

func (d *decoder) pathText() string {
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

// mismatch steps over a value that is not of the wanted type, and notes it unless it is null. Its result is always
// false, for functions that report whether they found what they look for.
func (d *decoder) mismatch(want string) bool {
	switch got := d.jx.Next(); got {
	case jx.Null:
		d.broken = d.broken || d.jx.Null() != nil
	case jx.Invalid:
		d.broken = true
	default:
		d.note("want " + want + ", got " + got.String())
		d.broken = d.jx.Skip() != nil
	}
	return false
}

// fail says that the text is no JSON from here on.
func (d *decoder) fail() bool {
	d.broken = true
	return false
}

// object is one JSON object being read: for o := d.object(…); o.next(); { switch string(o.key) … }.
type object struct {
	d        *decoder
	fields   jx.ObjIter
	key      []byte
	required []string // looked at in strict decoding only
	seen     uint64   // bit i: required[i] is there and not null
	found    bool     // there is an object
	open     bool     // and its end is not reached
}

// object starts to read an object whose properties include the required ones. What is not an object is noted and
// reads as an object without properties.
func (d *decoder) object(required []string) object {
	o := object{d: d, required: required}
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
	o.fields, o.found, o.open = fields, true, true
	d.path = append(d.path, segment{element: -1})
	return o
}

// next goes to the next property: its name is in o.key, its value is the next thing to read.
func (o *object) next() bool {
	d := o.d
	if !o.open {
		return false
	}
	if d.broken || !o.fields.Next() {
		o.close()
		return false
	}
	o.key = o.fields.Key()
	d.path[len(d.path)-1].property = o.key
	if d.strict {
		o.mark()
	}
	return true
}

func (o *object) mark() {
	for i, name := range o.required {
		if name == string(o.key) {
			o.seen |= 1 << i
			if o.d.jx.Next() == jx.Null {
				o.seen &^= 1 << i
			}
		}
	}
}

func (o *object) close() {
	d := o.d
	if o.fields.Err() != nil {
		d.broken = true
	}
	o.open = false
	if d.strict && !d.broken {
		for i, name := range o.required {
			if o.seen&(1<<i) == 0 {
				d.path[len(d.path)-1].property = []byte(name)
				d.note("the required property is missing or null")
			}
		}
	}
	d.path = d.path[:len(d.path)-1]
}

// unknown keeps a property that the model does not know.
func (o *object) unknown(extra *map[string]interface{}) {
	o.d.path[len(o.d.path)-1].property = nil
	if *extra == nil {
		*extra = make(map[string]interface{})
	}
	var v interface{}
	decodeAny(&v, o.d)
	(*extra)[string(o.key)] = v
}
