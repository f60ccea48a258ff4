// Package world is the organisation that the benchmark synchronises, on both sides: a
// sandbox that plays Connexie over HTTP, and databases that each begin with the same
// rows in Eitje.
package world
