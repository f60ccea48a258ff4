package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// PauseConnection leaves a connection out of everything that is begun from now on (C9):
// what is under way goes on, and links, markers and history stay. ErrNoStep where it
// was never activated or is removed. Pausing again changes nothing.
func (s *Store) PauseConnection(ctx context.Context, id, by string, now time.Time) (Connection, error) {
	return s.stepConnection(ctx, id, domain.StepPause, by, now, nil)
}

// ResumeConnection takes a paused connection back in. What its token is worth is for
// whoever asks Connexie next to find out (C8). ErrNoStep where it was never activated
// or is removed; one that is not paused stays as it is.
func (s *Store) ResumeConnection(ctx context.Context, id, by string, now time.Time) (Connection, error) {
	return s.stepConnection(ctx, id, domain.StepResume, by, now, nil)
}

// RemoveConnection leaves a connection out of everything (C9) and closes its open
// notifications: nobody need do anything about it any more. Links, markers and history
// stay, and so does its token until DropTokens: what is under way may still need it to
// withdraw what it was sending. Removing again changes nothing.
func (s *Store) RemoveConnection(ctx context.Context, id, by string, now time.Time) (Connection, error) {
	const closeAll = `
		update connexie.notifications set closed_at = @now
		 where connection_id = @id and closed_at is null`
	const forget = `
		update connexie.connections set failed_nights = 0, last_failed_night = null
		 where id = @id and failed_nights > 0`
	return s.stepConnection(ctx, id, domain.StepRemove, by, now, func(tx pgx.Tx) error {
		if _, err := execute(ctx, tx, "close its notifications", closeAll, args{"id": id, "now": now}); err != nil {
			return err
		}
		_, err := execute(ctx, tx, "forget its failed nights", forget, args{"id": id})
		return err
	})
}

// stepConnection takes a step and leaves its audit line (S10); also does what belongs
// to it, in the same transaction.
func (s *Store) stepConnection(
	ctx context.Context, id string, step domain.ConnectionStep, by string, now time.Time, also func(pgx.Tx) error,
) (Connection, error) {
	const query = `
		update connexie.connections set state = @state where id = @id and state <> @state`
	var connection Connection
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		found, err := lockConnection(ctx, tx, id)
		if err != nil {
			return err
		}
		next, may := found.State.After(step)
		if !may {
			return ErrNoStep
		}
		if _, err := execute(ctx, tx, "set the state", query, args{"id": id, "state": string(next)}); err != nil {
			return err
		}
		if err := writeStateChange(ctx, tx, found, next, by, now); err != nil {
			return err
		}
		if connection = found; also != nil {
			err = also(tx)
		}
		connection.State = next
		return err
	})
	if err != nil {
		return Connection{}, fmt.Errorf("%s connection %s: %w", step, id, err)
	}
	return connection, nil
}

// writeStateChange leaves the audit line of a state that changes.
func writeStateChange(
	ctx context.Context, tx pgx.Tx, connection Connection, next ConnectionState, by string, now time.Time,
) error {
	return writeActChanges(ctx, tx, connectionAct(connection.ID, by),
		domain.StateChange(connection.ID, connection.State, next), now)
}

func connectionAct(id, by string) Act {
	return Act{Kind: ActConnection, ID: id, ConnectionID: id, By: by}
}

// DropTokens deletes the tokens of a removed connection, the one in use and one that
// waits (N3), and reports whether it did. One that was added again meanwhile keeps its
// new one.
func (s *Store) DropTokens(ctx context.Context, id string) (dropped bool, err error) {
	const query = `
		delete from connexie.connection_tokens where connection_id = @id`
	err = s.withTx(ctx, func(tx pgx.Tx) error {
		connection, err := lockConnection(ctx, tx, id)
		if err != nil || connection.State != ConnectionRemoved {
			return err
		}
		count, err := execute(ctx, tx, "delete its tokens", query, args{"id": id})
		dropped = count > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("drop the tokens of connection %s: %w", id, err)
	}
	return dropped, nil
}

// OpenWork lists the workflows that have a run or an export open for a connection.
func (s *Store) OpenWork(ctx context.Context, id string) ([]string, error) {
	const query = `
		select workflow_id from connexie.sync_runs where connection_id = @id and closed_at is null
		union
		select workflow_id from connexie.exports where connection_id = @id and closed_at is null
		 order by 1`
	return column[string](ctx, s.pool, "list what is under way for connection "+id, query, args{"id": id})
}

// OpenEndings lists the workflows that end an employment of a connection. They may wait
// for months, so that they are no work under way: a pause leaves them alone.
func (s *Store) OpenEndings(ctx context.Context, id string) ([]string, error) {
	const query = `
		select workflow_id from connexie.endings where connection_id = @id and closed_at is null order by 1`
	return column[string](ctx, s.pool, "list the open endings of connection "+id, query, args{"id": id})
}

// CloseLeftOpen closes what a removed connection still has open although no workflow works
// for it any more: somebody terminated it. Runs and endings end as abandoned and exports
// as failed, whose drafts are strays from then on. A connection that was added again keeps
// what it has.
func (s *Store) CloseLeftOpen(ctx context.Context, id string, now time.Time) error {
	const runs = `
		update connexie.sync_runs
		   set stage = 'closed', outcome = 'abandoned', closed_at = @now, problem = 'Its workflow ended before it did.'
		 where connection_id = @id and closed_at is null`
	const exports = `
		update connexie.exports
		   set stage = @closed, outcome = 'failed', problem = @problem, closed_at = @now
		 where connection_id = @id and closed_at is null`
	const endings = `
		update connexie.endings
		   set stage = @closed, outcome = @abandoned, next_at = null, closed_at = @now
		 where connection_id = @id and closed_at is null`
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		connection, err := lockConnection(ctx, tx, id)
		if err != nil || connection.State != ConnectionRemoved {
			return err
		}
		if _, err := execute(ctx, tx, "close its runs", runs, args{"id": id, "now": now}); err != nil {
			return err
		}
		_, err = execute(ctx, tx, "close its exports", exports,
			args{"id": id, "now": now, "closed": exportStageClosed, "problem": exportTerminated})
		if err != nil {
			return err
		}
		_, err = execute(ctx, tx, "close its endings", endings,
			args{"id": id, "now": now, "closed": domain.EndingClosed, "abandoned": domain.EndingAbandoned})
		return err
	})
	if err != nil {
		return fmt.Errorf("close what connection %s left open: %w", id, err)
	}
	return nil
}

// ChooseSettings changes what a connection has chosen and leaves an audit line for each
// that differs (S10). change is given what is chosen now and returns what is to be; an
// error of its own changes nothing. ErrRemoved where the connection was removed.
// Choosing the same again changes nothing.
func (s *Store) ChooseSettings(
	ctx context.Context, id, by string, now time.Time,
	change func(domain.ConnectionSettings) (domain.ConnectionSettings, error),
) (Connection, error) {
	var chosen Connection
	err := s.withTx(ctx, func(tx pgx.Tx) error {
		connection, err := lockConnection(ctx, tx, id)
		if err != nil {
			return err
		}
		if connection.State == ConnectionRemoved {
			return ErrRemoved
		}
		wanted, err := change(connection.Settings())
		if err != nil {
			return err
		}
		chosen = connection
		chosen.Guard, chosen.AutomaticEndings, chosen.LikelyDuplicatesWait = wanted.Guard, wanted.AutomaticEndings, wanted.LikelyDuplicatesWait
		return writeSettings(ctx, tx, connection, wanted, by, now)
	})
	if err != nil {
		return Connection{}, fmt.Errorf("choose the settings of connection %s: %w", id, err)
	}
	return chosen, nil
}

func writeSettings(
	ctx context.Context, tx pgx.Tx, connection Connection, wanted domain.ConnectionSettings, by string, now time.Time,
) error {
	const query = `
		update connexie.connections
		   set guard_creations_floor = @creations_floor, guard_creations_percent = @creations_percent,
		       guard_changes_floor = @changes_floor, guard_changes_percent = @changes_percent,
		       automatic_endings = @automatic_endings, likely_duplicates_wait = @likely_duplicates_wait
		 where id = @id`
	changes := connection.Settings().Changes(connection.ID, wanted)
	if len(changes) == 0 {
		return nil
	}
	_, err := execute(ctx, tx, "write its settings", query, args{
		"id": connection.ID, "creations_floor": wanted.Guard.CreationsFloor, "creations_percent": wanted.Guard.CreationsPercent,
		"changes_floor": wanted.Guard.ChangesFloor, "changes_percent": wanted.Guard.ChangesPercent,
		"automatic_endings": wanted.AutomaticEndings, "likely_duplicates_wait": wanted.LikelyDuplicatesWait,
	})
	if err != nil {
		return err
	}
	return writeActChanges(ctx, tx, connectionAct(connection.ID, by), changes, now)
}
