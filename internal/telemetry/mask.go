package telemetry

import (
	"regexp"
	"strings"
)

// masked stands where something was taken out.
const masked = "[redacted]"

// Mask replaces what looks like an e-mail address, an IBAN or a credential in
// text. It masks too much rather than too little, costs one pass over text that
// holds nothing suspicious, and is idempotent. It cannot recognise names, wages
// or birth dates: those are kept out by not writing them (N4).
func Mask(text string) string {
	if strings.Contains(text, "://") {
		text = urlCredentials.ReplaceAllString(text, "${1}"+masked+"@")
	}
	if strings.Contains(text, "@") || strings.Contains(text, "%40") {
		text = email.ReplaceAllString(text, masked)
	}
	if mayHoldCredential(text) {
		text = bearer.ReplaceAllString(text, "${1} "+masked)
		text = assigned.ReplaceAllString(text, "${1}"+masked)
		text = jwt.ReplaceAllString(text, masked)
	}
	if mayHoldIBAN(text) {
		text = spacedIBAN.ReplaceAllString(text, masked)
		text = compactIBAN.ReplaceAllStringFunc(text, maskIfIBAN)
	}
	return text
}

var (
	// urlCredentials is the user and password of a database URL, up to the last
	// @: a password may hold any character that someone forgot to encode.
	urlCredentials = regexp.MustCompile(`(://)(?:[^\s/?#@:]*:\S+|[^\s/?#]+)@`)

	// email wants a top level of letters, so that module versions in stack
	// traces (sdk@v1.50.0) stay; %40 is the @ of a query string.
	email = regexp.MustCompile(`[^\s@<>(),;:="/\\\[\]{}|&?]+(?:@|%40)(?:[\p{L}\p{N}_-]+\.)+\p{L}{2,}`)

	bearer   = regexp.MustCompile(`(?i)\b(bearer)\s+[^\s"',;\[\]]{6,}`)
	assigned = regexp.MustCompile(`(?i)((?:token|api[_-]?key|password|secret)["']?\s*[=:]\s*["']?)[^\s"',;&\[\]]{4,}`)
	jwt      = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?`)

	// spacedIBAN is how people write it; compactIBAN also fits hashes and
	// trace ids, so its matches are looked at again.
	spacedIBAN  = regexp.MustCompile(`\b[A-Z]{2}\d{2}(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,3})?\b`)
	compactIBAN = regexp.MustCompile(`(?i)\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b`)
	dutchIBAN   = regexp.MustCompile(`(?i)^NL\d{2}[A-Z]{4}\d{10}$`)
)

// mayHoldCredential is a cheap first look, over letters that every credential
// pattern needs one of.
func mayHoldCredential(text string) bool {
	if strings.Contains(text, "eyJ") {
		return true
	}
	lower := strings.ToLower(text)
	for _, word := range [...]string{"bearer", "token", "key", "password", "secret"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

// mayHoldIBAN looks for two letters and two digits in a row, which starts every
// IBAN.
func mayHoldIBAN(text string) bool {
	for i := 0; i+15 <= len(text); i++ { // the shortest IBAN has 15 characters
		if isLetter(text[i]) && isLetter(text[i+1]) && isDigit(text[i+2]) && isDigit(text[i+3]) {
			return true
		}
	}
	return false
}

// maskIfIBAN masks what has the check digits of an IBAN, and whatever has the
// Dutch form, mistyped or not.
func maskIfIBAN(candidate string) string {
	if dutchIBAN.MatchString(candidate) || hasIBANChecksum(candidate) {
		return masked
	}
	return candidate
}

// hasIBANChecksum computes ISO 7064 mod 97-10 over the digits, letters counting
// from A = 10, with the first four characters moved to the end.
func hasIBANChecksum(candidate string) bool {
	rearranged := strings.ToUpper(candidate[4:] + candidate[:4])
	remainder := 0
	for i := range len(rearranged) {
		if c := rearranged[i]; isDigit(c) {
			remainder = (remainder*10 + int(c-'0')) % 97
		} else {
			remainder = (remainder*100 + int(c-'A') + 10) % 97
		}
	}
	return remainder == 1
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
