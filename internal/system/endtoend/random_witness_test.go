package endtoend

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

// witness notes every write of a row, whoever makes it and however short it lasts,
// in the transaction that makes it. What the invariants say is thereby said of every
// moment of a run, and not of its ends alone.
type witness struct {
	pool *pgxpool.Pool
}

// eitje is the name under which the test writes as somebody who works in Eitje.
const eitje = "eitje"

// lockNotAvailable is what PostgreSQL answers who would have to wait.
const lockNotAvailable = "55P03"

// witnessed makes the witness of a system's database.
func witnessed(t *testing.T, url string) *witness {
	t.Helper()
	const ddl = `
		create schema witness;
		create table witness.writes (
			seq       bigint generated always as identity primary key,
			xid       text not null default pg_current_xact_id()::text,
			began     timestamptz not null default now(),
			made      timestamptz not null default clock_timestamp(),
			committed timestamptz,
			by        text not null default current_setting('application_name'),
			place     text not null,
			what      text not null,
			was       jsonb,
			becomes   jsonb
		);
		create function witness.note() returns trigger language plpgsql as $$
		begin
			insert into witness.writes (place, what, was, becomes)
			values (tg_table_schema || '.' || tg_table_name, lower(tg_op),
			        case when tg_op <> 'INSERT' then to_jsonb(old) end, case when tg_op <> 'DELETE' then to_jsonb(new) end);
			return null;
		end $$;
		do $$
		declare place regclass;
		begin
			for place in select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
			              where n.nspname in ('eitje', 'connexie') and c.relkind = 'r' loop
				execute format('create trigger witness after insert or update or delete on %s
				                for each row execute function witness.note()', place);
			end loop;
		end $$;`
	config, err := pgxpool.ParseConfig(url)
	require.NoError(t, err)
	config.ConnConfig.RuntimeParams["application_name"] = eitje
	// What the worker has locked at a moment when it is kept waiting stays locked.
	config.ConnConfig.RuntimeParams["lock_timeout"] = "200ms"
	config.MaxConns = 2
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	_, err = pool.Exec(t.Context(), ddl)
	require.NoError(t, err)
	return &witness{pool: pool}
}

// write is one row that was written.
type write struct {
	Seq     int64
	XID     string
	By      string
	Place   string
	What    string
	Was     map[string]any
	Becomes map[string]any
	// Horizon is the last write of Eitje's that was committed before the transaction
	// began, so that it could read it.
	Horizon int64
}

func (w write) ours() bool { return w.By != eitje && w.By != "" }

// now is the last write that the witness saw.
func (w *witness) now(t *testing.T) (seq int64) {
	t.Helper()
	require.NoError(t, w.pool.QueryRow(t.Context(), `select coalesce(max(seq), 0) from witness.writes`).Scan(&seq))
	return seq
}

// since are the writes after one, in their order.
func (w *witness) since(t *testing.T, seq int64) []write {
	t.Helper()
	const query = `
		select w.seq, w.xid, w.by, w.place, w.what, w.was, w.becomes,
		       coalesce((select max(e.seq) from witness.writes e where e.committed < w.began), 0)
		  from witness.writes w where w.seq > $1 order by w.seq`
	rows, err := w.pool.Query(t.Context(), query, seq)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[write])
	require.NoError(t, err)
	return found
}

// edit changes Eitje as somebody who works there, and tells how many rows it met:
// none where they are locked.
func (w *witness) edit(t *testing.T, sql string, arguments ...any) int64 {
	t.Helper()
	tag, err := w.pool.Exec(t.Context(), sql, arguments...)
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok && refused.Code == lockNotAvailable {
		return 0
	}
	require.NoError(t, err)
	// Only what was seen to be committed can be asked of a transaction that began
	// later.
	_, err = w.pool.Exec(t.Context(),
		`update witness.writes set committed = clock_timestamp() where by = $1 and committed is null`, eitje)
	require.NoError(t, err)
	return tag.RowsAffected()
}
