package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// repairing is an organisation where a sync has created a second profile of one person,
// because the e-mail address differs, and where work of both profiles was exported.
type repairing struct {
	*testkit.DB
	organisation, connection, venue string
	// keep is the old profile and drop the one that the sync created.
	keep, drop string
	// exported and edited are entries of drop that were exported, the second edited since;
	// open has not been approved. own is an entry of keep.
	exported, edited, open, own string
}

var repairedAt = now.Add(time.Hour)

func newRepairing(t *testing.T) *repairing {
	t.Helper()
	db := testkit.New(t)
	w := &repairing{DB: db, organisation: db.Organisation(t)}
	w.connection = db.Connection(t, w.organisation).ID
	w.venue = db.Venue(t, w.organisation, "Bar")
	db.ConnexieVenues(t, w.connection, "V1", "Bar")
	require.NoError(t, db.Store.ConnectVenue(t.Context(), w.connection, w.venue, "V1", "cli", now))
	db.Code(t, w.connection, domain.LineHours, "", "1000")
	db.Code(t, w.connection, domain.LineMeal, "lunch", "2000")
	w.keep = db.TeamMember(t, testkit.TeamMember{
		OrganisationID: w.organisation, Email: "old@example.nl", FirstName: "ONE", LastName: "De Two",
		DateOfBirth: domain.NewDate(1990, 2, 28), Inactive: true, DeactivatedBy: "manager-7",
	})
	db.Contract(t, testkit.Contract{TeamMemberID: w.keep, Start: domain.NewDate(2024, 1, 1), End: domain.NewDate(2024, 12, 31)})
	db.Contract(t, testkit.Contract{TeamMemberID: w.keep, ConnexieID: "c1", Start: domain.NewDate(2025, 1, 1), End: domain.NewDate(2025, 12, 31)})
	w.own = w.entry(t, w.keep, 2)
	db.Exec(t, `update eitje.entries set state = 'open' where id = $1`, w.own)
	_, err := db.Store.SavePage(t.Context(), store.MirrorPage{ConnectionID: w.connection, People: []domain.Person{wholePerson()}})
	require.NoError(t, err)
	w.sync(t)
	w.drop = w.linkedTo(t)
	require.NotEqual(t, w.keep, w.drop)
	w.exported, w.edited, w.open = w.entry(t, w.drop, 3), w.entry(t, w.drop, 4), w.entry(t, w.drop, 5)
	db.Exec(t, `update eitje.entries set state = 'open' where id = $1`, w.open)
	w.close(t, w.bring(t, w.snapshot(t)))
	db.Exec(t, `update eitje.entries set minutes = minutes + 30 where id = $1`, w.edited)
	return w
}

func (w *repairing) entry(t *testing.T, member string, day int) string {
	t.Helper()
	return w.Entry(t, testkit.Entry{
		OrganisationID: w.organisation, TeamMemberID: member, VenueID: w.venue, Day: nov(day), Extras: []testkit.Extra{{}},
	})
}

func (w *repairing) sync(t *testing.T) {
	t.Helper()
	batch := store.Batch{
		Run: store.PlanOwner{RunID: open(t, w.DB, fullRun(t, w.connection)).ID, ConnectionID: w.connection},
		Day: today, By: "cli", ConnexieIDs: []string{"p1"},
	}
	require.NoError(t, w.Store.ApplyBatch(t.Context(), batch, now))
	w.Exec(t, `update connexie.sync_runs set stage = 'closed', outcome = 'ok', closed_at = $1 where closed_at is null`, now)
}

func (w *repairing) linkedTo(t *testing.T) string {
	t.Helper()
	return testkit.Value[string](t, w.DB, `select team_member_id::text from connexie.links where connexie_id = 'p1'`)
}

// snapshot opens an export of November and freezes it.
func (w *repairing) snapshot(t *testing.T) store.Export {
	t.Helper()
	export := w.Export(t, store.ExportOpening{ConnectionID: w.connection, Kinds: []domain.ExportKind{domain.ExportHours, domain.ExportMeals}})
	_, err := w.Store.SnapshotExport(t.Context(), export.ID)
	require.NoError(t, err)
	return export
}

func (w *repairing) bring(t *testing.T, export store.Export) store.Export {
	t.Helper()
	x := exporting{DB: w.DB, connection: w.connection}
	x.bring(t, export, "V1", "imp_"+export.ID)
	return export
}

func (w *repairing) close(t *testing.T, export store.Export) {
	t.Helper()
	exporting{DB: w.DB, connection: w.connection}.close(t, export, domain.ExportOK)
}

func (w *repairing) request(t *testing.T) store.RepairRequest {
	t.Helper()
	return store.RepairRequest{ID: testkit.ID(t), ConnectionID: w.connection, KeepID: w.keep, DropID: w.drop, By: "cli"}
}

func (w *repairing) repair(t *testing.T, request store.RepairRequest) store.RepairDone {
	t.Helper()
	done, err := w.Store.RepairDuplicate(t.Context(), request, repairedAt)
	require.NoError(t, err)
	return done
}

func (w *repairing) undo(t *testing.T, request store.RepairRequest) store.RepairDone {
	t.Helper()
	done, err := w.Store.UndoRepair(t.Context(), request, repairedAt.Add(time.Hour))
	require.NoError(t, err)
	return done
}

// shown is what eitje.hours shows of an entry.
func (w *repairing) shown(t *testing.T, entry string) string {
	t.Helper()
	return testkit.Value[string](t, w.DB, `select coalesce(exported, '') from eitje.hours where id = $1`, entry)
}

func (w *repairing) named(t *testing.T) []string {
	t.Helper()
	ids, err := w.Store.NamePeople(t.Context(), w.connection, today)
	require.NoError(t, err)
	return ids
}

// contents is what all tables say, but for versions of rows and what keeps a record of
// acts: two that are equal say the same of everybody.
func (w *repairing) contents(t *testing.T) map[string][]string {
	t.Helper()
	contents := map[string][]string{}
	for table, leftOut := range map[string]string{
		"eitje.team_members": "row_version", "eitje.contracts": "row_version", "eitje.entries": "row_version",
		"eitje.entry_extras": "", "eitje.team_member_venues": "", "eitje.hours": "", "connexie.links": "",
		"connexie.exported_entries": "entry_version", "connexie.export_lines": "entry_version", "connexie.export_venues": "",
		"connexie.current_imports": "", "connexie.person_standings": "", "connexie.dispute_candidates": "",
	} {
		contents[table] = testkit.Value[[]string](t, w.DB,
			`select coalesce(array_agg(row order by row), '{}') from (select (to_jsonb(t) - '`+leftOut+`')::text as row from `+table+` t) rows`)
	}
	contents["open notifications"] = testkit.Value[[]string](t, w.DB, `
		select array_agg(cause || ' ' || subject || ' ' || next_step order by 1) from connexie.notifications where closed_at is null`)
	return contents
}

func TestRepair_S22_EverythingMovesInOneActionAndTheNextSyncAndExportFindNothing(t *testing.T) {
	t.Parallel()
	w := newRepairing(t)
	require.Equal(t, []string{"Exported", "Exported, changed since", ""},
		[]string{w.shown(t, w.exported), w.shown(t, w.edited), w.shown(t, w.open)})

	done := w.repair(t, w.request(t))
	require.Equal(t, domain.RepairDone, done.Outcome)
	require.Equal(t, w.keep, w.linkedTo(t))
	require.Equal(t, 4, testkit.Value[int](t, w.DB, `select count(*) from eitje.entries where team_member_id = $1`, w.keep))
	require.Zero(t, testkit.Value[int](t, w.DB, `select count(*) from eitje.entries where team_member_id = $1`, w.drop))
	require.Equal(t, []string{"", "c1"}, testkit.Value[[]string](t, w.DB, `
		select array_agg(coalesce(connexie_contract_id, '') order by start_date) from eitje.contracts where team_member_id = $1`, w.keep))
	require.Equal(t, today.AddDays(-100).String(), testkit.Value[string](t, w.DB, `
		select start_date::text from eitje.contracts where team_member_id = $1 and connexie_contract_id = 'c1'`, w.keep), "the link's")
	require.True(t, testkit.Value[bool](t, w.DB, `select archived_at is not null and not active from eitje.team_members where id = $1`, w.drop))
	require.True(t, testkit.Value[bool](t, w.DB, `
		select active and deactivated_at is null and first_name = 'one' and email = 'old@example.nl' from eitje.team_members where id = $1`, w.keep),
		"it holds what Connexie says, under the log-in address of its own (S8, S11)")
	require.Equal(t, []string{"Exported", "Exported, changed since", ""},
		[]string{w.shown(t, w.exported), w.shown(t, w.edited), w.shown(t, w.open)}, "markers say what they said (X11, X12)")
	require.Empty(t, w.named(t), "the next sync has nothing to do (S9)")
	require.Zero(t, testkit.Value[int](t, w.DB, `
		select count(*) from connexie.notifications where cause = 'likely_duplicate' and closed_at is null`))

	again := w.snapshot(t)
	differences, err := w.Store.Differences(t.Context(), again.ID)
	require.NoError(t, err)
	require.Len(t, differences, 1, "the edited entry alone")
	require.Equal(t, store.ChangeChanged, differences[0].Change)
	require.Equal(t, nov(4), differences[0].Day)
}

func TestRepair_S10_EveryMoveLeavesAnAuditLine(t *testing.T) {
	t.Parallel()
	w := newRepairing(t)
	request := w.request(t)
	w.repair(t, request)
	require.Equal(t, []string{
		"contract team_member_id", "contract team_member_id", "entries team_member_id", "link connexie_id", "link connexie_id",
		"team_member active", "team_member active", "team_member archived_at", "team_member city", "team_member country",
		"team_member deactivated_at", "team_member deactivated_at", "team_member deactivated_by", "team_member deactivated_by",
		"team_member first_name", "team_member house_number", "team_member infix", "team_member last_name", "team_member phone",
		"team_member postal_code", "team_member street", "venue venue_id", "venue venue_id",
	}, testkit.Value[[]string](t, w.DB, `
		select array_agg(object || ' ' || field order by object, field)
		  from connexie.changes where act = 'repair' and act_id = $1 and by = 'cli' and connexie_id = 'p1'`, request.ID))
}

func TestRepair_S22_UndoRestoresExactlyAndMayBeRepairedAgain(t *testing.T) {
	t.Parallel()
	w := newRepairing(t)
	before := w.contents(t)
	for range 2 {
		first := w.repair(t, w.request(t))
		repaired := w.contents(t)
		undone := w.undo(t, w.request(t))
		require.Equal(t, domain.RepairUndone, undone.Outcome)
		require.Equal(t, first.RepairID, undone.RepairID)
		require.Equal(t, before, w.contents(t))
		require.Empty(t, w.named(t), "the next sync has nothing to do (S9)")

		again := w.repair(t, w.request(t))
		require.Equal(t, domain.RepairDone, again.Outcome)
		require.Equal(t, repaired, w.contents(t))
		w.undo(t, w.request(t))
	}
}

func TestRepair_S22_ARepetitionChangesNothing(t *testing.T) {
	t.Parallel()
	w := newRepairing(t)
	request := w.request(t)
	done := w.repair(t, request)
	before := testkit.TakeSnapshot(t, w.URL, "connexie.exports")
	require.Equal(t, done, w.repair(t, request), "after an answer that was lost")
	other := w.repair(t, w.request(t))
	require.Equal(t, store.RepairDone{Outcome: domain.RepairNothing, RepairID: request.ID, Counts: domain.Counts{}}, other)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, w.URL, "connexie.exports"))

	undo := w.request(t)
	undone := w.undo(t, undo)
	before = testkit.TakeSnapshot(t, w.URL, "connexie.exports")
	require.Equal(t, undone, w.undo(t, undo))
	require.Equal(t, domain.RepairNothing, w.undo(t, w.request(t)).Outcome)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, w.URL, "connexie.exports"))
}

func TestRepair_S22_APreviewTellsExactlyWhatARepairDoesAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newRepairing(t)
	before := testkit.TakeSnapshot(t, w.URL)
	preview, err := w.Store.PreviewRepair(t.Context(), w.request(t), repairedAt)
	require.NoError(t, err)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, w.URL))
	require.Equal(t, domain.RepairPreviewed, preview.Outcome)
	require.Equal(t, preview.Counts, w.repair(t, w.request(t)).Counts)
	require.Equal(t, domain.Counts{
		"link": 1, "entries": 3, "extras": 3, "contracts": 1, "contracts_set_aside": 1, "venues": 1,
		"exported": 1, "exported_changed_since": 1, "export_lines": 4, "fields": 12,
	}, preview.Counts)
}

func TestRepair_S22_WhatCannotBeRepairedIsRefusedAndNothingChanges(t *testing.T) {
	t.Parallel()
	w := newRepairing(t)
	stranger := w.TeamMember(t, testkit.TeamMember{OrganisationID: w.Organisation(t)})
	archived := w.TeamMember(t, testkit.TeamMember{OrganisationID: w.organisation, Archived: true})
	nobody := w.TeamMember(t, testkit.TeamMember{OrganisationID: w.organisation})
	linked := w.TeamMember(t, testkit.TeamMember{OrganisationID: w.organisation})
	w.Link(t, w.connection, linked, "p2")
	before := testkit.TakeSnapshot(t, w.URL)
	for name, row := range map[string]struct {
		keep, drop string
		want       domain.RepairRefusal
	}{
		"S22_same":                   {w.keep, w.keep, domain.RefusedSameProfile},
		"S22_unknown_keep":           {testkit.ID(t), w.drop, domain.RefusedUnknownProfile},
		"S22_unknown_drop":           {w.keep, testkit.ID(t), domain.RefusedUnknownProfile},
		"S22_no_id":                  {"p1", w.drop, domain.RefusedUnknownProfile},
		"S22_another_organisation":   {stranger, w.drop, domain.RefusedOtherOrganisation},
		"S22_archived_keep":          {archived, w.drop, domain.RefusedArchived},
		"S22_archived_drop":          {w.drop, archived, domain.RefusedArchived},
		"S22_linked_to_two_people":   {linked, w.drop, domain.RefusedBothLinked},
		"S22_nobody_in_Connexie":     {w.keep, nobody, domain.RefusedNeitherLinked},
		"S22_the_same_the_other_way": {w.drop, linked, domain.RefusedBothLinked},
	} {
		request := w.request(t)
		request.KeepID, request.DropID = row.keep, row.drop
		done := w.repair(t, request)
		require.Equal(t, store.RepairDone{Outcome: domain.RepairRefused, Refusal: row.want, Counts: domain.Counts{}}, done, name)
		preview, err := w.Store.PreviewRepair(t.Context(), request, now)
		require.NoError(t, err)
		require.Equal(t, done, preview, name)
		if undone := w.undo(t, request); row.want != domain.RefusedUnknownProfile {
			require.Equal(t, domain.RefusedNotRepaired, undone.Refusal, name)
		}
	}
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, w.URL))
	elsewhere := w.request(t)
	elsewhere.ConnectionID = w.Connection(t, w.Organisation(t)).ID
	require.Equal(t, domain.RefusedOtherOrganisation, w.repair(t, elsewhere).Refusal)
}

func TestRepair_S22_AnOpenEndingIsRefused(t *testing.T) {
	t.Parallel()
	w := newRepairing(t)
	opened, err := w.Store.OpenEnding(t.Context(), store.EndingOpening{
		ID: testkit.ID(t), ConnectionID: w.connection, TeamMemberID: w.drop, WorkflowID: "end-employment/" + w.drop,
		EndDate: today.AddDays(30), RequestedBy: "cli",
	}, now)
	require.NoError(t, err)
	require.Empty(t, opened.Refused)
	require.Equal(t, domain.RefusedEndingOpen, w.repair(t, w.request(t)).Refusal)
}

func TestRepair_S22_UndoMovesNothingNewerAndTellsWhatBecameOfTheRest(t *testing.T) {
	t.Parallel()
	w := newRepairing(t)
	w.repair(t, w.request(t))
	added := w.entry(t, w.keep, 6)
	w.Exec(t, `update eitje.entries set minutes = 100 where id = $1`, w.exported)
	w.Exec(t, `delete from eitje.entries where id = $1`, w.open)
	w.Exec(t, `update eitje.team_members set street = 'Elsewhere', city = 'Elsewhere' where id = $1`, w.keep)
	undone := w.undo(t, w.request(t))
	require.Equal(t, domain.RepairUndone, undone.Outcome)
	require.Equal(t, []int{2, 1, 1, 1}, []int{
		undone.Counts["entries"], undone.Counts["entries_edited_since"], undone.Counts["entries_gone_since"], undone.Counts["entries_added_since"],
	})
	require.Equal(t, w.drop, w.linkedTo(t))
	require.ElementsMatch(t, []string{w.own, added}, testkit.Value[[]string](t, w.DB,
		`select array_agg(id::text) from eitje.entries where team_member_id = $1`, w.keep))
	require.Equal(t, 100, testkit.Value[int](t, w.DB, `select minutes from eitje.entries where id = $1 and team_member_id = $2`, w.exported, w.drop))
	require.Equal(t, "Exported, changed since", w.shown(t, w.exported))
	require.Equal(t, "Elsewhere ONE", testkit.Value[string](t, w.DB, `select street || ' ' || first_name from eitje.team_members where id = $1`, w.keep),
		"what was edited since stays, the rest is as before")
}

func TestRepair_S22_WhereTheKeptOneIsLinkedItsHistoryGrows(t *testing.T) {
	t.Parallel()
	w := newRepairing(t)
	w.keep, w.drop = w.drop, w.keep
	before := w.contents(t)
	done := w.repair(t, w.request(t))
	require.Equal(t, domain.RepairDone, done.Outcome)
	require.Equal(t, w.keep, w.linkedTo(t))
	require.Equal(t, []int{0, 1, 1, 0}, []int{
		done.Counts["link"], done.Counts["entries"], done.Counts["contracts"], done.Counts["contracts_set_aside"],
	})
	require.Equal(t, "Exported", w.shown(t, w.exported))
	require.Empty(t, w.named(t))
	w.undo(t, w.request(t))
	require.Equal(t, before, w.contents(t))
}

// An export froze its lines before the repair and marks them after it: Connexie holds
// them as the same person.
func TestRepair_S22_X11_X14_AnExportThatWasUnderWayEndsTruthfully(t *testing.T) {
	t.Parallel()
	w := newRepairing(t)
	export := w.snapshot(t)
	w.Exec(t, `update eitje.entries set minutes = 1 where id = $1`, w.exported)
	w.repair(t, w.request(t))
	w.close(t, w.bring(t, export))
	require.Equal(t, "Exported", w.shown(t, w.edited), "exported as it is now")
	require.Equal(t, "Exported, changed since", w.shown(t, w.exported), "edited after the snapshot")
	counts, err := w.Store.CountDifferences(t.Context(), w.snapshot(t).ID)
	require.NoError(t, err)
	require.Equal(t, store.DifferenceCounts{Changed: 1}, counts)
}

func TestRepair_S22_UndoIsRefusedOnceTheKeptOneHasMovedOn(t *testing.T) {
	t.Parallel()
	w := newRepairing(t)
	w.repair(t, w.request(t))
	third := w.TeamMember(t, testkit.TeamMember{OrganisationID: w.organisation})
	later := store.RepairRequest{ID: testkit.ID(t), ConnectionID: w.connection, KeepID: third, DropID: w.keep, By: "cli"}
	require.Equal(t, domain.RepairDone, w.repair(t, later).Outcome)
	require.Equal(t, third, w.linkedTo(t))
	before := testkit.TakeSnapshot(t, w.URL)
	require.Equal(t, domain.RefusedMovedOn, w.undo(t, w.request(t)).Refusal)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, w.URL))
	later.ID = testkit.ID(t)
	require.Equal(t, domain.RepairUndone, w.undo(t, later).Outcome)
	require.Equal(t, domain.RepairUndone, w.undo(t, w.request(t)).Outcome)
	require.Equal(t, w.drop, w.linkedTo(t))
}

// Whatever runs at once, everything of the person is at one profile afterwards, and
// nobody waits for ever.
func TestRepair_S22_AtOnceWithOtherRepairsSyncsAndExports(t *testing.T) {
	t.Parallel()
	w := newRepairing(t)
	third := w.TeamMember(t, testkit.TeamMember{OrganisationID: w.organisation})
	run := open(t, w.DB, fullRun(t, w.connection)).ID
	export := w.Export(t, store.ExportOpening{ConnectionID: w.connection})
	var group errgroup.Group
	retried := func(do func() error) {
		group.Go(func() error {
			for range 50 {
				if err := do(); !store.IsRetryable(err) {
					return err
				}
			}
			return do()
		})
	}
	pairs := []store.RepairRequest{
		{ID: testkit.ID(t), ConnectionID: w.connection, KeepID: w.keep, DropID: w.drop, By: "cli"},
		{ID: testkit.ID(t), ConnectionID: w.connection, KeepID: w.keep, DropID: w.drop, By: "cli"},
		{ID: testkit.ID(t), ConnectionID: w.connection, KeepID: third, DropID: w.keep, By: "cli"},
		{ID: testkit.ID(t), ConnectionID: w.connection, KeepID: w.drop, DropID: w.keep, By: "cli"},
	}
	outcomes := make([]store.RepairDone, len(pairs))
	for i, pair := range pairs {
		retried(func() (err error) {
			outcomes[i], err = w.Store.RepairDuplicate(t.Context(), pair, repairedAt)
			return err
		})
	}
	for range 3 {
		retried(func() error {
			return w.Store.ApplyBatch(t.Context(), store.Batch{
				Run: store.PlanOwner{RunID: run, ConnectionID: w.connection}, Day: today, By: "cli", ConnexieIDs: []string{"p1"},
			}, now)
		})
		retried(func() error {
			_, err := w.Store.SnapshotExport(t.Context(), export.ID)
			return err
		})
	}
	require.NoError(t, group.Wait())
	require.True(t, slices.ContainsFunc(outcomes, func(done store.RepairDone) bool { return done.Outcome == domain.RepairDone }))
	linked := w.linkedTo(t)
	require.Zero(t, testkit.Value[int](t, w.DB, `
		select count(*) from eitje.team_members t where archived_at is not null
		   and (exists (select from connexie.links l where l.team_member_id = t.id)
		        or exists (select from eitje.entries e where e.team_member_id = t.id))`))
	require.Equal(t, linked, testkit.Value[string](t, w.DB, `select team_member_id::text from eitje.entries where id = $1`, w.exported))
	require.Equal(t, "Exported", w.shown(t, w.exported))
	require.Empty(t, w.named(t))
	snapshot, err := w.Store.SnapshotExport(t.Context(), export.ID)
	require.NoError(t, err)
	require.Positive(t, snapshot.Lines)
	require.Equal(t, []string{linked}, testkit.Value[[]string](t, w.DB,
		`select array_agg(distinct team_member_id::text) from connexie.export_lines where export_id = $1`, export.ID))
}

func TestRepair_S22_LikelyDuplicatesAreListedWithWhatBecameOfThem(t *testing.T) {
	t.Parallel()
	w := newRepairing(t)
	list := func() []store.LikelyDuplicate {
		found, err := w.Store.LikelyDuplicates(t.Context(), w.connection, 10)
		require.NoError(t, err)
		return found
	}
	want := store.LikelyDuplicate{ConnexieID: "p1", KeepID: w.keep, DropID: w.drop, SameName: true}
	require.Equal(t, []store.LikelyDuplicate{want}, list())
	w.repair(t, w.request(t))
	require.Empty(t, list())
	w.undo(t, w.request(t))
	want.UndoneAt = repairedAt.Add(time.Hour)
	found := list()
	require.Len(t, found, 1)
	require.True(t, want.UndoneAt.Equal(found[0].UndoneAt))
	history, err := w.Store.Repairs(t.Context(), w.connection, 10)
	require.NoError(t, err)
	require.Len(t, history, 1)
	require.Equal(t, "cli", history[0].UndoneBy)
	keep, drop, err := w.Store.RepairSides(t.Context(), w.connection, w.keep, w.drop, today)
	require.NoError(t, err)
	require.Equal(t, []int{1, 0, 3, 2}, []int{keep.Entries, keep.Exported, drop.Entries, drop.Exported})
	require.Equal(t, "p1", drop.ConnexieID)
}
