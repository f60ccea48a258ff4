package connexie

import (
	"fmt"
	"time"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

// reading converts the members of one record and keeps the first fault. After a
// fault it goes on and gives zero values, so that a conversion reads as a list of
// members and asks once, at its end, whether all went well.
//
// A fault names the member and says what is wrong with it, in words of this
// package: the value is never in it (N4).
type reading struct {
	// place is the member at fault, as a path within the record; empty where the
	// record as a whole is.
	place string
	why   string
}

func (r *reading) failed() bool { return r.why != "" }

// reason is the fault as one text: "contracts[1].start_date: missing".
func (r *reading) reason() string {
	if r.place == "" {
		return r.why
	}
	return r.place + ": " + r.why
}

func (r *reading) fail(m member, why string) {
	if !r.failed() {
		r.place, r.why = m.name, why
	}
}

// adopt takes over the fault of a record within this one.
func (r *reading) adopt(m member, inner reading) {
	if r.failed() || !inner.failed() {
		return
	}
	r.place, r.why = m.name, inner.why
	if inner.place != "" {
		r.place += "." + inner.place
	}
}

// adoptItem takes over the fault of an element of an array.
func (r *reading) adoptItem(m member, index int, inner reading) {
	if inner.failed() {
		r.adopt(member{name: fmt.Sprintf("%s[%d]", m.name, index)}, inner)
	}
}

// id reads a required identifier.
func (r *reading) id(m member) string {
	text, ok := r.required(m)
	if ok && !validID(text) {
		r.fail(m, "not an id")
		return ""
	}
	return text
}

// text reads a required text, which may be empty.
func (r *reading) text(m member) string {
	text, _ := r.required(m)
	if fault := textFault(text); fault != "" {
		r.fail(m, fault)
		return ""
	}
	return text
}

// word reads a required identifier of the contract, such as an enumerated value.
func (r *reading) word(m member) string {
	text, ok := r.required(m)
	if ok && !isPlain(text, "._-") {
		r.fail(m, "not a word of the contract")
		return ""
	}
	return text
}

// optionalText reads a text where absent, null and empty are one.
func (r *reading) optionalText(m member) string {
	text, _ := r.optional(m)
	if fault := textFault(text); fault != "" {
		r.fail(m, fault)
		return ""
	}
	return text
}

// textField reads a text where absent and null differ (S8).
func (r *reading) textField(m member) domain.Field[string] {
	return domain.Field[string]{Sent: m.kind() != kindAbsent, Value: r.optionalText(m)}
}

// email reads an address as it was sent. White space around it is Connexie's to
// send and the rules' to trim, control characters that count as such included.
func (r *reading) email(m member) string {
	text, _ := r.optional(m)
	if fault := emailFault(text); fault != "" {
		r.fail(m, fault)
		return ""
	}
	return text
}

// date reads a required calendar date.
func (r *reading) date(m member) domain.Date {
	text, ok := r.required(m)
	if !ok {
		return domain.Date{}
	}
	return r.parseDate(m, text)
}

// optionalDate reads a date where absent, null and empty are "none".
func (r *reading) optionalDate(m member) domain.Date {
	text, _ := r.optional(m)
	if text == "" {
		return domain.Date{}
	}
	return r.parseDate(m, text)
}

// dateField reads a date where absent and null differ (S8).
func (r *reading) dateField(m member) domain.Field[domain.Date] {
	return domain.Field[domain.Date]{Sent: m.kind() != kindAbsent, Value: r.optionalDate(m)}
}

func (r *reading) parseDate(m member, text string) domain.Date {
	date, err := domain.ParseDate(text)
	if err != nil {
		r.fail(m, "not a calendar date")
	}
	return date
}

// instant reads a required RFC 3339 instant, in UTC.
func (r *reading) instant(m member) time.Time {
	text, ok := r.required(m)
	if !ok {
		return time.Time{}
	}
	instant, err := time.Parse(time.RFC3339, text)
	// An offset can move the first and last instants out of the years that RFC
	// 3339 can write; the zero time is what stands for none.
	if instant = instant.UTC(); err != nil || instant.IsZero() || instant.Year() < 1 || instant.Year() > 9999 {
		r.fail(m, "not an RFC 3339 instant")
		return time.Time{}
	}
	return instant
}

// optionalDecimal reads a decimal string up to a limit, which is allowed itself;
// absent, null and empty are "none".
func (r *reading) optionalDecimal(m member, limit decimal.Decimal) decimal.NullDecimal {
	text, _ := r.optional(m)
	if text == "" {
		return decimal.NullDecimal{}
	}
	value, fault := parseDecimal(text, limit)
	if fault != "" {
		r.fail(m, fault)
		return decimal.NullDecimal{}
	}
	return decimal.NullDecimal{Decimal: value, Valid: true}
}

// truth reads a required boolean.
func (r *reading) truth(m member) bool {
	switch m.kind() {
	case kindBool:
		return m.raw[0] == 't'
	case kindAbsent:
		r.fail(m, "missing")
	default:
		r.fail(m, "neither true nor false")
	}
	return false
}

// array hands out a required array.
func (r *reading) array(m member) []byte {
	switch m.kind() {
	case kindArray:
		return m.raw
	case kindAbsent:
		r.fail(m, "missing")
	default:
		r.fail(m, "not an array")
	}
	return nil
}

// required reads a string that must be there and not null.
func (r *reading) required(m member) (string, bool) {
	switch m.kind() {
	case kindAbsent:
		r.fail(m, "missing")
		return "", false
	case kindNull:
		r.fail(m, "null")
		return "", false
	}
	return r.optional(m)
}

// optional reads a string where absent and null are the empty string.
func (r *reading) optional(m member) (string, bool) {
	if m.nothing() {
		return "", true
	}
	text, ok := unquote(m.raw)
	if !ok {
		r.fail(m, "not a string")
	}
	return text, ok
}
