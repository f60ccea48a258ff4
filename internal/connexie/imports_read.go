package connexie

import (
	"slices"
	"strconv"
	"time"

	"github.com/govalues/decimal"

	"github.com/eitje/connexie-worker/internal/domain"
)

type wireHourImport struct {
	ID          member `json:"id"`
	VenueID     member `json:"venue_id"`
	PeriodStart member `json:"period_start"`
	PeriodEnd   member `json:"period_end"`
	Kinds       member `json:"kinds"`
	Status      member `json:"status"`
	LineCount   member `json:"line_count"`
	Totals      member `json:"totals"`
	CommittedAt member `json:"committed_at"`
}

type wireCodeTotal struct {
	Code     member `json:"code"`
	Quantity member `json:"quantity"`
}

var (
	hourImportShape = shapeOf[wireHourImport]()
	codeTotalShape  = shapeOf[wireCodeTotal]()
)

// maxTotals bounds the codes of one import: far more than an account activates.
const maxTotals = 10_000

var exportKinds = []string{
	string(domain.ExportHours), string(domain.ExportMeals), string(domain.ExportAllowances),
}

// hourImport reads the import that a call answered with. The check holds it to
// what was asked for. Everything about it decides what counts in payroll, so that
// one member that cannot be read makes the whole answer one that breaks the
// contract.
func (got answer) hourImport(check func(*reading, wireHourImport, HourImport)) (HourImport, error) {
	var r reading
	wire := hourImportShape.read(&r, got.body)
	found := r.hourImport(wire)
	if !r.failed() {
		check(&r, wire, found)
	}
	if r.failed() {
		return HourImport{}, got.breaks(r.reason())
	}
	return found, nil
}

func (r *reading) hourImport(wire wireHourImport) HourImport {
	found := HourImport{
		ID:          r.id(wire.ID),
		VenueID:     r.id(wire.VenueID),
		Start:       r.date(wire.PeriodStart),
		End:         r.date(wire.PeriodEnd),
		Kinds:       r.exportKinds(wire.Kinds),
		Status:      ImportStatus(r.oneOf(wire.Status, importStatuses)),
		LineCount:   r.count(wire.LineCount, maxImportLines),
		Totals:      r.totals(wire.Totals),
		CommittedAt: r.optionalInstant(wire.CommittedAt),
	}
	r.ordered(wire.PeriodEnd, found.Start, found.End)
	return found
}

func (r *reading) exportKinds(m member) []domain.ExportKind {
	var kinds []domain.ExportKind
	for i, raw := range elements(r.array(m)) {
		var inner reading
		kind := domain.ExportKind(inner.oneOf(member{raw: raw}, exportKinds))
		// A repetition ends it, so that the list is as long as there are kinds.
		if !inner.failed() && slices.Contains(kinds, kind) {
			inner.fail(member{}, "the same as another kind")
		}
		r.adoptItem(m, i, inner)
		if inner.failed() {
			break
		}
		kinds = append(kinds, kind)
	}
	return kinds
}

func (r *reading) totals(m member) map[string]decimal.Decimal {
	totals := make(map[string]decimal.Decimal)
	for i, raw := range elements(r.array(m)) {
		if i == maxTotals {
			r.fail(m, "too many")
			break
		}
		var inner reading
		wire := codeTotalShape.read(&inner, raw)
		code, quantity := inner.wageCode(wire.Code), inner.quantity(wire.Quantity)
		if _, twice := totals[code]; twice {
			inner.fail(wire.Code, "the same as of another total")
		}
		totals[code] = quantity
		r.adoptItem(m, i, inner)
	}
	return totals
}

// quantity reads a required decimal string, which may be zero.
func (r *reading) quantity(m member) decimal.Decimal {
	text, ok := r.required(m)
	if !ok {
		return decimal.Decimal{}
	}
	value, fault := parseDecimal(text, maxQuantity)
	if fault != "" {
		r.fail(m, fault)
	}
	return value
}

// count reads a required whole number from zero to a limit, which is allowed
// itself.
func (r *reading) count(m member, limit int) int {
	switch m.kind() {
	case kindAbsent:
		r.fail(m, "missing")
		return 0
	case kindNumber:
	default:
		r.fail(m, "not a number")
		return 0
	}
	if !isDigits(string(m.raw)) {
		r.fail(m, "not a count")
		return 0
	}
	count, err := strconv.Atoi(string(m.raw))
	if err != nil || count > limit {
		r.fail(m, "out of bounds")
		return 0
	}
	return count
}

// optionalInstant reads an instant where absent and null are "none".
func (r *reading) optionalInstant(m member) time.Time {
	if m.nothing() {
		return time.Time{}
	}
	return r.instant(m)
}

// asAskedFor faults an import that is not the one that the draft describes.
func (r *reading) asAskedFor(wire wireHourImport, draft NewHourImport, found HourImport) {
	switch {
	case found.VenueID != draft.VenueID:
		r.fail(wire.VenueID, "another venue than was asked for")
	case found.Start != draft.Start:
		r.fail(wire.PeriodStart, "another day than was asked for")
	case found.End != draft.End:
		r.fail(wire.PeriodEnd, "another day than was asked for")
	case !sameKinds(found.Kinds, draft.Kinds):
		r.fail(wire.Kinds, "other kinds than were asked for")
	}
}

// sameImport faults another import than the one that was asked for.
func (r *reading) sameImport(wire wireHourImport, id string, found HourImport) {
	if found.ID != id {
		r.fail(wire.ID, "another import than was asked for")
	}
}

// sameKinds compares two lists of kinds that each come once, in any order.
func sameKinds(a, b []domain.ExportKind) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(kind domain.ExportKind) bool { return !slices.Contains(b, kind) })
}
