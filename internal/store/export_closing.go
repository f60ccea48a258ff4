package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// ExportClosing is how an export ended.
type ExportClosing struct {
	Outcome domain.ExportOutcome
	Counts  domain.Counts
	// Problem says what went wrong, with ids and counts alone; empty otherwise.
	Problem string
}

// CloseExport ends an export; one that is closed already stays as it was closed first.
// It waits for whoever is writing for the export, and nobody writes for it afterwards.
// The venues of a cancelled export that were not begun are cancelled with it. One that is
// being sent stays as it is: whether its draft is still there, or was committed after
// all, the next export finds out. The result is the export as it stands.
func (s *Store) CloseExport(ctx context.Context, id string, closing ExportClosing, now time.Time) (Export, error) {
	var export Export
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		closed, err := writeExportClosing(ctx, tx, id, closing, now)
		if err != nil {
			return err
		}
		if closed && closing.Outcome == domain.ExportCancelled {
			if err := cancelVenues(ctx, tx, id); err != nil {
				return err
			}
		}
		export, err = findExport(ctx, tx, id)
		return err
	})
	if err != nil {
		return Export{}, fmt.Errorf("close export %s: %w", id, err)
	}
	return export, nil
}

func writeExportClosing(
	ctx context.Context, tx pgx.Tx, id string, closing ExportClosing, now time.Time,
) (closed bool, err error) {
	const query = `
		update connexie.exports
		   set stage = @stage, outcome = @outcome, counts = @counts, problem = nullif(@problem, ''), closed_at = @now
		 where id = @id and closed_at is null`
	counts := closing.Counts
	if counts == nil {
		counts = domain.Counts{}
	}
	touched, err := execute(ctx, tx, "write how the export ended", query, args{
		"id": id, "stage": exportStageClosed, "outcome": closing.Outcome, "counts": counts,
		"problem": closing.Problem, "now": now,
	})
	return touched > 0, err
}

func cancelVenues(ctx context.Context, tx pgx.Tx, id string) error {
	const query = `
		update connexie.export_venues set state = 'cancelled'
		 where export_id = @id and state = 'planned'`
	_, err := execute(ctx, tx, "cancel the venues of the export", query, args{"id": id})
	return err
}

// holdExport keeps an export from being closed until the transaction ends;
// ErrExportClosed where it has been.
func holdExport(ctx context.Context, tx pgx.Tx, id string) (Export, error) {
	export, err := exportBy(ctx, tx, "hold export "+id, `where id = @id for share`, args{"id": id})
	if err == nil && export.Closed() {
		err = ErrExportClosed
	}
	return export, err
}

// Draft is an import that may have been left open in Connexie.
type Draft struct {
	ExportID        string
	ConnexieVenueID string
	// ImportID is empty where the export ended before it could note the draft's id;
	// the Idempotency-Key of the attempt still opens it.
	ImportID string
	Attempt  int
}

// StrayDrafts lists the venues that exports which ended left in sending: whether their
// drafts are still there, or were committed after all, Connexie alone knows. SettleDraft
// notes what became of each.
func (s *Store) StrayDrafts(ctx context.Context, connectionID string) ([]Draft, error) {
	const query = `
		select v.export_id, v.connexie_venue_id, coalesce(v.connexie_import_id, '') as import_id, v.attempt
		  from connexie.exports x
		  join connexie.export_venues v on v.export_id = x.id
		 where x.connection_id = @connection_id and x.closed_at is not null and v.state = 'sending'
		 order by x.started_at, v.export_id, v.connexie_venue_id`
	return collect[Draft](ctx, s.pool, "list the stray drafts of connection "+connectionID, query,
		args{"connection_id": connectionID})
}

// SettleDraft notes what became of a stray draft: it was discarded, or it had been
// committed, and then Connexie holds it like any other (X8, X10). Its entries stay
// unmarked, since nobody compared what was read back (X11). Settling again changes
// nothing. Of an export that is open the answer is ErrVenueMovedOn.
func (s *Store) SettleDraft(
	ctx context.Context, exportID, connexieVenueID, importID string, committed bool, now time.Time,
) error {
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		export, err := holdExport(ctx, tx, exportID)
		switch {
		case err == nil:
			return ErrVenueMovedOn
		case !errors.Is(err, ErrExportClosed):
			return err
		}
		venue, err := lockVenue(ctx, tx, exportID, connexieVenueID)
		if err != nil || venue.State != domain.VenueSending {
			return err
		}
		if committed {
			return commitVenue(ctx, tx, export, venue, importID, now)
		}
		return endVenue(ctx, tx, venue, domain.VenueFailed, "Its export ended before it was committed.")
	})
	if err != nil {
		return fmt.Errorf("settle the draft of venue %s of export %s: %w", connexieVenueID, exportID, err)
	}
	return nil
}
