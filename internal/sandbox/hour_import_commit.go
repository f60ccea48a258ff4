package sandbox

import (
	"fmt"
	"net/http"
)

// commitHourImport answers the first receipt again to whoever commits a
// committed import with the same body; nothing but its state is looked at then.
func (c *call) commitHourImport() (*answer, error) {
	count, total, wrong := c.readCommit()
	if wrong != nil {
		return nil, wrong
	}
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	found, ok := a.imports.imports[c.id]
	if !ok {
		return nil, c.noSuchImport()
	}
	switch status := a.imports.status(found); status {
	case ImportCommitted:
		if count != found.receipt.lineCount || !total.equal(found.receipt.sums) {
			return nil, totalsMismatch("the import was committed with another line_count or other totals")
		}
		return answerOK(found.receipt.answer), nil
	case ImportDraft:
	default:
		return nil, importState(status)
	}
	if a.payrollBegan(found.body) {
		return nil, payrollAlreadyRun()
	}
	if lines, held := found.held(); count != lines || !total.equal(held) {
		return nil, totalsMismatch("line_count or totals are not what the parts hold")
	}
	if wrong := a.rejectedLines(found.lines()); len(wrong) > 0 {
		return nil, rejected(wrong)
	}
	return answerOK(a.imports.commit(found, c.now)), nil
}

func totalsMismatch(detail string) *problem {
	return refusal(http.StatusUnprocessableEntity, "totals_mismatch", detail)
}

func (c *call) readCommit() (int, sums, *problem) {
	var body struct {
		LineCount *int        `json:"line_count"`
		Totals    []CodeTotal `json:"totals"`
	}
	if wrong := c.decodeBody(&body); wrong != nil {
		return 0, nil, wrong
	}
	if body.LineCount == nil || *body.LineCount < 0 {
		return 0, nil, invalid("/line_count", "required, a whole number from 0 on")
	}
	if body.Totals == nil {
		return 0, nil, invalid("/totals", "required, an array")
	}
	total := sums{}
	for i, sent := range body.Totals {
		value, ok := parseQuantity(sent.Quantity)
		if !ok {
			return 0, nil, invalid(fmt.Sprintf("/totals/%d/quantity", i), "not a decimal with at most 4 decimals")
		}
		if _, twice := total[sent.Code]; twice {
			return 0, nil, invalid(fmt.Sprintf("/totals/%d/code", i), "given before")
		}
		total.add(sent.Code, value)
	}
	return *body.LineCount, total, nil
}

// rejectedLines names each line that payroll does not take, with everything
// that is wrong with it. The codes say it alone: there may be very many.
func (a *account) rejectedLines(lines []hourLine) []problemError {
	var wrong []problemError
	references := make(map[string]bool, len(lines))
	contracts := map[string][]Contract{} // of each person, read once; nil of nobody
	for _, line := range lines {
		reject := func(code string) {
			wrong = append(wrong, problemError{Reference: line.reference, Code: code})
		}
		if references[line.reference] {
			reject("duplicate_reference") // of another part
		}
		references[line.reference] = true
		if _, active := a.wageCodes.get(line.code); !active {
			reject("inactive_code")
		}
		held, read := contracts[line.employeeID]
		if !read {
			held = a.contractsOf(line.employeeID)
			contracts[line.employeeID] = held
		}
		switch {
		case held == nil:
			reject("unknown_person")
		case !covers(held, line.contractID, line.date):
			reject("no_contract") // that it names, of that person, on that day
		}
	}
	return wrong
}

// contractsOf is nil where there is no such person.
func (a *account) contractsOf(employeeID string) []Contract {
	r, found := a.people.get(employeeID)
	if !found {
		return nil
	}
	return append([]Contract{}, decodeEmployee(r.raw).Contracts...)
}

// covers reports whether that contract is among them and holds on the day.
func covers(held []Contract, contractID string, day Date) bool {
	for _, contract := range held {
		if end, closed := contract.EndDate.Get(); contract.ID == contractID {
			return contract.StartDate <= day && (!closed || day <= end)
		}
	}
	return false
}
