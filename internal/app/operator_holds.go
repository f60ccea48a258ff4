package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// HoldRequest exempts one person from the sync until a day (S21).
type HoldRequest struct {
	ConnectionID string
	ConnexieID   string
	// Until is the last day, included, such as 2026-12-31.
	Until string
	// Reason is free text, which the store alone keeps (N4).
	Reason string
	// By is the id of a person or program; DefaultRequester where empty.
	By string
}

// Hold is a person's exemption from the sync (S21).
type Hold struct {
	ConnectionID string      `json:"connection_id"`
	HoldID       string      `json:"hold_id"`
	ConnexieID   string      `json:"connexie_id"`
	Until        domain.Date `json:"until"`
	Reason       string      `json:"reason"`
	By           string      `json:"by"`
	CreatedAt    time.Time   `json:"created_at"`
	LiftedAt     time.Time   `json:"lifted_at,omitzero"`
	LiftedBy     string      `json:"lifted_by,omitempty"`
	InForce      bool        `json:"in_force"`
}

// HoldDone is a hold after it was set, moved or lifted.
type HoldDone struct {
	Hold
	// Changed is false where it was so already.
	Changed  bool   `json:"changed"`
	NextStep string `json:"next_step"`
}

// SetHold exempts a person from the sync until a day, the last one included, or moves
// the last day of the hold that is in force (S21). Exports and endings go on. Setting
// the same again changes nothing. Needs the database.
func (o *Operator) SetHold(ctx context.Context, request HoldRequest) (HoldDone, error) {
	by, err := requester(request.By)
	if err != nil {
		return HoldDone{}, err
	}
	until, err := o.lastDay(request.Until)
	if err != nil {
		return HoldDone{}, err
	}
	if strings.TrimSpace(request.Reason) == "" {
		return HoldDone{}, invalid("Say why, for whoever finds the person on hold: --reason TEXT", "a hold needs a reason")
	}
	if err := checkFreeText(request.Reason); err != nil {
		return HoldDone{}, err
	}
	connection, err := o.personOf(ctx, request.ConnectionID, request.ConnexieID)
	if err != nil {
		return HoldDone{}, err
	}
	hold, changed, err := o.store.SetHold(ctx, store.HoldOn{
		ConnectionID: connection.ID, ConnexieID: request.ConnexieID, Until: until, Today: o.today(),
		Reason: request.Reason, By: by,
	}, o.now())
	if err != nil {
		return HoldDone{}, fromPerson(connection.ID, request.ConnexieID, err)
	}
	return HoldDone{
		Hold: o.holdView(connection.ID, hold), Changed: changed,
		NextStep: "No sync touches this person through " + until.String() + ". To end it before: starter holds lift --connection " +
			connection.ID + " --person " + request.ConnexieID,
	}, nil
}

// lastDay reads the last day of a hold, which is not past.
func (o *Operator) lastDay(text string) (domain.Date, error) {
	day, err := domain.ParseDate(text)
	switch {
	case err != nil:
		return day, invalid("Give the last day of the hold, such as "+o.today().AddDays(14).String()+".",
			"%q is not a calendar day", shorten(text))
	case day.Before(o.today()):
		return day, invalid("Give today or a day to come, such as "+o.today().AddDays(14).String()+".", "%s is past", day)
	}
	return day, nil
}

// LiftHold ends a person's hold before its last day; the next sync acts again (S21).
// Lifting one that has ended changes nothing. Needs the database.
func (o *Operator) LiftHold(ctx context.Context, connectionID, connexieID, by string) (HoldDone, error) {
	by, err := requester(by)
	if err != nil {
		return HoldDone{}, err
	}
	connection, err := o.personOf(ctx, connectionID, connexieID)
	if err != nil {
		return HoldDone{}, err
	}
	hold, changed, err := o.store.LiftHold(ctx, connection.ID, connexieID, by, o.today(), o.now())
	if errors.Is(err, store.ErrNotFound) {
		return HoldDone{}, notFound("See who is on hold: starter holds list --connection "+connection.ID,
			"person %s of connection %s was never on hold", connexieID, connection.ID)
	}
	return HoldDone{
		Hold: o.holdView(connection.ID, hold), Changed: changed,
		NextStep: "The next sync acts again. At once: starter sync --connection " + connection.ID + " --person " + connexieID,
	}, err
}

// Holds lists who is on hold at a connection, or every hold that ever was. Needs the
// database.
func (o *Operator) Holds(ctx context.Context, connectionID string, all bool) ([]Hold, error) {
	connection, err := o.connection(ctx, connectionID)
	if err != nil {
		return nil, err
	}
	rows, err := o.store.Holds(ctx, connection.ID, o.today(), all)
	holds := make([]Hold, 0, len(rows))
	for _, row := range rows {
		holds = append(holds, o.holdView(connection.ID, row))
	}
	return holds, err
}

func (o *Operator) holdView(connectionID string, hold store.Hold) Hold {
	return Hold{
		ConnectionID: connectionID, HoldID: hold.ID, ConnexieID: hold.ConnexieID, Until: hold.Until, Reason: hold.Reason,
		By: hold.By, CreatedAt: hold.CreatedAt, LiftedAt: hold.LiftedAt, LiftedBy: hold.LiftedBy,
		InForce: hold.InForce(o.today()),
	}
}
