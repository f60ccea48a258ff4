package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
	"github.com/eitje/connexie-worker/internal/testkit"
)

// quarrel is a connection with one person, whose e-mail address two unlinked profiles
// have: nobody knows whose they are.
type quarrel struct {
	db           *testkit.DB
	organisation string
	connection   string
	profiles     []string // in the order of their ids
}

const shared = "noor@example.nl"

// ticks make each record that Connexie sends newer than the one before.
var ticks atomic.Int64

func newQuarrel(t *testing.T) quarrel {
	t.Helper()
	db := testkit.New(t)
	organisation := db.Organisation(t)
	q := quarrel{db: db, organisation: organisation, connection: db.Connection(t, organisation).ID}
	venue := db.Venue(t, organisation, "Bar")
	db.ConnexieVenues(t, q.connection, "ven_1", "Bar")
	require.NoError(t, db.Store.ConnectVenue(t.Context(), q.connection, venue, "ven_1", "cli", now))
	for range 2 {
		q.profiles = append(q.profiles, db.TeamMember(t, testkit.TeamMember{OrganisationID: organisation, Email: shared}))
	}
	q.connexieSends(t, "p1", shared)
	return q
}

// connexieSends brings a person who may be imported into the mirror.
func (q quarrel) connexieSends(t *testing.T, id, email string) {
	t.Helper()
	person := domain.Person{
		ID: id, Email: email, FirstName: "Noor", LastName: "Bakker", ModifiedAt: now.Add(time.Duration(ticks.Add(1)) * time.Second),
		Contracts: []domain.Contract{{ID: "c_" + id, Type: domain.Flex, Start: today.AddDays(-10), VenueID: "ven_1"}},
	}
	_, err := q.db.Store.SavePage(t.Context(), store.MirrorPage{ConnectionID: q.connection, People: []domain.Person{person}})
	require.NoError(t, err)
}

// sync does what a run does: it plans whom the comparison names, and applies.
func (q quarrel) sync(t *testing.T, day domain.Date) []string {
	t.Helper()
	ids, err := q.db.Store.NamePeople(t.Context(), q.connection, day)
	require.NoError(t, err)
	opening := fullRun(t, q.connection)
	opening.Day = day
	run := open(t, q.db, opening)
	require.NoError(t, q.db.Store.ApplyBatch(t.Context(), store.Batch{
		Run: store.PlanOwner{RunID: run.ID, ConnectionID: q.connection}, Day: day, By: "cli", ConnexieIDs: ids,
	}, now))
	return ids
}

func (q quarrel) stands(t *testing.T, id string) domain.Standing {
	t.Helper()
	row := testkit.Value[[]string](t, q.db, `
		select array[situation, reason, rule] from connexie.people_status where connection_id = $1 and connexie_id = $2`,
		q.connection, id)
	return domain.Standing{Situation: domain.Situation(row[0]), Reason: domain.Reason(row[1]), Rule: row[2]}
}

func (q quarrel) linkOf(t *testing.T, id string) string {
	t.Helper()
	return testkit.Value[string](t, q.db, `
		select coalesce((select team_member_id::text from connexie.links where connection_id = $1 and connexie_id = $2), '')`,
		q.connection, id)
}

func (q quarrel) decide(t *testing.T, id string, kind domain.DecisionKind, change ...func(*store.DisputeDecision)) (store.DecidedDispute, bool, error) {
	t.Helper()
	decision := store.DisputeDecision{ConnectionID: q.connection, ConnexieID: id, Kind: kind, Reason: "asked her", By: "user_1"}
	for _, edit := range change {
		edit(&decision)
	}
	return q.db.Store.DecideDispute(t.Context(), decision, today, now)
}

func (q quarrel) choose(t *testing.T, id, profile string, change ...func(*store.DisputeDecision)) (store.DecidedDispute, bool, error) {
	t.Helper()
	return q.decide(t, id, domain.DecideLink, append(change, func(d *store.DisputeDecision) { d.TeamMemberID = profile })...)
}

func by(who string) func(*store.DisputeDecision) {
	return func(d *store.DisputeDecision) { d.By = who }
}

func TestDispute_S6_TheChosenProfileIsLinkedByTheNextSyncAndTheOneAfterWritesNothing(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	q.sync(t, today)
	require.Equal(t, domain.Standing{Situation: domain.Disputed, Reason: domain.ReasonSeveralCandidates, Rule: "S6"}, q.stands(t, "p1"))

	taken, changed, err := q.choose(t, "p1", q.profiles[1])
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, domain.ReasonSeveralCandidates, taken.Dispute)
	require.Empty(t, q.linkOf(t, "p1"), "a decision itself changes nothing in Eitje")

	require.Equal(t, []string{"p1"}, q.sync(t, today))
	require.Equal(t, q.profiles[1], q.linkOf(t, "p1"))
	require.Equal(t, domain.Linked, q.stands(t, "p1").Situation)
	before := testkit.TakeSnapshot(t, q.db.URL, "connexie.sync_runs")
	require.Empty(t, q.sync(t, today), "S9")
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, q.db.URL, "connexie.sync_runs"))
}

func TestDispute_S6_S10_ADecisionLeavesAuditLinesWithoutItsFreeText(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	taken, _, err := q.choose(t, "p1", q.profiles[0])
	require.NoError(t, err)
	lines := testkit.Value[[]string](t, q.db, `
		select array_agg(concat_ws(' ', act, object, field, before, after, by) order by field)
		  from connexie.changes where act_id = $1 and run_id is null and connexie_id = 'p1'`, taken.ID)
	require.Equal(t, []string{"dispute dispute decision link user_1", "dispute dispute team_member_id " + q.profiles[0] + " user_1"}, lines)
	require.Equal(t, "asked her", testkit.Value[string](t, q.db, `select reason from connexie.dispute_decisions`))
}

func TestDispute_S6_TheSameDecisionAgainChangesNothing(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	first, _, err := q.choose(t, "p1", q.profiles[0])
	require.NoError(t, err)
	before := testkit.TakeSnapshot(t, q.db.URL)
	again, changed, err := q.choose(t, "p1", q.profiles[0], by("user_2"))
	require.NoError(t, err)
	require.False(t, changed)
	require.Equal(t, first.ID, again.ID)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, q.db.URL))

	q.sync(t, today)
	again, changed, err = q.choose(t, "p1", q.profiles[0])
	require.NoError(t, err, "also once it has been followed")
	require.False(t, changed)
	require.Equal(t, first.ID, again.ID)
}

func TestDispute_S6_OfTwoWhoDecideAtOnceOneWinsAndTheOtherIsTold(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	var (
		together sync.WaitGroup
		failures [2]error
	)
	for i, who := range []string{"user_1", "user_2"} {
		together.Go(func() { _, _, failures[i] = q.choose(t, "p1", q.profiles[i], by(who)) })
	}
	together.Wait()
	winner := 0
	if failures[0] != nil {
		winner = 1
	}
	require.NoError(t, failures[winner])
	var told *store.DecidedAlreadyError
	require.ErrorAs(t, failures[1-winner], &told)
	require.Equal(t, q.profiles[winner], told.Decided.TeamMemberID)
	require.Equal(t, 1, testkit.Value[int](t, q.db, `select count(*) from connexie.dispute_decisions`))
}

func TestDispute_S6_ASkipLastsUntilTheEmailOrTheCandidatesChange(t *testing.T) {
	t.Parallel()
	isSkipped := domain.Standing{Situation: domain.Skipped, Reason: domain.ReasonDecidedSkip, Rule: "S6"}
	for name, end := range map[string]func(t *testing.T, q quarrel){
		"the e-mail changes": func(t *testing.T, q quarrel) {
			t.Helper()
			for _, id := range q.profiles {
				q.db.Exec(t, `update eitje.team_members set email = 'other@example.nl' where id = $1`, id)
			}
			q.connexieSends(t, "p1", "other@example.nl")
		},
		"a candidate comes": func(t *testing.T, q quarrel) {
			t.Helper()
			q.db.TeamMember(t, testkit.TeamMember{OrganisationID: q.organisation, Email: shared})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := newQuarrel(t)
			q.sync(t, today)
			_, _, err := q.decide(t, "p1", domain.DecideSkip)
			require.NoError(t, err)
			q.sync(t, today)
			require.Equal(t, isSkipped, q.stands(t, "p1"))
			require.Zero(t, testkit.Value[int](t, q.db, `select count(*) from connexie.notifications where closed_at is null and cause = 'disputed'`))
			require.Empty(t, q.sync(t, today), "S9")
			end(t, q)
			q.sync(t, today)
			require.Equal(t, domain.Disputed, q.stands(t, "p1").Situation)
		})
	}
}

func TestDispute_S6_ADecisionInForceIsReplacedOnlyByName(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	skipped, _, err := q.decide(t, "p1", domain.DecideSkip)
	require.NoError(t, err)
	_, _, err = q.decide(t, "p1", domain.DecideCreate, by("user_2"))
	var told *store.DecidedAlreadyError
	require.ErrorAs(t, err, &told)
	require.Equal(t, skipped.ID, told.Decided.ID)

	instead := func(d *store.DisputeDecision) { d.Replaces = skipped.ID }
	_, changed, err := q.decide(t, "p1", domain.DecideCreate, by("user_2"), instead)
	require.NoError(t, err)
	require.True(t, changed)
	_, _, err = q.choose(t, "p1", q.profiles[0], by("user_3"), instead)
	require.ErrorAs(t, err, &told, "whoever looked at the one before is told")
	require.Equal(t, domain.DecideCreate, told.Decided.Decision)
	q.sync(t, today)
	require.NotContains(t, append(q.profiles, ""), q.linkOf(t, "p1"), "a profile of her own")
}

func TestDispute_S6_TwoPeopleWithOneAddressOneLinkedAndOneCreated(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	q.connexieSends(t, "p2", shared)
	q.sync(t, today)
	_, _, err := q.choose(t, "p1", q.profiles[0])
	require.NoError(t, err)
	_, _, err = q.decide(t, "p2", domain.DecideCreate)
	require.NoError(t, err, "both are decided before either is followed")
	q.sync(t, today)
	require.Equal(t, q.profiles[0], q.linkOf(t, "p1"))
	require.NotContains(t, append(q.profiles, ""), q.linkOf(t, "p2"))
	require.Empty(t, q.sync(t, today), "S9")
}

func TestDispute_S6_WithoutACandidateSomebodyIsCreated(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	for i, id := range q.profiles {
		q.db.Link(t, q.connection, id, []string{"p8", "p9"}[i])
	}
	q.sync(t, today)
	require.Equal(t, domain.ReasonEmailOfLinkedProfile, q.stands(t, "p1").Reason)
	taken, _, err := q.decide(t, "p1", domain.DecideCreate)
	require.NoError(t, err)
	require.Equal(t, domain.ReasonEmailOfLinkedProfile, taken.Dispute)
	q.sync(t, today)
	require.NotContains(t, append(q.profiles, ""), q.linkOf(t, "p1"))
}

func TestDispute_S6_AProfileThatCannotBeLinkedAnyMoreKeepsTheDisputeOpen(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]string{
		"archived":                `update eitje.team_members set archived_at = now() where id = $1 and $2 <> ''`,
		"linked to somebody else": `insert into connexie.links (connection_id, team_member_id, connexie_id, linked_at) values ($2::uuid, $1, 'p9', now())`,
		"of another organisation": `with o as (insert into eitje.organisations (id, name) values (gen_random_uuid(), 'x') returning id) update eitje.team_members t set organisation_id = o.id from o where t.id = $1 and $2 <> ''`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := newQuarrel(t)
			_, _, err := q.choose(t, "p1", q.profiles[0])
			require.NoError(t, err)
			q.db.Exec(t, spoil, q.profiles[0], q.connection)
			q.sync(t, today)
			require.Equal(t, domain.Standing{Situation: domain.Disputed, Reason: domain.ReasonDecidedProfileGone, Rule: "S6"}, q.stands(t, "p1"))
			require.Empty(t, q.sync(t, today), "S9")
			_, changed, err := q.choose(t, "p1", q.profiles[1])
			require.NoError(t, err, "somebody may decide anew")
			require.True(t, changed)
			q.sync(t, today)
			require.Equal(t, q.profiles[1], q.linkOf(t, "p1"))
		})
	}
}

func TestDispute_S6_OneProfileIsChosenForOnePerson(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	q.connexieSends(t, "p2", shared)
	_, _, err := q.choose(t, "p1", q.profiles[0])
	require.NoError(t, err)
	_, _, err = q.choose(t, "p2", q.profiles[0])
	var chosen *store.ChosenForOtherError
	require.ErrorAs(t, err, &chosen)
	require.Equal(t, "p1", chosen.ConnexieID)

	q.connexieSends(t, "p1", "other@example.nl") // the basis of that decision is gone
	_, _, err = q.choose(t, "p2", q.profiles[0])
	require.NoError(t, err)
}

func TestDispute_S6_WhereTwoWereGivenOneProfileTheFirstGetsItAndNoRunFails(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	q.connexieSends(t, "p1", "other@example.nl")
	q.db.TeamMember(t, testkit.TeamMember{OrganisationID: q.organisation, Email: "other@example.nl"})
	q.connexieSends(t, "p2", shared)
	_, _, err := q.choose(t, "p2", q.profiles[0])
	require.NoError(t, err)
	q.db.Exec(t, `
		insert into connexie.dispute_decisions (id, connection_id, connexie_id, decision, team_member_id, dispute, email_key,
		       candidates, decided_by, decided_at)
		values (gen_random_uuid(), $1, 'p1', 'link', $2, 'likely_duplicate', 'other@example.nl', '{}', 'cli', now())`,
		q.connection, q.profiles[0])
	q.sync(t, today)
	require.Equal(t, q.profiles[0], q.linkOf(t, "p1"))
	require.Equal(t, domain.ReasonDecidedProfileGone, q.stands(t, "p2").Reason)
}

func TestDispute_S6_WhatCannotBeDecidedIsRefusedAndNothingChanges(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	q.connexieSends(t, "p3", "alone@example.nl")
	stranger := q.db.TeamMember(t, testkit.TeamMember{OrganisationID: q.db.Organisation(t), Email: shared})
	q.sync(t, today)
	before := testkit.TakeSnapshot(t, q.db.URL)

	_, _, err := q.decide(t, "nobody", domain.DecideCreate)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, _, err = q.choose(t, "p1", stranger)
	require.ErrorIs(t, err, store.ErrNoCandidate)
	_, _, err = q.choose(t, "p1", q.linkOf(t, "p3"))
	require.ErrorIs(t, err, store.ErrNoCandidate)
	var not *store.NotDisputedError
	_, _, err = q.decide(t, "p3", domain.DecideCreate)
	require.ErrorAs(t, err, &not)
	require.Equal(t, domain.Linked, not.Standing.Situation)
	before.RequireUnchanged(t, testkit.TakeSnapshot(t, q.db.URL))
}
