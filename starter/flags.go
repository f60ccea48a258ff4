package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

// require makes flags that a command cannot do without; a blank one counts as not
// given. Cobra's own check comes too late to be told apart from the command's work.
func (t *terminal) require(command *cobra.Command, names ...string) {
	work := command.RunE
	command.RunE = func(command *cobra.Command, args []string) error {
		var missing []string
		for _, name := range names {
			if strings.TrimSpace(command.Flag(name).Value.String()) == "" {
				missing = append(missing, "--"+name)
			}
		}
		if len(missing) > 0 {
			return usage("%s needs %s", command.CommandPath(), strings.Join(missing, " and "))
		}
		return work(command, args)
	}
}

// inPlainWords says what cobra says of flags that exclude each other, or of which one is
// needed, as people would.
func inPlainWords(err error) error {
	for before, plain := range map[string]string{
		"if any flags in the group [":              "give only one of %s",
		"at least one of the flags in the group [": "give one of %s",
	} {
		if rest, found := strings.CutPrefix(err.Error(), before); found {
			names, _, _ := strings.Cut(rest, "]")
			return fmt.Errorf(plain, "--"+strings.Join(strings.Fields(names), ", --"))
		}
	}
	return err
}

// checkTimeout refuses a wait for nothing.
func checkTimeout(timeout time.Duration) error {
	if timeout <= 0 {
		return usage("--timeout must be more than 0, such as 30s or 5m")
	}
	return nil
}

// checkLimit refuses a list of nothing, or of more than anybody reads.
func checkLimit(limit, most int) error {
	if limit < 1 || limit > most {
		return usage("--limit must be 1 to %d", most)
	}
	return nil
}

// lostSight tells that what is waited for goes on although it can no longer be looked
// at. An error that says what to do itself stays as it is.
func lostSight(err error, lookAgain string) error {
	var (
		told    *app.Problem
		stopped *interruptedError
	)
	if err == nil || errors.As(err, &told) || errors.As(err, &stopped) {
		return err
	}
	return &app.Problem{Kind: app.KindUnavailable, What: err.Error(),
		NextStep: "What was started goes on. See what does not answer: starter doctor. Then look again with: " + lookAgain}
}

// overtime is a wait that took longer than somebody had patience for.
func overtime(patience time.Duration, lookAgain string) error {
	return &app.Problem{Kind: app.KindUnavailable,
		What:     fmt.Sprintf("it has not ended within %s and goes on", patience),
		NextStep: "Look again with: " + lookAgain + ". Where nothing moves: starter doctor"}
}
