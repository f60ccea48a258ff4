package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// SyncTeamMembersInput is what a synchronisation is started with. Everything but
// the connection may be left out.
type SyncTeamMembersInput struct {
	ConnectionID string `json:"connection_id"`
	// Trigger is manual (the default), nightly or activation.
	Trigger string `json:"trigger,omitempty"`
	// RequestedBy is an id of a person or program; "ui" where it is left out.
	RequestedBy string `json:"requested_by,omitempty"`
	// Mode is apply (the default) or preview.
	Mode string `json:"mode,omitempty"`
	// OnlyConnexieID synchronises one person alone.
	OnlyConnexieID string `json:"only_connexie_id,omitempty"`
	// Night is the night that the run answers for, such as 2026-11-22.
	Night domain.Date `json:"night,omitzero"`

	unknown unknown
}

const syncExample = `{"connection_id":"0190a1b2-0000-7000-8000-000000000001","mode":"preview"}`

// The words of a sync's input.
const (
	triggerManual     = "manual"
	triggerNightly    = "nightly"
	triggerActivation = "activation"

	defaultRequester = "ui"
)

// UnmarshalJSON collects what the input does not know for the validation.
func (in *SyncTeamMembersInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

// validated fills in the defaults and answers with everything that is wrong.
func (in SyncTeamMembersInput) validated(ctx workflow.Context) (SyncTeamMembersInput, error) {
	in.Trigger = orDefault(in.Trigger, triggerManual)
	in.Mode = orDefault(in.Mode, string(activities.ModeApply))
	in.RequestedBy = orDefault(in.RequestedBy, defaultRequester)
	c := checks{in.unknown}
	c.id("connection_id", in.ConnectionID)
	c.optionalID("only_connexie_id", in.OnlyConnexieID)
	c.optionalID("requested_by", in.RequestedBy)
	c.require(slices.Contains([]string{triggerManual, triggerNightly, triggerActivation}, in.Trigger),
		`member "trigger" must be manual, nightly or activation`)
	c.require(slices.Contains([]string{string(activities.ModeApply), string(activities.ModePreview)}, in.Mode),
		`member "mode" must be apply or preview`)
	c.require(in.Night.IsZero() || in.full(), `member "night" belongs to a full run alone`)
	if len(c.problems) == 0 {
		c.impliedID(workflow.GetInfo(ctx).WorkflowExecution.ID, in.workflowID())
	}
	return in, c.err(syncExample)
}

// full reports whether it is the connection's one full run (S2).
func (in SyncTeamMembersInput) full() bool {
	return in.Mode != string(activities.ModePreview) && in.OnlyConnexieID == ""
}

// workflowID is the id that the input implies.
func (in SyncTeamMembersInput) workflowID() string {
	preview := in.Mode == string(activities.ModePreview)
	switch {
	case preview && in.OnlyConnexieID != "":
		return PreviewPersonID(in.ConnectionID, in.OnlyConnexieID)
	case preview:
		return PreviewID(in.ConnectionID)
	case in.OnlyConnexieID != "":
		return SyncPersonID(in.ConnectionID, in.OnlyConnexieID)
	}
	return SyncID(in.ConnectionID)
}

func orDefault(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
