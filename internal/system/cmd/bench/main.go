// Command bench measures synchronisation and export beside a plain program that does the
// same reads and writes, prints tables and writes a document. It needs PostgreSQL
// in TEST_DATABASE_URL and Temporal in TEST_TEMPORAL_ADDRESS; make bench brings up
// both. It exits with 1 where something failed or did unequal work, and with 0 also
// where a target is missed: figures are for reading.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/eitje/connexie-worker/internal/system/bench"
	"github.com/eitje/connexie-worker/internal/system/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// wishes are the flags.
type wishes struct {
	sizes, only string
	exports     string
	repeat      int
	rows, each  string
	plans       string
	away        time.Duration
	out, json   string
}

// run returns the exit code: 0 measured, 1 failed, 2 bad usage.
func run(ctx context.Context, args []string) int {
	var w wishes
	flags := w.flags()
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2 // the set has said what is wrong
	}
	options, err := w.options()
	if err != nil || flags.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "bench:", errors.Join(err, unexpected(flags.Args())))
		return 2
	}
	if err := measure(ctx, options, w); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

func unexpected(args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("unexpected arguments: %q", args)
}

func (w *wishes) flags() *flag.FlagSet {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&w.sizes, "size", "10000,100000", "how many `people`, several separated by commas")
	flags.StringVar(&w.only, "only", strings.Join(bench.ScenarioNames(), ","), "which `scenarios`, separated by commas")
	flags.StringVar(&w.exports, "exports", "100000", "how many `entries` are exported; empty for none")
	flags.IntVar(&w.repeat, "repeat", 5, "how often a short scenario is measured; longer ones less often")
	flags.StringVar(&w.rows, "row-by-row", "1000,10000", "how many `people` are also synchronised row by row; empty for none")
	flags.StringVar(&w.each, "per-person", "1000", "how many `people` are also synchronised by one activity each; empty for none")
	flags.DurationVar(&w.away, "away", time.Millisecond,
		"how far PostgreSQL is, there and back, when row by row is measured once more at a distance; 0 for not")
	flags.StringVar(&w.plans, "plans", "10000", "at how many `people` PostgreSQL's plans are looked at, and those of the exports; empty for none")
	flags.StringVar(&w.out, "out", "", "write the document to this `file` of the checkout; make bench alone writes docs/benchmarks.md")
	flags.StringVar(&w.json, "json", "", "write every figure to this `file`, as JSON")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), "bench measures synchronisation and export beside a plain program. Run it through make bench,\n"+
			"for example: make bench BENCHFLAGS='--size 10000 --only first,unchanged'\n\n")
		flags.PrintDefaults()
	}
	return flags
}

func (w *wishes) options() (bench.Options, error) {
	options := bench.Options{
		DatabaseURL: os.Getenv("TEST_DATABASE_URL"), TemporalAddress: os.Getenv("TEST_TEMPORAL_ADDRESS"),
		Scenarios: strings.Split(w.only, ","), Repeat: w.repeat, Away: w.away, Out: os.Stdout,
	}
	if options.DatabaseURL == "" || options.TemporalAddress == "" {
		return options, errors.New("TEST_DATABASE_URL and TEST_TEMPORAL_ADDRESS must be set; run: make bench")
	}
	for _, list := range []struct {
		flag, text string
		into       *[]int
	}{{"size", w.sizes, &options.Sizes}, {"exports", w.exports, &options.Exports}, {"row-by-row", w.rows, &options.RowByRow}, {"per-person", w.each, &options.PerPerson}, {"plans", w.plans, &options.Plans}} {
		var err error
		if *list.into, err = numbers(list.text); err != nil {
			return options, fmt.Errorf("--%s: %w", list.flag, err)
		}
	}
	if w.repeat < 1 {
		return options, errors.New("--repeat: must be at least 1")
	}
	var err error
	options.Layout, err = stack.FindLayout()
	return options, err
}

// command is how to run the same again; what make bench passes by itself is left out.
func command(args []string) string {
	if flags := strings.Join(args, " "); flags != "--out docs/benchmarks.md" {
		return "make bench BENCHFLAGS='" + flags + "'"
	}
	return "make bench"
}

// numbers reads numbers separated by commas.
func numbers(text string) (list []int, err error) {
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		if word == "" {
			continue
		}
		people, err := strconv.Atoi(word)
		if err != nil || people < 1 {
			return nil, fmt.Errorf("%q is no number from 1 on", word)
		}
		list = append(list, people)
	}
	return list, nil
}

func measure(ctx context.Context, options bench.Options, w wishes) error {
	report, err := bench.Run(ctx, options)
	if err != nil {
		return err
	}
	report.Command = command(os.Args[1:])
	fmt.Println()
	report.Print(os.Stdout)
	if w.out != "" {
		path := w.out
		if !filepath.IsAbs(path) {
			path = filepath.Join(options.Layout.Root, path)
		}
		if err := report.WriteDocument(path); err != nil {
			return err
		}
	}
	if w.json == "" {
		return nil
	}
	encoded, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(w.json, append(encoded, '\n'), 0o644)
}
