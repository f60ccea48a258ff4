// Package plain is what the worker is measured against: programs that bring people
// from Connexie to Eitje, and work back, without an engine, without rules beyond those that decide
// which rows are written, without audit, guard, standings or notifications. They know
// none of our packages, the way somebody would write them in an afternoon.
//
// The floor works in sets. The naive ways take one person at a time: row by row, and
// as one activity a person on Temporal. All of them leave the same profiles, links,
// contracts and venues in Eitje as the worker does; the benchmark compares them. The
// floor exports as well, and leaves the same lines in Connexie and the same entries
// marked.
package plain
