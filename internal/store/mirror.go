package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// ErrEmptyReading says that a complete reading showed nobody although people are
// linked: nothing may be concluded from such an answer (S14).
var ErrEmptyReading = errors.New("connexie's list of people is empty although people are linked (S14)")

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
}

// StartReading gives a new pass over Connexie's list its number, which only rises.
func (s *Store) StartReading(ctx context.Context, connectionID string, now time.Time) (int64, error) {
	const query = `
		insert into connexie.readings (connection_id, started_at)
		values (@connection_id, @now)
		returning number`
	return value[int64](ctx, s.pool, "start a reading of connection "+connectionID, query,
		args{"connection_id": connectionID, "now": now})
}

// SavePage writes a page into the mirror in one transaction. Unchanged people are
// not touched, and neither are those whose record in the mirror is newer than the
// one that came: a list read page by page is not a snapshot. Saving a page again
// changes nothing. It returns how many people changed, and ErrFenceLost where a
// newer attempt has begun.
func (s *Store) SavePage(ctx context.Context, page MirrorPage) (changed int, err error) {
	err = s.withTx(ctx, func(tx pgx.Tx) error {
		if err := checkFence(ctx, tx, page.ConnectionID, page.Fence); err != nil {
			return err
		}
		if err := savePageIDs(ctx, tx, page); err != nil {
			return err
		}
		ids, err := savePeople(ctx, tx, page)
		if err != nil {
			return err
		}
		changed = len(ids)
		return saveBadRecords(ctx, tx, page)
	})
	if err != nil {
		return 0, fmt.Errorf("save page %d of reading %d of connection %s: %w", page.Page, page.Reading, page.ConnectionID, err)
	}
	return changed, nil
}

func savePageIDs(ctx context.Context, tx pgx.Tx, page MirrorPage) error {
	if page.Reading == 0 {
		return nil
	}
	const query = `
		insert into connexie.reading_pages (reading, page, ids)
		values (@reading, @page, @ids)
		on conflict (reading, page) do update set ids = excluded.ids`
	ids := make([]string, 0, len(page.People)+len(page.Bad))
	for _, person := range page.People {
		ids = append(ids, person.ID)
	}
	for _, bad := range page.Bad {
		if bad.ID != "" {
			ids = append(ids, bad.ID)
		}
	}
	_, err := execute(ctx, tx, "note who is on the page", query,
		args{"reading": page.Reading, "page": page.Page, "ids": ids})
	return err
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
	people, err := mirrorRows(page.People)
	if err != nil {
		return nil, err
	}
	ids, err := column[string](ctx, tx, "write people", upsert,
		args{"connection_id": page.ConnectionID, "people": people})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return ids, replaceContracts(ctx, tx, page.ConnectionID, people, ids)
}

// replaceContracts makes the mirror hold exactly the contracts of the people who
// changed.
func replaceContracts(ctx context.Context, tx pgx.Tx, connectionID, people string, ids []string) error {
	const remove = `
		delete from connexie.person_contracts
		 where connection_id = @connection_id and connexie_id = any(@ids)`
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
// person before stays as it is (S15).
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
	if len(ids) == 0 {
		return nil
	}
	_, err := execute(ctx, tx, "note bad records", query,
		args{"connection_id": page.ConnectionID, "ids": ids, "reasons": reasons})
	return err
}

// CompleteReading concludes who is missing from a reading that reached the end of
// the list (S14): linked or not, nobody is changed for it but in missing_since. The
// ETag of the first page is kept with it. It returns ErrEmptyReading, and concludes
// nothing, where nobody was seen although people are linked. Completing a reading
// again changes nothing.
func (s *Store) CompleteReading(ctx context.Context, reading CompletedReading, now time.Time) error {
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if err := checkFence(ctx, tx, reading.ConnectionID, reading.Fence); err != nil {
			return err
		}
		if err := refuseEmpty(ctx, tx, reading); err != nil {
			return err
		}
		if err := markMissing(ctx, tx, reading, now); err != nil {
			return err
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
}

func refuseEmpty(ctx context.Context, tx pgx.Tx, reading CompletedReading) error {
	const query = `
		select not exists (select from connexie.reading_pages where reading = @reading and ids <> '{}')
		   and exists (select from connexie.links where connection_id = @connection_id)`
	empty, err := value[bool](ctx, tx, "ask whether the reading is empty", query,
		args{"reading": reading.Number, "connection_id": reading.ConnectionID})
	if err == nil && empty {
		return ErrEmptyReading
	}
	return err
}

func markMissing(ctx context.Context, tx pgx.Tx, reading CompletedReading, now time.Time) error {
	const mark = `
		with seen as (
			select distinct unnest(ids) as connexie_id from connexie.reading_pages where reading = @reading)
		update connexie.people p
		   set missing_since = case when seen.connexie_id is null then @now::timestamptz end
		  from connexie.people q left join seen on seen.connexie_id = q.connexie_id
		 where q.connection_id = @connection_id
		   and p.connection_id = q.connection_id and p.connexie_id = q.connexie_id
		   and (p.missing_since is null) = (seen.connexie_id is null)
		   and not exists (select from connexie.readings later
		                    where later.connection_id = @connection_id and later.number > @reading
		                      and later.completed_at is not null)`
	const complete = `
		update connexie.readings set completed_at = @now
		 where connection_id = @connection_id and number = @reading and completed_at is null`
	const prune = `
		delete from connexie.readings
		 where connection_id = @connection_id and number < @reading
		   and (completed_at is not null or started_at < @now::timestamptz - interval '1 day')`
	for _, query := range []string{mark, complete, prune} {
		values := args{"connection_id": reading.ConnectionID, "reading": reading.Number, "now": now}
		if _, err := execute(ctx, tx, "conclude who is missing", query, values); err != nil {
			return err
		}
	}
	return nil
}

// SeePerson notes that somebody who was read alone is there.
func (s *Store) SeePerson(ctx context.Context, connectionID, connexieID string) error {
	const query = `
		update connexie.people set missing_since = null
		 where connection_id = @connection_id and connexie_id = @connexie_id and missing_since is not null`
	_, err := execute(ctx, s.pool, "note that person "+connexieID+" is there", query,
		args{"connection_id": connectionID, "connexie_id": connexieID})
	return err
}

// mirrorRow is a person as one JSON row of the statement that saves a page.
type mirrorRow struct {
	ConnexieID      string            `json:"connexie_id"`
	Email           *string           `json:"email"`
	EmailState      domain.EmailState `json:"email_state"`
	FirstName       *string           `json:"first_name"`
	Infix           *string           `json:"infix"`
	LastName        *string           `json:"last_name"`
	DateOfBirth     domain.Date       `json:"date_of_birth"`
	Phone           *string           `json:"phone"`
	Street          *string           `json:"street"`
	HouseNumber     *string           `json:"house_number"`
	PostalCode      *string           `json:"postal_code"`
	City            *string           `json:"city"`
	Country         *string           `json:"country"`
	Sent            []string          `json:"sent"`
	EmploymentEnded bool              `json:"employment_ended"`
	EmploymentStart domain.Date       `json:"employment_start"`
	EmploymentEnd   domain.Date       `json:"employment_end"`
	ModifiedAt      time.Time         `json:"modified_at"`
	Fingerprint     string            `json:"fingerprint"`
	Contracts       []mirrorContract  `json:"contracts"`
}

type mirrorContract struct {
	ContractID         string              `json:"contract_id"`
	Type               domain.ContractType `json:"type"`
	Start              domain.Date         `json:"start_date"`
	End                domain.Date         `json:"end_date"`
	HoursPerWeek       *string             `json:"hours_per_week"`
	HourlyWage         *string             `json:"hourly_wage"`
	JobTitle           *string             `json:"job_title"`
	VenueID            string              `json:"venue_id"`
	AdditionalVenueIDs []string            `json:"additional_venue_ids"`
}

func mirrorRows(people []domain.Person) (string, error) {
	rows := make([]mirrorRow, 0, len(people))
	for _, person := range people {
		row := newMirrorRow(person)
		fingerprint, err := json.Marshal(row)
		if err != nil {
			return "", fmt.Errorf("encode person %s: %w", person.ID, err)
		}
		row.Fingerprint = fmt.Sprintf("%x", sha256.Sum256(fingerprint))
		rows = append(rows, row)
	}
	encoded, err := json.Marshal(rows)
	return string(encoded), err
}

func newMirrorRow(p domain.Person) mirrorRow {
	row := mirrorRow{
		ConnexieID: p.ID, Email: orNull(p.Email), EmailState: domain.CheckEmail(p.Email),
		FirstName: orNull(p.FirstName), Infix: orNull(p.Infix.Value), LastName: orNull(p.LastName),
		DateOfBirth: p.DateOfBirth.Value, Phone: orNull(p.Phone.Value), Street: orNull(p.Street.Value),
		HouseNumber: orNull(p.HouseNumber.Value), PostalCode: orNull(p.PostalCode.Value),
		City: orNull(p.City.Value), Country: orNull(p.Country.Value), Sent: domain.SentMembers(p),
		EmploymentEnded: p.Employment.Ended, EmploymentStart: p.Employment.Start, EmploymentEnd: p.Employment.End,
		ModifiedAt: p.ModifiedAt, Contracts: []mirrorContract{},
	}
	for _, c := range p.Contracts {
		row.Contracts = append(row.Contracts, mirrorContract{
			ContractID: c.ID, Type: c.Type, Start: c.Start, End: c.End,
			HoursPerWeek: decimalOrNull(c.HoursPerWeek), HourlyWage: decimalOrNull(c.HourlyWage),
			JobTitle: orNull(c.JobTitle), VenueID: c.VenueID, AdditionalVenueIDs: c.Venues()[1:],
		})
	}
	return row
}
