// Package sink plays the receivers of notifications, a mail server and a webhook, for
// tests and for people who want to see what would be delivered. Both speak the real
// protocols, keep what they take in memory, and can be told to refuse.
package sink
