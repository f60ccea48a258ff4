package demo

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// main is the organisation that most of the story is about.
func (s *Story) main() seed.Scenario { return s.scenarios[0] }

// connection is the main organisation's.
func (s *Story) connection() string { return s.connections[s.main().Organisation.ID] }

func (s *Story) activate(ctx context.Context) error {
	scenario := s.main()
	s.say("\n  %q has %d people in Connexie and %d profiles in Eitje.\n",
		scenario.Organisation.Name, len(scenario.Account.Employees), len(scenario.Organisation.Profiles))
	if err := s.activateOne(ctx, scenario); err != nil {
		return err
	}
	run, err := s.lastRun(ctx, s.connection())
	if err != nil {
		return err
	}
	words, err := rows[word](ctx, s, everyone, s.connection(), run)
	if err != nil {
		return err
	}
	s.counts("after the first sync", words)
	reactivated, err := value[int](ctx, s,
		`select count(*)::int from connexie.changes where run_id = $1 and field = 'active' and after = 'true'`, run)
	if err != nil {
		return err
	}
	s.say("  %d inactive profiles were activated again (S7, S11).\n", reactivated)
	s.link("sync/" + s.connection())
	return s.asExpected(ctx, scenario.BeforeDecisions())
}

// activateOne makes a connection with a token and waits for its first sync.
func (s *Story) activateOne(ctx context.Context, scenario seed.Scenario) error {
	var activated struct {
		ConnectionID string `json:"connection_id"`
	}
	s.say("\n$ starter activate --organisation %s --token-file -\n", scenario.Organisation.ID)
	err := s.ask(ctx, scenario.Account.Token+"\n", &activated,
		"activate", "--organisation", scenario.Organisation.ID, "--token-file", "-")
	if err != nil {
		return err
	}
	s.connections[scenario.Organisation.ID] = activated.ConnectionID
	s.say("  connection %s\n", activated.ConnectionID)
	return s.awaitRuns(ctx, activated.ConnectionID)
}

// awaitRuns waits until a connection has had a run and none is open.
func (s *Story) awaitRuns(ctx context.Context, connectionID string) error {
	return s.await(ctx, fmt.Sprintf("connection %s had no complete run", connectionID), `
		select count(*) > 0 and bool_and(closed_at is not null) from connexie.sync_runs where connection_id = $1`,
		connectionID)
}

// await waits until a query answers with true; otherwise says what did not come.
func (s *Story) await(ctx context.Context, otherwise, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		come, err := value[bool](ctx, s, query, args...)
		if err != nil || come {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s within a minute", otherwise)
		case <-ticker.C:
		}
	}
}

type standing struct {
	ConnexieID string
	Situation  string
	Reason     string
	ProfileID  string
}

// asExpected holds where everyone stands against what the organisation was made to
// come to, which the sandbox's authors wrote down person by person.
func (s *Story) asExpected(ctx context.Context, expected map[string]seed.Expectation) error {
	standings, err := rows[standing](ctx, s, `
		select connexie_id, situation, reason, coalesce(team_member_id::text, '')
		  from connexie.people_status where connection_id = $1`, s.connection())
	if err != nil {
		return err
	}
	for _, is := range standings {
		want := expected[is.ConnexieID]
		if linked(want.Situation) != linked(is.Situation) || !linked(is.Situation) && want.Reason != is.Reason {
			return fmt.Errorf("person %s is %s %s and should be %s %s",
				is.ConnexieID, is.Situation, is.Reason, want.Situation, want.Reason)
		}
		if want.ProfileID != "" && want.ProfileID != is.ProfileID {
			return fmt.Errorf("person %s belongs to profile %s and has %s", is.ConnexieID, want.ProfileID, is.ProfileID)
		}
	}
	return s.holds(len(standings) == len(expected), "all %d people stand where the rule book says", len(standings))
}

// linked reports whether a situation ends with a link.
func linked(situation string) bool {
	return situation == seed.Linked || situation == seed.Matched || situation == seed.New
}

func (s *Story) decideVenues(ctx context.Context) error {
	for _, decision := range s.main().Decisions {
		if decision.EqualName {
			continue
		}
		args := []string{"mappings", "venue", "--connection", s.connection()}
		switch {
		case decision.EitjeVenueID == "":
			args = append(args, "--connexie", decision.ConnexieVenueID, "--inactive")
		case decision.ConnexieVenueID == "":
			args = append(args, "--eitje", decision.EitjeVenueID, "--connexie", "not-used")
		default:
			args = append(args, "--eitje", decision.EitjeVenueID, "--connexie", decision.ConnexieVenueID)
		}
		if err := s.run(ctx, args...); err != nil {
			return err
		}
	}
	if err := s.run(ctx, "sync", "--connection", s.connection(), "--wait"); err != nil {
		return err
	}
	return s.asExpected(ctx, s.main().Expected)
}

func (s *Story) secondSync(ctx context.Context) error {
	before, err := s.watermark(ctx)
	if err != nil {
		return err
	}
	if err := s.run(ctx, "sync", "--connection", s.connection(), "--wait"); err != nil {
		return err
	}
	counts, total, err := s.written(ctx, before, "")
	if err != nil {
		return err
	}
	s.counts("row versions written, by table", counts)
	return s.holds(total == 0, "nothing was written: no row version, no audit line, no notification (S9)")
}

// MainJob activates the main organisation, or synchronises it where it was activated
// before, and shows where everyone stands. What an earlier day has left may let that
// synchronisation be refused, held or failed: it says so and is no error, since the
// stack must stay for somebody to put it right.
func (s *Story) MainJob(ctx context.Context) error {
	s.say("\n━━ The main job\n")
	state, err := value[string](ctx, s, `
		select coalesce((select state from connexie.connections where organisation_id = $1), '')`,
		s.main().Organisation.ID)
	if err != nil {
		return err
	}
	switch state {
	case "active":
	case "needs_token": // the sandbox has begun anew, and knows its first token again
		if err := s.goOn(ctx, s.activateOne(ctx, s.main())); err != nil {
			return err
		}
	default:
		return s.activate(ctx)
	}
	connection, err := value[string](ctx, s,
		`select id::text from connexie.connections where organisation_id = $1`, s.main().Organisation.ID)
	if err != nil {
		return err
	}
	s.connections[s.main().Organisation.ID] = connection
	if err := s.goOn(ctx, s.run(ctx, "sync", "--connection", connection, "--wait")); err != nil {
		return err
	}
	s.link("sync/" + connection)
	return s.run(ctx, "status", "--connection", connection)
}

// goOn lets a command that ran and ended badly be read by whoever watches, and
// returns what kept it from running.
func (s *Story) goOn(ctx context.Context, err error) error {
	var exit *exec.ExitError
	if err == nil || ctx.Err() != nil || !errors.As(err, &exit) {
		return err
	}
	s.say("  ✗ %v; the stack stays up, so that it can be put right\n", err)
	return nil
}
