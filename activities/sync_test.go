package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// bookkeeping is what every run writes about itself.
var bookkeeping = []string{
	"connexie.sync_runs", "connexie.readings", "connexie.reading_pages", "connexie.fences",
}

func TestSync_S3_S4_MatchesCreatesAndSkips(t *testing.T) {
	t.Parallel()
	blank := person("p_blank")
	blank.Email = sandbox.Some(" ")
	b := newBundle(t, person("p_match"), person("p_new"), blank)
	known := b.db.TeamMember(t, testkit.TeamMember{OrganisationID: b.organisation, Email: " P_Match@Example.COM"})

	ending := b.sync(b.newRun())
	require.Equal(t, domain.SyncOK, ending.Outcome)
	require.Equal(t, domain.Counts{"matched": 1, "new": 1, "skipped": 1, "skipped.email_blank": 1}, ending.Counts)
	require.Equal(t, known, b.profileOf("p_match"))
	require.NotEmpty(t, b.profileOf("p_new"))
	require.Empty(t, b.profileOf("p_blank"))
	require.Equal(t, []string{"email_blank p_blank"}, b.causes())
}

func TestSync_S9_ASecondSyncWritesNothing(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(3)...)
	b.sync(b.newRun())
	leftOut := append([]string{"connexie.list_etags"}, bookkeeping...)
	for name, unconditional := range map[string]bool{"304": false, "read in full": true} {
		if unconditional {
			b.db.Exec(t, `delete from connexie.list_etags`)
		}
		before := testkit.TakeSnapshot(t, b.db.URL, leftOut...)
		ending := b.sync(b.newRun())
		require.Equal(t, activities.Ending{Outcome: domain.SyncNothing, Counts: domain.Counts{"linked": 3}}, ending, name)
		before.RequireUnchanged(t, testkit.TakeSnapshot(t, b.db.URL, leftOut...))
	}
}

// items is what a run did, or would do, without its state.
func (b *bundle) items(runID string) []store.RunItem {
	b.Helper()
	items, err := b.db.Store.RunItems(b.Context(), runID, "", 1000)
	require.NoError(b, err)
	for i := range items {
		items[i].State, items[i].Steps = "", nil
		if items[i].Action == domain.ActionCreate { // whose ids a preview cannot know
			items[i].TeamMemberID = ""
			for j := range items[i].Changes {
				items[i].Changes[j].ObjectID = ""
			}
		}
	}
	return items
}

func TestSync_S19_ASyncDoesExactlyWhatThePreviewSaid(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(4)...)
	b.sync(b.newRun())
	b.patch("p_0001", `{"phone":"0612345678","last_name":"de Wit"}`)
	b.patch("p_0002", `{"employment":{"status":"ended","start_date":"2025-01-01","end_date":"2026-11-01"}}`)
	require.NoError(t, b.sandbox.PutEmployee(account, person("p_0005")))
	b.db.Exec(t, `update eitje.team_members set active = false, deactivated_by = 'user_7' where id = $1`, b.profileOf("p_0003"))
	b.db.Exec(t, `update eitje.contracts set hourly_wage = 99 where team_member_id = $1`, b.profileOf("p_0004"))

	mirror := []string{"connexie.people", "connexie.person_contracts", "connexie.sync_items", "connexie.list_etags"}
	before := testkit.TakeSnapshot(t, b.db.URL, append(mirror, bookkeeping...)...)
	preview := b.newPreview()
	require.Equal(t, domain.SyncOK, b.sync(preview).Outcome)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, b.db.URL, append(mirror, bookkeeping...)...))

	full := b.newRun()
	b.sync(full)
	require.Len(t, b.items(full.ID), 5)
	require.Equal(t, b.items(preview.ID), b.items(full.ID))
}

func TestSync_S20_OnePersonAloneIsExplainedAndNobodyElseTouched(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(2)...)
	one := b.oneRun("p_0002")
	ending := b.sync(one)
	require.Equal(t, activities.Ending{Outcome: domain.SyncOK, Counts: domain.Counts{"new": 1}}, ending)
	require.Empty(t, b.profileOf("p_0001"))
	items, err := b.db.Store.RunItems(t.Context(), one.ID, "", 10)
	require.NoError(t, err)
	require.NotEmpty(t, items[0].Steps)

	again := b.oneRun("p_0002")
	require.Equal(t, domain.SyncNothing, b.sync(again).Outcome)
	items, err = b.db.Store.RunItems(t.Context(), again.ID, "", 10)
	require.NoError(t, err)
	require.NotEmpty(t, items[0].Steps, "also where nothing is to do")
}

// One value that cannot be written stands alone in the end; everybody else's is.
func TestSync_S15_ABatchIsHalvedDownToTheBadRecord(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(9)...)
	b.db.Exec(t, `alter table eitje.team_members add constraint no_zeeman check (last_name <> 'Zeeman')`)
	b.patch("p_0006", `{"last_name":"Zeeman"}`)
	full := b.newRun()
	ending := b.sync(full)
	require.Equal(t, domain.SyncProblems, ending.Outcome)
	require.Equal(t, domain.Counts{"new": 8, "bad_record": 1, "bad_record.refused_by_store": 1, "failed": 1}, ending.Counts)
	require.Empty(t, b.profileOf("p_0006"))
	require.Equal(t, []string{"bad_record p_0006"}, b.causes())
	problem := testkit.Value[string](t, b.db, `select problem from connexie.sync_items where state = 'failed'`)
	require.Contains(t, problem, "no_zeeman")
	require.NotContains(t, problem, "Zeeman", "the refused value names a person (N4)")

	b.patch("p_0006", `{"last_name":"Visser"}`)
	require.Equal(t, domain.SyncOK, b.sync(b.newRun()).Outcome)
	require.NotEmpty(t, b.profileOf("p_0006"))
	require.Empty(t, b.causes(), "it closes by itself (N1)")
}

// Whoever was refused with others is tried alone under one lock: the record may have been
// mended since.
func TestSync_S15_WhoCanBeWrittenByThenIsNotHeldToBeBad(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(2)...)
	full := b.newRun()
	b.read(full)
	b.plan(full)
	owner := store.PlanOwner{RunID: full.ID, ConnectionID: b.connection}
	require.NoError(t, b.db.Store.ApplyAlone(t.Context(), store.Batch{Run: owner, Day: today, ConnexieIDs: []string{"p_0001"}}, now))
	require.NotEmpty(t, b.profileOf("p_0001"))
	require.Empty(t, b.causes())
	require.Equal(t, []string{"applied", "planned"}, []string{
		testkit.Value[string](t, b.db, `select state from connexie.sync_items where connexie_id = 'p_0001'`),
		testkit.Value[string](t, b.db, `select state from connexie.sync_items where connexie_id = 'p_0002'`),
	})
}

// Halving down to each of many bad records takes longer than a heartbeat may.
func TestSync_S15_ABatchThatIsHalvedIsAlive(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(4)...)
	b.db.Exec(t, `alter table eitje.team_members add constraint nobody check (last_name is null)`)
	full := b.newRun()
	b.read(full)
	plan := b.plan(full)
	var beats []int
	_, err := run(b, b.syncing.ApplySync, activities.ApplyInput{Run: full, Day: today, Total: plan.Total},
		func(env *testsuite.TestActivityEnvironment) {
			env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
				var done int
				require.NoError(t, details.Get(&done))
				beats = append(beats, done)
			})
		})
	require.NoError(t, err)
	require.Equal(t, 4, testkit.Value[int](t, b.db, `select count(*) from connexie.sync_items where state = 'failed'`))
	require.Zero(t, beats[0], "the first sign of life came before the batch was done")
}

// A failure of the database is nobody's record.
func TestSync_S15_OnlyADataErrorIsHeldAgainstAPerson(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(2)...)
	full := b.newRun()
	b.read(full)
	plan := b.plan(full)
	b.db.Exec(t, `alter table connexie.changes rename to changes_gone`)
	_, err := run(b, b.syncing.ApplySync, activities.ApplyInput{Run: full, Day: today, Total: plan.Total})
	requireFailure(t, err, activities.ErrorDatabase, false)
	require.Zero(t, testkit.Value[int](t, b.db, `select count(*) from connexie.sync_items where state <> 'planned'`))
	require.Zero(t, testkit.Value[int](t, b.db, `select count(*) from connexie.links`), "a batch is one transaction")
}

func TestSync_S19_ALocalEditBetweenPlanAndApplyIsPlannedAnew(t *testing.T) {
	t.Parallel()
	b := newBundle(t, person("p_1"))
	full := b.newRun()
	b.read(full)
	plan := b.plan(full)
	require.Equal(t, 1, plan.Guarded.Creations)
	known := b.db.TeamMember(t, testkit.TeamMember{OrganisationID: b.organisation, Email: "p_1@example.com"})

	ending := b.apply(full, plan.Total)
	require.Equal(t, domain.Counts{"matched": 1}, ending.Counts, "no second profile (S4)")
	require.Equal(t, known, b.profileOf("p_1"))
}

// A preview, or one person alone, may find meanwhile that somebody has gone.
func TestSync_S14_WhoGoesMissingBetweenPlanAndApplyIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(2)...)
	full := b.newRun()
	b.read(full)
	plan := b.plan(full)
	b.db.Exec(t, `update connexie.people set missing_since = now() where connexie_id = 'p_0001'`)
	calls := 0
	b.syncing.Now = func() time.Time { // a slice that finds no end runs out of its minute
		calls++
		return now.Add(time.Duration(calls) * time.Second)
	}
	ending := b.apply(full, plan.Total)
	require.Equal(t, domain.Counts{"new": 1, "missing": 1}, ending.Counts)
	require.Empty(t, b.profileOf("p_0001"))
}

// An attempt that outlived its heartbeat must not write beside the one after it.
func TestSync_S2_AnOlderAttemptLosesTheFence(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(2)...)
	full := b.newRun()
	b.read(full)
	plan := b.plan(full)
	older := store.PlanOwner{RunID: full.ID, ConnectionID: b.connection}
	var err error
	older.Fence, err = b.db.Store.BumpFence(t.Context(), b.connection, full.ID)
	require.NoError(t, err)
	b.apply(full, plan.Total) // a newer attempt

	before := testkit.TakeSnapshot(t, b.db.URL)
	require.ErrorIs(t, b.db.Store.ApplyBatch(t.Context(), store.Batch{Run: older, Day: today, ConnexieIDs: []string{"p_0001"}}, now), store.ErrFenceLost)
	require.ErrorIs(t, b.db.Store.ClearPlans(t.Context(), older), store.ErrFenceLost)
	require.ErrorIs(t, b.db.Store.SavePlans(t.Context(), older, nil), store.ErrFenceLost)
	require.ErrorIs(t, b.db.Store.ApplyAlone(t.Context(), store.Batch{Run: older, Day: today, ConnexieIDs: []string{"p_0001"}}, now), store.ErrFenceLost)
	_, err = b.db.Store.SavePage(t.Context(), store.MirrorPage{ConnectionID: b.connection, Fence: older.Fence})
	require.ErrorIs(t, err, store.ErrFenceLost)
	require.ErrorIs(t, b.db.Store.CompleteReading(t.Context(), store.CompletedReading{ConnectionID: b.connection, Fence: older.Fence}, now), store.ErrFenceLost)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, b.db.URL))
}

// Applying is repeated wherever it was broken off.
func TestSync_S9_ApplyingAgainAppliesNothingTwice(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(3)...)
	full := b.newRun()
	b.read(full)
	plan := b.plan(full)
	first := b.apply(full, plan.Total)
	before := testkit.TakeSnapshot(t, b.db.URL, "connexie.fences", "connexie.sync_runs")
	require.Equal(t, first, b.apply(full, plan.Total))
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, b.db.URL, "connexie.fences", "connexie.sync_runs"))
}

// An attempt may die between its last batch and its word about it.
func TestSync_S9_WhatAnAttemptThatDiedHadAppliedIsCounted(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(3)...)
	full := b.newRun()
	b.read(full)
	plan := b.plan(full)
	fence, err := b.db.Store.BumpFence(t.Context(), b.connection, full.ID)
	require.NoError(t, err)
	require.NoError(t, b.db.Store.ApplyBatch(t.Context(), store.Batch{
		Run: store.PlanOwner{RunID: full.ID, ConnectionID: b.connection, Fence: fence},
		Day: today, ConnexieIDs: []string{"p_0001", "p_0002", "p_0003"},
	}, now))
	b.apply(full, plan.Total)
	closed, err := b.db.Store.Run(t.Context(), full.ID)
	require.NoError(t, err)
	require.Equal(t, []int{3, 3}, []int{closed.Done, closed.Total})
}

// A workflow that is reset finds the run that it closed before: what has changed since
// is applied, and the run stays as it was closed.
func TestSync_S9_AResetWorkflowAppliesUnderTheRunThatItClosed(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(2)...)
	full := b.newRun()
	first := b.sync(full)
	b.patch("p_0001", `{"phone":"0612345678"}`)
	require.Equal(t, first, b.sync(full))
	require.Equal(t, "0612345678", testkit.Value[string](t, b.db, `select phone from eitje.team_members where id = $1`, b.profileOf("p_0001")))
}

// The run leaves out whoever waited for the decision, so that the next one may create
// many.
func TestSync_S16_ADecisionWhileARunIsAppliedDoesNotArmTheGuard(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(3)...)
	b.db.Exec(t, `delete from connexie.venue_mappings where venue_id = $1`, b.kitchen)
	armed := func() bool {
		return testkit.Value[bool](t, b.db, `select guard_armed_at is not null from connexie.connections`)
	}
	full := b.newRun()
	b.read(full)
	plan := b.plan(full)
	require.NoError(t, b.db.Store.ConnectVenue(t.Context(), b.connection, b.kitchen, "ven_2", "cli", now))
	b.apply(full, plan.Total)
	require.False(t, armed())
	b.sync(b.newRun())
	require.True(t, armed())
}

func TestSync_S16_TheGuardHoldsWhatExceedsItOnceArmed(t *testing.T) {
	t.Parallel()
	b := newBundle(t, people(60)...)
	b.sync(b.newRun()) // sixty creations at once: not armed yet
	for i := range 11 {
		b.db.Exec(t, `update eitje.team_members set active = false where id = $1`, b.profileOf(people(60)[i].ID))
	}
	b.db.Exec(t, `update connexie.connections set guard_changes_percent = 0`)
	full := b.newRun()
	b.read(full)
	plan := b.plan(full)
	require.True(t, plan.Held)
	require.Equal(t, domain.Guarded{Reactivations: 11}, plan.Guarded)
	require.Equal(t, domain.Guarded{Creations: 50, Reactivations: 10, ContractsEnded: 10}, plan.Limit)
	require.Contains(t, b.causes(), "guard_held connection")

	allowed := activities.PlanInput{Run: full, Day: today, Allowed: &plan.Guarded}
	again, err := run(b, b.syncing.PlanSync, allowed)
	require.NoError(t, err)
	require.False(t, again.Held, "what was allowed passes")
	b.db.Exec(t, `update eitje.team_members set active = false where id = $1`, b.profileOf("p_0012"))
	again, err = run(b, b.syncing.PlanSync, allowed)
	require.NoError(t, err)
	require.True(t, again.Held, "and no more than that")

	b.apply(full, again.Total)
	require.NotContains(t, b.causes(), "guard_held connection")
}
