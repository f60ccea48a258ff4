package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// ExportRun says which export an activity works for. It travels with every call and
// each activity finds the export by it, so that nothing is kept between them.
type ExportRun struct {
	// ID is derived from the workflow (a UUIDv5).
	ID           string        `json:"export_id"`
	ConnectionID string        `json:"connection_id"`
	WorkflowID   string        `json:"workflow_id"`
	Period       domain.Period `json:"period"`
	// Kinds are in the order of domain.ExportKinds.
	Kinds               []domain.ExportKind `json:"kinds"`
	Mode                Mode                `json:"mode"`
	AcknowledgeUnmapped bool                `json:"acknowledge_unmapped"`
	RequestedBy         string              `json:"requested_by"`
}

// preview reports whether the export sends nothing (X16).
func (r ExportRun) preview() bool { return r.Mode == ModePreview }

// request is what would export the same again.
func (r ExportRun) request() domain.ExportRequest {
	return domain.ExportRequest{
		ConnectionID: r.ConnectionID, Period: r.Period, Kinds: r.Kinds, AcknowledgeUnmapped: r.AcknowledgeUnmapped,
	}
}

// VenueInput names one venue of an export.
type VenueInput struct {
	Run     ExportRun `json:"run"`
	VenueID string    `json:"venue_id"`
}

// VenueStanding is how far one Connexie venue of an export is.
type VenueStanding struct {
	VenueID string            `json:"venue_id"`
	State   domain.VenueState `json:"state"`
	// Lines are those to send, Sent those that Connexie has taken.
	Lines int `json:"lines"`
	Sent  int `json:"sent"`
}

func standingOf(venue store.ExportVenue) VenueStanding {
	return VenueStanding{VenueID: venue.ConnexieVenueID, State: venue.State, Lines: venue.Lines, Sent: venue.Sent}
}

// Exporting holds the activities of an export that need the store alone.
type Exporting struct {
	Store *store.Store
	// Now is the clock.
	Now func() time.Time
}

// SnapshotExportResult tells what an export holds.
type SnapshotExportResult struct {
	Lines int `json:"lines"`
	// Unmapped are meals and allowances that have no code and are left out (C6).
	Unmapped int `json:"unmapped"`
	// Counts has lines, entries, skipped, unmapped, days_to_come, and what was left out by
	// rule and reason, as in skipped.X1.not_approved.
	Counts domain.Counts `json:"counts"`
}

// SnapshotExport freezes what an export sends and what it leaves out, with each rule
// (X14, X16). A repetition replaces what it froze, as long as nothing was sent of it.
// Errors: FenceLost, Database.
func (a *Exporting) SnapshotExport(ctx context.Context, in ExportRun) (SnapshotExportResult, error) {
	if err := begin(ctx, a.Store, in, "collecting"); err != nil {
		return SnapshotExportResult{}, err
	}
	snapshot, err := beating(ctx, func(ctx context.Context) (store.Snapshot, error) {
		return a.Store.SnapshotExport(ctx, in.ID)
	})
	if err != nil {
		return SnapshotExportResult{}, fromStore(err)
	}
	counts := domain.Counts{
		"lines": snapshot.Lines, "entries": snapshot.Entries, "skipped": snapshot.Skips, "unmapped": snapshot.Unmapped,
		"days_to_come": daysToCome(in.Period, domain.DayOf(a.Now())),
	}
	for reason, number := range snapshot.Skipped {
		counts["skipped."+reason] = number
	}
	return SnapshotExportResult{Lines: snapshot.Lines, Unmapped: snapshot.Unmapped, Counts: counts}, nil
}

// daysToCome counts the days of a period after today: they hold nothing approved yet
// (X10).
func daysToCome(period domain.Period, today domain.Date) int {
	tomorrow := today.AddDays(1)
	if period.From.Before(tomorrow) {
		period.From = tomorrow
	}
	return max(0, period.Days())
}

// MarkVenue marks the entries that a committed venue holds as exported, and unmarks
// those that it no longer holds (X11). A repetition changes nothing. Errors: FenceLost,
// Database.
func (a *Exporting) MarkVenue(ctx context.Context, in VenueInput) (VenueStanding, error) {
	_, err := beating(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, a.Store.MarkVenue(ctx, in.Run.ID, in.VenueID, a.Now())
	})
	// Where another attempt has ended the venue otherwise, its state tells.
	if err != nil && !errors.Is(err, store.ErrVenueMovedOn) {
		return VenueStanding{}, fromStore(err)
	}
	venue, err := venueOf(ctx, a.Store, in)
	return standingOf(venue), err
}

// venueOf finds one venue of an export.
func venueOf(ctx context.Context, s *store.Store, in VenueInput) (store.ExportVenue, error) {
	venues, err := s.ExportVenues(ctx, in.Run.ID)
	if err != nil {
		return store.ExportVenue{}, fromStore(err)
	}
	for _, venue := range venues {
		if venue.ConnexieVenueID == in.VenueID {
			return venue, nil
		}
	}
	return store.ExportVenue{}, invalidInput("export %s has no venue %s", in.Run.ID, in.VenueID)
}

// begin notes how far an export is, and refuses to work for one that has ended.
func begin(ctx context.Context, s *store.Store, run ExportRun, stage string) error {
	export, err := s.Export(ctx, run.ID)
	if err != nil {
		return fromStore(err)
	}
	if export.Closed() {
		return exportEnded(run.ID)
	}
	if export.Stage == stage {
		return nil
	}
	return fromStore(s.SetExportStage(ctx, run.ID, stage))
}

// exportEnded says that whoever works for the export has been left behind.
func exportEnded(id string) error {
	return temporal.NewNonRetryableApplicationError(
		fmt.Sprintf("export %s has ended; nothing more is sent of it", id), ErrorFenceLost, nil)
}

// openExport opens the export, or finds it, and its connection. One of a paused
// connection that is under way goes on (C9).
func openExport(ctx context.Context, s *store.Store, run ExportRun, now time.Time) (store.Export, store.Connection, error) {
	connection, err := usableConnection(ctx, s, run.ConnectionID, func() error {
		_, err := s.Export(ctx, run.ID)
		return err
	})
	if err != nil {
		return store.Export{}, connection, err
	}
	opened, err := s.OpenExport(ctx, store.ExportOpening{
		ID: run.ID, ConnectionID: run.ConnectionID, WorkflowID: run.WorkflowID, Period: run.Period, Kinds: run.Kinds,
		Mode: string(run.Mode), AcknowledgeUnmapped: run.AcknowledgeUnmapped, RequestedBy: run.RequestedBy,
	}, now)
	return opened, connection, fromStore(err)
}
