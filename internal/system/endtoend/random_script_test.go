package endtoend

import (
	"encoding/json"
	"fmt"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// script is all that a seed does, drawn before anything is done.
type script struct {
	scenario seed.Scenario
	// page is how many people Connexie sends at once.
	page int
	// creations and changes are the guard's floors, low enough to hold a small
	// organisation; its percentages are nought.
	creations, changes int
	// first is how the connection is activated, with what happens meanwhile.
	first  round
	rounds []round
	// last are edits between the end of all disturbance and the comparison of a
	// preview with its sync.
	last []act
}

// round is one run, what was done before it, what goes wrong in it and what is done
// meanwhile.
type round struct {
	before  []act
	faults  []sandbox.Fault
	start   act
	moments []moment
	// words are what is said when the guard holds: allow, reject, or night; allow
	// once they are used up.
	words []string
}

// moment is a point of a run at which things are done: the run does not go on until
// they are.
type moment struct {
	// held is when the guard holds the run, before a word is said.
	held bool
	// call is the call of an operation of Connexie's that is kept waiting, counted
	// from the beginning of the round; answered tells that what it will answer is
	// fixed by then. Without a call, the run is stopped at a commit.
	operation string
	call      int
	answered  bool
	// commit is the transaction of the worker that is kept waiting, counted from the
	// beginning of the round; committed tells that it was made and only the answer
	// is kept back.
	commit    int
	committed bool
	acts      []act
}

func (m moment) String() string {
	switch {
	case m.held:
		return "while the guard holds the run"
	case m.call > 0 && m.answered:
		return fmt.Sprintf("while call %d of %s waits for its answer", m.call, m.operation)
	case m.call > 0:
		return fmt.Sprintf("before call %d of %s", m.call, m.operation)
	case m.committed:
		return fmt.Sprintf("right after commit %d", m.commit)
	}
	return fmt.Sprintf("right before commit %d", m.commit)
}

// draw draws the script of a seed. One of the deaths, if there are any, comes in every
// second round.
func draw(number uint64, today sandbox.Date, deaths ...act) script {
	d := roll(number, today)
	s := script{scenario: d.organisation(number), page: 5 + d.IntN(30), creations: 1 + d.IntN(8), changes: 1 + d.IntN(5)}
	s.first = d.round(s.scenario, act{name: "activation", do: activates}, deaths)
	for range 2 + d.IntN(3) {
		s.rounds = append(s.rounds, d.round(s.scenario, d.start(s.scenario), deaths))
	}
	if !d.one(3) {
		s.rounds[0].before = append(s.rounds[0].before, d.everyVenue(s.scenario), codesChosen)
	}
	for i := range s.rounds[1:] {
		if d.one(3) {
			s.rounds[i+1].before = append(s.rounds[i+1].before, d.surge(s))
		}
	}
	for range 2 + d.IntN(6) {
		s.last = append(s.last, d.anyEdit(s.scenario))
	}
	return s
}

func (d *dice) round(scenario seed.Scenario, start act, deaths []act) round {
	r := round{start: start}
	for range d.IntN(9) {
		r.before = append(r.before, d.anyEdit(scenario))
	}
	for range max(0, d.IntN(4)-1) {
		r.faults = append(r.faults, d.fault(scenario))
	}
	if d.one(3) {
		r.faults = append(r.faults, d.importFault())
	}
	for range d.IntN(3) {
		r.moments = append(r.moments, d.moment(scenario))
	}
	if len(deaths) > 0 && d.one(2) {
		last := d.moment(scenario)
		last.acts = append(last.acts, choose(d, deaths...))
		r.moments = append(r.moments, last)
	}
	for range d.IntN(3) {
		r.words = append(r.words, choose(d, "allow", "reject", "night"))
	}
	return r
}

func (d *dice) moment(scenario seed.Scenario) moment {
	var m moment
	switch d.IntN(9) {
	case 0:
		m.held = true
	case 7, 8:
		m.operation, m.call, m.answered = choose(d, importCalls...), 1+d.IntN(3), d.one(2)
	case 1, 2, 3:
		m.operation, m.call, m.answered = "listEmployees", 1+d.IntN(3), d.one(2)
	default:
		m.commit, m.committed = 1+d.IntN(14), d.one(2)
	}
	for range 1 + d.IntN(2) {
		m.acts = append(m.acts, d.anyEdit(scenario))
	}
	for range d.IntN(3) {
		m.acts = append(m.acts, d.control(scenario))
	}
	return m
}

// fault draws what Connexie does wrong in a round. Those that are waited out strike
// once or twice: the engine waits seconds for each.
func (d *dice) fault(scenario seed.Scenario) sandbox.Fault {
	const people = "listEmployees"
	anyList := choose(d, people, people, people, "listVenues", "listWageCodes")
	who := choose(d, scenario.Account.Employees...).ID
	from := 1 + d.IntN(3)
	change, err := json.Marshal(map[string]string{"last_name": d.word()})
	if err != nil {
		panic(err) // a text always encodes
	}
	return choose(d,
		sandbox.Fault{Kind: sandbox.FaultStatus, Status: choose(d, 500, 502, 503, 504), Operation: anyList, FromCall: from, Times: 1, AfterEffect: d.one(2), RetryAfterSeconds: 1},
		sandbox.Fault{Kind: sandbox.FaultRateLimited, Operation: anyList, FromCall: from, Times: 1 + d.IntN(2), RetryAfterSeconds: 1},
		sandbox.Fault{Kind: sandbox.FaultDelay, DelayMilliseconds: 20 + d.IntN(200), OneIn: 2, Seed: d.Uint64(), AfterEffect: d.one(2)},
		sandbox.Fault{Kind: sandbox.FaultDropConnection, Operation: anyList, FromCall: from, Times: 1, AfterEffect: d.one(2)},
		sandbox.Fault{Kind: sandbox.FaultCutBody, Operation: anyList, FromCall: from, Times: 1},
		sandbox.Fault{Kind: sandbox.FaultMalformedJSON, Operation: anyList, FromCall: from, Times: 1},
		sandbox.Fault{Kind: sandbox.FaultCursorExpired, Operation: people, FromCall: from, Times: 1 + d.IntN(7)},
		sandbox.Fault{Kind: sandbox.FaultEmptyList, Operation: people, Times: 1},
		sandbox.Fault{Kind: sandbox.FaultHide, Operation: people, IDs: []string{who}},
		sandbox.Fault{Kind: sandbox.FaultRepeat, Operation: people, Times: 1 + d.IntN(2)},
		sandbox.Fault{Kind: sandbox.FaultBadRecord, Operation: people, IDs: []string{who}, Member: "employment.start_date", Value: json.RawMessage(`"2026-02-30"`)},
		sandbox.Fault{Kind: sandbox.FaultBadRecord, Operation: people, Times: 1, Member: "id"},
		sandbox.Fault{Kind: sandbox.FaultChange, Operation: people, FromCall: from, Times: 1, Changes: []sandbox.Change{{EmployeeID: who, Patch: change}}},
		sandbox.Fault{Kind: sandbox.FaultChange, Operation: people, FromCall: from, Times: 1, Changes: []sandbox.Change{{EmployeeID: who, Remove: true}}},
		sandbox.Fault{Kind: sandbox.FaultInvalidToken, Operation: anyList, FromCall: from, Times: 1},
	)
}

// endings are how a run may end because of a fault, beside the endings that any run
// may have.
var endings = map[sandbox.FaultKind]string{
	sandbox.FaultMalformedJSON: "failed",
	sandbox.FaultCursorExpired: "failed",
	sandbox.FaultEmptyList:     "failed",
	sandbox.FaultInvalidToken:  "refused",
}
