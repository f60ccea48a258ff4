package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// What callers tell apart with errors.Is.
var (
	// ErrNotFound says that there is no row under the id.
	ErrNotFound = errors.New("not found")
	// ErrFenceLost says that a newer attempt owns the connection's full run.
	ErrFenceLost = errors.New("a newer attempt has taken over this connection's run")
	// ErrOtherAccount says that a token opens another Connexie account than the
	// connection was made with (C8).
	ErrOtherAccount = errors.New("the token belongs to another Connexie account")
	// ErrTokenReplaced says that a newer token was set while an older one was being
	// checked.
	ErrTokenReplaced = errors.New("a newer token has been set meanwhile; activate again")
	// ErrRemoved says that the connection was removed.
	ErrRemoved = errors.New("the connection has been removed; add it again")
	// ErrNoStep says that a connection is in no state for what somebody wants of it (C9).
	ErrNoStep = errors.New("the connection is in no state for that; activate it with a token first")
	// ErrVenueUnknown says that the connection's organisation has no such venue.
	ErrVenueUnknown = errors.New("this organisation has no such venue in Eitje")
	// ErrConnexieVenueUnknown says that Connexie lists no such venue.
	ErrConnexieVenueUnknown = errors.New("connexie lists no such venue for this connection")
	// ErrCodeUnknown says that Connexie has not activated the code (C6).
	ErrCodeUnknown = errors.New("connexie has no such code activated for this connection")
	// ErrCodeUnfit says that the code is for another kind of work.
	ErrCodeUnfit = errors.New("the code does not fit what it was chosen for")
	// ErrExportClosed says that the export has ended: the attempt that still writes for
	// it has outlived its workflow.
	ErrExportClosed = errors.New("the export has ended")
	// ErrVenueMovedOn says that another attempt has brought the venue's import further
	// than the one that writes knows.
	ErrVenueMovedOn = errors.New("another attempt has gone on with this venue")
	// ErrReadBackDiffers says that what Connexie read back is not what was sent (X11).
	ErrReadBackDiffers = errors.New("connexie read back something else than was sent")
	// ErrNoCandidate says that the profile that somebody chose is none of those that a
	// dispute is about (S6).
	ErrNoCandidate = errors.New("the profile is no candidate of the dispute")
	// ErrOrganisationUnknown says that Eitje has no such organisation.
	ErrOrganisationUnknown = errors.New("there is no such organisation in Eitje")
)

// Error is a failure of PostgreSQL or of the way to it. It keeps what tells a
// cause and nothing that could carry a row: PostgreSQL's detail, and the message
// of a data error, quote values.
type Error struct {
	// Code is the SQLSTATE; empty where the server was not reached.
	Code string
	// Constraint, Table and Column are those that PostgreSQL named, if any.
	Constraint string
	Table      string
	Column     string

	text      string
	retryable bool
}

// Error names the SQLSTATE, what it concerns and, where it cannot quote a row, the
// server's own words.
func (e *Error) Error() string {
	text := "database"
	if e.Code != "" {
		text += " error " + e.Code
	}
	if e.Table != "" {
		text += " on " + e.Table
	}
	if e.Column != "" {
		text += " column " + e.Column
	}
	if e.Constraint != "" {
		text += " by " + e.Constraint
	}
	if e.text != "" {
		text += ": " + e.text
	}
	return text
}

// IsRetryable reports whether the same call may succeed later without anybody
// doing anything: a lost connection, a serialisation failure, a deadlock.
func IsRetryable(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.retryable
}

// IsDataError reports whether a value was refused (SQLSTATE classes 22 and 23): of
// a batch, one record is to blame and the others can go on (S15).
func IsDataError(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && (failure.class() == "22" || failure.class() == "23")
}

// IsOurMistake reports whether PostgreSQL could not make sense of a statement
// (SQLSTATE class 42): no repetition mends that.
func IsOurMistake(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.class() == "42"
}

// violates reports whether the named constraint refused the row.
func violates(err error, constraint string) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.class() == "23" && failure.Constraint == constraint
}

// malformed reports whether a text could not be read as the id or the date that the
// column holds: nothing can be found under it.
func malformed(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.Code == "22P02"
}

func (e *Error) class() string {
	if len(e.Code) < 2 {
		return ""
	}
	return e.Code[:2]
}

// failed wraps an error of pgx with what was being done. It is nil for nil.
func failed(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", operation, fold(err))
}

// fold turns any error of pgx into one that is safe to show. What it does not know
// is reduced to its type, since pgx quotes values that it cannot encode.
func fold(err error) error {
	var failure *Error
	switch {
	case err == nil, errors.As(err, &failure), errors.Is(err, ErrNotFound):
		return err
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNotFound
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	}
	if known, ok := foldKnown(err); ok {
		return known
	}
	if lost(err) {
		return &Error{text: "the connection was lost", retryable: true}
	}
	if scan, ok := errors.AsType[pgx.ScanArgError](err); ok {
		return &Error{Column: scan.FieldName, text: "a value could not be read"}
	}
	return &Error{text: fmt.Sprintf("%T", err)}
}

// foldKnown folds what PostgreSQL itself or the way to it reported and leaves every
// other error as it is, so that one of ours passes through a transaction.
func foldKnown(err error) (known error, ok bool) {
	var (
		answer  *pgconn.PgError
		connect *pgconn.ConnectError
	)
	switch {
	case errors.As(err, &answer):
		return foldAnswer(answer), true
	case errors.As(err, &connect):
		return &Error{text: connect.Error(), retryable: true}, true
	}
	return nil, false
}

// wordyClasses are the SQLSTATE classes whose messages tell of the server or of our
// SQL, never of a row: connection, transaction state, log-in, database name,
// serialisation, syntax, resources, object state, operator intervention, system.
var wordyClasses = []string{"08", "25", "28", "3D", "3F", "40", "42", "53", "55", "57", "58"}

// retryableCodes are the single conditions that pass by themselves; classes 08 and
// 53 pass as a whole.
var retryableCodes = []string{
	pgSerializationFailure, pgDeadlock, "55P03", // lock not available
	"57P01", "57P02", "57P03", // the server stops, crashed, starts
}

const (
	pgSerializationFailure = "40001"
	pgDeadlock             = "40P01"
	pgUndefinedTable       = "42P01"
)

func foldAnswer(answer *pgconn.PgError) *Error {
	failure := &Error{
		Code:       answer.Code,
		Constraint: answer.ConstraintName,
		Column:     answer.ColumnName,
	}
	if answer.TableName != "" {
		failure.Table = answer.SchemaName + "." + answer.TableName
	}
	if slices.Contains(wordyClasses, failure.class()) {
		failure.text = answer.Message
	}
	failure.retryable = failure.class() == "08" || failure.class() == "53" ||
		slices.Contains(retryableCodes, answer.Code)
	return failure
}

func lost(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err)
}
