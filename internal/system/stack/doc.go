// Package stack brings up everything that the worker needs, in order, and gives
// it back in reverse order: PostgreSQL, a Temporal server, and whatever programs
// a command adds.
package stack
