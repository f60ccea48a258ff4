package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// BumpFence gives an attempt of an activity that writes for a full run its number.
// From then on the writes of every earlier attempt end with ErrFenceLost. So does this
// call where another full run is open: the attempt comes from a workflow that was
// terminated, and must not stop the one after it. ErrNotFound where there is no such
// connection.
func (s *Store) BumpFence(ctx context.Context, connectionID, runID string) (int64, error) {
	const query = `
		insert into connexie.fences as kept (connection_id, fence)
		select @connection_id, 1
		 where not exists (select from connexie.sync_runs
		                    where connection_id = @connection_id and id <> @run_id and closed_at is null
		                      and mode = 'apply' and only_connexie_id is null)
		on conflict (connection_id) do update set fence = kept.fence + 1
		returning fence`
	var fence int64
	err := s.withTx(ctx, func(tx pgx.Tx) (err error) {
		// As opening a run does, so that none is opened meanwhile.
		if _, err := lockConnection(ctx, tx, connectionID); err != nil {
			return err
		}
		fence, err = value[int64](ctx, tx, "number the attempt", query,
			args{"connection_id": connectionID, "run_id": runID})
		if errors.Is(err, ErrNotFound) {
			return ErrFenceLost
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("raise the fence of connection %s for run %s: %w", connectionID, runID, err)
	}
	return fence, nil
}

// checkFence makes sure that no newer attempt has begun, and keeps one from
// beginning until the transaction ends. A preview and a one-person run carry no
// fence, which is 0, and stand in nobody's way (S2).
func checkFence(ctx context.Context, tx pgx.Tx, connectionID string, fence int64) error {
	if fence == 0 {
		return nil
	}
	const query = `
		select true from connexie.fences
		 where connection_id = @connection_id and fence = @fence
		   for share`
	_, err := value[bool](ctx, tx, "check the fence of connection "+connectionID, query,
		args{"connection_id": connectionID, "fence": fence})
	if errors.Is(err, ErrNotFound) {
		return ErrFenceLost
	}
	return err
}
