package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

const (
	movedEntry           = "entry"
	movedContract        = "contract"
	movedContractAside   = "contract_aside"
	movedContractChanged = "contract_changed"
	movedVenue           = "venue"
	movedTeamMember      = "team_member"
)

func (m *profileMove) entriesOf(ctx context.Context, tx pgx.Tx, teamMember string) ([]string, error) {
	const query = `select id::text from eitje.entries where team_member_id = @id order by id`
	ids, err := column[string](ctx, tx, "list entries", query, args{"id": teamMember})
	return append([]string{}, ids...), err
}

// moveEntries moves entries with all that hangs on them. What Connexie holds of them is
// settled first, because the version that each has afterwards is known: the trigger
// raises it by one.
func (m *profileMove) moveEntries(ctx context.Context, tx pgx.Tx, ids []string) error {
	const query = `
		with moved as (
			update eitje.entries set team_member_id = @to
			 where id = any(@ids::uuid[]) and team_member_id = @from
			returning id, row_version)
		select id::text as object_id, row_version as version from moved order by id`
	const extras = `select count(*) from eitje.entry_extras where entry_id = any(@ids::uuid[])`
	if m.linked() == m.to {
		if err := inOrder(ctx, tx, m.keepMarkers(ids), m.moveMarkersOfGone, m.moveLines); err != nil {
			return err
		}
	}
	type row struct {
		ObjectID string
		Version  int64
	}
	rows, err := collect[row](ctx, tx, "move entries", query, args{"ids": ids, "from": m.from, "to": m.to})
	if err != nil {
		return err
	}
	for _, r := range rows {
		m.moved = append(m.moved, movedRow{Object: movedEntry, ObjectID: r.ObjectID, Version: &r.Version})
	}
	m.counts[countEntries] = len(rows)
	if len(rows) > 0 {
		m.changes = append(m.changes, domain.Change{
			Object: domain.ObjectEntries, ObjectID: m.to, Field: "team_member_id", Before: m.from, After: m.to,
		})
	}
	m.counts[countExtras], err = value[int](ctx, tx, "count extras", extras, args{"ids": ids})
	return err
}

// heldAsPerson tells of a marker m whether Connexie holds it as the person of the repair:
// under another one, it is not what it was once the entry is this person's.
const heldAsPerson = `
	exists (select from connexie.export_lines l
	         where l.team_member_id = @from and l.connexie_id = @connexie_id
	           and l.export_id = m.export_id and l.entry_id = m.entry_id)`

// keepMarkers lets the markers of entries that are as they were exported say so for the
// profile that the entries move to. Those of entries that changed since stay so (X12).
func (m *profileMove) keepMarkers(ids []string) repairStep {
	const query = `
		with judged as (
			select m.entry_id, m.connexie_venue_id, m.day, e.row_version, eitje.is_as_exported(e, m) as stays,
			       eitje.content_hash(@to, e.venue_id, e.day,
			           case when 'hours' = any (m.covers)
			                then eitje.net_minutes(e.starts_at, e.ends_at, e.break_minutes, e.minutes) end,
			           eitje.extras_content(e.id, m.covers)) as content_hash
			  from eitje.entries e
			  join connexie.exported_entries m on m.entry_id = e.id
			 where e.id = any(@ids::uuid[]) and m.connection_id = @connection_id and ` + heldAsPerson + `),
		kept as (
			update connexie.exported_entries x
			   set team_member_id = @to,
			       entry_version = case when j.stays then j.row_version + 1 else x.entry_version end,
			       content_hash = case when j.stays then j.content_hash else x.content_hash end
			  from judged j
			 where (x.entry_id, x.connexie_venue_id, x.day) = (j.entry_id, j.connexie_venue_id, j.day))
		select count(*) filter (where stays) as stays, count(*) filter (where not stays) as changed from judged`
	return func(ctx context.Context, tx pgx.Tx) error {
		type row struct{ Stays, Changed int }
		counted, err := collectOne[row](ctx, tx, "keep markers", query, args{
			"ids": ids, "from": m.from, "to": m.to, "connection_id": m.made.ConnectionID, "connexie_id": m.made.ConnexieID,
		})
		m.counts[countExported], m.counts[countChanged] = counted.Stays, counted.Changed
		return err
	}
}

// moveMarkersOfGone lets the marker of an entry whose row is gone tell of the profile
// that the person has now.
func (m *profileMove) moveMarkersOfGone(ctx context.Context, tx pgx.Tx) error {
	const query = `
		update connexie.exported_entries m set team_member_id = @to
		 where m.entry_id in (select entry_id from connexie.export_lines
		                       where team_member_id = @from and connexie_id = @connexie_id)
		   and m.connection_id = @connection_id and m.team_member_id = @from
		   and not exists (select from eitje.entries e where e.id = m.entry_id)`
	_, err := execute(ctx, tx, "move markers of entries that are gone", query, m.person())
	return err
}

// moveLines lets the lines of a person name the profile that the person has now: what
// Connexie holds is compared by it (X16), and so is the contract that exported lines name
// (X2). The lines of an open export also say how the entry is after the move, so that it
// marks what it sent (X11); those of an entry that was edited meanwhile do not.
func (m *profileMove) moveLines(ctx context.Context, tx pgx.Tx) error {
	const query = `
		with unmarked as (
			select l.export_id, l.line, e.row_version,
			       eitje.content_hash(@to, e.venue_id, e.day,
			           case when 'hours' = any (c.covers)
			                then eitje.net_minutes(e.starts_at, e.ends_at, e.break_minutes, e.minutes) end,
			           eitje.extras_content(e.id, c.covers)) as content_hash
			  from connexie.export_lines l
			  join connexie.exports x on x.id = l.export_id and x.closed_at is null
			  join eitje.entries e on e.id = l.entry_id
			 cross join lateral (
			       select case when exists (select from connexie.export_lines h
			                                 where h.team_member_id = @from and h.export_id = l.export_id
			                                   and h.entry_id = l.entry_id and h.kind = 'hours')
			                   then x.kinds else array_remove(x.kinds, 'hours') end as covers) c
			 where l.team_member_id = @from and l.connexie_id = @connexie_id and x.connection_id = @connection_id
			   and e.state = 'approved' and e.kind = 'worked'
			   and (e.row_version = l.entry_version
			        or l.content_hash = eitje.content_hash(@from, e.venue_id, e.day,
			               case when 'hours' = any (c.covers)
			                    then eitje.net_minutes(e.starts_at, e.ends_at, e.break_minutes, e.minutes) end,
			               eitje.extras_content(e.id, c.covers))))
		update connexie.export_lines l
		   set team_member_id = @to,
		       entry_version = coalesce(u.row_version + 1, l.entry_version),
		       content_hash = coalesce(u.content_hash, l.content_hash)
		  from connexie.export_lines was
		  left join unmarked u on u.export_id = was.export_id and u.line = was.line
		 where l.export_id = was.export_id and l.line = was.line
		   and was.team_member_id = @from and was.connexie_id = @connexie_id
		   and was.export_id in (select id from connexie.exports where connection_id = @connection_id)`
	moved, err := execute(ctx, tx, "move lines", query, m.person())
	m.counts[countLines] = moved
	return err
}

func (m *profileMove) person() args {
	return args{
		"from": m.from, "to": m.to, "connection_id": m.made.ConnectionID, "connexie_id": m.made.ConnexieID,
	}
}

// returnEntries moves back the entries that were moved and are still there, and counts
// what has become of the others.
func (m *profileMove) returnEntries(ctx context.Context, tx pgx.Tx) error {
	const query = `
		with moved as (select object_id as id, version from connexie.repair_moves where repair_id = @id and object = 'entry')
		select coalesce(array_agg(e.id::text order by e.id) filter (where e.id is not null), '{}') as ids,
		       count(*) filter (where e.row_version <> moved.version) as edited,
		       count(*) filter (where e.id is null) as gone,
		       (select count(*)
		          from eitje.entries n
		         where n.team_member_id = @keep and n.id not in (select id from moved)
		           and n.id <> all (select unnest(kept_entries) from connexie.repairs where id = @id)) as added
		  from moved
		  left join eitje.entries e on e.id = moved.id and e.team_member_id = @keep`
	type row struct {
		IDs    []string `db:"ids"`
		Edited int
		Gone   int
		Added  int
	}
	found, err := collectOne[row](ctx, tx, "find what was moved", query, args{"id": m.made.ID, "keep": m.made.KeepID})
	if err != nil {
		return err
	}
	m.counts[countEdited], m.counts[countGone], m.counts[countAdded] = found.Edited, found.Gone, found.Added
	return m.moveEntries(ctx, tx, found.IDs)
}
