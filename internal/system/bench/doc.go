// Package bench measures synchronisation and export: the worker as in production beside
// a plain program that does the same reads and writes (the floor), and beside what
// people write first. Worker and floor take turns, so that they meet the same machine,
// and after every scenario both databases, and Connexie after an export, must hold the
// same: a benchmark of unequal work says nothing.
package bench
