// Package webhook sends what happened to notifications to a URL, as Standard Webhooks
// has it (https://www.standardwebhooks.com): the id of the event is the header
// webhook-id, the same at every repetition, and webhook-signature proves who sent it.
//
// It makes one attempt and tells what became of it in words of ours; trying again is
// for others. Neither URL, secret nor anything that a receiver said is in what it
// returns (N3, N4).
package webhook
