package testkit

import (
	"cmp"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// Now is the instant of tests that do not care: a Sunday afternoon in Amsterdam.
var Now = time.Date(2026, time.November, 22, 15, 4, 5, 0, time.UTC)

// ID is a fresh UUIDv7.
func ID(t testing.TB) string {
	t.Helper()
	id, err := uuid.NewV7()
	require.NoError(t, err)
	return id.String()
}

// Organisation adds an organisation to Eitje.
func (db *DB) Organisation(t testing.TB) string {
	t.Helper()
	id := ID(t)
	db.Exec(t, `insert into eitje.organisations (id, name) values ($1, $2)`, id, "Organisation "+id)
	return id
}

// Venue adds a venue to an organisation.
func (db *DB) Venue(t testing.TB, organisationID, name string) string {
	t.Helper()
	id := ID(t)
	db.Exec(t, `insert into eitje.venues (id, organisation_id, name) values ($1, $2, $3)`, id, organisationID, name)
	return id
}

// TeamMember is a profile to build; what is left empty is unknown in Eitje.
type TeamMember struct {
	OrganisationID string
	Email          string
	FirstName      string
	LastName       string
	DateOfBirth    domain.Date
	Phone          string
	// Inactive profiles were deactivated an hour before Now, by DeactivatedBy.
	Inactive      bool
	DeactivatedBy string
	Archived      bool
}

// TeamMember adds a profile.
func (db *DB) TeamMember(t testing.TB, member TeamMember) string {
	t.Helper()
	id := ID(t)
	var deactivatedAt, archivedAt *time.Time
	earlier := Now.Add(-time.Hour)
	if member.Inactive {
		deactivatedAt = &earlier
	}
	if member.Archived {
		archivedAt = &earlier
	}
	db.Exec(t, `
		insert into eitje.team_members (id, organisation_id, email, first_name, last_name, date_of_birth, phone,
		       active, deactivated_at, deactivated_by, archived_at)
		values ($1, $2, nullif($3, ''), nullif($4, ''), nullif($5, ''), $6, nullif($7, ''), $8, $9, nullif($10, ''), $11)`,
		id, member.OrganisationID, member.Email, member.FirstName, member.LastName, member.DateOfBirth,
		member.Phone, !member.Inactive, deactivatedAt, member.DeactivatedBy, archivedAt)
	return id
}

// Contract is a contract in Eitje to build: flex from the first day of 2026 on where
// nothing else is said.
type Contract struct {
	TeamMemberID string
	ConnexieID   string
	Type         domain.ContractType
	Start        domain.Date
	End          domain.Date
	VenueID      string
}

// Contract adds a contract.
func (db *DB) Contract(t testing.TB, contract Contract) string {
	t.Helper()
	id := ID(t)
	if contract.Type == "" {
		contract.Type = domain.Flex
	}
	if contract.Start.IsZero() {
		contract.Start = domain.NewDate(2026, time.January, 1)
	}
	db.Exec(t, `
		insert into eitje.contracts (id, team_member_id, connexie_contract_id, type, start_date, end_date, venue_id)
		values ($1, $2, nullif($3, ''), $4, $5, $6, nullif($7, '')::uuid)`,
		id, contract.TeamMemberID, contract.ConnexieID, contract.Type, contract.Start, contract.End, contract.VenueID)
	return id
}

// Entry is a time registration to build: approved, worked, 480 minutes from nine to
// five on the day where nothing else is said.
type Entry struct {
	OrganisationID string
	TeamMemberID   string
	VenueID        string
	Day            domain.Date
	// StartsAt and EndsAt are nine and five where zero; NoStart and NoEnd leave them
	// unknown.
	StartsAt, EndsAt time.Time
	NoStart, NoEnd   bool
	BreakMinutes     int
	// Minutes is what was approved, 480 where zero; NoMinutes leaves it unknown.
	Minutes   int
	NoMinutes bool
	Kind      string
	State     string
	Extras    []Extra
}

// Extra is a meal or an allowance on an entry: a meal called lunch, once, where
// nothing else is said.
type Extra struct {
	Kind     domain.LineKind
	Type     string
	Quantity string
}

// Entry adds a time registration.
func (db *DB) Entry(t testing.TB, entry Entry) string {
	t.Helper()
	id := ID(t)
	entry = entry.complete()
	var startsAt, endsAt *time.Time
	var minutes *int
	if !entry.NoStart {
		startsAt = &entry.StartsAt
	}
	if !entry.NoEnd {
		endsAt = &entry.EndsAt
	}
	if !entry.NoMinutes {
		minutes = &entry.Minutes
	}
	db.Exec(t, `
		insert into eitje.entries (id, organisation_id, team_member_id, venue_id, day, starts_at, ends_at,
		       break_minutes, minutes, kind, state)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		id, entry.OrganisationID, entry.TeamMemberID, entry.VenueID, entry.Day, startsAt, endsAt,
		entry.BreakMinutes, minutes, entry.Kind, entry.State)
	for _, extra := range entry.Extras {
		db.Exec(t, `
			insert into eitje.entry_extras (entry_id, kind, type, quantity)
			values ($1, $2, $3, $4::text::numeric)`,
			id, cmp.Or(extra.Kind, domain.LineMeal), cmp.Or(extra.Type, "lunch"), cmp.Or(extra.Quantity, "1"))
	}
	return id
}

func (e Entry) complete() Entry {
	if e.Day.IsZero() {
		e.Day = domain.DayOf(Now)
	}
	if e.StartsAt.IsZero() {
		e.StartsAt = e.Day.At(9, 0)
	}
	if e.EndsAt.IsZero() {
		e.EndsAt = e.Day.At(17, 0)
	}
	e.Minutes = cmp.Or(e.Minutes, 480)
	e.Kind = cmp.Or(e.Kind, "worked")
	e.State = cmp.Or(e.State, "approved")
	return e
}

// Code has Connexie activate a code for a kind of line and chooses it for a type of
// the organisation's own; hours have the empty type (C6, C7).
func (db *DB) Code(t testing.TB, connectionID string, kind domain.LineKind, ownType, code string) {
	t.Helper()
	units := map[domain.LineKind]string{domain.LineHours: "hours", domain.LineMeal: "pieces", domain.LineAllowance: "eur"}
	db.Exec(t, `
		insert into connexie.wage_codes (connection_id, code, description, kind, unit)
		values ($1, $2, $2, $3, $4)
		on conflict (connection_id, code) do update set gone_at = null`, connectionID, code, kind, units[kind])
	mapping := store.CodeMapping{Kind: string(kind), Type: ownType, Code: code}
	require.NoError(t, db.Store.SetCodeMapping(t.Context(), connectionID, mapping, "cli", Now))
}

// Connection makes an active connection of an organisation, with a token that no key
// opens and an account of its own.
func (db *DB) Connection(t testing.TB, organisationID string) store.Connection {
	t.Helper()
	connection, err := db.Store.AddConnection(t.Context(), organisationID, Now)
	require.NoError(t, err)
	token := store.SealedToken{KeyID: "test", Ciphertext: []byte("sealed for " + connection.ID)}
	require.NoError(t, db.Store.SetToken(t.Context(), connection.ID, token, "cli", Now))
	connection, err = db.Store.Activate(t.Context(), connection.ID,
		store.Activation{AccountID: Account(connection.ID), Checked: token, By: "test"}, Now)
	require.NoError(t, err)
	return connection
}

// Account is the Connexie account that Connection activates a connection with.
func Account(connectionID string) string { return fmt.Sprintf("acc_%s", connectionID) }

// ConnexieVenues makes the venues of a connection exactly those named, as id and
// name in turn, all active.
func (db *DB) ConnexieVenues(t testing.TB, connectionID string, idsAndNames ...string) {
	t.Helper()
	require.Zero(t, len(idsAndNames)%2, "give an id and a name in turn")
	var venues []domain.Venue
	for i := 0; i < len(idsAndNames); i += 2 {
		venues = append(venues, domain.Venue{ID: idsAndNames[i], Name: idsAndNames[i+1], Active: true})
	}
	_, err := db.Store.SaveVenues(t.Context(), store.CompleteList{ConnectionID: connectionID}, venues, Now)
	require.NoError(t, err)
}

// Link links a team member to a person.
func (db *DB) Link(t testing.TB, connectionID, teamMemberID, connexieID string) {
	t.Helper()
	db.Exec(t, `
		insert into connexie.links (connection_id, team_member_id, connexie_id, linked_at)
		values ($1, $2, $3, $4)`, connectionID, teamMemberID, connexieID, Now)
}

// Export opens an export: of hours from the first to the last of November 2026, to be
// applied, where nothing else is said.
func (db *DB) Export(t testing.TB, opening store.ExportOpening) store.Export {
	t.Helper()
	if opening.ID == "" {
		opening.ID = ID(t)
	}
	if opening.Period == (domain.Period{}) {
		opening.Period = domain.Period{
			From: domain.NewDate(2026, time.November, 1), To: domain.NewDate(2026, time.November, 30),
		}
	}
	if len(opening.Kinds) == 0 {
		opening.Kinds = []domain.ExportKind{domain.ExportHours}
	}
	opening.Mode = cmp.Or(opening.Mode, store.ModeApply)
	opening.WorkflowID = cmp.Or(opening.WorkflowID, "export/"+opening.ConnectionID)
	opening.RequestedBy = cmp.Or(opening.RequestedBy, "cli")
	export, err := db.Store.OpenExport(t.Context(), opening, Now)
	require.NoError(t, err)
	return export
}
