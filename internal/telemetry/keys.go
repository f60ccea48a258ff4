package telemetry

import (
	"strings"
	"unicode"
)

// deniedWords are the words whose presence in a field's key hides its value,
// whatever its type. They are the members of a person in the Connexie contract
// and in Eitje, and the usual names of credentials (N2, N3, N4).
var deniedWords = wordSet(`
	email mail e_mail phone mobile
	bsn iban birth birthdate birthday dob
	wage salary pay
	street house postal postcode zip city
	token secret secrets password passwd authorization authorisation cookie credential credentials jwt
	infix surname firstname lastname fullname initials
`)

// deniedKeys are keys that are personal only as a whole: venues, workflows and
// queues have names too.
var deniedKeys = wordSet(`
	name first_name last_name full_name given_name family_name middle_name display_name
	person_name member_name team_member_name employee_name user_name username
	e_mail api_key encryption_keys database_url address
`)

// trustedKeys are written by the Temporal SDK and hold process@host, which is
// no e-mail address however much it looks like one.
var trustedKeys = map[string]bool{"WorkerID": true}

// isDenied tells whether the value under key is hidden whatever it is. Keys are
// compared word by word, in any of the spellings date_of_birth, dateOfBirth,
// date-of-birth.
func isDenied(key string) bool {
	normal := snakeCase(key)
	if deniedKeys[normal] {
		return true
	}
	for word := range strings.SplitSeq(normal, "_") {
		if deniedWords[word] {
			return true
		}
	}
	return false
}

// snakeCase turns hourlyWage, HourlyWage, hourly-wage and "hourly wage" into
// hourly_wage.
func snakeCase(key string) string {
	var result strings.Builder
	result.Grow(len(key) + 4)
	previousLower := false
	for _, r := range key {
		switch {
		case r == '-' || r == '.' || r == ' ' || r == '/':
			r = '_'
		case unicode.IsUpper(r) && previousLower:
			result.WriteByte('_')
		}
		previousLower = unicode.IsLower(r) || unicode.IsDigit(r)
		result.WriteRune(unicode.ToLower(r))
	}
	return result.String()
}

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}
