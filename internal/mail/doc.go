// Package mail sends what happened to notifications by SMTP, several events to one
// mail. The Message-ID is that of the first event, so that a repetition is known by it.
//
// It makes one attempt and tells what became of it in words of ours; trying again is
// for others. What it returns has neither an address, a password nor what a server
// said: that repeats addresses (N3, N4).
package mail
