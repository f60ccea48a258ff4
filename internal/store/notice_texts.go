package store

import "github.com/eitje/connexie-worker/internal/domain"

// The notices that belong to a connection or to a whole reading: each says what to
// do next, with ids and codes alone (N4).

func tokenRefusedNotice(connectionID string) domain.Notice {
	return domain.Notice{
		Cause:    domain.CauseTokenRefused,
		Subject:  connectionID,
		Severity: domain.SeverityCritical,
		NextStep: "Connexie refuses the token, so nothing is synchronised. " +
			"Make a new one in Connexie for the same account and set it with: starter activate.",
	}
}

func unreachableNotice(connectionID string) domain.Notice {
	return domain.Notice{
		Cause:    domain.CauseUnreachable,
		Subject:  connectionID,
		Severity: domain.SeverityCritical,
		NextStep: "Connexie could not be reached for three nights. " +
			"Ask Connexie's support whether there is an outage; the sync is tried again every night.",
	}
}

func missingNotice(connexieID string) domain.Notice {
	return domain.Notice{
		Cause:    domain.CauseMissing,
		Subject:  connexieID,
		Severity: domain.SeverityWarning,
		NextStep: "This person no longer appears in Connexie, and nothing is changed in Eitje. " +
			"If the person has left, end the employment in Eitje; if not, ask Connexie's support.",
	}
}

func eitjeVenueUndecidedNotice(venueID string) domain.Notice {
	return venueUndecidedNotice("eitje:"+venueID,
		"Connect this Eitje venue to a Connexie venue or set it to not used, with: starter mappings venue.")
}

func connexieVenueUndecidedNotice(venueID string) domain.Notice {
	return venueUndecidedNotice("connexie:"+venueID,
		"Connect an Eitje venue to this Connexie venue or set it Inactive, with: starter mappings venue.")
}

func venueUndecidedNotice(subject, nextStep string) domain.Notice {
	return domain.Notice{
		Cause:    domain.CauseVenueUndecided,
		Subject:  subject,
		Severity: domain.SeverityWarning,
		NextStep: nextStep,
	}
}

func venueUnlistedNotice(venueID string) domain.Notice {
	return domain.Notice{
		Cause:    domain.CauseVenueUnlisted,
		Subject:  "connexie:" + venueID,
		Severity: domain.SeverityWarning,
		NextStep: "Contracts name this venue and Connexie does not list it, so nobody can decide about it " +
			"and its people are left out. Move their contracts to a venue that Connexie lists, or ask Connexie's support.",
	}
}

func codeVanishedNotice(code string) domain.Notice {
	return domain.Notice{
		Cause:    domain.CauseCodeVanished,
		Subject:  code,
		Severity: domain.SeverityCritical,
		NextStep: "This code is no longer active in Connexie and blocks the export. " +
			"Activate it again in Connexie or choose another one with: starter mappings code.",
	}
}
