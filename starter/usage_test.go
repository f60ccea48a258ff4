package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var commands = []string{
	"", "migrate", "activate", "mappings", "mappings list", "mappings venue", "mappings code", "sync", "sync decide", "sync cancel",
	"sync items", "sync changes", "sync undo", "disputes", "disputes list", "disputes show", "disputes decide", "disputes decide link",
	"disputes decide create", "disputes decide skip", "duplicates", "duplicates list", "duplicates preview", "duplicates repair",
	"duplicates undo", "duplicates history", "holds", "holds list", "holds set", "holds lift", "export", "export list", "export show", "export receipt", "export corrections", "export left-out",
	"connections", "connections list", "connections show", "connections pause", "connections resume", "connections remove",
	"connections settings",
	"export lines", "export cancel", "hours", "end-employment", "end-employment start", "end-employment status",
	"end-employment list", "end-employment check", "end-employment confirm", "end-employment change-date", "end-employment withdraw",
	"erase", "erase list", "erase lift", "housekeeping", "housekeeping run", "housekeeping show",
	"status", "notifications", "notifications list", "notifications show", "notifications read", "notifications snooze",
	"notifications unsnooze", "notifications channels", "notifications channels list", "notifications channels set",
	"notifications channels remove", "notifications channels test",
	"nights", "nights run", "nights pause", "nights resume", "doctor", "sandbox",
}

func TestHelp_IsWhatPeopleSee(t *testing.T) {
	for _, command := range commands {
		t.Run(command, func(t *testing.T) {
			bareEnvironment(t)
			got := typing(t, append(strings.Fields(command), "-h")...)
			require.Equal(t, exitDone, got.code)
			require.Contains(t, got.out, "Examples:")
			require.Contains(t, got.out, "--json")
			golden(t, "help_"+strings.ReplaceAll(command, " ", "_")+".txt", got.out)
		})
	}
}

func TestHelp_OfTheRootPrintsEveryVariable(t *testing.T) {
	bareEnvironment(t)
	got := typing(t, "--help")
	for _, name := range []string{"DATABASE_URL", "CONNEXIE_BASE_URL", "ENCRYPTION_KEYS", "TEMPORAL_ADDRESS", "TEMPORAL_UI_URL", "LOG_LEVEL"} {
		require.Contains(t, got.out, name)
	}
}

// Every door answers what is wrong and what to do, whatever comes in.
func TestUsage_BadInputIsAnsweredWithTheNextStep(t *testing.T) {
	const id = "0190a1b2-0000-7000-8000-000000000002"
	for _, line := range []struct {
		args []string
		says []string
	}{
		{nil, []string{"needs a command", "starter -h"}},
		{[]string{"bogus"}, []string{`unknown command "bogus"`, "starter -h"}},
		{[]string{"stat"}, []string{"did you mean", "status"}},
		{[]string{"\x1b[31mstatus"}, []string{"?[31mstatus"}},
		{[]string{"mappings"}, []string{"needs a subcommand", "starter mappings -h"}},
		{[]string{"mappings", "lst"}, []string{"unknown subcommand", "list"}},
		{[]string{"status", "extra"}, []string{"unknown command"}},
		{[]string{"status", "--colour"}, []string{"unknown flag: --colour", "See: starter status -h"}},
		{[]string{"sync"}, []string{"needs --connection", "starter sync -h"}},
		{[]string{"sync", "--connection", "  "}, []string{"needs --connection"}},
		{[]string{"sync", "--connection"}, []string{"needs an argument"}},
		{[]string{"sync", "--connection", id, "--wait", "--no-wait"}, []string{"--wait, --no-wait"}},
		{[]string{"sync", "--connection", id, "--timeout", "soon"}, []string{"invalid argument", "timeout"}},
		{[]string{"sync", "--connection", id, "--timeout", "-1s"}, []string{"--timeout must be more than 0"}},
		{[]string{"sync", "--connection", id, "--limit", "0"}, []string{"--limit must be 1 to"}},
		{[]string{"sync", "--connection", id, "--limit", "99999999999999999999"}, []string{"invalid argument"}},
		{[]string{"sync", "decide", "--connection", id}, []string{"either --allow or --reject"}},
		{[]string{"sync", "undo"}, []string{"needs --run or --undo", "starter sync undo -h"}},
		{[]string{"sync", "undo", "--run", id, "--undo", id}, []string{"--run, --undo"}},
		{[]string{"sync", "undo", "--run", id, "--person", "emp_1", "--contract", id}, []string{"--contract, --person"}},
		{[]string{"disputes"}, []string{"needs a subcommand"}},
		{[]string{"disputes", "decide"}, []string{"needs a decision"}},
		{[]string{"disputes", "decide", "merge"}, []string{`unknown decision "merge"`}},
		{[]string{"disputes", "decide", "link", "--connection", id, "--person", "emp_1"}, []string{"needs --team-member"}},
		{[]string{"disputes", "decide", "skip", "--connection", id, "--person", "emp_1", "--team-member", id}, []string{"unknown flag: --team-member"}},
		{[]string{"disputes", "show", "--connection", id}, []string{"needs --person"}},
		{[]string{"holds", "set", "--connection", id, "--person", "emp_1"}, []string{"needs --until and --reason"}},
		{[]string{"holds", "lift", "--person", "emp_1"}, []string{"needs --connection"}},
		{[]string{"sync", "decide", "--connection", id, "--allow", "--reject"}, []string{"either --allow or --reject"}},
		{[]string{"sync", "items"}, []string{"needs --run"}},
		{[]string{"sync", "items", "--run", id, "--limit", "-5"}, []string{"--limit must be 1 to"}},
		{[]string{"export"}, []string{"needs --connection and --kinds"}},
		{[]string{"export", "--connection", id, "--kinds", "hours"}, []string{"first or its last day", "--month 2026-11"}},
		{[]string{"export", "--connection", id, "--kinds", "hours", "--from", "2026-11-01"}, []string{"first or its last day"}},
		{[]string{"export", "--connection", id, "--kinds", "hours", "--month", "11-2026"}, []string{`"11-2026" is not a month`, "--month 2026-11"}},
		{[]string{"export", "--connection", id, "--kinds", "hours", "--month", "2026-11", "--to", "2026-11-30"}, []string{"by itself"}},
		{[]string{"export", "--connection", id, "--kinds", "hours", "--from", "2026-11-31", "--to", "2026-12-01"}, []string{"not a calendar date"}},
		{[]string{"export", "--connection", id, "--kinds", "hours", "--from", "2026-12-01", "--to", "2026-11-01"}, []string{"before it begins", "X10"}},
		{[]string{"export", "--connection", id, "--kinds", "hours", "--from", "2026-01-01", "--to", "2026-12-31"}, []string{"365 days", "62", "X10"}},
		{[]string{"export", "--connection", id, "--kinds", "overtime", "--month", "2026-11"}, []string{`"overtime" is no kind`, "hours,meals,allowances"}},
		{[]string{"export", "--connection", id, "--kinds", "hours,,meals", "--month", "2026-11"}, []string{`"" is no kind`}},
		{[]string{"export", "--connection", id, "--kinds", "hours,hours", "--month", "2026-11"}, []string{"hours is named twice"}},
		{[]string{"export", "--connection", id, "--kinds", "hours", "--month", "2026-11", "--by", "Jan de Vries"}, []string{"is not an id"}},
		{[]string{"export", "--connection", id, "--kinds", "hours", "--month", "2026-11", "--csv", "--no-wait"}, []string{"--csv prints a result"}},
		{[]string{"export", "--connection", id, "--kinds", "hours", "--month", "2026-11", "--wait", "--no-wait"}, []string{"--wait, --no-wait"}},
		{[]string{"export", "--connection", id, "--kinds", "hours", "--month", "2026-11", "--timeout", "0s"}, []string{"--timeout must be more than 0"}},
		{[]string{"erase"}, []string{"give one of --person, --team-member", "starter erase -h"}},
		{[]string{"erase", "--person", "emp_1"}, []string{"needs --connection"}},
		{[]string{"erase", "--connection", id, "--person", "emp_1"}, []string{"cannot be taken back", "--preview", "--yes"}},
		{[]string{"erase", "--connection", id, "--person", "emp_1", "--team-member", id}, []string{"give only one of --person, --team-member"}},
		{[]string{"erase", "--connection", id, "--person", "emp_1", "--preview", "--yes"}, []string{"give only one of --preview, --yes"}},
		{[]string{"erase", "list"}, []string{"needs --connection"}},
		{[]string{"erase", "lift", "--connection", id}, []string{"person", "team-member"}},
		{[]string{"housekeeping"}, []string{"needs a subcommand", "starter housekeeping -h"}},
		{[]string{"housekeeping", "run", "--timeout", "0s"}, []string{"--timeout must be more than 0"}},
		{[]string{"housekeeping", "show", "--limit", "0"}, []string{"--limit must be 1 to"}},
		{[]string{"export", "show"}, []string{"needs --export"}},
		{[]string{"export", "left-out", "--export", id, "--limit", "0"}, []string{"--limit must be 1 to"}},
		{[]string{"export", "lines", "--export", id, "--after", "-1"}, []string{"--after must be 0 or more"}},
		{[]string{"export", "cancel"}, []string{"needs --connection"}},
		{[]string{"hours", "--connection", id}, []string{"first or its last day"}},
		{[]string{"hours", "--connection", id, "--month", "2026-11", "--exported", "maybe"}, []string{`"maybe"`, "yes, no or changed"}},
		{[]string{"hours", "--connection", id, "--month", "2026-11", "--person", "emp_1"}, []string{"is not the id of a team member"}},
		{[]string{"end-employment"}, []string{"needs a subcommand", "starter end-employment -h"}},
		{[]string{"end-employment", "start"}, []string{"needs --team-member"}},
		{[]string{"end-employment", "start", "--team-member", "Jan de Vries"}, []string{"is not the id of a team member"}},
		{[]string{"end-employment", "start", "--team-member", id, "--end-date", "30-11-2026"}, []string{"is not a calendar date", "--end-date 2026-11-30"}},
		{[]string{"end-employment", "start", "--team-member", id, "--end-date", "2026-11-30", "--reason", "gaat weg"}, []string{"is not a code"}},
		{[]string{"end-employment", "start", "--team-member", id, "--end-date", "2026-11-30", "--by", "Jan de Vries"}, []string{"is not an id"}},
		{[]string{"end-employment", "change-date", "--team-member", id}, []string{"needs --end-date"}},
		{[]string{"end-employment", "list", "--connection", id, "--limit", "0"}, []string{"--limit must be 1 to"}},
		{[]string{"end-employment", "confirm", "--member", id}, []string{"unknown flag: --member"}},
		{[]string{"activate"}, []string{"needs --organisation and --token-file"}},
		{[]string{"activate", "--organisation", id, "--token", "secret"}, []string{"unknown flag: --token"}},
		{[]string{"connections"}, []string{"needs a subcommand", "starter connections -h"}},
		{[]string{"connections", "stop"}, []string{"unknown subcommand"}},
		{[]string{"connections", "show"}, []string{"needs --connection"}},
		{[]string{"connections", "pause"}, []string{"needs --connection"}},
		{[]string{"connections", "resume", "--connection", id, "--timeout", "0s"}, []string{"--timeout must be more than 0"}},
		{[]string{"connections", "remove", "--connection", id, "--yes=maybe"}, []string{"invalid argument"}},
		{[]string{"connections", "remove", "--connection", id, "--yes", "--timeout", "0s"}, []string{"--timeout must be more than 0"}},
		{[]string{"connections", "settings", "--connection", id, "--automatic-endings", "yes"}, []string{"--automatic-endings must be on or off"}},
		{[]string{"connections", "settings", "--connection", id, "--likely-duplicates", "on"}, []string{"--likely-duplicates must be wait or create"}},
		{[]string{"connections", "settings", "--connection", id, "--creations-floor", "many"}, []string{"--creations-floor must be a whole number"}},
		{[]string{"mappings", "code", "--connection", id}, []string{"needs --kind and --code"}},
		{[]string{"notifications"}, []string{"needs a subcommand"}},
		{[]string{"notifications", "list", "--limit", "0"}, []string{"--limit must be 1 to"}},
		{[]string{"notifications", "read"}, []string{"needs --notification"}},
		{[]string{"notifications", "snooze", "--notification", id}, []string{"needs --until"}},
		{[]string{"notifications", "channels", "set", "--organisation", id}, []string{"either --webhook URL or --email ADDRESS"}},
		{[]string{"notifications", "channels", "set", "--organisation", id, "--webhook", "x", "--email", "y"}, []string{"webhook", "email"}},
		{[]string{"notifications", "channels", "set", "--email", "y"}, []string{"needs --organisation"}},
		{[]string{"notifications", "channels", "test"}, []string{"needs --channel"}},
		{[]string{"nights", "--from", "2027-01-01"}, []string{"--from belongs to --next"}},
		{[]string{"nights", "--next", "3", "--limit", "3"}, []string{"limit", "next"}},
		{[]string{"nights", "--limit", "0"}, []string{"--limit must be 1 to 1000"}},
		{[]string{"nights", "run", "--timeout", "0s"}, []string{"--timeout must be more than 0"}},
		{[]string{"sandbox", "--people", "0"}, []string{"people must be 1 to"}},
		{[]string{"sandbox", "--organisations", "-1"}, []string{"organisations must be 1 to"}},
		{[]string{"sandbox", "--seed", "-1"}, []string{"invalid argument"}},
		{[]string{"sandbox", "--today", "2026-02-30"}, []string{"not a calendar date"}},
		{[]string{"sandbox", "--today", "0001-01-01"}, []string{"not a calendar date"}},
	} {
		t.Run(strings.Join(line.args, " "), func(t *testing.T) {
			bareEnvironment(t)
			got := typing(t, line.args...)
			require.Equal(t, exitUsage, got.code, got.err)
			require.Empty(t, got.out)
			require.True(t, strings.HasPrefix(got.err, "starter: "), got.err)
			require.NotContains(t, got.err, "\x1b")
			require.Regexp(t, `(See: starter[a-z -]* -h|Give [^\n]*\.)\n$`, got.err)
			for _, words := range line.says {
				require.Contains(t, got.err, words)
			}
		})
	}
}

func TestUsage_N3_ATokenInTheWrongPlaceIsNotRepeated(t *testing.T) {
	const id, token = "0190a1b2-0000-7000-8000-000000000002", "s3cret-t0ken"
	for _, args := range [][]string{
		{"activate", token},
		{"activate", "--organisation", id, token},
		{"activate", "--organisation", id, "--token", token},
		{"activate", "--organisation", id, "--token=" + token},
		{"activate", "--organisation", id, "--token-file", token},
		{"activate", "--json", token},
	} {
		bareEnvironment(t)
		got := typing(t, args...)
		require.Equal(t, exitUsage, got.code, got.err)
		require.NotContains(t, got.err+got.out, token)
	}
}

func TestUsage_AMissingEnvironmentNamesEveryVariable(t *testing.T) {
	bareEnvironment(t)
	got := typing(t, "doctor")
	require.Equal(t, exitUsage, got.code)
	for _, name := range []string{"DATABASE_URL", "ENCRYPTION_KEYS", "CONNEXIE_BASE_URL"} {
		require.Contains(t, got.err, name+" is required and not set")
	}
}

func TestUsage_AMissingEnvironmentSaysWhereTheVariablesAre(t *testing.T) {
	bareEnvironment(t)
	got := typing(t, "doctor", "--json")
	require.Contains(t, decoded(t, got.out)["error"].(map[string]any)["next_step"], "starter -h")
}

func TestUsage_CommandsReadNoMoreThanTheyNeed(t *testing.T) {
	bareEnvironment(t)
	got := typing(t, "status")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "DATABASE_URL")
	require.NotContains(t, got.err, "ENCRYPTION_KEYS is required")
}

func TestUsage_ErrorsAreJSONWhereJSONIsWanted(t *testing.T) {
	bareEnvironment(t)
	got := typing(t, "sync", "--json")
	require.Equal(t, exitUsage, got.code)
	problem := decoded(t, got.out)["error"].(map[string]any)
	require.Equal(t, "invalid", problem["kind"])
	require.Contains(t, problem["what"], "needs --connection")
	require.Equal(t, "See: starter sync -h", problem["next_step"])
}

func TestUsage_AMisspeltVariableIsWarnedAbout(t *testing.T) {
	bareEnvironment(t)
	t.Setenv("DATABSE_URL", "postgres://u:hunter2@db/x")
	got := typing(t, "status")
	require.Contains(t, got.err, "warning: DATABSE_URL is not a variable of this program: did you mean DATABASE_URL?")
	require.NotContains(t, got.err, "hunter2")
}
