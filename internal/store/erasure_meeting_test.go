package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// The page was read from Connexie before the erasure and is saved after it; or it is being
// saved while the erasure begins. Either way nothing of the person is left.
func TestErasure_N5_APageThatIsBeingSavedIsWaitedFor(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	x.Exec(t, `delete from connexie.person_standings where connexie_id = 'emp_gone'`)
	saving, err := x.Pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = saving.Rollback(context.WithoutCancel(t.Context())) }()
	// As savePage does: the lock first, and nobody else sees what is written yet.
	_, err = saving.Exec(t.Context(), `select pg_advisory_xact_lock_shared(hashtextextended('erasures/' || $1, 0))`, x.connection)
	require.NoError(t, err)
	_, err = saving.Exec(t.Context(), `
		insert into connexie.people (connection_id, connexie_id, email, email_state, employment_ended, modified_at, fingerprint)
		values ($1, 'emp_new', 'tulp@example.org', 'valid', true, now(), '')`, x.connection)
	require.NoError(t, err)

	erased := make(chan error, 1)
	go func() {
		_, err := x.Store.Erase(t.Context(), oneKey, store.ErasureRequest{
			ConnectionID: x.connection, ConnexieID: "emp_new", By: "cli", Day: today,
		}, now)
		erased <- err
	}()
	x.awaitLock(t, "advisory")
	require.NoError(t, saving.Commit(t.Context()))
	require.NoError(t, <-erased)
	require.Empty(t, x.found(t, "emp_new", "tulp@example.org"))
}

// A plan is being applied that links the person at this moment: the erasure waits, and
// takes the profile with it.
func TestErasure_N5_APlanThatIsBeingAppliedIsWaitedFor(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	person := colleague("emp_new", "tulp@example.org")
	person.LastName, person.Employment.Ended = "Tulpema", true
	_, err := x.read(t, oneKey, x.person, person)
	require.NoError(t, err)
	applying, err := x.Pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = applying.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = applying.Exec(t.Context(), `select from connexie.people where connexie_id = 'emp_new' for update`)
	require.NoError(t, err)

	erased := make(chan error, 1)
	go func() {
		_, err := x.Store.Erase(t.Context(), oneKey, store.ErasureRequest{
			ConnectionID: x.connection, ConnexieID: "emp_new", By: "cli", Day: today,
		}, now)
		erased <- err
	}()
	x.awaitLock(t, "transactionid")
	member := testkit.ID(t)
	_, err = applying.Exec(t.Context(), `
		insert into eitje.team_members (id, organisation_id, last_name) values ($1, $2, 'Tulpema')`, member, x.organisation)
	require.NoError(t, err)
	_, err = applying.Exec(t.Context(), `
		insert into connexie.links (connection_id, team_member_id, connexie_id, linked_at) values ($1, $2, 'emp_new', now())`,
		x.connection, member)
	require.NoError(t, err)
	require.NoError(t, applying.Commit(t.Context()))
	require.NoError(t, <-erased)
	require.Empty(t, x.found(t, "emp_new", "Tulpema"))
}

// What a run had gathered about the person before the erasure is not kept as its plan
// after it.
func TestErasure_N5_APlanMadeBeforeIsNotKeptAfterwards(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	x.Exec(t, `update eitje.team_members set phone = null where id = $1`, x.member)
	opening := fullRun(t, x.connection)
	opening.Mode = store.ModePreview
	owner := store.PlanOwner{RunID: open(t, x.DB, opening).ID, ConnectionID: x.connection, Explain: true}
	facts, err := x.Store.Facts(t.Context(), store.Scope{ConnectionID: x.connection, Day: today}, []string{"emp_gone"})
	require.NoError(t, err)
	require.Len(t, facts, 1)
	x.erase(t)
	require.NoError(t, x.Store.SavePlans(t.Context(), owner, []domain.Plan{domain.PlanPerson(facts[0])}))
	require.Zero(t, testkit.Value[int](t, x.DB, `select count(*) from connexie.sync_items where run_id = $1`, owner.RunID))
}

// awaitLock waits until somebody waits for a lock of this kind.
func (x *erasing) awaitLock(t *testing.T, kind string) {
	t.Helper()
	require.Eventually(t, func() bool {
		return testkit.Value[bool](t, x.DB, `
			select exists (select from pg_locks l join pg_database d on d.datname = current_database()
			                where not l.granted and l.locktype = $1 and (l.database = d.oid or l.database is null))`, kind)
	}, 20*time.Second, 5*time.Millisecond)
}

// Readings, plans and erasures of the same people all at once: whoever was erased is not
// there afterwards, whatever came first.
func TestErasure_N5_HoldsBesideReadingsAndPlans(t *testing.T) {
	t.Parallel()
	x := newErasing(t)
	const number = 24
	people := make([]domain.Person, number)
	ids := make([]string, number)
	for i := range people {
		people[i] = colleague(fmt.Sprintf("emp_m%02d", i), fmt.Sprintf("meeting%02d@example.org", i))
		ids[i] = people[i].ID
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var syncs, erasures errgroup.Group
	erasures.SetLimit(3)
	for range 2 {
		opening := fullRun(t, x.connection)
		opening.Mode = store.ModePreview // carries no fence
		owner := store.PlanOwner{RunID: open(t, x.DB, opening).ID, ConnectionID: x.connection, Explain: true}
		syncs.Go(func() error {
			for ctx.Err() == nil {
				if err := x.pass(context.WithoutCancel(ctx), owner, people, ids); err != nil && !store.IsRetryable(err) {
					return err
				}
			}
			return nil
		})
	}
	for _, id := range ids {
		erasures.Go(func() error {
			request := store.ErasureRequest{ConnectionID: x.connection, ConnexieID: id, By: "cli", Day: today, Force: true}
			for { // until a sync has brought the person
				_, err := x.Store.Erase(ctx, oneKey, request, now)
				if !errors.Is(err, store.ErrNotFound) {
					return err
				}
			}
		})
	}
	require.NoError(t, erasures.Wait())
	stop()
	require.NoError(t, syncs.Wait())
	require.Empty(t, x.found(t, append([]string{"meeting"}, ids...)...))
	require.Equal(t, number, testkit.Value[int](t, x.DB, `select count(*) from connexie.erasures`))
}

// pass reads, plans and applies once.
func (x *erasing) pass(ctx context.Context, owner store.PlanOwner, people []domain.Person, ids []string) error {
	number, err := x.Store.StartReading(ctx, x.connection, now)
	if err != nil {
		return err
	}
	page := store.MirrorPage{ConnectionID: x.connection, Reading: number, Page: 1, People: people, Hasher: oneKey}
	if _, err := x.Store.SavePage(ctx, page); err != nil {
		return err
	}
	decisions, err := x.Store.VenueDecisions(ctx, x.connection)
	if err != nil {
		return err
	}
	facts, err := x.Store.Facts(ctx, store.Scope{ConnectionID: x.connection, Day: today, Venues: decisions.Map()}, ids)
	if err != nil {
		return err
	}
	var plans []domain.Plan
	for _, fact := range facts {
		plans = append(plans, domain.PlanPerson(fact))
	}
	if err := x.Store.SavePlans(ctx, owner, plans); err != nil {
		return err
	}
	return x.Store.ApplyBatch(ctx, store.Batch{Run: owner, Day: today, By: "cli", ConnexieIDs: ids}, now)
}
