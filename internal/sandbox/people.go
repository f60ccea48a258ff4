package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// load puts a person in as given: modified_at stays what it is, unless it is
// zero, is to be stamped, or an end date that has passed brought a later change.
func (a *account) load(employee Employee, now time.Time, stamp bool) error {
	if err := employee.settle(now); err != nil {
		return err
	}
	if stamp || employee.ModifiedAt.IsZero() {
		employee.ModifiedAt = now
	}
	if end, ok := employee.Employment.EndDate.Get(); ok && employee.Employment.Status == EmploymentEnded {
		if ended := end.AddDays(1).Start(); employee.ModifiedAt.Before(ended) {
			employee.ModifiedAt = ended
		}
	}
	a.people.put(encodeEmployee(&employee))
	return nil
}

// save puts a person in as of now. Saving what is already there changes
// nothing, modified_at included.
func (a *account) save(employee Employee, now time.Time) (Employee, error) {
	if err := employee.settle(now); err != nil {
		return Employee{}, err
	}
	employee.ModifiedAt = now
	if before, found := a.people.get(employee.ID); found {
		employee.ModifiedAt = before.modifiedAt
		if bytes.Equal(encodeEmployee(&employee).raw, before.raw) {
			return employee, nil
		}
		employee.ModifiedAt = rising(now, before.modifiedAt)
	}
	a.people.put(encodeEmployee(&employee))
	return employee, nil
}

// advance brings what the date alone changes: an employment is `ended` from the
// day after its last. The caller holds the lock for writing.
func (a *account) advance(now time.Time) {
	today := DateOf(now)
	if today <= a.day {
		return
	}
	a.day = today
	for _, r := range a.people.records {
		if r.endsAfter == "" || r.endsAfter >= today {
			continue
		}
		employee := decodeEmployee(r.raw)
		employee.Employment.Status = EmploymentEnded
		employee.ModifiedAt = rising(r.endsAfter.AddDays(1).Start(), r.modifiedAt)
		a.people.put(encodeEmployee(&employee))
	}
}

// settle derives the employment's status and refuses what the contract does not
// describe.
func (e *Employee) settle(now time.Time) error {
	if e.Employment.Status == "" {
		e.Employment.Status = EmploymentActive
	}
	if end, ok := e.Employment.EndDate.Get(); ok {
		e.Employment.Status = EmploymentActive
		if end < DateOf(now) {
			e.Employment.Status = EmploymentEnded
		}
	}
	if e.Contracts == nil {
		e.Contracts = []Contract{}
	}
	if err := e.Validate(); err != nil {
		return fmt.Errorf("employee %s: %w: %w", e.ID, ErrInvalid, err)
	}
	return nil
}

// rising is the instant of a change, later than the change before it.
func rising(now, before time.Time) time.Time {
	if after := before.Add(time.Microsecond); now.Before(after) {
		return after
	}
	return now
}

func encodeEmployee(employee *Employee) *record {
	employee.ModifiedAt = employee.ModifiedAt.UTC().Truncate(time.Microsecond)
	raw, err := json.Marshal(employee)
	if err != nil {
		panic(err) // settled before; strings, dates and instants encode
	}
	r := &record{key: employee.ID, modifiedAt: employee.ModifiedAt, raw: raw}
	if end, ok := employee.Employment.EndDate.Get(); ok && employee.Employment.Status == EmploymentActive {
		r.endsAfter = end
	}
	return r
}

func decodeEmployee(raw []byte) Employee {
	var employee Employee
	if err := json.Unmarshal(raw, &employee); err != nil {
		panic(err) // encodeEmployee wrote it
	}
	return employee
}

// update edits a copy and saves it; the id stays what it is.
func (a *account) update(id string, now time.Time, edit func(*Employee) error) (Employee, error) {
	before, found := a.people.get(id)
	if !found {
		return Employee{}, fmt.Errorf("employee %s: %w", id, ErrUnknown)
	}
	employee := decodeEmployee(before.raw)
	if err := edit(&employee); err != nil {
		return Employee{}, err
	}
	if employee.ID != id {
		return Employee{}, fmt.Errorf("employee %s: %w: an id never changes", id, ErrInvalid)
	}
	return a.save(employee, now)
}
