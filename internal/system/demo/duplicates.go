package demo

import (
	"context"
	"fmt"

	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// duplicate repairs a profile that was created although the person had one, takes that
// back, and repairs it for good (S22).
func (s *Story) duplicate(ctx context.Context) error {
	twice := s.labelled("S22", "likely duplicate: same name and birth date")
	person, keep := twice.EmployeeIDs[0], twice.ProfileIDs[0]
	drop, err := value[string](ctx, s,
		`select team_member_id::text from connexie.links where connection_id = $1 and connexie_id = $2`, s.connection(), person)
	if err != nil {
		return err
	}
	err = s.claims(ctx, s.told("when the profile was created it was announced as a likely duplicate (S22)", "likely_duplicate", person, 1))
	if err != nil {
		return err
	}
	if err := s.run(ctx, "duplicates", "list", "--connection", s.connection()); err != nil {
		return err
	}
	if err := s.workToday(ctx, drop); err != nil {
		return err
	}
	if err := s.run(ctx, "duplicates", "preview", "--keep", keep, "--drop", drop); err != nil {
		return err
	}
	before, err := s.ledgerToday(ctx)
	if err != nil {
		return err
	}
	if err := s.repair(ctx, person, keep, drop); err != nil {
		return err
	}
	if err := s.takeBack(ctx, person, keep, drop); err != nil {
		return err
	}
	if err := s.repair(ctx, person, keep, drop); err != nil {
		return err
	}
	after, err := s.ledgerToday(ctx)
	if err != nil {
		return err
	}
	return s.holds(after == before, "of all that Connexie has noticed nothing (S22)")
}

// workToday lets somebody work under the duplicate, and exports it.
func (s *Story) workToday(ctx context.Context, member string) error {
	s.say("\n  In Eitje: five hours of today are approved, under the new profile, and exported.\n")
	_, err := s.pool.Exec(ctx, `
		insert into eitje.entries (id, organisation_id, team_member_id, venue_id, day, starts_at, ends_at, minutes, state)
		select gen_random_uuid(), $1, $2, venue_id, $3::text::date, ($3 || ' 10:00')::timestamp at time zone 'Europe/Amsterdam',
		       ($3 || ' 15:00')::timestamp at time zone 'Europe/Amsterdam', 300, 'approved'
		  from eitje.team_member_venues where team_member_id = $2 limit 1`,
		s.main().Organisation.ID, member, string(s.Today))
	if err != nil {
		return fmt.Errorf("work in Eitje: %w", err)
	}
	if err := s.again(ctx, s.export(s.today(), hoursOnly)...); err != nil {
		return err
	}
	return s.claims(ctx, s.exportedOf("the hours show as Exported (X11)", member, 1))
}

func (s *Story) today() seed.Period { return seed.Period{From: s.Today, To: s.Today} }

func (s *Story) ledgerToday(ctx context.Context) (string, error) {
	lines, err := s.ledger(ctx, s.today())
	return fmt.Sprint(lines), err
}

// exportedOf claims how many entries of today a profile has that show as Exported.
func (s *Story) exportedOf(text, member string, number int) claim {
	return claim{text, `
		select count(*) = $3 from eitje.hours where team_member_id = $1 and day = $2::text::date and exported = 'Exported'`,
		[]any{member, string(s.Today), number}}
}

// repair moves everything to the profile that is kept, and a sync finds nothing to do.
func (s *Story) repair(ctx context.Context, person, keep, drop string) error {
	if err := s.run(ctx, "duplicates", "repair", "--keep", keep, "--drop", drop, "--by", "manager_7"); err != nil {
		return err
	}
	err := s.claims(ctx,
		s.linkedTo("the link is with the old profile (S22)", person, keep),
		s.exportedOf("the hours moved along and still show as Exported (S22, X11)", keep, 1),
		claim{"the new profile is archived, without a link and without hours", `
			select t.archived_at is not null and not t.active
			       and not exists (select from connexie.links where team_member_id = t.id)
			       and not exists (select from eitje.entries where team_member_id = t.id)
			  from eitje.team_members t where t.id = $1`, []any{drop}},
		s.told("nobody is told of a duplicate any more (N1)", "likely_duplicate", person, 0))
	if err != nil {
		return err
	}
	before, err := s.watermark(ctx)
	if err != nil {
		return err
	}
	if err := s.again(ctx, "sync", "--connection", s.connection(), "--wait"); err != nil {
		return err
	}
	_, inEitje, err := s.written(ctx, before, "eitje")
	if err != nil {
		return err
	}
	return s.holds(inEitje == 0, "the next sync finds nothing to do (S9)")
}

// takeBack undoes the repair.
func (s *Story) takeBack(ctx context.Context, person, keep, drop string) error {
	if err := s.run(ctx, "duplicates", "undo", "--keep", keep, "--drop", drop, "--by", "manager_7"); err != nil {
		return err
	}
	return s.claims(ctx,
		s.linkedTo("taken back: the link is with the new profile again (S22)", person, drop),
		s.exportedOf("and so are the hours", drop, 1),
		claim{"which is no longer archived", `select archived_at is null and active from eitje.team_members where id = $1`, []any{drop}})
}
