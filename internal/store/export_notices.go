package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// changedEntries counts, by the period that was exported, the entries that are no longer
// what Connexie holds of them: edited, no longer approved, deleted, or held at two
// venues or days. The version spares the hash for whatever nobody touched. The kinds are
// those that Connexie holds of the period, which exporting it again must cover (X7).
const changedEntries = `
	select p.from_day, p.to_day, p.entries,
	       array(select unnest(x.kinds) from connexie.exports x where x.id = any(p.exports)
	             union
	             select unnest(c.kinds) from connexie.current_imports c
	              where c.connection_id = @connection_id and c.days && daterange(p.from_day, p.to_day, '[]')) as kinds
	  from (select x.from_day, x.to_day, count(distinct m.entry_id)::int as entries, array_agg(distinct x.id) as exports
	          from (select m.entry_id, m.export_id, m.entry_version, m as marker, count(*) over (partition by m.entry_id) as held
	                  from connexie.exported_entries m
	                 where m.connection_id = @connection_id) m
	          join connexie.exports x on x.id = m.export_id
	          left join eitje.entries e on e.id = m.entry_id
	         where m.held > 1 or e.id is null
	            or (e.row_version <> m.entry_version and not eitje.is_as_exported(e, m.marker))
	         group by x.from_day, x.to_day) p
	 order by p.from_day, p.to_day`

// SyncExportNotices makes the open notifications about entries that changed since they
// were exported those that hold: one for each period (X12). Nothing is written where
// nothing changed (S9).
func (s *Store) SyncExportNotices(ctx context.Context, connectionID string, now time.Time) error {
	type row struct {
		FromDay domain.Date
		ToDay   domain.Date
		Entries int
		Kinds   []domain.ExportKind
	}
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if err := compileNothing(ctx, tx); err != nil {
			return err
		}
		periods, err := collect[row](ctx, tx, "count the entries that changed since", changedEntries,
			args{"connection_id": connectionID})
		if err != nil {
			return err
		}
		wanted := make([]domain.Notice, 0, len(periods))
		for _, changed := range periods {
			again := domain.ExportRequest{
				ConnectionID: connectionID, Period: domain.Period{From: changed.FromDay, To: changed.ToDay}, Kinds: changed.Kinds,
			}
			wanted = append(wanted, domain.ExportChangedNotice(again, changed.Entries))
		}
		return keepNotices(ctx, tx, connectionID, domain.CauseExportedChanged, wanted, now)
	})
	if err != nil {
		return fmt.Errorf("notify about what changed since it was exported from connection %s: %w", connectionID, err)
	}
	return nil
}

// CloseIncompleteExports closes what was told of exports that did not bring everything to
// Connexie, once a period that contains theirs has been exported (N1).
func (s *Store) CloseIncompleteExports(
	ctx context.Context, connectionID string, exported domain.Period, now time.Time,
) error {
	// A subject is a period: two days of one length, which sort as texts do.
	const query = `
		update connexie.notifications set closed_at = @now
		 where connection_id = @connection_id and cause = @cause and closed_at is null
		   and split_part(subject, '_', 1) collate "C" >= @from and split_part(subject, '_', 2) collate "C" <= @to`
	_, err := execute(ctx, s.pool, "close what was told of exports of connection "+connectionID, query, args{
		"connection_id": connectionID, "cause": string(domain.CauseExportIncomplete), "now": now,
		"from": exported.From.String(), "to": exported.To.String(),
	})
	return err
}
