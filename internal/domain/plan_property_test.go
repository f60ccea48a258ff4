package domain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

// The properties hold for whatever facts can arise; the reference is in
// oracle_test.go.

func TestPlan_S3_S4_S5_S6_S7_S11_S15_S22_C2_C5_SituationEqualsTheReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		plan := domain.PlanPerson(w.Facts)
		got := verdict{plan.Situation, plan.Reason, plan.Rule}
		require.Equal(t, judge(w), got)
	})
}

func TestPlan_S9_ApplyingTwiceWritesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		after := apply(w.Facts, planned(w.Facts))
		again := domain.PlanPerson(after)
		require.True(t, again.Quiet(), "second plan: %+v", again)
		require.Equal(t, domain.ActionNone, again.Action)
		require.False(t, again.WritesProfile)
		require.Empty(t, slices.Concat(again.RemoveContracts, again.AddVenues))
		require.Empty(t, again.WriteContracts)
		require.Zero(t, again.ContractsEnded)
	})
}

func TestPlan_S10_ChangesAreExactlyTheDifference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		plan := planned(w.Facts)
		if plan.Profile == nil {
			require.Empty(t, plan.Changes)
			return
		}
		before, after := heldBefore(w.Facts, plan), apply(w.Facts, plan).Profile
		require.Equal(t, cells(*after), cells(*plan.Profile), "the plan's profile is the one afterwards")
		require.ElementsMatch(t, expectedLines(plan, *before, *after), plan.Changes)
	})
}

// expectedLines adds to the differences what tells of a new link; a created
// profile is told of by one line instead of one per value.
func expectedLines(plan domain.Plan, before, after domain.Profile) []domain.Change {
	lines := differences(before, after)
	line := domain.Change{ObjectID: after.ID, After: plan.ConnexieID}
	switch plan.Action {
	case domain.ActionCreate:
		lines = having(lines, func(c domain.Change) bool { return c.Object != domain.ObjectTeamMember })
		line.Object, line.Field = domain.ObjectTeamMember, domain.FieldCreated
	case domain.ActionLink:
		line.Object, line.Field = domain.ObjectLink, "connexie_id"
	default:
		return lines
	}
	return append(lines, line)
}

func TestPlan_S10_UndoingTheAuditRestoresTheContracts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		plan := planned(w.Facts)
		if plan.Profile == nil {
			return
		}
		restored := undo(apply(w.Facts, plan).Profile.Contracts, plan.Changes)
		require.Equal(t,
			cells(domain.Profile{Contracts: heldBefore(w.Facts, plan).Contracts}),
			cells(domain.Profile{Contracts: restored}))
	})
}

func TestPlan_S5_LinksNeverMove(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		plan := planned(w.Facts)
		links := having(plan.Changes, func(c domain.Change) bool { return c.Object == domain.ObjectLink })
		switch {
		case w.Facts.Profile != nil && plan.Profile != nil:
			require.Equal(t, w.Facts.Profile.ID, plan.Profile.ID)
			require.Empty(t, links)
		case plan.Action == domain.ActionLink:
			require.Equal(t, []domain.Change{{
				Object: domain.ObjectLink, ObjectID: heldBefore(w.Facts, plan).ID, Field: "connexie_id", After: "p1",
			}}, links)
		default:
			require.Empty(t, links)
		}
	})
}

func TestPlan_S5_EmailDecidesNothingOnceLinked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, other := drawWorld(t), drawWorld(t)
		w.Facts.Profile = new(drawProfile(t, "t0", w.Facts.Day, "pii-c@example.nl"))
		swapped := cloned(w.Facts)
		swapped.Person.Email = other.Facts.Person.Email
		swapped.Candidates, swapped.Rivals, swapped.EmailTaken = other.Facts.Candidates, other.Facts.Rivals, other.Facts.EmailTaken
		plan, swappedPlan := domain.PlanPerson(w.Facts), domain.PlanPerson(swapped)
		for _, p := range []*domain.Plan{&plan, &swappedPlan} {
			p.Open, p.Close, p.Steps = nil, nil, nil // the notice about the address may differ
		}
		require.Equal(t, plan, swappedPlan)
	})
}

func TestPlan_S14_S18_NobodyIsDeactivatedAndNoVenueRemoved(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		plan := planned(w.Facts)
		if plan.Profile == nil {
			return
		}
		before := heldBefore(w.Facts, plan)
		require.True(t, plan.Profile.Active || !before.Active)
		require.Subset(t, plan.Profile.Venues, before.Venues)
	})
}

func TestPlan_S8_PersonalDataFollowsConnexieAndAbsentMembersNeverClear(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		plan := planned(w.Facts)
		if plan.Profile == nil {
			return
		}
		before, person := heldBefore(w.Facts, plan), w.Facts.Person
		want := *before
		want.FirstName, want.LastName = person.FirstName, person.LastName
		want.Infix = sentOr(person.Infix, before.Infix)
		want.DateOfBirth = sentOr(person.DateOfBirth, before.DateOfBirth)
		want.Phone = sentOr(person.Phone, before.Phone)
		want.Street = sentOr(person.Street, before.Street)
		want.HouseNumber = sentOr(person.HouseNumber, before.HouseNumber)
		want.PostalCode = sentOr(person.PostalCode, before.PostalCode)
		want.City = sentOr(person.City, before.City)
		want.Country = sentOr(person.Country, before.Country)
		if plan.Action == domain.ActionCreate {
			want.ID, want.Email = plan.Profile.ID, strings.TrimSpace(person.Email)
		}
		got := *plan.Profile
		want.Active, want.DeactivatedAt, want.DeactivatedBy = got.Active, got.DeactivatedAt, got.DeactivatedBy
		want.Venues, want.Contracts = got.Venues, got.Contracts
		require.Equal(t, want, got)
	})
}

func sentOr[T comparable](field domain.Field[T], before T) T {
	if field.Sent {
		return field.Value
	}
	return before
}

func TestPlan_N1_NotificationsEqualTheReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		plan := planned(w.Facts)
		require.ElementsMatch(t, causesAfter(w, judge(w), plan.Profile), apply(w.Facts, plan).OpenCauses)
		for _, notice := range plan.Open {
			require.NotContains(t, w.Facts.OpenCauses, notice.Cause, "an open notification comes again")
		}
		for _, cause := range plan.Close {
			require.Contains(t, w.Facts.OpenCauses, cause)
		}
	})
}

func TestPlan_N4_StepsAndNoticesCarryNoPersonalData(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plan := domain.PlanPerson(drawWorld(t).Facts)
		said := fmt.Sprint(plan.Steps, plan.Open, plan.Events, plan.Close)
		for _, mark := range personalMarks {
			require.NotContains(t, said, mark)
		}
		for _, notice := range slices.Concat(plan.Open, plan.Events) {
			require.Equal(t, "p1", notice.Subject)
			require.NotEmpty(t, notice.NextStep)
		}
	})
}

func TestPlan_S20_TheStepsNameTheRuleThatDecided(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plan := domain.PlanPerson(drawWorld(t).Facts)
		var rules []string
		for _, step := range plan.Steps {
			require.NotEmpty(t, step.Question)
			require.NotEmpty(t, step.Answer)
			rules = append(rules, step.Rule)
		}
		require.Contains(t, rules, plan.Rule)
	})
}

func TestPlan_S19_PlanningChangesNothingAndOrderDecidesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		untouched, shuffled := cloned(w.Facts), cloned(w.Facts)
		shuffled.Person.Contracts = rapid.Permutation(shuffled.Person.Contracts).Draw(t, "order of contracts")
		shuffled.Candidates = rapid.Permutation(shuffled.Candidates).Draw(t, "order of candidates")
		if shuffled.Profile != nil {
			shuffled.Profile.Contracts = rapid.Permutation(shuffled.Profile.Contracts).Draw(t, "order of held contracts")
		}
		plan := domain.PlanPerson(w.Facts)
		require.Equal(t, untouched, w.Facts, "the facts were written to")
		require.Equal(t, plan, domain.PlanPerson(shuffled))
	})
}

func TestGuard_S16_CountsWhatThePlanDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		plan := planned(w.Facts)
		var want domain.Guarded
		if plan.Profile != nil {
			before, after := heldBefore(w.Facts, plan), apply(w.Facts, plan).Profile
			if before.ID == "" {
				want.Creations = 1
			} else if !before.Active && after.Active {
				want.Reactivations = 1
			}
			want.ContractsEnded = endedBetween(before.Contracts, after.Contracts)
		}
		var got domain.Guarded
		got.Add(plan)
		require.Equal(t, want, got)
	})
}

// endedBetween counts contracts that are gone, or whose end is newly set or earlier.
func endedBetween(before, after []domain.HeldContract) int {
	count := 0
	for _, was := range before {
		is := findHeld(after, was.ID)
		if is == nil || endText(*is) < endText(was) {
			count++
		}
	}
	return count
}

// endText sorts an open end after every date.
func endText(c domain.HeldContract) string {
	if c.End.IsZero() {
		return "open"
	}
	return c.End.String()
}
