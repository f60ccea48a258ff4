// Package temporaldev runs a Temporal server with its Web UI inside one process,
// on PostgreSQL. It is the server that a newcomer's stack and the tests use;
// production uses a cluster or Temporal Cloud.
//
// It is a module of its own: the server pins versions of libraries that cannot
// be built together with those of the worker (OpenTelemetry's log API changed in
// between), it takes minutes to build, and go vet over its dependencies takes
// longer still. Nothing imports it: the program cmd/temporal-dev is built once
// and started by path.
package temporaldev
