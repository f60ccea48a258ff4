package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// HoldOn asks for a hold: the person is exempt from the sync until a day (S21).
type HoldOn struct {
	ConnectionID string
	ConnexieID   string
	// Until is the last day, included; Today is the Amsterdam day on which it is asked.
	Until, Today domain.Date
	// Reason is free text, which is kept here and nowhere else (N4).
	Reason string
	// By is the id of a person or program, never a name.
	By string
}

// Hold is a hold that was set.
type Hold struct {
	ID         string
	ConnexieID string
	Until      domain.Date
	Reason     string
	By         string
	CreatedAt  time.Time
	LiftedAt   time.Time
	LiftedBy   string
}

// InForce reports whether the hold exempts the person on a day (S21).
func (h Hold) InForce(day domain.Date) bool { return h.LiftedAt.IsZero() && !h.Until.Before(day) }

// SetHold exempts a person from the sync until a day, or moves the last day of the hold
// that is in force, and leaves an audit line (S21, S10). The person shows as on hold at
// once. Setting the same again changes nothing; changed is false then. Errors:
// ErrNotFound, where the person is unknown.
func (s *Store) SetHold(ctx context.Context, wanted HoldOn, now time.Time) (hold Hold, changed bool, err error) {
	err = s.withTx(ctx, func(tx pgx.Tx) (err error) {
		hold, changed, err = setHold(ctx, tx, wanted, now)
		return err
	})
	if err != nil {
		return Hold{}, false, fmt.Errorf("hold person %s of connection %s: %w", wanted.ConnexieID, wanted.ConnectionID, err)
	}
	return hold, changed, nil
}

func setHold(ctx context.Context, tx pgx.Tx, wanted HoldOn, now time.Time) (Hold, bool, error) {
	if err := lookUpRows(ctx, tx); err != nil {
		return Hold{}, false, err
	}
	if err := lockPerson(ctx, tx, wanted.ConnectionID, wanted.ConnexieID); err != nil {
		return Hold{}, false, err
	}
	before, err := latestHold(ctx, tx, wanted.ConnectionID, wanted.ConnexieID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Hold{}, false, err
	}
	change := domain.Change{Object: domain.ObjectHold, Field: "until", After: wanted.Until.String()}
	var hold Hold
	if err == nil && before.InForce(wanted.Today) {
		if before.Until == wanted.Until && (wanted.Reason == "" || wanted.Reason == before.Reason) {
			return before, false, nil
		}
		change.Before = before.Until.String()
		hold, err = moveHold(ctx, tx, before, wanted)
	} else {
		hold, err = insertHold(ctx, tx, wanted, now)
	}
	if err != nil {
		return Hold{}, false, err
	}
	if err := showOnHold(ctx, tx, wanted, now); err != nil {
		return Hold{}, false, err
	}
	return hold, true, writeHoldChange(ctx, tx, wanted.ConnectionID, hold, change, wanted.By, now)
}

// writeHoldChange leaves the audit line of a hold, where its last day is another one.
func writeHoldChange(
	ctx context.Context, tx pgx.Tx, connectionID string, hold Hold, change domain.Change, by string, now time.Time,
) error {
	if change.Before == change.After {
		return nil
	}
	change.ObjectID = hold.ID
	act := Act{Kind: ActHold, ID: hold.ID, ConnectionID: connectionID, ConnexieID: hold.ConnexieID, By: by}
	return writeActChanges(ctx, tx, act, []domain.Change{change}, now)
}

// lockPerson locks a person of the mirror, also one who is missing from Connexie;
// ErrNotFound where there is none.
func lockPerson(ctx context.Context, tx pgx.Tx, connectionID, connexieID string) error {
	const query = `
		select connexie_id from connexie.people
		 where connection_id = @connection_id and connexie_id = @connexie_id for update`
	_, err := value[string](ctx, tx, "lock a person", query,
		args{"connection_id": connectionID, "connexie_id": connexieID})
	return err
}

const holdColumns = `id, connexie_id, until, reason, by, created_at, lifted_at, coalesce(lifted_by, '') as lifted_by`

type holdRow struct {
	ID         string
	ConnexieID string
	Until      domain.Date
	Reason     string
	By         string
	CreatedAt  time.Time
	LiftedAt   *time.Time
	LiftedBy   string
}

func (r holdRow) hold() Hold {
	return Hold{
		ID: r.ID, ConnexieID: r.ConnexieID, Until: r.Until, Reason: r.Reason, By: r.By, CreatedAt: r.CreatedAt,
		LiftedAt: orZero(r.LiftedAt), LiftedBy: r.LiftedBy,
	}
}

// latestHold is the hold of a person that was set last; ErrNotFound where there never
// was one.
func latestHold(ctx context.Context, q querier, connectionID, connexieID string) (Hold, error) {
	const query = `
		select ` + holdColumns + `
		  from connexie.holds
		 where connection_id = @connection_id and connexie_id = @connexie_id
		 order by created_at desc, id desc limit 1`
	row, err := collectOne[holdRow](ctx, q, "read a hold", query,
		args{"connection_id": connectionID, "connexie_id": connexieID})
	return row.hold(), err
}

func insertHold(ctx context.Context, tx pgx.Tx, wanted HoldOn, now time.Time) (Hold, error) {
	const query = `
		insert into connexie.holds (id, connection_id, connexie_id, until, reason, by, created_at)
		values (@id, @connection_id, @connexie_id, @until, @reason, @by, @now)`
	hold := Hold{
		ID: newID(), ConnexieID: wanted.ConnexieID, Until: wanted.Until, Reason: wanted.Reason, By: wanted.By, CreatedAt: now,
	}
	_, err := execute(ctx, tx, "set a hold", query, args{
		"id": hold.ID, "connection_id": wanted.ConnectionID, "connexie_id": hold.ConnexieID, "until": hold.Until,
		"reason": hold.Reason, "by": hold.By, "now": now,
	})
	return hold, err
}

// moveHold gives a hold another last day, and another reason where one is given.
func moveHold(ctx context.Context, tx pgx.Tx, hold Hold, wanted HoldOn) (Hold, error) {
	const query = `update connexie.holds set until = @until, reason = @reason where id = @id`
	hold.Until = wanted.Until
	if wanted.Reason != "" {
		hold.Reason = wanted.Reason
	}
	_, err := execute(ctx, tx, "move a hold", query, args{"id": hold.ID, "until": hold.Until, "reason": hold.Reason})
	return hold, err
}

// showOnHold lets the person stand as on hold from now on, as the next run would.
func showOnHold(ctx context.Context, tx pgx.Tx, wanted HoldOn, now time.Time) error {
	facts, err := factsOn(ctx, tx, wanted.ConnectionID, []string{wanted.ConnexieID}, wanted.Today)
	if err != nil || len(facts) == 0 { // who is missing stands as missing
		return err
	}
	batch := Batch{Run: PlanOwner{ConnectionID: wanted.ConnectionID}}
	return writeStandings(ctx, tx, batch, []domain.Plan{domain.PlanPerson(facts[0])}, now)
}

// LiftHold ends a person's hold before its last day; the next sync acts again (S21). One
// that has ended is left as it is; changed is false then. Errors: ErrNotFound, where the
// person never had one.
func (s *Store) LiftHold(
	ctx context.Context, connectionID, connexieID, by string, today domain.Date, now time.Time,
) (hold Hold, changed bool, err error) {
	const query = `update connexie.holds set lifted_at = @now, lifted_by = @by where id = @id`
	err = s.withTx(ctx, func(tx pgx.Tx) (err error) {
		if err := lockPerson(ctx, tx, connectionID, connexieID); err != nil {
			return err
		}
		if hold, err = latestHold(ctx, tx, connectionID, connexieID); err != nil || !hold.InForce(today) {
			return err
		}
		if _, err := execute(ctx, tx, "lift a hold", query, args{"id": hold.ID, "by": by, "now": now}); err != nil {
			return err
		}
		hold.LiftedAt, hold.LiftedBy, changed = now, by, true
		change := domain.Change{Object: domain.ObjectHold, Field: "until", Before: hold.Until.String()}
		return writeHoldChange(ctx, tx, connectionID, hold, change, by, now)
	})
	if err != nil {
		return Hold{}, false, fmt.Errorf("lift the hold of person %s of connection %s: %w", connexieID, connectionID, err)
	}
	return hold, changed, nil
}

// Holds lists the holds of a connection that are in force on a day, or all that ever
// were, the one that ends first in front.
func (s *Store) Holds(ctx context.Context, connectionID string, today domain.Date, all bool) ([]Hold, error) {
	const query = `
		select ` + holdColumns + `
		  from connexie.holds
		 where connection_id = @connection_id and (@all or lifted_at is null and until >= @today)
		 order by until, connexie_id, id`
	rows, err := collect[holdRow](ctx, s.pool, "list the holds of connection "+connectionID, query,
		args{"connection_id": connectionID, "today": today, "all": all})
	holds := make([]Hold, 0, len(rows))
	for _, row := range rows {
		holds = append(holds, row.hold())
	}
	return holds, err
}
