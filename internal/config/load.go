package config

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/kelseyhightower/envconfig"
)

// Check looks at the value of one variable with knowledge that this package does
// not have, such as the form of a key ring. It runs only where the variable is
// read and set. The text of its error is shown to people: it must not repeat a
// secret.
type Check struct {
	Variable string
	Verify   func(value string) error
}

// Load fills spec, a pointer to a struct of embedded parts, from the
// environment. The error is an [*InvalidError] with every problem; spec is then
// of no use.
func Load(spec any, checks ...Check) error {
	return load(spec, func(Part) bool { return true }, checks)
}

// selfLoading is a part that does not get its variables from envconfig.
type selfLoading interface{ load() []Problem }

// validated is a part with rules; crossValidated is a process with rules that
// concern several parts.
type (
	validated      interface{ problems() []Problem }
	crossValidated interface{ crossProblems() []Problem }
)

func load(spec any, wanted func(Part) bool, checks []Check) error {
	var found problemList
	process := reflect.ValueOf(spec).Elem()
	for i := range process.NumField() {
		part := process.Field(i)
		if !wanted(Part(process.Type().Field(i).Name)) {
			continue
		}
		if own, ok := reflect.TypeAssert[selfLoading](part.Addr()); ok {
			found.add(own.load()...)
			continue
		}
		found.add(loadPart(part, checks)...)
	}
	// Between parts only once each is right by itself: what could not be read
	// is zero, and would be compared as such.
	if cross, ok := reflect.TypeAssert[crossValidated](process); ok && len(found) == 0 {
		found.add(cross.crossProblems()...)
	}
	return found.err()
}

// loadPart reads each variable of a part, then asks the part and the checks what
// they think of it.
func loadPart(part reflect.Value, checks []Check) []Problem {
	var found problemList
	variables := variablesOf(part.Type())
	for i, variable := range variables {
		if problem := variable.read(part.Field(i)); problem != nil {
			found.add(*problem)
			continue
		}
		for _, check := range checks {
			found.add(variable.verify(check)...)
		}
	}
	if rules, ok := reflect.TypeAssert[validated](part); ok {
		found.add(rules.problems()...)
	}
	for i := range found {
		found[i].Example = exampleFor(variables, found[i])
	}
	return found
}

// read lets envconfig parse one variable into target. It gets a struct of this
// one field, because it stops at the first problem of a struct and all are
// wanted.
func (v variable) read(target reflect.Value) *Problem {
	name := v.name
	if v.value() == "" {
		if v.required {
			return &Problem{Variable: v.name, What: "is required and not set"}
		}
		// Blank counts as not set, but envconfig takes "" for a value: ask it
		// for a name that nobody sets, so that the default is parsed.
		name = "NOT_SET_" + name
	}
	single := reflect.New(reflect.StructOf([]reflect.StructField{{
		Name: v.field,
		Type: target.Type(),
		Tag:  reflect.StructTag(fmt.Sprintf("envconfig:%q default:%q", name, v.fallback)),
	}}))
	if err := envconfig.Process("", single.Interface()); err != nil {
		// Its text repeats the value, which may be a secret.
		return &Problem{Variable: v.name, What: mustBe(target.Type())}
	}
	target.Set(single.Elem().Field(0))
	if target.Kind() == reflect.String {
		target.SetString(strings.TrimSpace(target.String()))
	}
	return nil
}

func (v variable) verify(check Check) []Problem {
	value := v.value()
	if check.Variable != v.name || value == "" {
		return nil
	}
	if err := check.Verify(value); err != nil {
		return []Problem{{Variable: v.name, What: "cannot be used: " + err.Error()}}
	}
	return nil
}

// value is what the environment holds, "" where it holds nothing but space.
func (v variable) value() string { return strings.TrimSpace(os.Getenv(v.name)) }

func exampleFor(variables []variable, problem Problem) string {
	if problem.Example != "" {
		return problem.Example
	}
	at := slices.IndexFunc(variables, func(v variable) bool { return v.name == problem.Variable })
	if variables[at].example != "" {
		return variables[at].example
	}
	return variables[at].fallback
}
