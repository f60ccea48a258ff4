package endtoend

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// ready makes an organisation that may export: its people are linked, its venues are
// decided, and its codes are chosen.
func (o *organisation) ready(t *testing.T) {
	t.Helper()
	o.settle(t)
	o.decide(t)
	for _, code := range o.Export.Codes {
		o.choose(t, store.CodeMapping{Kind: code.Kind, Type: code.Type, Code: code.Code})
	}
}

// choose chooses a code (C6, C7).
func (o *organisation) choose(t *testing.T, mapping store.CodeMapping) {
	t.Helper()
	require.NoError(t, o.store.SetCodeMapping(t.Context(), o.connection, mapping, "test", time.Now()))
}

// working brings in an organisation of n people that may export, with a shift of eight
// hours and a dinner for each on each of the first days of last month.
func (s *system) working(t *testing.T, name string, n, days int) *organisation {
	t.Helper()
	scenario := seed.Small(name, n, 1, s.sandbox.Today())
	for i := range scenario.Account.Employees {
		employee := &scenario.Account.Employees[i]
		employee.Contracts = employee.Contracts[:1]
		contract := &employee.Contracts[0]
		contract.Type, contract.StartDate, contract.EndDate = sandbox.Flex, "2020-01-01", sandbox.Optional[sandbox.Date]{}
		contract.HoursPerWeek = sandbox.Optional[string]{}
	}
	scenario.Export = lastMonth(s.sandbox.Today())
	o := s.organisation(t, scenario)
	o.ready(t)
	o.write(t, `
		insert into eitje.entries (id, organisation_id, team_member_id, venue_id, day, starts_at, ends_at, minutes, state)
		select md5(m.organisation_id || l.connexie_id || d)::uuid, m.organisation_id, m.id, v.venue_id, d, d + time '16:00', d + time '24:00', 480, 'approved'
		  from connexie.links l
		  join eitje.team_members m on m.id = l.team_member_id
		  join lateral (select min(venue_id::text)::uuid as venue_id from eitje.team_member_venues where team_member_id = m.id) v on true
		 cross join generate_series($2::text::date, $2::text::date + $3::int - 1, interval '1 day') d
		 where l.connection_id = $1`, o.connection, string(o.Export.LastMonth.From), days)
	o.write(t, `
		insert into eitje.entry_extras (entry_id, kind, type, quantity)
		select id, 'meal', 'dinner', 1 from eitje.entries where organisation_id = $1`, o.Organisation.ID)
	return o
}

// write writes any number of rows into Eitje.
func (o *organisation) write(t *testing.T, sql string, arguments ...any) {
	t.Helper()
	_, err := o.pool.Exec(t.Context(), sql, arguments...)
	require.NoError(t, err)
}

// lastMonth is a period whose payroll has not run, and the codes of two kinds.
func lastMonth(today sandbox.Date) seed.Export {
	first := today[:8] + "01"
	return seed.Export{
		Codes: []seed.Code{
			{Kind: seed.Hours, Code: "1000"}, {Kind: seed.Meal, Type: seed.Dinner, Code: "2010"},
		},
		LastMonth: seed.Period{From: first.AddMonths(-1), To: first.AddDays(-1)},
	}
}

func (o *organisation) period() domain.Period {
	return domain.Period{From: date(o.Export.LastMonth.From), To: date(o.Export.LastMonth.To)}
}

func date(day sandbox.Date) domain.Date {
	parsed, err := domain.ParseDate(string(day))
	if err != nil {
		panic(err)
	}
	return parsed
}

// allKinds asks for everything of last month.
func (o *organisation) allKinds() workflows.ExportHoursInput {
	return workflows.ExportHoursInput{
		ConnectionID: o.connection, From: o.period().From, To: o.period().To, Kinds: domain.ExportKinds(),
		AcknowledgeUnmapped: true,
	}
}

func (o *organisation) startExport(t *testing.T, in workflows.ExportHoursInput) client.WorkflowRun {
	t.Helper()
	in.ConnectionID = o.connection
	id := workflows.ExportID(o.connection)
	if in.Mode == "preview" {
		id = workflows.ExportPreviewID(o.connection)
	}
	run, err := o.temporal.ExecuteWorkflow(t.Context(), options(id), workflows.TypeExportHours, in)
	require.NoError(t, err)
	return run
}

// export makes an export and waits for its result.
func (o *organisation) export(t *testing.T, in workflows.ExportHoursInput) workflows.ExportResult {
	t.Helper()
	return result[workflows.ExportResult](t, o.startExport(t, in))
}

// entry is one of a person's entries, the n-th by day.
func (o *organisation) entry(t *testing.T, connexieID string, n int) string {
	t.Helper()
	return value[string](t, o.system, `
		select id::text from eitje.entries where team_member_id = $1 order by day, id offset $2 limit 1`,
		o.member(t, connexieID), n-1)
}

// shown is what the table of hours shows of an entry.
func (o *organisation) shown(t *testing.T, entry string) string {
	t.Helper()
	return value[string](t, o.system, `select coalesce(exported, '') from eitje.hours where id = $1`, entry)
}

// held is a line that Connexie holds, as its ledger or our own tables tell.
type held struct {
	Venue, Reference, Person, Contract, Day, Code, Quantity string
}

// ledger is what Connexie holds.
func (o *organisation) ledger(t *testing.T) []held {
	t.Helper()
	lines, err := o.sandbox.Ledger(o.Account.ID, "", "", "")
	require.NoError(t, err)
	found := make([]held, 0, len(lines))
	for _, line := range lines {
		found = append(found, held{
			line.VenueID, line.Reference, line.EmployeeID, line.ContractID, string(line.Date), line.Code,
			plain(tenThousandths(line.Quantity)),
		})
	}
	slices.SortFunc(found, compareHeld)
	return found
}

// sent is what our tables say that Connexie holds: of each current import the lines of
// the days that it still holds.
func (o *organisation) sent(t *testing.T) []held {
	t.Helper()
	found := list(t, o.system, pgx.RowToStructByPos[held], `
		select l.connexie_venue_id, l.entry_id || '.' || l.line, l.connexie_id, l.contract_id, l.day::text, l.code,
		       trim_scale(l.quantity)::text
		  from connexie.current_imports c
		  join connexie.export_lines l on l.export_id = c.export_id and l.connexie_venue_id = c.connexie_venue_id
		                              and l.day <@ c.days
		 where c.connection_id = $1`, o.connection)
	slices.SortFunc(found, compareHeld)
	return found
}

func compareHeld(a, b held) int { return slices.Compare(a.parts(), b.parts()) }

func (h held) parts() []string {
	return []string{h.Venue, h.Reference, h.Person, h.Contract, h.Day, h.Code, h.Quantity}
}

// requireTrue holds Connexie's ledger against our lines, and the markers against both:
// every line once, and an entry is marked exactly where Connexie holds a line of it
// (X8, X11).
func (o *organisation) requireTrue(t *testing.T) {
	t.Helper()
	o.requireMarked(t)
	twice := list(t, o.system, pgx.RowTo[string], `
		select l.entry_id::text from connexie.current_imports c
		  join connexie.export_lines l on l.export_id = c.export_id and l.connexie_venue_id = c.connexie_venue_id
		                              and l.day <@ c.days
		 where c.connection_id = $1 group by l.entry_id, l.day, l.kind, l.type having count(*) > 1`, o.connection)
	require.Empty(t, twice, "lines of one entry, day, kind and type")
}

// requireMarked is requireTrue where an entry may be held at two venues: it was moved
// from one whose payroll has run, where somebody must correct it by hand (X9).
func (o *organisation) requireMarked(t *testing.T) {
	t.Helper()
	require.Equal(t, o.sent(t), o.ledger(t), "Connexie's ledger")
	wrong := list(t, o.system, pgx.RowTo[string], `
		with held as (
		    select distinct l.entry_id, c.connexie_venue_id, l.day, c.export_id
		      from connexie.current_imports c
		      join connexie.export_lines l on l.export_id = c.export_id and l.connexie_venue_id = c.connexie_venue_id
		                                  and l.day <@ c.days
		     where c.connection_id = $1),
		marked as (
		    select entry_id, connexie_venue_id, day, export_id from connexie.exported_entries where connection_id = $1)
		(select 'held and not marked: ' || h::text from (table held except table marked) h
		 union all select 'marked and not held: ' || m::text from (table marked except table held) m)`, o.connection)
	require.Empty(t, wrong, "markers")
}

// drafts are the imports that Connexie holds open.
func (o *organisation) drafts(t *testing.T) []string {
	t.Helper()
	imports, err := o.sandbox.HourImports(o.Account.ID)
	require.NoError(t, err)
	open := []string{}
	for _, made := range imports {
		if made.Status == "draft" {
			open = append(open, fmt.Sprintf("%s of venue %s", made.ID, made.VenueID))
		}
	}
	return open
}

// venueStates are the states of an export's venues.
func (o *organisation) venueStates(t *testing.T, exportID string) map[string]domain.VenueState {
	t.Helper()
	venues, err := o.store.ExportVenues(t.Context(), exportID)
	require.NoError(t, err)
	states := map[string]domain.VenueState{}
	for _, venue := range venues {
		states[venue.ConnexieVenueID] = venue.State
	}
	return states
}
