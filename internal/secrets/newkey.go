package secrets

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
)

// NewKey returns a fresh random key under a fresh id, as one entry of
// ENCRYPTION_KEYS: alone it is a whole ring for a newcomer, in front of an
// existing ring and a comma it begins a rotation. The result is a secret: show it
// once, to the person who asked.
func NewKey() string {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // documented never to fail
	id := "key-" + strings.ToLower(rand.Text()[:8])
	return id + ":" + base64.StdEncoding.EncodeToString(key)
}
