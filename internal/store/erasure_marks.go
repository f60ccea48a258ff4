package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// IDHasher makes keyed hashes of Connexie IDs, by which erased people are recognised
// (N5). The keys are not the store's.
type IDHasher interface {
	// NewestKey is the id of the key that a new hash is made with.
	NewestKey() string
	// HashID is the same for the same three texts. An error says that there is no key
	// of that id.
	HashID(keyID, connectionID, connexieID string) ([]byte, error)
}

var (
	// ErrErased says that somebody was asked about who has been erased (N5).
	ErrErased = errors.New("the person has been erased (N5)")
	// ErrErasedUnknown says that a connection has erasures and they cannot be
	// recognised: nothing is read rather than that somebody comes back.
	ErrErasedUnknown = errors.New("people of this connection have been erased and cannot be recognised (N5)")
)

// holdReadings keeps pages from being written into a connection's mirror until the
// transaction ends, and waits for those that are being written: a page that was read
// before an erasure is looked through after it. It is taken before every other lock.
func holdReadings(ctx context.Context, tx pgx.Tx, connectionID string) error {
	const query = `select true from pg_advisory_xact_lock(hashtextextended('erasures/' || @connection_id::text, 0))`
	_, err := value[bool](ctx, tx, "hold the readings of connection "+connectionID, query,
		args{"connection_id": connectionID})
	return err
}

// joinReadings is the other side of holdReadings: pages do not wait for each other.
func joinReadings(ctx context.Context, tx pgx.Tx, connectionID string) error {
	const query = `select true from pg_advisory_xact_lock_shared(hashtextextended('erasures/' || @connection_id::text, 0))`
	_, err := value[bool](ctx, tx, "join the readings of connection "+connectionID, query,
		args{"connection_id": connectionID})
	return err
}

// erasureMark is how erased people of a connection are recognised under one key.
type erasureMark struct {
	KeyID  string
	Hashes [][]byte
}

func erasureMarks(ctx context.Context, q querier, connectionID string) ([]erasureMark, error) {
	const query = `
		select key_id, array_agg(id_hash) as hashes
		  from connexie.erasures
		 where connection_id = @connection_id and lifted_at is null and key_id is not null
		 group by key_id
		 order by key_id`
	return collect[erasureMark](ctx, q, "list the erasures of connection "+connectionID, query,
		args{"connection_id": connectionID})
}

// erasedAmong recognises the erased among people. The hash is computed for nobody where
// nobody has been erased.
func erasedAmong(marks []erasureMark, hasher IDHasher, connectionID string, ids []string) (map[string]bool, error) {
	erased := map[string]bool{}
	if len(marks) == 0 {
		return erased, nil
	}
	if hasher == nil {
		return nil, ErrErasedUnknown
	}
	for _, mark := range marks {
		known := make(map[string]bool, len(mark.Hashes))
		for _, hash := range mark.Hashes {
			known[string(hash)] = true
		}
		for _, id := range ids {
			hash, err := hasher.HashID(mark.KeyID, connectionID, id)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrErasedUnknown, err)
			}
			if known[string(hash)] {
				erased[id] = true
			}
		}
	}
	return erased, nil
}

// leaveOutErased takes whoever has been erased from a page, and counts them. Whoever was
// asked for alone is refused: ErrErased.
func leaveOutErased(ctx context.Context, tx pgx.Tx, page MirrorPage) (MirrorPage, error) {
	if err := joinReadings(ctx, tx, page.ConnectionID); err != nil {
		return page, err
	}
	marks, err := erasureMarks(ctx, tx, page.ConnectionID)
	if err != nil || len(marks) == 0 {
		return page, err
	}
	erased, err := erasedAmong(marks, page.Hasher, page.ConnectionID, pageIDs(page))
	if err != nil || len(erased) == 0 {
		return page, err
	}
	if page.Reading == 0 {
		return page, ErrErased
	}
	return page.without(erased), nil
}

func (p MirrorPage) without(erased map[string]bool) MirrorPage {
	people, bad := p.People, p.Bad
	p.People, p.Bad, p.erased = make([]domain.Person, 0, len(people)), make([]BadRecord, 0, len(bad)), len(erased)
	for _, person := range people {
		if !erased[person.ID] {
			p.People = append(p.People, person)
		}
	}
	for _, record := range bad {
		if !erased[record.ID] {
			p.Bad = append(p.Bad, record)
		}
	}
	return p
}

// pageIDs are the ids of everyone on a page, as far as they could be read.
func pageIDs(page MirrorPage) []string {
	ids := make([]string, 0, len(page.People)+len(page.Bad))
	for _, person := range page.People {
		ids = append(ids, person.ID)
	}
	for _, bad := range page.Bad {
		if bad.ID != "" {
			ids = append(ids, bad.ID)
		}
	}
	return ids
}
