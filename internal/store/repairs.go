package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// RepairRequest asks to make two profiles of one person one, or to take that back (S22).
type RepairRequest struct {
	// ID is the repair's, or that of the undo: asking again under it changes nothing.
	ID           string
	ConnectionID string
	// KeepID is the profile that stays, DropID the duplicate.
	KeepID string
	DropID string
	// By is the id of a person or program, never a name.
	By string
}

// RepairDone is what a repair, its preview or its undo came to.
type RepairDone struct {
	Outcome domain.RepairOutcome
	// Refusal says why nothing was changed; empty unless refused.
	Refusal domain.RepairRefusal
	// RepairID is the repair that was made, found or undone; empty where there is none.
	RepairID string
	// Counts says how much was moved, and of an undo how much could not be moved back.
	Counts domain.Counts
}

// What is counted of a repair and of its undo.
const (
	// countLink is the link that moves, countFields the fields of the kept profile that
	// follow Connexie.
	countLink      = "link"
	countEntries   = "entries"
	countExtras    = "extras"
	countContracts = "contracts"
	countAside     = "contracts_set_aside"
	countVenues    = "venues"
	// countExported are markers that stay as they are, countChanged those of entries that
	// had changed since and stay so (X12).
	countExported = "exported"
	countChanged  = "exported_changed_since"
	countLines    = "export_lines"
	countFields   = "fields"
	// Of an undo: entries edited since, which move back as they are now; entries that are
	// gone or somebody else's; entries that came since and stay.
	countEdited = "entries_edited_since"
	countGone   = "entries_gone_since"
	countAdded  = "entries_added_since"
)

// RepairDuplicate moves everything of one profile to another in one transaction: the
// link, entries with their extras, contracts, venues and exported markers. The kept
// profile then holds what Connexie says of the person, as after a synchronisation, and
// the empty one is archived. Audit lines tell of all of it (S10, S22).
//
// Under the id of a repair that was made the answer is that one's; where the two were
// repaired under another id it is RepairNothing. A refusal is an answer and changes
// nothing. People, profiles and contracts are locked in the order of a synchronisation,
// so that both may run at once; two repairs that touch one profile wait for each other.
func (s *Store) RepairDuplicate(ctx context.Context, request RepairRequest, now time.Time) (RepairDone, error) {
	return s.repair(ctx, "repair", request, func(tx pgx.Tx) (RepairDone, error) { return repairPair(ctx, tx, request, now) })
}

// PreviewRepair tells what RepairDuplicate would do at this moment, and changes nothing:
// the repair is made and taken back before anybody sees it.
func (s *Store) PreviewRepair(ctx context.Context, request RepairRequest, now time.Time) (RepairDone, error) {
	var done RepairDone
	refused, err := s.repair(ctx, "preview the repair of", request, func(tx pgx.Tx) (_ RepairDone, err error) {
		if done, err = repairPair(ctx, tx, request, now); err != nil {
			return done, err
		}
		return done, errTakeBack
	})
	if !errors.Is(err, errTakeBack) {
		return refused, err
	}
	if done.Outcome == domain.RepairDone {
		done.Outcome, done.RepairID = domain.RepairPreviewed, ""
	}
	return done, nil
}

// UndoRepair takes back the repair of two profiles: what was moved and is still there
// moves back, and nothing newer (S22). Entries that were edited since move back as they
// are now; those that are gone or were added since are counted. Undoing again changes
// nothing.
func (s *Store) UndoRepair(ctx context.Context, request RepairRequest, now time.Time) (RepairDone, error) {
	return s.repair(ctx, "undo the repair of", request, func(tx pgx.Tx) (RepairDone, error) { return undoRepair(ctx, tx, request, now) })
}

var (
	// errTakeBack ends the transaction of a preview.
	errTakeBack = errors.New("a preview is taken back")
	// errLinksMoved tells that a link came or went between reading and locking.
	errLinksMoved = errors.New("a link of the two profiles has changed meanwhile")
)

// repair runs do, again where a link changed before the rows were locked.
func (s *Store) repair(
	ctx context.Context, what string, request RepairRequest, do func(tx pgx.Tx) (RepairDone, error),
) (RepairDone, error) {
	var (
		done RepairDone
		err  error
	)
	for range 5 {
		err = s.withTx(ctx, func(tx pgx.Tx) (err error) {
			if err = lookUpRows(ctx, tx); err == nil {
				done, err = do(tx)
			}
			return err
		})
		if !errors.Is(err, errLinksMoved) {
			break
		}
	}
	if malformed(err) {
		return RepairDone{Outcome: domain.RepairRefused, Refusal: domain.RefusedUnknownProfile, Counts: domain.Counts{}}, nil
	}
	if err != nil {
		return RepairDone{}, fmt.Errorf("%s profiles %s and %s: %w", what, request.KeepID, request.DropID, err)
	}
	return done, nil
}

func repairPair(ctx context.Context, tx pgx.Tx, request RepairRequest, now time.Time) (RepairDone, error) {
	pair, err := lockPair(ctx, tx, request)
	if err != nil {
		return RepairDone{}, err
	}
	if made, found, err := findRepair(ctx, tx, request); err != nil || found {
		return made.answer(request), err
	}
	if refusal := domain.JudgeRepair(pair.keep, pair.drop); refusal != "" {
		return RepairDone{Outcome: domain.RepairRefused, Refusal: refusal, Counts: domain.Counts{}}, nil
	}
	move := newRepairMove(request, pair, now)
	if err := move.repair(ctx, tx); err != nil {
		return RepairDone{}, err
	}
	return RepairDone{Outcome: domain.RepairDone, RepairID: request.ID, Counts: move.counts}, nil
}

func undoRepair(ctx context.Context, tx pgx.Tx, request RepairRequest, now time.Time) (RepairDone, error) {
	pair, err := lockPair(ctx, tx, request)
	if err != nil {
		return RepairDone{}, err
	}
	made, found, err := lastRepair(ctx, tx, request)
	switch {
	case err != nil:
		return RepairDone{}, err
	case !found:
		return RepairDone{Outcome: domain.RepairRefused, Refusal: domain.RefusedNotRepaired, Counts: domain.Counts{}}, nil
	case !made.UndoneAt.IsZero():
		return made.undoAnswer(request), nil
	}
	if refusal := domain.JudgeUndo(pair.keep, pair.drop, made.linkBy()); refusal != "" {
		return RepairDone{Outcome: domain.RepairRefused, Refusal: refusal, RepairID: made.ID, Counts: domain.Counts{}}, nil
	}
	move := newUndoMove(request, made, pair, now)
	if err := move.undo(ctx, tx); err != nil {
		return RepairDone{}, err
	}
	return RepairDone{Outcome: domain.RepairUndone, RepairID: made.ID, Counts: move.counts}, nil
}
