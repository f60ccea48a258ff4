package demo

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// night runs the night over all organisations of the story.
func (s *Story) night(ctx context.Context) error {
	for _, scenario := range s.scenarios[1:] {
		if err := s.activateOne(ctx, scenario); err != nil {
			return err
		}
	}
	if err := s.raise(ctx, s.scenarios[1]); err != nil {
		return err
	}
	if err := s.run(ctx, "nights", "run", "--wait"); err != nil {
		return err
	}
	synced, err := value[int](ctx, s, `
		select count(*)::int
		  from connexie.night_connections n
		  join connexie.nights on nights.id = n.night_id
		  join connexie.sync_runs r on r.connection_id = n.connection_id and r.night = nights.night
		 where r.outcome in ('ok', 'nothing')
		   and nights.id = (select id from connexie.nights order by started_at desc limit 1)`)
	if err != nil {
		return err
	}
	return s.holds(synced == len(s.scenarios), "all %d organisations were synchronised (S1)", synced)
}

// raise gives everybody of an organisation one wage, so that its night has work.
func (s *Story) raise(ctx context.Context, scenario seed.Scenario) error {
	s.say("\n  In Connexie: everybody at %q gets 18.00 an hour.\n", scenario.Organisation.Name)
	for _, employee := range scenario.Account.Employees {
		for _, contract := range employee.Contracts {
			err := s.patchContract(ctx, scenario.Account.ID, employee.ID, contract.ID, `{"hourly_wage":"18.00"}`)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// clockChanges asks the engine itself when the schedule will fire next year.
func (s *Story) clockChanges(ctx context.Context) error {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		return fmt.Errorf("show the next nights: %w", err)
	}
	year := time.Now().In(amsterdam).Year() + 1
	nights, err := s.scheduled(ctx, time.Date(year, 1, 1, 0, 0, 0, 0, amsterdam), time.Date(year+1, 1, 1, 0, 0, 0, 0, amsterdam))
	if err != nil {
		return err
	}
	var lines [][]string
	days := map[string]bool{}
	atEleven := true
	for i, at := range nights {
		local := at.In(amsterdam)
		days[local.Format(time.DateOnly)] = true
		atEleven = atEleven && local.Format("15:04:05") == "23:00:00"
		if i > 0 && at.Sub(nights[i-1]) != 24*time.Hour {
			lines = append(lines, clockChange(nights[i-1], at, amsterdam)...)
		}
	}
	s.table([]string{"night in Amsterdam", "instant", "after the night before"}, lines)
	ok := len(nights) == len(days) && len(days) >= 365 && atEleven && len(lines) == 4
	return s.holds(ok, "the engine plans %d nights in %d, one a day, each at 23:00 (S1)", len(nights), year)
}

func clockChange(before, after time.Time, zone *time.Location) [][]string {
	form := "Mon 2 Jan 2006 15:04 MST"
	return [][]string{
		{before.In(zone).Format(form), before.UTC().Format(time.RFC3339), ""},
		{after.In(zone).Format(form), after.UTC().Format(time.RFC3339), after.Sub(before).String()},
	}
}

func (s *Story) scheduled(ctx context.Context, from, to time.Time) ([]time.Time, error) {
	answer, err := s.Temporal.WorkflowService().ListScheduleMatchingTimes(ctx,
		&workflowservice.ListScheduleMatchingTimesRequest{
			Namespace: s.Namespace, ScheduleId: "nightly-sync",
			StartTime: timestamppb.New(from), EndTime: timestamppb.New(to),
		})
	if err != nil {
		return nil, fmt.Errorf("ask the engine for the nights: %w", err)
	}
	times := make([]time.Time, 0, len(answer.GetStartTime()))
	for _, at := range answer.GetStartTime() {
		times = append(times, at.AsTime())
	}
	return times, nil
}
