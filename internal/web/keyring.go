package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"
)

// Key is the hash of a bearer key and the one organisation that it opens (N7).
type Key struct {
	OrganisationID string
	Hash           [sha256.Size]byte
}

type keyring []Key

func newKeyring(keys []Key) keyring { return append(keyring(nil), keys...) }

// organisationOf recognises the bearer of an Authorization header. It looks at every
// key whatever it finds, so that the time it takes tells nothing.
func (k keyring) organisationOf(authorization string) (organisationID string, known bool) {
	scheme, key, _ := strings.Cut(authorization, " ")
	if key = strings.TrimSpace(key); !strings.EqualFold(scheme, "bearer") || key == "" {
		return "", false
	}
	hash := sha256.Sum256([]byte(key))
	found := -1
	for i := range k {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(hash[:], k[i].Hash[:]), i, found)
	}
	if found < 0 {
		return "", false
	}
	return k[found].OrganisationID, true
}
