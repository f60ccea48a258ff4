package connexie

import (
	"bytes"
	"fmt"
	"reflect"
)

// member is one member of a JSON object: its name as in the contract, and its
// value as it arrived, nil where the object has no such member.
type member struct {
	name string
	raw  []byte
}

type kind byte

const (
	kindAbsent kind = iota
	kindNull
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
)

func (m member) kind() kind {
	if len(m.raw) == 0 {
		return kindAbsent
	}
	switch m.raw[0] {
	case 'n':
		return kindNull
	case 't', 'f':
		return kindBool
	case '"':
		return kindString
	case '[':
		return kindArray
	case '{':
		return kindObject
	}
	return kindNumber
}

// nothing reports whether the member was absent or null.
func (m member) nothing() bool { return m.kind() <= kindNull }

// shape reads JSON objects into the wire struct W, whose fields are all members
// tagged with their exact names. What W does not declare is left behind, which is
// all that N2 takes.
type shape[W any] struct {
	// blank is a W whose members know their names already.
	blank W
	index map[string]int
}

// shapeOf panics where W is no wire struct: it runs when the program starts.
func shapeOf[W any]() shape[W] {
	s := shape[W]{index: make(map[string]int)}
	blank := reflect.ValueOf(&s.blank).Elem()
	for i := range blank.NumField() {
		name := blank.Type().Field(i).Tag.Get("json")
		field, ok := reflect.TypeAssert[*member](blank.Field(i).Addr())
		if !ok || name == "" {
			panic(fmt.Sprintf("%T: field %d is no tagged member", s.blank, i))
		}
		field.name = name
		s.index[name] = i
	}
	return s
}

// read takes an object apart. It faults a value that is no object, and a declared
// member that comes twice: which of them counts is anyone's guess.
func (s *shape[W]) read(r *reading, raw []byte) W {
	wire := s.blank
	if (member{raw: raw}).kind() != kindObject {
		r.fail(member{}, "not an object")
		return wire
	}
	fields := reflect.ValueOf(&wire).Elem()
	for quoted, value := range membersOf(raw) {
		i, ok := s.find(quoted)
		if !ok {
			continue
		}
		field := fields.Field(i).Addr().Interface().(*member)
		if field.raw != nil {
			r.fail(*field, "comes twice")
		}
		field.raw = value
	}
	return wire
}

// find looks a quoted name up; the compiler does not copy it for that, and only a
// name that is written with escapes needs decoding.
func (s *shape[W]) find(quoted []byte) (int, bool) {
	if len(quoted) < 2 {
		return 0, false
	}
	if i, ok := s.index[string(quoted[1:len(quoted)-1])]; ok {
		return i, true
	}
	if bytes.IndexByte(quoted, '\\') < 0 {
		return 0, false
	}
	name, _ := unquote(quoted)
	i, ok := s.index[name]
	return i, ok
}
