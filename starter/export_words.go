package main

import (
	"strings"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/app"
)

// reasons are why something is left out of an export, in plain words.
var reasons = map[string]string{
	"deleted":                 "the entry was deleted",
	"not_approved":            "not approved yet in Eitje",
	"leave":                   "leave is never exported",
	"sick":                    "sick leave is never exported",
	"day_differs":             "it begins on another day than Eitje counts it to",
	"not_linked":              "the team member is not linked to anyone in Connexie",
	"no_contract":             "the team member has no contract that Connexie knows",
	"contract_not_started":    "the contract begins after the day",
	"contract_ended":          "the contract ended before the day",
	"contract_gap":            "the day lies between two contracts",
	"venue_not_used":          "the venue is set to not used",
	"venue_undecided":         "nobody has decided about the venue",
	"venue_inactive":          "the venue is Inactive in Connexie",
	"contract_venue_inactive": "the contract is at a venue that is Inactive",
	"no_end":                  "the entry has no end",
	"negative_length":         "the entry ends before it begins, or the break is longer than the work",
	"zero_length":             "the entry has no length",
	"too_long":                "the entry is longer than 31 days, which nobody works",
	"contract_type":           "nothing of this kind goes out under this type of contract",
	"not_a_count":             "meals are counted, and this is no whole number",
	"unmapped":                "no code is chosen for it",
}

// reason is a reason in plain words; one that is new is shown as it is.
func reason(word string) string {
	if plain, known := reasons[word]; known {
		return plain
	}
	return words(word)
}

// quantity is an amount of a kind of line, aligned as numbers are.
func quantity(kind string, amount decimal.Decimal) number { return number(plain(kind, amount)) }

// plain is an amount of a kind of line without an exponent: hours with two decimals,
// everything else as a total.
func plain(kind string, amount decimal.Decimal) string {
	if kind == "hours" {
		return amount.Trim(2).Pad(2).String()
	}
	return total(amount)
}

// total is an amount of which only the code is known: a count, or a decimal of at least
// two places.
func total(amount decimal.Decimal) string {
	if amount.IsInt() {
		return amount.Trim(0).String()
	}
	return amount.Trim(2).Pad(2).String()
}

// optional is a sum that may not be known.
func optional(amount *decimal.Decimal) string {
	if amount == nil {
		return ""
	}
	return total(*amount)
}

// kindWords writes kinds as people list them.
func kindWords[K ~string](kinds []K) string {
	texts := make([]string, len(kinds))
	for i, kind := range kinds {
		texts[i] = string(kind)
	}
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " and " + texts[last]
}

// exportKind is what an export is called.
func exportKind(export app.Export) string {
	if export.Preview() {
		return "Preview of an export"
	}
	return "Export"
}

// venueProblems are why a venue was not exported, in plain words; the reason of the
// export says what to do.
var venueProblems = map[string]string{
	"PayrollAlreadyRun":    "payroll is running or has run for these days (X9)",
	"LinesRejected":        "Connexie rejected lines of it (X17)",
	"ReadBackDiffers":      "what Connexie read back is not what was sent (X11)",
	"Replaced":             "another import has taken its place in Connexie",
	"Discarded":            "Connexie discarded the import",
	"VenueUnknown":         "Connexie does not know the venue",
	"TotalsMismatch":       "Connexie adds its lines up to other totals",
	"IdempotencyConflict":  "Connexie knows the import's key for another import",
	"ImportState":          "Connexie's import is in a state that takes no lines",
	"ConnexieTokenRefused": "Connexie refuses the token (C8)",
	"ConnexieForbidden":    "the token may not import hours",
	"ConnexieUnavailable":  "Connexie was out of reach (N6)",
	"ConnexieRateLimited":  "Connexie took no more calls (N6)",
}

// venueProblem is a venue's problem in plain words; one that is new is shown as it is.
func venueProblem(word string) string {
	if plain, known := venueProblems[word]; known {
		return plain
	}
	return word
}
