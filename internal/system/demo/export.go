package demo

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/eitje/connexie-worker/internal/sandbox/seed"
)

// Kinds of an export, as the starter takes them.
const (
	everyKind = "hours,meals,allowances"
	hoursOnly = "hours"
)

// export is a command that exports a period of the main organisation.
func (s *Story) export(days seed.Period, kinds string, more ...string) []string {
	args := []string{
		"export", "--connection", s.connection(), "--from", string(days.From), "--to", string(days.To), "--kinds", kinds,
		"--limit", "10",
	}
	return append(args, more...)
}

// month is what most of the story about exports is about: every case lies in it.
func (s *Story) month() seed.Period { return s.main().Export.LastMonth }

// exportMonthCommand exports it, leaving out what has no code.
func (s *Story) exportMonthCommand() []string {
	return s.export(s.month(), everyKind, "--acknowledge-unmapped")
}

// beforeExport shows what is asked before anything can be exported, and what would be.
func (s *Story) beforeExport(ctx context.Context) error {
	s.say("\n  Eitje has %d entries of %s to %s, with hours, meals and allowances.\n",
		s.entriesIn(s.month()), s.month().From, s.month().To)
	if err := s.refused(ctx, s.export(s.month(), everyKind)...); err != nil {
		return err
	}
	if err := s.problemNames(ctx, "C7", "without a code for hours nothing is exported, and the reason says so (C7)"); err != nil {
		return err
	}
	if err := s.chooseCodes(ctx); err != nil {
		return err
	}
	if err := s.run(ctx, "mappings", "list", "--connection", s.connection()); err != nil {
		return err
	}
	before, err := s.watermark(ctx)
	if err != nil {
		return err
	}
	if err := s.refused(ctx, s.export(s.month(), everyKind, "--preview")...); err != nil {
		return err
	}
	if err := s.outcomeIs(ctx, "needs_acknowledgement",
		"the preview shows what would go, and asks about the allowance without a code (C6, X16)"); err != nil {
		return err
	}
	_, inEitje, err := s.written(ctx, before, "eitje")
	if err != nil {
		return err
	}
	ledger, err := s.ledger(ctx, s.month())
	if err != nil {
		return err
	}
	return s.holds(inEitje == 0 && len(ledger) == 0, "it wrote nothing in Eitje and sent nothing to Connexie (X16)")
}

// chooseCodes chooses every code; the table that each command prints is shown once.
func (s *Story) chooseCodes(ctx context.Context) error {
	for _, code := range s.main().Export.Codes {
		args := []string{"mappings", "code", "--connection", s.connection(), "--kind", code.Kind, "--code", code.Code}
		if code.Type != "" {
			args = append(args, "--type", code.Type)
		}
		s.say("\n$ starter %s\n", strings.Join(args, " "))
		var answer json.RawMessage
		if err := s.ask(ctx, "", &answer, args...); err != nil {
			return err
		}
	}
	return nil
}

// clockNights exports the nights of the last clock changes, each a period of its own.
func (s *Story) clockNights(ctx context.Context) error {
	nights := []struct {
		days   seed.Period
		length string
	}{
		{s.main().Export.Winter, "9 hours on the night of 25 hours"},
		{s.main().Export.Summer, "7 hours on the night of 23 hours"},
	}
	for _, night := range nights {
		if err := s.run(ctx, s.export(night.days, hoursOnly)...); err != nil {
			return err
		}
		if err := s.ledgerIsTheExport(ctx, night.days); err != nil {
			return err
		}
		if err := s.run(ctx, s.hoursOf(s.labelled("X5", "the nights of both clock changes"), night.days)...); err != nil {
			return err
		}
		if err := s.byHand(ctx, night.days, 1, "22:00 to 06:00 is "+night.length+" (X5)"); err != nil {
			return err
		}
	}
	return nil
}

func (s *Story) exportMonth(ctx context.Context) error {
	if err := s.run(ctx, s.exportMonthCommand()...); err != nil {
		return err
	}
	if err := s.outcomeIs(ctx, "ok", "every venue was exported, and what Connexie reads back equals what was sent (X11, X18)"); err != nil {
		return err
	}
	for _, check := range []func(context.Context, seed.Period) error{s.ledgerIsTheExport, s.exportAsExpected, s.totalsAddUp, s.markersAreTrue} {
		if err := check(ctx, s.month()); err != nil {
			return err
		}
	}
	if err := s.byHand(ctx, s.month(), 3, "three times 20 minutes went out as one hour (X5)"); err != nil {
		return err
	}
	return s.run(ctx, s.hoursOf(s.labelled("X5", "three times 20 minutes are one hour"), s.month())...)
}

// hoursOf is a command that shows somebody's table of hours.
func (s *Story) hoursOf(c seed.Case, days seed.Period) []string {
	return []string{
		"hours", "--connection", s.connection(), "--from", string(days.From), "--to", string(days.To),
		"--person", c.ProfileIDs[0],
	}
}

func (s *Story) exportAgain(ctx context.Context) error {
	before, err := s.standing(ctx)
	if err != nil {
		return err
	}
	watermark, err := s.watermark(ctx)
	if err != nil {
		return err
	}
	if err := s.again(ctx, s.exportMonthCommand()...); err != nil {
		return err
	}
	after, err := s.standing(ctx)
	if err != nil {
		return err
	}
	if err := s.holds(after.ledger == before.ledger, "Connexie's ledger is the same, line by line (X8)"); err != nil {
		return err
	}
	if err := s.holds(after.markers == before.markers, "what shows as Exported is the same (X11)"); err != nil {
		return err
	}
	_, inEitje, err := s.written(ctx, watermark, "eitje")
	if err != nil {
		return err
	}
	return s.holds(inEitje == 0, "no row was written in Eitje")
}

// changedSince edits an exported entry, sees it told, and exports again.
func (s *Story) changedSince(ctx context.Context) error {
	edited := s.labelled("X1", "approved work with all that belongs to it")
	before, err := s.standing(ctx)
	if err != nil {
		return err
	}
	s.say("\n  In Eitje: somebody makes 5.00 hours of the 5.50 of entry %s.\n", edited.EntryIDs[0])
	if err := s.editEntry(ctx, edited.EntryIDs[0], 300); err != nil {
		return err
	}
	if err := s.run(ctx, s.hoursOf(edited, s.month())...); err != nil {
		return err
	}
	if err := s.marker(ctx, edited, "Exported, changed since", "the entry shows that it has changed since (X12)"); err != nil {
		return err
	}
	if err := s.run(ctx, "sync", "--connection", s.connection(), "--wait"); err != nil {
		return err
	}
	after, err := s.standing(ctx)
	if err != nil {
		return err
	}
	if err := s.holds(after.ledger == before.ledger, "nothing was sent by itself (X12)"); err != nil {
		return err
	}
	if err := s.changedNotices(ctx, 1, "the sync notified, once for the period (X12)"); err != nil {
		return err
	}
	notice, err := value[string](ctx, s, `
		select next_step from connexie.notifications
		 where connection_id = $1 and cause = 'exported_changed' and closed_at is null`, s.connection())
	if err != nil {
		return err
	}
	s.say("    %q\n", notice)
	if err := s.run(ctx, s.export(s.month(), everyKind, "--acknowledge-unmapped", "--preview")...); err != nil {
		return err
	}
	return s.exportChanged(ctx, edited)
}

func (s *Story) exportChanged(ctx context.Context, edited seed.Case) error {
	if err := s.again(ctx, s.exportMonthCommand()...); err != nil {
		return err
	}
	if err := s.ledgerIsTheExport(ctx, s.month()); err != nil {
		return err
	}
	if err := s.ledgerHas(ctx, edited, "5", "Connexie now holds 5.00 hours (X8)"); err != nil {
		return err
	}
	if err := s.marker(ctx, edited, "Exported", "the entry shows as Exported again (X11)"); err != nil {
		return err
	}
	return s.changedNotices(ctx, 0, "the notification closed by itself (N1)")
}

// lessRefused asks for fewer kinds, and for days that would cut what was exported.
func (s *Story) lessRefused(ctx context.Context) error {
	before, err := s.standing(ctx)
	if err != nil {
		return err
	}
	if err := s.refused(ctx, s.export(s.month(), hoursOnly)...); err != nil {
		return err
	}
	if err := s.problemNames(ctx, "X7", "fewer kinds than before are refused, with the reason (X7)"); err != nil {
		return err
	}
	week := seed.Period{From: s.month().From.AddDays(6), To: s.month().From.AddDays(12)}
	if err := s.refused(ctx, s.export(week, everyKind)...); err != nil {
		return err
	}
	if err := s.problemNames(ctx, "X10", "a week out of the month is refused, with the periods that would do (X10)"); err != nil {
		return err
	}
	return s.unchanged(ctx, before)
}

// payrollHasRun lets payroll run, edits an entry, and is refused.
func (s *Story) payrollHasRun(ctx context.Context) error {
	s.say("\n  In Connexie: payroll runs over %s to %s, at both venues.\n", s.month().From, s.month().To)
	for _, venue := range []string{seed.VenueBrug, seed.VenueHaven} {
		if err := s.runPayroll(ctx, venue, s.month()); err != nil {
			return err
		}
	}
	late := s.labelled("X4", "over midnight, and over the end of the month")
	before, err := s.standing(ctx)
	if err != nil {
		return err
	}
	s.say("  In Eitje: somebody makes 7.00 hours of the 8.00 of entry %s, too late.\n", late.EntryIDs[0])
	if err := s.editEntry(ctx, late.EntryIDs[0], 420); err != nil {
		return err
	}
	if err := s.refused(ctx, s.exportMonthCommand()...); err != nil {
		return err
	}
	if err := s.problemNames(ctx, "X9", "payroll has run, so the export is refused, with the reason (X9)"); err != nil {
		return err
	}
	if err := s.correctionSheet(ctx, late); err != nil {
		return err
	}
	if err := s.marker(ctx, late, "Exported, changed since", "the entry that was edited shows that it has changed since (X12)"); err != nil {
		return err
	}
	return s.unchanged(ctx, before)
}
