// Package endtoend proves the whole system through its public interface: a real
// Temporal server, a real PostgreSQL, the strict sandbox and the real worker. One
// worker and one database serve all tests of the package, as in production; each
// test brings organisations of its own.
package endtoend
