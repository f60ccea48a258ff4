package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/eitje/connexie-worker/internal/app"
)

func (t *terminal) showDuplicates(connection string, duplicates []app.LikelyDuplicate) {
	if len(duplicates) == 0 {
		t.say("Nobody of connection %s looks like a duplicate.", connection)
		return
	}
	var rows []row
	for _, pair := range duplicates {
		rows = append(rows,
			append(row{pair.ConnexieID, "keep"}, duplicateCells(pair.Keep, sameWords(pair))...),
			append(row{"", "drop"}, duplicateCells(pair.Drop, undoneWords(pair))...))
	}
	t.table("Likely duplicates", row{"connexie id", "", "team member", "name", "born", "e-mail", "phone", "active", "hours", "same"}, rows...)
	t.say("See what a repair would move: starter duplicates preview --keep ID --drop ID")
}

func duplicateCells(side app.RepairSide, note string) row {
	return row{
		side.TeamMemberID, orDash(side.Name), orDash(side.DateOfBirth.String()), orDash(side.Email), orDash(side.Phone),
		activeWord(side.ProfileSide), side.Entries, note,
	}
}

func sameWords(pair app.LikelyDuplicate) string {
	var same []string
	if pair.SameName {
		same = append(same, "name and birth date")
	}
	if pair.SamePhone {
		same = append(same, "phone")
	}
	return strings.Join(same, ", ")
}

func undoneWords(pair app.LikelyDuplicate) string {
	if pair.UndoneAt.IsZero() {
		return ""
	}
	return "undone " + when(pair.UndoneAt)
}

func (t *terminal) showRepairs(connection string, repairs []app.MadeRepair) {
	if len(repairs) == 0 {
		t.say("Nothing was repaired at connection %s.", connection)
		return
	}
	var rows []row
	for _, made := range repairs {
		undone := "-"
		if !made.UndoneAt.IsZero() {
			undone = fmt.Sprintf("%s, by %s", when(made.UndoneAt), made.UndoneBy)
		}
		rows = append(rows, row{made.ConnexieID, made.KeepID, made.DropID, made.Counts["entries"], when(made.RepairedAt), made.RequestedBy, undone})
	}
	t.table("Repairs", row{"connexie id", "kept", "dropped", "hours moved", "repaired", "by", "undone"}, rows...)
}

// showRepair prints both sides of a preview, and what moves or has moved.
func (t *terminal) showRepair(report app.RepairReport) {
	if report.Keep != nil && report.Drop != nil {
		keep, drop := repairColumn(*report.Keep), repairColumn(*report.Drop)
		rows := make([]row, len(repairFields))
		for i, name := range repairFields {
			rows[i] = row{name, keep[i], drop[i]}
		}
		t.table("Both profiles", row{"", "keep", "drop"}, rows...)
	}
	t.say("%s %s into %s: %s", t.bold("Repair"), report.DropID, report.KeepID, repairWords(report))
	var rows []row
	for _, word := range slices.Sorted(maps.Keys(report.Counts)) {
		if report.Counts[word] > 0 {
			rows = append(rows, row{words(word), report.Counts[word]})
		}
	}
	t.table("", row{"what", "number"}, rows...)
	t.say("Next: %s", report.NextStep)
}

func repairWords(report app.RepairReport) string {
	switch report.Outcome {
	case app.RepairPreviewed:
		return "this is what would move"
	case app.RepairNothing:
		return "nothing to do, it was so already"
	case app.RepairRefused:
		return "refused, " + words(string(report.Reason))
	}
	return string(report.Outcome)
}

// repairFields are the lines of the comparison, in the order of the columns below.
var repairFields = append(append([]string{}, comparedFields...), "linked to", "hours", "of these exported", "archived")

func repairColumn(side app.RepairSide) []string {
	archived := "no"
	if side.Archived {
		archived = "yes"
	}
	return append(profileColumn(side.ProfileSide), orDash(side.ConnexieID), fmt.Sprint(side.Entries), fmt.Sprint(side.Exported), archived)
}
