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
	t.showUnmapped(mappings)
	t.showUndecided(mappings)
	t.showObstacles(mappings)
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

// showUnmapped prints what is registered in Eitje and has no code to go out under (C6).
func (t *terminal) showUnmapped(mappings app.Mappings) {
	if len(mappings.Unmapped) == 0 {
		return
	}
	t.showUnmappedKinds(mappings.Unmapped)
	t.say("Until then they are left out of every export, which asks to acknowledge that.")
}

// showUnmappedKinds prints kinds without a code, and for each the command that chooses
// one.
func (t *terminal) showUnmappedKinds(kinds []app.UnmappedKind) {
	var rows []row
	for _, kind := range kinds {
		rows = append(rows, row{kind.Kind, printable(kind.Type), kind.Entries})
	}
	t.table("Meals and allowances in Eitje without a code (C6)", row{"kind", "type", "entries"}, rows...)
	t.say("Choose a code with:")
	for _, kind := range kinds {
		command := kind.ChooseWith
		if command == "" {
			command = "# no code for this kind is active in Connexie: " + what(kind.Kind, kind.Type)
		}
		t.say("  %s", printable(command))
	}
}

// showObstacles says in one line whether an export may go, and for what stands in its
// way what to do.
func (t *terminal) showObstacles(mappings app.Mappings) {
	if len(mappings.Obstacles) == 0 {
		t.say("Nothing stands in the way of an export.")
		return
	}
	t.say("\n%s", t.alert("In the way of an export:"))
	for _, obstacle := range mappings.Obstacles {
		t.say("  %s (%s). %s", printable(obstacle.What), obstacle.Rule, printable(obstacle.NextStep))
	}
}

// what is what a code is chosen for, or a line is about: hours, or a meal or an allowance
// in the organisation's own word.
func what(kind, typed string) string {
	if typed == "" {
		return kind
	}
	return kind + " " + printable(typed)
}
