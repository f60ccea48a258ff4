package connexie

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/govalues/decimal"
)

const (
	maxID = 64

	// maxText bounds every text of a record, in characters. The longest names and
	// streets that exist stay well below.
	maxText = 200

	// maxEmailText leaves room above the 254 characters that an address can have,
	// so that one that is merely too long is told as an invalid address (S3).
	maxEmailText = 320

	// maxDecimalScale and maxWholeDigits are the contract's form of a decimal and
	// a bound that keeps parsing exact.
	maxDecimalScale = 4
	maxWholeDigits  = 12
)

// validID tells whether a text is an identifier of the contract.
func validID(text string) bool { return len(text) <= maxID && isPlain(text, "_-") }

// isPlain tells whether a text is not empty and consists of ASCII letters, digits
// and the further characters: nothing that could be prose or break a line.
func isPlain(text, further string) bool {
	for i := range len(text) {
		c := text[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && strings.IndexByte(further, c) < 0 {
			return false
		}
	}
	return text != ""
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// textFault says why a text cannot be kept, or nothing. PostgreSQL refuses NUL and
// bytes that are not UTF-8; other control characters have no place in a name. The
// replacement character marks text that was damaged on its way, which must not
// overwrite what is whole in Eitje.
func textFault(text string) string {
	return faultOf(text, maxText, unicode.IsControl)
}

// emailFault is textFault for an address, which may have white space around it.
func emailFault(text string) string {
	return faultOf(text, maxEmailText, func(r rune) bool {
		return unicode.IsControl(r) && !unicode.IsSpace(r)
	})
}

func faultOf(text string, longest int, forbidden func(rune) bool) string {
	switch {
	case !utf8.ValidString(text):
		return "not UTF-8"
	case strings.ContainsRune(text, utf8.RuneError):
		return "holds a damaged character"
	case strings.ContainsFunc(text, forbidden):
		return "holds a control character"
	case len(text) > longest && utf8.RuneCountInString(text) > longest:
		return "too long"
	}
	return ""
}

// parseDecimal takes digits with at most four decimals, and says what is wrong
// otherwise. The form is checked first: the library also takes exponents, signs
// and a missing whole part.
func parseDecimal(text string, limit decimal.Decimal) (decimal.Decimal, string) {
	whole, fraction, pointed := strings.Cut(text, ".")
	switch {
	case strings.HasPrefix(text, "-"):
		return decimal.Decimal{}, "negative"
	case !isDigits(whole), pointed && !isDigits(fraction):
		return decimal.Decimal{}, "not a decimal"
	case len(fraction) > maxDecimalScale:
		return decimal.Decimal{}, "more than four decimals"
	case len(whole) > maxWholeDigits:
		return decimal.Decimal{}, "out of bounds"
	}
	value, err := decimal.Parse(text)
	switch {
	case err != nil:
		return decimal.Decimal{}, "not a decimal"
	case value.Cmp(limit) > 0:
		return decimal.Decimal{}, "out of bounds"
	}
	return value, ""
}

// plainOrEmpty takes a member of at most 128 plain characters and drops any other:
// what goes into an error must not be prose (N4).
func plainOrEmpty(m member, further string) string {
	text, ok := unquote(m.raw)
	if !ok || len(text) > maxPlain || !isPlain(text, further) {
		return ""
	}
	return text
}

const maxPlain = 128

// furtherInReference are the characters beside letters and digits that a line's
// reference may have: a refusal that holds others is not read back (X17).
const furtherInReference = "-_.:"
