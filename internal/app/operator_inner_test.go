package app

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

func TestLinks_ASlashInAnIDIsEscaped(t *testing.T) {
	t.Parallel()
	require.Empty(t, uiLink("", "default", "workflows", "sync/1"))
	require.Equal(t, "http://localhost:8233/namespaces/a%2Fb/workflows/sync%2F1%2Femp_2",
		uiLink("http://localhost:8233/", "a/b", "workflows", "sync/1/emp_2"))
}

func TestNextNights_S1_ClockChangesAreTheDaysWithout24Hours(t *testing.T) {
	t.Parallel()
	require.Equal(t, []domain.Date{
		domain.NewDate(2027, time.March, 28), domain.NewDate(2027, time.October, 31),
	}, clockChangesOf(2027))
}

func TestNextNights_S1_ANightIsMarkedWhereTheClockChangedBeforeIt(t *testing.T) {
	t.Parallel()
	begin := domain.NewDate(2027, time.March, 27).At(0, 0)
	times := []time.Time{begin.Add(-time.Hour)}
	for range 3 {
		times = append(times, domain.NextNight(times[len(times)-1]))
	}
	planned := plannedHours(times, begin, 2)
	require.Len(t, planned, 2)
	require.Equal(t, []int{24, 23}, []int{planned[0].HoursSince, planned[1].HoursSince})
	require.Equal(t, []bool{false, true}, []bool{planned[0].ClockChange, planned[1].ClockChange})
	require.Equal(t, "Sun 2027-03-28 23:00 CEST", planned[1].Amsterdam)
}

func TestShorten_KeepsWhatSomebodyTypedFromFillingTheScreen(t *testing.T) {
	t.Parallel()
	require.Equal(t, "emp_1", shorten("emp_1"))
	require.Len(t, []rune(shorten(strings.Repeat("é", 10_000))), 81)
}

func TestMappings_C6_ACommandThatNamesAKindCanBePasted(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"dinner": "dinner", "late snack": "'late snack'", "chef's choice": `'chef'\''s choice'`, "$(rm -rf x)": "'$(rm -rf x)'", "a;b": "'a;b'",
	} {
		require.Equal(t, want, quoted(typed))
	}
}
