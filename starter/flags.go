package main

import (
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
			return usage("%s needs %s; see: %s -h", command.CommandPath(), strings.Join(missing, " and "), command.CommandPath())
		}
		return work(command, args)
	}
}

// positive refuses a duration that would wait for nothing.
func positive(name string, value time.Duration) error {
	if value <= 0 {
		return usage("--%s must be more than 0, such as 30s or 5m", name)
	}
	return nil
}

// between refuses a number out of its range.
func between(name string, value, low, high int) error {
	if value < low || value > high {
		return usage("--%s must be %d to %d", name, low, high)
	}
	return nil
}

// overtime is a wait that took longer than somebody had patience for.
func overtime(patience time.Duration, lookAgain string) error {
	return &app.Problem{Kind: app.KindUnavailable,
		What:     fmt.Sprintf("it has not ended within %s and goes on", patience),
		NextStep: "Look again with: " + lookAgain + ". Where nothing moves: starter doctor"}
}
