// Package app is the composition root: it alone knows every other package, and
// builds the same graph for the worker, the starter, the development stack and the
// tests. What the command line, and later the HTTP API, can ask for are methods of
// Operator.
package app
