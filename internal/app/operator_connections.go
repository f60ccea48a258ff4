package app

import (
	"context"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// ConnectionDetail is one connection as a whole: its state and what that means, what it
// has chosen, and what it holds.
type ConnectionDetail struct {
	ConnectionID   string    `json:"connection_id"`
	OrganisationID string    `json:"organisation_id"`
	Organisation   string    `json:"organisation"`
	State          string    `json:"state"`
	AccountID      string    `json:"account_id,omitempty"`
	ActivatedAt    time.Time `json:"activated_at,omitzero"`
	// FailedNights counts the nights in a row without an answer of Connexie. From the
	// third on the connection is quarantined: the night asks once before it synchronises
	// (N6).
	FailedNights int  `json:"failed_nights"`
	Quarantined  bool `json:"quarantined"`
	// GuardArmed tells that the guard speaks (S16).
	GuardArmed bool     `json:"guard_armed"`
	Settings   Settings `json:"settings"`
	Holds      Holds    `json:"holds"`
	// UnderWay are the workflows that have a run or an export open.
	UnderWay []string `json:"under_way"`
	// OpenEndings counts the endings of employments that are not over.
	OpenEndings int    `json:"open_endings"`
	NextStep    string `json:"next_step"`
}

// Holds counts what a connection holds, and keeps where it is removed (C9).
type Holds struct {
	Links           int `json:"links"`
	ExportedEntries int `json:"exported_entries"`
	Runs            int `json:"runs"`
	Exports         int `json:"exports"`
}

// ConnectionDetail tells of one connection as a whole. Needs the database.
func (o *Operator) ConnectionDetail(ctx context.Context, connectionID string) (ConnectionDetail, error) {
	connection, err := o.connection(ctx, connectionID)
	if err != nil {
		return ConnectionDetail{}, err
	}
	return o.detail(ctx, connection)
}

func (o *Operator) detail(ctx context.Context, connection store.Connection) (ConnectionDetail, error) {
	detail := ConnectionDetail{
		ConnectionID: connection.ID, OrganisationID: connection.OrganisationID, State: string(connection.State),
		AccountID: connection.AccountID, ActivatedAt: connection.ActivatedAt, FailedNights: connection.FailedNights,
		Quarantined: connection.State == store.ConnectionActive && domain.Quarantined(connection.FailedNights),
		GuardArmed:  !connection.GuardArmedAt.IsZero(), Settings: settingsOf(connection), NextStep: nextOf(connection),
	}
	holdings, err := o.store.Holdings(ctx, connection.ID)
	if err != nil {
		return ConnectionDetail{}, err
	}
	detail.Holds = Holds{
		Links: holdings.Links, ExportedEntries: holdings.ExportedEntries, Runs: holdings.Runs, Exports: holdings.Exports,
	}
	if detail.UnderWay, err = o.underWay(ctx, connection.ID); err != nil {
		return ConnectionDetail{}, err
	}
	endings, err := o.store.OpenEndings(ctx, connection.ID)
	if err != nil {
		return ConnectionDetail{}, err
	}
	detail.OpenEndings = len(endings)
	detail.Organisation, err = o.store.OrganisationName(ctx, connection.ID)
	return detail, err
}

func (o *Operator) underWay(ctx context.Context, connectionID string) ([]string, error) {
	open, err := o.store.OpenWork(ctx, connectionID)
	if open == nil {
		open = []string{}
	}
	return open, err
}

// nextOf says what somebody can do with a connection in its state.
func nextOf(connection store.Connection) string {
	switch {
	case connection.State == store.ConnectionPaused:
		return awaken(connection)
	case connection.State != store.ConnectionActive:
		return "Set a token: starter activate --organisation " + connection.OrganisationID + " --token-file -"
	case domain.Quarantined(connection.FailedNights):
		return "Each night asks once whether Connexie is back. To try at once: starter sync --connection " + connection.ID
	}
	return "See how it goes: starter status --connection " + connection.ID
}
