// Package config reads the environment, once, into one struct per process:
// [Worker] and [Starter]. Both are made of the same parts, and whoever is built
// from configuration gets its part and no other.
//
// Every problem is reported at once, with the variable, what is wrong and an
// example. No error, log line or dump of a struct repeats a value that may be
// secret (N3): errors repeat no values at all, because a token may have been
// pasted into the wrong variable, and secrets are of type [Secret].
//
// A variable that is set to white space counts as not set.
package config
