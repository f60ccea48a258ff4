package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
)

func exampleDetail() app.ConnectionDetail {
	return app.ConnectionDetail{
		ConnectionID: connectionID, OrganisationID: memberID, Organisation: "Horecagroep De Brug", State: "active",
		AccountID: "acc_demo", ActivatedAt: begun, FailedNights: 3, Quarantined: true, GuardArmed: true,
		Settings: app.Settings{
			Guard:            app.GuardSettings{CreationsFloor: 50, CreationsPercent: 50, ChangesFloor: 10, ChangesPercent: 20},
			AutomaticEndings: true, LikelyDuplicates: app.LikelyDuplicatesWait,
		},
		Holds:    app.Holds{Links: 154, ExportedEntries: 4120, Runs: 31, Exports: 2},
		UnderWay: []string{"sync/" + connectionID}, OpenEndings: 2, NextStep: "Each night asks once whether Connexie is back.",
	}
}

func exampleLookedFirst() app.Activation {
	return app.Activation{
		ConnectionID: connectionID, OrganisationID: memberID, WorkflowID: "activate/" + connectionID, Stage: "previewed", Outcome: "ok",
		Counts: domain.Counts{
			"venues": 3, "wage_codes": 7, "connected": 2, "undecided": 1, "new": 120, "matched": 30, "disputed": 2,
			"skipped": 3, "skipped.email_blank": 2, "skipped.venue_undecided": 1,
		},
		PreviewRunID: runID, NextStep: "Start the first synchronisation with: starter connections resume",
	}
}

func TestConnections_ShowsWhatPeopleSee(t *testing.T) {
	for name, draw := range map[string]func(*terminal){
		"connection": func(screen *terminal) { screen.showConnection(exampleDetail()) },
		"connection_paused": func(screen *terminal) {
			detail := exampleDetail()
			detail.State, detail.Quarantined, detail.GuardArmed, detail.UnderWay = "paused", false, false, nil
			detail.OpenEndings = 0
			detail.Settings.AutomaticEndings, detail.Settings.LikelyDuplicates = false, app.LikelyDuplicatesCreate
			screen.showConnection(detail)
		},
		"paused": func(screen *terminal) {
			screen.showPaused(app.Paused{
				ConnectionID: connectionID, State: "paused", Was: "needs_token", RejectedRunID: runID,
				UnderWay: []string{"export/" + connectionID}, NextStep: "Resume it: starter connections resume",
			})
		},
		"paused_again": func(screen *terminal) {
			screen.showPaused(app.Paused{ConnectionID: connectionID, State: "paused", Was: "paused", NextStep: "Resume it."})
		},
		"removed": func(screen *terminal) {
			screen.showRemoval(app.Removal{
				ConnectionID: connectionID, Outcome: "removed", Counts: domain.Counts{"ended": 2, "endings": 1, "unsettled": 1},
				Stays: app.Holds{Links: 154, ExportedEntries: 4120}, NextStep: "To revive it: starter activate",
			})
		},
		"previewed_first": func(screen *terminal) { screen.showActivation(exampleLookedFirst()) },
	} {
		t.Run(name, func(t *testing.T) {
			screen, out := drawing()
			draw(screen)
			golden(t, "show_"+name+".txt", out.String())
		})
	}
}

func TestConnections_JSONHasStableMembers(t *testing.T) {
	for name, value := range map[string]any{
		"connection": exampleDetail(),
		"paused": app.Paused{
			ConnectionID: connectionID, State: "paused", Was: "active", UnderWay: []string{}, NextStep: "Resume it.",
		},
		"removed":         app.Removal{ConnectionID: connectionID, OrganisationID: memberID, Stage: "removed", Outcome: "removed", Counts: domain.Counts{}},
		"previewed_first": exampleLookedFirst(),
	} {
		t.Run(name, func(t *testing.T) {
			encoded, err := json.MarshalIndent(value, "", "  ")
			require.NoError(t, err)
			golden(t, "json_"+name+".json", string(encoded)+"\n")
		})
	}
}
