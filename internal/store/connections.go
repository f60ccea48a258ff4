package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// ConnectionState is where a connection stands.
type ConnectionState = domain.ConnectionState

// The states of a connection.
const (
	ConnectionInactive   = domain.ConnectionInactive
	ConnectionActive     = domain.ConnectionActive
	ConnectionNeedsToken = domain.ConnectionNeedsToken
	ConnectionPaused     = domain.ConnectionPaused
	ConnectionRemoved    = domain.ConnectionRemoved
)

// Connection is one organisation's Connexie account.
type Connection struct {
	ID             string
	OrganisationID string
	State          ConnectionState
	// AccountID is Connexie's own; empty before the first activation.
	AccountID string
	CreatedAt time.Time
	// ActivatedAt is the first time; zero before.
	ActivatedAt time.Time
	// FailedNights counts the nights in a row on which Connexie could not be
	// reached (N6).
	FailedNights int
	// GuardArmedAt is zero while the guard is silent (S16).
	GuardArmedAt time.Time
	Guard        domain.GuardLimits
	// AutomaticEndings has the second step of an ending done without somebody's
	// confirmation (E4).
	AutomaticEndings bool
	// LikelyDuplicatesWait has whoever looks like an unlinked profile wait as disputed
	// instead of being created (S22).
	LikelyDuplicatesWait bool
}

// Settings is what the connection has chosen.
func (c Connection) Settings() domain.ConnectionSettings {
	return domain.ConnectionSettings{
		Guard: c.Guard, AutomaticEndings: c.AutomaticEndings, LikelyDuplicatesWait: c.LikelyDuplicatesWait,
	}
}

type connectionRow struct {
	ID                    string
	OrganisationID        string
	State                 string
	AccountID             string
	CreatedAt             time.Time
	ActivatedAt           *time.Time
	FailedNights          int
	GuardArmedAt          *time.Time
	GuardCreationsFloor   int
	GuardCreationsPercent int
	GuardChangesFloor     int
	GuardChangesPercent   int
	AutomaticEndings      bool
	LikelyDuplicatesWait  bool
}

func (r connectionRow) connection() Connection {
	return Connection{
		ID: r.ID, OrganisationID: r.OrganisationID, State: ConnectionState(r.State), AccountID: r.AccountID,
		CreatedAt: r.CreatedAt, ActivatedAt: orZero(r.ActivatedAt), FailedNights: r.FailedNights,
		GuardArmedAt: orZero(r.GuardArmedAt),
		Guard: domain.GuardLimits{
			CreationsFloor: r.GuardCreationsFloor, CreationsPercent: r.GuardCreationsPercent,
			ChangesFloor: r.GuardChangesFloor, ChangesPercent: r.GuardChangesPercent,
		},
		AutomaticEndings: r.AutomaticEndings, LikelyDuplicatesWait: r.LikelyDuplicatesWait,
	}
}

// orZero reads a value that may be NULL.
func orZero[T any](value *T) (zero T) {
	if value == nil {
		return zero
	}
	return *value
}

const selectConnections = `
	select id, organisation_id, state, coalesce(account_id, '') as account_id, created_at, activated_at,
	       failed_nights, guard_armed_at, guard_creations_floor, guard_creations_percent, guard_changes_floor,
	       guard_changes_percent, automatic_endings, likely_duplicates_wait
	  from connexie.connections`

// AddConnection makes the connection of an organisation, of which there is one.
// Adding it again answers with the one that is there; one that was removed is
// revived with its links, inactive until its token has been checked (C1). Callers
// at the same moment get the same connection. The error is ErrOrganisationUnknown
// where Eitje has no such organisation.
func (s *Store) AddConnection(ctx context.Context, organisationID string, now time.Time) (Connection, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Connection{}, fmt.Errorf("make an id for a connection: %w", err)
	}
	var added Connection
	err = s.withTx(ctx, func(tx pgx.Tx) error {
		added, err = addConnection(ctx, tx, id.String(), organisationID, now)
		return err
	})
	return added, err
}

func addConnection(ctx context.Context, tx pgx.Tx, id, organisationID string, now time.Time) (Connection, error) {
	const insert = `
		insert into connexie.connections (id, organisation_id, created_at)
		values (@id, @organisation_id, @now)
		on conflict (organisation_id) do nothing`
	const revive = `
		update connexie.connections set state = 'inactive'
		 where organisation_id = @organisation_id and state = 'removed'`
	operation := "add the connection of organisation " + organisationID
	_, err := execute(ctx, tx, operation, insert, args{"id": id, "organisation_id": organisationID, "now": now})
	if violates(err, "connections_organisation_id_fkey") || malformed(err) {
		return Connection{}, fmt.Errorf("%s: %w", operation, ErrOrganisationUnknown)
	}
	if err != nil {
		return Connection{}, err
	}
	if _, err := execute(ctx, tx, operation, revive, args{"organisation_id": organisationID}); err != nil {
		return Connection{}, err
	}
	row, err := collectOne[connectionRow](ctx, tx, operation, selectConnections+`
		 where organisation_id = @organisation_id`, args{"organisation_id": organisationID})
	return row.connection(), err
}

// Connection finds a connection by its id; ErrNotFound where there is none.
func (s *Store) Connection(ctx context.Context, id string) (Connection, error) {
	return s.connectionBy(ctx, "get connection "+id, `where id = @id`, args{"id": id})
}

// ConnectionOf finds the connection of an organisation; ErrNotFound where there is
// none.
func (s *Store) ConnectionOf(ctx context.Context, organisationID string) (Connection, error) {
	return s.connectionBy(ctx, "get the connection of organisation "+organisationID,
		`where organisation_id = @organisation_id`, args{"organisation_id": organisationID})
}

func (s *Store) connectionBy(ctx context.Context, operation, where string, named args) (Connection, error) {
	row, err := collectOne[connectionRow](ctx, s.pool, operation, selectConnections+"\n"+where, named)
	if malformed(err) {
		err = fmt.Errorf("%s: %w", operation, ErrNotFound)
	}
	if err != nil {
		return Connection{}, err
	}
	return row.connection(), nil
}

// Connections lists every connection, removed ones included, in the order in which
// they were made.
func (s *Store) Connections(ctx context.Context) ([]Connection, error) {
	rows, err := collect[connectionRow](ctx, s.pool, "list connections", selectConnections+`
		 order by created_at, id`, args{})
	if err != nil {
		return nil, err
	}
	connections := make([]Connection, 0, len(rows))
	for _, row := range rows {
		connections = append(connections, row.connection())
	}
	return connections, nil
}

// lockConnection makes whoever decides about a connection wait for the others until
// the transaction ends; ErrNotFound where there is none.
func lockConnection(ctx context.Context, tx pgx.Tx, id string) (Connection, error) {
	operation := "lock connection " + id
	row, err := collectOne[connectionRow](ctx, tx, operation, selectConnections+`
		 where id = @id
		   for no key update`, args{"id": id})
	if malformed(err) {
		err = fmt.Errorf("%s: %w", operation, ErrNotFound)
	}
	return row.connection(), err
}

// Activation is what Connexie said of a connection's token, and who had asked.
type Activation struct {
	// AccountID is whose token it is.
	AccountID string
	// Checked is the token that Connexie was asked about.
	Checked SealedToken
	// By is the id of a person or program.
	By string
	// Paused has the connection wait, until somebody has looked at what a first
	// synchronisation would do and resumes it (C2).
	Paused bool
	// Probe is the night's own question, which nobody asked by hand: whoever has paused
	// the connection meanwhile keeps it paused (C9).
	Probe bool
}

// after is the state that an activation leaves.
func (a Activation) after(state ConnectionState) ConnectionState {
	if a.Paused || a.Probe && state == ConnectionPaused {
		return ConnectionPaused
	}
	return ConnectionActive
}

// Activate notes that Connexie took the token and whose account it opens: the
// connection is active from now on, or paused where that was asked for, and the token
// that was checked is the one in use. A token of another account than the connection
// was made with is dropped and everything else left as it was: ErrOtherAccount (C8).
// ErrTokenReplaced where a newer token was set since the check, ErrRemoved where the
// connection was removed. Activating again changes nothing.
func (s *Store) Activate(ctx context.Context, id string, activation Activation, now time.Time) (Connection, error) {
	var refusal error
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		connection, err := lockConnection(ctx, tx, id)
		if err != nil {
			return err
		}
		switch {
		case connection.State == ConnectionRemoved:
			return ErrRemoved
		case connection.AccountID != "" && connection.AccountID != activation.AccountID:
			refusal = ErrOtherAccount
			return dropCandidate(ctx, tx, id, activation.Checked)
		}
		if err := promoteToken(ctx, tx, id, activation.Checked); err != nil {
			return err
		}
		return activate(ctx, tx, connection, activation, now)
	})
	if err := errors.Join(err, refusal); err != nil {
		return Connection{}, fmt.Errorf("activate connection %s: %w", id, err)
	}
	return s.Connection(ctx, id)
}

func activate(ctx context.Context, tx pgx.Tx, connection Connection, activation Activation, now time.Time) error {
	const query = `
		update connexie.connections
		   set state = @state, account_id = @account_id, activated_at = coalesce(activated_at, @now)
		 where id = @id and (state, account_id) is distinct from (@state, @account_id)`
	id, next := connection.ID, activation.after(connection.State)
	_, err := execute(ctx, tx, "set the state", query,
		args{"id": id, "state": string(next), "account_id": activation.AccountID, "now": now})
	if err != nil {
		return err
	}
	// A first activation shows in activated_at, and in who set the token.
	if connection.State != ConnectionInactive {
		if err := writeStateChange(ctx, tx, connection, next, activation.By, now); err != nil {
			return err
		}
	}
	return keepNotices(ctx, tx, id, domain.CauseTokenRefused, nil, now)
}

// ArmGuard lets the guard speak from now on, where the run that has been applied was
// planned with every venue decided (S16). It reports whether this call did it.
func (s *Store) ArmGuard(ctx context.Context, id, runID string, now time.Time) (armed bool, err error) {
	const query = `
		update connexie.connections c set guard_armed_at = @now
		  from connexie.sync_runs r
		 where c.id = @id and c.guard_armed_at is null
		   and r.id = @run_id and r.connection_id = c.id and r.venues_decided`
	count, err := execute(ctx, s.pool, "arm the guard of connection "+id, query,
		args{"id": id, "run_id": runID, "now": now})
	return count > 0, err
}
