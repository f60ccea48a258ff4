package domain

import (
	"fmt"
	"slices"
	"strings"
)

// ExportConfiguration is what must be complete before anything is sent.
type ExportConfiguration struct {
	// Undecided are the venues that nobody has decided about, of either side:
	// "eitje:<id>" and "connexie:<id>" (C3).
	Undecided []string
	// HourCode tells that a code was chosen for worked hours (C7).
	HourCode bool
	// Vanished are codes in use that are no longer active in Connexie (C6).
	Vanished []string
}

// Problems lists what keeps an export of the kinds from being sent, a sentence each
// with the rule, the ids and the next step; none where the configuration is complete.
func (c ExportConfiguration) Problems(connectionID string, kinds []ExportKind) []string {
	var problems []string
	for _, venue := range c.Undecided {
		problems = append(problems, undecidedProblem(connectionID, venue))
	}
	list := "starter mappings list --connection " + connectionID
	if slices.Contains(kinds, ExportHours) && !c.HourCode {
		problems = append(problems, fmt.Sprintf("C7: no code has been chosen for worked hours. See the codes with: %s. "+
			"Choose one with: starter mappings code --connection %s --kind hours --code CODE.", list, connectionID))
	}
	for _, code := range c.Vanished {
		problems = append(problems, fmt.Sprintf("C6: code %s is no longer active in Connexie. "+
			"Activate it again in Connexie or choose another one; what it was chosen for is listed by: %s.", code, list))
	}
	return problems
}

func undecidedProblem(connectionID, venue string) string {
	decide := "starter mappings venue --connection " + connectionID
	if id, ours := strings.CutPrefix(venue, "eitje:"); ours {
		return fmt.Sprintf("C3: nobody has decided about Eitje venue %s. "+
			"Connect it with: %s --eitje %s --connexie VENUE. Or set it to not used with: %s --eitje %s --connexie not-used.",
			id, decide, id, decide, id)
	}
	id := strings.TrimPrefix(venue, "connexie:")
	return fmt.Sprintf("C3: nobody has decided about Connexie venue %s. "+
		"Connect an Eitje venue to it with: %s --eitje VENUE --connexie %s. Or set it Inactive with: %s --connexie %s --inactive.",
		id, decide, id, decide, id)
}
