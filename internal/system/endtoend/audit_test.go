package endtoend

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

// An organisation's state in Eitje, and the difference of two such states as the
// audit must tell it (S10). It is worked out from the tables alone.

// object names a row of Eitje.
type object struct {
	Kind domain.Object
	ID   string
}

// state is everything that Eitje holds of an organisation's people, column by
// column, as text.
type state map[object]map[string]string

// line is one line of the audit.
type line struct {
	Object domain.Object
	ID     string
	Field  string
	Before string
	After  string
}

func (o *organisation) state(t *testing.T) state {
	t.Helper()
	const query = `
		select 'team_member', m.id::text, (to_jsonb(m) - '{id,organisation_id,email_key,name_key,phone_key,row_version}'::text[])::text
		  from eitje.team_members m where m.organisation_id = $1
		union all
		select 'contract', c.id::text, (to_jsonb(c) - '{id,team_member_id,row_version}'::text[])::text
		  from eitje.contracts c join eitje.team_members m on m.id = c.team_member_id where m.organisation_id = $1
		union all
		select 'venue', m.id::text, coalesce(jsonb_object_agg(v.venue_id, v.venue_id) filter (where v.venue_id is not null), '{}')::text
		  from eitje.team_members m left join eitje.team_member_venues v on v.team_member_id = m.id
		 where m.organisation_id = $1 group by m.id`
	type row struct{ Kind, ID, Columns string }
	found := state{}
	for _, r := range list(t, o.system, pgx.RowToStructByPos[row], query, o.Organisation.ID) {
		columns := map[string]any{}
		decoder := json.NewDecoder(strings.NewReader(r.Columns))
		decoder.UseNumber()
		require.NoError(t, decoder.Decode(&columns))
		texts := map[string]string{}
		for name, column := range columns {
			texts[name] = canonical(column)
		}
		found[object{domain.Object(r.Kind), r.ID}] = texts
	}
	return found
}

// canonical writes a column as the audit does: decimals with two digits at least,
// instants in UTC, nothing for null.
func canonical(column any) string {
	switch column := column.(type) {
	case nil:
		return ""
	case bool:
		if column {
			return "true"
		}
		return "false"
	case json.Number:
		whole, fraction, _ := strings.Cut(column.String(), ".")
		fraction = strings.TrimRight(fraction, "0")
		return whole + "." + fraction + strings.Repeat("0", max(0, 2-len(fraction)))
	case string:
		if at, err := time.Parse(time.RFC3339, column); err == nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
		return column
	}
	return ""
}

// differences is the audit that leads from one state to the other.
func (o *organisation) differences(t *testing.T, before, after state) []line {
	t.Helper()
	people := map[string]string{}
	for person, member := range o.links(t) {
		people[member] = person
	}
	var lines []line
	for object, columns := range after {
		known, existed := before[object]
		switch {
		case object.Kind == domain.ObjectVenue:
			lines = append(lines, addedVenues(object.ID, known, columns)...)
		case existed:
			lines = append(lines, changedColumns(object, known, columns)...)
		case object.Kind == domain.ObjectTeamMember:
			lines = append(lines, line{object.Kind, object.ID, domain.FieldCreated, "", people[object.ID]})
		default:
			lines = append(lines, line{object.Kind, object.ID, domain.FieldCreated, "", columns["connexie_contract_id"]})
		}
	}
	for object := range before {
		require.Contains(t, after, object, "a sync of this story removes nothing")
	}
	return lines
}

func changedColumns(object object, before, after map[string]string) []line {
	var lines []line
	for name, is := range after {
		if was := before[name]; was != is {
			lines = append(lines, line{object.Kind, object.ID, name, was, is})
		}
	}
	return lines
}

func addedVenues(member string, before, after map[string]string) []line {
	var lines []line
	for venue := range after {
		if _, had := before[venue]; !had {
			lines = append(lines, line{domain.ObjectVenue, member, "venue_id", "", venue})
		}
	}
	return lines
}

// audit is what the run wrote down.
func (o *organisation) audit(t *testing.T, runID string) []line {
	t.Helper()
	const query = `
		select object, object_id, field, coalesce(before, ''), coalesce(after, '')
		  from connexie.changes where run_id = $1`
	return list(t, o.system, pgx.RowToStructByPos[line], query, runID)
}
