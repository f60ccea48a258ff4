package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// prunedAtOnce bounds how many exports lose their lines in one transaction: lines come in
// hundreds of thousands.
const prunedAtOnce = 3

// prunePreviews deletes the previews before what they wrote: a snapshot that is being
// taken of one holds its row.
func prunePreviews(ctx context.Context, tx pgx.Tx, p Pruning) (int, error) {
	const query = `
		delete from connexie.exports
		 where id in (select id from connexie.exports
		               where mode = 'preview' and started_at < @before
		               order by started_at limit @limit)
		returning id::text`
	ids, err := column[string](ctx, tx, "delete old previews", query,
		args{"before": p.Before, "limit": min(p.Limit, prunedAtOnce)})
	if err != nil {
		return 0, err
	}
	return len(ids), deleteLines(ctx, tx, ids)
}

// pruneLines spares the lines that a current import rests on, and those of a period that
// somebody is being told about. A marker rests on none. The export itself and its venues,
// which are the receipt, stay.
func pruneLines(ctx context.Context, tx pgx.Tx, p Pruning) (int, error) {
	const old = `
		select x.id::text
		  from connexie.exports x
		 where x.closed_at < @before
		   and (exists (select from connexie.export_lines l where l.export_id = x.id)
		        or exists (select from connexie.export_skips k where k.export_id = x.id))
		   and not exists (select from connexie.current_imports c
		                    where c.connection_id = x.connection_id and c.export_id = x.id)
		   and not exists (select from connexie.notifications n
		                    where n.connection_id = x.connection_id and n.closed_at is null
		                      and n.subject = x.from_day || '_' || x.to_day)
		 order by x.closed_at limit @limit`
	ids, err := column[string](ctx, tx, "list exports whose lines nobody needs", old,
		args{"before": p.Before, "limit": min(p.Limit, prunedAtOnce)})
	if err != nil {
		return 0, err
	}
	return len(ids), deleteLines(ctx, tx, ids)
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
