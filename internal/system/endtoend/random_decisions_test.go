package endtoend

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
	"github.com/eitje/connexie-worker/internal/store"
)

// say draws what somebody decides about a person: a hold (S21), or whose profile it is
// (S6).
func (d *dice) say(scenario seed.Scenario) act {
	person := choose(d, scenario.Account.Employees...).ID
	switch d.IntN(6) {
	case 0, 1:
		until := today().AddDays(d.IntN(5))
		return act{"hold: " + person + " until " + until.String(), func(t *testing.T, w *world) {
			w.decides(t, func(ctx context.Context) error {
				_, _, err := w.store.SetHold(ctx, store.HoldOn{
					ConnectionID: w.connection, ConnexieID: person, Until: until, Reason: "payroll looks", By: "user_7",
				}, time.Now())
				return err
			})
		}}
	case 2:
		return act{"hold: lifted of " + person, func(t *testing.T, w *world) {
			w.decides(t, func(ctx context.Context) error {
				_, _, err := w.store.LiftHold(ctx, w.connection, person, "user_7", today(), time.Now())
				return err
			})
		}}
	}
	kind, which := choose(d, domain.DecideLink, domain.DecideLink, domain.DecideCreate, domain.DecideSkip), d.IntN(4)
	return act{"dispute: " + string(kind) + ", of those that wait the one at " + string(rune('0'+which)), func(t *testing.T, w *world) {
		w.decideDispute(t, kind, which)
	}}
}

// decideDispute decides about one of those who wait, so that a word rarely meets nobody.
func (w *world) decideDispute(t *testing.T, kind domain.DecisionKind, which int) {
	t.Helper()
	disputed := list(t, w.system, pgx.RowTo[string], `
		select connexie_id from connexie.people_status where connection_id = $1 and situation = 'disputed' order by 1`, w.connection)
	if len(disputed) == 0 {
		w.tell("  (nobody is disputed)")
		return
	}
	decision := store.DisputeDecision{
		ConnectionID: w.connection, ConnexieID: disputed[which%len(disputed)], Kind: kind, Reason: "asked", By: "user_7",
	}
	if kind == domain.DecideLink {
		candidates := list(t, w.system, pgx.RowTo[string], `
			select team_member_id::text from connexie.dispute_candidates
			 where connection_id = $1 and connexie_id = $2 order by 1`, w.connection, decision.ConnexieID)
		if len(candidates) == 0 {
			w.tell("  (%s has no candidates)", decision.ConnexieID)
			return
		}
		decision.TeamMemberID = candidates[which%len(candidates)]
	}
	w.tell("  (about %s)", decision.ConnexieID)
	w.decides(t, func(ctx context.Context) error {
		_, _, err := w.store.DecideDispute(ctx, decision, today(), time.Now())
		return err
	})
}

// word is a decision as the oracle reads it, with what it was based on.
type word struct {
	Person     string
	Kind       string
	EmailKey   string
	Candidates []string
	Chosen     string
	// Free tells that the profile that was chosen can still be linked.
	Free bool
}

// readWords reads who is on hold and what was decided about whom.
func (o *oracle) readWords(t *testing.T, w *world) {
	t.Helper()
	o.onHold = list(t, w.system, pgx.RowTo[string], `
		select connexie_id from connexie.holds
		 where connection_id = $1 and lifted_at is null and until >= $2::text::date`, w.connection, string(o.day))
	o.words = map[string]word{}
	for _, said := range list(t, w.system, pgx.RowToStructByPos[word], `
		select d.connexie_id, d.decision, d.email_key, array(select unnest(d.candidates)::text order by 1),
		       coalesce(d.team_member_id::text, ''),
		       exists (select from eitje.team_members m where m.id = d.team_member_id and m.archived_at is null)
		       and not exists (select from connexie.links l where l.team_member_id = d.team_member_id)
		  from connexie.dispute_decisions d where d.connection_id = $1 and d.replaced_at is null`, w.connection) {
		o.words[said.Person] = said
	}
}

// holdsStill reports whether what somebody decided about a person is still to be
// followed (S6).
func (o *oracle) holdsStill(person sandbox.Employee, said word) bool {
	if said.EmailKey != emailKey(person) {
		return false
	}
	var candidates []string
	for _, profile := range o.profiles {
		if profile.Person == "" && profile.EmailKey == emailKey(person) {
			candidates = append(candidates, profile.ID)
		}
	}
	slices.Sort(candidates)
	switch domain.DecisionKind(said.Kind) {
	case domain.DecideCreate:
		return !slices.ContainsFunc(candidates, func(id string) bool { return !slices.Contains(said.Candidates, id) })
	case domain.DecideSkip:
		return strings.Join(candidates, " ") == strings.Join(said.Candidates, " ")
	}
	return true
}

// judgeWord tells what is wrong about somebody who would be matched, about whom a
// decision is in force.
func (o *oracle) judgeWord(id string, said word) []string {
	switch {
	case said.Kind == string(domain.DecideSkip):
		return o.requireSituation(id, "skipped")
	case said.Kind == string(domain.DecideLink) && !said.Free:
		return o.requireSituation(id, "disputed")
	}
	return []string{id + " ought to be linked, as was decided"}
}

// byDecision reports whether a profile was made because somebody decided so, although
// another one had its e-mail address.
func (w *world) byDecision(t *testing.T, profile any) bool {
	t.Helper()
	return value[bool](t, w.system, `
		select exists (select from connexie.changes c join connexie.dispute_decisions d using (connection_id, connexie_id)
		                where c.object_id = $1 and c.field = 'created' and d.decision = 'create' and d.decided_at <= c.at)`, profile)
}

// keptOpen are those on hold with an open notification: a run opens and closes nothing
// about them (S21).
func (o *oracle) keptOpen(t *testing.T, w *world, cause domain.Cause) (kept []string) {
	t.Helper()
	for _, notice := range w.notices(t, cause) {
		if notice.Open && slices.Contains(o.onHold, notice.Subject) {
			kept = append(kept, notice.Subject)
		}
	}
	return kept
}
