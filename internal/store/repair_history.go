package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/eitje/connexie-worker/internal/domain"
)

// moveContracts moves the contracts of the dropped profile. Where that one is linked, the
// kept profile's own contracts of Connexie give way to those of the link and are set
// aside with the dropped profile; a sync would remove them. Where the kept one is
// linked, contracts of Connexie stay behind for the same reason, and those that were
// entered by hand move.
func (m *profileMove) moveContracts(ctx context.Context, tx pgx.Tx) error {
	const aside = `
		select id::text from eitje.contracts
		 where team_member_id = @to and connexie_contract_id is not null and @link_moves order by id`
	const moving = `
		select id::text from eitje.contracts
		 where team_member_id = @from and (@link_moves or connexie_contract_id is null) order by id`
	setAside, err := column[string](ctx, tx, "find contracts that give way", aside, args{"to": m.to, "link_moves": m.made.LinkMoved})
	if err != nil {
		return err
	}
	ids, err := column[string](ctx, tx, "find contracts", moving, args{"from": m.from, "link_moves": m.made.LinkMoved})
	if err != nil {
		return err
	}
	m.noteMoved(movedContract, ids)
	m.noteMoved(movedContractAside, setAside)
	return m.swapContracts(ctx, tx, ids, setAside)
}

// swapContracts moves contracts the way of the repair, or of the undo, and others the
// other way. Both sides may hold the same contract of Connexie, which one profile cannot
// hold twice: the others are taken out in between, and come back as they were.
func (m *profileMove) swapContracts(ctx context.Context, tx pgx.Tx, ids, others []string) error {
	const takeOut = `
		delete from eitje.contracts c where id = any(@ids::uuid[]) and team_member_id = @to returning to_jsonb(c)::text`
	const move = `
		update eitje.contracts set team_member_id = @to
		 where id = any(@ids::uuid[]) and team_member_id = @from returning id::text`
	const putBack = `
		insert into eitje.contracts
		select (jsonb_populate_record(null::eitje.contracts, row || jsonb_build_object('team_member_id', @from::uuid))).*
		  from unnest(@rows::jsonb[]) as rows(row)
		returning id::text`
	out, err := column[string](ctx, tx, "take out contracts", takeOut, args{"ids": others, "to": m.to})
	if err != nil {
		return err
	}
	moved, err := column[string](ctx, tx, "move contracts", move, args{"ids": ids, "from": m.from, "to": m.to})
	if err != nil {
		return err
	}
	back, err := column[string](ctx, tx, "set contracts aside", putBack, args{"rows": out, "from": m.from})
	if err != nil {
		return err
	}
	m.tellMoved(domain.ObjectContract, moved, m.from, m.to)
	m.tellMoved(domain.ObjectContract, back, m.to, m.from)
	m.counts[countContracts], m.counts[countAside] = len(moved), len(back)
	return nil
}

func (m *profileMove) noteMoved(object string, ids []string) {
	for _, id := range ids {
		m.moved = append(m.moved, movedRow{Object: object, ObjectID: id})
	}
}

func (m *profileMove) tellMoved(object domain.Object, ids []string, from, to string) {
	for _, id := range ids {
		m.changes = append(m.changes, domain.Change{Object: object, ObjectID: id, Field: "team_member_id", Before: from, After: to})
	}
}

// returnContracts moves back the contracts that are still there. A contract that had been
// entered by hand, and was taken over in following Connexie, is as it was again.
func (m *profileMove) returnContracts(ctx context.Context, tx pgx.Tx, moved []movedRow) error {
	if err := m.swapContracts(ctx, tx, ofObject(moved, movedContract), ofObject(moved, movedContractAside)); err != nil {
		return err
	}
	for _, row := range moved {
		if row.Object != movedContractChanged {
			continue
		}
		if err := m.restore(ctx, tx, domain.ObjectContract, "contracts", row); err != nil {
			return err
		}
	}
	return nil
}

// hadVenue says which of the two profiles worked at a venue before the repair.
type hadVenue struct {
	Keep bool `json:"keep"`
	Drop bool `json:"drop"`
}

func (m *profileMove) moveVenues(ctx context.Context, tx pgx.Tx) error {
	const query = `
		with gone as (delete from eitje.team_member_venues where team_member_id = @from returning venue_id),
		added as (
			insert into eitje.team_member_venues (team_member_id, venue_id)
			select @to, venue_id from gone on conflict do nothing returning venue_id)
		select g.venue_id::text, a.venue_id is null as had from gone g left join added a using (venue_id) order by 1`
	type row struct {
		VenueID string
		Had     bool
	}
	rows, err := collect[row](ctx, tx, "move venues", query, args{"from": m.from, "to": m.to})
	if err != nil {
		return err
	}
	for _, r := range rows {
		m.noteVenue(r.VenueID, hadVenue{Keep: r.Had, Drop: true})
		if !r.Had {
			m.changes = append(m.changes, domain.Change{Object: domain.ObjectVenue, ObjectID: m.to, Field: "venue_id", After: r.VenueID})
		}
		m.changes = append(m.changes, domain.Change{Object: domain.ObjectVenue, ObjectID: m.from, Field: "venue_id", Before: r.VenueID})
	}
	m.counts[countVenues] = len(rows)
	return nil
}

func (m *profileMove) noteVenue(id string, had hadVenue) {
	before, _ := json.Marshal(had) // two booleans
	m.moved = append(m.moved, movedRow{Object: movedVenue, ObjectID: id, Before: before})
}

func (m *profileMove) returnVenues(ctx context.Context, tx pgx.Tx, moved []movedRow) error {
	const take = `delete from eitje.team_member_venues where team_member_id = @keep and venue_id = @venue`
	const give = `
		insert into eitje.team_member_venues (team_member_id, venue_id) values (@drop, @venue) on conflict do nothing`
	for _, row := range moved {
		if row.Object != movedVenue {
			continue
		}
		var had hadVenue
		if err := json.Unmarshal(row.Before, &had); err != nil {
			return fmt.Errorf("read venue %s of repair %s: %w", row.ObjectID, m.made.ID, err)
		}
		if !had.Keep {
			if err := m.changeVenue(ctx, tx, take, args{"keep": m.made.KeepID, "venue": row.ObjectID},
				domain.Change{ObjectID: m.made.KeepID, Before: row.ObjectID}); err != nil {
				return err
			}
		}
		if had.Drop {
			m.counts[countVenues]++
			if err := m.changeVenue(ctx, tx, give, args{"drop": m.made.DropID, "venue": row.ObjectID},
				domain.Change{ObjectID: m.made.DropID, After: row.ObjectID}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *profileMove) changeVenue(ctx context.Context, tx pgx.Tx, query string, named args, change domain.Change) error {
	changed, err := execute(ctx, tx, "move a venue back", query, named)
	if changed > 0 {
		change.Object, change.Field = domain.ObjectVenue, "venue_id"
		m.changes = append(m.changes, change)
	}
	return err
}

// image is a row by its columns, as JSON has them.
type image map[string]any

// derivedColumns follow from the others.
var derivedColumns = []string{"row_version", "email_key", "name_key", "phone_key"}

// rowImages reads rows of a table of eitje by their ids.
func rowImages(ctx context.Context, tx pgx.Tx, table, by, id string) (map[string]image, error) {
	query := `select id::text, to_jsonb(t)::text as image from ` + pgx.Identifier{"eitje", table}.Sanitize() + ` t
		 where ` + pgx.Identifier{by}.Sanitize() + ` = @id`
	type row struct{ ID, Image string }
	rows, err := collect[row](ctx, tx, "read "+table, query, args{"id": id})
	if err != nil {
		return nil, err
	}
	images := make(map[string]image, len(rows))
	for _, r := range rows {
		if images[r.ID], err = readImage([]byte(r.Image)); err != nil {
			return nil, fmt.Errorf("read %s %s: %w", table, r.ID, err)
		}
	}
	return images, nil
}

// readImage keeps numbers as they are written.
func readImage(encoded []byte) (columns image, err error) {
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	return columns, decoder.Decode(&columns)
}

// profileImages are a profile, its contracts and its venues.
type profileImages struct {
	profile   map[string]image
	contracts map[string]image
	venues    []string
}

// imagesOf reads the linked profile, before and after it follows Connexie.
func (m *profileMove) imagesOf(ctx context.Context, tx pgx.Tx) (images profileImages, err error) {
	const venues = `select venue_id::text from eitje.team_member_venues where team_member_id = @id order by 1`
	if images.profile, err = rowImages(ctx, tx, "team_members", "id", m.linked()); err != nil {
		return images, err
	}
	if images.contracts, err = rowImages(ctx, tx, "contracts", "team_member_id", m.linked()); err != nil {
		return images, err
	}
	images.venues, err = column[string](ctx, tx, "read venues", venues, args{"id": m.linked()})
	return images, err
}

// noteImages keeps what following Connexie did to the kept profile, where that was not
// linked before: an undo takes it back, because the profile is then nobody's in Connexie
// again. Contracts that came are the link's and go where it goes.
func (m *profileMove) noteImages(ctx context.Context, tx pgx.Tx, before profileImages) error {
	if !m.made.LinkMoved || m.linked() != m.made.KeepID {
		return nil
	}
	after, err := m.imagesOf(ctx, tx)
	if err != nil {
		return err
	}
	for _, venue := range after.venues {
		if !slices.Contains(before.venues, venue) {
			m.noteVenue(venue, hadVenue{})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(after.contracts)) {
		if _, there := before.contracts[id]; !there {
			m.noteMoved(movedContract, []string{id})
		}
	}
	if err := m.noteContracts(before.contracts, after.contracts); err != nil {
		return err
	}
	return m.noteRow(movedTeamMember, m.made.KeepID, before.profile[m.made.KeepID], after.profile[m.made.KeepID])
}

// noteContracts keeps what became of the contracts that are the kept profile's own: those
// entered by hand.
func (m *profileMove) noteContracts(before, after map[string]image) error {
	own := func(id string) bool {
		return !slices.ContainsFunc(m.moved, func(row movedRow) bool { return row.Object == movedContract && row.ObjectID == id })
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if now, there := after[id]; there && own(id) {
			if err := m.noteRow(movedContractChanged, id, before[id], now); err != nil {
				return err
			}
		}
	}
	return nil
}

// noteRow keeps the columns that changed; nothing where none did.
func (m *profileMove) noteRow(object, id string, before, after image) error {
	was, is := differingColumns(before, after)
	if len(was) == 0 {
		return nil
	}
	wasJSON, err := json.Marshal(was)
	if err != nil {
		return err
	}
	isJSON, err := json.Marshal(is)
	if err != nil {
		return err
	}
	m.moved = append(m.moved, movedRow{Object: object, ObjectID: id, Before: wasJSON, After: isJSON})
	return nil
}

// noteProfile keeps and tells what changed of a profile.
func (m *profileMove) noteProfile(id string, before, after map[string]image) error {
	m.tellColumns(domain.ObjectTeamMember, id, before[id], after[id])
	return m.noteRow(movedTeamMember, id, before[id], after[id])
}

func differingColumns(before, after image) (was, is image) {
	was, is = image{}, image{}
	for column, value := range before {
		if !slices.Contains(derivedColumns, column) && !reflect.DeepEqual(value, after[column]) {
			was[column], is[column] = value, after[column]
		}
	}
	return was, is
}

// tellColumns leaves an audit line for every column that changed.
func (m *profileMove) tellColumns(object domain.Object, id string, before, after image) {
	was, is := differingColumns(before, after)
	for _, column := range slices.Sorted(maps.Keys(was)) {
		m.changes = append(m.changes, domain.Change{
			Object: object, ObjectID: id, Field: column, Before: cell(was[column]), After: cell(is[column]),
		})
	}
}

func cell(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// restoreProfiles gives both profiles back what the repair changed of them.
func (m *profileMove) restoreProfiles(ctx context.Context, tx pgx.Tx, moved []movedRow) error {
	for _, row := range moved {
		if row.Object != movedTeamMember {
			continue
		}
		if err := m.restore(ctx, tx, domain.ObjectTeamMember, "team_members", row); err != nil {
			return err
		}
	}
	return nil
}

// restore gives a row back the columns that are still as the repair left them.
func (m *profileMove) restore(ctx context.Context, tx pgx.Tx, object domain.Object, table string, row movedRow) error {
	was, err := readImage(row.Before)
	if err != nil {
		return fmt.Errorf("read %s %s of repair %s: %w", table, row.ObjectID, m.made.ID, err)
	}
	name := pgx.Identifier{"eitje", table}.Sanitize()
	var sets []string
	for _, column := range slices.Sorted(maps.Keys(was)) {
		quoted := pgx.Identifier{column}.Sanitize()
		text := "'" + strings.ReplaceAll(column, "'", "''") + "'"
		sets = append(sets, fmt.Sprintf(`%[1]s = case when to_jsonb(t)->%[2]s is not distinct from @after::jsonb->%[2]s
			then (jsonb_populate_record(null::%[3]s, @before::jsonb)).%[1]s else t.%[1]s end`, quoted, text, name))
	}
	before, err := rowImages(ctx, tx, table, "id", row.ObjectID)
	if err != nil {
		return err
	}
	if _, err := execute(ctx, tx, "restore "+table, `update `+name+` t set `+strings.Join(sets, ", ")+` where id = @id`,
		args{"id": row.ObjectID, "before": string(row.Before), "after": string(row.After)}); err != nil {
		return err
	}
	after, err := rowImages(ctx, tx, table, "id", row.ObjectID)
	m.tellColumns(object, row.ObjectID, before[row.ObjectID], after[row.ObjectID])
	return err
}
