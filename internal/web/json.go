package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// readJSON reads one value. A member that is given twice is refused: the last one
// would count, whatever a reader of the first believed.
func readJSON(data []byte, into any) error {
	if !json.Valid(data) {
		return errors.New("this is not JSON")
	}
	if repeats(data) {
		return errors.New("a member is given twice")
	}
	return json.Unmarshal(data, into)
}

// repeats reports whether the object names a member twice. Objects inside of it are
// not looked into: no request has any.
func repeats(data []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return false
	}
	seen := map[any]bool{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil || seen[name] {
			return err == nil
		}
		seen[name] = true
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return false
		}
	}
	return false
}
