package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// BadRecord is a record that breaks the contract with Connexie (S15). ID is empty
// where not even the id could be read.
type BadRecord struct {
	ID string
	// Reason names the member and what is wrong with it, never its value.
	Reason string
}

// MirrorPage is one page of people as Connexie sent it.
type MirrorPage struct {
	ConnectionID string
	// Fence is that of the attempt that writes, or zero for a preview or one
	// person alone, which carry none.
	Fence int64
	// Reading and Page say which page of which reading it is; both are zero for a
	// person who was read alone.
	Reading int64
	Page    int
	People  []domain.Person
	Bad     []BadRecord
	// Hasher recognises whoever has been erased (N5). It may be nil where nobody has.
	Hasher IDHasher

	// erased counts those who were left out for it.
	erased int
}

// SavePage writes a page into the mirror in one transaction. Unchanged people are
// not touched, and neither are those whose record in the mirror is newer than the
// one that came: a list read page by page is not a snapshot. Saving a page again
// changes nothing. It returns how many people changed, and ErrFenceLost where a
// newer attempt has begun.
//
// Whoever has been erased is left out and counted with the page, also where the erasure
// came after the page was read (N5). ErrErased where such a person is the page, read
// alone; ErrErasedUnknown where the erased cannot be recognised.
func (s *Store) SavePage(ctx context.Context, page MirrorPage) (changed int, err error) {
	err = s.withTx(ctx, func(tx pgx.Tx) (err error) {
		changed, err = savePage(ctx, tx, page)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("save page %d of reading %d of connection %s: %w", page.Page, page.Reading, page.ConnectionID, err)
	}
	return changed, nil
}

func savePage(ctx context.Context, tx pgx.Tx, page MirrorPage) (changed int, err error) {
	page, err = leaveOutErased(ctx, tx, page)
	if err != nil {
		return 0, err
	}
	if err := checkFence(ctx, tx, page.ConnectionID, page.Fence); err != nil {
		return 0, err
	}
	if err := lookUpRows(ctx, tx); err != nil {
		return 0, err
	}
	if err := savePageIDs(ctx, tx, page); err != nil {
		return 0, err
	}
	ids, err := savePeople(ctx, tx, page)
	if err != nil {
		return 0, err
	}
	return len(ids), saveBadRecords(ctx, tx, page)
}

// savePeople upserts the page and returns the ids of those who changed.
func savePeople(ctx context.Context, tx pgx.Tx, page MirrorPage) ([]string, error) {
	if len(page.People) == 0 {
		return nil, nil
	}
	const upsert = `
		with incoming as (
			select distinct on (r.connexie_id) r.*
			  from jsonb_to_recordset(@people) as r(
			       connexie_id text, email text, email_state text, first_name text, infix text, last_name text,
			       date_of_birth date, phone text, street text, house_number text, postal_code text, city text,
			       country text, sent text[], employment_ended boolean, employment_start date, employment_end date,
			       modified_at timestamptz, fingerprint text)
			 order by r.connexie_id, r.modified_at desc)
		insert into connexie.people as kept (
			   connection_id, connexie_id, email, email_state, first_name, infix, last_name, date_of_birth, phone,
			   street, house_number, postal_code, city, country, sent, employment_ended, employment_start,
			   employment_end, modified_at, fingerprint)
		select @connection_id, connexie_id, email, email_state, first_name, infix, last_name, date_of_birth, phone,
			   street, house_number, postal_code, city, country, sent, employment_ended, employment_start,
			   employment_end, modified_at, decode(fingerprint, 'hex')
		  from incoming
		 order by connexie_id
		on conflict (connection_id, connexie_id) do update
		   set email = excluded.email, email_state = excluded.email_state, first_name = excluded.first_name,
			   infix = excluded.infix, last_name = excluded.last_name, date_of_birth = excluded.date_of_birth,
			   phone = excluded.phone, street = excluded.street, house_number = excluded.house_number,
			   postal_code = excluded.postal_code, city = excluded.city, country = excluded.country,
			   sent = excluded.sent, employment_ended = excluded.employment_ended,
			   employment_start = excluded.employment_start, employment_end = excluded.employment_end,
			   modified_at = excluded.modified_at, fingerprint = excluded.fingerprint, problem = null
		 where excluded.modified_at >= kept.modified_at
		   and (excluded.fingerprint <> kept.fingerprint or kept.problem is not null)
		returning connexie_id`
	differing, err := differingRows(ctx, tx, page)
	if err != nil || len(differing) == 0 {
		return nil, err
	}
	people, err := json.Marshal(differing)
	if err != nil {
		return nil, fmt.Errorf("encode %d people: %w", len(differing), err)
	}
	ids, err := column[string](ctx, tx, "write people", upsert,
		args{"connection_id": page.ConnectionID, "people": string(people)})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return ids, replaceContracts(ctx, tx, page.ConnectionID, string(people), ids)
}

// differingRows are the people of the page whose record is not the one that the mirror
// holds: on most nights hardly anybody, so that hardly anything travels.
func differingRows(ctx context.Context, tx pgx.Tx, page MirrorPage) ([]mirrorRow, error) {
	const query = `
		select distinct sent.id
		  from unnest(@ids::text[], @fingerprints::text[]) as sent(id, fingerprint)
		  left join lateral (
			   select fingerprint, problem from connexie.people
			    where connection_id = @connection_id and connexie_id = sent.id offset 0) kept on true
		 where kept.fingerprint is distinct from decode(sent.fingerprint, 'hex') or kept.problem is not null`
	rows, err := mirrorRows(page.People)
	if err != nil {
		return nil, err
	}
	ids, fingerprints := make([]string, len(rows)), make([]string, len(rows))
	for i, row := range rows {
		ids[i], fingerprints[i] = row.ConnexieID, row.Fingerprint
	}
	differing, err := column[string](ctx, tx, "find who differs", query,
		args{"connection_id": page.ConnectionID, "ids": ids, "fingerprints": fingerprints})
	if err != nil {
		return nil, err
	}
	wanted := make(map[string]bool, len(differing))
	for _, id := range differing {
		wanted[id] = true
	}
	return slices.DeleteFunc(rows, func(row mirrorRow) bool { return !wanted[row.ConnexieID] }), nil
}

// replaceContracts makes the mirror hold exactly the contracts of the people who
// changed.
func replaceContracts(ctx context.Context, tx pgx.Tx, connectionID, people string, ids []string) error {
	const remove = `
		delete from connexie.person_contracts
		 where ctid = any(array(
			   select c.ctid
			     from unnest(@ids::text[]) as changed(id)
			    cross join lateral (
			          select ctid from connexie.person_contracts
			           where connection_id = @connection_id and connexie_id = changed.id offset 0) c))`
	const insert = `
		with incoming as (
			select distinct on (r.connexie_id) r.*
			  from jsonb_to_recordset(@people) as r(connexie_id text, modified_at timestamptz, contracts jsonb)
			 order by r.connexie_id, r.modified_at desc)
		insert into connexie.person_contracts (
			   connection_id, connexie_id, contract_id, type, start_date, end_date, hours_per_week, hourly_wage,
			   job_title, venue_id, additional_venue_ids)
		select @connection_id, i.connexie_id, c.*
		  from incoming i,
			   jsonb_to_recordset(i.contracts) as c(
			   contract_id text, type text, start_date date, end_date date, hours_per_week numeric,
			   hourly_wage numeric, job_title text, venue_id text, additional_venue_ids text[])
		 where i.connexie_id = any(@ids)`
	_, err := execute(ctx, tx, "remove old contracts", remove, args{"connection_id": connectionID, "ids": ids})
	if err != nil {
		return err
	}
	_, err = execute(ctx, tx, "write contracts", insert,
		args{"connection_id": connectionID, "people": people, "ids": ids})
	return err
}

// saveBadRecords notes what could not be read; what the mirror held of such a
// person before stays as it is (S15). The list must be read again, also where
// Connexie says that nothing in it changed: the cause may have passed.
func saveBadRecords(ctx context.Context, tx pgx.Tx, page MirrorPage) error {
	const query = `
		insert into connexie.people as kept (
			   connection_id, connexie_id, email_state, employment_ended, modified_at, fingerprint, problem)
		select distinct on (b.id) @connection_id, b.id, 'blank', false, 'epoch'::timestamptz, ''::bytea, b.reason
		  from unnest(@ids::text[], @reasons::text[]) as b(id, reason)
		 order by b.id
		on conflict (connection_id, connexie_id) do update set problem = excluded.problem
		 where kept.problem is distinct from excluded.problem`
	ids, reasons := []string{}, []string{}
	for _, bad := range page.Bad {
		if bad.ID != "" {
			ids, reasons = append(ids, bad.ID), append(reasons, bad.Reason)
		}
	}
	if len(page.Bad) > 0 {
		if err := dropETags(ctx, tx, page.ConnectionID, ListPeople); err != nil {
			return err
		}
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := execute(ctx, tx, "note bad records", query,
		args{"connection_id": page.ConnectionID, "ids": ids, "reasons": reasons})
	return err
}

// SeePerson notes that somebody who was read alone is there, also for whoever is
// reading the list at this moment: the page may have been read before the person came
// (S14).
func (s *Store) SeePerson(ctx context.Context, connectionID, connexieID string) error {
	const query = `
		update connexie.people
		   set missing_since = null, seen_alone_number = nextval('connexie.reading_number')
		 where connection_id = @connection_id and connexie_id = @connexie_id
		   and (missing_since is not null
		        or exists (select from connexie.sync_runs
		                    where connection_id = @connection_id and stage = 'reading' and only_connexie_id is null))`
	_, err := execute(ctx, s.pool, "note that person "+connexieID+" is there", query,
		args{"connection_id": connectionID, "connexie_id": connexieID})
	return err
}
