package endtoend

import (
	"regexp"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// days is an export of all kinds over some days of the month, both counted from 1.
func (o *organisation) days(from, to int) workflows.ExportHoursInput {
	in := o.allKinds()
	in.From, in.To = o.period().From.AddDays(from-1), o.period().From.AddDays(to-1)
	return in
}

// halfMonthRun splits the month at its fifteenth day, and lets payroll run for the first
// half after the whole month was exported (X9, X10).
func halfMonthRun(t *testing.T, s *system) {
	o := s.working(t, "Halve maand", 6, 20)
	whole := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportOK, whole.Outcome, whole.Problem)
	o.splitMonth(t)
	run, open := o.entry(t, o.atFirst(t), 3), o.entry(t, o.atFirst(t), 18)
	ledger := o.ledger(t)

	t.Run("X9 the whole month is refused, with a correction sheet", func(t *testing.T) {
		o.edit(t, `update eitje.entries set minutes = 450 where id = $1`, run)
		refused := o.export(t, o.allKinds())
		require.Equal(t, domain.ExportRefused, refused.Outcome)
		require.Contains(t, refused.Problem, "X9")
		require.Equal(t, ledger, o.ledger(t))
		sheet, err := o.store.Corrections(t.Context(), refused.ExportID)
		require.NoError(t, err)
		require.Len(t, sheet, 1)
		o.requireTrue(t)
	})
	last := o.period().Days()
	t.Run("X10 the open days are a period of their own", func(t *testing.T) {
		o.edit(t, `update eitje.entries set state = 'open' where id = $1`, open)
		half := o.export(t, o.days(16, last))
		require.Equal(t, domain.ExportOK, half.Outcome, half.Problem)
		o.requireHolds(t, "ven_1", "ven_2")
		require.Len(t, o.ledger(t), len(ledger)-2)
		require.Equal(t, o.until(ledger, 15), o.until(o.ledger(t), 15), "the days that payroll has run for are as they were")
		require.Equal(t, []string{whole.ExportID, half.ExportID}, o.holders(t, "ven_1"))
		require.Equal(t, "Exported, changed since", o.shown(t, run))
		require.Empty(t, o.shown(t, open))
	})
	t.Run("X10 a period that cuts the open days is refused, and what it suggests would do", func(t *testing.T) {
		refused := o.export(t, o.days(20, last))
		require.Equal(t, domain.ExportRefused, refused.Outcome)
		require.Contains(t, refused.Problem, "X10")
		suggested := o.suggested(t, refused)
		require.Equal(t, []workflows.ExportHoursInput{o.days(16, last)}, suggested)
		require.Equal(t, domain.ExportOK, o.export(t, suggested[0]).Outcome)
		o.requireHolds(t, "ven_1", "ven_2")
	})
}

// splitMonth makes two payroll periods of last month, of which the first one has run.
func (o *organisation) splitMonth(t *testing.T) {
	t.Helper()
	first, month := o.Export.LastMonth.From, o.Export.LastMonth.To
	for _, period := range slices.Clone(o.Account.PayrollPeriods) {
		if period.StartDate != first {
			continue
		}
		period.EndDate = first.AddDays(14)
		require.NoError(t, o.sandbox.PutPayrollPeriod(o.Account.ID, period))
		require.NoError(t, o.sandbox.PutPayrollPeriod(o.Account.ID, sandbox.PayrollPeriod{
			ID: period.ID + "b", VenueID: period.VenueID, StartDate: first.AddDays(15), EndDate: month, Status: sandbox.PayrollOpen,
		}))
		require.NoError(t, o.sandbox.RunPayroll(o.Account.ID, period.VenueID, first, first))
	}
}

// until are the lines of the first days of the month.
func (o *organisation) until(lines []held, day int) []held {
	last := o.period().From.AddDays(day - 1).String()
	return slices.DeleteFunc(slices.Clone(lines), func(line held) bool { return line.Day > last })
}

// holders are the exports whose lines Connexie holds at a venue, by their days.
func (o *organisation) holders(t *testing.T, venue string) []string {
	t.Helper()
	return list(t, o.system, pgx.RowTo[string], `
		select export_id::text from connexie.current_imports
		 where connection_id = $1 and connexie_venue_id = $2 order by days`, o.connection, venue)
}

var suggestion = regexp.MustCompile(`--from (\S+) --to ([-\d]+)`)

// suggested are the exports that would do, as the refusal's text names them.
func (o *organisation) suggested(t *testing.T, refused workflows.ExportResult) []workflows.ExportHoursInput {
	t.Helper()
	var all []workflows.ExportHoursInput
	for _, found := range suggestion.FindAllStringSubmatch(refused.Problem, -1) {
		in := o.allKinds()
		in.From, in.To = date(sandbox.Date(found[1])), date(sandbox.Date(found[2]))
		all = append(all, in)
	}
	return all
}

// periodsThatMeet exports two periods and then what lies across and around them (X7, X10).
func periodsThatMeet(t *testing.T, s *system) {
	o := s.working(t, "Perioden", 6, 12)
	hours := o.days(1, 6)
	hours.Kinds = []domain.ExportKind{domain.ExportHours}
	require.Equal(t, domain.ExportOK, o.export(t, hours).Outcome)
	meals := o.days(7, 12)
	meals.Kinds = []domain.ExportKind{domain.ExportMeals}
	require.Equal(t, domain.ExportOK, o.export(t, meals).Outcome)
	o.requireHolds(t, "ven_1", "ven_2")
	require.Len(t, o.holders(t, "ven_1"), 2)
	ledger := o.ledger(t)

	t.Run("X10 what lies across both is refused, and whatever is suggested would do", func(t *testing.T) {
		refused := o.export(t, o.days(4, 9))
		require.Equal(t, domain.ExportRefused, refused.Outcome)
		require.Contains(t, refused.Problem, "X10")
		require.Equal(t, ledger, o.ledger(t))
		suggested := o.suggested(t, refused)
		require.Equal(t, []workflows.ExportHoursInput{o.days(1, 6), o.days(1, 12), o.days(7, 12)}, suggested)
		for _, in := range suggested {
			in.Mode = "preview"
			shown := o.export(t, in)
			require.Equal(t, domain.ExportOK, shown.Outcome, shown.Problem)
		}
	})
	t.Run("X7 a period around both covers the kinds of both", func(t *testing.T) {
		fewer := o.days(1, 12)
		fewer.Kinds = hours.Kinds
		refused := o.export(t, fewer)
		require.Equal(t, domain.ExportRefused, refused.Outcome)
		require.Contains(t, refused.Problem, "--kinds hours,meals")
		require.Equal(t, ledger, o.ledger(t))
		o.requireTrue(t)
	})
	t.Run("X10 a period around both replaces both", func(t *testing.T) {
		both := o.days(1, 12)
		both.Kinds = []domain.ExportKind{domain.ExportHours, domain.ExportMeals}
		around := o.export(t, both)
		require.Equal(t, domain.ExportOK, around.Outcome, around.Problem)
		o.requireHolds(t, "ven_1", "ven_2")
		require.Equal(t, []string{around.ExportID}, o.holders(t, "ven_1"))
		require.Len(t, o.ledger(t), 2*12*6)
	})
}

// payrollInBetween lets payroll run at the first venue between the question and the
// commit: nothing of it changes, and the other venue goes (X9, X13).
func payrollInBetween(t *testing.T, s *system) {
	o := s.working(t, "Loonrun ertussen", 6, 2)
	require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
	ledger, before := o.ledger(t), o.markers(t, "ven_1")
	entry := o.entry(t, o.atFirst(t), 1)
	o.edit(t, `update eitje.entries set minutes = 450 where id = $1`, entry)
	o.fault(t, sandbox.Fault{
		Kind: sandbox.FaultPayrollRun, Operation: "commitHourImport", Venue: "ven_1", Times: 1,
		Payroll: &sandbox.PayrollRun{VenueID: "ven_1", From: o.Export.LastMonth.From, To: o.Export.LastMonth.To},
	})
	run := o.startExport(t, o.allKinds())
	partly := result[workflows.ExportResult](t, run)
	require.Equal(t, domain.ExportPartly, partly.Outcome, partly.Problem)
	require.Contains(t, partly.Problem, "X9")
	require.Equal(t, map[string]domain.VenueState{"ven_1": domain.VenueRefused, "ven_2": domain.VenueExported},
		o.venueStates(t, partly.ExportID))
	o.requireHolds(t, "ven_1", "ven_2")
	require.Equal(t, withoutReferences(ledger), withoutReferences(o.ledger(t)))
	require.Equal(t, before, o.markers(t, "ven_1"))
	require.Equal(t, "Exported, changed since", o.shown(t, entry))
	sheet, err := o.store.Corrections(t.Context(), partly.ExportID)
	require.NoError(t, err)
	require.Len(t, sheet, 1)
	require.Equal(t, 1, partly.Counts["corrections"])
	o.requireOpen(t, domain.CauseExportIncomplete, o.period().String())
	o.record(t, "payroll-in-between", run)
}
