package endtoend

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/eitje/connexie-worker/internal/domain"
)

// auditExplains works out, for every transaction of ours, the audit that its writes
// call for, and holds it against the lines that it left (S10).
func auditExplains(_ *testing.T, _ *world, writes []write) (broken []string) {
	for _, xid := range transactions(writes) {
		mine := slices.DeleteFunc(slices.Clone(writes), func(w write) bool { return w.XID != xid || !w.ours() })
		due, left := linesDue(rowsOf(mine)), linesLeft(mine)
		for _, line := range missingFrom(left, due) {
			broken = append(broken, fmt.Sprintf("transaction %s wrote and did not say: %+v", xid, line))
		}
		for _, line := range missingFrom(due, left) {
			broken = append(broken, fmt.Sprintf("transaction %s says and did not write: %+v", xid, line))
		}
	}
	return broken
}

func transactions(writes []write) []string {
	var all []string
	for _, w := range writes {
		if w.ours() && !slices.Contains(all, w.XID) {
			all = append(all, w.XID)
		}
	}
	return all
}

// rowChange is what a transaction made of one row, however often it wrote it.
type rowChange struct {
	place        string
	was, becomes map[string]any
}

// rowsOf folds several writes of one row into one.
func rowsOf(writes []write) []rowChange {
	byKey := map[string]int{}
	var rows []rowChange
	for _, w := range writes {
		row := w.Becomes
		if row == nil {
			row = w.Was
		}
		key := w.Place + fmt.Sprint(row["id"], row["team_member_id"], row["venue_id"], row["connexie_id"])
		if w.Place == teamMembers || w.Place == contracts {
			key = w.Place + fmt.Sprint(row["id"])
		}
		if i, known := byKey[key]; known {
			rows[i].becomes = w.Becomes
			continue
		}
		byKey[key] = len(rows)
		rows = append(rows, rowChange{w.Place, w.Was, w.Becomes})
	}
	return rows
}

// linesDue is the audit that a transaction's rows call for.
func linesDue(rows []rowChange) (due []line) {
	people := map[string]string{}
	made := map[string]bool{}
	for _, row := range rows {
		switch {
		case row.place == linksTable:
			people[fmt.Sprint(row.becomes["team_member_id"])] = fmt.Sprint(row.becomes["connexie_id"])
		case row.place == teamMembers && row.was == nil:
			made[fmt.Sprint(row.becomes["id"])] = true
		}
	}
	for _, row := range rows {
		switch row.place {
		case teamMembers:
			due = append(due, memberLines(row, people)...)
		case contracts:
			due = append(due, contractLines(row)...)
		case teamMemberVenues:
			if row.becomes != nil {
				due = append(due, line{domain.ObjectVenue, canonical(row.becomes["team_member_id"]), "venue_id", "", canonical(row.becomes["venue_id"])})
			}
		case linksTable:
			if member := canonical(row.becomes["team_member_id"]); !made[member] {
				due = append(due, line{domain.ObjectLink, member, "connexie_id", "", people[member]})
			}
		}
	}
	return due
}

func memberLines(row rowChange, people map[string]string) []line {
	if row.was == nil {
		id := canonical(row.becomes["id"])
		return []line{{domain.ObjectTeamMember, id, domain.FieldCreated, "", people[id]}}
	}
	return columnLines(domain.ObjectTeamMember, row, "id", "organisation_id", "email_key", "name_key", "phone_key", "row_version")
}

func contractLines(row rowChange) []line {
	switch {
	case row.was == nil:
		return []line{{domain.ObjectContract, canonical(row.becomes["id"]), domain.FieldCreated, "", canonical(row.becomes["connexie_contract_id"])}}
	case row.becomes == nil:
		gone := line{domain.ObjectContract, canonical(row.was["id"]), domain.FieldRemoved, canonical(row.was["connexie_contract_id"]), ""}
		return append(columnLines(domain.ObjectContract, row, "id", "team_member_id", "row_version"), gone)
	}
	return columnLines(domain.ObjectContract, row, "id", "team_member_id", "row_version")
}

// columnLines has a line for each column that differs.
func columnLines(kind domain.Object, row rowChange, except ...string) (due []line) {
	for column := range row.was {
		was, is := audited(row.was[column]), audited(row.becomes[column])
		if was != is && !slices.Contains(except, column) {
			due = append(due, line{kind, canonical(row.was["id"]), column, was, is})
		}
	}
	return due
}

// audited writes a value as the audit does.
func audited(value any) string {
	if number, ok := value.(float64); ok {
		whole, fraction, _ := strings.Cut(strings.TrimRight(fmt.Sprintf("%.4f", number), "0"), ".")
		return whole + "." + fraction + strings.Repeat("0", max(0, 2-len(fraction)))
	}
	return canonical(value)
}

// inEitje are the objects whose rows the witness holds the audit against; of the others,
// a connection's state among them, the audit tells words of its own.
var inEitje = []domain.Object{domain.ObjectTeamMember, domain.ObjectContract, domain.ObjectVenue, domain.ObjectLink}

func linesLeft(writes []write) (left []line) {
	for _, w := range writes {
		if w.Place == changesTable && slices.Contains(inEitje, domain.Object(canonical(w.Becomes["object"]))) {
			left = append(left, line{
				domain.Object(canonical(w.Becomes["object"])), canonical(w.Becomes["object_id"]), canonical(w.Becomes["field"]),
				canonical(w.Becomes["before"]), canonical(w.Becomes["after"]),
			})
		}
	}
	return left
}

// missingFrom are the lines that are in wanted and not in the others, each as often
// as it is missing.
func missingFrom(others, wanted []line) (missing []line) {
	rest := slices.Clone(others)
	for _, line := range wanted {
		if i := slices.Index(rest, line); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
			continue
		}
		missing = append(missing, line)
	}
	return missing
}
