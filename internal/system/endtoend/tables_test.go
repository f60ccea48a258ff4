package endtoend

import (
	"encoding/json"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// What the stories assert on: the tables themselves, as somebody with a database
// client sees them.

// value reads the one column of the one row of a query.
func value[T any](t *testing.T, s *system, sql string, arguments ...any) T {
	t.Helper()
	var found T
	require.NoError(t, s.pool.QueryRow(t.Context(), sql, arguments...).Scan(&found))
	return found
}

// list reads rows into structs by position, or single columns where T is no struct.
func list[T any](t *testing.T, s *system, row pgx.RowToFunc[T], sql string, arguments ...any) []T {
	t.Helper()
	rows, err := s.pool.Query(t.Context(), sql, arguments...)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, row)
	require.NoError(t, err)
	return found
}

// edit changes one row in Eitje, as somebody who works there does.
func (o *organisation) edit(t *testing.T, sql string, arguments ...any) {
	t.Helper()
	tag, err := o.pool.Exec(t.Context(), sql, arguments...)
	require.NoError(t, err)
	require.EqualValues(t, 1, tag.RowsAffected(), sql)
}

// run is a row of connexie.sync_runs.
type run struct {
	ID       string
	Workflow string
	Pass     int
	Trigger  string
	Mode     string
	Night    string
	Stage    string
	Outcome  string
	Problem  string
	Counts   domain.Counts
}

const runColumns = `
	select id::text, workflow_id, pass, trigger, mode, coalesce(night::text, ''), stage, coalesce(outcome, ''),
	       coalesce(problem, ''), counts
	  from connexie.sync_runs`

// runs lists the connection's runs, the latest first.
func (o *organisation) runs(t *testing.T) []run {
	t.Helper()
	return list(t, o.system, pgx.RowToStructByPos[run],
		runColumns+` where connection_id = $1 order by started_at desc, pass desc`, o.connection)
}

func (o *organisation) run(t *testing.T, id string) run {
	t.Helper()
	found := list(t, o.system, pgx.RowToStructByPos[run], runColumns+` where id = $1`, id)
	require.Len(t, found, 1)
	return found[0]
}

// awaitHeld waits until the guard holds the connection's latest run.
func (o *organisation) awaitHeld(t *testing.T) run {
	t.Helper()
	var latest run
	require.Eventually(t, func() bool {
		if runs := o.runs(t); len(runs) > 0 {
			latest = runs[0]
		}
		return latest.Stage == string(workflows.StageHeld)
	}, patience, glance, "the latest run was never held")
	return latest
}

// item is a row of connexie.sync_items: what a run did, or would do, for a person.
type item struct {
	Person      string
	Member      string
	Situation   string
	Action      string
	Reactivates bool
	Reason      string
	Rule        string
	State       string
	Problem     string
	Changes     []domain.Change
	Steps       []domain.Step
}

func (o *organisation) items(t *testing.T, runID string) map[string]item {
	t.Helper()
	const query = `
		select connexie_id, coalesce(team_member_id::text, ''), situation, action, reactivates, reason, rule, state,
		       coalesce(problem, ''), changes, steps
		  from connexie.sync_items where run_id = $1`
	items := map[string]item{}
	for _, found := range list(t, o.system, pgx.RowToStructByPos[item], query, runID) {
		items[found.Person] = found
	}
	return items
}

// standing is a row of the view connexie.people_status.
type standing struct {
	Person    string
	Member    string
	Situation string
	Reason    string
	Rule      string
}

func (o *organisation) standings(t *testing.T) map[string]standing {
	t.Helper()
	const query = `
		select connexie_id, coalesce(team_member_id::text, ''), situation, reason, rule
		  from connexie.people_status where connection_id = $1`
	standings := map[string]standing{}
	for _, found := range list(t, o.system, pgx.RowToStructByPos[standing], query, o.connection) {
		standings[found.Person] = found
	}
	return standings
}

// notice is a row of connexie.notifications.
type notice struct {
	Cause    string
	Subject  string
	NextStep string
	Open     bool
}

// notices lists the connection's notifications of one cause, the oldest first.
func (o *organisation) notices(t *testing.T, cause domain.Cause) []notice {
	t.Helper()
	const query = `
		select cause, subject, next_step, closed_at is null
		  from connexie.notifications where connection_id = $1 and cause = $2 order by opened_at, id`
	return list(t, o.system, pgx.RowToStructByPos[notice], query, o.connection, string(cause))
}

// requireOpen asserts that exactly these subjects have a notification of the cause
// open, and that none came twice.
func (o *organisation) requireOpen(t *testing.T, cause domain.Cause, subjects ...string) {
	t.Helper()
	var open []string
	for _, found := range o.notices(t, cause) {
		if found.Open {
			open = append(open, found.Subject)
		}
	}
	require.ElementsMatch(t, subjects, open, "open notifications of the cause %s", cause)
}

// member is the team member that a person is linked to.
func (o *organisation) member(t *testing.T, connexieID string) string {
	t.Helper()
	const query = `select team_member_id::text from connexie.links where connection_id = $1 and connexie_id = $2`
	return value[string](t, o.system, query, o.connection, connexieID)
}

// links are all links of the connection: person to team member.
func (o *organisation) links(t *testing.T) map[string]string {
	t.Helper()
	const query = `
		select coalesce(jsonb_object_agg(connexie_id, team_member_id), '{}')::text
		  from connexie.links where connection_id = $1`
	links := map[string]string{}
	require.NoError(t, json.Unmarshal([]byte(value[string](t, o.system, query, o.connection)), &links))
	return links
}

// members counts the organisation's team members.
func (o *organisation) members(t *testing.T) int {
	t.Helper()
	return value[int](t, o.system, `select count(*) from eitje.team_members where organisation_id = $1`, o.Organisation.ID)
}

// field reads one column of a person's team member as text.
func (o *organisation) field(t *testing.T, connexieID, column string) string {
	t.Helper()
	return value[string](t, o.system,
		`select coalesce(to_jsonb(m)->>$2, '') from eitje.team_members m where id = $1`, o.member(t, connexieID), column)
}
