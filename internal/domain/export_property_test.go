package domain_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/eitje/connexie-worker/internal/domain"
)

// drawExport draws an export in which every rule has something to say.
func drawExport(t *rapid.T) domain.ExportFacts {
	var entries []domain.Entry
	for i := range rapid.IntRange(0, 12).Draw(t, "entries") {
		entries = append(entries, drawEntry(t, fmt.Sprintf("e%02d", i)))
	}
	facts := exporting(entries)
	facts.Period = domain.Period{From: date("2026-11-09"), To: date("2026-11-12")}
	facts.Kinds = drawSome(t, domain.ExportKinds(), "kinds")
	for _, member := range []string{"t1", "t2", "t9"} {
		var contracts []domain.ExportContract
		for _, id := range drawSome(t, []string{"", "c1", "c2", "c3"}, member+"'s contracts") {
			start, end := drawSpan(t, date(theDay), member+id)
			contracts = append(contracts, domain.ExportContract{
				ConnexieID: id, Type: drawType(t, member+id), Start: start, End: end,
				VenueInactive: drawSeldom(t, true, member+id+"'s venue is Inactive"),
			})
		}
		facts.Contracts[member] = contracts
	}
	return facts
}

func drawEntry(t *rapid.T, id string) domain.Entry {
	day := date("2026-11-08").AddDays(rapid.IntRange(0, 5).Draw(t, id+"'s day"))
	options := []entryOption{
		on(day.String()),
		by(rapid.SampledFrom([]string{"t1", "t1", "t2", "t9"}).Draw(t, id+" is by")),
		atVenue(rapid.SampledFrom([]string{ourMain, ourMain, ourSecond, closedOurs, undecidedOurs, unused}).Draw(t, id+" is at")),
		inState(rapid.SampledFrom([]string{domain.EntryApproved, domain.EntryApproved, domain.EntryOpen, domain.EntryDeleted}).Draw(t, id+"'s state")),
		ofKind(rapid.SampledFrom([]string{domain.EntryWorked, domain.EntryWorked, domain.EntryLeave, domain.EntrySick}).Draw(t, id+"'s kind")),
	}
	length := []entryOption{
		func(*domain.Entry) {}, approved(20), approved(50), approved(0), approved(math.MaxInt32),
		between(time.Time{}, time.Time{}), between(day.At(9, 0), day.At(8, 0)), between(day.At(23, 30), day.AddDays(1).At(0, 10)),
	}
	options = append(options, rapid.SampledFrom(length).Draw(t, id+"'s length"))
	extras := []entryOption{withMeal("lunch", "1"), withMeal(" lunch", "2"), withMeal("dinner", "1"), withMeal("snack", "0.5"), travelling("4.75")}
	return shift(id, append(options, drawSome(t, extras, id+"'s extras")...)...)
}

func TestExport_X16_EveryCandidateIsSentOrLeftOutOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		facts := drawExport(t)
		var candidates []string
		for _, e := range facts.Entries {
			if !facts.Contains(domain.Period{From: e.Day, To: e.Day}) {
				continue
			}
			if slices.Contains(facts.Kinds, domain.ExportHours) {
				candidates = append(candidates, e.ID+" hours ")
			}
			for _, x := range e.Extras {
				if slices.Contains(facts.Kinds, x.Kind.ExportKind()) {
					candidates = append(candidates, fmt.Sprintf("%s %s %s", e.ID, x.Kind, x.Type))
				}
			}
		}
		lines, skips := domain.PlanExport(facts)
		var told []string
		for _, l := range lines {
			told = append(told, fmt.Sprintf("%s %s %s", l.EntryID, l.Kind, l.Type))
		}
		for _, s := range skips {
			told = append(told, fmt.Sprintf("%s %s %s", s.EntryID, s.Kind, s.Type))
			require.NotEmpty(t, s.Rule)
			require.NotEmpty(t, s.Reason)
		}
		require.ElementsMatch(t, candidates, told)
	})
}

// A line holds what the rules say in so many words, read off the facts one by one.
func TestExport_X1_X2_X3_X4_X6_C3_C5_C6_ALineKeepsEveryRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		facts := drawExport(t)
		lines, _ := domain.PlanExport(facts)
		for i, l := range lines {
			require.Equal(t, i+1, l.Number)
			e := facts.Entries[slices.IndexFunc(facts.Entries, func(e domain.Entry) bool { return e.ID == l.EntryID })]
			require.Equal(t, []string{"approved", "worked"}, []string{e.State, e.Kind}, "X1")
			require.True(t, e.StartsAt.IsZero() || domain.DayOf(e.StartsAt) == l.Day, "X4")
			venue := facts.Venues[e.VenueID]
			require.Equal(t, domain.ExportVenueChoice{Decided: true, ConnexieID: l.ConnexieVenueID}, venue, "C3, C5")
			require.NotEmpty(t, l.ConnexieVenueID, "C3")
			require.Equal(t, facts.Links[e.TeamMemberID], l.ConnexieID, "X2")
			requireLineUnderItsContract(t, facts, l)
			require.NotEmpty(t, l.Code, "C6")
			require.True(t, l.Quantity.IsPos(), "X6")
			require.True(t, l.Kind != domain.LineMeal || l.Quantity.IsInt(), "X6")
		}
	})
}

// requireLineUnderItsContract: it covers the day, none that covers it beats it (S17), its
// venue is used, and its type takes the kind (X3).
func requireLineUnderItsContract(t *rapid.T, facts domain.ExportFacts, l domain.ExportLine) {
	covers := func(c domain.ExportContract) bool {
		return c.ConnexieID != "" && c.Start.String() <= l.Day.String() && (c.End.IsZero() || l.Day.String() <= c.End.String())
	}
	contracts := facts.Contracts[l.TeamMemberID]
	under := contracts[slices.IndexFunc(contracts, func(c domain.ExportContract) bool { return c.ConnexieID == l.ContractID })]
	require.True(t, covers(under), "X2")
	require.False(t, under.VenueInactive, "X2, C5")
	for _, other := range contracts {
		require.False(t, covers(other) && other.Start.String()+other.ConnexieID > under.Start.String()+under.ConnexieID, "S17")
	}
	allowed := map[domain.ContractType][]domain.LineKind{
		domain.Flex:       {domain.LineHours, domain.LineMeal, domain.LineAllowance},
		domain.FixedHours: {domain.LineMeal, domain.LineAllowance},
	}
	require.Contains(t, allowed[under.Type], l.Kind, "X3")
}
