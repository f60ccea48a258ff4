package domain

import "time"

// The hour at which the night begins, on the Amsterdam clock (S1).
const (
	NightHour   = 23
	NightMinute = 0
)

// NightsUntilUnreachable is how many nights in a row Connexie must have been out
// of reach before one notification says so (N6).
const NightsUntilUnreachable = 3

// NextNight is the instant at which the first night after the given instant
// begins. Over a clock change nights are 23 or 25 hours apart.
func NextNight(after time.Time) time.Time {
	day := DayOf(after)
	if tonight := day.At(NightHour, NightMinute); tonight.After(after) {
		return tonight
	}
	return day.AddDays(1).At(NightHour, NightMinute)
}
