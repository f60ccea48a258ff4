package store

import (
	"context"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

// ReceiptRow is what was sent of one code for one Connexie venue, and what Connexie read
// back (X18). A venue without any line has one row without a code.
type ReceiptRow struct {
	ConnexieVenueID string
	VenueName       string
	State           domain.VenueState
	// ImportID is empty where nothing was opened.
	ImportID string
	Code     string
	// Lines is nil where the lines have been deleted since: they are kept as long as
	// something rests on them, the receipt for ever.
	Lines *int
	Sent  decimal.Decimal
	// Read is nil where Connexie read nothing back under the code, or not yet.
	Read *decimal.Decimal
}

// Receipt is the receipt of an export, by venue and code (X18).
func (s *Store) Receipt(ctx context.Context, exportID string) ([]ReceiptRow, error) {
	const query = `
		select v.connexie_venue_id, coalesce(names.name, '') as venue_name, v.state,
		       coalesce(v.connexie_import_id, '') as import_id, coalesce(codes.code, '') as code,
		       case when v.lines = 0 then 0 when sums.lines is not null then coalesce(by_code.lines, 0) end as lines,
		       coalesce((v.totals ->> codes.code)::numeric, 0) as sent, (v.read_totals ->> codes.code)::numeric as read
		  from connexie.export_venues v
		  join connexie.exports x on x.id = v.export_id
		  left join connexie.venues names
		         on names.connection_id = x.connection_id and names.connexie_venue_id = v.connexie_venue_id
		  left join lateral (select jsonb_object_keys(v.totals || coalesce(v.read_totals, '{}')) as code) codes on true
		  left join (select connexie_venue_id, code, count(*)::int as lines
		               from connexie.export_lines where export_id = @export_id group by 1, 2) by_code
		         on by_code.connexie_venue_id = v.connexie_venue_id and by_code.code = codes.code
		  left join (select connexie_venue_id, count(*) as lines
		               from connexie.export_lines where export_id = @export_id group by 1) sums
		         on sums.connexie_venue_id = v.connexie_venue_id
		 where v.export_id = @export_id
		 order by v.connexie_venue_id collate "C", codes.code collate "C"`
	return collect[ReceiptRow](ctx, s.pool, "read the receipt of export "+exportID, query, args{"export_id": exportID})
}
