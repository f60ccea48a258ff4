// Package architecture holds the tests that keep the structure of the code what the
// documents say: who may import whom, which library is used where, what workflow
// code must not do, and what may travel through a workflow's history. It has no code
// of its own.
package architecture
