package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

	"github.com/eitje/connexie-worker/internal/connexie"
	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

const (
	// partLines is the most that Connexie takes in one part. It decides what a part
	// holds, so it never changes while an export may be under way.
	partLines = 1000
	// A slice bounds how long one activity runs, so that stopping a worker is cheap and
	// other connections get their turn.
	defaultSliceParts = 50
)

// SendVenue brings one venue's lines to Connexie: draft, parts, commit, and what
// Connexie then holds compared with what was sent (X11, X13). It works for a slice of
// time; while the state is sending, another slice goes on from what the store knows.
// What became of the venue is a result, and recorded: committed, refused by payroll (X9),
// rejected lines (X17), superseded, or failed.
//
// It may be repeated, and die anywhere: the Idempotency-Key <export>/<venue>/<attempt>
// brings back the same import, a part is put again, and an answer that was lost is
// settled by asking, never guessed. The heartbeat is the next part, for whoever watches.
//
// Errors: ConnexieTokenRefused, ConnexieForbidden, ConnexieRateLimited,
// ConnexieUnavailable, FenceLost (the export has ended), Database.
func (a *Sending) SendVenue(ctx context.Context, in VenueInput) (VenueStanding, error) {
	if err := begin(ctx, a.Store, in.Run, "sending"); err != nil {
		return VenueStanding{}, err
	}
	s := &sender{Sending: a, in: in, begun: a.Now()}
	err := a.withAccount(ctx, in.Run.ConnectionID, func(account Account) error {
		s.account = account
		return s.slice(ctx)
	})
	return standingOf(s.venue), err
}

// sender is one slice of sending a venue.
type sender struct {
	*Sending

	in      VenueInput
	account Account
	venue   store.ExportVenue
	begun   time.Time
}

// slice goes on from where the store says that the venue is.
func (s *sender) slice(ctx context.Context) error {
	if err := s.claim(ctx); err != nil {
		return err
	}
	switch s.venue.State {
	case domain.VenueSending:
	case domain.VenueCommitted:
		return s.readBack(ctx)
	default:
		return nil // it ended in an attempt whose answer was lost
	}
	if ready, err := s.draft(ctx); err != nil || !ready {
		return err
	}
	if done, err := s.putParts(ctx); err != nil || !done {
		return err
	}
	activity.RecordHeartbeat(ctx)
	return s.commit(ctx)
}

// claim is the fence: nothing is sent of an export that has ended.
func (s *sender) claim(ctx context.Context) error {
	venue, open, err := s.Store.BeginVenue(ctx, s.in.Run.ID, s.in.VenueID)
	if err != nil {
		return fromStore(err)
	}
	if !open {
		return exportEnded(s.in.Run.ID)
	}
	s.venue = venue
	return nil
}

// draft opens the import, or finds the one that an earlier attempt opened, in whatever
// state it is now. ready is false where the venue has ended.
func (s *sender) draft(ctx context.Context) (ready bool, err error) {
	for s.venue.State == domain.VenueSending {
		found, err := s.create(ctx)
		if err != nil {
			return false, s.noDraft(ctx, err)
		}
		activity.RecordHeartbeat(ctx)
		if found.Status == connexie.ImportDiscarded {
			if err := s.startOver(ctx); err != nil {
				return false, err
			}
			continue
		}
		if err := s.Store.RecordDraft(ctx, s.in.Run.ID, s.in.VenueID, s.venue.Attempt, found.ID); err != nil {
			return false, fromStore(err)
		}
		s.venue.ImportID = found.ID
		return found.Status == connexie.ImportDraft, s.conclude(ctx, found)
	}
	return false, nil
}

func (s *sender) create(ctx context.Context) (connexie.HourImport, error) {
	return s.account.CreateHourImport(ctx, newDraft(s.in, s.venue.Attempt))
}

// newDraft is the same for every repetition of one attempt at a venue, its key included:
// the key brings the same import back.
func newDraft(in VenueInput, attempt int) connexie.NewHourImport {
	return connexie.NewHourImport{
		VenueID: in.VenueID, Start: in.Run.Period.From, End: in.Run.Period.To, Kinds: in.Run.Kinds,
		IdempotencyKey: fmt.Sprintf("%s/%s/%d", in.Run.ID, in.VenueID, attempt),
	}
}

// noDraft says why there is no draft.
func (s *sender) noDraft(ctx context.Context, err error) error {
	switch codeOf(err) {
	case connexie.CodePayrollAlreadyRun:
		return s.endAs(ctx, domain.VenueRefused, ProblemPayroll)
	case connexie.CodeNotFound, connexie.CodeValidationFailed: // of what a draft says, only the venue can be wrong
		return s.fail(ctx, ProblemVenueUnknown)
	case connexie.CodeProtocol:
		return s.unreadDraft(ctx)
	}
	return s.failOn(ctx, fromImports("open an import for venue "+s.in.VenueID, err), err)
}

// unreadDraft gives up a draft that Connexie may have opened with an answer that nobody
// can read. The key brings it back once more, so that it does not stay behind.
func (s *sender) unreadDraft(ctx context.Context) error {
	found, err := s.create(ctx)
	if err != nil && codeOf(err) != connexie.CodeProtocol {
		return fromImports("find the draft of venue "+s.in.VenueID, err)
	}
	s.venue.ImportID = found.ID
	return s.fail(ctx, ErrorProtocol)
}

// putParts puts the parts that Connexie has not taken. done is false where the slice
// ended first.
func (s *sender) putParts(ctx context.Context) (done bool, err error) {
	recorded := s.venue.Sent
	lines, err := s.part(ctx, s.venue.Sent)
	if err != nil {
		return false, err
	}
	for parts := 1; len(lines) > 0; parts++ {
		if parts > s.sliceParts() || s.Now().Sub(s.begun) >= s.sliceTime() || stopping(ctx) {
			return false, s.recordSent(ctx, recorded)
		}
		next, taken, err := s.putPart(ctx, lines, recorded)
		if err != nil || !taken {
			return false, err
		}
		recorded, s.venue.Sent = s.venue.Sent, s.venue.Sent+len(lines)
		lines = next
		activity.RecordHeartbeat(ctx, s.venue.Sent/partLines+1)
	}
	return true, s.recordSent(ctx, recorded)
}

// putPart puts a part. It is not taken where the venue has ended with it, or begins anew
// with another draft. Meanwhile the store notes that the one before was taken, and the
// next is read. Neither is cut short where the part is not taken: a repetition goes on
// after what the store knows.
func (s *sender) putPart(
	ctx context.Context, lines []domain.ExportLine, recorded int,
) (next []domain.ExportLine, taken bool, err error) {
	var meanwhile errgroup.Group
	meanwhile.Go(func() error { return s.recordSent(ctx, recorded) })
	meanwhile.Go(func() (err error) {
		next, err = s.part(ctx, s.venue.Sent+len(lines))
		return err
	})
	refused := s.put(ctx, lines)
	err = meanwhile.Wait()
	if refused != nil {
		return nil, false, s.settle(ctx, refused, lines[0].Number)
	}
	return next, err == nil, err
}

// recordSent notes how many lines Connexie has taken, where the store knows of fewer.
func (s *sender) recordSent(ctx context.Context, recorded int) error {
	if s.venue.Sent == recorded {
		return nil
	}
	return fromStore(s.Store.RecordSent(ctx, s.in.Run.ID, s.in.VenueID, s.venue.Sent))
}

// part reads the part that follows so many lines; none at the end.
func (s *sender) part(ctx context.Context, sent int) ([]domain.ExportLine, error) {
	if sent >= s.venue.Lines {
		return nil, nil
	}
	first := s.venue.FirstLine + sent
	last := min(first+partLines, s.venue.FirstLine+s.venue.Lines) - 1
	lines, err := s.Store.ExportPart(ctx, s.in.Run.ID, first, last)
	if err == nil && len(lines) != last-first+1 {
		return nil, fromStore(fmt.Errorf("export %s: lines %d to %d: %w", s.in.Run.ID, first, last, store.ErrNotFound))
	}
	return lines, fromStore(err)
}

func (s *sender) put(ctx context.Context, lines []domain.ExportLine) error {
	part := (lines[0].Number-s.venue.FirstLine)/partLines + 1
	return s.account.PutHourImportPart(ctx, s.venue.ImportID, part, hourLines(lines))
}

func hourLines(lines []domain.ExportLine) []connexie.HourLine {
	out := make([]connexie.HourLine, len(lines))
	for i, line := range lines {
		out[i] = connexie.HourLine{
			Reference: reference(line), EmployeeID: line.ConnexieID, ContractID: line.ContractID,
			Date: line.Day, Code: line.Code, Quantity: line.Quantity,
		}
	}
	return out
}

// reference is our own id of a line: what Connexie rejects is told by it (X17).
func reference(line domain.ExportLine) string { return fmt.Sprintf("%s.%d", line.EntryID, line.Number) }

func (s *sender) sliceParts() int {
	if s.SliceParts > 0 {
		return s.SliceParts
	}
	return defaultSliceParts
}

func (s *sender) sliceTime() time.Duration {
	if s.SliceTime > 0 {
		return s.SliceTime
	}
	return defaultSliceTime
}
