package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// DisputeDecision is somebody's word on a disputed person (S6).
type DisputeDecision struct {
	ConnectionID string
	ConnexieID   string
	Kind         domain.DecisionKind
	// TeamMemberID is the candidate to link; empty otherwise.
	TeamMemberID string
	// Reason is free text, which is kept here and nowhere else (N4).
	Reason string
	// By is the id of a person or program, never a name.
	By string
	// Replaces is the decision in force whose place this one takes; empty where nobody
	// has decided yet.
	Replaces string
}

// same reports whether a decision says the same as one that was taken.
func (d DisputeDecision) same(taken DecidedDispute) bool {
	return d.Kind == taken.Decision && d.TeamMemberID == taken.TeamMemberID
}

// DecidedDispute is a decision that was taken.
type DecidedDispute struct {
	ID           string
	Decision     domain.DecisionKind
	TeamMemberID string
	// Dispute is why the person was disputed.
	Dispute   domain.Reason
	Reason    string
	DecidedBy string
	DecidedAt time.Time
}

// DecidedAlreadyError says that somebody has decided otherwise before.
type DecidedAlreadyError struct{ Decided DecidedDispute }

// Error names the decision and who took it.
func (e *DecidedAlreadyError) Error() string {
	return fmt.Sprintf("decision %s of %s says %s", e.Decided.ID, e.Decided.DecidedBy, e.Decided.Decision)
}

// NotDisputedError says that there is nothing to decide about a person, and where the
// person stands instead.
type NotDisputedError struct{ Standing domain.Standing }

// Error names the situation.
func (e *NotDisputedError) Error() string { return "the person is " + string(e.Standing.Situation) }

// ChosenForOtherError says that the profile has been chosen for somebody else, whose
// next sync will link it.
type ChosenForOtherError struct{ ConnexieID string }

// Error names the other person.
func (e *ChosenForOtherError) Error() string {
	return "the profile was chosen for person " + e.ConnexieID
}

// DecideDispute keeps somebody's decision about a disputed person with what it is based
// on, and leaves an audit line (S6, S10). It changes nothing in Eitje: the next sync of
// the person follows it. Whoever decides is told where somebody else has decided
// otherwise before, so that of two at once one wins. The same decision again changes
// nothing; changed is false then.
//
// Errors: ErrNotFound (Connexie's list has no such person), ErrNoCandidate,
// *ChosenForOtherError, *DecidedAlreadyError, *NotDisputedError.
func (s *Store) DecideDispute(
	ctx context.Context, decision DisputeDecision, day domain.Date, now time.Time,
) (taken DecidedDispute, changed bool, err error) {
	err = s.withTx(ctx, func(tx pgx.Tx) (err error) {
		if err := lookUpRows(ctx, tx); err != nil {
			return err
		}
		taken, changed, err = decideDispute(ctx, tx, decision, day, now)
		return err
	})
	if err != nil {
		return DecidedDispute{}, false, fmt.Errorf("decide about person %s of connection %s: %w",
			decision.ConnexieID, decision.ConnectionID, err)
	}
	return taken, changed, nil
}

func decideDispute(
	ctx context.Context, tx pgx.Tx, decision DisputeDecision, day domain.Date, now time.Time,
) (DecidedDispute, bool, error) {
	fact, err := lockedFacts(ctx, tx, decision.ConnectionID, decision.ConnexieID, day)
	if err != nil {
		return DecidedDispute{}, false, err
	}
	before, err := currentDecision(ctx, tx, decision.ConnectionID, decision.ConnexieID)
	if err != nil {
		return DecidedDispute{}, false, err
	}
	dispute := domain.DisputeOf(fact)
	if again, err := decision.alreadyTaken(fact, dispute, before); again || err != nil {
		return orZero(before), false, err
	}
	if err := checkChosen(ctx, tx, decision, dispute, day); err != nil {
		return DecidedDispute{}, false, err
	}
	taken := DecidedDispute{
		ID: newID(), Decision: decision.Kind, TeamMemberID: decision.TeamMemberID, Dispute: dispute.Reason,
		Reason: decision.Reason, DecidedBy: decision.By, DecidedAt: now,
	}
	if err := insertDecision(ctx, tx, decision, taken, fact, dispute); err != nil {
		return DecidedDispute{}, false, err
	}
	act := Act{
		Kind: ActDispute, ID: taken.ID, ConnectionID: decision.ConnectionID, ConnexieID: decision.ConnexieID, By: decision.By,
	}
	return taken, true, writeActChanges(ctx, tx, act, decisionChanges(orZero(before), taken), now)
}

// checkChosen makes sure that the profile is a candidate, and chosen for nobody else by a
// decision that counts. The profile stays locked, so that of two who choose it at once
// one is told.
func checkChosen(
	ctx context.Context, tx pgx.Tx, decision DisputeDecision, dispute domain.Dispute, day domain.Date,
) error {
	const lock = `select id::text from eitje.team_members where id = @team_member_id::uuid for update`
	const others = `
		select connexie_id::text from connexie.dispute_decisions
		 where team_member_id = @team_member_id::uuid and connection_id = @connection_id and connexie_id <> @connexie_id
		   and replaced_at is null
		 order by connexie_id`
	if decision.Kind != domain.DecideLink {
		return nil
	}
	if !slices.Contains(dispute.Candidates, decision.TeamMemberID) {
		return ErrNoCandidate
	}
	if _, err := value[string](ctx, tx, "lock a profile", lock, args{"team_member_id": decision.TeamMemberID}); err != nil {
		return err
	}
	ids, err := column[string](ctx, tx, "see for whom a profile is chosen", others, args{
		"team_member_id": decision.TeamMemberID, "connection_id": decision.ConnectionID, "connexie_id": decision.ConnexieID,
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	facts, err := factsOn(ctx, tx, decision.ConnectionID, ids, day)
	for _, fact := range facts {
		if fact.Profile == nil && domain.DisputeOf(fact).Decided {
			return &ChosenForOtherError{ConnexieID: fact.Person.ID}
		}
	}
	return err
}

// alreadyTaken reports whether the same was decided before, and is an error where
// somebody decided otherwise or there is nothing to decide. A person who is linked
// was decided about by whatever linked them; a skip did not.
func (d DisputeDecision) alreadyTaken(fact domain.Facts, dispute domain.Dispute, before *DecidedDispute) (bool, error) {
	inForce := before != nil && dispute.Decided
	if fact.Profile != nil {
		inForce = before != nil && before.Decision != domain.DecideSkip
	}
	switch {
	case inForce && d.same(*before):
		return true, nil
	case inForce && (fact.Profile != nil || d.Replaces != before.ID):
		return false, &DecidedAlreadyError{Decided: *before}
	case fact.Profile != nil, dispute.Standing.Situation == domain.OnHold, !inForce && dispute.Reason == "":
		return false, &NotDisputedError{Standing: dispute.Standing}
	}
	return false, nil
}

// lockedFacts locks a person and gathers what the rules look at about them;
// ErrNotFound where Connexie's list has no such person.
func lockedFacts(ctx context.Context, tx pgx.Tx, connectionID, connexieID string, day domain.Date) (domain.Facts, error) {
	ids := []string{connexieID}
	if err := lockPeople(ctx, tx, Batch{Run: PlanOwner{ConnectionID: connectionID}, ConnexieIDs: ids}); err != nil {
		return domain.Facts{}, err
	}
	facts, err := factsOn(ctx, tx, connectionID, ids, day)
	if err != nil {
		return domain.Facts{}, err
	}
	if len(facts) == 0 {
		return domain.Facts{}, ErrNotFound
	}
	return facts[0], nil
}

// factsOn gathers the facts of people for a day under what is decided about venues now.
func factsOn(ctx context.Context, tx pgx.Tx, connectionID string, ids []string, day domain.Date) ([]domain.Facts, error) {
	decisions, err := venueDecisions(ctx, tx, connectionID)
	if err != nil {
		return nil, err
	}
	return gather(ctx, tx, Scope{ConnectionID: connectionID, Day: day, Venues: decisions.Map()}, ids)
}

// currentDecisions lists the decisions about people that no other has replaced.
const currentDecisions = `
	select d.connexie_id, d.id, d.decision, coalesce(d.team_member_id::text, '') as team_member_id, d.dispute, d.reason,
	       d.decided_by, d.decided_at
	  from unnest(@ids::text[]) as wanted(id)
	 cross join lateral (
	       select * from connexie.dispute_decisions
	        where connection_id = @connection_id and connexie_id = wanted.id and replaced_at is null offset 0) d`

type decisionRow struct {
	ConnexieID string
	DecidedDispute
}

// decisionsAbout finds the decision about each of some people, by Connexie ID.
func decisionsAbout(ctx context.Context, q querier, connectionID string, ids []string) (map[string]*DecidedDispute, error) {
	rows, err := collect[decisionRow](ctx, q, "read decisions", currentDecisions, args{"connection_id": connectionID, "ids": ids})
	decided := make(map[string]*DecidedDispute, len(rows))
	for _, row := range rows {
		decided[row.ConnexieID] = &row.DecidedDispute
	}
	return decided, err
}

// currentDecision is the decision about a person that no other has replaced, or nil.
func currentDecision(ctx context.Context, q querier, connectionID, connexieID string) (*DecidedDispute, error) {
	decided, err := decisionsAbout(ctx, q, connectionID, []string{connexieID})
	return decided[connexieID], err
}

func insertDecision(
	ctx context.Context, tx pgx.Tx, decision DisputeDecision, taken DecidedDispute, fact domain.Facts, dispute domain.Dispute,
) error {
	const replace = `
		update connexie.dispute_decisions set replaced_at = @now
		 where connection_id = @connection_id and connexie_id = @connexie_id and replaced_at is null`
	const insert = `
		insert into connexie.dispute_decisions (id, connection_id, connexie_id, decision, team_member_id, dispute, email_key,
		       candidates, reason, decided_by, decided_at)
		values (@id, @connection_id, @connexie_id, @decision, @team_member_id, @dispute, @email_key,
		       @candidates::text[]::uuid[], @reason, @by, @now)`
	person := args{"connection_id": decision.ConnectionID, "connexie_id": decision.ConnexieID, "now": taken.DecidedAt}
	if _, err := execute(ctx, tx, "replace the decision before", replace, person); err != nil {
		return err
	}
	_, err := execute(ctx, tx, "keep a decision", insert, args{
		"id": taken.ID, "connection_id": decision.ConnectionID, "connexie_id": decision.ConnexieID,
		"decision": string(taken.Decision), "team_member_id": orNull(taken.TeamMemberID), "dispute": string(taken.Dispute),
		"email_key": domain.EmailKey(fact.Person.Email), "candidates": append([]string{}, dispute.Candidates...),
		"reason": taken.Reason, "by": taken.DecidedBy, "now": taken.DecidedAt,
	})
	return err
}

// decisionChanges are the audit lines of a decision; its free text is not among them.
func decisionChanges(before, taken DecidedDispute) []domain.Change {
	var changes []domain.Change
	for _, field := range []struct{ name, was, is string }{
		{"decision", string(before.Decision), string(taken.Decision)},
		{"team_member_id", before.TeamMemberID, taken.TeamMemberID},
	} {
		if field.was != field.is {
			changes = append(changes, domain.Change{
				Object: domain.ObjectDispute, ObjectID: taken.ID, Field: field.name, Before: field.was, After: field.is,
			})
		}
	}
	return changes
}
