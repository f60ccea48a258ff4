package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/internal/domain"
)

// EndEmploymentInput is what the end of an employment is started with.
type EndEmploymentInput struct {
	ConnectionID string `json:"connection_id"`
	TeamMemberID string `json:"team_member_id"`
	// EndDate is the last day, such as 2026-11-30.
	EndDate domain.Date `json:"end_date,omitzero"`
	// Reason is a code, such as own_request; never free text (N4).
	Reason string `json:"reason,omitempty"`
	// RequestedBy is an id of a person or program; "ui" where it is left out.
	RequestedBy string `json:"requested_by,omitempty"`
	// Carried is what an ending that waits for long hands to its next history; nobody
	// else gives it.
	Carried *EndingState `json:"carried,omitempty"`

	unknown unknown
}

const endExample = `{"connection_id":"0190a1b2-0000-7000-8000-000000000001","team_member_id":"0190a1b2-0000-7000-8000-000000000004",` +
	`"end_date":"2026-11-30","reason":"own_request","requested_by":"user_42"}`

// UnmarshalJSON collects what the input does not know for the validation.
func (in *EndEmploymentInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

// validated fills in the defaults and answers with everything that is wrong.
func (in EndEmploymentInput) validated(ctx workflow.Context) (EndEmploymentInput, error) {
	in.RequestedBy = orDefault(in.RequestedBy, defaultRequester)
	info := workflow.GetInfo(ctx)
	c := checks{in.unknown}
	c.id("connection_id", in.ConnectionID)
	c.id("team_member_id", in.TeamMemberID)
	c.day("end_date", in.EndDate)
	c.code("reason", in.Reason)
	c.optionalID("requested_by", in.RequestedBy)
	c.require(in.Carried == nil || info.ContinuedExecutionRunID != "", `member "carried" is the workflow's own: leave it out`)
	if len(c.problems) == 0 {
		c.impliedID(info.WorkflowExecution.ID, EndEmploymentID(in.TeamMemberID))
	}
	return in, c.err(endExample)
}

// code checks a word that stands for a reason; it may be left out.
func (c *checks) code(member, value string) {
	c.require(value == "" || idPattern.MatchString(value),
		"member %q must be a code: 1 to 64 letters, digits, - or _; free text does not belong here", member)
}

// ConfirmEndInput asks for step two; it is the body of the update and the signal
// confirmEndInEitje.
type ConfirmEndInput struct {
	// By is an id of a person or program; "ui" where it is left out.
	By string `json:"by,omitempty"`

	unknown unknown
}

const confirmEndExample = `{"by":"user_42"}`

// UnmarshalJSON collects what the input does not know for the validation.
func (in *ConfirmEndInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

func (in ConfirmEndInput) validate() error {
	c := checks{in.unknown}
	c.optionalID("by", in.By)
	return c.err(confirmEndExample)
}

// ChangeEndDateInput asks for another last day; it is the body of the update
// changeEndDate.
type ChangeEndDateInput struct {
	EndDate domain.Date `json:"end_date,omitzero"`
	By      string      `json:"by,omitempty"`

	unknown unknown
}

const changeEndDateExample = `{"end_date":"2026-12-31","by":"user_42"}`

// UnmarshalJSON collects what the input does not know for the validation.
func (in *ChangeEndDateInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

func (in ChangeEndDateInput) validate() error {
	c := checks{in.unknown}
	c.day("end_date", in.EndDate)
	c.optionalID("by", in.By)
	return c.err(changeEndDateExample)
}

// WithdrawInput ends an ending before its time; it is the body of the update and the
// signal withdraw.
type WithdrawInput struct {
	By string `json:"by,omitempty"`
	// Reason is a code; by_hand where it is left out.
	Reason string `json:"reason,omitempty"`

	unknown unknown
}

const withdrawExample = `{"by":"user_42","reason":"stays"}`

// UnmarshalJSON collects what the input does not know for the validation.
func (in *WithdrawInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

func (in WithdrawInput) validate() error {
	c := checks{in.unknown}
	c.optionalID("by", in.By)
	c.code("reason", in.Reason)
	return c.err(withdrawExample)
}

// CheckConnexieInput asks Connexie at once; it is the body of the update checkConnexie.
type CheckConnexieInput struct {
	unknown unknown
}

const checkConnexieExample = `{}`

// UnmarshalJSON collects what the input does not know for the validation.
func (in *CheckConnexieInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

func (in CheckConnexieInput) validate() error {
	c := checks{in.unknown}
	return c.err(checkConnexieExample)
}
