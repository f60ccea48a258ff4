package connexie

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// maxToken is far beyond any token, and well within what servers take as a header.
const maxToken = 4096

// redacted is what every way of printing a token gives (N3).
const redacted = "[token]"

// Token is the API token of one Connexie account. No way of printing, logging or
// marshalling it shows the secret (N3).
//
// The secret sits in a closure, because fmt and the like print the fields of a
// struct that holds a Token in an unexported field without asking its methods.
type Token struct {
	reveal func() string
}

// NewToken takes the text of a token, with or without white space around it. Its
// error tells what is wrong with the text and does not repeat it.
func NewToken(text string) (Token, error) {
	secret := strings.TrimSpace(text)
	switch {
	case secret == "":
		return Token{}, errors.New("the token is empty")
	case len(secret) > maxToken:
		return Token{}, fmt.Errorf("the token is longer than %d characters", maxToken)
	case strings.IndexFunc(secret, notVisibleASCII) >= 0:
		return Token{}, errors.New("the token holds white space or other characters that a token cannot have")
	}
	return Token{reveal: func() string { return secret }}, nil
}

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.reveal == nil }

// String keeps the secret out of anything that prints.
func (t Token) String() string { return redacted }

// GoString keeps the secret out of %#v.
func (t Token) GoString() string { return redacted }

// Format keeps the secret out of every verb, %x and %q included.
func (t Token) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// MarshalText keeps the secret out of JSON, YAML and XML; it is not a way to store
// a token.
func (t Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON keeps the secret out of JSON.
func (t Token) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue keeps the secret out of structured logs.
func (t Token) LogValue() slog.Value { return slog.StringValue(redacted) }

func notVisibleASCII(r rune) bool { return r <= ' ' || r > '~' }
