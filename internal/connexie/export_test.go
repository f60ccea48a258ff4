package connexie

import (
	"iter"
	"reflect"
)

// WireTypes maps each schema of the contract to the struct that reads it.
func WireTypes() map[string]reflect.Type {
	return map[string]reflect.Type{
		"Account":       reflect.TypeFor[wireAccount](),
		"Venue":         reflect.TypeFor[wireVenue](),
		"WageCode":      reflect.TypeFor[wireWageCode](),
		"Employee":      reflect.TypeFor[wireEmployee](),
		"Employment":    reflect.TypeFor[wireEmployment](),
		"Contract":      reflect.TypeFor[wireContract](),
		"PayrollPeriod": reflect.TypeFor[wirePayrollPeriod](),
		"HourImport":    reflect.TypeFor[wireHourImport](),
		"CodeTotal":     reflect.TypeFor[wireCodeTotal](),
		"Problem":       reflect.TypeFor[wireProblem](),
	}
}

// Members and Elements split JSON.
func Members(object []byte) iter.Seq2[[]byte, []byte] { return membersOf(object) }

// Elements ranges over an array.
func Elements(array []byte) iter.Seq2[int, []byte] { return elements(array) }

// Paces is a limiter for so many tokens, with the number that it holds.
func Paces(perSecond float64, maximum int) (touch func(Token), held func() int) {
	p := newPaces(perSecond, maximum)
	return func(token Token) { p.of(keyOf(token)) }, func() int { return len(p.byKey) + p.recent.Len() }
}
