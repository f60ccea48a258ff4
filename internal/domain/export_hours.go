package domain

import "github.com/govalues/decimal"

// HundredthsOfHour is minutes as hours with two decimals, rounded half up, in
// hundredths of an hour (X5): 20 minutes are 33, 40 are 67, 60 are 100. The minutes
// are not negative.
func HundredthsOfHour(minutes int) int { return (minutes*10 + 3) / 6 }

// hoursAccount is what X5 adds up over: one person's hours under one code at one
// Connexie venue.
type hoursAccount struct{ connexieID, code, connexieVenueID string }

// spreadHours gives the lines of worked hours their quantity (X5): round(running
// total) less round(the one before), in the order of the lines, so that the lines of
// an account add up to its rounded total. Each is above zero, as a minute is more
// than a hundredth of an hour.
func spreadHours(lines []ExportLine) {
	totals := map[hoursAccount]int{}
	for i, line := range lines {
		if line.Kind != LineHours {
			continue
		}
		account := hoursAccount{line.ConnexieID, line.Code, line.ConnexieVenueID}
		before := totals[account]
		totals[account] = before + line.Minutes
		share := HundredthsOfHour(totals[account]) - HundredthsOfHour(before)
		lines[i].Quantity = decimal.MustNew(int64(share), 2)
	}
}
