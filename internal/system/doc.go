// Package system is the module of everything that needs the whole stack: the
// commands that bring it up, end-to-end tests, fault tests and benchmarks. It is
// a module of its own so that the worker's stays small. The Temporal server
// itself is one more module, temporaldev, whose dependencies fit neither.
package system
