package ldapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The reference decoder does by reflection and encoding/json what the codec must do: slow, plain, and without a line of
// the code under test. It reads the model's json tags.

var errReference = errors.New("does not match the model")

// refDecode reads raw, which is valid JSON, into v. A value of the wrong type leaves the zero value and is reported, the
// rest is still read.
func refDecode(raw json.RawMessage, v reflect.Value) (ok, clean bool) {
	raw = bytes.TrimSpace(raw)
	v.SetZero()
	if string(raw) == "null" {
		return false, true
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		if ok, clean = refDecode(raw, p.Elem()); ok {
			v.Set(p)
		}
		return ok, clean
	case reflect.Interface:
		v.Set(reflect.ValueOf(refAny(raw)))
		return true, true
	case reflect.Struct:
		return refStruct(raw, v)
	case reflect.Map:
		return refMap(raw, v)
	case reflect.Slice:
		return refSlice(raw, v)
	default:
		ok = refScalar(raw, v)
		return ok, ok
	}
}

func refScalar(raw json.RawMessage, v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return raw[0] == '"' && json.Unmarshal(raw, v.Addr().Interface()) == nil
	case reflect.Bool:
		return (raw[0] == 't' || raw[0] == 'f') && json.Unmarshal(raw, v.Addr().Interface()) == nil
	default: // an integer
		text := string(raw)
		if raw[0] == '"' && json.Unmarshal(raw, &text) != nil {
			return false
		}
		n, ok := refInteger(text)
		if !ok || v.OverflowInt(n) {
			return false
		}
		v.SetInt(n)
		return true
	}
}

// refInteger reads an integer, which may be written with a fraction or an exponent.
func refInteger(text string) (int64, bool) {
	if !json.Valid([]byte(text)) || strings.TrimLeft(text, "-0123456789.eE+") != "" {
		return 0, false
	}
	f, _, err := new(big.Float).SetPrec(10_000).Parse(text, 10)
	if err != nil || !f.IsInt() {
		return 0, false
	}
	n, accuracy := f.Int64()
	return n, accuracy == big.Exact
}

// refPair is one property as the document has it: a repeated one comes twice.
type refPair struct {
	key   string
	value json.RawMessage
}

func refPairs(raw json.RawMessage) ([]refPair, bool) {
	if raw[0] != '{' {
		return nil, false
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	_, _ = dec.Token()
	var pairs []refPair
	for dec.More() {
		key, _ := dec.Token()
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			panic(err) // raw is valid JSON
		}
		pairs = append(pairs, refPair{key.(string), value})
	}
	return pairs, true
}

func refStruct(raw json.RawMessage, v reflect.Value) (ok, clean bool) {
	pairs, ok := refPairs(raw)
	if !ok {
		return false, false
	}
	fields := map[string]int{}
	for i := range v.NumField() {
		if name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); name != "" && name != "-" {
			fields[name] = i
		}
	}
	clean = true
	extra := map[string]interface{}{}
	for _, p := range pairs {
		if i, known := fields[p.key]; known {
			_, good := refDecode(p.value, v.Field(i))
			clean = clean && good
			name := v.Type().Field(i).Name
			if null := v.FieldByName(strings.ToLower(name[:1]) + name[1:] + "Null"); null.IsValid() { // its null differs from its absence
				reflect.NewAt(null.Type(), null.Addr().UnsafePointer()).Elem().SetBool(string(p.value) == "null")
			}
			continue
		}
		extra[p.key] = refAny(p.value)
	}
	if len(extra) > 0 {
		v.FieldByName("AdditionalProperties").Set(reflect.ValueOf(extra))
	}
	return true, clean
}

func refMap(raw json.RawMessage, v reflect.Value) (ok, clean bool) {
	pairs, ok := refPairs(raw)
	if !ok {
		return false, false
	}
	clean = true
	v.Set(reflect.MakeMap(v.Type()))
	for _, p := range pairs {
		element := reflect.New(v.Type().Elem()).Elem()
		_, good := refDecode(p.value, element)
		clean = clean && good
		v.SetMapIndex(reflect.ValueOf(p.key), element)
	}
	return true, clean
}

func refSlice(raw json.RawMessage, v reflect.Value) (ok, clean bool) {
	if raw[0] != '[' {
		return false, false
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		panic(err) // raw is valid JSON
	}
	clean = true
	v.Set(reflect.MakeSlice(v.Type(), len(elements), len(elements)))
	for i, e := range elements {
		_, good := refDecode(e, v.Index(i))
		clean = clean && good
	}
	return true, clean
}

func refAny(raw json.RawMessage) interface{} {
	switch raw = bytes.TrimSpace(raw); raw[0] {
	case '{':
		pairs, _ := refPairs(raw)
		m := map[string]interface{}{}
		for _, p := range pairs {
			m[p.key] = refAny(p.value)
		}
		return m
	case '[':
		var elements []json.RawMessage
		_ = json.Unmarshal(raw, &elements)
		a := []interface{}{}
		for _, e := range elements {
			a = append(a, refAny(e))
		}
		return a
	case '"', 't', 'f', 'n':
		var v interface{}
		_ = json.Unmarshal(raw, &v)
		return v
	default:
		return refNumber(string(raw))
	}
}

func refNumber(text string) interface{} {
	if n, ok := new(big.Int).SetString(text, 10); ok && n.CmpAbs(big.NewInt(1<<53)) > 0 {
		return json.Number(text)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return json.Number(text)
	}
	return f
}

// refUnmarshal is the whole reference decoder for the document of a model.
func refUnmarshal(data []byte, v reflect.Value) error {
	if string(data) == "null" {
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if !json.Valid(data) {
		return errReference
	}
	if ok, clean := refDecode(data, v); !ok || !clean {
		return errReference
	}
	return nil
}

// kept reports whether everything in the document before is in after: only null may be missing or have become a zero
// value.
func kept(before, after interface{}) bool {
	switch b := before.(type) {
	case nil:
		return true
	case map[string]interface{}:
		a, ok := after.(map[string]interface{})
		for key, value := range b {
			element, there := a[key]
			ok = ok && (value == nil || there && kept(value, element))
		}
		return ok
	case []interface{}:
		a, ok := after.([]interface{})
		ok = ok && len(a) == len(b)
		for i := range b {
			ok = ok && kept(b[i], a[i])
		}
		return ok
	default:
		return reflect.DeepEqual(before, after) || sameInteger(before, after)
	}
}

// sameInteger reports whether an integer was only written in another way.
func sameInteger(before, after interface{}) bool {
	number := func(v interface{}) (int64, bool) {
		switch v := v.(type) {
		case string:
			return refInteger(v)
		case json.Number:
			return refInteger(string(v))
		case float64:
			return int64(v), v == math.Trunc(v)
		}
		return 0, false
	}
	b, integral := number(before)
	a, _ := number(after)
	if f, isFloat := before.(float64); isFloat && math.Abs(f) >= 1<<53 {
		return integral && float64(a) == f
	}
	return integral && a == b
}

// checkAgainstReference compares the codec with the reference decoder for one document and one model.
func checkAgainstReference(t *testing.T, of reflect.Type, data []byte) {
	t.Helper()
	got, want, again := reflect.New(of), reflect.New(of), reflect.New(of)
	gotErr := got.Interface().(json.Unmarshaler).UnmarshalJSON(data)
	wantErr := refUnmarshal(data, want.Elem())
	require.Equal(t, wantErr == nil, gotErr == nil, "accepted? codec: %v, reference: %v", gotErr, wantErr)
	if gotErr != nil {
		require.ErrorIs(t, gotErr, ErrDecode)
	}
	if gotErr != nil || string(data) == "null" {
		if json.Valid(data) {
			require.Equal(t, want.Interface(), got.Interface(), "what was read")
		}
		return
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	require.Equal(t, want.Interface(), got.Interface(), "what was read")
	out, err := got.Interface().(json.Marshaler).MarshalJSON()
	require.NoError(t, err)
	require.True(t, json.Valid(out), "encoded: %s", out)
	require.True(t, kept(refAny(data), refAny(out)), "lost in %s", out)
	require.NoError(t, again.Interface().(json.Unmarshaler).UnmarshalJSON(out))
	out2, err := again.Interface().(json.Marshaler).MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, string(out), string(out2))
}
