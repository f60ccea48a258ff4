package app

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/eitje/connexie-worker/internal/domain"
)

// ExportReport is how an export ended, with the rows that somebody wants to see then:
// of a preview what would be sent, of an export its receipt, and whatever needs
// somebody.
type ExportReport struct {
	Export

	// LeftOut counts what is not sent, by rule and reason.
	LeftOutCounts []LeftOutCount `json:"left_out"`
	// People are of a preview: what would be sent (X16).
	People []ExportPerson `json:"people,omitempty"`
	// Differences are of a preview: what repeating the export would change (X16).
	Differences []Difference `json:"differences,omitempty"`
	// Receipt is of an export that sends (X18).
	Receipt []ReceiptLine `json:"receipt,omitempty"`
	// Corrections are where payroll has run (X9).
	Corrections []Difference `json:"corrections,omitempty"`
	// Rejected are the lines that Connexie rejected (X17).
	Rejected []RejectedLine `json:"rejected,omitempty"`
	// Unmapped are meals and allowances without a code, with the command that chooses
	// one (C6).
	Unmapped []UnmappedKind `json:"unmapped,omitempty"`
}

// LeftOutCount counts what one rule leaves out for one reason.
type LeftOutCount struct {
	Rule   string        `json:"rule"`
	Reason domain.Reason `json:"reason"`
	Count  int           `json:"count"`
}

// leftOutCounts reads the counts "skipped.<rule>.<reason>", the most frequent first.
func leftOutCounts(counts domain.Counts) []LeftOutCount {
	left := []LeftOutCount{}
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		rest, skipped := strings.CutPrefix(word, "skipped.")
		rule, reason, whole := strings.Cut(rest, ".")
		if skipped && whole {
			left = append(left, LeftOutCount{Rule: rule, Reason: domain.Reason(reason), Count: counts[word]})
		}
	}
	slices.SortStableFunc(left, func(a, b LeftOutCount) int { return b.Count - a.Count })
	return left
}

// Report gathers how an export ended. Needs the database.
func (o *Operator) Report(ctx context.Context, export Export) (ExportReport, error) {
	report := ExportReport{Export: export, LeftOutCounts: leftOutCounts(export.Counts)}
	var err error
	if export.Preview() {
		if report.People, err = o.ExportPeople(ctx, export.ExportID); err != nil {
			return report, err
		}
		if report.Differences, err = o.repeated(ctx, export); err != nil {
			return report, err
		}
	} else if !export.unsent() {
		if report.Receipt, err = o.Receipt(ctx, export.ExportID); err != nil {
			return report, err
		}
	}
	if export.has(domain.VenueRefused) {
		if report.Corrections, err = o.Corrections(ctx, export.ExportID); err != nil {
			return report, err
		}
	}
	if export.has(domain.VenueRejected) {
		if report.Rejected, err = o.RejectedLines(ctx, export.ExportID); err != nil {
			return report, err
		}
	}
	if export.Counts["unmapped"] > 0 {
		report.Unmapped, err = o.unmappedIn(ctx, export)
	}
	return report, err
}

// repeated lists what an export would change of what Connexie holds; nothing where
// Connexie holds nothing of its days yet, and everything would be new.
func (o *Operator) repeated(ctx context.Context, export Export) ([]Difference, error) {
	current, err := o.store.CurrentImports(ctx, export.ConnectionID)
	if err != nil {
		return nil, err
	}
	period := domain.Period{From: export.From, To: export.To}
	if !slices.ContainsFunc(current, func(held domain.CurrentImport) bool { return held.Period.Overlaps(period) }) {
		return nil, nil
	}
	return o.Differences(ctx, export.ExportID)
}

// unsent reports whether nothing has been begun at any venue, or payroll had run at
// all of them, so that there is nothing to give a receipt for.
func (e Export) unsent() bool {
	return !slices.ContainsFunc(e.Venues, func(venue ExportVenue) bool {
		return venue.State != domain.VenuePlanned && venue.State != domain.VenueRefused
	})
}

// has reports whether some venue of the export is in a state.
func (e Export) has(state domain.VenueState) bool {
	return slices.ContainsFunc(e.Venues, func(venue ExportVenue) bool { return venue.State == state })
}

// unmappedIn lists the meals and allowances that an export left out because they had no
// code then, also where one has been chosen since.
func (o *Operator) unmappedIn(ctx context.Context, export Export) ([]UnmappedKind, error) {
	mappings, err := o.Mappings(ctx, export.ConnectionID)
	if err != nil {
		return nil, err
	}
	kinds, err := o.store.UnmappedIn(ctx, export.ExportID)
	return mappings.withoutCode(kinds), err
}
