package main

import (
	"time"

	"github.com/eitje/connexie-worker/internal/app"
)

// local is an instant on the Amsterdam clock, which the rules go by and the people
// who read this live by.
func local(instant time.Time) time.Time { return instant.In(app.Amsterdam()) }

// when writes an instant for people.
func when(instant time.Time) string {
	if instant.IsZero() {
		return "-"
	}
	return local(instant).Format("2 Jan 15:04:05")
}
