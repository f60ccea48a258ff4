// Package testkit is what the tests stand on: a migrated database for each test,
// builders with defaults, a logger that fails the test on an error nobody expected,
// and snapshots that prove that nothing was written.
//
// The server is that of TEST_DATABASE_URL, else a private throw-away cluster (see
// localpg), shared by all test binaries that run at the same time. Every test gets a
// database of its own, copied from a template, so that tests run in parallel.
package testkit
