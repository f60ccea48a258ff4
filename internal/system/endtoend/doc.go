// Package endtoend proves the whole system through its public interface: a real
// Temporal server, a real PostgreSQL, the strict sandbox and the real worker. One
// worker and one database serve most tests of the package, as in production; each
// test brings organisations of its own. What is killed in mid-run, a worker process or
// a server, is the test's own.
package endtoend
