package store

import (
	"context"
	"errors"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Repair is a repair of a duplicate that was made (S22).
type Repair struct {
	ID           string
	ConnectionID string
	KeepID       string
	DropID       string
	// ConnexieID is the person whose profiles they were.
	ConnexieID string
	// LinkMoved is false where the kept profile was the linked one.
	LinkMoved bool
	// Announced tells that the duplicate had been announced, which the repair closed.
	Announced   bool
	Counts      domain.Counts
	RequestedBy string
	RepairedAt  time.Time
	// UndoID, UndoCounts, UndoneBy and UndoneAt are empty while the repair stands.
	UndoID     string
	UndoCounts domain.Counts
	UndoneBy   string
	UndoneAt   time.Time
}

type repairRow struct {
	ID           string
	ConnectionID string
	KeepID       string
	DropID       string
	ConnexieID   string
	LinkMoved    bool
	Announced    bool
	Counts       domain.Counts
	RequestedBy  string
	RepairedAt   time.Time
	UndoID       *string
	UndoCounts   domain.Counts
	UndoneBy     *string
	UndoneAt     *time.Time
}

func (r repairRow) repair() Repair {
	return Repair{
		ID: r.ID, ConnectionID: r.ConnectionID, KeepID: r.KeepID, DropID: r.DropID, ConnexieID: r.ConnexieID,
		LinkMoved: r.LinkMoved, Announced: r.Announced, Counts: r.Counts, RequestedBy: r.RequestedBy, RepairedAt: r.RepairedAt,
		UndoID: orEmpty(r.UndoID), UndoCounts: r.UndoCounts, UndoneBy: orEmpty(r.UndoneBy), UndoneAt: orZero(r.UndoneAt),
	}
}

const selectRepairs = `
	select id, connection_id, keep_id, drop_id, connexie_id, link_moved, announced, counts, requested_by, repaired_at,
	       undo_id, undo_counts, undone_by, undone_at
	  from connexie.repairs`

// Repairs lists the repairs of a connection, the newest first.
func (s *Store) Repairs(ctx context.Context, connectionID string, limit int) ([]Repair, error) {
	rows, err := collect[repairRow](ctx, s.pool, "list the repairs of connection "+connectionID, selectRepairs+`
		 where connection_id = @connection_id
		 order by repaired_at desc, id desc limit @limit`, args{"connection_id": connectionID, "limit": limit})
	repairs := make([]Repair, 0, len(rows))
	for _, row := range rows {
		repairs = append(repairs, row.repair())
	}
	return repairs, err
}

// findRepair finds the repair under the id of a request, or else one of the same two
// that stands.
func findRepair(ctx context.Context, q querier, request RepairRequest) (Repair, bool, error) {
	return oneRepair(ctx, q, `
		 where connection_id = @connection_id and (id = @id or (keep_id = @keep and drop_id = @drop and undone_at is null))
		 order by id = @id desc limit 1`,
		args{"connection_id": request.ConnectionID, "id": request.ID, "keep": request.KeepID, "drop": request.DropID})
}

// lastRepair finds the last repair of the two profiles.
func lastRepair(ctx context.Context, q querier, request RepairRequest) (Repair, bool, error) {
	return oneRepair(ctx, q, `
		 where connection_id = @connection_id and keep_id = @keep and drop_id = @drop
		 order by undo_id is not distinct from @id::uuid desc, repaired_at desc, id desc limit 1`,
		args{"connection_id": request.ConnectionID, "keep": request.KeepID, "drop": request.DropID, "id": request.ID})
}

func oneRepair(ctx context.Context, q querier, where string, named args) (Repair, bool, error) {
	row, err := collectOne[repairRow](ctx, q, "find a repair", selectRepairs+where, named)
	if errors.Is(err, ErrNotFound) {
		return Repair{}, false, nil
	}
	return row.repair(), err == nil, err
}

// answer is what a request for a repair that was made is told.
func (r Repair) answer(request RepairRequest) RepairDone {
	done := RepairDone{Outcome: domain.RepairNothing, RepairID: r.ID, Counts: domain.Counts{}}
	if r.ID == request.ID {
		done.Outcome, done.Counts = domain.RepairDone, r.Counts
	}
	return done
}

// undoAnswer is what a request to undo what was undone is told.
func (r Repair) undoAnswer(request RepairRequest) RepairDone {
	done := RepairDone{Outcome: domain.RepairNothing, RepairID: r.ID, Counts: domain.Counts{}}
	if r.UndoID == request.ID {
		done.Outcome, done.Counts = domain.RepairUndone, r.UndoCounts
	}
	return done
}

// linkBy is the person whose link the repair moved; empty where it moved none.
func (r Repair) linkBy() string {
	if r.LinkMoved {
		return r.ConnexieID
	}
	return ""
}
