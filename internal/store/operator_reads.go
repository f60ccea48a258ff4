package store

import (
	"context"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

// WorkflowRuns lists the latest runs of a connection that a workflow id made, the
// latest first.
func (s *Store) WorkflowRuns(ctx context.Context, connectionID, workflowID string, limit int) ([]Run, error) {
	rows, err := collect[runRow](ctx, s.pool, "list the runs of workflow "+workflowID, selectRuns+`
		 where connection_id = @connection_id and workflow_id = @workflow_id
		 order by started_at desc, id desc limit @limit`,
		args{"connection_id": connectionID, "workflow_id": workflowID, "limit": limit})
	if err != nil {
		return nil, err
	}
	runs := make([]Run, 0, len(rows))
	for _, row := range rows {
		runs = append(runs, row.run())
	}
	return runs, nil
}

// ConnectionSummary is one line about a connection.
type ConnectionSummary struct {
	ConnectionID     string
	OrganisationID   string
	OrganisationName string
	State            ConnectionState
	// People counts everyone in Connexie by situation.
	People domain.Counts
	// Notifications counts the open ones by severity.
	Notifications domain.Counts
	// UndecidedVenues counts the open notifications about venues, of which there is
	// one for each (C3).
	UndecidedVenues int
	// RunID, Stage and Outcome are those of the last full run; empty before.
	RunID     string
	Stage     Stage
	Outcome   domain.SyncOutcome
	StartedAt *time.Time
}

// ConnectionSummaries tells of every connection, in the order in which they were
// made.
func (s *Store) ConnectionSummaries(ctx context.Context) ([]ConnectionSummary, error) {
	const query = `
		select c.id as connection_id, c.organisation_id, o.name as organisation_name, c.state,
		       coalesce(people.counts, '{}') as people, coalesce(open.counts, '{}') as notifications,
		       coalesce(open.venues, 0) as undecided_venues,
		       coalesce(r.id::text, '') as run_id, coalesce(r.stage, '') as stage,
		       coalesce(r.outcome, '') as outcome, r.started_at
		  from connexie.connections c
		  join eitje.organisations o on o.id = c.organisation_id
		  left join lateral (
			select r.id, r.stage, r.outcome, r.started_at
			  from connexie.sync_runs r
			 where r.connection_id = c.id and r.mode = 'apply' and r.only_connexie_id is null
			 order by r.started_at desc, r.id desc limit 1) r on true
		  left join (
			select connection_id, jsonb_object_agg(situation, number) as counts
			  from (select connection_id, situation, count(*) as number
			          from connexie.people_status group by 1, 2) as counted
			 group by 1) people on people.connection_id = c.id
		  left join (
			select connection_id, jsonb_object_agg(severity, number) as counts, sum(venues)::int as venues
			  from (select connection_id, severity, count(*) as number,
			               count(*) filter (where cause = 'venue_undecided') as venues
			          from connexie.notifications where closed_at is null group by 1, 2) as counted
			 group by 1) open on open.connection_id = c.id
		 order by c.created_at, c.id`
	return collect[ConnectionSummary](ctx, s.pool, "summarise the connections", query, args{})
}

// OrganisationName is the name of a connection's organisation; ErrNotFound where
// there is no such connection.
func (s *Store) OrganisationName(ctx context.Context, connectionID string) (string, error) {
	const query = `
		select o.name from connexie.connections c join eitje.organisations o on o.id = c.organisation_id
		 where c.id = @connection_id`
	return value[string](ctx, s.pool, "name the organisation of connection "+connectionID, query,
		args{"connection_id": connectionID})
}

// NightsOn lists the nights of one date, the latest first; there are several where
// one was started again by hand.
func (s *Store) NightsOn(ctx context.Context, date domain.Date) ([]Night, error) {
	return s.nightsWhere(ctx, "list the nights of "+date.String(), `
		 where night = @night
		 order by started_at desc, id desc`, args{"night": date})
}

// WorkflowNight is the night that a workflow opened; ErrNotFound before it did.
func (s *Store) WorkflowNight(ctx context.Context, workflowID string) (Night, error) {
	operation := "get the night of workflow " + workflowID
	nights, err := s.nightsWhere(ctx, operation, `
		 where workflow_id = @workflow_id
		 order by started_at desc, id desc limit 1`, args{"workflow_id": workflowID})
	if err == nil && len(nights) == 0 {
		return Night{}, failed(operation, ErrNotFound)
	}
	if err != nil {
		return Night{}, err
	}
	return nights[0], nil
}

// nightsWhere reads nights; an open one carries the counts as they are now.
func (s *Store) nightsWhere(ctx context.Context, operation, where string, named args) ([]Night, error) {
	rows, err := collect[nightRow](ctx, s.pool, operation, selectNights+where, named)
	if err != nil {
		return nil, err
	}
	nights := make([]Night, 0, len(rows))
	for _, row := range rows {
		night := row.night()
		if night.Outcome == "" {
			progress, err := s.NightProgress(ctx, night.ID)
			if err != nil {
				return nil, err
			}
			night.Total, night.Counts = progress.Total, progress.Counts
		}
		nights = append(nights, night)
	}
	return nights, nil
}
