package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/govalues/decimal"
	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// ExportVenue is the import of one Connexie venue within an export (X13).
type ExportVenue struct {
	ExportID        string
	ConnexieVenueID string
	// FirstLine and Lines are the run of the export's lines that are the venue's.
	FirstLine int
	Lines     int
	// Totals are the quantities by code.
	Totals map[string]decimal.Decimal
	State  domain.VenueState
	// Attempt is part of the Idempotency-Key.
	Attempt int
	// ImportID is Connexie's; empty before there is a draft.
	ImportID string
	// Sent counts the lines that Connexie has taken.
	Sent int
	// ReadLines and ReadTotals are what Connexie read back; nil before.
	ReadLines  *int
	ReadTotals map[string]decimal.Decimal
	Problem    string
}

// ReadBackEquals reports whether Connexie read back the count and the totals that were
// sent (X11).
func (v ExportVenue) ReadBackEquals() bool {
	if v.ReadLines == nil || *v.ReadLines != v.Lines || len(v.ReadTotals) != len(v.Totals) {
		return false
	}
	for code, sent := range v.Totals {
		if read, there := v.ReadTotals[code]; !there || !read.Equal(sent) {
			return false
		}
	}
	return true
}

const selectVenues = `
	select export_id, connexie_venue_id, first_line, lines, totals, state, attempt,
	       coalesce(connexie_import_id, '') as import_id, sent, read_lines, read_totals,
	       coalesce(problem, '') as problem
	  from connexie.export_venues
	 where export_id = @export_id`

// ExportVenues lists the venues of an export in the order in which they are sent:
// those without lines first, since they only empty what another may hold now (X8).
func (s *Store) ExportVenues(ctx context.Context, exportID string) ([]ExportVenue, error) {
	return collect[ExportVenue](ctx, s.pool, "list the venues of export "+exportID, selectVenues+`
		 order by lines > 0, connexie_venue_id collate "C"`, args{"export_id": exportID})
}

// lockVenue keeps other attempts from the venue until the transaction ends.
func lockVenue(ctx context.Context, tx pgx.Tx, exportID, connexieVenueID string) (ExportVenue, error) {
	return collectOne[ExportVenue](ctx, tx, "lock venue "+connexieVenueID, selectVenues+`
		   and connexie_venue_id = @connexie_venue_id
		   for update`, args{"export_id": exportID, "connexie_venue_id": connexieVenueID})
}

// inVenue runs do in a transaction that holds the export open and the venue. The error
// is ErrExportClosed where the export has ended.
func (s *Store) inVenue(
	ctx context.Context, operation, exportID, connexieVenueID string,
	do func(tx pgx.Tx, export Export, venue ExportVenue) error,
) error {
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		export, err := holdExport(ctx, tx, exportID)
		if err != nil {
			return err
		}
		venue, err := lockVenue(ctx, tx, exportID, connexieVenueID)
		if err != nil {
			return err
		}
		return do(tx, export, venue)
	})
	if err != nil {
		return fmt.Errorf("%s of venue %s of export %s: %w", operation, connexieVenueID, exportID, err)
	}
	return nil
}

func updateVenue(ctx context.Context, tx pgx.Tx, venue ExportVenue, set string, named args) error {
	named["export_id"], named["connexie_venue_id"] = venue.ExportID, venue.ConnexieVenueID
	_, err := execute(ctx, tx, "note how far the venue is", `
		update connexie.export_venues set `+set+`
		 where export_id = @export_id and connexie_venue_id = @connexie_venue_id`, named)
	return err
}

// BeginVenue is asked before anything is sent for a venue, and again before each slice:
// open is false where the export has ended, and nothing may be sent then. The venue is
// returned as it stands; one that was planned is being sent from now on.
func (s *Store) BeginVenue(
	ctx context.Context, exportID, connexieVenueID string,
) (venue ExportVenue, open bool, err error) {
	err = s.inVenue(ctx, "begin the import", exportID, connexieVenueID,
		func(tx pgx.Tx, _ Export, found ExportVenue) error {
			venue = found
			if venue.State != domain.VenuePlanned {
				return nil
			}
			venue.State = domain.VenueSending
			return updateVenue(ctx, tx, venue, `state = @state`, args{"state": venue.State})
		})
	if errors.Is(err, ErrExportClosed) {
		return ExportVenue{}, false, nil
	}
	return venue, err == nil, err
}

// RecordDraft notes the draft that an attempt opened. The error is ErrVenueMovedOn
// where it is not the attempt that is sending the venue.
func (s *Store) RecordDraft(ctx context.Context, exportID, connexieVenueID string, attempt int, importID string) error {
	return s.inVenue(ctx, "record the draft", exportID, connexieVenueID,
		func(tx pgx.Tx, _ Export, venue ExportVenue) error {
			if venue.State != domain.VenueSending || venue.Attempt != attempt {
				return ErrVenueMovedOn
			}
			if venue.ImportID == importID {
				return nil
			}
			return updateVenue(ctx, tx, venue, `connexie_import_id = @import_id`, args{"import_id": importID})
		})
}

// RaiseAttempt begins anew with a venue whose import was found discarded, and returns
// the number of the attempt; where another has begun anew already, that one's.
func (s *Store) RaiseAttempt(
	ctx context.Context, exportID, connexieVenueID string, from int,
) (attempt int, err error) {
	err = s.inVenue(ctx, "raise the attempt", exportID, connexieVenueID,
		func(tx pgx.Tx, _ Export, venue ExportVenue) error {
			if venue.State != domain.VenueSending {
				return ErrVenueMovedOn
			}
			attempt = venue.Attempt
			if attempt != from {
				return nil
			}
			attempt++
			return updateVenue(ctx, tx, venue, `attempt = @attempt, connexie_import_id = null, sent = 0`,
				args{"attempt": attempt})
		})
	return attempt, err
}

// RecordSent notes how many lines Connexie has taken, for whoever watches.
func (s *Store) RecordSent(ctx context.Context, exportID, connexieVenueID string, sent int) error {
	return s.inVenue(ctx, "record the lines sent", exportID, connexieVenueID,
		func(tx pgx.Tx, _ Export, venue ExportVenue) error {
			if venue.State != domain.VenueSending {
				return ErrVenueMovedOn
			}
			return updateVenue(ctx, tx, venue, `sent = @sent`, args{"sent": sent})
		})
}

// RecordReadBack notes what Connexie holds after the commit (X11).
func (s *Store) RecordReadBack(
	ctx context.Context, exportID, connexieVenueID string, lines int, totals map[string]decimal.Decimal,
) error {
	if totals == nil {
		totals = map[string]decimal.Decimal{}
	}
	return s.inVenue(ctx, "record what was read back", exportID, connexieVenueID,
		func(tx pgx.Tx, _ Export, venue ExportVenue) error {
			switch venue.State {
			case domain.VenueExported:
				return nil
			case domain.VenueCommitted:
				return updateVenue(ctx, tx, venue, `read_lines = @lines, read_totals = @totals`,
					args{"lines": lines, "totals": totals})
			}
			return ErrVenueMovedOn
		})
}

// EndVenue notes that nothing more is done for a venue in this export: it was refused,
// rejected, superseded, cancelled or failed. Ending it again changes nothing. The error is
// ErrVenueMovedOn where it has been exported or has ended otherwise.
func (s *Store) EndVenue(
	ctx context.Context, exportID, connexieVenueID string, state domain.VenueState, problem string,
) error {
	return s.inVenue(ctx, "end the import", exportID, connexieVenueID,
		func(tx pgx.Tx, _ Export, venue ExportVenue) error {
			if venue.State == state {
				return nil
			}
			return endVenue(ctx, tx, venue, state, problem)
		})
}

func endVenue(ctx context.Context, tx pgx.Tx, venue ExportVenue, state domain.VenueState, problem string) error {
	switch venue.State {
	case domain.VenuePlanned, domain.VenueSending, domain.VenueCommitted:
		return updateVenue(ctx, tx, venue, `state = @state, problem = nullif(@problem, '')`,
			args{"state": state, "problem": problem})
	}
	return ErrVenueMovedOn
}

// LineProblem is why Connexie rejected a line (X17): a stable word, with no value in it.
type LineProblem struct {
	Line int    `json:"line"`
	Code string `json:"code"`
}

// RejectLines notes which lines of a venue Connexie rejected, in place of those that an
// earlier attempt noted.
func (s *Store) RejectLines(ctx context.Context, exportID, connexieVenueID string, problems []LineProblem) error {
	const query = `
		update connexie.export_lines l set problem = p.code
		  from generate_series(@first::int, @last::int) n (line)
		  left join jsonb_to_recordset(@problems) as p(line int, code text) using (line)
		 where l.export_id = @export_id and l.line = n.line and l.problem is distinct from p.code`
	if problems == nil {
		problems = []LineProblem{}
	}
	return s.inVenue(ctx, "note the rejected lines", exportID, connexieVenueID,
		func(tx pgx.Tx, _ Export, venue ExportVenue) error {
			_, err := execute(ctx, tx, "note the rejected lines", query, args{
				"export_id": exportID, "first": venue.FirstLine, "last": venue.FirstLine + venue.Lines - 1,
				"problems": problems,
			})
			return err
		})
}
