package domain

// Situation tells where a person stands between Connexie and Eitje.
type Situation string

// The situations of a person. Matched and New are what a run found; once it is
// applied the person is Linked.
const (
	Linked    Situation = "linked"
	Matched   Situation = "matched"
	New       Situation = "new"
	Disputed  Situation = "disputed"
	Skipped   Situation = "skipped"
	OnHold    Situation = "on_hold"
	BadRecord Situation = "bad_record"
)

// Reason says in one word why a person is in their situation.
type Reason string

// Reasons why someone is skipped (S3, C2, C5) or disputed (S6, S22), and what is worth
// knowing of someone who is linked.
const (
	ReasonEmploymentEnded    Reason = "employment_ended"
	ReasonNoContract         Reason = "no_contract"
	ReasonContractNotStarted Reason = "contract_not_started"
	ReasonContractEnded      Reason = "contract_ended"
	ReasonContractGap        Reason = "contract_gap"
	ReasonEmailBlank         Reason = "email_blank"
	ReasonEmailInvalid       Reason = "email_invalid"
	ReasonVenueInactive      Reason = "venue_inactive"
	ReasonVenueUndecided     Reason = "venue_undecided"

	ReasonSeveralCandidates    Reason = "several_candidates"
	ReasonSharedEmail          Reason = "shared_email"
	ReasonEmailOfLinkedProfile Reason = "email_of_linked_profile"
	ReasonLikelyDuplicate      Reason = "likely_duplicate"

	// ReasonDecidedSkip is somebody's decision to leave a disputed person out;
	// ReasonDecidedProfileGone a decision that nobody can follow any more (S6).
	ReasonDecidedSkip        Reason = "decided_to_skip"
	ReasonDecidedProfileGone Reason = "decided_profile_gone"

	ReasonUnreadable Reason = "unreadable"
	ReasonRefused    Reason = "refused_by_store"
)

// Action is what a run does, or would do, for a person; the first that applies of
// create, link, reactivate, update.
type Action string

// The actions of a run.
const (
	ActionCreate     Action = "create"
	ActionLink       Action = "link"
	ActionReactivate Action = "reactivate"
	ActionUpdate     Action = "update"
	ActionNone       Action = "none"
)

// Standing is what is kept of a person between runs.
type Standing struct {
	Situation Situation
	Reason    Reason
	// Rule is the id of the rule that decided.
	Rule string
}
