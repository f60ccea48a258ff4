package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// CountNight counts a night on which Connexie could not be reached, and begins anew
// with one on which it could: after three in a row one notification says so (N6).
func (s *Store) CountNight(ctx context.Context, connectionID string, reachable bool, now time.Time) error {
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if reachable {
			return noteReachable(ctx, tx, connectionID, now)
		}
		return noteUnreachable(ctx, tx, connectionID, now)
	})
	if err != nil {
		return fmt.Errorf("count the night of connection %s: %w", connectionID, err)
	}
	return nil
}

// noteReachable writes nothing where the night before was a good one too (S9).
func noteReachable(ctx context.Context, tx pgx.Tx, connectionID string, now time.Time) error {
	const query = `
		update connexie.connections set failed_nights = 0
		 where id = @connection_id and failed_nights > 0`
	_, err := execute(ctx, tx, "begin counting anew", query, args{"connection_id": connectionID})
	if err != nil {
		return err
	}
	return keepNotices(ctx, tx, connectionID, domain.CauseUnreachable, nil, now)
}

func noteUnreachable(ctx context.Context, tx pgx.Tx, connectionID string, now time.Time) error {
	const query = `
		update connexie.connections set failed_nights = failed_nights + 1
		 where id = @connection_id
		returning failed_nights`
	nights, err := value[int](ctx, tx, "count a failed night", query, args{"connection_id": connectionID})
	if err != nil || nights < domain.NightsUntilUnreachable {
		return err
	}
	_, err = openNotices(ctx, tx, connectionID, []domain.Notice{unreachableNotice(connectionID)}, now)
	return err
}
