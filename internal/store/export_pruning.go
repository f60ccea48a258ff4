package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// How long what an export leaves behind is kept where nothing needs it any more. The
// export itself and its venues, which are the receipt, stay.
const (
	keepPreviewsDays = 7
	keepLinesMonths  = 13
	// prunedAtOnce bounds what opening an export spends on older ones: lines come in
	// hundreds of thousands. There are more exports opened than grow old.
	prunedAtOnce = 3
)

func pruneExports(ctx context.Context, tx pgx.Tx, connectionID string, now time.Time) error {
	if err := prunePreviews(ctx, tx, connectionID, now); err != nil {
		return err
	}
	return pruneLines(ctx, tx, connectionID, now)
}

// prunePreviews deletes the previews before what they wrote: a snapshot that is being
// taken of one holds its row.
func prunePreviews(ctx context.Context, tx pgx.Tx, connectionID string, now time.Time) error {
	const query = `
		delete from connexie.exports
		 where id in (select id from connexie.exports
		               where connection_id = @connection_id and mode = 'preview' and started_at < @before
		               order by started_at limit @limit)
		returning id::text`
	ids, err := column[string](ctx, tx, "delete old previews", query, args{
		"connection_id": connectionID, "before": now.AddDate(0, 0, -keepPreviewsDays), "limit": prunedAtOnce,
	})
	if err != nil {
		return err
	}
	return deleteLines(ctx, tx, ids)
}

// pruneLines spares the lines that a current import rests on, and those of a period that
// somebody is being told about. A marker rests on none.
func pruneLines(ctx context.Context, tx pgx.Tx, connectionID string, now time.Time) error {
	const old = `
		select x.id
		  from connexie.exports x
		 where x.connection_id = @connection_id and x.closed_at < @before
		   and (exists (select from connexie.export_lines l where l.export_id = x.id)
		        or exists (select from connexie.export_skips k where k.export_id = x.id))
		   and not exists (select from connexie.current_imports c
		                    where c.connection_id = x.connection_id and c.export_id = x.id)
		   and not exists (select from connexie.notifications n
		                    where n.connection_id = x.connection_id and n.closed_at is null
		                      and n.subject = x.from_day || '_' || x.to_day)
		 order by x.closed_at limit @limit`
	ids, err := column[string](ctx, tx, "list exports whose lines nobody needs", old, args{
		"connection_id": connectionID, "before": now.AddDate(0, -keepLinesMonths, 0), "limit": prunedAtOnce,
	})
	if err != nil {
		return err
	}
	return deleteLines(ctx, tx, ids)
}

// deleteLines deletes what the snapshots of exports wrote by the line.
func deleteLines(ctx context.Context, tx pgx.Tx, exportIDs []string) error {
	if len(exportIDs) == 0 {
		return nil
	}
	for _, query := range []string{
		`delete from connexie.export_lines where export_id = any(@ids::uuid[])`,
		`delete from connexie.export_skips where export_id = any(@ids::uuid[])`,
	} {
		if _, err := execute(ctx, tx, "delete old lines", query, args{"ids": exportIDs}); err != nil {
			return err
		}
	}
	return nil
}
