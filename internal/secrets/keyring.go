package secrets

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// Sealed is a ciphertext and the id of the key that made it. Both may be stored
// in the clear; they are two columns of one row.
type Sealed struct {
	KeyID      string
	Ciphertext []byte // nonce, encrypted bytes and tag
}

// KeyRing seals with its newest key and opens with any. It is immutable and
// safe for concurrent use. Make one with [ParseKeyRing]; the zero value holds
// no key and refuses everything.
type KeyRing struct {
	keys []ringKey // newest first, ids unique
}

type ringKey struct {
	id   string
	aead tink.AEAD
	// mark is derived from the key, so that neither tells anything of the other.
	mark []byte
}

// Seal encrypts plaintext under the newest key, bound to associatedData, which
// must not be empty and must be given again to open it. Sealing the same bytes
// twice gives different ciphertexts.
func (r *KeyRing) Seal(plaintext, associatedData []byte) (Sealed, error) {
	if len(associatedData) == 0 {
		return Sealed{}, ErrNoAssociatedData
	}
	if len(r.keys) == 0 {
		return Sealed{}, &UnknownKeyError{}
	}
	newest := r.keys[0]
	ciphertext, err := newest.aead.Encrypt(plaintext, associatedData)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal with key %q: %w", newest.id, err)
	}
	return Sealed{KeyID: newest.id, Ciphertext: ciphertext}, nil
}

// Open returns the plaintext of sealed. Errors: [ErrNoAssociatedData],
// [*UnknownKeyError] where the ring has no key of that id, and
// [*AuthenticationError] where the key is there but the ciphertext is not what
// was sealed with it and associatedData.
func (r *KeyRing) Open(sealed Sealed, associatedData []byte) ([]byte, error) {
	if len(associatedData) == 0 {
		return nil, ErrNoAssociatedData
	}
	for _, key := range r.keys {
		if key.id != sealed.KeyID {
			continue
		}
		plaintext, err := key.aead.Decrypt(sealed.Ciphertext, associatedData)
		if err != nil {
			// The cause is dropped: GCM tells nothing but "no", on purpose.
			return nil, &AuthenticationError{KeyID: sealed.KeyID}
		}
		return plaintext, nil
	}
	return nil, &UnknownKeyError{KeyID: sealed.KeyID, Known: r.KeyIDs()}
}

// Mark returns a keyed hash of the parts (HMAC-SHA-256): the same for the same parts under
// the same key, and of no use to whoever has the hash and not the key. Where the parts
// lie matters: ("a", "bc") and ("ab", "c") differ. Errors: [*UnknownKeyError].
func (r *KeyRing) Mark(keyID string, parts ...string) ([]byte, error) {
	for _, key := range r.keys {
		if key.id != keyID {
			continue
		}
		mac := hmac.New(sha256.New, key.mark)
		for _, part := range parts {
			_ = binary.Write(mac, binary.BigEndian, uint64(len(part))) // a hash takes everything
			_, _ = mac.Write([]byte(part))
		}
		return mac.Sum(nil), nil
	}
	return nil, &UnknownKeyError{KeyID: keyID, Known: r.KeyIDs()}
}

// NewestKey is the id of the key that seals and marks; empty where the ring holds none.
func (r *KeyRing) NewestKey() string {
	if len(r.keys) == 0 {
		return ""
	}
	return r.keys[0].id
}

// NeedsRotation tells whether sealed was made with another key than the newest.
// It says nothing about whether sealed opens.
func (r *KeyRing) NeedsRotation(sealed Sealed) bool {
	return len(r.keys) > 0 && sealed.KeyID != r.keys[0].id
}

// KeyIDs returns the ids of the ring, newest first. Ids are not secret.
func (r *KeyRing) KeyIDs() []string {
	ids := make([]string, len(r.keys))
	for i, key := range r.keys {
		ids[i] = key.id
	}
	return ids
}

// String names the keys of the ring, never their bytes (N3).
func (r KeyRing) String() string {
	return "key ring (" + strings.Join(r.KeyIDs(), ", ") + ")"
}

// GoString is String, so that %#v does not walk into the ciphers (N3).
func (r KeyRing) GoString() string { return r.String() }

// Format writes String for every verb: %d or %x would otherwise walk into the
// fields (N3).
func (r KeyRing) Format(state fmt.State, _ rune) { _, _ = fmt.Fprint(state, r.String()) }
