package endtoend

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// monthly tells the story of a month: exported, exported again, edited, exported again,
// and refused once payroll has run.
func monthly(t *testing.T, s *system) {
	o := s.working(t, "Maandelijks", 12, 10)
	first := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportOK, first.Outcome, first.Problem)
	o.requireTrue(t)
	require.Len(t, o.ledger(t), 2*12*10, "hours and a dinner a shift")
	entry := o.entry(t, "emp_0001", 3)
	require.Equal(t, "Exported", o.shown(t, entry))

	t.Run("X8 repeating it changes nothing", func(t *testing.T) {
		before := withoutReferences(o.ledger(t))
		require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
		require.Equal(t, before, withoutReferences(o.ledger(t)))
		o.requireTrue(t)
	})
	t.Run("X11 X12 an entry that is edited shows it, and is whole again after another export", func(t *testing.T) {
		o.edit(t, `update eitje.entries set minutes = 450 where id = $1`, entry)
		require.Equal(t, "Exported, changed since", o.shown(t, entry))
		o.sync(t)
		o.requireOpen(t, domain.CauseExportedChanged, o.period().String())
		require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
		require.Equal(t, "Exported", o.shown(t, entry))
		o.requireOpen(t, domain.CauseExportedChanged)
		o.requireTrue(t)
	})
	t.Run("X11 an entry that is no longer sent loses its marker", func(t *testing.T) {
		o.edit(t, `update eitje.entries set state = 'open' where id = $1`, entry)
		require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
		require.Empty(t, o.shown(t, entry))
		o.requireTrue(t)
		require.Len(t, o.ledger(t), 2*(12*10-1))
	})
	t.Run("X7 fewer kinds are refused", func(t *testing.T) {
		fewer := o.allKinds()
		fewer.Kinds = []domain.ExportKind{domain.ExportHours}
		refused := o.export(t, fewer)
		require.Equal(t, domain.ExportRefused, refused.Outcome)
		require.Contains(t, refused.Problem, "X7")
		o.requireTrue(t)
	})
	t.Run("X10 a period that cuts an earlier one is refused, with those that would do", func(t *testing.T) {
		cutting := o.allKinds()
		cutting.From = cutting.From.AddDays(3)
		refused := o.export(t, cutting)
		require.Equal(t, domain.ExportRefused, refused.Outcome)
		require.Contains(t, refused.Problem, "X10")
		require.Contains(t, refused.Problem, o.period().From.String())
		o.requireTrue(t)
	})
	t.Run("X9 once payroll has run it is refused, with a correction sheet", func(t *testing.T) {
		ledger := o.ledger(t)
		o.runPayroll(t)
		o.edit(t, `update eitje.entries set state = 'approved' where id = $1`, entry)
		refused := o.export(t, o.allKinds())
		require.Equal(t, domain.ExportRefused, refused.Outcome)
		require.Equal(t, ledger, o.ledger(t))
		require.Empty(t, o.shown(t, entry), "nothing is marked")
		sheet, err := o.store.Corrections(t.Context(), refused.ExportID)
		require.NoError(t, err)
		require.Len(t, sheet, 2, "hours and a dinner that Connexie lacks")
		o.requireTrue(t)
	})
}

// runPayroll lets payroll run for last month at every venue.
func (o *organisation) runPayroll(t *testing.T) {
	t.Helper()
	for _, venue := range o.Account.Venues {
		require.NoError(t, o.sandbox.RunPayroll(o.Account.ID, venue.ID, o.Export.LastMonth.From, o.Export.LastMonth.To))
	}
}

// withoutReferences compares what counts: another export numbers its lines anew.
func withoutReferences(lines []held) []held {
	for i := range lines {
		lines[i].Reference = ""
	}
	return lines
}

// demonstrated exports the demonstration's organisation, whose seed says entry by entry
// what becomes of it.
func demonstrated(t *testing.T, s *system) {
	o := s.demo(t, 4)
	o.ready(t)
	o.sync(t)
	previewed := o.allKinds()
	previewed.Mode = "preview"
	preview := o.export(t, previewed)
	require.Equal(t, domain.ExportOK, preview.Outcome, preview.Problem)
	require.Empty(t, o.ledger(t), "a preview sends nothing")

	exported := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportOK, exported.Outcome, exported.Problem)
	o.requireTrue(t)
	require.Equal(t, preview.Counts["lines"], exported.Counts["lines"], "X16")
	o.requireAsSeeded(t, exported)
}

// requireAsSeeded holds what went out, and what was left out by which rule, against what
// the organisation's author wrote down.
func (o *organisation) requireAsSeeded(t *testing.T, exported workflows.ExportResult) {
	t.Helper()
	sent, leftOut := map[string]int{}, map[string]int{}
	for _, entry := range o.Organisation.Entries {
		if !o.Export.LastMonth.Contains(entry.Day) {
			continue
		}
		expected := o.Export.Expected[entry.ID]
		for _, line := range expected.Lines {
			sent[entry.ID+line.Kind+line.Type+line.Code]++
		}
		for _, skip := range expected.Skips {
			leftOut[entry.ID+skip.Kind+skip.Type+skip.Rule+skip.Reason]++
		}
	}
	found := map[string]int{}
	for _, word := range list(t, o.system, pgx.RowTo[string], `
		select entry_id::text || kind || type || code from connexie.export_lines where export_id = $1`, exported.ExportID) {
		found[word]++
	}
	require.Equal(t, sent, found)
	found = map[string]int{}
	for _, word := range list(t, o.system, pgx.RowTo[string], `
		select entry_id::text || kind || type || rule || reason from connexie.export_skips where export_id = $1`, exported.ExportID) {
		found[word]++
	}
	require.Equal(t, leftOut, found)
}
