package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// cursor says where a reading of a list goes on: behind a key, not at an
// offset, so that people who come or go meanwhile move nobody across a page.
type cursor struct {
	Account       string    `json:"a"`
	List          string    `json:"l"`
	After         string    `json:"k"`
	ModifiedSince time.Time `json:"s,omitzero"`
	IssuedAt      time.Time `json:"t"`
}

const checksumLength = 8

var errCursor = errors.New("not a cursor of this list")

// encode makes the cursor opaque. The checksum is there to tell garbage from an
// old cursor, not to keep anyone from forging one.
func (c cursor) encode() string {
	payload, err := json.Marshal(c)
	if err != nil {
		panic(err) // strings and instants always encode
	}
	sum := sha256.Sum256(payload)
	return base64.RawURLEncoding.EncodeToString(append(sum[:checksumLength], payload...))
}

func decodeCursor(text string) (cursor, error) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(data) < checksumLength {
		return cursor{}, errCursor
	}
	sum := sha256.Sum256(data[checksumLength:])
	if subtle.ConstantTimeCompare(sum[:checksumLength], data[:checksumLength]) == 0 {
		return cursor{}, errCursor
	}
	var c cursor
	if err := json.Unmarshal(data[checksumLength:], &c); err != nil || c.After == "" {
		return cursor{}, errCursor
	}
	return c, nil
}

// readCursor takes a cursor of this very list that has not outlived its time.
func (s *Sandbox) readCursor(text, account, list string, now time.Time) (cursor, *problem) {
	c, err := decodeCursor(text)
	if err != nil || c.Account != account || c.List != list {
		return cursor{}, invalid("cursor", errCursor.Error())
	}
	if now.Sub(c.IssuedAt) > s.cursorTTL {
		return cursor{}, newProblem(http.StatusGone, "the cursor is too old: begin the list again")
	}
	return c, nil
}
