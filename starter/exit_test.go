package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/config"
)

func TestExit_CodesTellWhatHappened(t *testing.T) {
	t.Parallel()
	for code, errs := range map[int][]error{
		exitFailed: {
			errors.New("x"), &app.Problem{Kind: app.KindNotFound}, &app.Problem{Kind: app.KindUnavailable}, &app.Problem{Kind: app.KindFailed},
		},
		exitUsage:       {usage("x"), &config.InvalidError{}, &app.Problem{Kind: app.KindInvalid}},
		exitProblems:    {exitWith(exitProblems)},
		exitRefused:     {&app.Problem{Kind: app.KindRefused}, fmt.Errorf("wrapped: %w", &app.Problem{Kind: app.KindRefused})},
		exitInterrupted: {&interruptedError{"starter status"}, context.Canceled},
	} {
		for _, err := range errs {
			require.Equal(t, code, codeOf(err), err)
		}
	}
	require.NoError(t, exitWith(exitDone))
}

func TestExit_EveryOutcomeOfASyncHasACode(t *testing.T) {
	t.Parallel()
	for outcome, code := range map[string]int{
		"ok": exitDone, "nothing": exitDone, "problems": exitProblems, "held": exitRefused, "rejected": exitRefused,
		"superseded": exitRefused, "refused": exitRefused, "unreachable": exitFailed, "failed": exitFailed,
		"cancelled": exitFailed, "abandoned": exitFailed,
	} {
		require.Equal(t, code, syncCode(outcome), outcome)
	}
}

func TestExit_WhoeverLosesSightOfARunIsToldThatItGoesOn(t *testing.T) {
	t.Parallel()
	const look = "starter status --connection 1"
	require.NoError(t, lostSight(nil, look))
	told := &app.Problem{Kind: app.KindFailed, What: "x", NextStep: "y"}
	require.Equal(t, error(told), lostSight(told, look))
	lost := problemOf(lostSight(errors.New("get run 1: the connection was lost"), look), exitFailed)
	require.Equal(t, app.KindUnavailable, lost.Kind)
	require.Contains(t, lost.NextStep, "goes on")
	require.Contains(t, lost.NextStep, look)
	require.Contains(t, problemOf(errors.New("x"), exitFailed).NextStep, "starter doctor")
}

func TestExit_ErrorsAreMaskedAsALastDefence(t *testing.T) {
	t.Parallel()
	for _, wanted := range []bool{false, true} {
		terminal, printed := drawing()
		terminal.json = wanted
		require.Equal(t, exitFailed, terminal.fail(errors.New("call postgres://worker:hunter2@db/x with Bearer abcdef123456 for jan@example.nl")))
		require.NotContains(t, printed.String(), "hunter2")
		require.NotContains(t, printed.String(), "abcdef123456")
		require.NotContains(t, printed.String(), "jan@")
	}
}
