package world

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Rows are the organisation's profiles with their links, contracts and venues, one
// line each. Ids of rows that a synchronisation made are left out, and so are row
// versions; links selects connexie_id and team_member_id.
func (d *Database) Rows(ctx context.Context, links string) ([]string, error) {
	query := `
		select coalesce(l.connexie_id, '') || ' ' || coalesce(s.id::text, 'created') || ' ' ||
		       (to_jsonb(t) - '{id,organisation_id,row_version}'::text[])::text || ' ' ||
		       coalesce(c.contracts, '') || ' ' || coalesce(v.venues, '')
		  from eitje.team_members t
		  left join bench.seeded s using (id)
		  left join (` + links + `) l on l.team_member_id = t.id
		  left join (select c.team_member_id,
		                    string_agg((to_jsonb(c) - '{id,team_member_id,row_version}'::text[])::text, ' '
		                               order by c.connexie_contract_id, c.start_date) as contracts
		               from eitje.contracts c group by c.team_member_id) c on c.team_member_id = t.id
		  left join (select v.team_member_id, string_agg(v.venue_id::text, ' ' order by v.venue_id) as venues
		               from eitje.team_member_venues v group by v.team_member_id) v on v.team_member_id = t.id
		 where t.organisation_id = $1
		 order by 1`
	found, err := d.Pool.Query(ctx, query, d.world.Big.ID)
	if err != nil {
		return nil, fmt.Errorf("read what is in Eitje: %w", err)
	}
	return pgx.CollectRows(found, pgx.RowTo[string])
}

// Compare fails where two sets of rows differ, and shows the first that does; the
// people are invented.
func Compare(wanted, got []string) error {
	for i := range max(len(wanted), len(got)) {
		switch {
		case i >= len(wanted):
			return fmt.Errorf("%d rows instead of %d; the first too many is\n%s", len(got), len(wanted), got[i])
		case i >= len(got):
			return fmt.Errorf("%d rows instead of %d; the first that is missing is\n%s", len(got), len(wanted), wanted[i])
		case wanted[i] != got[i]:
			return fmt.Errorf("row %d differs:\n%s\ninstead of\n%s", i+1, got[i], wanted[i])
		}
	}
	return nil
}

// CountLinked counts who is linked.
func (d *Database) CountLinked(ctx context.Context, links string) (linked int, err error) {
	err = d.Pool.QueryRow(ctx, `
		select count(*) from (`+links+`) l
		  join eitje.team_members t on t.id = l.team_member_id
		 where t.organisation_id = $1`, d.world.Big.ID).Scan(&linked)
	return linked, err
}
