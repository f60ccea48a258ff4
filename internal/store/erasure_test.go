package store_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestErasure_N5_NoTableHoldsATraceOfThePersonAfterwards(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	before := x.found(t, traces...)
	for _, table := range []string{
		"eitje.team_members", "eitje.contracts", "connexie.people", "connexie.person_contracts", "connexie.person_standings",
		"connexie.links", "connexie.sync_items", "connexie.sync_runs", "connexie.changes", "connexie.notifications",
		"connexie.export_lines", "connexie.reading_pages", "connexie.dispute_decisions", "connexie.holds", "connexie.notification_events",
		"connexie.endings", "connexie.ending_notes",
	} {
		require.Contains(t, before, table, "the world is to leave a trace everywhere, or finding none afterwards proves nothing")
	}
	x.erase(t)
	after := x.found(t, traces...)
	// The id, of which Connexie alone knows whose it is, stays where an export may need it.
	require.Equal(t, map[string][]string{"connexie.links": {"emp_gone"}, "connexie.export_lines": {"emp_gone"}}, after)

	row := testkit.Value[map[string]any](t, x.DB, `select jsonb_strip_nulls(to_jsonb(m)) from eitje.team_members m where id = $1`, x.member)
	require.Equal(t, []string{"active", "archived_at", "deactivated_at", "deactivated_by", "erased_at", "id", "organisation_id", "row_version"},
		slices.Sorted(maps.Keys(row)))
	require.Equal(t, false, row["active"])
	require.Zero(t, testkit.Value[int](t, x.DB, `select count(*) from connexie.dispute_candidates`))
	require.Equal(t, 1, testkit.Value[int](t, x.DB, `select count(*) from connexie.notifications where subject = 'emp_stays'`), "others keep theirs")
	require.Equal(t, "Blijver", testkit.Value[string](t, x.DB, `select last_name from eitje.team_members where id = $1`, x.colleague))
}

func TestErasure_N5_TheAuditTellsOfTheActAndNothingOfThePerson(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	lines := testkit.Value[int](t, x.DB, `select count(*) from connexie.changes`)
	report := x.erase(t)
	require.Equal(t, lines+1, testkit.Value[int](t, x.DB, `select count(*) from connexie.changes`), "lines stay (S10)")
	require.Equal(t, map[string]any{"object": "team_member", "object_id": x.member, "field": "erased", "after": "true", "by": "user_1", "act_id": report.Erasure.ID},
		testkit.Value[map[string]any](t, x.DB, `
			select jsonb_build_object('object', object, 'object_id', object_id, 'field', field, 'after', after, 'by', by, 'act_id', act_id)
			  from connexie.changes where act = 'erasure'`))
	require.Zero(t, testkit.Value[int](t, x.DB, `
		select count(*) from connexie.changes where object_id = $1 and act <> 'erasure' and (before is not null or after is not null or connexie_id <> '')`, x.member))
	require.Positive(t, testkit.Value[int](t, x.DB, `select count(*) from connexie.changes where connexie_id = 'emp_stays' and after is not null`))
}

func TestErasure_N5_X8_TotalsStayAndThePeriodIsExportedAgainAsItWas(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	totals := func() string {
		return testkit.Value[string](t, x.DB, `
			select jsonb_agg(to_jsonb(c) - 'export_id' - 'connexie_import_id' - 'committed_at')::text from connexie.current_imports c`)
	}
	lines := func(export store.Export) string {
		return testkit.Value[string](t, x.DB, `
			select jsonb_agg(to_jsonb(l) - 'export_id' order by line)::text from connexie.export_lines l where export_id = $1`, export.ID)
	}
	first := x.exportNovember(t)
	held, sent := totals(), lines(first)
	x.erase(t)
	require.Equal(t, held, totals())
	require.Equal(t, sent, lines(first))
	require.Equal(t, 2, testkit.Value[int](t, x.DB, `
		select count(*) from eitje.hours where team_member_id = $1 and exported = 'Exported'`, x.member), "the markers stay (X11)")

	again := x.exportNovember(t)
	require.Equal(t, held, totals())
	require.Equal(t, sent, lines(again))
	differences, err := x.Store.Differences(t.Context(), again.ID)
	require.NoError(t, err)
	require.Empty(t, differences)
}

func TestErasure_N5_S14_NoReadingBringsThePersonBackNorMissesIt(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	x.erase(t)
	require.Empty(t, x.etag(t), "what would make the next reading quiet is dropped")
	x.sync(t, x.person, colleague("emp_stays", "stays@example.org")) // settles what was open about the colleague
	ofRuns := []string{"connexie.sync_runs", "connexie.readings", "connexie.reading_pages"}
	before := testkit.TakeSnapshot(t, x.URL, ofRuns...)
	run := x.sync(t, x.person, colleague("emp_stays", "stays@example.org"))
	require.Equal(t, 1, run.Counts["erased"])
	require.NotContains(t, run.Counts, "missing")
	require.NotContains(t, run.Counts, "bad_record")
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, x.URL, ofRuns...))
	require.NoError(t, x.Store.SyncMissingNotices(t.Context(), x.connection, now))
	require.Zero(t, testkit.Value[int](t, x.DB, `select count(*) from connexie.notifications where cause = 'missing_in_connexie'`))

	// A quiet night counts the same: the list is what it was.
	quiet := open(t, x.DB, fullRun(t, x.connection))
	counts, err := x.Store.CountRun(t.Context(), quiet.ID)
	require.NoError(t, err)
	require.Equal(t, 1, counts["erased"])

	// Read alone the person is refused, and a record that cannot be read is no problem.
	_, err = x.Store.SavePage(t.Context(), store.MirrorPage{ConnectionID: x.connection, People: []domain.Person{x.person}, Hasher: oneKey})
	require.ErrorIs(t, err, store.ErrErased)
	_, err = x.Store.SavePage(t.Context(), store.MirrorPage{
		ConnectionID: x.connection, Reading: 99, Page: 1, Bad: []store.BadRecord{{ID: "emp_gone", Reason: "email"}}, Hasher: oneKey,
	})
	require.Error(t, err, "there is no reading 99")
	number, err := x.Store.StartReading(t.Context(), x.connection, now)
	require.NoError(t, err)
	_, err = x.Store.SavePage(t.Context(), store.MirrorPage{
		ConnectionID: x.connection, Reading: number, Page: 1, Bad: []store.BadRecord{{ID: "emp_gone", Reason: "email"}}, Hasher: oneKey,
	})
	require.NoError(t, err)
	require.Zero(t, testkit.Value[int](t, x.DB, `select count(*) from connexie.people where connexie_id = 'emp_gone'`))
}

func (x *erasing) etag(t *testing.T) string {
	t.Helper()
	etag, err := x.Store.ETag(t.Context(), x.connection, store.ListPeople, 500)
	require.NoError(t, err)
	return etag
}

func TestErasure_N5_AListOfErasedPeopleAloneIsNotEmpty(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	x.erase(t)
	x.Exec(t, `delete from connexie.links where connexie_id = 'emp_stays'`)
	_, err := x.read(t, oneKey, x.person)
	require.NoError(t, err)
	_, err = x.read(t, oneKey)
	require.NoError(t, err, "nobody is linked who works here")
}

func TestErasure_N5_AnOldKeyStillRecognisesAndALostOneStopsReading(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	x.erase(t)
	_, err := x.read(t, ring{"k2", "k1"}, x.person)
	require.NoError(t, err)
	require.Zero(t, testkit.Value[int](t, x.DB, `select count(*) from connexie.people where connexie_id = 'emp_gone'`))
	for _, hasher := range []store.IDHasher{ring{"k2"}, nil} {
		_, err = x.read(t, hasher, x.person)
		require.ErrorIs(t, err, store.ErrErasedUnknown)
		require.NotContains(t, err.Error(), "Zonnebloem")
	}
	require.Zero(t, testkit.Value[int](t, x.DB, `select count(*) from connexie.people where connexie_id = 'emp_gone'`))
	keys, err := x.Store.ErasureKeys(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int{"k1": 1}, keys)
}

func TestErasure_N5_ErasingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	first := x.erase(t)
	before := testkit.TakeSnapshot(t, x.URL)
	for _, request := range []store.ErasureRequest{
		x.request(), {ConnectionID: x.connection, TeamMemberID: x.member, By: "user_2", Day: today},
	} {
		again, err := x.Store.Erase(t.Context(), ring{"k2", "k1"}, request, now.Add(time.Hour))
		require.NoError(t, err)
		require.True(t, again.Already)
		require.Equal(t, first.Erasure.ID, again.Erasure.ID)
		require.Equal(t, "user_1", again.Erasure.ErasedBy)
	}
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, x.URL))
}

func TestErasure_N5_APreviewTellsExactlyWhatIsDoneAndChangesNothing(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	before := testkit.TakeSnapshot(t, x.URL)
	preview, err := x.Store.PreviewErasure(t.Context(), oneKey, x.request(), now)
	require.NoError(t, err)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, x.URL))
	require.Empty(t, preview.Erasure.ID)
	done := x.erase(t)
	require.Equal(t, done.Rows, preview.Rows)
	require.Contains(t, done.Rows, store.ErasedRows{Table: "eitje.entries", Effect: store.RowsKept, Rows: 2})
	require.Contains(t, done.Rows, store.ErasedRows{Table: "connexie.people", Effect: store.RowsRemoved, Rows: 1})
	require.Contains(t, done.Rows, store.ErasedRows{Table: "eitje.team_members", Effect: store.RowsEmptied, Rows: 3})
}

func TestErasure_N5_IsRefusedWithTheReasonsAndNothingIsDone(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	back := x.person
	back.Employment.Ended, back.ModifiedAt = false, now.Add(2*time.Minute)
	x.sync(t, back, colleague("emp_stays", "stays@example.org"))
	x.entry(t, 20)
	x.ending(t, false)
	export := x.Export(t, store.ExportOpening{ConnectionID: x.connection})
	before := testkit.TakeSnapshot(t, x.URL)
	for _, force := range []bool{false, true} {
		request := x.request()
		request.Force = force
		report, err := x.Store.Erase(t.Context(), oneKey, request, now)
		require.NoError(t, err)
		require.Empty(t, report.Erasure.ID)
		require.Equal(t, []domain.ErasureObstacle{domain.EraseExport, domain.EraseEnding, domain.EraseEmployed, domain.EraseUnexported}, report.Obstacles)
		require.Equal(t, []any{1, nov(20), nov(20)}, []any{report.Unexported, report.First, report.Last})
	}
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, x.URL))
	x.close(t, export, domain.ExportCancelled)
	x.Exec(t, `update connexie.endings set stage = 'closed', outcome = 'withdrawn', closed_at = now() where closed_at is null`)

	report, err := x.Store.Erase(t.Context(), oneKey, x.request(), now)
	require.NoError(t, err)
	require.Empty(t, report.Erasure.ID)
	request := x.request()
	request.Force = true
	report, err = x.Store.Erase(t.Context(), oneKey, request, now)
	require.NoError(t, err)
	require.True(t, report.Erasure.Forced)
	// What was approved goes out with the next export all the same.
	again := x.exportNovember(t)
	require.Equal(t, 3, testkit.Value[int](t, x.DB,
		`select count(*) from connexie.export_lines where export_id = $1 and team_member_id = $2`, again.ID, x.member))
}

func TestErasure_N5_LiftedThePersonComesBackUnderTheSameProfile(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	x.erase(t)
	back := x.person
	back.Employment.Ended, back.ModifiedAt = false, now.Add(2*time.Minute)
	x.sync(t, back, colleague("emp_stays", "stays@example.org"))
	require.NotEmpty(t, x.etag(t))

	lifted, found, err := x.Store.LiftErasure(t.Context(), oneKey, x.request(), now)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "user_1", lifted.LiftedBy)
	require.Empty(t, x.etag(t), "or the list would seem read")
	run := x.sync(t, back, colleague("emp_stays", "stays@example.org"))
	require.NotContains(t, run.Counts, "erased")
	require.Equal(t, x.member, x.linkOf(t, "emp_gone"))
	require.Equal(t, []any{"Zonnebloem", true}, []any{
		testkit.Value[string](t, x.DB, `select last_name from eitje.team_members where id = $1`, x.member),
		testkit.Value[bool](t, x.DB, `select active and archived_at is null and erased_at is null from eitje.team_members where id = $1`, x.member),
	})
	_, found, err = x.Store.LiftErasure(t.Context(), oneKey, x.request(), now)
	require.NoError(t, err)
	require.False(t, found)
	listed, err := x.Store.Erasures(t.Context(), x.connection, 10)
	require.NoError(t, err)
	require.Equal(t, []store.Erasure{lifted}, listed)

	// Erased once more, by another key, the person stays away again.
	x.person.ModifiedAt = now.Add(3 * time.Minute)
	x.sync(t, x.person, colleague("emp_stays", "stays@example.org"))
	_, err = x.Store.Erase(t.Context(), ring{"k2", "k1"}, x.request(), now)
	require.NoError(t, err)
	_, err = x.read(t, ring{"k2"}, x.person)
	require.NoError(t, err)
	require.Zero(t, testkit.Value[int](t, x.DB, `select count(*) from connexie.people where connexie_id = 'emp_gone'`))
}

// A reading that left the person out before the erasure was lifted does not make the next
// one quiet.
func TestErasure_N5_LiftingWhileAListIsReadMakesTheNextReadingAFullOne(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	x.erase(t)
	number, err := x.Store.StartReading(t.Context(), x.connection, now)
	require.NoError(t, err)
	page := store.MirrorPage{ConnectionID: x.connection, Reading: number, Page: 1, People: []domain.Person{x.person}, Hasher: oneKey}
	_, err = x.Store.SavePage(t.Context(), page)
	require.NoError(t, err)
	_, _, err = x.Store.LiftErasure(t.Context(), oneKey, x.request(), now)
	require.NoError(t, err)
	done := store.CompletedReading{ConnectionID: x.connection, Number: number, ETag: `"two"`, PageLimit: 500}
	require.NoError(t, x.Store.CompleteReading(t.Context(), done, now))
	require.Empty(t, x.etag(t))
	_, err = x.read(t, oneKey, x.person)
	require.NoError(t, err)
	require.NotEmpty(t, x.etag(t))
}

func TestErasure_N5_SomebodyUnlinkedAndAProfileAlone(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	// Known of Connexie alone: skipped, since there is no address.
	blank := colleague("emp_blank", "")
	x.sync(t, x.person, colleague("emp_stays", "stays@example.org"), blank)
	report, err := x.Store.Erase(t.Context(), oneKey, store.ErasureRequest{
		ConnectionID: x.connection, ConnexieID: "emp_blank", By: "cli", Day: today, Force: true,
	}, now)
	require.NoError(t, err)
	require.True(t, report.Erasure.Recognised)
	require.Empty(t, report.Erasure.TeamMemberID)
	require.False(t, report.Erasure.IDsRemovedAt.IsZero())
	require.Empty(t, x.found(t, "emp_blank"))
	x.sync(t, x.person, colleague("emp_stays", "stays@example.org"), blank)
	require.Empty(t, x.found(t, "emp_blank"))

	// A profile that Connexie never knew.
	alone := x.TeamMember(t, testkit.TeamMember{OrganisationID: x.organisation, FirstName: "Wodan", Email: "wodan@example.org", Inactive: true, DeactivatedBy: "Wodan"})
	request := store.ErasureRequest{ConnectionID: x.connection, TeamMemberID: alone, By: "cli", Day: today}
	report, err = x.Store.Erase(t.Context(), oneKey, request, now)
	require.NoError(t, err)
	require.False(t, report.Erasure.Recognised)
	require.Empty(t, x.found(t, "wodan"))
	_, _, err = x.Store.LiftErasure(t.Context(), oneKey, request, now)
	require.ErrorIs(t, err, store.ErrKeepsNobodyOut)
	again, err := x.Store.Erase(t.Context(), oneKey, request, now)
	require.NoError(t, err)
	require.True(t, again.Already)
}

func TestErasure_N5_N7_NobodyIsFoundWhereNobodyIs(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	stranger := x.TeamMember(t, testkit.TeamMember{OrganisationID: x.Organisation(t), Inactive: true})
	before := testkit.TakeSnapshot(t, x.URL)
	for name, request := range map[string]store.ErasureRequest{
		"nobody of Connexie":     {ConnectionID: x.connection, ConnexieID: "emp_none"},
		"no profile":             {ConnectionID: x.connection, TeamMemberID: testkit.ID(t)},
		"no id":                  {ConnectionID: x.connection, TeamMemberID: "x"},
		"another organisation's": {ConnectionID: x.connection, TeamMemberID: stranger},
		"no connection":          {ConnectionID: testkit.ID(t), ConnexieID: "emp_gone"},
	} {
		request.Day, request.By, request.Force = today, "cli", true
		_, err := x.Store.Erase(t.Context(), oneKey, request, now)
		require.ErrorIs(t, err, store.ErrNotFound, name)
	}
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, x.URL))
}
