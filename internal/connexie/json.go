package connexie

import (
	"bytes"
	"encoding/json"
	"iter"
)

// The functions of this file take JSON apart without decoding it, in one pass and
// without copying. encoding/json would decode a record into structs directly, but
// it takes "BSN" or "Email" for a member in other letters, keeps the last of two
// members of one name, and tells neither absent from null nor where in a record a
// value is wrong; S8 and S15 need all of these. They split and do not judge: what
// json.Valid has not accepted is split anyhow, but never out of bounds.

// membersOf ranges over an object's members, names still quoted.
func membersOf(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		at := skip(object, 1)
		for at < len(object) && object[at] != '}' {
			nameEnd := valueEnd(object, at)
			valueStart := skip(object, nameEnd)
			end := valueEnd(object, valueStart)
			if !yield(object[at:nameEnd], object[valueStart:end]) {
				return
			}
			at = skip(object, end)
		}
	}
}

// elements ranges over an array's elements.
func elements(array []byte) iter.Seq2[int, []byte] {
	return func(yield func(index int, value []byte) bool) {
		index := 0
		for at := skip(array, 1); at < len(array) && array[at] != ']'; index++ {
			end := valueEnd(array, at)
			if !yield(index, array[at:end]) {
				return
			}
			at = skip(array, end)
		}
	}
}

// skip moves past white space and the separators between values.
func skip(data []byte, at int) int {
	for at < len(data) {
		switch data[at] {
		case ' ', '\t', '\n', '\r', ',', ':':
			at++
		default:
			return at
		}
	}
	return len(data)
}

// valueEnd is where the value that begins at a place ends; always beyond it, and
// never beyond the data.
func valueEnd(data []byte, at int) int {
	if at >= len(data) {
		return len(data)
	}
	switch data[at] {
	case '"':
		return stringEnd(data, at)
	case '{', '[':
		return containerEnd(data, at)
	}
	if length := bytes.IndexAny(data[at+1:], ",]} \t\n\r"); length >= 0 {
		return at + 1 + length
	}
	return len(data)
}

func stringEnd(data []byte, at int) int {
	for at++; at < len(data); at++ {
		switch data[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(data)
}

func containerEnd(data []byte, at int) int {
	depth := 0
	for at < len(data) {
		switch data[at] {
		case '"':
			at = stringEnd(data, at)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		at++
		if depth == 0 {
			return at
		}
	}
	return len(data)
}

// unquote decodes a JSON string; false where the value is none.
func unquote(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), true
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err == nil
}
