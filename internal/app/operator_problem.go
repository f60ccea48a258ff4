package app

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/store"
)

// ProblemKind says what stands in the way, for clients that answer each in their own
// manner: an exit code, an HTTP status.
type ProblemKind string

// The kinds of problems.
const (
	// KindInvalid is a request that nobody can work with.
	KindInvalid ProblemKind = "invalid"
	// KindNotFound names something that is not there.
	KindNotFound ProblemKind = "not_found"
	// KindRefused is a request that a rule or the present state stands against.
	KindRefused ProblemKind = "refused"
	// KindUnavailable is something that is needed and does not answer.
	KindUnavailable ProblemKind = "unavailable"
	// KindFailed is work that was begun and failed.
	KindFailed ProblemKind = "failed"
)

// Problem is an error that somebody can act on: what happened, to what, and the next
// step. It carries ids, never names or secrets (N3, N4).
type Problem struct { //nolint:errname // it is shown as a value, "error": {…}, as well as returned
	Kind     ProblemKind `json:"kind"`
	What     string      `json:"what"`
	NextStep string      `json:"next_step"`
}

// Error is both sentences in one line.
func (p *Problem) Error() string { return p.What + ". " + p.NextStep }

func invalid(nextStep, format string, args ...any) *Problem {
	return &Problem{Kind: KindInvalid, What: fmt.Sprintf(format, args...), NextStep: nextStep}
}

func refused(nextStep, format string, args ...any) *Problem {
	return &Problem{Kind: KindRefused, What: fmt.Sprintf(format, args...), NextStep: nextStep}
}

func notFound(nextStep, format string, args ...any) *Problem {
	return &Problem{Kind: KindNotFound, What: fmt.Sprintf(format, args...), NextStep: nextStep}
}

// connection finds a connection or says how to find one. What cannot be an id is not
// even looked for.
func (o *Operator) connection(ctx context.Context, id string) (store.Connection, error) {
	const list = "List the connections: starter status"
	if !isRecordID(id) {
		return store.Connection{}, malformed(list, "a connection", id)
	}
	connection, err := o.store.Connection(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return connection, notFound(list, "there is no connection %q", id)
	}
	return connection, err
}

// fromEngine translates what the engine answered while something was done.
func fromEngine(subject string, err error) error {
	var (
		failure     *temporal.ApplicationError
		gone        *serviceerror.NotFound
		namespace   *serviceerror.NamespaceNotFound
		unavailable *serviceerror.Unavailable
		deadline    *serviceerror.DeadlineExceeded
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failure):
		return refused("Correct it and try again.", "%s: %s", subject, failure.Message())
	case errors.As(err, &namespace):
		return notFound("Make it, or correct TEMPORAL_NAMESPACE: starter doctor", "%s: Temporal has no namespace %s", subject, namespace.Namespace)
	case errors.As(err, &gone):
		return notFound("Look at what is there: starter status", "%s: Temporal knows no such workflow", subject)
	case errors.As(err, &unavailable), errors.As(err, &deadline), errors.Is(err, context.DeadlineExceeded):
		return &Problem{Kind: KindUnavailable, What: subject + ": Temporal did not answer in time",
			NextStep: "Look whether Temporal and a worker run: starter doctor"}
	}
	return fmt.Errorf("%s: %w", subject, err)
}

func isNotFound(err error) bool {
	var gone *serviceerror.NotFound
	return errors.As(err, &gone)
}
