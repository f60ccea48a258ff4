package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Errors that the Go API wraps and the admin API answers as 404 and 422.
var (
	ErrUnknown = errors.New("unknown")
	ErrInvalid = errors.New("invalid")
)

func unknownAccount(id string) error { return fmt.Errorf("account %s: %w", id, ErrUnknown) }

// account is one account's lists. Whoever reads or writes them holds mu.
type account struct {
	id, name  string
	seedToken string // what Reset gives back

	mu sync.RWMutex
	state
	day     Date // the last day whose endings are in people
	seed    state
	imports *importBook // no part of state: Reset leaves none
}

// state is what Reset restores.
type state struct {
	permissions []Permission
	venues      collection
	wageCodes   collection
	periods     collection
	people      collection
}

func (s *state) snapshot() state {
	return state{
		permissions: slices.Clone(s.permissions),
		venues:      s.venues.snapshot(),
		wageCodes:   s.wageCodes.snapshot(),
		periods:     s.periods.snapshot(),
		people:      s.people.snapshot(),
	}
}

func newAccount(config Account, now time.Time, stamp bool) (*account, error) {
	if !idForm.MatchString(config.ID) {
		return nil, fmt.Errorf("id: %w", ErrInvalid)
	}
	a := &account{id: config.ID, name: config.Name, seedToken: config.Token, day: DateOf(now), imports: newImportBook()}
	a.permissions = slices.Clone(config.Permissions)
	for _, venue := range config.Venues {
		if err := store(&a.venues, venue.ID, venue); err != nil {
			return nil, err
		}
	}
	for _, code := range config.WageCodes {
		if err := store(&a.wageCodes, code.Code, code); err != nil {
			return nil, err
		}
	}
	for _, period := range config.PayrollPeriods {
		if err := store(&a.periods, period.ID, period); err != nil {
			return nil, err
		}
	}
	for _, employee := range config.Employees {
		if err := a.load(employee, now, stamp); err != nil {
			return nil, err
		}
	}
	a.seed = a.state.snapshot()
	return a, nil
}

// validator is a thing of a list that knows whether the contract describes it.
type validator interface{ Validate() error }

func store(list *collection, key string, value validator) error {
	if err := value.Validate(); err != nil {
		return fmt.Errorf("%s: %w: %w", key, ErrInvalid, err)
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	list.put(&record{key: key, raw: raw})
	return nil
}

// reset goes back to the seed. People who differ from it are changed once more,
// so that modified_at rises for them as for any change.
func (a *account) reset(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	current := a.people
	a.state = a.seed.snapshot()
	a.imports = newImportBook()
	a.day = "" // the seed may be older than the last endings
	for _, seeded := range a.seed.people.records {
		present, found := current.get(seeded.key)
		a.people.put(restored(seeded, present, found, now))
	}
	a.advance(now)
}

// restored is a seeded person as of now, or the present one where nothing
// differs but the instant.
func restored(seeded, present *record, found bool, now time.Time) *record {
	employee := decodeEmployee(seeded.raw)
	employee.ModifiedAt = now
	if !found {
		return encodeEmployee(&employee)
	}
	employee.ModifiedAt = present.modifiedAt
	if bytes.Equal(encodeEmployee(&employee).raw, present.raw) {
		return present
	}
	employee.ModifiedAt = rising(now, present.modifiedAt)
	return encodeEmployee(&employee)
}
