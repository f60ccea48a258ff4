package endtoend

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// exportWorld is one seed under way: an organisation, the reference that follows what is
// done to it, and what was done so far.
type exportWorld struct {
	*organisation
	// model follows what is done.
	model reference

	d    *exportDice
	told []string
	// asked are the requests that were made.
	asked []request
	// exports counts how those ended.
	ended map[string]int
}

func (s *system) exportWorld(t *testing.T, number uint64) *exportWorld {
	t.Helper()
	d := rollExports(number, s.sandbox.Today())
	scenario := d.scenario(number)
	w := &exportWorld{d: d, ended: map[string]int{}, model: reference{
		entries: map[string]seed.Entry{}, places: map[string]string{}, venues: map[string]connexieVenue{},
		codes: map[codeOf]string{}, gone: map[string]bool{}, held: map[string]map[sandbox.Date]heldDay{},
	}}
	for _, e := range scenario.Organisation.Entries {
		w.model.entries[e.ID] = e
	}
	for _, venue := range scenario.Account.Venues {
		w.model.venues[venue.ID] = connexieVenue{active: venue.Active}
	}
	w.organisation = s.organisation(t, scenario)
	return w
}

// tell notes a step, for whoever reads of a failure.
func (w *exportWorld) tell(format string, arguments ...any) {
	w.told = append(w.told, fmt.Sprintf(format, arguments...))
}

// play plays a whole script: an organisation that is brought in and decided about, then
// steps of every kind with an export after every few.
func (w *exportWorld) play(t *testing.T) {
	t.Helper()
	w.tell("%s to %s, %d people, %d entries", w.d.window.From, w.d.window.To, len(w.Account.Employees), len(w.model.entries))
	w.settle(t)
	for i, ours := range w.d.ours { // activation connected those of equal name
		w.model.places[ours] = w.d.theirs[i]
	}
	w.moveVenue(t)
	w.chooseCodes(t)
	w.syncNow(t)
	w.exportOnce(t)
	for range 4 + w.d.IntN(3) {
		for range 1 + w.d.IntN(4) {
			w.step(t)
		}
		if w.d.one(2) {
			w.mend(t)
		}
		w.exportOnce(t)
	}
}

// step does something that changes what an export holds.
func (w *exportWorld) step(t *testing.T) {
	t.Helper()
	switch w.d.IntN(17) {
	case 0, 1, 2, 3, 4, 5:
		w.editEntry(t)
	case 6:
		w.addEntry(t)
	case 7:
		w.deleteRow(t)
	case 8, 9:
		w.moveVenue(t)
	case 10:
		w.chooseCode(t, choose(w.d.dice, seed.Hours, seed.Meal, seed.Allowance))
	case 11:
		w.changeCodes(t)
	case 12, 13:
		w.changeContracts(t)
	case 14, 15:
		w.runSomePayroll(t)
	case 16:
		w.closeVenue(t)
	}
}

func (w *exportWorld) anyEntry() seed.Entry {
	return w.model.entries[choose(w.d.dice, slices.Sorted(maps.Keys(w.model.entries))...)]
}

func (w *exportWorld) editEntry(t *testing.T) {
	t.Helper()
	e := w.anyEntry()
	what := ""
	switch w.d.IntN(8) {
	case 0, 1:
		what = "another length"
		w.d.time(&e)
	case 2:
		what, e.Day = "another day", w.d.day()
		w.d.time(&e)
	case 3:
		what, e.VenueID = "another venue", choose(w.d.dice, w.d.ours...)
	case 4:
		what, e.State = "another state", choose(w.d.dice, seed.Approved, seed.Approved, seed.Open, seed.Deleted)
	case 5:
		what, e.Extras = "other extras", w.d.extras()
	case 6:
		what, e.ProfileID = "somebody else's", choose(w.d.dice, w.d.members...)
	case 7:
		what, e.Kind = "another kind", choose(w.d.dice, seed.Worked, seed.Worked, seed.Leave)
	}
	w.tell("entry %s: %s: %s", e.ID, what, told(e))
	w.model.entries[e.ID] = e
	w.edit(t, `
		update eitje.entries set team_member_id = $2, venue_id = $3, day = $4::text::date, starts_at = $5, ends_at = $6,
		       break_minutes = $7, minutes = $8, kind = $9, state = $10 where id = $1`,
		e.ID, e.ProfileID, e.VenueID, string(e.Day), instant(e.StartsAt), instant(e.EndsAt), e.BreakMinutes, e.Minutes, e.Kind, e.State)
	if what == "other extras" {
		w.write(t, `delete from eitje.entry_extras where entry_id = $1`, e.ID)
		w.writeExtras(t, e)
	}
}

func told(e seed.Entry) string {
	minutes, known := length(e)
	return fmt.Sprintf("%s %s of %s on %s at %s, %d minutes (%v), %v", e.State, e.Kind, e.ProfileID[:4], e.Day, e.VenueID[:4], minutes, known, e.Extras)
}

func instant(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

func (w *exportWorld) writeExtras(t *testing.T, e seed.Entry) {
	t.Helper()
	for _, x := range e.Extras {
		w.write(t, `insert into eitje.entry_extras (entry_id, kind, type, quantity) values ($1, $2, $3, $4::text::numeric)`,
			e.ID, x.Kind, x.Type, x.Quantity)
	}
}

func (w *exportWorld) addEntry(t *testing.T) {
	t.Helper()
	e := w.d.entry()
	w.tell("entry %s is new: %s", e.ID, told(e))
	w.model.entries[e.ID] = e
	w.write(t, `
		insert into eitje.entries (id, organisation_id, team_member_id, venue_id, day, starts_at, ends_at, break_minutes, minutes, kind, state)
		values ($1, $11, $2, $3, $4::text::date, $5, $6, $7, $8, $9, $10)`,
		e.ID, e.ProfileID, e.VenueID, string(e.Day), instant(e.StartsAt), instant(e.EndsAt), e.BreakMinutes, e.Minutes, e.Kind, e.State,
		w.Organisation.ID)
	w.writeExtras(t, e)
}

func (w *exportWorld) deleteRow(t *testing.T) {
	t.Helper()
	e := w.anyEntry()
	w.tell("entry %s: the row is deleted", e.ID)
	delete(w.model.entries, e.ID)
	w.edit(t, `delete from eitje.entries where id = $1`, e.ID)
}

// moveVenue decides anew about a venue of Eitje; mostly the venue of Connexie that nobody
// is connected to any more is set Inactive at once.
func (w *exportWorld) moveVenue(t *testing.T) {
	t.Helper()
	ours := choose(w.d.dice, w.d.ours[1:]...)
	if w.d.one(6) {
		ours = w.d.ours[0]
	}
	if w.d.one(3) {
		w.tell("venue %s is not used", ours[:4])
		w.model.places[ours] = ""
		require.NoError(t, w.store.SetVenueNotUsed(t.Context(), w.connection, ours, "test", time.Now()))
	} else {
		theirs := choose(w.d.dice, w.d.theirs...)
		w.tell("venue %s is connected to %s", ours[:4], theirs)
		w.model.places[ours] = theirs
		w.model.venues[theirs] = connexieVenue{active: w.model.venues[theirs].active}
		require.NoError(t, w.store.ConnectVenue(t.Context(), w.connection, ours, theirs, "test", time.Now()))
	}
	if !w.d.one(6) {
		w.decideRest(t)
	}
}

func (w *exportWorld) decideRest(t *testing.T) {
	t.Helper()
	for _, left := range w.model.toDecide() {
		w.tell("venue %s is set Inactive", left)
		w.model.venues[left] = connexieVenue{active: true, setInactive: true}
		require.NoError(t, w.store.SetConnexieVenueInactive(t.Context(), w.connection, left, time.Now()))
	}
}

// mend does what an operator does whose export was refused.
func (w *exportWorld) mend(t *testing.T) {
	t.Helper()
	w.decideRest(t)
	if len(w.model.gone) > 0 {
		w.changeCodes(t)
	}
	if w.model.codes[codeOf{kind: seed.Hours}] == "" {
		w.chooseCode(t, seed.Hours)
	}
}

// closeVenue makes a venue inactive in Connexie itself, or active again.
func (w *exportWorld) closeVenue(t *testing.T) {
	t.Helper()
	i := w.d.IntN(len(w.d.theirs))
	venue := w.model.venues[w.d.theirs[i]]
	venue.active = !venue.active
	w.model.venues[w.d.theirs[i]] = venue
	w.tell("Connexie: venue %s is active: %v", w.d.theirs[i], venue.active)
	changed := w.Account.Venues[i]
	changed.Active = venue.active
	require.NoError(t, w.sandbox.PutVenue(w.Account.ID, changed))
	w.syncNow(t)
}

// chooseCodes chooses codes for most of what there is.
func (w *exportWorld) chooseCodes(t *testing.T) {
	t.Helper()
	if !w.d.one(8) {
		w.chooseCode(t, seed.Hours)
	}
	for range 5 {
		w.chooseCode(t, choose(w.d.dice, seed.Meal, seed.Allowance))
	}
}

func (w *exportWorld) chooseCode(t *testing.T, kind string) {
	t.Helper()
	of, code := codeOf{kind: kind}, choose(w.d.dice, exportCodes[kind]...)
	if kind != seed.Hours {
		of.word = strings.TrimSpace(choose(w.d.dice, extraTypes[kind]...))
	}
	err := w.store.SetCodeMapping(t.Context(), w.connection, store.CodeMapping{Kind: kind, Type: of.word, Code: code}, "test", time.Now())
	w.tell("code %s for %s %s: %v", code, of.kind, of.word, err == nil)
	if errors.Is(err, store.ErrCodeUnknown) { // it is gone, or was when Connexie was read last
		return
	}
	require.NoError(t, err)
	w.model.codes[of] = code
}

// changeCodes lets a code vanish from Connexie, or those that have vanished come back.
func (w *exportWorld) changeCodes(t *testing.T) {
	t.Helper()
	if len(w.model.gone) > 0 {
		for _, code := range slices.Sorted(maps.Keys(w.model.gone)) {
			w.tell("Connexie: code %s is back", code)
			for kind, codes := range exportCodes {
				if slices.Contains(codes, code) {
					require.NoError(t, w.sandbox.PutWageCode(w.Account.ID, wageCode(kind, code)))
				}
			}
		}
		clear(w.model.gone)
		return
	}
	code := choose(w.d.dice, exportCodes[choose(w.d.dice, seed.Hours, seed.Meal, seed.Allowance)]...)
	w.tell("Connexie: code %s vanishes", code)
	w.model.gone[code] = true
	require.NoError(t, w.sandbox.RemoveWageCode(w.Account.ID, code))
}

// changeContracts changes somebody's contracts in Connexie. Mostly a synchronisation
// follows; until then Connexie rejects what Eitje still believes (X17).
func (w *exportWorld) changeContracts(t *testing.T) {
	t.Helper()
	person := choose(w.d.dice, w.Account.Employees...)
	added, day, kind, number, what := w.d.hiring(person.ID, w.d.day(), sandbox.Null[sandbox.Date]()), w.d.day(), w.d.IntN(6), w.d.IntN(4), ""
	if w.d.one(2) {
		added.EndDate = sandbox.Some(added.StartDate.AddDays(w.d.IntN(5)))
	}
	w.change(t, person.ID, func(e *sandbox.Employee) {
		if kind == 5 || len(e.Contracts) == 0 {
			what, e.Contracts = fmt.Sprintf("new from %s", added.StartDate), append(e.Contracts, added)
			return
		}
		number %= len(e.Contracts)
		c := &e.Contracts[number]
		switch kind {
		case 0:
			c.EndDate = sandbox.Some(max(c.StartDate, day))
			what = c.ID + " ends on " + text(c.EndDate)
		case 1:
			what, c.EndDate = c.ID+" is open", sandbox.Null[sandbox.Date]()
		case 2:
			what, c.Type = c.ID+" is "+added.Type, added.Type
		case 3:
			what, c.VenueID = c.ID+" is at "+added.VenueID, added.VenueID
		case 4:
			what, e.Contracts = c.ID+" is gone", slices.Delete(e.Contracts, number, number+1)
		}
	})
	w.tell("Connexie: contract of %s: %s", person.ID, what)
	if !w.d.one(5) {
		w.syncNow(t)
	}
}

func (w *exportWorld) syncNow(t *testing.T) {
	t.Helper()
	w.tell("a sync")
	require.Contains(t, []domain.SyncOutcome{domain.SyncOK, domain.SyncProblems, domain.SyncNothing}, w.sync(t).Outcome)
}

// runSomePayroll lets payroll begin in one payroll period, of every venue that has it.
func (w *exportWorld) runSomePayroll(t *testing.T) {
	t.Helper()
	chosen, status := choose(w.d.dice, w.Account.PayrollPeriods...), choose(w.d.dice, sandbox.PayrollRunning, sandbox.PayrollRan)
	for _, period := range w.Account.PayrollPeriods {
		if period.StartDate != chosen.StartDate || period.EndDate != chosen.EndDate {
			continue
		}
		period.Status = status
		w.tell("Connexie: payroll of %s from %s to %s: %s", period.VenueID, period.StartDate, period.EndDate, period.Status)
		w.model.payroll = append(w.model.payroll, closed{period.VenueID, seed.Period{From: period.StartDate, To: period.EndDate}})
		require.NoError(t, w.sandbox.PutPayrollPeriod(w.Account.ID, period))
	}
}

// exportOnce asks for a preview or not, for an export, and sometimes for the same again.
func (w *exportWorld) exportOnce(t *testing.T) {
	t.Helper()
	if w.d.one(8) {
		w.badRequest(t)
	}
	q := w.d.request(w.asked, w.model.leftOpen())
	w.asked = append(w.asked, q)
	if w.d.one(2) {
		preview := q
		preview.preview = true
		w.requireAnswered(t, preview)
	}
	w.requireAnswered(t, q)
	if w.d.one(3) {
		before := withoutReferences(w.ledger(t))
		w.requireAnswered(t, q)
		require.Equal(t, before, withoutReferences(w.ledger(t)), "X8: repeating it changes nothing")
	}
}

// badRequest asks for what no export can be about; the check after the next export finds
// what it would have changed.
func (w *exportWorld) badRequest(t *testing.T) {
	t.Helper()
	in := w.input(request{Period: w.d.window, kinds: []string{"hours"}})
	switch w.d.IntN(4) {
	case 0:
		in.From, in.To = in.To, in.From
	case 1:
		in.To = in.From.AddDays(domain.MaxPeriodDays)
	case 2:
		in.Kinds = nil
	case 3:
		in.Kinds = []domain.ExportKind{"hours", "drinks"}
	}
	w.tell("a bad request: %s to %s, %v", in.From, in.To, in.Kinds)
	require.Equal(t, refusedInput, w.fails(t, w.startExport(t, in)).Type())
}

func (w *exportWorld) input(q request) workflows.ExportHoursInput {
	in := workflows.ExportHoursInput{
		From: date(q.From), To: date(q.To), Kinds: q.exportKinds(), AcknowledgeUnmapped: q.acknowledges,
	}
	if q.preview {
		in.Mode = "preview"
	}
	return in
}

// requireAnswered asks the product and the reference, and holds the one against the other.
func (w *exportWorld) requireAnswered(t *testing.T, q request) {
	t.Helper()
	w.look(t)
	expected := w.model.answer(q)
	word := map[bool]string{true: "preview", false: "export"}[q.preview]
	w.tell("%s of %s: %s %v, %d lines, %d left out, %v", word, q, expected.outcome, expected.rules, len(expected.lines), len(expected.skipped), expected.states)
	found := w.export(t, w.input(q))
	w.ended[word+" "+string(found.Outcome)]++
	require.Equal(t, expected.outcome, string(found.Outcome), "the outcome; %s", found.Problem)
	require.Equal(t, expected.rules, rulesOf(found.Problem), "the rules of %q", found.Problem)
	w.requireProblem(t, found.Problem)
	w.requireFrozen(t, found.ExportID, expected)
	if q.preview {
		w.requirePreviewed(t, found, expected)
	} else {
		w.model.bring(q, found.ExportID, expected)
	}
	w.requireHeld(t)
}

// look reads what the reference takes from elsewhere: who is linked, the contracts that
// Eitje has, and who is in Connexie.
func (w *exportWorld) look(t *testing.T) {
	t.Helper()
	type link struct{ Member, Person string }
	type contract struct{ Member, ID, Type, From, To, Venue string }
	w.model.members, w.model.contracts, w.model.people = map[string]string{}, map[string][]hired{}, map[string]sandbox.Employee{}
	for _, l := range list(t, w.system, pgx.RowToStructByPos[link],
		`select team_member_id::text, connexie_id from connexie.links where connection_id = $1`, w.connection) {
		w.model.members[l.Member] = l.Person
	}
	for _, c := range list(t, w.system, pgx.RowToStructByPos[contract], `
		select c.team_member_id::text, c.connexie_contract_id, c.type, c.start_date::text, coalesce(c.end_date::text, ''),
		       p.venue_id
		  from connexie.links l
		  join eitje.contracts c using (team_member_id)
		  join connexie.person_contracts p
		    on p.connection_id = l.connection_id and p.connexie_id = l.connexie_id and p.contract_id = c.connexie_contract_id
		 where l.connection_id = $1`, w.connection) {
		w.model.contracts[c.Member] = append(w.model.contracts[c.Member], hired{c.ID, c.Type, sandbox.Date(c.From), sandbox.Date(c.To), c.Venue})
	}
	for _, person := range w.Account.Employees {
		now, err := w.sandbox.Employee(w.Account.ID, person.ID)
		require.NoError(t, err)
		w.model.people[person.ID] = now
	}
}

// rulesOf are the rules that a problem's sentences begin with.
func rulesOf(problem string) []string {
	var rules []string
	for _, found := range regexp.MustCompile(`(?m)^([A-Z][0-9]+): `).FindAllStringSubmatch(problem, -1) {
		rules = append(rules, found[1])
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// requireProblem holds what a problem tells beside the rules: the venues that are
// undecided, and periods that really would do.
func (w *exportWorld) requireProblem(t *testing.T, problem string) {
	t.Helper()
	for _, found := range regexp.MustCompile(`(?m)^C3: nobody has decided about Connexie venue (\S+)\.`).FindAllStringSubmatch(problem, -1) {
		require.Contains(t, w.model.toDecide(), found[1])
	}
	for _, found := range regexp.MustCompile(`--from (\S+) --to (\S+?)[,.]`).FindAllStringSubmatch(problem, -1) {
		period := seed.Period{From: sandbox.Date(found[1]), To: sandbox.Date(found[2])}
		require.False(t, w.model.cuts(period), "X10: %s to %s would cut as well", period.From, period.To)
	}
}

// requireFrozen holds what the export froze: its lines, what it left out, and how its
// venues ended (X14, X16).
func (w *exportWorld) requireFrozen(t *testing.T, exportID string, expected answer) {
	t.Helper()
	type frozen struct{ Venue, Person, Contract, Member, Entry, Day, Kind, Type, Code, Quantity string }
	want, says := []string{}, "the lines"
	for _, l := range expected.lines {
		want = append(want, fmt.Sprint(frozen{l.Venue, l.Person, l.Contract, l.Member, l.Entry, string(l.Day), l.Kind, l.Type, l.Code, plain(l.Quantity)}))
	}
	found := []string{}
	for _, l := range list(t, w.system, pgx.RowToStructByPos[frozen], `
		select connexie_venue_id, connexie_id, contract_id, team_member_id::text, entry_id::text, day::text, kind, type, code,
		       trim_scale(quantity)::text from connexie.export_lines where export_id = $1`, exportID) {
		found = append(found, fmt.Sprint(l))
	}
	require.ElementsMatch(t, want, found, says)
	skipped := list(t, w.system, pgx.RowToStructByPos[leftOut],
		`select entry_id::text, kind, type, rule, reason from connexie.export_skips where export_id = $1`, exportID)
	require.ElementsMatch(t, expected.skipped, skipped, "what is left out")
	states := map[string]string{}
	for venue, state := range w.venueStates(t, exportID) {
		states[venue] = string(state)
	}
	if expected.outcome != "needs_acknowledgement" {
		want := maps.Clone(expected.states)
		if want == nil {
			want = map[string]string{}
		}
		require.Equal(t, want, states, "how the venues ended")
	}
}

// requirePreviewed holds what a preview says that the export would change (X16).
func (w *exportWorld) requirePreviewed(t *testing.T, found workflows.ExportResult, expected answer) {
	t.Helper()
	rows, err := w.store.Differences(t.Context(), found.ExportID)
	require.NoError(t, err)
	told, counts := []difference{}, map[string]int{}
	for _, row := range rows {
		told = append(told, difference{
			Change: row.Change, Venue: row.ConnexieVenueID, Person: row.ConnexieID, Member: row.TeamMemberID,
			Day: sandbox.Date(row.Day.String()), Kind: string(row.Kind), Type: row.Type, Code: row.Code,
			Was: row.Was.String(), Is: row.Is.String(),
		})
		counts[row.Change]++
	}
	slices.SortFunc(told, difference.compare)
	require.ElementsMatch(t, expected.differs, told, "X16: what differs")
	for _, change := range []string{"added", "changed", "removed"} {
		require.Equal(t, counts[change], found.Counts[change], "X16: %s", change)
	}
	require.Equal(t, len(expected.lines), found.Counts["lines"])
}

// requireHeld holds what Connexie has and what Eitje shows of it against the reference.
func (w *exportWorld) requireHeld(t *testing.T) {
	t.Helper()
	found := w.ledger(t)
	for i := range found {
		found[i].Reference, _, _ = strings.Cut(found[i].Reference, ".")
	}
	slices.SortFunc(found, compareHeld)
	require.Equal(t, w.model.ledger(), found, "X8: Connexie's ledger")
	type row struct{ ID, Exported string }
	shown := map[string]string{}
	for _, r := range list(t, w.system, pgx.RowToStructByPos[row], `
		select id::text, coalesce(exported || ', by ' || export_id, '') from eitje.hours where organisation_id = $1`, w.Organisation.ID) {
		require.NotContains(t, shown, r.ID, "an entry is listed once")
		shown[r.ID] = r.Exported
	}
	require.Equal(t, w.model.shown(), shown, "X11, X12: the table of hours")
	rows, err := w.store.HeldImports(t.Context(), w.connection)
	require.NoError(t, err)
	imports := []string{}
	for _, r := range rows {
		run := seed.Period{From: sandbox.Date(r.FromDay.String()), To: sandbox.Date(r.ToDay.String())}
		imports = append(imports, fmt.Sprint(r.ConnexieVenueID, run, r.ExportID, r.Kinds, r.Lines))
	}
	slices.Sort(imports)
	require.Equal(t, w.model.imports(), imports, "X10: what each import holds")
	w.requireMarked(t)
	require.Empty(t, w.drafts(t), "drafts")
	require.Empty(t, list(t, w.system, pgx.RowTo[string],
		`select id::text from connexie.exports where connection_id = $1 and closed_at is null`, w.connection), "exports left open")
}
