// Package workflows orchestrates: it decides order and waiting, and nothing else.
// Rules are run in activities, so that their outcome stands in the history and they
// may change without breaking a replay.
//
// One file holds one workflow. What operators and other programs rely on — types,
// ids, messages, queues, search attributes — stands in names.go and is pinned by a
// test; histories recorded from earlier versions are replayed from testdata/replay.
package workflows
