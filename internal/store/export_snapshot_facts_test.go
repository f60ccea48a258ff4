package store_test

import (
	"time"

	"github.com/govalues/decimal"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

// rowsOf reads every row of a query into a struct by column name.
func rowsOf[T any](w *exportWorld, sql string, arguments ...any) []T {
	rows, err := w.db.Pool.Query(w.ctx, sql, arguments...)
	require.NoError(w, err, sql)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	require.NoError(w, err, sql)
	return found
}

// facts reads the tables row by row into what the reference plans from.
func (w *exportWorld) facts() domain.ExportFacts {
	inactive := w.inactiveVenues()
	facts := domain.ExportFacts{
		Period: w.period, Links: map[string]string{}, Contracts: w.contractsHeld(inactive),
		Venues: w.venueChoices(inactive), Codes: map[domain.CodeKey]string{}, Entries: w.entriesHeld(),
	}
	for _, kind := range rowsOf[struct{ Kind string }](w, `select unnest(kinds) as kind from connexie.exports where id = $1`, w.export) {
		facts.Kinds = append(facts.Kinds, domain.ExportKind(kind.Kind))
	}
	type link struct{ TeamMemberID, ConnexieID string }
	for _, l := range rowsOf[link](w, `select team_member_id::text, connexie_id from connexie.links where connection_id = $1`, w.connection) {
		facts.Links[l.TeamMemberID] = l.ConnexieID
	}
	type mapping struct{ Kind, Type, Code string }
	for _, m := range rowsOf[mapping](w, `select kind, type, code from connexie.code_mappings where connection_id = $1`, w.connection) {
		facts.Codes[domain.CodeKey{Kind: domain.LineKind(m.Kind), Type: m.Type}] = m.Code
	}
	return facts
}

func (w *exportWorld) inactiveVenues() map[string]bool {
	type venue struct {
		ConnexieVenueID           string
		Active, SetInactive, Gone bool
	}
	inactive := map[string]bool{}
	for _, v := range rowsOf[venue](w, `select connexie_venue_id, active, set_inactive, gone_at is not null as gone
			from connexie.venues where connection_id = $1`, w.connection) {
		inactive[v.ConnexieVenueID] = !v.Active || v.SetInactive || v.Gone
	}
	return inactive
}

func (w *exportWorld) venueChoices(inactive map[string]bool) map[string]domain.ExportVenueChoice {
	type mapping struct {
		VenueID         string
		ConnexieVenueID *string
	}
	choices := map[string]domain.ExportVenueChoice{}
	for _, m := range rowsOf[mapping](w, `select venue_id::text, connexie_venue_id from connexie.venue_mappings where connection_id = $1`, w.connection) {
		choice := domain.ExportVenueChoice{Decided: true}
		if m.ConnexieVenueID != nil {
			choice.ConnexieID, choice.Inactive = *m.ConnexieVenueID, inactive[*m.ConnexieVenueID]
		}
		choices[m.VenueID] = choice
	}
	return choices
}

func (w *exportWorld) contractsHeld(inactive map[string]bool) map[string][]domain.ExportContract {
	type contract struct {
		TeamMemberID, Type string
		ConnexieContractID *string
		StartDate, EndDate domain.Date
		OwnVenue           *string
		Gone               bool
	}
	held := map[string][]domain.ExportContract{}
	for _, c := range rowsOf[contract](w, `
		select c.team_member_id::text, c.type, c.connexie_contract_id, c.start_date, c.end_date,
		       (select p.venue_id from connexie.person_contracts p join connexie.links l using (connection_id, connexie_id)
		         where p.connection_id = $1 and l.team_member_id = c.team_member_id
		           and p.contract_id = c.connexie_contract_id) as own_venue,
		       exists (select from connexie.people k join connexie.links l using (connection_id, connexie_id)
		                where k.connection_id = $1 and l.team_member_id = c.team_member_id
		                  and not exists (select from connexie.person_contracts p
		                                   where p.connection_id = $1 and p.connexie_id = k.connexie_id
		                                     and p.contract_id = c.connexie_contract_id)) as gone
		  from eitje.contracts c join eitje.team_members t on t.id = c.team_member_id where t.organisation_id = $2`, w.connection, w.organisation) {
		contract := domain.ExportContract{Type: domain.ContractType(c.Type), Start: c.StartDate, End: c.EndDate, Gone: c.Gone}
		if c.ConnexieContractID != nil {
			contract.ConnexieID = *c.ConnexieContractID
		}
		contract.VenueInactive = c.OwnVenue != nil && inactive[*c.OwnVenue]
		held[c.TeamMemberID] = append(held[c.TeamMemberID], contract)
	}
	return held
}

func (w *exportWorld) entriesHeld() []domain.Entry {
	type extra struct{ EntryID, Kind, Type, Quantity string }
	extras := map[string][]domain.Extra{}
	for _, x := range rowsOf[extra](w, `select entry_id::text, x.kind, x.type, x.quantity::text
			from eitje.entry_extras x join eitje.entries e on e.id = x.entry_id where e.organisation_id = $1`, w.organisation) {
		extras[x.EntryID] = append(extras[x.EntryID],
			domain.Extra{Kind: domain.LineKind(x.Kind), Type: x.Type, Quantity: decimal.MustParse(x.Quantity)})
	}
	type entry struct {
		ID, TeamMemberID, VenueID string
		Day                       domain.Date
		StartsAt, EndsAt          *time.Time
		BreakMinutes              int
		Minutes                   *int
		Kind, State               string
	}
	var entries []domain.Entry
	for _, e := range rowsOf[entry](w, `
		select id::text, team_member_id::text, venue_id::text, day, starts_at, ends_at, break_minutes, minutes, kind, state
		  from eitje.entries where organisation_id = $1`, w.organisation) {
		held := domain.Entry{
			ID: e.ID, TeamMemberID: e.TeamMemberID, VenueID: e.VenueID, Day: e.Day, BreakMinutes: e.BreakMinutes,
			Minutes: e.Minutes, Kind: e.Kind, State: e.State, Extras: extras[e.ID],
		}
		if e.StartsAt != nil {
			held.StartsAt = *e.StartsAt
		}
		if e.EndsAt != nil {
			held.EndsAt = *e.EndsAt
		}
		entries = append(entries, held)
	}
	return entries
}

// frozenLines and frozenSkips are what the snapshot wrote, in the reference's order.
// Decimals are compared without trailing zeros.
func (w *exportWorld) frozenLines() []domain.ExportLine {
	type row struct {
		Line                                                           int
		ConnexieVenueID, ConnexieID, ContractID, TeamMemberID, EntryID string
		Day                                                            domain.Date
		Kind, Type, Code                                               string
		Minutes                                                        int
		Quantity                                                       string
	}
	lines := []domain.ExportLine{}
	for _, r := range rowsOf[row](w, `
		select line, connexie_venue_id, connexie_id, contract_id, team_member_id::text, entry_id::text, day, kind, type, code,
		       coalesce(minutes, 0) as minutes, quantity::text
		  from connexie.export_lines where export_id = $1 order by line`, w.export) {
		lines = append(lines, domain.ExportLine{
			Number: r.Line, ConnexieVenueID: r.ConnexieVenueID, ConnexieID: r.ConnexieID, ContractID: r.ContractID,
			TeamMemberID: r.TeamMemberID, EntryID: r.EntryID, Day: r.Day, Kind: domain.LineKind(r.Kind), Type: r.Type,
			Code: r.Code, Minutes: r.Minutes, Quantity: decimal.MustParse(r.Quantity),
		})
	}
	return lines
}

func (w *exportWorld) frozenSkips() []domain.ExportSkip {
	type row struct {
		EntryID, Kind, Type, TeamMemberID string
		Day                               domain.Date
		Rule, Reason                      string
	}
	skips := []domain.ExportSkip{}
	for _, r := range rowsOf[row](w, `
		select entry_id::text, kind, type, team_member_id::text, day, rule, reason
		  from connexie.export_skips where export_id = $1`, w.export) {
		skips = append(skips, domain.ExportSkip{
			EntryID: r.EntryID, Kind: domain.LineKind(r.Kind), Type: r.Type, TeamMemberID: r.TeamMemberID, Day: r.Day,
			Rule: r.Rule, Reason: r.Reason,
		})
	}
	return skips
}

// frozenVenue is a row of export_venues.
type frozenVenue struct {
	FirstLine, Lines int
	Totals           map[string]decimal.Decimal
}

func (w *exportWorld) frozenVenues() map[string]frozenVenue {
	type row struct {
		ConnexieVenueID  string
		FirstLine, Lines int
		Totals           map[string]decimal.Decimal
	}
	venues := map[string]frozenVenue{}
	for _, r := range rowsOf[row](w, `
		select connexie_venue_id, first_line, lines, totals from connexie.export_venues where export_id = $1`, w.export) {
		venues[r.ConnexieVenueID] = frozenVenue{FirstLine: r.FirstLine, Lines: r.Lines, Totals: withoutZeros(r.Totals)}
	}
	return venues
}

func withoutZeros(totals map[string]decimal.Decimal) map[string]decimal.Decimal {
	trimmed := map[string]decimal.Decimal{}
	for code, total := range totals {
		trimmed[code] = total.Trim(0)
	}
	return trimmed
}
