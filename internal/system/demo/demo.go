// Package demo tells the demonstration's story: the system doing its main job on a
// realistic organisation, as an operator would see it. Every command is the real
// starter, every synchronisation a real workflow through the real worker, and every
// claim is checked in the database or the engine, not in the system's own counters.
package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"

	"github.com/eitje/connexie-worker/internal/app"
	"github.com/eitje/connexie-worker/internal/eitjeseed"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// Organisations are what the sandbox of the story serves, and Eitje's side of them.
func Organisations(today sandbox.Date) app.SandboxOptions {
	return app.SandboxOptions{
		Seed: app.DefaultSandboxSeed, Organisations: 3, People: app.DefaultSandboxPeople, Today: string(today),
	}
}

// Surroundings is the running stack that the story is told on.
type Surroundings struct {
	// Starter is the path of the starter; Environment configures it.
	Starter     string
	Environment []string
	// DatabaseURL is the database of the worker.
	DatabaseURL string
	// SandboxURL is where the sandbox's own API is, without a path.
	SandboxURL string
	// TemporalUI is the Web UI; empty without one.
	TemporalUI string
	Namespace  string
	Temporal   client.Client
	// Receivers are told what the organisation of the story is to know.
	Receivers
	Out io.Writer
	// Today is the day that the sandbox's people are made for.
	Today sandbox.Date
}

// Story is one telling.
type Story struct {
	Surroundings

	pool      *pgxpool.Pool
	scenarios []seed.Scenario
	// connections are the connection ids by organisation.
	connections map[string]string
}

// New connects to the story's database.
func New(ctx context.Context, around Surroundings) (*Story, error) {
	pool, err := pgxpool.New(ctx, around.DatabaseURL)
	if err != nil {
		return nil, errors.New("the demonstration's database does not answer")
	}
	scenarios, err := Organisations(around.Today).Scenarios()
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &Story{Surroundings: around, pool: pool, connections: make(map[string]string), scenarios: scenarios}, nil
}

// Close gives the connection back.
func (s *Story) Close() { s.pool.Close() }

// Tell tells the whole story. It returns the first claim that does not hold.
func (s *Story) Tell(ctx context.Context) error {
	chapters := []struct {
		title string
		tell  func(context.Context) error
	}{
		{"An organisation is activated, and the first sync runs at once", s.activate},
		{"Whoever must act will be told: a webhook and a mailbox", s.chooseChannels},
		{"The venues that nobody could decide by name are decided", s.decideVenues},
		{"A second sync writes nothing", s.secondSync},
		{"Connexie and Eitje change; a preview, and the sync that does what it said", s.changes},
		{"One person, explained step by step", s.explain},
		{"Wage codes are chosen, and an export is previewed", s.beforeExport},
		{"The nights on which the clock changed are exported", s.clockNights},
		{"A month is exported, and Connexie holds exactly that", s.exportMonth},
		{"The same export again changes nothing", s.exportAgain},
		{"An entry changes in Eitje: it is noticed, and sent when asked", s.changedSince},
		{"Less than before is refused, and so is a part of the period", s.lessRefused},
		{"Payroll runs: refused, with the correction sheet", s.payrollHasRun},
		{"Disputes are decided", s.disputes},
		{"Somebody is on hold while payroll corrects a contract", s.hold},
		{"One person with two profiles: repaired, taken back, and repaired for good", s.duplicate},
		{"Employments end: first in Connexie, then in Eitje", s.endEmployment},
		{"What all of this told, and whom", s.whatWasTold},
		{"The night, for three organisations at once", s.night},
		{"The next nights, over both clock changes of next year", s.clockChanges},
	}
	for i, chapter := range chapters {
		s.say("\n\n━━ %d. %s\n", i+1, chapter.title)
		if err := chapter.tell(ctx); err != nil {
			return fmt.Errorf("chapter %d, %s: %w", i+1, strings.ToLower(chapter.title), err)
		}
	}
	s.say("\n\nEverything held.\n")
	return nil
}

// SeedEitje writes Eitje's side of every organisation.
func (s *Story) SeedEitje(ctx context.Context) error {
	for _, scenario := range s.scenarios {
		_, err := eitjeseed.Write(ctx, s.DatabaseURL, scenario.Account.ID, scenario.Organisation, time.Now())
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Story) say(format string, args ...any) { _, _ = fmt.Fprintf(s.Out, format, args...) }

// holds states a claim that was checked, or returns that it does not hold.
func (s *Story) holds(ok bool, claim string, args ...any) error {
	if !ok {
		return fmt.Errorf("this does not hold: "+claim, args...)
	}
	s.say("  ✓ "+claim+"\n", args...)
	return nil
}

// run shows a command of the starter with what it prints, as an operator would see
// it. Exit code 3, done with problems, is done.
func (s *Story) run(ctx context.Context, args ...string) error {
	return exitError(args, s.show(ctx, args, whole), "")
}

// again shows a command whose tables have been seen before, with what it prints last.
func (s *Story) again(ctx context.Context, args ...string) error {
	return exitError(args, s.show(ctx, args, lastParagraph), "")
}

// refused shows a command that ends with exit code 4, refused, and fails where it ends
// otherwise.
func (s *Story) refused(ctx context.Context, args ...string) error {
	err := s.show(ctx, args, whole)
	exit, ended := errors.AsType[*exec.ExitError](err)
	switch {
	case ended && exit.ExitCode() == 4:
		return nil
	case err == nil:
		return fmt.Errorf("starter %s was not refused", strings.Join(args, " "))
	}
	return fmt.Errorf("starter %s was not refused: %w", strings.Join(args, " "), err)
}

// show runs a command and shows as much of what it prints as cut leaves.
func (s *Story) show(ctx context.Context, args []string, cut func(string) string) error {
	s.say("\n$ starter %s\n", line(args))
	var out bytes.Buffer
	cmd := s.command(ctx, args)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	s.say("%s\n", indent(cut(strings.TrimRight(out.String(), "\n"))))
	return err
}

// line is a command as somebody would type it.
func line(args []string) string {
	typed := make([]string, 0, len(args))
	for _, arg := range args {
		if strings.Contains(arg, " ") {
			arg = strconv.Quote(arg)
		}
		typed = append(typed, arg)
	}
	return strings.Join(typed, " ")
}

func whole(text string) string { return text }

// lastParagraph is what follows the last empty line.
func lastParagraph(text string) string {
	if at := strings.LastIndex(text, "\n\n"); at >= 0 {
		return "…\n" + text[at+2:]
	}
	return text
}

// ask runs a command with --json and decodes its answer.
func (s *Story) ask(ctx context.Context, stdin string, into any, args ...string) error {
	args = append(args, "--json")
	cmd := s.command(ctx, args)
	cmd.Stdin = strings.NewReader(stdin)
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := exitError(args, cmd.Run(), problem.String()); err != nil {
		return err
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		return fmt.Errorf("read the answer of starter %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

func (s *Story) command(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.Starter, args...)
	cmd.Env = append(cmd.Environ(), s.Environment...)
	return cmd
}

func exitError(args []string, err error, problem string) error {
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) && exit.ExitCode() == 3 {
		return nil
	}
	return fmt.Errorf("starter %s: %w %s", strings.Join(args, " "), err, strings.TrimSpace(problem))
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ")
}

// link shows where a workflow can be looked at.
func (s *Story) link(workflowID string) {
	if s.TemporalUI != "" {
		s.say("  Temporal UI: %s/namespaces/%s/workflows/%s\n",
			s.TemporalUI, s.Namespace, strings.ReplaceAll(workflowID, "/", "%2F"))
	}
}
