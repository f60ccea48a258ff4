package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// UndoRequest asks to take back what a run, or an undo before, did to one contract (S10).
type UndoRequest struct {
	// Source is the id of the run or of the undo.
	Source     string
	ContractID string
	// By is the id of a person or program, never a name.
	By string
	// HoldUntil exempts the person from the sync until a day in the same transaction, so
	// that no sync overwrites again; zero leaves holds alone (S21).
	HoldUntil  domain.Date
	HoldReason string
	Today      domain.Date
}

// Undone is what an undo did.
type Undone struct {
	// ID is the undo's, by which it can be undone; empty where all was as before already.
	ID           string
	ConnectionID string
	ConnexieID   string
	TeamMemberID string
	ContractID   string
	Changes      []domain.Change
	// Hold is the hold of the person that is in force then, or nil.
	Hold *Hold
	// HoldChanged tells that the hold is of this undo.
	HoldChanged bool
}

// UndoContract takes back what a run, or an undo, did to one contract, in one
// transaction: the contract holds again what it held before, with audit lines of its own
// (S10). It does so only while the contract still holds what the changes left. Undoing
// again changes nothing. Errors: ErrNotFound (no such changes), *domain.UndoRefusal.
func (s *Store) UndoContract(ctx context.Context, request UndoRequest, now time.Time) (Undone, error) {
	var undone Undone
	err := s.withTx(ctx, func(tx pgx.Tx) (err error) {
		if err := lookUpRows(ctx, tx); err != nil {
			return err
		}
		undone, err = undoContract(ctx, tx, request, now)
		return err
	})
	if violates(err, "contracts_venue_id_fkey") {
		err = &domain.UndoRefusal{Obstacle: domain.UndoVenueGone}
	}
	if err != nil {
		return Undone{}, fmt.Errorf("undo what %s did to contract %s: %w", request.Source, request.ContractID, err)
	}
	return undone, nil
}

func undoContract(ctx context.Context, tx pgx.Tx, request UndoRequest, now time.Time) (Undone, error) {
	origin, changes, err := contractChanges(ctx, tx, request.Source, request.ContractID)
	if err != nil {
		return Undone{}, err
	}
	held, err := lockedContracts(ctx, tx, origin)
	if err != nil {
		return Undone{}, err
	}
	undo, refusal := domain.UndoContract(request.ContractID, changes, held.find(request.ContractID))
	if refusal == nil {
		refusal = held.taken(undo.Contract)
	}
	if refusal != nil {
		return Undone{}, refusal
	}
	undone := Undone{
		ConnectionID: origin.ConnectionID, ConnexieID: origin.ConnexieID, TeamMemberID: held.teamMemberID,
		ContractID: request.ContractID, Changes: undo.Changes,
	}
	if len(undo.Changes) > 0 {
		undone.ID = newID()
		if err := writeUndo(ctx, tx, undone, undo, request.By, now); err != nil {
			return Undone{}, err
		}
	}
	undone.Hold, undone.HoldChanged, err = holdUndone(ctx, tx, origin, request, now)
	return undone, err
}

// changeOrigin is whose contract was changed.
type changeOrigin struct {
	ConnectionID string
	ConnexieID   string
}

// contractChanges reads what a run or an undo did to a contract, in the order in which it
// was written; ErrNotFound where that is nothing.
func contractChanges(ctx context.Context, q querier, source, contractID string) (changeOrigin, []domain.Change, error) {
	const query = `
		select connection_id, connexie_id, field, coalesce(before, '') as before, coalesce(after, '') as after
		  from connexie.changes
		 where (run_id = @source::uuid and act = 'sync' or act_id = @source::uuid and act = 'undo')
		   and object = 'contract' and object_id = @contract_id
		 order by id`
	type row struct {
		ConnectionID string
		ConnexieID   string
		Field        string
		Before       string
		After        string
	}
	rows, err := collect[row](ctx, q, "read what was changed", query, args{"source": source, "contract_id": contractID})
	if err != nil {
		return changeOrigin{}, nil, err
	}
	if len(rows) == 0 {
		return changeOrigin{}, nil, ErrNotFound
	}
	changes := make([]domain.Change, 0, len(rows))
	for _, r := range rows {
		changes = append(changes, domain.Change{
			Object: domain.ObjectContract, ObjectID: contractID, Field: r.Field, Before: r.Before, After: r.After,
		})
	}
	return changeOrigin{ConnectionID: rows[0].ConnectionID, ConnexieID: rows[0].ConnexieID}, changes, nil
}

// memberContracts are the contracts of one team member.
type memberContracts struct {
	teamMemberID string
	contracts    []domain.HeldContract
}

// lockedContracts locks a person, the team member who is linked to them and their
// contracts, in the order in which a sync locks, and reads the contracts.
func lockedContracts(ctx context.Context, tx pgx.Tx, origin changeOrigin) (memberContracts, error) {
	const link = `
		select team_member_id::text from connexie.links
		 where connection_id = @connection_id and connexie_id = @connexie_id`
	erased := &domain.UndoRefusal{Obstacle: domain.UndoErased}
	if origin.ConnexieID == "" {
		return memberContracts{}, erased
	}
	err := lockPerson(ctx, tx, origin.ConnectionID, origin.ConnexieID)
	if errors.Is(err, ErrNotFound) {
		return memberContracts{}, erased
	}
	if err != nil {
		return memberContracts{}, err
	}
	near := args{"connection_id": origin.ConnectionID, "ids": []string{origin.ConnexieID}}
	if err := lockProfiles(ctx, tx, near); err != nil {
		return memberContracts{}, err
	}
	member, err := value[string](ctx, tx, "find whose contract it is", link,
		args{"connection_id": origin.ConnectionID, "connexie_id": origin.ConnexieID})
	if errors.Is(err, ErrNotFound) {
		return memberContracts{}, &domain.UndoRefusal{Obstacle: domain.UndoUnlinked}
	}
	if err != nil {
		return memberContracts{}, err
	}
	held, err := heldContracts(ctx, tx, []profileRow{{ID: member}})
	if err != nil {
		return memberContracts{}, err
	}
	m := memberContracts{teamMemberID: member, contracts: held[member]}
	return m, m.placeExported(ctx, tx)
}

// placeExported tells of each contract the last day that was exported under it.
func (m memberContracts) placeExported(ctx context.Context, q querier) error {
	var all []goneContract
	for i := range m.contracts {
		all = append(all, goneContract{contractKey{m.teamMemberID, m.contracts[i].ConnexieID}, &m.contracts[i]})
	}
	last, err := lastExported(ctx, q, all)
	for _, held := range all {
		held.contract.LastExported = last[held.key]
	}
	return err
}

func (m memberContracts) find(id string) *domain.HeldContract {
	i := slices.IndexFunc(m.contracts, func(c domain.HeldContract) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return &m.contracts[i]
}

// taken refuses to restore a contract beside another that is the same one of Connexie.
func (m memberContracts) taken(restored *domain.HeldContract) *domain.UndoRefusal {
	if restored == nil || restored.ConnexieID == "" {
		return nil
	}
	isSame := func(c domain.HeldContract) bool { return c.ID != restored.ID && c.ConnexieID == restored.ConnexieID }
	if slices.ContainsFunc(m.contracts, isSame) {
		return &domain.UndoRefusal{Obstacle: domain.UndoTaken}
	}
	return nil
}

func writeUndo(
	ctx context.Context, tx pgx.Tx, undone Undone, undo domain.ContractUndo, by string, now time.Time,
) error {
	plan := domain.Plan{Profile: &domain.Profile{ID: undone.TeamMemberID}}
	if undo.Contract == nil {
		plan.RemoveContracts = []string{undone.ContractID}
	} else {
		plan.WriteContracts = []domain.HeldContract{*undo.Contract}
	}
	if err := writeContracts(ctx, tx, Batch{}, []domain.Plan{plan}, now); err != nil {
		return err
	}
	act := Act{Kind: ActUndo, ID: undone.ID, ConnectionID: undone.ConnectionID, ConnexieID: undone.ConnexieID, By: by}
	return writeActChanges(ctx, tx, act, undo.Changes, now)
}

// undoHoldReason is that of a new hold which an undo sets and nobody gave a reason for.
const undoHoldReason = "a contract overwrite was undone"

// holdUndone finds the person's hold that is in force. It sets, or prolongs, it where one
// was asked for, and never shortens it: somebody else had a reason for that day.
func holdUndone(
	ctx context.Context, tx pgx.Tx, origin changeOrigin, request UndoRequest, now time.Time,
) (*Hold, bool, error) {
	hold, err := latestHold(ctx, tx, origin.ConnectionID, origin.ConnexieID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, false, err
	}
	inForce := err == nil && hold.InForce(request.Today)
	switch {
	case inForce && !hold.Until.Before(request.HoldUntil): // also where none was asked for
		return &hold, false, nil
	case request.HoldUntil.IsZero():
		return nil, false, nil
	case !inForce:
		request.HoldReason = cmp.Or(request.HoldReason, undoHoldReason)
	}
	hold, changed, err := setHold(ctx, tx, HoldOn{
		ConnectionID: origin.ConnectionID, ConnexieID: origin.ConnexieID, Until: request.HoldUntil,
		Today: request.Today, Reason: request.HoldReason, By: request.By,
	}, now)
	return &hold, changed, err
}

// ChangedContract is a contract that a run, or an undo, changed: what there is to undo.
type ChangedContract struct {
	ContractID string
	ConnexieID string
	// Fields are the names of those that changed, or created or removed.
	Fields []string
}

// ChangedContracts lists the contracts that a run, or an undo, changed (S10), of one
// person or of everyone.
func (s *Store) ChangedContracts(ctx context.Context, source, connexieID string) ([]ChangedContract, error) {
	const query = `
		select object_id as contract_id, connexie_id, array_agg(distinct field) as fields
		  from connexie.changes
		 where (run_id = @source::uuid and act = 'sync' or act_id = @source::uuid and act = 'undo')
		   and object = 'contract' and (@connexie_id = '' or connexie_id = @connexie_id)
		 group by object_id, connexie_id
		 order by connexie_id, object_id`
	return collect[ChangedContract](ctx, s.pool, "list the contracts that "+source+" changed", query,
		args{"source": source, "connexie_id": connexieID})
}
