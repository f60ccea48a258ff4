package activities

import (
	"context"

	"go.temporal.io/sdk/activity"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
)

// AskPayrollResult lists an export's venues in the order in which they are sent.
type AskPayrollResult struct {
	Venues []VenueStanding `json:"venues"`
}

// AskPayroll asks for each venue of the export whether payroll is running or has run on
// any of its days. Such a venue is refused: nothing is sent of it and its markers stay
// (X9). The others go on.
//
// It may be repeated. Errors: ConnexieTokenRefused, ConnexieForbidden,
// ConnexieRateLimited, ConnexieUnavailable, ConnexieProtocol, FenceLost, Database.
func (a *Sending) AskPayroll(ctx context.Context, in ExportRun) (AskPayrollResult, error) {
	if err := begin(ctx, a.Store, in, "asking_payroll"); err != nil {
		return AskPayrollResult{}, err
	}
	venues, err := a.Store.ExportVenues(ctx, in.ID)
	if err != nil {
		return AskPayrollResult{}, fromStore(err)
	}
	result := AskPayrollResult{Venues: make([]VenueStanding, len(venues))}
	err = a.withAccount(ctx, in.ConnectionID, func(account Account) error {
		for i, venue := range venues {
			result.Venues[i] = standingOf(venue)
			if venue.State != domain.VenuePlanned {
				continue
			}
			state, err := a.askPayroll(ctx, account, VenueInput{Run: in, VenueID: venue.ConnexieVenueID})
			if err != nil {
				return err
			}
			result.Venues[i].State = state
			activity.RecordHeartbeat(ctx)
		}
		return nil
	})
	if err != nil {
		return AskPayrollResult{}, err
	}
	return result, nil
}

func (a *Sending) askPayroll(ctx context.Context, account Account, in VenueInput) (domain.VenueState, error) {
	closed, known, err := closedDays(ctx, account, in.VenueID, in.Run.Period)
	switch {
	case err != nil:
		return "", err
	case !known:
		return domain.VenueFailed, a.end(ctx, in, domain.VenueFailed, ProblemVenueUnknown)
	case len(closed) > 0:
		return domain.VenueRefused, a.end(ctx, in, domain.VenueRefused, ProblemPayroll)
	}
	return domain.VenuePlanned, nil
}

// end notes that a venue has ended without being exported.
func (a *Sending) end(ctx context.Context, in VenueInput, state domain.VenueState, problem string) error {
	return fromStore(a.Store.EndVenue(ctx, in.Run.ID, in.VenueID, state, problem))
}

// closedDays are the payroll periods of a venue, of those that touch a period, that are
// running or have run. known is false where Connexie does not know the venue.
func closedDays(
	ctx context.Context, account Account, venueID string, period domain.Period,
) (closed []domain.ClosedDays, known bool, err error) {
	request := connexie.PayrollPeriodsRequest{VenueID: venueID, From: period.From, To: period.To}
	periods, err := account.ListPayrollPeriods(ctx, request)
	switch codeOf(err) {
	case connexie.CodeNotFound, connexie.CodeValidationFailed: // of what is asked, only the venue can be wrong
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fromImports("ask about payroll at venue "+venueID, err)
	}
	for _, p := range periods {
		if p.Status != connexie.PayrollOpen {
			days := domain.Period{From: p.Start, To: p.End}
			closed = append(closed, domain.ClosedDays{ConnexieVenueID: venueID, Period: days})
		}
	}
	return closed, true, nil
}
