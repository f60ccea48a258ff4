package endtoend

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"

	"github.com/eitje/connexie-worker/internal/testkit"
	"github.com/eitje/connexie-worker/workflows"
)

// wrongExports are mistakes about days and kinds, of which each answer names the rule or
// the members.
func wrongExports(connection string) []door {
	const good = `"from":"2026-10-01","to":"2026-10-31","kinds":["hours"]`
	all := []door{
		{name: "a period reversed", input: exportInput(connection, good, "2026-10-31", "2026-09-30"), tells: []string{"X10", "2026-09-30"}},
		{name: "63 days", input: exportInput(connection, good, "2026-10-31", "2026-12-02"), tells: []string{"X10", "63 days"}},
		{name: "a day that there is not", input: exportInput(connection, good, "2026-10-31", "2026-10-32"), tells: []string{`"to"`}},
		{name: "no days", input: exportInput(connection, `"kinds":["hours"]`, "", ""), tells: []string{`"from"`, `"to"`}},
		{name: "an unknown kind", input: exportInput(connection, good, `"hours"`, `"hours","tips"`), tells: []string{"X7", "hours, meals, allowances"}},
		{name: "a kind twice", input: exportInput(connection, good, `"hours"`, `"hours","meals","hours"`), tells: []string{"twice"}},
		{name: "no kinds", input: exportInput(connection, good, `["hours"]`, `[]`), tells: []string{"X7", `"kinds"`}},
		{name: "kinds that are no list", input: exportInput(connection, good, `["hours"]`, `"hours"`), tells: []string{`"kinds"`}},
		{name: "an unknown member", input: exportInput(connection, good, `"kinds"`, `"until":"2026-11-30","kinds"`), tells: []string{`"until"`}},
		{name: "a mode that there is not", input: exportInput(connection, good, `"kinds"`, `"mode":"try","kinds"`), tells: []string{`"mode"`}},
		{name: "an id that the input does not imply", input: exportInput(connection, good, "", ""), tells: []string{"export/" + connection}},
	}
	for i := range all {
		all[i].workflow, all[i].id = workflows.TypeExportHours, fmt.Sprintf("export/days-%d-%s", i, connection)
	}
	return all
}

// exportInput is a good input in which one thing is another.
func exportInput(connection, good, was, is string) *commonpb.Payloads {
	return rawInput(`{"connection_id":"` + connection + `",` + strings.Replace(good, was, is, 1) + `}`)
}

// exportOfNobody starts exports that name a connection that there is not, or one that
// exports nothing: the answer says what to do, nothing is written and nothing sent.
func exportOfNobody(t *testing.T, s *system) {
	o := s.working(t, "Gepauzeerd", 6, 2)
	o.edit(t, `update connexie.connections set state = 'paused' where id = $1`, o.connection)
	paused := s.fails(t, o.startExport(t, o.allKinds()))
	require.Equal(t, refusedInput, paused.Type())
	require.Contains(t, paused.Message(), "is paused")
	require.Contains(t, paused.Message(), "starter connections resume")

	stranger := *o
	stranger.connection = testkit.ID(t)
	unknown := s.fails(t, stranger.startExport(t, o.allKinds()))
	require.Equal(t, refusedInput, unknown.Type())
	require.Contains(t, unknown.Message(), stranger.connection)
	require.Contains(t, unknown.Message(), "starter status")

	require.Zero(t, value[int](t, s, `select count(*) from connexie.exports where connection_id in ($1, $2)`,
		o.connection, stranger.connection))
	require.Empty(t, o.imports(t))
}
