package demo

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// What the story claims is read from the tables themselves.

func rows[T any](ctx context.Context, s *Story, query string, args ...any) ([]T, error) {
	found, err := s.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("check the database: %w", err)
	}
	return pgx.CollectRows(found, pgx.RowToStructByPos[T])
}

func value[T any](ctx context.Context, s *Story, query string, args ...any) (T, error) {
	var found T
	err := s.pool.QueryRow(ctx, query, args...).Scan(&found)
	if err != nil {
		err = fmt.Errorf("check the database: %w", err)
	}
	return found, err
}

// word is a word and its number.
type word struct {
	Word   string
	Number int
}

// everyone counts where everyone of a connection stands, as a run left them.
const everyone = `
	select coalesce(i.situation, s.situation) ||
	       case when coalesce(i.reason, s.reason) <> '' then ', ' || replace(coalesce(i.reason, s.reason), '_', ' ') else '' end,
	       count(*)::int
	  from connexie.person_standings s
	  left join connexie.sync_items i on i.run_id = $2 and i.connexie_id = s.connexie_id
	 where s.connection_id = $1
	 group by 1 order by 1`

// lastRun is the latest full run of a connection.
func (s *Story) lastRun(ctx context.Context, connectionID string) (string, error) {
	return value[string](ctx, s, `
		select id::text from connexie.sync_runs
		 where connection_id = $1 and mode = 'apply' and only_connexie_id is null
		 order by started_at desc limit 1`, connectionID)
}

// watermark is a point in the order of transactions.
func (s *Story) watermark(ctx context.Context) (string, error) {
	return value[string](ctx, s, `select pg_current_xact_id()::text`)
}

// writtenTables are the tables in which a sync keeps what it is about. Runs, nights,
// readings and fences are the record that there was a run at all.
const writtenTables = `
	select format('%I.%I', n.nspname, c.relname)
	  from pg_class c join pg_namespace n on n.oid = c.relnamespace
	 where n.nspname in ('eitje', 'connexie') and c.relkind = 'r'
	   and c.relname not in ('sync_runs', 'nights', 'night_connections', 'readings', 'reading_pages', 'fences', 'goose_db_version')
	   and ($1 = '' or n.nspname = $1)
	 order by 1`

// written counts the row versions that were made since a watermark, by table. It
// asks PostgreSQL which transaction wrote each row.
func (s *Story) written(ctx context.Context, since, schema string) ([]word, int, error) {
	tables, err := s.pool.Query(ctx, writtenTables, schema)
	if err != nil {
		return nil, 0, fmt.Errorf("list the tables: %w", err)
	}
	names, err := pgx.CollectRows(tables, pgx.RowTo[string])
	if err != nil {
		return nil, 0, fmt.Errorf("list the tables: %w", err)
	}
	var (
		counts []word
		total  int
	)
	for _, name := range names {
		number, err := value[int](ctx, s, `
			select count(*)::int from `+name+` where xmin::text::bigint >= ($1::text::bigint & 4294967295)`, since)
		if err != nil {
			return nil, 0, err
		}
		counts = append(counts, word{name, number})
		total += number
	}
	return counts, total, nil
}
