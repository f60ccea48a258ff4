package workflows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/activities"
)

// Input arrives from the Temporal UI, the command line and other programs. Left to
// itself the engine gives a workflow zero values for a misspelt member, so every
// input collects what it does not know while it is decoded, and validation answers
// with everything that is wrong and an example.

// unknown is what an input carried that it does not have.
type unknown struct {
	problems []string
	// mistyped are members that were given and could not be read: they are not
	// missing as well.
	mistyped []string
}

// decode reads a JSON object into a struct, collecting what is wrong with it rather
// than failing: the engine would answer with its decoder's words.
func (u *unknown) decode(data []byte, into any) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	var members map[string]json.RawMessage
	if err := decoder.Decode(&members); err != nil {
		u.problems = append(u.problems, "the input must be one JSON object")
		return
	}
	fields := jsonFields(into)
	for _, name := range sortedNames(members) {
		field, known := fields[name]
		if !known {
			u.problems = append(u.problems, fmt.Sprintf("unknown member %q", shortened(name)))
			continue
		}
		if err := json.Unmarshal(members[name], field.Addr().Interface()); err != nil {
			u.problems = append(u.problems, fmt.Sprintf("member %q must be %s", name, jsonType(field.Type())))
			u.mistyped = append(u.mistyped, name)
		}
	}
}

// shortened keeps a member's name from filling the answer.
func shortened(name string) string {
	if len(name) <= maxNameShown {
		return name
	}
	return strings.ToValidUTF8(name[:maxNameShown], "") + "…"
}

const (
	// maxNameShown is about the longest id, and longer than any member.
	maxNameShown = 64
	// maxProblemsShown keeps an answer far below the 4 KiB that the engine shows of
	// a failure.
	maxProblemsShown = 10
)

func sortedNames(members map[string]json.RawMessage) []string {
	names := make([]string, 0, len(members))
	for name := range members { //workflowcheck:ignore the names are sorted below
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func jsonFields(into any) map[string]reflect.Value {
	value := reflect.ValueOf(into).Elem()
	fields := make(map[string]reflect.Value, value.NumField())
	for i := range value.NumField() {
		name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields[name] = value.Field(i)
		}
	}
	return fields
}

func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		return "a list of texts"
	case reflect.Bool:
		return "true or false"
	case reflect.Float64, reflect.Int:
		return "a number"
	case reflect.Pointer:
		return "an object"
	case reflect.Struct:
		return `a calendar date such as "2026-11-22"`
	}
	return "a text"
}

// checks collects what is wrong with an input.
type checks struct {
	unknown
}

func (c *checks) require(ok bool, format string, args ...any) {
	if !ok {
		c.problems = append(c.problems, fmt.Sprintf(format, args...))
	}
}

func (c *checks) id(member, value string) {
	c.require(value != "" || slices.Contains(c.mistyped, member), "member %q is missing", member)
	c.require(value == "" || idPattern.MatchString(value),
		"member %q must be an id: 1 to 64 letters, digits, - or _", member)
}

// optionalID checks an id that may be left out.
func (c *checks) optionalID(member, value string) {
	if value != "" {
		c.id(member, value)
	}
}

// err answers with all that is wrong, and an example of what is right.
func (c *checks) err(example string) error {
	if len(c.problems) == 0 {
		return nil
	}
	shown := c.problems[:min(len(c.problems), maxProblemsShown)]
	text := strings.Join(shown, "; ")
	if more := len(c.problems) - len(shown); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return temporal.NewNonRetryableApplicationError(
		"this cannot be run: "+text+". Example: "+example, activities.ErrorInvalidInput, nil)
}

// impliedID refuses to run under an id that the input does not imply: the id is the
// lock.
func (c *checks) impliedID(actual string, allowed ...string) {
	c.require(slices.Contains(allowed, actual),
		"this input belongs under the workflow id %s, not %s", strings.Join(allowed, " or "), actual)
}
