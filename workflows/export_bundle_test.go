package workflows_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// exportSuite is an ExportHours whose activities answer as a test wants and note what
// they were asked.
type exportSuite struct {
	suite
	check    func(activities.ExportRun) (activities.CheckExportResult, error)
	snapshot func(activities.ExportRun) (activities.SnapshotExportResult, error)
	payroll  func(activities.ExportRun) (activities.AskPayrollResult, error)
	send     func(activities.VenueInput) (activities.VenueStanding, error)
	mark     func(activities.VenueInput) (activities.VenueStanding, error)
	compare  func(activities.ExportRun) (activities.CompareExportResult, error)
	withdraw func(activities.VenueInput) (activities.VenueStanding, error)
	close    func(activities.CloseExportInput) (activities.ExportEnding, error)

	checks, snapshots, payrolls, compares []activities.ExportRun
	sends, marks, withdrawals             []activities.VenueInput
	closes                                []activities.CloseExportInput
}

var collected = activities.SnapshotExportResult{Lines: 3, Counts: domain.Counts{"lines": 3, "entries": 2}}

func planned(id string, lines int) activities.VenueStanding {
	return activities.VenueStanding{VenueID: id, State: domain.VenuePlanned, Lines: lines}
}

// newExport is an export of two venues on which everything goes well. Its CloseExport
// answers with the outcome that it was given, or ok.
func newExport(t *testing.T, workflowID string) *exportSuite {
	t.Helper()
	s := &exportSuite{
		suite: newSuite(t, workflowID),
		check: func(activities.ExportRun) (activities.CheckExportResult, error) {
			return activities.CheckExportResult{OrganisationID: "org-1"}, nil
		},
		snapshot: func(activities.ExportRun) (activities.SnapshotExportResult, error) { return collected, nil },
		payroll: func(activities.ExportRun) (activities.AskPayrollResult, error) {
			return activities.AskPayrollResult{Venues: []activities.VenueStanding{planned("ven_1", 1), planned("ven_2", 2)}}, nil
		},
		send: func(in activities.VenueInput) (activities.VenueStanding, error) {
			return standing(in, domain.VenueCommitted, 1), nil
		},
		mark: func(in activities.VenueInput) (activities.VenueStanding, error) {
			return standing(in, domain.VenueExported, 1), nil
		},
		compare: func(activities.ExportRun) (activities.CompareExportResult, error) {
			return activities.CompareExportResult{}, nil
		},
		withdraw: func(in activities.VenueInput) (activities.VenueStanding, error) {
			return standing(in, domain.VenueCancelled, 0), nil
		},
		close: func(in activities.CloseExportInput) (activities.ExportEnding, error) {
			outcome := in.Outcome
			if outcome == "" {
				outcome = domain.ExportOK
			}
			return activities.ExportEnding{Outcome: outcome, Counts: domain.Counts{"venues": 2}, Problem: in.Problem}, nil
		},
	}
	answer(s.env, sending.CheckExport, &s.checks, func(in activities.ExportRun) (activities.CheckExportResult, error) { return s.check(in) })
	answer(s.env, exporting.SnapshotExport, &s.snapshots, func(in activities.ExportRun) (activities.SnapshotExportResult, error) { return s.snapshot(in) })
	answer(s.env, sending.AskPayroll, &s.payrolls, func(in activities.ExportRun) (activities.AskPayrollResult, error) { return s.payroll(in) })
	answer(s.env, sending.SendVenue, &s.sends, func(in activities.VenueInput) (activities.VenueStanding, error) { return s.send(in) })
	answer(s.env, exporting.MarkVenue, &s.marks, func(in activities.VenueInput) (activities.VenueStanding, error) { return s.mark(in) })
	answer(s.env, sending.CompareExport, &s.compares, func(in activities.ExportRun) (activities.CompareExportResult, error) { return s.compare(in) })
	answer(s.env, sending.WithdrawVenue, &s.withdrawals, func(in activities.VenueInput) (activities.VenueStanding, error) { return s.withdraw(in) })
	answer(s.env, exporting.CloseExport, &s.closes, func(in activities.CloseExportInput) (activities.ExportEnding, error) { return s.close(in) })
	return s
}

func standing(of activities.VenueInput, state domain.VenueState, sent int) activities.VenueStanding {
	return activities.VenueStanding{VenueID: of.VenueID, State: state, Sent: sent}
}

func exportInput() workflows.ExportHoursInput {
	return workflows.ExportHoursInput{
		ConnectionID: connection, From: domain.NewDate(2026, time.November, 1), To: domain.NewDate(2026, time.November, 30),
		Kinds: []domain.ExportKind{domain.ExportMeals, domain.ExportHours}, RequestedBy: "user_42",
	}
}

func previewInput() workflows.ExportHoursInput {
	in := exportInput()
	in.Mode = "preview"
	return in
}

func (s *exportSuite) run(in workflows.ExportHoursInput) {
	s.env.ExecuteWorkflow(workflows.TypeExportHours, in)
}

// venuesOf are the venues that an activity was asked about, in that order.
func venuesOf(asked []activities.VenueInput) []string {
	var ids []string
	for _, in := range asked {
		ids = append(ids, in.VenueID)
	}
	return ids
}

func (s *exportSuite) progress() workflows.ExportProgress {
	s.Helper()
	var progress workflows.ExportProgress
	require.NoError(s, json.Unmarshal([]byte(s.query(workflows.QueryProgress)), &progress))
	return progress
}
