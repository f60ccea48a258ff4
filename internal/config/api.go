package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
)

// API is who may call the HTTP API (N7). Hashes are kept rather than keys, so that
// whoever reads the configuration cannot call. A plain hash is enough only because a
// key is random: 32 bytes of it cannot be guessed.
type API struct {
	APIKeys Secret `envconfig:"API_KEYS" required:"true" desc:"Who may call the API: organisation-id:sha256-of-key,… The key is random, such as of openssl rand -hex 32; its hash is that of printf %s KEY | sha256sum. An organisation may have several, to replace one." example:"0190a1b2-0000-7000-8000-000000000001:$(printf %s \"$KEY\" | sha256sum | cut -c1-64)"`
}

// APIKey is the hash of one key and the one organisation that its bearer sees.
type APIKey struct {
	OrganisationID string
	Hash           [sha256.Size]byte
}

// Parsed are the keys of a configuration that was loaded.
func (a API) Parsed() []APIKey {
	keys, _ := parseAPIKeys(a.APIKeys.Reveal())
	return keys
}

func (a API) problems() []Problem {
	_, wrong := parseAPIKeys(a.APIKeys.Reveal())
	if len(wrong) == 0 {
		return nil
	}
	const shown = 10
	what := "cannot be used: " + strings.Join(wrong[:min(len(wrong), shown)], "; ")
	if more := len(wrong) - shown; more > 0 {
		what += fmt.Sprintf("; and %d more", more)
	}
	return []Problem{{Variable: "API_KEYS", What: what}}
}

var organisationID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// parseAPIKeys reads every entry and says what is wrong with each, by its position:
// somebody may have pasted a key where its hash belongs.
func parseAPIKeys(text string) (keys []APIKey, wrong []string) {
	entries := map[[sha256.Size]byte]int{sha256.Sum256(nil): 0}
	for i, entry := range strings.Split(text, ",") {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if entry == "" {
			continue // of a list that ends in a comma, or is not set
		}
		key, what := parseAPIKey(entry)
		if what == "" {
			earlier, known := entries[key.Hash]
			switch {
			case known && earlier == 0:
				what = "has the hash of an empty key"
			case known:
				what = fmt.Sprintf("has the same key as entry %d", earlier)
			}
		}
		if what != "" {
			wrong = append(wrong, fmt.Sprintf("entry %d %s", i+1, what))
			continue
		}
		entries[key.Hash] = i + 1
		keys = append(keys, key)
	}
	if len(keys) == 0 && len(wrong) == 0 && text != "" {
		wrong = append(wrong, "it holds no entry")
	}
	return keys, wrong
}

func parseAPIKey(entry string) (key APIKey, what string) {
	organisation, hash, found := strings.Cut(entry, ":")
	if !found {
		return key, "has no colon between organisation and hash"
	}
	if !organisationID.MatchString(organisation) {
		return key, "does not begin with the id of an organisation, a UUID"
	}
	decoded, err := hex.DecodeString(hash)
	if err != nil || len(decoded) != len(key.Hash) {
		return key, "does not end in a SHA-256 hash, 64 hexadecimal digits"
	}
	key.OrganisationID = organisation
	copy(key.Hash[:], decoded)
	return key, ""
}
