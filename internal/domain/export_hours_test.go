package domain_test

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestExport_X5_MinutesOfAnEntry(t *testing.T) {
	t.Parallel()
	at := func(day string, hour, minute int) time.Time { return date(day).At(hour, minute) }
	rows := []struct {
		name  string
		entry domain.Entry
		want  int
		known bool
	}{
		{"X5_summer_time_ends", shift("e", between(at("2026-10-24", 22, 0), at("2026-10-25", 6, 0))), 9 * 60, true},
		{"X5_summer_time_begins", shift("e", between(at("2026-03-28", 22, 0), at("2026-03-29", 6, 0))), 7 * 60, true},
		{"X5_an_ordinary_night", shift("e", between(at(theDay, 22, 0), at("2026-11-11", 6, 0))), 8 * 60, true},
		{"X5_less_the_break", shift("e", func(e *domain.Entry) { e.BreakMinutes = 30 }), 450, true},
		{"X5_what_was_approved_wins_and_is_net", shift("e", approved(7), func(e *domain.Entry) { e.BreakMinutes = 30 }), 7, true},
		{"X5_approved_without_instants", shift("e", approved(7), between(time.Time{}, time.Time{})), 7, true},
		{"X5_approved_zero_wins", shift("e", approved(0)), 0, true},
		{"X5_no_end", shift("e", between(at(theDay, 9, 0), time.Time{})), 0, false},
		{"X5_no_start", shift("e", between(time.Time{}, at(theDay, 9, 0))), 0, false},
		{"X5_whole_minutes", shift("e", between(at(theDay, 9, 0), at(theDay, 9, 1).Add(59*time.Second))), 1, true},
		{"X5_whole_minutes_below_zero", shift("e", between(at(theDay, 9, 0), at(theDay, 9, 0).Add(-time.Second))), -1, true},
		{"X5_a_fraction_of_a_second_short", shift("e", between(at(theDay, 9, 0).Add(time.Microsecond), at(theDay, 9, 1))), 0, true},
		{"X5_more_than_an_integer_of_minutes", shift("e", between(at("0001-01-01", 9, 0), at("9999-12-31", 9, 0))), math.MaxInt32, true},
		{"X5_less_than_an_integer_of_minutes", shift("e", between(at("9999-12-31", 9, 0), at("0001-01-01", 9, 0))), math.MinInt32, true},
		{"X5_an_endless_break", shift("e", between(at(theDay, 9, 0), at(theDay, 8, 0)),
			func(e *domain.Entry) { e.BreakMinutes = math.MaxInt32 }), math.MinInt32, true},
		{"X5_a_break_longer_than_the_shift", shift("e", func(e *domain.Entry) { e.BreakMinutes = 500 }), -20, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			minutes, known := row.entry.NetMinutes()
			require.Equal(t, row.known, known)
			require.Equal(t, row.want, minutes)
		})
	}
}

func TestExport_X5_BothClockChangesGoOutAsWorked(t *testing.T) {
	t.Parallel()
	night := func(id, from, to string) domain.Entry {
		return shift(id, on(from), between(date(from).At(22, 0), date(to).At(6, 0)))
	}
	facts := exporting([]domain.Entry{night("e1", "2026-10-24", "2026-10-25")})
	facts.Period = domain.Period{From: date("2026-10-01"), To: date("2026-10-31")}
	lines, _ := domain.PlanExport(facts)
	require.Equal(t, []string{"e1 hours 9.00 1000"}, sent(lines))
	facts = exporting([]domain.Entry{night("e1", "2026-03-28", "2026-03-29")})
	facts.Period = domain.Period{From: date("2026-03-01"), To: date("2026-03-31")}
	lines, _ = domain.PlanExport(facts)
	require.Equal(t, []string{"e1 hours 7.00 1000"}, sent(lines))
}

func TestExport_X5_RoundsHalfUpToHundredths(t *testing.T) {
	t.Parallel()
	for minutes, want := range map[int]int{0: 0, 1: 2, 2: 3, 3: 5, 20: 33, 40: 67, 60: 100, 61: 102, 480: 800} {
		require.Equal(t, want, domain.HundredthsOfHour(minutes), "%d minutes", minutes)
	}
	require.Equal(t, 166667, domain.HundredthsOfHour(100000))
}

// roundedHours is the same by the book: minutes / 60 as a fraction, to two decimals, half up.
func roundedHours(minutes int) decimal.Decimal {
	hundredths := new(big.Rat).SetFrac64(int64(minutes)*100, 60)
	hundredths.Add(hundredths, big.NewRat(1, 2))
	floor := new(big.Int).Div(hundredths.Num(), hundredths.Denom())
	return decimal.MustNew(floor.Int64(), 2)
}

func TestExport_X5_ThreeTimesTwentyMinutesIsAnHour(t *testing.T) {
	t.Parallel()
	lines, _ := domain.PlanExport(exporting([]domain.Entry{
		shift("e1", approved(20)), shift("e2", approved(20)), shift("e3", approved(20)),
		shift("f1", approved(20), by("t2")), shift("g1", approved(20), atVenue(ourSecond)),
	}))
	require.Equal(t, []string{
		"e1 hours 0.33 1000", "e2 hours 0.34 1000", "e3 hours 0.33 1000",
		"f1 hours 0.33 1000", "g1 hours 0.33 1000",
	}, sent(lines), "another person and another venue add up on their own")
}

func TestExport_X5_TheOrderOfDayStartAndIDSpreadsTheRemainder(t *testing.T) {
	t.Parallel()
	early := between(date(theDay).At(8, 0), date(theDay).At(8, 20))
	lines, _ := domain.PlanExport(exporting([]domain.Entry{
		shift("e1", on("2026-11-11"), approved(20)), shift("e2", approved(20)), shift("e3", early),
	}))
	require.Equal(t, []string{"e3 hours 0.33 1000", "e2 hours 0.34 1000", "e1 hours 0.33 1000"}, sent(lines))
}

func TestExport_X5_LinesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var entries []domain.Entry
		minutes := map[string]int{}
		for i := range rapid.IntRange(1, 30).Draw(t, "entries") {
			length := rapid.IntRange(1, 900).Draw(t, "minutes")
			who := rapid.SampledFrom([]string{"t1", "t2"}).Draw(t, "team member")
			venue := rapid.SampledFrom([]string{ourMain, ourSecond}).Draw(t, "venue")
			day := date("2026-11-01").AddDays(rapid.IntRange(0, 29).Draw(t, "day")).String()
			entries = append(entries, shift(string(rune('a'+i)), on(day), approved(length), by(who), atVenue(venue)))
			minutes[account(map[string]string{"t1": "p1", "t2": "p2"}[who], map[string]string{ourMain: mainVenue, ourSecond: secondVenue}[venue])] += length
		}
		lines, skips := domain.PlanExport(exporting(entries))
		require.Empty(t, skips)
		require.Len(t, lines, len(entries))
		totals := map[string]decimal.Decimal{}
		for _, line := range lines {
			require.True(t, line.Quantity.IsPos(), "%s has %s hours", line.EntryID, line.Quantity)
			require.Equal(t, 2, line.Quantity.Scale())
			key := account(line.ConnexieID, line.ConnexieVenueID)
			total, err := totals[key].Add(line.Quantity)
			require.NoError(t, err)
			totals[key] = total
		}
		for key, total := range totals {
			require.True(t, total.Equal(roundedHours(minutes[key])), "%s: %s of %d minutes", key, total, minutes[key])
		}
	})
}

func account(person, venue string) string { return person + " at " + venue }

func FuzzHundredthsOfHour_X5(f *testing.F) {
	for _, minutes := range []int{0, 1, 20, 59, 1 << 31} {
		f.Add(minutes, 1)
	}
	f.Fuzz(func(t *testing.T, before, minutes int) {
		if before < 0 || minutes < 1 || before > 1<<40 || minutes > 1<<40 {
			return
		}
		require.True(t, decimal.MustNew(int64(domain.HundredthsOfHour(before)), 2).Equal(roundedHours(before)))
		require.Greater(t, domain.HundredthsOfHour(before+minutes), domain.HundredthsOfHour(before), "each line is above zero")
	})
}

func FuzzNetMinutes_X5(f *testing.F) {
	f.Add(int64(0), int64(0), 0)
	f.Add(int64(1_793_000_000_000_000), int64(1_793_000_059_999_999), 30)
	f.Add(int64(-1), int64(60_000_001), 1)
	f.Fuzz(func(t *testing.T, start, end int64, pause int) {
		const limit = int64(1) << 58 // some nine thousand years on either side
		if start < -limit || end < -limit || start > limit || end > limit || pause < 0 || pause > 1<<31 {
			return
		}
		entry := domain.Entry{StartsAt: time.UnixMicro(start), EndsAt: time.UnixMicro(end), BreakMinutes: pause}
		if entry.StartsAt.IsZero() || entry.EndsAt.IsZero() {
			return
		}
		minutes, known := entry.NetMinutes()
		require.True(t, known)
		floor := new(big.Int).Div(big.NewInt(end-start), big.NewInt(60_000_000)) // Euclidean, so down
		want := floor.Int64() - int64(pause)
		require.Equal(t, max(math.MinInt32, min(math.MaxInt32, want)), int64(minutes))
	})
}
