package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
)

// Every wait on the engine is bounded: without a worker, an update or a query would
// wait for ever.
const (
	// engineBound is for calls that the engine answers by itself.
	engineBound = 10 * time.Second
	// updateBound is how long somebody waits for a worker to take a request before
	// it is left with the engine instead.
	updateBound = 5 * time.Second
	// queryBound is for questions that a worker answers.
	queryBound = 2 * time.Second
	// lookEvery is how often a run that is followed is looked at.
	lookEvery = 250 * time.Millisecond
)

// tick is the time until the next look.
func (o *Operator) tick() <-chan time.Time { return time.After(lookEvery) }

// endedBadly tells why a workflow has no result. A context that ended is passed on.
func (o *Operator) endedBadly(ctx context.Context, subject, link string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	next := "Look at the workflow in the Temporal UI, then try again."
	if link != "" {
		next = "Look at " + link + ", then try again."
	}
	var (
		failure    *temporal.ApplicationError
		terminated *temporal.TerminatedError
		canceled   *temporal.CanceledError
	)
	problem := &Problem{Kind: KindFailed, NextStep: next}
	switch {
	case errors.As(err, &failure):
		problem.What = subject + ": " + failure.Message()
	case errors.As(err, &terminated):
		problem.What = subject + ": the workflow was terminated, or a newer one took its place"
	case errors.As(err, &canceled):
		problem.What = subject + ": the workflow was cancelled"
	default:
		return fromEngine(subject, fmt.Errorf("the workflow failed: %w", err))
	}
	return problem
}
