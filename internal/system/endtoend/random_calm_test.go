package endtoend

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/workflows"
)

// calm is what holds once all disturbance has ended and one more sync has passed.
func (w *world) calm(t *testing.T) {
	t.Helper()
	start := act{"a sync by hand", func(t *testing.T, w *world) {
		w.begin(t, workflows.SyncID(w.connection), workflows.SyncTeamMembersInput{})
	}}
	first := start
	if w.connectionState(t) != "active" {
		first = act{"activation", activates}
	}
	w.play(t, "all is calm", round{start: first})
	w.orphaned = false
	w.check(t)
	w.requireConverged(t)
	w.requireExported(t)

	w.tell("last edits")
	for _, a := range w.script.last {
		w.do(t, a)
	}
	w.play(t, "a preview", round{start: act{"a preview", func(t *testing.T, w *world) {
		w.begin(t, workflows.PreviewID(w.connection), workflows.SyncTeamMembersInput{Mode: "preview"})
	}}})
	previewed := w.latestRun(t)
	w.play(t, "the sync that was previewed", round{start: start})
	synced := w.latestRun(t)
	w.check(t)
	says := previewTells.String()
	require.Equal(t, [2]string{"preview", "apply"}, [2]string{previewed.Mode, synced.Mode})
	require.Equal(t, w.undated(t, previewed.ID), w.undated(t, synced.ID), says)
	require.Equal(t, previewed.Outcome, synced.Outcome, says)
	require.Equal(t, previewed.Counts, synced.Counts, says)
	w.requireConverged(t)

	w.play(t, "and nothing has changed", round{start: start})
	again := w.latestRun(t)
	for _, made := range w.lane.since(t, w.checked) {
		require.Contains(t, bookkeeping, made.Place, "%s: %s of %v", repeatsNothing, made.What, made.Becomes)
	}
	require.Contains(t, []string{"nothing", "problems"}, again.Outcome, repeatsNothing.String())
	w.check(t)
}

func (w *world) latestRun(t *testing.T) run {
	t.Helper()
	runs := w.runs(t)
	require.NotEmpty(t, runs)
	return runs[0]
}

// undated is what a run did, or would do, without what differs between the two.
func (w *world) undated(t *testing.T, runID string) map[string]item {
	t.Helper()
	items := w.items(t, runID)
	for id, item := range items {
		items[id] = item.undated()
	}
	return items
}

// connexieNow is everyone who is in Connexie now, by id.
func (w *world) connexieNow() map[string]sandbox.Employee {
	now := map[string]sandbox.Employee{}
	for i := range w.known {
		if person, err := w.sandbox.Employee(w.Account.ID, w.known[i].ID); err == nil {
			now[person.ID] = person
		}
	}
	return now
}

// requireConverged holds Eitje against Connexie with a reading of the rules that
// shares no code with the product's.
func (w *world) requireConverged(t *testing.T) {
	t.Helper()
	o := oracle{day: w.sandbox.Today(), people: w.connexieNow(), venues: map[string][]string{}}
	o.read(t, w)
	var broken []string
	for _, id := range slices.Sorted(maps.Keys(o.people)) {
		broken = append(broken, o.judge(id)...)
	}
	require.Empty(t, broken, converges.String())

	var missing []string
	for _, person := range list(t, w.system, pgx.RowTo[string],
		`select connexie_id from connexie.people where connection_id = $1`, w.connection) {
		_, there := o.people[person]
		if _, linked := o.members[person]; linked && !there && !slices.Contains(o.onHold, person) {
			missing = append(missing, person)
		}
	}
	w.requireOpen(t, domain.CauseMissing, append(missing, o.keptOpen(t, w, domain.CauseMissing)...)...)
	for _, passed := range []domain.Cause{
		domain.CauseSyncFailed, domain.CauseTokenRefused, domain.CauseGuardHeld, domain.CauseUnreadableRecord,
		domain.CauseBadRecord,
	} {
		w.requireOpen(t, passed, o.keptOpen(t, w, passed)...)
	}
}

// oracle is what it needs to know to judge about people.
type oracle struct {
	day    sandbox.Date
	people map[string]sandbox.Employee
	// venues are the Eitje venues that a Connexie venue brings people to; mapped those
	// that it is kept with, also where it is Inactive.
	venues, mapped map[string][]string
	// members are the team members of people who are linked, profiles all that match.
	members   map[string]member
	profiles  []member
	standings map[string]standing
	// onHold are people whom a sync leaves alone, and words what was decided about whom.
	onHold []string
	words  map[string]word
	// exported are team members with a contract that an exported line names: it is kept,
	// closed, also where it is gone from Connexie.
	exported []string
}

// member is a profile as the oracle sees it.
type member struct {
	ID        string
	Person    string
	EmailKey  string
	Columns   map[string]string
	Contracts []string
	Venues    []string
}

func (o *oracle) read(t *testing.T, w *world) {
	t.Helper()
	type mapping struct {
		Eitje, Connexie string
		Used            bool
	}
	o.mapped = map[string][]string{}
	for _, m := range list(t, w.system, pgx.RowToStructByPos[mapping], `
		select m.venue_id::text, m.connexie_venue_id, v.active and not v.set_inactive
		  from connexie.venue_mappings m join connexie.venues v using (connection_id, connexie_venue_id)
		 where m.connection_id = $1`, w.connection) {
		o.mapped[m.Connexie] = append(o.mapped[m.Connexie], m.Eitje)
		if m.Used {
			o.venues[m.Connexie] = append(o.venues[m.Connexie], m.Eitje)
		}
	}
	o.profiles = list(t, w.system, pgx.RowToStructByPos[member], `
		select m.id::text, coalesce(l.connexie_id, ''), lower(btrim(coalesce(m.email, ''), E' \t\n')),
		       (select jsonb_object_agg(key, coalesce(value, '')) from jsonb_each_text(to_jsonb(m))),
		       array(select concat_ws(' ', c.connexie_contract_id, c.type, c.start_date, coalesce(c.end_date::text, '-'),
		                              coalesce(trim_scale(c.hours_per_week)::text, '-'), coalesce(trim_scale(c.hourly_wage)::text, '-'),
		                              coalesce(c.job_title, '-'))
		               from eitje.contracts c where c.team_member_id = m.id and c.connexie_contract_id is not null order by 1),
		       array(select venue_id::text from eitje.team_member_venues v where v.team_member_id = m.id)
		  from eitje.team_members m left join connexie.links l on l.team_member_id = m.id
		 where m.organisation_id = $1 and (m.archived_at is null or l.connexie_id is not null)`, w.Organisation.ID)
	o.members = map[string]member{}
	for _, m := range o.profiles {
		if m.Person != "" {
			o.members[m.Person] = m
		}
	}
	o.standings = w.standings(t)
	o.readWords(t, w)
	o.exported = list(t, w.system, pgx.RowTo[string],
		`select distinct l.team_member_id || ' ' || l.contract_id from connexie.export_lines l
		  join connexie.export_venues v using (export_id, connexie_venue_id) where v.state in ('committed', 'exported')`)
}

// kept reports whether a contract is kept although it is gone from Connexie.
func (o *oracle) kept(person sandbox.Employee, member member, contract string) bool {
	id, _, _ := strings.Cut(contract, " ")
	gone := !slices.ContainsFunc(person.Contracts, func(c sandbox.Contract) bool { return c.ID == id })
	return gone && slices.Contains(o.exported, member.ID+" "+id)
}

// judge tells what is wrong about one person.
func (o *oracle) judge(id string) []string {
	person := o.people[id]
	if slices.Contains(o.onHold, id) {
		return o.requireSituation(id, "on_hold")
	}
	if member, linked := o.members[id]; linked {
		if !o.placed(person) {
			return o.requireSituation(id, "skipped")
		}
		return append(o.judgeMember(person, member), o.requireSituation(id, "linked")...)
	}
	if !o.employed(person) || len(o.covering(person)) == 0 || !o.placed(person) || !strings.Contains(emailKey(person), "@example.") {
		return o.requireSituation(id, "skipped")
	}
	said, decided := o.words[id]
	switch {
	case decided && o.holdsStill(person, said):
		return o.judgeWord(id, said)
	case o.disputed(person):
		return o.requireSituation(id, "disputed")
	}
	return []string{id + " ought to be linked"}
}

func (o *oracle) requireSituation(id, situation string) []string {
	if found := o.standings[id]; found.Situation != situation || found.Reason == "missing_in_connexie" {
		return []string{fmt.Sprintf("%s ought to be %s and is %s (%s)", id, situation, found.Situation, found.Reason)}
	}
	return nil
}

func emailKey(person sandbox.Employee) string {
	return strings.ToLower(strings.TrimSpace(text(person.Email)))
}

// disputed reports whether an address says too little about whose profile it is.
func (o *oracle) disputed(person sandbox.Employee) bool {
	candidates := 0
	for _, profile := range o.profiles {
		if profile.EmailKey != emailKey(person) {
			continue
		}
		if profile.Person != "" {
			return true
		}
		candidates++
	}
	for id, other := range o.people {
		if _, linked := o.members[id]; !linked && id != person.ID && emailKey(other) == emailKey(person) {
			return true
		}
	}
	return candidates > 1
}

func (o *oracle) employed(person sandbox.Employee) bool {
	end := text(person.Employment.EndDate)
	return end == "" || end >= string(o.day)
}

func (o *oracle) covering(person sandbox.Employee) (covering []sandbox.Contract) {
	for _, contract := range person.Contracts {
		end := text(contract.EndDate)
		if contract.StartDate <= o.day && (end == "" || end >= string(o.day)) {
			covering = append(covering, contract)
		}
	}
	return covering
}

// placing is the contract whose venues count: the latest of those that cover the day,
// else the last that began, else the first that will.
func (o *oracle) placing(person sandbox.Employee) (sandbox.Contract, bool) {
	order := func(a, b sandbox.Contract) int {
		return strings.Compare(string(a.StartDate)+" "+a.ID, string(b.StartDate)+" "+b.ID)
	}
	if covering := o.covering(person); len(covering) > 0 {
		return slices.MaxFunc(covering, order), true
	}
	var past []sandbox.Contract
	for _, contract := range person.Contracts {
		if contract.StartDate < o.day {
			past = append(past, contract)
		}
	}
	switch {
	case len(past) > 0:
		return slices.MaxFunc(past, order), true
	case len(person.Contracts) > 0:
		return slices.MinFunc(person.Contracts, order), true
	}
	return sandbox.Contract{}, false
}

func (o *oracle) placed(person sandbox.Employee) bool {
	contract, found := o.placing(person)
	return !found || slices.ContainsFunc(workplaces(contract), func(venue string) bool { return len(o.venues[venue]) > 0 })
}

func workplaces(contract sandbox.Contract) []string {
	return append([]string{contract.VenueID}, contract.AdditionalVenueIDs...)
}

func (o *oracle) judgeMember(person sandbox.Employee, member member) (broken []string) {
	if o.employed(person) && member.Columns["active"] != "true" {
		broken = append(broken, person.ID+" is employed and inactive in Eitje")
	}
	home, _ := person.Address.Get()
	for column, want := range map[string]struct {
		sent  bool
		value string
	}{
		"first_name":    {true, person.FirstName},
		"last_name":     {true, person.LastName},
		"phone":         {!person.Phone.IsZero(), text(person.Phone)},
		"date_of_birth": {true, text(person.DateOfBirth)},
		"city":          {!person.Address.IsZero(), home.City},
		"street":        {!person.Address.IsZero(), home.Street},
	} {
		if want.sent && member.Columns[column] != want.value {
			broken = append(broken, person.ID+": "+column+" is not what Connexie sends")
		}
	}
	has := slices.DeleteFunc(slices.Clone(member.Contracts), func(text string) bool { return o.kept(person, member, text) })
	if want := contractTexts(person); !slices.Equal(want, has) {
		broken = append(broken, fmt.Sprintf("%s: contracts are %q and not %q", person.ID, has, want))
	}
	contract, _ := o.placing(person)
	for _, venue := range workplaces(contract) {
		if to := o.venues[venue]; len(to) > 0 && !slices.ContainsFunc(to, func(id string) bool { return slices.Contains(member.Venues, id) }) {
			broken = append(broken, person.ID+" lacks the venue "+venue)
		}
	}
	return broken
}

// contractTexts are a person's contracts as the oracle reads them in Eitje.
func contractTexts(person sandbox.Employee) []string {
	texts := []string{}
	dash := func(value string) string {
		if value == "" {
			return "-"
		}
		return value
	}
	scale := func(value string) string {
		if strings.Contains(value, ".") {
			value = strings.TrimRight(strings.TrimRight(value, "0"), ".")
		}
		return dash(value)
	}
	for _, c := range person.Contracts {
		texts = append(texts, strings.Join([]string{
			c.ID, c.Type, string(c.StartDate), dash(text(c.EndDate)), scale(text(c.HoursPerWeek)),
			scale(text(c.HourlyWage)), dash(text(c.JobTitle)),
		}, " "))
	}
	slices.Sort(texts)
	return texts
}
