package domain

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
	_ "time/tzdata" // the rules are about Amsterdam days, also on a machine without zone files
)

// Zone names the calendar in which every day of the rules is counted.
const Zone = "Europe/Amsterdam"

var amsterdam = mustLoad(Zone)

func mustLoad(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(fmt.Sprintf("load the embedded time zone %s: %v", name, err))
	}
	return zone
}

// Date is a calendar day without a zone. The zero Date means "no date": an open
// end, an unknown birth date. Dates compare with == and Before.
type Date struct {
	year  int
	month time.Month
	day   int
}

// NewDate normalises its arguments the way time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	return dateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

func dateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// DayOf is the Amsterdam day on which an instant falls.
func DayOf(instant time.Time) Date { return dateOf(instant.In(amsterdam)) }

// ParseDate reads an ISO 8601 calendar date such as 2026-11-22 of the years 1 to
// 9999 and takes nothing else, not even the empty string.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("not a calendar date of the form 2026-11-22")
	}
	return dateOf(t), nil
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Before reports whether d is an earlier day than other.
func (d Date) Before(other Date) bool { return d.midnightUTC().Before(other.midnightUTC()) }

// AddDays moves by whole calendar days, over clock changes too. No date stays no
// date.
func (d Date) AddDays(days int) Date {
	if d.IsZero() {
		return d
	}
	return dateOf(d.midnightUTC().AddDate(0, 0, days))
}

// At is the instant at which Amsterdam clocks show hour:minute on the day.
func (d Date) At(hour, minute int) time.Time {
	return time.Date(d.year, d.month, d.day, hour, minute, 0, 0, amsterdam)
}

func (d Date) midnightUTC() time.Time {
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
}

// String is the ISO form, or the empty string for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.midnightUTC().Format(time.DateOnly)
}

// MarshalJSON writes the ISO form, or null for no date.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(d.String())
}

// UnmarshalJSON takes the ISO form; null and the empty string mean no date.
func (d *Date) UnmarshalJSON(data []byte) error {
	var text *string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("not a calendar date of the form \"2026-11-22\"")
	}
	if text == nil || *text == "" {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(*text)
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Scan reads a PostgreSQL date through database/sql's interface, which pgx
// honours; NULL is no date.
func (d *Date) Scan(source any) error {
	switch value := source.(type) {
	case nil:
		*d = Date{}
	case time.Time:
		*d = dateOf(value)
	default:
		return fmt.Errorf("scan a date: unexpected %T", source)
	}
	return nil
}

// Value writes a PostgreSQL date; no date is NULL.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.midnightUTC(), nil
}
