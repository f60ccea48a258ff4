package domain

import (
	"slices"
	"time"
)

// Facts is everything that the rules look at to decide about one person on one
// day.
type Facts struct {
	// Day is the Amsterdam day of the run.
	Day Date
	// Person is the mirror's record.
	Person Person
	// Problem says why the last record could not be read, or is empty (S15).
	Problem string
	// Profile is the linked team member, or nil.
	Profile *Profile
	// Candidates are the unlinked profiles of the organisation that have the
	// person's e-mail key, archived ones left out; any order.
	Candidates []Profile
	// Rivals counts the other unlinked people in Connexie with the same e-mail key.
	Rivals int
	// EmailTaken tells that a profile with another Connexie ID has the e-mail key.
	EmailTaken bool
	// LookAlikes are the ids of unlinked profiles of the organisation that have the
	// person's name and birth date, or phone; archived ones left out; any order. They are
	// asked only of somebody whom the e-mail address matches with nobody (S22).
	LookAlikes []string
	// LikelyDuplicatesWait tells that somebody with look-alikes waits as disputed instead
	// of being created (S22).
	LikelyDuplicatesWait bool
	// Venues is what has been decided about venues.
	Venues VenueMap
	// Standing is what was kept of the person after the run before; zero if none.
	Standing Standing
	// KnownCandidates are the candidates kept with a dispute, ordered by id.
	KnownCandidates []string
	// OpenCauses are the notifications open for this person.
	OpenCauses []Cause
	// Decision is somebody's word on the dispute about the person, or nil (S6).
	Decision *Decision
	// HoldUntil is the last day on which the person is on hold; zero where they are not
	// (S21).
	HoldUntil Date
	// Ending tells that an ending of the person's employment is open: it says itself
	// what is to be done (S12).
	Ending bool
}

// Plan is what a sync does for one person. Applying it twice changes nothing.
type Plan struct {
	ConnexieID string
	Situation  Situation
	Action     Action
	Reason     Reason
	// Rule is the id of the rule that decided.
	Rule string
	// Reactivates tells that the profile is made active again (S7, S11).
	Reactivates bool
	// Profile is the team member as it must be afterwards, or nil where nobody is
	// linked or created. Its ID, and those of its new contracts, are empty until
	// AssignIDs.
	Profile *Profile
	// WritesProfile tells that columns of the profile itself change.
	WritesProfile bool
	// WriteContracts are contracts of Profile to insert or overwrite;
	// RemoveContracts are ids of contracts to delete.
	WriteContracts  []HeldContract
	RemoveContracts []string
	// AddVenues are Eitje venues that the profile lacks (S18).
	AddVenues []string
	// Changes is the audit of all that (S10).
	Changes []Change
	// Candidates are the profiles that a dispute is about (S6, S22).
	Candidates []string
	// LookAlikes are the profiles of which a created one may be a duplicate (S22).
	LookAlikes []string
	// Standing is what is kept of the person once the plan is applied.
	Standing Standing
	// StandingChanged tells that it, or the candidates of a dispute, differ from
	// what was kept.
	StandingChanged bool
	// Open and Close are the person's notifications to open and close (N1); Events
	// are told anew even where an earlier one is still open.
	Open   []Notice
	Events []Notice
	Close  []Cause
	// ContractsEnded counts contracts whose end is newly set, moved earlier, or
	// that are gone (S16).
	ContractsEnded int
	// Steps explains the decision (S20).
	Steps []Step
}

// Quiet reports whether applying the plan would write nothing at all (S9).
func (p Plan) Quiet() bool {
	return !p.WritesEitje() && !p.StandingChanged &&
		len(p.Open) == 0 && len(p.Events) == 0 && len(p.Close) == 0
}

// WritesEitje reports whether applying the plan changes anything in Eitje.
func (p Plan) WritesEitje() bool { return len(p.Changes) > 0 }

// PlanPerson decides what a sync does for one person. The questions in their order:
// is the person on hold (S21); is the record readable (S15) and linked (S5); if not linked, employed under a
// contract (S3); at a venue that is used (C2, C5); if not linked, reachable by an
// e-mail address (S3) and matched by it (S4, S6, S7). The venue is asked before the
// address, so that nobody is sent to complete the record of someone whom no venue
// would bring in.
func PlanPerson(facts Facts) Plan {
	p := planner{facts: facts, plan: Plan{ConnexieID: facts.Person.ID, Action: ActionNone}}
	p.decide()
	p.keepStanding()
	p.notify()
	return p.plan
}

type planner struct {
	facts Facts
	plan  Plan
	// wanted collects the notices that must be open afterwards.
	wanted []Notice
}

func (p *planner) decide() {
	if p.onHold() {
		return
	}
	if p.facts.Problem != "" {
		p.explain("S15", "Could the record be read?", "no: it breaks the contract with Connexie; the others go on")
		p.conclude(BadRecord, ReasonUnreadable, "S15")
		p.want(badRecordNotice(p.facts.Person.ID))
		return
	}
	p.explain("S15", "Could the record be read?", "yes")
	if p.facts.Profile != nil {
		p.decideLinked()
		return
	}
	p.explain("S5", "Is the person linked to a team member?", "no")
	p.decideUnlinked()
}

func (p *planner) decideLinked() {
	p.explain("S5", "Is the person linked to a team member?", "yes; the link alone counts and e-mail is ignored")
	if reason, placed := p.placed(); !placed {
		p.conclude(Skipped, reason, venueRule(reason))
		return
	}
	p.conclude(Linked, "", "S5")
	p.syncProfile(*p.facts.Profile)
	if p.plan.WritesEitje() {
		p.plan.Action = ActionUpdate
	}
	if p.plan.Reactivates {
		p.plan.Action = ActionReactivate
	}
	p.noticeEmail()
	p.noticeEndedEmployment()
}

func (p *planner) decideUnlinked() {
	if reason, employed := p.underContract(); !employed {
		p.conclude(Skipped, reason, "S3")
		return
	}
	if reason, placed := p.placed(); !placed {
		p.conclude(Skipped, reason, venueRule(reason))
		return
	}
	if reason, reachable := p.reachable(); !reachable {
		p.conclude(Skipped, reason, "S3")
		p.wantEmailNotice(reason)
		return
	}
	p.match()
}

// underContract asks what only someone not yet linked must have: an active
// employment and an active contract (S3, S13).
func (p *planner) underContract() (Reason, bool) {
	person, day := p.facts.Person, p.facts.Day
	active := person.Employment.ActiveOn(day)
	p.explain("S3", "Is the employment active on "+day.String()+"?", yesNo(active))
	if !active {
		return ReasonEmploymentEnded, false
	}
	_, covered := ActiveContract(person.Contracts, day)
	p.explain("S3", "Does a contract cover "+day.String()+"?", yesNo(covered))
	if !covered {
		return whyNoActiveContract(person.Contracts, day), false
	}
	return "", true
}

// reachable asks for the e-mail address that only someone not yet linked must have
// (S3).
func (p *planner) reachable() (Reason, bool) {
	state := CheckEmail(p.facts.Person.Email)
	p.explain("S3", "Is there an e-mail address to match on?", map[EmailState]string{
		EmailValid: "yes", EmailBlank: "no, it is blank", EmailInvalid: "no, it is not a valid address",
	}[state])
	switch state {
	case EmailBlank:
		return ReasonEmailBlank, false
	case EmailInvalid:
		return ReasonEmailInvalid, false
	}
	return "", true
}

// placed asks whether a venue of the person is used (C2, C5). Somebody without any
// contract has no venue to ask about.
func (p *planner) placed() (Reason, bool) {
	contract, found := placingContract(p.facts.Person.Contracts, p.facts.Day)
	if !found {
		return "", true
	}
	reason, ok := p.facts.Venues.placeable(contract.Venues())
	p.explain(venueRule(reason), "Is a venue of the person connected to one in Eitje?", map[Reason]string{
		"": "yes", ReasonVenueInactive: "no, it is Inactive", ReasonVenueUndecided: "no, nothing has been decided about it",
	}[reason])
	return reason, ok
}

func venueRule(reason Reason) string {
	if reason == ReasonVenueUndecided {
		return "C2"
	}
	return "C5"
}

// match finds the profile of someone who is not linked (S4, S6, S7). Somebody's
// decision comes before what the e-mail address says.
func (p *planner) match() {
	if p.decided() {
		return
	}
	if reason, disputed := p.dispute(); disputed {
		p.explain("S6", "Is it certain whose profile it is?", disputeAnswers[reason])
		p.disputed(reason)
		return
	}
	p.explain("S6", "Is it certain whose profile it is?", "yes")
	if len(p.facts.Candidates) == 1 {
		p.explain("S4", "How many unlinked profiles have the e-mail address?", "one; it is linked")
		p.link(p.facts.Candidates[0], "S4")
		return
	}
	if p.waitsAsLookAlike() {
		return
	}
	p.explain("S4", "How many unlinked profiles have the e-mail address?", "none; a profile is created")
	p.create("S4")
}

// disputed lets the person wait until somebody decides.
func (p *planner) disputed(reason Reason) {
	p.conclude(Disputed, reason, "S6")
	p.plan.Candidates = p.candidates()
	p.want(disputedNotice(p.facts.Person.ID))
}

func (p *planner) dispute() (Reason, bool) {
	switch {
	case p.facts.EmailTaken:
		return ReasonEmailOfLinkedProfile, true
	case p.facts.Rivals > 0:
		return ReasonSharedEmail, true
	case len(p.facts.Candidates) > 1:
		return ReasonSeveralCandidates, true
	}
	return "", false
}

// candidates are the ids of the profiles that could be the person's, in order: what a
// dispute is about and a decision is based on.
func (p *planner) candidates() []string {
	if p.lookAlikesCount() {
		return sortedIDs(p.facts.LookAlikes)
	}
	ids := make([]string, 0, len(p.facts.Candidates))
	for _, profile := range p.facts.Candidates {
		ids = append(ids, profile.ID)
	}
	return sortedIDs(ids)
}

func sortedIDs(ids []string) []string { return slices.Sorted(slices.Values(ids)) }

func (p *planner) link(profile Profile, rule string) {
	p.conclude(Matched, "", rule)
	p.plan.Action = ActionLink
	p.change(Change{Object: ObjectLink, ObjectID: profile.ID, Field: "connexie_id", After: p.facts.Person.ID})
	p.syncProfile(profile)
	p.noticeEmail()
}

func (p *planner) create(rule string) {
	p.conclude(New, "", rule)
	p.plan.Action = ActionCreate
	profile := Profile{Active: true, Email: trimEmail(p.facts.Person.Email)}
	p.plan.WritesProfile = true
	p.change(Change{Object: ObjectTeamMember, Field: FieldCreated, After: p.facts.Person.ID})
	overwritePersonal(&profile, p.facts.Person)
	p.plan.Profile = &profile
	p.syncContracts(&profile)
	p.addVenues(&profile)
	p.noticeLookAlikes()
}

// syncProfile overwrites what Connexie leads in a profile that exists (S8, S11,
// S18).
func (p *planner) syncProfile(profile Profile) {
	profile.Contracts = slices.Clone(profile.Contracts)
	profile.Venues = slices.Clone(profile.Venues)
	p.plan.Profile = &profile
	personal := overwritePersonal(&profile, p.facts.Person)
	p.change(personal...)
	p.plan.WritesProfile = len(personal) > 0
	p.reactivate(&profile)
	p.syncContracts(&profile)
	p.explain("S8", "Does Eitje hold something else than Connexie?", overwrittenAnswer(p.plan.Changes))
	p.addVenues(&profile)
}

// reactivate makes a profile active again while the employment is active (S7,
// S11); an ended contract alone takes nothing away (S13).
func (p *planner) reactivate(profile *Profile) {
	employed := p.facts.Person.Employment.ActiveOn(p.facts.Day)
	p.explain("S13", "Is the employment active on "+p.facts.Day.String()+"?", yesNo(employed))
	if profile.Active || !employed {
		return
	}
	rule := "S11"
	if p.plan.Situation == Matched {
		rule = "S7" // a rehire
	}
	p.plan.Rule = rule
	p.explain(rule, "Is the profile inactive although the employment is active?", "yes; it is activated again")
	p.plan.Events = append(p.plan.Events, reactivatedNotice(p.facts.Person.ID, *profile))
	p.change(Change{Object: ObjectTeamMember, ObjectID: profile.ID, Field: "active", Before: "false", After: "true"})
	if !profile.DeactivatedAt.IsZero() {
		p.change(Change{Object: ObjectTeamMember, ObjectID: profile.ID, Field: "deactivated_at", Before: instantText(profile.DeactivatedAt)})
	}
	if profile.DeactivatedBy != "" {
		p.change(Change{Object: ObjectTeamMember, ObjectID: profile.ID, Field: "deactivated_by", Before: profile.DeactivatedBy})
	}
	profile.Active, profile.DeactivatedAt, profile.DeactivatedBy = true, time.Time{}, ""
	p.plan.WritesProfile, p.plan.Reactivates = true, true
}

// addVenues adds the Eitje venues of the placing contract that the profile lacks
// and never removes one (S18). Where Eitje venues share a Connexie venue, one of
// them is enough (C4): the one that the contract names, or else the first.
func (p *planner) addVenues(profile *Profile) {
	contract, found := placingContract(p.facts.Person.Contracts, p.facts.Day)
	if !found {
		return
	}
	main := profile.Contracts[heldIndex(profile.Contracts, contract)].VenueID
	for _, connexieID := range contract.Venues() {
		mapped := p.facts.Venues.usedVenues(connexieID)
		if len(mapped) == 0 || slices.ContainsFunc(mapped, func(id string) bool { return slices.Contains(profile.Venues, id) }) {
			continue
		}
		added := mapped[0]
		if slices.Contains(mapped, main) {
			added = main
		}
		profile.Venues = append(profile.Venues, added)
		p.plan.AddVenues = append(p.plan.AddVenues, added)
		p.change(Change{Object: ObjectVenue, ObjectID: profile.ID, Field: "venue_id", After: added})
	}
	p.explain("S18", "Does the team member lack a venue of the contract?", addedAnswer(len(p.plan.AddVenues)))
}

func (p *planner) conclude(situation Situation, reason Reason, rule string) {
	p.plan.Situation, p.plan.Reason, p.plan.Rule = situation, reason, rule
}

func (p *planner) change(changes ...Change) { p.plan.Changes = append(p.plan.Changes, changes...) }

// keepStanding derives what is kept between runs: who was matched or created is
// linked from then on.
func (p *planner) keepStanding() {
	standing := Standing{Situation: p.plan.Situation, Reason: p.plan.Reason, Rule: p.plan.Rule}
	switch p.plan.Situation {
	case Linked, Matched, New:
		standing = Standing{Situation: Linked, Rule: "S5"}
	}
	p.plan.Standing = standing
	p.plan.StandingChanged = standing != p.facts.Standing ||
		!slices.Equal(p.plan.Candidates, p.facts.KnownCandidates)
}
