package app_test

import (
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// payroll is an operator on an organisation whose one team member has worked on the
// first two days of November, with dinner on the second.
type payroll struct {
	operation

	venue, member, first, second string
}

func nov(day int) domain.Date { return domain.NewDate(2026, time.November, day) }

func onPayroll(t *testing.T) payroll {
	t.Helper()
	p := payroll{operation: operate(t)}
	p.venue = p.db.Venue(t, p.organisation, "Keuken")
	p.member = p.db.TeamMember(t, testkit.TeamMember{OrganisationID: p.organisation, FirstName: "Noor", LastName: "Vos"})
	p.db.Link(t, p.connection, p.member, "emp_1")
	p.db.Contract(t, testkit.Contract{TeamMemberID: p.member, ConnexieID: "con_1"})
	p.db.ConnexieVenues(t, p.connection, "ven_1", "Brug")
	_, err := p.DecideVenue(t.Context(), app.VenueDecision{ConnectionID: p.connection, EitjeID: p.venue, ConnexieID: "ven_1"})
	require.NoError(t, err)
	p.db.Code(t, p.connection, domain.LineHours, "", "1000")
	p.first = p.work(t, 1)
	p.second = p.work(t, 2, testkit.Extra{Type: "dinner"})
	return p
}

func (p payroll) work(t *testing.T, day int, extras ...testkit.Extra) string {
	t.Helper()
	return p.db.Entry(t, testkit.Entry{
		OrganisationID: p.organisation, TeamMemberID: p.member, VenueID: p.venue, Day: nov(day), Extras: extras,
	})
}

// collected is an export of hours and meals with its snapshot, as a worker makes it.
func (p payroll) collected(t *testing.T, mode string) string {
	t.Helper()
	export := p.db.Export(t, store.ExportOpening{
		ConnectionID: p.connection, Mode: mode, Kinds: []domain.ExportKind{domain.ExportHours, domain.ExportMeals},
	})
	_, err := p.db.Store.SnapshotExport(t.Context(), export.ID)
	require.NoError(t, err)
	return export.ID
}

// send brings the lines of an export to the Connexie that the test imagines, which reads
// back what was sent.
func (p payroll) send(t *testing.T, exportID string) {
	t.Helper()
	ctx, db := t.Context(), p.db.Store
	venue, open, err := db.BeginVenue(ctx, exportID, "ven_1")
	require.NoError(t, err)
	require.True(t, open)
	require.NoError(t, db.RecordDraft(ctx, exportID, "ven_1", venue.Attempt, "imp_1"))
	require.NoError(t, db.RecordSent(ctx, exportID, "ven_1", venue.Lines))
	require.NoError(t, db.RecordCommit(ctx, exportID, "ven_1", "imp_1", testkit.Now))
	require.NoError(t, db.RecordReadBack(ctx, exportID, "ven_1", venue.Lines, venue.Totals))
	require.NoError(t, db.MarkVenue(ctx, exportID, "ven_1", testkit.Now))
}

func (p payroll) close(t *testing.T, exportID string, closing store.ExportClosing) app.ExportReport {
	t.Helper()
	_, err := p.db.Store.CloseExport(t.Context(), exportID, closing, testkit.Now.Add(time.Second))
	require.NoError(t, err)
	export, err := p.Export(t.Context(), exportID)
	require.NoError(t, err)
	report, err := p.Report(t.Context(), export)
	require.NoError(t, err)
	return report
}

func eight() decimal.Decimal { return decimal.MustParse("8") }

func TestOperator_X16_APreviewTellsWhatWouldBeSentAndWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	p := onPayroll(t)
	// What stands on other days, or came later, is not this export's.
	late := testkit.Entry{
		OrganisationID: p.organisation, TeamMemberID: p.member, VenueID: p.venue, Day: domain.NewDate(2026, time.October, 2),
		Extras: []testkit.Extra{{Type: "dinner"}, {Type: "breakfast"}},
	}
	p.db.Entry(t, late)
	id := p.collected(t, store.ModePreview)
	late.Day = domain.NewDate(2026, time.November, 2)
	p.db.Entry(t, late)
	report := p.close(t, id, store.ExportClosing{
		Outcome: domain.ExportNeedsAcknowledgement, Counts: domain.Counts{"unmapped": 1, "skipped": 1, "skipped.C6.unmapped": 1},
	})
	require.True(t, report.Preview())
	require.Len(t, report.People, 1)
	person := report.People[0]
	require.Equal(t, app.Who{TeamMemberID: p.member, ConnexieID: "emp_1", Name: "Noor Vos"}, person.Who)
	require.Equal(t, 2, person.Lines)
	require.True(t, person.Quantity.Equal(decimal.MustParse("16")))
	require.Equal(t, []app.LeftOutCount{{Rule: "C6", Reason: domain.ReasonUnmapped, Count: 1}}, report.LeftOutCounts)
	require.Equal(t, []app.UnmappedKind{{Kind: "meal", Type: "dinner", Entries: 1}}, report.Unmapped)
	require.Empty(t, report.Differences, "nothing was exported before, so nothing is repeated")
	require.Empty(t, report.Receipt)
	require.Contains(t, report.NextStep, "--acknowledge-unmapped")

	left, err := p.LeftOut(t.Context(), report.ExportID, 10)
	require.NoError(t, err)
	require.Len(t, left, 1)
	require.Equal(t, p.second, left[0].EntryID)
	require.Equal(t, "C6", left[0].Rule)
}

func TestOperator_X18_X11_AnExportHasAReceiptAndShowsInTheTableOfHours(t *testing.T) {
	t.Parallel()
	p := onPayroll(t)
	id := p.collected(t, store.ModeApply)
	p.send(t, id)
	report := p.close(t, id, store.ExportClosing{Outcome: domain.ExportOK, Counts: domain.Counts{"lines": 2}})
	require.Equal(t, 2, report.Done)
	require.Equal(t, 2, report.Total)
	require.Len(t, report.Receipt, 1)
	line := report.Receipt[0]
	require.Equal(t, "Brug", line.Venue)
	require.Equal(t, "1000", line.Code)
	require.Equal(t, 2, *line.Lines)
	require.True(t, line.Equal)
	require.Empty(t, report.Corrections)
	require.Contains(t, report.NextStep, "starter export receipt --export "+id)

	third := p.work(t, 3)
	repeated := p.close(t, p.collected(t, store.ModePreview), store.ExportClosing{Outcome: domain.ExportOK})
	require.Len(t, repeated.Differences, 1)
	require.Equal(t, app.ChangeAdded, repeated.Differences[0].Change)
	p.db.Exec(t, `delete from eitje.entries where id = $1`, third)

	lines, err := p.ExportLines(t.Context(), id, 1, 10)
	require.NoError(t, err)
	require.Len(t, lines, 1, "behind the first")
	require.Equal(t, p.second, lines[0].EntryID)
	require.True(t, lines[0].Quantity.Equal(eight()))

	p.db.Exec(t, `update eitje.entries set minutes = 240 where id = $1`, p.first)
	shown := map[string]string{}
	hours, err := p.Hours(t.Context(), app.HoursQuery{ConnectionID: p.connection, Days: app.Days{Month: "2026-11"}, Limit: 10})
	require.NoError(t, err)
	for _, hour := range hours {
		shown[hour.EntryID] = hour.Exported
	}
	require.Equal(t, map[string]string{p.first: "Exported, changed since", p.second: "Exported"}, shown)
	changed, err := p.Hours(t.Context(), app.HoursQuery{
		ConnectionID: p.connection, Days: app.Days{From: "2026-11-01", To: "2026-11-30"}, Exported: "changed", TeamMemberID: p.member, Limit: 10,
	})
	require.NoError(t, err)
	require.Len(t, changed, 1)
	require.Equal(t, id, changed[0].ExportID)
}

func TestOperator_X9_WherePayrollHasRunTheCorrectionsAreListed(t *testing.T) {
	t.Parallel()
	p := onPayroll(t)
	before := p.collected(t, store.ModeApply)
	p.send(t, before)
	p.close(t, before, store.ExportClosing{Outcome: domain.ExportOK})
	p.db.Exec(t, `update eitje.entries set minutes = 240 where id = $1`, p.first)

	id := p.collected(t, store.ModeApply)
	require.NoError(t, p.db.Store.EndVenue(t.Context(), id, "ven_1", domain.VenueRefused, "Payroll has run (X9)."))
	report := p.close(t, id, store.ExportClosing{Outcome: domain.ExportRefused, Problem: "Payroll has run everywhere (X9)."})

	require.Len(t, report.Corrections, 1)
	correction := report.Corrections[0]
	require.Equal(t, app.ChangeChanged, correction.Change)
	require.Equal(t, nov(1), correction.Day)
	require.True(t, correction.Was.Equal(eight()))
	require.True(t, correction.Is.Equal(decimal.MustParse("4")))
	require.Equal(t, "Payroll has run (X9).", report.Venues[0].Problem)
	require.Contains(t, report.NextStep, "--from 2026-11-01 --to 2026-11-30 --kinds hours,meals")
}

func TestOperator_X17_ARejectedLineNamesThePersonAndTheEntry(t *testing.T) {
	t.Parallel()
	p := onPayroll(t)
	id := p.collected(t, store.ModeApply)
	_, _, err := p.db.Store.BeginVenue(t.Context(), id, "ven_1")
	require.NoError(t, err)
	require.NoError(t, p.db.Store.RejectLines(t.Context(), id, "ven_1", []store.LineProblem{{Line: 2, Code: "contract_not_active"}}))
	require.NoError(t, p.db.Store.EndVenue(t.Context(), id, "ven_1", domain.VenueRejected, "One line (X17)."))
	report := p.close(t, id, store.ExportClosing{Outcome: domain.ExportRejected})
	require.Len(t, report.Rejected, 1)
	require.Equal(t, "Noor Vos", report.Rejected[0].Name)
	require.Equal(t, p.second, report.Rejected[0].EntryID)
	require.Equal(t, "contract_not_active", report.Rejected[0].Problem)
}

func TestOperator_C6_MappingsNameTheKindsWithoutACode(t *testing.T) {
	t.Parallel()
	p := onPayroll(t)
	mappings, err := p.Mappings(t.Context(), p.connection)
	require.NoError(t, err)
	require.Equal(t, []app.UnmappedKind{{Kind: "meal", Type: "dinner", Entries: 1}}, mappings.Unmapped, "there is no code to choose")
	require.Empty(t, mappings.Obstacles, "what has no code is acknowledged, and blocks nothing")

	p.db.Code(t, p.connection, domain.LineMeal, "lunch", "2000")
	mappings, err = p.Mappings(t.Context(), p.connection)
	require.NoError(t, err)
	require.Equal(t, "starter mappings code --connection "+p.connection+" --kind meal --type dinner --code 2000", mappings.Unmapped[0].ChooseWith)
	mappings, err = p.DecideCode(t.Context(), app.CodeDecision{ConnectionID: p.connection, Kind: "meal", Type: "dinner", Code: "2000"})
	require.NoError(t, err)
	require.Empty(t, mappings.Unmapped)
}

// What the list of mappings tells must be what an export would be refused for.
func TestOperator_C3_C6_C7_ObstaclesAreThoseOfTheExport(t *testing.T) {
	t.Parallel()
	p := onPayroll(t)
	agree := func(want int) {
		t.Helper()
		configuration, err := p.db.Store.ExportConfiguration(t.Context(), p.connection, domain.ExportKinds())
		require.NoError(t, err)
		mappings, err := p.Mappings(t.Context(), p.connection)
		require.NoError(t, err)
		require.Len(t, configuration.Problems(p.connection, domain.ExportKinds()), want)
		require.Len(t, mappings.Obstacles, want)
	}
	agree(0)
	p.db.Venue(t, p.organisation, "Terras")
	agree(1)
	p.db.Exec(t, `update connexie.wage_codes set gone_at = now()`)
	agree(2)
	p.db.Exec(t, `delete from connexie.code_mappings`)
	agree(2)
}

func TestOperator_ExportsAreListedAndTheLastOneIsInTheStatus(t *testing.T) {
	t.Parallel()
	p := onPayroll(t)
	status, err := p.Status(t.Context(), p.connection)
	require.NoError(t, err)
	require.Nil(t, status.LastExport)

	id := p.collected(t, store.ModeApply)
	preview := p.collected(t, store.ModePreview)
	exports, err := p.Exports(t.Context(), p.connection, 10)
	require.NoError(t, err)
	require.Len(t, exports, 2)
	require.ElementsMatch(t, []string{id, preview}, []string{exports[0].ExportID, exports[1].ExportID})
	status, err = p.Status(t.Context(), p.connection)
	require.NoError(t, err)
	require.Equal(t, id, status.LastExport.ExportID)
	require.Equal(t, nov(1), status.LastExport.From)
	require.Equal(t, nov(30), status.LastExport.To)
	require.Empty(t, status.LastExport.Outcome, "it is under way")
}

func TestOperator_EveryOutcomeOfAnExportHasANextStep(t *testing.T) {
	t.Parallel()
	for _, outcome := range []domain.ExportOutcome{
		domain.ExportOK, domain.ExportNothing, domain.ExportPartly, domain.ExportRefused, domain.ExportRejected,
		domain.ExportNeedsAcknowledgement, domain.ExportCancelled, domain.ExportSuperseded, domain.ExportFailed,
	} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			p := onPayroll(t)
			report := p.close(t, p.collected(t, store.ModeApply), store.ExportClosing{Outcome: outcome})
			require.True(t, report.Closed())
			require.NotEmpty(t, report.NextStep)
		})
	}
}

func TestOperator_X7_X10_AnExportThatCannotBeIsAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	o := operate(t)
	good := app.ExportRequest{ConnectionID: o.connection, Days: app.Days{Month: "2026-11"}, Kinds: []string{"hours"}}
	for _, c := range []struct {
		change func(*app.ExportRequest)
		says   string
	}{
		{func(r *app.ExportRequest) { r.Days = app.Days{} }, "lacks its first or its last day"},
		{func(r *app.ExportRequest) { r.Days = app.Days{From: "2026-11-30", To: "2026-11-01"} }, "before it begins"},
		{func(r *app.ExportRequest) { r.Days = app.Days{From: "2026-11-01", To: "2027-01-02"} }, "63 days and may have 62"},
		{func(r *app.ExportRequest) { r.Days = app.Days{Month: "2026-13"} }, "is not a month"},
		{func(r *app.ExportRequest) { r.Days.From = "2026-11-01" }, "by itself"},
		{func(r *app.ExportRequest) { r.Kinds = nil }, "names no kind"},
		{func(r *app.ExportRequest) { r.Kinds = []string{"hour"} }, "is no kind"},
		{func(r *app.ExportRequest) { r.Kinds = []string{"hours", "hours"} }, "named twice"},
		{func(r *app.ExportRequest) { r.By = "Jan de Vries" }, "is not an id"},
		{func(r *app.ExportRequest) { r.ConnectionID = "x" }, "is not the id of a connection"},
	} {
		request := good
		c.change(&request)
		_, err := o.RequestExport(t.Context(), request)
		requireProblem(t, err, app.KindInvalid, c.says)
	}
	good.ConnectionID = testkit.ID(t)
	_, err := o.RequestExport(t.Context(), good)
	requireProblem(t, err, app.KindNotFound, "there is no connection")
}

func TestOperator_C8_C9_AConnectionThatIsNotActiveExportsNothing(t *testing.T) {
	t.Parallel()
	o := operate(t)
	request := app.ExportRequest{ConnectionID: o.connection, Days: app.Days{Month: "2026-11"}, Kinds: []string{"hours"}}
	for _, state := range []store.ConnectionState{
		store.ConnectionNeedsToken, store.ConnectionPaused, store.ConnectionRemoved, store.ConnectionInactive,
	} {
		o.db.Exec(t, `update connexie.connections set state = $1`, state)
		_, err := o.RequestExport(t.Context(), request)
		requireProblem(t, err, app.KindRefused, string(state))
	}
}

func TestDays_AMonthHasItsFirstAndItsLastDay(t *testing.T) {
	t.Parallel()
	for month, want := range map[string]string{
		"2026-11": "2026-11-01_2026-11-30", "2026-12": "2026-12-01_2026-12-31", "2028-02": "2028-02-01_2028-02-29",
	} {
		period, err := app.Days{Month: month}.Period()
		require.NoError(t, err)
		require.Equal(t, want, period.String())
	}
}
