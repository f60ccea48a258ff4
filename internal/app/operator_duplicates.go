package app

import (
	"context"
	"errors"
	"time"

	"github.com/eitje/connexie-worker/internal/domain"
	"github.com/eitje/connexie-worker/internal/store"
)

// LikelyDuplicate is a linked profile that an unlinked one looks like, with both sides
// (S22). It is about people: for an operator's own screen, and for nothing that is kept
// (N4).
type LikelyDuplicate struct {
	ConnexieID string `json:"connexie_id"`
	// Keep is the unlinked profile, and Drop the linked one.
	Keep RepairSide `json:"keep"`
	Drop RepairSide `json:"drop"`
	// SameName is that of a name with a birth date.
	SameName  bool `json:"same_name"`
	SamePhone bool `json:"same_phone"`
	// UndoneAt is when somebody last took the repair of the two back.
	UndoneAt time.Time `json:"undone_at,omitzero"`
	NextStep string    `json:"next_step"`
}

// RepairSide is one of two profiles as somebody compares them.
type RepairSide struct {
	ProfileSide
	Archived bool `json:"archived"`
	Entries  int  `json:"entries"`
	// Exported counts the entries that Connexie holds.
	Exported int `json:"exported"`
}

// MadeRepair is a repair that was made, and perhaps undone. It carries ids and counts
// alone.
type MadeRepair struct {
	RepairID    string        `json:"repair_id"`
	ConnexieID  string        `json:"connexie_id"`
	KeepID      string        `json:"keep_id"`
	DropID      string        `json:"drop_id"`
	LinkMoved   bool          `json:"link_moved"`
	Counts      domain.Counts `json:"counts"`
	RequestedBy string        `json:"requested_by"`
	RepairedAt  time.Time     `json:"repaired_at"`
	UndoCounts  domain.Counts `json:"undo_counts,omitempty"`
	UndoneBy    string        `json:"undone_by,omitempty"`
	UndoneAt    time.Time     `json:"undone_at,omitzero"`
}

// Duplicates lists the likely duplicates of a connection with both profiles side by
// side, at most limit. Needs the database.
func (o *Operator) Duplicates(ctx context.Context, connectionID string, limit int) ([]LikelyDuplicate, error) {
	connection, err := o.connection(ctx, connectionID)
	if err != nil {
		return nil, err
	}
	found, err := o.store.LikelyDuplicates(ctx, connection.ID, limit)
	duplicates := make([]LikelyDuplicate, 0, len(found))
	for _, pair := range found {
		keep, drop, err := o.store.RepairSides(ctx, connection.ID, pair.KeepID, pair.DropID, o.today())
		if err != nil {
			return nil, err
		}
		if keep == nil || drop == nil {
			continue // gone since
		}
		duplicates = append(duplicates, LikelyDuplicate{
			ConnexieID: pair.ConnexieID, Keep: repairSide(*keep), Drop: repairSide(*drop), SameName: pair.SameName,
			SamePhone: pair.SamePhone, UndoneAt: pair.UndoneAt,
			NextStep: "See what would move: starter duplicates preview " + pairFlags(pair.KeepID, pair.DropID),
		})
	}
	return duplicates, err
}

func pairFlags(keepID, dropID string) string { return "--keep " + keepID + " --drop " + dropID }

func repairSide(side store.RepairSide) RepairSide {
	return RepairSide{
		ProfileSide: profileSide(side.DisputeProfile), Archived: side.Archived, Entries: side.Entries, Exported: side.Exported,
	}
}

// Repairs lists the repairs of a connection, the newest first, at most limit. Needs the
// database.
func (o *Operator) Repairs(ctx context.Context, connectionID string, limit int) ([]MadeRepair, error) {
	connection, err := o.connection(ctx, connectionID)
	if err != nil {
		return nil, err
	}
	rows, err := o.store.Repairs(ctx, connection.ID, limit)
	repairs := make([]MadeRepair, 0, len(rows))
	for _, row := range rows {
		repairs = append(repairs, MadeRepair{
			RepairID: row.ID, ConnexieID: row.ConnexieID, KeepID: row.KeepID, DropID: row.DropID, LinkMoved: row.LinkMoved,
			Counts: row.Counts, RequestedBy: row.RequestedBy, RepairedAt: row.RepairedAt, UndoCounts: row.UndoCounts,
			UndoneBy: row.UndoneBy, UndoneAt: row.UndoneAt,
		})
	}
	return repairs, err
}

// connectionOfProfiles finds the connection of two profiles' organisation.
func (o *Operator) connectionOfProfiles(ctx context.Context, keepID, dropID string) (store.Connection, error) {
	const list = "See likely duplicates: starter duplicates list -h"
	for _, id := range []string{keepID, dropID} {
		if !isRecordID(id) {
			return store.Connection{}, malformed(list, "a team member", id)
		}
	}
	connection, err := o.store.ConnectionOfTeamMember(ctx, keepID)
	if errors.Is(err, store.ErrNotFound) {
		return connection, notFound(list, "there is no team member %s of an organisation with a connection", keepID)
	}
	return connection, err
}
