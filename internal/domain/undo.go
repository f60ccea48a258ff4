package domain

import (
	"slices"

	"github.com/govalues/decimal"
)

// ContractUndo is what undoing the changes of one contract makes of it (S10).
type ContractUndo struct {
	// Contract is the contract as it must be afterwards; nil where it must go.
	Contract *HeldContract
	// Changes is the audit of it, from which the undo can be undone in turn; empty where
	// all is as it was before already.
	Changes []Change
}

// UndoObstacle says in one word why changes of a contract cannot be undone.
type UndoObstacle string

// The obstacles.
const (
	// UndoUnknown: no changes of the contract were kept.
	UndoUnknown UndoObstacle = "nothing_kept"
	// UndoErased: what was there before is no longer kept.
	UndoErased UndoObstacle = "before_no_longer_kept"
	// UndoCreated: the run created the contract; there is nothing before it to restore.
	UndoCreated UndoObstacle = "created_by_the_run"
	// UndoGone: the contract is no longer there.
	UndoGone UndoObstacle = "contract_gone"
	// UndoUnlinked: the person is no longer linked to the team member whose contract it was.
	UndoUnlinked UndoObstacle = "no_longer_linked"
	// UndoTaken: the team member holds another contract under the Connexie ID to restore.
	UndoTaken UndoObstacle = "contract_held_twice"
	// UndoVenueGone: Eitje no longer has the venue to restore.
	UndoVenueGone UndoObstacle = "venue_gone"
	// UndoExported: exported lines name the contract that would have to go.
	UndoExported UndoObstacle = "exported_under_it"
	// UndoChanged: fields hold something else than the changes left.
	UndoChanged UndoObstacle = "changed_since"
)

// UndoRefusal is why an undo is refused. It carries names of fields, never their values
// (N4).
type UndoRefusal struct { //nolint:errname // it is a value of the rules as well
	Obstacle UndoObstacle
	// Fields are those that hold something else by now.
	Fields []string
}

// Error is the obstacle in one word.
func (r *UndoRefusal) Error() string { return string(r.Obstacle) }

// UndoContract takes back the changes of one contract, in the order in which they were
// written: current is the contract as Eitje holds it, or nil. It is refused unless each
// field still holds what the changes left there. A contract that was removed comes back
// under its id; one that an undo brought back goes again; one that a run created is
// refused, because the audit keeps nothing of what it held (ADR 9) and Connexie has it.
func UndoContract(id string, changes []Change, current *HeldContract) (ContractUndo, *UndoRefusal) {
	u, refusal := readUndo(id, changes)
	if refusal != nil {
		return ContractUndo{}, refusal
	}
	switch {
	case u.created && len(u.fields) == 0:
		return ContractUndo{}, &UndoRefusal{Obstacle: UndoCreated}
	case u.created:
		return u.removal(current)
	case u.removed && current == nil:
		return u.recreation()
	case current == nil:
		return ContractUndo{}, &UndoRefusal{Obstacle: UndoGone}
	case u.removed: // it is back already, by this very undo or by a sync
		return u.unchangedFrom(*current)
	}
	return u.restoration(*current)
}

// contractTrace is what changes tell of one contract.
type contractTrace struct {
	id               string
	created, removed bool
	// fields are the first and the last value of each field.
	fields map[string]Change
}

func readUndo(id string, changes []Change) (contractTrace, *UndoRefusal) {
	u := contractTrace{id: id, fields: map[string]Change{}}
	for _, change := range changes {
		if change.Before == "" && change.After == "" {
			return u, &UndoRefusal{Obstacle: UndoErased}
		}
		switch change.Field {
		case FieldCreated:
			u.created = true
		case FieldRemoved:
			u.removed = true
		default:
			if earlier, known := u.fields[change.Field]; known {
				change.Before = earlier.Before
			}
			u.fields[change.Field] = change
		}
	}
	if len(changes) == 0 {
		return u, &UndoRefusal{Obstacle: UndoUnknown}
	}
	return u, nil
}

// restoration writes the values before over those of an overwritten contract.
func (u contractTrace) restoration(current HeldContract) (ContractUndo, *UndoRefusal) {
	if u.differing(current, func(c Change) string { return c.Before }) == nil {
		return ContractUndo{Contract: &current}, nil
	}
	if fields := u.differing(current, func(c Change) string { return c.After }); fields != nil {
		return ContractUndo{}, &UndoRefusal{Obstacle: UndoChanged, Fields: fields}
	}
	restored, refusal := u.writeBefore(current)
	if refusal != nil {
		return ContractUndo{}, refusal
	}
	return ContractUndo{Contract: &restored, Changes: diffContract(current, restored)}, nil
}

// recreation brings a contract back that was removed. Its lines tell all that it holds,
// unlike those of one that a run creates, so that this can be undone too.
func (u contractTrace) recreation() (ContractUndo, *UndoRefusal) {
	restored, refusal := u.writeBefore(HeldContract{ID: u.id})
	if refusal != nil {
		return ContractUndo{}, refusal
	}
	created := Change{Object: ObjectContract, ObjectID: u.id, Field: FieldCreated, After: restored.ConnexieID}
	return ContractUndo{
		Contract: &restored, Changes: append([]Change{created}, diffContract(HeldContract{ID: u.id}, restored)...),
	}, nil
}

// unchangedFrom answers for a removed contract that is there again.
func (u contractTrace) unchangedFrom(current HeldContract) (ContractUndo, *UndoRefusal) {
	if fields := u.differing(current, func(c Change) string { return c.Before }); fields != nil {
		return ContractUndo{}, &UndoRefusal{Obstacle: UndoChanged, Fields: fields}
	}
	return ContractUndo{Contract: &current}, nil
}

// removal lets a contract go again that an undo brought back.
func (u contractTrace) removal(current *HeldContract) (ContractUndo, *UndoRefusal) {
	if current == nil {
		return ContractUndo{}, nil
	}
	if !current.LastExported.IsZero() {
		return ContractUndo{}, &UndoRefusal{Obstacle: UndoExported}
	}
	var fields []string
	for _, field := range contractFields {
		if field.text(*current) != u.fields[field.name].After {
			fields = append(fields, field.name)
		}
	}
	if fields != nil {
		return ContractUndo{}, &UndoRefusal{Obstacle: UndoChanged, Fields: fields}
	}
	removed := Change{Object: ObjectContract, ObjectID: u.id, Field: FieldRemoved, Before: current.ConnexieID}
	return ContractUndo{Changes: append([]Change{removed}, diffContract(*current, HeldContract{ID: u.id})...)}, nil
}

// differing names the fields of the trace where a contract holds something else than
// wanted; nil where there are none.
func (u contractTrace) differing(contract HeldContract, wanted func(Change) string) []string {
	var fields []string
	for _, field := range contractFields {
		change, traced := u.fields[field.name]
		if traced && field.text(contract) != wanted(change) {
			fields = append(fields, field.name)
		}
	}
	return fields
}

// writeBefore writes the first values of the trace into a contract.
func (u contractTrace) writeBefore(contract HeldContract) (HeldContract, *UndoRefusal) {
	for _, field := range contractFields {
		change, traced := u.fields[field.name]
		if traced && field.write(&contract, change.Before) != nil {
			return contract, &UndoRefusal{Obstacle: UndoErased}
		}
	}
	if !slices.Contains([]ContractType{Flex, FixedHours, SelfEmployed, Payroll}, contract.Type) || contract.Start.IsZero() {
		return contract, &UndoRefusal{Obstacle: UndoErased}
	}
	return contract, nil
}

func writeText(field func(*HeldContract) *string) func(*HeldContract, string) error {
	return func(c *HeldContract, text string) error {
		*field(c) = text
		return nil
	}
}

func writeDate(field func(*HeldContract) *Date) func(*HeldContract, string) error {
	return func(c *HeldContract, text string) (err error) {
		*field(c) = Date{}
		if text != "" {
			*field(c), err = ParseDate(text)
		}
		return err
	}
}

func writeDecimal(field func(*HeldContract) *decimal.NullDecimal) func(*HeldContract, string) error {
	return func(c *HeldContract, text string) error {
		*field(c) = decimal.NullDecimal{}
		if text == "" {
			return nil
		}
		read, err := decimal.Parse(text)
		*field(c) = decimal.NullDecimal{Decimal: read, Valid: err == nil}
		return err
	}
}
