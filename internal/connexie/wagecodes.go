package connexie

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/eitje/connexie-worker/internal/domain"
)

// WageCodesPage is one page of the wage and hour codes that are activated in
// Connexie (C6).
type WageCodesPage struct {
	// NotModified answers a request with an ETag: nothing in the whole list has
	// changed, and the page is empty.
	NotModified bool
	// ETag stands for the whole list. It comes with the first page, may be empty,
	// and is worth keeping only once the list was read to its end.
	ETag string
	// Next asks for the page that follows; empty on the last one.
	Next      string
	WageCodes []domain.WageCode
	// Bad holds the items that could not be read (S15); ID is the code.
	Bad []BadRecord
}

type wireWageCode struct {
	Code        member `json:"code"`
	Description member `json:"description"`
	Kind        member `json:"kind"`
	Unit        member `json:"unit"`
}

var wageCodeShape = shapeOf[wireWageCode]()

// The contract's words for what a code counts, and in which unit.
var (
	wageCodeKinds = []string{"hours", "meal", "allowance"}
	wageCodeUnits = []string{"hours", "pieces", "eur", "km"}
)

const maxWageCode = 16

// ListWageCodes reads one page. ModifiedSince is not for codes and must be zero.
func (a *Account) ListWageCodes(ctx context.Context, request PageRequest) (WageCodesPage, error) {
	p, err := listPage(ctx, a, request, "list wage codes", "wage-codes", readWageCode)
	if err != nil {
		return WageCodesPage{}, err
	}
	return WageCodesPage{NotModified: p.notModified, ETag: p.etag, Next: p.next, WageCodes: p.items, Bad: p.bad}, nil
}

func readWageCode(r *reading, raw []byte) (domain.WageCode, string) {
	wire := wageCodeShape.read(r, raw)
	code := domain.WageCode{
		Code:        r.wageCode(wire.Code),
		Description: r.text(wire.Description),
		Kind:        r.oneOf(wire.Kind, wageCodeKinds),
		Unit:        r.oneOf(wire.Unit, wageCodeUnits),
	}
	return code, code.Code
}

func (r *reading) wageCode(m member) string {
	code, ok := r.required(m)
	if fault := codeFault(code); ok && fault != "" {
		r.fail(m, fault)
		return ""
	}
	return code
}

// codeFault says why a text is no wage code, or nothing.
func codeFault(code string) string {
	switch fault := textFault(code); {
	case fault != "":
		return fault
	case blank(code):
		return "blank"
	case utf8.RuneCountInString(code) > maxWageCode:
		return "too long"
	}
	return ""
}

// oneOf reads a required word of an enumeration.
func (r *reading) oneOf(m member, words []string) string {
	text, ok := r.required(m)
	if ok && !slices.Contains(words, text) {
		r.fail(m, "not a word of the contract")
		return ""
	}
	return text
}
