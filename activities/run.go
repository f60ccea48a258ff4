package activities

import "github.com/eitje/connexie-worker/internal/domain"

// Mode tells whether a run changes anything.
type Mode string

// The modes of a run.
const (
	ModeApply   Mode = "apply"
	ModePreview Mode = "preview"
)

// Run says which run an activity works for. It travels with every call and each
// activity opens or finds the run by it, so that nothing is kept between them.
type Run struct {
	// ID is derived from the workflow and the pass (a UUIDv5).
	ID           string `json:"run_id"`
	ConnectionID string `json:"connection_id"`
	WorkflowID   string `json:"workflow_id"`
	Pass         int    `json:"pass"`
	Trigger      string `json:"trigger"`
	Mode         Mode   `json:"mode"`
	// OnlyConnexieID names the one person to synchronise; empty for everyone.
	OnlyConnexieID string `json:"only_connexie_id,omitempty"`
	// Night is the night that the run answers for, such as 2026-11-22; empty for
	// none.
	Night       domain.Date `json:"night"`
	RequestedBy string      `json:"requested_by"`
}

// full reports whether the run is the connection's one full run, which carries the
// fence (S2).
func (r Run) full() bool { return r.Mode == ModeApply && r.OnlyConnexieID == "" }

// preview reports whether the run changes nothing (S19).
func (r Run) preview() bool { return r.Mode == ModePreview }
