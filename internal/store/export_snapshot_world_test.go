package store_test

import (
	"context"
	"math"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// exportWorld is a small organisation with time registrations around a period, and an
// export of it that is open.
type exportWorld struct {
	*world
	period domain.Period
	export string
	// stranger is the connection of another organisation.
	stranger string
	members  []string
	entries  []string
}

// Types of meals and allowances: blanks around them do not count, capitals do.
var extraTypes = []string{"lunch", " lunch", "Lunch  ", "été", "km", "\tkm"}

func drawExportWorld(t *rapid.T, ctx context.Context, db *testkit.DB) *exportWorld {
	w := &exportWorld{world: &world{T: t, ctx: ctx, db: db, number: worlds.Add(1)}}
	w.drawPeriod()
	w.organisation, w.connection = w.drawOrganisation()
	_, w.stranger = w.drawOrganisation()
	w.drawVenues()
	w.drawVenueStates()
	w.drawCodes()
	w.drawPeople()
	linkable := rapid.Permutation(peopleIDs).Draw(t, "linkable")
	for range rapid.IntRange(2, 4).Draw(t, "members") {
		w.drawMember(&linkable)
	}
	for range rapid.IntRange(6, 14).Draw(t, "entries") {
		w.drawEntry()
	}
	w.drawEarlierImports()
	w.openExport()
	return w
}

// drawPeriod draws a few days, often with a change of the clock among them.
func (w *exportWorld) drawPeriod() {
	middle := pick(w.world, "around", domain.NewDate(2026, 3, 29), domain.NewDate(2026, 10, 25), domain.NewDate(2026, 11, 10))
	w.period = domain.Period{
		From: middle.AddDays(-rapid.IntRange(0, 3).Draw(w.T, "days before")),
		To:   middle.AddDays(rapid.IntRange(0, 3).Draw(w.T, "days after")),
	}
	w.day = middle
}

func (w *exportWorld) drawOrganisation() (organisation, connection string) {
	organisation = w.newID()
	w.exec(`insert into eitje.organisations (id, name) values ($1, 'world')`, organisation)
	added, err := w.db.Store.AddConnection(w.ctx, organisation, now)
	require.NoError(w, err)
	return organisation, added.ID
}

// drawVenueStates draws what happened to a venue after it was decided about. Worlds
// where every venue is inactive would have nothing to compare.
func (w *exportWorld) drawVenueStates() {
	for _, id := range connexieIDs {
		w.exec(mostly(w, id+" is used",
			`update connexie.venues set active = true where connection_id = $1 and connexie_venue_id = $2`,
			`update connexie.venues set active = false where connection_id = $1 and connexie_venue_id = $2`,
			`update connexie.venues set active = true, set_inactive = true where connection_id = $1 and connexie_venue_id = $2`,
			`update connexie.venues set active = true, gone_at = 'epoch' where connection_id = $1 and connexie_venue_id = $2`), w.connection, id)
	}
}

// drawCodes chooses codes for some types; several types may share one.
func (w *exportWorld) drawCodes() {
	for code, kind := range map[string]domain.LineKind{
		"1000": domain.LineHours, "2000": domain.LineMeal, "2001": domain.LineMeal, "3000": domain.LineAllowance,
	} {
		w.exec(`insert into connexie.wage_codes (connection_id, code, description, kind, unit) values ($1, $2, '', $3, 'pieces')`,
			w.connection, code, kind)
	}
	if !w.seldom("no hour code") {
		w.chooseCode(domain.LineHours, "", "1000")
	}
	for _, meal := range w.some([]string{"lunch", "Lunch", "été", "km"}, "meals with a code") {
		w.chooseCode(domain.LineMeal, meal, pick(w.world, "code", "2000", "2001"))
	}
	for _, allowance := range w.some([]string{"lunch", "Lunch", "été", "km"}, "allowances with a code") {
		w.chooseCode(domain.LineAllowance, allowance, "3000")
	}
}

func (w *exportWorld) chooseCode(kind domain.LineKind, extraType, code string) {
	w.exec(`insert into connexie.code_mappings (connection_id, kind, type, code, decided_at, decided_by)
		values ($1, $2, $3, $4, $5, 'cli')`, w.connection, kind, extraType, code, now)
}

// drawPeople fills the mirror; of a contract there it is the venue alone that counts.
func (w *exportWorld) drawPeople() {
	for _, id := range peopleIDs {
		w.exec(`insert into connexie.people (connection_id, connexie_id, email_state, employment_ended, modified_at, fingerprint)
			values ($1, $2, 'blank', false, $3, '')`, w.connection, id, now)
		for _, contract := range w.some(contractIDs, "mirrored") {
			w.exec(`insert into connexie.person_contracts (connection_id, connexie_id, contract_id, type, start_date, venue_id)
				values ($1, $2, $3, $4, $5, $6)`, w.connection, id, contract, pick(w.world, "mirrored type", types...),
				w.period.From, pick(w.world, "contract's venue", "V1", "V1", "V2", "V3", unknownVenue))
		}
	}
}

// drawMember adds a team member who is linked, linked to a person of another
// connection, or not linked, with contracts in Eitje.
func (w *exportWorld) drawMember(linkable *[]string) {
	id := w.newID()
	w.members = append(w.members, id)
	w.exec(`insert into eitje.team_members (id, organisation_id) values ($1, $2)`, id, w.organisation)
	connection := mostly(w, "linked under", w.connection, w.stranger, "")
	if connection != "" {
		w.exec(`insert into connexie.links (connection_id, team_member_id, connexie_id, linked_at) values ($1, $2, $3, $4)`,
			connection, id, (*linkable)[0], now)
		*linkable = (*linkable)[1:]
	}
	if mostly(w, "has always worked here", true, false) {
		w.holdContract(id, "C0", w.period.From.AddDays(-400), domain.Date{})
	}
	for _, contract := range w.some([]string{"", "gone", "c-2", "C1", "c1", "c_3"}, "holds") {
		length := w.period.Days()
		start := w.period.From.AddDays(pick(w.world, "starts", -400, -2, -1, 0, 0, 1, length/2, length-1, length, length+1))
		end := start.AddDays(pick(w.world, "lasts", 1000, 400, 399, 2, 1, 0))
		if w.seldom("open end") {
			end = domain.Date{}
		}
		w.holdContract(id, contract, start, end)
	}
}

func (w *exportWorld) holdContract(member, contract string, start, end domain.Date) {
	w.exec(`
		insert into eitje.contracts (id, team_member_id, connexie_contract_id, type, start_date, end_date)
		values ($1, $2, nullif($3, ''), $4, $5, $6)`, w.newID(), member, contract, mostly(w, "type", domain.Flex,
		domain.FixedHours, domain.SelfEmployed, domain.Payroll), start, end)
}

// mostly draws what is usual four times in five, so that worlds have lines to compare.
func mostly[T any](w *exportWorld, label string, usual T, others ...T) T {
	if pick(w.world, label+" is usual", true, true, true, true, false) {
		return usual
	}
	return pick(w.world, label, others...)
}

func (w *exportWorld) drawBool(label string) bool { return rapid.Bool().Draw(w.T, label) }

// drawEntry adds a time registration in or next to the period.
func (w *exportWorld) drawEntry() {
	id := w.newID()
	w.entries = append(w.entries, id)
	day := mostly(w, "in the period", w.period.From.AddDays(rapid.IntRange(0, w.period.Days()-1).Draw(w.T, "day")),
		w.period.From.AddDays(-1), w.period.To.AddDays(1))
	startsAt := w.drawStart(day)
	w.exec(`
		insert into eitje.entries (id, organisation_id, team_member_id, venue_id, day, starts_at, ends_at, break_minutes,
		       minutes, kind, state)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		id, w.organisation, pick(w.world, "of", w.members...), pick(w.world, "at", w.venues...), day, startsAt,
		w.drawEnd(day, startsAt), pick(w.world, "break", 0, 15, 480, mostly(w, "break of a mistake", 480, math.MaxInt32)), w.drawMinutes(),
		mostly(w, "kind", domain.EntryWorked, domain.EntryLeave, domain.EntrySick),
		mostly(w, "state", domain.EntryApproved, domain.EntryOpen, domain.EntryDeleted))
	for range pick(w.world, "extras", 0, 0, 1, 2, 3) {
		w.exec(`
			insert into eitje.entry_extras (entry_id, kind, type, quantity) values ($1, $2, $3, $4::text::numeric)
			on conflict do nothing`, id, pick(w.world, "kind of extra", domain.LineMeal, domain.LineAllowance),
			pick(w.world, "type of extra", extraTypes...), pick(w.world, "quantity", "1", "1", "2", "1.0000", "1.5", "0.2501"))
	}
}

// drawStart draws an instant near the borders of the day, as Amsterdam and as UTC count
// them, or none.
func (w *exportWorld) drawStart(day domain.Date) *time.Time {
	start := mostly(w, "starts on its day",
		pick(w.world, "starts at", day.At(0, 0), day.At(9, 0), time.Time{}, day.At(22, 0), day.At(1, 30), day.At(23, 59)),
		day.At(24, 0), day.AddDays(-1).At(23, 59))
	if start.IsZero() {
		return nil
	}
	return &start
}

func (w *exportWorld) drawEnd(day domain.Date, start *time.Time) *time.Time {
	if w.seldom("no end") {
		return nil
	}
	end := day.AddDays(1).At(6, 0)
	if start != nil && !w.seldom("ends at six") {
		end = start.Add(pick(w.world, "lasts", 8*time.Hour, 20*time.Minute, 8*time.Hour+59*time.Second,
			10*time.Hour, time.Minute, 59*time.Second, 0, -time.Second, -time.Hour, 31*24*time.Hour, 31*24*time.Hour+time.Minute))
		end = end.AddDate(mostly(w, "ends in this age", 0, 300, -5000, 5000, 290000), 0, 0)
	}
	return &end
}

func (w *exportWorld) drawMinutes() *int {
	if w.drawBool("minutes not approved") {
		return nil
	}
	minutes := mostly(w, "minutes", pick(w.world, "some minutes", 20, 40, 1, 47, 480, domain.MaxEntryMinutes),
		0, domain.MaxEntryMinutes+1, math.MaxInt32)
	return &minutes
}

// drawEarlierImports draws what Connexie holds: on days that meet the period or not, at
// venues that may be known no longer, and of another connection.
func (w *exportWorld) drawEarlierImports() {
	length := w.period.Days()
	for _, connection := range []string{w.connection, w.stranger} {
		export := w.newID()
		w.exec(`insert into connexie.exports (id, connection_id, workflow_id, from_day, to_day, kinds, mode, requested_by, stage, outcome, started_at, closed_at)
			values ($1, $2, '', $3, $3, '{hours}', 'apply', 'cli', 'closed', 'ok', $4, $4)`, export, connection, w.day, now)
		for _, venue := range w.some([]string{"V1", "V2", "V3", unknownVenue}, "holds an import") {
			from := w.period.From.AddDays(pick(w.world, "import from", -5, -1, 0, 1, length-1, length))
			to := from.AddDays(pick(w.world, "import lasts", 0, 1, 4, 10))
			w.exec(`insert into connexie.current_imports (connection_id, connexie_venue_id, days, export_id, connexie_import_id, kinds, lines, committed_at)
				values ($1, $2, daterange($3, $4, '[]'), $5, 'imp', '{hours}', 1, $6)`, connection, venue, from, to, export, now)
		}
	}
}

func (w *exportWorld) openExport() {
	w.export = w.newID()
	kinds := pick(w.world, "kinds", domain.ExportKinds(), domain.ExportKinds(), domain.ExportKinds(),
		[]domain.ExportKind{domain.ExportHours}, []domain.ExportKind{domain.ExportMeals}, []domain.ExportKind{domain.ExportAllowances},
		[]domain.ExportKind{domain.ExportMeals, domain.ExportHours}, []domain.ExportKind{domain.ExportMeals, domain.ExportAllowances})
	w.exec(`insert into connexie.exports (id, connection_id, workflow_id, from_day, to_day, kinds, mode, requested_by, stage, started_at)
		values ($1, $2, '', $3, $4, $5, 'apply', 'cli', 'collecting', $6)`,
		w.export, w.connection, w.period.From, w.period.To, kinds, now)
}
