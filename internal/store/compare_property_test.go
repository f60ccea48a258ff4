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
// it named, and requires silence. A decision that is followed concerns others too: then
// one more sync comes first.
func (w *world) requireNobodyOverlooked() {
	named := w.named()
	require.Subset(w, named, w.unquiet(), "people whom the comparison overlooked")
	again := w.followsDecisions(named)
	w.sync(named)
	if again {
		w.requireNobodyOverlooked()
		return
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
