package app

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// idPattern is what an id of a person, a program or a record of Connexie looks like;
// such ids enter workflow ids and histories.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

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
