package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// noteReachable begins to count anew. It writes nothing where the night before was a good one too (S9).
func noteReachable(ctx context.Context, tx pgx.Tx, connectionID string, now time.Time) error {
	const query = `
		update connexie.connections set failed_nights = 0, last_failed_night = null
		 where id = @connection_id and failed_nights > 0`
	_, err := execute(ctx, tx, "begin counting anew", query, args{"connection_id": connectionID})
	if err != nil {
		return err
	}
	return keepNotices(ctx, tx, connectionID, domain.CauseUnreachable, nil, now)
}

// noteUnreachable counts one more night, which may have had several runs; the third in
// a row is told, once (N6).
func noteUnreachable(ctx context.Context, tx pgx.Tx, connectionID string, night domain.Date, now time.Time) error {
	const query = `
		update connexie.connections set failed_nights = failed_nights + 1, last_failed_night = @night
		 where id = @connection_id and (last_failed_night is null or last_failed_night < @night)
		returning failed_nights`
	nights, err := value[int](ctx, tx, "count a failed night", query,
		args{"connection_id": connectionID, "night": night})
	switch {
	case errors.Is(err, ErrNotFound): // counted already
		return nil
	case err != nil || nights < domain.NightsUntilUnreachable:
		return err
	}
	_, err = openNotices(ctx, tx, connectionID, []domain.Notice{domain.UnreachableNotice(connectionID)}, now)
	return err
}
