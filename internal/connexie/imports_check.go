package connexie

import (
	"fmt"
	"slices"
	"strings"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

// What is wrong with the arguments of a call, in words without their values, or
// the empty text. Connexie would answer the same later, or not at all.

const (
	maxReference      = 64
	maxIdempotencyKey = 128
)

// maxQuantity keeps a quantity and the sum of an import within the digits that
// are read back exactly.
var maxQuantity = decimal.MustParse("999999999999.9999")

func (n NewHourImport) fault() string {
	period := domain.Period{From: n.Start, To: n.End}
	switch {
	case n.Start.IsZero(), n.End.IsZero(), n.End.Before(n.Start):
		return "the days must be given, the first not after the last"
	case period.Days() > domain.MaxPeriodDays:
		return fmt.Sprintf("the period has more than %d days", domain.MaxPeriodDays)
	case !knownKinds(n.Kinds):
		return "the kinds must be given, each once"
	case !validIdempotencyKey(n.IdempotencyKey):
		return "the idempotency key must have 1 to 128 visible ASCII characters"
	}
	return ""
}

func knownKinds(kinds []domain.ExportKind) bool {
	for i, kind := range kinds {
		if !slices.Contains(domain.ExportKinds(), kind) || slices.Contains(kinds[:i], kind) {
			return false
		}
	}
	return len(kinds) > 0
}

func validIdempotencyKey(key string) bool {
	invisible := func(r rune) bool { return r <= ' ' || r > '~' }
	return key != "" && len(key) <= maxIdempotencyKey && !strings.ContainsFunc(key, invisible)
}

func partFault(part int, lines []HourLine) string {
	switch {
	case part < 1 || part > MaxImportParts:
		return "the part must lie between 1 and 1000"
	case len(lines) > MaxPartLines:
		return "more than 1000 lines in a part"
	}
	seen := make(map[string]bool, len(lines))
	for i, line := range lines {
		fault := line.fault()
		if fault == "" && seen[line.Reference] {
			fault = "reference: the same as of another line"
		}
		if fault != "" {
			return fmt.Sprintf("lines[%d].%s", i, fault)
		}
		seen[line.Reference] = true
	}
	return ""
}

func (l HourLine) fault() string {
	switch {
	case len(l.Reference) > maxReference, !isPlain(l.Reference, furtherInReference):
		return "reference: not a plain text of at most 64 characters"
	case !validID(l.EmployeeID):
		return "employee_id: not an id"
	case !validID(l.ContractID):
		return "contract_id: not an id"
	case l.Date.IsZero():
		return "date: missing"
	case codeFault(l.Code) != "":
		return "code: " + codeFault(l.Code)
	case quantityFault(l.Quantity) != "":
		return "quantity: " + quantityFault(l.Quantity)
	}
	return ""
}

func commitFault(lineCount int, totals map[string]decimal.Decimal) string {
	switch {
	case lineCount < 0 || lineCount > maxImportLines:
		return "line_count: out of bounds"
	case (lineCount == 0) != (len(totals) == 0):
		return "totals: either lines without a total, or a total without lines"
	}
	for code, quantity := range totals {
		if fault := codeFault(code); fault != "" {
			return "totals: code: " + fault
		}
		if fault := quantityFault(quantity); fault != "" {
			return "totals: quantity: " + fault
		}
	}
	return ""
}

func quantityFault(quantity decimal.Decimal) string {
	switch {
	case !quantity.IsPos():
		return "not above zero"
	case quantity.MinScale() > maxDecimalScale:
		return "more than four decimals"
	case quantity.Cmp(maxQuantity) > 0:
		return "out of bounds"
	}
	return ""
}
