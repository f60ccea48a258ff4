package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// The comparison in SQL and the planner in Go answer the same question. In any world
// the comparison names everyone for whom the planner would do anything; once all that
// is applied both are silent (S9), and they stay in step over every single change
// that follows.
func TestCompare_S9_NamesWhomThePlannerWouldTouchAndNobodyOnceSynced(t *testing.T) {
	t.Parallel()
	db := testkit.New(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt, t.Context(), db)
		w.requireNobodyOverlooked()
		for range 4 {
			w.change()
			w.requireNobodyOverlooked()
		}
	})
}

// requireNobodyOverlooked holds the comparison against the planner, syncs those whom
// it named, and requires silence. A decision that is followed concerns others too, and
// somebody may have waited for a profile that the same sync linked to another person
// (S22): then one more sync comes first.
func (w *world) requireNobodyOverlooked() {
	for again, syncs := true, 0; again; syncs++ {
		require.Less(w, syncs, 10, "people are touched again by every sync")
		named := w.named()
		require.Subset(w, named, w.unquiet(), "people whom the comparison overlooked")
		again = w.followsDecisions(named)
		w.sync(named)
		again = again || w.freedWaiting()
	}
	require.Empty(w, w.unquiet(), "people who would be touched again right after a sync")
	require.Empty(w, w.named(), "people whom the comparison names right after a sync")
}

func (w *world) named() []string {
	ids, err := w.db.Store.NamePeople(w.ctx, w.connection, w.day)
	require.NoError(w, err)
	return ids
}

// unquiet asks the planner itself, about everyone.
func (w *world) unquiet() []string {
	facts, err := w.db.Store.Facts(w.ctx, w.scope(), w.people())
	require.NoError(w, err)
	ids := []string{}
	for _, fact := range facts {
		if plan := domain.PlanPerson(fact); !plan.Quiet() {
			ids = append(ids, plan.ConnexieID)
		}
	}
	return ids
}

// freedWaiting reports whether somebody waits for a look-alike who is linked by now, and
// is neither missing nor on hold: those are left as they are.
func (w *world) freedWaiting() bool {
	var freed bool
	require.NoError(w, w.db.Pool.QueryRow(w.ctx, `
		select exists (select from connexie.person_standings s
		                 join connexie.dispute_candidates d using (connection_id, connexie_id)
		                 join connexie.links l on l.team_member_id = d.team_member_id
		                 join connexie.people p on p.connection_id = s.connection_id and p.connexie_id = s.connexie_id
		                where s.connection_id = $1 and s.reason = 'likely_duplicate' and p.missing_since is null
		                  and not exists (select from connexie.holds h
		                                   where h.connection_id = p.connection_id and h.connexie_id = p.connexie_id
		                                     and h.lifted_at is null and h.until >= $2::text::date))`,
		w.connection, w.day.String()).Scan(&freed))
	return freed
}
