package store_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// formerContract is a team member of whose contracts Connexie lists c1 and no longer
// c0, after a synchronisation.
type formerContract struct {
	db           *testkit.DB
	connection   string
	teamMember   string
	organisation string
	batch        store.Batch
}

func newFormerContract(t *testing.T, db *testkit.DB) formerContract {
	t.Helper()
	s := formerContract{db: db, organisation: db.Organisation(t)}
	s.connection = db.Connection(t, s.organisation).ID
	db.ConnexieVenues(t, s.connection, "V1", "Bar")
	require.NoError(t, db.Store.ConnectVenue(t.Context(), s.connection, db.Venue(t, s.organisation, "Bar"), "V1", "cli", now))
	_, err := db.Store.SavePage(t.Context(), store.MirrorPage{ConnectionID: s.connection, People: []domain.Person{wholePerson()}})
	require.NoError(t, err)
	s.batch = store.Batch{
		Run: store.PlanOwner{RunID: open(t, db, fullRun(t, s.connection)).ID, ConnectionID: s.connection},
		Day: today, By: "cli", ConnexieIDs: []string{"p1"},
	}
	s.sync(t)
	s.teamMember = testkit.Value[string](t, db,
		`select team_member_id::text from connexie.links where connection_id = $1 and connexie_id = 'p1'`, s.connection)
	return s
}

func (s formerContract) sync(t *testing.T) {
	t.Helper()
	require.NoError(t, s.db.Store.ApplyBatch(t.Context(), s.batch, now))
}

func (s formerContract) named(t *testing.T) []string {
	t.Helper()
	named, err := s.db.Store.NamePeople(t.Context(), s.connection, today)
	require.NoError(t, err)
	return named
}

// end is the last day of c0 as Eitje holds it, "open" without one, "gone" where Eitje
// does not hold it.
func (s formerContract) end(t *testing.T) string {
	t.Helper()
	return testkit.Value[string](t, s.db, `
		select coalesce((select coalesce(end_date::text, 'open') from eitje.contracts
		                  where team_member_id = $1 and connexie_contract_id = 'c0'), 'gone')`, s.teamMember)
}

// exported adds an export with a line for each day under the contract.
func (s formerContract) exported(t *testing.T, state domain.VenueState, teamMember, contract string, days ...domain.Date) {
	t.Helper()
	export := testkit.ID(t)
	s.db.Exec(t, `
		insert into connexie.exports (id, connection_id, workflow_id, from_day, to_day, kinds, mode, requested_by, stage,
		       outcome, started_at, closed_at)
		values ($1, $2, 'export', '2026-11-01', '2026-11-30', '{hours}', 'apply', 'cli', 'closed', 'ok', $3, $3)`, export, s.connection, now)
	s.db.Exec(t, `insert into connexie.export_venues (export_id, connexie_venue_id, first_line, lines, state) values ($1, 'V1', 1, $2, $3)`,
		export, len(days), state)
	for i, day := range days {
		s.db.Exec(t, `
			insert into connexie.export_lines (export_id, line, connexie_venue_id, connexie_id, team_member_id, entry_id, day,
			       kind, code, minutes, quantity, entry_version, content_hash, contract_id)
			values ($1, $2, 'V1', 'p1', $3, gen_random_uuid(), $4, 'hours', '1000', 60, 1, 1, '', $5)`,
			export, i+1, teamMember, day, contract)
	}
}

func TestSync_X2_S9_AContractThatIsGoneIsKeptClosedWhereExportedLinesNameIt(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	day := func(d int) domain.Date { return domain.NewDate(2026, 11, d) }
	type export struct {
		state    domain.VenueState
		contract string
		days     []domain.Date
	}
	exported := func(state domain.VenueState, days ...domain.Date) []export {
		return []export{{state, "c0", days}}
	}
	rows := []struct {
		name    string
		held    testkit.Contract
		exports []export
		end     string
		audit   []string
	}{
		{"X2_never_exported", testkit.Contract{}, nil, "gone", []string{"connexie_contract_id", "removed", "start_date", "type"}},
		{"X2_open_ended", testkit.Contract{}, exported(domain.VenueExported, day(3), day(10), day(5)), "2026-11-10", []string{"end_date"}},
		{"X2_committed_and_not_read_back", testkit.Contract{}, exported(domain.VenueCommitted, day(3)), "2026-11-03", []string{"end_date"}},
		{"X2_ends_later", testkit.Contract{End: day(30)}, exported(domain.VenueExported, day(10)), "2026-11-10", []string{"end_date"}},
		{"X2_S9_closed_on_that_day", testkit.Contract{End: day(10)}, exported(domain.VenueExported, day(10)), "2026-11-10", nil},
		{"X2_S9_has_ended_before", testkit.Contract{End: day(7)}, exported(domain.VenueExported, day(10)), "2026-11-07", nil},
		{"X2_begins_after_what_was_exported", testkit.Contract{Start: day(11)}, exported(domain.VenueExported, day(10)), "gone",
			[]string{"connexie_contract_id", "removed", "start_date", "type"}},
		{"X2_an_export_that_was_refused", testkit.Contract{End: day(7)}, exported(domain.VenueRefused, day(10)), "gone",
			[]string{"connexie_contract_id", "end_date", "removed", "start_date", "type"}},
		{"X2_the_last_of_several_exports", testkit.Contract{}, []export{
			{domain.VenueExported, "c0", []domain.Date{day(9)}}, {domain.VenueExported, "c0", []domain.Date{day(8)}},
			{domain.VenueRejected, "c0", []domain.Date{day(10)}},
		}, "2026-11-09", []string{"end_date"}},
		{"X2_another_contract_was_exported", testkit.Contract{End: day(7)}, []export{{domain.VenueExported, "c1", []domain.Date{day(10)}}}, "gone",
			[]string{"connexie_contract_id", "end_date", "removed", "start_date", "type"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newFormerContract(t, db)
			row.held.TeamMemberID, row.held.ConnexieID = s.teamMember, "c0"
			contract := db.Contract(t, row.held)
			for _, export := range row.exports {
				s.exported(t, export.state, s.teamMember, export.contract, export.days...)
			}
			s.exported(t, domain.VenueExported, testkit.ID(t), "c0", today) // another team member
			if row.audit == nil {
				require.Empty(t, s.named(t))
			} else {
				require.Equal(t, []string{"p1"}, s.named(t))
			}
			s.sync(t)
			require.Equal(t, row.end, s.end(t))
			require.Equal(t, row.audit, testkit.Value[[]string](t, db,
				`select array_agg(field order by field) from connexie.changes where object_id = $1::text`, contract))
			require.Empty(t, s.named(t), "S9: nothing changes any more")
		})
	}
}

func TestSync_S8_AContractThatComesBackIsWrittenOverAgain(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	s := newFormerContract(t, db)
	contract := db.Contract(t, testkit.Contract{TeamMemberID: s.teamMember, ConnexieID: "c0"})
	s.exported(t, domain.VenueExported, s.teamMember, "c0", domain.NewDate(2026, 11, 10))
	s.sync(t)
	require.Equal(t, "2026-11-10", s.end(t))
	person := wholePerson()
	back := person.Contracts[0]
	back.ID, back.Start, back.End = "c0", domain.NewDate(2026, 1, 1), domain.Date{}
	person.Contracts, person.ModifiedAt = append(person.Contracts, back), now.Add(1)
	_, err := db.Store.SavePage(t.Context(), store.MirrorPage{ConnectionID: s.connection, People: []domain.Person{person}})
	require.NoError(t, err)
	require.Equal(t, []string{"p1"}, s.named(t))
	s.sync(t)
	require.Equal(t, "open", s.end(t))
	require.Equal(t, 1, testkit.Value[int](t, db, `select count(*) from eitje.contracts where id = $1 and connexie_contract_id = 'c0'`, contract))
	require.Empty(t, s.named(t))
}

// Lines are many, and nearly nobody has a contract that is gone: a night reads lines of
// such contracts alone, whatever PostgreSQL knows of the tables.
func TestSync_S9_ANightReadsTheLinesOfContractsThatAreGoneAlone(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	s := newFormerContract(t, db)
	var days []domain.Date
	for range 500 {
		days = append(days, today)
	}
	s.exported(t, domain.VenueExported, s.teamMember, "c1", days...)
	compare := func() (plan []string) {
		lines, err := db.Store.Explain(t.Context(), store.ComparePeople, map[string]any{
			"connection_id": s.connection, "day": today, "standing_causes": []string{},
		})
		require.NoError(t, err)
		for _, line := range lines {
			if strings.Contains(line, "on export_") {
				plan = append(plan, line)
			}
		}
		require.NotEmpty(t, plan)
		return plan
	}
	for _, line := range compare() {
		require.Contains(t, line, "never executed")
	}
	db.Contract(t, testkit.Contract{TeamMemberID: s.teamMember, ConnexieID: "c0"})
	s.exported(t, domain.VenueExported, s.teamMember, "c0", today)
	for _, line := range compare() {
		require.NotContains(t, line, "Seq Scan")
	}
	read, err := db.Store.RowsReadApplying(t.Context(), s.batch, now)
	require.NoError(t, err)
	require.Equal(t, 1, read["export_lines"])
}
