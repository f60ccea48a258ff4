package demo

import (
	"context"
	"fmt"
	"slices"

	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// plainPeople are people of whom nothing awkward is told, with one contract.
func (s *Story) plainPeople(number int) []string {
	awkward := map[string]bool{}
	for _, c := range s.main().Cases {
		for _, id := range c.EmployeeIDs {
			awkward[id] = true
		}
	}
	var plain []string
	for _, employee := range s.main().Account.Employees {
		if !awkward[employee.ID] && s.main().Expected[employee.ID].Situation == seed.Matched && len(employee.Contracts) == 1 {
			plain = append(plain, employee.ID)
		}
	}
	slices.Sort(plain)
	return plain[:number]
}

func (s *Story) contractOf(person string) string {
	for _, employee := range s.main().Account.Employees {
		if employee.ID == person {
			return employee.Contracts[0].ID
		}
	}
	return ""
}

func (s *Story) profileOf(person string) string { return s.main().Expected[person].ProfileID }

// changes changes both sides, previews, synchronises, and holds one against the
// other.
func (s *Story) changes(ctx context.Context) error {
	people := s.plainPeople(7)
	if err := s.changeConnexie(ctx, people); err != nil {
		return err
	}
	if err := s.changeEitje(ctx, people); err != nil {
		return err
	}
	before, err := s.watermark(ctx)
	if err != nil {
		return err
	}
	if err := s.run(ctx, "sync", "--connection", s.connection(), "--preview", "--wait"); err != nil {
		return err
	}
	_, inEitje, err := s.written(ctx, before, "eitje")
	if err != nil {
		return err
	}
	if err := s.holds(inEitje == 0, "the preview wrote nothing in Eitje (S19)"); err != nil {
		return err
	}
	if err := s.run(ctx, "sync", "--connection", s.connection(), "--wait"); err != nil {
		return err
	}
	return s.afterChanges(ctx, people)
}

func (s *Story) changeConnexie(ctx context.Context, people []string) error {
	account := s.main().Account.ID
	yesterday, inThreeWeeks := s.Today.AddDays(-1), s.Today.AddDays(21)
	s.say("\n  In Connexie: a raise for %s, a new name for %s, a new e-mail for %s,\n"+
		"  a contract's end for %s, and an employment that ended yesterday for %s.\n",
		people[0], people[1], people[2], people[3], people[4])
	steps := []func() error{
		func() error {
			return s.patchContract(ctx, account, people[0], s.contractOf(people[0]), `{"hourly_wage":"17.35"}`)
		},
		func() error { return s.patchPerson(ctx, account, people[1], `{"last_name":"Vermeulen-de Wit"}`) },
		func() error { return s.patchPerson(ctx, account, people[2], `{"email":"new.address@example.org"}`) },
		func() error {
			return s.patchContract(ctx, account, people[3], s.contractOf(people[3]), fmt.Sprintf(`{"end_date":%q}`, inThreeWeeks))
		},
		func() error {
			return s.patchPerson(ctx, account, people[4], fmt.Sprintf(`{"employment":{"status":"ended","end_date":%q}}`, yesterday))
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// changeEitje edits profiles locally, as a manager could.
func (s *Story) changeEitje(ctx context.Context, people []string) error {
	s.say("  In Eitje: somebody overwrites the wage of %s and deactivates %s.\n", people[5], people[6])
	_, err := s.pool.Exec(ctx, `update eitje.contracts set hourly_wage = 99 where team_member_id = $1`, s.profileOf(people[5]))
	if err != nil {
		return fmt.Errorf("edit Eitje: %w", err)
	}
	_, err = s.pool.Exec(ctx, `
		update eitje.team_members set active = false, deactivated_at = now(), deactivated_by = 'manager_7' where id = $1`,
		s.profileOf(people[6]))
	if err != nil {
		return fmt.Errorf("edit Eitje: %w", err)
	}
	return nil
}

func (s *Story) afterChanges(ctx context.Context, people []string) error {
	run, err := s.lastRun(ctx, s.connection())
	if err != nil {
		return err
	}
	differing, err := value[int](ctx, s, `
		with preview as (
			select id from connexie.sync_runs where connection_id = $1 and mode = 'preview' order by started_at desc limit 1),
		said as (select connexie_id, action, situation, reason, changes from connexie.sync_items where run_id = (select id from preview)),
		did as (select connexie_id, action, situation, reason, changes from connexie.sync_items where run_id = $2)
		select count(*)::int from ((table said except table did) union all (table did except table said)) differing`,
		s.connection(), run)
	if err != nil {
		return err
	}
	if err := s.holds(differing == 0, "the sync did exactly what the preview said (S19)"); err != nil {
		return err
	}
	if err := s.run(ctx, "sync", "changes", "--run", run); err != nil {
		return err
	}
	return s.checkChanges(ctx, people)
}

func (s *Story) checkChanges(ctx context.Context, people []string) error {
	return s.claims(ctx, []claim{
		{"the raise reached Eitje (S8)", `select hourly_wage = 17.35 from eitje.contracts where team_member_id = $1`, []any{s.profileOf(people[0])}},
		{"the name reached Eitje (S8)", `select last_name = 'Vermeulen-de Wit' from eitje.team_members where id = $1`, []any{s.profileOf(people[1])}},
		{"the log-in e-mail stayed, with one notification (S8)", `
			select email <> 'new.address@example.org' and 1 = (
			       select count(*) from connexie.notifications where cause = 'email_differs' and subject = $2 and closed_at is null)
			  from eitje.team_members where id = $1`, []any{s.profileOf(people[2]), people[2]}},
		{"the contract's end reached Eitje, and the team member stays active (S13)", `
			select t.active and c.end_date = $2::text::date
			  from eitje.team_members t join eitje.contracts c on c.team_member_id = t.id where t.id = $1`,
			[]any{s.profileOf(people[3]), string(s.Today.AddDays(21))}},
		{"whose employment ended in Connexie alone stays active, with one notification (S12)", `
			select active and 1 = (
			       select count(*) from connexie.notifications
			        where cause = 'employment_ended_in_connexie' and subject = $2 and closed_at is null)
			  from eitje.team_members where id = $1`, []any{s.profileOf(people[4]), people[4]}},
		{"the wage that was overwritten in Eitje is Connexie's again (S8)", `select hourly_wage <> 99 from eitje.contracts where team_member_id = $1`, []any{s.profileOf(people[5])}},
		{"who was deactivated is active again, and the notification says by whom (S11)", `
			select active and 1 = (
			       select count(*) from connexie.notifications
			        where cause = 'reactivated' and subject = $2 and closed_at is null and next_step like '%manager_7%')
			  from eitje.team_members where id = $1`, []any{s.profileOf(people[6]), people[6]}},
	}...)
}

// explain shows the disputed and the linked side of one decision (S20).
func (s *Story) explain(ctx context.Context) error {
	person := s.plainPeople(1)[0]
	for _, c := range s.main().Cases {
		if c.Rule == "S6" && len(c.EmployeeIDs) > 0 {
			person = c.EmployeeIDs[0]
			break
		}
	}
	return s.run(ctx, "sync", "--connection", s.connection(), "--person", person, "--preview", "--wait")
}
