package plain

import (
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

var contractColumns = []string{
	"connexie_id", "contract_id", "type", "start_date", "end_date", "hours_per_week", "hourly_wage", "job_title",
	"venue_id", "additional_venue_ids",
}

// contractRows are the contracts of those on the page who changed.
func contractRows(page []Person, changed []string) pgx.CopyFromSource {
	slices.Sort(changed)
	var rows [][]any
	for _, person := range page {
		if _, found := slices.BinarySearch(changed, person.ID); !found {
			continue
		}
		for _, c := range person.Contracts {
			more := c.MoreVenues
			if more == nil {
				more = []string{}
			}
			rows = append(rows, []any{
				person.ID, c.ID, c.Type, date(&c.Start), date(c.End), number(c.HoursPerWeek), number(c.HourlyWage), c.JobTitle,
				c.VenueID, more,
			})
		}
	}
	return pgx.CopyFromRows(rows)
}

// date and number are what the binary protocol of COPY wants. What Connexie sends is
// taken as it is: an unreadable value stops the program.
func date(text *string) (day pgtype.Date) {
	if text != nil {
		at, err := time.Parse(time.DateOnly, *text)
		day.Time, day.Valid = at, err == nil
	}
	return day
}

func number(text *string) (value pgtype.Numeric) {
	if text != nil {
		_ = value.Scan(*text) // stays null
	}
	return value
}
