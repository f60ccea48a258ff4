package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// ActKind is what changed something outside of a sync, as the audit keeps it (S10).
type ActKind string

// The kinds of acts.
const (
	ActEnding     ActKind = "ending"
	ActRepair     ActKind = "repair"
	ActUndo       ActKind = "undo"
	ActDispute    ActKind = "dispute"
	ActHold       ActKind = "hold"
	ActErasure    ActKind = "erasure"
	ActConnection ActKind = "connection"
)

// Act is something that somebody did about one connection, and what its audit lines
// say of where they come from (S10).
type Act struct {
	Kind ActKind
	// ID is that of the ending, repair, hold and so on.
	ID           string
	ConnectionID string
	// ConnexieID is the person whom it concerns; empty where it concerns none.
	ConnexieID string
	// By is the id of a person or program, never a name.
	By string
}

// writeActChanges leaves the audit lines of an act (S10), in the transaction of what
// they tell of. Nothing is written where nothing changed.
func writeActChanges(ctx context.Context, tx pgx.Tx, act Act, changes []domain.Change, now time.Time) error {
	const query = `
		insert into connexie.changes (
			   id, act, act_id, connection_id, connexie_id, object, object_id, field, before, after, at, by)
		select r.id, @act, @act_id, @connection_id, @connexie_id, r.object, coalesce(r.object_id, ''), r.field,
			   r.before, r.after, @now, @by
		  from jsonb_to_recordset(@rows) as r(
			   id uuid, object text, object_id text, field text, before text, after text)`
	if len(changes) == 0 {
		return nil
	}
	rows := make([]changeWrite, 0, len(changes))
	for _, change := range changes {
		rows = append(rows, changeWrite{ID: newID(), Change: change})
	}
	encoded, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	_, err = execute(ctx, tx, "write the audit of "+string(act.Kind)+" "+act.ID, query, args{
		"act": string(act.Kind), "act_id": act.ID, "connection_id": act.ConnectionID, "connexie_id": act.ConnexieID,
		"rows": string(encoded), "now": now, "by": act.By,
	})
	return err
}
