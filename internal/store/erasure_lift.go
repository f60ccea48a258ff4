package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

const selectErasures = `
	select id::text, connection_id::text, coalesce(team_member_id::text, '') as team_member_id,
	       key_id is not null as recognised, erased_at, erased_by, forced,
	       coalesce(ids_removed_at, '0001-01-01 00:00Z') as ids_removed_at,
	       coalesce(lifted_at, '0001-01-01 00:00Z') as lifted_at, coalesce(lifted_by, '') as lifted_by
	  from connexie.erasures`

func findErasure(ctx context.Context, q querier, id string) (Erasure, error) {
	return collectOne[Erasure](ctx, q, "find erasure "+id, selectErasures+` where id = @id`, args{"id": id})
}

// Erasures lists the erasures of a connection, the last first, those that were lifted
// included. They name nobody.
func (s *Store) Erasures(ctx context.Context, connectionID string, limit int) ([]Erasure, error) {
	return collect[Erasure](ctx, s.pool, "list the erasures of connection "+connectionID, selectErasures+`
		 where connection_id = @connection_id
		 order by erased_at desc, id desc
		 limit @limit`, args{"connection_id": connectionID, "limit": limit})
}

// ErasureKeys counts the erasures that hold by the key that recognises them: each must
// stay in the ring.
func (s *Store) ErasureKeys(ctx context.Context) (map[string]int, error) {
	return value[map[string]int](ctx, s.pool, "count the erasures by key", `
		select coalesce(jsonb_object_agg(key_id, number), '{}')
		  from (select key_id, count(*) as number
		          from connexie.erasures
		         where lifted_at is null and key_id is not null
		         group by key_id) k`, args{})
}

// LiftErasure lets a person come back: the next reading brings the person in again, under
// the same profile as long as the link is there. What was erased stays erased; Connexie
// sends its part anew. Lifting again changes nothing: found is false where the person is
// not erased.
func (s *Store) LiftErasure(
	ctx context.Context, hasher IDHasher, request ErasureRequest, now time.Time,
) (lifted Erasure, found bool, err error) {
	err = s.withTx(ctx, func(tx pgx.Tx) error {
		if err := holdReadings(ctx, tx, request.ConnectionID); err != nil {
			return err
		}
		if _, err := lockConnection(ctx, tx, request.ConnectionID); err != nil {
			return err
		}
		of, err := findSubject(ctx, tx, request)
		if err != nil {
			return err
		}
		id, err := erasureOf(ctx, tx, hasher, request.ConnectionID, of)
		if err != nil || id == "" {
			return err
		}
		found = true
		lifted, err = lift(ctx, tx, id, request.By, now)
		return err
	})
	if err != nil {
		return Erasure{}, false, fmt.Errorf("lift an erasure of connection %s: %w", request.ConnectionID, err)
	}
	return lifted, found, nil
}

// ErrKeepsNobodyOut says that an erasure has nothing that could be lifted.
var ErrKeepsNobodyOut = errors.New("the erasure keeps nobody out")

func lift(ctx context.Context, tx pgx.Tx, id, by string, now time.Time) (Erasure, error) {
	const note = `
		update connexie.erasures
		   set lifted_at = @now, lifted_by = @by, lifted_number = nextval('connexie.reading_number')
		 where id = @id`
	// A profile that nobody is linked to any more stays what it is: nobody's.
	const restore = `
		update eitje.team_members t set archived_at = null, erased_at = null
		  from connexie.erasures e
		 where e.id = @id and t.id = e.team_member_id
		   and exists (select from connexie.links l where l.team_member_id = t.id)`
	held, err := findErasure(ctx, tx, id)
	if err != nil {
		return Erasure{}, err
	}
	if !held.Recognised {
		return Erasure{}, ErrKeepsNobodyOut
	}
	if _, err := execute(ctx, tx, "lift erasure "+id, note, args{"id": id, "by": by, "now": now}); err != nil {
		return Erasure{}, err
	}
	if _, err := execute(ctx, tx, "restore the profile", restore, args{"id": id}); err != nil {
		return Erasure{}, err
	}
	lifted, err := findErasure(ctx, tx, id)
	if err != nil {
		return Erasure{}, err
	}
	if err := dropETags(ctx, tx, lifted.ConnectionID, ListPeople); err != nil {
		return Erasure{}, err
	}
	return lifted, lifted.audit(ctx, tx, domain.FieldLifted, by, now)
}

// audit leaves the one line that tells of the act: who and when, and nothing about whom
// but the row that stays.
func (e Erasure) audit(ctx context.Context, tx pgx.Tx, field, by string, now time.Time) error {
	change := domain.Change{Object: domain.ObjectTeamMember, ObjectID: e.TeamMemberID, Field: field, After: "true"}
	act := Act{Kind: ActErasure, ID: e.ID, ConnectionID: e.ConnectionID, By: by}
	return writeActChanges(ctx, tx, act, []domain.Change{change}, now)
}
