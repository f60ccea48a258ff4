package endtoend

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// What a random script does with hours: they are registered, edited and exported while
// synchronisations run and things go wrong. TestRandomExports tells what is sent; here it
// is that nothing is lost and nothing is brought twice, whatever happens meanwhile.

// hourDays is how long the days are whose hours a random script exports.
const hourDays = 21

// importCalls are the operations that bring hours to Connexie.
var importCalls = []string{"createHourImport", "putHourImportPart", "commitHourImport", "getHourImport", "listPayrollPeriods"}

// hourCodes are the wage codes of a random script.
var hourCodes = []sandbox.WageCode{wageCode(seed.Hours, "1000"), wageCode(seed.Meal, "2000"), wageCode(seed.Allowance, "3000")}

// hours draws registrations of team members that are there from the beginning.
func (d *dice) hours(profiles []seed.Profile, venues []seed.Venue) []seed.Entry {
	var entries []seed.Entry
	for range 20 + d.IntN(60) {
		if len(profiles) == 0 {
			break
		}
		minutes := choose(d, 20, 20, 47, 240, 480)
		e := seed.Entry{
			ID: d.id(), ProfileID: choose(d, profiles...).ID, VenueID: choose(d, venues...).ID, Day: d.hourDay(), Minutes: &minutes,
			Kind: seed.Worked, State: choose(d, seed.Approved, seed.Approved, seed.Approved, seed.Open),
		}
		if d.one(2) {
			e.Extras = []seed.Extra{choose(d, seed.Extra{Kind: seed.Meal, Type: "dinner", Quantity: "1"},
				seed.Extra{Kind: seed.Allowance, Type: "travel", Quantity: "12.5"})}
		}
		entries = append(entries, e)
	}
	return entries
}

func (d *dice) hourDay() sandbox.Date { return d.today.AddDays(-1 - d.IntN(hourDays)) }

// editHours draws what somebody does to a registration.
func (d *dice) editHours(entries []seed.Entry, venues []seed.Venue) act {
	if len(entries) == 0 {
		return act{"Eitje: no hours to edit", func(*testing.T, *world) {}}
	}
	entry := choose(d, entries...).ID
	set := func(what, column string, value any) act {
		return act{fmt.Sprintf("Eitje: %s of entry %s: %v", what, entry, value), func(t *testing.T, w *world) {
			w.edit(t, `update eitje.entries set `+column+` where id = $1`, entry, value)
		}}
	}
	switch d.IntN(6) {
	case 0, 1:
		return set("minutes", "minutes = $2", choose(d, 20, 30, 475))
	case 2, 3:
		return set("state", "state = $2", choose(d, seed.Approved, seed.Approved, seed.Open, seed.Deleted))
	case 4:
		return set("day", "day = $2::text::date", string(d.hourDay()))
	default:
		return set("venue", "venue_id = $2", choose(d, venues...).ID)
	}
}

// codesChosen chooses a code for all that is exported (C6, C7).
var codesChosen = act{"codes are chosen", func(t *testing.T, w *world) {
	for _, mapping := range []store.CodeMapping{
		{Kind: seed.Hours, Code: "1000"}, {Kind: seed.Meal, Type: "dinner", Code: "2000"},
		{Kind: seed.Allowance, Type: "travel", Code: "3000"},
	} {
		w.decides(t, func(ctx context.Context) error {
			return w.store.SetCodeMapping(ctx, w.connection, mapping, "user_7", time.Now())
		})
	}
}}

// exportAct draws an export, or the preview of one.
func (d *dice) exportAct(mode string) act {
	last := d.today.AddDays(-1)
	half := d.today.AddDays(-hourDays / 2)
	days := choose(d, [2]sandbox.Date{d.today.AddDays(-hourDays), last}, [2]sandbox.Date{d.today.AddDays(-hourDays), last},
		[2]sandbox.Date{half, last}, [2]sandbox.Date{d.today.AddDays(-hourDays), half.AddDays(-1)})
	in := workflows.ExportHoursInput{From: date(days[0]), To: date(days[1]), Kinds: domain.ExportKinds(), Mode: mode, AcknowledgeUnmapped: true}
	if d.one(4) {
		in.Kinds = in.Kinds[:1+d.IntN(2)]
	}
	return act{fmt.Sprintf("%s of %s to %s, %v", map[string]string{"": "an export", "preview": "a preview"}[mode], days[0], days[1], in.Kinds),
		func(t *testing.T, w *world) { w.beginExport(t, in) }}
}

// everything is an export of all that a random script may have exported.
var everything = act{"an export of everything", func(t *testing.T, w *world) {
	today := w.sandbox.Today()
	w.beginExport(t, workflows.ExportHoursInput{
		From: date(today.AddDays(-hourDays)), To: date(today), Kinds: domain.ExportKinds(), AcknowledgeUnmapped: true,
	})
}}

// beginExport starts an export; one that is under way goes on.
func (w *world) beginExport(t *testing.T, in workflows.ExportHoursInput) {
	t.Helper()
	in.ConnectionID = w.connection
	id := workflows.ExportID(w.connection)
	if in.Mode == "preview" {
		id = workflows.ExportPreviewID(w.connection)
	}
	if w.connectionState(t) != "active" {
		w.mayEnd(exportFailed)
	}
	run, err := w.temporal.ExecuteWorkflow(t.Context(), options(id), workflows.TypeExportHours, in)
	if running, ok := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); ok {
		run, err = w.temporal.GetWorkflow(t.Context(), id, running.RunId), nil
	}
	require.NoError(t, err)
	w.track(run)
}

// exportFailed and exportCancelled are endings that need a cause.
const (
	exportFailed    = "export failed"
	exportCancelled = "export cancelled"
)

// cancelledExport is the update that ends an export; the engine's own cancellation too.
func (d *dice) cancelledExport() act {
	if d.one(3) {
		return act{"the export is cancelled by the engine", func(t *testing.T, w *world) {
			w.mayEnd(exportCancelled)
			w.gone(t, w.temporal.CancelWorkflow(t.Context(), workflows.ExportID(w.connection), ""))
		}}
	}
	return act{"the export is cancelled", func(t *testing.T, w *world) {
		w.mayEnd(exportCancelled)
		_, err := w.temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
			WorkflowID: workflows.ExportID(w.connection), UpdateName: workflows.UpdateCancel,
			WaitForStage: client.WorkflowUpdateStageAccepted, Args: []any{workflows.CancelInput{}},
		})
		if err != nil {
			w.tell("  (there was nothing to cancel any more)")
		}
	}}
}

// importFault draws what Connexie does wrong while hours are brought.
func (d *dice) importFault() sandbox.Fault {
	operation, from := choose(d, importCalls...), 1+d.IntN(3)
	return choose(d,
		sandbox.Fault{Kind: sandbox.FaultStatus, Status: choose(d, 500, 502, 503, 504), Operation: operation, FromCall: from, Times: 1, AfterEffect: d.one(2), RetryAfterSeconds: 1},
		sandbox.Fault{Kind: sandbox.FaultRateLimited, Operation: operation, FromCall: from, Times: 1 + d.IntN(2), RetryAfterSeconds: 1},
		sandbox.Fault{Kind: sandbox.FaultDropConnection, Operation: operation, FromCall: from, Times: 1, AfterEffect: d.one(2)},
		sandbox.Fault{Kind: sandbox.FaultCutBody, Operation: operation, FromCall: from, Times: 1},
		sandbox.Fault{Kind: sandbox.FaultInvalidToken, Operation: operation, FromCall: from, Times: 1},
	)
}

// unsettled are venues of which an export that ended does not know what became of its
// import: the next one finds out.
const unsettled = `
	unsettled as (
	    select v.connexie_venue_id from connexie.export_venues v join connexie.exports x on x.id = v.export_id
	     where x.connection_id = $1 and v.state = 'sending')`

// ledgerIsTheLines holds what Connexie has against the lines of what was committed there.
func ledgerIsTheLines(t *testing.T, w *world, _ []write) (broken []string) {
	open := map[string]bool{}
	for _, venue := range list(t, w.system, pgx.RowTo[string], `with `+unsettled+` select * from unsettled`, w.connection) {
		open[venue] = true
	}
	count := map[held]int{}
	for _, line := range w.ledger(t) {
		count[line]++
	}
	for _, line := range w.sent(t) {
		count[line]--
	}
	for line, times := range count {
		if times != 0 && !open[line.Venue] {
			broken = append(broken, fmt.Sprintf("Connexie has it %d times too many: %v", times, line))
		}
	}
	return broken
}

// markersAreTrue holds the markers against what Connexie holds of the venues that an
// export came to mark.
func markersAreTrue(t *testing.T, w *world, _ []write) []string {
	return list(t, w.system, pgx.RowTo[string], `
		with `+unsettled+`,
		unmarked as (
		    select c.connexie_venue_id, c.days from connexie.current_imports c
		      join connexie.export_venues v on v.export_id = c.export_id and v.connexie_venue_id = c.connexie_venue_id
		     where c.connection_id = $1 and v.state <> 'exported'),
		held as (
		    select distinct l.entry_id, c.connexie_venue_id::text, l.day, c.export_id
		      from connexie.current_imports c
		      join connexie.export_lines l on l.export_id = c.export_id and l.connexie_venue_id = c.connexie_venue_id
		                                  and l.day <@ c.days
		     where c.connection_id = $1),
		marked as (
		    select entry_id, connexie_venue_id::text, day, export_id from connexie.exported_entries where connection_id = $1),
		wrong as (
		    (select 'held and not marked' as what, h.* from (table held except table marked) h)
		     union all (select 'marked and not held', m.* from (table marked except table held) m))
		select wrong::text from wrong
		 where connexie_venue_id not in (select connexie_venue_id from unsettled)
		   and not exists (select from unmarked u where u.connexie_venue_id = wrong.connexie_venue_id and wrong.day <@ u.days)`, w.connection)
}

func noExportLeftOpen(t *testing.T, w *world, _ []write) []string {
	broken := list(t, w.system, pgx.RowTo[string],
		`select 'export ' || id || ' is open' from connexie.exports where connection_id = $1 and closed_at is null`, w.connection)
	return append(broken, list(t, w.system, pgx.RowTo[string], `
		select 'export ' || v.export_id || ' ended with venue ' || v.connexie_venue_id || ' ' || v.state || ': ' || x.outcome
		  from connexie.export_venues v join connexie.exports x on x.id = v.export_id
		 where x.connection_id = $1 and x.mode = 'apply' and v.state = 'planned' and x.outcome <> 'needs_acknowledgement'`, w.connection)...)
}

// exportEnded notes how an export ended, and says so where nothing explains it.
func (w *world) exportEnded(made write) (broken []string) {
	outcome := fmt.Sprint(made.Becomes["outcome"])
	w.tell("  export %v: %s", made.Becomes["id"], outcome)
	w.tally.exports++
	needs := map[string]bool{
		"failed":    w.may["failed"] || w.may[exportFailed],
		"cancelled": w.may[exportCancelled],
	}
	if explained, asked := needs[outcome]; asked && !explained || outcome == "superseded" {
		broken = append(broken, fmt.Sprintf("export %v ended as %s: %v", made.Becomes["id"], outcome, made.Becomes["problem"]))
	}
	return broken
}

// requireExported is what holds once all is calm: an export of everything settles what
// was left behind, brings the rest, and repeating it changes nothing (X8).
func (w *world) requireExported(t *testing.T) {
	t.Helper()
	w.play(t, "an export once all is calm", round{before: []act{codesChosen, decideAll}, start: everything})
	w.check(t)
	require.Empty(t, list(t, w.system, pgx.RowTo[string], `with `+unsettled+` select * from unsettled`, w.connection), exportSettles.String())
	require.Empty(t, w.drafts(t), exportSettles.String())
	before := withoutReferences(w.ledger(t))
	w.play(t, "the same export again", round{start: everything})
	w.check(t)
	require.Equal(t, before, withoutReferences(w.ledger(t)), exportSettles.String())
}

// decideAll leaves no venue undecided (C3).
var decideAll = act{"venues: whatever is undecided is not used", func(t *testing.T, w *world) {
	decisions, err := w.store.VenueDecisions(t.Context(), w.connection)
	require.NoError(t, err)
	for _, venue := range decisions.Eitje {
		if !venue.Decided {
			w.decides(t, func(ctx context.Context) error {
				return w.store.SetVenueNotUsed(ctx, w.connection, venue.ID, "user_7", time.Now())
			})
		}
	}
	for _, venue := range decisions.Connexie {
		if venue.Undecided() {
			w.decides(t, func(ctx context.Context) error {
				return w.store.SetConnexieVenueInactive(ctx, w.connection, venue.ID, time.Now())
			})
		}
	}
}}
