package domain

// The notices of a connection: each says what to do next, with ids and codes alone
// (N4).

// TokenRefusedNotice tells that Connexie refuses the token (C8).
func TokenRefusedNotice(connectionID string) Notice {
	return Notice{
		Cause:    CauseTokenRefused,
		Subject:  connectionID,
		Severity: SeverityCritical,
		NextStep: "Connexie refuses the token, so nothing is synchronised. " +
			"Make a new one in Connexie for the same account and set it with: starter activate.",
	}
}

// UnreachableNotice tells that Connexie could not be reached for three nights (N6).
func UnreachableNotice(connectionID string) Notice {
	return Notice{
		Cause:    CauseUnreachable,
		Subject:  connectionID,
		Severity: SeverityCritical,
		NextStep: "Connexie could not be reached for three nights. " +
			"Ask Connexie's support whether there is an outage. Each night asks once whether it is back, " +
			"and synchronises as soon as it is; to try at once: starter sync.",
	}
}

// MissingNotice tells that a linked person no longer appears in Connexie (S14).
func MissingNotice(connexieID string) Notice {
	return Notice{
		Cause:    CauseMissing,
		Subject:  connexieID,
		Severity: SeverityWarning,
		NextStep: "This person no longer appears in Connexie, and nothing is changed in Eitje. " +
			"If the person has left, end the employment in Eitje; if not, ask Connexie's support.",
	}
}

// EitjeVenueUndecidedNotice tells that nobody has decided about an Eitje venue (C3).
func EitjeVenueUndecidedNotice(venueID string) Notice {
	return venueUndecidedNotice("eitje:"+venueID,
		"Connect this Eitje venue to a Connexie venue or set it to not used, with: starter mappings venue.")
}

// ConnexieVenueUndecidedNotice tells that nobody has decided about a Connexie venue (C3).
func ConnexieVenueUndecidedNotice(venueID string) Notice {
	return venueUndecidedNotice("connexie:"+venueID,
		"Connect an Eitje venue to this Connexie venue or set it Inactive, with: starter mappings venue.")
}

func venueUndecidedNotice(subject, nextStep string) Notice {
	return Notice{
		Cause:    CauseVenueUndecided,
		Subject:  subject,
		Severity: SeverityWarning,
		NextStep: nextStep,
	}
}

// VenueUnlistedNotice tells that people wait for a venue that Connexie does not list (C2).
func VenueUnlistedNotice(venueID string) Notice {
	return Notice{
		Cause:    CauseVenueUnlisted,
		Subject:  "connexie:" + venueID,
		Severity: SeverityWarning,
		NextStep: "Contracts name this venue and Connexie does not list it, so nobody can decide about it " +
			"and its people are left out. Move their contracts to a venue that Connexie lists, or ask Connexie's support.",
	}
}

// VenueClosedNotice tells that Connexie has closed a venue that an Eitje venue is still
// connected to (C5).
func VenueClosedNotice(venueID string) Notice {
	return Notice{
		Cause:    CauseVenueClosed,
		Subject:  "connexie:" + venueID,
		Severity: SeverityWarning,
		NextStep: "Connexie has closed this venue, and an Eitje venue is still connected to it: its people stay as they are, " +
			"and its hours are not exported. Connect the Eitje venue to another one or set it to not used, with: " +
			"starter mappings venue.",
	}
}

// CodeVanishedNotice tells that a code in use is gone from Connexie (C6).
func CodeVanishedNotice(code string) Notice {
	return Notice{
		Cause:    CauseCodeVanished,
		Subject:  code,
		Severity: SeverityCritical,
		NextStep: "This code is no longer active in Connexie and blocks the export. " +
			"Activate it again in Connexie or choose another one with: starter mappings code.",
	}
}
