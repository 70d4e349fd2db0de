package ldapi

import (
	"encoding/json"
	"time"
)

// Nullable holds a pointer to a value that may be absent or null. The zero Nullable is absent. P is a
// pointer type.
//
// Nullable and the types named after it, such as [NullableString], exist for source compatibility with
// the stock client. No field or method of a model uses them: optional properties are
// pointers, slices or maps.
type Nullable[P any] struct {
	// All pointers share one GC shape, so that the methods are compiled once for all models (see
	// BenchmarkColdBuild).
	value P
	isSet bool
}

// NewNullable returns a Nullable that is set to val. nil stands for null.
func NewNullable[T any](val *T) *Nullable[*T] { return &Nullable[*T]{value: val, isSet: true} }

// Get returns the value, or nil if it is null or absent.
func (v Nullable[P]) Get() P { return v.value }

// IsSet reports whether the value is present, null included.
func (v Nullable[P]) IsSet() bool { return v.isSet }

// Set sets the value. nil stands for null.
func (v *Nullable[P]) Set(val P) { v.value, v.isSet = val, true }

// Unset makes the value absent.
func (v *Nullable[P]) Unset() { *v = Nullable[P]{} }

// MarshalJSON writes the value, or null.
func (v Nullable[P]) MarshalJSON() ([]byte, error) { return json.Marshal(v.value) }

// UnmarshalJSON reads a value or null, and sets it.
func (v *Nullable[P]) UnmarshalJSON(src []byte) error {
	v.isSet = true
	return json.Unmarshal(src, &v.value)
}

// The Nullable types of plain values exist for source compatibility with the stock client. Their constructors do not call
// [NewNullable], which would be compiled for each type (see BenchmarkColdBuild).
type (
	// NullableBool is a bool that may be absent or null.
	NullableBool = Nullable[*bool]
	// NullableInt is an int that may be absent or null.
	NullableInt = Nullable[*int]
	// NullableInt32 is an int32 that may be absent or null.
	NullableInt32 = Nullable[*int32]
	// NullableInt64 is an int64 that may be absent or null.
	NullableInt64 = Nullable[*int64]
	// NullableFloat32 is a float32 that may be absent or null.
	NullableFloat32 = Nullable[*float32]
	// NullableFloat64 is a float64 that may be absent or null.
	NullableFloat64 = Nullable[*float64]
	// NullableString is a string that may be absent or null.
	NullableString = Nullable[*string]
	// NullableTime is a time that may be absent or null.
	NullableTime = Nullable[*time.Time]
)

// NewNullableBool returns a [NullableBool] that is set to val. nil stands for null.
func NewNullableBool(val *bool) *NullableBool { return &NullableBool{val, true} }

// NewNullableInt returns a [NullableInt] that is set to val. nil stands for null.
func NewNullableInt(val *int) *NullableInt { return &NullableInt{val, true} }

// NewNullableInt32 returns a [NullableInt32] that is set to val. nil stands for null.
func NewNullableInt32(val *int32) *NullableInt32 { return &NullableInt32{val, true} }

// NewNullableInt64 returns a [NullableInt64] that is set to val. nil stands for null.
func NewNullableInt64(val *int64) *NullableInt64 { return &NullableInt64{val, true} }

// NewNullableFloat32 returns a [NullableFloat32] that is set to val. nil stands for null.
func NewNullableFloat32(val *float32) *NullableFloat32 { return &NullableFloat32{val, true} }

// NewNullableFloat64 returns a [NullableFloat64] that is set to val. nil stands for null.
func NewNullableFloat64(val *float64) *NullableFloat64 { return &NullableFloat64{val, true} }

// NewNullableString returns a [NullableString] that is set to val. nil stands for null.
func NewNullableString(val *string) *NullableString { return &NullableString{val, true} }

// NewNullableTime returns a [NullableTime] that is set to val. nil stands for null.
func NewNullableTime(val *time.Time) *NullableTime { return &NullableTime{val, true} }
