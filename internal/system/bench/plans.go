package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/eitje/connexie-worker/internal/system/bench/world"
)

// Plan is what PostgreSQL did for a statement of the worker, at its slowest.
type Plan struct {
	Scenario string `json:"scenario"`
	// Size is how many of what: "10,000 people".
	Size string `json:"size"`
	// Statement is how the statement begins.
	Statement string `json:"statement"`
	// Times is how often it was seen, Milliseconds what that took together and Slowest
	// what the one shown took.
	Times        int      `json:"times"`
	Milliseconds float64  `json:"milliseconds"`
	Slowest      float64  `json:"slowest_milliseconds"`
	Lines        []string `json:"lines"`
}

// plansShown is how many statements of a scenario are shown, those that took longest.
const plansShown = 4

// explainSettings have PostgreSQL log the plan of every statement that takes long
// enough to matter, as explain (analyze, buffers) shows it.
var explainSettings = [][2]string{
	{"session_preload_libraries", "auto_explain"},
	{"auto_explain.log_min_duration", "2ms"},
	{"auto_explain.log_analyze", "on"},
	{"auto_explain.log_buffers", "on"},
	{"auto_explain.log_triggers", "on"},
	{"client_min_messages", "warning"},
}

// allPlans looks at plans where that is asked for: of synchronisations at the sizes
// wanted, and of exports at those that are measured.
func (b *bench) allPlans(ctx context.Context) error {
	if len(b.Plans) == 0 {
		return nil
	}
	for _, people := range b.Plans {
		if err := b.plans(ctx, people); err != nil {
			return fmt.Errorf("plans, %d people: %w", people, err)
		}
	}
	for _, entries := range b.Exports {
		if err := b.exportPlans(ctx, entries); err != nil {
			return fmt.Errorf("plans, %d entries: %w", entries, err)
		}
	}
	return nil
}

// plans runs a first synchronisation, one of changes and one of nothing new with
// explaining on, apart from what is measured: it costs time.
func (b *bench) plans(ctx context.Context, people int) (err error) {
	b.progress.begin("%s people: plans", thousands(people))
	log, err := b.serverLog(ctx)
	if err != nil {
		return err
	}
	w, err := world.New(ctx, b.DatabaseURL, people)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	t, err := b.newTrial(ctx, w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.remove(ctx)) }()
	if err := t.explain(ctx); err != nil {
		return err
	}
	for _, s := range scenarios {
		// A worker that runs already has connections from before the settings.
		if err := t.refresh(ctx); err != nil {
			return err
		}
		if err := s.prepare(ctx, t); err != nil {
			return err
		}
		row := newRow(s.goal, people, ofPeople)
		err := b.explained(log, t, row, func() error { return b.workerTurn(ctx, t, s, row) })
		if err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
	}
	return nil
}

// exportPlans does the same for a first export and one that changes nothing.
func (b *bench) exportPlans(ctx context.Context, entries int) (err error) {
	b.progress.begin("%s entries: plans", thousands(entries))
	log, err := b.serverLog(ctx)
	if err != nil {
		return err
	}
	w, err := world.NewWithEntries(ctx, b.DatabaseURL, entries)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	t, err := b.readyToExport(ctx, w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.remove(ctx)) }()
	if err := t.explain(ctx); err != nil {
		return err
	}
	for _, g := range []goal{firstExport, secondTime} {
		if err := b.freshExporter(ctx, t); err != nil {
			return err
		}
		row := newRow(g, entries, ofEntries)
		if err := b.explained(log, t, row, func() error { return b.workerExports(ctx, t, row) }); err != nil {
			return fmt.Errorf("%s: %w", g.title, err)
		}
	}
	return nil
}

// explain has PostgreSQL log plans of whoever connects to the worker's database from
// now on.
func (t *trial) explain(ctx context.Context) error {
	for _, setting := range explainSettings {
		if err := t.worker.Set(ctx, setting[0], setting[1]); err != nil {
			return err
		}
	}
	return nil
}

// explained lets the worker work once and reports the plans of what the server logged
// of its database meanwhile.
func (b *bench) explained(log string, t *trial, row *Row, work func() error) error {
	before, err := os.Stat(log)
	if err != nil {
		return err
	}
	if err := work(); err != nil {
		return err
	}
	text, err := readFrom(log, before.Size())
	if err != nil {
		return err
	}
	plans := parsePlans(text, t.worker.Name)
	if len(plans) == 0 && (row.Scenario == First || row.Of == ofEntries) {
		return fmt.Errorf("no plan of database %s in the server's log", t.worker.Name)
	}
	for i := range plans {
		plans[i].Scenario, plans[i].Size = row.Title, sizeOf(row.Size, row.Of)
	}
	b.report.Plans = append(b.report.Plans, plans[:min(plansShown, len(plans))]...)
	return nil
}

// serverLog is the log of a server that localpg runs: beside its data.
func (b *bench) serverLog(ctx context.Context) (string, error) {
	data, err := serverSetting(ctx, b.DatabaseURL, "data_directory")
	if err != nil {
		return "", err
	}
	log := filepath.Join(filepath.Dir(data), "server.log")
	if _, err := os.Stat(log); err != nil {
		return "", errors.New("plans are read from the log of a PostgreSQL that make bench starts; this one was given: use --plans=")
	}
	return log, nil
}

func readFrom(path string, offset int64) (string, error) {
	text, err := os.ReadFile(path)
	return string(text[min(offset, int64(len(text))):]), err
}

// duration begins an entry of auto_explain; the lines of its plan follow, each behind
// a tab.
var duration = regexp.MustCompile(`\] (\S+) LOG:  duration: ([0-9.]+) ms  plan:$`)

// parsePlans reads the entries of one database and groups them by statement, the one
// that took longest together first.
func parsePlans(log, database string) []Plan {
	byStatement := map[string]*Plan{}
	lines := strings.Split(log, "\n")
	for i := 0; i < len(lines); i++ {
		entry := duration.FindStringSubmatch(lines[i])
		if entry == nil || entry[1] != database {
			continue
		}
		var body []string
		for i+1 < len(lines) && strings.HasPrefix(lines[i+1], "\t") {
			i++
			body = append(body, strings.TrimPrefix(lines[i], "\t"))
		}
		took, _ := strconv.ParseFloat(entry[2], 64) // the pattern lets nothing else in
		keepPlan(byStatement, body, took)
	}
	var plans []Plan
	for _, plan := range byStatement {
		plans = append(plans, *plan)
	}
	slices.SortFunc(plans, func(a, b Plan) int {
		return cmp.Or(cmp.Compare(b.Milliseconds, a.Milliseconds), cmp.Compare(a.Statement, b.Statement))
	})
	return plans
}

func keepPlan(byStatement map[string]*Plan, body []string, took float64) {
	query, nodes := splitPlan(body)
	plan, known := byStatement[query]
	if !known {
		plan = &Plan{Statement: beginning(query)}
		byStatement[query] = plan
	}
	plan.Times++
	plan.Milliseconds += took
	if took > plan.Slowest {
		plan.Slowest, plan.Lines = took, essential(nodes, took)
	}
}
