// Package activities is the boundary between the workflows and the outside: each
// activity has one effect, on Connexie, on the store or on the engine, gathers what
// a rule needs, runs it, and translates errors into the closed set that the
// workflows know (errors.go).
//
// Every activity may be repeated at any point: what it did before is found again,
// not done again. Inputs, results, heartbeats and errors carry ids, counts and
// cursors, never anything about a person (N4).
package activities
