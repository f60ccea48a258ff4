package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrEmptyReading says that a complete reading showed nobody although people are
// linked: nothing may be concluded from such an answer (S14).
var ErrEmptyReading = errors.New("connexie's list of people is empty although people are linked (S14)")

// StartReading gives a new pass over Connexie's list its number, which only rises.
func (s *Store) StartReading(ctx context.Context, connectionID string, now time.Time) (int64, error) {
	const query = `
		insert into connexie.readings (connection_id, started_at)
		values (@connection_id, @now)
		returning number`
	return value[int64](ctx, s.pool, "start a reading of connection "+connectionID, query,
		args{"connection_id": connectionID, "now": now})
}

func savePageIDs(ctx context.Context, tx pgx.Tx, page MirrorPage) error {
	if page.Reading == 0 {
		return nil
	}
	const query = `
		insert into connexie.reading_pages (reading, page, ids, erased)
		values (@reading, @page, @ids, @erased)
		on conflict (reading, page) do update set ids = excluded.ids, erased = excluded.erased`
	_, err := execute(ctx, tx, "note who is on the page", query,
		args{"reading": page.Reading, "page": page.Page, "ids": pageIDs(page), "erased": page.erased})
	return err
}

// CompleteReading concludes who is missing from a reading that reached the end of
// the list (S14): linked or not, nobody is changed for it but in missing_since. The
// ETag of the first page is kept with it. It returns ErrEmptyReading, and concludes
// nothing, where nobody was seen although people are linked. Completing a reading
// again changes nothing.
func (s *Store) CompleteReading(ctx context.Context, reading CompletedReading, now time.Time) error {
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if err := joinReadings(ctx, tx, reading.ConnectionID); err != nil {
			return err
		}
		if err := checkFence(ctx, tx, reading.ConnectionID, reading.Fence); err != nil {
			return err
		}
		if err := refuseEmpty(ctx, tx, reading); err != nil {
			return err
		}
		if err := markMissing(ctx, tx, reading, now); err != nil {
			return err
		}
		lifted, err := liftedSince(ctx, tx, reading)
		if err != nil {
			return err
		}
		if lifted { // whoever it was must be read again, though nothing in the list changes
			reading.ETag = ""
		}
		return keepETag(ctx, tx, reading.ConnectionID, ListPeople, reading.PageLimit, reading.ETag, now)
	})
	if err != nil {
		return fmt.Errorf("complete reading %d of connection %s: %w", reading.Number, reading.ConnectionID, err)
	}
	return nil
}

// CompletedReading is a reading that reached the end of Connexie's list.
type CompletedReading struct {
	ConnectionID string
	Fence        int64
	Number       int64
	// ETag stands for the whole list under this page limit. Where it is empty the
	// one before is dropped, and the next reading fetches everything.
	ETag      string
	PageLimit int
	// Nameless tells that records without a readable id were set aside: any of them
	// may be whoever seems to be missing, so that nobody is.
	Nameless bool
}

func refuseEmpty(ctx context.Context, tx pgx.Tx, reading CompletedReading) error {
	const query = `
		select not exists (select from connexie.reading_pages where reading = @reading and (ids <> '{}' or erased > 0))
		   and exists (select from connexie.links l join eitje.team_members t on t.id = l.team_member_id
		                where l.connection_id = @connection_id and t.erased_at is null)`
	empty, err := value[bool](ctx, tx, "ask whether the reading is empty", query,
		args{"reading": reading.Number, "connection_id": reading.ConnectionID})
	if err == nil && empty {
		return ErrEmptyReading
	}
	return err
}

// liftedSince reports whether an erasure was lifted after the reading had begun to leave
// the person out (N5).
func liftedSince(ctx context.Context, tx pgx.Tx, reading CompletedReading) (bool, error) {
	const query = `
		select exists (select from connexie.erasures
		                where connection_id = @connection_id and lifted_number > @reading)`
	return value[bool](ctx, tx, "ask whether an erasure was lifted", query,
		args{"connection_id": reading.ConnectionID, "reading": reading.Number})
}

const markMissingPeople = `
	with seen as (
		select distinct unnest(ids) as connexie_id from connexie.reading_pages where reading = @reading),
	begun as (
		select coalesce(min(opened_number), @reading) as number
		  from connexie.sync_runs where connection_id = @connection_id and reading = @reading)
	update connexie.people p
	   set missing_since = case when seen.connexie_id is null then @now::timestamptz end
	  from connexie.people q left join seen on seen.connexie_id = q.connexie_id cross join begun
	 where q.connection_id = @connection_id
	   and p.connection_id = q.connection_id and p.connexie_id = q.connexie_id
	   and (p.missing_since is null) = (seen.connexie_id is null)
	   and (seen.connexie_id is not null or not @nameless and coalesce(p.seen_alone_number, 0) < begun.number)
	   and not exists (select from connexie.readings later
	                    where later.connection_id = @connection_id and later.number > @reading
	                      and later.completed_at is not null)`

// markMissing completes the reading and notes whom it did not show.
func markMissing(ctx context.Context, tx pgx.Tx, reading CompletedReading, now time.Time) error {
	const complete = `
		update connexie.readings set completed_at = @now
		 where connection_id = @connection_id and number = @reading and completed_at is null`
	const prune = `
		delete from connexie.readings
		 where connection_id = @connection_id and number < @reading
		   and (completed_at is not null or started_at < @now::timestamptz - interval '1 day')`
	values := args{"connection_id": reading.ConnectionID, "reading": reading.Number, "now": now}
	for _, query := range []string{complete, prune} {
		if _, err := execute(ctx, tx, "complete the reading", query, values); err != nil {
			return err
		}
	}
	if err := joinWholeSets(ctx, tx); err != nil {
		return err
	}
	values["nameless"] = reading.Nameless
	_, err := execute(ctx, tx, "conclude who is missing", markMissingPeople, values)
	return err
}
