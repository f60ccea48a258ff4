package sandbox

import (
	"encoding/json"
	"net/http"
	"unicode/utf8"
)

func (c *call) getAccount() (*answer, error) {
	var response *answer
	c.read(func(a *account) {
		response = answerOK(struct {
			ID          string       `json:"id"`
			Name        string       `json:"name"`
			Permissions []Permission `json:"permissions"`
		}{a.id, a.name, append([]Permission{}, a.permissions...)})
	})
	return response, nil
}

func (c *call) getEmployee() (*answer, error) {
	var response *answer
	c.read(func(a *account) {
		if r, found := a.people.get(c.id); found {
			response = answerBytes(http.StatusOK, r.raw)
		}
	})
	if response == nil {
		return nil, newProblem(http.StatusNotFound, "no such person: "+c.id)
	}
	return response, nil
}

// endEmployment sets the last day. Asking again for the same day changes
// nothing.
func (c *call) endEmployment() (*answer, error) {
	end, wrong := c.readEnd()
	if wrong != nil {
		return nil, wrong
	}
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	a.advance(c.now)
	if _, found := a.people.get(c.id); !found {
		return nil, newProblem(http.StatusNotFound, "no such person: "+c.id)
	}
	employee, err := a.update(c.id, c.now, func(employee *Employee) error { return employee.endOn(end) })
	if err != nil {
		return nil, err
	}
	return answerOK(employee), nil
}

func (c *call) readEnd() (Date, *problem) {
	var body struct {
		EndDate *string         `json:"end_date"`
		Reason  json.RawMessage `json:"reason"`
	}
	if wrong := c.decodeBody(&body); wrong != nil {
		return "", wrong
	}
	if body.EndDate == nil {
		return "", invalid("/end_date", "required, a day as yyyy-mm-dd")
	}
	end, err := ParseDate(*body.EndDate)
	if err != nil {
		return "", invalid("/end_date", "not a day as yyyy-mm-dd")
	}
	return end, checkReason(body.Reason)
}

// checkReason takes an absent reason; a null one is not a string.
func checkReason(raw json.RawMessage) *problem {
	if raw == nil {
		return nil
	}
	var reason *string
	if err := json.Unmarshal(raw, &reason); err != nil || reason == nil || utf8.RuneCountInString(*reason) > 200 {
		return invalid("/reason", "not a string of at most 200 characters")
	}
	return nil
}

// endOn ends the employment and cuts to that day the contracts that run past
// it. A contract that would only begin later cannot be cut: it is dropped.
func (e *Employee) endOn(end Date) error {
	if end < e.Employment.StartDate {
		return invalid("/end_date", "before the employment began")
	}
	e.Employment.EndDate = Some(end)
	kept := e.Contracts[:0]
	for _, contract := range e.Contracts {
		if contract.StartDate > end {
			continue
		}
		if last, closed := contract.EndDate.Get(); !closed || last > end {
			contract.EndDate = Some(end)
		}
		kept = append(kept, contract)
	}
	e.Contracts = kept
	return nil
}
