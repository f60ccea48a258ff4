package domain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

// days reads "1-30" as days of November 2026 and "31" as the first of December.
func days(text string) domain.Period {
	var from, to int
	if _, err := fmt.Sscanf(text, "%d-%d", &from, &to); err != nil {
		panic(err)
	}
	first := date("2026-11-01")
	return domain.Period{From: first.AddDays(from - 1), To: first.AddDays(to - 1)}
}

// imported reads "V1 1-30" as what Connexie holds of all kinds.
func imported(texts ...string) []domain.CurrentImport {
	var imports []domain.CurrentImport
	for _, text := range texts {
		venue, period, _ := strings.Cut(text, " ")
		imports = append(imports, domain.CurrentImport{ConnexieVenueID: venue, Period: days(period), Kinds: domain.ExportKinds()})
	}
	return imports
}

// payroll reads "V1 1-30" as days whose payroll has run.
func payroll(texts ...string) []domain.ClosedDays {
	var closed []domain.ClosedDays
	for _, text := range texts {
		venue, period, _ := strings.Cut(text, " ")
		closed = append(closed, domain.ClosedDays{ConnexieVenueID: venue, Period: days(period)})
	}
	return closed
}

func periods(texts ...string) []domain.Period {
	var list []domain.Period
	for _, text := range texts {
		list = append(list, days(text))
	}
	return list
}

func TestExport_X10_APeriodEqualsContainsOrIsDisjoint(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name    string
		request string
		current []domain.CurrentImport
		closed  []domain.ClosedDays
		ok      bool
		wouldDo []domain.Period
	}{
		{"X10_nothing_before", "1-30", nil, nil, true, nil},
		{"X10_equal", "1-30", imported("V1 1-30"), nil, true, nil},
		{"X10_contains", "1-30", imported("V1 5-10", "V2 11-20"), nil, true, nil},
		{"X10_disjoint", "11-20", imported("V1 1-10", "V1 21-30"), nil, true, nil},
		{"X10_within", "11-20", imported("V1 1-30"), nil, false, periods("1-30")},
		{"X10_cuts_its_end", "20-40", imported("V1 1-30"), nil, false, periods("1-30", "1-40")},
		{"X10_cuts_its_beginning", "1-10", imported("V1 10-30"), nil, false, periods("1-30", "10-30")},
		{"X10_cuts_one_day", "30-31", imported("V1 1-30"), nil, false, periods("1-30", "1-31")},
		{"X10_lacks_one_day", "1-29", imported("V1 1-30"), nil, false, periods("1-30")},
		{"X10_cuts_two", "5-25", imported("V1 1-10", "V1 21-30"), nil, false, periods("1-10", "1-30", "21-30")},
		{"X10_another_venue_counts_as_well", "5-25", imported("V1 5-25", "V2 20-30"), nil, false, periods("5-30")},
		{"X10_the_one_that_would_be_cut_next", "8-12", imported("V1 1-10", "V2 9-30"), nil, false, periods("1-30")},
		{"X10_62_days_in_all", "30-62", imported("V1 1-30"), nil, false, periods("1-30", "1-62")},
		{"X10_never_longer_than_62_days", "30-63", imported("V1 1-30"), nil, false, periods("1-30")},
		{"X10_none_would_do", "30-31", imported("V1 1-30", "V2 30-63"), nil, false, nil},
		{"X10_open_days_after_a_payroll", "16-30", imported("V1 1-30"), payroll("V1 1-15"), true, nil},
		{"X10_open_days_before_a_payroll", "1-15", imported("V1 1-30"), payroll("V1 16-30"), true, nil},
		{"X10_both_open_runs_around_a_payroll", "21-30", imported("V1 1-30"), payroll("V1 10-20"), true, nil},
		{"X10_an_open_run_is_not_cut_either", "22-30", imported("V1 1-30"), payroll("V1 10-20"), false, periods("21-30")},
		{"X10_not_over_closed_days_where_there_is_a_choice", "5-12", imported("V1 1-30"), payroll("V1 10-20"), false, periods("1-9")},
		{"X10_closed_at_one_venue_alone", "16-30", imported("V1 1-30", "V2 1-30"), payroll("V1 1-15"), false, periods("1-30")},
		{"X10_closed_days_cannot_be_cut", "16-20", imported("V1 1-30"), payroll("V1 1-30"), true, nil},
		{"X10_payroll_of_part_after_part", "21-30", imported("V1 1-30"), payroll("V1 1-10", "V1 8-20"), true, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			wouldDo, ok := domain.CheckPeriod(days(row.request), row.current, row.closed)
			require.Equal(t, row.ok, ok)
			require.Equal(t, row.wouldDo, wouldDo)
		})
	}
}

func drawPeriod(t *rapid.T, label string) domain.Period {
	from := rapid.IntRange(1, 60).Draw(t, label+" from")
	to := from + rapid.IntRange(0, 30).Draw(t, label+" days")
	return days(fmt.Sprintf("%d-%d", from, to))
}

func drawHeldAndClosed(t *rapid.T) ([]domain.CurrentImport, []domain.ClosedDays) {
	var (
		current []domain.CurrentImport
		closed  []domain.ClosedDays
	)
	venue := rapid.SampledFrom([]string{"V1", "V2"})
	for range rapid.IntRange(0, 4).Draw(t, "imports") {
		current = append(current, domain.CurrentImport{
			ConnexieVenueID: venue.Draw(t, "venue"), Period: drawPeriod(t, "import"),
			Kinds: drawSome(t, domain.ExportKinds(), "kinds"),
		})
	}
	for range rapid.IntRange(0, 2).Draw(t, "payrolls") {
		closed = append(closed, domain.ClosedDays{ConnexieVenueID: venue.Draw(t, "venue"), Period: drawPeriod(t, "payroll")})
	}
	return current, closed
}

// cuts asks day by day: is there a day of the import that the request has beside one
// that it lacks, with nothing but open days between them?
func cuts(request domain.Period, held domain.CurrentImport, closed []domain.ClosedDays) bool {
	var last *bool
	for day := held.From; !held.To.Before(day); day = day.AddDays(1) {
		one := domain.Period{From: day, To: day}
		if slices.ContainsFunc(closed, func(c domain.ClosedDays) bool {
			return c.ConnexieVenueID == held.ConnexieVenueID && c.Contains(one)
		}) {
			last = nil
			continue
		}
		inside := request.Contains(one)
		if last != nil && *last != inside {
			return true
		}
		last = &inside
	}
	return false
}

func TestExport_X10_RefusesWhatCutsAndOffersWhatDoesNot(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		current, closed := drawHeldAndClosed(t)
		request := drawPeriod(t, "request")
		wouldDo, ok := domain.CheckPeriod(request, current, closed)
		cut := slices.ContainsFunc(current, func(held domain.CurrentImport) bool { return cuts(request, held, closed) })
		require.Equal(t, !cut, ok)
		if ok {
			require.Empty(t, wouldDo)
		}
		for i, period := range wouldDo {
			_, passes := domain.CheckPeriod(period, current, closed)
			require.True(t, passes, "%s is offered and would be refused", period)
			require.LessOrEqual(t, period.Days(), domain.MaxPeriodDays)
			require.NotContains(t, wouldDo[:i], period, "offered twice")
		}
	})
}

func TestExport_X7_ALaterExportCoversTheKindsOfBefore(t *testing.T) {
	t.Parallel()
	const hours, meals, allowances = domain.ExportHours, domain.ExportMeals, domain.ExportAllowances
	before := []domain.CurrentImport{
		{ConnexieVenueID: "V1", Period: days("1-10"), Kinds: []domain.ExportKind{hours}},
		{ConnexieVenueID: "V2", Period: days("11-20"), Kinds: []domain.ExportKind{allowances, meals}},
	}
	type list = []domain.ExportKind
	rows := []struct {
		name    string
		request string
		kinds   list
		missing list
	}{
		{"X7_the_same", "1-10", list{hours}, nil},
		{"X7_more", "1-10", list{meals, hours}, nil},
		{"X7_fewer", "11-20", list{meals}, list{allowances}},
		{"X7_others", "11-20", list{hours}, list{meals, allowances}},
		{"X7_a_containing_period_covers_all", "1-30", list{hours}, list{meals, allowances}},
		{"X7_a_containing_period_with_all", "1-30", list{hours, meals, allowances}, nil},
		{"X7_other_days", "21-30", list{hours}, nil},
		{"X7_the_last_day_counts", "20-30", list{hours}, list{meals, allowances}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, row.missing, domain.CheckKinds(days(row.request), row.kinds, before))
		})
	}
}

func TestExport_X10_DaysOfAPeriod(t *testing.T) {
	t.Parallel()
	october := domain.Period{From: date("2026-10-01"), To: date("2026-10-31")}
	require.Equal(t, 31, october.Days(), "over the change of the clock")
	require.Equal(t, 1, days("1-1").Days())
	require.Zero(t, days("2-1").Days())
	require.Equal(t, domain.MaxPeriodDays, days("1-62").Days())
}
