package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// UndoRequest asks to take back what a run, or an undo before, did to one contract
// (S10).
type UndoRequest struct {
	// RunID or UndoID says what is taken back; one of the two.
	RunID  string
	UndoID string
	// ContractID is the contract in Eitje; it may be left out where there is only one.
	ContractID string
	// ConnexieID narrows it to one person, where the contract is left out.
	ConnexieID string
	// HoldUntil puts the person on hold until that day, so that no sync overwrites the
	// contract again; empty for no hold.
	HoldUntil string
	// Reason is that of the hold; where it is empty, a new hold says that it is an undo's.
	Reason string
	By     string
}

// Undone is what an undo did.
type Undone struct {
	// UndoID is that by which the undo can be undone; empty where all was so already.
	UndoID       string          `json:"undo_id,omitempty"`
	ConnectionID string          `json:"connection_id"`
	ConnexieID   string          `json:"connexie_id"`
	TeamMemberID string          `json:"team_member_id"`
	ContractID   string          `json:"contract_id"`
	Already      bool            `json:"already"`
	Changes      []domain.Change `json:"changes"`
	// Hold is the person's hold that is in force; without one the next sync overwrites
	// the contract again (S8).
	Hold     *Hold  `json:"hold,omitempty"`
	NextStep string `json:"next_step"`
}

// UndoContract takes back what a run, or an undo, did to one contract, while the
// contract still holds what that left (S10). The next sync overwrites it again, because
// Connexie leads (S8), unless it is corrected there or the person is on hold: HoldUntil
// sets a hold in the same transaction. Undoing again changes nothing. Needs the
// database.
func (o *Operator) UndoContract(ctx context.Context, request UndoRequest) (Undone, error) {
	undo, err := o.undoRequest(request)
	if err != nil {
		return Undone{}, err
	}
	if undo.ContractID == "" {
		if undo.ContractID, err = o.onlyContract(ctx, undo.Source, request.ConnexieID); err != nil {
			return Undone{}, err
		}
	}
	undone, err := o.store.UndoContract(ctx, undo, o.now())
	if err != nil {
		return Undone{}, fromUndo(undo, err)
	}
	return o.undoneView(request, undone), nil
}

func (o *Operator) undoRequest(request UndoRequest) (undo store.UndoRequest, err error) {
	const changes = "The lines of a run are in: starter sync changes --run ID"
	undo = store.UndoRequest{Source: request.RunID, ContractID: request.ContractID, Today: o.today(), HoldReason: request.Reason}
	what := "a run"
	if request.UndoID != "" {
		undo.Source, what = request.UndoID, "an undo"
	}
	switch {
	case (request.RunID == "") == (request.UndoID == ""):
		return undo, invalid("Give --run ID, or --undo ID for an undo that is to be undone.", "it takes a run or an undo to take back")
	case !isRecordID(undo.Source):
		return undo, malformed(changes, what, undo.Source)
	case undo.ContractID != "" && !isRecordID(undo.ContractID):
		return undo, malformed(changes, "a contract", undo.ContractID)
	case request.ConnexieID != "" && !idPattern.MatchString(request.ConnexieID):
		return undo, invalid(changes, "%q is not a Connexie ID: 1 to 64 letters, digits, - or _", shorten(request.ConnexieID))
	case request.Reason != "" && request.HoldUntil == "":
		return undo, invalid("Give --hold-until DAY with it, or leave the reason out.", "the reason is that of a hold, and there is none")
	}
	if undo.By, err = requester(request.By); err != nil {
		return undo, err
	}
	if request.HoldUntil == "" {
		return undo, nil
	}
	if err := checkFreeText(undo.HoldReason); err != nil {
		return undo, err
	}
	undo.HoldUntil, err = o.lastDay(request.HoldUntil)
	return undo, err
}

// onlyContract finds the contract that is meant where there is only one; otherwise it
// names those there are.
func (o *Operator) onlyContract(ctx context.Context, source, connexieID string) (string, error) {
	contracts, err := o.store.ChangedContracts(ctx, source, connexieID)
	switch {
	case err != nil:
		return "", err
	case len(contracts) == 0:
		return "", nothingToUndo(source)
	case len(contracts) == 1:
		return contracts[0].ContractID, nil
	}
	const most = 10
	slices.SortStableFunc(contracts, func(a, b store.ChangedContract) int {
		return cmp.Compare(created(a), created(b))
	})
	var named []string
	for _, contract := range contracts[:min(most, len(contracts))] {
		named = append(named, fmt.Sprintf("--contract %s (%s: %s)", contract.ContractID, contract.ConnexieID, strings.Join(contract.Fields, ", ")))
	}
	if len(contracts) > most {
		named = append(named, "and more, in: starter sync changes --run "+source)
	}
	return "", invalid("Name one: "+strings.Join(named, "; "), "%s changed %d contracts", source, len(contracts))
}

// created is 1 for a contract that the run created: those come last, since nothing of
// them can be restored.
func created(contract store.ChangedContract) int {
	if slices.Contains(contract.Fields, domain.FieldCreated) {
		return 1
	}
	return 0
}

func nothingToUndo(source string) *Problem {
	return notFound("The lines of a run are in: starter sync changes --run ID",
		"no change of such a contract is kept under %s", source)
}

func (o *Operator) undoneView(request UndoRequest, undone store.Undone) Undone {
	view := Undone{
		UndoID: undone.ID, ConnectionID: undone.ConnectionID, ConnexieID: undone.ConnexieID, TeamMemberID: undone.TeamMemberID,
		ContractID: undone.ContractID, Already: undone.ID == "", Changes: append([]domain.Change{}, undone.Changes...),
	}
	about := " --connection " + undone.ConnectionID + " --person " + undone.ConnexieID
	switch {
	case undone.Hold == nil && request.UndoID != "":
		view.NextStep = "The contract is as before that undo. Where Connexie has something else, the next sync overwrites it (S8)."
		return view
	case undone.Hold == nil:
		view.NextStep = "The next sync overwrites it again, because Connexie leads (S8). Correct it in Connexie, or keep the sync away: " +
			"starter holds set" + about + " --until DAY --reason TEXT"
		return view
	}
	hold := o.holdView(undone.ConnectionID, *undone.Hold)
	view.Hold = &hold
	view.NextStep = "No sync touches it through " + hold.Until.String() +
		". Correct it in Connexie before: the first sync after that day overwrites it again, because Connexie leads (S8)."
	return view
}

// fromUndo says what stands against an undo. It names fields, never what they hold (N4).
func fromUndo(undo store.UndoRequest, err error) error {
	refusal, isRefusal := errors.AsType[*domain.UndoRefusal](err)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nothingToUndo(undo.Source)
	case !isRefusal:
		return err
	}
	what := map[domain.UndoObstacle]string{
		domain.UndoChanged:   "these fields hold something else by now: " + strings.Join(refusal.Fields, ", "),
		domain.UndoGone:      "Eitje no longer has the contract",
		domain.UndoCreated:   "the run created the contract, so that there is nothing before it to restore",
		domain.UndoErased:    "what was there before is no longer kept",
		domain.UndoUnlinked:  "the person is no longer linked to the team member whose contract it was",
		domain.UndoTaken:     "the team member holds another contract under the same Connexie ID",
		domain.UndoVenueGone: "Eitje no longer has the venue that the contract was at",
		domain.UndoExported:  "hours were exported under the contract",
	}[refusal.Obstacle]
	next := "Nothing was changed. Edit the contract in Eitje, or correct it in Connexie, which leads (S8)."
	if refusal.Obstacle == domain.UndoCreated {
		next = "Nothing was changed. End or correct the contract in Connexie, which leads (S8); the next sync follows."
	}
	return refused(next, "contract %s cannot be restored: %s", undo.ContractID, what)
}
