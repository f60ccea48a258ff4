package domain_test

import (
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestDayOf_S1_IsTheAmsterdamDay(t *testing.T) {
	t.Parallel()
	rows := map[string]string{
		"2026-11-22T22:59:59Z": "2026-11-22",
		"2026-11-22T23:00:00Z": "2026-11-23", // winter: an hour ahead
		"2026-06-30T21:59:59Z": "2026-06-30",
		"2026-06-30T22:00:00Z": "2026-07-01", // summer: two hours
		"2026-10-25T00:30:00Z": "2026-10-25",
		"2026-12-31T23:30:00Z": "2027-01-01",
	}
	for instant, want := range rows {
		at, err := time.Parse(time.RFC3339, instant)
		require.NoError(t, err)
		require.Equal(t, want, domain.DayOf(at).String(), instant)
	}
}

func TestDate_AgreesWithTheTimePackage(t *testing.T) {
	t.Parallel()
	day := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Date(rapid.IntRange(1, 9998).Draw(t, "year"), 1, rapid.IntRange(1, 366).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := day.Draw(t, "a"), day.Draw(t, "b")
		days := rapid.IntRange(-360, 360).Draw(t, "days")
		first, second := domain.NewDate(a.Date()), domain.NewDate(b.Date())
		require.Equal(t, a.Before(b), first.Before(second))
		require.Equal(t, a.Equal(b), first == second)
		require.Equal(t, a.Format(time.DateOnly), first.String())
		require.Equal(t, a.AddDate(0, 0, days).Format(time.DateOnly), first.AddDays(days).String())
		require.Equal(t, first, first.AddDays(days).AddDays(-days))
		require.Equal(t, first, date(first.String()))
	})
}

func TestDate_JSONAndSQLRoundTrip(t *testing.T) {
	t.Parallel()
	for _, day := range []domain.Date{{}, date("0001-01-01"), date("2024-02-29"), date(today), date("9999-12-31")} {
		text, err := json.Marshal(day)
		require.NoError(t, err)
		fromJSON := date("1999-09-09")
		require.NoError(t, json.Unmarshal(text, &fromJSON))
		require.Equal(t, day, fromJSON)

		value, err := day.Value()
		require.NoError(t, err)
		fromSQL := date("1999-09-09")
		require.NoError(t, fromSQL.Scan(value))
		require.Equal(t, day, fromSQL)
	}
}

func TestDate_ScanTakesTimesAlone(t *testing.T) {
	t.Parallel()
	var day domain.Date
	require.NoError(t, day.Scan(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)))
	require.Equal(t, date(today), day)
	require.Error(t, day.Scan("infinity"))
	require.Equal(t, date(today), day, "a refused value leaves the date as it was")
}

func TestDate_NoDate(t *testing.T) {
	t.Parallel()
	var none domain.Date
	require.True(t, none.IsZero())
	require.Empty(t, none.String())
	require.Equal(t, none, none.AddDays(1), "no date stays no date")
	require.False(t, date("0001-01-01").IsZero(), "the first day of all is a day")

	text, err := json.Marshal(none)
	require.NoError(t, err)
	require.Equal(t, "null", string(text))
	for _, empty := range []string{`null`, `""`} {
		filled := date(today)
		require.NoError(t, json.Unmarshal([]byte(empty), &filled))
		require.True(t, filled.IsZero(), empty)
	}
}

func TestDate_At_IsWhatAmsterdamClocksShow(t *testing.T) {
	t.Parallel()
	require.Equal(t, "2026-01-15T22:00:00Z", date("2026-01-15").At(23, 0).UTC().Format(time.RFC3339))
	require.Equal(t, "2026-07-15T21:05:00Z", date("2026-07-15").At(23, 5).UTC().Format(time.RFC3339))
}

// isoDate is the form of a date, written without the time package; daysOf knows
// the calendar.
var isoDate = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)

func isCalendarDate(text string) bool {
	if !isoDate.MatchString(text) || text[:4] == "0000" {
		return false
	}
	number := func(s string) (n int) {
		for _, digit := range s {
			n = n*10 + int(digit-'0')
		}
		return n
	}
	year, month, day := number(text[:4]), number(text[5:7]), number(text[8:])
	if month < 1 || month > 12 {
		return false
	}
	days := []int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		days = 29
	}
	return day >= 1 && day <= days
}

var dateSeeds = []string{
	"", today, "2024-02-29", "2023-02-29", "2100-02-29", "2000-02-29", "0000-01-01", "0001-01-01", "9999-12-31",
	"2026-13-01", "2026-00-10", "2026-04-31", "2026-1-02", "+026-01-01", " 2026-11-22", "2026-11-22T00:00:00Z", "10000-01-01", "٢٠٢٦-11-22",
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range dateSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := domain.ParseDate(text)
		require.Equal(t, isCalendarDate(text), err == nil)
		if err != nil {
			require.True(t, parsed.IsZero())
			require.Equal(t, "not a calendar date of the form 2026-11-22", err.Error(), "the text may be personal (N4)")
			return
		}
		require.Equal(t, text, parsed.String())
	})
}

func FuzzDate_UnmarshalJSON(f *testing.F) {
	for _, seed := range dateSeeds {
		quoted, _ := json.Marshal(seed)
		f.Add(quoted)
	}
	for _, seed := range []string{`null`, `20261122`, `{}`, `["2026-11-22"]`, `"2026-11-22`, `"2026\u002d11-22"`, ` "2026-11-22" `, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var text *string
		isText := json.Unmarshal(data, &text) == nil
		want := isText && (text == nil || *text == "" || isCalendarDate(*text))
		got := date(today)
		err := got.UnmarshalJSON(data)
		require.Equal(t, want, err == nil)
		switch {
		case err != nil:
			require.Equal(t, date(today), got, "a refused value leaves the date as it was")
		case text == nil:
			require.True(t, got.IsZero())
		default:
			require.Equal(t, *text, got.String())
		}
	})
}
