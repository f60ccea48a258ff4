package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// BumpFence gives an attempt of an activity that writes for a full run its number.
// From then on the writes of every earlier attempt end with ErrFenceLost.
func (s *Store) BumpFence(ctx context.Context, connectionID string) (int64, error) {
	const query = `
		insert into connexie.fences as kept (connection_id, fence)
		select id, 1 from connexie.connections where id = @connection_id
		on conflict (connection_id) do update set fence = kept.fence + 1
		returning fence`
	return value[int64](ctx, s.pool, "raise the fence of connection "+connectionID, query,
		args{"connection_id": connectionID})
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
