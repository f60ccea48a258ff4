package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestExport_C3_C6_C7_WhatIsIncompleteIsNamedRowByRow(t *testing.T) {
	t.Parallel()
	hours, meals := []domain.ExportKind{domain.ExportHours}, []domain.ExportKind{domain.ExportMeals}
	rows := []struct {
		name          string
		configuration domain.ExportConfiguration
		kinds         []domain.ExportKind
		says          [][]string
	}{
		{"C3_complete", domain.ExportConfiguration{HourCode: true}, domain.ExportKinds(), nil},
		{"C3_every_undecided_row", domain.ExportConfiguration{HourCode: true, Undecided: []string{"eitje:E4", "connexie:V4"}}, hours,
			[][]string{{"C3", "Eitje venue E4", "--connection conn --eitje E4 --connexie not-used."}, {"C3", "Connexie venue V4", "--connection conn --connexie V4 --inactive."}}},
		{"C7_hours_need_a_code", domain.ExportConfiguration{}, hours, [][]string{{"C7", "starter mappings code --connection conn --kind hours"}}},
		{"C7_meals_need_no_code_of_hours", domain.ExportConfiguration{}, meals, nil},
		{"C6_every_code_that_vanished", domain.ExportConfiguration{HourCode: true, Vanished: []string{"2000", "3000"}}, meals,
			[][]string{{"C6", "code 2000", "starter mappings list --connection conn."}, {"C6", "code 3000"}}},
		{"C3_C6_C7_everything_at_once", domain.ExportConfiguration{Undecided: []string{"eitje:E4"}, Vanished: []string{"2000"}}, hours,
			[][]string{{"C3"}, {"C7"}, {"C6"}}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			problems := row.configuration.Problems("conn", row.kinds)
			require.Len(t, problems, len(row.says))
			for i, words := range row.says {
				for _, said := range words {
					require.Contains(t, problems[i], said)
				}
			}
		})
	}
}

func TestExport_X13_X15_TheOutcomeFollowsFromTheVenues(t *testing.T) {
	t.Parallel()
	const (
		exported, refused, rejected = domain.VenueExported, domain.VenueRefused, domain.VenueRejected
		failed, cancelled, replaced = domain.VenueFailed, domain.VenueCancelled, domain.VenueSuperseded
	)
	type states = []domain.VenueState
	rows := []struct {
		name   string
		venues states
		lines  int
		want   domain.ExportOutcome
	}{
		{"X15_no_venues", nil, 0, domain.ExportNothing},
		{"X15_emptied_alone", states{exported, exported}, 0, domain.ExportNothing},
		{"X13_all", states{exported, exported}, 7, domain.ExportOK},
		{"X13_one_fails", states{exported, failed}, 7, domain.ExportPartly},
		{"X13_one_is_rejected", states{rejected, exported}, 7, domain.ExportPartly},
		{"X13_one_was_emptied_the_other_not", states{exported, refused}, 0, domain.ExportPartly},
		{"X14_cancelled_after_the_first", states{exported, cancelled}, 7, domain.ExportCancelled},
		{"X8_replaced_after_the_first", states{exported, replaced, cancelled}, 7, domain.ExportSuperseded},
		{"X8_replaced", states{replaced, failed}, 7, domain.ExportSuperseded},
		{"X14_cancelled", states{cancelled, rejected}, 7, domain.ExportCancelled},
		{"X17_rejected", states{refused, rejected}, 7, domain.ExportRejected},
		{"X9_payroll_has_run_everywhere", states{refused, refused}, 7, domain.ExportRefused},
		{"X9_nothing_left_to_empty_either", states{refused}, 0, domain.ExportRefused},
		{"X13_none_was_reached", states{failed}, 7, domain.ExportRefused},
		{"X11_committed_is_not_exported", states{domain.VenueCommitted}, 7, domain.ExportRefused},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, row.want, domain.ExportOutcomeOf(row.venues, row.lines))
		})
	}
}
