package store

import (
	"context"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

// The names in these rows are read at the moment, for the operator's own screen or file,
// and are kept with no export (N4).

// fullName is the name of a team member t as people write it; empty where there is none.
const fullName = `concat_ws(' ', t.first_name, t.infix, t.last_name)`

// ExportPersonRow is what an export has for one person under one code (X16).
type ExportPersonRow struct {
	TeamMemberID string
	ConnexieID   string
	Name         string
	Kind         domain.LineKind
	Type         string
	Code         string
	Lines        int
	Quantity     decimal.Decimal
}

// ExportPeople lists what an export sends, or would, per person and kind (X16).
func (s *Store) ExportPeople(ctx context.Context, exportID string) ([]ExportPersonRow, error) {
	const query = `
		select l.team_member_id, l.connexie_id, ` + fullName + ` as name,
		       l.kind, l.type, l.code, l.lines, trim_scale(l.quantity) as quantity
		  from (select team_member_id, connexie_id, kind, type, code, count(*)::int as lines, sum(quantity) as quantity
		          from connexie.export_lines
		         where export_id = @export_id
		         group by 1, 2, 3, 4, 5) l
		  left join eitje.team_members t on t.id = l.team_member_id
		 order by name, l.connexie_id, l.kind, l.type, l.code`
	return collect[ExportPersonRow](ctx, s.pool, "list the people of export "+exportID, query,
		args{"export_id": exportID})
}

// SkipRow is a part of an entry that an export leaves out, and by which rule (X16).
type SkipRow struct {
	EntryID      string
	Kind         domain.LineKind
	Type         string
	TeamMemberID string
	Name         string
	Day          domain.Date
	Rule         string
	Reason       domain.Reason
}

// ExportSkips lists what an export leaves out, by rule and reason, at most so many.
func (s *Store) ExportSkips(ctx context.Context, exportID string, limit int) ([]SkipRow, error) {
	const query = `
		select k.entry_id, k.kind, k.type, k.team_member_id,
		       ` + fullName + ` as name, k.day, k.rule, k.reason
		  from connexie.export_skips k
		  left join eitje.team_members t on t.id = k.team_member_id
		 where k.export_id = @export_id
		 order by k.rule, k.reason, name, k.team_member_id, k.day, k.entry_id, k.kind, k.type
		 limit @limit`
	return collect[SkipRow](ctx, s.pool, "list what export "+exportID+" leaves out", query,
		args{"export_id": exportID, "limit": limit})
}

// RejectedRow is a line that Connexie rejected, with the person and the entry that it
// came from (X17).
type RejectedRow struct {
	Line            int
	ConnexieVenueID string
	TeamMemberID    string
	ConnexieID      string
	Name            string
	EntryID         string
	Day             domain.Date
	Kind            domain.LineKind
	Type            string
	Code            string
	Quantity        decimal.Decimal
	// Problem is Connexie's word.
	Problem string
}

// RejectedLines lists the lines of an export that Connexie rejected.
func (s *Store) RejectedLines(ctx context.Context, exportID string) ([]RejectedRow, error) {
	const query = `
		select l.line, l.connexie_venue_id, l.team_member_id, l.connexie_id,
		       ` + fullName + ` as name, l.entry_id, l.day, l.kind,
		       l.type, l.code, trim_scale(l.quantity) as quantity, l.problem
		  from connexie.export_lines l
		  left join eitje.team_members t on t.id = l.team_member_id
		 where l.export_id = @export_id and l.problem is not null
		 order by l.line`
	return collect[RejectedRow](ctx, s.pool, "list the rejected lines of export "+exportID, query,
		args{"export_id": exportID})
}
