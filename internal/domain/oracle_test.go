package domain_test

import (
	"maps"
	"slices"
	"strings"

	"github.com/eitje/connexie-worker/internal/domain"
)

// The reference: what the sentences of the rule book say, written as plainly as
// possible and without a look at the code. Days compare as ISO text here.

// verdict is where the rules put somebody.
type verdict struct {
	Situation domain.Situation
	Reason    domain.Reason
	Rule      string
}

// judge tells where the rules put the person of a world.
func judge(w world) verdict {
	f := w.Facts
	reactivated := f.Profile != nil && !f.Profile.Active && employed(f)
	switch venueReason, venueRule := judgeVenues(w); {
	case !f.HoldUntil.IsZero() && f.Day.String() <= f.HoldUntil.String():
		return verdict{domain.OnHold, "", "S21"}
	case f.Problem != "":
		return verdict{domain.BadRecord, domain.ReasonUnreadable, "S15"}
	case f.Profile != nil && venueReason != "":
		return verdict{domain.Skipped, venueReason, venueRule}
	case reactivated:
		return verdict{domain.Linked, "", "S11"}
	case f.Profile != nil:
		return verdict{domain.Linked, "", "S5"}
	case !employed(f):
		return verdict{domain.Skipped, domain.ReasonEmploymentEnded, "S3"}
	case len(covering(f)) == 0:
		return verdict{domain.Skipped, judgeGap(f), "S3"}
	case venueReason != "":
		return verdict{domain.Skipped, venueReason, venueRule}
	case w.Email == domain.EmailBlank:
		return verdict{domain.Skipped, domain.ReasonEmailBlank, "S3"}
	case w.Email == domain.EmailInvalid:
		return verdict{domain.Skipped, domain.ReasonEmailInvalid, "S3"}
	}
	return judgeMatch(f)
}

// judgeDecision is somebody's word on a dispute (S6): it holds while the address is the
// same; "create" while no candidate is new, "skip" while the candidates are the same.
func judgeDecision(f domain.Facts) (verdict, bool) {
	d := f.Decision
	if d == nil || d.EmailKey != plainKey(f.Person.Email) {
		return verdict{}, false
	}
	now, then := map[string]bool{}, map[string]bool{}
	for _, c := range f.Candidates {
		now[c.ID] = true
	}
	if waitForLookAlikes(f) {
		for _, id := range f.LookAlikes {
			now[id] = true
		}
	}
	isNew := false
	for _, id := range d.Candidates {
		then[id] = true
	}
	for id := range now {
		isNew = isNew || !then[id]
	}
	switch {
	case d.Kind == domain.DecideLink && d.Profile == nil:
		return verdict{domain.Disputed, domain.ReasonDecidedProfileGone, "S6"}, true
	case d.Kind == domain.DecideLink && !d.Profile.Active:
		return verdict{domain.Matched, "", "S7"}, true
	case d.Kind == domain.DecideLink:
		return verdict{domain.Matched, "", "S6"}, true
	case d.Kind == domain.DecideCreate && !isNew:
		return verdict{domain.New, "", "S6"}, true
	case d.Kind == domain.DecideSkip && maps.Equal(now, then):
		return verdict{domain.Skipped, domain.ReasonDecidedSkip, "S6"}, true
	}
	return verdict{}, false
}

// judgeMatch is S4, S6, S7 and S22.
func judgeMatch(f domain.Facts) verdict {
	if decided, ok := judgeDecision(f); ok {
		return decided
	}
	switch {
	case f.EmailTaken:
		return verdict{domain.Disputed, domain.ReasonEmailOfLinkedProfile, "S6"}
	case f.Rivals > 0:
		return verdict{domain.Disputed, domain.ReasonSharedEmail, "S6"}
	case len(f.Candidates) > 1:
		return verdict{domain.Disputed, domain.ReasonSeveralCandidates, "S6"}
	case waitForLookAlikes(f):
		return verdict{domain.Disputed, domain.ReasonLikelyDuplicate, "S22"}
	case len(f.Candidates) == 0:
		return verdict{domain.New, "", "S4"}
	case !f.Candidates[0].Active:
		return verdict{domain.Matched, "", "S7"}
	}
	return verdict{domain.Matched, "", "S4"}
}

// waitForLookAlikes is S22: look-alikes count where the e-mail address tells nothing.
func waitForLookAlikes(f domain.Facts) bool {
	return f.LikelyDuplicatesWait && len(f.LookAlikes) > 0 && len(f.Candidates) == 0 && !f.EmailTaken && f.Rivals == 0
}

// judgeGap is the reason why no contract covers the day.
func judgeGap(f domain.Facts) domain.Reason {
	begun := len(having(f.Person.Contracts, func(c domain.Contract) bool { return c.Start.String() <= f.Day.String() }))
	switch {
	case len(f.Person.Contracts) == 0:
		return domain.ReasonNoContract
	case begun == len(f.Person.Contracts):
		return domain.ReasonContractEnded
	case begun == 0:
		return domain.ReasonContractNotStarted
	}
	return domain.ReasonContractGap
}

// judgeVenues is C2 and C5: somebody is in once one of their venues is connected
// and not Inactive, and without a contract there is no venue to ask about.
func judgeVenues(w world) (domain.Reason, string) {
	places := placesOf(w.Facts)
	if len(places) == 0 {
		return "", ""
	}
	undecided := false
	for _, place := range places {
		switch {
		case slices.Contains(w.Inactive, place):
		case slices.ContainsFunc(w.Connected, func(c domain.VenueConnection) bool { return c.ConnexieID == place }):
			return "", ""
		default:
			undecided = true
		}
	}
	if undecided {
		return domain.ReasonVenueUndecided, "C2"
	}
	return domain.ReasonVenueInactive, "C5"
}

// placesOf lists the Connexie venues of the contract that places the person.
func placesOf(f domain.Facts) []string {
	placing := winner(covering(f))
	if len(placing) == 0 {
		placing = winner(having(f.Person.Contracts, func(c domain.Contract) bool { return c.Start.String() < f.Day.String() }))
	}
	if len(placing) == 0 {
		placing = loser(f.Person.Contracts)
	}
	if len(placing) == 0 {
		return nil
	}
	return append([]string{placing[0].VenueID}, placing[0].AdditionalVenueIDs...)
}

func employed(f domain.Facts) bool {
	end := f.Person.Employment.End
	return !f.Person.Employment.Ended && (end.IsZero() || end.String() >= f.Day.String())
}

// covering lists the contracts that cover the day, the end day included.
func covering(f domain.Facts) []domain.Contract {
	return having(f.Person.Contracts, func(c domain.Contract) bool { return covers(c, f.Day) })
}

func covers(c domain.Contract, day domain.Date) bool {
	return c.Start.String() <= day.String() && (c.End.IsZero() || day.String() <= c.End.String())
}

// winner is the contract with the latest start, then the highest id (S17), as a
// list of one or none: no other beats it.
func winner(list []domain.Contract) []domain.Contract {
	return having(list, func(c domain.Contract) bool {
		return !slices.ContainsFunc(list, func(other domain.Contract) bool { return rank(other) > rank(c) })
	})
}

// loser is the contract with the earliest start, then the lowest id.
func loser(list []domain.Contract) []domain.Contract {
	return having(list, func(c domain.Contract) bool {
		return !slices.ContainsFunc(list, func(other domain.Contract) bool { return rank(other) < rank(c) })
	})
}

func rank(c domain.Contract) string { return c.Start.String() + c.ID }

func having[T any](list []T, wanted func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(item T) bool { return !wanted(item) })
}

// causesAfter tells which notifications of a person must be open after a sync
// (N1), given the profile as it is then.
func causesAfter(w world, v verdict, after *domain.Profile) []domain.Cause {
	f := w.Facts
	causes := having(f.OpenCauses, func(c domain.Cause) bool {
		return c == domain.CauseReactivated || c == domain.CauseLikelyDuplicate ||
			v.Situation == domain.BadRecord || v.Situation == domain.OnHold
	})
	add := func(cause domain.Cause, when bool) {
		if when && !slices.Contains(causes, cause) {
			causes = append(causes, cause)
		}
	}
	isIn := after != nil
	add(domain.CauseBadRecord, v.Situation == domain.BadRecord)
	add(domain.CauseDisputed, v.Situation == domain.Disputed)
	add(domain.CauseEmailBlank, v.Reason == domain.ReasonEmailBlank)
	add(domain.CauseEmailInvalid, v.Reason == domain.ReasonEmailInvalid)
	add(domain.CauseContractOverlap, isIn && len(covering(f)) > 1)
	add(domain.CauseEmploymentEnded, isIn && after.Active && !employed(f) && !f.Ending)
	add(domain.CauseEmailDiffers, isIn && w.Email != domain.EmailBlank && plainKey(f.Person.Email) != plainKey(after.Email))
	add(domain.CauseLikelyDuplicate, v.Situation == domain.New && slices.ContainsFunc(f.LookAlikes, func(id string) bool {
		return v.Rule != "S6" || !slices.Contains(f.Decision.Candidates, id)
	}))
	add(domain.CauseReactivated, v.Rule == "S11" || v.Rule == "S7")
	return causes
}

// plainKey is the e-mail key of the ASCII addresses that the generators draw.
func plainKey(address string) string { return strings.ToLower(strings.TrimSpace(address)) }
