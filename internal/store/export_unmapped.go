package store

import (
	"context"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
)

// unmappedMonths is how far back meals and allowances are looked for: a word that the
// organisation no longer uses needs no code.
const unmappedMonths = 13

// UnmappedKind is a meal or an allowance of the organisation that has no code (C6).
type UnmappedKind struct {
	// Kind is meal or allowance, Type the organisation's own word.
	Kind string
	Type string
	// Entries counts those that carry it.
	Entries int
}

// UnmappedKinds lists the meals and allowances that stand on entries of the last 13
// months and for which no code has been chosen (C6).
func (s *Store) UnmappedKinds(ctx context.Context, connectionID string, now time.Time) ([]UnmappedKind, error) {
	const query = `
		select x.kind, btrim(x.type) as type, count(distinct e.id)::int as entries
		  from connexie.connections c
		  join eitje.entries e on e.organisation_id = c.organisation_id and e.day >= @since and e.state <> 'deleted'
		  join eitje.entry_extras x on x.entry_id = e.id
		 where c.id = @connection_id
		   and not exists (select from connexie.code_mappings m
		                    where m.connection_id = c.id and m.kind = x.kind and m.type = btrim(x.type))
		 group by 1, 2
		 order by 1, 2`
	return collect[UnmappedKind](ctx, s.pool, "list the kinds without a code of connection "+connectionID, query,
		args{"connection_id": connectionID, "since": domain.DayOf(now.AddDate(0, -unmappedMonths, 0))})
}

// UnmappedIn lists the meals and allowances that an export leaves out because they had no
// code when it was collected (C6).
func (s *Store) UnmappedIn(ctx context.Context, exportID string) ([]UnmappedKind, error) {
	const query = `
		select kind, btrim(type) as type, count(distinct entry_id)::int as entries
		  from connexie.export_skips
		 where export_id = @export_id and reason = @reason
		 group by 1, 2
		 order by 1, 2`
	return collect[UnmappedKind](ctx, s.pool, "list the kinds without a code in export "+exportID, query,
		args{"export_id": exportID, "reason": domain.ReasonUnmapped})
}
