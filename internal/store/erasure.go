package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// ErasureRequest asks for the erasure of one person of a connection, who is named by
// Connexie's id or by the profile's; one of the two is empty.
type ErasureRequest struct {
	ConnectionID string
	ConnexieID   string
	TeamMemberID string
	// Force passes over what somebody may pass over (domain.ErasureObstacle).
	Force bool
	// By is the id of a person or program, never a name.
	By string
	// Day is what "today" means to the rules.
	Day domain.Date
}

// Erasure is what is kept of the act itself: nothing about the person.
type Erasure struct {
	ID           string
	ConnectionID string
	// TeamMemberID is the row that stays in Eitje; empty where there was no profile.
	TeamMemberID string
	// Recognised tells that later readings know the person by a keyed hash. A profile
	// that Connexie never knew has none.
	Recognised bool
	ErasedAt   time.Time
	ErasedBy   string
	Forced     bool
	// IDsRemovedAt is zero as long as link and lines keep the Connexie ID (X8).
	IDsRemovedAt time.Time
	// LiftedAt is zero while the erasure holds.
	LiftedAt time.Time
	LiftedBy string
}

// ErasureReport is what an erasure did, would do, or is refused for.
type ErasureReport struct {
	// Erasure has no id where nothing was erased.
	Erasure Erasure
	// Already tells that the person had been erased before, and nothing was done.
	Already bool
	// Obstacles are all that stands against it, those that were passed over included.
	Obstacles []domain.ErasureObstacle
	// Unexported entries lie between First and Last.
	Unexported  int
	First, Last domain.Date
	// Rows are by table, in the order of the work.
	Rows []ErasedRows
}

// ErasedRows is what becomes of a person's rows in one table.
type ErasedRows struct {
	Table  string
	Effect ErasureEffect
	Rows   int
}

// ErasureEffect is what becomes of rows.
type ErasureEffect string

// What becomes of rows: they go, they stay without what they said about the person, or
// they stay as ids and quantities.
const (
	RowsRemoved ErasureEffect = "removed"
	RowsEmptied ErasureEffect = "emptied"
	RowsKept    ErasureEffect = "kept"
)

var (
	errErasureUndone = errors.New("undo the preview")
	// errSubjectMoved says that the person was linked while the locks were taken.
	errSubjectMoved = errors.New("the person was linked meanwhile")
)

// erasureTries bounds how often an erasure begins again because a sync linked the person
// at that moment: a link never moves, so that once is enough.
const erasureTries = 3

// Erase removes what is known of a person in one transaction (N5): the mirror, standings,
// disputes, plans, notifications and images of the audit go; the profile stays as an
// archived row that says nothing, so that entries and export lines keep their owner, and
// with them every total. A keyed hash of the Connexie ID keeps readings from bringing the
// person back. The audit tells of the act alone.
//
// What stands against it is in the report, and nothing is done unless it was forced.
// Erasing again changes nothing. A person whose page is being read, or whose plan is being
// applied, is waited for: the locks are those of a sync, the person before the profile.
// ErrNotFound where neither side knows the person.
func (s *Store) Erase(
	ctx context.Context, hasher IDHasher, request ErasureRequest, now time.Time,
) (ErasureReport, error) {
	return s.erase(ctx, &erasing{hasher: hasher, request: request, now: now})
}

// PreviewErasure tells what Erase would do at this moment: it does all of it and undoes it.
func (s *Store) PreviewErasure(
	ctx context.Context, hasher IDHasher, request ErasureRequest, now time.Time,
) (ErasureReport, error) {
	return s.erase(ctx, &erasing{hasher: hasher, request: request, now: now, preview: true})
}

func (s *Store) erase(ctx context.Context, e *erasing) (ErasureReport, error) {
	var err error
	for range erasureTries {
		e.report = ErasureReport{}
		if err = s.withTx(ctx, func(tx pgx.Tx) error { return e.run(ctx, tx) }); !errors.Is(err, errSubjectMoved) {
			break
		}
	}
	if errors.Is(err, errErasureUndone) {
		e.report.Erasure.ID = ""
		err = nil
	}
	if err != nil {
		return ErasureReport{}, fmt.Errorf("erase a person of connection %s: %w", e.request.ConnectionID, err)
	}
	return e.report, nil
}

// erasing is one attempt at an erasure.
type erasing struct {
	hasher  IDHasher
	request ErasureRequest
	now     time.Time
	preview bool

	subject subject
	report  ErasureReport
}

func (e *erasing) run(ctx context.Context, tx pgx.Tx) error {
	if err := e.lock(ctx, tx); err != nil {
		return err
	}
	found, err := e.before(ctx, tx)
	if err != nil {
		return err
	}
	if e.report.Already = found.ID != ""; e.report.Already {
		e.report.Erasure = found
		return nil
	}
	if !e.subject.Known {
		return ErrNotFound
	}
	if err := e.judge(ctx, tx); err != nil {
		return err
	}
	if !e.preview && domain.ErasureRefused(e.report.Obstacles, e.request.Force) {
		return nil
	}
	if err := e.remove(ctx, tx); err != nil {
		return err
	}
	if e.preview {
		return errErasureUndone
	}
	return nil
}

// lock finds the person and locks what a sync locks, in the same order.
func (e *erasing) lock(ctx context.Context, tx pgx.Tx) error {
	connection := e.request.ConnectionID
	if err := holdReadings(ctx, tx, connection); err != nil {
		return err
	}
	if _, err := lockConnection(ctx, tx, connection); err != nil {
		return err
	}
	before, err := findSubject(ctx, tx, e.request)
	if err != nil {
		return err
	}
	if before.ConnexieID != "" {
		batch := Batch{Run: PlanOwner{ConnectionID: connection}, ConnexieIDs: []string{before.ConnexieID}}
		if err := lockPeople(ctx, tx, batch); err != nil {
			return err
		}
	}
	// Whoever was applying the person's plan has ended; the link is there by now.
	if e.subject, err = findSubject(ctx, tx, e.request); err != nil {
		return err
	}
	if e.subject.TeamMemberID != "" {
		if err := lockProfile(ctx, tx, e.subject.TeamMemberID); err != nil {
			return err
		}
	}
	after, err := findSubject(ctx, tx, e.request)
	if err == nil && after.ConnexieID != before.ConnexieID {
		return errSubjectMoved
	}
	return err
}

func lockProfile(ctx context.Context, tx pgx.Tx, teamMemberID string) error {
	for _, query := range []string{
		`select id::text from eitje.team_members where id = @id for update`,
		`select id::text from eitje.contracts where team_member_id = @id order by id for update`,
	} {
		if _, err := column[string](ctx, tx, "lock profile "+teamMemberID, query, args{"id": teamMemberID}); err != nil {
			return err
		}
	}
	return nil
}

// before is the erasure that holds already, by the profile or by the hash; it has no id
// where there is none.
func (e *erasing) before(ctx context.Context, tx pgx.Tx) (Erasure, error) {
	id, err := erasureOf(ctx, tx, e.hasher, e.request.ConnectionID, e.subject)
	if err != nil || id == "" {
		return Erasure{}, err
	}
	return findErasure(ctx, tx, id)
}

// erasureOf finds the erasure that holds of a person; empty where there is none.
func erasureOf(ctx context.Context, q querier, hasher IDHasher, connectionID string, of subject) (string, error) {
	const query = `
		select id::text
		  from connexie.erasures
		 where connection_id = @connection_id and lifted_at is null
		   and (team_member_id = nullif(@team_member_id, '')::uuid
		        or exists (select from unnest(@key_ids::text[], @hashes::bytea[]) as h(key_id, hash)
		                    where h.key_id = erasures.key_id and h.hash = erasures.id_hash))`
	keyIDs, hashes := []string{}, [][]byte{}
	if of.ConnexieID != "" {
		marks, err := erasureMarks(ctx, q, connectionID)
		if err != nil {
			return "", err
		}
		for _, mark := range marks {
			hash, err := hasher.HashID(mark.KeyID, connectionID, of.ConnexieID)
			if err != nil {
				return "", fmt.Errorf("%w: %w", ErrErasedUnknown, err)
			}
			keyIDs, hashes = append(keyIDs, mark.KeyID), append(hashes, hash)
		}
	}
	id, err := value[string](ctx, q, "look for an erasure", query, args{
		"connection_id": connectionID, "team_member_id": of.TeamMemberID, "key_ids": keyIDs, "hashes": hashes,
	})
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return id, err
}
