package app

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// idPattern is what an id of a person, a program or a record of Connexie looks like;
// such ids enter workflow ids and histories.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// isRecordID reports whether a text has the form of the ids of our own records:
// connections, runs, organisations.
func isRecordID(text string) bool {
	const written = 36 // with its hyphens; other ways to write a UUID are no ids of ours
	return len(text) == written && uuid.Validate(text) == nil
}

// malformed refuses what cannot be an id of ours, whatever there is.
func malformed(nextStep, what, id string) *Problem {
	return invalid(nextStep, "%q is not the id of %s, such as 0190a1b2-0000-7000-8000-000000000002", shorten(id), what)
}

// DefaultRequester is who asks where nobody is named.
const DefaultRequester = "cli"

// requester checks who asks: an id, never a name (N4).
func requester(by string) (string, error) {
	switch {
	case by == "":
		return DefaultRequester, nil
	case !idPattern.MatchString(by):
		return "", invalid("Give the id of a person or program, such as user_42.",
			"%q is not an id: 1 to 64 letters, digits, - or _", shorten(by))
	}
	return by, nil
}

// shorten keeps what somebody typed from filling the screen.
func shorten(text string) string {
	const most = 80
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}

// printable reports whether a text is one that people can read, and a database keep.
func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}
