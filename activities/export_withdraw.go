package activities

import (
	"context"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
)

// WithdrawVenue settles a venue whose sending was cut short: its draft is discarded and
// it ends as cancelled. Where the draft was committed after all, that is recorded and
// compared as after any commit, since committed venues stay (X13). A venue that has
// ended, or was never begun, is left as it is.
//
// It may be repeated. Errors: ConnexieTokenRefused, ConnexieForbidden,
// ConnexieRateLimited, ConnexieUnavailable, FenceLost (the export has ended), Database.
func (a *Sending) WithdrawVenue(ctx context.Context, in VenueInput) (VenueStanding, error) {
	venue, err := venueOf(ctx, a.Store, in)
	if err != nil {
		return VenueStanding{}, err
	}
	s := &sender{Sending: a, in: in, venue: venue, begun: a.Now()}
	if venue.State != domain.VenueSending && venue.State != domain.VenueCommitted {
		return standingOf(venue), nil
	}
	err = a.withAccount(ctx, in.Run.ConnectionID, func(account Account) error {
		s.account = account
		return s.withdraw(ctx)
	})
	return standingOf(s.venue), err
}

func (s *sender) withdraw(ctx context.Context) error {
	if s.venue.State == domain.VenueCommitted {
		return s.readBack(ctx)
	}
	if s.venue.ImportID == "" {
		found, err := s.unrecorded(ctx)
		if err != nil || !found {
			return err
		}
	}
	found, err := withdraw(ctx, s.account, s.venue.ImportID)
	if err != nil {
		return err
	}
	if found.Status == connexie.ImportDiscarded {
		return s.endAs(ctx, domain.VenueCancelled, "")
	}
	return s.conclude(ctx, found)
}

// unrecorded finds a draft that an attempt opened and could not note, by the key that it
// opened it with. Where there is none the key opens one, to be discarded.
func (s *sender) unrecorded(ctx context.Context) (found bool, err error) {
	draft, err := s.create(ctx)
	if err != nil {
		return false, s.noDraft(ctx, err)
	}
	s.venue.ImportID = draft.ID
	return true, nil
}
