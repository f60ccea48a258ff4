package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

const (
	maximumKey        = 128
	maximumPeriodDays = 62
)

// createHourImport opens a draft. A key that opened an import before is looked
// at ahead of everything that may have changed since: the venue, payroll.
func (c *call) createHourImport() (*answer, error) {
	body, wrong := c.readNewImport()
	if wrong != nil {
		return nil, wrong
	}
	key, wrong := c.idempotencyKey()
	if wrong != nil {
		return nil, wrong
	}
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if made, found := a.imports.openedBy(key, c.now); found {
		if !made.body.equal(body) {
			return nil, refusal(http.StatusConflict, "idempotency_conflict", "the key opened an import with another body")
		}
		return answerOK(a.imports.describe(made)), nil
	}
	if _, known := a.venues.get(body.venueID); !known {
		return nil, invalid("/venue_id", "not a venue of this account")
	}
	if a.payrollBegan(body) {
		return nil, payrollAlreadyRun()
	}
	made := a.imports.open(c.sandbox.newImportID(c.now), key, body, c.now)
	created := answerOK(a.imports.describe(made))
	created.status = http.StatusCreated
	return created, nil
}

// newImportID is unique over accounts, resets and restarts, so that whoever
// remembers an import from before never meets another one under its id.
func (s *Sandbox) newImportID(now time.Time) string {
	return fmt.Sprintf("imp_%s_%d", strconv.FormatInt(now.UnixMicro(), 36), s.importIDs.Add(1))
}

func (c *call) idempotencyKey() (string, *problem) {
	values := c.request.Header.Values("Idempotency-Key")
	if len(values) != 1 || values[0] == "" || utf8.RuneCountInString(values[0]) > maximumKey {
		return "", invalid("Idempotency-Key", "required, once, of 1 to 128 characters")
	}
	return values[0], nil
}

func (c *call) readNewImport() (newHourImport, *problem) {
	var body struct {
		VenueID     string   `json:"venue_id"`
		PeriodStart string   `json:"period_start"`
		PeriodEnd   string   `json:"period_end"`
		Kinds       []string `json:"kinds"`
	}
	if wrong := c.decodeBody(&body); wrong != nil {
		return newHourImport{}, wrong
	}
	start, err := ParseDate(body.PeriodStart)
	if err != nil {
		return newHourImport{}, invalid("/period_start", "required, a day as yyyy-mm-dd")
	}
	end, err := ParseDate(body.PeriodEnd)
	if err != nil {
		return newHourImport{}, invalid("/period_end", "required, a day as yyyy-mm-dd")
	}
	if end < start || end > start.AddDays(maximumPeriodDays-1) {
		return newHourImport{}, invalid("/period_end", "not 1 to 62 days from period_start on, both counted")
	}
	if wrong := checkKinds(body.Kinds); wrong != nil {
		return newHourImport{}, wrong
	}
	return newHourImport{venueID: body.VenueID, start: start, end: end, kinds: body.Kinds}, nil
}

func checkKinds(kinds []string) *problem {
	if len(kinds) == 0 {
		return invalid("/kinds", "required, at least one")
	}
	for i, kind := range kinds {
		if !slices.Contains([]string{"hours", "meals", "allowances"}, kind) {
			return invalid(fmt.Sprintf("/kinds/%d", i), "not one of hours, meals, allowances")
		}
		if slices.Contains(kinds[:i], kind) {
			return invalid(fmt.Sprintf("/kinds/%d", i), "given before")
		}
	}
	return nil
}

func (c *call) getHourImport() (*answer, error) {
	var response *answer
	c.read(func(a *account) {
		if found, ok := a.imports.imports[c.id]; ok {
			response = answerOK(a.imports.describe(found))
		}
	})
	if response == nil {
		return nil, c.noSuchImport()
	}
	return response, nil
}

func (c *call) discardHourImport() (*answer, error) {
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	found, ok := a.imports.imports[c.id]
	if !ok {
		return nil, c.noSuchImport()
	}
	switch status := a.imports.status(found); status {
	case ImportDraft, ImportDiscarded:
		a.imports.discard(found)
		return answerNothing(), nil
	default:
		return nil, importState(status)
	}
}

func (c *call) noSuchImport() *problem {
	return newProblem(http.StatusNotFound, "no such import: "+c.id)
}

func importState(status string) *problem {
	return refusal(http.StatusConflict, "import_state", "the import is "+status)
}

func payrollAlreadyRun() *problem {
	return refusal(http.StatusConflict, "payroll_already_run", "payroll is running or has run for a day of the period")
}

// payrollBegan reports payroll that is running or has run for a day of the period.
func (a *account) payrollBegan(body newHourImport) bool {
	return slices.ContainsFunc(a.periodsTouching(body.venueID, body.start, body.end), func(period PayrollPeriod) bool {
		return period.Status != PayrollOpen
	})
}

// venueOfImport is "" where there is no such import.
func (a *account) venueOfImport(id string) string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if found, ok := a.imports.imports[id]; ok {
		return found.body.venueID
	}
	return ""
}
