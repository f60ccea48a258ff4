package domain

import "fmt"

// RepairOutcome is how the repair of a duplicate ended (S22).
type RepairOutcome string

// The outcomes of a repair.
const (
	// RepairDone moved everything to the profile that is kept.
	RepairDone RepairOutcome = "repaired"
	// RepairUndone moved back what a repair had moved.
	RepairUndone RepairOutcome = "undone"
	// RepairPreviewed tells what a repair would do.
	RepairPreviewed RepairOutcome = "previewed"
	// RepairNothing found it done, or undone, already.
	RepairNothing RepairOutcome = "nothing"
	// RepairRefused changed nothing; the refusal says why.
	RepairRefused RepairOutcome = "refused"
)

// RepairRefusal says in one word why two profiles are not made one, or not made two
// again.
type RepairRefusal string

// The refusals.
const (
	RefusedSameProfile       RepairRefusal = "same_profile"
	RefusedUnknownProfile    RepairRefusal = "unknown_profile"
	RefusedOtherOrganisation RepairRefusal = "other_organisation"
	RefusedArchived          RepairRefusal = "archived"
	RefusedBothLinked        RepairRefusal = "both_linked"
	RefusedNeitherLinked     RepairRefusal = "neither_linked"
	RefusedEndingOpen        RepairRefusal = "ending_open"
	// RefusedNotRepaired is of an undo: these two were not made one, or no longer are.
	RefusedNotRepaired RepairRefusal = "not_repaired"
	// RefusedMovedOn is of an undo: the profile that was kept has been repaired into
	// another one since, or has lost its link.
	RefusedMovedOn RepairRefusal = "moved_on"
)

// RepairProfile is what the rules look at of one of the two profiles. It is zero for one
// that nobody knows.
type RepairProfile struct {
	ID string
	// Ours tells that the profile is of the connection's organisation.
	Ours     bool
	Archived bool
	// ConnexieID is the person whom the profile is linked to; empty where it is not.
	ConnexieID string
	// Ending tells that the end of an employment is open for the profile.
	Ending bool
}

// JudgeRepair tells why two profiles cannot be made one; empty where they can (S22). One
// of the two is linked: a repair is about somebody in Connexie, and never joins two
// people.
func JudgeRepair(keep, drop RepairProfile) RepairRefusal {
	if refusal := judgePair(keep, drop); refusal != "" {
		return refusal
	}
	switch {
	case keep.Archived || drop.Archived:
		return RefusedArchived
	case keep.ConnexieID != "" && drop.ConnexieID != "":
		return RefusedBothLinked
	case keep.ConnexieID == "" && drop.ConnexieID == "":
		return RefusedNeitherLinked
	case keep.Ending || drop.Ending:
		return RefusedEndingOpen
	}
	return ""
}

func judgePair(keep, drop RepairProfile) RepairRefusal {
	switch {
	case keep.ID != "" && keep.ID == drop.ID:
		return RefusedSameProfile
	case keep.ID == "" || drop.ID == "":
		return RefusedUnknownProfile
	case !keep.Ours || !drop.Ours:
		return RefusedOtherOrganisation
	}
	return ""
}

// JudgeUndo tells why the repair of a person cannot be taken back; empty where it can
// (S22). linked is the person whose link the repair moved, and which must still be where
// it left it; empty where the kept profile had the link all along.
func JudgeUndo(keep, drop RepairProfile, linked string) RepairRefusal {
	if refusal := judgePair(keep, drop); refusal != "" {
		return refusal
	}
	switch {
	case keep.Archived || drop.ConnexieID != "" || (linked != "" && keep.ConnexieID != linked):
		return RefusedMovedOn
	case keep.Ending || drop.Ending:
		return RefusedEndingOpen
	}
	return ""
}

var repairRefusals = map[RepairRefusal]string{
	RefusedSameProfile:       "a profile is no duplicate of itself. Name two: --keep the old one, --drop the duplicate.",
	RefusedUnknownProfile:    "Eitje has no profile under one of the ids. See likely duplicates with: starter duplicates list.",
	RefusedOtherOrganisation: "one of the profiles is of another organisation. See likely duplicates with: starter duplicates list.",
	RefusedArchived:          "one of the profiles is archived, so it was repaired before. See: starter duplicates history.",
	RefusedBothLinked: "both profiles are linked, to different people in Connexie. If they are one person, " +
		"let Connexie end one of the two first.",
	RefusedNeitherLinked: "neither profile is linked to somebody in Connexie. Decide whose profile it is with: starter disputes, " +
		"or wait for the next sync.",
	RefusedEndingOpen: "the end of an employment is open for one of the profiles. Let it finish, or withdraw it, first.",
	RefusedNotRepaired: "these two were not repaired, or it was undone. See what was with: " +
		"starter duplicates history.",
	RefusedMovedOn: "the profile that was kept has been repaired into another one since, or is linked to somebody else. " +
		"Undo what came later first; see: starter duplicates history.",
}

// Explain says it in a sentence, with the next step.
func (r RepairRefusal) Explain() string {
	if text, known := repairRefusals[r]; known {
		return text
	}
	return fmt.Sprintf("it was refused: %s.", string(r))
}

// LikelyDuplicateNotice tells that a profile looks like others of the same person, as it
// is told when the profile is created (S22).
func LikelyDuplicateNotice(connexieID, created string, lookAlikes []string) Notice {
	return likelyDuplicateNotice(connexieID, created, lookAlikes)
}
