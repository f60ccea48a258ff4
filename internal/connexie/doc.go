// Package connexie speaks the Connexie API: it is the only package that knows the
// wire, and hands out domain values.
//
// A Client is made once per process; For binds it to the token of one connection,
// and the methods of the Account that comes back are the operations. Each makes
// one attempt. Repeating a call that failed belongs to the workflow engine, so an
// error carries all that decides about it: see Error. Only where a kept connection
// breaks before a byte of the answer came, net/http sends a GET, and
// CreateHourImport with its Idempotency-Key, once more by itself: Connexie answers
// such a repetition as the first time, so it is left at that.
//
// What arrives is not trusted. Bodies are limited in size, an answer that breaks
// the contract is an error, and a record in a list that cannot be read is set
// aside with its reason while the others go on (S15). Citizen service numbers and
// bank accounts are members that no type here declares, so they are left behind
// in the body that brought them (N2).
package connexie
