package store

import (
	"context"
	"fmt"
	"regexp"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// erasedID stands in place of a Connexie ID that has been removed: it has the form of
// one, and nobody's begins like it.
const erasedID = "-erased-"

// erasureStep is what is done with a person's rows of one table.
type erasureStep struct {
	table  string
	effect ErasureEffect
	query  string
}

// theirs tells of a row that it is about the person, by either id. One that is not known
// is null, and matches nothing.
const theirs = `(connexie_id = @connexie_id or team_member_id = @team_member_id::uuid)`

// theirDuplicates are the profiles that were made one with the person's, in any number of
// steps (S22): they are the person's as well.
const theirDuplicates = `(
	with recursive dropped as (
		select drop_id as id from connexie.repairs where keep_id = @team_member_id::uuid and undone_at is null
		union
		select r.drop_id from dropped d join connexie.repairs r on r.keep_id = d.id and r.undone_at is null)
	select id from dropped)`

// erasureSteps are all of an erasure, rows that point to others first. A test holds them
// against every column of the database, and looks for what they left behind.
var erasureSteps = []erasureStep{
	{"connexie.dispute_candidates", RowsRemoved, `
		delete from connexie.dispute_candidates where connection_id = @connection_id and ` + theirs},
	{"connexie.dispute_decisions", RowsRemoved, `
		delete from connexie.dispute_decisions where connection_id = @connection_id and ` + theirs},
	{"connexie.holds", RowsRemoved, `
		delete from connexie.holds where connection_id = @connection_id and connexie_id = @connexie_id`},
	{"connexie.ending_notes", RowsRemoved, `
		delete from connexie.ending_notes
		 where ending_id in (select id from connexie.endings where connection_id = @connection_id and ` + theirs + `)`},
	{"connexie.endings", RowsRemoved, `
		delete from connexie.endings where connection_id = @connection_id and ` + theirs},
	{"connexie.person_standings", RowsRemoved, `
		delete from connexie.person_standings where connection_id = @connection_id and connexie_id = @connexie_id`},
	{"connexie.person_contracts", RowsRemoved, `
		delete from connexie.person_contracts where connection_id = @connection_id and connexie_id = @connexie_id`},
	{"connexie.people", RowsRemoved, `
		delete from connexie.people where connection_id = @connection_id and connexie_id = @connexie_id`},
	{"connexie.reading_pages", RowsEmptied, `
		update connexie.reading_pages g set ids = array_remove(g.ids, @connexie_id), erased = g.erased + 1
		  from connexie.readings r
		 where r.connection_id = @connection_id and r.number = g.reading and @connexie_id = any(g.ids)`},
	{"connexie.sync_items", RowsRemoved, `
		delete from connexie.sync_items
		 where run_id in (select id from connexie.sync_runs where connection_id = @connection_id) and ` + theirs},
	{"connexie.sync_runs", RowsEmptied, `
		update connexie.sync_runs set only_connexie_id = '` + erasedID + `', workflow_id = '` + erasedID + `'
		 where connection_id = @connection_id and only_connexie_id = @connexie_id`},
	{"connexie.changes", RowsEmptied, `
		update connexie.changes
		   set connexie_id = '', before = null, after = null,
		       object_id = case when object_id = @connexie_id then '' else object_id end
		 where connection_id = @connection_id
		   and (connexie_id = @connexie_id
		        or object_id in (select @team_member_id::text
		                         union all
		                         select id::text from ` + theirDuplicates + ` d
		                         union all
		                         select id::text from eitje.contracts
		                          where team_member_id = @team_member_id::uuid or team_member_id in ` + theirDuplicates + `))`},
	// What was to be delivered goes with them.
	{"connexie.notifications", RowsRemoved, `
		delete from connexie.notifications
		 where connection_id = @connection_id and subject in (@connexie_id, @team_member_id::text)`},
	{"eitje.team_member_venues", RowsRemoved, `
		delete from eitje.team_member_venues
		 where team_member_id = @team_member_id::uuid or team_member_id in ` + theirDuplicates},
	{"eitje.team_members", RowsEmptied, `
		update eitje.team_members
		   set email = null, first_name = null, infix = null, last_name = null, date_of_birth = null, phone = null,
		       street = null, house_number = null, postal_code = null, city = null, country = null, active = false,
		       deactivated_at = coalesce(deactivated_at, @now), deactivated_by = 'erasure',
		       archived_at = coalesce(archived_at, @now), erased_at = @now
		 where id = @team_member_id::uuid or id in ` + theirDuplicates},
	// What was set aside with a duplicate; the moves and their before-images go with the
	// repairs, which nobody can take back any more.
	{"eitje.contracts", RowsRemoved, `
		delete from eitje.contracts where team_member_id in ` + theirDuplicates},
	{"connexie.repairs", RowsRemoved, `
		delete from connexie.repairs
		 where connection_id = @connection_id
		   and (connexie_id = @connexie_id or @team_member_id::uuid in (keep_id, drop_id))`},
}

// What becomes of the ids that exports go by. As long as an entry of the person may have
// to be exported again they stay, without what a contract says beside its days and type;
// housekeeping removes them later. Where there is no such entry they go at once.
var (
	keepIDsSteps = []erasureStep{
		{"eitje.contracts", RowsEmptied, `
			update eitje.contracts set hours_per_week = null, hourly_wage = null, job_title = null
			 where team_member_id = @team_member_id::uuid`},
		{"connexie.links", RowsKept, `
			select from connexie.links where team_member_id = @team_member_id::uuid`},
		{"connexie.export_lines", RowsKept, `
			select from connexie.export_lines where team_member_id = @team_member_id::uuid`},
	}
	removeIDsSteps = []erasureStep{
		{"eitje.contracts", RowsRemoved, `
			delete from eitje.contracts where team_member_id = @team_member_id::uuid`},
		{"connexie.links", RowsRemoved, `
			delete from connexie.links where team_member_id = @team_member_id::uuid`},
		{"connexie.export_lines", RowsEmptied, `
			update connexie.export_lines set connexie_id = '` + erasedID + `'
			 where team_member_id = @team_member_id::uuid`},
	}
	keptSteps = []erasureStep{
		{"eitje.entries", RowsKept, `select from eitje.entries where team_member_id = @team_member_id::uuid`},
		{"connexie.exported_entries", RowsKept, `
			select from connexie.exported_entries x join eitje.entries e on e.id = x.entry_id
			 where e.team_member_id = @team_member_id::uuid`},
	}
)

// lastWork is the last day of which an export may still have to bring something of a
// person; null where there is none.
const lastWork = `
	select greatest(
	       (select max(day) from eitje.entries
	         where team_member_id = @team_member_id::uuid and kind = 'worked' and state <> 'deleted'),
	       (select max(day) from connexie.export_lines where team_member_id = @team_member_id::uuid))`

// remove does the work, and keeps what is to be kept of the act itself.
func (e *erasing) remove(ctx context.Context, tx pgx.Tx) error {
	keeps, err := e.keepsIDs(ctx, tx)
	if err != nil {
		return err
	}
	ids := removeIDsSteps
	if keeps {
		ids = keepIDsSteps
	}
	for _, steps := range [][]erasureStep{erasureSteps, ids, keptSteps} {
		for _, step := range steps {
			if err := e.do(ctx, tx, step); err != nil {
				return err
			}
		}
	}
	if err := e.note(ctx, tx, keeps); err != nil {
		return err
	}
	return dropETags(ctx, tx, e.request.ConnectionID, ListPeople)
}

func (e *erasing) keepsIDs(ctx context.Context, tx pgx.Tx) (bool, error) {
	if !e.subject.Linked {
		return false, nil
	}
	last, err := value[*domain.Date](ctx, tx, "ask what may be exported again", lastWork,
		args{"team_member_id": e.subject.TeamMemberID})
	return last != nil && !last.IsZero(), err
}

func (e *erasing) do(ctx context.Context, tx pgx.Tx, step erasureStep) error {
	rows, err := execute(ctx, tx, "erase from "+step.table, step.query, e.argsOf(step.query))
	if err != nil {
		return err
	}
	if rows > 0 {
		e.report.Rows = append(e.report.Rows, ErasedRows{Table: step.table, Effect: step.effect, Rows: rows})
	}
	return nil
}

var namedArgument = regexp.MustCompile(`@([a-z_]+)`)

// argsOf are the arguments that a step names.
func (e *erasing) argsOf(query string) args {
	all := args{
		"connection_id": e.request.ConnectionID, "connexie_id": orNull(e.subject.ConnexieID),
		"team_member_id": orNull(e.subject.TeamMemberID), "now": e.now,
	}
	named := args{}
	for _, found := range namedArgument.FindAllStringSubmatch(query, -1) {
		named[found[1]] = all[found[1]]
	}
	return named
}

// note keeps the act, by which readings recognise the person, and its audit line.
func (e *erasing) note(ctx context.Context, tx pgx.Tx, keepsIDs bool) error {
	const query = `
		insert into connexie.erasures (id, connection_id, team_member_id, key_id, id_hash, erased_at, erased_by, forced, ids_removed_at)
		values (@id, @connection_id, @team_member_id, @key_id, @id_hash, @now, @by, @forced, @ids_removed_at)`
	e.report.Erasure = Erasure{
		ID: newID(), ConnectionID: e.request.ConnectionID, TeamMemberID: e.subject.TeamMemberID,
		Recognised: e.subject.ConnexieID != "", ErasedAt: e.now, ErasedBy: e.request.By, Forced: len(e.report.Obstacles) > 0,
	}
	var (
		keyID     *string
		hash      []byte
		removedAt any
	)
	if !keepsIDs {
		removedAt, e.report.Erasure.IDsRemovedAt = e.now, e.now
	}
	if e.report.Erasure.Recognised {
		newest := e.hasher.NewestKey()
		made, err := e.hasher.HashID(newest, e.request.ConnectionID, e.subject.ConnexieID)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrErasedUnknown, err)
		}
		keyID, hash = &newest, made
	}
	_, err := execute(ctx, tx, "note the erasure", query, args{
		"id": e.report.Erasure.ID, "connection_id": e.request.ConnectionID, "team_member_id": orNull(e.subject.TeamMemberID),
		"key_id": keyID, "id_hash": hash, "now": e.now, "by": e.request.By, "forced": e.report.Erasure.Forced,
		"ids_removed_at": removedAt,
	})
	if err != nil {
		return err
	}
	return e.report.Erasure.audit(ctx, tx, domain.FieldErased, e.request.By, e.now)
}
