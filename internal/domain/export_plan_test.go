package domain_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/eitje/connexie-worker/internal/domain"
)

// leftOut tells of every skip as "kind rule reason".
func leftOut(skips []domain.ExportSkip) []string {
	words := []string{}
	for _, s := range skips {
		words = append(words, fmt.Sprintf("%s %s %s", s.Kind, s.Rule, s.Reason))
	}
	return words
}

// sent tells of every line as "entry kind quantity code".
func sent(lines []domain.ExportLine) []string {
	words := []string{}
	for _, l := range lines {
		words = append(words, fmt.Sprintf("%s %s %s %s", l.EntryID, l.Kind, l.Quantity, l.Code))
	}
	return words
}

func TestExport_EachRuleLeavesOutTheEntryItIsAbout(t *testing.T) {
	t.Parallel()
	noEnd := between(date(theDay).At(9, 0), time.Time{})
	rows := []struct {
		name  string
		entry domain.Entry
		facts exportOption
		why   string
	}{
		{"X1_deleted", shift("e", inState(domain.EntryDeleted)), nil, "X1 deleted"},
		{"X1_open", shift("e", inState(domain.EntryOpen)), nil, "X1 not_approved"},
		{"X1_leave", shift("e", ofKind(domain.EntryLeave)), nil, "X1 leave"},
		{"X1_sick", shift("e", ofKind(domain.EntrySick)), nil, "X1 sick"},
		{"X4_another_day_than_its_start", shift("e", between(date("2026-11-09").At(23, 0), date(theDay).At(7, 0))), nil, "X4 day_differs"},
		{"X2_not_linked", shift("e", by("t9")), nil, "X2 not_linked"},
		{"X2_no_contract", shift("e"), under(), "X2 no_contract"},
		{"X2_contract_by_hand", shift("e"), under(exportContract("", "2026-01-01", "")), "X2 no_contract"},
		{"X2_X17_contract_gone_from_connexie", shift("e"), under(domain.ExportContract{
			ConnexieID: "c1", Type: domain.Flex, Start: date("2026-01-01"), Gone: true,
		}), "X2 no_contract"},
		{"X2_not_started", shift("e"), under(flexFrom("2026-11-11")), "X2 contract_not_started"},
		{"X2_ended", shift("e"), under(exportContract("c1", "2026-01-01", "2026-11-09")), "X2 contract_ended"},
		{"X2_gap", shift("e"), under(exportContract("c1", "2026-01-01", "2026-11-09"), exportContract("c2", "2026-11-11", "")), "X2 contract_gap"},
		{"C3_undecided", shift("e", atVenue(undecidedOurs)), nil, "C3 venue_undecided"},
		{"C3_not_used", shift("e", atVenue(unused)), nil, "C3 venue_not_used"},
		{"C5_inactive", shift("e", atVenue(closedOurs)), nil, "C5 venue_inactive"},
		{"C5_contract_at_an_inactive_venue", shift("e"), under(domain.ExportContract{
			ConnexieID: "c1", Type: domain.Flex, Start: date("2026-01-01"), VenueInactive: true,
		}), "C5 contract_venue_inactive"},
		{"X5_no_end", shift("e", noEnd), nil, "X5 no_end"},
		{"X5_no_start", shift("e", between(time.Time{}, date(theDay).At(9, 0))), nil, "X5 no_end"},
		{"X5_ends_before_it_starts", shift("e", between(date(theDay).At(9, 0), date(theDay).At(8, 0))), nil, "X5 negative_length"},
		{"X5_longer_break_than_shift", shift("e", func(e *domain.Entry) { e.BreakMinutes = 481 }), nil, "X5 negative_length"},
		{"X5_too_many_minutes", shift("e", approved(31*24*60+1)), nil, "X5 too_long"},
		{"X5_ends_in_another_age", shift("e", between(date(theDay).At(9, 0), date("9999-12-31").At(9, 0))), nil, "X5 too_long"},
		{"X6_zero", shift("e", approved(0)), nil, "X6 zero_length"},
		{"X6_break_as_long_as_the_shift", shift("e", func(e *domain.Entry) { e.BreakMinutes = 480 }), nil, "X6 zero_length"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			withExtras := row.entry
			withMeal("lunch", "1")(&withExtras)
			travelling("4.75")(&withExtras)
			facts := exporting([]domain.Entry{withExtras})
			if row.facts != nil {
				row.facts(&facts)
			}
			lines, skips := domain.PlanExport(facts)
			require.Empty(t, lines)
			require.Equal(t, []string{"hours " + row.why, "meal " + row.why, "allowance " + row.why}, leftOut(skips))
		})
	}
}

func TestExport_X5_AnEntryOf31DaysIsTheLongestThatGoesOut(t *testing.T) {
	t.Parallel()
	lines, skips := domain.PlanExport(exporting([]domain.Entry{shift("e", approved(31*24*60))}))
	require.Empty(t, skips)
	require.Equal(t, []string{"e hours 744.00 1000"}, sent(lines))
}

func TestExport_X16_TheFirstRuleThatLeavesAnEntryOutIsTheOneNamed(t *testing.T) {
	t.Parallel()
	// Everything is wrong; each step mends what was named.
	facts := exporting([]domain.Entry{shift("e", inState(domain.EntryDeleted), ofKind(domain.EntrySick), by("t9"), atVenue(undecidedOurs),
		between(date("2026-11-09").At(9, 0), date("2026-11-09").At(8, 0)), withMeal("dinner", "1.5"))}, kinds(domain.ExportMeals))
	facts.Contracts["t9"] = []domain.ExportContract{{ConnexieID: "c1", Type: domain.Payroll, Start: date("2027-01-01"), VenueInactive: true}}
	entry := &facts.Entries[0]
	contract := &facts.Contracts["t9"][0]
	steps := []struct {
		why  string
		mend func()
	}{
		{"X1 deleted", func() { entry.State = domain.EntryOpen }},
		{"X1 not_approved", func() { entry.State = domain.EntryApproved }},
		{"X1 sick", func() { entry.Kind = domain.EntryWorked }},
		{"X4 day_differs", func() { entry.Day = date("2026-11-09") }},
		{"X2 not_linked", func() { facts.Links["t9"] = "p9" }},
		{"X2 contract_not_started", func() { contract.Start = date("2026-11-09") }},
		{"C3 venue_undecided", func() { facts.Venues[undecidedOurs] = facts.Venues[closedOurs] }},
		{"C5 venue_inactive", func() { entry.VenueID = ourMain }},
		{"C5 contract_venue_inactive", func() { contract.VenueInactive = false }},
		{"X5 negative_length", func() { entry.EndsAt = date("2026-11-09").At(9, 0) }},
		{"X6 zero_length", func() { entry.EndsAt = date("2027-11-09").At(10, 0) }},
		{"X5 too_long", func() { entry.EndsAt = date("2026-11-09").At(10, 0) }},
		{"X3 contract_type", func() { contract.Type = domain.FixedHours }},
		{"X6 not_a_count", func() { entry.Extras[0].Quantity = decimal.MustParse("2.00") }},
		{"C6 unmapped", func() { facts.Codes[domain.CodeKey{Kind: domain.LineMeal, Type: "dinner"}] = "2100" }},
	}
	for _, step := range steps {
		lines, skips := domain.PlanExport(facts)
		require.Empty(t, lines, step.why)
		require.Equal(t, []string{"meal " + step.why}, leftOut(skips))
		step.mend()
	}
	lines, skips := domain.PlanExport(facts)
	require.Empty(t, skips)
	require.Equal(t, []string{"e meal 2.00 2100"}, sent(lines))
}

func TestExport_X2_TheContractOnTheDayDecidesNotTodays(t *testing.T) {
	t.Parallel()
	leaver := under(exportContract("c1", "2026-01-01", "2026-11-10"))
	rows := []struct {
		name      string
		day       string
		contracts exportOption
		want      string
	}{
		{"X2_the_last_contract_day_is_in", "2026-11-10", leaver, "c1"},
		{"X2_the_day_after_is_out", "2026-11-11", leaver, ""},
		{"X2_the_first_contract_day_is_in", "2026-11-10", under(flexFrom("2026-11-10")), "c1"},
		{"X2_a_day_in_a_gap_is_out", "2026-11-10", under(exportContract("c1", "2026-01-01", "2026-11-09"), exportContract("c2", "2026-11-11", "")), ""},
		{"X2_the_contract_before", "2026-11-10", under(exportContract("c1", "2026-01-01", "2026-11-10"), exportContract("c2", "2026-11-11", "")), "c1"},
		{"X2_the_contract_after", "2026-11-11", under(exportContract("c1", "2026-01-01", "2026-11-10"), exportContract("c2", "2026-11-11", "")), "c2"},
		{"S17_the_latest_start", "2026-11-10", under(exportContract("c2", "2026-01-01", ""), exportContract("c1", "2026-02-01", "")), "c1"},
		{"S17_then_the_highest_id", "2026-11-10", under(exportContract("c10", "2026-01-01", ""), exportContract("c9", "2026-01-01", "")), "c9"},
		{"X2_one_by_hand_does_not_count", "2026-11-10", under(exportContract("", "2026-03-01", ""), exportContract("c1", "2026-01-01", "")), "c1"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			lines, skips := domain.PlanExport(exporting([]domain.Entry{shift("e", on(row.day))}, row.contracts))
			if row.want == "" {
				require.Empty(t, lines)
				require.Len(t, skips, 1)
				return
			}
			require.Len(t, lines, 1)
			require.Equal(t, row.want, lines[0].ContractID)
			require.Empty(t, skips)
		})
	}
}

func TestExport_X4_AShiftBelongsWholeToTheDayOnWhichItStarts(t *testing.T) {
	t.Parallel()
	night := between(date("2026-11-30").At(22, 0), date("2026-12-01").At(6, 0))
	onLastDay := shift("e", on("2026-11-30"), night)
	lines, skips := domain.PlanExport(exporting([]domain.Entry{onLastDay}, under(exportContract("c1", "2026-01-01", "2026-11-30"))))
	require.Empty(t, skips)
	require.Equal(t, []string{"e hours 8.00 1000"}, sent(lines))
	require.Equal(t, date("2026-11-30"), lines[0].Day)
	december := func(f *domain.ExportFacts) {
		f.Period = domain.Period{From: date("2026-12-01"), To: date("2026-12-31")}
	}
	lines, skips = domain.PlanExport(exporting([]domain.Entry{onLastDay}, december))
	require.Empty(t, lines, "the period of the day on which it ends has nothing of it")
	require.Empty(t, skips)
}

func TestExport_X7_OnlyTheChosenKindsAreAskedAbout(t *testing.T) {
	t.Parallel()
	entries := []domain.Entry{
		shift("e1", withMeal("lunch", "1"), travelling("4.75")),
		shift("e2", inState(domain.EntryOpen)),
	}
	rows := []struct {
		kinds []domain.ExportKind
		lines []string
		skips []string
	}{
		{domain.ExportKinds(), []string{"e1 hours 8.00 1000", "e1 meal 1 2000", "e1 allowance 4.75 3000"}, []string{"hours X1 not_approved"}},
		{[]domain.ExportKind{domain.ExportHours}, []string{"e1 hours 8.00 1000"}, []string{"hours X1 not_approved"}},
		{[]domain.ExportKind{domain.ExportMeals}, []string{"e1 meal 1 2000"}, []string{}},
		{[]domain.ExportKind{domain.ExportAllowances}, []string{"e1 allowance 4.75 3000"}, []string{}},
	}
	for _, row := range rows {
		lines, skips := domain.PlanExport(exporting(entries, kinds(row.kinds...)))
		require.Equal(t, row.lines, sent(lines))
		require.Equal(t, row.skips, leftOut(skips))
	}
}

func TestExport_X2_TheEntrysVenueChoosesTheImport(t *testing.T) {
	t.Parallel()
	lines, _ := domain.PlanExport(exporting([]domain.Entry{shift("e1"), shift("e2", atVenue(ourSecond))}))
	require.Equal(t, []string{mainVenue, secondVenue}, []string{lines[0].ConnexieVenueID, lines[1].ConnexieVenueID})
}

func TestExport_C6_TheTypeOfAnExtraIsFoundWithoutBlanksAndKeptAsItIs(t *testing.T) {
	t.Parallel()
	lines, skips := domain.PlanExport(exporting([]domain.Entry{shift("e", withMeal(" lunch ", "1"), withMeal("dinner", "1"))}, kinds(domain.ExportMeals)))
	require.Equal(t, []string{"meal C6 unmapped"}, leftOut(skips))
	require.Equal(t, "dinner", skips[0].Type)
	require.Len(t, lines, 1)
	require.Equal(t, " lunch ", lines[0].Type)
}

func TestExport_X6_AMealIsACountAndAnAllowanceNeedNotBe(t *testing.T) {
	t.Parallel()
	entry := shift("e", withMeal("lunch", "0.5"), travelling("0.5"))
	lines, skips := domain.PlanExport(exporting([]domain.Entry{entry}, kinds(domain.ExportMeals, domain.ExportAllowances)))
	require.Equal(t, []string{"e allowance 0.5 3000"}, sent(lines))
	require.Equal(t, []string{"meal X6 not_a_count"}, leftOut(skips))
}

func TestExport_X13_LinesAreNumberedVenueByVenue(t *testing.T) {
	t.Parallel()
	extras := []entryOption{travelling("1"), withMeal("lunch", "1")}
	noStart := func(e *domain.Entry) { e.StartsAt, e.EndsAt, e.Minutes = time.Time{}, time.Time{}, new(60) }
	entries := []domain.Entry{
		shift("e8", by("t2"), atVenue(ourSecond)),
		shift("e1", on("2026-11-11")),
		shift("e3", extras...),
		shift("e4", between(date(theDay).At(8, 0), date(theDay).At(9, 0))),
		shift("e2"),
		shift("e9", noStart),
		shift("e0", by("t2")),
	}
	lines, _ := domain.PlanExport(exporting(entries))
	var order []string
	for i, line := range lines {
		require.Equal(t, i+1, line.Number)
		order = append(order, fmt.Sprintf("%s %s %s %s", line.ConnexieVenueID, line.ConnexieID, line.EntryID, line.Kind))
	}
	require.Equal(t, []string{
		"V1 p1 e9 hours", "V1 p1 e4 hours", "V1 p1 e2 hours", "V1 p1 e3 hours", "V1 p1 e3 meal", "V1 p1 e3 allowance",
		"V1 p1 e1 hours", "V1 p2 e0 hours", "V2 p2 e8 hours",
	}, order)
	slices.SortFunc(entries, func(a, b domain.Entry) int { return cmp.Compare(a.ID, b.ID) })
	again, _ := domain.PlanExport(exporting(entries))
	require.Equal(t, lines, again, "the order in which entries come decides nothing")
}

func TestExport_X15_NothingToExportIsAResultWithItsReasons(t *testing.T) {
	t.Parallel()
	lines, skips := domain.PlanExport(exporting(nil))
	require.Empty(t, lines)
	require.Empty(t, skips)
	lines, skips = domain.PlanExport(exporting([]domain.Entry{shift("e", inState(domain.EntryOpen))}))
	require.Empty(t, lines)
	require.Equal(t, []domain.ExportSkip{{
		EntryID: "e", Kind: domain.LineHours, TeamMemberID: "t1", Day: date(theDay), Rule: "X1", Reason: "not_approved",
	}}, skips)
}

func TestExport_X3_TwelveCells(t *testing.T) {
	t.Parallel()
	cells := []struct {
		contract domain.ContractType
		kind     domain.LineKind
		goesOut  bool
	}{
		{domain.Flex, domain.LineHours, true},
		{domain.Flex, domain.LineMeal, true},
		{domain.Flex, domain.LineAllowance, true},
		{domain.FixedHours, domain.LineHours, false},
		{domain.FixedHours, domain.LineMeal, true},
		{domain.FixedHours, domain.LineAllowance, true},
		{domain.SelfEmployed, domain.LineHours, false},
		{domain.SelfEmployed, domain.LineMeal, false},
		{domain.SelfEmployed, domain.LineAllowance, false},
		{domain.Payroll, domain.LineHours, false},
		{domain.Payroll, domain.LineMeal, false},
		{domain.Payroll, domain.LineAllowance, false},
	}
	for _, cell := range cells {
		t.Run(fmt.Sprintf("X3_%s_%s", cell.contract, cell.kind), func(t *testing.T) {
			t.Parallel()
			contract := flexFrom("2026-01-01")
			contract.Type = cell.contract
			entry := shift("e", withMeal("lunch", "1"), travelling("4.75"))
			lines, skips := domain.PlanExport(exporting([]domain.Entry{entry}, under(contract), kinds(cell.kind.ExportKind())))
			require.Equal(t, cell.goesOut, domain.MayExport(cell.contract, cell.kind))
			if cell.goesOut {
				require.Len(t, lines, 1)
				require.Equal(t, cell.kind, lines[0].Kind)
				require.Empty(t, skips)
				return
			}
			require.Empty(t, lines)
			require.Equal(t, []string{string(cell.kind) + " X3 contract_type"}, leftOut(skips))
		})
	}
	require.False(t, domain.MayExport("intern", domain.LineMeal), "a type that nobody knows")
}

func TestExport_X3_OneContractChangesTypeWithinThePeriod(t *testing.T) {
	t.Parallel()
	fixed := exportContract("c2", "2026-11-11", "")
	fixed.Type = domain.FixedHours
	entries := []domain.Entry{shift("e1", withMeal("lunch", "1")), shift("e2", on("2026-11-11"), withMeal("lunch", "1"))}
	lines, skips := domain.PlanExport(exporting(entries, under(exportContract("c1", "2026-01-01", "2026-11-10"), fixed)))
	require.Equal(t, []string{"e1 hours 8.00 1000", "e1 meal 1 2000", "e2 meal 1 2000"}, sent(lines))
	require.Equal(t, []string{"hours X3 contract_type"}, leftOut(skips))
}

func TestExport_X12_X13_N1_NoticesAreOfTheirPeriodAndSayWhatToDo(t *testing.T) {
	t.Parallel()
	november := domain.Period{From: date("2026-11-01"), To: date("2026-11-30")}
	again := domain.ExportRequest{
		ConnectionID: "conn", Period: november, Kinds: []domain.ExportKind{domain.ExportMeals, domain.ExportHours},
	}
	const command = "starter export --connection conn --from 2026-11-01 --to 2026-11-30 --kinds hours,meals"
	changed := domain.ExportChangedNotice(again, 1)
	require.Equal(t, domain.CauseExportedChanged, changed.Cause)
	require.Equal(t, "2026-11-01_2026-11-30", changed.Subject)
	require.True(t, strings.HasPrefix(changed.NextStep, "1 entry changed since the export of 2026-11-01 to 2026-11-30"), changed.NextStep)
	require.Contains(t, changed.NextStep, "X12")
	require.Contains(t, changed.NextStep, command+" --preview.")
	require.Contains(t, changed.NextStep, command+".")
	require.NotEqual(t, changed, domain.ExportChangedNotice(again, 2))
	incomplete := []struct {
		outcome domain.ExportOutcome
		says    string
	}{
		{domain.ExportPartly, "X13"}, {domain.ExportRefused, "nothing"}, {domain.ExportRejected, "X17"},
		{domain.ExportFailed, "without a result"}, {domain.ExportSuperseded, "replaced"},
	}
	for _, row := range incomplete {
		notice := domain.ExportIncompleteNotice(again, "x1", row.outcome, "X9: payroll of venue V1 has run.")
		require.Equal(t, domain.CauseExportIncomplete, notice.Cause)
		require.Equal(t, "2026-11-01_2026-11-30", notice.Subject)
		for _, said := range []string{row.says, "X9: payroll of venue V1 has run. See", "starter export show --export x1.", command + "."} {
			require.Contains(t, notice.NextStep, said)
		}
	}
}
