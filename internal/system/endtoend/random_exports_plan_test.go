package endtoend

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/eitje/connexie-worker/internal/sandbox"
	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// plan tells what an export sends and what it leaves out.
func (r *reference) plan(q request) ([]exportedLine, []leftOut) {
	var (
		lines  []exportedLine
		skips  []leftOut
		before = map[string]int{}
	)
	for _, e := range r.inOrder(q.Period) {
		whole := r.whyNot(e)
		contract, _ := r.contractOn(e)
		candidates := append([]seed.Extra{{Kind: seed.Hours}}, e.Extras...)
		for _, x := range candidates {
			if !slices.Contains(q.kinds, x.Kind) && !slices.Contains(q.kinds, x.Kind+"s") {
				continue
			}
			why := cmp.Or(whole, r.whyNotOf(contract, x))
			if why != "" {
				rule, reason, _ := strings.Cut(why, " ")
				skips = append(skips, leftOut{e.ID, x.Kind, x.Type, rule, reason})
				continue
			}
			l := exportedLine{
				Venue: r.places[e.VenueID], Person: r.members[e.ProfileID], Contract: contract.ID, Member: e.ProfileID,
				Entry: e.ID, Day: e.Day, Kind: x.Kind, Type: x.Type, Code: r.codeFor(x), Quantity: tenThousandths(x.Quantity),
			}
			if x.Kind == seed.Hours {
				minutes, _ := length(e)
				account := l.Venue + " " + l.Person
				l.Quantity = hours(before[account]+minutes) - hours(before[account])
				before[account] += minutes
			}
			lines = append(lines, l)
		}
	}
	return lines, skips
}

// hours are minutes as hours, rounded half up to two decimals (X5), in ten-thousandths.
func hours(minutes int) int64 { return int64((200*minutes+60)/120) * 100 }

// inOrder are the entries of a period by day, start and id (X5).
func (r *reference) inOrder(period seed.Period) []seed.Entry {
	var entries []seed.Entry
	for _, e := range r.entries {
		if period.Contains(e.Day) {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b seed.Entry) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), a.StartsAt.Compare(b.StartsAt), cmp.Compare(a.ID, b.ID))
	})
	return entries
}

// whyNot is the first rule that leaves a whole entry out, and the reason.
func (r *reference) whyNot(e seed.Entry) string {
	_, linked := r.members[e.ProfileID]
	contract, gap := r.contractOn(e)
	minutes, known := length(e)
	place := r.places[e.VenueID]
	switch {
	case e.State == seed.Deleted:
		return "X1 deleted"
	case e.State == seed.Open:
		return "X1 not_approved"
	case e.Kind == seed.Leave:
		return "X1 leave"
	case e.Kind == seed.Sick:
		return "X1 sick"
	case !e.StartsAt.IsZero() && sandbox.DateOf(e.StartsAt) != e.Day:
		return "X4 day_differs"
	case !linked:
		return "X2 not_linked"
	case gap != "":
		return "X2 " + gap
	case place == "":
		return "C3 venue_not_used"
	case r.venues[place].inactive():
		return "C5 venue_inactive"
	case contract.Venue != "" && r.venues[contract.Venue].inactive():
		return "C5 contract_venue_inactive"
	case !known:
		return "X5 no_end"
	case minutes < 0:
		return "X5 negative_length"
	case minutes == 0:
		return "X6 zero_length"
	}
	return ""
}

// whyNotOf is why one line of an entry is left out.
func (r *reference) whyNotOf(contract hired, x seed.Extra) string {
	extra := x.Kind != seed.Hours
	switch {
	case contract.Type != sandbox.Flex && (contract.Type != sandbox.FixedHours || !extra):
		return "X3 contract_type"
	case x.Kind == seed.Meal && tenThousandths(x.Quantity)%10_000 != 0:
		return "X6 not_a_count"
	case r.codeFor(x) == "":
		return "C6 unmapped"
	}
	return ""
}

func (r *reference) codeFor(x seed.Extra) string {
	return r.codes[codeOf{x.Kind, strings.TrimSpace(x.Type)}]
}

// contractOn is the contract on the day of an entry: of several the one that began last,
// then the one with the highest id (S17); where there is none, why.
func (r *reference) contractOn(e seed.Entry) (hired, string) {
	contracts := slices.Clone(r.contracts[e.ProfileID])
	slices.SortFunc(contracts, func(a, b hired) int { return cmp.Or(cmp.Compare(b.From, a.From), cmp.Compare(b.ID, a.ID)) })
	past, future := false, false
	for _, c := range contracts {
		switch {
		case e.Day < c.From:
			future = true
		case c.To != "" && c.To < e.Day:
			past = true
		default:
			return c, ""
		}
	}
	switch {
	case past && future:
		return hired{}, "contract_gap"
	case future:
		return hired{}, "contract_not_started"
	case past:
		return hired{}, "contract_ended"
	}
	return hired{}, "no_contract"
}

// length is the net length of an entry in whole minutes; whether it is known.
func length(e seed.Entry) (int, bool) {
	switch {
	case e.Minutes != nil:
		return *e.Minutes, true
	case e.StartsAt.IsZero(), e.EndsAt.IsZero():
		return 0, false
	}
	seconds := int(e.EndsAt.Unix() - e.StartsAt.Unix())
	minutes := 0
	for ; seconds < 0; seconds += 60 {
		minutes--
	}
	return minutes + seconds/60 - e.BreakMinutes, true
}

// tenThousandths reads a decimal of at most four places; hours have none yet.
func tenThousandths(decimal string) int64 {
	whole, part, _ := strings.Cut(decimal, ".")
	if whole == "" {
		return 0
	}
	value, err := strconv.ParseInt(whole+part+strings.Repeat("0", 4-len(part)), 10, 64)
	if err != nil {
		panic(err) // the test wrote it
	}
	return value
}

// plain is a decimal without zeros at its end.
func plain(tenThousandths int64) string {
	text := fmt.Sprintf("%d.%04d", tenThousandths/10_000, tenThousandths%10_000)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}
