package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestOperator_C3_MappingsNameWhatIsUndecidedAndTheCommandThatDecides(t *testing.T) {
	t.Parallel()
	o := operate(t)
	kitchen := o.db.Venue(t, o.organisation, "Keuken")
	o.db.ConnexieVenues(t, o.connection, "ven_1", "Brug", "ven_2", "Strand")

	mappings, err := o.Mappings(t.Context(), o.connection)
	require.NoError(t, err)
	require.Equal(t, 3, mappings.Undecided)
	require.Contains(t, mappings.Eitje[0].DecideWith, "--eitje "+kitchen+" --connexie ID|not-used")
	require.Contains(t, mappings.Connexie[0].DecideWith, "--connexie ven_1 --inactive")

	mappings, err = o.DecideVenue(t.Context(), app.VenueDecision{ConnectionID: o.connection, EitjeID: kitchen, ConnexieID: "ven_1", By: "user_42"})
	require.NoError(t, err)
	require.Equal(t, app.VenueMapping{ID: kitchen, Name: "Keuken", Decision: app.DecisionConnected, ConnexieID: "ven_1", DecidedBy: "user_42"}, mappings.Eitje[0])
	mappings, err = o.DecideVenue(t.Context(), app.VenueDecision{ConnectionID: o.connection, ConnexieID: "ven_2", Inactive: true})
	require.NoError(t, err)
	require.Zero(t, mappings.Undecided)
	require.Equal(t, app.DecisionInactive, mappings.Connexie[1].Decision)

	mappings, err = o.DecideVenue(t.Context(), app.VenueDecision{ConnectionID: o.connection, EitjeID: kitchen, ConnexieID: app.NotUsed})
	require.NoError(t, err)
	require.Equal(t, app.DecisionNotUsed, mappings.Eitje[0].Decision)
	require.Equal(t, 1, mappings.Undecided, "ven_1 is free again")
}

func TestOperator_C3_DecisionsThatCannotBeAreAnswered(t *testing.T) {
	t.Parallel()
	o := operate(t)
	kitchen := o.db.Venue(t, o.organisation, "Keuken")
	foreign := o.db.Venue(t, o.db.Organisation(t), "Elders")
	o.db.ConnexieVenues(t, o.connection, "ven_1", "Brug")
	_, err := o.DecideVenue(t.Context(), app.VenueDecision{ConnectionID: o.connection, EitjeID: kitchen, ConnexieID: "ven_1"})
	require.NoError(t, err)
	for _, c := range []struct {
		decision app.VenueDecision
		kind     app.ProblemKind
		says     string
	}{
		{app.VenueDecision{}, app.KindInvalid, "names no Connexie venue"},
		{app.VenueDecision{EitjeID: kitchen}, app.KindInvalid, "names no Connexie venue"},
		{app.VenueDecision{ConnexieID: "ven_1"}, app.KindInvalid, "names no Eitje venue"},
		{app.VenueDecision{ConnexieID: app.NotUsed, Inactive: true}, app.KindInvalid, "only a Connexie venue"},
		{app.VenueDecision{EitjeID: kitchen, ConnexieID: "ven_1", Inactive: true}, app.KindInvalid, "only a Connexie venue"},
		{app.VenueDecision{EitjeID: kitchen, ConnexieID: "ven_9"}, app.KindNotFound, "ven_9"},
		{app.VenueDecision{EitjeID: foreign, ConnexieID: "ven_1"}, app.KindNotFound, foreign},
		{app.VenueDecision{EitjeID: "keuken", ConnexieID: app.NotUsed}, app.KindNotFound, "keuken"},
		{app.VenueDecision{ConnexieID: "ven_9", Inactive: true}, app.KindNotFound, "ven_9"},
		{app.VenueDecision{EitjeID: "\x00", ConnexieID: app.NotUsed}, app.KindNotFound, "no venue"},
		{app.VenueDecision{ConnexieID: "\xff", Inactive: true}, app.KindNotFound, "no venue"},
		{app.VenueDecision{ConnexieID: "ven_1", Inactive: true}, app.KindRefused, kitchen},
	} {
		c.decision.ConnectionID = o.connection
		_, err := o.DecideVenue(t.Context(), c.decision)
		requireProblem(t, err, c.kind, c.says)
	}
}

func TestOperator_C6_C7_CodesAreChosenAmongThoseActivated(t *testing.T) {
	t.Parallel()
	o := operate(t)
	_, err := o.db.Store.SaveWageCodes(t.Context(), store.CompleteList{ConnectionID: o.connection}, []domain.WageCode{
		{Code: "1000", Description: "Uren", Kind: "hours", Unit: "hours"}, {Code: "2000", Description: "Maaltijd", Kind: "meal", Unit: "pieces"},
	}, testkit.Now)
	require.NoError(t, err)
	mappings, err := o.DecideCode(t.Context(), app.CodeDecision{ConnectionID: o.connection, Kind: "hours", Code: "1000"})
	require.NoError(t, err)
	require.Equal(t, []app.CodeMapping{{Kind: "hours", Code: "1000"}}, mappings.Codes)
	require.Len(t, mappings.Available, 2)
	for _, c := range []struct {
		decision app.CodeDecision
		kind     app.ProblemKind
	}{
		{app.CodeDecision{Kind: "", Code: "1000"}, app.KindInvalid},
		{app.CodeDecision{Kind: "lunch", Code: "1000"}, app.KindInvalid},
		{app.CodeDecision{Kind: "hours", Type: "night", Code: "1000"}, app.KindInvalid},
		{app.CodeDecision{Kind: "meal", Type: "  ", Code: "2000"}, app.KindInvalid},
		{app.CodeDecision{Kind: "hours"}, app.KindInvalid},
		{app.CodeDecision{Kind: "hours", Code: "\x00"}, app.KindInvalid},
		{app.CodeDecision{Kind: "meal", Type: "\xff", Code: "2000"}, app.KindInvalid},
		{app.CodeDecision{Kind: "hours", Code: "9999"}, app.KindNotFound},
		{app.CodeDecision{Kind: "hours", Code: "2000"}, app.KindRefused},
	} {
		c.decision.ConnectionID = o.connection
		_, err := o.DecideCode(t.Context(), c.decision)
		requireProblem(t, err, c.kind, "")
	}
}

// openRun opens a run in the database, as a worker would.
func (o operation) openRun(t *testing.T, opening store.RunOpening) string {
	t.Helper()
	opening.ID, opening.ConnectionID = testkit.ID(t), o.connection
	opening.WorkflowID, opening.Pass, opening.Trigger = "sync/"+o.connection, 1, store.TriggerManual
	opening.RequestedBy, opening.Day = "cli", domain.DayOf(testkit.Now)
	if opening.Mode == "" {
		opening.Mode = store.ModeApply
	}
	_, err := o.db.Store.OpenRun(t.Context(), opening, testkit.Now)
	require.NoError(t, err)
	return opening.ID
}

func TestOperator_S16_AHeldRunSaysHowToDecide(t *testing.T) {
	t.Parallel()
	o := operate(t)
	id := o.openRun(t, store.RunOpening{})
	require.NoError(t, o.db.Store.SetStage(t.Context(), id, store.StageHeld, 0, 40))

	status, err := o.Status(t.Context(), o.connection)
	require.NoError(t, err)
	require.Equal(t, id, status.Held().RunID)
	require.Equal(t, domain.SyncHeld, status.Held().Outcome)
	require.Contains(t, status.Held().NextStep, "starter sync decide --connection "+o.connection+" --allow")
	require.Equal(t, "http://localhost:8233/namespaces/default/workflows/sync%2F"+o.connection, status.Held().Link)

	lines, err := o.Connections(t.Context())
	require.NoError(t, err)
	require.Equal(t, domain.SyncHeld, lines[0].LastRun.Outcome)
}

func TestOperator_TheLastRunOfAConnectionIsItsLastFullOne(t *testing.T) {
	t.Parallel()
	o := operate(t)
	full := o.openRun(t, store.RunOpening{})
	o.openRun(t, store.RunOpening{Mode: store.ModePreview})
	o.openRun(t, store.RunOpening{OnlyConnexieID: "emp_1"})
	lines, err := o.Connections(t.Context())
	require.NoError(t, err)
	require.Equal(t, full, lines[0].LastRun.RunID)
	require.Equal(t, "reading", lines[0].LastRun.Stage)
}

func TestOperator_EveryOutcomeHasANextStep(t *testing.T) {
	t.Parallel()
	for _, outcome := range []domain.SyncOutcome{
		domain.SyncOK, domain.SyncProblems, domain.SyncNothing, domain.SyncRejected, domain.SyncSuperseded, domain.SyncRefused,
		domain.SyncUnreachable, domain.SyncFailed, domain.SyncCancelled, domain.SyncAbandoned,
	} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			o := operate(t)
			id := o.openRun(t, store.RunOpening{})
			_, err := o.db.Store.CloseRun(t.Context(), id, store.RunClosing{Outcome: outcome}, testkit.Now)
			require.NoError(t, err)
			run, err := o.Run(t.Context(), id)
			require.NoError(t, err)
			require.True(t, run.Closed())
			require.NotEmpty(t, run.NextStep)
		})
	}
}

func TestOperator_ItemsAndChangesCanBePagedThrough(t *testing.T) {
	t.Parallel()
	o := operate(t)
	id := o.openRun(t, store.RunOpening{})
	for _, person := range []string{"emp_1", "emp_2", "emp_3"} {
		o.db.Exec(t, `insert into connexie.sync_items (run_id, connexie_id, situation, action, rule, changes)
			values ($1, $2, 'linked', 'update', 'S5', '[{"object":"contract","field":"hourly_wage","before":"14.39","after":"21.50"}]')`, id, person)
		o.db.Exec(t, `insert into connexie.changes (id, run_id, connection_id, connexie_id, object, object_id, field, after, at, by)
			values ($1, $2, $3, $4, 'contract', 'c', 'hourly_wage', '21.50', $5, 'cli')`, testkit.ID(t), id, o.connection, person, testkit.Now)
	}
	items, err := o.Items(t.Context(), id, "emp_1", 1)
	require.NoError(t, err)
	require.Len(t, items, 1)
	require.Equal(t, "emp_2", items[0].ConnexieID)
	require.Equal(t, "21.50", items[0].Changes[0].After)
	first, err := o.Changes(t.Context(), id, "", 2)
	require.NoError(t, err)
	require.Len(t, first, 2)
	rest, err := o.Changes(t.Context(), id, first[1].ID, 2)
	require.NoError(t, err)
	require.Len(t, rest, 1)
	require.Equal(t, "emp_3", rest[0].ConnexieID)
	for _, wrong := range []string{"no id", "\x00", "'"} {
		_, err = o.Items(t.Context(), id, wrong, 1)
		requireProblem(t, err, app.KindInvalid, "is not a Connexie ID")
		_, err = o.Changes(t.Context(), id, wrong, 1)
		requireProblem(t, err, app.KindInvalid, "is not the id of a line")
	}
}

func TestOperator_S1_NightsTellOfEveryConnection(t *testing.T) {
	t.Parallel()
	o := operate(t)
	night := domain.NewDate(2026, time.November, 22)
	id := testkit.ID(t)
	_, _, err := o.db.Store.OpenNight(t.Context(), store.NightOpening{ID: id, Night: night, WorkflowID: "nightly-sync-x"}, testkit.Now)
	require.NoError(t, err)

	nights, err := o.NightsOn(t.Context(), "2026-11-22")
	require.NoError(t, err)
	require.Len(t, nights, 1)
	require.False(t, nights[0].Closed())
	require.Equal(t, domain.Counts{"not_started": 1}, nights[0].Counts)
	require.Equal(t, o.connection, nights[0].Connections[0].ConnectionID)

	_, err = o.db.Store.CloseNight(t.Context(), id, testkit.Now)
	require.NoError(t, err)
	nights, err = o.Nights(t.Context(), 5)
	require.NoError(t, err)
	require.Equal(t, domain.NightUnfinished, nights[0].Outcome)

	_, err = o.NightsOn(t.Context(), "2026-11-23")
	requireProblem(t, err, app.KindNotFound, "there was no night of 2026-11-23")
	for _, wrong := range []string{"", "yesterday", "2026-02-30", "22-11-2026"} {
		_, err = o.NightsOn(t.Context(), wrong)
		requireProblem(t, err, app.KindInvalid, "is not a calendar date")
	}
}

func TestOperator_C3_C6_C7_MappingsTellWhatStandsInTheWayOfAnExport(t *testing.T) {
	t.Parallel()
	o := operate(t)
	save := func(codes ...domain.WageCode) {
		_, err := o.db.Store.SaveWageCodes(t.Context(), store.CompleteList{ConnectionID: o.connection}, codes, testkit.Now)
		require.NoError(t, err)
	}
	hours := domain.WageCode{Code: "1000", Description: "Uren", Kind: "hours", Unit: "hours"}
	night := domain.WageCode{Code: "1100", Description: "Nacht", Kind: "hours", Unit: "hours"}
	rules := func(mappings app.Mappings) (rules []string) {
		for _, obstacle := range mappings.Obstacles {
			rules = append(rules, obstacle.Rule)
			require.NotEmpty(t, obstacle.What)
			require.NotEmpty(t, obstacle.NextStep)
		}
		return rules
	}
	o.db.Venue(t, o.organisation, "Keuken")
	mappings, err := o.Mappings(t.Context(), o.connection)
	require.NoError(t, err)
	require.Equal(t, []string{"C3", "C7"}, rules(mappings))
	require.Contains(t, mappings.Obstacles[1].NextStep, "in Connexie", "there is no code to choose")

	save(hours, night)
	mappings, err = o.DecideVenue(t.Context(), app.VenueDecision{ConnectionID: o.connection, EitjeID: mappings.Eitje[0].ID, ConnexieID: app.NotUsed})
	require.NoError(t, err)
	require.Equal(t, []string{"C7"}, rules(mappings))
	require.Contains(t, mappings.Obstacles[0].NextStep, "starter mappings code --connection "+o.connection+" --kind hours --code 1000|1100")

	mappings, err = o.DecideCode(t.Context(), app.CodeDecision{ConnectionID: o.connection, Kind: "hours", Code: "1000"})
	require.NoError(t, err)
	require.Equal(t, "1000", mappings.HourCode)
	require.Empty(t, mappings.Obstacles)

	save(night)
	mappings, err = o.Mappings(t.Context(), o.connection)
	require.NoError(t, err)
	require.Equal(t, []string{"C6"}, rules(mappings))
	require.Contains(t, mappings.Obstacles[0].What, "1000")

	o.db.Exec(t, `update connexie.connections set state = 'needs_token'`)
	mappings, err = o.Mappings(t.Context(), o.connection)
	require.NoError(t, err)
	require.Equal(t, []string{"C8", "C6"}, rules(mappings))
}
