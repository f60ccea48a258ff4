package store

import (
	"context"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

// DifferenceRow is what Connexie holds of a person's day otherwise than an export has it.
// The name is read at this moment, for the operator's own screen or file (N4).
type DifferenceRow struct {
	// Change is ChangeAdded, ChangeChanged or ChangeRemoved.
	Change          string
	ConnexieVenueID string
	TeamMemberID    string
	ConnexieID      string
	Name            string
	Day             domain.Date
	Kind            domain.LineKind
	Type            string
	Code            string
	// Was is what Connexie holds and Is what the export has; zero where nothing.
	Was decimal.Decimal
	Is  decimal.Decimal
}

// What exporting does, or would do, to what Connexie holds.
const (
	ChangeAdded   = "added"
	ChangeChanged = "changed"
	ChangeRemoved = "removed"
)

// Differences lists what an export adds, changes and removes against what was last
// committed on its days (X16), by venue, person and day.
func (s *Store) Differences(ctx context.Context, exportID string) ([]DifferenceRow, error) {
	return s.differences(ctx, exportID, false)
}

// Corrections is the correction sheet of an export: the same for the venues that refused
// it because payroll has run, where somebody must mend by hand what differs (X9).
func (s *Store) Corrections(ctx context.Context, exportID string) ([]DifferenceRow, error) {
	return s.differences(ctx, exportID, true)
}

// differences compares the lines of the current imports, on the days that each still
// holds, with the lines of the export.
func (s *Store) differences(ctx context.Context, exportID string, refusedOnly bool) ([]DifferenceRow, error) {
	const query = differing + `
		select change, connexie_venue_id, team_member_id, connexie_id,
		       ` + fullName + ` as name, day, kind, type, code,
		       coalesce(trim_scale(was), 0) as was, coalesce(trim_scale(is_now), 0) as is
		  from differing
		  left join eitje.team_members t on t.id = team_member_id
		 where not @refused_only or refused
		 order by connexie_venue_id collate "C", name, team_member_id, day, kind, type, code`
	return collect[DifferenceRow](ctx, s.pool, "compare export "+exportID+" with what Connexie holds", query,
		args{"export_id": exportID, "refused_only": refusedOnly})
}

// DifferenceCounts counts what an export adds, changes and removes, and the rows of its
// correction sheet.
type DifferenceCounts struct {
	Added       int
	Changed     int
	Removed     int
	Corrections int
}

// CountDifferences counts the rows of Differences and Corrections.
func (s *Store) CountDifferences(ctx context.Context, exportID string) (DifferenceCounts, error) {
	const query = differing + `
		select count(*) filter (where change = 'added') as added,
		       count(*) filter (where change = 'changed') as changed,
		       count(*) filter (where change = 'removed') as removed,
		       count(*) filter (where refused) as corrections
		  from differing`
	return collectOne[DifferenceCounts](ctx, s.pool, "count how export "+exportID+" differs", query, args{"export_id": exportID})
}

// differing is what Connexie holds otherwise than the export has it, by person and day.
// The venues are those of the export: one that was refused before anything was collected
// has none, and changes nothing.
const differing = `
		with this as (
		    select * from connexie.exports where id = @export_id),
		refused as (
		    select connexie_venue_id from connexie.export_venues where export_id = @export_id and state = 'refused'),
		was as (
		    select l.connexie_venue_id, l.connexie_id, l.team_member_id, l.day, l.kind, l.type, l.code,
		           sum(l.quantity) as quantity
		      from this x
		      join connexie.current_imports c
		        on c.connection_id = x.connection_id and c.days && daterange(x.from_day, x.to_day, '[]')
		      join connexie.export_venues v
		        on v.export_id = x.id and v.connexie_venue_id = c.connexie_venue_id
		      join connexie.export_lines l
		        on l.export_id = c.export_id and l.connexie_venue_id = c.connexie_venue_id
		       and l.day <@ c.days and l.day between x.from_day and x.to_day
		     group by 1, 2, 3, 4, 5, 6, 7),
		now as (
		    select connexie_venue_id, connexie_id, team_member_id, day, kind, type, code, sum(quantity) as quantity
		      from connexie.export_lines
		     where export_id = @export_id
		     group by 1, 2, 3, 4, 5, 6, 7),
		differing as (
		    select case when was.quantity is null then 'added' when now.quantity is null then 'removed' else 'changed' end
		           as change,
		           connexie_venue_id, team_member_id, connexie_id, day, kind, type, code,
		           was.quantity as was, now.quantity as is_now,
		           connexie_venue_id in (select connexie_venue_id from refused) as refused
		      from was
		      full join now using (connexie_venue_id, connexie_id, team_member_id, day, kind, type, code)
		     where was.quantity is distinct from now.quantity)`
