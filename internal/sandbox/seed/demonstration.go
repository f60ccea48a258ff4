package seed

import "github.com/eitje/connexie-worker/internal/sandbox"

// Demonstration is what the sandbox serves and the demonstration shows: the
// organisation of Demo and two small ones, so that a night has several.
func Demonstration(seed uint64, today sandbox.Date) []Scenario {
	return []Scenario{
		Demo(seed, today),
		Small("lunchroom-noord", 14, seed+1, today),
		Small("strandpaviljoen-west", 9, seed+2, today),
	}
}
