package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// PlanOwner is the run that plans belong to.
type PlanOwner struct {
	RunID        string
	ConnectionID string
	// Fence is that of the attempt that writes; zero for a preview or one person.
	Fence int64
	// Explain keeps the steps of the decision with each item (S20).
	Explain bool
}

// ClearPlans forgets what the run had planned and not applied, so that it can plan
// anew.
func (s *Store) ClearPlans(ctx context.Context, owner PlanOwner) error {
	const query = `delete from connexie.sync_items where run_id = @run_id and state = 'planned'`
	return s.withTx(ctx, func(tx pgx.Tx) error {
		if err := checkFence(ctx, tx, owner.ConnectionID, owner.Fence); err != nil {
			return err
		}
		_, err := execute(ctx, tx, "clear the plans of run "+owner.RunID, query, args{"run_id": owner.RunID})
		return err
	})
}

// SavePlans keeps what the run would do, one item a person. Saving again overwrites. Of
// somebody who has been erased since the plan was made nothing is kept (N5).
func (s *Store) SavePlans(ctx context.Context, owner PlanOwner, plans []domain.Plan) error {
	return s.withTx(ctx, func(tx pgx.Tx) error {
		if err := joinReadings(ctx, tx, owner.ConnectionID); err != nil {
			return err
		}
		if err := checkFence(ctx, tx, owner.ConnectionID, owner.Fence); err != nil {
			return err
		}
		return writeItems(ctx, tx, owner, plans, itemPlanned)
	})
}

type itemState string

const (
	itemPlanned itemState = "planned"
	itemApplied itemState = "applied"
)

func writeItems(ctx context.Context, tx pgx.Tx, owner PlanOwner, plans []domain.Plan, state itemState) error {
	const query = `
		insert into connexie.sync_items (
			   run_id, connexie_id, team_member_id, situation, action, reactivates, reason, rule, changes, steps, state)
		select @run_id, i.connexie_id, i.team_member_id, i.situation, i.action, i.reactivates, i.reason, i.rule,
			   i.changes, i.steps, @state
		  from jsonb_to_recordset(@items) as i(
			   connexie_id text, team_member_id uuid, situation text, action text, reactivates boolean, reason text,
			   rule text, changes jsonb, steps jsonb)
		 where exists (select from connexie.people
		                where connection_id = @connection_id and people.connexie_id = i.connexie_id offset 0)
		on conflict (run_id, connexie_id) do update
		   set team_member_id = excluded.team_member_id, situation = excluded.situation, action = excluded.action,
			   reactivates = excluded.reactivates, reason = excluded.reason, rule = excluded.rule,
			   changes = excluded.changes, steps = excluded.steps, state = excluded.state, problem = null`
	items, err := json.Marshal(itemRows(plans, owner.Explain))
	if err != nil {
		return fmt.Errorf("encode the plans of run %s: %w", owner.RunID, err)
	}
	_, err = execute(ctx, tx, "save the plans of run "+owner.RunID, query,
		args{"run_id": owner.RunID, "connection_id": owner.ConnectionID, "items": string(items), "state": state})
	return err
}

type itemRow struct {
	ConnexieID   string           `json:"connexie_id"`
	TeamMemberID *string          `json:"team_member_id"`
	Situation    domain.Situation `json:"situation"`
	Action       domain.Action    `json:"action"`
	Reactivates  bool             `json:"reactivates"`
	Reason       domain.Reason    `json:"reason"`
	Rule         string           `json:"rule"`
	Changes      []domain.Change  `json:"changes"`
	Steps        []domain.Step    `json:"steps"`
}

func itemRows(plans []domain.Plan, explain bool) []itemRow {
	rows := make([]itemRow, 0, len(plans))
	for _, plan := range plans {
		row := itemRow{
			ConnexieID: plan.ConnexieID, Situation: plan.Situation, Action: plan.Action, Reactivates: plan.Reactivates,
			Reason: plan.Reason, Rule: plan.Rule, Changes: plan.Changes, Steps: []domain.Step{},
		}
		if plan.Profile != nil {
			row.TeamMemberID = orNull(plan.Profile.ID)
		}
		if row.Changes == nil {
			row.Changes = []domain.Change{}
		}
		if explain {
			row.Steps = plan.Steps
		}
		rows = append(rows, row)
	}
	return rows
}

// PlannedItems lists the people whose plan waits to be applied, in the order of
// their ids, from after a given one.
func (s *Store) PlannedItems(ctx context.Context, runID, after string, limit int) ([]string, error) {
	const query = `
		select connexie_id
		  from connexie.sync_items
		 where run_id = @run_id and state = 'planned' and connexie_id > @after
		 order by connexie_id
		 limit @limit`
	return column[string](ctx, s.pool, "list the plans of run "+runID, query,
		args{"run_id": runID, "after": after, "limit": limit})
}

// CountRun counts where everyone of the connection stands, as the run left them or
// would leave them, and what it did or would do. The words are those of
// domain.Counts.
func (s *Store) CountRun(ctx context.Context, runID string) (domain.Counts, error) {
	var counts domain.Counts
	err := s.withTx(ctx, func(tx pgx.Tx) (err error) {
		if err := joinWholeSets(ctx, tx); err != nil {
			return err
		}
		counts, err = value[domain.Counts](ctx, tx, "count run "+runID, countRun, args{"run_id": runID})
		return err
	})
	return counts, err
}

const countRun = `
	with run as (select * from connexie.sync_runs where id = @run_id),
	items as (select * from connexie.sync_items where run_id = @run_id),
	stands as (
		select coalesce(i.situation, s.situation) as situation, coalesce(i.reason, s.reason) as reason
		  from run
		  join connexie.people p on p.connection_id = run.connection_id and p.missing_since is null
		   and (run.only_connexie_id is null or p.connexie_id = run.only_connexie_id)
		  left join items i on i.connexie_id = p.connexie_id
		  left join connexie.person_standings s
		    on s.connection_id = p.connection_id and s.connexie_id = p.connexie_id),
	counted as (
		select situation as word, count(*) as number from stands where situation is not null group by 1
		union all
		select situation || '.' || reason, count(*) from stands where reason <> '' group by 1
		union all
		select w.word, count(*)
		  from items i,
		       lateral (values ('updated', i.action = 'update'), ('reactivated', i.reactivates),
		                       ('failed', i.state = 'failed')) as w(word, counts)
		 where w.counts
		 group by 1
		union all
		select 'missing', count(*)
		  from run join connexie.people p on p.connection_id = run.connection_id
		 where p.missing_since is not null and run.only_connexie_id is null
		having count(*) > 0
		union all
		-- Those whom the list still shows and who have been erased (N5).
		select 'erased', sum(g.erased)
		  from run
		  join connexie.reading_pages g on g.reading = coalesce(run.reading, (
		       select max(number) from connexie.readings
		        where connection_id = run.connection_id and completed_at is not null))
		 where run.only_connexie_id is null
		having sum(g.erased) > 0)
	select coalesce(jsonb_object_agg(word, number), '{}') from counted`

// NoteApplied notes how many of the run's plans have been applied, or failed, and
// returns that number. A closed run stays as it is: a reset workflow finds the one
// that it closed before.
func (s *Store) NoteApplied(ctx context.Context, runID string, total int) (int, error) {
	const query = `
		with counted as (
			select count(*) as done from connexie.sync_items where run_id = @run_id and state <> 'planned'),
		noted as (
			update connexie.sync_runs set stage = 'applying', total = @total, done = counted.done
			  from counted
			 where id = @run_id and closed_at is null)
		select done from counted`
	return value[int](ctx, s.pool, "note the progress of run "+runID, query, args{"run_id": runID, "total": total})
}

// CountLinks counts the linked people of a connection.
func (s *Store) CountLinks(ctx context.Context, connectionID string) (int, error) {
	const query = `select count(*) from connexie.links where connection_id = @connection_id`
	return value[int](ctx, s.pool, "count the links of connection "+connectionID, query,
		args{"connection_id": connectionID})
}
