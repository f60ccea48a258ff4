package domain

import "slices"

// ExportOutcomeOf is how an export ended whose venues ended so (X13, X15), with so
// many lines in all. What ended the export as a whole comes first: another import that
// took over one of its venues (X8), then a cancellation. After that counts what is in
// Connexie: an export that reached one venue and not another is partly done.
func ExportOutcomeOf(venues []VenueState, lines int) ExportOutcome {
	exported := 0
	for _, state := range venues {
		if state == VenueExported {
			exported++
		}
	}
	switch {
	case slices.Contains(venues, VenueSuperseded):
		return ExportSuperseded
	case slices.Contains(venues, VenueCancelled):
		return ExportCancelled
	case exported == len(venues) && lines == 0:
		return ExportNothing
	case exported == len(venues):
		return ExportOK
	case exported > 0:
		return ExportPartly
	case slices.Contains(venues, VenueRejected):
		return ExportRejected
	}
	return ExportRefused
}
