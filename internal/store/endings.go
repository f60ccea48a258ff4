package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Ending is the end of one employment, from the request until one more sync has passed
// (E1 to E6).
type Ending struct {
	domain.Ending

	WorkflowID string
	// RequestedEndDate is the last day that somebody asked for; EndDate is the one that
	// counts.
	RequestedEndDate domain.Date
	// Reason is a code, never free text.
	Reason      string
	RequestedBy string
	// NextAt is when it is looked at again; zero once it is over.
	NextAt time.Time
	// Gone tells that Connexie did not know the id when it was asked for this person.
	Gone bool
	// ConfirmedBy did step two, or had it done; empty before.
	ConfirmedBy string
	// Outcome and ClosedAt are empty while the ending is open.
	Outcome       domain.EndingOutcome
	OutcomeReason domain.EndingReason
	// WithdrawnBy is who withdrew it; empty where nobody did.
	WithdrawnBy string
	// Remains is what was left when step two was done, and then when the ending closed
	// (E6).
	Remains  domain.EndingRemains
	OpenedAt time.Time
	ClosedAt time.Time
}

// Closed reports whether the ending is over.
func (e Ending) Closed() bool { return !e.ClosedAt.IsZero() }

// EndingOpening is what an ending is opened with.
type EndingOpening struct {
	// ID is derived from the workflow, so that a repetition opens the same ending.
	ID           string
	ConnectionID string
	TeamMemberID string
	WorkflowID   string
	EndDate      domain.Date
	// Reason is a code; may be empty.
	Reason      string
	RequestedBy string
}

// EndingOpened is the ending as it stands, or why there is none.
type EndingOpened struct {
	Ending Ending
	// Refused says why nothing was opened; empty where something was. Start is when the
	// employment began, where that is known.
	Refused domain.EndingReason
	Start   domain.Date
}

// OpenEnding opens an ending, or answers with the one that the id opened before. One
// that a terminated workflow left open is closed as abandoned: a team member has one at
// a time. Who cannot be ended is refused with the reason, and nothing is changed.
func (s *Store) OpenEnding(ctx context.Context, opening EndingOpening, now time.Time) (EndingOpened, error) {
	var opened EndingOpened
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if err := lookUpRows(ctx, tx); err != nil {
			return err
		}
		found, err := findEnding(ctx, tx, opening.ID)
		if !errors.Is(err, ErrNotFound) {
			opened.Ending = found
			return err
		}
		opened, err = openEnding(ctx, tx, opening, now)
		return err
	})
	if err != nil {
		return EndingOpened{}, fmt.Errorf("open ending %s: %w", opening.ID, err)
	}
	return opened, nil
}

func openEnding(ctx context.Context, tx pgx.Tx, opening EndingOpening, now time.Time) (EndingOpened, error) {
	candidate, err := endingCandidate(ctx, tx, opening)
	if err != nil {
		return EndingOpened{}, err
	}
	opened := EndingOpened{
		Start:   candidate.Employment.Start,
		Refused: domain.CheckEndingStart(candidate, opening.EndDate, domain.DayOf(now)),
	}
	if opened.Refused != "" {
		return opened, nil
	}
	if err := lockLeaver(ctx, tx, opening.ConnectionID, candidate.ConnexieID, opening.TeamMemberID); err != nil {
		return EndingOpened{}, err
	}
	if err := abandonEndings(ctx, tx, opening.TeamMemberID, now); err != nil {
		return EndingOpened{}, err
	}
	if err := insertEnding(ctx, tx, opening, candidate.ConnexieID, now); err != nil {
		return EndingOpened{}, err
	}
	// From here on the ending says what S12 said, and how an earlier one ended is past.
	past := []NoticeKey{
		{Cause: domain.CauseEmploymentEnded, Subject: candidate.ConnexieID},
		{Cause: domain.CauseEndingOver, Subject: candidate.ConnexieID},
	}
	if _, err := closeNotices(ctx, tx, opening.ConnectionID, past, now); err != nil {
		return EndingOpened{}, err
	}
	opened.Ending, err = findEnding(ctx, tx, opening.ID)
	return opened, err
}

// endingCandidate is what there is under the ids that somebody gave, which may be of
// anything.
func endingCandidate(ctx context.Context, tx pgx.Tx, opening EndingOpening) (domain.EndingCandidate, error) {
	const query = `
		select t.organisation_id = c.organisation_id as own, t.archived_at is not null as archived, t.active,
			   coalesce(l.connexie_id, '') as connexie_id, p.connexie_id is not null as mirrored,
			   coalesce(p.employment_ended, false) as employment_ended, p.employment_start, p.employment_end
		  from eitje.team_members t
		 cross join connexie.connections c
		  left join connexie.links l on l.team_member_id = t.id and l.connection_id = c.id
		  left join connexie.people p on p.connection_id = c.id and p.connexie_id = l.connexie_id
		 where t.id::text = @team_member_id and c.id = @connection_id`
	type row struct {
		Own             bool
		Archived        bool
		Active          bool
		ConnexieID      string
		Mirrored        bool
		EmploymentEnded bool
		EmploymentStart domain.Date
		EmploymentEnd   domain.Date
	}
	found, err := collectOne[row](ctx, tx, "look at team member "+opening.TeamMemberID, query,
		args{"team_member_id": opening.TeamMemberID, "connection_id": opening.ConnectionID})
	if errors.Is(err, ErrNotFound) {
		return domain.EndingCandidate{}, nil
	}
	return domain.EndingCandidate{
		Known: true, Own: found.Own, Archived: found.Archived, Active: found.Active, ConnexieID: found.ConnexieID,
		Mirrored:   found.Mirrored,
		Employment: domain.Employment{Ended: found.EmploymentEnded, Start: found.EmploymentStart, End: found.EmploymentEnd},
	}, err
}

// lockLeaver locks what an ending decides about, in the order in which a sync does: the
// person, then the profile. The ending itself is locked after both.
func lockLeaver(ctx context.Context, tx pgx.Tx, connectionID, connexieID, teamMemberID string) error {
	const person = `
		select connexie_id::text from connexie.people
		 where connection_id = @connection_id and connexie_id = @connexie_id
		   for update`
	const profile = `select id::text from eitje.team_members where id = @id for update`
	_, err := column[string](ctx, tx, "lock person "+connexieID, person,
		args{"connection_id": connectionID, "connexie_id": connexieID})
	if err != nil {
		return err
	}
	_, err = column[string](ctx, tx, "lock team member "+teamMemberID, profile, args{"id": teamMemberID})
	return err
}

func abandonEndings(ctx context.Context, tx pgx.Tx, teamMemberID string, now time.Time) error {
	const query = `
		update connexie.endings
		   set stage = @closed, outcome = @abandoned, next_at = null, closed_at = @now
		 where team_member_id = @team_member_id and closed_at is null`
	_, err := execute(ctx, tx, "close older endings", query, args{
		"team_member_id": teamMemberID, "closed": domain.EndingClosed, "abandoned": domain.EndingAbandoned, "now": now,
	})
	return err
}

func insertEnding(ctx context.Context, tx pgx.Tx, opening EndingOpening, connexieID string, now time.Time) error {
	const query = `
		insert into connexie.endings (id, connection_id, team_member_id, connexie_id, workflow_id, requested_end_date,
		       end_date, reason, requested_by, stage, stage_since, opened_at)
		values (@id, @connection_id, @team_member_id, @connexie_id, @workflow_id, @end_date,
		       @end_date, @reason, @requested_by, @stage, @now, @now)`
	_, err := execute(ctx, tx, "insert the ending", query, args{
		"id": opening.ID, "connection_id": opening.ConnectionID, "team_member_id": opening.TeamMemberID,
		"connexie_id": connexieID, "workflow_id": opening.WorkflowID, "end_date": opening.EndDate,
		"reason": opening.Reason, "requested_by": opening.RequestedBy, "stage": domain.EndingOpened, "now": now,
	})
	return err
}
