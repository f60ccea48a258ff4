package secrets

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/secretdata"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	keySize = 32 // AES-256

	// maxKeyIDLength keeps ids shorter than the 43 characters of an encoded
	// key: an id that is printed can never be a key (N3).
	maxKeyIDLength = 32

	// markPurpose names what the derived key is for. It never changes: whatever was
	// marked before would not be recognised.
	markPurpose = "connexie-worker/mark/v1"
)

var keyIDPattern = regexp.MustCompile(fmt.Sprintf(`^[A-Za-z0-9_-]{1,%d}$`, maxKeyIDLength))

// entry is one parsed member of a key ring.
type entry struct {
	position int // from 1
	id       string
	key      []byte
}

// ParseKeyRing reads "keyid:base64-of-32-bytes,…", newest first. White space
// around entries and a trailing comma are taken; base64 may be of the standard
// or the URL alphabet, padded or not. The error is a [*KeyRingError] that lists
// every problem at once and repeats no part of a key.
func ParseKeyRing(value string) (*KeyRing, error) {
	entries, problems := parseEntries(value)
	problems = append(problems, duplicates(entries)...)
	if len(entries) == 0 && len(problems) == 0 {
		problems = append(problems, "holds no key")
	}
	if len(problems) > 0 {
		return nil, &KeyRingError{Problems: problems}
	}
	ring := &KeyRing{keys: make([]ringKey, 0, len(entries))}
	for _, e := range entries {
		primitive, err := newAEAD(e.key)
		if err != nil {
			return nil, &KeyRingError{Problems: []string{fmt.Sprintf("entry %d: the cipher refuses the key", e.position)}}
		}
		mark, err := hkdf.Key(sha256.New, e.key, nil, markPurpose, sha256.Size)
		if err != nil {
			return nil, &KeyRingError{Problems: []string{fmt.Sprintf("entry %d: nothing can be derived from the key", e.position)}}
		}
		ring.keys = append(ring.keys, ringKey{id: e.id, aead: primitive, mark: mark})
	}
	return ring, nil
}

// parseEntries returns the entries that can be read, and what is wrong with the
// others.
func parseEntries(value string) ([]entry, []string) {
	var entries []entry
	var problems []string
	parts := strings.Split(value, ",")
	for i, part := range parts {
		part = strings.TrimSpace(part)
		if part == "" && i == len(parts)-1 {
			continue // nothing at all, or a trailing comma
		}
		e, problem := parseEntry(part)
		e.position = i + 1
		if problem != "" {
			problems = append(problems, fmt.Sprintf("entry %d: %s", e.position, problem))
			continue
		}
		entries = append(entries, e)
	}
	return entries, problems
}

func parseEntry(part string) (entry, string) {
	if part == "" {
		return entry{}, "is empty"
	}
	id, encoded, found := strings.Cut(part, ":")
	if !found {
		return entry{}, "has no colon between key id and key"
	}
	id = strings.TrimSpace(id)
	if !keyIDPattern.MatchString(id) {
		return entry{}, fmt.Sprintf("the key id must be 1 to %d letters, digits, - or _", maxKeyIDLength)
	}
	key, ok := decodeKey(strings.TrimSpace(encoded))
	switch {
	case !ok:
		return entry{}, "the key is not base64"
	case len(key) != keySize:
		return entry{}, fmt.Sprintf("the key has %d bytes, want %d", len(key), keySize)
	case bytes.Count(key, key[:1]) == keySize:
		return entry{}, "the key repeats one byte: a placeholder, make a random one"
	}
	return entry{id: id, key: key}, ""
}

// decodeKey takes both alphabets and both paddings: what tools print differs,
// and 32 bytes leave no room for confusion.
func decodeKey(encoded string) ([]byte, bool) {
	raw := strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(encoded), "=")
	key, err := base64.RawStdEncoding.DecodeString(raw)
	return key, err == nil
}

// duplicates finds ids given twice, which would make a ciphertext ambiguous, and
// keys given twice, which would be a rotation that rotates nothing.
func duplicates(entries []entry) []string {
	var problems []string
	for i, e := range entries {
		for _, earlier := range entries[:i] {
			if e.id == earlier.id {
				problems = append(problems, fmt.Sprintf("entries %d and %d have the same key id %q", earlier.position, e.position, e.id))
			}
			if bytes.Equal(e.key, earlier.key) {
				problems = append(problems, fmt.Sprintf("entries %d and %d have the same key", earlier.position, e.position))
			}
		}
	}
	return problems
}

// newAEAD makes the cipher. Tink's own key-id prefix stays off: it holds 32 bits,
// ours are names that a person chose and the database stores beside it.
func newAEAD(key []byte) (tink.AEAD, error) {
	parameters, err := aesgcm.NewParameters(aesgcm.ParametersOpts{
		KeySizeInBytes: keySize,
		IVSizeInBytes:  12, // the only sizes that Tink and RFC 5116 agree on
		TagSizeInBytes: 16,
		Variant:        aesgcm.VariantNoPrefix,
	})
	if err != nil {
		return nil, err
	}
	secret := secretdata.NewBytesFromData(key, insecuresecretdataaccess.Token{})
	tinkKey, err := aesgcm.NewKey(secret, 0, parameters)
	if err != nil {
		return nil, err
	}
	return aesgcm.NewAEAD(tinkKey)
}
