// Package inspect answers questions about values of any type.
package inspect

import (
	"reflect"
	"sort"
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
