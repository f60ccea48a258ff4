// Package web is the HTTP API that a platform's own handlers call: ask for a
// synchronisation, a preview or one person's run, decide about a run that the guard
// holds, and see how far a run is. Its OpenAPI document is made from its types.
//
// Every call carries a bearer key, which stands for one organisation (N7). What
// belongs to another organisation is answered exactly as what does not exist. This
// is decided in one place, before any handler runs; see operation.
//
// No call waits for a run to end: what takes longer than a moment is answered with
// 202 and the run to ask for. Whatever is refused is answered as
// application/problem+json with what is wrong and what to do.
//
// Logs hold ids, routes and counts (N4); answers to the organisation itself may hold
// what was changed about its people.
package web
