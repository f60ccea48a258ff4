// Package subject runs what the benchmark measures, as in production: the worker as a
// process of its own, a namespace of Temporal, a database that the starter migrated,
// and a client that asks for synchronisations and sees them end.
package subject
