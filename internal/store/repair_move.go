package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// profileMove is one repair, or one undo, at work: from one profile to the other.
type profileMove struct {
	request RepairRequest
	// made is the repair that is made, or taken back.
	made     Repair
	from, to string
	// follows tells that one of the two has the link, and is to hold what Connexie says.
	follows bool
	now     time.Time

	counts  domain.Counts
	changes []domain.Change
	moved   []movedRow
}

// movedRow is a row of connexie.repair_moves.
type movedRow struct {
	Object   string          `json:"object"`
	ObjectID string          `json:"object_id"`
	Version  *int64          `json:"version"`
	Before   json.RawMessage `json:"before"`
	After    json.RawMessage `json:"after"`
}

func newRepairMove(request RepairRequest, pair repairPairRows, now time.Time) *profileMove {
	made := Repair{
		ID: request.ID, ConnectionID: request.ConnectionID, KeepID: request.KeepID, DropID: request.DropID,
		ConnexieID: pair.keep.ConnexieID, RequestedBy: request.By, RepairedAt: now,
	}
	if made.ConnexieID == "" {
		made.ConnexieID, made.LinkMoved = pair.drop.ConnexieID, true
	}
	return &profileMove{
		request: request, made: made, from: made.DropID, to: made.KeepID, follows: true, now: now, counts: domain.Counts{},
	}
}

func newUndoMove(request RepairRequest, made Repair, pair repairPairRows, now time.Time) *profileMove {
	return &profileMove{
		request: request, made: made, from: made.KeepID, to: made.DropID, follows: pair.keep.ConnexieID == made.ConnexieID,
		now: now, counts: domain.Counts{},
	}
}

// steps are done in their order; the first error ends them.
type repairStep func(ctx context.Context, tx pgx.Tx) error

func inOrder(ctx context.Context, tx pgx.Tx, steps ...repairStep) error {
	for _, step := range steps {
		if err := step(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func (m *profileMove) repair(ctx context.Context, tx pgx.Tx) error {
	var kept []string
	return inOrder(ctx, tx,
		func(ctx context.Context, tx pgx.Tx) (err error) {
			kept, err = m.entriesOf(ctx, tx, m.to)
			return err
		},
		m.moveLink,
		func(ctx context.Context, tx pgx.Tx) error {
			ids, err := m.entriesOf(ctx, tx, m.from)
			if err != nil {
				return err
			}
			return m.moveEntries(ctx, tx, ids)
		},
		m.moveContracts, m.moveVenues, m.followConnexie, m.archive, m.closeAnnouncement,
		func(ctx context.Context, tx pgx.Tx) error { return m.record(ctx, tx, kept) },
		m.audit(ActRepair),
	)
}

func (m *profileMove) undo(ctx context.Context, tx pgx.Tx) error {
	var moved []movedRow
	return inOrder(ctx, tx,
		func(ctx context.Context, tx pgx.Tx) (err error) {
			moved, err = readMoves(ctx, tx, m.made.ID)
			return err
		},
		m.moveLink,
		m.returnEntries,
		func(ctx context.Context, tx pgx.Tx) error { return m.returnContracts(ctx, tx, moved) },
		func(ctx context.Context, tx pgx.Tx) error { return m.returnVenues(ctx, tx, moved) },
		func(ctx context.Context, tx pgx.Tx) error { return m.restoreProfiles(ctx, tx, moved) },
		m.followConnexie, m.openAnnouncement, m.recordUndo, m.audit(ActUndo),
	)
}

// linked is the profile that has the link once it is all done.
func (m *profileMove) linked() string {
	if m.made.LinkMoved {
		return m.to
	}
	return m.made.KeepID
}

// moveLink moves the link, unless the kept profile had it all along.
func (m *profileMove) moveLink(ctx context.Context, tx pgx.Tx) error {
	const query = `
		update connexie.links set team_member_id = @to
		 where connection_id = @connection_id and team_member_id = @from and connexie_id = @connexie_id`
	if !m.made.LinkMoved {
		return nil
	}
	moved, err := execute(ctx, tx, "move the link", query, args{
		"connection_id": m.made.ConnectionID, "from": m.from, "to": m.to, "connexie_id": m.made.ConnexieID,
	})
	m.counts[countLink] = moved
	m.changes = append(m.changes,
		domain.Change{Object: domain.ObjectLink, ObjectID: m.from, Field: "connexie_id", Before: m.made.ConnexieID},
		domain.Change{Object: domain.ObjectLink, ObjectID: m.to, Field: "connexie_id", After: m.made.ConnexieID})
	return err
}

// followConnexie makes the linked profile hold what Connexie says of the person, as a
// synchronisation would, so that the next one finds nothing to do (S9).
func (m *profileMove) followConnexie(ctx context.Context, tx pgx.Tx) error {
	if !m.follows {
		return nil
	}
	before, err := m.imagesOf(ctx, tx)
	if err != nil {
		return err
	}
	decisions, err := venueDecisions(ctx, tx, m.made.ConnectionID)
	if err != nil {
		return err
	}
	batch := Batch{
		Run: PlanOwner{ConnectionID: m.made.ConnectionID}, Day: domain.DayOf(m.now), By: m.request.By,
		ConnexieIDs: []string{m.made.ConnexieID},
	}
	scope := Scope{ConnectionID: m.made.ConnectionID, Day: batch.Day, Venues: decisions.Map()}
	facts, err := gather(ctx, tx, scope, batch.ConnexieIDs)
	if err != nil {
		return err
	}
	for _, fact := range facts {
		plan := domain.PlanPerson(fact)
		plan.AssignIDs(newID)
		if err := m.write(ctx, tx, batch, plan); err != nil {
			return err
		}
	}
	return m.noteImages(ctx, tx, before)
}

func (m *profileMove) write(ctx context.Context, tx pgx.Tx, batch Batch, plan domain.Plan) error {
	for _, write := range []func(context.Context, pgx.Tx, Batch, []domain.Plan, time.Time) error{
		writeProfiles, writeContracts, writeVenues, writeStandings, writePlanNotices,
	} {
		if err := write(ctx, tx, batch, []domain.Plan{plan}, m.now); err != nil {
			return err
		}
	}
	m.counts[countFields] += len(plan.Changes)
	m.changes = append(m.changes, plan.Changes...)
	return nil
}

// archive puts the empty profile away: it never matches again.
func (m *profileMove) archive(ctx context.Context, tx pgx.Tx) error {
	const query = `
		update eitje.team_members
		   set archived_at = @now, active = false,
		       deactivated_at = case when active then @now else deactivated_at end,
		       deactivated_by = case when active then @by else deactivated_by end
		 where id = @id`
	before, err := rowImages(ctx, tx, "team_members", "id", m.made.DropID)
	if err != nil {
		return err
	}
	if _, err := execute(ctx, tx, "archive the empty profile", query,
		args{"id": m.made.DropID, "now": m.now, "by": m.request.By}); err != nil {
		return err
	}
	after, err := rowImages(ctx, tx, "team_members", "id", m.made.DropID)
	if err != nil {
		return err
	}
	return m.noteProfile(m.made.DropID, before, after)
}

// closeAnnouncement closes what was told of the duplicate (N1).
func (m *profileMove) closeAnnouncement(ctx context.Context, tx pgx.Tx) error {
	closed, err := closeNotices(ctx, tx, m.made.ConnectionID,
		[]NoticeKey{{Cause: domain.CauseLikelyDuplicate, Subject: m.made.ConnexieID}}, m.now)
	m.made.Announced = closed > 0
	return err
}

// openAnnouncement tells of the duplicate again, and closes what the repair told of a
// profile that it had activated.
func (m *profileMove) openAnnouncement(ctx context.Context, tx pgx.Tx) error {
	const query = `
		update connexie.notifications set closed_at = @now
		 where connection_id = @connection_id and subject = @connexie_id and cause = @cause and closed_at is null
		   and opened_at = @repaired_at`
	if _, err := execute(ctx, tx, "close what the repair told", query, args{
		"connection_id": m.made.ConnectionID, "connexie_id": m.made.ConnexieID, "cause": string(domain.CauseReactivated),
		"now": m.now, "repaired_at": m.made.RepairedAt,
	}); err != nil || !m.made.Announced {
		return err
	}
	created, other := m.made.DropID, m.made.KeepID
	if !m.made.LinkMoved {
		created, other = other, created
	}
	notice := domain.LikelyDuplicateNotice(m.made.ConnexieID, created, []string{other})
	_, err := refreshNotices(ctx, tx, m.made.ConnectionID, []domain.Notice{notice}, m.now)
	return err
}

// audit leaves a line for whatever changed (S10).
func (m *profileMove) audit(kind ActKind) repairStep {
	return func(ctx context.Context, tx pgx.Tx) error {
		return writeActChanges(ctx, tx, Act{
			Kind: kind, ID: m.request.ID, ConnectionID: m.made.ConnectionID, ConnexieID: m.made.ConnexieID, By: m.request.By,
		}, m.changes, m.now)
	}
}

func (m *profileMove) record(ctx context.Context, tx pgx.Tx, kept []string) error {
	const repair = `
		insert into connexie.repairs (id, connection_id, keep_id, drop_id, connexie_id, link_moved, announced, counts,
		       kept_entries, requested_by, repaired_at)
		values (@id, @connection_id, @keep, @drop, @connexie_id, @link_moved, @announced, @counts, @kept, @by, @now)`
	const moves = `
		insert into connexie.repair_moves (repair_id, object, object_id, version, before, after)
		select @id, r.* from jsonb_to_recordset(@rows) as r(object text, object_id uuid, version bigint, before jsonb, after jsonb)`
	if _, err := execute(ctx, tx, "keep the repair", repair, args{
		"id": m.made.ID, "connection_id": m.made.ConnectionID, "keep": m.made.KeepID, "drop": m.made.DropID,
		"connexie_id": m.made.ConnexieID, "link_moved": m.made.LinkMoved, "announced": m.made.Announced, "counts": m.counts,
		"kept": kept, "by": m.request.By, "now": m.now,
	}); err != nil {
		return err
	}
	rows, err := json.Marshal(append([]movedRow{}, m.moved...))
	if err != nil {
		return err
	}
	_, err = execute(ctx, tx, "keep what was moved", moves, args{"id": m.made.ID, "rows": string(rows)})
	return err
}

func (m *profileMove) recordUndo(ctx context.Context, tx pgx.Tx) error {
	const query = `
		update connexie.repairs
		   set undo_id = @undo_id, undo_counts = @counts, undone_by = @by, undone_at = @now
		 where id = @id`
	_, err := execute(ctx, tx, "keep that the repair was undone", query, args{
		"id": m.made.ID, "undo_id": m.request.ID, "counts": m.counts, "by": m.request.By, "now": m.now,
	})
	return err
}

func readMoves(ctx context.Context, tx pgx.Tx, repairID string) ([]movedRow, error) {
	const query = `
		select object, object_id::text, version, before, after
		  from connexie.repair_moves where repair_id = @id order by object, object_id`
	return collect[movedRow](ctx, tx, "read what was moved", query, args{"id": repairID})
}

// ofObject are the ids of what was moved of one sort.
func ofObject(moved []movedRow, object string) []string {
	ids := []string{}
	for _, row := range moved {
		if row.Object == object {
			ids = append(ids, row.ObjectID)
		}
	}
	return ids
}
