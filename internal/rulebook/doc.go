// Package rulebook holds the tests that keep the documents true: that every rule of
// docs/rules.md names code and tests that exist, that links and paths in the
// documents lead somewhere, and that every command they show is one. It has no code
// of its own.
//
//	go test ./internal/rulebook -update
//
// writes the lists of tests in docs/rules.md anew from the tests' names.
package rulebook
