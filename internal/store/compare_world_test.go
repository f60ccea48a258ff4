package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// world is a small organisation in PostgreSQL that a property test draws: few
// people, few profiles and few values, so that everything coincides often.
type world struct {
	*rapid.T
	ctx          context.Context
	db           *testkit.DB
	connection   string
	organisation string
	day          domain.Date
	// venues are those of Eitje and profiles the team members, both by drawing.
	venues   []string
	profiles []string
	// saved counts the records that Connexie sent, so that each is newer than the
	// one before.
	saved int
	// number is the world's own, and ids counts the ids that it made.
	number int64
	ids    int
}

var worlds atomic.Int64

// newID makes ids whose order is the same whenever the same world is drawn, since
// ties are broken by it.
func (w *world) newID() string {
	w.ids++
	return fmt.Sprintf("%08d-0000-4000-8000-%012d", w.number, w.ids)
}

// The ids of Connexie. Those of people and contracts sort otherwise under a
// language's rules than by their bytes, as the domain sorts.
var (
	peopleIDs    = []string{"p-2", "P1", "p1", "p_3", "p10"}
	contractIDs  = []string{"c-2", "C1", "c1", "c_3"}
	connexieIDs  = []string{"V1", "V2", "V3"}
	unknownVenue = "V9"
)

// addresses are valid ones that meet after trimming and folding, blank ones and
// invalid ones.
var addresses = []string{
	"a@example.nl", "a@example.nl", " A@Example.NL\t", "b@example.nl", "b@example.nl", "É@example.nl", "é@example.nl",
	"", " \u00a0", "no-at", "a@localhost",
}

var (
	words = []string{"", "one", "two"}
	born  = []string{"", "1990-02-28", "1991-03-01"}
	// phones are too short to tell anybody, or meet.
	phones  = []string{"", "06", "0612345678", "+31 6 1234 5678", "0031611111111", "06-11111111"}
	amounts = []string{"", "7.5", "7.50", "7.5000", "7.5001", "0"}
	types   = []domain.ContractType{domain.Flex, domain.FixedHours, domain.SelfEmployed, domain.Payroll}
	// offsets are the days around the run at which something begins or ends.
	offsets = []int{-40, -1, 0, 1, 30}
)

func drawWorld(t *rapid.T, ctx context.Context, db *testkit.DB) *world {
	w := &world{T: t, ctx: ctx, db: db, day: today, number: worlds.Add(1)}
	w.organisation = w.newID()
	w.exec(`insert into eitje.organisations (id, name) values ($1, 'world')`, w.organisation)
	connection, err := db.Store.AddConnection(ctx, w.organisation, now)
	require.NoError(t, err)
	w.connection = connection.ID
	w.exec(`update connexie.connections set likely_duplicates_wait = $2 where id = $1`, w.connection, rapid.Bool().Draw(t, "look-alikes wait"))
	w.drawVenues()
	for _, id := range w.some(peopleIDs, "people") {
		w.savePerson(id)
	}
	linkable := w.some(peopleIDs, "linkable")
	for range rapid.IntRange(0, 4).Draw(t, "profiles") {
		w.drawProfile(&linkable)
	}
	w.drawStranger()
	for _, id := range w.people() {
		w.drawMemory(id)
		if w.seldom(id + " is on hold") {
			w.aHoldIsSet(id)
		}
		if rapid.Bool().Draw(t, id+" is decided about") {
			w.aDecisionIsTaken(id)
		}
	}
	return w
}

func (w *world) exec(sql string, arguments ...any) {
	_, err := w.db.Pool.Exec(w.ctx, sql, arguments...)
	require.NoError(w, err, sql)
}

// people are those who are known of Connexie, missing ones included.
func (w *world) people() []string {
	rows, err := w.db.Pool.Query(w.ctx,
		`select coalesce(array_agg(connexie_id::text order by connexie_id collate "C"), '{}') from connexie.people where connection_id = $1`, w.connection)
	require.NoError(w, err)
	defer rows.Close()
	var ids []string
	require.True(w, rows.Next())
	require.NoError(w, rows.Scan(&ids))
	return ids
}

func (w *world) drawVenues() {
	var venues []domain.Venue
	for _, id := range connexieIDs {
		venues = append(venues, domain.Venue{ID: id, Name: id, Active: !w.seldom(id + " is inactive in Connexie")})
	}
	_, err := w.db.Store.SaveVenues(w.ctx, store.CompleteList{ConnectionID: w.connection}, venues, now)
	require.NoError(w, err)
	for _, name := range []string{"E1", "E2", "E3"} {
		id := w.newID()
		w.venues = append(w.venues, id)
		w.exec(`insert into eitje.venues (id, organisation_id, name) values ($1, $2, $3)`, id, w.organisation, name)
		w.mapVenue(id)
	}
}

// mapVenue decides anew about an Eitje venue, or leaves it undecided; several may
// share one of Connexie (C4).
func (w *world) mapVenue(id string) {
	w.exec(`delete from connexie.venue_mappings where venue_id = $1`, id)
	kept := pick(w, "kept with", "V1", "V1", "V2", "V3", "not used", "undecided")
	if kept == "undecided" {
		return
	}
	w.exec(`
		insert into connexie.venue_mappings (connection_id, venue_id, connexie_venue_id, decided_at, decided_by)
		values ($1, $2, nullif($3, 'not used'), $4, 'cli')`, w.connection, id, kept, now)
	w.exec(`update connexie.venues set set_inactive = false where connection_id = $1 and connexie_venue_id = $2`, w.connection, kept)
}

// savePerson lets Connexie send a record, now and then one that cannot be read.
func (w *world) savePerson(id string) {
	w.saved++
	page := store.MirrorPage{ConnectionID: w.connection}
	if w.seldom(id + " is unreadable") {
		page.Bad = []store.BadRecord{{ID: id, Reason: "contracts[0].start_date: not a calendar date"}}
	} else {
		page.People = []domain.Person{w.drawPerson(id)}
	}
	_, err := w.db.Store.SavePage(w.ctx, page)
	require.NoError(w, err)
}

func (w *world) drawPerson(id string) domain.Person {
	return domain.Person{
		ID: id, Email: pick(w, "email", addresses...), FirstName: w.word(), LastName: w.word(),
		Infix: fieldOf(w, w.word), Phone: fieldOf(w, w.phone), Street: fieldOf(w, w.word), HouseNumber: fieldOf(w, w.word),
		PostalCode: fieldOf(w, w.word), City: fieldOf(w, w.word), Country: fieldOf(w, w.word),
		DateOfBirth: fieldOf(w, w.birthDay),
		Employment: domain.Employment{
			Ended: w.seldom("employment ended"), Start: w.day.AddDays(-100),
			End: pick(w, "employment ends", domain.Date{}, domain.Date{}, w.day.AddDays(-1), w.day, w.day.AddDays(1)),
		},
		Contracts:  w.drawContracts(),
		ModifiedAt: now.Add(time.Duration(w.saved) * time.Second),
	}
}

func (w *world) drawContracts() []domain.Contract {
	var contracts []domain.Contract
	for _, id := range w.some(contractIDs, "contracts") {
		start, end := w.drawSpan()
		contracts = append(contracts, domain.Contract{
			ID: id, Type: pick(w, "type", types...), Start: start, End: end, HoursPerWeek: w.amount(), HourlyWage: w.amount(),
			JobTitle: w.word(), VenueID: pick(w, "venue", "V1", "V1", "V2", "V3", unknownVenue),
			AdditionalVenueIDs: w.some([]string{"V1", "V2", "V3", unknownVenue}, "additional venues"),
		})
	}
	return contracts
}

func (w *world) drawSpan() (start, end domain.Date) {
	from, until := pick(w, "starts", offsets...), pick(w, "ends", append([]int{1000}, offsets...)...)
	if until == 1000 {
		return w.day.AddDays(from), domain.Date{}
	}
	return w.day.AddDays(min(from, until)), w.day.AddDays(max(from, until))
}

// drawProfile adds a team member, linked to the first of the linkable people or to
// nobody.
func (w *world) drawProfile(linkable *[]string) {
	id := w.newID()
	w.profiles = append(w.profiles, id)
	w.exec(`
		insert into eitje.team_members (id, organisation_id, email, first_name, infix, last_name, date_of_birth, phone,
		       street, house_number, postal_code, city, country, active, deactivated_by, archived_at)
		values ($1, $2, $3, nullif($4, ''), $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		id, w.organisation, pick(w, "log-in", addresses...), w.word(), w.word(), w.word(), w.birthDay(), w.phone(),
		w.word(), w.word(), w.word(), w.word(), w.word(), !w.seldom("inactive"), "manager-7", w.archival())
	if len(*linkable) > 0 && rapid.Bool().Draw(w.T, "linked") {
		w.exec(`insert into connexie.links (connection_id, team_member_id, connexie_id, linked_at) values ($1, $2, $3, $4)`,
			w.connection, id, (*linkable)[0], now)
		*linkable = (*linkable)[1:]
	}
	for _, venue := range w.some(w.venues, "works at") {
		w.exec(`insert into eitje.team_member_venues (team_member_id, venue_id) values ($1, $2)`, id, venue)
	}
	for _, connexieID := range w.some(append([]string{"", "gone"}, contractIDs...), "holds") {
		w.holdContract(id, connexieID)
	}
	for range rapid.IntRange(0, 2).Draw(w.T, "exported lines") {
		w.exportLine(id)
	}
}

// exportLine adds a line of an export, which Connexie may or may not hold, under a
// contract that the team member may or may not have.
func (w *world) exportLine(teamMember string) {
	export, day := w.newID(), w.day.AddDays(pick(w, "exported", offsets...))
	w.exec(`
		insert into connexie.exports (id, connection_id, workflow_id, from_day, to_day, kinds, mode, requested_by, stage,
		       outcome, started_at, closed_at)
		values ($1, $2, 'export', $3, $3, '{hours}', 'apply', 'cli', 'closed', 'ok', $4, $4)`, export, w.connection, day, now)
	w.exec(`insert into connexie.export_venues (export_id, connexie_venue_id, first_line, lines, state) values ($1, 'V1', 1, 1, $2)`,
		export, pick(w, "venue's state", "committed", "exported", "exported", "refused"))
	w.exec(`
		insert into connexie.export_lines (export_id, line, connexie_venue_id, connexie_id, team_member_id, entry_id, day, kind,
		       code, minutes, quantity, entry_version, content_hash, contract_id)
		values ($1, 1, 'V1', 'p1', $2, $3, $4, 'hours', '1000', 60, 1, 1, '', $5)`,
		export, teamMember, w.newID(), day, pick(w, "exported under", append([]string{"gone"}, contractIDs...)...))
}

// archival is when a profile was archived by a repair, or nothing.
func (w *world) archival() *time.Time {
	return pick(w, "archived", nil, nil, &now)
}

// holdContract adds a contract in Eitje, entered by hand where it has no Connexie
// ID.
func (w *world) holdContract(teamMember, connexieID string) {
	start, end := w.drawSpan()
	w.exec(`
		insert into eitje.contracts (id, team_member_id, connexie_contract_id, type, start_date, end_date, hours_per_week,
		       hourly_wage, job_title, venue_id)
		values ($1, $2, nullif($3, ''), $4, $5, $6, nullif($7, '')::numeric, nullif($8, '')::numeric, $9, $10)`,
		w.newID(), teamMember, connexieID, pick(w, "held type", types...), start, end,
		pick(w, "held hours", amounts...), pick(w, "held wage", amounts...), w.word(), w.venue())
}

// drawStranger adds another organisation's profile with an address, name and phone of
// this one's people: it must never count (S4, S22).
func (w *world) drawStranger() {
	id, organisation := w.newID(), w.newID()
	w.exec(`insert into eitje.organisations (id, name) values ($1, 'stranger')`, organisation)
	w.exec(`
		insert into eitje.team_members (id, organisation_id, email, first_name, last_name, date_of_birth, phone)
		values ($1, $2, 'a@example.nl', 'one', 'two', '1990-02-28', '0612345678')`, id, organisation)
}

// drawMemory draws what earlier runs left behind about a person: it may be out of
// date in every way.
func (w *world) drawMemory(id string) {
	if w.seldom(id + " is missing") {
		w.exec(`update connexie.people set missing_since = $3 where connection_id = $1 and connexie_id = $2`, w.connection, id, now)
	}
	standing := pick(w, "standing",
		domain.Standing{},
		domain.Standing{Situation: domain.Linked, Rule: "S5"},
		domain.Standing{Situation: domain.Skipped, Reason: domain.ReasonEmailBlank, Rule: "S3"},
		domain.Standing{Situation: domain.Skipped, Reason: domain.ReasonVenueUndecided, Rule: "C2"},
		domain.Standing{Situation: domain.Disputed, Reason: domain.ReasonSharedEmail, Rule: "S6"},
		domain.Standing{Situation: domain.Skipped, Reason: domain.ReasonDecidedSkip, Rule: "S6"},
		domain.Standing{Situation: domain.OnHold, Rule: "S21"},
		domain.Standing{Situation: domain.Disputed, Reason: domain.ReasonLikelyDuplicate, Rule: "S22"},
		domain.Standing{Situation: domain.BadRecord, Reason: domain.ReasonRefused, Rule: "S15"})
	if standing.Situation != "" {
		w.exec(`
			insert into connexie.person_standings (connection_id, connexie_id, situation, reason, rule, since)
			values ($1, $2, $3, $4, $5, $6)`, w.connection, id, standing.Situation, standing.Reason, standing.Rule, now)
		w.rememberCandidates(id)
	}
	for _, cause := range someOf(w, append(domain.StandingCauses(), domain.CauseReactivated, domain.CauseLikelyDuplicate), "open notifications") {
		w.openNotice(id, cause)
	}
	if w.seldom(id + " is leaving") {
		w.anEndingComesOrGoes(id)
	}
}

func (w *world) rememberCandidates(id string) {
	w.exec(`delete from connexie.dispute_candidates where connection_id = $1 and connexie_id = $2`, w.connection, id)
	for _, profile := range w.some(w.profiles, "known candidates") {
		w.exec(`
			insert into connexie.dispute_candidates (connection_id, connexie_id, team_member_id)
			select connection_id, connexie_id, $3 from connexie.person_standings where connection_id = $1 and connexie_id = $2`,
			w.connection, id, profile)
	}
}

func (w *world) openNotice(id string, cause domain.Cause) {
	notice := domain.Notice{Cause: cause, Subject: id, Severity: domain.SeverityWarning, NextStep: "Look."}
	_, err := w.db.Store.OpenNotices(w.ctx, w.connection, []domain.Notice{notice}, now)
	require.NoError(w, err)
}
