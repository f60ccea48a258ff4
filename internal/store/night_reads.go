package store

import (
	"context"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

// What a night counts besides the outcomes of its runs.
const (
	// NightRunning counts connections that were started and have not ended.
	NightRunning = "running"
	// NightNotStarted counts connections whose turn has not come.
	NightNotStarted = "not_started"
	// NightStartFailed counts connections that could not be started.
	NightStartFailed = "start_failed"
	// NightUnreachable counts, beside the runs that ended so, connections in quarantine
	// of which Connexie did not answer the probe (N6).
	NightUnreachable = string(domain.SyncUnreachable)
)

// NightProgress tells how far a night has come.
type NightProgress struct {
	Total int
	// Counts holds a number for each outcome of a run, "held" for runs that wait for
	// a decision, and the words above. Words that count nobody are left out.
	Counts domain.Counts
}

// Open counts the connections that are still on their way; a held run is not.
func (p NightProgress) Open() int { return p.Counts[NightRunning] + p.Counts[NightNotStarted] }

// Finished reports whether every run is closed or held.
func (p NightProgress) Finished() bool { return p.Open() == 0 }

// Outcome is what the night would come to if it ended now.
func (p NightProgress) Outcome() domain.NightOutcome {
	well := p.Counts[string(domain.SyncOK)] + p.Counts[string(domain.SyncNothing)]
	switch {
	case !p.Finished():
		return domain.NightUnfinished
	case well == p.Total:
		return domain.NightOK
	}
	return domain.NightProblems
}

// nightStandings tells for each connection of a night where it stands, from the run
// that answers for the night. Of a connection that was paused or removed since the
// night was opened no run will come, and the night does not wait for it (C9).
const nightStandings = `
	select n.night_id, n.connection_id, c.organisation_id, c.state, c.failed_nights, n.started_at, n.joined,
	       coalesce(n.problem, '') as start_problem, r.id as run_id, coalesce(r.problem, '') as run_problem,
	       coalesce(r.counts, '{}') as counts,
	       case when r.stage = 'held' then 'held'
	            when r.closed_at is not null then r.outcome
	            when r.id is null and c.state in ('inactive', 'paused', 'removed') then 'start_failed'
	            when r.id is not null or n.started_at is not null then 'running'
	            when n.problem is not null and c.state = 'needs_token' then 'refused'
	            when n.problem = 'unreachable' then 'unreachable'
	            when n.problem is not null then 'start_failed'
	            else 'not_started' end as standing
	  from connexie.night_connections n
	  join connexie.nights on nights.id = n.night_id
	  join connexie.connections c on c.id = n.connection_id
	  left join connexie.sync_runs r on r.connection_id = n.connection_id and r.night = nights.night`

// NightProgress counts where the connections of a night stand; ErrNotFound where
// there is no such night.
func (s *Store) NightProgress(ctx context.Context, nightID string) (NightProgress, error) {
	return nightProgress(ctx, s.pool, nightID)
}

func nightProgress(ctx context.Context, db querier, nightID string) (NightProgress, error) {
	const query = `
		with standings as (` + nightStandings + `
			 where n.night_id = @night_id),
		counted as (
			select standing, count(*) as connections from standings group by standing)
		select nights.total, coalesce((select jsonb_object_agg(standing, connections) from counted), '{}') as counts
		  from connexie.nights
		 where id = @night_id`
	return collectOne[NightProgress](ctx, db, "count night "+nightID, query, args{"night_id": nightID})
}

// NightConnection is where one connection of a night stands.
type NightConnection struct {
	ConnectionID   string
	OrganisationID string
	// State is the connection's own; one that needs a token gets its probe.
	State ConnectionState
	// FailedNights decides whether it is quarantined, and gets a probe too (N6).
	FailedNights int
	// Started tells that a run was started or joined.
	Started bool
	Joined  bool
	// Standing is the outcome of the run, "held", or one of the words that a night
	// counts.
	Standing string
	// RunID is empty while no run answers for the night.
	RunID  string
	Counts domain.Counts
	// Problem says why the connection could not be started or what went wrong.
	Problem string
}

const selectNightConnections = `
	select connection_id, organisation_id, state, failed_nights, started_at is not null as started, joined, standing,
	       coalesce(run_id::text, '') as run_id, counts,
	       coalesce(nullif(start_problem, ''), run_problem) as problem
	  from (` + nightStandings + `) standings`

// NightConnections lists the connections of a night in the order of their ids, from
// the one behind after, which is empty at first.
func (s *Store) NightConnections(
	ctx context.Context, nightID, after string, limit int,
) ([]NightConnection, error) {
	const query = selectNightConnections + `
		 where night_id = @night_id and (@after = '' or connection_id > nullif(@after, '')::uuid)
		 order by connection_id limit @limit`
	return collect[NightConnection](ctx, s.pool, "list the connections of night "+nightID, query,
		args{"night_id": nightID, "after": after, "limit": limit})
}

// NightRunning lists connections of a night whose run is on its way and not held, the
// one that was started first in front.
func (s *Store) NightRunning(ctx context.Context, nightID string, limit int) ([]NightConnection, error) {
	const query = selectNightConnections + `
		 where night_id = @night_id and standing = @running
		 order by started_at, connection_id limit @limit`
	return collect[NightConnection](ctx, s.pool, "list what night "+nightID+" waits for", query,
		args{"night_id": nightID, "running": NightRunning, "limit": limit})
}

const selectNights = `
	select id, night, workflow_id, total, counts, coalesce(outcome, '') as outcome, started_at, closed_at
	  from connexie.nights`

type nightRow struct {
	ID         string
	Night      domain.Date
	WorkflowID string
	Total      int
	Counts     domain.Counts
	Outcome    string
	StartedAt  time.Time
	ClosedAt   *time.Time
}

func (r nightRow) night() Night {
	return Night{
		ID: r.ID, Night: r.Night, WorkflowID: r.WorkflowID, Total: r.Total, Counts: r.Counts,
		Outcome: domain.NightOutcome(r.Outcome), StartedAt: r.StartedAt, ClosedAt: orZero(r.ClosedAt),
	}
}

func findNight(ctx context.Context, db querier, id string) (Night, error) {
	row, err := collectOne[nightRow](ctx, db, "get night "+id, selectNights+`
		 where id = @id`, args{"id": id})
	return row.night(), err
}

// Nights lists the nights, the latest first. An open one carries the counts as they
// are now.
func (s *Store) Nights(ctx context.Context, limit int) ([]Night, error) {
	rows, err := collect[nightRow](ctx, s.pool, "list the nights", selectNights+`
		 order by started_at desc, id desc limit @limit`, args{"limit": limit})
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
			night.Counts = progress.Counts
		}
		nights = append(nights, night)
	}
	return nights, nil
}

// NightProbes counts whom a night asks Connexie about before it starts anybody.
type NightProbes struct {
	// NeedToken counts the connections whose token was refused (C8), Quarantined those
	// that Connexie has not answered for nights (N6).
	NeedToken   int
	Quarantined int
}

// CountNightProbes counts the connections of a night that get a probe.
func (s *Store) CountNightProbes(ctx context.Context, nightID string) (NightProbes, error) {
	const query = `
		select count(*) filter (where c.state = 'needs_token') as need_token,
		       count(*) filter (where c.state = 'active' and c.failed_nights >= @nights) as quarantined
		  from connexie.night_connections n
		  join connexie.connections c on c.id = n.connection_id
		 where n.night_id = @night_id`
	return collectOne[NightProbes](ctx, s.pool, "count the probes of night "+nightID, query,
		args{"night_id": nightID, "nights": domain.NightsUntilUnreachable})
}
