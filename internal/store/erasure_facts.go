package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// subject is the person whom an erasure is about, on both sides.
type subject struct {
	ConnexieID   string
	TeamMemberID string
	// Linked tells that the two are linked.
	Linked bool
	// Known tells that one side holds something of the person.
	Known bool
}

func findSubject(ctx context.Context, tx pgx.Tx, request ErasureRequest) (subject, error) {
	if request.TeamMemberID != "" {
		return subjectOfProfile(ctx, tx, request)
	}
	const query = `
		select @connexie_id::text as connexie_id, coalesce(l.team_member_id::text, '') as team_member_id,
		       l.team_member_id is not null as linked,
		       l.team_member_id is not null or p.connexie_id is not null as known
		  from (select @connection_id::uuid as connection_id, @connexie_id::text as connexie_id) asked
		  left join connexie.links l on l.connection_id = asked.connection_id and l.connexie_id = asked.connexie_id
		  left join connexie.people p on p.connection_id = asked.connection_id and p.connexie_id = asked.connexie_id`
	return collectOne[subject](ctx, tx, "find person "+request.ConnexieID, query,
		args{"connection_id": request.ConnectionID, "connexie_id": request.ConnexieID})
}

func subjectOfProfile(ctx context.Context, tx pgx.Tx, request ErasureRequest) (subject, error) {
	const query = `
		select coalesce(l.connexie_id, '') as connexie_id, t.id::text as team_member_id,
		       l.connexie_id is not null as linked, true as known
		  from connexie.connections c
		  join eitje.team_members t on t.organisation_id = c.organisation_id and t.id = @team_member_id
		  left join connexie.links l on l.connection_id = c.id and l.team_member_id = t.id
		 where c.id = @connection_id`
	found, err := collectOne[subject](ctx, tx, "find team member "+request.TeamMemberID, query,
		args{"connection_id": request.ConnectionID, "team_member_id": request.TeamMemberID})
	if malformed(err) {
		err = fmt.Errorf("find team member %s: %w", request.TeamMemberID, ErrNotFound)
	}
	return found, err
}

// judge gathers what the rules look at and lets them speak.
func (e *erasing) judge(ctx context.Context, tx pgx.Tx) error {
	facts := domain.ErasureFacts{Day: e.request.Day, Linked: e.subject.Linked}
	for _, gather := range []func(context.Context, pgx.Tx, *domain.ErasureFacts) error{
		e.employment, e.profile, e.underWay, e.unexported,
	} {
		if err := gather(ctx, tx, &facts); err != nil {
			return err
		}
	}
	e.report.Obstacles = domain.ErasureObstacles(facts)
	e.report.Unexported, e.report.First, e.report.Last = facts.Unexported, facts.First, facts.Last
	return nil
}

// employment is what the mirror holds. Of somebody missing from Connexie it is what was
// said last; such a person works there no more, or nobody could ever be erased.
func (e *erasing) employment(ctx context.Context, tx pgx.Tx, facts *domain.ErasureFacts) error {
	const query = `
		select employment_ended as ended, employment_start as start, employment_end as end
		  from connexie.people
		 where connection_id = @connection_id and connexie_id = @connexie_id and missing_since is null`
	found, err := collectOne[domain.Employment](ctx, tx, "read the employment", query,
		args{"connection_id": e.request.ConnectionID, "connexie_id": e.subject.ConnexieID})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	facts.Employment = &found
	return err
}

func (e *erasing) profile(ctx context.Context, tx pgx.Tx, facts *domain.ErasureFacts) error {
	if e.subject.TeamMemberID == "" {
		return nil
	}
	active, err := value[bool](ctx, tx, "read the profile", `
		select active and archived_at is null from eitje.team_members where id = @id`, args{"id": e.subject.TeamMemberID})
	facts.Active = active
	return err
}

// underWay asks what is done about the connection or the person at this moment. The
// connection is locked, so that no export is opened meanwhile.
func (e *erasing) underWay(ctx context.Context, tx pgx.Tx, facts *domain.ErasureFacts) error {
	const query = `
		select exists (select from connexie.exports
		                where connection_id = @connection_id and mode = 'apply' and closed_at is null) as export,
		       exists (select from connexie.endings
		                where team_member_id = nullif(@team_member_id, '')::uuid and closed_at is null) as ending`
	type row struct{ Export, Ending bool }
	open, err := collectOne[row](ctx, tx, "ask what is under way", query,
		args{"connection_id": e.request.ConnectionID, "team_member_id": e.subject.TeamMemberID})
	facts.ExportOpen, facts.EndingOpen = open.Export, open.Ending
	return err
}

// unexported counts the approved work that an export would still bring under the
// contracts as they are (X1, X2, X3), and what has changed since it was exported (X12).
func (e *erasing) unexported(ctx context.Context, tx pgx.Tx, facts *domain.ErasureFacts) error {
	const query = `
		select count(*)::int as unexported, min(h.day) as first, max(h.day) as last
		  from eitje.hours h
		 where h.team_member_id = @team_member_id and h.state = 'approved' and h.kind = 'worked'
		   and h.exported is distinct from 'Exported'
		   and exists (select from eitje.contracts c
		                where c.team_member_id = h.team_member_id and c.connexie_contract_id is not null
		                  and h.day between c.start_date and coalesce(c.end_date, 'infinity')
		                  and (c.type = 'flex' or c.type = 'fixed_hours'
		                       and exists (select from eitje.entry_extras x where x.entry_id = h.id)))`
	if e.subject.TeamMemberID == "" || !e.subject.Linked {
		return nil
	}
	type row struct {
		Unexported  int
		First, Last domain.Date
	}
	found, err := collectOne[row](ctx, tx, "count what was not exported", query, args{"team_member_id": e.subject.TeamMemberID})
	facts.Unexported, facts.First, facts.Last = found.Unexported, found.First, found.Last
	return err
}
