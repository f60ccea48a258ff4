package activities

import (
	"context"
	"maps"
	"slices"

	"github.com/govalues/decimal"
	"go.temporal.io/sdk/activity"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// CompareExportResult tells where Connexie holds something else than was exported last.
type CompareExportResult struct {
	// Differing are Connexie venues, in the order of their ids.
	Differing []string `json:"differing"`
}

// CompareExport asks of a preview, for whatever earlier exports hold on its days,
// whether Connexie still has that import committed with equal count and totals: only
// then are what is added, changed and removed the truth (X16). It changes nothing.
// Errors: ConnexieTokenRefused, ConnexieForbidden, ConnexieRateLimited,
// ConnexieUnavailable, ConnexieProtocol, FenceLost, Database.
func (a *Sending) CompareExport(ctx context.Context, in ExportRun) (CompareExportResult, error) {
	if err := begin(ctx, a.Store, in, "comparing"); err != nil {
		return CompareExportResult{}, err
	}
	rows, err := a.Store.HeldImports(ctx, in.ConnectionID)
	if err != nil {
		return CompareExportResult{}, fromStore(err)
	}
	differing := map[string]bool{}
	err = a.withAccount(ctx, in.ConnectionID, func(account Account) error {
		for _, held := range wholeImports(rows, in.Period) {
			same, err := stillHolds(ctx, account, held)
			if err != nil {
				return err
			}
			if !same {
				differing[held.venueID] = true
			}
			activity.RecordHeartbeat(ctx)
		}
		return nil
	})
	return CompareExportResult{Differing: slices.Sorted(maps.Keys(differing))}, err
}

// wholeImport is what is left of one import, over all its runs of days.
type wholeImport struct {
	id, venueID string
	lines       int
	totals      map[string]decimal.Decimal
}

// wholeImports are the imports that hold a day of the period.
func wholeImports(rows []store.HeldImport, period domain.Period) []wholeImport {
	var whole []wholeImport
	for _, row := range rows {
		known := slices.ContainsFunc(whole, func(w wholeImport) bool { return w.id == row.ImportID })
		if row.Period().Overlaps(period) && !known {
			whole = append(whole, addUp(rows, row))
		}
	}
	return whole
}

func addUp(rows []store.HeldImport, one store.HeldImport) wholeImport {
	sum := wholeImport{id: one.ImportID, venueID: one.ConnexieVenueID, totals: map[string]decimal.Decimal{}}
	for _, row := range rows {
		if row.ImportID != one.ImportID {
			continue
		}
		sum.lines += row.Lines
		for code, quantity := range row.Totals {
			total, err := sum.totals[code].Add(quantity)
			if err == nil { // 19 digits hold whatever 1,000,000 lines add up to
				sum.totals[code] = total
			}
		}
	}
	return sum
}

func stillHolds(ctx context.Context, account Account, held wholeImport) (bool, error) {
	found, err := account.GetHourImport(ctx, held.id)
	switch {
	case codeOf(err) == connexie.CodeNotFound:
		return false, nil
	case err != nil:
		return false, fromImports("read import "+held.id, err)
	}
	return found.Status == connexie.ImportCommitted && found.LineCount == held.lines &&
		maps.EqualFunc(found.Totals, held.totals, decimal.Decimal.Equal), nil
}
