package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// MarkVenue shows the entries of a venue's import as Exported, takes the marker from
// those of the venue and period that are no longer sent, and ends the venue as exported
// (X11), all at once. One line is enough for an entry's marker. Marking again changes
// nothing.
//
// The errors are ErrReadBackDiffers unless Connexie read back what was sent,
// ErrVenueMovedOn where the import is not committed, and ErrExportClosed where the
// export has ended.
func (s *Store) MarkVenue(ctx context.Context, exportID, connexieVenueID string, now time.Time) error {
	return s.inVenue(ctx, "mark the entries", exportID, connexieVenueID,
		func(tx pgx.Tx, export Export, venue ExportVenue) error {
			switch {
			case venue.State == domain.VenueExported:
				return nil
			case venue.State != domain.VenueCommitted:
				return ErrVenueMovedOn
			case !venue.ReadBackEquals():
				return ErrReadBackDiffers
			}
			return markVenue(ctx, tx, export, venue, now)
		})
}

func markVenue(ctx context.Context, tx pgx.Tx, export Export, venue ExportVenue, now time.Time) error {
	if err := unmarkEntries(ctx, tx, export, venue); err != nil {
		return err
	}
	if err := markEntries(ctx, tx, export, venue, now); err != nil {
		return err
	}
	return updateVenue(ctx, tx, venue, `state = @state, exported_at = @now`,
		args{"state": domain.VenueExported, "now": now})
}

// unmarkEntries takes away every marker of the venue in the period: those of what
// Connexie no longer holds, and those that are set anew. Writing all of them costs less
// than finding out which are there.
func unmarkEntries(ctx context.Context, tx pgx.Tx, export Export, venue ExportVenue) error {
	const query = `
		delete from connexie.exported_entries
		 where connection_id = @connection_id and connexie_venue_id = @connexie_venue_id
		   and day between @from::date and @to::date`
	_, err := execute(ctx, tx, "take markers away", query, args{
		"connection_id": export.ConnectionID, "connexie_venue_id": venue.ConnexieVenueID,
		"from": export.Period.From, "to": export.Period.To,
	})
	return err
}

// markEntries takes hash and version from the lines, so that an entry that was edited
// since the snapshot shows as changed (X12). The venue is taken from there as well: the
// domain of a parameter is checked once a row, that of a column never.
func markEntries(ctx context.Context, tx pgx.Tx, export Export, venue ExportVenue, now time.Time) error {
	const query = `
		insert into connexie.exported_entries (entry_id, connexie_venue_id, day, connection_id, export_id, exported_at,
		       team_member_id, minutes, entry_version, covers, content_hash)
		select distinct on (entry_id, day) entry_id, connexie_venue_id, day, @connection_id, export_id, @now,
		       team_member_id, minutes, entry_version,
		       case when kind = 'hours' then @with_hours::text[] else @without_hours::text[] end, content_hash
		  from connexie.export_lines
		 where export_id = @export_id and line between @first_line::int and @last_line::int
		 order by entry_id, day, kind = 'hours' desc`
	extras := []domain.ExportKind{}
	for _, kind := range export.Kinds {
		if kind != domain.ExportHours {
			extras = append(extras, kind)
		}
	}
	_, err := execute(ctx, tx, "set markers", query, args{
		"connection_id": export.ConnectionID, "export_id": export.ID, "now": now,
		"with_hours": append([]domain.ExportKind{domain.ExportHours}, extras...), "without_hours": extras,
		"first_line": venue.FirstLine, "last_line": venue.FirstLine + venue.Lines - 1,
	})
	return err
}
