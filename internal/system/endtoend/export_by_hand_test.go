package endtoend

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
)

// byHand is an organisation at the command line, with every venue decided and the hours
// of last month.
type byHand struct {
	*organisation

	operator *app.Operator
	month    app.ExportRequest
}

func handled(t *testing.T, s *system) byHand {
	t.Helper()
	o := s.demo(t, 21)
	o.settle(t)
	o.decide(t)
	o.sync(t)
	return byHand{organisation: o, operator: s.operator(t), month: app.ExportRequest{
		ConnectionID: o.connection, Days: app.Days{From: string(o.Export.LastMonth.From), To: string(o.Export.LastMonth.To)},
		Kinds: []string{"meals", "hours", "allowances"},
	}}
}

// ask asks for an export and waits for its end.
func (h byHand) ask(t *testing.T, request app.ExportRequest) app.ExportReport {
	t.Helper()
	ticket, err := h.operator.RequestExport(t.Context(), request)
	require.NoError(t, err)
	return h.follow(t, ticket)
}

func (h byHand) follow(t *testing.T, ticket app.ExportTicket) app.ExportReport {
	t.Helper()
	ended, err := h.operator.FollowExport(t.Context(), ticket, func(app.Export) {})
	require.NoError(t, err)
	require.Equal(t, ticket.ExportID, ended.ExportID, "the id of the record is told before there is one")
	report, err := h.operator.Report(t.Context(), ended)
	require.NoError(t, err)
	return report
}

// chooseCodes chooses a code for hours and for every meal and allowance that there is.
func (h byHand) chooseCodes(t *testing.T) {
	t.Helper()
	mappings, err := h.operator.Mappings(t.Context(), h.connection)
	require.NoError(t, err)
	for _, unmapped := range append(mappings.Unmapped, app.UnmappedKind{Kind: "hours"}) {
		require.True(t, unmapped.Kind == "hours" || unmapped.ChooseWith != "")
		for _, code := range mappings.Available {
			if code.Kind == unmapped.Kind {
				mappings, err = h.operator.DecideCode(t.Context(), app.CodeDecision{
					ConnectionID: h.connection, Kind: unmapped.Kind, Type: unmapped.Type, Code: code.Code,
				})
				require.NoError(t, err)
				break
			}
		}
	}
	require.Empty(t, mappings.Unmapped)
	require.Empty(t, mappings.Obstacles)
}

// exportedByHand goes the way of the runbook: refused until the codes are chosen,
// previewed, exported with a receipt, joined, refused beside another, and cancelled.
func exportedByHand(t *testing.T, s *system) {
	h := handled(t, s)
	refusal := h.ask(t, h.month)
	require.Equal(t, domain.ExportRefused, refusal.Outcome)
	require.Contains(t, refusal.Problem, "C7")
	mappings, err := h.operator.Mappings(t.Context(), h.connection)
	require.NoError(t, err)
	require.Len(t, mappings.Obstacles, 1)
	require.Equal(t, "C7", mappings.Obstacles[0].Rule)
	h.chooseCodes(t)

	preview := h.month
	preview.Preview = true
	shown := h.ask(t, preview)
	require.Equal(t, domain.ExportOK, shown.Outcome, shown.Problem)
	require.NotEmpty(t, shown.People)
	require.NotEmpty(t, shown.LeftOutCounts)
	require.Empty(t, shown.Differences, "nothing was exported before")

	h.meetAtAnExport(t)

	sent := h.ask(t, h.month)
	require.Equal(t, domain.ExportOK, sent.Outcome, sent.Problem)
	require.NotEmpty(t, sent.Receipt)
	for _, line := range sent.Receipt {
		require.True(t, line.Equal, "%s %s", line.ConnexieVenueID, line.Code)
	}
	require.Equal(t, shown.Counts["lines"], sent.Counts["lines"], "X16: the preview told exactly that")
	require.Equal(t, sent.Total, sent.Done)

	again := h.ask(t, preview)
	require.Empty(t, again.Differences, "X8: repeating it changes nothing")
	_, err = h.operator.CancelExport(t.Context(), h.connection, false)
	requireRefused(t, err, "nothing to cancel")
}

// meetAtAnExport has others ask while an export is being sent (X14), and cancels it.
func (h byHand) meetAtAnExport(t *testing.T) {
	t.Helper()
	fault := h.fault(t, sandbox.Fault{Kind: sandbox.FaultHold, Operation: "createHourImport", Times: 1})
	first, err := h.operator.RequestExport(t.Context(), h.month)
	require.NoError(t, err)
	require.False(t, first.Joined)
	require.NoError(t, h.sandbox.AwaitFault(t.Context(), fault))

	same := h.month
	same.Kinds = []string{"allowances", "hours", "meals"} // in whatever order they are given
	joined, err := h.operator.RequestExport(t.Context(), same)
	require.NoError(t, err)
	require.True(t, joined.Joined)
	require.Equal(t, first.ExportID, joined.ExportID)
	fewer := h.month
	fewer.Kinds = []string{"hours"}
	_, err = h.operator.RequestExport(t.Context(), fewer)
	requireRefused(t, err, "(hours,meals,allowances) is under way")

	ticket, err := h.operator.CancelExport(t.Context(), h.connection, false)
	require.NoError(t, err)
	require.Equal(t, first.ExportID, ticket.ExportID)
	require.NoError(t, h.sandbox.RemoveFault(fault))
	require.Equal(t, domain.ExportCancelled, h.follow(t, joined).Outcome)
}

func requireRefused(t *testing.T, err error, says string) {
	t.Helper()
	var problem *app.Problem
	require.ErrorAs(t, err, &problem)
	require.Equal(t, app.KindRefused, problem.Kind)
	require.Contains(t, problem.What, says)
}
