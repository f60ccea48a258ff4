package store

import "context"

// Holdings counts what a connection holds and would keep if it were removed (C9).
type Holdings struct {
	// Links are people who are linked, ExportedEntries those that show as exported.
	Links           int
	ExportedEntries int
	Runs            int
	Exports         int
	// HasToken tells that a token is in use or waits to be checked.
	HasToken bool
}

// Holdings counts what a connection holds.
func (s *Store) Holdings(ctx context.Context, connectionID string) (Holdings, error) {
	const query = `
		select (select count(*) from connexie.links where connection_id = @id) as links,
		       (select count(distinct entry_id) from connexie.exported_entries where connection_id = @id) as exported_entries,
		       (select count(*) from connexie.sync_runs where connection_id = @id) as runs,
		       (select count(*) from connexie.exports where connection_id = @id) as exports,
		       exists (select from connexie.connection_tokens where connection_id = @id) as has_token`
	return collectOne[Holdings](ctx, s.pool, "count what connection "+connectionID+" holds", query, args{"id": connectionID})
}
