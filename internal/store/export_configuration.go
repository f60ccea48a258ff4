package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// ExportConfiguration is what has been decided of what an export of the kinds needs: the
// venues (C3), the hour code (C7), and that codes in use are still active (C6).
func (s *Store) ExportConfiguration(
	ctx context.Context, connectionID string, kinds []domain.ExportKind,
) (domain.ExportConfiguration, error) {
	var configuration domain.ExportConfiguration
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		decisions, err := venueDecisions(ctx, tx, connectionID)
		if err != nil {
			return err
		}
		mappings, err := codeMappings(ctx, tx, connectionID)
		if err != nil {
			return err
		}
		configuration = exportConfiguration(decisions, mappings, kinds)
		return nil
	})
	return configuration, err
}

func exportConfiguration(
	decisions VenueDecisions, mappings []CodeMapping, kinds []domain.ExportKind,
) domain.ExportConfiguration {
	configuration := domain.ExportConfiguration{Undecided: undecidedVenues(decisions)}
	for _, mapping := range mappings {
		kind := domain.LineKind(mapping.Kind)
		configuration.HourCode = configuration.HourCode || kind == domain.LineHours
		matters := mapping.Gone && slices.Contains(kinds, kind.ExportKind())
		if matters && !slices.Contains(configuration.Vanished, mapping.Code) {
			configuration.Vanished = append(configuration.Vanished, mapping.Code)
		}
	}
	return configuration
}

func undecidedVenues(decisions VenueDecisions) []string {
	var undecided []string
	eitje, connexie := decisions.undecided()
	for _, id := range eitje {
		undecided = append(undecided, "eitje:"+id)
	}
	for _, id := range connexie {
		undecided = append(undecided, "connexie:"+id)
	}
	return undecided
}
