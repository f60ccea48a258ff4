package main

import (
	"fmt"
	"strings"

	"github.com/eitje/connexie-worker/internal/app"
)

func (t *terminal) showDisputes(connection string, disputes []app.DisputeLine) {
	if len(disputes) == 0 {
		t.say("Nobody of connection %s is disputed.", connection)
		return
	}
	var rows []row
	waiting := 0
	for _, line := range disputes {
		if line.State == app.DisputeWaiting {
			waiting++
		}
		rows = append(rows, row{
			line.ConnexieID, words(line.State), orDash(words(string(line.Reason))), when(line.Since), len(line.Candidates), t.decisionCell(line.Decision),
		})
	}
	t.table("Disputes", row{"connexie id", "state", "why", "since", "candidates", "decision"}, rows...)
	t.say("Waiting for a decision: %d. Compare both sides: starter disputes show --connection %s --person ID", waiting, connection)
}

func (t *terminal) decisionCell(decision *app.DisputeDecision) string {
	if decision == nil {
		return "-"
	}
	return fmt.Sprintf("%s, by %s, %s", decision.Decision, decision.DecidedBy, when(decision.DecidedAt))
}

func decisionWords(decision app.DisputeDecision) string {
	return strings.TrimSpace(string(decision.Decision) + " " + decision.TeamMemberID)
}

// showDispute prints the person beside each candidate, a line for each thing to compare.
func (t *terminal) showDispute(sides app.DisputeSides) {
	t.say("%s %s: %s", t.bold("Person"), sides.ConnexieID, disputeWords(sides.DisputeLine))
	header := row{"", "Connexie"}
	columns := [][]string{personColumn(sides.Person)}
	for i, profile := range sides.Profiles {
		header = append(header, fmt.Sprintf("candidate %d", i+1))
		columns = append(columns, profileColumn(profile))
	}
	rows := make([]row, len(comparedFields))
	for i, name := range comparedFields {
		rows[i] = row{name}
		for _, column := range columns {
			rows[i] = append(rows[i], column[i])
		}
	}
	t.table("Both sides", header, rows...)
	var rivals, owners []row
	for _, rival := range sides.Rivals {
		rivals = append(rivals, row{rival.ConnexieID, orDash(rival.Name), orDash(rival.DateOfBirth.String()), orDash(strings.Join(rival.Venues, ", ")), contractsCell(rival.Contracts)})
	}
	t.table("Others in Connexie with the same e-mail address", row{"connexie id", "name", "born", "venues", "contracts"}, rivals...)
	for _, owner := range sides.Owners {
		owners = append(owners, row{owner.TeamMemberID, owner.ConnexieID, orDash(owner.Name), orDash(owner.DateOfBirth.String()), activeWord(owner), orDash(owner.LastWorked.String())})
	}
	t.table("Profiles of others with the same e-mail address", row{"team member", "linked to", "name", "born", "active", "last worked"}, owners...)
	if d := sides.Decision; d != nil {
		t.say("\n%s %s: %s, by %s, %s. %s", t.bold("Decision"), d.ID, decisionWords(*d), d.DecidedBy, when(d.DecidedAt), printable(d.Reason))
	}
	t.say("\nNext: %s", sides.NextStep)
}

func disputeWords(line app.DisputeLine) string {
	if line.Reason == "" {
		return words(line.State)
	}
	return fmt.Sprintf("%s (%s)", words(line.State), words(string(line.Reason)))
}

// comparedFields are the lines of the comparison, in the order of the columns below.
var comparedFields = []string{"id", "name", "born", "e-mail", "phone", "city", "active", "venues", "contracts", "last worked"}

func personColumn(person app.PersonSide) []string {
	employed := "employment ended"
	if person.Employed {
		employed = "employed"
	}
	return []string{
		person.ConnexieID, orDash(person.Name), orDash(person.DateOfBirth.String()), orDash(person.Email), orDash(person.Phone),
		orDash(person.City), employed, orDash(strings.Join(person.Venues, ", ")), contractsCell(person.Contracts), "-",
	}
}

func profileColumn(profile app.ProfileSide) []string {
	return []string{
		profile.TeamMemberID, orDash(profile.Name), orDash(profile.DateOfBirth.String()), orDash(profile.Email), orDash(profile.Phone),
		orDash(profile.City), activeWord(profile), orDash(strings.Join(profile.Venues, ", ")), contractsCell(profile.Contracts),
		orDash(profile.LastWorked.String()),
	}
}

func activeWord(profile app.ProfileSide) string {
	switch {
	case profile.Active:
		return "active"
	case profile.DeactivatedAt.IsZero():
		return "inactive"
	}
	return "inactive since " + local(profile.DeactivatedAt).Format("2006-01-02")
}

func contractsCell(contracts []app.ContractSide) string {
	var lines []string
	for _, contract := range contracts {
		until := "open"
		if !contract.End.IsZero() {
			until = contract.End.String()
		}
		lines = append(lines, fmt.Sprintf("%s %s to %s", words(string(contract.Type)), contract.Start, until))
	}
	if len(lines) == 0 {
		return "-"
	}
	return strings.Join(lines, "\n")
}

func (t *terminal) showDisputeDecided(report disputeReport) {
	already := ""
	if report.Already {
		already = ", as decided before"
	}
	t.say("%s %s: %s%s", t.bold("Person"), report.ConnexieID, decisionWords(report.DisputeDecision), already)
	switch {
	case report.Item != nil:
		t.showSteps(*report.Item)
	case report.Run == nil && report.Sync.Joined:
		t.say("A synchronisation of the person was under way; if it had looked before, the next one follows the decision.")
	}
	if report.Run != nil {
		t.say("Next: %s", report.Run.NextStep)
		return
	}
	t.say("Next: starter disputes show --connection %s --person %s", report.ConnectionID, report.ConnexieID)
}
