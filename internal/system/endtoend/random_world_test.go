package endtoend

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/system/stack"
	"github.com/eitje/connexie-worker/workflows"
)

const useExisting = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING

// lane is a system on which seeds are played one after the other, so that what one
// does to the worker's process meets no other.
type lane struct {
	*system
	*witness
	worker *stack.Child
	// own are the servers, where they are the lane's alone.
	own  *ownServers
	gate *gate
	// page is how many people Connexie sends at once.
	page int
}

// newLane brings up a system with a witness, a worker process and a proxy between
// that and the database.
func newLane(t *testing.T, on servers) *lane {
	t.Helper()
	l := &lane{system: bringUp(t, on), page: 500}
	server := httptest.NewServer(http.HandlerFunc(l.smallPages))
	t.Cleanup(server.Close)
	l.starter.BaseURL = server.URL + "/v1"
	l.witness = witnessed(t, l.url)
	l.gate = newGate(t, l.url)
	l.work()
	return l
}

// newLaneAlone brings up a lane on servers that may be killed.
func newLaneAlone(t *testing.T) *lane {
	t.Helper()
	own := startServers(t)
	l := newLane(t, own.servers(t))
	l.own = own
	return l
}

// work launches a worker process.
func (l *lane) work() { l.worker = l.launch(l.owner, l.gate.url) }

// smallPages passes a call on to the sandbox, with fewer people a page than was asked
// for, as Connexie may: so that a small organisation has several pages.
func (l *lane) smallPages(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if strings.HasSuffix(r.URL.Path, "/employees") && query.Has("limit") {
		query.Set("limit", strconv.Itoa(l.page))
		r.URL.RawQuery = query.Encode()
	}
	l.sandbox.ServeHTTP(w, r)
}

// world is one seed under way: an organisation on a lane, what was done so far, and
// what is known of it that the tables do not tell.
type world struct {
	*organisation
	lane   *lane
	t      *testing.T
	script script
	begun  time.Time
	told   []string
	// hidden are tokens beside the account's first; known is everyone who was ever in
	// Connexie, as they were at some time.
	hidden []string
	known  []sandbox.Employee
	// checked is the last write that was held against the invariants, and logged the
	// length of the log that was.
	checked int64
	logged  int
	// tracked are the workflows that were begun since the last check, and seen those
	// whose histories were read.
	tracked []client.WorkflowRun
	seen    map[string]bool
	// may are the endings that the round gives a run beside the usual.
	may    map[string]bool
	words  []string
	tokens int
	// orphaned tells that somebody terminated a sync: its run stays open until the
	// next full run begins.
	orphaned bool
	// nights counts those of the round.
	nights int
	// links are those that were seen, and created who got a profile by which run.
	linked  map[string]string
	created map[string]string
	tally   tally
}

// tally counts what a seed did.
type tally struct{ steps, faults, deaths, runs, exports, writes int }

// tell notes a step, for whoever reads of a failure.
func (w *world) tell(format string, arguments ...any) {
	w.told = append(w.told, fmt.Sprintf("%5.1f s  ", time.Since(w.begun).Seconds())+fmt.Sprintf(format, arguments...))
}

func (w *world) do(t *testing.T, a act) {
	t.Helper()
	w.tell("  %s", a.name)
	w.tally.steps++
	a.do(t, w)
}

// mayEnd notes that a run may end in a way that needs a cause.
func (w *world) mayEnd(outcome string) { w.may[outcome] = true }

// track keeps a workflow that must have ended before the round is over.
func (w *world) track(run client.WorkflowRun) { w.tracked = append(w.tracked, run) }

func (w *world) edit(t *testing.T, sql string, arguments ...any) {
	t.Helper()
	if w.lane.witness.edit(t, sql, arguments...) == 0 {
		w.tell("  (met nobody)")
	}
}

func (w *world) addPerson(t *testing.T, person sandbox.Employee) {
	t.Helper()
	require.NoError(t, w.sandbox.PutEmployee(w.Account.ID, person))
	w.known = append(w.known, person)
}

// changePerson changes somebody in Connexie, if they are there.
func (w *world) changePerson(t *testing.T, id string, edit func(*sandbox.Employee)) {
	t.Helper()
	if _, err := w.sandbox.Employee(w.Account.ID, id); err != nil {
		w.tell("  (is not there)")
		return
	}
	changed, err := w.sandbox.UpdateEmployee(w.Account.ID, id, func(e *sandbox.Employee) error { edit(e); return nil })
	require.NoError(t, err)
	w.known = append(w.known, changed)
}

// activates is how the first run begins.
func activates(t *testing.T, w *world) {
	run, err := w.temporal.ExecuteWorkflow(t.Context(), options(workflows.ActivateID(w.connection)),
		workflows.TypeActivateConnection, workflows.ActivateConnectionInput{ConnectionID: w.connection})
	require.NoError(t, err)
	w.track(run)
}

// The deaths of a process. Another one takes over at once.
var (
	kill = act{"the worker is killed, and another launched", func(_ *testing.T, w *world) {
		w.tally.deaths++
		w.lane.worker.Kill()
		w.lane.gate.drop()
		w.lane.work()
	}}
	stop = act{"the worker is told to stop, and another launched", func(t *testing.T, w *world) {
		w.tally.deaths++
		old := w.lane.worker
		// What is kept waiting in it ends only when it is let go on.
		go func() { _ = old.Stop(t.Context()) }()
		w.lane.work()
	}}
	killPostgres = act{"PostgreSQL is killed, and started again", func(t *testing.T, w *world) {
		w.tally.deaths++
		w.lane.own.killPostgres(t)
		w.lane.own.startPostgres(t)
		w.lane.system.pool.Reset()
		w.lane.witness.pool.Reset()
	}}
	killTemporal = act{"Temporal is killed, and started again", func(t *testing.T, w *world) {
		w.tally.deaths++
		w.lane.own.killTemporal()
		w.lane.own.startTemporal(t)
	}}
)

// play plays one round and waits until all is quiet.
func (w *world) play(t *testing.T, title string, r round) {
	t.Helper()
	w.tell("%s", title)
	w.nights = 0
	w.may, w.words = map[string]bool{"abandoned": w.orphaned}, r.words
	for _, a := range r.before {
		w.do(t, a)
	}
	var faults []string
	for _, fault := range r.faults {
		faults = append(faults, w.add(t, fault))
	}
	pending := w.prepare(t, r.moments)
	w.do(t, r.start)
	w.follow(t, pending)
	for _, id := range faults {
		w.tally.faults += w.struck(id)
		require.NoError(t, w.sandbox.RemoveFault(id))
	}
	w.lane.gate.forget()
}

func (w *world) add(t *testing.T, fault sandbox.Fault) string {
	t.Helper()
	fault.Account = w.Account.ID
	id, err := w.sandbox.AddFault(fault)
	require.NoError(t, err)
	if ending := endings[fault.Kind]; ending != "" {
		w.mayEnd(ending)
	}
	if fault.Kind == sandbox.FaultInvalidToken { // whoever begins afterwards finds no active connection
		w.mayEnd(exportFailed)
	}
	w.tell("  fault: %s at call %d of %s, times %d", fault.Kind, max(1, fault.FromCall), fault.Operation, fault.Times)
	return id
}

// pause is a moment that is awaited.
type pause struct {
	moment
	// arrived tells that something is kept waiting, and release lets it go on.
	arrived func() bool
	release func()
}

func (w *world) prepare(t *testing.T, moments []moment) []pause {
	t.Helper()
	var pending []pause
	for _, m := range moments {
		p := pause{moment: m}
		switch {
		case m.held:
			p.arrived, p.release = func() bool { return w.isHeld(t) }, func() {}
		case m.call > 0:
			p.arrived, p.release = w.pauseAtCall(t, m)
		default:
			p.arrived, p.release = w.lane.gate.pause(m.commit, m.committed)
		}
		pending = append(pending, p)
	}
	return pending
}

func (w *world) pauseAtCall(t *testing.T, m moment) (arrived func() bool, release func()) {
	t.Helper()
	id, err := w.sandbox.AddFault(sandbox.Fault{
		Kind: sandbox.FaultHold, Account: w.Account.ID, Operation: m.operation,
		FromCall: m.call, Times: 1, AfterEffect: m.answered,
	})
	require.NoError(t, err)
	return func() bool { return w.struck(id) > 0 }, func() { _ = w.sandbox.RemoveFault(id) }
}

// held reports whether the workflow itself says that it is held: the row of a run whose
// workflow was terminated may say so still.
func (w *world) held(t *testing.T) bool {
	t.Helper()
	latest := w.latest(workflows.SyncID(w.connection))
	return w.running(t, latest) && attribute[string](t, w.described(t, latest.GetID()), "Stage") == "held"
}

// follow does what is to be done at the moments, as they come, says a word wherever
// the guard wants one, and returns once nothing of the organisation is at work.
func (w *world) follow(t *testing.T, pending []pause) {
	t.Helper()
	begun := time.Now()
	for w.busy(t) {
		if time.Since(begun) > patience {
			require.Fail(t, "something of the organisation never ended", w.atWork(t))
		}
		switch i := slices.IndexFunc(pending, func(p pause) bool { return p.arrived() }); {
		case i >= 0:
			w.seize(t, pending[i])
			pending = slices.Delete(pending, i, i+1)
		case w.isHeld(t):
			w.say(t)
		default:
			time.Sleep(glance)
		}
	}
	for _, p := range pending {
		w.tell("  (nothing came to the moment %s)", p.moment)
		p.release()
	}
	w.tracked = nil
}

// seize does what is to be done at a moment, and lets the run go on.
func (w *world) seize(t *testing.T, p pause) {
	t.Helper()
	defer p.release()
	w.tell("  %s:", p.moment)
	for _, a := range p.acts {
		w.do(t, a)
	}
}

// busy reports whether a workflow of the organisation is at work.
func (w *world) busy(t *testing.T) bool {
	t.Helper()
	for _, run := range w.tracked {
		if w.running(t, run) {
			return true
		}
	}
	// Asked last: an activation that has ended has started it.
	return w.running(t, w.latest(workflows.SyncID(w.connection)))
}

// atWork tells what has not ended, to whoever looks for the cause.
func (w *world) atWork(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	for _, run := range append([]client.WorkflowRun{w.latest(workflows.SyncID(w.connection))}, w.tracked...) {
		if w.running(t, run) {
			fmt.Fprintf(&text, "\nworkflow %s", run.GetID())
		}
	}
	for _, run := range w.runs(t) {
		fmt.Fprintf(&text, "\nrun %s of %s, pass %d, night %q, %s, %s", run.ID, run.Workflow, run.Pass, run.Night, run.Stage, run.Outcome)
	}
	for _, row := range list(t, w.system, pgx.RowTo[string],
		`select to_jsonb(n)::text from connexie.night_connections n where connection_id = $1`, w.connection) {
		text.WriteString("\n" + row)
	}
	return text.String()
}

func (w *world) running(t *testing.T, run client.WorkflowRun) bool {
	t.Helper()
	described, err := w.temporal.DescribeWorkflowExecution(t.Context(), run.GetID(), run.GetRunID())
	if isNotFound(err) {
		return false
	}
	require.NoError(t, err)
	info := described.GetWorkflowExecutionInfo()
	w.remember(info.GetExecution().GetWorkflowId(), info.GetExecution().GetRunId())
	return info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
}

// isHeld reports whether the guard holds the full run.
func (w *world) isHeld(t *testing.T) bool {
	t.Helper()
	return value[bool](t, w.system, `select exists (select from connexie.sync_runs
		where connection_id = $1 and stage = 'held')`, w.connection) && w.held(t)
}

// say says the next word to a held run.
func (w *world) say(t *testing.T) {
	t.Helper()
	word := "allow"
	if len(w.words) > 0 {
		word, w.words = w.words[0], w.words[1:]
	}
	w.tell("  held: %s", word)
	held := w.heldRun(t)
	if word == "night" {
		// A second night of one date finds its run held, and leaves it to somebody.
		night := w.beginNight(t)
		w.awaitHeard(t, func() bool { return w.heldRun(t) != held || !w.running(t, night) })
		return
	}
	if _, err := w.word(t, word); err != nil {
		w.words = append([]string{word}, w.words...) // not held yet, or no longer
		return
	}
	w.awaitHeard(t, func() bool { return w.heldRun(t) != held || !w.held(t) })
}

// heldRun is the run that the guard holds, or empty.
func (w *world) heldRun(t *testing.T) string {
	t.Helper()
	return value[string](t, w.system, `select coalesce(max(id::text), '') from connexie.sync_runs
		where connection_id = $1 and stage = 'held'`, w.connection)
}

// awaitHeard waits until a word that was said has been heard.
func (w *world) awaitHeard(t *testing.T, heard func() bool) {
	t.Helper()
	for begun := time.Now(); !heard(); time.Sleep(glance) {
		if time.Since(begun) > patience {
			require.Fail(t, "a word was not heard", w.atWork(t))
		}
	}
}

// remember keeps that a history is to be read.
func (w *world) remember(id, runID string) {
	if _, known := w.seen[id+" "+runID]; !known {
		w.seen[id+" "+runID] = false
	}
}
