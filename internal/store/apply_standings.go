package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

type standingWrite struct {
	ConnexieID string           `json:"connexie_id"`
	Situation  domain.Situation `json:"situation"`
	Reason     domain.Reason    `json:"reason"`
	Rule       string           `json:"rule"`
	Candidates []string         `json:"candidates"`
}

// writeStandings keeps where people stand whose standing changed, and the
// candidates of disputes (S6).
func writeStandings(ctx context.Context, tx pgx.Tx, batch Batch, plans []domain.Plan, now time.Time) error {
	const standings = `
		insert into connexie.person_standings as kept (connection_id, connexie_id, situation, reason, rule, since)
		select @connection_id, r.connexie_id, r.situation, r.reason, r.rule, @now
		  from jsonb_to_recordset(@rows) as r(connexie_id text, situation text, reason text, rule text)
		on conflict (connection_id, connexie_id) do update
		   set situation = excluded.situation, reason = excluded.reason, rule = excluded.rule, since = excluded.since
		 where (kept.situation, kept.reason, kept.rule)
		       is distinct from (excluded.situation, excluded.reason, excluded.rule)`
	const forget = `
		delete from connexie.dispute_candidates d
		 using jsonb_to_recordset(@rows) as r(connexie_id text, candidates uuid[])
		 where d.connection_id = @connection_id and d.connexie_id = r.connexie_id
		   and d.team_member_id <> all(r.candidates)`
	const remember = `
		insert into connexie.dispute_candidates (connection_id, connexie_id, team_member_id)
		select @connection_id, r.connexie_id, unnest(r.candidates)
		  from jsonb_to_recordset(@rows) as r(connexie_id text, candidates uuid[])
		on conflict do nothing`
	rows, some, err := rowsAsJSON(plans, standingRows)
	if err != nil || !some {
		return err
	}
	named := args{"connection_id": batch.Run.ConnectionID, "rows": rows}
	withTime := args{"connection_id": batch.Run.ConnectionID, "rows": rows, "now": now}
	if _, err := execute(ctx, tx, "write standings", standings, withTime); err != nil {
		return err
	}
	if _, err := execute(ctx, tx, "forget candidates", forget, named); err != nil {
		return err
	}
	_, err = execute(ctx, tx, "remember candidates", remember, named)
	return err
}

func standingRows(plan domain.Plan) []standingWrite {
	if !plan.StandingChanged {
		return nil
	}
	row := standingWrite{
		ConnexieID: plan.ConnexieID, Situation: plan.Standing.Situation, Reason: plan.Standing.Reason,
		Rule: plan.Standing.Rule, Candidates: plan.Candidates,
	}
	if row.Candidates == nil {
		row.Candidates = []string{}
	}
	return []standingWrite{row}
}

// writePlanNotices opens and closes the notifications of the people (N1).
func writePlanNotices(ctx context.Context, tx pgx.Tx, batch Batch, plans []domain.Plan, now time.Time) error {
	var (
		open, events []domain.Notice
		closing      []NoticeKey
	)
	for _, plan := range plans {
		open = append(open, plan.Open...)
		events = append(events, plan.Events...)
		for _, cause := range plan.Close {
			closing = append(closing, NoticeKey{Cause: cause, Subject: plan.ConnexieID})
		}
	}
	if _, err := openNotices(ctx, tx, batch.Run.ConnectionID, open, now); err != nil {
		return err
	}
	if _, err := refreshNotices(ctx, tx, batch.Run.ConnectionID, events, now); err != nil {
		return err
	}
	_, err := closeNotices(ctx, tx, batch.Run.ConnectionID, closing, now)
	return err
}
