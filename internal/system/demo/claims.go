package demo

import "context"

// claim is something that a query answers with true.
type claim struct {
	text  string
	query string
	args  []any
}

// claims states what holds in the database, one after the other.
func (s *Story) claims(ctx context.Context, claims ...claim) error {
	for _, c := range claims {
		ok, err := value[bool](ctx, s, c.query, c.args...)
		if err != nil {
			return err
		}
		if err := s.holds(ok, "%s", c.text); err != nil {
			return err
		}
	}
	return nil
}

// linkedTo claims that a person is linked to a profile.
func (s *Story) linkedTo(text, person, profile string) claim {
	return claim{text, `
		select exists (select from connexie.links where connection_id = $1 and connexie_id = $2 and team_member_id = $3)`,
		[]any{s.connection(), person, profile}}
}

// told claims how many notifications are open about somebody or something.
func (s *Story) told(text, cause, subject string, open int) claim {
	return claim{text, `
		select count(*) = $4 from connexie.notifications
		 where connection_id = $1 and cause = $2 and subject = $3 and closed_at is null`,
		[]any{s.connection(), cause, subject, open}}
}

// stands claims a person's situation.
func (s *Story) stands(text, person, situation string) claim {
	return claim{text, `
		select situation = $3 from connexie.people_status where connection_id = $1 and connexie_id = $2`,
		[]any{s.connection(), person, situation}}
}
