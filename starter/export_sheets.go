package main

import (
	"strconv"

	"github.com/eitje/connexie-worker/internal/app"
)

// mainSheet is what --csv prints of an export: what would be sent per person, the
// correction sheet where payroll refused it, or the receipt.
func mainSheet(report app.ExportReport) sheet {
	switch {
	case report.Preview():
		return peopleSheet(report.People)
	case report.Outcome == "refused" && len(report.Corrections) > 0:
		return differenceSheet(report.Corrections)
	}
	return receiptSheet(report.Receipt)
}

func peopleSheet(people []app.ExportPerson) sheet {
	s := sheet{columns: []string{"team_member_id", "connexie_id", "name", "kind", "type", "code", "lines", "quantity"}}
	for _, p := range people {
		s.rows = append(s.rows, []string{
			p.TeamMemberID, free(p.ConnexieID), free(p.Name), string(p.Kind), free(p.Type), free(p.Code),
			strconv.Itoa(p.Lines), plain(string(p.Kind), p.Quantity),
		})
	}
	return s
}

func receiptSheet(lines []app.ReceiptLine) sheet {
	s := sheet{columns: []string{"connexie_venue_id", "venue", "state", "import_id", "code", "lines", "sent", "read_back", "equal"}}
	for _, l := range lines {
		s.rows = append(s.rows, []string{
			free(l.ConnexieVenueID), free(l.Venue), string(l.State), free(l.ImportID), free(l.Code), optionalCount(l.Lines),
			total(l.Sent), optional(l.ReadBack), strconv.FormatBool(l.Equal),
		})
	}
	return s
}

func differenceSheet(differences []app.Difference) sheet {
	s := sheet{columns: []string{
		"change", "team_member_id", "connexie_id", "name", "connexie_venue_id", "day", "kind", "type", "code", "was", "is",
	}}
	for _, d := range differences {
		s.rows = append(s.rows, []string{
			d.Change, d.TeamMemberID, free(d.ConnexieID), free(d.Name), free(d.ConnexieVenueID), d.Day.String(), string(d.Kind), free(d.Type),
			free(d.Code), plain(string(d.Kind), d.Was), plain(string(d.Kind), d.Is),
		})
	}
	return s
}

func leftOutSheet(left []app.LeftOut) sheet {
	s := sheet{columns: []string{"entry_id", "team_member_id", "name", "day", "kind", "type", "rule", "reason"}}
	for _, l := range left {
		s.rows = append(s.rows, []string{
			l.EntryID, l.TeamMemberID, free(l.Name), l.Day.String(), string(l.Kind), free(l.Type), l.Rule, string(l.Reason),
		})
	}
	return s
}

func lineSheet(lines []app.ExportLine) sheet {
	s := sheet{columns: []string{
		"line", "connexie_venue_id", "connexie_id", "contract_id", "team_member_id", "entry_id", "day", "kind", "type", "code", "quantity",
	}}
	for _, l := range lines {
		s.rows = append(s.rows, []string{
			strconv.Itoa(l.Line), free(l.ConnexieVenueID), free(l.ConnexieID), free(l.ContractID), l.TeamMemberID, l.EntryID,
			l.Day.String(), string(l.Kind), free(l.Type), free(l.Code), plain(string(l.Kind), l.Quantity),
		})
	}
	return s
}

func hoursSheet(lines []app.HoursLine) sheet {
	s := sheet{columns: []string{
		"entry_id", "team_member_id", "name", "venue_id", "venue", "day", "starts_at", "ends_at", "minutes", "kind", "state",
		"exported", "export_id", "exported_at",
	}}
	for _, l := range lines {
		s.rows = append(s.rows, []string{
			l.EntryID, l.TeamMemberID, free(l.Name), l.VenueID, free(l.Venue), l.Day.String(), instant(l.StartsAt), instant(l.EndsAt),
			optionalCount(l.Minutes), l.Kind, l.State, l.Exported, l.ExportID, instant(l.ExportedAt),
		})
	}
	return s
}

// optionalCount is a number that may not be known.
func optionalCount(count *int) string {
	if count == nil {
		return ""
	}
	return strconv.Itoa(*count)
}
