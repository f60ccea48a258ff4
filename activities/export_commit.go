package activities

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"go.temporal.io/sdk/activity"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// commit makes the import count. The fence is asked once more right before: whoever was
// left behind must not bring in what a newer export replaces.
func (s *sender) commit(ctx context.Context) error {
	importID := s.venue.ImportID
	if err := s.claim(ctx); err != nil {
		return err
	}
	if s.venue.State != domain.VenueSending || s.venue.ImportID != importID {
		return nil // another attempt went on; the next slice takes it from there
	}
	found, err := s.account.CommitHourImport(ctx, importID, s.venue.Lines, s.venue.Totals)
	if err != nil {
		return s.settle(ctx, err, 0)
	}
	return s.conclude(ctx, found)
}

// conclude draws the conclusion from what Connexie says of the import: a draft goes on.
func (s *sender) conclude(ctx context.Context, found connexie.HourImport) error {
	switch found.Status {
	case connexie.ImportCommitted:
		return s.committed(ctx, found.ID)
	case connexie.ImportReplaced:
		return s.endAs(ctx, domain.VenueSuperseded, ProblemReplaced)
	}
	return nil
}

// committed records that Connexie has the import, then compares what it holds.
func (s *sender) committed(ctx context.Context, importID string) error {
	if err := s.Store.RecordCommit(ctx, s.in.Run.ID, s.in.VenueID, importID, s.Now()); err != nil {
		return fromStore(err)
	}
	s.venue.State, s.venue.ImportID, s.venue.Sent = domain.VenueCommitted, importID, s.venue.Lines
	return s.readBack(ctx)
}

// readBack asks what Connexie holds and compares it with what was sent (X11).
func (s *sender) readBack(ctx context.Context) error {
	activity.RecordHeartbeat(ctx)
	found, err := s.account.GetHourImport(ctx, s.venue.ImportID)
	if err != nil {
		return s.failOn(ctx, fromImports("read import "+s.venue.ImportID+" back", err), err)
	}
	if err := s.Store.RecordReadBack(ctx, s.in.Run.ID, s.in.VenueID, found.LineCount, found.Totals); err != nil {
		return fromStore(err)
	}
	s.venue.ReadLines, s.venue.ReadTotals = &found.LineCount, found.Totals
	switch {
	case found.Status == connexie.ImportReplaced:
		return s.endAs(ctx, domain.VenueSuperseded, ProblemReplaced)
	case found.Status != connexie.ImportCommitted, !s.venue.ReadBackEquals():
		return s.endAs(ctx, domain.VenueFailed, ProblemReadBackDiffers)
	}
	return nil
}

// settle finds out what a part or a commit came to that was not taken. After a conflict,
// and after an answer that nobody can read, the import itself is asked: it may have been a
// success. first is the number of the part's first line, and zero for a commit.
func (s *sender) settle(ctx context.Context, err error, first int) error {
	var failure *connexie.Error
	if !errors.As(err, &failure) {
		return err // the context ended, or the database failed
	}
	switch failure.Code {
	case connexie.CodePayrollAlreadyRun, connexie.CodeImportState, connexie.CodeIdempotencyConflict, connexie.CodeProtocol:
		return s.settleConflict(ctx, failure)
	case connexie.CodeValidationFailed:
		return s.rejected(ctx, lineProblems(failure.Lines, first))
	}
	return s.failOn(ctx, fromImports("send import "+s.venue.ImportID, err), err)
}

func (s *sender) settleConflict(ctx context.Context, conflict *connexie.Error) error {
	found, err := s.account.GetHourImport(ctx, s.venue.ImportID)
	if err != nil {
		return s.failOn(ctx, fromImports("read import "+s.venue.ImportID, err), err)
	}
	switch {
	case found.Status == connexie.ImportDiscarded:
		return s.startOver(ctx)
	case found.Status != connexie.ImportDraft:
		return s.conclude(ctx, found)
	case conflict.Code == connexie.CodePayrollAlreadyRun:
		if err := discard(ctx, s.account, found.ID); err != nil {
			return err
		}
		return s.endAs(ctx, domain.VenueRefused, ProblemPayroll)
	}
	return s.fail(ctx, problemOf(conflict.Code))
}

// maxDiscarded bounds how often an import is found discarded: nobody but us does that.
const maxDiscarded = 5

// startOver leaves an import that was found discarded: another is opened.
func (s *sender) startOver(ctx context.Context) error {
	attempt, err := s.Store.RaiseAttempt(ctx, s.in.Run.ID, s.in.VenueID, s.venue.Attempt)
	if err != nil {
		return fromStore(err)
	}
	s.venue.Attempt, s.venue.Sent, s.venue.ImportID = attempt, 0, ""
	if attempt > maxDiscarded {
		return s.fail(ctx, ProblemDiscarded)
	}
	return nil
}

// rejected keeps which lines Connexie rejects, by entry, and discards the draft: nothing
// of the venue counts until they are mended (X17).
func (s *sender) rejected(ctx context.Context, problems []store.LineProblem) error {
	if err := s.Store.RejectLines(ctx, s.in.Run.ID, s.in.VenueID, problems); err != nil {
		return fromStore(err)
	}
	if err := discard(ctx, s.account, s.venue.ImportID); err != nil {
		return err
	}
	return s.endAs(ctx, domain.VenueRejected, ProblemLinesRejected)
}

// lineProblems finds the lines that Connexie names: by our reference, or by their place
// in the part that begins with the line first. A line is named once, with what comes
// first.
func lineProblems(named []connexie.LineError, first int) []store.LineProblem {
	var problems []store.LineProblem
	known := map[int]bool{}
	for _, one := range named {
		line, found := lineOf(one, first)
		if found && !known[line] {
			known[line] = true
			problems = append(problems, store.LineProblem{Line: line, Code: one.Code})
		}
	}
	return problems
}

func lineOf(named connexie.LineError, first int) (line int, found bool) {
	if _, number, has := strings.Cut(named.Reference, "."); has {
		line, err := strconv.Atoi(number)
		return line, err == nil
	}
	place, within := strings.CutPrefix(named.Pointer, "/lines/")
	place, _, _ = strings.Cut(place, "/")
	index, err := strconv.Atoi(place)
	return first + index, within && err == nil && first > 0
}

// failOn passes on an error that a repetition may mend, or that stops the whole export.
// Any other is a mistake of one side about this venue alone: it fails, the others go on
// (X13).
func (s *sender) failOn(ctx context.Context, translated, cause error) error {
	if typeOf(translated) != ErrorProtocol {
		return translated
	}
	return s.fail(ctx, problemOf(codeOf(cause)))
}

// fail ends the venue as failed. Its draft is discarded where that can be done; one that
// turns out to be committed is recorded as what Connexie holds (X8).
func (s *sender) fail(ctx context.Context, problem string) error {
	if s.venue.ImportID == "" || s.venue.State != domain.VenueSending {
		return s.endAs(ctx, domain.VenueFailed, problem)
	}
	err := s.account.DiscardHourImport(ctx, s.venue.ImportID)
	if codeOf(err) == connexie.CodeImportState {
		err = fromStore(s.Store.RecordCommit(ctx, s.in.Run.ID, s.in.VenueID, s.venue.ImportID, s.Now()))
	} else {
		err = fromImports("discard import "+s.venue.ImportID, err)
	}
	if err != nil && typeOf(err) != ErrorProtocol {
		return err
	}
	return s.endAs(ctx, domain.VenueFailed, problem)
}

func (s *sender) endAs(ctx context.Context, state domain.VenueState, problem string) error {
	s.venue.State, s.venue.Problem = state, problem
	return s.end(ctx, s.in, state, problem)
}

// What a venue can end with besides the type of an error. They stand in
// connexie.export_venues; VenueProblem says them in a sentence.
const (
	// ProblemPayroll: payroll is running or has run (X9).
	ProblemPayroll = "PayrollAlreadyRun"
	// ProblemLinesRejected: Connexie rejects lines (X17).
	ProblemLinesRejected = "LinesRejected"
	// ProblemReadBackDiffers: Connexie holds something else than was sent (X11).
	ProblemReadBackDiffers = "ReadBackDiffers"
	// ProblemReplaced: another import took over all days of the venue.
	ProblemReplaced = "Replaced"
	// ProblemDiscarded: somebody else discards our drafts again and again.
	ProblemDiscarded = "Discarded"
	// ProblemVenueUnknown: Connexie does not know the venue.
	ProblemVenueUnknown = "VenueUnknown"
	// ProblemTotalsMismatch, ProblemIdempotencyConflict and ProblemImportState are
	// mistakes of one side.
	ProblemTotalsMismatch      = "TotalsMismatch"
	ProblemIdempotencyConflict = "IdempotencyConflict"
	ProblemImportState         = "ImportState"
)

// problemOf is the word for a code that Connexie refused a venue with.
func problemOf(code connexie.Code) string {
	switch code {
	case connexie.CodeTotalsMismatch:
		return ProblemTotalsMismatch
	case connexie.CodeIdempotencyConflict:
		return ProblemIdempotencyConflict
	case connexie.CodeImportState:
		return ProblemImportState
	}
	return ErrorProtocol
}
