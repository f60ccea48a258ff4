package endtoend

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/testkit"
	"github.com/eitje/connexie-worker/workflows"
)

// importedBeside has another program import hours beside Eitje, between the commit of a
// venue and the reading of what Connexie holds then.
func importedBeside(t *testing.T, s *system) {
	t.Run("X8 another import over all days supersedes the export", func(t *testing.T) {
		t.Parallel()
		o := s.working(t, "Iemand anders", 6, 2)
		run := o.meanwhile(t, sandbox.Fault{Operation: "getHourImport", Venue: "ven_1"}, func() {
			o.importBeside(t, "ven_1", o.period())
		})
		superseded := result[workflows.ExportResult](t, run)
		require.Equal(t, domain.ExportSuperseded, superseded.Outcome, superseded.Problem)
		require.Equal(t, map[string]domain.VenueState{"ven_1": domain.VenueSuperseded, "ven_2": domain.VenueCancelled},
			o.venueStates(t, superseded.ExportID))
		require.Empty(t, o.markers(t), "nothing is marked")
		require.Empty(t, o.ledger(t), "what the other program imported stays")
		o.requireOpen(t, domain.CauseExportIncomplete, o.period().String())
		o.record(t, "superseded", run)
		o.requireCompletes(t)
	})
	t.Run("X11 another import over some of the days is noticed, and no marker moves", func(t *testing.T) {
		t.Parallel()
		o := s.working(t, "Iemand anders ook", 6, 2)
		require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
		before := o.markers(t, "ven_1")
		o.edit(t, `update eitje.entries set minutes = 450 where id = $1`, o.entry(t, o.atFirst(t), 1))
		some := o.period()
		some.To = some.From
		run := o.meanwhile(t, sandbox.Fault{Operation: "getHourImport", Venue: "ven_1"}, func() {
			o.importBeside(t, "ven_1", some)
		})
		partly := result[workflows.ExportResult](t, run)
		require.Equal(t, domain.ExportPartly, partly.Outcome, partly.Problem)
		require.Contains(t, partly.Problem, "X11")
		require.Equal(t, domain.VenueFailed, o.venueStates(t, partly.ExportID)["ven_1"])
		require.Equal(t, before, o.markers(t, "ven_1"))
		o.requireOpen(t, domain.CauseExportIncomplete, o.period().String())
		o.requireCompletes(t)
	})
	t.Run("X8 a draft that somebody discards is opened anew", func(t *testing.T) {
		t.Parallel()
		o := s.working(t, "Iemand ruimt op", 6, 2)
		run := o.meanwhile(t, sandbox.Fault{Operation: "putHourImportPart", Venue: "ven_1"}, func() { o.discardDrafts(t) })
		ended := result[workflows.ExportResult](t, run)
		require.Equal(t, domain.ExportOK, ended.Outcome, ended.Problem)
		o.requireHolds(t, "ven_1", "ven_2")
		require.Equal(t, []string{"discarded", "committed", "committed"}, o.imports(t))
	})
}

// meanwhile starts an export, and lets something be done while a call of it is held,
// however often it is repeated.
func (o *organisation) meanwhile(t *testing.T, held sandbox.Fault, act func()) client.WorkflowRun {
	t.Helper()
	held.Kind = sandbox.FaultHold
	fault := o.fault(t, held)
	run := o.startExport(t, o.allKinds())
	require.NoError(t, o.sandbox.AwaitFault(t.Context(), fault))
	act()
	require.NoError(t, o.sandbox.RemoveFault(fault))
	return run
}

// requireCompletes exports once more, after which everything is well.
func (o *organisation) requireCompletes(t *testing.T) {
	t.Helper()
	completed := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportOK, completed.Outcome, completed.Problem)
	o.requireHolds(t, "ven_1", "ven_2")
	o.requireOpen(t, domain.CauseExportIncomplete)
}

// markers are all that is told of the entries that are marked at these venues, or at
// all.
func (o *organisation) markers(t *testing.T, venues ...string) []string {
	t.Helper()
	return list(t, o.system, pgx.RowTo[string], `
		select m::text from connexie.exported_entries m
		 where connection_id = $1 and ($2::text[] is null or connexie_venue_id = any($2)) order by 1`, o.connection, venues)
}

// importBeside commits an empty import over a period, as a program does that knows the
// token and nothing of Eitje.
func (o *organisation) importBeside(t *testing.T, venue string, period domain.Period) {
	t.Helper()
	var made struct{ ID string }
	o.call(t, http.MethodPost, "/hour-imports", map[string]any{
		"venue_id": venue, "period_start": period.From.String(), "period_end": period.To.String(), "kinds": []string{"hours"},
	}, &made)
	o.call(t, http.MethodPost, "/hour-imports/"+made.ID+"/commit", map[string]any{"line_count": 0, "totals": []string{}}, nil)
}

// discardDrafts discards what is open, as whoever tidies up in Connexie does.
func (o *organisation) discardDrafts(t *testing.T) {
	t.Helper()
	imports, err := o.sandbox.HourImports(o.Account.ID)
	require.NoError(t, err)
	for _, made := range imports {
		if made.Status == sandbox.ImportDraft {
			o.call(t, http.MethodDelete, "/hour-imports/"+made.ID, nil, nil)
		}
	}
}

// call calls Connexie with the account's token, beside Eitje.
func (o *organisation) call(t *testing.T, method, path string, body, answer any) {
	t.Helper()
	sent, err := json.Marshal(body)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), method, o.starter.BaseURL+path, bytes.NewReader(sent))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+o.Account.Token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", testkit.ID(t))
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	require.Less(t, response.StatusCode, 300, path)
	if answer != nil {
		require.NoError(t, json.NewDecoder(response.Body).Decode(answer))
	}
}
