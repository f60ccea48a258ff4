package sandbox

import (
	"fmt"
	"time"
	_ "time/tzdata" // the sandbox also runs in images without zone files
)

// amsterdam is the calendar of every venue: the contract's dates carry no zone.
var amsterdam = mustLocation("Europe/Amsterdam")

func mustLocation(name string) *time.Location {
	location, err := time.LoadLocation(name)
	if err != nil {
		panic(fmt.Sprintf("load zone %s: %v", name, err))
	}
	return location
}

// Date is a calendar date as the contract writes it (2026-11-22). Dates that
// ParseDate accepts sort as strings, so they are compared with < and ==.
type Date string

// ParseDate accepts exactly the form yyyy-mm-dd of a day that exists.
func ParseDate(text string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return "", fmt.Errorf("date %q: not a day as yyyy-mm-dd", text)
	}
	return Date(text), nil
}

// DateOf is the day on which an instant falls in Amsterdam.
func DateOf(instant time.Time) Date {
	return Date(instant.In(amsterdam).Format(time.DateOnly))
}

// AddDays moves a valid date; it panics on one that ParseDate would refuse.
func (d Date) AddDays(days int) Date {
	return Date(d.utc().AddDate(0, 0, days).Format(time.DateOnly))
}

// AddMonths moves a valid date by months; a day that the month lacks runs over
// into the next, as time.AddDate does.
func (d Date) AddMonths(months int) Date {
	return Date(d.utc().AddDate(0, months, 0).Format(time.DateOnly))
}

// Start is the instant at which the day begins in Amsterdam.
func (d Date) Start() time.Time {
	day := d.utc()
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, amsterdam)
}

func (d Date) utc() time.Time {
	day, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		panic(fmt.Sprintf("date %q was not checked", string(d)))
	}
	return day
}
