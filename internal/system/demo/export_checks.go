package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// What is claimed of an export is read from Connexie's ledger, from the rows of the
// export, and from what the organisation was made to come to.

// lastExport is the latest export of the main organisation, or preview of one.
func (s *Story) lastExport(ctx context.Context) (string, error) {
	return value[string](ctx, s, `
		select id::text from connexie.exports where connection_id = $1 order by started_at desc limit 1`, s.connection())
}

func (s *Story) outcomeIs(ctx context.Context, outcome, claim string) error {
	is, err := value[string](ctx, s, `
		select coalesce(outcome, 'open') from connexie.exports where connection_id = $1 order by started_at desc limit 1`,
		s.connection())
	if err != nil {
		return err
	}
	return s.holds(is == outcome, "%s", claim)
}

// problemNames holds that the latest export was refused by a rule.
func (s *Story) problemNames(ctx context.Context, rule, claim string) error {
	named, err := value[bool](ctx, s, `
		select coalesce(outcome = 'refused' and problem like '%' || $2 || '%', false)
		  from connexie.exports where connection_id = $1 order by started_at desc limit 1`, s.connection(), rule)
	if err != nil {
		return err
	}
	return s.holds(named, "%s", claim)
}

// ledgerIsTheExport holds what Connexie counts on these days against the lines of the
// latest export, in both directions.
func (s *Story) ledgerIsTheExport(ctx context.Context, days seed.Period) error {
	ledger, err := s.ledgerTexts(ctx, days)
	if err != nil {
		return err
	}
	export, err := s.lastExport(ctx)
	if err != nil {
		return err
	}
	lines, err := texts(ctx, s, `
		select concat_ws(' ', connexie_venue_id, entry_id || '.' || line, connexie_id, contract_id, day, code, trim_scale(quantity))
		  from connexie.export_lines where export_id = $1`, export)
	if err != nil {
		return err
	}
	if err := same("Connexie's ledger", ledger, "the export", lines); err != nil {
		return err
	}
	return s.holds(len(ledger) > 0, "Connexie's ledger holds exactly the export's lines, %d of them (X8)", len(ledger))
}

// ledgerTexts is the ledger without the ids of imports, which change with every export.
func (s *Story) ledgerTexts(ctx context.Context, days seed.Period) ([]string, error) {
	ledger, err := s.ledger(ctx, days)
	lines := make([]string, 0, len(ledger))
	for _, l := range ledger {
		lines = append(lines, strings.Join([]string{
			l.VenueID, l.Reference, l.EmployeeID, l.ContractID, string(l.Date), l.Code, trimmed(l.Quantity),
		}, " "))
	}
	slices.Sort(lines)
	return lines, err
}

// trimmed is a decimal without zeros at its end.
func trimmed(quantity string) string {
	if strings.Contains(quantity, ".") {
		quantity = strings.TrimRight(strings.TrimRight(quantity, "0"), ".")
	}
	return quantity
}

// exportAsExpected holds the latest export of all kinds against what was written down
// when the organisation was made: each line, and each line that is left out.
func (s *Story) exportAsExpected(ctx context.Context, days seed.Period) error {
	export, err := s.lastExport(ctx)
	if err != nil {
		return err
	}
	lines, err := texts(ctx, s, `
		select format('%s %s %s %s %s %s %s %s', entry_id, kind, type, code, connexie_venue_id, connexie_id, contract_id,
		              coalesce(minutes::text, trim_scale(quantity)::text))
		  from connexie.export_lines where export_id = $1`, export)
	if err != nil {
		return err
	}
	skips, err := texts(ctx, s, `
		select format('%s %s %s %s %s', entry_id, kind, type, rule, reason) from connexie.export_skips where export_id = $1`, export)
	if err != nil {
		return err
	}
	wantLines, wantSkips := s.expectedTexts(days)
	if err := same("the export", lines, "what was written down", wantLines); err != nil {
		return err
	}
	if err := same("what is left out", skips, "what was written down", wantSkips); err != nil {
		return err
	}
	return s.holds(len(lines) > 0, "each of the %d lines, and of the %d that were left out with its reason, is what the rule book says"+
		" (X1 to X6, C3, C5, C6)", len(lines), len(skips))
}

func (s *Story) expectedTexts(days seed.Period) (lines, skips []string) {
	for _, entry := range s.main().Organisation.Entries {
		if !days.Contains(entry.Day) {
			continue
		}
		expected := s.main().Export.Expected[entry.ID]
		for _, l := range expected.Lines {
			amount := l.Quantity
			if l.Kind == seed.Hours {
				amount = fmt.Sprint(l.Minutes)
			}
			lines = append(lines, strings.Join([]string{
				entry.ID, l.Kind, l.Type, l.Code, expected.VenueID, expected.EmployeeID, expected.ContractID, amount,
			}, " "))
		}
		for _, skip := range expected.Skips {
			skips = append(skips, strings.Join([]string{entry.ID, skip.Kind, skip.Type, skip.Rule, skip.Reason}, " "))
		}
	}
	return lines, skips
}

// byHand holds hours in Connexie's ledger against those that were worked out by hand.
func (s *Story) byHand(ctx context.Context, days seed.Period, number int, claim string) error {
	ledger, err := s.ledger(ctx, days)
	if err != nil {
		return err
	}
	held := map[string]string{}
	for _, line := range ledger {
		entry, _, _ := strings.Cut(line.Reference, ".")
		held[entry+" "+line.Code] = trimmed(line.Quantity)
	}
	found := 0
	for _, entry := range s.main().Organisation.Entries {
		for _, line := range s.main().Export.Expected[entry.ID].Lines {
			if line.Kind != seed.Hours || line.Quantity == "" || !days.Contains(entry.Day) {
				continue
			}
			if is := held[entry.ID+" "+line.Code]; is != line.Quantity {
				return fmt.Errorf("entry %s went out as %q hours and should be %s", entry.ID, is, line.Quantity)
			}
			found++
		}
	}
	return s.holds(found >= number, "%s", claim)
}

// totalsAddUp holds the hours of everybody against their minutes, rounded once.
func (s *Story) totalsAddUp(ctx context.Context, _ seed.Period) error {
	export, err := s.lastExport(ctx)
	if err != nil {
		return err
	}
	differing, err := value[int](ctx, s, `
		select count(*)::int
		  from (select 1 from connexie.export_lines where export_id = $1 and kind = 'hours'
		         group by connexie_id, code, connexie_venue_id
		        having sum(quantity) <> round(sum(minutes) / 60.0, 2)) differing`, export)
	if err != nil {
		return err
	}
	return s.holds(differing == 0, "everybody's hours add up to their minutes, rounded once (X5)")
}

// markersAreTrue holds what shows as Exported against what was to be sent.
func (s *Story) markersAreTrue(ctx context.Context, days seed.Period) error {
	marked, err := texts(ctx, s, `
		select id::text from eitje.hours
		 where organisation_id = $1 and day between $2::text::date and $3::text::date and exported = 'Exported'`,
		s.main().Organisation.ID, string(days.From), string(days.To))
	if err != nil {
		return err
	}
	var sent []string
	for _, entry := range s.main().Organisation.Entries {
		if days.Contains(entry.Day) && len(s.main().Export.Expected[entry.ID].Lines) > 0 {
			sent = append(sent, entry.ID)
		}
	}
	if err := same("what shows as Exported", marked, "what was sent", sent); err != nil {
		return err
	}
	return s.holds(len(marked) > 0, "%d entries show as Exported: those that were sent, and no others (X11)", len(marked))
}

// held is what both sides hold of a month, as texts that can be compared.
type held struct{ ledger, markers string }

func (s *Story) standing(ctx context.Context) (held, error) {
	ledger, err := s.ledgerTexts(ctx, s.month())
	if err != nil {
		return held{}, err
	}
	markers, err := texts(ctx, s, `
		select concat_ws(' ', entry_id, connexie_venue_id, day, entry_version, covers, content_hash)
		  from connexie.exported_entries where connection_id = $1`, s.connection())
	return held{strings.Join(ledger, "\n"), strings.Join(markers, "\n")}, err
}

// unchanged holds that neither Connexie nor a marker has changed.
func (s *Story) unchanged(ctx context.Context, before held) error {
	after, err := s.standing(ctx)
	if err != nil {
		return err
	}
	return s.holds(after == before, "Connexie's ledger and the markers are as they were (X9, X11)")
}

func (s *Story) editEntry(ctx context.Context, id string, minutes int) error {
	_, err := s.pool.Exec(ctx, `update eitje.entries set minutes = $2 where id = $1`, id, minutes)
	if err != nil {
		return fmt.Errorf("edit Eitje: %w", err)
	}
	return nil
}

// marker holds what the first entry of a case shows.
func (s *Story) marker(ctx context.Context, c seed.Case, marker, claim string) error {
	shown, err := value[string](ctx, s, `select coalesce(exported, '') from eitje.hours where id = $1`, c.EntryIDs[0])
	if err != nil {
		return err
	}
	return s.holds(shown == marker, "%s", claim)
}

// ledgerHas holds the hours that Connexie counts of the first entry of a case.
func (s *Story) ledgerHas(ctx context.Context, c seed.Case, hours, claim string) error {
	ledger, err := s.ledger(ctx, s.month())
	if err != nil {
		return err
	}
	var is []string
	for _, line := range ledger {
		if strings.HasPrefix(line.Reference, c.EntryIDs[0]+".") && line.Code == s.main().Export.Codes[0].Code {
			is = append(is, trimmed(line.Quantity))
		}
	}
	return s.holds(slices.Equal(is, []string{hours}), "%s", claim)
}

func (s *Story) changedNotices(ctx context.Context, number int, claim string) error {
	open, err := value[int](ctx, s, `
		select count(*)::int from connexie.notifications
		 where connection_id = $1 and cause = 'exported_changed' and closed_at is null`, s.connection())
	if err != nil {
		return err
	}
	return s.holds(open == number, "%s", claim)
}

// correctionSheet holds that the sheet names the entry's person and day, and no other.
func (s *Story) correctionSheet(ctx context.Context, c seed.Case) error {
	export, err := s.lastExport(ctx)
	if err != nil {
		return err
	}
	var sheet struct {
		Corrections []struct {
			ConnexieID string      `json:"connexie_id"`
			Day        string      `json:"day"`
			Kind       string      `json:"kind"`
			Was        json.Number `json:"was"`
			Is         json.Number `json:"is"`
		} `json:"corrections"`
	}
	if err := s.ask(ctx, "", &sheet, "export", "corrections", "--export", export); err != nil {
		return err
	}
	var rows []string
	for _, row := range sheet.Corrections {
		rows = append(rows, strings.Join([]string{
			row.ConnexieID, row.Day, row.Kind, trimmed(row.Was.String()), trimmed(row.Is.String()),
		}, " "))
	}
	want := fmt.Sprintf("%s %s hours 8 7", c.EmployeeIDs[0], s.dayOf(c.EntryIDs[0]))
	return s.holds(slices.Equal(rows, []string{want}), "the correction sheet has that one row: who, which day, was 8, is 7 (X9)")
}

func (s *Story) dayOf(entryID string) string {
	for _, entry := range s.main().Organisation.Entries {
		if entry.ID == entryID {
			return string(entry.Day)
		}
	}
	return ""
}

func (s *Story) entriesIn(days seed.Period) int {
	number := 0
	for _, entry := range s.main().Organisation.Entries {
		if days.Contains(entry.Day) {
			number++
		}
	}
	return number
}

// labelled is a case of the main organisation.
func (s *Story) labelled(rule, name string) seed.Case {
	for _, c := range s.main().Cases {
		if c.Rule == rule && c.Name == name {
			return c
		}
	}
	panic(fmt.Sprintf("the demonstration has no case %s %q", rule, name))
}

func texts(ctx context.Context, s *Story, query string, args ...any) ([]string, error) {
	found, err := rows[struct{ Text string }](ctx, s, query, args...)
	lines := make([]string, 0, len(found))
	for _, row := range found {
		lines = append(lines, row.Text)
	}
	slices.Sort(lines)
	return lines, err
}

// same returns the first difference between two lists, whatever their order.
func same(oneName string, one []string, otherName string, other []string) error {
	one, other = slices.Sorted(slices.Values(one)), slices.Sorted(slices.Values(other))
	for i := range max(len(one), len(other)) {
		switch {
		case i >= len(one) || i < len(other) && other[i] < one[i]:
			return fmt.Errorf("%s lacks %q of %s", oneName, other[i], otherName)
		case i >= len(other) || one[i] < other[i]:
			return fmt.Errorf("%s has %q, which %s lacks", oneName, one[i], otherName)
		}
	}
	return nil
}
