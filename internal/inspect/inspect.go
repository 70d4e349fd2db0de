// Package inspect answers questions about values of any type.
package inspect

import (
	"maps"
	"reflect"
	"sort"
	"strings"
	"unicode"
)

// IsNil reports whether i is nil, or a pointer, map, slice, function, channel or interface that is nil.
func IsNil(i interface{}) bool {
	if i == nil {
		return true
	}
	switch v := reflect.ValueOf(i); v.Kind() {
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice, reflect.UnsafePointer:
		return v.IsNil()
	default:
		return false
	}
}

// IsPointer reports whether i is a pointer that is not nil.
func IsPointer(i interface{}) bool {
	return !IsNil(i) && reflect.TypeOf(i).Kind() == reflect.Pointer
}

// PointsToZero reports whether nothing is set in what p points to.
func PointsToZero(p interface{}) bool { return reflect.ValueOf(p).Elem().IsZero() }

// SortedKeys returns the keys of m in order. Most maps that it is called with are empty.
func SortedKeys[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil
	}
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys) // compiled once, while slices.Sort is compiled in each package that calls it
	return keys
}

// Properties returns what a model writes: the fields that model, a pointer to it, has set, by the names in their json tags, and its
// AdditionalProperties, which win. An optional field is set if it is not nil, or if the field with its name and the suffix Null is
// true. One function that uses reflection serves all models, because code for each of them takes long to compile.
func Properties(model interface{}) map[string]interface{} {
	v := reflect.ValueOf(model).Elem()
	t := v.Type()
	m := make(map[string]interface{}, t.NumField())
	for i := range t.NumField() {
		name, option, tagged := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		optional := tagged && option == "omitempty"
		if name == "" || name == "-" || optional && v.Field(i).IsNil() && !isNull(v, t.Field(i).Name) {
			continue
		}
		m[name] = v.Field(i).Interface()
	}
	maps.Copy(m, v.FieldByName("AdditionalProperties").Interface().(map[string]interface{}))
	return m
}

// isNull reports whether a field that can hold any value holds null.
func isNull(model reflect.Value, field string) bool {
	null := model.FieldByName(string(unicode.ToLower(rune(field[0]))) + field[1:] + "Null")
	return null.IsValid() && null.Bool()
}
