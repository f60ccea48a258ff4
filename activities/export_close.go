package activities

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// CloseExportInput ends an export.
type CloseExportInput struct {
	Run ExportRun `json:"run"`
	// Outcome is empty where what became of the venues decides.
	Outcome domain.ExportOutcome `json:"outcome,omitempty"`
	// Problem is why, in sentences, or the type of the error that kept venues from being
	// sent or ended the export.
	Problem string `json:"problem,omitempty"`
	// Differing are venues where Connexie does not hold what was exported last (X16).
	Differing []string `json:"differing,omitempty"`
	// Counts are those of the snapshot; nothing where there is none.
	Counts domain.Counts `json:"counts"`
}

// ExportEnding is how an export ended.
type ExportEnding struct {
	Outcome domain.ExportOutcome `json:"outcome"`
	Counts  domain.Counts        `json:"counts"`
	// Problem says in sentences why not everything was exported.
	Problem string `json:"problem,omitempty"`
}

// CloseExport ends an export with its outcome and its counts, and tells whoever must
// act (N1). It may be repeated; an export that is closed stays as it was closed.
// Errors: Database.
func (a *Exporting) CloseExport(ctx context.Context, in CloseExportInput) (ExportEnding, error) {
	if in.Counts == nil {
		in.Counts = domain.Counts{}
	}
	export, err := a.find(ctx, in.Run)
	switch {
	case typeOf(err) == ErrorInvalidInput: // no export was ever opened
		return ExportEnding{Outcome: in.Outcome, Counts: in.Counts, Problem: in.Problem}, nil
	case err != nil:
		return ExportEnding{}, fromStore(err)
	case !export.Closed():
		export, err = beating(ctx, func(ctx context.Context) (store.Export, error) { return a.close(ctx, in) })
	}
	return ExportEnding{Outcome: export.Outcome, Counts: export.Counts, Problem: export.Problem}, fromStore(err)
}

// find makes sure that there is an export to close: one that ended before its first
// activity began is opened, so that this activity, coming late, finds it closed.
func (a *Exporting) find(ctx context.Context, run ExportRun) (store.Export, error) {
	export, err := a.Store.Export(ctx, run.ID)
	if errors.Is(err, store.ErrNotFound) {
		export, _, err = openExport(ctx, a.Store, run, a.Now())
	}
	return export, err
}

// close tells whoever must act, and writes the outcome last, so that a repetition after
// a crash ends the export in the same way.
func (a *Exporting) close(ctx context.Context, in CloseExportInput) (store.Export, error) {
	venues, err := a.endPlanned(ctx, in)
	if err != nil {
		return store.Export{}, err
	}
	counts, err := a.count(ctx, in, venues)
	if err != nil {
		return store.Export{}, err
	}
	closing := store.ExportClosing{
		Outcome: exportOutcome(in, venues), Counts: counts, Problem: strings.Join(exportProblems(in, venues), "\n"),
	}
	if !in.Run.preview() {
		if err := a.tell(ctx, in, venues, closing); err != nil {
			return store.Export{}, err
		}
	}
	return a.Store.CloseExport(ctx, in.Run.ID, closing, a.Now())
}

// endPlanned ends the venues that were not begun although the export was to send:
// nothing more is sent. A venue that is still sending could not be settled; it stays, so
// that the next export settles it.
func (a *Exporting) endPlanned(ctx context.Context, in CloseExportInput) ([]store.ExportVenue, error) {
	venues, err := a.Store.ExportVenues(ctx, in.Run.ID)
	if err != nil || in.Run.preview() || in.Outcome == domain.ExportNeedsAcknowledgement {
		return venues, err
	}
	state, problem := domain.VenueFailed, in.Problem
	if in.Outcome == domain.ExportCancelled || in.Outcome == domain.ExportFailed || has(venues, domain.VenueSuperseded) {
		state, problem = domain.VenueCancelled, ""
	}
	for i, venue := range venues {
		if venue.State != domain.VenuePlanned {
			continue
		}
		if err := a.Store.EndVenue(ctx, in.Run.ID, venue.ConnexieVenueID, state, problem); err != nil {
			return nil, err
		}
		venues[i].State, venues[i].Problem = state, problem
	}
	return venues, nil
}

func has(venues []store.ExportVenue, state domain.VenueState) bool {
	for _, venue := range venues {
		if venue.State == state {
			return true
		}
	}
	return false
}

// exportOutcome is how the export ended: what ended it from without, or what became of
// its venues. A preview ends as the export would.
func exportOutcome(in CloseExportInput, venues []store.ExportVenue) domain.ExportOutcome {
	if in.Outcome != "" {
		return in.Outcome
	}
	states, lines := make([]domain.VenueState, len(venues)), 0
	for i, venue := range venues {
		states[i] = venue.State
		if in.Run.preview() && venue.State == domain.VenuePlanned {
			states[i] = domain.VenueExported
		}
		lines += venue.Lines
	}
	return domain.ExportOutcomeOf(states, lines)
}

// count adds to what the snapshot counted what became of it: the venues, what a preview
// would change, and how long the correction sheet is.
func (a *Exporting) count(ctx context.Context, in CloseExportInput, venues []store.ExportVenue) (domain.Counts, error) {
	counts := maps.Clone(in.Counts)
	if len(venues) == 0 {
		return counts, nil
	}
	counts["venues"] = len(venues)
	for _, venue := range venues {
		if word, counted := venueWords[venue.State]; counted {
			counts[word]++
		}
	}
	if !in.Run.preview() && !has(venues, domain.VenueRefused) {
		return counts, nil
	}
	differences, err := a.Store.CountDifferences(ctx, in.Run.ID)
	if err != nil {
		return nil, err
	}
	counts["corrections"] = differences.Corrections
	if in.Run.preview() {
		counts["added"], counts["changed"], counts["removed"] = differences.Added, differences.Changed, differences.Removed
	}
	return counts, nil
}

// venueWords count the venues by what became of them; one that could not be settled
// has failed.
var venueWords = map[domain.VenueState]string{
	domain.VenueExported:   "venues_exported",
	domain.VenueRefused:    "venues_refused",
	domain.VenueRejected:   "venues_rejected",
	domain.VenueFailed:     "venues_failed",
	domain.VenueSending:    "venues_failed",
	domain.VenueCommitted:  "venues_failed",
	domain.VenueSuperseded: "venues_superseded",
	domain.VenueCancelled:  "venues_cancelled",
}

// tell opens and closes what the ending means for the period (N1). A refusal before
// anything was collected is the answer to whoever asked, and needs no notification.
func (a *Exporting) tell(ctx context.Context, in CloseExportInput, venues []store.ExportVenue, closing store.ExportClosing) error {
	connection, now := in.Run.ConnectionID, a.Now()
	switch closing.Outcome {
	case domain.ExportOK, domain.ExportNothing:
		if err := a.Store.CloseIncompleteExports(ctx, connection, in.Run.Period, now); err != nil {
			return err
		}
	case domain.ExportPartly, domain.ExportRefused, domain.ExportRejected, domain.ExportFailed, domain.ExportSuperseded:
		if len(venues) == 0 && closing.Outcome == domain.ExportRefused {
			break
		}
		notice := domain.ExportIncompleteNotice(in.Run.request(), in.Run.ID, closing.Outcome, closing.Problem)
		if _, err := a.Store.OpenNotices(ctx, connection, []domain.Notice{notice}, now); err != nil {
			return err
		}
	}
	return a.Store.SyncExportNotices(ctx, connection, now)
}
