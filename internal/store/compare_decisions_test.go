package store_test

import (
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

// aDecisionIsTaken decides about a person in place of what was decided before, on what
// is known now or on something else (S6).
func (w *world) aDecisionIsTaken(id string) {
	kind := pick(w, "decision", domain.DecideLink, domain.DecideCreate, domain.DecideSkip, domain.DecideSkip)
	var chosen *string
	if kind == domain.DecideLink {
		if len(w.profiles) == 0 {
			return
		}
		profile := pick(w, "chosen", w.profiles...)
		chosen = &profile
	}
	w.exec(`update connexie.dispute_decisions set replaced_at = $3 where connection_id = $1 and connexie_id = $2 and replaced_at is null`,
		w.connection, id, now)
	w.exec(`
		insert into connexie.dispute_decisions (id, connection_id, connexie_id, decision, team_member_id, dispute, email_key,
		       candidates, decided_by, decided_at)
		select $3, connection_id, connexie_id, $4, $5, 'shared_email',
		       case when $6 then 'other@example.nl' else coalesce(email_key, '') end, $7, 'cli', $8
		  from connexie.people where connection_id = $1 and connexie_id = $2`,
		w.connection, id, w.newID(), kind, chosen, w.seldom("decided on another address"), w.basis(id), now)
}

// basis are the candidates that a person has, or some other profiles.
func (w *world) basis(id string) []string {
	if w.seldom("decided on other candidates") {
		return append([]string{}, slices.Sorted(slices.Values(w.some(w.profiles, "decided among")))...)
	}
	facts, err := w.db.Store.Facts(w.ctx, w.scope(), []string{id})
	require.NoError(w, err)
	candidates := []string{}
	for _, fact := range facts {
		for _, profile := range fact.Candidates {
			candidates = append(candidates, profile.ID)
		}
	}
	slices.Sort(candidates)
	return candidates
}

// aHoldIsSet exempts a person until a day, past or to come, or lifts every hold (S21).
func (w *world) aHoldIsSet(id string) {
	if w.seldom("lifted") {
		w.exec(`update connexie.holds set lifted_at = $3, lifted_by = 'cli' where connection_id = $1 and connexie_id = $2`,
			w.connection, id, now)
		return
	}
	w.exec(`
		insert into connexie.holds (id, connection_id, connexie_id, until, reason, by, created_at)
		values ($3, $1, $2, $4, '', 'cli', $5)`,
		w.connection, id, w.newID(), w.day.AddDays(pick(w, "held until", offsets...)), now)
}

// followsDecisions reports whether syncing these people links or creates by somebody's
// decision: that changes what is known of others who have the same address.
func (w *world) followsDecisions(ids []string) bool {
	facts, err := w.db.Store.Facts(w.ctx, w.scope(), ids)
	require.NoError(w, err)
	return slices.ContainsFunc(facts, func(fact domain.Facts) bool {
		action := domain.PlanPerson(fact).Action
		return fact.Decision != nil && (action == domain.ActionLink || action == domain.ActionCreate)
	})
}
