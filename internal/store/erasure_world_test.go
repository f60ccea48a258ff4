package store_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// ring is a key ring of tests, the newest key first.
type ring []string

func (r ring) NewestKey() string { return r[0] }

func (r ring) HashID(keyID, connectionID, connexieID string) ([]byte, error) {
	if !slices.Contains(r, keyID) {
		return nil, fmt.Errorf("no key %s", keyID)
	}
	sum := sha256.Sum256([]byte(keyID + "|" + connectionID + "|" + connexieID))
	return sum[:], nil
}

var oneKey = ring{"k1"}

// What the person is called nowhere else: found in a row, the row is about the person.
var traces = []string{
	"emp_gone", "Zonnebloem", "Hyacintha", "van der Wolk", "+31687654321", "Tulpenhof", "1987-06-05", "9876ZZ", "Giethoorn",
	"wolk@example.org", "Wolk@Example.org", "new.wolk@example.org", "+31600000001",
}

// erasing is an organisation whose person has left, and left something in every table.
type erasing struct {
	exporting
	person domain.Person
	// entries are exported, one for each of two days.
	entries []string
	// colleague stays.
	colleague string
}

// gone is the person, with a value in every member, whose employment ended yesterday.
func gone() domain.Person {
	amount := decimal.NullDecimal{Decimal: decimal.MustParse("17.50"), Valid: true}
	return domain.Person{
		ID: "emp_gone", Email: "Wolk@Example.org", FirstName: "Hyacintha", LastName: "Zonnebloem", Infix: domain.Sent("van der Wolk"),
		DateOfBirth: domain.Sent(domain.NewDate(1987, time.June, 5)), Phone: domain.Sent("+31687654321"),
		Street: domain.Sent("Tulpenhof"), HouseNumber: domain.Sent("4b"), PostalCode: domain.Sent("9876ZZ"),
		City: domain.Sent("Giethoorn"), Country: domain.Sent("NL"),
		Employment: domain.Employment{Start: today.AddDays(-400)},
		Contracts: []domain.Contract{{
			ID: "con_gone", Type: domain.Flex, Start: today.AddDays(-400), HoursPerWeek: amount,
			HourlyWage: amount, JobTitle: "Zonnebloemkok", VenueID: "ven_1",
		}},
		ModifiedAt: now,
	}
}

func newErasing(t *testing.T) *erasing {
	t.Helper()
	x := &erasing{exporting: exporting{DB: testkit.New(t)}, person: gone()}
	x.organisation = x.Organisation(t)
	x.venue = x.Venue(t, x.organisation, "Bar")
	x.connection = x.DB.Connection(t, x.organisation).ID
	x.ConnexieVenues(t, x.connection, "ven_1", "Bar")
	require.NoError(t, x.Store.ConnectVenue(t.Context(), x.connection, x.venue, "ven_1", "cli", now))
	x.Code(t, x.connection, domain.LineHours, "", "1000")

	x.sync(t, x.person, colleague("emp_stays", "stays@example.org"))
	x.member = x.linkOf(t, "emp_gone")
	x.colleague = x.linkOf(t, "emp_stays")
	x.entries = []string{x.entry(t, 2), x.entry(t, 3)}
	x.Entry(t, testkit.Entry{OrganisationID: x.organisation, TeamMemberID: x.colleague, VenueID: x.venue, Day: nov(2)})
	x.exportNovember(t)

	// Edits leave images of before and after, an unlinked profile an open question, and
	// the employment ends.
	x.Exec(t, `update eitje.team_members set phone = '+31600000001' where id = $1`, x.member)
	x.person.Email, x.person.Employment.Ended, x.person.ModifiedAt = "new.wolk@example.org", true, now.Add(time.Minute)
	x.sync(t, x.person, colleague("emp_stays", "stays@example.org"))
	x.alone(t, "emp_gone")
	x.Exec(t, `
		insert into connexie.person_standings (connection_id, connexie_id, situation, reason, rule, since)
		select $1, 'emp_stays', 'disputed', 'several_candidates', 'S6', now()
		    on conflict do nothing`, x.connection)
	x.Exec(t, `insert into connexie.dispute_candidates values ($1, 'emp_stays', $2)`, x.connection, x.member)
	x.Exec(t, `
		insert into connexie.dispute_decisions (id, connection_id, connexie_id, decision, dispute, email_key, candidates, reason, decided_by, decided_at)
		values (gen_random_uuid(), $1, 'emp_gone', 'create', 'shared_email', 'wolk@example.org', '{}', 'Zonnebloem said so.', 'cli', now())`, x.connection)
	x.Exec(t, `
		insert into connexie.holds (id, connection_id, connexie_id, until, reason, by, created_at, lifted_at, lifted_by)
		values (gen_random_uuid(), $1, 'emp_gone', '2026-11-01', 'Zonnebloem is ill.', 'cli', now(), now(), 'cli')`, x.connection)
	x.ending(t, true)
	x.duplicate(t)
	_, err := x.Store.OpenNotices(t.Context(), x.connection, []domain.Notice{
		{Cause: domain.CauseEmailDiffers, Subject: x.member, Severity: domain.SeverityInfo, NextStep: "Ask Zonnebloem."},
		{Cause: domain.CauseDisputed, Subject: "emp_stays", Severity: domain.SeverityInfo, NextStep: "Decide."},
	}, now)
	require.NoError(t, err)
	return x
}

// duplicate keeps a second profile of the person, which was made one with the first, and
// another one that had been made one with that (S22).
func (x *erasing) duplicate(t *testing.T) {
	t.Helper()
	kept := x.member
	for range 2 {
		duplicate := x.TeamMember(t, testkit.TeamMember{
			OrganisationID: x.organisation, FirstName: "Hyacintha", LastName: "Zonnebloem", Archived: true,
		})
		x.Exec(t, `
			insert into eitje.contracts (id, team_member_id, connexie_contract_id, type, start_date, job_title)
			values (gen_random_uuid(), $1, 'con_old', 'flex', '2020-01-01', 'Zonnebloemkok')`, duplicate)
		x.Exec(t, `
			with repair as (
			    insert into connexie.repairs (id, connection_id, keep_id, drop_id, connexie_id, link_moved, announced, counts,
			           kept_entries, requested_by, repaired_at)
			    values (gen_random_uuid(), $1, $2, $3, 'emp_gone', true, false, '{}', '{}', 'cli', now()) returning id)
			insert into connexie.repair_moves (repair_id, object, object_id, before, after)
			select id, 'team_member', $2, '{"last_name": "Zonnebloem"}', '{"last_name": "van der Wolk"}' from repair`,
			x.connection, kept, duplicate)
		kept = duplicate
	}
}

// ending keeps an ending of the person's employment, with a note in somebody's words.
func (x *erasing) ending(t *testing.T, closed bool) {
	t.Helper()
	x.Exec(t, `
		with ending as (
		    insert into connexie.endings (id, connection_id, team_member_id, connexie_id, workflow_id, requested_end_date, end_date,
		           requested_by, stage, stage_since, outcome, opened_at, closed_at)
		    values (gen_random_uuid(), $1, $2::uuid, 'emp_gone', 'end-employment/'||$2::uuid, '2026-11-20', '2026-11-20', 'cli',
		            case when $3::bool then 'closed' else 'watching' end, now(), case when $3 then 'ended' end, now(), case when $3 then now() end)
		    returning id)
		insert into connexie.ending_notes (ending_id, written_at, by, note)
		select id, now(), 'cli', 'Zonnebloem moves abroad.' from ending`, x.connection, x.member, closed)
}

func colleague(id, email string) domain.Person {
	return domain.Person{
		ID: id, Email: email, FirstName: "Sanne", LastName: "Blijver", ModifiedAt: now,
		Employment: domain.Employment{Start: today.AddDays(-400)},
		Contracts:  []domain.Contract{{ID: "con_" + id, Type: domain.Flex, Start: today.AddDays(-400), VenueID: "ven_1"}},
	}
}

// read reads a list to its end, as a full run does, and returns the reading.
func (x *erasing) read(t *testing.T, hasher store.IDHasher, people ...domain.Person) (int64, error) {
	t.Helper()
	number, err := x.Store.StartReading(t.Context(), x.connection, now)
	require.NoError(t, err)
	_, err = x.Store.SavePage(t.Context(), store.MirrorPage{
		ConnectionID: x.connection, Reading: number, Page: 1, People: people, Hasher: hasher,
	})
	if err != nil {
		return number, err
	}
	return number, x.Store.CompleteReading(t.Context(), store.CompletedReading{
		ConnectionID: x.connection, Number: number, ETag: `"one"`, PageLimit: 500,
	}, now)
}

// sync reads, plans and applies, and closes the run.
func (x *erasing) sync(t *testing.T, people ...domain.Person) store.Run {
	t.Helper()
	opened := open(t, x.DB, fullRun(t, x.connection))
	number, err := x.read(t, oneKey, people...)
	require.NoError(t, err)
	require.NoError(t, x.Store.SetReading(t.Context(), opened.ID, number))
	x.apply(t, store.PlanOwner{RunID: opened.ID, ConnectionID: x.connection}, x.named(t))
	counts, err := x.Store.CountRun(t.Context(), opened.ID)
	require.NoError(t, err)
	closed, err := x.Store.CloseRun(t.Context(), opened.ID, store.RunClosing{Outcome: domain.SyncOK, Counts: counts}, now)
	require.NoError(t, err)
	return closed
}

func (x *erasing) named(t *testing.T) []string {
	t.Helper()
	named, err := x.Store.NamePeople(t.Context(), x.connection, today)
	require.NoError(t, err)
	return named
}

// alone synchronises one person, with the steps of the decision.
func (x *erasing) alone(t *testing.T, id string) {
	t.Helper()
	opening := fullRun(t, x.connection)
	opening.OnlyConnexieID, opening.WorkflowID = id, "sync/"+x.connection+"/"+id
	opened := open(t, x.DB, opening)
	x.apply(t, store.PlanOwner{RunID: opened.ID, ConnectionID: x.connection, Explain: true}, []string{id})
	closeRun(t, x.DB, opened.ID, domain.SyncOK)
}

func (x *erasing) apply(t *testing.T, owner store.PlanOwner, ids []string) {
	t.Helper()
	if len(ids) > 0 {
		require.NoError(t, x.Store.ApplyBatch(t.Context(), store.Batch{Run: owner, Day: today, By: "cli", ConnexieIDs: ids}, now))
	}
}

func (x *erasing) linkOf(t *testing.T, id string) string {
	t.Helper()
	return testkit.Value[string](t, x.DB,
		`select coalesce((select team_member_id::text from connexie.links where connection_id = $1 and connexie_id = $2), '')`,
		x.connection, id)
}

// exportNovember brings November to Connexie and returns the export.
func (x *erasing) exportNovember(t *testing.T) store.Export {
	t.Helper()
	export := x.Export(t, store.ExportOpening{ConnectionID: x.connection})
	_, err := x.Store.SnapshotExport(t.Context(), export.ID)
	require.NoError(t, err)
	venues, err := x.Store.ExportVenues(t.Context(), export.ID)
	require.NoError(t, err)
	for _, venue := range venues {
		x.bring(t, export, venue.ConnexieVenueID, "imp_"+testkit.ID(t))
	}
	x.close(t, export, domain.ExportOK)
	return export
}

func (x *erasing) request() store.ErasureRequest {
	return store.ErasureRequest{ConnectionID: x.connection, ConnexieID: "emp_gone", By: "user_1", Day: today}
}

func (x *erasing) erase(t *testing.T) store.ErasureReport {
	t.Helper()
	report, err := x.Store.Erase(t.Context(), oneKey, x.request(), now)
	require.NoError(t, err)
	require.NotEmpty(t, report.Erasure.ID, "%v", report.Obstacles)
	return report
}

// found is every place, as table and row, where a trace of the person stands.
func (x *erasing) found(t *testing.T, traces ...string) map[string][]string {
	t.Helper()
	places := map[string][]string{}
	for _, table := range x.tables(t) {
		rows, err := x.Pool.Query(t.Context(), `
			select distinct trace from (select to_jsonb(r)::text as text from `+table+` r) r, unnest($1::text[]) as trace
			 where position(lower(trace) in lower(text)) > 0`, traces)
		require.NoError(t, err)
		for rows.Next() {
			var trace string
			require.NoError(t, rows.Scan(&trace))
			places[table] = append(places[table], trace)
		}
		require.NoError(t, rows.Err())
	}
	return places
}

func (x *erasing) tables(t *testing.T) []string {
	t.Helper()
	return testkit.Value[[]string](t, x.DB, `
		select array_agg(format('%I.%I', table_schema, table_name) order by 1)
		  from information_schema.tables where table_schema in ('eitje', 'connexie') and table_type = 'BASE TABLE'`)
}
