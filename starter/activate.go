package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/eitje/connexie-worker/internal/app"
)

type activateFlags struct {
	organisation, tokenFile, by string
	previewFirst                bool
	timeout                     time.Duration
}

func activateCommand(t *terminal) *cobra.Command {
	var flags activateFlags
	command := &cobra.Command{
		Use:   "activate --organisation ID --token-file PATH|-",
		Short: "Connect an organisation to its Connexie account with an API token",
		Long: `activate connects an organisation to its Connexie account. The token is checked first;
then venues and wage codes are fetched, venues of equal name are connected, and the first
synchronisation starts at once. With --preview-first it is previewed instead: what it would
do is counted, nothing is written, and the connection stays paused until somebody resumes it
with: starter connections resume.

The token is read from a file or from standard input, never from the command line, and
kept encrypted. Activating again with a new token of the same account resumes
everything; a token of another account is refused.

Reads DATABASE_URL, ENCRYPTION_KEYS, TEMPORAL_* and TEMPORAL_UI_URL.`,
		Example: `  starter activate --organisation 0190a1b2-0000-7000-8000-000000000001 --token-file token.txt
  pass show connexie | starter activate --organisation 0190a1b2-0000-7000-8000-000000000001 --token-file - --json
  starter activate --organisation 0190a1b2-0000-7000-8000-000000000001 --token-file token.txt --preview-first`,
		Args: noTokenArgument,
		RunE: t.does(func(ctx context.Context) error { return activate(ctx, t, flags) }),
	}
	f := command.Flags()
	f.StringVar(&flags.organisation, "organisation", "", "id of the organisation in Eitje")
	f.StringVar(&flags.tokenFile, "token-file", "", "file that holds the API token; - for standard input")
	f.StringVar(&flags.by, "by", app.DefaultRequester, "id of who asks, a person or program; never a name")
	f.BoolVar(&flags.previewFirst, "preview-first", false, "look before anything is written, and stay paused until it is resumed")
	f.DurationVar(&flags.timeout, "timeout", 3*time.Minute, "how long to wait for the outcome")
	t.require(command, "organisation", "token-file")
	return command
}

// noTokenArgument refuses arguments without repeating them: what stands there may be
// the token, and the answer may end in somebody's log (N3).
func noTokenArgument(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage("%s takes no arguments, and never the token itself: give --token-file PATH, or - for standard input",
		command.CommandPath())
}

func activate(ctx context.Context, t *terminal, flags activateFlags) error {
	if err := checkTimeout(flags.timeout); err != nil {
		return err
	}
	token, err := t.readToken(flags.tokenFile)
	if err != nil {
		return err
	}
	return withOperator(ctx, needsAll, func(ctx context.Context, operator *app.Operator) error {
		started, err := operator.Activate(ctx, app.ActivationRequest{
			OrganisationID: flags.organisation, Token: token, By: flags.by, PreviewFirst: flags.previewFirst,
		})
		if err != nil {
			return err
		}
		return t.endActivation(ctx, operator, started, flags.timeout)
	})
}

// endActivation follows an activation and shows how it ended.
func (t *terminal) endActivation(
	ctx context.Context, operator *app.Operator, started app.Activation, patience time.Duration,
) error {
	ended, err := t.followActivation(ctx, operator, started, patience)
	if err != nil {
		return err
	}
	t.result(ended, func() { t.showActivation(ended) })
	return exitWith(activationCode(ended.Outcome))
}

// followActivation shows the steps of an activation until it has ended, or until the
// patience is over, which leaves the outcome empty.
func (t *terminal) followActivation(
	ctx context.Context, operator *app.Operator, started app.Activation, patience time.Duration,
) (app.Activation, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p := t.progress()
	ended, err := operator.FollowActivation(waiting, started, func(current app.Activation) { p.show(current.Stage, 0, 0) })
	p.end()
	lookAgain := "starter status --connection " + started.ConnectionID
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return started, overtime(patience, lookAgain)
	}
	return ended, interrupted(ctx, err, lookAgain)
}

func (t *terminal) showActivation(ended app.Activation) {
	t.say("%s %s: %s", t.bold("Connection"), ended.ConnectionID, t.outcome(ended.Outcome, ended.Stage))
	if ended.Outcome == "ok" {
		t.table("", row{"venues", "wage codes", "connected by name", "still to decide"},
			row{ended.Counts["venues"], ended.Counts["wage_codes"], ended.Counts["connected"], ended.Counts["undecided"]})
	}
	if ended.PreviewRunID != "" {
		t.table("What the first synchronisation would do", row{"what", "people"}, previewRows(ended.Counts)...)
	}
	if ended.Link != "" {
		t.say("Temporal UI: %s", ended.Link)
	}
	t.say("Next: %s", ended.NextStep)
}

// previewRows say in people's words what a preview counted, skipped people by reason.
func previewRows(counts map[string]int) []row {
	var rows []row
	for _, line := range []struct{ word, says string }{
		{"new", "a profile is created"}, {"matched", "linked by e-mail address"}, {"linked", "linked already"},
		{"disputed", "disputed: somebody must decide"}, {"bad_record", "cannot be read"}, {"skipped", "skipped"},
	} {
		if number := counts[line.word]; number > 0 {
			rows = append(rows, row{line.says, number})
		}
	}
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		if reason, is := strings.CutPrefix(word, "skipped."); is {
			rows = append(rows, row{"  skipped: " + words(reason), counts[word]})
		}
	}
	return rows
}

func activationCode(outcome string) int {
	switch outcome {
	case "ok":
		return exitDone
	case "refused", "other_account":
		return exitRefused
	}
	return exitFailed
}
