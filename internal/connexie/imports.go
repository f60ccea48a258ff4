package connexie

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

// ImportStatus says what an import of hours is worth to payroll.
type ImportStatus string

// The statuses of an import. A replaced one has lost every day to later imports.
const (
	ImportDraft     ImportStatus = "draft"
	ImportCommitted ImportStatus = "committed"
	ImportReplaced  ImportStatus = "replaced"
	ImportDiscarded ImportStatus = "discarded"
)

var importStatuses = []string{
	string(ImportDraft), string(ImportCommitted), string(ImportReplaced), string(ImportDiscarded),
}

// HourImport is one import for one venue and one run of days, as Connexie holds it.
type HourImport struct {
	ID      string
	VenueID string
	Start   domain.Date
	// End is the last day, included.
	End       domain.Date
	Kinds     []domain.ExportKind
	Status    ImportStatus
	LineCount int
	// Totals are the quantities by code; empty where there are no lines.
	Totals map[string]decimal.Decimal
	// CommittedAt is zero where Connexie does not say.
	CommittedAt time.Time
}

// NewHourImport asks for a draft.
type NewHourImport struct {
	VenueID string
	Start   domain.Date
	// End is the last day, included; at most domain.MaxPeriodDays in all.
	End   domain.Date
	Kinds []domain.ExportKind
	// IdempotencyKey has 1 to 128 visible ASCII characters. Connexie keeps it for
	// 30 days.
	IdempotencyKey string
}

// newImportBody is what goes out.
type newImportBody struct {
	VenueID     string              `json:"venue_id"`
	PeriodStart string              `json:"period_start"`
	PeriodEnd   string              `json:"period_end"`
	Kinds       []domain.ExportKind `json:"kinds"`
}

const importsPath = "hour-imports"

// CreateHourImport opens a draft, or answers the import that the same key opened
// before, in whatever state it is now: the status tells which. Repeating it after
// an error that leaves the outcome open (CodeUnreachable, CodeServerError,
// CodeProtocol) never opens a second one, as net/http does by itself where a kept
// connection breaks before the answer. CodePayrollAlreadyRun says that payroll is
// running or has run on one of the days (X9), CodeIdempotencyConflict that the key
// was used for another draft, CodeForbidden that the token lacks
// PermissionWriteImports.
func (a *Account) CreateHourImport(ctx context.Context, draft NewHourImport) (HourImport, error) {
	c := call{
		op:      "create hour import",
		subject: draft.VenueID,
		method:  http.MethodPost,
		path:    []string{importsPath},
		header:  http.Header{"Idempotency-Key": {draft.IdempotencyKey}},
		body: newImportBody{
			VenueID: draft.VenueID, PeriodStart: draft.Start.String(), PeriodEnd: draft.End.String(), Kinds: draft.Kinds,
		},
		accept: []int{http.StatusCreated, http.StatusOK},
	}
	if !validID(draft.VenueID) {
		c.subject = ""
		return HourImport{}, c.fails(CodeInvalidArgument, "the venue's id is not one of Connexie")
	}
	if fault := draft.fault(); fault != "" {
		return HourImport{}, c.fails(CodeInvalidArgument, fault)
	}
	got, err := a.do(ctx, c)
	if err != nil {
		return HourImport{}, err
	}
	return got.hourImport(func(r *reading, wire wireHourImport, found HourImport) {
		r.asAskedFor(wire, draft, found)
		if got.status == http.StatusCreated && found.Status != ImportDraft {
			r.fail(wire.Status, "no draft, though just created")
		}
	})
}

// GetHourImport reads an import as Connexie holds it now. CodeNotFound says that
// Connexie does not know the id.
func (a *Account) GetHourImport(ctx context.Context, id string) (HourImport, error) {
	c, err := importCall("get hour import", http.MethodGet, id)
	if err != nil {
		return HourImport{}, err
	}
	c.accept = []int{http.StatusOK}
	got, err := a.do(ctx, c)
	if err != nil {
		return HourImport{}, err
	}
	return got.hourImport(func(r *reading, wire wireHourImport, found HourImport) {
		r.sameImport(wire, id, found)
	})
}

// DiscardHourImport throws a draft away, and is content where it was gone before
// or was never known. CodeImportState says that the import was committed.
func (a *Account) DiscardHourImport(ctx context.Context, id string) error {
	c, err := importCall("discard hour import", http.MethodDelete, id)
	if err != nil {
		return err
	}
	c.accept = []int{http.StatusNoContent}
	_, err = a.do(ctx, c)
	var refusal *Error
	if errors.As(err, &refusal) && refusal.Code == CodeNotFound {
		return nil
	}
	return err
}

// importCall is a call about one import, which further path elements may follow.
func importCall(op, method, id string, further ...string) (call, error) {
	c := call{op: op, subject: id, method: method, path: append([]string{importsPath, id}, further...)}
	if !validID(id) {
		c.subject = ""
		return call{}, c.fails(CodeInvalidArgument, "the id is not one of Connexie")
	}
	return c, nil
}
