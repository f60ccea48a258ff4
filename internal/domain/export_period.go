package domain

import "slices"

// CurrentImport is what Connexie holds of an earlier export: one committed import of
// one Connexie venue, for whole days.
type CurrentImport struct {
	ConnexieVenueID string
	Period

	Kinds []ExportKind
}

// ClosedDays are days of a Connexie venue whose payroll is running or has run (X9).
type ClosedDays struct {
	ConnexieVenueID string
	Period
}

// CheckPeriod reports whether an export of the requested days would cut nothing (X10):
// it contains whole, or is disjoint from, every open run of days of what Connexie
// holds, at whatever venue. Where it would cut something, the first result lists the
// periods that would do instead, in their order: one for each run that is cut, and
// one for the request; none longer than 62 days, and none over closed days where
// there is another choice. It may be empty.
func CheckPeriod(request Period, current []CurrentImport, closed []ClosedDays) ([]Period, bool) {
	runs := openRuns(current, closed)
	cut := cutRuns(request, runs)
	if len(cut) == 0 {
		return nil, true
	}
	var wouldDo []Period
	for _, start := range append(cut, request) {
		period := withoutCutting(start, runs)
		if period.Days() <= MaxPeriodDays && !slices.Contains(wouldDo, period) {
			wouldDo = append(wouldDo, period)
		}
	}
	slices.SortFunc(wouldDo, comparePeriods)
	isOpen := slices.DeleteFunc(slices.Clone(wouldDo), func(p Period) bool {
		return slices.ContainsFunc(closed, func(c ClosedDays) bool { return c.Overlaps(p) })
	})
	if len(isOpen) > 0 {
		return isOpen, false
	}
	return wouldDo, false
}

// openRuns are the runs of days of the imports at whose venue payroll has not begun.
func openRuns(current []CurrentImport, closed []ClosedDays) []Period {
	var runs []Period
	for _, held := range current {
		left := []Period{held.Period}
		for _, c := range closed {
			if c.ConnexieVenueID == held.ConnexieVenueID {
				left = without(left, c.Period)
			}
		}
		runs = append(runs, left...)
	}
	return runs
}

// without takes the days of gone out of the periods, which may split one in two.
func without(periods []Period, gone Period) []Period {
	var left []Period
	for _, p := range periods {
		if !p.Overlaps(gone) {
			left = append(left, p)
			continue
		}
		if p.From.Before(gone.From) {
			left = append(left, Period{From: p.From, To: gone.From.AddDays(-1)})
		}
		if gone.To.Before(p.To) {
			left = append(left, Period{From: gone.To.AddDays(1), To: p.To})
		}
	}
	return left
}

func cutRuns(period Period, runs []Period) []Period {
	var cut []Period
	for _, run := range runs {
		if run.Overlaps(period) && !period.Contains(run) {
			cut = append(cut, run)
		}
	}
	return cut
}

// withoutCutting is the smallest period that contains the given one and cuts no run.
func withoutCutting(period Period, runs []Period) Period {
	for {
		cut := cutRuns(period, runs)
		if len(cut) == 0 {
			return period
		}
		for _, run := range cut {
			period = hull(period, run)
		}
	}
}

// hull is the smallest period that contains both.
func hull(a, b Period) Period {
	if b.From.Before(a.From) {
		a.From = b.From
	}
	if a.To.Before(b.To) {
		a.To = b.To
	}
	return a
}

func comparePeriods(a, b Period) int {
	if order := compareDates(a.From, b.From); order != 0 {
		return order
	}
	return compareDates(a.To, b.To)
}

// CheckKinds lists the kinds that a repeated export must have and the request has
// not: those of everything that Connexie holds on these days (X7).
func CheckKinds(request Period, kinds []ExportKind, current []CurrentImport) []ExportKind {
	var missing []ExportKind
	for _, kind := range ExportKinds() {
		before := slices.ContainsFunc(current, func(held CurrentImport) bool {
			return held.Overlaps(request) && slices.Contains(held.Kinds, kind)
		})
		if before && !slices.Contains(kinds, kind) {
			missing = append(missing, kind)
		}
	}
	return missing
}
