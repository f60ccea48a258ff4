package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// CompleteList is a list of Connexie's that was read to its end.
type CompleteList struct {
	ConnectionID string
	PageLimit    int
	// ETag stands for the whole list; empty where Connexie sent none.
	ETag string
}

// SaveVenues makes the connection's venues those of the list, in one transaction
// with the list's ETag: venues that are no longer in it are marked gone, and what
// was decided about a venue stays. Only differences are written (S9); the result
// counts them.
func (s *Store) SaveVenues(
	ctx context.Context, list CompleteList, venues []domain.Venue, now time.Time,
) (changed int, err error) {
	const upsert = `
		insert into connexie.venues as kept (connection_id, connexie_venue_id, name, active)
		select distinct on (v.id) @connection_id, v.id, v.name, v.active
		  from unnest(@ids::text[], @names::text[], @active::boolean[]) as v(id, name, active)
		 order by v.id
		on conflict (connection_id, connexie_venue_id) do update
		   set name = excluded.name, active = excluded.active, gone_at = null
		 where (kept.name, kept.active, kept.gone_at) is distinct from (excluded.name, excluded.active, null)`
	const markGone = `
		update connexie.venues set gone_at = @now
		 where connection_id = @connection_id and gone_at is null and connexie_venue_id <> all(@ids::text[])`
	ids, names, active := []string{}, []string{}, []bool{}
	for _, venue := range venues {
		ids, names, active = append(ids, venue.ID), append(names, venue.Name), append(active, venue.Active)
	}
	return s.saveList(ctx, list, ListVenues, now,
		statement{upsert, args{"connection_id": list.ConnectionID, "ids": ids, "names": names, "active": active}},
		statement{markGone, args{"connection_id": list.ConnectionID, "ids": ids, "now": now}})
}

// SaveWageCodes makes the connection's wage codes those of the list, as SaveVenues
// does with venues.
func (s *Store) SaveWageCodes(
	ctx context.Context, list CompleteList, codes []domain.WageCode, now time.Time,
) (changed int, err error) {
	const upsert = `
		insert into connexie.wage_codes as kept (connection_id, code, description, kind, unit)
		select distinct on (c.code) @connection_id, c.code, c.description, c.kind, c.unit
		  from unnest(@codes::text[], @descriptions::text[], @kinds::text[], @units::text[])
		       as c(code, description, kind, unit)
		 order by c.code
		on conflict (connection_id, code) do update
		   set description = excluded.description, kind = excluded.kind, unit = excluded.unit, gone_at = null
		 where (kept.description, kept.kind, kept.unit, kept.gone_at)
		       is distinct from (excluded.description, excluded.kind, excluded.unit, null)`
	const markGone = `
		update connexie.wage_codes set gone_at = @now
		 where connection_id = @connection_id and gone_at is null and code <> all(@codes::text[])`
	names, descriptions, kinds, units := []string{}, []string{}, []string{}, []string{}
	for _, code := range codes {
		names, descriptions = append(names, code.Code), append(descriptions, code.Description)
		kinds, units = append(kinds, code.Kind), append(units, code.Unit)
	}
	return s.saveList(ctx, list, ListWageCodes, now,
		statement{upsert, args{
			"connection_id": list.ConnectionID, "codes": names, "descriptions": descriptions, "kinds": kinds, "units": units,
		}},
		statement{markGone, args{"connection_id": list.ConnectionID, "codes": names, "now": now}})
}

type statement struct {
	sql   string
	named args
}

func (s *Store) saveList(
	ctx context.Context, list CompleteList, name List, now time.Time, statements ...statement,
) (changed int, err error) {
	operation := fmt.Sprintf("save the list %s of connection %s", name, list.ConnectionID)
	err = s.withTx(ctx, func(tx pgx.Tx) error {
		for _, statement := range statements {
			count, err := execute(ctx, tx, operation, statement.sql, statement.named)
			if err != nil {
				return err
			}
			changed += count
		}
		return keepETag(ctx, tx, list.ConnectionID, name, list.PageLimit, list.ETag, now)
	})
	if err != nil {
		return 0, err
	}
	return changed, nil
}

// Venues lists Connexie's venues of a connection, those that are gone left out.
func (s *Store) Venues(ctx context.Context, connectionID string) ([]domain.Venue, error) {
	const query = `
		select connexie_venue_id as id, name, active
		  from connexie.venues
		 where connection_id = @connection_id and gone_at is null
		 order by name, connexie_venue_id`
	return collect[domain.Venue](ctx, s.pool, "list the venues of connection "+connectionID, query,
		args{"connection_id": connectionID})
}

// WageCodes lists the codes that Connexie has activated.
func (s *Store) WageCodes(ctx context.Context, connectionID string) ([]domain.WageCode, error) {
	const query = `
		select code, description, kind, unit
		  from connexie.wage_codes
		 where connection_id = @connection_id and gone_at is null
		 order by code`
	return collect[domain.WageCode](ctx, s.pool, "list the wage codes of connection "+connectionID, query,
		args{"connection_id": connectionID})
}
