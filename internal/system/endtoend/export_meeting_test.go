package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"
	sdkpb "go.temporal.io/api/sdk/v1"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// exportsThatMeet are others who work while an export is under way.
func exportsThatMeet(t *testing.T, s *system) {
	for _, row := range []struct {
		name string
		tell func(*testing.T, *system)
	}{
		{"X14 operators at once", operatorsAtOnce},
		{"X14 X16 a preview beside an export", previewBeside},
		{"X14 a night in the middle of an export", nightInTheMiddle},
		{"X14 an export in the middle of a synchronisation", exportWhileApplying},
		{"X12 an entry edited while its export is sent", editedWhileSent},
		{"somebody who watches", watched},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.tell(t, s)
		})
	}
}

// operatorsAtOnce ask for the same export together, while it is held: they share it. One
// who asks for another is refused.
func operatorsAtOnce(t *testing.T, s *system) {
	o := s.working(t, "Tegelijk gevraagd", 6, 2)
	h := byHand{organisation: o, operator: s.operator(t), month: app.ExportRequest{
		ConnectionID: o.connection, Days: app.Days{From: o.period().From.String(), To: o.period().To.String()},
		Kinds: []string{"hours", "meals"},
	}}
	fault := o.fault(t, sandbox.Fault{Kind: sandbox.FaultHold, Operation: "commitHourImport"})
	const operators = 4
	tickets, failures := make(chan app.ExportTicket, operators), make(chan error, operators)
	for range operators {
		go func() {
			ticket, err := h.operator.RequestExport(t.Context(), h.month)
			failures <- err
			tickets <- ticket
		}()
	}
	alone, exports := 0, map[string]app.ExportTicket{}
	for range operators {
		require.NoError(t, <-failures)
		ticket := <-tickets
		exports[ticket.ExportID] = ticket
		if !ticket.Joined {
			alone++
		}
	}
	require.Equal(t, 1, alone, "exactly one of them started it")
	require.Len(t, exports, 1, "and all share it")
	require.NoError(t, s.sandbox.AwaitFault(t.Context(), fault))

	other := h.month
	other.Days.To = o.period().From.String()
	_, err := h.operator.RequestExport(t.Context(), other)
	requireRefused(t, err, "X14")
	require.NoError(t, s.sandbox.RemoveFault(fault))
	for _, ticket := range exports {
		require.Equal(t, domain.ExportOK, h.follow(t, ticket).Outcome)
	}
	o.requireHolds(t, "ven_1", "ven_2")
	require.Equal(t, []string{"committed", "committed"}, o.imports(t))
}

// previewBeside previews the month while its export is held before the first commit.
func previewBeside(t *testing.T, s *system) {
	o := s.working(t, "Voorbeeld ernaast", 6, 2)
	var shown workflows.ExportResult
	run := o.meanwhile(t, sandbox.Fault{Operation: "commitHourImport"}, func() {
		preview := o.allKinds()
		preview.Mode = "preview"
		shown = o.export(t, preview)
	})
	require.Equal(t, domain.ExportOK, shown.Outcome, shown.Problem)
	require.Equal(t, shown.Counts["lines"], shown.Counts["added"], "nothing is there yet")
	o.requireExportedOnce(t, run)
	require.Len(t, o.ledger(t), shown.Counts["lines"])
}

// nightInTheMiddle turns somebody's flex contract into one with fixed hours, and lets the
// night bring it in, while the export is held: the export uses the contracts as of its
// start. What differs then is what the next one takes away.
func nightInTheMiddle(t *testing.T, s *system) {
	o := s.working(t, "Nacht ertussen", 6, 2)
	person := o.atFirst(t)
	run := o.meanwhile(t, sandbox.Fault{Operation: "putHourImportPart"}, func() {
		o.change(t, person, func(e *sandbox.Employee) {
			e.Contracts[0].Type, e.Contracts[0].HoursPerWeek = sandbox.FixedHours, sandbox.Some("38")
		})
		require.Equal(t, domain.NightOK, s.night(t, o.connection).Outcome)
		require.Equal(t, "fixed_hours", value[string](t, s,
			`select type from eitje.contracts where team_member_id = $1`, o.member(t, person)))
	})
	o.requireExportedOnce(t, run)
	require.Equal(t, 2*2, o.linesOf(t, person), "hours and a dinner on two days")
	require.Equal(t, "Exported", o.shown(t, o.entry(t, person, 1)), "no entry changed")
	o.requireOpen(t, domain.CauseExportedChanged)

	preview := o.allKinds()
	preview.Mode = "preview"
	require.Equal(t, 2, o.export(t, preview).Counts["removed"], "the hours")
	require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
	o.requireTrue(t)
	require.Equal(t, 2, o.linesOf(t, person), "the dinners alone (X3)")
}

// linesOf counts what Connexie holds of a person.
func (o *organisation) linesOf(t *testing.T, person string) int {
	t.Helper()
	lines := 0
	for _, line := range o.ledger(t) {
		if line.Person == person {
			lines++
		}
	}
	return lines
}

// exportWhileApplying exports while a synchronisation waits in the middle of its batch.
func exportWhileApplying(t *testing.T, s *system) {
	o := s.working(t, "Export ertussen", 6, 2)
	o.change(t, firstInBatch, func(e *sandbox.Employee) { e.LastName = "Vooraan" })
	sync, batch := o.holdApplying(t, firstInBatch)
	o.requireExportedOnce(t, o.startExport(t, o.allKinds()))
	batch.release()
	require.Equal(t, domain.SyncOK, o.await(t, sync).Outcome)
	require.Equal(t, "Vooraan", o.field(t, firstInBatch, "last_name"))
	o.requireHolds(t, "ven_1", "ven_2")
}

// editedWhileSent edits an entry between the snapshot and the marking: what went out is
// what was approved then, so that the entry shows as changed at once, and is told of once.
func editedWhileSent(t *testing.T, s *system) {
	o := s.working(t, "Gewijzigd onderweg", 6, 2)
	entry := o.entry(t, o.atFirst(t), 1)
	run := o.meanwhile(t, sandbox.Fault{Operation: "commitHourImport"}, func() {
		o.edit(t, `update eitje.entries set minutes = 450 where id = $1`, entry)
	})
	o.requireExportedOnce(t, run)
	require.Equal(t, "Exported, changed since", o.shown(t, entry))
	require.Equal(t, domain.NightOK, s.night(t, o.connection).Outcome)
	o.requireOpen(t, domain.CauseExportedChanged, o.period().String())
	require.Len(t, o.notices(t, domain.CauseExportedChanged), 1)

	require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
	require.Equal(t, "Exported", o.shown(t, entry))
	o.requireTrue(t)
	o.requireOpen(t, domain.CauseExportedChanged)
}

// watched looks at an export while its second venue is sent, and after it has ended.
func watched(t *testing.T, s *system) {
	o := s.working(t, "Meekijken", 6, 2)
	first := 0
	run := o.meanwhile(t, sandbox.Fault{Operation: "putHourImportPart", Venue: "ven_2"}, func() {
		first = len(o.ledger(t))
		require.Equal(t, workflows.ExportProgress{
			Stage: workflows.StageSending, Done: first, Total: 2 * 2 * 6, Period: o.period().String(),
			Kinds: domain.ExportKinds(), Mode: "apply", Counts: domain.Counts{"lines": 2 * 2 * 6, "entries": 2 * 6, "skipped": 0, "unmapped": 0, "days_to_come": 0},
			NextStep: "Nothing: the export goes on by itself. End it with the update cancel.",
		}, queried[workflows.ExportProgress](t, s, workflows.ExportID(o.connection), workflows.QueryProgress))
		described := o.described(t, workflows.ExportID(o.connection))
		require.Equal(t, "sending", attribute[string](t, described, "Stage"))
		require.Equal(t, o.period().String(), attribute[string](t, described, "Period"))
		require.Contains(t, o.details(t), "| `ven_1` | 8 | 8 | exported |")
	})
	require.NotZero(t, first)
	o.requireExportedOnce(t, run)
	described := o.described(t, run.GetID())
	require.Equal(t, "closed", attribute[string](t, described, "Stage"))
	require.Equal(t, "ok", attribute[string](t, described, "Outcome"))
	require.Equal(t, o.connection, attribute[string](t, described, "Connection"))
	require.Equal(t, o.Organisation.ID, attribute[string](t, described, "Organisation"))
	require.False(t, attribute[bool](t, described, "NeedsAttention"))
	require.Contains(t, o.details(t), "Outcome: **ok**")
	o.requireImpersonal(t, "what the UI shows", o.details(t))
}

// queryMetadata is the query that the UI itself makes.
const queryMetadata = "__temporal_workflow_metadata"

// details are what the Temporal UI shows of an export.
func (o *organisation) details(t *testing.T) string {
	t.Helper()
	metadata := queried[*sdkpb.WorkflowMetadata](t, o.system, workflows.ExportID(o.connection), queryMetadata)
	return metadata.GetCurrentDetails()
}

// queried is the answer to a query.
func queried[T any](t *testing.T, s *system, id, query string) T {
	t.Helper()
	answer, err := s.temporal.QueryWorkflow(t.Context(), id, "", query)
	require.NoError(t, err)
	var found T
	require.NoError(t, answer.Get(&found))
	return found
}
