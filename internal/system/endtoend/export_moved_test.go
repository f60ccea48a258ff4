package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
)

// movedWhileOneFails moves an exported shift to the other venue, while Connexie refuses
// the import that would take it away from the first: Connexie holds it twice, which
// nobody may overlook, until another export completes the month (X8, X12, X13).
func movedWhileOneFails(t *testing.T, s *system) {
	o := s.working(t, "Verhuisd halverwege", 6, 2)
	require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
	entry, lines := o.entry(t, o.atFirst(t), 1), len(o.ledger(t))
	o.edit(t, `update eitje.entries set venue_id = $1 where id = $2`, o.venueAt(t, "ven_2"), entry)
	fault := o.fault(t, sandbox.Fault{Kind: sandbox.FaultStatus, Status: 400, Operation: "commitHourImport", Venue: "ven_1"})
	partly := o.export(t, o.allKinds())
	require.Equal(t, domain.ExportPartly, partly.Outcome, partly.Problem)
	require.Equal(t, o.sent(t), o.ledger(t))
	require.Len(t, o.ledger(t), lines+2, "its hours and its dinner count twice")
	require.Equal(t, "Exported, changed since", o.shown(t, entry))
	o.requireOpen(t, domain.CauseExportedChanged, o.period().String())
	o.requireOpen(t, domain.CauseExportIncomplete, o.period().String())

	require.NoError(t, s.sandbox.RemoveFault(fault))
	o.requireCompletes(t)
	require.Len(t, o.ledger(t), lines)
	require.Equal(t, "Exported", o.shown(t, entry))
	o.requireOpen(t, domain.CauseExportedChanged)
}

// venueGone takes a venue out of Connexie that was exported before: what it holds cannot
// be emptied (X8), which is said as often as it is tried; the other venue goes.
func venueGone(t *testing.T, s *system) {
	o := s.working(t, "Locatie weg", 6, 2)
	require.Equal(t, domain.ExportOK, o.export(t, o.allKinds()).Outcome)
	require.NoError(t, s.sandbox.RemoveVenue(o.Account.ID, "ven_2"))
	for range 2 {
		partly := o.export(t, o.allKinds())
		require.Equal(t, domain.ExportPartly, partly.Outcome, partly.Problem)
		require.Contains(t, partly.Problem, "Connexie does not know venue ven_2")
		o.requireHolds(t, "ven_1", "ven_2")
		o.requireOpen(t, domain.CauseExportIncomplete, o.period().String())
	}
	require.NoError(t, s.sandbox.PutVenue(o.Account.ID, sandbox.Venue{ID: "ven_2", Name: "Weer terug", Active: true}))
	o.requireCompletes(t)
}
