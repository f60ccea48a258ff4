package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/workflows"
)

// ExportRequest asks for an export of a period, as somebody types it.
type ExportRequest struct {
	ConnectionID string
	Days         Days
	// Kinds are some or all of hours, meals and allowances (X7).
	Kinds []string
	// Preview computes what would be sent and sends nothing (X16).
	Preview bool
	// AcknowledgeUnmapped lets meals and allowances without a code stay behind (C6).
	AcknowledgeUnmapped bool
	// By is the id of a person or program; DefaultRequester where empty.
	By string
}

// Days is a period as somebody types it: a first and a last day, or a month.
type Days struct {
	// From and To are days such as 2026-11-01.
	From, To string
	// Month is a month such as 2026-11, in place of both.
	Month string
}

const daysExample = "Give --from 2026-11-01 --to 2026-11-30, or --month 2026-11."

// Period reads the days; the error says what is wrong, with an example.
func (d Days) Period() (domain.Period, error) {
	var none domain.Period
	switch {
	case d.Month != "" && (d.From != "" || d.To != ""):
		return none, invalid(daysExample, "a month is a period by itself")
	case d.Month != "":
		return monthOf(d.Month)
	case d.From == "" || d.To == "":
		return none, invalid(daysExample, "the period lacks its first or its last day")
	}
	from, err := domain.ParseDate(d.From)
	if err != nil {
		return none, invalid(daysExample, "%q is not a calendar date", shorten(d.From))
	}
	to, err := domain.ParseDate(d.To)
	if err != nil {
		return none, invalid(daysExample, "%q is not a calendar date", shorten(d.To))
	}
	if to.Before(from) {
		return none, invalid(daysExample, "the period ends on %s, before it begins on %s (X10)", to, from)
	}
	return domain.Period{From: from, To: to}, nil
}

func monthOf(text string) (domain.Period, error) {
	first, err := time.Parse("2006-01", text)
	if err != nil || first.Year() < 1 {
		return domain.Period{}, invalid(daysExample, "%q is not a month", shorten(text))
	}
	from := domain.NewDate(first.Year(), first.Month(), 1)
	return domain.Period{From: from, To: domain.NewDate(first.Year(), first.Month()+1, 0)}, nil
}

// Validate reports what is wrong with the request by itself, before anything is opened.
func (r ExportRequest) Validate() error {
	_, err := r.input()
	return err
}

// input is what the workflow is started with; without the connection, which is looked
// for first.
func (r ExportRequest) input() (workflows.ExportHoursInput, error) {
	var in workflows.ExportHoursInput
	by, err := requester(r.By)
	if err != nil {
		return in, err
	}
	period, err := r.Days.Period()
	if err != nil {
		return in, err
	}
	if days := period.Days(); days > domain.MaxPeriodDays {
		return in, invalid(daysExample, "the period has %d days and may have %d (X10)", days, domain.MaxPeriodDays)
	}
	kinds, err := kindsOf(r.Kinds)
	if err != nil {
		return in, err
	}
	in = workflows.ExportHoursInput{
		From: period.From, To: period.To, Kinds: kinds, Mode: store.ModeApply,
		AcknowledgeUnmapped: r.AcknowledgeUnmapped, RequestedBy: by,
	}
	if r.Preview {
		in.Mode = store.ModePreview
	}
	return in, nil
}

// kindsOf reads kinds as somebody typed them, in their one order.
func kindsOf(words []string) ([]domain.ExportKind, error) {
	var kinds []domain.ExportKind
	example := fmt.Sprintf("Give some or all of them, such as --kinds %s.", joined(domain.ExportKinds()))
	for _, word := range words {
		kind := domain.ExportKind(strings.TrimSpace(word))
		switch {
		case !slices.Contains(domain.ExportKinds(), kind):
			return nil, invalid(example, "%q is no kind of an export (X7)", shorten(word))
		case slices.Contains(kinds, kind):
			return nil, invalid(example, "%s is named twice", kind)
		}
		kinds = append(kinds, kind)
	}
	if len(kinds) == 0 {
		return nil, invalid(example, "the export names no kind (X7)")
	}
	return inOrder(kinds), nil
}

// inOrder are the kinds in their one order, however they were given.
func inOrder(kinds []domain.ExportKind) []domain.ExportKind {
	return slices.DeleteFunc(domain.ExportKinds(), func(kind domain.ExportKind) bool { return !slices.Contains(kinds, kind) })
}

// joined writes kinds as the command line takes them.
func joined(kinds []domain.ExportKind) string {
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		words[i] = string(kind)
	}
	return strings.Join(words, ",")
}
