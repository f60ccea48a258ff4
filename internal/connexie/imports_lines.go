package connexie

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

// Bounds of an import: parts are numbered from 1.
const (
	MaxImportParts = 1000
	MaxPartLines   = 1000

	maxImportLines = MaxImportParts * MaxPartLines
)

// HourLine is one line of an import: hours, a meal or an allowance.
type HourLine struct {
	// Reference is our own id of the line, unique within the import: at most 64
	// letters, digits, "-", "_", "." and ":", so that a refusal can name it (X17).
	Reference  string
	EmployeeID string
	ContractID string
	// Date is the day on which the shift began, within the import's period (X4).
	Date domain.Date
	Code string
	// Quantity is above zero, in the unit of the code, with at most four decimals.
	Quantity decimal.Decimal
}

// The bodies that go out have texts only: encoding/json writes a text faster than
// a value that marshals itself, and checks it once.

type partBody struct {
	Lines []lineBody `json:"lines"`
}

type lineBody struct {
	Reference  string `json:"reference"`
	EmployeeID string `json:"employee_id"`
	ContractID string `json:"contract_id"`
	Date       string `json:"date"`
	Code       string `json:"code"`
	Quantity   string `json:"quantity"`
}

type commitBody struct {
	LineCount int         `json:"line_count"`
	Totals    []totalBody `json:"totals"`
}

type totalBody struct {
	Code     string `json:"code"`
	Quantity string `json:"quantity"`
}

// PutHourImportPart puts one part of a draft's lines; putting it again replaces
// it. The lines may be none, at most MaxPartLines, and the part lies between 1 and
// MaxImportParts. CodeValidationFailed names the bad lines by their references in
// Error.Lines and leaves what the part held before; CodeImportState says that the
// import is no draft.
func (a *Account) PutHourImportPart(ctx context.Context, id string, part int, lines []HourLine) error {
	c, err := importCall("put hour import part", http.MethodPut, id, "parts", strconv.Itoa(part))
	if err != nil {
		return err
	}
	if fault := partFault(part, lines); fault != "" {
		return c.fails(CodeInvalidArgument, fault)
	}
	c.body = partBody{Lines: lineBodies(lines)}
	c.accept = []int{http.StatusNoContent}
	_, err = a.do(ctx, c)
	return err
}

// CommitHourImport makes the draft count, all of it or none of it, and returns the
// committed import. The line count and the totals by code are those of all parts.
// Doing it again with the same arguments changes nothing and returns the same,
// also once payroll has run; after an error that leaves the outcome open
// (CodeUnreachable, CodeServerError, CodeProtocol) GetHourImport tells.
//
// Nothing has changed after CodePayrollAlreadyRun (X9), CodeTotalsMismatch,
// CodeValidationFailed, which names the lines that payroll rejects in Error.Lines
// (X17), and CodeImportState: the import is replaced, discarded, or was committed
// with other totals.
//
// Whether the answer holds as many lines and as much as were sent is the caller's
// to compare (X11).
func (a *Account) CommitHourImport(ctx context.Context, id string, lineCount int, totals map[string]decimal.Decimal) (HourImport, error) {
	c, err := importCall("commit hour import", http.MethodPost, id, "commit")
	if err != nil {
		return HourImport{}, err
	}
	if fault := commitFault(lineCount, totals); fault != "" {
		return HourImport{}, c.fails(CodeInvalidArgument, fault)
	}
	c.body = commitBody{LineCount: lineCount, Totals: totalBodies(totals)}
	c.accept = []int{http.StatusOK}
	got, err := a.do(ctx, c)
	if err != nil {
		return HourImport{}, err
	}
	return got.hourImport(func(r *reading, wire wireHourImport, found HourImport) {
		r.sameImport(wire, id, found)
		if found.Status != ImportCommitted {
			r.fail(wire.Status, "not committed, though just committed")
		}
	})
}

func lineBodies(lines []HourLine) []lineBody {
	bodies := make([]lineBody, len(lines))
	for i, line := range lines {
		bodies[i] = lineBody{
			Reference:  line.Reference,
			EmployeeID: line.EmployeeID,
			ContractID: line.ContractID,
			Date:       line.Date.String(),
			Code:       line.Code,
			Quantity:   plainDecimal(line.Quantity),
		}
	}
	return bodies
}

// totalBodies are in the order of the codes, so that the same commit is the same
// body.
func totalBodies(totals map[string]decimal.Decimal) []totalBody {
	bodies := make([]totalBody, 0, len(totals))
	for _, code := range slices.Sorted(maps.Keys(totals)) {
		bodies = append(bodies, totalBody{Code: code, Quantity: plainDecimal(totals[code])})
	}
	return bodies
}

// plainDecimal writes digits with at most four decimals, without an exponent; the
// value has no more of them, see quantityFault.
func plainDecimal(value decimal.Decimal) string { return value.Trim(maxDecimalScale).String() }
