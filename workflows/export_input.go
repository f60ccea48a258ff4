package workflows

import (
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/eitje/connexie-worker/activities"
	"github.com/eitje/connexie-worker/internal/domain"
)

// ExportHoursInput is what an export is started with.
type ExportHoursInput struct {
	ConnectionID string `json:"connection_id"`
	// From and To are the first and the last day, such as 2026-11-01 and 2026-11-30.
	From domain.Date `json:"from,omitzero"`
	To   domain.Date `json:"to,omitzero"`
	// Kinds are some or all of hours, meals and allowances (X7).
	Kinds []domain.ExportKind `json:"kinds"`
	// Mode is apply (the default) or preview.
	Mode string `json:"mode,omitempty"`
	// AcknowledgeUnmapped lets the export go on where meals or allowances have no code
	// and are left out (C6).
	AcknowledgeUnmapped bool `json:"acknowledge_unmapped,omitempty"`
	// RequestedBy is an id of a person or program; "ui" where it is left out.
	RequestedBy string `json:"requested_by,omitempty"`

	unknown unknown
}

const exportExample = `{"connection_id":"0190a1b2-0000-7000-8000-000000000001","from":"2026-11-01","to":"2026-11-30",` +
	`"kinds":["hours","meals","allowances"],"mode":"preview"}`

// UnmarshalJSON collects what the input does not know for the validation.
func (in *ExportHoursInput) UnmarshalJSON(data []byte) error {
	in.unknown.decode(data, in)
	return nil
}

// validated fills in the defaults, puts the kinds in their order and answers with
// everything that is wrong.
func (in ExportHoursInput) validated(ctx workflow.Context) (ExportHoursInput, error) {
	in.Mode = orDefault(in.Mode, string(activities.ModeApply))
	in.RequestedBy = orDefault(in.RequestedBy, defaultRequester)
	c := checks{in.unknown}
	c.id("connection_id", in.ConnectionID)
	c.optionalID("requested_by", in.RequestedBy)
	c.period(in.period())
	c.kinds(in.Kinds)
	c.require(slices.Contains([]string{string(activities.ModeApply), string(activities.ModePreview)}, in.Mode),
		`member "mode" must be apply or preview`)
	if len(c.problems) == 0 {
		c.impliedID(workflow.GetInfo(ctx).WorkflowExecution.ID, in.workflowID())
	}
	in.Kinds = inOrder(in.Kinds)
	return in, c.err(exportExample)
}

func (in ExportHoursInput) period() domain.Period { return domain.Period{From: in.From, To: in.To} }

func (in ExportHoursInput) preview() bool { return in.Mode == string(activities.ModePreview) }

// workflowID is the id that the input implies.
func (in ExportHoursInput) workflowID() string {
	if in.preview() {
		return ExportPreviewID(in.ConnectionID)
	}
	return ExportID(in.ConnectionID)
}

// period checks the days of an export.
func (c *checks) period(p domain.Period) {
	c.day("from", p.From)
	c.day("to", p.To)
	if p.From.IsZero() || p.To.IsZero() {
		return
	}
	c.require(!p.To.Before(p.From), `members "from" and "to": the period ends on %s, before it begins on %s (X10)`, p.To, p.From)
	c.require(p.Days() <= domain.MaxPeriodDays,
		`members "from" and "to": the period has %d days and may have %d (X10)`, p.Days(), domain.MaxPeriodDays)
}

func (c *checks) day(member string, day domain.Date) {
	c.require(!day.IsZero() || slices.Contains(c.mistyped, member), "member %q is missing", member)
}

// kinds checks what is to be exported.
func (c *checks) kinds(kinds []domain.ExportKind) {
	if slices.Contains(c.mistyped, "kinds") {
		return
	}
	all := domain.ExportKinds()
	c.require(len(kinds) > 0, `member "kinds" must name at least one of %s (X7)`, words(all))
	c.require(!slices.ContainsFunc(kinds, func(kind domain.ExportKind) bool { return !slices.Contains(all, kind) }),
		`member "kinds" may hold %s and nothing else (X7)`, words(all))
	c.require(len(slices.Compact(slices.Sorted(slices.Values(kinds)))) == len(kinds), `member "kinds" names a kind twice`)
}

func words(kinds []domain.ExportKind) string {
	texts := make([]string, len(kinds))
	for i, kind := range kinds {
		texts[i] = string(kind)
	}
	return strings.Join(texts, ", ")
}

// inOrder are the kinds in their one order, so that whatever is made of them is the
// same however they were given.
func inOrder(kinds []domain.ExportKind) []domain.ExportKind {
	return slices.DeleteFunc(domain.ExportKinds(), func(kind domain.ExportKind) bool { return !slices.Contains(kinds, kind) })
}
