package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
)

// The exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitProblems    = 3
	exitRefused     = 4
	exitInterrupted = 130 // as shells have it: 128 and the number of SIGINT
)

// usageError is a command line that nobody can work with. The next step is the help of
// the command that refused it.
type usageError struct {
	error
	command string
}

func usage(format string, args ...any) error { return &usageError{error: fmt.Errorf(format, args...)} }

// outcomeError ends a command whose result has been printed with another code than
// that of success.
type outcomeError struct{ code int }

func (e *outcomeError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// exitWith is nil where the code is that of success.
func exitWith(code int) error {
	if code == exitDone {
		return nil
	}
	return &outcomeError{code}
}

// interruptedError is a wait that somebody broke off; what was started goes on.
type interruptedError struct{ lookAgain string }

func (e *interruptedError) Error() string {
	return "interrupted; what was started goes on. Look again with: " + e.lookAgain
}

// interrupted tells a wait that was broken off from one that failed.
func interrupted(ctx context.Context, err error, lookAgain string) error {
	if err != nil && ctx.Err() != nil {
		return &interruptedError{lookAgain}
	}
	return err
}

// codeOf is the exit code of an error.
func codeOf(err error) int {
	var (
		bad     *usageError
		config  *config.InvalidError
		outcome *outcomeError
		stopped *interruptedError
		problem *app.Problem
	)
	switch {
	case errors.As(err, &outcome):
		return outcome.code
	case errors.As(err, &stopped), errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &bad), errors.As(err, &config):
		return exitUsage
	case errors.As(err, &problem):
		switch problem.Kind {
		case app.KindInvalid:
			return exitUsage
		case app.KindRefused:
			return exitRefused
		}
	}
	return exitFailed
}

// fail tells what went wrong and returns the exit code.
func (t *terminal) fail(err error) int {
	code := codeOf(err)
	if _, shown := errors.AsType[*outcomeError](err); shown {
		return code // the result said it all
	}
	problem := problemOf(err, code)
	if t.json {
		t.printJSON(map[string]any{"error": problem})
		return code
	}
	text := problem.What
	if problem.NextStep != "" {
		text += ". " + problem.NextStep
	}
	t.note("starter: %s", text)
	return code
}

// problemOf is an error as it is shown, masked as a last defence.
func problemOf(err error, code int) app.Problem {
	var (
		problem *app.Problem
		config  *config.InvalidError
		bad     *usageError
	)
	switch {
	case errors.As(err, &problem):
		return app.Problem{Kind: problem.Kind, What: app.Mask(problem.What), NextStep: app.Mask(problem.NextStep)}
	case errors.As(err, &config):
		// It repeats no values, and the examples look like credentials.
		return app.Problem{Kind: app.KindInvalid, What: config.Error(), NextStep: "Set what it names; every variable is in: starter -h"}
	case errors.As(err, &bad):
		return app.Problem{Kind: app.KindInvalid, What: app.Mask(bad.Error()), NextStep: "See: " + bad.command + " -h"}
	}
	return app.Problem{Kind: kindOf(code), What: app.Mask(err.Error()), NextStep: "See what does not answer: starter doctor"}
}

func kindOf(code int) app.ProblemKind {
	if code == exitUsage {
		return app.KindInvalid
	}
	return app.KindFailed
}

// printable keeps control characters of what somebody typed off the screen.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}
