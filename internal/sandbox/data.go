package sandbox

import (
	"fmt"
	"iter"
	"slices"
)

// LoadEmployees adds people to an account's seed, one at a time, so that any
// number can be generated on the way. In order of id it is linear.
func (s *Sandbox) LoadEmployees(accountID string, employees iter.Seq[Employee]) error {
	return s.change(accountID, func(a *account) error {
		for employee := range employees {
			if err := a.load(employee, s.Now(), s.stamp); err != nil {
				return err
			}
		}
		a.seed = a.state.snapshot()
		return nil
	})
}

// Employee returns one person as Connexie holds them now.
func (s *Sandbox) Employee(accountID, id string) (employee Employee, err error) {
	err = s.change(accountID, func(a *account) error {
		r, found := a.people.get(id)
		if !found {
			return fmt.Errorf("employee %s: %w", id, ErrUnknown)
		}
		employee = decodeEmployee(r.raw)
		return nil
	})
	return employee, err
}

// PutEmployee adds or replaces a person; modified_at rises if anything changed.
func (s *Sandbox) PutEmployee(accountID string, employee Employee) error {
	return s.change(accountID, func(a *account) error {
		_, err := a.save(employee, s.Now())
		return err
	})
}

// UpdateEmployee changes one person in place. Nothing changes when edit fails
// or leaves what the contract does not describe.
func (s *Sandbox) UpdateEmployee(accountID, id string, edit func(*Employee) error) (updated Employee, err error) {
	err = s.change(accountID, func(a *account) error {
		updated, err = a.update(id, s.Now(), edit)
		return err
	})
	return updated, err
}

// RemoveEmployee makes a person disappear from Connexie.
func (s *Sandbox) RemoveEmployee(accountID, id string) error {
	return s.change(accountID, func(a *account) error { return removeFrom(&a.people, id) })
}

// PutVenue adds or replaces a venue.
func (s *Sandbox) PutVenue(accountID string, venue Venue) error {
	return s.change(accountID, func(a *account) error { return store(&a.venues, venue.ID, venue) })
}

// RemoveVenue takes a venue off the list; contracts that name it stay.
func (s *Sandbox) RemoveVenue(accountID, id string) error {
	return s.change(accountID, func(a *account) error { return removeFrom(&a.venues, id) })
}

// PutWageCode activates a code, or changes it.
func (s *Sandbox) PutWageCode(accountID string, code WageCode) error {
	return s.change(accountID, func(a *account) error { return store(&a.wageCodes, code.Code, code) })
}

// RemoveWageCode deactivates a code: it no longer appears.
func (s *Sandbox) RemoveWageCode(accountID, code string) error {
	return s.change(accountID, func(a *account) error { return removeFrom(&a.wageCodes, code) })
}

// PutPayrollPeriod adds or replaces a payroll period; with Status run payroll
// has run for it.
func (s *Sandbox) PutPayrollPeriod(accountID string, period PayrollPeriod) error {
	return s.change(accountID, func(a *account) error { return store(&a.periods, period.ID, period) })
}

// SetPermissions says what the account's token may do.
func (s *Sandbox) SetPermissions(accountID string, permissions ...Permission) error {
	for _, permission := range permissions {
		if !slices.Contains([]Permission{EmployeesRead, EmploymentWrite, ImportsWrite}, permission) {
			return fmt.Errorf("permission %q: %w", permission, ErrInvalid)
		}
	}
	return s.change(accountID, func(a *account) error {
		a.permissions = slices.Clone(permissions)
		return nil
	})
}

// Reset takes every account back to its seed, token included, the clock to real
// time, and forgets imports of hours, faults and calls. modified_at does not go back: people who
// had changed are changed once more.
func (s *Sandbox) Reset() {
	s.shift.Store(0)
	s.faults.clear()
	s.calls.clear()
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
	for _, a := range s.accounts {
		a.reset(s.Now())
		if a.seedToken != "" {
			s.tokens[a.seedToken] = a
		}
	}
}

// change runs one change of an account that nobody sees half done.
func (s *Sandbox) change(accountID string, do func(*account) error) error {
	a, err := s.account(accountID)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.advance(s.Now())
	if err := do(a); err != nil {
		return fmt.Errorf("account %s: %w", accountID, err)
	}
	return nil
}

func removeFrom(list *collection, key string) error {
	if !list.remove(key) {
		return fmt.Errorf("%s: %w", key, ErrUnknown)
	}
	return nil
}
