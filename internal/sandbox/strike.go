package sandbox

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// strikeEffect lets the faults of one side of the effect act in their order.
// decided is true where the answer is theirs; nil then breaks the connection.
func (c *call) strikeEffect(after bool) (response *answer, decided bool) {
	for i := range c.struck {
		fault := &c.struck[i]
		if fault.AfterEffect != after {
			continue
		}
		switch fault.Kind {
		case FaultDelay:
			if c.sandbox.wait(c.request.Context(), time.Duration(fault.DelayMilliseconds)*time.Millisecond) != nil {
				return nil, true
			}
		case FaultHold:
			if !fault.hold(c.request.Context()) {
				return nil, true
			}
		case FaultPayrollRun:
			c.strikePayroll(*fault.Payroll)
		case FaultDropConnection:
			return nil, true
		default:
			if refused := fault.refusal(); refused != nil {
				return refused, true
			}
		}
	}
	return nil, false
}

// hold reports false when the caller gave up.
func (s *strike) hold(ctx context.Context) bool {
	select {
	case <-s.released:
		return true
	case <-ctx.Done():
		return false
	}
}

// strikeChanges makes the changes of change faults. One that no longer can be
// made, because the person is gone, is left: the fault is a disturbance, not a
// transaction.
func (c *call) strikeChanges() {
	if c.account == nil {
		return
	}
	for _, fault := range c.struck {
		for _, change := range fault.Changes {
			_ = c.sandbox.applyChange(c.account.id, change)
		}
	}
}

// strikePayroll leaves a run of payroll that cannot be, as strikeChanges does.
func (c *call) strikePayroll(run PayrollRun) {
	if c.account != nil {
		_ = c.sandbox.RunPayroll(c.account.id, run.VenueID, run.From, run.To)
	}
}

func (s *Sandbox) applyChange(accountID string, change Change) error {
	if change.Remove {
		return s.RemoveEmployee(accountID, change.EmployeeID)
	}
	_, err := s.PatchEmployee(accountID, change.EmployeeID, change.Patch)
	return err
}

// contentStruck reports a fault of the content: such a call is never answered
// with 304, or the fault would not be seen.
func (c *call) contentStruck() bool {
	return slices.ContainsFunc(c.struck, func(s strike) bool {
		switch s.Kind {
		case FaultEmptyList, FaultHide, FaultRepeat, FaultBadRecord, FaultMalformedJSON, FaultCutBody:
			return true
		default:
			return false
		}
	})
}

// strikePage changes what is in a page, and its ETag with it: the tag stands
// for what was sent, so that the next true reading is not taken for unchanged.
func (c *call) strikePage(current *page, list *collection, query listQuery) {
	for _, fault := range c.struck {
		switch fault.Kind {
		case FaultEmptyList:
			current.keys, current.items, current.next = nil, nil, ""
		case FaultHide:
			current.hide(fault.IDs)
		case FaultRepeat:
			if r, found := list.get(query.after); found {
				current.keys = slices.Insert(current.keys, 0, r.key)
				current.items = slices.Insert(current.items, 0, r.raw)
			}
		case FaultBadRecord:
			current.spoil(&fault.Fault)
		}
	}
	if c.contentStruck() && current.etag != "" {
		current.etag = current.etag[:len(current.etag)-1] + "-struck" + `"`
	}
}

func (p *page) hide(ids []string) {
	for i, key := range slices.Backward(p.keys) { // what moves has been looked at
		if slices.Contains(ids, key) {
			p.keys = slices.Delete(p.keys, i, i+1)
			p.items = slices.Delete(p.items, i, i+1)
		}
	}
}

// spoil makes one record of the page bad.
func (p *page) spoil(fault *Fault) {
	member, value := fault.Member, fault.Value
	if member == "" {
		member, value = "contracts.0.start_date", []byte(`"2026-02-30"`)
	}
	for i, key := range p.keys {
		if len(fault.IDs) > 0 && !slices.Contains(fault.IDs, key) {
			continue
		}
		if spoiled, ok := setMember(p.items[i], member, value); ok {
			p.items[i] = spoiled
			return
		}
	}
}

// send writes the answer, or what a fault leaves of it.
func (c *call) send(w http.ResponseWriter, response *answer) {
	if response == nil {
		panic(http.ErrAbortHandler) // net/http closes the connection, silently
	}
	for _, fault := range c.struck {
		switch fault.Kind {
		case FaultMalformedJSON:
			response = malformed(response)
		case FaultCutBody:
			if len(response.body) == 0 { // or nothing would be missing
				panic(http.ErrAbortHandler)
			}
			response.writeCut(w)
		}
	}
	response.write(w)
}

func malformed(response *answer) *answer {
	broken := *response
	broken.body = slices.Clone(response.body)
	if len(broken.body) > 0 {
		broken.body[len(broken.body)-1] = ','
	}
	return &broken
}
