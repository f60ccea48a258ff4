package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

func TestStore_Overview_TellsWhereAConnectionStands(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	db.Venue(t, organisation, "Bar")
	connection := db.Connection(t, organisation)
	run := open(t, db, fullRun(t, connection.ID))
	for person, situation := range map[string][3]string{
		"per_1": {"linked", "", "S5"}, "per_2": {"skipped", "email_blank", "S3"}, "per_3": {"skipped", "email_blank", "S3"},
	} {
		db.Exec(t, `
			insert into connexie.people (connection_id, connexie_id, email_state, employment_ended, modified_at, fingerprint)
			values ($1, $2, 'blank', false, now(), '')`, connection.ID, person)
		db.Exec(t, `
			insert into connexie.person_standings (connection_id, connexie_id, situation, reason, rule, since)
			values ($1, $2, $3, $4, $5, now())`, connection.ID, person, situation[0], situation[1], situation[2])
	}
	require.NoError(t, db.Store.SyncConfigurationNotices(t.Context(), connection.ID, now))

	overview, err := db.Store.Overview(t.Context(), connection.ID)
	require.NoError(t, err)
	require.Equal(t, connection, overview.Connection)
	require.Equal(t, []store.Run{run}, overview.Runs)
	require.Equal(t, []store.PeopleCount{
		{Situation: domain.Linked, Rule: "S5", Count: 1},
		{Situation: domain.Skipped, Reason: domain.ReasonEmailBlank, Rule: "S3", Count: 2},
	}, overview.People)
	require.Equal(t, 1, overview.UndecidedVenues)
	require.Len(t, overview.Notifications, 1)

	_, err = db.Store.Overview(t.Context(), "bogus")
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestStore_S10_ItemsAndChangesOfARunComeInPages(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	connection := db.Connection(t, db.Organisation(t)).ID
	run := open(t, db, fullRun(t, connection))
	for _, person := range []string{"per_1", "per_2", "per_3"} {
		db.Exec(t, `
			insert into connexie.sync_items (run_id, connexie_id, situation, action, reason, rule, changes, steps)
			values ($1, $2, 'linked', 'update', '', 'S8',
			        '[{"object":"team_member","field":"phone","before":"1","after":"2"}]',
			        '[{"rule":"S5","question":"Linked?","answer":"yes"}]')`, run.ID, person)
		db.Exec(t, `
			insert into connexie.changes (id, run_id, connection_id, connexie_id, object, object_id, field, before, at, by)
			values ($1, $2, $3, $4, 'team_member', 'x', 'phone', '1', now(), 'cli')`, testkit.ID(t), run.ID, connection, person)
	}
	items, err := db.Store.RunItems(t.Context(), run.ID, "", 2)
	require.NoError(t, err)
	require.Len(t, items, 2)
	require.Equal(t, []domain.Step{{Rule: "S5", Question: "Linked?", Answer: "yes"}}, items[0].Steps)
	require.Equal(t, domain.Change{Object: domain.ObjectTeamMember, Field: "phone", Before: "1", After: "2"}, items[0].Changes[0])
	items, err = db.Store.RunItems(t.Context(), run.ID, items[1].ConnexieID, 2)
	require.NoError(t, err)
	require.Len(t, items, 1)

	lines, err := db.Store.AuditLines(t.Context(), run.ID, "", 2)
	require.NoError(t, err)
	require.Len(t, lines, 2)
	require.Equal(t, "1", lines[0].Before)
	lines, err = db.Store.AuditLines(t.Context(), run.ID, lines[1].ID, 2)
	require.NoError(t, err)
	require.Len(t, lines, 1)
}
