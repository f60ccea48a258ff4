package config

import (
	"fmt"
	"log/slog"
	"strings"
)

// Secret is text that no printing shows (N3): fmt in any verb, JSON, slog and zap
// write "[redacted]". Only [Secret.Reveal] returns it; call that where the secret
// is used and nowhere else.
//
// The text is behind a pointer because fmt does not call methods of unexported
// fields: a Secret kept in one prints as an address there.
type Secret struct {
	text *string
}

// NewSecret hides text, without the white space around it: secrets often come
// from files that end in a newline.
func NewSecret(text string) Secret {
	text = strings.TrimSpace(text)
	if text == "" {
		return Secret{}
	}
	return Secret{text: &text}
}

// Reveal returns the text, "" where none is set.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Decode is what envconfig calls.
func (s *Secret) Decode(text string) error {
	*s = NewSecret(text)
	return nil
}

// String tells only whether something is set.
func (s Secret) String() string {
	if s.text == nil {
		return "[not set]"
	}
	return "[redacted]"
}

// Format writes String for every verb, %#v and %x included.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = fmt.Fprint(state, s.String()) }

// MarshalText is String, for JSON and whatever else encodes text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue is String, for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
