package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// EndingLook asks where an ending stands.
type EndingLook struct {
	ID string
	// EndDate is the last day that somebody now asks for; zero keeps it.
	EndDate domain.Date
	// Reminder is the number of the reminder whose time has come; zero for none.
	Reminder int
	// Gone is what Connexie answered when it was asked for this person alone; nil where
	// it was not asked.
	Gone *bool
}

// EndingStanding is where an ending stands, and what it was decided from.
type EndingStanding struct {
	Ending     Ending
	Employment domain.Employment
	// Automatic tells that step two needs no confirmation (E4).
	Automatic bool
	// Refused tells that step two was refused (E1).
	Refused bool
}

// LookAtEnding decides where an ending stands from what the mirror and Eitje hold now,
// under the locks that a sync takes, and writes what follows: stage, date, outcome and
// notifications, in one transaction. Looking again changes nothing; a reminder goes out
// once for its number. ErrNotFound where there is no such ending.
func (s *Store) LookAtEnding(ctx context.Context, look EndingLook, now time.Time) (EndingStanding, error) {
	return s.inEnding(ctx, "look at", look.ID, now, func(tx pgx.Tx, held heldEnding) (EndingStanding, error) {
		if err := held.note(ctx, tx, look); err != nil {
			return EndingStanding{}, err
		}
		return held.move(ctx, tx, domain.PlanEnding(held.facts))
	})
}

// WithdrawEnding ends an ending before its time (E5). by is whoever withdraws it, and
// reason a code. One that is over stays as it ended. ErrNotFound where there is no such
// ending.
func (s *Store) WithdrawEnding(
	ctx context.Context, id, by string, reason domain.EndingReason, now time.Time,
) (EndingStanding, error) {
	return s.inEnding(ctx, "withdraw", id, now, func(tx pgx.Tx, held heldEnding) (EndingStanding, error) {
		held.ending.WithdrawnBy = by
		return held.move(ctx, tx, domain.PlanEndingWithdrawal(held.facts, reason))
	})
}

// EndInEitje does step two: it deactivates the profile, with audit lines (S10) and
// notifications, in one transaction, and counts what is left of the person (E6). It is
// refused, and changes nothing, unless the ending waits for it and Connexie shows the
// employment as ended (E1), which is decided under the lock that a sync takes. Doing it
// again changes nothing. ErrNotFound where there is no such ending.
func (s *Store) EndInEitje(ctx context.Context, id, by string, now time.Time) (EndingStanding, error) {
	return s.inEnding(ctx, "end in Eitje", id, now, func(tx pgx.Tx, held heldEnding) (EndingStanding, error) {
		if !held.ending.EndedAt.IsZero() {
			return held.standing(), nil
		}
		if !domain.PlanEndingStepTwo(held.facts) {
			refused := held.standing()
			refused.Refused = true
			return refused, nil
		}
		return held.stepTwo(ctx, tx, by)
	})
}

// heldEnding is an ending under the locks of all that it decides about.
type heldEnding struct {
	ending Ending
	facts  domain.EndingFacts
	now    time.Time
	// missing is what the mirror says of the person, beside what Connexie answered.
	missing  bool
	mirrored bool
}

// inEnding locks the person, the profile and the ending, gathers the facts, and does the
// rest in the same transaction.
func (s *Store) inEnding(
	ctx context.Context, what, id string, now time.Time, do func(tx pgx.Tx, held heldEnding) (EndingStanding, error),
) (EndingStanding, error) {
	var standing EndingStanding
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if err := lookUpRows(ctx, tx); err != nil {
			return err
		}
		held, err := holdEnding(ctx, tx, id, now)
		if err != nil {
			return err
		}
		standing, err = do(tx, held)
		return err
	})
	if err != nil {
		return EndingStanding{}, fmt.Errorf("%s ending %s: %w", what, id, err)
	}
	return standing, nil
}

func holdEnding(ctx context.Context, tx pgx.Tx, id string, now time.Time) (heldEnding, error) {
	ending, err := findEnding(ctx, tx, id)
	if err != nil {
		return heldEnding{}, err
	}
	if err := lockLeaver(ctx, tx, ending.ConnectionID, ending.ConnexieID, ending.TeamMemberID); err != nil {
		return heldEnding{}, err
	}
	if ending, err = lockEnding(ctx, tx, id); err != nil {
		return heldEnding{}, err
	}
	return gatherEnding(ctx, tx, ending, now)
}

func gatherEnding(ctx context.Context, tx pgx.Tx, ending Ending, now time.Time) (heldEnding, error) {
	const query = `
		select p.connexie_id is not null as mirrored, coalesce(p.employment_ended, false) as employment_ended,
			   p.employment_start, p.employment_end, p.missing_since is not null as missing, t.active,
			   l.connexie_id is distinct from e.connexie_id as unlinked, c.state = 'removed' as removed,
			   c.automatic_endings as automatic,
			   p.connexie_id is not null and p.missing_since is null and p.problem is null
			   and exists (select from connexie.sync_runs r
			                where r.connection_id = e.connection_id and r.opened_number > e.ended_number
			                  and r.mode = 'apply' and r.only_connexie_id is null
			                  and r.outcome in ('ok', 'problems', 'nothing')) as seen
		  from connexie.endings e
		  join connexie.connections c on c.id = e.connection_id
		  join eitje.team_members t on t.id = e.team_member_id
		  left join connexie.people p on p.connection_id = e.connection_id and p.connexie_id = e.connexie_id
		  left join connexie.links l on l.team_member_id = e.team_member_id and l.connection_id = e.connection_id
		 where e.id = @id`
	type row struct {
		Mirrored        bool
		EmploymentEnded bool
		EmploymentStart domain.Date
		EmploymentEnd   domain.Date
		Missing         bool
		Active          bool
		Unlinked        bool
		Removed         bool
		Automatic       bool
		Seen            bool
	}
	found, err := collectOne[row](ctx, tx, "gather the facts", query, args{"id": ending.ID})
	if err != nil {
		return heldEnding{}, err
	}
	return heldEnding{
		ending: ending, now: now, missing: found.Missing, mirrored: found.Mirrored,
		facts: domain.EndingFacts{
			Now: now, Ending: ending.Ending, Gone: found.Missing || ending.Gone,
			Employment: domain.Employment{Ended: found.EmploymentEnded, Start: found.EmploymentStart, End: found.EmploymentEnd},
			Unlinked:   found.Unlinked, Removed: found.Removed, Active: found.Active, Seen: found.Seen, Automatic: found.Automatic,
		},
	}, nil
}

// note keeps what somebody asks for now and what Connexie answered, before it is decided
// about.
func (h *heldEnding) note(ctx context.Context, tx pgx.Tx, look EndingLook) error {
	const query = `
		update connexie.endings
		   set requested_end_date = @end_date, end_date = @counts, gone = @gone
		 where id = @id
		   and (requested_end_date, end_date, gone) is distinct from (@end_date, @counts, @gone)`
	if h.ending.Closed() {
		return nil
	}
	if !look.EndDate.IsZero() {
		h.ending.RequestedEndDate, h.ending.EndDate = look.EndDate, look.EndDate
	}
	if look.Gone != nil {
		h.ending.Gone = *look.Gone
	}
	h.facts.Ending, h.facts.Gone = h.ending.Ending, h.missing || h.ending.Gone
	h.facts.Remind = look.Reminder > h.ending.Reminders
	_, err := execute(ctx, tx, "note what is asked for", query, args{
		"id": h.ending.ID, "end_date": h.ending.RequestedEndDate, "counts": h.ending.EndDate, "gone": h.ending.Gone,
	})
	return err
}

// move writes what becomes of the ending and tells whoever must know.
func (h *heldEnding) move(ctx context.Context, tx pgx.Tx, move domain.EndingMove) (EndingStanding, error) {
	if h.ending.Closed() {
		return h.standing(), nil
	}
	if move.Stage != h.ending.Stage {
		h.ending.Since, h.ending.Reminders = h.now, 0
	} else if move.Reminded {
		h.ending.Reminders++
	}
	h.ending.Stage, h.ending.EndDate, h.ending.NextAt = move.Stage, move.EndDate, move.NextAt
	h.ending.Outcome, h.ending.OutcomeReason = move.Outcome, move.Reason
	if move.Outcome != "" {
		h.ending.ClosedAt = h.now
		if err := h.conclude(ctx, tx, &move); err != nil {
			return EndingStanding{}, err
		}
	}
	if err := h.write(ctx, tx); err != nil {
		return EndingStanding{}, err
	}
	return h.standing(), h.tell(ctx, tx, move)
}

// conclude counts what is left of somebody whose employment has ended (E6).
func (h *heldEnding) conclude(ctx context.Context, tx pgx.Tx, move *domain.EndingMove) (err error) {
	if h.ending.EndedAt.IsZero() {
		return nil
	}
	if h.ending.Remains, err = countRemains(ctx, tx, h.ending.TeamMemberID, h.ending.EndDate); err != nil {
		return err
	}
	if notice, worth := domain.EndingOverNotice(h.ending.Ending, move.Outcome, h.ending.Remains); worth {
		move.Events = append(move.Events, notice)
	}
	return nil
}

func (h *heldEnding) tell(ctx context.Context, tx pgx.Tx, move domain.EndingMove) error {
	gone := make([]NoticeKey, 0, len(move.Close))
	for _, cause := range move.Close {
		gone = append(gone, NoticeKey{Cause: cause, Subject: h.ending.ConnexieID})
	}
	if _, err := closeNotices(ctx, tx, h.ending.ConnectionID, gone, h.now); err != nil {
		return err
	}
	if _, err := openNotices(ctx, tx, h.ending.ConnectionID, move.Open, h.now); err != nil {
		return err
	}
	_, err := refreshNotices(ctx, tx, h.ending.ConnectionID, move.Events, h.now)
	return err
}

// stepTwo deactivates the profile (E1). Somebody may have done that by hand: then there
// is nothing to write but that step two is done.
func (h *heldEnding) stepTwo(ctx context.Context, tx pgx.Tx, by string) (EndingStanding, error) {
	if h.facts.Active {
		if err := h.deactivate(ctx, tx, by); err != nil {
			return EndingStanding{}, err
		}
		h.facts.Active = false
	}
	remains, err := countRemains(ctx, tx, h.ending.TeamMemberID, h.ending.EndDate)
	if err != nil {
		return EndingStanding{}, err
	}
	number, err := value[int64](ctx, tx, "number step two", `select nextval('connexie.reading_number')`, args{})
	if err != nil {
		return EndingStanding{}, err
	}
	const query = `
		update connexie.endings set ended_at = @now, ended_number = @number, confirmed_by = @by where id = @id`
	_, err = execute(ctx, tx, "note that step two is done", query,
		args{"id": h.ending.ID, "now": h.now, "number": number, "by": by})
	if err != nil {
		return EndingStanding{}, err
	}
	h.ending.EndedAt, h.ending.ConfirmedBy, h.ending.Remains = h.now, by, remains
	watching := h.ending.Ending
	watching.Stage = domain.EndingWatches
	h.facts.Ending, h.facts.Seen = watching, false
	return h.move(ctx, tx, domain.PlanEnding(h.facts))
}

func (h *heldEnding) deactivate(ctx context.Context, tx pgx.Tx, by string) error {
	const query = `
		update eitje.team_members set active = false, deactivated_at = @now, deactivated_by = @by
		 where id = @id`
	_, err := execute(ctx, tx, "deactivate team member "+h.ending.TeamMemberID, query,
		args{"id": h.ending.TeamMemberID, "now": h.now, "by": by})
	if err != nil {
		return err
	}
	act := Act{
		Kind: ActEnding, ID: h.ending.ID, ConnectionID: h.ending.ConnectionID, ConnexieID: h.ending.ConnexieID, By: by,
	}
	changed := func(field, before, after string) domain.Change {
		return domain.Change{
			Object: domain.ObjectTeamMember, ObjectID: h.ending.TeamMemberID, Field: field, Before: before, After: after,
		}
	}
	return writeActChanges(ctx, tx, act, []domain.Change{
		changed("active", strconv.FormatBool(true), strconv.FormatBool(false)),
		changed("deactivated_at", "", h.now.UTC().Format(time.RFC3339Nano)),
		changed("deactivated_by", "", by),
	}, h.now)
}

func (h *heldEnding) standing() EndingStanding {
	return EndingStanding{Ending: h.ending, Employment: h.facts.Employment, Automatic: h.facts.Automatic && !h.facts.Gone}
}

// write keeps the ending, and what Connexie said when it was decided about. One that is
// as it was is not written (S9).
func (h *heldEnding) write(ctx context.Context, tx pgx.Tx) error {
	const query = `
		update connexie.endings
		   set stage = @stage, stage_since = @since, reminders = @reminders, next_at = @next_at, end_date = @end_date,
		       seen_ended = @seen_ended, seen_end = @seen_end, seen_missing = @seen_missing,
		       outcome = nullif(@outcome, ''), outcome_reason = nullif(@reason, ''), closed_at = @closed_at,
		       withdrawn_by = nullif(@withdrawn_by, ''),
		       future_shifts = @future_shifts, unapproved = @unapproved, unexported = @unexported
		 where id = @id
		   and (stage, reminders, next_at, end_date, seen_ended, seen_end, seen_missing, outcome, future_shifts, unapproved, unexported)
		       is distinct from
		       (@stage, @reminders, @next_at, @end_date, @seen_ended, @seen_end, @seen_missing, nullif(@outcome, ''), @future_shifts,
		        @unapproved, @unexported)`
	var seenEnded *bool
	if h.mirrored {
		seenEnded = &h.facts.Employment.Ended
	}
	_, err := execute(ctx, tx, "write the ending", query, args{
		"id": h.ending.ID, "stage": h.ending.Stage, "since": h.ending.Since, "reminders": h.ending.Reminders,
		"next_at": orNoTime(h.ending.NextAt), "end_date": h.ending.EndDate, "seen_ended": seenEnded,
		"seen_end": h.facts.Employment.End, "seen_missing": h.missing, "outcome": h.ending.Outcome,
		"reason": h.ending.OutcomeReason, "withdrawn_by": h.ending.WithdrawnBy, "closed_at": orNoTime(h.ending.ClosedAt),
		"future_shifts": h.ending.Remains.FutureShifts, "unapproved": h.ending.Remains.Unapproved,
		"unexported": h.ending.Remains.Unexported,
	})
	return err
}

// orNoTime writes the zero time as NULL.
func orNoTime(instant time.Time) *time.Time {
	if instant.IsZero() {
		return nil
	}
	return &instant
}

// countRemains counts what is left of somebody after the last day, and until then (E6).
func countRemains(ctx context.Context, db querier, teamMemberID string, end domain.Date) (domain.EndingRemains, error) {
	const query = `
		select count(*) filter (where e.day > @end)::int as future_shifts,
			   count(*) filter (where e.day <= @end and e.state = 'open')::int as unapproved,
			   count(*) filter (where e.day <= @end and e.state = 'approved' and e.kind = 'worked'
			                      and not exists (select from connexie.exported_entries x where x.entry_id = e.id))::int as unexported
		  from eitje.entries e
		 where e.team_member_id = @team_member_id and e.state <> 'deleted'`
	return collectOne[domain.EndingRemains](ctx, db, "count what is left of team member "+teamMemberID, query,
		args{"team_member_id": teamMemberID, "end": end})
}
