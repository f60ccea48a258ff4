package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// ErasureRequest asks for the erasure of one person, or for its end. The person is named
// by the Connexie ID or by the id of the team member, not by both.
type ErasureRequest struct {
	ConnectionID string
	ConnexieID   string
	TeamMemberID string
	// Force passes over an employment that goes on and hours that were not exported. What
	// is under way it does not pass over.
	Force bool
	// By is the id of a person or program; DefaultRequester where empty.
	By string
}

// Erasure is what is kept of an erasure: who asked for it and when, and nothing about the
// person.
type Erasure struct {
	ID           string `json:"erasure_id,omitempty"`
	ConnectionID string `json:"connection_id"`
	// TeamMemberID is the row that stays in Eitje and says nothing any more; empty where
	// there was none.
	TeamMemberID string `json:"team_member_id,omitempty"`
	// KeptOut tells that later readings leave the person out. Connexie never knew a
	// profile that nobody is kept out for.
	KeptOut  bool      `json:"kept_out"`
	ErasedAt time.Time `json:"erased_at,omitzero"`
	ErasedBy string    `json:"erased_by,omitempty"`
	Forced   bool      `json:"forced"`
	// IDsRemovedAt is when the Connexie ID went from the lines of exports too; absent as
	// long as a period may have to be exported again.
	IDsRemovedAt time.Time `json:"ids_removed_at,omitzero"`
	LiftedAt     time.Time `json:"lifted_at,omitzero"`
	LiftedBy     string    `json:"lifted_by,omitempty"`
}

// ErasureReport is what an erasure did or would do.
type ErasureReport struct {
	Erasure
	// Outcome is erased, already_erased, or for a preview possible, needs_force or
	// refused.
	Outcome   string          `json:"outcome"`
	Obstacles []ErasureReason `json:"obstacles"`
	Tables    []ErasedInTable `json:"tables"`
}

// The outcomes of an erasure and of its preview.
const (
	ErasureDone       = "erased"
	ErasureAlready    = "already_erased"
	ErasurePossible   = "possible"
	ErasureNeedsForce = "needs_force"
	ErasureRefused    = "refused"
)

// ErasureReason is what stands against an erasure, and what to do about it.
type ErasureReason struct {
	Obstacle  string `json:"obstacle"`
	Forceable bool   `json:"forceable"`
	What      string `json:"what"`
	NextStep  string `json:"next_step"`
}

// ErasedInTable is what becomes of the person's rows of one table: removed, emptied of
// what they said, or kept as ids and quantities.
type ErasedInTable struct {
	Table  string `json:"table"`
	Effect string `json:"effect"`
	Rows   int    `json:"rows"`
}

// PreviewErasure tells what an erasure would do, by table, and what stands against it; it
// changes nothing. Needs the database and the keys.
func (o *Operator) PreviewErasure(ctx context.Context, request ErasureRequest) (ErasureReport, error) {
	return o.erase(ctx, request, o.store.PreviewErasure)
}

// Erase removes what is known of one person (N5), in one transaction, and keeps later
// readings from bringing the person back. It is refused where something stands against
// it. Erasing again changes nothing. Needs the database and the keys.
func (o *Operator) Erase(ctx context.Context, request ErasureRequest) (ErasureReport, error) {
	report, err := o.erase(ctx, request, o.store.Erase)
	if err != nil || report.ID != "" {
		return report, err
	}
	return report, refusedErasure(report)
}

func refusedErasure(report ErasureReport) *Problem {
	var what, next []string
	for _, reason := range report.Obstacles {
		what, next = append(what, reason.What), append(next, reason.NextStep)
	}
	if report.Outcome == ErasureNeedsForce {
		next = append(next, "Where the law demands it all the same: --force")
	}
	return refused(strings.Join(next, " "), "the person is not erased: %s", strings.Join(what, "; "))
}

func (o *Operator) erase(
	ctx context.Context, request ErasureRequest,
	do func(context.Context, store.IDHasher, store.ErasureRequest, time.Time) (store.ErasureReport, error),
) (ErasureReport, error) {
	asked, err := o.erasureRequest(ctx, request)
	if err != nil {
		return ErasureReport{}, err
	}
	found, err := do(ctx, idHasher{o.keys}, asked, o.now())
	if err != nil {
		return ErasureReport{}, fromErasure(asked, err)
	}
	return erasureReport(asked, found), nil
}

// erasureRequest checks what was asked before anything is looked for.
func (o *Operator) erasureRequest(ctx context.Context, request ErasureRequest) (store.ErasureRequest, error) {
	by, err := requester(request.By)
	if err != nil {
		return store.ErasureRequest{}, err
	}
	switch {
	case (request.ConnexieID == "") == (request.TeamMemberID == ""):
		return store.ErasureRequest{}, invalid("Give the Connexie ID, or the id of the team member.",
			"one person is to be named, in one way")
	case request.ConnexieID != "" && !idPattern.MatchString(request.ConnexieID):
		return store.ErasureRequest{}, invalid("Give the person's Connexie ID, such as emp_0001; see: starter sync items",
			"%q is not a Connexie ID: 1 to 64 letters, digits, - or _", shorten(request.ConnexieID))
	case request.TeamMemberID != "" && !isRecordID(request.TeamMemberID):
		return store.ErasureRequest{}, malformed("Give one that starter hours lists.", "a team member", request.TeamMemberID)
	}
	connection, err := o.connection(ctx, request.ConnectionID)
	return store.ErasureRequest{
		ConnectionID: connection.ID, ConnexieID: request.ConnexieID, TeamMemberID: request.TeamMemberID,
		Force: request.Force, By: by, Day: domain.DayOf(o.now()),
	}, err
}

func fromErasure(request store.ErasureRequest, err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return notFound("Look the id up: starter sync items, or starter hours. Who was erased has no name any more: starter erase list",
			"connection %s knows nobody of that id", request.ConnectionID)
	case errors.Is(err, store.ErrErasedUnknown):
		return &Problem{Kind: KindFailed, What: "a key that erased people are recognised by is missing from ENCRYPTION_KEYS",
			NextStep: "Add it to the end again; starter doctor names it."}
	case errors.Is(err, store.ErrKeepsNobodyOut):
		return refused("Nothing need be done: nobody is kept out.", "the erasure is of a profile that Connexie never knew")
	}
	return err
}

func erasureReport(request store.ErasureRequest, found store.ErasureReport) ErasureReport {
	report := ErasureReport{Erasure: describeErasure(found.Erasure), Obstacles: []ErasureReason{}, Tables: []ErasedInTable{}}
	for _, obstacle := range found.Obstacles {
		report.Obstacles = append(report.Obstacles, erasureReason(request, obstacle, found))
	}
	for _, rows := range found.Rows {
		report.Tables = append(report.Tables, ErasedInTable{Table: rows.Table, Effect: string(rows.Effect), Rows: rows.Rows})
	}
	switch {
	case found.Already:
		report.Outcome = ErasureAlready
	case report.ID != "":
		report.Outcome = ErasureDone
	case domain.ErasureRefused(found.Obstacles, true):
		report.Outcome = ErasureRefused
	case len(found.Obstacles) > 0:
		report.Outcome = ErasureNeedsForce
	default:
		report.Outcome = ErasurePossible
	}
	report.ConnectionID = request.ConnectionID
	return report
}

func describeErasure(e store.Erasure) Erasure {
	return Erasure{
		ID: e.ID, ConnectionID: e.ConnectionID, TeamMemberID: e.TeamMemberID, KeptOut: e.Recognised && e.LiftedAt.IsZero(),
		ErasedAt: e.ErasedAt, ErasedBy: e.ErasedBy, Forced: e.Forced,
		IDsRemovedAt: e.IDsRemovedAt, LiftedAt: e.LiftedAt, LiftedBy: e.LiftedBy,
	}
}

// erasureReason says in words what stands against an erasure.
func erasureReason(request store.ErasureRequest, obstacle domain.ErasureObstacle, found store.ErasureReport) ErasureReason {
	reason := ErasureReason{Obstacle: string(obstacle), Forceable: obstacle.Forceable()}
	switch obstacle {
	case domain.EraseExport:
		reason.What = "an export of this connection is under way"
		reason.NextStep = "Wait for its end: starter export list --connection " + request.ConnectionID + "."
	case domain.EraseEnding:
		reason.What = "the ending of the employment is under way"
		reason.NextStep = "Finish it, or withdraw it."
	case domain.EraseEmployed:
		reason.What = "Connexie shows the employment as active"
		reason.NextStep = "End the employment in Connexie, then synchronise. " +
			"Erased all the same, payroll there goes on and nothing of it reaches Eitje any more."
	case domain.EraseActive:
		reason.What = "the team member is active in Eitje, and Connexie knows nobody who belongs to the profile"
		reason.NextStep = "End the employment in Eitje first."
	case domain.EraseUnexported:
		reason.What = fmt.Sprintf("%d approved entries from %s to %s have not been exported, or have changed since",
			found.Unexported, found.First, found.Last)
		reason.NextStep = fmt.Sprintf("Export them: starter export --connection %s --from %s --to %s --kinds hours. "+
			"Erased all the same, they still go out with the next export, under the contract as it is now and without a name.",
			request.ConnectionID, found.First, found.Last)
	}
	return reason
}

// Erasures lists the erasures of a connection, the last first. Needs the database.
func (o *Operator) Erasures(ctx context.Context, connectionID string, limit int) ([]Erasure, error) {
	connection, err := o.connection(ctx, connectionID)
	if err != nil {
		return nil, err
	}
	found, err := o.store.Erasures(ctx, connection.ID, limit)
	erasures := make([]Erasure, 0, len(found))
	for _, one := range found {
		erasures = append(erasures, describeErasure(one))
	}
	return erasures, err
}

// LiftErasure lets an erased person come back with the next synchronisation: what Connexie
// sends of the person, and nothing of what was erased. It is refused where the person is
// not erased. Needs the database and the keys.
func (o *Operator) LiftErasure(ctx context.Context, request ErasureRequest) (Erasure, error) {
	asked, err := o.erasureRequest(ctx, request)
	if err != nil {
		return Erasure{}, err
	}
	lifted, found, err := o.store.LiftErasure(ctx, idHasher{o.keys}, asked, o.now())
	if err != nil {
		return Erasure{}, fromErasure(asked, err)
	}
	if !found {
		return Erasure{}, refused("See who is: starter erase list --connection "+asked.ConnectionID,
			"the person is not erased, so there is nothing to lift")
	}
	return describeErasure(lifted), nil
}
