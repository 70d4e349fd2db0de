package ldapitest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// shape describes how responses are written: [WithNullOptionals] and [WithUnknownFields].
type shape struct{ nulls, extras bool }

// object is a JSON object that keeps the order of its properties.
type object struct {
	shape      shape
	properties []property
}

type property struct {
	name  string
	value any
}

func (s shape) object() *object { return &object{shape: s} }

// set adds a property that is always there.
func (o *object) set(name string, value any) *object {
	o.properties = append(o.properties, property{name, value})
	return o
}

// optional adds a property that is left out, or null, unless it is present.
func (o *object) optional(name string, value any, present bool) *object {
	switch {
	case present:
		o.set(name, value)
	case o.shape.nulls:
		o.set(name, nil)
	}
	return o
}

// text adds an optional string; an empty one is absent.
func (o *object) text(name, value string) *object { return o.optional(name, value, value != "") }

// texts adds an optional list; an empty one is absent.
func (o *object) texts(name string, values []string) *object {
	return o.optional(name, values, len(values) > 0)
}

// appendJSON writes the properties in the order they were set, then the unknown ones if they are asked for.
func (o *object) appendJSON(b []byte) []byte {
	b = append(b, '{')
	for i, p := range o.properties {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, p.name), ':')
		b = appendValue(b, p.value)
	}
	if o.shape.extras {
		b = append(b, `,"futureText":"unknown to any client",`...)
		b = append(b, `"futureObject":{"list":[1,2.5,null,true,{"deep":[]}],"big":9007199254740993}`...)
	}
	return append(b, '}')
}

// encode writes an object as the body of an answer.
func encode(o *object) []byte { return o.appendJSON(nil) }

// appendValue writes what this package puts into objects, in one pass: encoding/json would scan nested objects again and again.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case string:
		return appendText(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case json.RawMessage:
		return append(b, v...)
	case *object:
		return v.appendJSON(b)
	case []*object:
		return appendList(b, v, func(b []byte, o *object) []byte { return o.appendJSON(b) })
	case []int:
		return appendList(b, v, func(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) })
	case []string:
		return appendList(b, v, appendText)
	case map[string][]string:
		o := &object{}
		for _, key := range sortedKeys(v) {
			o.set(key, v[key])
		}
		return o.appendJSON(b)
	}
	panic(fmt.Sprintf("ldapitest: no JSON for %T", v))
}

func appendList[T any](b []byte, items []T, appendItem func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendItem(b, item)
	}
	return append(b, ']')
}

// appendText leaves the & of links as it is.
func appendText(b []byte, s string) []byte {
	plain := strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r >= utf8.RuneSelf }) < 0
	if plain {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	quoted, _ := json.Marshal(s) // a string: cannot fail
	return append(b, quoted...)
}

// millis is the wire form of a time: Unix epoch milliseconds, 0 for "never".
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
