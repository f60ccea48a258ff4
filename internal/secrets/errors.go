package secrets

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNoAssociatedData means that nothing was given to bind the ciphertext to.
// That is a mistake in the calling code.
var ErrNoAssociatedData = errors.New("no associated data: pass the id of the connection that the secret belongs to")

// UnknownKeyError means that the ring holds no key of the id that a secret was
// sealed with: a key was taken out of ENCRYPTION_KEYS too early, or this process
// was started with another ring.
type UnknownKeyError struct {
	KeyID string   // the missing key
	Known []string // the keys of the ring, newest first
}

func (e *UnknownKeyError) Error() string {
	known := "none"
	if len(e.Known) > 0 {
		known = strings.Join(e.Known, ", ")
	}
	return fmt.Sprintf("encryption key %.*q is not in the key ring (known: %s): "+
		"add it to the end of ENCRYPTION_KEYS again, or set the secret anew", maxKeyIDLength, e.KeyID, known)
}

// AuthenticationError means that the key is known and yet the ciphertext does
// not open: it was altered, belongs to other associated data (a row copied from
// another connection), or the bytes behind this key id are not those it was
// sealed with. Which of these cannot be told.
type AuthenticationError struct {
	KeyID string
}

func (e *AuthenticationError) Error() string {
	return fmt.Sprintf("secret sealed with key %q does not open: it was altered, moved from another connection, "+
		"or the key behind this id has changed; set the secret anew", e.KeyID)
}

// KeyRingError lists everything that is wrong with a key ring. Entries are named
// by their position, because what looks like an id may be a misplaced key (N3).
type KeyRingError struct {
	Problems []string
}

func (e *KeyRingError) Error() string {
	return "key ring: " + strings.Join(e.Problems, "; ") +
		"; expected keyid:base64-of-32-bytes, separated by commas, newest first"
}
