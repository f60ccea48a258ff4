package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/store"
)

// The types of error that a workflow can see. The type decides whether a failure is
// retried, and is all that a workflow may look at: texts are for people.
const (
	// ErrorInvalidInput is input that nobody can work with; not retried.
	ErrorInvalidInput = "InvalidInput"
	// ErrorTokenRefused is 401 from Connexie, or no token at all; not retried (C8).
	ErrorTokenRefused = "ConnexieTokenRefused" //nolint:gosec // a name that speaks of tokens
	// ErrorForbidden is a token that lacks a permission; not retried.
	ErrorForbidden = "ConnexieForbidden"
	// ErrorRateLimited is 429, retried after what Connexie asked for (N6).
	ErrorRateLimited = "ConnexieRateLimited"
	// ErrorUnavailable is 5xx, a timeout or a lost answer; retried (N6).
	ErrorUnavailable = "ConnexieUnavailable"
	// ErrorProtocol is an answer that breaks the contract; not retried.
	ErrorProtocol = "ConnexieProtocol"
	// ErrorReading is a list that cannot be believed: empty although people are
	// linked, or never read to its end; not retried (S14).
	ErrorReading = "ReadingIncomplete"
	// ErrorFenceLost says that a newer attempt owns the run; not retried.
	ErrorFenceLost = "FenceLost"
	// ErrorDatabase is a failure of PostgreSQL; retried.
	ErrorDatabase = "Database"
	// ErrorEngine is Temporal that did not take a message; retried.
	ErrorEngine = "Engine"
	// ErrorConfiguration is something missing that an operator must set; not
	// retried.
	ErrorConfiguration = "Configuration"
	// ErrorEndingRefused is what an ending refuses to do where it stands, with the reason
	// (E1); not retried.
	ErrorEndingRefused = "EndingRefused"
	// ErrorStopping says that the worker is shutting down; retried at once by
	// another one.
	ErrorStopping = "WorkerStopping"
)

// maxRetryAfter bounds what Connexie may ask us to wait before the next attempt.
const maxRetryAfter = 10 * time.Minute

// fromConnexie translates a failure of a call. subject says what was being done, by
// ids alone.
func fromConnexie(subject string, err error) error {
	var failure *connexie.Error
	if !errors.As(err, &failure) {
		return err // the context ended, which the engine knows how to read
	}
	message := fmt.Sprintf("%s: %s", subject, failure)
	switch failure.Code {
	case connexie.CodeInvalidToken:
		return temporal.NewNonRetryableApplicationError(
			message+"; set a new token with: starter activate", ErrorTokenRefused, nil)
	case connexie.CodeForbidden:
		return temporal.NewNonRetryableApplicationError(
			message+"; grant the token employees.read in Connexie", ErrorForbidden, nil)
	case connexie.CodeRateLimited:
		return temporal.NewApplicationErrorWithOptions(message, ErrorRateLimited, temporal.ApplicationErrorOptions{
			NextRetryDelay: min(failure.RetryAfter, maxRetryAfter),
			Category:       temporal.ApplicationErrorCategoryBenign,
		})
	case connexie.CodeServerError, connexie.CodeUnreachable:
		return temporal.NewApplicationErrorWithOptions(message, ErrorUnavailable, temporal.ApplicationErrorOptions{
			NextRetryDelay: min(failure.RetryAfter, maxRetryAfter),
		})
	}
	return temporal.NewNonRetryableApplicationError(
		message+"; report it with the request id to Connexie's support", ErrorProtocol, nil)
}

// fromImports translates a failure of a call about imports of hours.
func fromImports(subject string, err error) error {
	var failure *connexie.Error
	if errors.As(err, &failure) && failure.Code == connexie.CodeForbidden {
		return temporal.NewNonRetryableApplicationError(fmt.Sprintf(
			"%s: %s; grant the token %s in Connexie", subject, failure, connexie.PermissionWriteImports), ErrorForbidden, nil)
	}
	return fromConnexie(subject, err)
}

// fromStore translates a failure of the store.
func fromStore(err error) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case typeOf(err) != "": // translated where it happened
		return err
	case errors.Is(err, store.ErrFenceLost), errors.Is(err, store.ErrExportClosed):
		return temporal.NewNonRetryableApplicationError(err.Error(), ErrorFenceLost, nil)
	case errors.Is(err, store.ErrEmptyReading):
		return temporal.NewNonRetryableApplicationError(
			err.Error()+"; nothing was changed; look at the account in Connexie and synchronise again", ErrorReading, nil)
	case errors.Is(err, store.ErrErasedUnknown):
		return temporal.NewNonRetryableApplicationError(
			err.Error()+"; nothing was read; starter doctor names the key", ErrorConfiguration, nil)
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrReadBackDiffers), store.IsDataError(err), store.IsOurMistake(err):
		return temporal.NewNonRetryableApplicationError(err.Error(), ErrorDatabase, nil)
	}
	return temporal.NewApplicationError(err.Error(), ErrorDatabase)
}

// workerStopping hands an activity that lasts to another worker.
func workerStopping() error {
	return temporal.NewApplicationErrorWithOptions("the worker is shutting down", ErrorStopping,
		temporal.ApplicationErrorOptions{Category: temporal.ApplicationErrorCategoryBenign})
}

// invalidInput refuses input with what is wrong and what to do.
func invalidInput(format string, args ...any) error {
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf(format, args...), ErrorInvalidInput, nil)
}

// typeOf is the type of an error of ours, or empty.
func typeOf(err error) string {
	if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return failure.Type()
	}
	return ""
}
