package main

import (
	"fmt"

	"github.com/eitje/connexie-worker/internal/app"
)

// showMappings prints both sides, what is decided, and for what is not the command
// that decides it.
func (t *terminal) showMappings(mappings app.Mappings) {
	names := map[string]string{}
	for _, venue := range mappings.Connexie {
		names[venue.ID] = venue.Name
	}
	var eitje, connexie []row
	for _, venue := range mappings.Eitje {
		with := venue.ConnexieID
		if with != "" {
			with = fmt.Sprintf("%s (%s)", names[with], with)
		}
		eitje = append(eitje, row{printable(venue.Name), venue.ID, t.decision(venue), orDash(with), orDash(venue.DecidedBy)})
	}
	for _, venue := range mappings.Connexie {
		connexie = append(connexie, row{printable(venue.Name), venue.ID, t.decision(venue)})
	}
	t.table("Venues in Eitje", row{"name", "id", "decision", "with Connexie venue", "by"}, eitje...)
	t.table("Venues in Connexie", row{"name", "id", "decision"}, connexie...)
	t.showCodes(mappings)
	t.showUndecided(mappings)
}

func (t *terminal) decision(venue app.VenueMapping) string {
	if venue.Decision == app.DecisionUndecided {
		return t.alert("UNDECIDED")
	}
	return words(venue.Decision)
}

func (t *terminal) showCodes(mappings app.Mappings) {
	var rows []row
	for _, code := range mappings.Available {
		rows = append(rows, row{code.Code, printable(code.Description), code.Kind, code.Unit, orDash(usesOf(mappings, code.Code))})
	}
	for _, code := range mappings.Codes {
		if code.Gone {
			rows = append(rows, row{code.Code, t.alert("no longer active in Connexie"), code.Kind, "-", orDash(usesOf(mappings, code.Code))})
		}
	}
	t.table("Codes that Connexie has activated", row{"code", "description", "for", "unit", "chosen for"}, rows...)
}

// usesOf tells for what a code was chosen.
func usesOf(mappings app.Mappings, code string) string {
	text := ""
	for _, chosen := range mappings.Codes {
		if chosen.Code != code {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += chosen.Kind
		if chosen.Type != "" {
			text += " " + chosen.Type
		}
	}
	return text
}

func (t *terminal) showUndecided(mappings app.Mappings) {
	if mappings.Undecided == 0 {
		t.say("Every venue is decided.")
		return
	}
	t.say("\n%s", t.alert(counted(mappings.Undecided, "venue")+" to decide. Decide with:"))
	for _, venue := range append(append([]app.VenueMapping{}, mappings.Eitje...), mappings.Connexie...) {
		if venue.DecideWith != "" {
			t.say("  %s   # %s", venue.DecideWith, printable(venue.Name))
		}
	}
}
