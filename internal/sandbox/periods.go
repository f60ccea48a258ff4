package sandbox

import (
	"cmp"
	"slices"
)

// periodsTouching returns the venue's periods that share a day with from..to,
// ordered by start.
func (a *account) periodsTouching(venue string, from, to Date) []PayrollPeriod {
	touching := []PayrollPeriod{}
	for _, r := range a.periods.records {
		period := decodePeriod(r.raw)
		if period.VenueID == venue && period.StartDate <= to && period.EndDate >= from {
			touching = append(touching, period)
		}
	}
	slices.SortFunc(touching, func(x, y PayrollPeriod) int {
		return cmp.Or(cmp.Compare(x.StartDate, y.StartDate), cmp.Compare(x.ID, y.ID))
	})
	return touching
}

func (a *account) may(permission Permission) bool {
	return slices.Contains(a.permissions, permission)
}
