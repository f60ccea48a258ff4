// Package secrets encrypts what must not be readable in the database: the API
// token of a connection (N3).
//
// A [KeyRing] holds the keys of the variable ENCRYPTION_KEYS. The newest key
// seals, every key opens, so keys are rotated in three steps without a moment
// in which a token cannot be read:
//
//  1. put a key from [NewKey] in front of the ring and restart every process,
//  2. seal anew whatever [KeyRing.NeedsRotation] reports,
//  3. take the old key out of the ring.
//
// The cipher is AES-256-GCM by Tink, with a random nonce per sealing. The id of
// the key is stored beside the ciphertext and says which key opens it. The
// associated data, for a token the id of its connection, is authenticated but
// not stored: a ciphertext copied to another connection does not open there.
//
// Nothing in this package prints, logs or returns key bytes, and no error
// repeats any part of a key or of a plaintext.
package secrets
