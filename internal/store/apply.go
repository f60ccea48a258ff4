package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Batch is a set of people whose plans are applied in one transaction.
type Batch struct {
	Run PlanOwner
	// Day is what "today" means to the rules of the run.
	Day domain.Date
	// By is who asked for the run: an id of a person or program.
	By          string
	ConnexieIDs []string
}

// ApplyBatch applies the plans of a set of people in one transaction: profiles,
// links, contracts and venues in Eitje, an audit line per field (S10), standings
// and notifications. It locks the people in the order of their ids, then their
// profiles, and decides again under the lock, so that a plan gone stale since it
// was saved (a local edit, a profile made by someone else, a venue set to Inactive) is
// planned anew and never applied (S19). Applying a batch again changes nothing. Nothing
// of the batch is kept where an error is returned.
func (s *Store) ApplyBatch(ctx context.Context, batch Batch, now time.Time) error {
	err := s.withTx(ctx, func(tx pgx.Tx) error { return applyBatch(ctx, tx, batch, now) })
	if err != nil {
		return fmt.Errorf("apply %d plans of run %s: %w", len(batch.ConnexieIDs), batch.Run.RunID, err)
	}
	return nil
}

func applyBatch(ctx context.Context, tx pgx.Tx, batch Batch, now time.Time) error {
	if err := checkFence(ctx, tx, batch.Run.ConnectionID, batch.Run.Fence); err != nil {
		return err
	}
	if err := lookUpRows(ctx, tx); err != nil {
		return err
	}
	plans, err := planLocked(ctx, tx, batch)
	if err != nil {
		return err
	}
	for _, write := range []func(context.Context, pgx.Tx, Batch, []domain.Plan, time.Time) error{
		writeProfiles, writeLinks, writeContracts, writeVenues, writeChanges, writeStandings, writePlanNotices,
	} {
		if err := write(ctx, tx, batch, plans, now); err != nil {
			return err
		}
	}
	if err := writeItems(ctx, tx, batch.Run, plans, itemApplied); err != nil {
		return err
	}
	return forgetMissing(ctx, tx, batch, plans)
}

// planLocked locks what the rules look at and decides anew.
func planLocked(ctx context.Context, tx pgx.Tx, batch Batch) ([]domain.Plan, error) {
	named := args{"connection_id": batch.Run.ConnectionID, "ids": batch.ConnexieIDs}
	if err := lockPeople(ctx, tx, batch); err != nil {
		return nil, err
	}
	if err := lockProfiles(ctx, tx, named); err != nil {
		return nil, err
	}
	decisions, err := venueDecisions(ctx, tx, batch.Run.ConnectionID)
	if err != nil {
		return nil, err
	}
	scope := Scope{ConnectionID: batch.Run.ConnectionID, Day: batch.Day, Venues: decisions.Map()}
	facts, err := gather(ctx, tx, scope, batch.ConnexieIDs)
	if err != nil {
		return nil, err
	}
	plans := make([]domain.Plan, 0, len(facts))
	given := map[string]bool{}
	for _, fact := range facts {
		plan := domain.PlanPerson(withoutGiven(fact, given))
		plan.AssignIDs(newID)
		plans = append(plans, plan)
		if plan.Action == domain.ActionLink {
			given[plan.Profile.ID] = true
		}
	}
	return plans, nil
}

// withoutGiven are the facts of somebody in a batch that links profiles to others in
// front of them: these are no longer theirs to have. Only a decision can bring it
// about (S6), since by e-mail alone two people with one address are disputed.
func withoutGiven(fact domain.Facts, given map[string]bool) domain.Facts {
	isGiven := func(profile domain.Profile) bool { return given[profile.ID] }
	if fact.Decision != nil && fact.Decision.Profile != nil && isGiven(*fact.Decision.Profile) {
		fact.Decision.Profile = nil
	}
	if slices.ContainsFunc(fact.Candidates, isGiven) {
		fact.Candidates = slices.DeleteFunc(slices.Clone(fact.Candidates), isGiven)
		fact.EmailTaken = true
	}
	return fact
}

// forgetMissing drops the plans of people who have gone missing from Connexie since
// they were planned: nothing is done to them (S14), and a plan that nobody can apply
// would be offered for ever.
func forgetMissing(ctx context.Context, tx pgx.Tx, batch Batch, plans []domain.Plan) error {
	const query = `
		delete from connexie.sync_items
		 where run_id = @run_id and connexie_id = any(@ids) and state = 'planned'`
	there := make(map[string]bool, len(plans))
	for _, plan := range plans {
		there[plan.ConnexieID] = true
	}
	missing := slices.DeleteFunc(slices.Clone(batch.ConnexieIDs), func(id string) bool { return there[id] })
	if len(missing) == 0 {
		return nil
	}
	_, err := execute(ctx, tx, "drop the plans of people who are missing", query,
		args{"run_id": batch.Run.RunID, "ids": missing})
	return err
}

func lockPeople(ctx context.Context, tx pgx.Tx, batch Batch) error {
	const query = `
		select p.connexie_id
		  from (select unnest(@ids::text[]) as id order by id) wanted
		 cross join lateral (
			   select connexie_id from connexie.people
			    where connection_id = @connection_id and connexie_id = wanted.id
			      for update) p`
	_, err := column[string](ctx, tx, "lock people", query,
		args{"connection_id": batch.Run.ConnectionID, "ids": batch.ConnexieIDs})
	return err
}

func lockProfiles(ctx context.Context, tx pgx.Tx, named args) error {
	const lockTeamMembers = `
		select t.id::text
		  from (select id from (` + idsOfProfilesNear + `) found order by id) near
		 cross join lateral (select id from eitje.team_members where id = near.id for update) t`
	const lockContracts = `
		select locked.id::text
		  from (select c.id
		          from unnest(@team_members::uuid[]) as near(id)
		         cross join lateral (select id from eitje.contracts where team_member_id = near.id offset 0) c
		         order by c.id) held
		 cross join lateral (select id from eitje.contracts where id = held.id for update) locked`
	ids, err := column[string](ctx, tx, "lock profiles", lockTeamMembers, named)
	if err != nil {
		return err
	}
	_, err = column[string](ctx, tx, "lock contracts", lockContracts, args{"team_members": ids})
	return err
}

// newID makes the id of a new row. The random source of the system does not fail.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// ApplyAlone applies a batch of one person as ApplyBatch does; where a value is refused
// it notes that instead (S15): the person's standing says so, somebody is told, and the
// others can go on. The person stays locked in between, so that nobody who mends and
// synchronises the person alone is told of a refusal that is over.
func (s *Store) ApplyAlone(ctx context.Context, batch Batch, now time.Time) error {
	return s.withTx(ctx, func(tx pgx.Tx) error {
		if err := checkFence(ctx, tx, batch.Run.ConnectionID, batch.Run.Fence); err != nil {
			return err
		}
		if err := lookUpRows(ctx, tx); err != nil {
			return err
		}
		if err := lockPeople(ctx, tx, batch); err != nil {
			return err
		}
		err := pgx.BeginFunc(ctx, tx, func(savepoint pgx.Tx) error { return applyBatch(ctx, savepoint, batch, now) })
		if !IsDataError(err) {
			return err
		}
		return noteRefusal(ctx, tx, batch, refusal(err), now)
	})
}

func noteRefusal(ctx context.Context, tx pgx.Tx, batch Batch, reason string, now time.Time) error {
	const item = `
		update connexie.sync_items
		   set state = 'failed', problem = @reason, situation = @situation, reason = @standing, rule = @rule,
		       action = 'none', reactivates = false
		 where run_id = @run_id and connexie_id = @connexie_id`
	connexieID := batch.ConnexieIDs[0]
	plan := domain.Plan{
		ConnexieID:      connexieID,
		Standing:        domain.Standing{Situation: domain.BadRecord, Reason: domain.ReasonRefused, Rule: "S15"},
		StandingChanged: true,
		Open:            []domain.Notice{domain.RefusedRecordNotice(connexieID)},
	}
	if err := writeStandings(ctx, tx, batch, []domain.Plan{plan}, now); err != nil {
		return err
	}
	if err := writePlanNotices(ctx, tx, batch, []domain.Plan{plan}, now); err != nil {
		return err
	}
	_, err := execute(ctx, tx, "note that a plan failed", item, args{
		"run_id": batch.Run.RunID, "connexie_id": connexieID, "reason": reason, "rule": plan.Standing.Rule,
		"situation": plan.Standing.Situation, "standing": plan.Standing.Reason,
	})
	return err
}

// refusal is PostgreSQL's part of a data error: code, table and constraint.
func refusal(err error) string {
	if failure, ok := errors.AsType[*Error](err); ok {
		return failure.Error()
	}
	return err.Error()
}
