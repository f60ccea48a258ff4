package demo

import (
	"context"
	"fmt"
)

// disputes decides about people whose profile was uncertain (S6).
func (s *Story) disputes(ctx context.Context) error {
	if err := s.run(ctx, "disputes", "list", "--connection", s.connection()); err != nil {
		return err
	}
	two := s.labelled("S6", "two profiles share the e-mail")
	person, profile := two.EmployeeIDs[0], two.ProfileIDs[0]
	if err := s.run(ctx, "disputes", "show", "--connection", s.connection(), "--person", person); err != nil {
		return err
	}
	if err := s.decide(ctx, person, "link", "--team-member", profile); err != nil {
		return err
	}
	err := s.claims(ctx,
		s.linkedTo("the profile that was chosen is linked (S6)", person, profile),
		s.told("the notification closed by itself (N1)", "disputed", person, 0))
	if err != nil {
		return err
	}
	return s.sharedAddress(ctx)
}

// sharedAddress gives two people who share an address a profile each, and leaves one
// out of the queue.
func (s *Story) sharedAddress(ctx context.Context) error {
	shared := s.labelled("S6", "two people, no profile")
	for _, person := range shared.EmployeeIDs {
		if err := s.decide(ctx, person, "create", "--reason", "they live together and share an address"); err != nil {
			return err
		}
	}
	heir := s.labelled("S6", "e-mail of a profile that is linked to another").EmployeeIDs[0]
	if err := s.decide(ctx, heir, "skip", "--reason", "asked for an address of their own"); err != nil {
		return err
	}
	return s.claims(ctx,
		claim{"both have a profile of their own, with the address that they share (S6)", `
			select count(distinct t.id) = 2 and count(distinct t.email_key) = 1
			  from connexie.links l join eitje.team_members t on t.id = l.team_member_id
			 where l.connection_id = $1 and l.connexie_id = any($2)`, []any{s.connection(), shared.EmployeeIDs}},
		s.stands("the third is left out until the address or the candidates change (S6)", heir, "skipped"),
		claim{"each decision is kept with who took it, and audited (S10)", `
			select count(distinct act_id) = 4 from connexie.changes where connection_id = $1 and act = 'dispute'`, []any{s.connection()}})
}

func (s *Story) decide(ctx context.Context, person, decision string, more ...string) error {
	return s.run(ctx, append([]string{
		"disputes", "decide", decision, "--connection", s.connection(), "--person", person, "--by", "manager_7",
	}, more...)...)
}

// hold keeps the synchronisation away from one person for a while (S21).
func (s *Story) hold(ctx context.Context) error {
	person := s.plainPeople(8)[7]
	err := s.run(ctx, "holds", "set", "--connection", s.connection(), "--person", person, "--by", "manager_7",
		"--until", string(s.Today.AddDays(14)), "--reason", "payroll corrects the contract")
	if err != nil {
		return err
	}
	s.say("\n  In Connexie: a wage of 99.00 for %s, which is a mistake.\n", person)
	if err := s.patchContract(ctx, s.main().Account.ID, person, s.contractOf(person), `{"hourly_wage":"99.00"}`); err != nil {
		return err
	}
	if err := s.again(ctx, "sync", "--connection", s.connection(), "--wait"); err != nil {
		return err
	}
	wage := func(text, comparison string) claim {
		return claim{text, fmt.Sprintf(`select hourly_wage %s from eitje.contracts where team_member_id = $1`, comparison), []any{s.profileOf(person)}}
	}
	err = s.claims(ctx, wage("the sync left the wage in Eitje alone (S21)", "<> 99"),
		s.stands("everyone can see that the person is on hold (S21)", person, "on_hold"))
	if err != nil {
		return err
	}
	s.say("\n  In Connexie: the wage is corrected to 18.25.\n")
	if err := s.patchContract(ctx, s.main().Account.ID, person, s.contractOf(person), `{"hourly_wage":"18.25"}`); err != nil {
		return err
	}
	if err := s.run(ctx, "holds", "lift", "--connection", s.connection(), "--person", person, "--by", "manager_7"); err != nil {
		return err
	}
	if err := s.again(ctx, "sync", "--connection", s.connection(), "--wait"); err != nil {
		return err
	}
	return s.claims(ctx, wage("the sync after it wrote what Connexie says now (S8)", "= 18.25"),
		s.stands("nobody is on hold any more (S21)", person, "linked"))
}
