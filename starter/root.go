package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/config"
)

// run runs one command line and returns the exit code.
func run(ctx context.Context, t *terminal, args []string) int {
	root := newRoot(t)
	root.SetArgs(append([]string{}, args...)) // cobra takes nil for the process's own
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	bad, isUsage := errors.AsType[*usageError](err)
	if !isUsage && !t.begun {
		bad, isUsage = &usageError{error: inPlainWords(err)}, true // cobra refused the line before the command began
	}
	if isUsage {
		bad.command, err = command.CommandPath(), bad
	}
	return t.fail(err)
}

func newRoot(t *terminal) *cobra.Command {
	root := &cobra.Command{
		Use:   "starter",
		Short: "Synchronise people and contracts, and export hours, between Connexie and Eitje, by hand",
		Long: `starter is the client side of the synchronisation between Connexie and Eitje.

A newcomer runs, in this order: migrate, activate, mappings list, sync --preview,
sync. When a month is over: export --preview, export, hours. Whoever looks after it runs:
status, nights, doctor.

Exit codes: 0 done, 1 failed, 2 bad usage, 3 done with problems, 4 refused or held,
130 interrupted while waiting.`,
		Example: `  starter migrate
  starter activate --organisation 0190a1b2-0000-7000-8000-000000000001 --token-file token.txt
  starter sync --connection 0190a1b2-0000-7000-8000-000000000002 --preview
  starter status`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		PersistentPreRun:  func(*cobra.Command, []string) { t.warnUnknown(os.Environ()) },
	}
	root.SetIn(t.in)
	root.SetOut(t.out)
	root.SetErr(t.err)
	root.PersistentFlags().BoolVar(&t.json, "json", false, "print one JSON value with stable members")
	root.AddCommand(
		migrateCommand(t), activateCommand(t), mappingsCommand(t), syncCommand(t), disputesCommand(t), duplicatesCommand(t), holdsCommand(t),
		connectionsCommand(t), endEmploymentCommand(t),
		exportCommand(t), hoursCommand(t), eraseCommand(t), statusCommand(t), notificationsCommand(t), nightsCommand(t), housekeepingCommand(t), doctorCommand(t), serveCommand(t), sandboxCommand(t))
	t.group(root, "command")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage("%w", err) })
	help := root.HelpFunc()
	root.SetHelpFunc(func(command *cobra.Command, args []string) {
		help(command, args)
		if command == root {
			_, _ = fmt.Fprintln(t.out, "\n"+environment())
		}
	})
	return root
}

// environment prints every variable that some command reads.
func environment() string {
	var usage bytes.Buffer
	if err := config.Usage(&usage, config.Starter{}); err != nil {
		return err.Error()
	}
	return usage.String()
}

// group makes a command that only gathers others say which there are, with the exit
// code of bad usage: cobra alone would print its help and call it done.
func (t *terminal) group(command *cobra.Command, what string) {
	command.Args = cobra.ArbitraryArgs
	command.SuggestionsMinimumDistance = 2
	command.RunE = func(command *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage("%s needs a %s", command.CommandPath(), what)
		}
		problem := fmt.Sprintf("unknown %s %q for %q", what, printable(args[0]), command.CommandPath())
		if near := command.SuggestionsFor(args[0]); len(near) > 0 {
			problem += fmt.Sprintf("; did you mean %q?", near[0])
		}
		return usage("%s", problem)
	}
}

// does runs a command's own work; what goes wrong before it is bad usage.
func (t *terminal) does(work func(ctx context.Context) error) func(*cobra.Command, []string) error {
	return func(command *cobra.Command, _ []string) error {
		t.begun = true
		return work(command.Context())
	}
}
