package domain

import (
	"net/mail"
	"strings"
	"unicode"
)

// EmailState tells whether an e-mail address can identify somebody (S3).
type EmailState string

// The three states of an e-mail address.
const (
	EmailValid   EmailState = "valid"
	EmailBlank   EmailState = "blank"
	EmailInvalid EmailState = "invalid"
)

// maxEmail is the longest address that SMTP can carry (RFC 5321, 4.5.3.1.3).
const maxEmail = 254

// whiteSpace is what EmailKey trims: the code points that Unicode calls white
// space. It is written out because eitje.email_key in PostgreSQL trims the same
// list, whatever locale the database was made with.
const whiteSpace = " \t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005" +
	"\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

// EmailKey is what two addresses must have in common to be the same: trimmed and
// case-folded (S4). Folding covers ASCII and Latin-1 letters and leaves the rest as
// it is, because PostgreSQL must fold the same letters under every locale; the
// function eitje.email_key does, and a property test holds the two together.
func EmailKey(email string) string {
	return strings.Map(foldLatin1, strings.Trim(email, whiteSpace))
}

func foldLatin1(r rune) rune {
	switch {
	case 'A' <= r && r <= 'Z', 'À' <= r && r <= 'Þ' && r != '×':
		return r + ('a' - 'A')
	}
	return r
}

// CheckEmail tells whether an address can identify somebody: one bare address with
// a dotted domain name, no white space and nothing invisible inside. net/mail takes
// any letter beyond ASCII, a no-break space among them, and an IP address for a
// domain; neither is somebody's own address.
func CheckEmail(email string) EmailState {
	address := strings.Trim(email, whiteSpace)
	if address == "" {
		return EmailBlank
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || parsed.Name != "" || len(address) > maxEmail {
		return EmailInvalid
	}
	if strings.ContainsFunc(address, isInvisible) || !isDomainName(address[strings.LastIndexByte(address, '@')+1:]) {
		return EmailInvalid
	}
	return EmailValid
}

func isInvisible(r rune) bool { return !unicode.IsPrint(r) }

// isDomainName reports whether a host is made of two labels or more, the last one
// not a number.
func isDomainName(host string) bool {
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") ||
			strings.ContainsFunc(label, isNoHostRune) {
			return false
		}
	}
	return len(labels) > 1 && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

func isNoHostRune(r rune) bool {
	return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}
