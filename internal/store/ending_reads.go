package store

import (
	"context"
	"fmt"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

type endingRow struct {
	ID               string
	ConnectionID     string
	TeamMemberID     string
	ConnexieID       string
	WorkflowID       string
	RequestedEndDate domain.Date
	EndDate          domain.Date
	Reason           string
	RequestedBy      string
	Stage            string
	StageSince       time.Time
	Reminders        int
	NextAt           *time.Time
	Gone             bool
	ConfirmedBy      *string
	EndedAt          *time.Time
	Outcome          *string
	OutcomeReason    *string
	WithdrawnBy      *string
	FutureShifts     int
	Unapproved       int
	Unexported       int
	OpenedAt         time.Time
	ClosedAt         *time.Time
}

func (r endingRow) ending() Ending {
	return Ending{
		Ending: domain.Ending{
			ID: r.ID, ConnectionID: r.ConnectionID, TeamMemberID: r.TeamMemberID, ConnexieID: r.ConnexieID,
			Stage: domain.EndingStage(r.Stage), EndDate: r.EndDate, Since: r.StageSince, Reminders: r.Reminders,
			EndedAt: orZero(r.EndedAt),
		},
		WorkflowID: r.WorkflowID, RequestedEndDate: r.RequestedEndDate, Reason: r.Reason, RequestedBy: r.RequestedBy,
		NextAt: orZero(r.NextAt), Gone: r.Gone, ConfirmedBy: orEmpty(r.ConfirmedBy),
		Outcome: domain.EndingOutcome(orEmpty(r.Outcome)), OutcomeReason: domain.EndingReason(orEmpty(r.OutcomeReason)),
		WithdrawnBy: orEmpty(r.WithdrawnBy),
		Remains:     domain.EndingRemains{FutureShifts: r.FutureShifts, Unapproved: r.Unapproved, Unexported: r.Unexported},
		OpenedAt:    r.OpenedAt, ClosedAt: orZero(r.ClosedAt),
	}
}

const selectEndings = `
	select id, connection_id, team_member_id, connexie_id, workflow_id, requested_end_date, end_date, reason,
	       requested_by, stage, stage_since, reminders, next_at, gone, confirmed_by, ended_at, outcome, outcome_reason, withdrawn_by,
	       future_shifts, unapproved, unexported, opened_at, closed_at
	  from connexie.endings`

func findEnding(ctx context.Context, db querier, id string) (Ending, error) {
	row, err := collectOne[endingRow](ctx, db, "find ending "+id, selectEndings+` where id = @id`, args{"id": id})
	return row.ending(), err
}

func lockEnding(ctx context.Context, db querier, id string) (Ending, error) {
	row, err := collectOne[endingRow](ctx, db, "lock ending "+id, selectEndings+` where id = @id for update`, args{"id": id})
	return row.ending(), err
}

// Ending finds an ending by its id; ErrNotFound where there is none.
func (s *Store) Ending(ctx context.Context, id string) (Ending, error) {
	return findEnding(ctx, s.pool, id)
}

// EndingOf finds the latest ending of a team member, which alone may be open;
// ErrNotFound where there is none.
func (s *Store) EndingOf(ctx context.Context, teamMemberID string) (Ending, error) {
	row, err := collectOne[endingRow](ctx, s.pool, "find the ending of team member "+teamMemberID, selectEndings+`
		 where team_member_id = @team_member_id
		 order by closed_at is null desc, opened_at desc limit 1`, args{"team_member_id": teamMemberID})
	return row.ending(), err
}

// Endings lists the endings of a connection, those that are open first and then the
// latest.
func (s *Store) Endings(ctx context.Context, connectionID string, openOnly bool, limit int) ([]Ending, error) {
	rows, err := collect[endingRow](ctx, s.pool, "list the endings of connection "+connectionID, selectEndings+`
		 where connection_id = @connection_id and (not @open_only or closed_at is null)
		 order by closed_at is null desc, opened_at desc limit @limit`,
		args{"connection_id": connectionID, "open_only": openOnly, "limit": limit})
	endings := make([]Ending, 0, len(rows))
	for _, row := range rows {
		endings = append(endings, row.ending())
	}
	return endings, err
}

// EndingsToTell lists the team members whose open ending must hear of a run that has
// closed: what Connexie said of the person is no longer what was last seen, a last day
// has passed, or the ending watches for a sync (E3, E5, E6). onlyConnexieID is the one
// person of a one-person run. It asks one index, and nothing else while no ending is
// open.
func (s *Store) EndingsToTell(
	ctx context.Context, connectionID, onlyConnexieID string, today domain.Date,
) ([]string, error) {
	const query = `
		select e.team_member_id::text
		  from connexie.endings e
		  left join connexie.people p on p.connection_id = e.connection_id and p.connexie_id = e.connexie_id
		  left join eitje.team_members t on t.id = e.team_member_id
		 where e.connection_id = @connection_id and e.closed_at is null
		   and (@only = '' or e.connexie_id = @only)
		   and (e.stage = 'watching' and (@only = '' or t.active)
		        or e.stage = 'waiting_for_date' and e.end_date < @today
		        or (p.employment_ended, p.employment_end) is distinct from (e.seen_ended, e.seen_end)
		        or (p.missing_since is not null) <> e.seen_missing)
		 order by e.id`
	return column[string](ctx, s.pool, "find the endings of connection "+connectionID+" to tell", query,
		args{"connection_id": connectionID, "only": onlyConnexieID, "today": today})
}

// EndingNote is what somebody wrote about an ending in words of their own; it never
// enters a workflow.
type EndingNote struct {
	At   time.Time
	By   string
	Note string
}

// NoteEnding keeps a note with an ending, which need not have been opened yet. The same
// note of the same person is kept once.
func (s *Store) NoteEnding(ctx context.Context, endingID string, note EndingNote) error {
	const query = `
		insert into connexie.ending_notes (ending_id, written_at, by, note)
		select @ending_id, @at, @by, @note
		 where not exists (select from connexie.ending_notes
		                    where ending_id = @ending_id and by = @by and note = @note)
		on conflict do nothing`
	_, err := execute(ctx, s.pool, "note something about ending "+endingID, query,
		args{"ending_id": endingID, "at": note.At, "by": note.By, "note": note.Note})
	return err
}

// EndingNotes lists the notes of an ending, the first one first.
func (s *Store) EndingNotes(ctx context.Context, endingID string) ([]EndingNote, error) {
	const query = `
		select written_at as at, by, note from connexie.ending_notes where ending_id = @ending_id order by written_at, by`
	return collect[EndingNote](ctx, s.pool, "read the notes of ending "+endingID, query, args{"ending_id": endingID})
}

// Leaver is a team member, as far as an ending needs to know before it is started.
type Leaver struct {
	OrganisationID string
	// ConnectionID is that of the organisation; empty where it has none.
	ConnectionID string
	// ConnexieID is the person in Connexie; empty where there is no link.
	ConnexieID string
	Name       string
	Active     bool
	// EmploymentEnd is what Connexie said last; zero where open or not known.
	EmploymentEnd domain.Date
}

// Leaver finds a team member; ErrNotFound where there is none.
func (s *Store) Leaver(ctx context.Context, teamMemberID string) (Leaver, error) {
	const query = `
		select t.organisation_id, coalesce(c.id::text, '') as connection_id, coalesce(l.connexie_id, '') as connexie_id,
			   ` + fullName + ` as name, t.active, p.employment_end
		  from eitje.team_members t
		  left join connexie.connections c on c.organisation_id = t.organisation_id
		  left join connexie.links l on l.team_member_id = t.id and l.connection_id = c.id
		  left join connexie.people p on p.connection_id = c.id and p.connexie_id = l.connexie_id
		 where t.id = @id`
	found, err := collectOne[Leaver](ctx, s.pool, "find team member "+teamMemberID, query, args{"id": teamMemberID})
	if malformed(err) {
		err = fmt.Errorf("find team member %s: %w", teamMemberID, ErrNotFound)
	}
	return found, err
}
