package app

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// The decisions, for clients of this package.
const (
	DecideLink   = domain.DecideLink
	DecideCreate = domain.DecideCreate
	DecideSkip   = domain.DecideSkip
)

// DecisionKind is what somebody decides.
type DecisionKind = domain.DecisionKind

// DisputeRequest is somebody's decision about a disputed person (S6).
type DisputeRequest struct {
	ConnectionID string
	ConnexieID   string
	Decision     domain.DecisionKind
	// TeamMemberID is the candidate to link; empty otherwise.
	TeamMemberID string
	// Reason is free text, which the store alone keeps (N4).
	Reason string
	// InsteadOf is the decision in force whose place this one takes; empty for none.
	InsteadOf string
	// By is the id of a person or program; DefaultRequester where empty.
	By string
}

// DisputeTaken is a decision that was taken, and the one-person sync that follows it.
type DisputeTaken struct {
	ConnectionID string `json:"connection_id"`
	ConnexieID   string `json:"connexie_id"`
	DisputeDecision
	// Already tells that the same had been decided before.
	Already bool       `json:"already"`
	Sync    SyncTicket `json:"sync"`
}

// DecideDispute decides about a disputed person and has a one-person sync follow it at
// once, also while a full run is under way (S6). A decision is kept although the sync
// could not be started: the next one follows it. Deciding the same again changes
// nothing and synchronises again. It is refused where somebody has decided otherwise
// before. Needs the database and Temporal.
func (o *Operator) DecideDispute(ctx context.Context, request DisputeRequest) (DisputeTaken, error) {
	by, err := requester(request.By)
	if err == nil {
		err = request.validate()
	}
	if err != nil {
		return DisputeTaken{}, err
	}
	connection, err := o.personOf(ctx, request.ConnectionID, request.ConnexieID)
	if err != nil {
		return DisputeTaken{}, err
	}
	if err := syncable(connection); err != nil {
		return DisputeTaken{}, err
	}
	taken, changed, err := o.store.DecideDispute(ctx, store.DisputeDecision{
		ConnectionID: connection.ID, ConnexieID: request.ConnexieID, Kind: request.Decision,
		TeamMemberID: request.TeamMemberID, Reason: request.Reason, By: by, Replaces: request.InsteadOf,
	}, o.today(), o.now())
	if err != nil {
		return DisputeTaken{}, fromDispute(connection.ID, request, err)
	}
	decided := DisputeTaken{
		ConnectionID: connection.ID, ConnexieID: request.ConnexieID, DisputeDecision: *decisionView(&taken), Already: !changed,
	}
	decided.Sync, err = o.RequestSync(ctx, decided.sync())
	return decided, keptButNotFollowed(decided, err)
}

func (d DisputeTaken) sync() SyncRequest {
	return SyncRequest{ConnectionID: d.ConnectionID, OnlyConnexieID: d.ConnexieID, By: d.DecidedBy}
}

// FollowDispute waits until a one-person sync that began after the decision has ended,
// and shows it at every look. One that was under way when it was decided may have
// looked before: then another follows.
func (o *Operator) FollowDispute(ctx context.Context, decided DisputeTaken, show func(Run)) (Run, error) {
	run, err := o.Follow(ctx, decided.Sync, show)
	if err != nil || !decided.Sync.Joined {
		return run, err
	}
	ticket, err := o.RequestSync(ctx, decided.sync())
	if err != nil {
		return run, keptButNotFollowed(decided, err)
	}
	return o.Follow(ctx, ticket, show)
}

// keptButNotFollowed says of a sync that did not start that the decision stands.
func keptButNotFollowed(decided DisputeTaken, err error) error {
	problem, told := errors.AsType[*Problem](err)
	if err == nil || !told {
		return err
	}
	return &Problem{
		Kind: problem.Kind, What: "the decision is kept, but no sync could be started: " + problem.What,
		NextStep: "The next night follows it. At once: starter sync --connection " + decided.ConnectionID +
			" --person " + decided.ConnexieID,
	}
}

func (r DisputeRequest) validate() error {
	const kinds = "Give link with a team member, create, or skip; see: starter disputes decide -h"
	switch {
	case r.Decision != domain.DecideLink && r.Decision != domain.DecideCreate && r.Decision != domain.DecideSkip:
		return invalid(kinds, "%q is no decision", shorten(string(r.Decision)))
	case r.Decision == domain.DecideLink && !isRecordID(r.TeamMemberID):
		return malformed("The candidates are in: starter disputes show", "a team member", r.TeamMemberID)
	case r.Decision != domain.DecideLink && r.TeamMemberID != "":
		return invalid(kinds, "only link names a team member")
	case r.InsteadOf != "" && !isRecordID(r.InsteadOf):
		return malformed("The decision in force is in: starter disputes show", "a decision", r.InsteadOf)
	}
	return checkFreeText(r.Reason)
}

// maxFreeText is more than anybody reads of why something was decided.
const maxFreeText = 1000

// checkFreeText refuses a reason that nobody can read.
func checkFreeText(text string) error {
	if utf8.RuneCountInString(text) > maxFreeText || !printable(text) {
		return invalid("Say it in a sentence.", "the reason is longer than %d characters or cannot be read", maxFreeText)
	}
	return nil
}

// fromDispute says what stands against a decision.
func fromDispute(connectionID string, request DisputeRequest, err error) error {
	show := "starter disputes show --connection " + connectionID + " --person " + request.ConnexieID
	var (
		already *store.DecidedAlreadyError
		chosen  *store.ChosenForOtherError
		not     *store.NotDisputedError
	)
	switch {
	case errors.As(err, &already):
		return refused("Look at it: "+show+". To decide otherwise all the same, where it has not been followed yet: --instead-of "+already.Decided.ID,
			"person %s was decided about before: %s, by %s at %s", request.ConnexieID, decisionWords(already.Decided),
			already.Decided.DecidedBy, already.Decided.DecidedAt.In(Amsterdam()).Format("2006-01-02 15:04"))
	case errors.As(err, &chosen):
		return refused("Look at the other person: starter disputes show --connection "+connectionID+" --person "+chosen.ConnexieID,
			"team member %s was chosen for person %s", request.TeamMemberID, chosen.ConnexieID)
	case errors.As(err, &not):
		return refused("There is nothing to decide. See why: starter sync --connection "+connectionID+" --person "+request.ConnexieID+" --preview",
			"person %s is not disputed: %s", request.ConnexieID, standingWords(not.Standing))
	case errors.Is(err, store.ErrNoCandidate):
		return refused("The candidates are in: "+show, "team member %s is no candidate for person %s: linked, archived, of another organisation, or with another e-mail address",
			request.TeamMemberID, request.ConnexieID)
	}
	return fromPerson(connectionID, request.ConnexieID, err)
}

func decisionWords(decided store.DecidedDispute) string {
	if decided.TeamMemberID != "" {
		return fmt.Sprintf("%s to team member %s", decided.Decision, decided.TeamMemberID)
	}
	return string(decided.Decision)
}

func standingWords(standing domain.Standing) string {
	if standing.Reason != "" {
		return fmt.Sprintf("%s, %s (rule %s)", standing.Situation, standing.Reason, standing.Rule)
	}
	return fmt.Sprintf("%s (rule %s)", standing.Situation, standing.Rule)
}
