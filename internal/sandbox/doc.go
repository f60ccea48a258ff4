// Package sandbox is a Connexie to try things on and to test against: an
// http.Handler that holds any number of accounts in memory and answers as
// openapi.yaml says.
//
// It is written from that contract alone and imports nothing else of this
// project, so that a client and a sandbox that agree with each other agree
// because both follow the contract. It is strict: what the contract does not
// describe is refused, so that a mistake of the client shows here and not at
// Connexie.
//
// Under /v1 it speaks the contract. Under /sandbox it has an API of its own, for
// tests, demonstrations and people with curl: change data, replace a token,
// switch faults on, read what was asked. GET /sandbox/ lists it. That side is
// not protected; the sandbox holds invented people only and belongs on a local
// address.
//
// Imports of hours are held as payroll would hold them: what counts is kept by
// venue and day, and GET .../ledger shows it.
//
// Where the contract is silent the sandbox takes the strict side. An unknown
// query parameter is refused rather than ignored, so that a misspelt
// modified_since does not read everything unseen. A line of an import names a
// contract: it must be that person's and hold on that day. An import that never
// was is 404, one that was discarded 204.
package sandbox
