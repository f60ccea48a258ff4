package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// LikelyDuplicate is a linked profile that an unlinked one looks like (S22). It carries
// ids alone.
type LikelyDuplicate struct {
	ConnexieID string
	// KeepID is the unlinked profile and DropID the linked one.
	KeepID string
	DropID string
	// SameName is that of a name with a birth date.
	SameName  bool
	SamePhone bool
	// UndoneAt is when somebody last took the repair of the two back; zero where nobody
	// did.
	UndoneAt time.Time
}

// LikelyDuplicates lists the likely duplicates of a connection, those of whom nobody
// took a repair back first.
func (s *Store) LikelyDuplicates(ctx context.Context, connectionID string, limit int) ([]LikelyDuplicate, error) {
	const query = `
		with profiles as (
			select t.id, t.name_key, t.date_of_birth, t.phone_key, l.connexie_id
			  from connexie.connections c
			  join eitje.team_members t using (organisation_id)
			  left join connexie.links l on l.team_member_id = t.id
			 where c.id = @connection_id and t.archived_at is null),
		pairs as (
			select a.id as drop_id, a.connexie_id, b.id as keep_id, true as same_name, false as same_phone
			  from profiles a
			  join profiles b using (name_key, date_of_birth)
			 where a.connexie_id is not null and b.connexie_id is null
			union all
			select a.id, a.connexie_id, b.id, false, true
			  from profiles a
			  join profiles b using (phone_key)
			 where a.connexie_id is not null and b.connexie_id is null),
		undone as (
			select keep_id, drop_id, max(undone_at) as undone_at
			  from connexie.repairs
			 where connection_id = @connection_id
			 group by keep_id, drop_id)
		select p.connexie_id::text, p.keep_id::text, p.drop_id::text, bool_or(p.same_name) as same_name,
		       bool_or(p.same_phone) as same_phone, max(u.undone_at) as undone_at
		  from pairs p
		  left join undone u using (keep_id, drop_id)
		 group by p.connexie_id, p.keep_id, p.drop_id
		 order by max(u.undone_at) is not null, p.connexie_id, p.keep_id limit @limit`
	type row struct {
		ConnexieID string
		KeepID     string
		DropID     string
		SameName   bool
		SamePhone  bool
		UndoneAt   *time.Time
	}
	var found []LikelyDuplicate
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		if err := joinWholeSets(ctx, tx); err != nil {
			return err
		}
		rows, err := collect[row](ctx, tx, "list likely duplicates", query, args{"connection_id": connectionID, "limit": limit})
		for _, r := range rows {
			found = append(found, LikelyDuplicate{
				ConnexieID: r.ConnexieID, KeepID: r.KeepID, DropID: r.DropID, SameName: r.SameName, SamePhone: r.SamePhone,
				UndoneAt: orZero(r.UndoneAt),
			})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the likely duplicates of connection %s: %w", connectionID, err)
	}
	return found, nil
}

// RepairSide is one of two profiles as somebody compares them (S22). It is about a
// person: for an operator's own screen, and for nothing that is kept (N4).
type RepairSide struct {
	DisputeProfile
	Archived bool
	Entries  int
	// Exported counts the entries with a marker.
	Exported int
}

// RepairSides reads two profiles of a connection's organisation. One that is not there
// is nil.
func (s *Store) RepairSides(
	ctx context.Context, connectionID, keepID, dropID string, day domain.Date,
) (keep, drop *RepairSide, err error) {
	const query = `
		select t.id::text, t.archived_at is not null as archived,
		       (select count(*) from eitje.entries e where e.team_member_id = t.id) as entries,
		       (select count(distinct e.id) from eitje.entries e join connexie.exported_entries m on m.entry_id = e.id
		         where e.team_member_id = t.id) as exported
		  from eitje.team_members t
		  join connexie.connections c on c.organisation_id = t.organisation_id
		 where c.id = @connection_id and t.id in (@keep::uuid, @drop::uuid)`
	type row struct {
		ID       string
		Archived bool
		Entries  int
		Exported int
	}
	err = s.withTx(ctx, func(tx pgx.Tx) error {
		if err := lookUpRows(ctx, tx); err != nil {
			return err
		}
		rows, err := collect[row](ctx, tx, "read two profiles", query,
			args{"connection_id": connectionID, "keep": keepID, "drop": dropID})
		for _, r := range rows {
			profiles, err := disputeProfiles(ctx, tx, []string{r.ID}, day)
			if err != nil {
				return err
			}
			side := &RepairSide{DisputeProfile: profiles[0], Archived: r.Archived, Entries: r.Entries, Exported: r.Exported}
			if r.ID == keepID {
				keep = side
			}
			if r.ID == dropID {
				drop = side
			}
		}
		return err
	})
	if malformed(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("compare profiles %s and %s: %w", keepID, dropID, err)
	}
	return keep, drop, nil
}

// ConnectionOfTeamMember finds the connection of a profile's organisation; ErrNotFound
// where there is none.
func (s *Store) ConnectionOfTeamMember(ctx context.Context, teamMemberID string) (Connection, error) {
	row, err := collectOne[connectionRow](ctx, s.pool, "find the connection of team member "+teamMemberID, selectConnections+`
		 where organisation_id = (select organisation_id from eitje.team_members where id = @id)`, args{"id": teamMemberID})
	if malformed(err) {
		err = ErrNotFound
	}
	return row.connection(), err
}
