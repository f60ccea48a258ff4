package world

import (
	"fmt"

	"github.com/eitje/connexie-worker/internal/sandbox"
)

// Who changes lies this far apart, so that it is one in a hundred; fewer than a
// thousand people have one in twenty, so that every kind of change occurs. Everybody
// at such a place works at a venue that is used and has a profile: see seed.Scaled.
const (
	everyHundredth = 100
	everyTwentieth = 20
)

// Change changes one person in a hundred in Connexie: their wage, the end of their
// contract or their phone number, in turn. Every round has other values. It returns
// how many people changed.
func (w *World) Change(round int) (changed int, err error) {
	step := everyHundredth
	if w.People < 1000 {
		step = everyTwentieth
	}
	for i := 0; i < len(w.ids); i += step {
		_, err := w.sandbox.UpdateEmployee(w.Big.AccountID, w.ids[i], func(e *sandbox.Employee) error {
			return w.edit(e, changed, round)
		})
		if err != nil {
			return changed, err
		}
		changed++
	}
	return changed, nil
}

func (w *World) edit(e *sandbox.Employee, number, round int) error {
	if len(e.Contracts) == 0 {
		return fmt.Errorf("person %s has no contract to change", e.ID)
	}
	contract := &e.Contracts[0]
	switch number % 3 {
	case 0:
		contract.HourlyWage = sandbox.Some(fmt.Sprintf("%d.%02d", 30+round%60, number%100))
	case 1: // within the guard's limits, see S16
		contract.EndDate = sandbox.Some(w.sandbox.Today().AddDays(5000 - round))
	default:
		e.Phone = sandbox.Some(fmt.Sprintf("+3168%03d%04d", round%1000, number%10000))
	}
	return nil
}
