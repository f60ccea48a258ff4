// Package domain holds the business rules as pure functions: values in, values
// out, with no I/O, clock, logger or context. Each rule carries its id of
// docs/rules.md (S4, C5) where it is decided, so that a search for the id finds
// the rule, its code and its proof.
//
// Words: a person is someone in Connexie, a team member is their profile in
// Eitje, a link is the Connexie ID kept with a team member, and a connection is
// one organisation's activated Connexie account.
package domain
