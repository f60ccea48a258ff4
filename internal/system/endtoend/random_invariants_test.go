package endtoend

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/workflows"
)

// invariant is a sentence that holds after every run, whatever happened in it. holds
// returns what contradicts it.
type invariant struct {
	rule, name, sentence string
	holds                func(*testing.T, *world, []write) []string
}

// invariants are what docs/random-test.md tells.
var invariants = []invariant{
	{
		"S5", "no person twice",
		"One person has one profile: nobody is linked twice, no profile is linked to two, and nobody is ever given a second profile.",
		noPersonTwice,
	},
	{"S5", "links never move", "A link that was made once is never written again and never goes.", linksNeverMove},
	{"S14", "nobody deactivated", "No profile that was active is made inactive, archived or deleted but by somebody in Eitje.", nobodyDeactivated},
	{"S8", "the log-in stays", "The e-mail address of a profile is never written after its creation, and no venue is taken from it (S18).", theLogInStays},
	{
		"S10", "the audit explains every difference",
		"What a transaction writes in Eitje and what it writes into the audit are the same, field by field, before and after.",
		auditExplains,
	},
	{
		"S4", "nobody created beside a profile",
		"Nobody is given a new profile whose e-mail address a profile of the organisation had already when the transaction began, unless somebody decided so (S6).",
		nobodyCreatedBeside,
	},
	{"S2", "no run left open", "Once nothing is at work, every run is closed, but one whose workflow somebody terminated.", noRunLeftOpen},
	{
		"X8", "the ledger is the lines",
		"What Connexie holds are the lines of what was committed, each once, but at a venue of which an export that ended could not find out what became of its import.",
		ledgerIsTheLines,
	},
	{"X11", "the markers are true", "An entry is marked exactly where Connexie holds a line of it, but at a venue that was committed and not marked yet.", markersAreTrue},
	{"X14", "no export left open", "Once nothing is at work, every export is closed, and no venue of it is still to be sent.", noExportLeftOpen},
	{"N6", "every ending has its cause", "A run or an export fails, is refused, cancelled or abandoned only where what happened in it says so.", everyEndingHasItsCause},
	{"N4", "nothing personal", "No history, log line, notification or error tells of a person, and no row ever held a secret (N2, N3).", nothingPersonal},
}

// What holds once all is calm; calm asks for them in their turn.
var (
	converges = invariant{
		rule: "S3", name: "it converges",
		sentence: "After a calm sync Eitje is what the rules make of Connexie (S3 to S8, S11, S14, S18, S21), told by a reading of the rules that shares no code with the product's.",
	}
	previewTells = invariant{
		rule: "S19", name: "the preview tells",
		sentence: "A preview names the same people, actions, fields, values, counts and outcome as the sync right after it.",
	}
	exportSettles = invariant{
		rule: "X8", name: "an export settles",
		sentence: "An export of everything finds out what became of every import and leaves no draft open; asking for it again changes nothing in the ledger.",
	}
	repeatsNothing = invariant{
		rule: "S9", name: "nothing is repeated",
		sentence: "A sync of unchanged data writes no row but that of the run itself, its fence included.",
	}
)

// String is what is said where the invariant is broken.
func (i invariant) String() string {
	return fmt.Sprintf("broken: %s (%s): %s", i.name, i.rule, i.sentence)
}

// check holds everything that was written since the last check against the
// invariants.
func (w *world) check(t *testing.T) {
	t.Helper()
	writes := w.lane.since(t, w.checked)
	w.checked = w.lane.now(t)
	w.tally.writes += len(writes)
	for _, invariant := range invariants {
		broken := invariant.holds(t, w, writes)
		require.Empty(t, broken, invariant.String())
	}
}

const (
	teamMembers      = "eitje.team_members"
	contracts        = "eitje.contracts"
	teamMemberVenues = "eitje.team_member_venues"
	linksTable       = "connexie.links"
	changesTable     = "connexie.changes"
)

func noPersonTwice(t *testing.T, w *world, writes []write) (broken []string) {
	for _, made := range writes {
		if made.Place != changesTable || made.Becomes["object"] != string(domain.ObjectTeamMember) || made.Becomes["field"] != domain.FieldCreated {
			continue
		}
		person := fmt.Sprint(made.Becomes["connexie_id"])
		if first, twice := w.created[person]; twice {
			broken = append(broken, fmt.Sprintf("%s was given a profile by the runs %s and %v", person, first, made.Becomes["run_id"]))
		}
		w.created[person] = fmt.Sprint(made.Becomes["run_id"])
	}
	for _, twice := range []string{"connexie_id", "team_member_id"} {
		broken = append(broken, list(t, w.system, pgx.RowTo[string], `select 'linked twice: `+twice+` ' || `+twice+`
			from connexie.links where connection_id = $1 group by `+twice+` having count(*) > 1`, w.connection)...)
	}
	return broken
}

func linksNeverMove(t *testing.T, w *world, writes []write) (broken []string) {
	for _, made := range writes {
		if made.Place == linksTable && made.What != "insert" {
			broken = append(broken, fmt.Sprintf("%s of the link of %v", made.What, made.Was["connexie_id"]))
		}
	}
	now := w.links(t)
	for person, member := range w.linked {
		if now[person] != member {
			broken = append(broken, fmt.Sprintf("%s was linked to %s and is to %q", person, member, now[person]))
		}
	}
	w.linked = now
	return broken
}

func nobodyDeactivated(_ *testing.T, _ *world, writes []write) (broken []string) {
	for _, made := range writes {
		if made.Place != teamMembers || !made.ours() || made.What == "insert" {
			continue
		}
		if made.What == "delete" || made.Was["active"] == true && made.Becomes["active"] == false ||
			made.Was["archived_at"] != made.Becomes["archived_at"] {
			broken = append(broken, fmt.Sprintf("%s of profile %v", made.What, made.Was["id"]))
		}
	}
	return broken
}

func theLogInStays(_ *testing.T, _ *world, writes []write) (broken []string) {
	for _, made := range writes {
		switch {
		case !made.ours():
		case made.Place == teamMembers && made.What == "update" && made.Was["email"] != made.Becomes["email"]:
			broken = append(broken, fmt.Sprintf("the e-mail of profile %v was written", made.Was["id"]))
		case made.Place == teamMemberVenues && made.What != "insert":
			broken = append(broken, fmt.Sprintf("a venue of profile %v was taken", made.Was["team_member_id"]))
		}
	}
	return broken
}

// nobodyCreatedBeside looks at every profile that we made, and at those that Eitje had
// by then.
func nobodyCreatedBeside(t *testing.T, w *world, writes []write) (broken []string) {
	const others = `
		select o.id::text from eitje.team_members o
		 where o.organisation_id = $1 and o.id <> $2 and o.archived_at is null and o.email_key = $3
		   and not exists (select from witness.writes x
		                    where x.place = 'eitje.team_members' and coalesce(x.becomes, x.was)->>'id' = o.id::text
		                      and x.seq > $4)`
	for _, made := range writes {
		if made.Place != teamMembers || made.What != "insert" || !made.ours() {
			continue
		}
		for _, other := range list(t, w.system, pgx.RowTo[string], others, w.Organisation.ID, made.Becomes["id"],
			made.Becomes["email_key"], made.Horizon) {
			if w.writtenAfter(writes, other, made) || w.byDecision(t, made.Becomes["id"]) {
				continue
			}
			broken = append(broken, fmt.Sprintf("profile %v was made although %s had its e-mail address", made.Becomes["id"], other))
		}
	}
	return broken
}

// writtenAfter reports whether a profile was written after the transaction that made
// another one began, so that it may have been another then.
func (w *world) writtenAfter(writes []write, profile string, made write) bool {
	return slices.ContainsFunc(writes, func(other write) bool {
		return other.Place == teamMembers && other.Seq > made.Horizon && fmt.Sprint(other.Becomes["id"]) == profile
	})
}

func noRunLeftOpen(t *testing.T, w *world, _ []write) (broken []string) {
	for _, run := range w.runs(t) {
		if run.Stage != "closed" && !w.orphaned {
			broken = append(broken, fmt.Sprintf("run %s is in the stage %s", run.ID, run.Stage))
		}
	}
	return broken
}

// everyEndingHasItsCause looks at the runs and exports that ended and at the workflows.
func everyEndingHasItsCause(t *testing.T, w *world, writes []write) (broken []string) {
	for _, made := range writes {
		switch {
		case made.What != "update" || made.Was["outcome"] == made.Becomes["outcome"]:
		case made.Place == "connexie.sync_runs":
			broken = append(broken, w.runEnded(made)...)
		case made.Place == "connexie.exports":
			broken = append(broken, w.exportEnded(made)...)
		}
	}
	for key, read := range w.seen {
		if !read {
			id, runID, _ := strings.Cut(key, " ")
			broken = append(broken, w.workflowEnded(t, id, runID)...)
		}
	}
	return broken
}

// runEnded notes how a run ended, and says so where nothing explains it.
func (w *world) runEnded(made write) []string {
	w.tally.runs++
	outcome := fmt.Sprint(made.Becomes["outcome"])
	w.tell("  run %v: %s", made.Becomes["id"], outcome)
	usual := slices.Contains([]string{"ok", "problems", "nothing", "rejected", "superseded"}, outcome)
	if usual || w.may[outcome] {
		return nil
	}
	return []string{fmt.Sprintf("run %v ended as %s: %v", made.Becomes["id"], outcome, made.Becomes["problem"])}
}

// workflowEnded tells of a workflow that has not ended, or otherwise than well.
func (w *world) workflowEnded(t *testing.T, id, runID string) []string {
	t.Helper()
	described, err := w.temporal.DescribeWorkflowExecution(t.Context(), id, runID)
	require.NoError(t, err)
	status := described.GetWorkflowExecutionInfo().GetStatus()
	needs, explained := causes[status], false
	switch {
	case status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
	case needs == "", w.may[needs]:
		explained = true
	case id == workflows.ActivateID(w.connection): // another activation took its place
		explained = status == enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	case id == workflows.ExportID(w.connection), id == workflows.ExportPreviewID(w.connection):
		explained = w.may["export "+needs]
	}
	if explained {
		return nil
	}
	return []string{fmt.Sprintf("workflow %s is %s", id, status)}
}

// causes are the endings of runs with which a workflow may end otherwise than well.
var causes = map[enumspb.WorkflowExecutionStatus]string{
	enumspb.WORKFLOW_EXECUTION_STATUS_FAILED:     "failed",
	enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED:   "cancelled",
	enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED: "abandoned",
	enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:  "never",
}

// nothingPersonal searches the histories of what has ended, the log, and what stands
// in the tables for people to read.
func nothingPersonal(t *testing.T, w *world, writes []write) []string {
	search := search{}
	search.private, search.secret = w.private()
	for key, read := range w.seen {
		if !read {
			id, runID, _ := strings.Cut(key, " ")
			search.text("the history of "+id, readable(t, w.history(t, w.temporal.GetWorkflow(t.Context(), id, runID))))
			w.seen[key] = true
		}
	}
	log := w.logs.String()
	search.text("the log", log[w.logged:])
	w.logged = len(log)
	for _, made := range writes {
		search.row(made)
	}
	return search.found
}

// search looks for words that tell of somebody, and for secrets.
type search struct {
	private map[string]bool
	secret  []string
	found   []string
}

func (s *search) text(where, searched string) {
	for _, word := range wordPattern.FindAllString(searched, -1) {
		if s.private[strings.ToLower(strings.Trim(word, ".:"))] {
			s.found = append(s.found, fmt.Sprintf("%s tells of somebody: %s", where, word))
		}
	}
	s.secrets(where, searched)
}

func (s *search) secrets(where, searched string) {
	for _, word := range s.secret {
		if strings.Contains(searched, word) {
			s.found = append(s.found, where+" holds a secret")
		}
	}
}

// row searches a row: all of it for secrets, and what people and programs read of it
// for words.
func (s *search) row(made write) {
	s.secrets(made.Place, fmt.Sprint(made.Becomes))
	switch made.Place {
	case "connexie.notifications", "connexie.notification_events", "connexie.sync_runs", "connexie.exports", "connexie.export_venues":
		s.text(made.Place, fmt.Sprint(made.Becomes))
	case "connexie.sync_items", "connexie.people":
		s.text(made.Place, fmt.Sprint(made.Becomes["problem"], made.Becomes["steps"], made.Becomes["reason"]))
	}
}

// private are the words that tell of somebody who is or was in Connexie, and the
// secrets that are kept nowhere.
func (w *world) private() (words map[string]bool, secret []string) {
	words = map[string]bool{}
	for _, token := range append([]string{w.Account.Token}, w.hidden...) {
		secret = append(secret, token, hex.EncodeToString([]byte(token)))
	}
	for i := range w.known {
		person := &w.known[i]
		for _, word := range personal(person) {
			words[strings.ToLower(word)] = true
		}
		secret = append(secret, text(person.BSN), text(person.IBAN))
	}
	delete(words, "")
	return words, slices.Compact(slices.Sorted(slices.Values(notEmpty(secret))))
}
