package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// repairPairRows are the two profiles as they stand under the lock.
type repairPairRows struct{ keep, drop domain.RepairProfile }

// lockPair locks the people whom the two profiles are linked to, then the profiles and
// their contracts, each in the order of their ids as a synchronisation does. A link that
// came or went meanwhile is errLinksMoved. From then on no export of the connection
// begins, and none takes its snapshot or marks entries, before the repair has ended.
func lockPair(ctx context.Context, tx pgx.Tx, request RepairRequest) (repairPairRows, error) {
	before, err := linkedPeople(ctx, tx, request)
	if err != nil {
		return repairPairRows{}, err
	}
	batch := Batch{Run: PlanOwner{ConnectionID: request.ConnectionID}, ConnexieIDs: before}
	if err := lockPeople(ctx, tx, batch); err != nil {
		return repairPairRows{}, err
	}
	if err := lockPairRows(ctx, tx, request); err != nil {
		return repairPairRows{}, err
	}
	after, err := linkedPeople(ctx, tx, request)
	if err != nil {
		return repairPairRows{}, err
	}
	if !slices.Equal(before, after) {
		return repairPairRows{}, errLinksMoved
	}
	if err := holdOffExports(ctx, tx, request.ConnectionID); err != nil {
		return repairPairRows{}, err
	}
	return readPair(ctx, tx, request)
}

func linkedPeople(ctx context.Context, tx pgx.Tx, request RepairRequest) ([]string, error) {
	const query = `
		select connexie_id::text from connexie.links
		 where connection_id = @connection_id and team_member_id in (@keep::uuid, @drop::uuid)
		 order by connexie_id`
	return column[string](ctx, tx, "find the links of two profiles", query,
		args{"connection_id": request.ConnectionID, "keep": request.KeepID, "drop": request.DropID})
}

func lockPairRows(ctx context.Context, tx pgx.Tx, request RepairRequest) error {
	for _, query := range []string{
		`select id::text from eitje.team_members where id in (@keep::uuid, @drop::uuid) order by id for update`,
		`select id::text from eitje.contracts where team_member_id in (@keep::uuid, @drop::uuid) order by id for update`,
		`select id::text from eitje.entries where team_member_id in (@keep::uuid, @drop::uuid) order by id for update`,
	} {
		if _, err := column[string](ctx, tx, "lock two profiles", query,
			args{"keep": request.KeepID, "drop": request.DropID}); err != nil {
			return err
		}
	}
	return nil
}

// holdOffExports waits for an export that is taking its snapshot or marking a venue, and
// makes the next one wait. Writing the row of an open export, rather than locking it, lets
// a snapshot that was waiting begin anew and see what the repair did (X14).
func holdOffExports(ctx context.Context, tx pgx.Tx, connectionID string) error {
	if _, err := lockConnection(ctx, tx, connectionID); err != nil {
		return err
	}
	const query = `
		update connexie.exports set stage = stage where connection_id = @connection_id and closed_at is null`
	_, err := execute(ctx, tx, "hold off open exports", query, args{"connection_id": connectionID})
	return err
}

func readPair(ctx context.Context, tx pgx.Tx, request RepairRequest) (repairPairRows, error) {
	const query = `
		select t.id::text, t.organisation_id = c.organisation_id as ours, t.archived_at is not null as archived,
		       coalesce(l.connexie_id, '') as connexie_id,
		       exists (select from connexie.endings e where e.team_member_id = t.id and e.closed_at is null) as ending
		  from eitje.team_members t
		  join connexie.connections c on c.id = @connection_id
		  left join connexie.links l on l.team_member_id = t.id
		 where t.id in (@keep::uuid, @drop::uuid)`
	rows, err := collect[domain.RepairProfile](ctx, tx, "read two profiles", query,
		args{"connection_id": request.ConnectionID, "keep": request.KeepID, "drop": request.DropID})
	var pair repairPairRows
	for _, profile := range rows {
		if profile.ID == request.KeepID {
			pair.keep = profile
		}
		if profile.ID == request.DropID {
			pair.drop = profile
		}
	}
	return pair, err
}
