package workflows_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

var (
	outage  = temporal.NewNonRetryableApplicationError("down", activities.ErrorUnavailable, nil)
	no      = temporal.NewNonRetryableApplicationError("no", activities.ErrorTokenRefused, nil)
	broken  = temporal.NewNonRetryableApplicationError("disk full", activities.ErrorDatabase, nil)
	forbade = temporal.NewNonRetryableApplicationError("may not", activities.ErrorForbidden, nil)
)

func TestExport_ChecksCollectsAsksSendsMarksAndTells(t *testing.T) {
	t.Parallel()
	s := newExport(t, "export/con-1")
	var attributes []string
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Run(func(arguments mock.Arguments) {
		set := arguments.Get(0).(temporal.SearchAttributes)
		var values []string
		for _, key := range []temporal.SearchAttributeKeyKeyword{
			workflows.AttributeStage, workflows.AttributeOutcome, workflows.AttributeOrganisation,
			workflows.AttributeTrigger, workflows.AttributePeriod,
		} {
			if value, has := set.GetKeyword(key); has {
				values = append(values, value)
			}
		}
		attributes = append(attributes, strings.Join(values, " "))
	}).Return(nil)
	s.run(exportInput())

	// The UUIDv5 of "export/con-1||1": a repetition, also by a later version, finds the
	// same export.
	id := s.checks[0].ID
	require.Equal(t, activities.ExportRun{
		ID: id, ConnectionID: connection, WorkflowID: "export/con-1",
		Period: exportPeriod, Kinds: []domain.ExportKind{domain.ExportHours, domain.ExportMeals},
		Mode: activities.ModeApply, RequestedBy: "user_42",
	}, s.checks[0], "the kinds are in their order")
	require.JSONEq(t, `{"outcome":"ok","export_id":"`+id+`","counts":{"venues":2}}`, s.result())
	require.Equal(t, []string{"ven_1", "ven_2"}, venuesOf(s.sends))
	require.Equal(t, []string{"ven_1", "ven_2"}, venuesOf(s.marks))
	require.Equal(t, []activities.CloseExportInput{{Run: s.checks[0], Counts: collected.Counts}}, s.closes)
	require.Empty(t, s.withdrawals)
	require.Equal(t, []string{"checking manual 2026-11-01_2026-11-30", "sending", "closed ok org-1"}, attributes)
	require.JSONEq(t, `{"stage":"closed","done":2,"total":3,"counts":{"venues":2},"period":"2026-11-01_2026-11-30",
		"kinds":["hours","meals"],"mode":"apply","outcome":"ok","next_step":"`+s.progress().NextStep+`"}`, s.query(workflows.QueryProgress))
}

var exportPeriod = domain.Period{From: domain.NewDate(2026, time.November, 1), To: domain.NewDate(2026, time.November, 30)}

func TestExport_GoesOnFromSliceToSlice(t *testing.T) {
	t.Parallel()
	s := newExport(t, "export/con-1")
	s.send = func(in activities.VenueInput) (activities.VenueStanding, error) {
		if len(s.sends) < 3 {
			return standing(in, domain.VenueSending, len(s.sends)*1000), nil
		}
		return standing(in, domain.VenueCommitted, 3000), nil
	}
	s.run(exportInput())
	s.result()
	require.Equal(t, []string{"ven_1", "ven_1", "ven_1", "ven_2"}, venuesOf(s.sends))
	require.Equal(t, []string{"ven_1", "ven_2"}, venuesOf(s.marks))
}

// What is refused before anything is collected ends the export with the reason.
func TestExport_X7_X10_C3_ARefusalIsAResultAndCollectsNothing(t *testing.T) {
	t.Parallel()
	s := newExport(t, "export/con-1")
	s.check = func(activities.ExportRun) (activities.CheckExportResult, error) {
		return activities.CheckExportResult{OrganisationID: "org-1", Problem: "X7: fewer kinds"}, nil
	}
	s.run(exportInput())
	require.Contains(t, s.result(), `"outcome":"refused"`)
	require.Contains(t, s.result(), `"problem":"X7: fewer kinds"`)
	require.Empty(t, s.snapshots)
	require.Equal(t, []activities.CloseExportInput{{Run: s.checks[0], Outcome: domain.ExportRefused, Problem: "X7: fewer kinds"}}, s.closes)
	require.Contains(t, s.details(), "X7: fewer kinds")
}

func TestExport_C6_UnmappedKindsNeedAnAcknowledgementBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	unmapped := func(activities.ExportRun) (activities.SnapshotExportResult, error) {
		return activities.SnapshotExportResult{Lines: 3, Unmapped: 2, Counts: domain.Counts{"unmapped": 2}}, nil
	}
	t.Run("not given", func(t *testing.T) {
		t.Parallel()
		s := newExport(t, "export/con-1")
		s.snapshot = unmapped
		s.run(exportInput())
		require.Contains(t, s.result(), `"outcome":"needs_acknowledgement"`)
		require.Empty(t, s.payrolls)
		require.Empty(t, s.sends)
	})
	t.Run("given", func(t *testing.T) {
		t.Parallel()
		s := newExport(t, "export/con-1")
		s.snapshot = unmapped
		in := exportInput()
		in.AcknowledgeUnmapped = true
		s.run(in)
		require.Contains(t, s.result(), `"outcome":"ok"`)
		require.Len(t, s.sends, 2)
	})
	t.Run("a preview still shows everything", func(t *testing.T) {
		t.Parallel()
		s := newExport(t, "export-preview/con-1")
		s.snapshot = unmapped
		s.run(previewInput())
		require.Contains(t, s.result(), `"outcome":"needs_acknowledgement"`)
		require.Len(t, s.payrolls, 1)
		require.Len(t, s.compares, 1)
	})
}

func TestExport_X16_APreviewSendsNothingAndSaysWhereConnexieDiffers(t *testing.T) {
	t.Parallel()
	s := newExport(t, "export-preview/con-1")
	s.compare = func(activities.ExportRun) (activities.CompareExportResult, error) {
		return activities.CompareExportResult{Differing: []string{"ven_2"}}, nil
	}
	s.run(previewInput())
	s.result()
	require.Empty(t, s.sends)
	require.Empty(t, s.marks)
	require.Equal(t, []string{"ven_2"}, s.closes[0].Differing)
	require.Empty(t, s.closes[0].Outcome, "what became of the venues decides")
}

func TestExport_X9_AVenueWhosePayrollHasBegunIsNotSent(t *testing.T) {
	t.Parallel()
	s := newExport(t, "export/con-1")
	s.payroll = func(activities.ExportRun) (activities.AskPayrollResult, error) {
		refused := planned("ven_1", 1)
		refused.State = domain.VenueRefused
		return activities.AskPayrollResult{Venues: []activities.VenueStanding{refused, planned("ven_2", 2)}}, nil
	}
	s.run(exportInput())
	s.result()
	require.Equal(t, []string{"ven_2"}, venuesOf(s.sends))
}

// One venue that fails, is refused or rejected leaves the others to be sent, and is not
// marked.
func TestExport_X13_X17_AVenueThatFailsLeavesTheOthers(t *testing.T) {
	t.Parallel()
	for _, state := range []domain.VenueState{domain.VenueFailed, domain.VenueRefused, domain.VenueRejected} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			s := newExport(t, "export/con-1")
			s.send = func(in activities.VenueInput) (activities.VenueStanding, error) {
				if in.VenueID == "ven_1" {
					return standing(in, state, 0), nil
				}
				return standing(in, domain.VenueCommitted, 2), nil
			}
			s.run(exportInput())
			s.result()
			require.Equal(t, []string{"ven_1", "ven_2"}, venuesOf(s.sends))
			require.Equal(t, []string{"ven_2"}, venuesOf(s.marks))
		})
	}
}

func TestExport_X8_AnImportThatAnotherTookOverEndsTheExport(t *testing.T) {
	t.Parallel()
	s := newExport(t, "export/con-1")
	s.send = func(in activities.VenueInput) (activities.VenueStanding, error) {
		return standing(in, domain.VenueSuperseded, 1), nil
	}
	s.run(exportInput())
	s.result()
	require.Equal(t, []string{"ven_1"}, venuesOf(s.sends))
	require.Empty(t, s.marks)
	require.Empty(t, s.withdrawals)
	require.Empty(t, s.closes[0].Outcome, "what became of the venues decides")
}

func TestExport_N6_X13_AnOutageIsBorneTwoHoursOnceAndThenTenMinutes(t *testing.T) {
	t.Parallel()
	s := newExport(t, "export/con-1")
	s.payroll = func(activities.ExportRun) (activities.AskPayrollResult, error) {
		return activities.AskPayrollResult{Venues: []activities.VenueStanding{
			planned("ven_1", 1), planned("ven_2", 2), planned("ven_3", 3),
		}}, nil
	}
	s.send = func(in activities.VenueInput) (activities.VenueStanding, error) {
		if in.VenueID != "ven_3" {
			return activities.VenueStanding{}, outage
		}
		return standing(in, domain.VenueCommitted, 3), nil
	}
	var borne []time.Duration
	s.env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		if info.ActivityType.Name == "SendVenue" {
			borne = append(borne, info.ScheduleToCloseTimeout)
		}
	})
	s.run(exportInput())
	s.result()
	require.Equal(t, []time.Duration{2 * time.Hour, 10 * time.Minute, 10 * time.Minute}, borne)
	require.Equal(t, []string{"ven_3"}, venuesOf(s.marks))
	require.Equal(t, []activities.CloseExportInput{
		{Run: s.checks[0], Problem: activities.ErrorUnavailable, Counts: collected.Counts},
	}, s.closes)
}

// No other venue can be sent without a token.
func TestExport_C8_ARefusedTokenStopsTheSendingAndIsAResult(t *testing.T) {
	t.Parallel()
	for _, refusal := range []error{no, forbade} {
		s := newExport(t, "export/con-1")
		s.send = func(activities.VenueInput) (activities.VenueStanding, error) {
			return activities.VenueStanding{}, refusal
		}
		s.run(exportInput())
		s.result()
		require.Len(t, s.sends, 1)
		require.Empty(t, s.closes[0].Outcome, "a venue before it may have been exported")
		require.NotEmpty(t, s.closes[0].Problem)
	}
}

func TestExport_C8_N6_WhatEndsAnExportBeforeItSends(t *testing.T) {
	t.Parallel()
	for _, err := range []error{no, forbade, outage} {
		s := newExport(t, "export/con-1")
		s.payroll = func(activities.ExportRun) (activities.AskPayrollResult, error) {
			return activities.AskPayrollResult{}, err
		}
		s.run(exportInput())
		require.Contains(t, s.result(), `"outcome":"refused"`)
		require.Equal(t, domain.ExportRefused, s.closes[0].Outcome)
		require.Empty(t, s.sends)
	}
}

// Anything else fails the workflow, once the draft is withdrawn and the export closed.
func TestExport_AnyOtherFailureWithdrawsClosesAndFails(t *testing.T) {
	t.Parallel()
	s := newExport(t, "export/con-1")
	s.send = func(in activities.VenueInput) (activities.VenueStanding, error) {
		if in.VenueID == "ven_2" {
			return activities.VenueStanding{}, broken
		}
		return standing(in, domain.VenueCommitted, 1), nil
	}
	s.run(exportInput())
	require.Equal(t, activities.ErrorDatabase, s.failure().Type())
	require.Equal(t, []string{"ven_2"}, venuesOf(s.withdrawals))
	require.Equal(t, []string{"ven_1"}, venuesOf(s.marks), "a venue that was marked stays")
	require.Equal(t, domain.ExportFailed, s.closes[0].Outcome)
	require.Equal(t, activities.ErrorDatabase, s.closes[0].Problem)
}

func TestExport_AFailureToCloseFailsTheWorkflow(t *testing.T) {
	t.Parallel()
	s := newExport(t, "export/con-1")
	s.close = func(activities.CloseExportInput) (activities.ExportEnding, error) {
		return activities.ExportEnding{}, broken
	}
	s.run(exportInput())
	require.Equal(t, activities.ErrorDatabase, s.failure().Type())
}

// The update ends the export with a result, the engine's cancellation as cancelled;
// either way what was being sent is withdrawn, and what was committed after all marked.
func TestExport_X13_Cancel(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		byEngine  bool
		withdrawn domain.VenueState
		marked    []string
	}{
		"by the update":                      {false, domain.VenueCancelled, nil},
		"by the update, committed after all": {false, domain.VenueCommitted, []string{"ven_1"}},
		"by the engine":                      {true, domain.VenueCancelled, nil},
		"by the engine, committed meanwhile": {true, domain.VenueCommitted, []string{"ven_1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newExport(t, "export/con-1")
			var sent *updated
			s.send = func(in activities.VenueInput) (activities.VenueStanding, error) {
				if test.byEngine {
					s.env.CancelWorkflow()
				} else {
					sent = s.update(workflows.UpdateCancel, "c-1", workflows.CancelInput{})
				}
				return standing(in, domain.VenueSending, 1), nil
			}
			s.withdraw = func(in activities.VenueInput) (activities.VenueStanding, error) {
				return standing(in, test.withdrawn, 0), nil
			}
			s.run(exportInput())
			if test.byEngine {
				require.True(t, temporal.IsCanceledError(s.env.GetWorkflowError()))
			} else {
				require.Contains(t, s.result(), `"outcome":"cancelled"`)
				require.JSONEq(t, `{"export_id":"`+s.checks[0].ID+`"}`, sent.answer)
			}
			require.Equal(t, []string{"ven_1"}, venuesOf(s.sends))
			require.Equal(t, []string{"ven_1"}, venuesOf(s.withdrawals))
			require.Equal(t, test.marked, venuesOf(s.marks))
			require.Equal(t, domain.ExportCancelled, s.closes[0].Outcome)
		})
	}
}

func TestExport_X13_CancelWhereConnexieIsOutOfReachStillEnds(t *testing.T) {
	t.Parallel()
	s := newExport(t, "export/con-1")
	s.send = func(in activities.VenueInput) (activities.VenueStanding, error) {
		s.update(workflows.UpdateCancel, "c-1", workflows.CancelInput{})
		return standing(in, domain.VenueSending, 1), nil
	}
	s.withdraw = func(activities.VenueInput) (activities.VenueStanding, error) {
		return activities.VenueStanding{}, outage
	}
	s.run(exportInput())
	require.Contains(t, s.result(), `"outcome":"cancelled"`)
	require.Empty(t, s.marks)
}

func TestExport_CancelIsRefusedOnceItEnds(t *testing.T) {
	t.Parallel()
	s := newExport(t, "export/con-1")
	var late, odd *updated
	s.check = func(activities.ExportRun) (activities.CheckExportResult, error) {
		odd = s.update(workflows.UpdateCancel, "c-1", map[string]string{"reason": "late"})
		return activities.CheckExportResult{}, nil
	}
	s.close = func(activities.CloseExportInput) (activities.ExportEnding, error) {
		late = s.update(workflows.UpdateCancel, "c-2", workflows.CancelInput{})
		return activities.ExportEnding{Outcome: domain.ExportOK}, nil
	}
	s.run(exportInput())
	s.result()
	require.ErrorContains(t, late.rejected, "nothing to cancel")
	require.ErrorContains(t, odd.rejected, `unknown member "reason"`)
	require.ErrorContains(t, odd.rejected, "Example: {}")
}

func TestExport_ShowsItselfInTheUI(t *testing.T) {
	t.Parallel()
	s := newExport(t, "export/con-1")
	var during string
	s.send = func(in activities.VenueInput) (activities.VenueStanding, error) {
		during = s.details()
		return standing(in, domain.VenueCommitted, 1), nil
	}
	s.run(exportInput())
	s.result()
	for _, text := range []string{"**sending**", "hours, meals of 2026-11-01_2026-11-30", "`user_42`", "| `ven_2` | 2 | 0 | sending |", "update cancel"} {
		require.Contains(t, during, text)
	}
	require.Contains(t, s.details(), "Outcome: **ok**")
	updates := s.metadata().GetDefinition().GetUpdateDefinitions()
	require.Len(t, updates, 1)
	require.Contains(t, updates[0].GetDescription(), "{}", "an example")
}
