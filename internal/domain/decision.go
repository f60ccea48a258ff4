package domain

import "slices"

// DecisionKind is what somebody decided about a disputed person (S6).
type DecisionKind string

// The decisions.
const (
	// DecideLink links the person to the profile that was chosen.
	DecideLink DecisionKind = "link"
	// DecideCreate gives the person a profile of their own: none of the candidates is
	// this person.
	DecideCreate DecisionKind = "create"
	// DecideSkip leaves the person out until the e-mail address or the candidates change.
	DecideSkip DecisionKind = "skip"
)

// Decision is somebody's word on a disputed person, with what it was based on (S6).
type Decision struct {
	Kind DecisionKind
	// EmailKey and Candidates are the person's e-mail key, and the ids of the profiles
	// that could be theirs, in order, when it was decided.
	EmailKey   string
	Candidates []string
	// TeamMemberID is the profile that DecideLink chose.
	TeamMemberID string
	// Profile is that profile while it can be linked: unlinked, not archived, and of the
	// same organisation. It is nil otherwise.
	Profile *Profile
}

// Counts reports whether the decision still counts for a person with this e-mail key
// whose these profiles could be, in order. With another address it does not. "Create"
// says that none of the candidates is this person, which stays true of those who are
// left; a new one has to be looked at. "Skip" lasts until anything changes. "Link" names
// the one profile, whatever becomes of the others.
func (d Decision) Counts(emailKey string, candidates []string) bool {
	if d.EmailKey != emailKey {
		return false
	}
	switch d.Kind {
	case DecideCreate:
		return !slices.ContainsFunc(candidates, func(id string) bool { return !slices.Contains(d.Candidates, id) })
	case DecideSkip:
		return slices.Equal(d.Candidates, candidates)
	}
	return d.Kind == DecideLink
}

// decided follows somebody's word on whose profile it is, and reports whether there
// is one that counts (S6). A profile that was chosen and cannot be linked any more
// leaves the person disputed: to take another one would be against that word.
func (p *planner) decided() bool {
	const question = "Has somebody decided whose profile it is?"
	decision := p.facts.Decision
	if decision == nil || !decision.Counts(EmailKey(p.facts.Person.Email), p.candidates()) {
		return false
	}
	switch {
	case decision.Kind == DecideCreate:
		p.explain("S6", question, "yes: nobody's who is there; a profile is created")
		p.create("S6")
	case decision.Kind == DecideSkip:
		p.explain("S6", question, "yes: to leave the person out until the e-mail address or the candidates change")
		p.conclude(Skipped, ReasonDecidedSkip, "S6")
	case decision.Profile == nil:
		p.explain("S6", question, disputeAnswers[ReasonDecidedProfileGone])
		p.disputed(ReasonDecidedProfileGone)
	default:
		p.explain("S6", question, "yes: a profile was chosen; it is linked")
		p.link(*decision.Profile, "S6")
	}
	return true
}

// Dispute is what there is to decide about a person (S6).
type Dispute struct {
	// Reason is why the person is disputed, or would be if nobody had decided; empty
	// where the rules alone know whose profile it is, or do not ask.
	Reason Reason
	// Candidates are the ids of the profiles that could be the person's, in order.
	Candidates []string
	// Decided tells that a decision is in force.
	Decided bool
	// Standing is where the rules put the person, the decision included.
	Standing Standing
}

// DisputeOf tells what there is to decide about a person.
func DisputeOf(facts Facts) Dispute {
	plan, p, decision := PlanPerson(facts), planner{facts: facts}, facts.Decision
	dispute := Dispute{
		Candidates: p.candidates(),
		Standing:   Standing{Situation: plan.Situation, Reason: plan.Reason, Rule: plan.Rule},
	}
	dispute.Decided = decision != nil && decision.Counts(EmailKey(facts.Person.Email), dispute.Candidates) &&
		(decision.Kind != DecideLink || decision.Profile != nil)
	facts.Decision = nil
	if undecided := PlanPerson(facts); undecided.Situation == Disputed {
		dispute.Reason = undecided.Reason
	} else if plan.Situation == Disputed {
		dispute.Reason = plan.Reason
	}
	return dispute
}
