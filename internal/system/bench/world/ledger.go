package world

import (
	"context"
	"fmt"
	"slices"

	"github.com/govalues/decimal"
	"github.com/jackc/pgx/v5"
)

// Ledger is what Connexie holds after the worker's exports, and FloorLedger after the
// floor's, one text a line, in an order that does not depend on who sent it.
func (w *World) Ledger() ([]string, error) { return w.ledger(w.Big.AccountID) }

// FloorLedger see Ledger.
func (w *World) FloorLedger() ([]string, error) { return w.ledger(w.Big.AccountID + floorSuffix) }

func (w *World) ledger(accountID string) ([]string, error) {
	held, err := w.sandbox.Ledger(accountID, "", "", "")
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, line := range held {
		quantity, err := decimal.Parse(line.Quantity)
		if err != nil {
			return nil, fmt.Errorf("line %s of the ledger: %w", line.Reference, err)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s %s %s %s", line.VenueID, line.EmployeeID, line.ContractID, line.Date,
			line.Code, quantity.Trim(0), line.Reference))
	}
	slices.Sort(lines)
	return lines, nil
}

// Marks are the entries that are marked as exported, by venue and day; selecting
// selects entry_id, connexie_venue_id and day.
func (d *Database) Marks(ctx context.Context, selecting string) ([]string, error) {
	query := `
		select m.entry_id || ' ' || m.connexie_venue_id || ' ' || m.day
		  from (` + selecting + `) m
		  join eitje.entries e on e.id = m.entry_id
		 where e.organisation_id = $1
		 order by 1`
	found, err := d.Pool.Query(ctx, query, d.world.Big.ID)
	if err != nil {
		return nil, fmt.Errorf("read what is marked: %w", err)
	}
	return pgx.CollectRows(found, pgx.RowTo[string])
}
