package demo

import (
	"context"
	"fmt"
)

// endEmployment ends employments in their two steps (E1 to E7). The days go by by
// changing the last day, not by changing the clock.
func (s *Story) endEmployment(ctx context.Context) error {
	leaver := s.plainPeople(9)[8]
	member, later := s.profileOf(leaver), s.Today.AddDays(21)
	s.say("\n  %s leaves in three weeks. The token may end employments in Connexie.\n", leaver)
	err := s.run(ctx, "end-employment", "start", "--team-member", member, "--end-date", string(later),
		"--reason", "own_request", "--note", "Goes to study in Gent.", "--by", "manager_7")
	if err != nil {
		return err
	}
	if err := s.awaitEnding(ctx, member, `stage = 'waiting_for_date'`); err != nil {
		return err
	}
	s.link("end-employment/" + member)
	if err := s.run(ctx, "end-employment", "status", "--team-member", member); err != nil {
		return err
	}
	if err := s.refused(ctx, "end-employment", "confirm", "--team-member", member, "--by", "manager_7"); err != nil {
		return err
	}
	err = s.claims(ctx, s.active("in the other order nothing is done: the team member is active as before (E1, E3)", member, true))
	if err != nil {
		return err
	}
	if err := s.lastDayPasses(ctx, member); err != nil {
		return err
	}
	return s.endedElsewhere(ctx, leaver, member)
}

// lastDayPasses makes yesterday the last day, and takes the second step.
func (s *Story) lastDayPasses(ctx context.Context, member string) error {
	yesterday := s.Today.AddDays(-1)
	s.say("\n  The last day is yesterday after all.\n")
	if err := s.run(ctx, "end-employment", "change-date", "--team-member", member, "--end-date", string(yesterday)); err != nil {
		return err
	}
	if err := s.awaitEnding(ctx, member, `stage = 'waiting_for_confirmation'`); err != nil {
		return err
	}
	if err := s.run(ctx, "end-employment", "confirm", "--team-member", member, "--by", "manager_7"); err != nil {
		return err
	}
	return s.claims(ctx,
		s.active("the team member is inactive in Eitje, after Connexie (E1)", member, false),
		claim{"the audit says who confirmed it, and of which ending it was a part (S10)", `
			select count(*) > 0 and bool_and(c.by = 'manager_7') from connexie.changes c join connexie.endings e on e.id = c.act_id
			 where e.team_member_id = $1 and c.act = 'ending' and c.field = 'active'`, []any{member}})
}

// endedElsewhere takes the second step for somebody whose employment ended in Connexie
// alone, opens another again, and lets one sync see all three.
func (s *Story) endedElsewhere(ctx context.Context, first, member string) error {
	people := s.plainPeople(10)
	ended, back := people[4], people[9]
	s.say("\n  The employment of %s ended in Connexie alone, as was told: it goes on at its second step.\n", ended)
	if err := s.run(ctx, "end-employment", "start", "--team-member", s.profileOf(ended)); err != nil {
		return err
	}
	if err := s.awaitEnding(ctx, s.profileOf(ended), `stage = 'waiting_for_confirmation'`); err != nil {
		return err
	}
	if err := s.again(ctx, "end-employment", "confirm", "--team-member", s.profileOf(ended), "--by", "manager_7"); err != nil {
		return err
	}
	yesterday := string(s.Today.AddDays(-1))
	if err := s.run(ctx, "end-employment", "start", "--team-member", s.profileOf(back), "--end-date", yesterday); err != nil {
		return err
	}
	if err := s.awaitEnding(ctx, s.profileOf(back), `stage = 'waiting_for_confirmation'`); err != nil {
		return err
	}
	s.say("\n  In Connexie: %s stays after all, and the employment is opened again.\n", back)
	patch := `{"employment":{"status":"active","end_date":null}}`
	if err := s.patchPerson(ctx, s.main().Account.ID, back, patch); err != nil {
		return err
	}
	if err := s.patchContract(ctx, s.main().Account.ID, back, s.contractOf(back), `{"end_date":null}`); err != nil {
		return err
	}
	if err := s.again(ctx, "sync", "--connection", s.connection(), "--wait"); err != nil {
		return err
	}
	return s.afterOneMoreSync(ctx, first, member, ended, back)
}

func (s *Story) afterOneMoreSync(ctx context.Context, first, member, ended, back string) error {
	for _, over := range []string{member, s.profileOf(ended), s.profileOf(back)} {
		if err := s.awaitEnding(ctx, over, `stage = 'closed'`); err != nil {
			return err
		}
	}
	if err := s.run(ctx, "end-employment", "list", "--connection", s.connection(), "--all"); err != nil {
		return err
	}
	if err := s.run(ctx, "end-employment", "status", "--team-member", member); err != nil {
		return err
	}
	outcome := func(text, member, outcome string) claim {
		return claim{text, `select outcome = $2 from connexie.endings where team_member_id = $1`, []any{member, outcome}}
	}
	return s.claims(ctx,
		outcome("one more sync saw the first and left them as they are: ended (E6)", member, "ended"),
		outcome("so it did the one whom Connexie had ended alone (S12)", s.profileOf(ended), "ended"),
		outcome("the third is withdrawn, because Connexie opened the employment again (E5)", s.profileOf(back), "withdrawn"),
		s.active("and stays active in Eitje", s.profileOf(back), true),
		s.told("nobody is asked any more to end what has ended (N1)", "employment_ended_in_connexie", ended, 0),
		s.stands("who left keeps the link, so that the same profile comes back with the person (E7)", first, "linked"))
}

// active claims whether a team member is active in Eitje.
func (s *Story) active(text, member string, active bool) claim {
	return claim{text, `select active = $2 from eitje.team_members where id = $1`, []any{member, active}}
}

// awaitEnding waits until the latest ending of a team member is what is said of it.
func (s *Story) awaitEnding(ctx context.Context, member, what string) error {
	return s.await(ctx, fmt.Sprintf("the ending of %s does not come to %s", member, what), `
		select coalesce((select `+what+` from connexie.endings where team_member_id = $1 order by opened_at desc limit 1), false)`,
		member)
}
