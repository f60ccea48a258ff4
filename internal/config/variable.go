package config

import (
	"reflect"
	"time"
)

// variable is what the tags of a field say.
type variable struct {
	name     string
	field    string
	fallback string // the default, "" for none
	required bool
	meaning  string
	example  string
}

// variablesOf returns the variables of a part, one per field and in its order.
func variablesOf(part reflect.Type) []variable {
	variables := make([]variable, part.NumField())
	for i := range variables {
		field := part.Field(i)
		variables[i] = variable{
			name:     field.Tag.Get("envconfig"),
			field:    field.Name,
			fallback: field.Tag.Get("default"),
			required: field.Tag.Get("required") == "true",
			meaning:  field.Tag.Get("desc"),
			example:  field.Tag.Get("example"),
		}
	}
	return variables
}

// documented is a part whose variables are not in its tags.
type documented interface{ variables() []variable }

// partsOf returns the variables of each part of a process, which may be given as
// a value or a pointer.
func partsOf(spec any) [][]variable {
	process := reflect.TypeOf(spec)
	if process.Kind() == reflect.Pointer {
		process = process.Elem()
	}
	parts := make([][]variable, process.NumField())
	for i := range parts {
		part := process.Field(i).Type
		if own, ok := reflect.TypeAssert[documented](reflect.Zero(part)); ok {
			parts[i] = own.variables()
			continue
		}
		parts[i] = variablesOf(part)
	}
	return parts
}

// mustBe says what envconfig could not parse a value as.
func mustBe(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "must be a duration with its unit, such as 30s or 2m"
	case t.Kind() == reflect.Int:
		return "must be a whole number"
	case t.Kind() == reflect.Float64:
		return "must be a number"
	default:
		return "cannot be read"
	}
}
