package sandbox

import (
	"bytes"
	"encoding/json"
)

// Optional is a member that may be absent, null or present. The contract tells
// the three apart: an absent phone says nothing, a null one says there is none.
// The zero value is absent; fields of this type carry `json:",omitzero"`.
type Optional[T any] struct {
	set   bool
	value *T
}

// Some is a member with a value.
func Some[T any](value T) Optional[T] { return Optional[T]{set: true, value: &value} }

// Null is a member that is there and null.
func Null[T any]() Optional[T] { return Optional[T]{set: true} }

// Absent is a member that is not there.
func Absent[T any]() Optional[T] { return Optional[T]{} }

// Get returns the value and whether there is one.
func (o Optional[T]) Get() (T, bool) {
	if o.value == nil {
		var zero T
		return zero, false
	}
	return *o.value, true
}

// IsZero reports absence; encoding/json asks it for omitzero.
func (o Optional[T]) IsZero() bool { return !o.set }

// MarshalJSON writes the value or null.
func (o Optional[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.value) }

// UnmarshalJSON is called for null too, but not for an absent member.
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	o.set, o.value = true, nil
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	o.value = new(T)
	return decoder.Decode(o.value)
}
