package sandbox

import (
	"fmt"
	"maps"
	"slices"
)

// The states of a payroll period.
const (
	PayrollOpen    = "open"
	PayrollRunning = "running"
	PayrollRan     = "run"
)

// Ledger returns the lines that count for a venue ("" is any) on the days from
// to to ("" is open), by venue and day, and within one as they were put.
func (s *Sandbox) Ledger(accountID, venueID string, from, to Date) (lines []LedgerLine, err error) {
	lines = []LedgerLine{}
	err = s.look(accountID, func(a *account) {
		for _, venue := range slices.Sorted(maps.Keys(a.imports.ledger)) {
			if venueID == "" || venue == venueID {
				lines = append(lines, a.imports.linesOf(venue, from, to)...)
			}
		}
	})
	return lines, err
}

func (b *importBook) linesOf(venue string, from, to Date) []LedgerLine {
	var lines []LedgerLine
	days := b.ledger[venue]
	for _, date := range slices.Sorted(maps.Keys(days)) {
		if date < from || to != "" && date > to {
			continue
		}
		for _, line := range days[date].lines {
			lines = append(lines, LedgerLine{
				ImportID: days[date].from.id, Reference: line.reference, VenueID: venue,
				EmployeeID: line.employeeID, ContractID: line.contractID,
				Date: line.date, Code: line.code, Quantity: line.quantity,
			})
		}
	}
	return lines
}

// HourImports returns every import of an account as it stands, in the order in
// which they were opened, with the keys that opened them.
func (s *Sandbox) HourImports(accountID string) (imports []HourImport, err error) {
	imports = []HourImport{}
	err = s.look(accountID, func(a *account) {
		for _, opened := range a.imports.opened {
			described := a.imports.describe(opened)
			described.IdempotencyKey = opened.key
			imports = append(imports, described)
		}
	})
	return imports, err
}

// RunPayroll lets payroll run for a venue: its periods that share a day with
// from..to become run. It fails where there is no such period, because nothing
// would have run.
func (s *Sandbox) RunPayroll(accountID, venueID string, from, to Date) error {
	run := PayrollRun{VenueID: venueID, From: from, To: to}
	var wrong problems
	if run.validate("payroll", &wrong); wrong.err() != nil {
		return fmt.Errorf("run payroll: %w: %w", ErrInvalid, wrong.err())
	}
	return s.change(accountID, func(a *account) error {
		touching := a.periodsTouching(venueID, from, to)
		if len(touching) == 0 {
			return fmt.Errorf("payroll period of venue %s from %s to %s: %w", venueID, from, to, ErrUnknown)
		}
		for _, period := range touching {
			period.Status = PayrollRan
			if err := store(&a.periods, period.ID, period); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p PayrollRun) validate(path string, wrong *problems) {
	wrong.id(path+".venue_id", p.VenueID)
	wrong.date(path+".from", p.From)
	wrong.date(path+".to", p.To)
	wrong.require(p.From <= p.To, "%s.to: before from", path)
}

// look runs do on an account that nobody changes meanwhile.
func (s *Sandbox) look(accountID string, do func(*account)) error {
	a, err := s.account(accountID)
	if err != nil {
		return err
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	do(a)
	return nil
}
